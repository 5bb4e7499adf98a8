/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening a file by io_uring(7), where no call opens it. */
#ifndef TESTS_RING_H
#define TESTS_RING_H

#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RING_PART 4096 /* bytes of each part of a ring of one entry */

static inline char *ring_part(int ring, off_t which)
{
	return mmap(NULL, RING_PART, PROT_READ | PROT_WRITE, MAP_SHARED, ring, which);
}

/* Opens it for reading. A descriptor; -1 if there is no ring, or -errno of the open. */
static inline int ring_open(const char *path)
{
	struct io_uring_params p = {0};
	int ring = (int)syscall(SYS_io_uring_setup, 1, &p);
	char *queue = ring_part(ring, IORING_OFF_SQ_RING);
	char *answers = ring_part(ring, IORING_OFF_CQ_RING);
	char *entries = ring_part(ring, IORING_OFF_SQES);

	if (queue == MAP_FAILED || answers == MAP_FAILED || entries == MAP_FAILED)
		return -1;
	*(struct io_uring_sqe *)entries = (struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
								.fd = AT_FDCWD,
								.addr = (uintptr_t)path,
								.open_flags = O_RDONLY};
	*(uint32_t *)(queue + p.sq_off.array) = 0;
	*(uint32_t *)(queue + p.sq_off.tail) = 1;
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -1;
	return ((struct io_uring_cqe *)(answers + p.cq_off.cqes))->res;
}

#endif
