/* SPDX-License-Identifier: BSD-2-Clause */
/* The messages to a feed: see feed_text.h. */
#include "feed_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "../driver/table.h"
#include "decode.h"
#include "feed_source.h"

static const struct {
	enum feed_command command;
	struct str word; /* with what must follow it */
} commands[] = {
	{FEED_SOURCE, {"source ", 7}},
	{FEED_DECLARE, {"declare ", 8}},
	{FEED_EVENT, {"event ", 6}},
	{FEED_RECORD, {"record\n", 7}},
};

__attribute__((format(printf, 2, 3))) static int refuse(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, FEED_ANSWER_MAX, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* Takes what stands before the next c, or all; what follows the c is left. */
static struct str take_to(struct str *s, char c)
{
	const char *end = s->n ? memchr(s->p, c, s->n) : NULL;
	struct str part = {s->p, end ? (uint32_t)(end - s->p) : s->n};
	uint32_t skip = part.n + (end != NULL);

	*s = (struct str){s->p + skip, s->n - skip};
	return part;
}

enum feed_command feed_command(struct str message, struct str *rest)
{
	*rest = message;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!str_take(rest, commands[i].word))
			continue;
		if (commands[i].command != FEED_RECORD && rest->n && rest->p[rest->n - 1] == '\n')
			rest->n--;
		return commands[i].command;
	}
	return FEED_NO_COMMAND;
}

/* What was declared of an event: its keys, with blanks between them; p = NULL: nothing. */
static struct str declared(const struct feed_declared *d, struct str event)
{
	struct str all = {d->text, d->n};

	while (all.n) {
		struct str keys = str_take_first(&all);

		if (str_eq(take_to(&keys, ' '), event))
			return keys;
	}
	return (struct str){NULL, 0};
}

/* Place of a key among those, -1 if it is none of them. */
static int key_index(struct str keys, struct str key)
{
	for (int i = 0; keys.n; i++)
		if (str_eq(take_to(&keys, ' '), key))
			return i;
	return -1;
}

int feed_declare(struct feed_declared *d, struct str rest, char *why)
{
	struct str keys = rest, before, event = take_to(&keys, ' ');
	int count = 0;

	if (!feed_is_name(event))
		return refuse(why, "declare: expected a name for the event");
	if (declared(d, event).p)
		return refuse(why, "declare %.*s: declared before", (int)event.n, event.p);
	before = (struct str){keys.p, 0};
	for (struct str left = keys; left.n; count++) {
		struct str key = take_to(&left, ' ');

		if (!feed_is_name(key) || key_index(before, key) >= 0)
			return refuse(why, "declare %.*s: expected names of keys, each once",
				      (int)event.n, event.p);
		before.n = (uint32_t)(left.p - keys.p);
	}
	if (!count || count > FEED_KEYS_MAX || keys.p[keys.n - 1] == ' ')
		return refuse(why, "declare %.*s: expected 1 to " QUOTED(FEED_KEYS_MAX) " keys",
			      (int)event.n, event.p);
	if (rest.n >= sizeof(d->text) - d->n)
		return refuse(why,
			      "declare %.*s: expected at most " QUOTED(
				      FEED_DECLARED_MAX) " bytes of declarations",
			      (int)event.n, event.p);
	memcpy(d->text + d->n, rest.p, rest.n);
	d->text[d->n + rest.n] = '\0';
	d->n += rest.n + 1;
	return 0;
}

/* Are all lines KEY=VALUE, of different keys among those? */
static int check_values(struct str keys, struct str lines, char *why)
{
	bool more = lines.n;
	uint32_t given = 0;

	while (more) {
		/* With a newline behind it, another line follows, be it empty. */
		uint32_t all = lines.n;
		struct str line = take_to(&lines, '\n'), value = line, key = take_to(&value, '=');
		int i = key.n < line.n ? key_index(keys, key) : -1;

		more = line.n < all;
		if (i < 0)
			return refuse(why, "event: expected lines KEY=VALUE of declared keys");
		if (given >> i & 1)
			return refuse(why, "event: %.*s given twice", (int)key.n, key.p);
		given |= 1u << i;
	}
	return 0;
}

int feed_event(const struct feed_declared *d, struct str source, struct str rest,
	       struct record *rec, char *why)
{
	struct str lines = rest, event = take_to(&lines, '\n'), keys = declared(d, event);
	char pairs[TRC_STR_MAX];
	uint32_t n = lines.n;

	if (!keys.p)
		return refuse(why, "event: expected the name of a declared event");
	if (n && memchr(lines.p, '\0', n))
		return refuse(why, "event: expected no NUL");
	if (n >= sizeof(pairs))
		return refuse(why, "event: too long");
	if (check_values(keys, lines, why))
		return -EINVAL;
	if (n) {
		memcpy(pairs, lines.p, n);
		pairs[n++] = '\0';
	}
	for (uint32_t i = 0; i < n; i++)
		if (pairs[i] == '\n')
			pairs[i] = '\0';
	record_begin(rec, TRC_FEED, 0, 0);
	record_bytes(rec, event_arg_slot(TRC_FEED, "source"), source.p, source.n);
	record_bytes(rec, event_arg_slot(TRC_FEED, "name"), event.p, event.n);
	record_bytes(rec, event_arg_slot(TRC_FEED, "pairs"), pairs, n);
	return 0;
}

int feed_record(struct str rest, struct record *rec, char *why)
{
	struct event ev;

	if (rest.n < sizeof(rec->hdr) || rest.n > sizeof(*rec))
		return refuse(why, "record: too short");
	memcpy(rec, rest.p, rest.n);
	if (rec->hdr.len != rest.n || rest.n % 8 || decode(rec, rest.n, &ev) != DECODE_OK)
		return refuse(why, "record: length, type or an offset is wrong");
	if (event_table[rec->hdr.type].class == TRC_STATE)
		return refuse(why, "record: %s is for the sensor to state",
			      event_table[rec->hdr.type].name);
	rec->hdr.ts = record_now();
	rec->hdr.flags &= TRC_COMPAT;
	return 0;
}
