/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading rings that the kernel writes: see ring.h. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event.h"
#include "ring.h"

/* Each record is preceded by 8 bytes: length with two flags, and a page offset for the kernel. */
#define HEADER 8
#define BUSY (1u << 31)
#define DISCARDED (1u << 30)

/*
 * Bytes of the page with the kernel's position, of the data, and of as much of
 * the data again as one record may go on into. The kernel gives all of the data
 * twice; what is not asked for counts as memory of nobody's.
 */
static size_t readable(const struct ring *r)
{
	size_t again = (HEADER + TRC_RECORD_MAX + r->page - 1) / r->page * r->page;

	return r->page + r->size + (again < r->size ? again : r->size);
}

int ring_map(struct ring *r, int fd, uint64_t at, size_t size, int wide)
{
	void *p;

	memset(r, 0, sizeof(*r));
	r->page = (size_t)sysconf(_SC_PAGESIZE);
	r->size = size;
	r->wide = wide;
	p = mmap(NULL, r->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)at);
	if (p == MAP_FAILED)
		return -errno;
	r->consumer = p;
	p = mmap(NULL, readable(r), PROT_READ, MAP_SHARED, fd, (off_t)(at + r->page));
	if (p == MAP_FAILED) {
		int err = -errno;

		ring_unmap(r);
		return err;
	}
	r->producer = p;
	r->data = (const char *)p + r->page;
	/* No process that the sensor starts has a hand in what it reads. */
	madvise(r->consumer, r->page, MADV_DONTFORK);
	madvise(p, readable(r), MADV_DONTFORK);
	return 0;
}

/*
 * How far the kernel is ahead of us. A 32-bit kernel's position wraps, but the
 * difference cannot: it is never more than the ring's size.
 */
static uint64_t ahead(const struct ring *r)
{
	if (r->wide)
		return __atomic_load_n((const uint64_t *)r->producer, __ATOMIC_ACQUIRE) - r->pos;
	return (uint32_t)(__atomic_load_n((const uint32_t *)r->producer, __ATOMIC_ACQUIRE) -
			  (uint32_t)r->pos);
}

static void publish(struct ring *r)
{
	if (r->wide)
		__atomic_store_n((uint64_t *)r->consumer, r->pos, __ATOMIC_RELEASE);
	else
		__atomic_store_n((uint32_t *)r->consumer, (uint32_t)r->pos, __ATOMIC_RELEASE);
}

enum next { NONE, UNFINISHED, FINISHED };

static enum next look(struct ring *r, const void **rec, uint32_t *len)
{
	*rec = NULL;
	while (ahead(r)) {
		const char *at = r->data + (r->pos & (r->size - 1));
		uint32_t head = __atomic_load_n((const uint32_t *)at, __ATOMIC_ACQUIRE);

		if (head & BUSY)
			return UNFINISHED;
		*len = head & ~(BUSY | DISCARDED);
		if (!(head & DISCARDED)) {
			*rec = at + HEADER;
			return FINISHED;
		}
		ring_next(r, *len);
	}
	return NONE;
}

const void *ring_peek(struct ring *r, uint32_t *len)
{
	const void *rec;

	look(r, &rec, len);
	return rec;
}

/* One look at each ring, the last one first. Adds to *empty how many had nothing. */
static bool look_at_all(struct ring *ring, int n, struct ring **from, const struct trc_hdr **rec,
			uint32_t *len, int *empty)
{
	*from = NULL;
	for (int i = n - 1; i >= 0; i--) {
		const void *head;
		uint32_t size;
		enum next next = look(&ring[i], &head, &size);

		if (next == UNFINISHED)
			return false;
		*empty += next == NONE;
		if (next == NONE || (*from && ((const struct trc_hdr *)head)->ts >= (*rec)->ts))
			continue;
		*from = &ring[i];
		*rec = head;
		*len = size;
	}
	return *from;
}

struct ring *ring_older(struct ring *ring, int n, const struct trc_hdr **rec, uint32_t *len)
{
	struct ring *from;
	int empty = 0;

	if (!look_at_all(ring, n, &from, rec, len, &empty))
		return NULL;
	/*
	 * One that had nothing may have got a record since. What came before the oldest of the
	 * first look is there now.
	 */
	if (empty && !look_at_all(ring, n, &from, rec, len, &empty))
		return NULL;
	return from;
}

void ring_next(struct ring *r, uint32_t len)
{
	r->pos += (HEADER + (uint64_t)len + 7) & ~7ull;
	publish(r);
}

void ring_unmap(struct ring *r)
{
	if (r->consumer)
		munmap(r->consumer, r->page);
	if (r->producer)
		munmap((void *)(uintptr_t)r->producer, readable(r));
	memset(r, 0, sizeof(*r));
}

int ring_make(size_t size)
{
	int fd = memfd_create("tiercel-ring", MFD_CLOEXEC);
	int err;

	if (fd >= 0 && !ftruncate(fd, (off_t)(2 * (size_t)sysconf(_SC_PAGESIZE) + size)))
		return fd;
	err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

int ring_write_map(struct ring_writer *w, int fd, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page + size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
		       0);

	if (p == MAP_FAILED)
		return -errno;
	*w = (struct ring_writer){p, p + page, p + 2 * page, (uint32_t)size, 0};
	return 0;
}

static void write_header(struct ring_writer *w, uint32_t pos, uint32_t head)
{
	*(uint32_t *)(void *)(w->data + (pos & (w->size - 1))) = head;
}

bool ring_write(struct ring_writer *w, const struct trc_hdr *rec)
{
	uint32_t read = __atomic_load_n((const uint32_t *)w->consumer, __ATOMIC_ACQUIRE);
	uint32_t whole = HEADER + ((rec->len + 7) & ~7u), left = w->size - (w->pos & (w->size - 1));
	/* The data stands there once: a record that would be split goes to the start. */
	uint32_t skipped = whole > left ? left : 0;

	if (w->pos - read + skipped + whole > w->size)
		return false;
	if (skipped)
		write_header(w, w->pos, DISCARDED | (skipped - HEADER));
	w->pos += skipped;
	write_header(w, w->pos, rec->len);
	memcpy(w->data + (w->pos & (w->size - 1)) + HEADER, rec, rec->len);
	w->pos += whole;
	__atomic_store_n((uint32_t *)w->producer, w->pos, __ATOMIC_RELEASE);
	return true;
}
