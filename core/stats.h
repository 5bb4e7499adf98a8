/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters of the consumer: one row of stats.def each. Those of the kernel
 * side are the driver's (driver.h).
 */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include <stdbool.h>
#include <stdint.h>

struct stats {
#define STAT(name, help) uint64_t name;
#include "stats.def"
};

struct stats_row {
	const char *name;
	const char *help;
	uint32_t offset; /* of the counter in struct stats */
	bool lost;	 /* counts what should have been had */
};

/* All rows, ended by one without a name. */
extern const struct stats_row stats_rows[];

uint64_t stats_value(const struct stats *s, const struct stats_row *row);

#endif
