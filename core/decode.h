/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one check of every record, whoever made it: after decode() has said 0,
 * no reader has to check a type or an offset again, nor a length, but for that
 * of a socket's ends (event_sock()).
 */
#ifndef CORE_DECODE_H
#define CORE_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "../driver/event.h"
#include "str.h"

/* A checked record. */
struct event {
	const struct trc_hdr *hdr;
	const uint64_t *slot;
	uint64_t num; /* count of events so far, from 1: evt.num */
};

/* Why a record was refused; each has a counter in stats.def. */
enum decode_error {
	DECODE_OK,
	DECODE_SHORT,  /* shorter than its header says, or than its slots */
	DECODE_TYPE,   /* no such event type */
	DECODE_NARG,   /* more arguments than a row can have */
	DECODE_OFFSET, /* a string outside of the record */
	DECODE_NERROR
};

/*
 * Checks size bytes at rec, aligned to 8. An older producer's record may have
 * fewer arguments than the row has now: those are absent. A newer one's surplus
 * is ignored.
 */
enum decode_error decode(const void *rec, size_t size, struct event *ev);

/* Is argument n there? */
bool event_has(const struct event *ev, int n);

/* Value of a scalar argument, 0 if absent. Signed types are sign-extended. */
int64_t event_num(const struct event *ev, int n);

/* Bytes of an argument, empty if absent. They live as long as the record. */
struct str event_str(const struct event *ev, int n);

/* Socket of an argument, or NULL if absent or short; *name gets a Unix socket's name. */
const struct trc_sock *event_sock(const struct event *ev, int n, struct str *name);

#endif
