/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages that wait to be sent, in a ring of fixed size, first in, first out.
 * A full spool refuses the new message and keeps the old ones: the first
 * alerts of an intrusion tell how it came in, and nobody who can cause alerts
 * can push out those that are already kept.
 */
#ifndef CORE_SPOOL_H
#define CORE_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

#define SPOOL_MESSAGE_MAX 8192 /* bytes of one message */

struct spool {
	char *ring;		   /* the arena owns it */
	uint32_t size, head, used; /* bytes; head is where the oldest message starts */
	uint32_t count;		   /* messages */
	uint32_t passed;	   /* of them, those that the reader has passed, */
	uint32_t next;		   /* and their bytes */
};

/* An empty spool of size bytes; each message takes 4 more than its length. 0 or -ENOMEM. */
int spool_open(struct spool *s, struct arena *a, uint32_t size);

/* Appends a copy of a message. False if it is empty, too long, or there is no room. */
bool spool_put(struct spool *s, const char *p, size_t n);

/* Copies the first message that was not passed; returns its length, 0 if there is none. */
size_t spool_next(const struct spool *s, char buf[static SPOOL_MESSAGE_MAX]);

/* Passes that message, of which there must be one. It stays until it is dropped. */
void spool_pass(struct spool *s);

/* Nothing is passed any more. */
void spool_rewind(struct spool *s);

/* Length of the oldest message, passed or not; 0 if there is none. */
uint32_t spool_oldest(const struct spool *s);

/* Forgets the oldest message, of which there must be one. */
void spool_drop(struct spool *s);

#endif
