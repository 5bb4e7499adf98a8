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
	CHECK(!state_is_any_file(state, 0, 0));
	take_file("/etc/shadow", 8, 4711);
	CHECK(state_is_file(state, STR("/etc/shadow"), 8, 4711));
	CHECK(!state_is_file(state, STR("/etc/shadow"), 9, 4711));
	CHECK(str_eq(state_file_name(state, 8, 4711), STR("/etc/shadow")));
	CHECK(!state_file_name(state, 8, 4712).p && !state_file_name(state, 9, 4711).p &&
	      !state_file_name(state, 0, 0).p);
	CHECK(!state_is_file(state, STR("/etc/shadow"), 8, 4712));
	CHECK(!state_is_file(state, STR("/etc/passwd"), 8, 4711));
	CHECK(state_is_any_file(state, 8, 4711));
	CHECK(!state_is_any_file(state, 9, 4711));
	CHECK(!state_is_any_file(state, 8, 4712));
	take_file("/etc/shadow", 8, 4712);
	CHECK(!state_is_file(state, STR("/etc/shadow"), 8, 4711));
	CHECK(state_is_file(state, STR("/etc/shadow"), 8, 4712));
	CHECK(state_is_any_file(state, 8, 4712));
	CHECK(!state_is_any_file(state, 8, 4711));
	take_file("/etc/shadow", 0, 0);
	CHECK(!state_is_file(state, STR("/etc/shadow"), 8, 4712));
	CHECK(!state_is_file(state, STR("/etc/shadow"), 0, 0));
	CHECK(!state_is_any_file(state, 0, 0));
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

/* count addresses: 192.0.2.first and on, as IPv6 maps them. */
static void take_host(const char *name, uint8_t first, uint32_t count, int64_t more)
{
	uint8_t addr[32][16] = {0};

	for (uint32_t i = 0; i < count; i++)
		memcpy(addr[i], (uint8_t[16]){[10] = 0xff, 0xff, 192, 0, 2, (uint8_t)(first + i)},
		       16);
	begin_of(TRC_HOSTINFO, 0, 0);
	record_str(&event_rec, event_slot("name"), name);
	record_bytes(&event_rec, event_slot("addresses"), addr, 16 * count);
	event_set("more", more);
	take();
}

/* The names that have 192.0.2.last, each with a blank behind it. */
static const char *hosts_at(uint8_t last)
{
	static char all[4096];
	uint8_t addr[16] = {192, 0, 2, last};
	uint32_t pos = 0;
	struct str name;
	size_t n = 0;

	all[0] = 0;
	while ((name = state_host(state, addr, 4, &pos)).p)
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%.*s ", (int)name.n, name.p);
	return all;
}

static void hosts_have_the_addresses_of_their_last_answer(void)
{
	uint8_t v6[16] = {0x20, 1, 0xd, 0xb8, [15] = 1};
	uint32_t pos = 0;

	tables_open(4, 1, 4);
	CHECK_STR(hosts_at(1), "");
	take_host("a.example", 1, 2, 0);
	take_host("b.example", 2, 1, 0);
	CHECK_STR(hosts_at(1), "a.example ");
	CHECK_STR(hosts_at(2), "a.example b.example ");
	CHECK_STR(hosts_at(3), "");
	take_host("a.example", 3, 1, 0);
	CHECK_STR(hosts_at(1), "");
	CHECK_STR(hosts_at(2), "b.example ");
	CHECK_STR(hosts_at(3), "a.example ");
	/* Without addresses it is no host. */
	take_host("a.example", 0, 0, 0);
	take_host("a.example", 0, 0, 0);
	CHECK_STR(hosts_at(3), "");
	CHECK_EQ(state->names.used, 1);
	/* An address of IPv6 is its own, all 16 bytes of it. */
	begin_of(TRC_HOSTINFO, 0, 0);
	record_str(&event_rec, event_slot("name"), "c.example");
	record_bytes(&event_rec, event_slot("addresses"), v6, 16);
	take();
	CHECK_STR(state_host(state, v6, 6, &pos), "c.example");
	pos = 0;
	v6[15] = 2;
	CHECK(!state_host(state, v6, 6, &pos).p);
	CHECK_EQ(stats.name_full + stats.name_cut, 0);
	tables_check();
}

static void hosts_that_do_not_fit_are_counted(void)
{
	char name[TRC_HOST_MAX + 2] = {0};

	tables_open(4, 1, 4);
	memset(name, 'n', TRC_HOST_MAX + 1);
	take_host(name, 1, 1, 0);
	CHECK_STR(hosts_at(1), "");
	CHECK_EQ(stats.name_full, 1);
	name[TRC_HOST_MAX] = 0;
	take_host(name, 1, 1, 0);
	CHECK_EQ(strlen(hosts_at(1)), TRC_HOST_MAX + 1);
	for (int i = 0; i < 8; i++)
		take_host((char[2]){(char)('a' + i)}, 2, 1, 0);
	CHECK_EQ(stats.name_full, 2);
	CHECK_STR(hosts_at(2), "a b c d e f g ");
	take_host("a", 0, 0, 0);
	take_host("h", 3, TRC_HOST_ADDRS + 2, 40);
	CHECK_STR(hosts_at(3 + TRC_HOST_ADDRS - 1), "h ");
	CHECK_STR(hosts_at(3 + TRC_HOST_ADDRS), "");
	CHECK_EQ(stats.name_cut, 42);
	CHECK_EQ(stats.name_full, 2);
	tables_check();
}

/* What no sensor wrote: no whole address, no name. */
static void broken_hosts_break_nothing(void)
{
	tables_open(4, 1, 4);
	begin_of(TRC_HOSTINFO, 0, 0);
	record_str(&event_rec, event_slot("name"), "a");
	record_bytes(&event_rec, event_slot("addresses"), "0123456789abcde", 15);
	take();
	CHECK_EQ(state->names.used, 0);
	begin_of(TRC_HOSTINFO, 0, 0);
	take();
	CHECK_EQ(state->names.used, 0);
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
	TEST(users_have_their_first_name),
	TEST(users_are_told_apart),
	TEST(users_that_do_not_fit_are_counted),
	TEST(files_come_and_go),
	TEST(files_that_do_not_fit_are_counted),
	TEST(files_replaced_by_a_rename_go_stale),
	TEST(exchanged_files_go_stale_both),
	TEST(files_that_an_open_finds_replaced_go_stale),
	TEST(other_calls_make_files_stale),
	TEST(hosts_have_the_addresses_of_their_last_answer),
	TEST(hosts_that_do_not_fit_are_counted),
	TEST(broken_hosts_break_nothing),
	{0},
};
