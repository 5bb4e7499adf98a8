/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the sensor tells of itself: that it starts, lives, reads its rules again
 * and ends, and its counters. Those lines begin with a word of their own and go
 * on in NAME=VALUE words, which stay as they are: servers read them.
 */
#ifndef CORE_REPORT_H
#define CORE_REPORT_H

#include "../driver/driver.h"
#include "engine.h"

/* "watching: ...": what runs and why, to the operator and to the sinks. */
void report_start(struct engine *e, const struct driver *d, const char *why);

/* "reloaded: ..." with the same words; later: what will hold from the next start on, or "". */
void report_reloaded(struct engine *e, const struct driver *d, const char *later);

/* When the next sign of life is due, ms of CLOCK_MONOTONIC; 0 = never. */
int64_t report_due(const struct engine *e);
/* "alive: ...", the sign of life. */
void report_beat(struct engine *e, const struct driver *d);

/*
 * Tells what is due, has the sinks send it within about timeout_ms, says
 * "ends: ..." with the counters as they then are, and closes the sinks. The
 * operator gets what was lost, by cause.
 */
void report_end(struct engine *e, const struct driver *d, int timeout_ms);

/* All counters that are not 0, by event and by rule too, on standard error. */
void report_counters(const struct engine *e, const struct driver *d);

/* Takes what a driver that is to be closed has counted into what follows. */
void report_dead(const struct driver *d);

/* Records that drivers have lost since the start, by class. */
void report_lost(const struct driver *d, uint64_t lost[static 2]);

#endif
