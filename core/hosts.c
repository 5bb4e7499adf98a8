/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosts that rules name: see hosts.h. */
#include "hosts.h"

#include <errno.h>
#include <unistd.h>

#include "../driver/record.h"
#include "../driver/table.h"
#include "clock.h"
#include "resolve.h"
#include "sensor.h"

#define ANSWERS 16 /* taken at a time, so that no flood of them keeps the sensor from its events */
#define PAUSE 10   /* s until a process that ended is followed by another */

static int answers = -1;
static int64_t again; /* ms */
static const struct arena *spare;

/* The addresses of a name, as a record. */
static void state(struct engine *e, struct str name, const struct resolved_name *r)
{
	static struct record rec;

	record_begin(&rec, TRC_HOSTINFO, 0, 0);
	record_bytes(&rec, event_arg_slot(TRC_HOSTINFO, "name"), name.p, name.n);
	record_bytes(&rec, event_arg_slot(TRC_HOSTINFO, "addresses"), r->addr,
		     r->count * sizeof(*r->addr));
	record_num(&rec, event_arg_slot(TRC_HOSTINFO, "more"), r->more);
	engine_record(e, &rec.hdr, rec.hdr.len);
}

/* Do both sets of rules name the same hosts, in the same order? */
static bool same_names(const struct ruleset *a, const struct ruleset *b)
{
	int count, others;
	const struct str *host = ruleset_hosts(a, &count), *other = ruleset_hosts(b, &others);

	for (int i = 0; i < count && count == others; i++)
		if (!str_eq(host[i], other[i]))
			return false;
	return count == others;
}

static void forget_old(struct engine *e, const struct ruleset *old)
{
	int count, others;
	const struct str *host = ruleset_hosts(old, &count);
	const struct str *now = ruleset_hosts(e->rules, &others);

	for (int i = 0; i < count; i++)
		if (!str_in(now, (uint32_t)others, host[i]))
			state(e, host[i], &(struct resolved_name){.count = 0});
}

/* The process allocates, if the sensor does not: its copy is made without the seal. */
static void start(struct engine *e)
{
	int count, err, sealed = sensor_sealed;
	const struct str *host = ruleset_hosts(e->rules, &count);

	again = 0;
	if (!count)
		return;
	sensor_sealed = 0;
	err = resolve_names(host, count, spare, &answers);
	sensor_sealed = sealed;
	if (!err)
		return;
	again = clock_ms() + PAUSE * 1000;
	engine_say(e, PRIO_WARNING, 0, "hosts that rules name cannot be looked up: %s",
		   strerror(-err));
}

static void stop(void)
{
	if (answers >= 0)
		close(answers);
	answers = -1;
}

void hosts_start(struct engine *e, const struct ruleset *old, const struct arena *memory)
{
	if (old && answers >= 0 && same_names(old, e->rules))
		return;
	stop();
	spare = memory;
	if (old)
		forget_old(e, old);
	start(e);
}

int hosts_fd(void)
{
	return answers;
}

static void ended(struct engine *e)
{
	stop();
	again = clock_ms() + PAUSE * 1000;
	e->stats->name_ended++;
	engine_say(e, PRIO_WARNING, 0,
		   "the process that looks up the hosts that rules name has ended; their addresses "
		   "stay as they are, and another follows in %d s",
		   PAUSE);
}

void hosts_ready(struct engine *e)
{
	struct resolved_name answer;
	int count, got = 0;
	const struct str *host = ruleset_hosts(e->rules, &count);

	for (int n = 0; answers >= 0 && n < ANSWERS; n++) {
		got = resolve_next(answers, &answer);
		if (got <= 0)
			break;
		if (answer.which < (uint32_t)count)
			state(e, host[answer.which], &answer);
	}
	if (got < 0)
		ended(e);
	if (again && clock_ms() >= again)
		start(e);
}

int64_t hosts_due(void)
{
	return again;
}
