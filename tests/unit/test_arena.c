/* SPDX-License-Identifier: BSD-2-Clause */
/* The arena: what it gives is zero, aligned, apart from the rest, and never more than there is. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "../../core/arena.h"
#include "unit.h"

static struct arena mapped(size_t size)
{
	struct arena a;

	CHECK_EQ(arena_map(&a, size), 0);
	return a;
}

static void check_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK_EQ(p[i], 0);
}

static void gives_zeroed_memory_for_any_type(void)
{
	struct arena a = mapped(4096);
	char *byte = arena_alloc(&a, 1), *many = arena_alloc(&a, 100);

	CHECK(byte && many > byte);
	CHECK_EQ((uintptr_t)byte % _Alignof(max_align_t), 0);
	CHECK_EQ((uintptr_t)many % _Alignof(max_align_t), 0);
	check_zero(byte, 1);
	check_zero(many, 100);
}

static void gives_no_more_than_there_is(void)
{
	struct arena a = mapped(4096);

	CHECK(!arena_alloc(&a, 4097));
	CHECK(!arena_alloc(&a, SIZE_MAX));
	CHECK(arena_alloc(&a, 16));
	CHECK(!arena_alloc(&a, SIZE_MAX));
	CHECK(!arena_alloc(&a, SIZE_MAX - 15));
	CHECK(arena_alloc(&a, 4079));
	CHECK(!arena_alloc(&a, 1)); /* the last byte is not aligned */
	CHECK_EQ(a.used, 4095);
}

static void gives_the_last_byte(void)
{
	struct arena a = mapped(4096);
	char *p = arena_alloc(&a, 4096);

	CHECK(p);
	p[4095] = 1;
	CHECK(!arena_alloc(&a, 1));
}

static void map_of_too_much_fails(void)
{
	struct arena a;

	CHECK_EQ(arena_map(&a, SIZE_MAX / 2), -ENOMEM);
}

static void copy_ends_in_a_nul(void)
{
	struct arena a = mapped(4096), small = mapped(32);

	CHECK_STR(arena_copy(&a, "copied", 4), "copi");
	CHECK_STR(arena_copy(&a, NULL, 0), "");
	CHECK(!arena_copy(&small, "0123456789abcdef0123456789abcdef", 32));
	CHECK_STR(arena_copy(&small, "0123456789abcdef0123456789abcdef", 31),
		  "0123456789abcdef0123456789abcde");
}

static void parts_do_not_overlap(void)
{
	struct arena a = mapped(4096), part;
	char *before = arena_alloc(&a, 8), *after;

	CHECK_EQ(arena_split(&a, &part, 100), 0);
	after = arena_alloc(&a, 8);
	memset(before, 1, 8);
	memset(after, 2, 8);
	check_zero(arena_alloc(&part, 100), 100);
	CHECK(!arena_alloc(&part, 1));
	CHECK(part.base >= before + 8 && part.base + 100 <= after);
	CHECK_EQ(arena_split(&a, &part, 4096), -ENOMEM);
}

static void reset_wipes_what_was_used(void)
{
	struct arena a = mapped(65536), part;
	char *p, *outside;

	CHECK_EQ(arena_split(&a, &part, 20000), 0);
	outside = arena_alloc(&a, 1);
	*outside = 7;
	memset(arena_alloc(&part, 20000), 0xff, 20000);
	arena_reset(&part);
	p = arena_alloc(&part, 20000);
	CHECK(p);
	check_zero(p, 20000);
	CHECK_EQ(*outside, 7);
}

const struct unit_test tests_arena[] = {
	TEST(gives_zeroed_memory_for_any_type),
	TEST(gives_no_more_than_there_is),
	TEST(gives_the_last_byte),
	TEST(map_of_too_much_fails),
	TEST(copy_ends_in_a_nul),
	TEST(parts_do_not_overlap),
	TEST(reset_wipes_what_was_used),
	{0},
};
