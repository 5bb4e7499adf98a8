/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record: what its bytes are on every machine, and that the builder of
 * driver/record.h makes such bytes and no others.
 */
#include <stddef.h>
#include <time.h>

#include "../../driver/record.h"
#include "../../driver/table.h"
#include "unit.h"

static struct record rec;

static trc_u64 *slots(void)
{
	return rec.word + sizeof(struct trc_hdr) / 8;
}

/* Fills memory with what a builder that forgets to clear something would leave there. */
static void begin(enum trc_type type)
{
	memset(&rec, 0xa5, sizeof(rec));
	record_begin(&rec, type, 7, 8);
}

static const char *bytes_of(int slot)
{
	return (const char *)&rec + (trc_u32)slots()[slot];
}

static void layout_is_the_same_on_every_machine(void)
{
	CHECK_EQ(offsetof(struct trc_hdr, len), 0);
	CHECK_EQ(offsetof(struct trc_hdr, type), 4);
	CHECK_EQ(offsetof(struct trc_hdr, narg), 6);
	CHECK_EQ(offsetof(struct trc_hdr, flags), 7);
	CHECK_EQ(offsetof(struct trc_hdr, ts), 8);
	CHECK_EQ(offsetof(struct trc_hdr, start), 16);
	CHECK_EQ(offsetof(struct trc_hdr, pid), 24);
	CHECK_EQ(offsetof(struct trc_hdr, tid), 28);
	CHECK_EQ(offsetof(struct trc_hdr, uid), 32);
	CHECK_EQ(offsetof(struct trc_hdr, cpu), 36);
	CHECK_EQ(offsetof(struct trc_hdr, absent), 40);
	CHECK_EQ(offsetof(struct trc_hdr, given), 44);
	CHECK_EQ(offsetof(struct trc_hdr, cut), 48);
	CHECK_EQ(offsetof(struct trc_hdr, nr), 52);
	CHECK_EQ(sizeof(struct trc_hdr), 56);
	CHECK_EQ(offsetof(struct trc_sock, laddr), 8);
	CHECK_EQ(offsetof(struct trc_sock, raddr), 24);
	CHECK_EQ(sizeof(struct trc_sock), 40);
}

static void scalars_have_one_form(void)
{
	/* A 32-bit caller's -1, and what a 64-bit register may hold above an int. */
	CHECK_EQ(trc_normal(TRC_T_FD, 0xffffffffu), ~0ull);
	CHECK_EQ(trc_normal(TRC_T_FD, 0x1234567800000003ull), 3);
	CHECK_EQ(trc_normal(TRC_T_UID, ~0ull), 0xffffffffu);
	CHECK_EQ(trc_normal(TRC_T_OFLAGS, 0xdead00000042ull), 0x42);
	CHECK_EQ(trc_normal(TRC_T_HEX, 0xdead00000042ull), 0xdead00000042ull);
	CHECK_EQ(trc_normal(TRC_T_RES, (trc_u64)-2), (trc_u64)-2);
	CHECK_EQ(trc_normal(TRC_T_LOGINUID, 0xffffffffu), (trc_s64)-1);
}

static void normal_follows_the_kind_of_each_type(void)
{
	const trc_u64 in = 0x8765432187654321ull;

	for (int t = 0; t < TRC_NARGTYPE; t++) {
		trc_u64 out = trc_normal((enum trc_argtype)t, in);

		switch (argtype_kind[t]) {
		case TRC_S32:
			CHECK_EQ(out, 0xffffffff87654321ull);
			break;
		case TRC_U32:
			CHECK_EQ(out, 0x87654321ull);
			break;
		default:
			CHECK_EQ(out, in);
		}
	}
	CHECK_EQ(trc_normal(TRC_NARGTYPE, in), in);
}

static void begin_makes_an_empty_record(void)
{
	trc_u64 before = record_now();

	begin(TRC_OPEN);
	CHECK_EQ(rec.hdr.type, TRC_OPEN);
	CHECK_EQ(rec.hdr.narg, event_table[TRC_OPEN].nargs);
	CHECK_EQ(rec.hdr.len, sizeof(struct trc_hdr) + 8 * rec.hdr.narg);
	CHECK_EQ(rec.hdr.flags, 0);
	CHECK_EQ(rec.hdr.pid, 7);
	CHECK_EQ(rec.hdr.tid, 8);
	CHECK_EQ(rec.hdr.start, 0);
	CHECK_EQ(rec.hdr.cpu, 0);
	CHECK_EQ(rec.hdr.nr, 0xffffffffu);
	CHECK_EQ(rec.hdr.absent, (1u << rec.hdr.narg) - 1);
	CHECK_EQ(rec.hdr.given | rec.hdr.cut, 0);
	CHECK(rec.hdr.ts >= before && rec.hdr.ts <= record_now());
	for (int i = 0; i < rec.hdr.narg; i++)
		CHECK_EQ(slots()[i], 0);
}

static void now_is_the_time_since_boot(void)
{
	struct timespec ts;
	trc_u64 now = record_now();

	clock_gettime(CLOCK_BOOTTIME, &ts);
	CHECK((trc_u64)ts.tv_sec - now / 1000000000u <= 1);
}

static void numbers_take_the_form_of_their_type(void)
{
	begin(TRC_OPEN);
	record_num(&rec, event_arg_slot(TRC_OPEN, "fd"), 0xfffffffeu);
	CHECK_EQ(slots()[0], (trc_s64)-2);
	CHECK_EQ(rec.hdr.absent & 1, 0);
	CHECK_EQ(rec.hdr.absent, ((1u << rec.hdr.narg) - 1) & ~1u);
}

static void strings_follow_the_slots_without_nul(void)
{
	int name = event_arg_slot(TRC_OPEN, "name"), raw = event_arg_slot(TRC_OPEN, "nameraw");
	trc_u32 slots_end;

	begin(TRC_OPEN);
	slots_end = rec.hdr.len;
	record_str(&rec, name, "/etc/passwd");
	CHECK_EQ(slots()[name], TRC_SLOT(11, slots_end));
	CHECK(!memcmp(bytes_of(name), "/etc/passwd\0\0\0\0\0", 16));
	CHECK_EQ(rec.hdr.len, slots_end + 16);
	record_str(&rec, raw, "12345678");
	CHECK_EQ(slots()[raw], TRC_SLOT(8, slots_end + 16));
	CHECK_EQ(rec.hdr.len, slots_end + 24);
	CHECK_EQ(rec.hdr.cut, 0);
	CHECK_EQ(rec.hdr.absent & (1u << name | 1u << raw), 0);
}

static void an_empty_string_is_there_and_null_is_not(void)
{
	int name = event_arg_slot(TRC_OPEN, "name"), raw = event_arg_slot(TRC_OPEN, "nameraw");

	begin(TRC_OPEN);
	record_str(&rec, name, "");
	record_str(&rec, raw, NULL);
	CHECK_EQ(slots()[name] >> 32, 0);
	CHECK(!(rec.hdr.absent & 1u << name));
	CHECK(rec.hdr.absent & 1u << raw);
	CHECK_EQ(slots()[raw], 0);
}

static void a_long_string_keeps_its_start(void)
{
	static char text[TRC_STR_MAX + 100];

	memset(text, 'x', sizeof(text));
	begin(TRC_OPEN);
	record_bytes(&rec, 1, text, TRC_STR_MAX);
	CHECK_EQ(rec.hdr.cut, 0);
	begin(TRC_OPEN);
	record_bytes(&rec, 1, text, sizeof(text));
	CHECK_EQ(slots()[1] >> 32, TRC_STR_MAX);
	CHECK_EQ(rec.hdr.cut, 1u << 1);
	CHECK_EQ(bytes_of(1)[TRC_STR_MAX - 1], 'x');
}

static void a_full_record_stays_inside_its_bounds(void)
{
	static char text[TRC_STR_MAX];
	static struct {
		struct record rec;
		trc_u64 guard;
	} room;

	room.guard = 0x5a5a5a5a5a5a5a5aull;
	record_begin(&room.rec, TRC_EXECVE, 1, 1);
	for (int i = 0; i < 20; i++)
		record_bytes(&room.rec, 2, text, sizeof(text));
	CHECK_EQ(room.rec.hdr.len, TRC_RECORD_MAX);
	CHECK_EQ(room.rec.hdr.len % 8, 0);
	CHECK_EQ(room.rec.hdr.cut, 1u << 2);
	CHECK_EQ(room.guard, 0x5a5a5a5a5a5a5a5aull);
}

const struct unit_test tests_event[] = {
	TEST(layout_is_the_same_on_every_machine),
	TEST(scalars_have_one_form),
	TEST(normal_follows_the_kind_of_each_type),
	TEST(begin_makes_an_empty_record),
	TEST(now_is_the_time_since_boot),
	TEST(numbers_take_the_form_of_their_type),
	TEST(strings_follow_the_slots_without_nul),
	TEST(an_empty_string_is_there_and_null_is_not),
	TEST(a_long_string_keeps_its_start),
	TEST(a_full_record_stays_inside_its_bounds),
	{0},
};
