/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hosts that rules name (fd.sip.name and its kin): has them looked up for as
 * long as the rules are in use, and states what is found as hostinfo records.
 * Where rules name none, there is no process and no cost.
 */
#ifndef CORE_HOSTS_H
#define CORE_HOSTS_H

#include "engine.h"

/*
 * Starts the process that looks up the names of e->rules; one for other rules is
 * ended, unless these name the same. old: the rules that were in use, or NULL: names
 * of theirs that are no more are forgotten. memory: the sensor's, which that process
 * gives back; lasts.
 */
void hosts_start(struct engine *e, const struct ruleset *old, const struct arena *memory);

/* Descriptor that is readable when answers are there; -1 = none. */
int hosts_fd(void);

/* Takes answers that have come, and starts a process that ended anew when it is time. */
void hosts_ready(struct engine *e);

/* When that time is, ms of clock_ms(); 0 = never. */
int64_t hosts_due(void);

#endif
