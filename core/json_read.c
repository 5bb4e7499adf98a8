/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON, value by value: see json_read.h. */
#include "json_read.h"

#include "utf8.h"

void json_begin(struct json *j, char *p, uint32_t n)
{
	*j = (struct json){.p = p, .n = n, .first = true};
}

static enum json_kind fail(struct json *j)
{
	j->bad = true;
	return JSON_BAD;
}

/* The next byte that is no blank, -1 at the end. */
static int peek(struct json *j)
{
	while (j->at < j->n && (j->p[j->at] == ' ' || j->p[j->at] == '\t' || j->p[j->at] == '\n' ||
				j->p[j->at] == '\r'))
		j->at++;
	return j->at < j->n ? (unsigned char)j->p[j->at] : -1;
}

/* Four hex digits at the place; -1 if they are none. */
static int32_t hex4(struct json *j)
{
	int32_t v = 0;

	if (j->n - j->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(j->p[j->at++]);

		if (digit < 0)
			return -1;
		v = v << 4 | digit;
	}
	return v;
}

/* What stands behind \u: a character, in two halves if it is above U+FFFF. -1 if it is none. */
static int32_t code_point(struct json *j)
{
	int32_t high = hex4(j), low;

	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || j->n - j->at < 2 || j->p[j->at] != '\\' || j->p[j->at + 1] != 'u')
		return -1;
	j->at += 2;
	low = hex4(j);
	if (low < 0xdc00 || low > 0xdfff)
		return -1;
	return 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
}

/* As UTF-8, which takes less room than the escape did. */
static uint32_t put_utf8(char *p, int32_t code)
{
	uint32_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (uint32_t i = n - 1; i > 0; i--) {
		p[i] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	p[0] = (char)(n == 1 ? code : (int32_t)(0xf0 << (4 - n) & 0xff) | code);
	return n;
}

/* An escape behind its backslash, put at `to`: its bytes there, 0 if it is none. */
static uint32_t escape(struct json *j, char *to)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name;
	int32_t code;
	char c;

	if (j->at == j->n)
		return 0;
	c = j->p[j->at++];
	if (c == 'u') {
		code = code_point(j);
		return code < 0 ? 0 : put_utf8(to, code);
	}
	name = c ? strchr(names, c) : NULL;
	if (!name)
		return 0;
	*to = values[name - names];
	return 1;
}

/* A string from its first quote on, brought to its meaning in place. */
static bool string(struct json *j, struct str *out)
{
	uint32_t start = ++j->at, to = start, code = ' ', n;

	while (j->at < j->n && j->p[j->at] != '"') {
		if (j->p[j->at] == '\\') {
			j->at++;
			n = escape(j, j->p + to);
		} else {
			n = utf8_char((struct str){j->p + j->at, j->n - j->at}, &code);
			if (code < 0x20)
				return false;
			memmove(j->p + to, j->p + j->at, n);
			j->at += n;
		}
		if (!n)
			return false;
		to += n;
	}
	*out = (struct str){j->p + start, to - start};
	return j->at++ < j->n;
}

static uint32_t digits(struct json *j)
{
	uint32_t start = j->at;

	while (j->at < j->n && j->p[j->at] >= '0' && j->p[j->at] <= '9')
		j->at++;
	return j->at - start;
}

static bool take(struct json *j, char c)
{
	if (j->at == j->n || j->p[j->at] != c)
		return false;
	j->at++;
	return true;
}

static bool number(struct json *j, struct str *out)
{
	uint32_t start = j->at;

	take(j, '-');
	if (!take(j, '0') && !digits(j))
		return false;
	if (take(j, '.') && !digits(j))
		return false;
	if (take(j, 'e') || take(j, 'E')) {
		if (!take(j, '+'))
			take(j, '-');
		if (!digits(j))
			return false;
	}
	*out = (struct str){j->p + start, j->at - start};
	return true;
}

static bool word(struct json *j, struct str want)
{
	if (!str_starts((struct str){j->p + j->at, j->n - j->at}, want))
		return false;
	j->at += want.n;
	return true;
}

static enum json_kind open_one(struct json *j, bool array)
{
	if (j->depth == JSON_DEPTH)
		return fail(j);
	j->at++;
	j->is_array[j->depth] = array;
	j->key[j->depth++] = STR("");
	j->first = true;
	return array ? JSON_ARRAY : JSON_OBJECT;
}

static enum json_kind value(struct json *j, struct str *text)
{
	switch (peek(j)) {
	case '{':
		return open_one(j, false);
	case '[':
		return open_one(j, true);
	case '"':
		return string(j, text) ? JSON_STRING : fail(j);
	case 't':
		return word(j, STR("true")) ? JSON_TRUE : fail(j);
	case 'f':
		return word(j, STR("false")) ? JSON_FALSE : fail(j);
	case 'n':
		return word(j, STR("null")) ? JSON_NULL : fail(j);
	default:
		return number(j, text) ? JSON_NUMBER : fail(j);
	}
}

/* The name of an object's value, and the colon behind it. */
static bool name(struct json *j)
{
	return peek(j) == '"' && string(j, &j->key[j->depth - 1]) && peek(j) == ':' && j->at++;
}

enum json_kind json_next(struct json *j, struct str *text)
{
	bool array = j->depth && j->is_array[j->depth - 1], first = j->first;
	int c = peek(j);

	*text = STR("");
	if (j->bad)
		return JSON_BAD;
	if (!j->depth && !first)
		return c < 0 ? JSON_END : fail(j);
	if (j->depth && c == (array ? ']' : '}')) {
		j->at++;
		j->first = false;
		j->level = --j->depth;
		return JSON_CLOSE;
	}
	if (!first && c != ',')
		return fail(j);
	j->at += !first;
	if (j->depth && !array && !name(j))
		return fail(j);
	j->first = false;
	j->level = j->depth;
	return value(j, text);
}

bool json_is(const struct json *j, const char *path)
{
	for (uint32_t i = 0; i < j->level; i++) {
		const char *end = strchrnul(path, '/');
		struct str part = {path, (uint32_t)(end - path)};

		if (!part.n || (!str_eq(part, STR("*")) && !str_eq(part, j->key[i])))
			return false;
		path = *end ? end + 1 : end;
	}
	return !*path;
}
