/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring's reader against a kernel of the test's own: a page with the
 * reader's position, a page with the writer's, and the data, mapped twice.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../driver/event.h"
#include "../../driver/ring.h"
#include "unit.h"

#define SIZE 65536 /* of the data; a multiple of any page */
#define BUSY (1u << 31)
#define DISCARDED (1u << 30)

static struct ring ring;
static struct {
	char *consumer, *producer, *data;
	size_t page;
	uint64_t pos;
} kernel;

static char *map(int fd, void *at, size_t size, size_t offset)
{
	void *p = mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | (at ? MAP_FIXED : 0), fd,
		       (off_t)offset);

	CHECK(p != MAP_FAILED);
	return p;
}

/* Lays the ring out as the kernel does, with positions that are that many bytes along. */
static void open_ring(int wide, uint64_t pos)
{
	int fd = memfd_create("ring", MFD_CLOEXEC);

	kernel.page = (size_t)sysconf(_SC_PAGESIZE);
	CHECK_EQ(ftruncate(fd, (off_t)(2 * kernel.page + SIZE)), 0);
	kernel.consumer = map(fd, NULL, kernel.page, 0);
	kernel.producer = map(fd, NULL, kernel.page + 2 * SIZE, 0);
	map(fd, kernel.producer, kernel.page + SIZE, kernel.page);
	kernel.data = kernel.producer + kernel.page;
	map(fd, kernel.data + SIZE, SIZE, 2 * kernel.page);
	close(fd);
	kernel.pos = pos;
	ring = (struct ring){.consumer = kernel.consumer,
			     .producer = kernel.producer,
			     .data = kernel.data,
			     .size = SIZE,
			     .page = kernel.page,
			     .pos = pos,
			     .wide = wide};
	memcpy(kernel.consumer, &pos, wide ? 8 : 4);
	memcpy(kernel.producer, &pos, wide ? 8 : 4);
}

static char *at_pos(uint64_t pos)
{
	return kernel.data + pos % SIZE;
}

/* Reserves and fills a record of len bytes, all of them tag; head has its flags. */
static uint64_t put(uint32_t len, uint32_t flags, char tag)
{
	uint64_t pos = kernel.pos;
	uint32_t head = len | flags;

	memcpy(at_pos(pos), &head, 4);
	memset(at_pos(pos) + 8, tag, len);
	kernel.pos += (8 + (uint64_t)len + 7) / 8 * 8;
	memcpy(kernel.producer, &kernel.pos, ring.wide ? 8 : 4);
	return pos;
}

static void set_head(uint64_t pos, uint32_t head)
{
	memcpy(at_pos(pos), &head, 4);
}

/* Where the reader says it is. */
static uint64_t told(void)
{
	uint64_t pos;

	/* A narrow position has nothing behind it that is the reader's. */
	memcpy(&pos, kernel.consumer, 8);
	return pos;
}

static void get(uint32_t len, char tag)
{
	uint32_t got = 0;
	const char *p = ring_peek(&ring, &got);

	CHECK(p);
	CHECK_EQ(got, len);
	for (uint32_t i = 0; i < len; i++)
		CHECK_EQ(p[i], tag);
	CHECK_EQ((uintptr_t)p % 8, 0);
	ring_next(&ring, got);
}

static void get_nothing(void)
{
	uint32_t len;

	CHECK(!ring_peek(&ring, &len));
}

static uint64_t told_wanted(uint64_t pos)
{
	return ring.wide ? pos : (uint32_t)pos;
}

static void records_come_in_order_from(int wide, uint64_t pos)
{
	open_ring(wide, pos);
	get_nothing();
	put(1, 0, 'a');
	put(8, 0, 'b');
	put(0, 0, 'c');
	put(333, 0, 'd');
	get(1, 'a');
	CHECK_EQ(told(), told_wanted(pos + 16));
	get(8, 'b');
	get(0, 'c');
	get(333, 'd');
	CHECK_EQ(told(), told_wanted(kernel.pos));
	get_nothing();
}

static void records_come_in_order(void)
{
	records_come_in_order_from(1, 0);
	records_come_in_order_from(0, 0);
}

/* libbpf's reader stops for good where a position does not fit 32 bits. */
static void positions_pass_4_gib(void)
{
	records_come_in_order_from(1, 0xfffffff8ull);
	records_come_in_order_from(1, 0xffffff00ull);
	records_come_in_order_from(1, 1ull << 32);
	records_come_in_order_from(1, (5ull << 32) - 8);
	records_come_in_order_from(1, 1ull << 62);
}

static void narrow_positions_wrap(void)
{
	records_come_in_order_from(0, 0xfffffff8ull);
	records_come_in_order_from(0, 0xffffff00ull);
	records_come_in_order_from(0, 0xfffffef0ull);
}

/* Many times round, of all lengths: the ring holds no more than its size at a time. */
static void go_round(int wide, uint64_t pos)
{
	open_ring(wide, pos);
	for (int n = 0; n < 3000; n++) {
		uint32_t len = (uint32_t)(n * 37 % 4001);

		put(len, 0, (char)n);
		put(len / 2, n % 3 ? 0 : DISCARDED, (char)~n);
		get(len, (char)n);
		if (n % 3)
			get(len / 2, (char)~n);
		else
			get_nothing();
		CHECK_EQ(told(), told_wanted(kernel.pos));
	}
	CHECK(kernel.pos - pos > 100 * SIZE);
}

static void records_go_round(void)
{
	go_round(1, 0);
	go_round(1, (1ull << 32) - 50 * SIZE);
	go_round(0, (1ull << 32) - 50 * SIZE);
}

static void a_record_is_never_split(void)
{
	open_ring(1, SIZE - 16);
	put(3000, 0, 'x');
	get(3000, 'x');
}

static void a_full_ring_is_read(void)
{
	for (int wide = 0; wide < 2; wide++) {
		open_ring(wide, 0xffffffffull - SIZE / 2 + 1);
		for (int n = 0; n < SIZE / 64; n++)
			put(56, 0, (char)n);
		CHECK_EQ(kernel.pos - ring.pos, SIZE);
		for (int n = 0; n < SIZE / 64; n++)
			get(56, (char)n);
		get_nothing();
	}
}

static void busy_records_hold_what_follows(void)
{
	uint64_t busy;

	open_ring(1, 0);
	busy = put(16, BUSY, 'a');
	put(16, 0, 'b');
	get_nothing();
	get_nothing();
	CHECK_EQ(told(), 0);
	set_head(busy, 16);
	get(16, 'a');
	get(16, 'b');
	get_nothing();
}

static void busy_records_may_be_discarded(void)
{
	uint64_t busy;

	open_ring(1, 0);
	busy = put(16, BUSY, 'a');
	put(16, 0, 'b');
	set_head(busy, 16 | BUSY | DISCARDED);
	get_nothing();
	CHECK_EQ(told(), 0);
	set_head(busy, 16 | DISCARDED);
	get(16, 'b');
}

static void discarded_records_are_given_back(void)
{
	open_ring(0, 0xffffffe0ull);
	put(40, DISCARDED, 'a');
	put(3, DISCARDED, 'b');
	get_nothing();
	CHECK_EQ(told(), (uint32_t)kernel.pos);
	put(5, DISCARDED, 'c');
	put(6, 0, 'd');
	get(6, 'd');
	get_nothing();
}

static void peeking_takes_nothing(void)
{
	uint32_t len;
	const void *first;

	open_ring(1, 0);
	put(16, 0, 'a');
	first = ring_peek(&ring, &len);
	CHECK(first && ring_peek(&ring, &len) == first);
	CHECK_EQ(told(), 0);
	get(16, 'a');
}

/* A plain file shows where each part is mapped from; nothing in it is mapped twice. */
static void parts_are_mapped_from_their_places(void)
{
	int fd = memfd_create("ring", MFD_CLOEXEC);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t pos = 24;
	uint32_t head = 16;
	char *file;

	CHECK_EQ(ftruncate(fd, (off_t)(2 * page + 2 * SIZE)), 0);
	file = map(fd, NULL, 2 * page + 2 * SIZE, 0);
	CHECK_EQ(ring_map(&ring, fd, 0, SIZE, 1), 0);
	get_nothing();
	memcpy(file + 2 * page, &head, 4);
	memset(file + 2 * page + 8, 'm', 16);
	memcpy(file + page, &pos, 8);
	get(16, 'm');
	CHECK_EQ(memcmp(file, &pos, 8), 0);
	/* The last byte of the longest record, whose head is the last of the data. */
	file[2 * page + SIZE + TRC_RECORD_MAX - 1] = 'z';
	CHECK_EQ(ring.data[SIZE + TRC_RECORD_MAX - 1], 'z');
	ring_unmap(&ring);
	ring_unmap(&ring);
	close(fd);
}

static void what_cannot_be_mapped_is_an_error(void)
{
	int fd = memfd_create("ring", MFD_CLOEXEC);

	CHECK_EQ(ring_map(&ring, -1, 0, SIZE, 1), -EBADF);
	/* Its first page can be mapped, the rest not; an emulator of large pages has EINVAL. */
	CHECK(ring_map(&ring, fd, 0, SIZE_MAX / 8 * 7, 1) < 0);
	CHECK(!ring.consumer && !ring.producer);
	ring_unmap(&ring);
}

/* Rings in plain memory. */
#define RINGS 5
static struct {
	uint64_t consumer, producer;
	char data[1024];
} plain[RINGS];
static struct ring pair[RINGS];
static int npair;

static void open_rings(int n)
{
	memset(plain, 0, sizeof(plain));
	npair = n;
	for (int i = 0; i < n; i++)
		pair[i] = (struct ring){.consumer = &plain[i].consumer,
					.producer = &plain[i].producer,
					.data = plain[i].data,
					.size = sizeof(plain[i].data) / 2,
					.wide = 1};
}

/* A record of that time in ring i; returns where its head is. */
static char *put_record(int i, uint64_t ts, uint32_t flags)
{
	struct trc_hdr rec = {.len = sizeof(rec), .ts = ts};
	uint32_t head = rec.len | flags;
	char *at = plain[i].data + plain[i].producer;

	memcpy(at, &head, sizeof(head));
	memcpy(at + 8, &rec, sizeof(rec));
	plain[i].producer += 8 + sizeof(rec);
	return at;
}

/* Whoever writes the last record of ring i says how it is. */
static void set_head_of(int i, uint32_t flags)
{
	uint32_t head = (uint32_t)sizeof(struct trc_hdr) | flags;

	memcpy(plain[i].data + plain[i].producer - sizeof(struct trc_hdr) - 8, &head, sizeof(head));
}

/* The next of all is one of that time, in ring i. */
static void get_older(int i, uint64_t ts)
{
	const struct trc_hdr *rec;
	uint32_t len;
	struct ring *from = ring_older(pair, npair, &rec, &len);

	CHECK(from == &pair[i]);
	CHECK_EQ(rec->ts, ts);
	CHECK_EQ(len, sizeof(*rec));
	ring_next(from, len);
}

static void get_neither(void)
{
	const struct trc_hdr *rec;
	uint32_t len;

	CHECK(!ring_older(pair, npair, &rec, &len));
}

static void two_rings_go_by_time(void)
{
	open_rings(2);
	get_neither();
	put_record(0, 3, 0);
	put_record(0, 4, 0);
	put_record(1, 2, 0);
	put_record(1, 4, 0);
	get_older(1, 2);
	get_older(0, 3);
	get_older(1, 4);
	get_older(0, 4);
	get_neither();
}

/* As of a machine with two CPUs, and one that has no critical ring yet. */
static void many_rings_go_by_time(void)
{
	open_rings(RINGS);
	get_neither();
	put_record(2, 5, 0);
	put_record(0, 5, 0);
	put_record(4, 7, 0);
	put_record(1, 6, 0);
	get_older(2, 5);
	put_record(3, 4, 0);
	get_older(3, 4);
	get_older(0, 5);
	get_older(1, 6);
	put_record(1, 8, BUSY);
	get_neither();
	set_head_of(1, 0);
	get_older(4, 7);
	get_older(1, 8);
	get_neither();
}

/* What is behind a record that is being written may be older than what the other ring has. */
static void two_rings_wait_for_what_is_being_written(void)
{
	for (int i = 0; i < 2; i++) {
		uint32_t finished = sizeof(struct trc_hdr);
		char *at;

		open_rings(2);
		at = put_record(i, 1, BUSY);
		put_record(i, 2, 0);
		put_record(!i, 3, 0);
		get_neither();
		memcpy(at, &finished, sizeof(finished));
		get_older(i, 1);
		get_older(i, 2);
		get_older(!i, 3);
		get_neither();
	}
}

/* A writer of ours and the reader, with records of all lengths: round and round, and full. */
static void ring_is_written_and_read(void)
{
	static uint64_t words[TRC_RECORD_MAX / 8];
	struct trc_hdr *rec = (struct trc_hdr *)words;
	struct ring_writer w;
	uint32_t len, put = 0, got = 0, full = 0;
	int fd = ring_make(SIZE);

	CHECK_EQ(ring_write_map(&w, fd, SIZE), 0);
	CHECK_EQ(ring_map(&ring, fd, 0, SIZE, 0), 0);
	while (got < 20000) {
		const struct trc_hdr *r;

		rec->len = 56 + (put * 2654435761u >> 8) % (TRC_RECORD_MAX - 64) / 8 * 8;
		rec->nr = put;
		if (put < 20000 && ring_write(&w, rec)) {
			put++;
			continue;
		}
		full++;
		CHECK((r = ring_peek(&ring, &len)));
		CHECK_EQ(r->nr, got);
		CHECK_EQ(r->len, len);
		ring_next(&ring, len);
		got++;
	}
	CHECK(!ring_peek(&ring, &len));
	CHECK(full > 100);
	ring_unmap(&ring);
}

const struct unit_test tests_ring[] = {
	TEST(records_come_in_order),
	TEST(positions_pass_4_gib),
	TEST(narrow_positions_wrap),
	TEST(records_go_round),
	TEST(a_record_is_never_split),
	TEST(a_full_ring_is_read),
	TEST(busy_records_hold_what_follows),
	TEST(busy_records_may_be_discarded),
	TEST(discarded_records_are_given_back),
	TEST(peeking_takes_nothing),
	TEST(parts_are_mapped_from_their_places),
	TEST(what_cannot_be_mapped_is_an_error),
	TEST(two_rings_go_by_time),
	TEST(many_rings_go_by_time),
	TEST(two_rings_wait_for_what_is_being_written),
	TEST(ring_is_written_and_read),
	{0},
};
