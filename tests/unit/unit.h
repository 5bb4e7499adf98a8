/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a unit test file is made of. It defines its tests as functions, and one
 * array of them, whose name is a row of list.def:
 *
 *	static void arena_gives_zeroed_memory(void) { CHECK_EQ(*p, 0); }
 *	const struct unit_test tests_arena[] = {TEST(arena_gives_zeroed_memory), {0}};
 *
 * Each test runs in a process of its own (unit.c), which the first check that
 * fails ends: a test may leave anything behind.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdint.h>

#include "../../core/str.h"

struct unit_test {
	const char *name;
	void (*fn)(void);
};

#define TEST(function)                                                                             \
	{                                                                                          \
		.name = #function, .fn = function                                                  \
	}

/* Fails the test if the expression is false. */
#define CHECK(expr)                                                                                \
	do {                                                                                       \
		if (!(expr))                                                                       \
			unit_fail(__FILE__, __LINE__, "not true: %s", #expr);                      \
	} while (0)

/* Fails the test, and shows both, if two integers of any type differ. */
#define CHECK_EQ(got, want) unit_eq(__FILE__, __LINE__, #got, (intmax_t)(got), (intmax_t)(want))

/* The same for text: a struct str or a char pointer (NULL differs from all) against a C string. */
#define CHECK_STR(got, want)                                                                       \
	unit_str(__FILE__, __LINE__, #got,                                                         \
		 _Generic((got), struct str: unit_from_str, char *: unit_from_c,                   \
			  const char *: unit_from_c)(got),                                         \
		 (want))

/* Ends the test as failed, with a line of why. */
void unit_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));

/* What the macros above call. */
void unit_eq(const char *file, int line, const char *expr, intmax_t got, intmax_t want);
void unit_str(const char *file, int line, const char *expr, struct str got, const char *want);

static inline struct str unit_from_str(struct str s)
{
	return s;
}

static inline struct str unit_from_c(const char *s)
{
	return s ? str_of(s) : (struct str){NULL, 0};
}

/* n times a text, then a second one, n times a third, and what ends it. One at a time. */
static inline const char *unit_nested(const char *open, const char *inner, const char *close, int n,
				      const char *end)
{
	static char text[1 << 16];
	char *p = text;

	for (int i = 0; i < n; i++)
		p = stpcpy(p, open);
	p = stpcpy(p, inner);
	for (int i = 0; i < n; i++)
		p = stpcpy(p, close);
	stpcpy(p, end);
	return text;
}

#endif
