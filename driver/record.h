/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building a record in user space: what the ptrace driver, the /proc snapshot,
 * the sensor's own statements and the tests do.
 */
#ifndef DRIVER_RECORD_H
#define DRIVER_RECORD_H

#include <stddef.h>
#include <time.h>

#include "event.h"

struct record {
	union {
		struct trc_hdr hdr;
		trc_u64 word[TRC_RECORD_MAX / 8];
	};
};

/* Starts an empty record of a type: all slots 0 and absent, time now, cpu 0, nr ~0. */
void record_begin(struct record *r, enum trc_type type, trc_u32 pid, trc_u32 tid);

/* Fills a slot with a number, brought to the form of the argument's type. */
void record_num(struct record *r, int slot, trc_u64 value);

/*
 * Fills a slot with len bytes. Too many (over TRC_STR_MAX, or no room left):
 * the start is kept, and the bit in hdr.cut is set.
 */
void record_bytes(struct record *r, int slot, const void *p, size_t len);

/* The same for a string, without its NUL. NULL leaves the slot absent. */
void record_str(struct record *r, int slot, const char *s);

/* A time as records have it: nanoseconds. */
trc_u64 record_time(struct timespec t);

/* CLOCK_BOOTTIME in nanoseconds, the clock of hdr.ts. */
trc_u64 record_now(void);

#endif
