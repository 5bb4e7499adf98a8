/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An alert as bytes: a line of text, a JSON object, syslog of RFC 3164 and of
 * RFC 5424. Whatever a monitored program put into its names comes out as valid
 * text in a buffer of fixed size: what does not fit is cut or left out, and
 * the form stays whole.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "alert.h"
#include "utf8.h"

#define NS_PER_S 1000000000u
#define PREFIX_MAX 64		   /* bytes before the text in a line of text */
#define HOSTNAME_MAX 255	   /* RFC 5424, section 6 */
#define APPNAME_MAX 48		   /* the same */
#define MSGID_MAX 32		   /* the same */
#define TAG_MAX 32		   /* RFC 3164, section 4.1.3 */
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define BOM "\xef\xbb\xbf"
#define JSON_END ",\"cut\":true}"

enum { ZONE_LOCAL, ZONE_UTC }; /* the words of time.zone */

/* Bytes written so far. Once something did not fit, full stays set. */
struct out {
	char *p;
	size_t n, size;
	bool full;
};

/* All of s, or nothing. */
static void put(struct out *o, struct str s)
{
	if (o->n + s.n > o->size)
		o->full = true;
	if (o->full || !s.n)
		return;
	memcpy(o->p + o->n, s.p, s.n);
	o->n += s.n;
}

/* Formatted numbers and short words: less than 128 bytes. */
__attribute__((format(printf, 2, 3))) static void putf(struct out *o, const char *fmt, ...)
{
	char buf[128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	put(o, str_of(buf));
}

/* As much of s as fits, in whole characters. */
static void put_cut(struct out *o, struct str s)
{
	size_t room = o->size - o->n;

	if (s.n > room) {
		while (room && (s.p[room] & 0xc0) == 0x80)
			room--;
		s.n = (uint32_t)room;
	}
	put(o, s);
}

/* A word of PRINTUSASCII (RFC 5424, section 6), "-" if there is none. */
static void put_word(struct out *o, struct str s, uint32_t max)
{
	if (s.n > max)
		s.n = max;
	for (uint32_t i = 0; i < s.n; i++)
		put(o, s.p[i] > ' ' && s.p[i] < 0x7f ? (struct str){s.p + i, 1} : STR("_"));
	if (!s.n)
		put(o, STR("-"));
}

/* Time in the form of strftime. */
static void put_time(struct out *o, const struct alert *al, bool utc, const char *form)
{
	time_t seconds = (time_t)(al->time / NS_PER_S);
	struct tm tm;
	char buf[64];

	if (utc)
		gmtime_r(&seconds, &tm);
	else
		localtime_r(&seconds, &tm);
	put(o, (struct str){buf, (uint32_t)strftime(buf, sizeof(buf), form, &tm)});
}

static unsigned nanoseconds(const struct alert *al)
{
	return (unsigned)(al->time % NS_PER_S);
}

static struct str hostname(const struct alert *al, const struct config *cfg)
{
	return *cfg->alerts_hostname ? str_of(cfg->alerts_hostname) : al->hostname;
}

static int syslog_pri(const struct alert *al, const struct config *cfg)
{
	return cfg->syslog_facility * 8 + (int)al->priority;
}

/* Takes one character off s; a byte that is no UTF-8 reads U+FFFD. */
static struct str take_char(struct str *s, uint32_t *code)
{
	uint32_t n = utf8_char(*s, code);
	struct str c = {s->p, n};

	if (!n) {
		*code = 0xfffd;
		c = STR(REPLACEMENT);
		n = 1;
	}
	s->p += n;
	s->n -= n;
	return c;
}

static size_t finish(const struct out *o)
{
	return o->full ? 0 : o->n;
}

size_t format_text(const struct alert *al, const struct config *cfg, char *buf, size_t size)
{
	struct out o = {.p = buf, .size = size};

	put_time(&o, al, cfg->time_zone == ZONE_UTC, "%H:%M:%S");
	putf(&o, ".%09u: %s ", nanoseconds(al), priority_name[al->priority]);
	put_cut(&o, al->text);
	return finish(&o);
}

/* RFC 3164, section 4.1; a local socket wants no name of the host, and local time. */
static void put_rfc3164(struct out *o, const struct alert *al, const struct config *cfg, bool local)
{
	putf(o, "<%d>", syslog_pri(al, cfg));
	put_time(o, al, !local && cfg->time_zone == ZONE_UTC, "%b %e %H:%M:%S ");
	if (!local) {
		put_word(o, hostname(al, cfg), HOSTNAME_MAX);
		put(o, STR(" "));
	}
	put_word(o, str_of(cfg->syslog_tag), TAG_MAX);
	putf(o, "[%d]: ", (int)getpid());
}

/* One parameter of structured data, whole or not at all (RFC 5424, section 6.3.3). */
static void put_param(struct out *o, const char *name, struct str value)
{
	struct out before = *o;
	uint32_t code;

	putf(o, " %s=\"", name);
	while (value.n && !o->full) {
		struct str c = take_char(&value, &code);

		if (code == '"' || code == '\\' || code == ']')
			put(o, STR("\\"));
		put(o, utf8_is_control(code) ? STR(REPLACEMENT) : c);
	}
	put(o, STR("\""));
	if (o->full)
		*o = before;
}

static void put_number_param(struct out *o, const char *name, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	put_param(o, name, str_of(text));
}

static void put_structured_data(struct out *o, const struct alert *al)
{
	struct out before = *o;

	put(o, STR("[tiercel@32473"));
	if (o->full || o->n == o->size) {
		*o = before;
		put(o, STR("-"));
		return;
	}
	o->size--; /* for the end */
	put_param(o, "rule", str_of(al->rule));
	put_param(o, "priority", str_of(priority_name[al->priority]));
	put_number_param(o, "seq", al->seq);
	put_param(o, "tags", str_of(al->tags));
	if (al->more)
		put_number_param(o, "more", al->more);
	o->size++;
	put(o, STR("]"));
}

static bool is_ascii(struct str s)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (s.p[i] & 0x80)
			return false;
	return true;
}

static void put_rfc5424(struct out *o, const struct alert *al, const struct config *cfg)
{
	putf(o, "<%d>1 ", syslog_pri(al, cfg));
	put_time(o, al, true, "%Y-%m-%dT%H:%M:%S");
	putf(o, ".%06uZ ", nanoseconds(al) / 1000);
	put_word(o, hostname(al, cfg), HOSTNAME_MAX);
	put(o, STR(" "));
	put_word(o, str_of(cfg->syslog_tag), APPNAME_MAX);
	putf(o, " %d ", (int)getpid());
	put_word(o, str_of(al->rule), MSGID_MAX);
	put(o, STR(" "));
	put_structured_data(o, al);
}

/* Section 6.4: UTF-8 has a BOM. ASCII is the same without, and more servers read it. */
static void put_rfc5424_text(struct out *o, struct str text)
{
	struct str before = is_ascii(text) ? STR(" ") : STR(" " BOM);

	if (o->full || before.n >= o->size - o->n)
		return;
	put(o, before);
	put_cut(o, text);
}

/* The text, behind its number if that has no other place. */
static void put_rfc3164_text(struct out *o, const struct alert *al, const struct config *cfg)
{
	if (cfg->alerts_sequence)
		putf(o, "seq=%" PRIu64 " ", al->seq);
	put_cut(o, al->text);
}

size_t format_syslog(const struct alert *al, const struct config *cfg, enum header header,
		     enum form form, char *buf, size_t size)
{
	struct out o = {.p = buf, .size = size};
	size_t n;

	if (header == HEADER_RFC5424)
		put_rfc5424(&o, al, cfg);
	else
		put_rfc3164(&o, al, cfg, header == HEADER_LOCAL);
	if (form == FORM_JSON) {
		if (header == HEADER_RFC5424)
			put(&o, STR(" "));
		n = o.full ? 0 : format_json(al, cfg, o.p + o.n, o.size - o.n);
		return n ? o.n + n : 0;
	}
	if (header == HEADER_RFC5424) {
		put_rfc5424_text(&o, al->text);
	} else {
		if (o.size > FORMAT_RFC3164_MAX)
			o.size = FORMAT_RFC3164_MAX;
		put_rfc3164_text(&o, al, cfg);
	}
	return finish(&o);
}

/* A string in its quotes, in at most room bytes (2 or more). False if it was cut. */
static bool json_string(struct out *o, struct str s, size_t room)
{
	size_t end = o->n + room < o->size ? o->n + room : o->size;
	uint32_t code;

	put(o, STR("\""));
	while (s.n) {
		struct str rest = s, c = take_char(&rest, &code);
		struct out next = *o;

		next.size = end - 1;
		if (utf8_is_control(code))
			putf(&next, "\\u%04" PRIx32, code);
		else if (code == '"' || code == '\\')
			putf(&next, "\\%c", (char)code);
		else
			put(&next, c);
		if (next.full)
			break;
		o->n = next.n;
		s = rest;
	}
	put(o, STR("\""));
	return !s.n;
}

/* False if it does not fit. */
static bool json_value(struct out *o, const struct value *v)
{
	char addr[64];

	switch (v->type) {
	case VAL_INT:
	case VAL_PORT:
		putf(o, "%" PRId64, v->i);
		return !o->full;
	case VAL_BOOL:
		put(o, v->i ? STR("true") : STR("false"));
		return !o->full;
	case VAL_IP:
		return json_string(o,
				   (struct str){addr, (uint32_t)value_text(v, addr, sizeof(addr))},
				   o->size);
	default:
		return json_string(o, v->s, o->size);
	}
}

/* null, the value, or an array where a field has several. */
static bool json_values(struct out *o, struct field_ctx *ctx, const struct field_ref *ref)
{
	struct value v[FIELD_VALUES];
	int n = field_shown(ctx, ref, v);
	bool fits = true;

	if (n == 0)
		put(o, STR("null"));
	if (n > 1)
		put(o, STR("["));
	for (int i = 0; i < n && fits; i++) {
		if (i)
			put(o, STR(","));
		fits = json_value(o, &v[i]);
	}
	if (n > 1)
		put(o, STR("]"));
	return fits && !o->full;
}

static bool is_repeated(const struct template *t, int i)
{
	for (int k = 0; k < i; k++)
		if (t->part[k].ref.field && str_eq(t->part[k].text, t->part[i].text))
			return true;
	return false;
}

/* "name":value, whole or not at all. */
static bool json_field(struct out *o, struct field_ctx *ctx, const struct template_part *part)
{
	struct out before = *o;
	struct value v[FIELD_VALUES];

	if (part->optional && !field_shown(ctx, &part->ref, v))
		return true;
	if (o->p[o->n - 1] != '{')
		put(o, STR(","));
	if (json_string(o, part->text, o->size)) {
		put(o, STR(":"));
		if (json_values(o, ctx, &part->ref))
			return true;
	}
	*o = before;
	return false;
}

/* The fields that the template names. False if one was left out. */
static bool json_fields(struct out *o, const struct alert *al)
{
	int count = al->output && al->ctx ? al->output->count : 0;
	bool whole = true;

	for (int i = 0; i < count; i++) {
		const struct template_part *part = &al->output->part[i];

		if (part->ref.field && !is_repeated(al->output, i))
			whole &= json_field(o, al->ctx, part);
	}
	return whole;
}

/* "a, b" as an array, in at most room bytes. False if it is left empty for want of them. */
static bool json_tags(struct out *o, const char *tags, size_t room)
{
	struct out before = *o;
	bool whole = true;
	struct str tag;

	put(o, STR("["));
	while (whole && (tag = tag_next(&tags)).n) {
		if (o->n > before.n + 1)
			put(o, STR(","));
		whole = json_string(o, tag, room);
	}
	put(o, STR("]"));
	if (whole && !o->full && o->n - before.n <= room)
		return true;
	*o = before;
	put(o, STR("[]"));
	return false;
}

/* What a string may take, if n bytes follow for sure: most, or what is left. */
static size_t json_room(const struct out *o, size_t n, size_t most)
{
	size_t left = o->size - o->n;

	left = left > n ? left - n : 0;
	return left < most ? left : most;
}

size_t format_json(const struct alert *al, const struct config *cfg, char *buf, size_t size)
{
	struct out o = {.p = buf, .size = size};
	char line[PREFIX_MAX + ALERT_TEXT_MAX];
	struct str text = {line, (uint32_t)format_text(al, cfg, line, sizeof(line))};
	const struct str fields = STR(",\"output_fields\":{");
	bool whole;

	if (size < sizeof(JSON_END))
		return 0;
	o.size -= sizeof(JSON_END); /* its bytes and the brace before them: the end always fits */
	put(&o, STR("{\"hostname\":"));
	whole = json_string(&o, hostname(al, cfg), size / 8);
	putf(&o, ",\"priority\":\"%s\",\"rule\":", priority_name[al->priority]);
	whole &= json_string(&o, str_of(al->rule), size / 8);
	putf(&o, ",\"seq\":%" PRIu64, al->seq);
	if (al->more)
		putf(&o, ",\"more\":%" PRIu64, al->more);
	putf(&o, ",\"source\":\"%s\",\"tags\":", al->own ? "internal" : "syscall");
	whole &= json_tags(&o, al->tags, size / 8);
	put_time(&o, al, true, ",\"time\":\"%Y-%m-%dT%H:%M:%S");
	putf(&o, ".%09uZ\",\"output\":", nanoseconds(al));
	whole &= json_string(&o, text, json_room(&o, fields.n, size / 2));
	put(&o, fields);
	if (o.full)
		return 0;
	whole &= json_fields(&o, al);
	o.size = size;
	put(&o, STR("}"));
	put(&o, whole ? STR("}") : STR(JSON_END));
	return finish(&o);
}

size_t format_line(const struct alert *al, const struct config *cfg, enum form form, char *buf,
		   size_t size)
{
	return form == FORM_JSON ? format_json(al, cfg, buf, size) :
				   format_text(al, cfg, buf, size);
}

size_t format_json_string(struct str s, char *buf, size_t size)
{
	struct out o = {.p = buf, .size = size};

	json_string(&o, s, size);
	return o.n;
}
