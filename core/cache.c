/* SPDX-License-Identifier: BSD-2-Clause */
/* Hash index with the order of use: see cache.h. */
#include "cache.h"

#include <errno.h>

static uint32_t buckets_for(uint32_t n)
{
	uint32_t size = 1;

	while (size < n)
		size *= 2;
	return size;
}

size_t cache_size(uint32_t n)
{
	/* arena_alloc may round each of the two up */
	return sizeof(struct cache_link) * n + sizeof(uint32_t) * buckets_for(n) + 64;
}

int cache_open(struct cache *c, struct arena *a, uint32_t n)
{
	*c = (struct cache){.size = n, .mask = buckets_for(n) - 1};
	c->link = arena_alloc(a, sizeof(*c->link) * n);
	c->bucket = arena_alloc(a, sizeof(*c->bucket) * (c->mask + 1));
	return c->link && c->bucket ? 0 : -ENOMEM;
}

/* The first entry of that hash in a chain from `at` on; others share its bucket. */
static uint32_t of_hash(const struct cache *c, uint32_t at, uint32_t hash)
{
	while (at && c->link[at - 1].hash != hash)
		at = c->link[at - 1].next;
	return at;
}

uint32_t cache_first(const struct cache *c, uint32_t hash)
{
	return of_hash(c, c->bucket[hash & c->mask], hash);
}

uint32_t cache_next(const struct cache *c, uint32_t at)
{
	return of_hash(c, c->link[at - 1].next, c->link[at - 1].hash);
}

uint32_t cache_victim(const struct cache *c)
{
	return c->free || c->used < c->size ? 0 : c->oldest;
}

static void use_last(struct cache *c, uint32_t at)
{
	struct cache_link *l = &c->link[at - 1];

	l->older = c->newest;
	l->newer = 0;
	if (c->newest)
		c->link[c->newest - 1].newer = at;
	else
		c->oldest = at;
	c->newest = at;
}

static void use_never(struct cache *c, uint32_t at)
{
	struct cache_link *l = &c->link[at - 1];

	*(l->older ? &c->link[l->older - 1].newer : &c->oldest) = l->newer;
	*(l->newer ? &c->link[l->newer - 1].older : &c->newest) = l->older;
}

uint32_t cache_take(struct cache *c, uint32_t hash)
{
	/* Entries that were never used come after those that were freed: pages stay untouched. */
	uint32_t at = c->free ? c->free : c->used + 1;
	struct cache_link *l = &c->link[at - 1];

	if (c->free)
		c->free = l->newer;
	c->used++;
	l->hash = hash;
	l->next = c->bucket[hash & c->mask];
	c->bucket[hash & c->mask] = at;
	use_last(c, at);
	return at - 1;
}

void cache_touch(struct cache *c, uint32_t i)
{
	if (c->newest != i + 1) {
		use_never(c, i + 1);
		use_last(c, i + 1);
	}
}

void cache_drop(struct cache *c, uint32_t i)
{
	struct cache_link *l = &c->link[i];
	uint32_t *chain = &c->bucket[l->hash & c->mask];

	while (*chain != i + 1)
		chain = &c->link[*chain - 1].next;
	*chain = l->next;
	use_never(c, i + 1);
	l->newer = c->free;
	c->free = i + 1;
	c->used--;
}
