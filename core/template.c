/* SPDX-License-Identifier: BSD-2-Clause */
/* Templates: see template.h. What comes from a monitored program is only ever written escaped. */
#include <errno.h>
#include <stdio.h>

#include "nearest.h"
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

	while (n < s.n && is_name(s.p[n])) {
		const char *end = s.p[n] == '[' ? memchr(s.p + n, ']', s.n - n) : NULL;

		/* A key may have other letters. */
		if (end && !memchr(s.p + n, ' ', (size_t)(end - s.p) - n))
			n = (uint32_t)(end - s.p);
		n++;
	}
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

/* Fails at the % in front of *p, which stands in a value that may go on over several lines. */
static void fail(const char *text, const char *p, struct ini_place at, struct ini_error *err)
{
	struct str name = {p, name_length(str_of(p))};
	const char *near = name.n ? field_nearest(name) : NULL;
	struct field_ref ref;

	for (; text < p; text++)
		at.line += *text == '\n';
	if (name.n && field_find(name, &ref) == -EINVAL)
		ini_fail(err, at, "%%%.*s: expected %s", (int)name.n, name.p, field_expected(&ref));
	else
		ini_fail(
			err, at,
			"%%%.*s: expected a field that `tiercel list fields` shows behind the %%" MEANT,
			(int)name.n, name.p, MEANT_ARGS(near));
	ini_blame(err, p - 1, 1 + name.n);
}

/* Line ends come from values that go on over several lines; an output is one line. */
static void flatten(char *p)
{
	for (; *p; p++)
		if (utf8_is_control((unsigned char)*p) && !(*p & 0x80))
			*p = ' ';
}

/* Length of " key=" at the end of a text that begins an output or stands behind a field. */
static uint32_t key_length(struct str s, bool first)
{
	uint32_t n = s.n && s.p[s.n - 1] == '=' ? 1 : 0, word;

	while (n && n < s.n && (is_name(s.p[s.n - n - 1]) || s.p[s.n - n - 1] == '-'))
		n++;
	word = n;
	if (word < 2 || (word == s.n && !first) || (word < s.n && !strchr(" (", s.p[s.n - n - 1])))
		return 0;
	if (n < s.n && s.p[s.n - n - 1] == ' ')
		n++;
	if (n > word && n < s.n && s.p[s.n - n - 1] == ',')
		n++;
	return n;
}

/* Finds the pairs: a key, =, and a field that is the whole value. */
static void find_pairs(struct template *t)
{
	for (int i = 1; i < t->count; i++) {
		struct str *before = &t->part[i - 1].text;
		bool ends = i + 1 == t->count ||
			    (!t->part[i + 1].ref.field && strchr(" ,)", *t->part[i + 1].text.p));
		uint32_t n;

		if (!t->part[i].ref.field || t->part[i - 1].ref.field || !ends)
			continue;
		n = key_length(*before, i == 1);
		before->n -= n;
		t->part[i].key = (struct str){before->p + before->n, n};
	}
}

/* Does it show the name of a file, and not what the caller gave? */
static bool wants_given(const struct template *t)
{
	bool wants = false;

	for (int i = 0; i < t->count; i++) {
		const struct field *f = t->part[i].ref.field;

		if (f && (!strcmp(f->name, "fd.given") || !strcmp(f->name, "fd.nameraw")))
			return false;
		wants |= f && field_has_given(&t->part[i].ref);
	}
	return wants;
}

static void add_given(struct template *t)
{
	struct template_part *part = &t->part[t->count++];

	*part = (struct template_part){
		.text = STR("fd.given"), .key = STR(" given="), .optional = true};
	field_find(part->text, &part->ref);
}

struct template *template_compile(struct arena *a, const char *text, struct ini_place at,
				  struct ini_error *err)
{
	size_t size = strlen(text), parts = 2;
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
				fail(text, text + (s.p - copy), at, err);
				return NULL;
			}
		}
		part->text = (struct str){s.p, n};
		s = (struct str){s.p + n, s.n - n};
	}
	find_pairs(t);
	if (wants_given(t))
		add_given(t);
	return t;
}

/* Nothing follows what was cut. */
static void put(struct text_buf *b, struct str s)
{
	if (!b->cut)
		text_put(b, s);
}

static size_t escape_text(struct str s, bool quoted, char *buf, size_t size, bool *cut);

static void put_text(struct text_buf *b, struct str s, bool quoted)
{
	if (!b->cut)
		b->n += escape_text(s, quoted, b->p + b->n, b->size - b->n, &b->cut);
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
static void put_short(struct text_buf *b, struct str s, uint32_t max, bool quoted)
{
	uint32_t head = max - max / 4, from = s.n - max / 4;

	while (head && !at_character(s, head))
		head--;
	while (!at_character(s, from))
		from++;
	put_text(b, (struct str){s.p, head}, quoted);
	put(b, STR("[...]"));
	put_text(b, (struct str){s.p + from, s.n - from}, quoted);
}

/* Would the text be read as more or less than one value? A comma separates several. */
static bool needs_quotes(struct str s, bool several)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (strchr(several ? " \"=," : " \"=", s.p[i]) && s.p[i])
			return true;
	return !s.n;
}

static void put_value(struct text_buf *b, const struct value *v, uint32_t max, bool several)
{
	char s[64];
	bool is_text = v->type == VAL_STR || v->type == VAL_BYTES;
	struct str text = is_text ? v->s : (struct str){s, (uint32_t)value_text(v, s, sizeof(s))};
	bool quoted = is_text && needs_quotes(text, several);

	if (quoted)
		put(b, STR("\""));
	if (is_text && max && text.n > max)
		put_short(b, text, max, quoted);
	else
		put_text(b, text, quoted);
	if (quoted)
		put(b, STR("\""));
}

/* Text of the rule: cut, if need be, in front of a character. */
static void put_literal(struct text_buf *b, struct str s)
{
	uint32_t n = s.n;

	if (b->cut)
		return;
	if (n > b->size - b->n) {
		n = (uint32_t)(b->size - b->n);
		while (n && (s.p[n] & 0xc0) == 0x80)
			n--;
		b->cut = true;
	}
	text_put(b, (struct str){s.p, n});
}

/* What stands behind a pair that was left out: no comma or blank opens a line or a bracket. */
static struct str tidy(const struct text_buf *b, struct str s)
{
	while ((!b->n || b->p[b->n - 1] == '(') && s.n && (*s.p == ' ' || *s.p == ','))
		s = (struct str){s.p + 1, s.n - 1};
	return s;
}

/* False if it was left out. */
static bool put_field(struct text_buf *b, const struct template_part *part, bool left_out,
		      struct field_ctx *ctx)
{
	struct value v[FIELD_VALUES];
	int n = field_shown(ctx, &part->ref, v);

	if ((ctx->omit && part->key.n && (!n || value_is_nameless(&v[0]))) ||
	    (part->optional && !n))
		return false;
	put_literal(b, left_out ? tidy(b, part->key) : part->key);
	if (!n)
		put(b, STR("<NA>"));
	for (int i = 0; i < n; i++) {
		if (i)
			put(b, STR(","));
		put_value(b, &v[i], ctx->value_max, n > 1);
	}
	return true;
}

size_t template_render(const struct template *t, struct field_ctx *ctx, char *buf, size_t size,
		       bool *cut)
{
	struct text_buf b = {buf, 0, size, false};
	bool left_out = false;

	for (int i = 0; i < t->count && !b.cut; i++) {
		const struct template_part *part = &t->part[i];

		if (part->ref.field)
			left_out |= !put_field(&b, part, left_out, ctx);
		else
			put_literal(&b, left_out ? tidy(&b, part->text) : part->text);
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
static struct str escape(struct str s, bool quoted, char hex[8], uint32_t *n)
{
	uint32_t code;

	*n = utf8_char(s, &code);
	if (*n && is_plain(code) && !(quoted && code == '"'))
		return (struct str){s.p, *n};
	if (*n == 0)
		*n = 1;
	switch (s.p[0]) {
	case '\\':
		return STR("\\\\");
	case '"':
		return STR("\\\"");
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

static size_t escape_text(struct str s, bool quoted, char *buf, size_t size, bool *cut)
{
	struct text_buf b = {buf, 0, size, false};

	while (s.n) {
		char hex[8];
		uint32_t n;
		struct str piece = escape(s, quoted, hex, &n);

		if (piece.n > b.size - b.n) {
			*cut = true;
			break;
		}
		text_put(&b, piece);
		s = (struct str){s.p + n, s.n - n};
	}
	return b.n;
}

size_t text_escape(struct str s, char *buf, size_t size, bool *cut)
{
	return escape_text(s, false, buf, size, cut);
}
