/* SPDX-License-Identifier: BSD-2-Clause */
/* Records built in user space: slots, masks, and what happens when they are full. */
#include "../../driver/record.h"
#include "records.h"

static struct record rec;

static void record_begins_with_all_absent(void)
{
	record_begin(&rec, TRC_USERINFO, 7, 8);
	CHECK_EQ(rec.hdr.absent, 3);
	CHECK_EQ(rec.hdr.len, sizeof(struct trc_hdr) + 2 * 8);
	CHECK_EQ(rec.hdr.pid, 7);
	CHECK_EQ(rec.hdr.tid, 8);
	CHECK_EQ(rec.hdr.nr, ~0u);
	CHECK(rec.hdr.ts > 0);
}

static void record_brings_numbers_to_their_form(void)
{
	record_begin(&rec, TRC_CHDIR, 1, 1);
	record_num(&rec, 0, (uint64_t)-2);
	CHECK_EQ((int64_t)rec_num(&rec.hdr, "res"), -2);
	record_begin(&rec, TRC_SETUID, 1, 1);
	record_num(&rec, 1, (uint64_t)-1);
	CHECK_EQ(rec_num(&rec.hdr, "uid"), UINT32_MAX);
	CHECK_EQ(rec.hdr.absent & 3, 1);
}

static void record_keeps_strings_aligned(void)
{
	memset(&rec, 0xff, 256);
	record_begin(&rec, TRC_RENAME, 1, 1);
	record_str(&rec, 1, "one");
	record_bytes(&rec, 2, "", 0);
	CHECK_STR(rec_str(&rec.hdr, "oldpath"), "one");
	CHECK_STR(rec_str(&rec.hdr, "newpath"), "");
	CHECK_EQ(rec.hdr.len % 8, 0);
	CHECK(!memcmp((char *)&rec + rec.hdr.len - 8, "one\0\0\0\0", 8));
	CHECK_EQ(rec.hdr.absent, 1);
}

static void record_cuts_what_is_too_long(void)
{
	static char text[TRC_STR_MAX + 1];

	memset(text, 'x', TRC_STR_MAX);
	record_begin(&rec, TRC_USERINFO, 1, 1);
	record_bytes(&rec, 1, text, TRC_STR_MAX);
	CHECK_EQ(rec.hdr.cut, 0);
	record_begin(&rec, TRC_USERINFO, 1, 1);
	record_bytes(&rec, 1, text, sizeof(text));
	CHECK_EQ(rec_str(&rec.hdr, "name").n, TRC_STR_MAX);
	CHECK_EQ(rec.hdr.cut, 2);
}

static void record_never_outgrows_its_room(void)
{
	static char text[TRC_STR_MAX];

	record_begin(&rec, TRC_PROCINFO, 1, 1);
	for (int i = 0; i < 10; i++)
		record_bytes(&rec, 0, text, sizeof(text));
	CHECK_EQ(rec.hdr.len, TRC_RECORD_MAX);
	CHECK_EQ(rec_str(&rec.hdr, "exepath").n, 0);
	CHECK_EQ(rec.hdr.cut, 1);
}

static void record_leaves_no_string_absent(void)
{
	record_begin(&rec, TRC_USERINFO, 1, 1);
	record_str(&rec, 1, NULL);
	CHECK_EQ(rec.hdr.absent, 3);
}

const struct unit_test tests_record[] = {
	TEST(record_begins_with_all_absent),
	TEST(record_brings_numbers_to_their_form),
	TEST(record_keeps_strings_aligned),
	TEST(record_cuts_what_is_too_long),
	TEST(record_never_outgrows_its_room),
	TEST(record_leaves_no_string_absent),
	{0},
};
