/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A socket that messages leave by, and what waits for it: a spool, a
 * connection that is made and made again, and a back-off. The local and the
 * remote syslog sink are two of these. Nothing here blocks.
 *
 * While nothing waits, nothing is retried: an outlet whose peer is away and
 * that has no message asks for no wake-up.
 */
#ifndef CORE_OUTLET_H
#define CORE_OUTLET_H

#include "spool.h"

struct outlet {
	/* What its owner sets before outlet_open. */
	const char *name;  /* of the sink, for messages */
	const char *peer;  /* where it leads, for messages */
	uint64_t *dropped; /* counts messages that were not taken */
	bool late_refusal; /* ECONNREFUSED tells of a message that was sent before (UDP) */
	/*
	 * Makes a non-blocking socket and connects it. Returns it or -errno.
	 * Sets connecting if that is still under way.
	 */
	int (*dial)(struct outlet *o);

	/* What its owner sets before, or dial. */
	bool connecting;
	bool stream; /* messages can be taken in parts, and the end of the connection can be seen */
	bool nul;    /* a NUL ends each message */

	/* Its own. */
	struct spool spool;
	int fd;		 /* -1 = none */
	size_t sent;	 /* bytes of the oldest message that this connection took */
	int wait;	 /* back-off, s; 0 = the last attempt went well */
	int64_t dialled; /* ms, CLOCK_MONOTONIC, of the last attempt */
	int64_t retry;	 /* the same, of the next one */
};

/*
 * Takes spool_size bytes from the arena and tries to connect. A peer that is
 * away is no error: it gets one warning. 0 or -ENOMEM.
 */
int outlet_open(struct outlet *o, struct arena *a, uint32_t spool_size);

/*
 * Sends a message, or keeps it until it can be sent. One that there is no room
 * for is counted in *dropped, and so is one that is empty or too long.
 */
void outlet_write(struct outlet *o, const char *p, size_t n);

/* Descriptor to poll and what for, or -1. */
int outlet_fd(const struct outlet *o, short *events);

/* Milliseconds until outlet_step wants to be called, ready or not; -1 = never. */
int outlet_timeout(const struct outlet *o);

/* The descriptor is ready, or the time has come: connects, sends, retries. */
void outlet_step(struct outlet *o);

/* Sends what can be sent within about timeout_ms, then closes; what is left counts as dropped. */
void outlet_close(struct outlet *o, int timeout_ms);

#endif
