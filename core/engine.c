/* SPDX-License-Identifier: BSD-2-Clause */
/* The way of a record: see engine.h. */
#include "engine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/random.h>

#include "../driver/table.h"
#include "clock.h"
#include "container.h"
#include "log.h"
#include "siphash.h"

#define OWN_MAX LOG_MAX /* bytes of the sensor's own words */

size_t engine_size(const struct config *cfg)
{
	return cfg->alerts_repeat_window ? repeats_size((uint32_t)cfg->tables_repeats) : 0;
}

int engine_open(struct engine *e, struct arena *a)
{
	const struct config *cfg = e->cfg;

	if (getrandom(e->secret, sizeof(e->secret), 0) != sizeof(e->secret))
		return -EIO;
	return repeats_open(&e->repeats, e->secret, a, (uint32_t)cfg->tables_repeats,
			    (uint32_t)cfg->alerts_repeat_window);
}

/* Its own limit, if it has one; what is critical is not held back without being told to. */
static struct throttle_limit limit_of(const struct engine *e, const struct rule *rule)
{
	struct throttle_limit limit = rule->limit;

	if (!rule->has_limit && rule->priority > PRIO_CRITICAL)
		throttle_parse(str_of(e->cfg->alerts_throttle), &limit);
	return limit;
}

/*
 * Who did it. The root of a container is not the machine's: all of these share a
 * number that is no user's, and none of their decoys takes a place of root's.
 */
static struct throttle_who who_of(const struct engine *e, const struct field_ctx *ctx)
{
	const struct proc *p = ctx->proc;
	uint32_t uid = ctx->ev->hdr->uid;
	struct siphash h;

	siphash_begin(&h, e->secret);
	if (p) {
		struct str program = proc_text(e->state, p, PROC_EXEPATH);

		siphash_put(&h, program.p, program.n);
		if (!uid && proc_is_contained(p))
			uid = UINT32_MAX;
	}
	return (struct throttle_who){.user = uid, .program = (uint32_t)siphash_end(&h)};
}

/* A throttle that holds something back ends then. */
static void hold_until(struct engine *e, uint64_t end)
{
	if (!e->held_until || end < e->held_until)
		e->held_until = end;
}

/* May another alert of the rule pass? */
static bool pass(struct engine *e, struct rule *rule, const struct field_ctx *ctx)
{
	uint64_t ts = ctx->ev->hdr->ts;
	struct throttle_limit limit = limit_of(e, rule);

	if (throttle_pass(&rule->throttle, limit, ts, who_of(e, ctx)))
		return true;
	e->stats->throttled++;
	rule->throttled++;
	if (rule->throttle.held > 1)
		return false;
	hold_until(e, throttle_end(&rule->throttle, limit));
	engine_say(e, PRIO_WARNING, ts + state_epoch(e->state),
		   "throttle begins: rule=\"%s\" limit=%" PRIu32 "/%" PRIu32
		   ", more of those who were told is counted only",
		   rule->name, limit.alerts, limit.seconds);
	return false;
}

/* Says what the throttles held back that end until now, or what all of them have so far. */
static void settle_throttles(struct engine *e, uint64_t now, bool all)
{
	e->held_until = 0;
	for (int i = 0; i < ruleset_count(e->rules); i++) {
		struct rule *rule = ruleset_rule(e->rules, i);
		uint64_t end;

		if (!rule->throttle.held)
			continue;
		end = throttle_end(&rule->throttle, limit_of(e, rule));
		if (end > now && !all) {
			hold_until(e, end);
			continue;
		}
		engine_say(e, PRIO_WARNING, (end < now ? end : now) + state_epoch(e->state),
			   "throttle ends: rule=\"%s\" held=%" PRIu64, rule->name,
			   rule->throttle.held);
		rule->throttle = (struct throttle){0};
	}
}

/* One line for the repeats of the act whose window ends first. */
static void tell_repeats(struct engine *e)
{
	const struct repeat *x = repeats_oldest(&e->repeats);
	uint64_t ms = (x->last - x->first) / 1000000;
	char text[REPEAT_TEXT + 80];
	struct alert al = {
		.time = x->last + state_epoch(e->state),
		.priority = x->rule->priority,
		.rule = x->rule->name,
		.tags = x->rule->tags,
		.hostname = state_hostname(e->state),
		.more = x->count,
	};

	if (!x->count)
		return;
	memcpy(text, x->text, x->text_len);
	al.text.n = x->text_len;
	al.text.n += (uint32_t)snprintf(text + x->text_len, sizeof(text) - x->text_len,
					"%s (%" PRIu64 " more in %" PRIu64 ".%02" PRIu64 " s)",
					x->cut ? "[...]" : "", x->count, ms / 1000, ms % 1000 / 10);
	al.text.p = text;
	sinks_write(&al);
}

void engine_settle(struct engine *e, uint64_t now)
{
	const struct repeat *x;

	while ((x = repeats_oldest(&e->repeats)) && x->end <= now) {
		tell_repeats(e);
		repeats_told(&e->repeats);
	}
	if (e->held_until && e->held_until <= now)
		settle_throttles(e, now, false);
}

uint64_t engine_due(const struct engine *e)
{
	const struct repeat *x = repeats_oldest(&e->repeats);

	if (!x || (e->held_until && e->held_until < x->end))
		return e->held_until;
	return x->end;
}

void engine_flush(struct engine *e)
{
	while (repeats_oldest(&e->repeats)) {
		tell_repeats(e);
		repeats_forget(&e->repeats);
	}
	settle_throttles(e, e->latest, true);
}

/* Keeps an act that is told, to know its repeats. */
static void remember(struct engine *e, uint64_t key, uint64_t ts, struct rule *rule,
		     struct str text)
{
	if (!e->repeats.size)
		return;
	if (e->repeats.used == e->repeats.size) {
		e->stats->repeat_evicted++;
		tell_repeats(e);
		repeats_forget(&e->repeats);
	}
	repeats_add(&e->repeats, key, ts, rule, text);
}

static void alert(struct engine *e, struct rule *rule, struct field_ctx *ctx)
{
	uint64_t ts = ctx->ev->hdr->ts, key = 0;
	struct alert al = {
		.time = ts + state_epoch(e->state),
		.priority = rule->priority,
		.rule = rule->name,
		.tags = rule->tags,
		.hostname = state_hostname(e->state),
		.output = rule->output,
		.ctx = ctx,
	};
	bool cut = false;

	e->stats->alerts++;
	rule->hits++;
	if (e->repeats.size)
		key = repeats_key(&e->repeats, rule, ctx);
	if (repeats_again(&e->repeats, key, ts)) {
		e->stats->repeated++;
		rule->repeated++;
		return;
	}
	if (!pass(e, rule, ctx))
		return;
	al.text.p = e->text;
	al.text.n = (uint32_t)template_render(rule->output, ctx, e->text, sizeof(e->text), &cut);
	e->stats->text_full += cut;
	e->stats->sent++;
	remember(e, key, ts, rule, al.text);
	sinks_write(&al);
}

static void match(struct engine *e, const struct event *ev)
{
	struct field_ctx ctx;
	struct rule *rule;
	int pos = 0;

	field_begin(&ctx, e->state, ev, e->scratch);
	ctx.value_max = (uint32_t)e->cfg->alerts_value_max;
	ctx.omit = !e->cfg->alerts_missing;
	while ((rule = ruleset_match(e->rules, &ctx, &pos)) != NULL) {
		alert(e, rule, &ctx);
		if (!e->cfg->sensor_match) /* first */
			break;
	}
}

/*
 * May one more be asked for? To read one from its files takes as long as
 * some hundred records: whoever makes more processes, or containers, than the
 * table holds must not keep the sensor from its ring.
 */
static bool may_ask(struct asks *a, uint32_t most, uint64_t ts, uint64_t *unasked)
{
	uint64_t second = ts / 1000000000;

	if (second != a->second)
		a->count = 0;
	a->second = second;
	if (a->count++ < most)
		return true;
	++*unasked;
	return false;
}

/* Asks for what the tables lack before the event is taken in. */
static void ask_process(struct engine *e, const struct event *ev)
{
	if (!e->help.process || e->helping || ev->hdr->type == TRC_PROCEXIT ||
	    event_table[ev->hdr->type].flags & (TRC_MARK | TRC_FED) || state_proc(e->state, ev) ||
	    !may_ask(&e->asked_processes, ASKS_PER_SECOND, ev->hdr->ts, &e->stats->proc_unasked))
		return;
	e->helping = true;
	e->help.process(ev->hdr->pid);
	e->helping = false;
}

/* Asks for a container that a record is the first to name, and for others whose time has come. */
static void ask_container(struct engine *e, const struct event *ev)
{
	struct container c;

	if (e->container_due && ev->hdr->ts >= e->container_due)
		e->help.containers(ev->hdr->ts);
	if (e->help.container && state_new_container(e->state, ev, &c) &&
	    (ev->hdr->type == TRC_PROCINFO || may_ask(&e->asked_containers, CONTAINERS_PER_SECOND,
						      ev->hdr->ts, &e->stats->cont_unasked)))
		e->help.container(&c, ev->hdr->ts);
}

/* Asks what file has a name. */
static void ask_name(struct engine *e, struct str name)
{
	char path[TRC_STR_MAX];

	if (name.n >= sizeof(path))
		return;
	memcpy(path, name.p, name.n);
	path[name.n] = 0;
	e->help.file(path);
}

static void ask_file(struct engine *e, const struct event *ev)
{
	struct str name;
	uint32_t pos = 0;

	if (!e->help.file || e->helping)
		return;
	e->helping = true;
	while ((name = state_stale_file(e->state, ev, &pos)).n)
		ask_name(e, name);
	e->helping = false;
}

void engine_ask_files(struct engine *e)
{
	struct str name;

	for (int i = 0; e->help.file && (name = ruleset_file(e->rules, i)).p; i++)
		ask_name(e, name);
	if (!e->help.link)
		return;
	e->help.link("");
	ruleset_paths(e->rules, e->help.link);
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

/* The paths of rules have few directories: is it a link that has been told of? */
static bool is_known_link(const struct state *s, const struct event *ev)
{
	struct str name, real;

	for (uint32_t i = 0; ev->hdr->type == TRC_LINKINFO && state_link(s, i, &name, &real); i++)
		if (str_eq(name, event_str(ev, 0)) && str_eq(real, event_str(ev, 1)))
			return true;
	return false;
}

/* How much was lost; or, of a driver that was replaced, that nobody knows. */
static void tell_loss(struct engine *e, const struct event *ev)
{
	uint64_t at = ev->hdr->ts + state_epoch(e->state);

	if (ev->hdr->flags & (TRC_GAP_BULK | TRC_GAP_CRITICAL))
		engine_say(e, PRIO_WARNING, at, "events lost: nobody knows how many");
	else
		engine_say(e, PRIO_WARNING, at,
			   "events lost: %" PRId64 " bulk, %" PRId64 " critical", event_num(ev, 0),
			   event_num(ev, 1));
	state_gap(e->state, ev);
}

/* A record of the sensor's own. */
static void statement(struct engine *e, const struct event *ev)
{
	if (ev->hdr->type == TRC_PROCINFO)
		ask_container(e, ev);
	if (is_known_link(e->state, ev))
		return;
	if (e->tee)
		e->tee(ev->hdr);
	if (ev->hdr->type == TRC_LOSS)
		tell_loss(e, ev);
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
	e->latest = ev.hdr->ts;
	engine_settle(e, e->latest);
	state_gap(e->state, &ev);
	ask_process(e, &ev);
	ask_container(e, &ev);
	if (e->tee)
		e->tee(ev.hdr);
	ev.num = ++e->stats->events;
	state_before(e->state, &ev);
	match(e, &ev);
	state_after(e->state, &ev);
	ask_file(e, &ev);
}

void engine_say(struct engine *e, enum priority priority, uint64_t time, const char *fmt, ...)
{
	char line[OWN_MAX], text[OWN_MAX];
	struct alert al = {
		.time = time ? time : clock_ns(CLOCK_REALTIME),
		.priority = priority,
		.rule = "tiercel",
		.own = true,
		.tags = "",
		.hostname = state_hostname(e->state),
	};
	bool cut;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	al.text = (struct str){text, (uint32_t)text_escape(str_of(line), text, sizeof(text), &cut)};
	if (!e->cfg->syslog_enabled || !log_is_journal())
		log_line(priority <= PRIO_ERROR	  ? LOG_L_ERROR :
			 priority == PRIO_WARNING ? LOG_L_WARN :
						    LOG_L_INFO,
			 "%s", line);
	sinks_write(&al);
}
