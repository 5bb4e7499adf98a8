/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor tells of itself: how it starts and ends, its counters. */
#ifndef CORE_REPORT_H
#define CORE_REPORT_H

#include "../driver/driver.h"
#include "engine.h"

/* One line on what runs and why, to the operator and to the sinks; it ends in "watching". */
void report_start(struct engine *e, const struct driver *d, const char *why);
/* One line on what was seen, and the counters to the operator. */
void report_end(struct engine *e, const struct driver *d);

/* All counters that are not 0, on standard error. */
void report_counters(const struct engine *e, const struct driver *d);

/* Records the driver has lost since it was opened, by class. */
void report_lost(const struct driver *d, uint64_t lost[static 2]);

#endif
