/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens of conditions and of lists: see lex.h. */
#include "lex.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define BLANK " \t\r\n"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define ESCAPES "\\b \\f \\n \\r \\t \\\\ \\/ \\\" \\' \\xHH"
#define SHOWN_MAX 64 /* bytes of a token that a message shows */

static struct token take(struct lex *lx, enum token_kind kind, size_t n)
{
	struct token t = {kind, {lx->p, (uint32_t)n}, lx->at};

	lx->p += n;
	return t;
}

static void skip_blanks(struct lex *lx)
{
	for (; *lx->p && strchr(BLANK, *lx->p); lx->p++)
		lx->at.line += *lx->p == '\n';
}

/* A quoted string ends on its line: the indentation of the next one is gone already. */
static struct token take_string(struct lex *lx)
{
	const char *p = lx->p;
	size_t n = 1;
	struct token t;

	while (p[n] && p[n] != '\n' && p[n] != *p)
		n += p[n] == '\\' && p[n + 1] && p[n + 1] != '\n' ? 2 : 1;
	if (p[n] != *p)
		return take(lx, TOKEN_UNCLOSED, n);
	t = take(lx, TOKEN_STRING, n + 1);
	t.text = (struct str){p + 1, (uint32_t)(n - 1)};
	return t;
}

struct token lex_value(struct lex *lx)
{
	skip_blanks(lx);
	switch (*lx->p) {
	case '\0':
		return take(lx, TOKEN_END, 0);
	case '(':
	case ')':
	case ',':
	case '=':
		return take(lx, TOKEN_SYMBOL, 1);
	case '"':
	case '\'':
		return take_string(lx);
	default:
		return take(lx, TOKEN_WORD, strcspn(lx->p, "()\"'=," BLANK));
	}
}

/* How long [ARGUMENT] is. In quotes it may hold blanks and brackets, and knows no escapes. */
static size_t bracket_length(const char *p)
{
	const char quote[] = {p[1], '\n', '\0'};
	size_t n = 1;

	if (*quote == '"' || *quote == '\'') {
		n = 2 + strcspn(p + 2, quote);
		n += p[n] == *quote;
	}
	n += strcspn(p + n, "]" BLANK);
	return n + (p[n] == ']');
}

struct token lex_name(struct lex *lx)
{
	const char *p;
	size_t n;

	skip_blanks(lx);
	p = lx->p;
	if (*p && strchr("=!<>", *p))
		return take(lx, TOKEN_SYMBOL, p[1] == '=' ? 2 : 1);
	if (!*p || !strchr(LETTERS, *p))
		return lex_value(lx);
	n = strspn(p, LETTERS DIGITS "_.");
	if (p[n] == '[')
		n += bracket_length(p + n);
	return take(lx, TOKEN_WORD, n);
}

struct token lex_bracket(struct lex *lx)
{
	return take(lx, TOKEN_WORD, *lx->p == '[' ? bracket_length(lx->p) : 0);
}

bool token_is(const struct token *t, const char *text)
{
	return (t->kind == TOKEN_WORD || t->kind == TOKEN_SYMBOL) && str_eq(t->text, str_of(text));
}

bool lex_is_identifier(const char *s)
{
	return *s && strchr(LETTERS, *s) && !s[strspn(s, LETTERS DIGITS "_")];
}

/* Resolves the escape behind a backslash. Returns the bytes it takes, 0 if there is no such. */
static int escape(const char *p, const char *end, char *out)
{
	static const char names[] = "bfnrt\\/\"'", values[] = "\b\f\n\r\t\\/\"'";
	const char *at = strchr(names, *p);

	if (at && *at) {
		*out = values[at - names];
		return 1;
	}
	if (*p != 'x' || end - p < 3 || hex_digit(p[1]) < 0 || hex_digit(p[2]) < 0)
		return 0;
	*out = (char)(hex_digit(p[1]) << 4 | hex_digit(p[2]));
	return *out ? 3 : 0; /* no value can hold a NUL */
}

static int unescape(const struct token *t, char *out, struct str *text, struct ini_error *err)
{
	const char *end = t->text.p + t->text.n;

	*text = (struct str){out, 0};
	for (const char *p = t->text.p; p < end;) {
		int used = 0;

		/* A backslash and a blank are one backslash, as with Falco. */
		if (*p == '\\' && p[1] == ' ') {
			out[text->n++] = *p;
			p += 2;
		} else if (*p == '\\') {
			used = escape(p + 1, end, &out[text->n++]);
			if (!used)
				return token_fail(t, err,
						  "\\%c is no escape; expected one of " ESCAPES,
						  p[1]);
			p += 1 + used;
		} else {
			out[text->n++] = *p++;
		}
	}
	return 0;
}

int token_check_value(const struct token *t, struct ini_error *err)
{
	if (t->kind == TOKEN_WORD || t->kind == TOKEN_STRING)
		return 0;
	return token_fail(t, err,
			  t->kind == TOKEN_UNCLOSED ? "the closing quote is missing on this line" :
						      "expected a value");
}

int token_text(const struct token *t, struct arena *a, struct str *out, struct ini_error *err)
{
	char *copy = arena_alloc(a, t->text.n + 1);

	if (!copy)
		return -ENOMEM;
	*out = (struct str){copy, t->text.n};
	if (t->kind == TOKEN_STRING)
		return unescape(t, copy, out, err);
	memcpy(copy, t->text.p, t->text.n);
	return 0;
}

int token_fail(const struct token *t, struct ini_error *err, const char *fmt, ...)
{
	struct str word = t->kind == TOKEN_END ? STR("end") : t->text;
	char expected[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(expected, sizeof(expected), fmt, ap);
	va_end(ap);
	ini_fail(err, t->at, "%.*s: %s", word.n < SHOWN_MAX ? (int)word.n : SHOWN_MAX, word.p,
		 expected);
	return token_blame(t, err);
}

int token_blame(const struct token *t, struct ini_error *err)
{
	bool quotes = t->kind == TOKEN_STRING;

	return ini_blame(err, t->text.p - quotes,
			 t->kind == TOKEN_END ? 1 : t->text.n + 2u * quotes);
}
