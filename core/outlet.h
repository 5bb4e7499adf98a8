/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A socket that messages leave by, and what waits for it: a spool, a
 * connection that is made and made again, and a back-off. The local and the
 * remote syslog sink are two of these. Nothing here blocks.
 *
 * A message that the kernel took is kept until the peer has it, as far as the
 * kernel can tell: TCP says how much was acknowledged, a Unix socket how much
 * was read. When the connection breaks before, it is sent again. So what was on
 * its way to a daemon that is restarted, or over a cable that is pulled, is not
 * lost; a message that arrived just then may arrive twice.
 *
 * While nothing waits, nothing is retried: an outlet whose peer is away and
 * that has no message asks for no wake-up.
 */
#ifndef CORE_OUTLET_H
#define CORE_OUTLET_H

#include "spool.h"

/* Where messages are counted. Each is sent, dropped, or waits. */
struct outlet_counts {
	uint64_t *sent;
	/* Could not be sent at once, or joined others that had not arrived for half a second. */
	uint64_t *spooled;
	uint64_t *dropped;
};

/* What the kernel tells of a socket's unfinished business (SIOCOUTQ, the same as TIOCOUTQ). */
enum receipt {
	RECEIPT_NONE,	/* nothing: what it took is gone */
	RECEIPT_BYTES,	/* bytes that the peer has not acknowledged (TCP) */
	RECEIPT_MEMORY, /* memory of messages that the peer has not read (Unix) */
};

struct outlet {
	/* What its owner sets before outlet_open. */
	const char *name; /* of the sink, for messages */
	const char *peer; /* where it leads, for messages */
	struct outlet_counts counts;
	int patience;	   /* longest back-off, s; the first is 1 s, each next one twice as long */
	bool late_refusal; /* ECONNREFUSED tells of a message that was sent before (UDP) */
	/*
	 * Makes a non-blocking socket and connects it. Returns it or -errno;
	 * -EINPROGRESS: the peer's address is still being looked up.
	 * Sets connecting if that is still under way.
	 */
	int (*dial)(struct outlet *o);
	/*
	 * With RECEIPT_MEMORY and without stream: is the peer still the one that
	 * was dialled? Where a peer goes, what it has not read looks as if it had.
	 */
	bool (*same)(const struct outlet *o);

	/* What its owner sets before, or dial. */
	bool connecting;
	bool stream; /* messages can be taken in parts, and the end of the connection can be seen */
	bool nul;    /* a NUL ends each message */
	enum receipt receipt;

	/* Its own. */
	struct spool spool;
	int fd;		 /* -1 = none */
	size_t sent;	 /* bytes of the next message that this connection took */
	uint64_t flight; /* bytes that it took of all messages that are kept */
	int64_t look;	 /* ms, CLOCK_MONOTONIC: when to look whether those have arrived */
	int pause;	 /* ms from there to the next look */
	int wait;	 /* back-off, s; 0 = the last attempt went well */
	bool unknown;	 /* the last attempt found that there is no address yet */
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
 * for is counted as dropped, and so is one that is empty or too long.
 */
void outlet_write(struct outlet *o, const char *p, size_t n);

/* Descriptor to poll and what for, or -1. */
int outlet_fd(const struct outlet *o, short *events);

/* Milliseconds until outlet_step wants to be called, ready or not; -1 = never. */
int outlet_timeout(const struct outlet *o);

/* The descriptor is ready, or the time has come: connects, sends, retries. */
void outlet_step(struct outlet *o);

/* Messages that wait to be sent. */
uint32_t outlet_waiting(const struct outlet *o);

/* Sends what can be sent, and sees it arrive, within about timeout_ms. */
void outlet_flush(struct outlet *o, int timeout_ms);

/* The same, then closes; what the kernel has not taken counts as dropped. */
void outlet_close(struct outlet *o, int timeout_ms);

#endif
