/* SPDX-License-Identifier: BSD-2-Clause */
/* Building a record in user space: see record.h. */
#include <string.h>

#include "record.h"
#include "table.h"

trc_u64 record_time(struct timespec t)
{
	return (trc_u64)t.tv_sec * 1000000000u + (trc_u64)t.tv_nsec;
}

trc_u64 record_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return record_time(ts);
}

static trc_u64 *slot_of(struct record *r, int slot)
{
	return &r->word[sizeof(struct trc_hdr) / 8 + (size_t)slot];
}

void record_begin(struct record *r, enum trc_type type, trc_u32 pid, trc_u32 tid)
{
	int narg = event_table[type].nargs;

	memset(&r->hdr, 0, sizeof(r->hdr) + 8 * (size_t)narg);
	r->hdr.type = (trc_u16)type;
	r->hdr.narg = (trc_u8)narg;
	r->hdr.len = (trc_u32)(sizeof(r->hdr) + 8 * (size_t)narg);
	r->hdr.ts = record_now();
	r->hdr.pid = pid;
	r->hdr.tid = tid;
	r->hdr.absent = (1u << narg) - 1;
	r->hdr.nr = ~0u;
}

void record_num(struct record *r, int slot, trc_u64 value)
{
	*slot_of(r, slot) = trc_normal(event_table[r->hdr.type].args[slot].type, value);
	r->hdr.absent &= ~(1u << slot);
}

void record_bytes(struct record *r, int slot, const void *p, size_t len)
{
	size_t room = TRC_RECORD_MAX - r->hdr.len;

	if (room > TRC_STR_MAX)
		room = TRC_STR_MAX;
	if (len > room) {
		len = room;
		r->hdr.cut |= 1u << slot;
	}
	memcpy((char *)r + r->hdr.len, p, len);
	*slot_of(r, slot) = TRC_SLOT(len, r->hdr.len);
	memset((char *)r + r->hdr.len + len, 0, -len & 7);
	r->hdr.len += (trc_u32)((len + 7) & ~(size_t)7);
	r->hdr.absent &= ~(1u << slot);
}

void record_str(struct record *r, int slot, const char *s)
{
	if (s)
		record_bytes(r, slot, s, strlen(s));
}
