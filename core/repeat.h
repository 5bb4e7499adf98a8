/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Repeats: the same act, done again within some seconds, is counted instead of
 * told anew. The same is what a rule caught again with equal facts: event,
 * arguments, file or socket, program, command line, user, terminal, container,
 * session and parent. The numbers that the kernel deals out anew each time
 * (process, descriptor, the port of a client) are no facts. So a program that
 * opens a file a thousand times is one act, and so is a shell's loop around
 * cat; another file, program, command line, user or parent is another act.
 *
 * Facts are compared by a keyed hash (siphash.h): nobody can make one act look
 * like another. A full table forgets the oldest act, whose next repeat is an
 * alert again: too much is told then, never too little.
 */
#ifndef CORE_REPEAT_H
#define CORE_REPEAT_H

#include "arena.h"
#include "field.h"
#include "rule.h"

#define REPEAT_TEXT 512 /* bytes kept of an alert's text */

/* An act that was told. Times are those of records (hdr.ts). */
struct repeat {
	uint64_t key;
	uint64_t first; /* of the alert, or of the last repeat that was told */
	uint64_t last;	/* of the last repeat */
	uint64_t end;	/* of its window */
	uint64_t count; /* repeats in it, not yet told */
	struct rule *rule;
	bool cut; /* the text was longer */
	uint32_t text_len;
	char text[REPEAT_TEXT];
};

/* A queue in the order of their ends. */
struct repeats {
	struct repeat *entry;
	uint32_t size; /* 0 = repeats are alerts */
	uint32_t head, used;
	uint64_t window; /* ns */
	const uint64_t *secret;
	/* Bit n: a value of argument n that is not below 0 is no fact. */
	uint32_t chance[TRC_NTYPES];
};

/* Bytes of arena that repeats_open takes. */
size_t repeats_size(uint32_t size);

/*
 * An empty table of size acts; window in seconds, 0 = none is one. The secret
 * stays the caller's. 0 or -errno.
 */
int repeats_open(struct repeats *r, const uint64_t secret[static 2], struct arena *a, uint32_t size,
		 uint32_t window);

/* Hash of the facts of an alert. */
uint64_t repeats_key(const struct repeats *r, const struct rule *rule, const struct field_ctx *ctx);

/* Was this act told, and its window is not over? Then it is counted. */
bool repeats_again(struct repeats *r, uint64_t key, uint64_t ts);

/* Keeps an act that is told now; there must be room. */
void repeats_add(struct repeats *r, uint64_t key, uint64_t ts, struct rule *rule, struct str text);

/* The act whose window ends first, NULL if there is none. */
const struct repeat *repeats_oldest(const struct repeats *r);

/* The oldest has been told: if it had repeats its next window begins, else it is forgotten. */
void repeats_told(struct repeats *r);

/* Forgets the oldest. */
void repeats_forget(struct repeats *r);

#endif
