/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tokens of conditions and of lists. What ends a word depends on where it
 * stands (a != b needs no blanks, but <NA> is a value), so the parser says
 * which of the two kinds it expects.
 */
#ifndef CORE_LEX_H
#define CORE_LEX_H

#include "arena.h"
#include "ini.h"
#include "str.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING,	/* text is what stands between the quotes, escapes as written */
	TOKEN_SYMBOL,	/* ( ) , or an operator made of signs */
	TOKEN_UNCLOSED, /* a quote without its pair */
};

struct token {
	enum token_kind kind;
	struct str text; /* points into the source */
	struct ini_place at;
};

/* Where reading goes on. A copy of it is a place to come back to. */
struct lex {
	const char *p; /* ends with a NUL */
	struct ini_place at;
};

/* Next token where a keyword, field, macro or operator may stand. */
struct token lex_name(struct lex *lx);

/* Next token where a value may stand: everything up to a blank or one of ( ) " ' = , is a word. */
struct token lex_value(struct lex *lx);

/* [ARGUMENT] right behind what was taken last, as one word; no text if there is none. */
struct token lex_bracket(struct lex *lx);

/* Is it a letter, then letters, digits and _? */
bool lex_is_identifier(const char *s);

/* Is it this word or sign, unquoted? */
bool token_is(const struct token *t, const char *text);

/* Is it a word or a string? 0, or -EINVAL with err filled. */
int token_check_value(const struct token *t, struct ini_error *err);

/*
 * The text that a value stands for, its escapes resolved, as a copy in the
 * arena with a NUL behind it. 0, -EINVAL with err filled for a bad escape, or
 * -ENOMEM.
 */
int token_text(const struct token *t, struct arena *a, struct str *out, struct ini_error *err);

/* Notes which word of its line an error is about that has been filled. Returns -EINVAL. */
int token_blame(const struct token *t, struct ini_error *err);

/* Fails at a token: "file:line: TOKEN: what was expected". Returns -EINVAL. */
int token_fail(const struct token *t, struct ini_error *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
