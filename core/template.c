/* SPDX-License-Identifier: BSD-2-Clause */
/* Templates: see template.h. What comes from a monitored program is only ever written escaped. */
#include <stdio.h>

#include "template.h"
#include "text.h"
#include "utf8.h"

/* Bytes that can be part of a field's name, its [] included. */
static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '[' || c == ']';
}

/* Length of what looks like a field's name at the start of s. */
static uint32_t name_length(struct str s)
{
	uint32_t n = 0;

	while (n < s.n && is_name(s.p[n]))
		n++;
	return n;
}

/*
 * Finds the field that starts s: its name ends where no longer one is a
 * field's, as with Falco ("%proc.name." is proc.name and a dot). 0 if none.
 */
static uint32_t field_length(struct str s, struct field_ref *ref)
{
	for (uint32_t n = name_length(s); n; n--) {
		int err = field_find((struct str){s.p, n}, ref);

		if (err)
			continue;
		/* An index that is wrong must not become text. */
		return ref->field->arg == FIELD_INDEX_OPT && n < s.n && s.p[n] == '[' ? 0 : n;
	}
	return 0;
}

static void fail(const char *text, struct str s, struct ini_place at, struct ini_error *err)
{
	uint32_t n = name_length(s);
	const char *near = field_nearest((struct str){s.p, n});
	unsigned column = (unsigned)(s.p - text);

	if (!n)
		ini_fail(err, at, "output: %% at column %u is followed by no field", column);
	else
		ini_fail(err, at, "output: %%%.*s at column %u: there is no such field%s%s", (int)n,
			 s.p, column, near ? "; did you mean " : "", near ? near : "");
}

/* Line ends come from values that go on over several lines; an output is one line. */
static void flatten(char *p)
{
	for (; *p; p++)
		if (utf8_is_control((unsigned char)*p) && !(*p & 0x80))
			*p = ' ';
}

struct template *template_compile(struct arena *a, const char *text, struct ini_place at,
				  struct ini_error *err)
{
	size_t size = strlen(text), parts = 1;
	struct template *t;
	char *copy;

	for (const char *p = text; *p; p++)
		parts += *p == '%' ? 2 : 0;
	t = arena_alloc(a, sizeof(*t) + parts * sizeof(t->part[0]));
	copy = arena_copy(a, text, size);
	if (!t || !copy) {
		ini_fail(err, at, "output: no room for it");
		return NULL;
	}
	flatten(copy);
	for (struct str s = {copy, (uint32_t)size}; s.n;) {
		struct template_part *part = &t->part[t->count++];
		const char *percent = memchr(s.p, '%', s.n);
		uint32_t n = percent ? (uint32_t)(percent - s.p) : s.n;

		if (percent == s.p) {
			s = (struct str){s.p + 1, s.n - 1};
			n = field_length(s, &part->ref);
			if (!n) {
				fail(copy, s, at, err);
				return NULL;
			}
		}
		part->text = (struct str){s.p, n};
		s = (struct str){s.p + n, s.n - n};
	}
	return t;
}

static void put_value(struct text_buf *b, const struct value *v)
{
	char s[64];
	struct str text = v->type == VAL_STR || v->type == VAL_BYTES ? v->s : (struct str){s, 0};

	if (text.p == s)
		text.n = (uint32_t)value_text(v, s, sizeof(s));
	b->n += text_escape(text, b->p + b->n, b->size - b->n, &b->cut);
}

/* Does a character begin at s.p[n], or does the string end there? */
static bool at_character(struct str s, uint32_t n)
{
	return n >= s.n || (s.p[n] & 0xc0) != 0x80;
}

/*
 * A text that is longer than max bytes, without its middle: what a monitored
 * program makes long must not push the rest of the alert off the line.
 */
static void put_short(struct text_buf *b, struct str s, uint32_t max)
{
	struct value head = {.type = VAL_STR, .s = {s.p, max - max / 4}};
	uint32_t from = s.n - max / 4;

	while (head.s.n && !at_character(s, head.s.n))
		head.s.n--;
	while (!at_character(s, from))
		from++;
	put_value(b, &head);
	text_put(b, STR("[...]"));
	put_value(b, &(struct value){.type = VAL_STR, .s = {s.p + from, s.n - from}});
}

static void put_field(struct text_buf *b, const struct field_ref *ref, struct field_ctx *ctx)
{
	struct value v[FIELD_VALUES];
	int n = field_values(ctx, ref, v);

	if (!n)
		text_put(b, STR("<NA>"));
	for (int i = 0; i < n; i++) {
		if (i)
			text_put(b, STR(","));
		if (v[i].type == VAL_STR && ctx->value_max && v[i].s.n > ctx->value_max)
			put_short(b, v[i].s, ctx->value_max);
		else
			put_value(b, &v[i]);
	}
}

/* Text of the rule: cut, if need be, in front of a character. */
static void put_literal(struct text_buf *b, struct str s)
{
	uint32_t n = s.n;

	if (n > b->size - b->n) {
		n = (uint32_t)(b->size - b->n);
		while (n && (s.p[n] & 0xc0) == 0x80)
			n--;
		b->cut = true;
	}
	text_put(b, (struct str){s.p, n});
}

size_t template_render(const struct template *t, struct field_ctx *ctx, char *buf, size_t size,
		       bool *cut)
{
	struct text_buf b = {buf, 0, size, false};

	for (int i = 0; i < t->count && !b.cut; i++) {
		if (t->part[i].ref.field)
			put_field(&b, &t->part[i].ref, ctx);
		else
			put_literal(&b, t->part[i].text);
	}
	*cut |= b.cut;
	return b.n;
}

/*
 * Can a character be shown as it is? Not those that control a terminal, end a
 * line (U+2028, U+2029) or turn the order of what follows (Unicode UAX 9).
 */
static bool is_plain(uint32_t code)
{
	return !utf8_is_control(code) && code != '\\' && !(code >= 0x2028 && code <= 0x202e) &&
	       !(code >= 0x2066 && code <= 0x2069);
}

/*
 * How the *n bytes at the start of s are written: a plain character as it is,
 * or one byte escaped.
 */
static struct str escape(struct str s, char hex[8], uint32_t *n)
{
	uint32_t code;

	*n = utf8_char(s, &code);
	if (*n && is_plain(code))
		return (struct str){s.p, *n};
	if (*n == 0)
		*n = 1;
	switch (s.p[0]) {
	case '\\':
		return STR("\\\\");
	case '\n':
		return STR("\\n");
	case '\t':
		return STR("\\t");
	default:
		*n = 1;
		snprintf(hex, 8, "\\x%02x", (unsigned)(uint8_t)s.p[0]);
		return (struct str){hex, 4};
	}
}

size_t text_escape(struct str s, char *buf, size_t size, bool *cut)
{
	struct text_buf b = {buf, 0, size, false};

	while (s.n) {
		char hex[8];
		uint32_t n;
		struct str piece = escape(s, hex, &n);

		if (piece.n > b.size - b.n) {
			*cut = true;
			break;
		}
		text_put(&b, piece);
		s = (struct str){s.p + n, s.n - n};
	}
	return b.n;
}
