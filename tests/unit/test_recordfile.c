/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Record files, written and read again: by the same table, by another one, and
 * from files that somebody damaged.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../driver/driver.h"
#include "../../driver/record.h"
#include "../../driver/recordfile.h"
#include "records.h"

#define PATH "/tmp/tiercel-unit-record"

static struct record rec, last;
static int count;
static char why[256];

static void take(const struct trc_hdr *h, void *arg)
{
	(void)arg;
	memcpy(&last, h, h->len);
	count++;
}

/* Opens the file, drops its name, reads to the end. What drain said there, or open's error. */
static int replay(void)
{
	struct driver_config cfg = {.file = PATH};
	int n = driver_replay.open(&cfg, why, sizeof(why));

	unlink(PATH);
	count = 0;
	while (n >= 0)
		n = driver_replay.drain(take, NULL, 10);
	return n;
}

static void write_bytes(const void *bytes, size_t size)
{
	int fd = open(PATH, O_WRONLY | O_CREAT | O_APPEND, 0600);

	CHECK_EQ(write(fd, bytes, size), size);
	close(fd);
}

/* A head with a table of one's own, which is padded here. */
static void write_head(const char *table)
{
	struct recordfile_head head = {.magic = RECORDFILE_MAGIC, .version = TRC_VERSION};
	char padded[1024] = "";

	head.table = (trc_u32)((strlen(table) + 7) & ~(size_t)7);
	strcpy(padded, table);
	unlink(PATH);
	write_bytes(&head, sizeof(head));
	write_bytes(padded, head.table);
}

static void make_user(const char *name)
{
	record_begin(&rec, TRC_USERINFO, 0, 0);
	record_num(&rec, 0, 1000);
	record_str(&rec, 1, name);
}

static uint64_t lost(void)
{
	struct driver_stats stats;

	driver_replay.stats(&stats);
	return stats.type[TRC_NONE].lost;
}

static void recordfile_gives_back_what_was_written(void)
{
	CHECK_EQ(recordfile_open(PATH), 0);
	make_user("pi");
	rec.hdr.given = 2;
	for (int i = 0; i < 5000; i++)
		CHECK_EQ(recordfile_write(&rec.hdr), 0);
	CHECK_EQ(recordfile_close(), 0);
	CHECK_EQ(replay(), -ENODATA);
	CHECK_EQ(count, 5000);
	CHECK_EQ(memcmp(&last, &rec, rec.hdr.len), 0);
}

static void recordfile_counts_what_a_full_disk_loses(void)
{
	int err = recordfile_open("/dev/full");

	CHECK_EQ(err, 0);
	make_user("pi");
	while (!err)
		err = recordfile_write(&rec.hdr);
	CHECK_EQ(err, -ENOSPC);
	CHECK_EQ(recordfile_close(), -ENOSPC);
	CHECK_EQ(recordfile_close(), 0);
}

/* A reader that does not read, while the sensor shall end. */
static void recordfile_ends_before_its_reader(void)
{
	sigset_t set;
	int reader, err = 0;

	unlink(PATH);
	CHECK_EQ(mkfifo(PATH, 0600), 0);
	reader = open(PATH, O_RDONLY | O_NONBLOCK);
	CHECK(reader >= 0);
	CHECK_EQ(recordfile_open(PATH), 0);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	CHECK(!sigprocmask(SIG_BLOCK, &set, NULL) && !raise(SIGTERM));
	make_user("pi");
	for (int i = 0; i < 100000 && !err; i++)
		err = recordfile_write(&rec.hdr);
	CHECK_EQ(err, -ETIMEDOUT);
	CHECK_EQ(recordfile_close(), -ETIMEDOUT);
	close(reader);
	unlink(PATH);
}

static void replay_maps_ids_and_slots_by_name(void)
{
	const trc_u64 name = TRC_SLOT(2, sizeof(struct trc_hdr) + 3 * 8);

	write_head("5 userinfo colour:UINT name:STR uid:UID\n");
	make_user("pi");
	rec.hdr.type = 5;
	rec.hdr.narg = 3;
	rec.hdr.len = sizeof(struct trc_hdr) + 4 * 8;
	rec.hdr.given = 2;
	rec.hdr.absent = 0;
	rec.word[7] = 99;
	rec.word[8] = name;
	rec.word[9] = 1000;
	memcpy(&rec.word[10], "pi\0\0\0\0\0", 8);
	write_bytes(&rec, rec.hdr.len);
	CHECK_EQ(replay(), -ENODATA);
	CHECK_EQ(count, 1);
	CHECK_EQ(last.hdr.type, TRC_USERINFO);
	CHECK_EQ(rec_num(&last.hdr, "uid"), 1000);
	CHECK_STR(rec_str(&last.hdr, "name"), "pi");
	CHECK_EQ(last.hdr.given, 2);
	CHECK_EQ(last.hdr.absent, 0);
}

static void replay_marks_new_arguments_absent(void)
{
	write_head("5 userinfo uid:UID name:UINT\n");
	make_user("pi");
	rec.hdr.type = 5;
	rec.hdr.absent = 0;
	write_bytes(&rec, rec.hdr.len);
	CHECK_EQ(replay(), -ENODATA);
	CHECK_EQ(rec_num(&last.hdr, "uid"), 1000);
	CHECK_EQ(last.hdr.absent, 2);
	CHECK_EQ(rec_num(&last.hdr, "name"), 0);
}

static void replay_counts_unknown_events(void)
{
	write_head("5 teleport uid:UID\n6 userinfo uid:UID name:STR\n");
	make_user("pi");
	rec.hdr.type = 5;
	write_bytes(&rec, rec.hdr.len);
	rec.hdr.type = TRC_TYPE_MAX + 1;
	write_bytes(&rec, rec.hdr.len);
	rec.hdr.type = 6;
	write_bytes(&rec, rec.hdr.len);
	CHECK_EQ(replay(), -ENODATA);
	CHECK_EQ(count, 1);
	CHECK_EQ(lost(), 2);
}

static void replay_leaves_out_what_nobody_wants(void)
{
	struct driver_config cfg = {.file = PATH};
	struct driver_stats stats;
	uint8_t wanted[TRC_NTYPES] = {0};

	CHECK_EQ(recordfile_open(PATH), 0);
	make_user("pi");
	recordfile_write(&rec.hdr);
	record_begin(&rec, TRC_CLOSE, 1, 1);
	recordfile_write(&rec.hdr);
	CHECK_EQ(recordfile_close(), 0);
	CHECK_EQ(driver_replay.open(&cfg, why, sizeof(why)), 0);
	driver_replay.want(wanted);
	CHECK_EQ(driver_replay.drain(take, NULL, 10), 1);
	CHECK_EQ(last.hdr.type, TRC_USERINFO); /* what the sensor states is for its tables */
	driver_replay.stats(&stats);
	CHECK_EQ(stats.type[TRC_CLOSE].filtered, 1);
	unlink(PATH);
}

static void replay_ends_at_a_record_that_is_not_whole(void)
{
	for (int keep = 1; keep < 80; keep += 7) {
		CHECK_EQ(recordfile_open(PATH), 0);
		make_user("pi");
		recordfile_write(&rec.hdr);
		CHECK_EQ(recordfile_close(), 0);
		write_bytes(&rec, (size_t)keep);
		CHECK_EQ(replay(), -ENODATA);
		CHECK_EQ(count, 1);
		CHECK_EQ(lost(), 1);
	}
}

static void replay_refuses_lengths_that_cannot_be(void)
{
	static const struct {
		trc_u32 len;
		trc_u8 narg;
	} bad[] = {{0, 0},	   {60, 0}, {TRC_RECORD_MAX + 8, 2},
		   {~0u & ~7u, 2}, {64, 2}, {1024, TRC_ARG_MAX + 1}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_head("5 userinfo uid:UID name:STR\n");
		make_user("pi");
		rec.hdr.type = 5;
		rec.hdr.len = bad[i].len;
		rec.hdr.narg = bad[i].narg;
		write_bytes(&rec, sizeof(struct trc_hdr) + 64);
		CHECK_EQ(replay(), -EBADMSG);
		CHECK_EQ(count, 0);
	}
}

static void replay_drops_what_outgrows_a_record(void)
{
	write_head("5 procinfo\n");
	make_user("pi");
	rec.hdr.type = 5;
	rec.hdr.narg = 0;
	rec.hdr.len = TRC_RECORD_MAX;
	write_bytes(&rec, rec.hdr.len);
	CHECK_EQ(replay(), -ENODATA);
	CHECK_EQ(count, 0);
}

static void replay_tells_what_a_file_is_not(void)
{
	static const char room[RECORDFILE_TABLE_MAX + 8];
	struct recordfile_head head = {.magic = RECORDFILE_MAGIC, .version = TRC_VERSION + 1};

	unlink(PATH);
	CHECK_EQ(replay(), -ENOENT);
	CHECK_STR((const char *)why, PATH ": No such file or directory");
	write_bytes("root:x:0:0:root:/root:/bin/sh\n", 30);
	CHECK_EQ(replay(), -EINVAL);
	CHECK_STR((const char *)why, PATH ": not a record file");
	write_bytes(&head, sizeof(head));
	CHECK_EQ(replay(), -EPROTO);
	CHECK_STR((const char *)why,
		  PATH ": record file of version 2, this program reads version 1");
	head.version = TRC_VERSION;
	head.table = RECORDFILE_TABLE_MAX + 8;
	write_bytes(&head, sizeof(head));
	write_bytes(room, sizeof(room));
	CHECK_EQ(replay(), -EINVAL);
}

const struct unit_test tests_recordfile[] = {
	TEST(recordfile_gives_back_what_was_written),
	TEST(recordfile_counts_what_a_full_disk_loses),
	TEST(recordfile_ends_before_its_reader),
	TEST(replay_maps_ids_and_slots_by_name),
	TEST(replay_marks_new_arguments_absent),
	TEST(replay_counts_unknown_events),
	TEST(replay_leaves_out_what_nobody_wants),
	TEST(replay_ends_at_a_record_that_is_not_whole),
	TEST(replay_refuses_lengths_that_cannot_be),
	TEST(replay_drops_what_outgrows_a_record),
	TEST(replay_tells_what_a_file_is_not),
	{0},
};
