/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor tells of itself: see report.h. */
#include "report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "../driver/table.h"
#include "clock.h"
#include "log.h"
#include "sensor.h"

#define FACTS_MAX 1024 /* bytes of a line: what RFC 3164 takes */
#define CLOSE_MS 200   /* for the last line; what waited before it had its time */

static int64_t began;	 /* ms, CLOCK_MONOTONIC */
static int64_t beat;	 /* the same, of the next sign of life */
static uint64_t past[2]; /* lost by drivers that died */

/* What is known of a line so far. */
struct line {
	char text[FACTS_MAX];
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *l, const char *fmt, ...)
{
	size_t room = sizeof(l->text) - l->n;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->n, room, fmt, ap);
	va_end(ap);
	l->n += (size_t)n < room ? (size_t)n : room - 1;
}

static void add_count(struct line *l, const char *name, uint64_t n)
{
	add(l, " %s=%" PRIu64, name, n);
}

static void add_identity(struct line *l, const struct engine *e, const struct driver *d)
{
	add(l, ": version=%s driver=%s rules=%d checks=%d hash=%016" PRIx64, VERSION, d->name,
	    ruleset_count(e->rules), ruleset_checks(e->rules), ruleset_hash(e->rules));
}

/* Numbers since the start, in the order in which they explain each other. */
static void add_counters(struct line *l, const struct engine *e, const struct driver *d)
{
	const struct stats *s = e->stats;
	uint64_t lost[2];

	report_lost(d, lost);
	add_count(l, "uptime", (uint64_t)(clock_ms() - began) / 1000);
	add_count(l, "events", s->events);
	add_count(l, "alerts", s->alerts);
	add_count(l, "sent", s->sent);
	add_count(l, "repeated", s->repeated);
	add_count(l, "throttled", s->throttled);
	add_count(l, "lost_bulk", lost[TRC_BULK]);
	add_count(l, "lost_critical", lost[TRC_CRITICAL]);
	add_count(l, "evicted", s->proc_evicted + s->far_evicted + s->env_evicted + s->fd_evicted);
	for (const struct stats_row *row = stats_rows; row->name; row++)
		if (str_ends(str_of(row->name), STR("_dropped")))
			add_count(l, row->name, stats_value(s, row));
	if (*e->cfg->feed_socket) {
		add_count(l, "fed", s->fed);
		add_count(l, "feed_refused",
			  s->feed_refused + s->feed_malformed + s->feed_throttled);
	}
	add_count(l, "waiting", sinks_waiting());
}

/* "WHAT: ..." with these, and more. */
static void say(struct engine *e, const struct driver *d, enum priority priority, const char *what,
		const char *more)
{
	struct line l = {.n = 0};

	add(&l, "%s", what);
	add_identity(&l, e, d);
	add_counters(&l, e, d);
	add(&l, "%s", more);
	engine_say(e, priority, 0, "%s", l.text);
}

/* None are good rules, too; whoever reads the log must know, be it a directory not mounted yet. */
static void look_at_rules(struct engine *e)
{
	if (!ruleset_count(e->rules))
		engine_say(e, PRIO_WARNING, 0, "no rules: nothing will alert");
}

static void set_beat(const struct engine *e)
{
	beat = clock_ms() + e->cfg->alerts_heartbeat * INT64_C(1000);
}

void report_start(struct engine *e, const struct driver *d, const char *why)
{
	static struct driver_stats ds;
	struct sensor_memory mem;
	struct line more = {.n = 0};

	began = clock_ms();
	set_beat(e);
	sensor_memory(e->cfg, &mem);
	d->stats(&ds);
	add_count(&more, "memory_kib", (mem.tables + mem.rules + mem.sinks) / 1024);
	add_count(&more, "kernel_kib", ds.map_bytes / 1024);
	add(&more, " (%s)", why);
	look_at_rules(e);
	say(e, d, PRIO_NOTICE, "watching", more.text);
}

void report_reloaded(struct engine *e, const struct driver *d, const char *later)
{
	struct line more = {.n = 0};

	set_beat(e);
	if (*later)
		add(&more, " (only from the next start on: %s)", later);
	look_at_rules(e);
	say(e, d, PRIO_NOTICE, "reloaded", more.text);
}

int64_t report_due(const struct engine *e)
{
	return e->cfg->alerts_heartbeat ? beat : 0;
}

void report_beat(struct engine *e, const struct driver *d)
{
	set_beat(e);
	say(e, d, PRIO_INFORMATIONAL, "alive", "");
}

/* Events by kind: all of them, or those of which some were lost. */
static void log_events(const struct engine *e, const struct driver *d, bool all)
{
	static struct driver_stats ds;

	d->stats(&ds);
	if (ds.missed)
		log_info("events of any kind: lost %" PRIu64
			 " at most, for the kernel did not call the probe",
			 ds.missed);
	for (int i = 0; i < TRC_NTYPES; i++) {
		const struct driver_count *n = &ds.type[i];

		if (n->lost || (all && n->sent + n->filtered))
			log_info("event %s: seen %" PRIu64 " = sent %" PRIu64 " + filtered %" PRIu64
				 " + lost %" PRIu64 ", taken %" PRIu64,
				 event_table[i].name, n->sent + n->filtered + n->lost, n->sent,
				 n->filtered, n->lost, e->taken[i]);
	}
}

static void log_stats(const struct engine *e, bool all)
{
	if (log_dropped)
		log_info("lines that standard error did not take: %lu", log_dropped);
	for (const struct stats_row *row = stats_rows; row->name; row++) {
		uint64_t n = stats_value(e->stats, row);

		if (n && (all || row->lost))
			log_info("counter %s: %" PRIu64 " (%s)", row->name, n, row->help);
	}
}

static void log_rules(const struct engine *e)
{
	for (int i = 0; i < ruleset_count(e->rules); i++) {
		const struct rule *r = ruleset_rule(e->rules, i);

		if (r->hits)
			log_info("rule %s: alerts %" PRIu64 " = sent %" PRIu64
				 " + repeated %" PRIu64 " + throttled %" PRIu64,
				 r->name, r->hits, r->hits - r->repeated - r->throttled,
				 r->repeated, r->throttled);
	}
}

void report_counters(const struct engine *e, const struct driver *d)
{
	log_events(e, d, true);
	log_rules(e);
	log_stats(e, true);
}

void report_end(struct engine *e, const struct driver *d, int timeout_ms)
{
	engine_flush(e);
	sinks_flush(timeout_ms);
	say(e, d, PRIO_NOTICE, "ends", "");
	sinks_close(CLOSE_MS);
	log_events(e, d, false);
	log_stats(e, false);
}

void report_lost(const struct driver *d, uint64_t lost[static 2])
{
	static struct driver_stats ds;

	d->stats(&ds);
	lost[TRC_BULK] = past[TRC_BULK] + ds.lost[TRC_BULK];
	lost[TRC_CRITICAL] = past[TRC_CRITICAL] + ds.lost[TRC_CRITICAL];
}

void report_dead(const struct driver *d)
{
	report_lost(d, past);
}
