/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one piece of memory that everything lives in. It is mapped once, at
 * start; parts are taken from its front and never given back, except all of a
 * sub-arena at once. Pages that nobody touched cost nothing.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stddef.h>

struct arena {
	char *base;
	size_t size; /* bytes */
	size_t used;
};

/* Maps size bytes of zeroed memory. 0 or -errno. */
int arena_map(struct arena *a, size_t size);

/* Bytes, to 64 KiB, that arena_map() could map now, where size bytes were too many. */
size_t arena_most(size_t size);

/* Gives a whole mapping back; for what is needed for a moment only. */
void arena_unmap(struct arena *a);

/* Zeroed memory of n bytes, aligned for any type; NULL if there is no room. The arena owns it. */
void *arena_alloc(struct arena *a, size_t n);

/* Copy of n bytes with a NUL behind them; NULL if there is no room. */
char *arena_copy(struct arena *a, const char *p, size_t n);

/* Takes size bytes of a as an arena of its own. 0 or -ENOMEM. */
int arena_split(struct arena *a, struct arena *part, size_t size);

/* Makes an arena empty again, its memory zero. */
void arena_reset(struct arena *a);

#endif
