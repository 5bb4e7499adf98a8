/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of drivers, and the choice of one: see driver.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../core/log.h"
#include "driver.h"
#include "table.h"

static const struct driver *const drivers[] = {
#define DRIVER(name) &driver_##name,
#include "drivers.def"
};

#define NDRIVERS ((int)(sizeof(drivers) / sizeof(drivers[0])))

const struct driver *driver_list(int i)
{
	return i >= 0 && i < NDRIVERS ? drivers[i] : NULL;
}

void driver_sum_lost(struct driver_stats *stats)
{
	memset(stats->lost, 0, sizeof(stats->lost));
	for (int i = 0; i < TRC_NTYPES; i++)
		stats->lost[event_table[i].class] += stats->type[i].lost;
}

bool driver_known(const char *name)
{
	const struct driver *d;

	for (int i = 0; (d = driver_list(i)) != NULL; i++)
		if (!strcmp(d->name, name))
			return true;
	return !strcmp(name, "auto");
}

const struct driver *driver_select(const char *name, const struct driver_config *cfg, char *why,
				   size_t size)
{
	bool any = !name || !strcmp(name, "auto");
	const struct driver *d;
	bool known = false;

	for (int i = 0; (d = driver_list(i)) != NULL; i++) {
		char reason[256] = "";

		if (!any && strcmp(name, d->name))
			continue;
		known = true;
		if (d->open(cfg, reason, sizeof(reason)) == 0) {
			snprintf(why, size, "%s", reason);
			return d;
		}
		log_warn("driver %s: %s", d->name, reason);
	}
	snprintf(why, size, known ? "no driver works here" : "no such driver");
	return NULL;
}
