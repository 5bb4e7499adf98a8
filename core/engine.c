/* SPDX-License-Identifier: BSD-2-Clause */
/* The way of a record: see engine.h. */
#include "engine.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "../driver/table.h"
#include "log.h"

static void alert(struct engine *e, struct rule *rule, struct field_ctx *ctx)
{
	struct alert al = {
		.seq = ++e->seq,
		.time = ctx->ev->hdr->ts + state_epoch(e->state),
		.priority = rule->priority,
		.rule = rule->name,
		.tags = rule->tags,
		.hostname = state_hostname(e->state),
		.output = rule->output,
		.ctx = ctx,
	};
	bool cut = false;

	al.text.p = e->text;
	al.text.n = (uint32_t)template_render(rule->output, ctx, e->text, sizeof(e->text), &cut);
	e->stats->text_full += cut;
	e->stats->alerts++;
	rule->hits++;
	sinks_write(&al);
}

static void match(struct engine *e, const struct event *ev)
{
	struct field_ctx ctx;
	struct rule *rule;
	int pos = 0;

	field_begin(&ctx, e->state, ev, e->scratch);
	ctx.value_max = (uint32_t)e->cfg->alerts_value_max;
	while ((rule = ruleset_match(e->rules, &ctx, &pos)) != NULL) {
		alert(e, rule, &ctx);
		if (!e->cfg->sensor_match) /* first */
			break;
	}
}

/* Asks for what the tables lack before the event is taken in. */
static void ask_process(struct engine *e, const struct event *ev)
{
	if (!e->help.process || e->helping || ev->hdr->type == TRC_PROCEXIT ||
	    state_proc(e->state, ev))
		return;
	e->helping = true;
	e->help.process(ev->hdr->pid);
	e->helping = false;
}

static void ask_file(struct engine *e, const struct event *ev)
{
	char path[TRC_STR_MAX];
	struct str name;
	uint32_t pos = 0;

	if (!e->help.file || e->helping)
		return;
	e->helping = true;
	while ((name = state_stale_file(e->state, ev, &pos)).n) {
		if (name.n >= sizeof(path))
			continue;
		memcpy(path, name.p, name.n);
		path[name.n] = 0;
		e->help.file(path);
	}
	e->helping = false;
}

static void count_bad(struct stats *s, enum decode_error why)
{
	uint64_t *counter[DECODE_NERROR] = {
		[DECODE_SHORT] = &s->bad_short,
		[DECODE_TYPE] = &s->bad_type,
		[DECODE_NARG] = &s->bad_narg,
		[DECODE_OFFSET] = &s->bad_offset,
	};

	++*counter[why];
}

/* A record of the sensor's own. */
static void statement(struct engine *e, const struct event *ev)
{
	if (e->tee)
		e->tee(ev->hdr);
	if (ev->hdr->type == TRC_LOSS)
		engine_say(e, PRIO_WARNING, ev->hdr->ts + state_epoch(e->state),
			   "events lost: %" PRId64 " bulk, %" PRId64 " critical", event_num(ev, 0),
			   event_num(ev, 1));
	else
		state_before(e->state, ev);
}

void engine_record(struct engine *e, const void *rec, size_t size)
{
	struct event ev;
	enum decode_error why = decode(rec, size, &ev);

	e->stats->records++;
	if (why != DECODE_OK) {
		count_bad(e->stats, why);
		return;
	}
	e->taken[ev.hdr->type]++;
	if (event_table[ev.hdr->type].class == TRC_STATE) {
		statement(e, &ev);
		return;
	}
	ask_process(e, &ev);
	if (e->tee)
		e->tee(ev.hdr);
	ev.num = ++e->stats->events;
	state_before(e->state, &ev);
	match(e, &ev);
	state_after(e->state, &ev);
	ask_file(e, &ev);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void engine_say(struct engine *e, enum priority priority, uint64_t time, const char *fmt, ...)
{
	struct alert al = {
		.seq = ++e->seq,
		.time = time ? time : now(),
		.priority = priority,
		.rule = "tiercel",
		.own = true,
		.tags = "",
		.hostname = state_hostname(e->state),
	};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	al.text = str_of(e->text);
	log_line(priority <= PRIO_ERROR	  ? LOG_L_ERROR :
		 priority == PRIO_WARNING ? LOG_L_WARN :
					    LOG_L_INFO,
		 "%s", e->text);
	sinks_write(&al);
}
