/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a BPF ring buffer (kernel/bpf/ringbuf.c), or one of the kernel module's, which is laid
 * out as those are. libbpf's own reader keeps
 * positions in unsigned long and compares them with <, so a 32-bit process
 * stalls for good once 4 GiB have gone through; this one counts in 64 bits,
 * compares by difference, and follows the width of the kernel's positions.
 *
 * And writing one of the same layout, in memory of our own, from another process.
 */
#ifndef DRIVER_RING_H
#define DRIVER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trc_hdr;

struct ring {
	void *consumer;	      /* page with our position, writable */
	const void *producer; /* page with the kernel's position */
	const char *data; /* size bytes, and their first again behind them: no record is split */
	size_t size;	  /* power of two */
	size_t page;
	uint64_t pos; /* ours */
	int wide;     /* the kernel keeps 64-bit positions */
};

/*
 * Maps the ring that begins at byte `at` of fd, whose records are of TRC_RECORD_MAX bytes at most;
 * size is that of its data: max_entries of a BPF map. 0 or -errno.
 */
int ring_map(struct ring *r, int fd, uint64_t at, size_t size, int wide);

/*
 * The next record, or NULL if there is none that is finished. It stays where
 * it is until ring_next(); *len gets its length in bytes.
 */
const void *ring_peek(struct ring *r, uint32_t *len);

/*
 * Of n rings of records, the one whose next record is the oldest; the last one of several of one
 * time. *rec and *len are as of ring_peek(). NULL: there is none, or it is not known yet, as
 * one that is still being written stands before it. What happens one after the other on a machine,
 * be it on several CPUs, comes in that order.
 */
struct ring *ring_older(struct ring *ring, int n, const struct trc_hdr **rec, uint32_t *len);

/* Gives the record that ring_peek() returned back to the kernel. */
void ring_next(struct ring *r, uint32_t len);

void ring_unmap(struct ring *r);

/* The writer's end of a ring that another process reads, with wide = 0. */
struct ring_writer {
	const void *consumer;
	void *producer;
	char *data;
	uint32_t size, pos;
};

/*
 * Makes memory for a ring of that many bytes, a power of two of 64 KiB at least: a descriptor for
 * ring_map() and ring_write_map(), or -errno.
 */
int ring_make(size_t size);

/* Maps the writer's end. 0 or -errno. */
int ring_write_map(struct ring_writer *w, int fd, size_t size);

/* Puts a record in. false: there is no room until some were read. */
bool ring_write(struct ring_writer *w, const struct trc_hdr *rec);

#endif
