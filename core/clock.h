/* SPDX-License-Identifier: BSD-2-Clause */
/* The clocks that waits are measured with: ours, and the one of records. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds of CLOCK_MONOTONIC. */
static inline int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Nanoseconds of a clock of clock_gettime(2). */
static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Of CLOCK_BOOTTIME, as in hdr.ts. */
static inline uint64_t clock_boot(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

/* Milliseconds until a time of clock_boot(), rounded up; 0 if it has passed. */
static inline int64_t clock_until(uint64_t boot)
{
	uint64_t now = clock_boot();

	return boot > now ? (int64_t)((boot - now + 999999) / 1000000) : 0;
}

#endif
