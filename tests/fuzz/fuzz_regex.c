/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An arbitrary regular expression, a NUL, and a text: what compiles matches
 * within the steps that are promised, and the same in parentheses, once, as one
 * of two and repeated. What is refused is told with a place that is in it.
 */
#include <errno.h>

#include "../../core/regex.h"
#include "fuzz.h"

#define PATTERN_MAX 2048
#define SUBJECT_MAX 512

static struct arena arena;

static struct regex *compile(struct str pattern)
{
	struct regex_error err = {{NULL, 0}, NULL};
	struct regex *re;
	int rc = regex_compile(&arena, pattern, &re, &err);

	CHECK(!rc || rc == -EINVAL);
	CHECK(!rc == !err.expected && !rc == !err.at.n);
	CHECK(!rc || str_eq(err.at, STR("its end")) ||
	      memmem(pattern.p, pattern.n, err.at.p, err.at.n));
	return rc ? NULL : re;
}

static bool match(const struct regex *re, struct str s)
{
	uint64_t steps;
	bool matches = regex_match(re, s, &steps);

	CHECK(steps <= 2ull * regex_size(re) * (s.n + 1));
	return matches;
}

/* Around what compiles: it is refused only for its size. */
static void check_around(const char *before, struct str pattern, const char *behind, struct str s,
			 bool expected)
{
	static char text[2 * PATTERN_MAX + 16];
	const struct regex *re;
	int n = snprintf(text, sizeof(text), "%s%.*s%s", before, (int)pattern.n, pattern.p, behind);

	re = compile((struct str){text, (uint32_t)n});
	if (re)
		CHECK_EQ(match(re, s), expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, 0, size) : NULL;
	struct str pattern, s;
	const struct regex *re;
	bool expected;

	if (!arena.base)
		CHECK(!arena_map(&arena, 1 << 20));
	if (!end || end - data > PATTERN_MAX || size - (size_t)(end - data) > SUBJECT_MAX)
		return 0;
	pattern = (struct str){(const char *)data, (uint32_t)(end - data)};
	s = (struct str){(const char *)end + 1, (uint32_t)(size - pattern.n - 1)};
	arena_reset(&arena);
	re = compile(pattern);
	if (!re)
		return 0;
	expected = match(re, s);
	check_around("(", pattern, ")", s, expected);
	check_around("(", pattern, "){1}", s, expected);
	check_around("x{0}(()|[^\\x00-\\x{10ffff}])(", pattern, ")", s, expected);
	check_around("(", pattern, "|[^\\x00-\\x{10ffff}])", s, expected);
	if (expected) {
		check_around("(", pattern, ")*", s, true);
		check_around("(.*|", pattern, ")", s, true);
		check_around("(", pattern, "){0,2}", s, true);
	}
	return 0;
}
