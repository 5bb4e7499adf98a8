/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a record file. What the replay driver makes of them is written
 * to another file, which must give the same records again.
 */
#include "../../core/decode.h"
#include "../../driver/driver.h"
#include "../../driver/record.h"
#include "../../driver/recordfile.h"
#include "../../driver/table.h"
#include "fuzz.h"

#define RECORDS_MAX 4096

static struct record first[16]; /* of the first reading, as many as there is room for */
static int count;

static void keep(const struct trc_hdr *rec, void *arg)
{
	struct event ev;

	(void)arg;
	CHECK(rec->type > TRC_NONE && rec->type < TRC_NTYPES && rec->len % 8 == 0);
	CHECK(rec->len >= sizeof(*rec) && rec->len <= TRC_RECORD_MAX);
	CHECK_EQ(rec->narg, event_table[rec->type].nargs);
	(void)decode(rec, rec->len, &ev);
	if (count < (int)(sizeof(first) / sizeof(first[0])))
		memcpy(&first[count], rec, rec->len);
	count++;
	CHECK(!recordfile_write(rec));
}

static void compare(const struct trc_hdr *rec, void *arg)
{
	int *n = arg;

	if (*n < (int)(sizeof(first) / sizeof(first[0])))
		CHECK(!memcmp(rec, &first[*n], rec->len));
	++*n;
}

/* Reads all of a file. False if it is refused. */
static bool replay(const char *name, record_fn fn, void *arg)
{
	const struct driver_config dc = {.file = name};
	char why[256] = "";
	bool opened = !driver_replay.open(&dc, why, sizeof(why));

	CHECK(*why && fuzz_message(why));
	if (opened)
		while (driver_replay.drain(fn, arg, RECORDS_MAX) >= 0)
			;
	driver_replay.close();
	return opened;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int in = -1, out = -1;
	char written[32];
	int again = 0;

	log_level = LOG_L_ERROR;
	count = 0;
	snprintf(written, sizeof(written), "%s", fuzz_file(&out, data, 0));
	CHECK(!recordfile_open(written));
	if (replay(fuzz_file(&in, data, size), keep, NULL)) {
		CHECK(!recordfile_close());
		CHECK(replay(written, compare, &again));
		CHECK_EQ(again, count);
	} else {
		CHECK(!recordfile_close());
		CHECK_EQ(count, 0);
	}
	return 0;
}
