/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of descriptors: what each call makes of them, and what a full table still knows. */
#include "fds.h"

static void opened_files_have_names(void)
{
	tables_open(4, 1, 16);
	take_open(3, 0, "/etc/passwd");
	CHECK_STR(name_of(3), "/etc/passwd");
	CHECK_EQ(fd_of(3)->kind, FD_FILE);
	CHECK(!fd_of(3)->cloexec);
	take_open(4, DIRECTORY | CLOEXEC, "/etc");
	CHECK_EQ(fd_of(4)->kind, FD_DIR);
	CHECK(fd_of(4)->cloexec);
	take_open(-2, 0, "/nowhere");
	CHECK(!fd_of(-2) && !fd_of(-1) && !fd_of(0));
	/* The number was given again, and what it is now is not told. */
	take_open(3, 0, NULL);
	CHECK_STR(name_of(3), "");
	CHECK_EQ(fd_of(3)->kind, FD_UNKNOWN);
	begin_of(TRC_CREAT, 100, 7);
	event_set("fd", 5);
	event_set_str("name", "/new");
	take();
	CHECK_STR(name_of(5), "/new");
	tables_check();
}

static void names_that_do_not_fit_are_not_known(void)
{
	char name[FD_NAME_MAX + 2] = "/";

	tables_open(4, 1, 16);
	memset(name + 1, 'n', FD_NAME_MAX);
	take_open(3, 0, name);
	CHECK_EQ(fd_of(3)->name_len, 0);
	CHECK_EQ(fd_of(3)->kind, FD_FILE);
	CHECK_EQ(stats.fd_long, 1);
	name[FD_NAME_MAX] = 0;
	take_open(3, 0, name);
	CHECK_STR(name_of(3), name);
	tables_check();
}

static uint8_t kind_of(const char *name)
{
	begin_of(TRC_PROCINFO, 100, 7);
	take();
	begin_of(TRC_FDINFO, 100, 7);
	event_set("fd", 0);
	record_str(&event_rec, event_slot("name"), name);
	take();
	CHECK(fd_of(0));
	return fd_of(0)->kind;
}

static void kinds_are_told_by_links(void)
{
	tables_open(4, 1, 16);
	CHECK_EQ(kind_of("/dev/null"), FD_FILE);
	CHECK_EQ(kind_of("pipe:[17]"), FD_PIPE);
	CHECK_STR(name_of(0), "pipe:[17]");
	CHECK_EQ(kind_of("socket:[17]"), FD_SOCKET);
	CHECK_STR(name_of(0), "");
	CHECK_EQ(kind_of("anon_inode:[eventfd]"), FD_EVENT);
	CHECK_EQ(kind_of("anon_inode:[eventpoll]"), FD_EPOLL);
	CHECK_EQ(kind_of("anon_inode:inotify"), FD_INOTIFY);
	CHECK_EQ(kind_of("anon_inode:[signalfd]"), FD_SIGNAL);
	CHECK_EQ(kind_of("anon_inode:[timerfd]"), FD_TIMER);
	CHECK_EQ(kind_of("anon_inode:[io_uring]"), FD_IO_URING);
	CHECK_EQ(kind_of("anon_inode:[userfaultfd]"), FD_USERFAULT);
	CHECK_EQ(kind_of("anon_inode:[pidfd]"), FD_PIDFD);
	CHECK_EQ(kind_of("pidfd:[17]"), FD_PIDFD);
	CHECK_EQ(kind_of("anon_inode:[perf_event]"), FD_UNKNOWN);
	CHECK_EQ(kind_of("/memfd:x (deleted)"), FD_MEMFD);
	CHECK_EQ(kind_of("anon_inode:bpf-prog"), FD_BPF);
	CHECK_EQ(kind_of(""), FD_UNKNOWN);
	CHECK_EQ(kind_of(NULL), FD_UNKNOWN);
}

static void descriptors_of_others_are_not_taken(void)
{
	tables_open(4, 1, 16);
	begin_of(TRC_FDINFO, 100, 7);
	event_set("fd", 0);
	event_set_str("name", "/dev/null");
	take();
	CHECK(!state_pid(state, 100));
	begin_of(TRC_PROCINFO, 100, 8);
	take();
	begin_of(TRC_FDINFO, 100, 7);
	event_set("fd", 0);
	event_set_str("name", "/dev/null");
	take();
	CHECK(!fd_of(0));
	begin_of(TRC_FDINFO, 100, 8);
	event_set_str("name", "/dev/null");
	take();
	CHECK(!fd_of(0));
	CHECK_EQ(state->fds.used, 0);
}

static void close_forgets_after_rules_looked(void)
{
	const struct event *ev;

	tables_open(4, 1, 16);
	take_open(3, 0, "/etc/passwd");
	begin_of(TRC_CLOSE, 100, 7);
	event_set("res", 0);
	event_set("fd", 3);
	ev = event_done();
	state_before(state, ev);
	CHECK_STR(name_of(3), "/etc/passwd");
	state_after(state, ev);
	CHECK(!fd_of(3));
	take_close(-9, 3);
	take_close(-9, -1);
	take_close(-9, 1 << 30);
	/* Closed, whatever the last write said (close(2)). */
	take_open(3, 0, "/mnt/full");
	take_close(-5, 3);
	CHECK(!fd_of(3));
	tables_check();
}

static void what_lacks_a_descriptor_changes_none(void)
{
	struct trc_sock sock = web();

	tables_open(4, 1, 16);
	take_open(0, 0, "/dev/null");
	begin_of(TRC_CLOSE, 100, 7);
	event_set("res", 0);
	take();
	begin_of(TRC_CONNECT, 100, 7);
	event_set("res", 0);
	event_set_sock("tuple", &sock, "", 0);
	take();
	begin_of(TRC_OPENAT, 100, 7);
	event_set_str("name", "/etc/passwd");
	take();
	begin_of(TRC_SOCKET, 100, 7);
	event_set("domain", 2);
	take();
	begin_of(TRC_ACCEPT, 100, 7);
	event_set_sock("tuple", &sock, "", 0);
	take();
	begin_of(TRC_DUP2, 100, 7);
	event_set("oldfd", 5);
	take();
	/* A number that is no descriptor's, and would be 0's if it were cut. */
	begin_of(TRC_CLOSE, 100, 7);
	event_set("res", 0);
	event_set("fd", 0);
	event_rec.word[sizeof(struct trc_hdr) / 8 + (size_t)event_slot("fd")] = 1ull << 32;
	take();
	CHECK_STR(name_of(0), "/dev/null");
	CHECK_EQ(fd_of(0)->kind, FD_FILE);
	/* It is not told what 4 is now: it is not what 0 is. */
	begin_of(TRC_DUP, 100, 7);
	event_set("res", 4);
	take();
	CHECK(!fd_of(4));
	tables_check();
}

static void dup_copies(void)
{
	tables_open(4, 1, 16);
	take_open(3, CLOEXEC, "/etc/passwd");
	begin_of(TRC_DUP, 100, 7);
	event_set("res", 4);
	event_set("oldfd", 3);
	take();
	CHECK_STR(name_of(4), "/etc/passwd");
	CHECK(fd_of(3)->cloexec);
	CHECK(!fd_of(4)->cloexec);
	begin_of(TRC_DUP3, 100, 7);
	event_set("res", 5);
	event_set("oldfd", 4);
	event_set("newfd", 5);
	event_set("flags", CLOEXEC);
	take();
	CHECK(fd_of(5)->cloexec);
	take_close(0, 3);
	CHECK_STR(name_of(4), "/etc/passwd");
	CHECK_STR(name_of(5), "/etc/passwd");
	tables_check();
}

static void dup2_over_an_open_descriptor(void)
{
	struct trc_sock sock = web();

	tables_open(4, 1, 16);
	take_open(0, 0, "/dev/null");
	take_open(3, 0, "/etc/passwd");
	take_sock(TRC_CONNECT, "tuple", 0, 4, &sock, "");
	take_dup2(4, 0);
	CHECK_EQ(fd_of(0)->kind, FD_IPV4);
	CHECK(fd_of(0)->connected && fd_of(0)->has_sock);
	CHECK_EQ(fd_of(0)->sock.rport, 80);
	CHECK_EQ(fd_of(0)->name_len, 0);
	take_dup2(3, 0);
	CHECK_STR(name_of(0), "/etc/passwd");
	CHECK(!fd_of(0)->has_sock);
	CHECK_EQ(state->fds.used, 3);
	tables_check();
}

static void dup2_onto_itself_changes_nothing(void)
{
	tables_open(4, 1, 16);
	take_open(3, CLOEXEC, "/etc/passwd");
	take_dup2(3, 3);
	CHECK_STR(name_of(3), "/etc/passwd");
	CHECK(fd_of(3)->cloexec);
	take_dup2(7, 7);
	CHECK(!fd_of(7));
}

static void dup2_of_something_unknown_forgets(void)
{
	tables_open(4, 1, 16);
	take_open(0, 0, "/dev/null");
	take_dup2(9, 0);
	CHECK(!fd_of(0));
	take_open(0, 0, "/dev/null");
	begin_of(TRC_DUP2, 100, 7);
	event_set("res", -9);
	event_set("oldfd", 9);
	event_set("newfd", 0);
	take();
	CHECK_STR(name_of(0), "/dev/null");
	tables_check();
}

/* Room for the copy is made by evicting what it is a copy of. */
static void dup_in_a_full_table(void)
{
	tables_open(4, 1, 1);
	take_open(3, 0, "/etc/passwd");
	take_dup2(3, 4);
	CHECK(!fd_of(3));
	CHECK_STR(name_of(4), "/etc/passwd");
	CHECK_EQ(stats.fd_evicted, 1);
	tables_check();
}

static void exec_closes_what_is_to_be_closed(void)
{
	tables_open(4, 1, 16);
	for (int fd = 0; fd < 8; fd++)
		take_open(fd, fd % 2 ? CLOEXEC : 0, "/dev/null");
	take_exec();
	for (int fd = 0; fd < 8; fd++)
		CHECK_EQ(fd_of(fd) != NULL, fd % 2 == 0);
	tables_check();
}

/* Whether it closes is not told by /proc/PID/fd. */
static void exec_leaves_the_standard_ones_of_a_snapshot(void)
{
	tables_open(4, 1, 16);
	begin_of(TRC_PROCINFO, 100, 7);
	take();
	for (int fd = 0; fd < 8; fd++) {
		begin_of(TRC_FDINFO, 100, 7);
		event_set("fd", fd);
		event_set_str("name", "/dev/null");
		take();
	}
	CHECK_EQ(state->fds.used, 8);
	take_exec();
	CHECK_EQ(state->fds.used, 3);
	CHECK(fd_of(0) && fd_of(1) && fd_of(2));
}

static void failed_exec_closes_nothing(void)
{
	tables_open(4, 1, 16);
	take_open(3, CLOEXEC, "/dev/null");
	begin_of(TRC_EXECVE, 100, 7);
	event_set("res", -8);
	take();
	begin_of(TRC_EXECVEAT, 100, 7);
	event_set("res", -2);
	take();
	CHECK(fd_of(3));
}

static void every_maker_knows_cloexec(void)
{
	struct trc_sock sock = web();

	tables_open(4, 1, 16);
	begin_of(TRC_MEMFD_CREATE, 100, 7);
	event_set("fd", 3);
	event_set_str("name", "payload");
	event_set("flags", 1);
	take();
	CHECK_EQ(fd_of(3)->kind, FD_MEMFD);
	CHECK_STR(name_of(3), "payload");
	begin_of(TRC_SOCKET, 100, 7);
	event_set("fd", 4);
	event_set("domain", 10);
	event_set("type", 1 | CLOEXEC);
	take();
	CHECK_EQ(fd_of(4)->kind, FD_IPV6);
	begin_of(TRC_ACCEPT4, 100, 7);
	event_set("fd", 5);
	event_set("flags", CLOEXEC);
	event_set_sock("tuple", &sock, "", 0);
	take();
	CHECK_EQ(fd_of(5)->kind, FD_IPV4);
	take_exec();
	CHECK_EQ(state->fds.used, 0);
}

static void flags_that_are_not_told_may_have_been_set(void)
{
	struct trc_sock sock = web();

	tables_open(4, 1, 16);
	begin_of(TRC_OPENAT, 100, 7);
	event_set("fd", 0);
	take();
	begin_of(TRC_SOCKET, 100, 7);
	event_set("fd", 1);
	take();
	begin_of(TRC_MEMFD_CREATE, 100, 7);
	event_set("fd", 2);
	take();
	begin_of(TRC_DUP3, 100, 7);
	event_set("res", 3);
	event_set("oldfd", 2);
	take();
	take_sock(TRC_ACCEPT4, "tuple", 4, 0, &sock, "");
	take_sock(TRC_CONNECT, "tuple", 0, 5, &sock, "");
	CHECK_EQ(state->fds.used, 6);
	take_exec();
	CHECK_EQ(state->fds.used, 0);
	/* creat and accept have none. */
	begin_of(TRC_CREAT, 100, 7);
	event_set("fd", 0);
	take();
	take_sock(TRC_ACCEPT, "tuple", 1, 0, &sock, "");
	take_sock(TRC_CONNECT, "tuple", 0, 1, &sock, "");
	take_exec();
	CHECK_EQ(state->fds.used, 2);
}

static void a_connection_ends_without_a_close(void)
{
	struct trc_sock sock = web(), loose = {.family = TRC_SOCK_INET, .proto = 17};
	struct trc_sock unix_sock = {.family = TRC_SOCK_UNIX};

	tables_open(4, 1, 16);
	take_socket(3, 2);
	take_sock(TRC_CONNECT, "tuple", 0, 3, &sock, "");
	CHECK(fd_of(3)->connected);
	take_sock(TRC_CONNECT, "tuple", 0, 3, &loose, "");
	CHECK(!fd_of(3)->connected);
	/* One of Unix may get its own name when it is connected. */
	take_socket(4, 1);
	take_sock(TRC_CONNECT, "tuple", 0, 4, &unix_sock, "/run/x");
	take_sock(TRC_BIND, "addr", 0, 4, &unix_sock, "/run/x");
	CHECK(fd_of(4)->connected && !fd_of(4)->server);
}

static void sockets_get_their_ends(void)
{
	struct trc_sock sock = web();

	tables_open(4, 1, 16);
	take_socket(3, 2);
	CHECK_EQ(fd_of(3)->kind, FD_IPV4);
	CHECK(!fd_of(3)->has_sock);
	take_sock(TRC_BIND, "addr", 0, 3, &sock, "");
	CHECK(fd_of(3)->server && !fd_of(3)->connected);
	take_sock(TRC_LISTEN, "tuple", 0, 3, &sock, "");
	CHECK(fd_of(3)->server && fd_of(3)->has_sock);
	take_sock(TRC_ACCEPT, "tuple", 4, 0, &sock, "");
	CHECK(fd_of(4)->server && fd_of(4)->connected && fd_of(4)->has_sock);
	CHECK_EQ(fd_of(4)->sock.lport, 4711);
	take_socket(5, 16);
	CHECK_EQ(fd_of(5)->kind, FD_SOCKET);
	tables_check();
}

static void connects_under_way_count(void)
{
	struct trc_sock sock = web();

	tables_open(4, 1, 16);
	take_socket(3, 2);
	take_sock(TRC_CONNECT, "tuple", -111, 3, &sock, "");
	CHECK(!fd_of(3)->has_sock);
	take_sock(TRC_CONNECT, "tuple", -115, 3, &sock, "");
	CHECK(fd_of(3)->has_sock && fd_of(3)->connected && !fd_of(3)->server);
	/* The same number is no success of any other call. */
	take_sock(TRC_BIND, "addr", -115, 4, &sock, "");
	CHECK(!fd_of(4));
}

static void ends_that_are_not_told_are_not_known(void)
{
	struct trc_sock sock = web();

	tables_open(4, 1, 16);
	take_sock(TRC_CONNECT, "tuple", 0, 3, &sock, "");
	CHECK_EQ(fd_of(3)->sock.rport, 80);
	take_sock(TRC_CONNECT, "tuple", 0, 3, NULL, "");
	CHECK(!fd_of(3)->has_sock);
	/* What was there before is gone, even if it is not known what is there now. */
	take_open(4, 0, "/etc/passwd");
	take_sock(TRC_ACCEPT, "tuple", 4, 0, NULL, "");
	CHECK_EQ(fd_of(4)->kind, FD_SOCKET);
	CHECK_EQ(fd_of(4)->name_len, 0);
	CHECK(!fd_of(4)->has_sock);
	tables_check();
}

static void unix_sockets_have_names(void)
{
	struct trc_sock sock = {.family = TRC_SOCK_UNIX};

	tables_open(4, 1, 16);
	take_sock(TRC_CONNECT, "tuple", 0, 3, &sock, "/run/docker.sock");
	CHECK_EQ(fd_of(3)->kind, FD_UNIX);
	CHECK_STR(name_of(3), "/run/docker.sock");
	take_sock(TRC_CONNECT, "tuple", 0, 3, &sock, "");
	CHECK_STR(name_of(3), "");
	tables_check();
}

static void accept_replaces_what_was_there(void)
{
	struct trc_sock sock = web();

	tables_open(4, 1, 16);
	take_open(4, CLOEXEC, "/etc/passwd");
	take_sock(TRC_ACCEPT, "tuple", 4, 0, &sock, "");
	CHECK(!fd_of(4)->cloexec);
	CHECK_EQ(fd_of(4)->name_len, 0);
	CHECK_EQ(state->fds.used, 1);
}

static void fork_copies_descriptors(void)
{
	const struct proc *child;

	tables_open(4, 1, 16);
	take_open(0, 0, "/dev/null");
	take_open(3, CLOEXEC, "/etc/passwd");
	take_fork(100, 7, 101, 9);
	child = proc_of(101, 9);
	CHECK_EQ(state_fd(state, child, 3)->name_len, 11);
	CHECK(state_fd(state, child, 3)->cloexec);
	CHECK(!state_fd(state, child, 0)->cloexec);
	take_close(0, 3);
	CHECK(state_fd(state, child, 3));
	take_exit(101, 9);
	CHECK_STR(name_of(0), "/dev/null");
	CHECK_EQ(state->fds.used, 1);
	tables_check();
}

/* A server's child gets the newest 64. */
static void fork_copies_no_more_than_64(void)
{
	const struct proc *child;

	tables_open(4, 1, 256);
	for (int fd = 0; fd < 100; fd++)
		take_open(fd, 0, "/dev/null");
	take_fork(100, 7, 101, 9);
	child = proc_of(101, 9);
	CHECK_EQ(state->fds.used, 164);
	for (int fd = 0; fd < 100; fd++)
		CHECK_EQ(state_fd(state, child, fd) != NULL, fd >= 36);
	tables_check();
}

/* The copies push out what they are made from, and never more than there is room for. */
static void fork_in_a_full_table(void)
{
	for (uint32_t size = 1; size < 70; size++) {
		tables_open(4, 1, size);
		for (int fd = 0; fd < 64; fd++)
			take_open(fd, 0, "/dev/null");
		take_fork(100, 7, 101, 9);
		CHECK_EQ(state->fds.used, size);
		tables_check();
		for (int fd = 0; fd < 64; fd++) {
			const struct fdent *f = state_fd(state, proc_of(101, 9), fd);

			CHECK(!f || f->name_len == 9);
		}
	}
}

static void the_oldest_descriptor_is_evicted(void)
{
	tables_open(4, 1, 3);
	for (int fd = 0; fd < 5; fd++)
		take_open(fd, 0, "/dev/null");
	CHECK(!fd_of(0) && !fd_of(1));
	CHECK(fd_of(2) && fd_of(3) && fd_of(4));
	CHECK_EQ(stats.fd_evicted, 2);
	tables_check();
}

/* What was used stays: opening is one use, and there are others. */
static void the_least_used_descriptor_is_evicted(void)
{
	tables_open(4, 1, 3);
	for (int fd = 3; fd < 6; fd++)
		take_open(fd, 0, "/dev/null");
	begin_of(TRC_FCHMOD, 100, 7);
	event_set("res", 0);
	event_set("fd", 3);
	take();
	take_dup2(4, 6);
	CHECK(fd_of(3) && fd_of(4) && fd_of(6));
	take_open(7, 0, "/dev/null");
	CHECK(!fd_of(3) && fd_of(4) && fd_of(6) && fd_of(7));
	CHECK_EQ(stats.fd_evicted, 2);
	tables_check();
}

static void exit_forgets_descriptors(void)
{
	tables_open(4, 1, 16);
	for (int fd = 0; fd < 10; fd++)
		take_open(fd, 0, "/dev/null");
	take_exit(100, 7);
	CHECK_EQ(state->fds.used, 0);
	/* Nor has the next process of that number any. */
	take_open(3, 0, "/dev/null");
	begin_of(TRC_SETUID, 100, 8);
	take();
	CHECK(!fd_of(3));
	CHECK_EQ(state->fds.used, 0);
	tables_check();
}

static void nobody_has_no_descriptors(void)
{
	tables_open(4, 1, 16);
	take_open(3, 0, "/dev/null");
	CHECK(!state_fd(state, NULL, 3));
	CHECK(!fd_of(-1));
	CHECK(!fd_of(INT32_MAX));
}

const struct unit_test tests_fdtab[] = {
	TEST(opened_files_have_names),
	TEST(names_that_do_not_fit_are_not_known),
	TEST(kinds_are_told_by_links),
	TEST(descriptors_of_others_are_not_taken),
	TEST(close_forgets_after_rules_looked),
	TEST(what_lacks_a_descriptor_changes_none),
	TEST(dup_copies),
	TEST(dup2_over_an_open_descriptor),
	TEST(dup2_onto_itself_changes_nothing),
	TEST(dup2_of_something_unknown_forgets),
	TEST(dup_in_a_full_table),
	TEST(exec_closes_what_is_to_be_closed),
	TEST(exec_leaves_the_standard_ones_of_a_snapshot),
	TEST(failed_exec_closes_nothing),
	TEST(every_maker_knows_cloexec),
	TEST(flags_that_are_not_told_may_have_been_set),
	TEST(sockets_get_their_ends),
	TEST(a_connection_ends_without_a_close),
	TEST(connects_under_way_count),
	TEST(ends_that_are_not_told_are_not_known),
	TEST(unix_sockets_have_names),
	TEST(accept_replaces_what_was_there),
	TEST(fork_copies_descriptors),
	TEST(fork_copies_no_more_than_64),
	TEST(fork_in_a_full_table),
	TEST(the_oldest_descriptor_is_evicted),
	TEST(the_least_used_descriptor_is_evicted),
	TEST(exit_forgets_descriptors),
	TEST(nobody_has_no_descriptors),
	{0},
};
