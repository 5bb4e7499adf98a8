// SPDX-License-Identifier: BSD-2-Clause
/* The rows of stats.def as a table, for whoever prints all counters. */
#include "stats.h"

#include <stddef.h>

const struct stats_row stats_rows[] = {
#define STAT(name, help) {#name, help, offsetof(struct stats, name)},
#include "stats.def"
#undef STAT
	{0},
};
