/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking up names: what the process answers, and what of that is taken. None needs a network. */
#include "../../core/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define NOBODYS_UID 54321 /* whose processes this test counts */

static const uint8_t first[16] = {[10] = 0xff, 0xff, 192, 0, 2, 7};
static const uint8_t second[16] = {0x20, 1, 0xd, 0xb8, [15] = 9};

/* The next answer; the test ends after ten seconds. */
static struct resolved_name next(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct resolved_name got;

	CHECK_EQ(poll(&p, 1, -1), 1);
	CHECK_EQ(resolve_next(fd, &got), 1);
	return got;
}

static void names_are_answered_for_good(void)
{
	struct arena spare;
	struct resolved_name got;
	struct str name[3] = {STR("192.0.2.7"), STR("2001:db8::9"), STR("localhost")};
	int fd;

	CHECK_EQ(arena_map(&spare, 1 << 20), 0);
	for (int i = 0; i < 3; i++)
		name[i].p = arena_copy(&spare, name[i].p, name[i].n);
	CHECK_EQ(resolve_names(name, 3, &spare, &fd), 0);
	got = next(fd);
	CHECK_EQ(got.which, 0);
	CHECK_EQ(got.count, 1);
	CHECK_EQ(got.more, 0);
	CHECK(!memcmp(got.addr[0], first, 16));
	got = next(fd);
	CHECK_EQ(got.which, 1);
	CHECK(!memcmp(got.addr[0], second, 16));
	got = next(fd);
	CHECK_EQ(got.which, 2);
	CHECK(got.count);
	/* The process lives, and nothing is new. */
	CHECK_EQ(resolve_next(fd, &got), 0);
	CHECK_EQ(waitpid(-1, NULL, WNOHANG), -1); /* no child is left to wait for */
	CHECK_STR(name[2], "localhost");	  /* our memory is as it was */
}

/* It takes two: where there is room for one more, or for none, nothing is left behind. */
static void a_process_that_cannot_be_made_is_an_error(void)
{
	struct arena spare;
	struct str name = STR("192.0.2.7");
	int fd, before = dup(2);

	if (geteuid())
		return;
	close(before);
	CHECK_EQ(arena_map(&spare, 4096), 0);
	CHECK_EQ(setresuid(NOBODYS_UID, NOBODYS_UID, NOBODYS_UID), 0);
	for (rlim_t processes = 1; processes <= 2; processes++) {
		CHECK_EQ(setrlimit(RLIMIT_NPROC, &(struct rlimit){processes, 2}), 0);
		CHECK_EQ(resolve_names(&name, 1, &spare, &fd), -EAGAIN);
		CHECK_EQ(fd, -1);
	}
	CHECK_EQ(dup(2), before);
}

static void waits_grow_while_nothing_is_new(void)
{
	static const int good[] = {20, 40, 80, 160, 320, 320, 320};
	static const int bad[] = {10, 20, 40, 60, 60};
	int wait = resolve_wait(5, true, false);

	CHECK_EQ(wait, 10);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		wait = resolve_wait(wait, false, false);
		CHECK_EQ(wait, good[i]);
	}
	CHECK_EQ(resolve_wait(wait, false, true), 60);
	CHECK_EQ(resolve_wait(wait, true, false), 10);
	wait = 5;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		wait = resolve_wait(wait, false, true);
		CHECK_EQ(wait, bad[i]);
	}
}

/* Writes n bytes of an answer with so many addresses into a pipe, and reads them as one. */
static int read_back(uint32_t count, size_t n)
{
	struct resolved_name r = {.which = 1, .count = count};
	int ends[2];

	CHECK_EQ(pipe2(ends, O_NONBLOCK), 0);
	if (n)
		CHECK_EQ(write(ends[1], &r, n), n);
	return resolve_next(ends[0], &r);
}

static void answers_are_not_trusted(void)
{
	struct resolved_name r;
	int ends[2];

	CHECK_EQ(read_back(TRC_HOST_ADDRS, sizeof(r)), 1);
	CHECK_EQ(read_back(TRC_HOST_ADDRS + 1, sizeof(r)), -EPIPE);
	CHECK_EQ(read_back(UINT32_MAX, sizeof(r)), -EPIPE);
	CHECK_EQ(read_back(1, sizeof(r) - 1), -EPIPE);
	CHECK_EQ(read_back(1, 0), 0);
	CHECK_EQ(pipe2(ends, O_NONBLOCK), 0);
	close(ends[1]);
	CHECK_EQ(resolve_next(ends[0], &r), -EPIPE);
}

/* Who waits for an address must know when nobody looks for it any more. */
static void a_server_is_found_or_nobody_looks(void)
{
	struct resolved found[RESOLVED_MAX] = {0};
	struct pollfd p = {.events = POLLIN};
	int ends[2];

	CHECK_EQ(resolve_start("localhost", 514, found, &p.fd), 0);
	CHECK_EQ(poll(&p, 1, -1), 1);
	CHECK(resolve_read(p.fd, found) >= 1 && found[0].size);
	CHECK_EQ(pipe2(ends, O_NONBLOCK), 0);
	CHECK_EQ(resolve_read(ends[0], found), 0);
	close(ends[1]);
	CHECK_EQ(resolve_read(ends[0], found), -EPIPE);
}

const struct unit_test tests_resolve[] = {
	TEST(names_are_answered_for_good),	 TEST(a_process_that_cannot_be_made_is_an_error),
	TEST(waits_grow_while_nothing_is_new),	 TEST(answers_are_not_trusted),
	TEST(a_server_is_found_or_nobody_looks), {0},
};
