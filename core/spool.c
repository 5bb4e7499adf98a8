/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring of waiting messages: see spool.h. Each is its length in 4 bytes, then its bytes. */
#include <errno.h>
#include <string.h>

#include "spool.h"

int spool_open(struct spool *s, struct arena *a, uint32_t size)
{
	*s = (struct spool){.ring = arena_alloc(a, size), .size = size};
	return s->ring ? 0 : -ENOMEM;
}

/* Bytes of the ring from at on that lie before its end. */
static size_t before_end(const struct spool *s, uint32_t at, size_t n)
{
	return n < s->size - at ? n : s->size - at;
}

static void append(struct spool *s, const void *p, size_t n)
{
	uint32_t at = (uint32_t)(((uint64_t)s->head + s->used) % s->size);
	size_t part = before_end(s, at, n);

	memcpy(s->ring + at, p, part);
	memcpy(s->ring, (const char *)p + part, n - part);
	s->used += (uint32_t)n;
}

/* Copies n bytes that lie skip bytes behind the head. */
static void copy(const struct spool *s, uint32_t skip, void *p, size_t n)
{
	uint32_t at = (uint32_t)(((uint64_t)s->head + skip) % s->size);
	size_t part = before_end(s, at, n);

	memcpy(p, s->ring + at, part);
	memcpy((char *)p + part, s->ring, n - part);
}

bool spool_put(struct spool *s, const char *p, size_t n)
{
	uint32_t length = (uint32_t)n;

	if (n == 0 || n > SPOOL_MESSAGE_MAX || n + sizeof(length) > s->size - s->used)
		return false;
	append(s, &length, sizeof(length));
	append(s, p, n);
	s->count++;
	return true;
}

/* Length of the message that lies skip bytes behind the head. */
static uint32_t length_at(const struct spool *s, uint32_t skip)
{
	uint32_t length;

	copy(s, skip, &length, sizeof(length));
	return length;
}

size_t spool_next(const struct spool *s, char buf[static SPOOL_MESSAGE_MAX])
{
	uint32_t length;

	if (s->passed == s->count)
		return 0;
	length = length_at(s, s->next);
	copy(s, s->next + (uint32_t)sizeof(length), buf, length);
	return length;
}

void spool_pass(struct spool *s)
{
	s->next += (uint32_t)sizeof(uint32_t) + length_at(s, s->next);
	s->passed++;
}

void spool_rewind(struct spool *s)
{
	s->passed = s->next = 0;
}

uint32_t spool_oldest(const struct spool *s)
{
	return s->count ? length_at(s, 0) : 0;
}

void spool_drop(struct spool *s)
{
	uint32_t bytes = (uint32_t)sizeof(bytes) + length_at(s, 0);

	s->head = (uint32_t)(((uint64_t)s->head + bytes) % s->size);
	s->used -= bytes;
	s->count--;
	if (s->passed) {
		s->passed--;
		s->next -= bytes;
	}
	/* Empty, it starts over: pages that were never needed stay untouched. */
	if (!s->count)
		s->head = 0;
}
