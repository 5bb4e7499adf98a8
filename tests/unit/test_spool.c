/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring of waiting messages: order, wrap-around, what a full one refuses. */
#include <stdio.h>

#include "../../core/spool.h"
#include "unit.h"

static struct spool spool;
static char *behind; /* the memory behind the ring */

static void start(uint32_t size)
{
	struct arena a;

	CHECK_EQ(arena_map(&a, 65536), 0);
	CHECK_EQ(spool_open(&spool, &a, size), 0);
	behind = spool.ring + size;
}

static bool put(const char *text)
{
	return spool_put(&spool, text, strlen(text));
}

static void check_first(const char *want)
{
	char buf[SPOOL_MESSAGE_MAX];

	CHECK_STR(((struct str){buf, (uint32_t)spool_next(&spool, buf)}), want);
}

static void spool_keeps_order(void)
{
	start(64);
	check_first("");
	CHECK(put("one") && put("two"));
	check_first("one");
	check_first("one");
	spool_drop(&spool);
	check_first("two");
	spool_drop(&spool);
	check_first("");
	CHECK_EQ(spool.head, 0);
}

static void spool_keeps_the_oldest(void)
{
	start(16);
	CHECK(put("first"));   /* 9 bytes */
	CHECK(!put("second")); /* 10 */
	CHECK(put("abc"));     /* 7: full to the byte */
	CHECK(!put("x"));
	CHECK_EQ(spool.count, 2);
	check_first("first");
	spool_drop(&spool);
	check_first("abc");
}

/* Every place that a message and its length can be split at. */
static void spool_wraps_anywhere(void)
{
	char text[16], want[16];

	for (uint32_t size = 24; size < 44; size++) {
		start(size);
		CHECK(put("m0"));
		for (int i = 1; i < 200; i++) {
			snprintf(text, sizeof(text), "m%d%.*s", i, i % 5, "....");
			snprintf(want, sizeof(want), "m%d%.*s", i - 1, (i - 1) % 5, "....");
			CHECK(put(text));
			check_first(want);
			spool_drop(&spool);
			CHECK_EQ(*behind, 0);
		}
		CHECK_EQ(spool.count, 1);
	}
}

/* What was passed stays until it is dropped, and can be had again. */
static void spool_passes_and_rewinds(void)
{
	start(32); /* a message too many: it wraps */
	CHECK(put("one") && put("two"));
	spool_drop(&spool);
	CHECK(put("three") && put("4"));
	for (int i = 0; i < 2; i++) {
		check_first("two");
		spool_pass(&spool);
		check_first("three");
		spool_pass(&spool);
		CHECK_EQ(spool.passed, 2);
		CHECK_EQ(spool_oldest(&spool), 3);
		if (!i)
			spool_rewind(&spool);
	}
	spool_drop(&spool);
	CHECK_EQ(spool.passed, 1);
	check_first("4");
	spool_rewind(&spool);
	check_first("three");
	spool_drop(&spool);
	check_first("4");
	spool_pass(&spool);
	check_first("");
	spool_drop(&spool);
	CHECK_EQ(spool.count + spool.passed + spool.next + spool_oldest(&spool), 0);
}

static void spool_refuses_what_is_no_message(void)
{
	static char big[SPOOL_MESSAGE_MAX + 1];

	start(32768);
	CHECK(!spool_put(&spool, big, 0));
	CHECK(!spool_put(&spool, big, sizeof(big)));
	CHECK(spool_put(&spool, big, sizeof(big) - 1));
}

const struct unit_test tests_spool[] = {
	TEST(spool_keeps_order),
	TEST(spool_keeps_the_oldest),
	TEST(spool_wraps_anywhere),
	TEST(spool_passes_and_rewinds),
	TEST(spool_refuses_what_is_no_message),
	{0},
};
