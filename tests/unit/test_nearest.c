/* SPDX-License-Identifier: BSD-2-Clause */
/* "Did you mean": the nearest of some names, and none where none is near. */
#include "../../core/nearest.h"
#include "unit.h"

static const char *name(int i, const void *arg)
{
	static const char *const names[] = {"proc.name", "proc.pname", "proc.cmdline",
					    "fd.name",	 "uid",	       NULL};

	(void)arg;
	return names[i];
}

static const char *find(const char *word)
{
	return nearest(word, strlen(word), name, NULL);
}

static void finds_added_lost_and_changed_letters(void)
{
	CHECK_STR(find("proc.cmdlin"), "proc.cmdline");
	CHECK_STR(find("proc.ccmdline"), "proc.cmdline");
	CHECK_STR(find("proc.cmdlime"), "proc.cmdline");
	CHECK_STR(find("porc.cmdline"), "proc.cmdline");
	CHECK_STR(find("PROC.CMDLINE"), "proc.cmdline");
	CHECK_STR(find("ui"), "uid");
}

static void prefers_the_nearest_then_the_first(void)
{
	CHECK_STR(find("proc.pnam"), "proc.pname");
	CHECK_STR(find("proc.xname"), "proc.name");
}

static void finds_nothing_where_nothing_is_near(void)
{
	CHECK(!find(""));
	CHECK(!find("x"));
	CHECK(!find("container.image"));
	CHECK(!find("proc.name.that.is.much.longer.than.any.name.that.anybody.would.mean.here"));
}

static void reads_no_further_than_the_word(void)
{
	CHECK_STR(nearest("fd.namexxxxxxxxx", 7, name, NULL), "fd.name");
}

const struct unit_test tests_nearest[] = {
	TEST(finds_added_lost_and_changed_letters),
	TEST(prefers_the_nearest_then_the_first),
	TEST(finds_nothing_where_nothing_is_near),
	TEST(reads_no_further_than_the_word),
	{0},
};
