/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of drivers, and the choice of one: see driver.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../core/log.h"
#include "driver.h"
#include "obstacle.h"
#include "opener.h"
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

int driver_open(const struct driver *d, const struct driver_config *cfg, char *why, size_t size)
{
	static struct handover h;
	int err;

	if (d->open)
		return d->open(cfg, why, size);
	err = opener_load(d, cfg, &h, why, size);
	return err ? err : d->take(cfg, &h, why, size);
}

bool driver_try(const struct driver *d, const struct driver_config *cfg, struct driver_verdict *v)
{
	char met[256] = "";
	struct obstacle o;

	v->works = false;
	v->remedy[0] = 0;
	if (!(d->flags & DRIVER_TRACES) && d->flags & DRIVER_LIVE &&
	    (cfg->command || cfg->pid || cfg->file)) {
		snprintf(v->why, sizeof(v->why),
			 "watches the whole machine, not a program or a file");
		return false;
	}
	v->works = driver_open(d, cfg, met, sizeof(met)) == 0;
	if (v->works || !obstacle_find(d->name, &o)) {
		snprintf(v->why, sizeof(v->why), "%s", met);
		return v->works;
	}
	log_debug("driver %s: %s", d->name, met);
	snprintf(v->why, sizeof(v->why), "%s", o.reason);
	snprintf(v->remedy, sizeof(v->remedy), "%s", o.remedy);
	return false;
}

const struct driver *driver_select(const char *name, const struct driver_config *cfg, char *why,
				   size_t size)
{
	bool any = !name || !strcmp(name, "auto");
	const struct driver *d;
	bool known = false;

	for (int i = 0; (d = driver_list(i)) != NULL; i++) {
		struct driver_verdict v;

		if (!any && strcmp(name, d->name))
			continue;
		known = true;
		if (driver_try(d, cfg, &v)) {
			snprintf(why, size, "%s", v.why);
			return d;
		}
		log_warn("driver %s: %s%s%s", d->name, v.why, *v.remedy ? "; what helps: " : "",
			 v.remedy);
	}
	snprintf(why, size, known ? "no driver works here" : "no such driver");
	return NULL;
}
