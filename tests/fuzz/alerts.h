/* SPDX-License-Identifier: BSD-2-Clause */
/* What is true of an alert in every form and any room. */
#ifndef FUZZ_ALERTS_H
#define FUZZ_ALERTS_H

#include <ctype.h>

#include "../../core/alert.h"
#include "fuzz.h"

#define JSON_DEPTH 4 /* an alert's object, its fields, a list of values */

/* A form as sinks ask for it. */
struct way {
	bool syslog;
	enum header header; /* of syslog */
	enum form form;
	size_t enough; /* bytes that hold its fixed parts, whatever they say */
};

/* Past the text at p, if it stands there. Everything below returns NULL for what is not there. */
static inline const char *past(const char *p, const char *text)
{
	return p && !strncmp(p, text, strlen(text)) ? p + strlen(text) : NULL;
}

static inline const char *past_digits(const char *p)
{
	if (!p || !isdigit((unsigned char)*p))
		return NULL;
	while (isdigit((unsigned char)*p))
		p++;
	return p;
}

/* Past a string of JSON (RFC 8259, section 7); that it is UTF-8 without controls is known. */
static inline const char *json_past_string(const char *p)
{
	p = past(p, "\"");
	while (p && *p && *p != '"') {
		if (*p++ != '\\')
			continue;
		if (*p == 'u')
			for (int i = 0; i < 4; i++)
				if (!isxdigit((unsigned char)*++p))
					return NULL;
		if (!*p || !strchr("\"\\/bfnrtu0123456789abcdefABCDEF", *p))
			return NULL;
		p++;
	}
	return past(p, "\"");
}

static inline const char *json_past(const char *p, int depth)
{
	static const char *const words[] = {"null", "true", "false"};
	bool object = p && *p == '{';
	char end = object ? '}' : ']';

	for (size_t i = 0; p && i < 3; i++)
		if (past(p, words[i]))
			return past(p, words[i]);
	if (p && *p == '"')
		return json_past_string(p);
	if (!p || (*p != '{' && *p != '['))
		return past_digits(p && *p == '-' ? p + 1 : p);
	if (!depth)
		return NULL;
	if (*++p == end)
		return p + 1;
	for (;; p++) {
		if (object)
			p = past(json_past_string(p), ":");
		p = json_past(p, depth - 1);
		if (!p || *p != ',')
			return p && *p == end ? p + 1 : NULL;
	}
}

/* Past "[id name="value" ...]" (RFC 5424, section 6.3). */
static inline const char *past_data(const char *p)
{
	if (past(p, "-"))
		return p + 1;
	p = past(p, "[tiercel@32473");
	while (p && *p == ' ') {
		p += strcspn(p, "=");
		p = past(p, "=\"");
		while (p && *p && *p != '"') {
			if (*p == ']' || (*p == '\\' && !strchr("\"\\]", p[1])))
				return NULL;
			p += *p == '\\' ? 2 : 1;
		}
		p = past(p, "\"");
	}
	return past(p, "]");
}

/* Past what stands before the text. */
static inline const char *past_header(const struct way *way, const char *p)
{
	p = past(past_digits(past(p, "<")), ">");
	if (way->header != HEADER_RFC5424) {
		p = p && isupper((unsigned char)*p) ? strstr(p, "]: ") : NULL;
		return p ? p + 3 : NULL;
	}
	p = past(p, "1 ");
	for (int word = 0; p && word < 5; word++) {
		const char *start = p;

		while (*p > ' ' && *p < 0x7f)
			p++;
		p = p > start ? past(p, " ") : NULL;
	}
	p = past_data(p);
	if (!p || *p != ' ')
		return p && !*p ? p : NULL;
	return past(++p, "\xef\xbb\xbf") ? p + 3 : p;
}

/* p ends in a NUL. */
static inline bool form_holds(const struct way *way, const char *p)
{
	if (way->syslog)
		p = past_header(way, p);
	if (way->form == FORM_TEXT)
		return p && (way->syslog || past(past_digits(p), ":"));
	if (!p || (way->syslog && !*p)) /* there was room for the header alone */
		return p;
	p = json_past(p, JSON_DEPTH);
	return p && !*p;
}

/* In a block of that size, for the sanitizer to see a byte too many. */
static inline void check_form(const struct alert *al, const struct config *cfg,
			      const struct way *way, size_t size)
{
	char *buf = malloc(size + 1);
	size_t n;

	CHECK(buf);
	n = way->syslog ? format_syslog(al, cfg, way->header, way->form, buf + 1, size) :
			  format_line(al, cfg, way->form, buf + 1, size);
	CHECK(n <= size && (n || size < way->enough));
	memmove(buf, buf + 1, n);
	buf[n] = '\0';
	CHECK(fuzz_line(buf, n));
	CHECK(!n || form_holds(way, buf));
	if (way->form != FORM_JSON) /* there, a field is given as it is: readers show it */
		CHECK(fuzz_plain(buf, n));
	free(buf);
}

/* In a room of that size. */
static inline void check_alert(const struct alert *al, const struct config *cfg, size_t size)
{
	static const struct way ways[] = {
		{false, HEADER_LOCAL, FORM_TEXT, 480},	{false, HEADER_LOCAL, FORM_JSON, 1280},
		{true, HEADER_LOCAL, FORM_TEXT, 480},	{true, HEADER_LOCAL, FORM_JSON, 1760},
		{true, HEADER_RFC3164, FORM_TEXT, 480}, {true, HEADER_RFC3164, FORM_JSON, 1760},
		{true, HEADER_RFC5424, FORM_TEXT, 480}, {true, HEADER_RFC5424, FORM_JSON, 1760},
	};

	CHECK(al->text.n <= ALERT_TEXT_MAX);
	CHECK(fuzz_plain(al->text.p, al->text.n));
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		check_form(al, cfg, &ways[i], size);
}

#endif
