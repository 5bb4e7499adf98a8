// SPDX-License-Identifier: BSD-2-Clause
/* Throttles: how they are written, and what they let pass. */
#include "../../core/throttle.h"
#include "unit.h"

static void throttle_reads_its_words(void)
{
	static const char *const bad[] = {
		"",	    "20",      "20/",  "/60",	 "0/60",
		"20/0",	    "20/60 ",  "-1/6", "20/60s", "On/Of",
		"99999/60", "1/86401", "1//1", "off ",	 "99999999999999999999/1",
		" 1/1"};
	struct throttle_limit l = {7, 7};

	CHECK(throttle_parse(STR("off"), &l));
	CHECK_EQ(l.alerts, 0);
	CHECK(throttle_parse(STR("20/86400"), &l));
	CHECK_EQ(l.alerts, 20);
	CHECK_EQ(l.seconds, 86400);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!throttle_parse(str_of(bad[i]), &l));
}

static void throttle_passes_so_many(void)
{
	const struct throttle_limit two = {2, 10};
	struct throttle t = {0};
	const uint64_t s = 1000000000;

	for (int i = 0; i < 5; i++)
		CHECK_EQ(throttle_pass(&t, two, 3 * s), i < 2);
	CHECK_EQ(t.held, 3);
	CHECK_EQ(throttle_end(&t, two), 13 * s);
	CHECK(!throttle_pass(&t, two, 13 * s - 1));
	CHECK(throttle_pass(&t, two, 13 * s));
	CHECK_EQ(t.held, 0);
	for (int i = 0; i < 5; i++)
		CHECK(throttle_pass(&t, (struct throttle_limit){0}, 3 * s));
}

const struct unit_test tests_throttle[] = {
	TEST(throttle_reads_its_words), TEST(throttle_passes_so_many), {0}};
