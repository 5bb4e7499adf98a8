/* SPDX-License-Identifier: BSD-2-Clause */
/* Outlets by themselves: what fits no socket, peers that are gone, and dialling for nothing. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../core/outlet.h"
#include "unit.h"

static struct str take(int fd)
{
	static char buf[SPOOL_MESSAGE_MAX];
	ssize_t n = read(fd, buf, sizeof(buf));

	CHECK(n >= 0);
	return (struct str){buf, (uint32_t)n};
}

/* An outlet to a pair of sockets of the test's own. */
static struct outlet outlet;
static uint64_t outlet_sent, outlet_spooled, outlet_dropped;
static int pair_type, pair_end, dials;

static int dial_pair(struct outlet *o)
{
	int ends[2], least = 1;

	dials++;
	o->stream = pair_type == SOCK_STREAM;
	CHECK(!socketpair(AF_UNIX, pair_type | SOCK_NONBLOCK, 0, ends));
	CHECK(!setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)));
	pair_end = ends[1];
	return ends[0];
}

static void start_pair(int type)
{
	struct arena a;

	pair_type = type;
	outlet = (struct outlet){.name = "test",
				 .peer = "pair",
				 .patience = 60,
				 .counts = {&outlet_sent, &outlet_spooled, &outlet_dropped},
				 .dial = dial_pair};
	CHECK(!arena_map(&a, 65536) && !outlet_open(&outlet, &a, 32768));
}

/* What no socket would ever take must not stand in the way of what comes behind it. */
static void outlet_drops_what_never_fits(void)
{
	static char big[SPOOL_MESSAGE_MAX];

	start_pair(SOCK_DGRAM);
	outlet_write(&outlet, big, sizeof(big));
	outlet_write(&outlet, "next", 4);
	CHECK_STR(take(pair_end), "next");
	CHECK_EQ(outlet_dropped, 1);
	outlet_write(&outlet, big, 0);
	CHECK_EQ(outlet_dropped, 2);
}

static void outlet_takes_no_signal(void)
{
	start_pair(SOCK_STREAM);
	CHECK(!shutdown(pair_end, SHUT_RD));
	outlet_write(&outlet, "lost", 4);
	CHECK_EQ(outlet.spool.count, 1);
}

static void outlet_does_not_dial_for_nothing(void)
{
	start_pair(SOCK_STREAM);
	close(pair_end);
	outlet.dialled = 0; /* long ago */
	outlet_step(&outlet);
	CHECK_EQ(outlet.fd, -1);
	CHECK_EQ(outlet_timeout(&outlet), -1);
	CHECK_EQ(dials, 1);
	outlet_write(&outlet, "now", 3);
	CHECK_STR(take(pair_end), "now");
	CHECK_EQ(dials, 2);
}

static int dial_error;

static int dial_fails(struct outlet *o)
{
	(void)o;
	return dial_error;
}

/* Tries once more, and holds what is said of it to that; "": nothing. */
static void fails_with(int error, const char *said)
{
	char buf[256];
	int ends[2], err = dup(STDERR_FILENO);
	ssize_t n;

	CHECK(!pipe2(ends, O_NONBLOCK) && dup2(ends[1], STDERR_FILENO) >= 0);
	dial_error = error;
	outlet.retry = 0;
	outlet_step(&outlet);
	n = read(ends[0], buf, sizeof(buf));
	dup2(err, STDERR_FILENO);
	CHECK_STR(((struct str){buf, n > 0 ? (uint32_t)n : 0}), said);
}

/* Each once: that an address is not known yet, and why there is no way to one that is. */
static void outlet_says_what_it_waits_for(void)
{
	start_pair(SOCK_STREAM);
	close(pair_end);
	outlet.dial = dial_fails;
	outlet.dialled = 0;
	outlet_step(&outlet);
	dial_error = -EINPROGRESS;
	outlet_write(&outlet, "x", 1);
	outlet.wait = 0;
	fails_with(-EINPROGRESS, "tiercel: test: pair: its address is being looked up; alerts are "
				 "kept until it takes them\n");
	fails_with(-EINPROGRESS, "");
	fails_with(
		-ECONNREFUSED,
		"tiercel: test: pair: Connection refused; alerts are kept until it takes them\n");
	fails_with(-ETIMEDOUT, "");
}

/* A daemon that accepts nobody: there is no descriptor to poll, so it must be the clock. */
static void outlet_waits_where_there_is_no_room(void)
{
	start_pair(SOCK_STREAM);
	close(pair_end);
	outlet.dial = dial_fails;
	outlet.dialled = 0;
	dial_error = -EAGAIN;
	outlet_step(&outlet);
	outlet_write(&outlet, "x", 1);
	outlet_step(&outlet);
	CHECK(outlet_timeout(&outlet) > 0);
}

const struct unit_test tests_outlet[] = {
	TEST(outlet_drops_what_never_fits),	   TEST(outlet_takes_no_signal),
	TEST(outlet_does_not_dial_for_nothing),	   TEST(outlet_says_what_it_waits_for),
	TEST(outlet_waits_where_there_is_no_room), {0},
};
