/* SPDX-License-Identifier: BSD-2-Clause */
/* What the driver bpf says of io_uring, by what its hooks have seen of the sensor's own ring. */
#include <errno.h>
#include <string.h>

#include "../../driver/bpf_ring.h"
#include "unit.h"

#define ALL ((1u << RING_HOOKS) - 1)
#define BIT(id) (1u << RING_##id)

static char text[512];

static const char *told(struct bpf_ring_view view)
{
	text[0] = '\0';
	bpf_ring_tell(&view, text, sizeof(text));
	return text;
}

static const char *blind(struct bpf_ring_view view)
{
	text[0] = '\0';
	bpf_ring_blind(&view, text, sizeof(text));
	return text;
}

static void what_is_seen_is_counted(void)
{
	CHECK_STR(told((struct bpf_ring_view){.able = BIT(OPEN), .seen = BIT(OPEN)}),
		  "io_uring by kprobes, 1 of 1 acts");
}

static void what_no_hook_knows_is_named(void)
{
	struct bpf_ring_view view = {.able = ALL & ~BIT(BIND)};

	view.seen = view.able & ~(BIT(CONNECT) | BIT(SENDMSG));
	CHECK_STR(told(view), "io_uring by kprobes, 11 of 13 acts, not connect, sendmsg");
	CHECK(!strncmp(blind(view), "of io_uring: connect, sendmsg, opens that fail, ", 48));
}

/* unlinkat has two rows. */
static void an_event_is_named_once(void)
{
	struct bpf_ring_view view = {.able = ALL, .seen = ALL & ~(BIT(UNLINK) | BIT(RMDIR))};

	CHECK_STR(told(view), "io_uring by kprobes, 12 of 14 acts, not unlinkat");
}

static void without_hooks_the_reason_is_told(void)
{
	CHECK_STR(told((struct bpf_ring_view){0}), "none for io_uring: no kprobes");
	CHECK_STR(told((struct bpf_ring_view){.off = true}),
		  "none for io_uring: bpf.kprobes = off");
	CHECK_STR(told((struct bpf_ring_view){.err = -EPERM}),
		  "none for io_uring: no ring can be made: Operation not permitted");
	CHECK(!strncmp(blind((struct bpf_ring_view){0}), "what is done through io_uring, ", 31));
}

/* A hook for each, and none: the texts are whole. */
static void all_of_it_has_room(void)
{
	struct bpf_ring_view view = {.able = ALL, .seen = BIT(OPEN)};

	CHECK(strlen(blind(view)) < 300);
	CHECK(strlen(told(view)) < 200);
}

const struct unit_test tests_bpf_ring[] = {
	TEST(what_is_seen_is_counted), TEST(what_no_hook_knows_is_named),
	TEST(an_event_is_named_once),  TEST(without_hooks_the_reason_is_told),
	TEST(all_of_it_has_room),      {0},
};
