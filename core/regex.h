/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Regular expressions: the POSIX syntax of RE2, matched against a value as a
 * whole. They are compiled when rules are loaded, and matching takes time in
 * proportion to the length of the value and the size of the expression,
 * whatever either says; nothing is allocated and nothing recurses.
 *
 * A character is a code point of UTF-8; a byte of the value that is no UTF-8 is
 * U+FFFD. Unlike RE2's, . takes the end of a line too, and ^ and $ are the two
 * ends of the value: an author means the value, and who chooses the value
 * must not be able to hide behind a newline.
 */
#ifndef CORE_REGEX_H
#define CORE_REGEX_H

#include "arena.h"
#include "str.h"

#define REGEX_SIZE 2048	  /* steps of one expression; x{0,1000} takes 2000 */
#define REGEX_RANGES 1024 /* ranges of characters in all its brackets */
#define REGEX_DEPTH 100	  /* of its parentheses */
#define REGEX_REPEAT 1000 /* repetitions, those of what is repeated multiplied */

struct regex;

/* What is wrong with an expression: the part of it, and what was expected. */
struct regex_error {
	struct str at;
	const char *expected;
};

/* Compiles an expression into the arena. 0, -EINVAL with err filled, or -ENOMEM. */
int regex_compile(struct arena *a, struct str text, struct regex **out, struct regex_error *err);

/*
 * Does the expression match all of s? steps, if it is not NULL, gets how often a
 * step was looked at: 2 * regex_size() for each byte of s and one more, at most.
 */
bool regex_match(const struct regex *re, struct str s, uint64_t *steps);

/* Steps of the expression. */
uint32_t regex_size(const struct regex *re);

#endif
