/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The records of the notify driver: what the connector and the watch tell,
 * with /proc read at once for the rest. What cannot be had is absent.
 */
#ifndef DRIVER_NOTIFY_RECORD_H
#define DRIVER_NOTIFY_RECORD_H

#include "connector.h"
#include "record.h"
#include "watch.h"

/* Forgets all processes. */
void notify_record_begin(void);

/*
 * The record of what the connector told; NULL: it is none, or not one yet (a thread's, or
 * that of a process which another thread of it outlives). It is ours, until the next of its kind.
 */
struct record *notify_record_process(const struct connector_event *ev);

/* The process has become another one meanwhile: what /proc told may be the new one's. */
void notify_record_doubt(struct record *rec, const struct connector_event *ev);

/* The n-th record, 0 or 1, of what the watch told; NULL: there is none. It is ours as above. */
struct record *notify_record_file(const struct watch_event *ev, int n);

#endif
