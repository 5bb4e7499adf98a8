/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arena: a mapping and a mark that only moves forward. Memory behind the
 * mark is always zero, which is why arena_reset() wipes what was used.
 */
#include "arena.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGN _Alignof(max_align_t)

int arena_map(struct arena *a, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	/* One touched entry must not cost 2 MiB. No huge pages here at all: as good. */
	madvise(p, size, MADV_NOHUGEPAGE);
	*a = (struct arena){.base = p, .size = size};
	return 0;
}

size_t arena_most(size_t size)
{
	size_t most = 0;

	while (size - most > 65536) {
		struct arena a;
		size_t half = most + (size - most) / 2;

		if (arena_map(&a, half)) {
			size = half;
		} else {
			arena_unmap(&a);
			most = half;
		}
	}
	return most;
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t start = (a->used + ALIGN - 1) / ALIGN * ALIGN;

	if (start > a->size || n > a->size - start)
		return NULL;
	a->used = start + n;
	return a->base + start;
}

char *arena_copy(struct arena *a, const char *p, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	if (copy && n)
		memcpy(copy, p, n);
	return copy;
}

int arena_split(struct arena *a, struct arena *part, size_t size)
{
	char *base = arena_alloc(a, size);

	if (!base)
		return -ENOMEM;
	*part = (struct arena){.base = base, .size = size};
	return 0;
}

void arena_reset(struct arena *a)
{
	memset(a->base, 0, a->used);
	a->used = 0;
}

void arena_unmap(struct arena *a)
{
	munmap(a->base, a->size);
	*a = (struct arena){0};
}
