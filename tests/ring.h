/* SPDX-License-Identifier: BSD-2-Clause */
/* Acts by io_uring(7), where no call does them: a ring of one entry. */
#ifndef TESTS_RING_H
#define TESTS_RING_H

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RING_PART 4096 /* bytes of each part of a ring of one entry */

struct ring {
	struct io_uring_params p;
	int fd;
	uint32_t done;
	char *queue, *answers, *entries;
};

static inline char *ring_part(int ring, off_t which)
{
	return mmap(NULL, RING_PART, PROT_READ | PROT_WRITE, MAP_SHARED, ring, which);
}

/* flags: IORING_SETUP_*. 0, or -errno: there is no ring. */
static inline int ring_make(struct ring *r, uint32_t flags)
{
	*r = (struct ring){.p = {.flags = flags, .sq_thread_idle = 100}};
	r->fd = (int)syscall(SYS_io_uring_setup, 1, &r->p);
	if (r->fd < 0)
		return -errno;
	r->queue = ring_part(r->fd, IORING_OFF_SQ_RING);
	r->answers = ring_part(r->fd, IORING_OFF_CQ_RING);
	r->entries = ring_part(r->fd, IORING_OFF_SQES);
	return r->queue == MAP_FAILED || r->answers == MAP_FAILED || r->entries == MAP_FAILED ?
		       -ENOMEM :
		       0;
}

/* Does it, and says what the ring says. */
static inline int ring_do(struct ring *r, struct io_uring_sqe sqe)
{
	uint32_t *flags = (uint32_t *)(r->queue + r->p.sq_off.flags);
	uint32_t *tail = (uint32_t *)(r->answers + r->p.cq_off.tail);
	uint32_t mask = *(uint32_t *)(r->answers + r->p.cq_off.ring_mask), submit = 1, how;
	int result;

	*(struct io_uring_sqe *)r->entries = sqe;
	*(uint32_t *)(r->queue + r->p.sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(r->queue + r->p.sq_off.tail), r->done + 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(tail, __ATOMIC_SEQ_CST) == r->done) {
		how = IORING_ENTER_GETEVENTS;
		if (__atomic_load_n(flags, __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP)
			how |= IORING_ENTER_SQ_WAKEUP;
		if (syscall(SYS_io_uring_enter, r->fd, submit, 1, how, NULL, 0) < 0)
			return -errno;
		submit = 0;
	}
	result = ((struct io_uring_cqe *)(r->answers + r->p.cq_off.cqes))[r->done++ & mask].res;
	__atomic_store_n((uint32_t *)(r->answers + r->p.cq_off.head), r->done, __ATOMIC_SEQ_CST);
	return result;
}

/* Opens it for reading. A descriptor; -1 if there is no ring, or -errno of the open. */
static inline int ring_open(const char *path)
{
	struct ring r;

	return ring_make(&r, 0) ? -1 :
				  ring_do(&r, (struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
								    .fd = AT_FDCWD,
								    .addr = (uintptr_t)path,
								    .open_flags = O_RDONLY});
}

#endif
