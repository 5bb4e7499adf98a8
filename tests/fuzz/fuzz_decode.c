/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a record: decode() refuses them, or every accessor and the text
 * of every argument stay inside of them. The input is copied to the end of a
 * block of its own size, so that the sanitizer sees the first byte too many.
 */
#include <stdlib.h>

#include "../../core/text.h"
#include "../../driver/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile int64_t sink; /* what was read, so that it is read */

static void read_all(struct str s)
{
	for (uint32_t i = 0; i < s.n; i++)
		sink = s.p[i];
}

static void read_argument(const struct event *ev, int n)
{
	static char text[8192];
	struct str name = {NULL, 0};

	sink = event_has(ev, n);
	sink = event_num(ev, n);
	read_all(event_str(ev, n));
	if (event_sock(ev, n, &name))
		read_all(name);
	for (size_t room = 0; room <= sizeof(text); room = 4 * room + 1)
		if (text_arg(ev, n, text, room) > room)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event ev;
	void *rec = malloc(size);

	if (!rec)
		return 0;
	if (size)
		memcpy(rec, data, size);
	if (decode(rec, size, &ev) == DECODE_OK)
		for (int n = 0; n < event_table[ev.hdr->type].nargs; n++)
			read_argument(&ev, n);
	free(rec);
	return 0;
}
