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

static void list_events(void)
{
	for (int i = TRC_NONE + 1; i < TRC_NTYPES; i++) {
		const struct event_desc *d = &event_table[i];

		if (d->class == TRC_STATE)
			continue;
		printf("%-14s %-8s", d->name, d->class == TRC_CRITICAL ? "critical" : "bulk");
		for (int k = 0; k < d->nargs; k++)
			printf(" %s", d->args[k].name);
		putchar('\n');
	}
}

static void list_fields(void)
{
	static const char *const types[] = {
		[VAL_STR] = "string", [VAL_BYTES] = "bytes", [VAL_INT] = "number",
		[VAL_BOOL] = "bool",  [VAL_IP] = "address",  [VAL_PORT] = "port",
	};
	static const char *const args[] = {
		[FIELD_NOARG] = "", [FIELD_INDEX_OPT] = "[N]", [FIELD_NAME] = ".NAME"};
	const struct field *f;

	for (int i = 0; (f = field_list(i)) != NULL; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s%s", f->name, args[f->arg]);
		printf("%-20s %-8s %s\n", name, types[f->type], f->help);
	}
}

static void list_options(void)
{
	for (const struct option_row *o = option_rows; o->section; o++) {
		char name[64];

		snprintf(name, sizeof(name), "%s.%s", o->section, o->key);
		printf("%-24s %s", name, o->help);
		if (o->type == OPTION_NUMBER)
			printf(" (%ld to %ld)", o->least, o->most);
		for (int k = 0; o->words && o->words[k]; k++)
			printf("%s%s", k ? ", " : ": ", o->words[k]);
		printf("; default: %s\n", *o->def ? o->def : "empty");
	}
}

static void list_drivers(void)
{
	const struct driver *d;

	for (int i = 0; (d = driver_list(i)) != NULL; i++)
		printf("%-8s %s\n", d->name, d->help);
}

static void list_sinks(void)
{
	const struct sink *s;

	for (int i = 0; (s = sink_list(i)) != NULL; i++)
		printf("%-8s %s\n", s->name, s->help);
}

static void list_counters(void)
{
	for (const struct stats_row *row = stats_rows; row->name; row++)
		printf("%-16s %s\n", row->name, row->help);
}

const struct report_list report_lists[] = {
	{"events", list_events},
	{"fields", list_fields},
	{"options", list_options},
	{"drivers", list_drivers},
	{"sinks", list_sinks},
	{"counters", list_counters},
	{NULL, NULL},
};
