/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor tells of itself: see report.h. */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../driver/table.h"
#include "log.h"
#include "sensor.h"

void report_start(struct engine *e, const struct driver *d, const char *why)
{
	static struct driver_stats ds;
	struct sensor_memory mem;
	char line[512];

	sensor_memory(e->cfg, &mem);
	d->stats(&ds);
	snprintf(line, sizeof(line),
		 "version %s, driver %s (%s), %d rules with %d checks, hash %016" PRIx64
		 ", memory %zu KiB and %" PRIu64 " KiB in the kernel, watching",
		 VERSION, d->name, why, ruleset_count(e->rules), ruleset_checks(e->rules),
		 ruleset_hash(e->rules), (mem.tables + mem.rules + mem.sinks) / 1024,
		 ds.map_bytes / 1024);
	engine_say(e, PRIO_NOTICE, 0, "%s", line);
}

void report_end(struct engine *e, const struct driver *d)
{
	uint64_t lost[2];

	report_lost(d, lost);
	report_counters(e, d);
	engine_say(e, PRIO_NOTICE, 0,
		   "ends: %" PRIu64 " events, %" PRIu64 " alerts, lost %" PRIu64 " bulk, %" PRIu64
		   " critical",
		   e->stats->events, e->stats->alerts, lost[TRC_BULK], lost[TRC_CRITICAL]);
}

void report_lost(const struct driver *d, uint64_t lost[static 2])
{
	static struct driver_stats ds;

	d->stats(&ds);
	lost[TRC_BULK] = ds.lost[TRC_BULK];
	lost[TRC_CRITICAL] = ds.lost[TRC_CRITICAL];
}

void report_counters(const struct engine *e, const struct driver *d)
{
	static struct driver_stats ds;

	d->stats(&ds);
	for (int i = 0; i < TRC_NTYPES; i++) {
		const struct driver_count *n = &ds.type[i];

		if (n->sent + n->filtered + n->lost)
			log_info("event %s: seen %" PRIu64 " = sent %" PRIu64 " + filtered %" PRIu64
				 " + lost %" PRIu64 ", taken %" PRIu64,
				 event_table[i].name, n->sent + n->filtered + n->lost, n->sent,
				 n->filtered, n->lost, e->taken[i]);
	}
	if (log_dropped)
		log_info("lines that standard error did not take: %lu", log_dropped);
	for (const struct stats_row *row = stats_rows; row->name; row++) {
		uint64_t n;

		memcpy(&n, (const char *)e->stats + row->offset, sizeof(n));
		if (n)
			log_info("counter %s: %" PRIu64 " (%s)", row->name, n, row->help);
	}
}
