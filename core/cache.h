/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hash index of fixed size over an array of somebody's entries, with the
 * order of their use: who is taken when it is full is the one that was used
 * least recently. Entries are known by their index in that array.
 */
#ifndef CORE_CACHE_H
#define CORE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

struct cache_link {
	uint32_t hash;
	uint32_t next; /* in the chain of its bucket; all of these are 1 + index, 0 = none */
	uint32_t older, newer; /* in the order of use; newer also chains the free ones */
};

struct cache {
	struct cache_link *link;
	uint32_t *bucket;
	uint32_t mask; /* of bucket */
	uint32_t size;
	uint32_t oldest, newest, free;
	uint32_t used; /* entries in use */
};

/* Bytes of arena that a cache of n entries takes. */
size_t cache_size(uint32_t n);

/* Builds an empty index of n entries. 0 or -ENOMEM. */
int cache_open(struct cache *c, struct arena *a, uint32_t n);

/*
 * First entry of a hash as 1 + index, 0 = none; then the next one of the same
 * hash. The caller compares keys.
 */
uint32_t cache_first(const struct cache *c, uint32_t hash);
uint32_t cache_next(const struct cache *c, uint32_t at);

/* The entry that cache_take() would evict, as 1 + index; 0 if one is free. */
uint32_t cache_victim(const struct cache *c);

/*
 * Takes a free entry for a hash and returns its index. The caller has dropped
 * the victim, if there was one.
 */
uint32_t cache_take(struct cache *c, uint32_t hash);

/* Says that an entry was used. */
void cache_touch(struct cache *c, uint32_t i);

/* Frees an entry. */
void cache_drop(struct cache *c, uint32_t i);

#endif
