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
#undef SINK
};
static bool is_open[SINK_COUNT];

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
	/* A reader of standard output that goes away must not end the sensor. */
	signal(SIGPIPE, SIG_IGN);
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

void sinks_write(const struct alert *al)
{
	for (int i = 0; i < SINK_COUNT; i++)
		if (is_open[i])
			sinks[i]->write(al);
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

void sinks_close(int timeout_ms)
{
	int64_t end = clock_ms() + timeout_ms;

	for (int i = 0; i < SINK_COUNT; i++) {
		int64_t left = end - clock_ms();

		if (outlet_of(i))
			outlet_close(outlet_of(i), left > 0 ? (int)left : 0);
		is_open[i] = false;
	}
}
