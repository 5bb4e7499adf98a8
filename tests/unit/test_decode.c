/* SPDX-License-Identifier: BSD-2-Clause */
/* The one check of every record: what it refuses, and what its readers say of what it took. */
#include <stdlib.h>

#include "events.h"

static struct event ev;

/* Decodes n bytes of the record from memory that ends where they do. */
static enum decode_error decode_copy(size_t n)
{
	static void *copy;
	enum decode_error why;

	free(copy);
	copy = malloc(n ? n : 1);
	memcpy(copy, &event_rec, n);
	why = decode(copy, n, &ev);
	return why;
}

static enum decode_error decode_rec(void)
{
	return decode_copy(event_rec.hdr.len);
}

static void set_slot(int slot, uint64_t v)
{
	event_rec.word[sizeof(struct trc_hdr) / 8 + (size_t)slot] = v;
	event_rec.hdr.absent &= ~(1u << slot);
}

static void rows_without_arguments_are_good(void)
{
	for (int type = TRC_NONE + 1; type < TRC_NTYPES; type++) {
		event_begin((enum trc_type)type);
		CHECK_EQ(decode_rec(), DECODE_OK);
		for (int n = -1; n < 40; n++) {
			struct str name = {NULL, 0};

			CHECK(!event_has(&ev, n));
			CHECK_EQ(event_num(&ev, n), 0);
			CHECK_EQ(event_str(&ev, n).n, 0);
			CHECK(event_str(&ev, n).p);
			CHECK(!event_sock(&ev, n, &name));
		}
	}
}

static void no_prefix_of_a_record_is_good(void)
{
	event_begin(TRC_OPENAT);
	event_set("fd", 3);
	event_set_str("name", "/etc/passwd");
	for (size_t n = 0; n < event_rec.hdr.len; n++)
		CHECK_EQ(decode_copy(n), DECODE_SHORT);
	CHECK_EQ(decode_rec(), DECODE_OK);
}

static void own_length_is_checked(void)
{
	event_begin(TRC_CLOSE);
	for (trc_u32 n = 0; n < sizeof(struct trc_hdr) + 16; n++) {
		event_rec.hdr.len = n;
		CHECK_EQ(decode(&event_rec, sizeof(event_rec), &ev), DECODE_SHORT);
	}
	event_rec.hdr.len = TRC_RECORD_MAX;
	CHECK_EQ(decode(&event_rec, sizeof(event_rec), &ev), DECODE_OK);
	event_rec.hdr.len = TRC_RECORD_MAX + 8;
	CHECK_EQ(decode(&event_rec, SIZE_MAX, &ev), DECODE_SHORT);
	event_rec.hdr.len = ~0u;
	CHECK_EQ(decode(&event_rec, SIZE_MAX, &ev), DECODE_SHORT);
}

static void types_are_checked(void)
{
	event_begin(TRC_CLOSE);
	event_rec.hdr.type = TRC_NONE;
	CHECK_EQ(decode_rec(), DECODE_TYPE);
	event_rec.hdr.type = TRC_NTYPES;
	CHECK_EQ(decode_rec(), DECODE_TYPE);
	event_rec.hdr.type = 0xffff;
	CHECK_EQ(decode_rec(), DECODE_TYPE);
	event_rec.hdr.type = TRC_NTYPES - 1;
	event_rec.hdr.narg = 0;
	CHECK_EQ(decode_rec(), DECODE_OK);
}

static void counts_of_arguments_are_checked(void)
{
	event_begin(TRC_CLOSE);
	event_rec.hdr.narg = 3;
	CHECK_EQ(decode_rec(), DECODE_SHORT);
	event_rec.hdr.len = sizeof(struct trc_hdr) + 8 * 33;
	event_rec.hdr.narg = 33;
	CHECK_EQ(decode_rec(), DECODE_NARG);
	event_rec.hdr.narg = 255;
	CHECK_EQ(decode_rec(), DECODE_NARG);
	event_rec.hdr.narg = 32;
	CHECK_EQ(decode_rec(), DECODE_OK);
}

static enum decode_error decode_string(uint64_t len, uint64_t off)
{
	event_begin(TRC_CHDIR);
	event_set("res", 0);
	event_set_str("path", "/home/pi");
	set_slot(event_slot("path"), len << 32 | off);
	return decode_rec();
}

/* chdir's tail is the 8 bytes from 72 to 80. */
static void strings_lie_in_the_tail(void)
{
	CHECK_EQ(decode_string(8, 72), DECODE_OK);
	CHECK_STR(event_str(&ev, 1), "/home/pi");
	CHECK_EQ(decode_string(0, 80), DECODE_OK);
	CHECK_STR(event_str(&ev, 1), "");
	CHECK_EQ(decode_string(1, 79), DECODE_OK);
	CHECK_EQ(decode_string(9, 72), DECODE_OFFSET);
	CHECK_EQ(decode_string(8, 73), DECODE_OFFSET);
	CHECK_EQ(decode_string(1, 80), DECODE_OFFSET);
	CHECK_EQ(decode_string(0, 81), DECODE_OFFSET);
	CHECK_EQ(decode_string(8, 71), DECODE_OFFSET);
	CHECK_EQ(decode_string(8, 0), DECODE_OFFSET);
	CHECK_EQ(decode_string(0, 0), DECODE_OFFSET);
	/* Sums that 32 bits would take for small ones. */
	CHECK_EQ(decode_string(0xffffffff, 72), DECODE_OFFSET);
	CHECK_EQ(decode_string(0xffffffff, 0xffffffff), DECODE_OFFSET);
	CHECK_EQ(decode_string(100, 0xffffffff), DECODE_OFFSET);
	CHECK_EQ(decode_string(16, 0xfffffff8), DECODE_OFFSET);
}

static void strings_are_not_too_long(void)
{
	static const char big[TRC_STR_MAX + 8];

	event_begin(TRC_CHDIR);
	record_bytes(&event_rec, 1, big, TRC_STR_MAX);
	CHECK_EQ(decode_rec(), DECODE_OK);
	event_rec.hdr.len += 8;
	set_slot(1, TRC_SLOT(TRC_STR_MAX + 1, 72));
	CHECK_EQ(decode_rec(), DECODE_OFFSET);
}

static void absent_strings_are_not_looked_at(void)
{
	event_begin(TRC_CHDIR);
	set_slot(1, ~0ull);
	CHECK_EQ(decode_rec(), DECODE_OFFSET);
	event_rec.hdr.absent = 2;
	CHECK_EQ(decode_rec(), DECODE_OK);
	CHECK_EQ(event_str(&ev, 1).n, 0);
	CHECK_EQ(event_num(&ev, 1), 0);
}

static void older_records_lack_arguments(void)
{
	event_begin(TRC_OPENAT);
	event_set("fd", 3);
	set_slot(1, 4);
	event_rec.hdr.narg = 1;
	event_rec.hdr.len = sizeof(struct trc_hdr) + 8;
	CHECK_EQ(decode_rec(), DECODE_OK);
	CHECK(event_has(&ev, 0));
	CHECK_EQ(event_num(&ev, 0), 3);
	for (int n = 1; n < 32; n++)
		CHECK(!event_has(&ev, n));
	CHECK_EQ(event_num(&ev, 1), 0);
}

static void newer_records_surplus_is_ignored(void)
{
	event_begin(TRC_FORK);
	event_set("res", 17);
	event_rec.hdr.narg = 32;
	event_rec.hdr.len = sizeof(struct trc_hdr) + 8 * 32;
	event_rec.hdr.absent = 0;
	for (int n = 1; n < 32; n++)
		event_rec.word[sizeof(struct trc_hdr) / 8 + (size_t)n] = ~0ull;
	CHECK_EQ(decode_rec(), DECODE_OK);
	CHECK_EQ(event_num(&ev, 0), 17);
	for (int n = 1; n < 40; n++)
		CHECK(!event_has(&ev, n));
	CHECK_EQ(event_str(&ev, 5).n, 0);
}

static void readers_keep_to_the_type(void)
{
	event_begin(TRC_CHDIR);
	event_set("res", -2);
	event_set_str("path", "/x");
	CHECK_EQ(decode_rec(), DECODE_OK);
	CHECK_EQ(event_num(&ev, 0), -2);
	CHECK_EQ(event_str(&ev, 0).n, 0);
	CHECK_EQ(event_str(&ev, -1).n, 0);
	CHECK_STR(event_str(&ev, 1), "/x");
}

static void sockets_are_whole_and_even(void)
{
	const struct trc_sock in = {.family = TRC_SOCK_UNIX};
	const struct trc_sock *sock;
	struct str name = {NULL, 0};
	char buf[sizeof(in) + 8];

	event_begin(TRC_BIND);
	event_set_sock("addr", &in, "/run/x", 6);
	CHECK_EQ(decode_rec(), DECODE_OK);
	sock = event_sock(&ev, 1, &name);
	CHECK(sock);
	CHECK_EQ(sock->family, TRC_SOCK_UNIX);
	CHECK_STR(name, "/run/x");

	event_begin(TRC_BIND);
	event_set_sock("addr", &in, "", 0);
	CHECK_EQ(decode_rec(), DECODE_OK);
	CHECK(event_sock(&ev, 1, &name));
	CHECK(name.p && name.n == 0);

	memcpy(buf, &in, sizeof(in));
	event_begin(TRC_BIND);
	record_bytes(&event_rec, 1, buf, sizeof(in) - 1);
	CHECK_EQ(decode_rec(), DECODE_OK);
	CHECK(!event_sock(&ev, 1, &name));

	event_begin(TRC_BIND);
	record_bytes(&event_rec, 1, buf, sizeof(in) + 1);
	set_slot(1, TRC_SLOT(sizeof(in), event_rec.hdr.len - sizeof(in) - 7));
	CHECK_EQ(decode_rec(), DECODE_OK);
	CHECK(!event_sock(&ev, 1, &name));
}

const struct unit_test tests_decode[] = {
	TEST(rows_without_arguments_are_good),
	TEST(no_prefix_of_a_record_is_good),
	TEST(own_length_is_checked),
	TEST(types_are_checked),
	TEST(counts_of_arguments_are_checked),
	TEST(strings_lie_in_the_tail),
	TEST(strings_are_not_too_long),
	TEST(absent_strings_are_not_looked_at),
	TEST(older_records_lack_arguments),
	TEST(newer_records_surplus_is_ignored),
	TEST(readers_keep_to_the_type),
	TEST(sockets_are_whole_and_even),
	{0},
};
