/* SPDX-License-Identifier: BSD-2-Clause */
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
	const struct throttle_who who = {0, 7};
	struct throttle t = {0};
	const uint64_t s = 1000000000;

	for (int i = 0; i < 5; i++)
		CHECK_EQ(throttle_pass(&t, two, 3 * s, who), i < 2);
	CHECK_EQ(t.held, 3);
	CHECK_EQ(throttle_end(&t, two), 13 * s);
	CHECK(!throttle_pass(&t, two, 13 * s - 1, who));
	CHECK(throttle_pass(&t, two, 13 * s, who));
	CHECK_EQ(t.held, 0);
	for (int i = 0; i < 5; i++)
		CHECK(throttle_pass(&t, (struct throttle_limit){0}, 3 * s, who));
}

/* Alerts that pass of a user who does the same under so many names of a program, each twice. */
static int passed_of(struct throttle *t, uint32_t user, uint32_t programs)
{
	const struct throttle_limit two = {2, 10};
	int passed = 0;

	for (uint32_t i = 0; i < 2 * programs; i++)
		passed += throttle_pass(t, two, 1, (struct throttle_who){user, i / 2});
	return passed;
}

/* Whoever was not told is; he who makes programs and users up takes no place of another's. */
static void throttle_tells_each_once(void)
{
	struct throttle t = {0};
	int others = 0;

	CHECK_EQ(passed_of(&t, 1000, 1), 2);
	CHECK_EQ(passed_of(&t, 1000, 1), 0);
	CHECK_EQ(passed_of(&t, 1000, 2), 1);
	CHECK_EQ(passed_of(&t, 1000, 1000), THROTTLE_PROGRAMS - 2);
	CHECK_EQ(passed_of(&t, 1001, 1), 1);
	for (uint32_t user = 1002; user < 2000; user++)
		others += passed_of(&t, user, 1000);
	CHECK_EQ(others, THROTTLE_PLACES - 2 * THROTTLE_PROGRAMS - 1);
	CHECK_EQ(passed_of(&t, 0, 1), 1);
	CHECK_EQ(passed_of(&t, 0, 1000), THROTTLE_PROGRAMS - 1);
	CHECK_EQ(t.told, THROTTLE_PLACES);
	CHECK(throttle_pass(&t, (struct throttle_limit){2, 1}, 2000000000,
			    (struct throttle_who){1000, 1}));
	CHECK_EQ(t.told, 1);
}

const struct unit_test tests_throttle[] = {TEST(throttle_reads_its_words),
					   TEST(throttle_passes_so_many),
					   TEST(throttle_tells_each_once),
					   {0}};
