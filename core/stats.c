/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of stats.def as a table, for whoever prints all counters. */
#include "stats.h"

#include <stddef.h>
#include <string.h>

const struct stats_row stats_rows[] = {
#define STAT(name, help) {#name, help, offsetof(struct stats, name), false},
#define LOST(name, help) {#name, help, offsetof(struct stats, name), true},
#include "stats.def"
	{0},
};

uint64_t stats_value(const struct stats *s, const struct stats_row *row)
{
	uint64_t n;

	memcpy(&n, (const char *)s + row->offset, sizeof(n));
	return n;
}
