/* SPDX-License-Identifier: BSD-2-Clause */
/* What fanotify tells, in the kernel's bytes. */
#include <stdlib.h>
#include <string.h>

#include "../../driver/watch.h"
#include "unit.h"

/* An open of `f`, closed for writing, by process 7: a directory with the name, and the file. */
static const unsigned char
	event[] =
		{
			88, 0,	  0,	0,    3,    0, 24, 0, 0x28, 0, 0, 0,  0, 0, 0,
			0,  0xff, 0xff, 0xff, 0xff, 7, 0,  0, 0,    2, 0, 32, 0, 1, 2,
			3,  4,	  5,	6,    7,    8, 8,  0, 0,    0, 1, 0,  0, 0, /* directory */
			9,  9,	  9,	9,    9,    9, 9,  9, 'f',  0, 0, 0,	    /* name */
			1,  0,	  32,	0,    1,    2, 3,  4, 5,    6, 7, 8,  8, 0, 0,
			0,  1,	  0,	0,    0, /* file */
			6,  6,	  6,	6,    6,    6, 6,  6, 0,    0, 0, 0};

static struct watch_raw raw;

static void an_open_is_read(void)
{
	CHECK(watch_parse(event, sizeof(event), &raw) == sizeof(event));
	CHECK(raw.what == (WATCH_OPEN | WATCH_CLOSE_WRITE) && raw.pid == 7);
	CHECK(raw.at[0].there && !strcmp(raw.at[0].name, "f") && !raw.at[1].there);
	CHECK(raw.has_file && raw.file.head.handle_bytes == 8 && raw.file.head.handle_type == 1);
	CHECK(raw.file.room[sizeof(struct file_handle)] == 6 && raw.file.fsid[0] == 0x04030201);
}

static void what_is_cut_is_no_event(void)
{
	for (size_t n = 0; n < sizeof(event); n++) {
		unsigned char *part = malloc(n + 1);

		memcpy(part, event, n);
		CHECK(watch_parse(part, n, &raw) == 0);
		free(part);
	}
}

static void lengths_that_lie_lead_nowhere(void)
{
	for (size_t i = 0; i < sizeof(event); i++) {
		unsigned char *changed = malloc(sizeof(event));

		memcpy(changed, event, sizeof(event));
		changed[i] = 0xff;
		CHECK(watch_parse(changed, sizeof(event), &raw) <= sizeof(event));
		changed[i] = 100;
		CHECK(watch_parse(changed, sizeof(event), &raw) <= sizeof(event));
		changed[i] = 0;
		CHECK(watch_parse(changed, sizeof(event), &raw) <= sizeof(event));
		free(changed);
	}
}

const struct unit_test tests_watch[] = {
	TEST(an_open_is_read),
	TEST(what_is_cut_is_no_event),
	TEST(lengths_that_lie_lead_nowhere),
	{0},
};
