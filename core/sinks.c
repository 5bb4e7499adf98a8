/* SPDX-License-Identifier: BSD-2-Clause */
/* The sinks there are, and what is done to all of them that are open. */
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "alert.h"
#include "clock.h"
#include "outlet.h"

static const struct sink *const sinks[SINK_COUNT] = {
#define SINK(name) &sink_##name,
#include "sinks.def"
};
static bool is_open[SINK_COUNT];
static const struct config *config;
static uint64_t seqs[SINK_COUNT]; /* alerts that each got */

const struct sink *sink_list(int i)
{
	return i >= 0 && i < SINK_COUNT ? sinks[i] : NULL;
}

size_t sinks_size(const struct config *cfg)
{
	size_t size = 0;

	for (int i = 0; i < SINK_COUNT; i++)
		if (sinks[i]->outlet && sinks[i]->enabled(cfg))
			size += sinks[i]->spool(cfg);
	return size;
}

int sinks_open(const struct config *cfg, struct arena *a, struct stats *stats, char *why,
	       size_t size)
{
	config = cfg;
	/* Neither a reader that goes away nor a limit of a file's size must end the sensor. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	/* Now, not at the first alert: reading the zone's file takes memory. */
	tzset();

	for (int i = 0; i < SINK_COUNT; i++) {
		const struct sink *s = sinks[i];
		int err = 0;

		if (!s->enabled(cfg))
			continue;
		err = s->open(cfg, stats, why, size);
		if (!err && s->outlet && (err = outlet_open(s->outlet, a, s->spool(cfg))))
			snprintf(why, size, "%s: no memory for its spool", s->name);
		if (err) {
			sinks_close(0);
			return err;
		}
		is_open[i] = true;
	}
	return 0;
}

/* The sensor's own words have no floor: a server waits for them. */
static bool is_for(int i, const struct alert *al)
{
	if (!is_open[i])
		return false;
	if (al->own)
		return !sinks[i]->terse || al->priority <= PRIO_WARNING;
	return (int)al->priority <= sinks[i]->floor(config);
}

void sinks_write(const struct alert *al)
{
	for (int i = 0; i < SINK_COUNT; i++) {
		struct alert numbered = *al;

		if (!is_for(i, al))
			continue;
		numbered.seq = ++seqs[i];
		sinks[i]->write(&numbered);
	}
}

/* What waits behind the i-th sink, NULL if it is not open or nothing ever waits. */
static struct outlet *outlet_of(int i)
{
	return is_open[i] ? sinks[i]->outlet : NULL;
}

int sinks_poll(struct pollfd *p, int max, int *timeout_ms)
{
	int n = 0;

	for (int i = 0; i < SINK_COUNT; i++) {
		const struct outlet *o = outlet_of(i);
		struct pollfd one = {0};
		int timeout;

		if (!o)
			continue;
		one.fd = outlet_fd(o, &one.events);
		if (one.fd >= 0 && n < max)
			p[n++] = one;
		timeout = outlet_timeout(o);
		if (timeout >= 0 && (*timeout_ms < 0 || timeout < *timeout_ms))
			*timeout_ms = timeout;
	}
	return n;
}

static bool is_ready(const struct outlet *o, const struct pollfd *p, int n)
{
	for (int i = 0; i < n; i++)
		if (p[i].fd == o->fd && p[i].revents)
			return true;
	return outlet_timeout(o) == 0;
}

void sinks_ready(const struct pollfd *p, int n)
{
	for (int i = 0; i < SINK_COUNT; i++) {
		struct outlet *o = outlet_of(i);

		if (o && is_ready(o, p, n))
			outlet_step(o);
	}
}

uint32_t sinks_waiting(void)
{
	uint32_t n = 0;

	for (int i = 0; i < SINK_COUNT; i++)
		if (outlet_of(i))
			n += outlet_waiting(outlet_of(i));
	return n;
}

static int until(int64_t end)
{
	int64_t left = end - clock_ms();

	return left > 0 ? (int)left : 0;
}

void sinks_flush(int timeout_ms)
{
	int64_t end = clock_ms() + timeout_ms;

	for (int i = 0; i < SINK_COUNT; i++)
		if (outlet_of(i))
			outlet_flush(outlet_of(i), until(end));
}

void sinks_close(int timeout_ms)
{
	int64_t end = clock_ms() + timeout_ms;

	for (int i = 0; i < SINK_COUNT; i++) {
		if (outlet_of(i))
			outlet_close(outlet_of(i), until(end));
		is_open[i] = false;
	}
}
