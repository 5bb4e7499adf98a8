/* SPDX-License-Identifier: BSD-2-Clause */
/* What has a name: users, groups, files known by device and inode. */
#include <stdio.h>

#include "tables.h"

static void take_user(int64_t uid, const char *name)
{
	begin_of(TRC_USERINFO, 0, 0);
	if (uid >= 0)
		event_set("uid", uid);
	record_str(&event_rec, event_slot("name"), name);
	take();
}

static void users_have_their_first_name(void)
{
	tables_open(4, 1, 4);
	CHECK(!state_user(state, 0).p);
	take_user(-1, "nobody");
	CHECK(!state_user(state, 0).p);
	take_user(0, NULL);
	CHECK(!state_user(state, 0).p);
	take_user(0, "root");
	take_user(0, "toor");
	take_user(4294967295, "last");
	CHECK_STR(state_user(state, 0), "root");
	CHECK_STR(state_user(state, ~0u), "last");
}

/* These two have the same hash. */
static void users_are_told_apart(void)
{
	CHECK_EQ(hash_u64(1), hash_u64(2971215074));
	tables_open(4, 1, 4);
	take_user(1, "one");
	CHECK(!state_user(state, 2971215074).p);
	take_user(2971215074, "many");
	CHECK_STR(state_user(state, 1), "one");
	CHECK_STR(state_user(state, 2971215074), "many");
}

static void users_that_do_not_fit_are_counted(void)
{
	static const char longest[] = "abcdefghijklmnopqrstuvwxyz012345";

	tables_open(4, 1, 4);
	take_user(1, "abcdefghijklmnopqrstuvwxyz0123456");
	CHECK(!state_user(state, 1).p);
	CHECK_EQ(stats.user_full, 1);
	take_user(1, longest);
	CHECK_STR(state_user(state, 1), longest);
	for (int64_t uid = 2; uid <= 9; uid++)
		take_user(uid, "u");
	CHECK_EQ(stats.user_full, 2);
	CHECK_STR(state_user(state, 1), longest);
	CHECK_STR(state_user(state, 8), "u");
	CHECK(!state_user(state, 9).p);
	tables_check();
}

static void take_file(const char *name, int64_t dev, int64_t ino)
{
	begin_of(TRC_FILEINFO, 0, 0);
	record_str(&event_rec, event_slot("name"), name);
	if (ino) {
		event_set("dev", dev);
		event_set("ino", ino);
	}
	take();
}

static void files_come_and_go(void)
{
	tables_open(4, 1, 4);
	CHECK(!state_is_file(state, STR("/etc/shadow"), 0, 0));
	take_file("/etc/shadow", 8, 4711);
	CHECK(state_is_file(state, STR("/etc/shadow"), 8, 4711));
	CHECK(!state_is_file(state, STR("/etc/shadow"), 9, 4711));
	CHECK(!state_is_file(state, STR("/etc/shadow"), 8, 4712));
	CHECK(!state_is_file(state, STR("/etc/passwd"), 8, 4711));
	take_file("/etc/shadow", 8, 4712);
	CHECK(!state_is_file(state, STR("/etc/shadow"), 8, 4711));
	CHECK(state_is_file(state, STR("/etc/shadow"), 8, 4712));
	take_file("/etc/shadow", 0, 0);
	CHECK(!state_is_file(state, STR("/etc/shadow"), 8, 4712));
	CHECK(!state_is_file(state, STR("/etc/shadow"), 0, 0));
	CHECK_EQ(state->files.used, 1);
	/* A name of the same hash. */
	take_file("/Aa", 8, 1);
	CHECK(!state_is_file(state, STR("/BB"), 8, 1));
	take_file("/BB", 8, 2);
	CHECK(state_is_file(state, STR("/Aa"), 8, 1));
	CHECK(state_is_file(state, STR("/BB"), 8, 2));
	tables_check();
}

static void files_that_do_not_fit_are_counted(void)
{
	char name[FILE_NAME_MAX + 2] = "/";

	tables_open(4, 1, 4);
	memset(name + 1, 'f', FILE_NAME_MAX);
	take_file(name, 8, 1);
	CHECK_EQ(stats.file_full, 1);
	name[FILE_NAME_MAX] = 0;
	take_file(name, 8, 1);
	CHECK(state_is_file(state, str_of(name), 8, 1));
	for (int i = 0; i < 8; i++) {
		char other[8];

		snprintf(other, sizeof(other), "/%d", i);
		take_file(other, 8, 2 + i);
	}
	CHECK_EQ(stats.file_full, 2);
	CHECK(state_is_file(state, STR("/6"), 8, 8));
	CHECK(!state_is_file(state, STR("/7"), 8, 9));
	take_file(name, 8, 3);
	CHECK(state_is_file(state, str_of(name), 8, 3));
	tables_check();
}

static const char *stale(void)
{
	uint32_t pos = 0;
	struct str s = state_stale_file(state, event_done(), &pos);
	static char name[FILE_NAME_MAX + 1];

	memcpy(name, s.n ? s.p : "", s.n);
	name[s.n] = 0;
	return name;
}

/* An open that gave a file of that inode; 0: which one is not told. */
static const char *stale_open(enum trc_type type, int64_t fd, const char *name, int64_t ino)
{
	begin_of(type, 100, 7);
	event_set("fd", fd);
	record_str(&event_rec, event_slot("name"), name);
	if (ino) {
		event_set("dev", 8);
		event_set("ino", ino);
	}
	return stale();
}

static const char *stale_rename(enum trc_type type, int64_t res, const char *from, const char *to)
{
	begin_of(type, 100, 7);
	event_set("res", res);
	record_str(&event_rec, event_slot("oldpath"), from);
	record_str(&event_rec, event_slot("newpath"), to);
	return stale();
}

static void files_replaced_by_a_rename_go_stale(void)
{
	tables_open(4, 1, 4);
	CHECK_STR(stale_rename(TRC_RENAME, 0, "/etc/shadow-", "/etc/shadow"), "");
	take_file("/etc/shadow", 8, 4711);
	CHECK_STR(stale_rename(TRC_RENAME, 0, "/etc/shadow-", "/etc/shadow"), "/etc/shadow");
	CHECK_STR(stale_rename(TRC_RENAMEAT2, 0, NULL, "/etc//./x/../shadow"), "/etc/shadow");
	CHECK_STR(stale_rename(TRC_LINK, 0, "/etc/shadow-", "/etc/shadow"), "/etc/shadow");
	/* What is moved away is still that file. */
	CHECK_STR(stale_rename(TRC_RENAMEAT, 0, "/etc/shadow", "/etc/shadow-"), "");
	CHECK_STR(stale_rename(TRC_RENAME, 0, "/", "/"), "");
	CHECK_STR(stale_rename(TRC_RENAME, -1, "/etc/shadow-", "/etc/shadow"), "");
	CHECK_STR(stale_rename(TRC_RENAME, 0, NULL, NULL), "");
	/* RENAME_EXCHANGE: both names are other files' now. */
	stale_rename(TRC_RENAMEAT2, 0, "/etc/shadow", "/etc/shadow-");
	event_set("flags", 2);
	CHECK_STR(stale(), "/etc/shadow");
}

static void exchanged_files_go_stale_both(void)
{
	const struct event *ev;
	uint32_t pos = 0;

	tables_open(4, 1, 4);
	take_file("/etc/shadow", 8, 4711);
	take_file("/etc/passwd", 8, 4712);
	stale_rename(TRC_RENAMEAT2, 0, "/etc/passwd", "/etc/shadow");
	event_set("flags", 2);
	ev = event_done();
	CHECK_STR(state_stale_file(state, ev, &pos), "/etc/shadow");
	CHECK_STR(state_stale_file(state, ev, &pos), "/etc/passwd");
	CHECK(!state_stale_file(state, ev, &pos).p);
}

static void files_that_an_open_finds_replaced_go_stale(void)
{
	static const enum trc_type opens[] = {TRC_OPEN, TRC_OPENAT, TRC_OPENAT2, TRC_CREAT};

	tables_open(4, 1, 4);
	take_file("/etc/shadow", 8, 4711);
	for (int i = 0; i < 4; i++) {
		CHECK_STR(stale_open(opens[i], 3, "/etc/shadow", 4712), "/etc/shadow");
		CHECK_STR(stale_open(opens[i], 3, "/etc/shadow", 4711), "");
		CHECK_STR(stale_open(opens[i], 3, "/etc/shadow", 0), "");
		CHECK_STR(stale_open(opens[i], 3, "/etc/passwd", 4712), "");
		CHECK_STR(stale_open(opens[i], 3, NULL, 4712), "");
		CHECK_STR(stale_open(opens[i], -13, "/etc/shadow", 4712), "");
	}
}

static void other_calls_make_files_stale(void)
{
	tables_open(4, 1, 4);
	take_file("/etc/shadow", 8, 4711);
	begin_of(TRC_UNLINK, 100, 7);
	event_set("res", 0);
	event_set_str("path", "/etc/shadow");
	CHECK_STR(stale(), "/etc/shadow");
	begin_of(TRC_MOUNT, 100, 7);
	event_set("res", 0);
	event_set_str("dir", "/etc/shadow");
	CHECK_STR(stale(), "/etc/shadow");
	begin_of(TRC_EXECVE, 100, 7);
	event_set("res", 0);
	event_set_str("filename", "/etc/shadow");
	CHECK_STR(stale(), "");
}

const struct unit_test tests_nametab[] = {
	TEST(users_have_their_first_name),	 TEST(users_are_told_apart),
	TEST(users_that_do_not_fit_are_counted), TEST(files_come_and_go),
	TEST(files_that_do_not_fit_are_counted), TEST(files_replaced_by_a_rename_go_stale),
	TEST(exchanged_files_go_stale_both),	 TEST(files_that_an_open_finds_replaced_go_stale),
	TEST(other_calls_make_files_stale),	 {0},
};
