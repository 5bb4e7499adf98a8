/* SPDX-License-Identifier: BSD-2-Clause */
/* Makers of descriptors other than open(2) and socket(2): pairs, copies, ranges, other kinds. */
#include "fds.h"

static void take_pair(enum trc_type type, int64_t res, int64_t fd1, int64_t fd2, int64_t flags)
{
	begin_of(type, 100, 7);
	event_set("res", res);
	event_set("fd1", fd1);
	event_set("fd2", fd2);
	if (type == TRC_SOCKETPAIR)
		event_set("domain", 1);
	if (type != TRC_PIPE)
		event_set(type == TRC_PIPE2 ? "flags" : "type", flags);
	take();
}

static void pairs_are_made(void)
{
	tables_open(4, 1, 16);
	take_pair(TRC_PIPE, 0, 3, 4, 0);
	take_pair(TRC_PIPE2, 0, 5, 6, CLOEXEC);
	take_pair(TRC_SOCKETPAIR, 0, 7, 8, 1);
	take_pair(TRC_SOCKETPAIR, 0, 9, 10, 1 | CLOEXEC);
	take_pair(TRC_PIPE, -24, 11, 12, 0);
	CHECK_EQ(state->fds.used, 8);
	CHECK(fd_of(3)->kind == FD_PIPE && fd_of(4)->kind == FD_PIPE);
	CHECK(fd_of(7)->kind == FD_UNIX && fd_of(8)->kind == FD_UNIX);
	take_exec();
	CHECK(fd_of(3) && fd_of(4) && fd_of(7) && fd_of(8));
	CHECK_EQ(state->fds.used, 4);
}

/* The numbers are the caller's word: they make nothing of what is something else. */
static void pairs_are_not_believed(void)
{
	tables_open(4, 1, 16);
	take_open(3, 0, "/etc/shadow");
	take_pair(TRC_PIPE2, 0, 3, 4, 0);
	CHECK(!fd_of(3));
	CHECK_EQ(fd_of(4)->kind, FD_PIPE);
	begin_of(TRC_PIPE, 100, 7);
	event_set("res", 0);
	take();
	CHECK_EQ(state->fds.used, 1);
}

static void take_fcntl(int64_t res, int64_t fd, int64_t cmd)
{
	begin_of(TRC_FCNTL, 100, 7);
	event_set("res", res);
	event_set("fd", fd);
	event_set("cmd", cmd);
	take();
}

static void fcntl_duplicates(void)
{
	tables_open(4, 1, 16);
	take_open(3, 0, "/etc/passwd");
	take_fcntl(10, 3, 0);
	take_fcntl(11, 3, 1030);
	take_fcntl(12, 3, 3); /* F_GETFL: 12 is no descriptor */
	take_fcntl(-24, 3, 0);
	CHECK_STR(name_of(10), "/etc/passwd");
	CHECK_STR(name_of(11), "/etc/passwd");
	CHECK_EQ(state->fds.used, 3);
	take_exec();
	CHECK(fd_of(3) && fd_of(10) && !fd_of(11));
}

static void take_close_range(int64_t res, uint32_t first, uint32_t last, int64_t flags)
{
	begin_of(TRC_CLOSE_RANGE, 100, 7);
	event_set("res", res);
	event_set("first", first);
	event_set("last", last);
	event_set("flags", flags);
	take();
}

static void ranges_are_closed(void)
{
	tables_open(4, 1, 16);
	for (int fd = 0; fd < 10; fd++)
		take_open(fd, 0, "/dev/null");
	take_close_range(-22, 3, ~0u, 0);
	take_close_range(0, 20, 30, 0);
	CHECK_EQ(state->fds.used, 10);
	take_close_range(0, 4, 5, 0);
	CHECK(fd_of(3) && !fd_of(4) && !fd_of(5) && fd_of(6));
	take_close_range(0, 8, ~0u, 4);
	CHECK(fd_of(8) && fd_of(9));
	take_exec();
	CHECK(fd_of(7) && !fd_of(8) && !fd_of(9));
	begin_of(TRC_CLOSE_RANGE, 100, 7);
	event_set("res", 0);
	event_set("first", 6);
	take();
	CHECK_EQ(state->fds.used, 0);
	tables_check();
}

/* Others keep what is closed in a table of its own. */
static void a_range_of_ones_own_is_closed_for_one(void)
{
	tables_open(4, 1, 16);
	take_open(3, 0, "/dev/null");
	take_open(4, 0, "/dev/null");
	take_close_range(0, 4, ~0u, 2);
	CHECK(!fd_of(3) && !fd_of(4));
}

static void descriptors_of_other_processes(void)
{
	struct trc_sock sock = web();

	tables_open(4, 1, 16);
	take_open(5, 0, "/dev/null");
	begin_of(TRC_PIDFD_GETFD, 100, 7);
	event_set("fd", 5);
	event_set("pid_fd", 3);
	event_set("target_fd", 1);
	event_set_str("name", "/etc/shadow");
	take();
	CHECK_STR(name_of(5), "/etc/shadow");
	CHECK(fd_of(5)->cloexec);
	begin_of(TRC_PIDFD_GETFD, 100, 7);
	event_set("fd", 6);
	event_set_sock("tuple", &sock, "", 0);
	take();
	CHECK_EQ(fd_of(6)->sock.rport, 80);
	CHECK(!fd_of(6)->role_known);
	begin_of(TRC_PIDFD_GETFD, 100, 7);
	event_set("fd", 6);
	take();
	CHECK(!fd_of(6));
}

static void take_new(enum trc_type type, int64_t fd, const char *arg, int64_t v)
{
	begin_of(type, 100, 7);
	record_num(&event_rec, 0, (uint64_t)fd);
	if (arg)
		event_set(arg, v);
	take();
}

static void other_kinds_are_made(void)
{
	tables_open(4, 1, 16);
	take_new(TRC_USERFAULTFD, 3, "flags", 0);
	take_new(TRC_USERFAULTFD, 4, "flags", CLOEXEC);
	take_new(TRC_IO_URING_SETUP, 5, NULL, 0);
	take_new(TRC_PIDFD_OPEN, 6, "flags", 0);
	take_new(TRC_BPF, 7, "cmd", 5);
	take_new(TRC_FSOPEN, 8, "flags", 0);
	take_new(TRC_FSOPEN, 9, "flags", 1);
	CHECK(fd_of(3)->kind == FD_USERFAULT && fd_of(4)->kind == FD_USERFAULT);
	CHECK_EQ(fd_of(5)->kind, FD_IO_URING);
	CHECK_EQ(fd_of(6)->kind, FD_PIDFD);
	CHECK_EQ(fd_of(7)->kind, FD_BPF);
	CHECK_EQ(fd_of(8)->kind, FD_UNKNOWN);
	take_exec();
	CHECK_EQ(state->fds.used, 2);
	CHECK(fd_of(3) && fd_of(8));
	/* A command that makes none changes none. */
	take_new(TRC_BPF, 3, "cmd", 2);
	CHECK_EQ(fd_of(3)->kind, FD_USERFAULT);
	/* Of what is made here nothing is kept, nor of what was there. */
	take_new(TRC_OPEN_TREE, 3, NULL, 0);
	CHECK(!fd_of(3));
	begin_of(TRC_OPEN_BY_HANDLE_AT, 100, 7);
	event_set("fd", 4);
	event_set("flags", 0);
	event_set_str("path", "/etc/shadow");
	take();
	CHECK_STR(name_of(4), "/etc/shadow");
}

static void state_fd_info(int fd, const char *name, int64_t flags)
{
	begin_of(TRC_FDINFO, 100, 7);
	event_set("fd", fd);
	event_set_str("name", name);
	event_set("flags", flags);
	take();
}

static void a_snapshot_tells_flags_and_ends(void)
{
	struct trc_sock sock = web();

	tables_open(4, 1, 16);
	begin_of(TRC_PROCINFO, 100, 7);
	take();
	state_fd_info(3, "/etc/passwd", 0);
	state_fd_info(4, "/etc", DIRECTORY | CLOEXEC);
	CHECK_EQ(fd_of(3)->kind, FD_FILE);
	CHECK_EQ(fd_of(4)->kind, FD_DIR);
	begin_of(TRC_FDINFO, 100, 7);
	event_set("fd", 5);
	event_set_str("name", "socket:[17]");
	event_set("flags", 0);
	event_set_sock("tuple", &sock, "", 0);
	take();
	CHECK_EQ(fd_of(5)->kind, FD_IPV4);
	CHECK(fd_of(5)->connected && !fd_of(5)->role_known);
	CHECK_STR(name_of(5), "");
	take_exec();
	CHECK(fd_of(3) && !fd_of(4) && fd_of(5));
}

const struct unit_test tests_fdmake[] = {
	TEST(pairs_are_made),
	TEST(pairs_are_not_believed),
	TEST(fcntl_duplicates),
	TEST(ranges_are_closed),
	TEST(a_range_of_ones_own_is_closed_for_one),
	TEST(descriptors_of_other_processes),
	TEST(other_kinds_are_made),
	TEST(a_snapshot_tells_flags_and_ends),
	{0},
};
