/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking into records by the names of events.def, for tests of who makes them. */
#ifndef UNIT_RECORDS_H
#define UNIT_RECORDS_H

#include "../../driver/table.h"
#include "unit.h"

/* Number of an argument's slot; the test fails if there is none of that name. */
static inline int rec_slot(const struct trc_hdr *h, const char *arg)
{
	int slot = event_arg_slot(h->type, arg);

	if (slot < 0)
		unit_fail(__FILE__, __LINE__, "%s has no %s", event_table[h->type].name, arg);
	return slot;
}

static inline uint64_t rec_num(const struct trc_hdr *h, const char *arg)
{
	return ((const trc_u64 *)(h + 1))[rec_slot(h, arg)];
}

static inline struct str rec_str(const struct trc_hdr *h, const char *arg)
{
	uint64_t slot = rec_num(h, arg);

	CHECK((uint32_t)slot + (slot >> 32) <= h->len);
	return (struct str){(const char *)h + (uint32_t)slot, (uint32_t)(slot >> 32)};
}

/* The bit of an argument in one of the header's masks. */
#define REC_BIT(h, mask, arg) ((h)->mask >> rec_slot(h, arg) & 1)

#endif
