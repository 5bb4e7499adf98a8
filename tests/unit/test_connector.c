/* SPDX-License-Identifier: BSD-2-Clause */
/* The process connector: messages, in the kernel's bytes. */
#include <string.h>

#include "../../driver/connector.h"
#include "unit.h"

/* A head of netlink, the connector's, then what happened. */
static const unsigned char exit_of_7[] = {76, 0, 0, 0,	  3,  0, 0, 0, 0, 0,	0,    0,
					  0,  0, 0, 0, /* nlmsghdr */
					  1,  0, 0, 0,	  1,  0, 0, 0, 5, 0,	0,    0,
					  0,  0, 0, 0,	  40, 0, 0, 0, /* cn_msg: sequence 5 */
					  0,  0, 0, 0x80, 1,  0, 0, 0, 0, 0xca, 0x9a, 0x3b,
					  0,  0, 0, 0, /* exit, CPU 1, at 1 s */
					  8,  0, 0, 0,	  7,  0, 0, 0, 0, 3,	0,    0,
					  17, 0, 0, 0,	  1,  0, 0, 0, 1, 0,	0,    0};

static struct connector_event ev;
static trc_u32 cpu, seq;

static int parse(const unsigned char *msg, size_t n)
{
	return connector_parse(msg, n, 500, &ev, &cpu, &seq);
}

static void an_end_is_read(void)
{
	CHECK(parse(exit_of_7, sizeof(exit_of_7)) == 1);
	CHECK(ev.what == CONNECTOR_EXIT && ev.pid == 7 && ev.tid == 8 && ev.value == 768);
	CHECK(ev.ts == 1000000500 && cpu == 1 && seq == 5);
}

static void what_is_no_event_is_refused(void)
{
	unsigned char msg[sizeof(exit_of_7)];

	for (size_t n = 0; n < 52; n++)
		CHECK(parse(exit_of_7, n) == -1);
	memcpy(msg, exit_of_7, sizeof(msg));
	msg[39] = 0; /* an answer to somebody: no event, but numbered */
	CHECK(parse(msg, sizeof(msg)) == 0 && seq == 5);
	msg[39] = 0x40; /* a core dump */
	CHECK(parse(msg, sizeof(msg)) == 0 && seq == 5);
	msg[16] = 2; /* another connector */
	CHECK(parse(msg, sizeof(msg)) == -1);
}

static void a_fork_names_the_child(void)
{
	unsigned char msg[sizeof(exit_of_7)];

	memcpy(msg, exit_of_7, sizeof(msg));
	msg[39] = 0;
	msg[36] = 1;
	msg[60] = 9;
	msg[61] = 0;
	msg[64] = 9;
	CHECK(parse(msg, sizeof(msg)) == 1);
	CHECK(ev.what == CONNECTOR_FORK && ev.pid == 7 && ev.other == 9 && ev.value == 9);
}

const struct unit_test tests_connector[] = {
	TEST(an_end_is_read),
	TEST(what_is_no_event_is_refused),
	TEST(a_fork_names_the_child),
	{0},
};
