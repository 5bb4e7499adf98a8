/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The feed: see feeds.h. Whoever floods it is read a little faster than his limit lets through,
 * to count what he loses, and else waits in his own send(2): it costs the sensor next to nothing.
 */
#include "feeds.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "../driver/feed.h"
#include "clock.h"
#include "feed_source.h"
#include "feed_text.h"
#include "privilege.h"

#define BUDGET 64   /* messages and connections in a round */
#define USER_MOST 4 /* connections of one user */
#define REST 50	    /* ms that who was refused something in a round is not listened to */

static struct source {
	struct feed_source is;
	uid_t uid;
	uint64_t credit; /* ns, of which a message takes its share */
	uint64_t filled; /* when that was, as hdr.ts; 0: never */
	uint64_t held;	 /* messages above the limit since that began */
	int64_t ends;	 /* when no more were for long enough, ms */
} sources[FEED_SOURCES];
static int nsources;

static struct connection {
	struct source *source; /* NULL: it has not said */
	bool rests;	       /* from the end of this round on */
	struct feed_declared declared;
} connections[FEED_CONNECTIONS];

const char *feeds_unknown_user(const struct config *cfg)
{
	static struct feed_source is[FEED_SOURCES];
	int n = feed_sources(cfg->feed_sources, is);
	uid_t uid;

	for (int i = 0; i < n; i++)
		if (privilege_user(is[i].user, &uid))
			return is[i].user;
	return NULL;
}

int feeds_open(const struct config *cfg, char *why, size_t size)
{
	struct feed_source is[FEED_SOURCES];
	uid_t owner = geteuid();

	if (!*cfg->feed_socket)
		return 0;
	nsources = feed_sources(cfg->feed_sources, is);
	for (int i = 0; i < nsources; i++) {
		sources[i] = (struct source){.is = is[i]};
		if (privilege_user(is[i].user, &sources[i].uid)) {
			snprintf(why, size, "feed.sources: %s: no such user", is[i].user);
			return -ENOENT;
		}
	}
	if (*cfg->sensor_user)
		privilege_user(cfg->sensor_user, &owner);
	return feed_open(cfg->feed_socket, owner, why, size);
}

int feeds_fd(void)
{
	return feed_fd();
}

static struct throttle_limit limit_of(const struct engine *e)
{
	struct throttle_limit limit = {0};

	throttle_parse(str_of(e->cfg->feed_rate), &limit);
	return limit;
}

/* Takes from the credit of a source what a message costs, if that is there. */
static bool pay(const struct engine *e, struct source *s)
{
	struct throttle_limit limit = limit_of(e);
	uint64_t now = clock_boot(), full = limit.seconds * 1000000000ull;
	uint64_t cost = full / limit.alerts;

	s->credit += now - s->filled; /* at first, since the machine was booted */
	if (s->credit > full || !s->filled)
		s->credit = full;
	s->filled = now;
	if (s->credit < cost)
		return false;
	s->credit -= cost;
	return true;
}

/* Counts a message above the limit. */
static void hold(struct engine *e, struct source *s)
{
	struct throttle_limit limit = limit_of(e);

	e->stats->feed_throttled++;
	s->ends = clock_ms() + limit.seconds * INT64_C(1000);
	if (!s->held++)
		engine_say(e, PRIO_WARNING, 0,
			   "feed throttle begins: source=%.*s limit=%" PRIu32 "/%" PRIu32
			   ", more is counted only",
			   (int)s->is.name.n, s->is.name.p, limit.alerts, limit.seconds);
}

/* Tells of the sources that have kept to their limit again, or of all. */
static void settle(struct engine *e, bool all)
{
	for (int i = 0; i < nsources; i++) {
		struct source *s = &sources[i];

		if (!s->held || (!all && s->ends > clock_ms()))
			continue;
		engine_say(e, PRIO_WARNING, 0, "feed throttle ends: source=%.*s held=%" PRIu64,
			   (int)s->is.name.n, s->is.name.p, s->held);
		s->held = 0;
	}
}

static void answer(int from, const char *why)
{
	char line[FEED_ANSWER_MAX + 16];

	snprintf(line, sizeof(line), "error: %s\n", why);
	feed_answer(from, line);
}

/* Ends a connection of who may not have it. */
static void refuse(struct engine *e, int from, const char *why)
{
	e->stats->feed_refused++;
	answer(from, why);
	feed_hang_up(from);
}

/* May its user deliver under any name? */
static bool welcome(struct engine *e, int from)
{
	trc_u32 uid = feed_peer(from)->uid;
	bool known = false;

	for (int i = 0; i < nsources; i++)
		known = known || sources[i].uid == uid;
	if (known && feed_count(uid) <= USER_MOST) {
		memset(&connections[from], 0, sizeof(connections[from]));
		return true;
	}
	refuse(e, from,
	       known ? "too many connections of this user" :
		       "feed.sources does not name this user");
	return false;
}

/* The first message: as whom it delivers. */
static void name_source(struct engine *e, int from, struct str message)
{
	struct str name;
	bool is = feed_command(message, &name) == FEED_SOURCE;

	for (int i = 0; is && i < nsources; i++)
		if (str_eq(sources[i].is.name, name) && sources[i].uid == feed_peer(from)->uid) {
			connections[from].source = &sources[i];
			return;
		}
	refuse(e, from,
	       is ? "feed.sources does not give this user that name" :
		    "expected source NAME at first");
}

/* An event, of which the process that connected is said to be the maker. */
static int take_event(struct engine *e, int from, struct str rest, char *why)
{
	static struct record rec;
	const struct feed_peer *peer = feed_peer(from);
	struct connection *c = &connections[from];
	const struct proc *p;

	if (feed_event(&c->declared, c->source->is.name, rest, &rec, why))
		return -EINVAL;
	rec.hdr.pid = rec.hdr.tid = peer->pid;
	rec.hdr.uid = peer->uid;
	if (peer->pid && !state_pid(e->state, peer->pid) && e->help.process)
		e->help.process(peer->pid);
	p = state_pid(e->state, peer->pid);
	rec.hdr.start = peer->start || !p ? peer->start : p->start;
	e->stats->fed++;
	engine_record(e, &rec, rec.hdr.len);
	return 0;
}

static int take_record(struct engine *e, struct str rest, char *why)
{
	static struct record rec;

	if (feed_record(rest, &rec, why))
		return -EINVAL;
	e->stats->fed++;
	engine_record(e, &rec, rec.hdr.len);
	return 0;
}

static void take_message(struct engine *e, int from, struct str message)
{
	struct connection *c = &connections[from];
	char why[FEED_ANSWER_MAX] = "expected declare, event or record";
	struct str rest;
	int rc = -EINVAL;

	switch (feed_command(message, &rest)) {
	case FEED_DECLARE:
		rc = feed_declare(&c->declared, rest, why);
		break;
	case FEED_EVENT:
		rc = take_event(e, from, rest, why);
		break;
	case FEED_RECORD:
		if (!c->source->is.records) {
			e->stats->feed_refused++;
			answer(from, "feed.sources does not let this source deliver records");
			return;
		}
		rc = take_record(e, rest, why);
		break;
	default:
		break;
	}
	if (rc) {
		e->stats->feed_malformed++;
		answer(from, why);
	}
}

static void take(struct engine *e, const struct feed_item *item)
{
	struct connection *c = &connections[item->from];
	struct str message = {item->p, (uint32_t)item->n};

	if (!c->source) {
		name_source(e, item->from, message);
	} else if (!pay(e, c->source)) {
		hold(e, c->source);
		c->rests = true;
	} else if (item->kind == FEED_LONG) {
		e->stats->feed_malformed++;
		answer(item->from, "expected at most " QUOTED(FEED_MESSAGE_MAX) " bytes");
	} else {
		take_message(e, item->from, message);
	}
}

void feeds_take(struct engine *e)
{
	bool refused = false;

	for (int i = 0; i < BUDGET; i++) {
		struct feed_item item = feed_next();

		if (item.kind == FEED_NONE)
			break;
		if (item.kind == FEED_FULL)
			e->stats->feed_refused++;
		else if (item.kind != FEED_NEW)
			take(e, &item);
		if (item.kind == FEED_FULL || (item.kind == FEED_NEW && !welcome(e, item.from)))
			refused = true;
	}
	if (refused)
		feed_rest(FEED_LISTENER, REST);
	for (int i = 0; i < FEED_CONNECTIONS; i++) {
		if (connections[i].rests)
			feed_rest(i, REST);
		connections[i].rests = false;
	}
	settle(e, false);
}

void feeds_record(struct engine *e, const struct trc_hdr *rec)
{
	if (rec->type == TRC_PROCEXIT && feed_fd() >= 0)
		feeds_take(e);
}

int64_t feeds_due(void)
{
	int64_t due = feed_due();

	for (int i = 0; i < nsources; i++)
		if (sources[i].held && (!due || sources[i].ends < due))
			due = sources[i].ends;
	return due;
}

void feeds_close(struct engine *e)
{
	settle(e, true);
	feed_close();
}
