/* SPDX-License-Identifier: BSD-2-Clause */
/* Acts by io_uring(7), with the words of acts.def. A part of act.c. */
#ifndef LIVE_BY_RING_H
#define LIVE_BY_RING_H

#include "../ring.h"

/* Newer than some headers. */
#define OP_BIND 56
#define OP_LISTEN 57
#define OP_SEND_ZC 47

#define AT(name) .fd = AT_FDCWD, .addr = (uintptr_t)(name)
#define TO(name) .len = (uint32_t)AT_FDCWD, .addr2 = (uintptr_t)(name)

/* Where there is no ring, or none that can do it, a call that fails says so. */
static void by_ring(struct io_uring_sqe act)
{
	struct ring r;

	if (ring_make(&r, 0) || ring_do(&r, act) == -EINVAL)
		sys(close, 77);
}

#define BY_RING(...) by_ring((struct io_uring_sqe){__VA_ARGS__})

/* An address and its length, as a connect and a bind want them. */
static void connect_by_ring(int s, const void *address, size_t len)
{
	BY_RING(.opcode = IORING_OP_CONNECT, .fd = s, .addr = (uintptr_t)address, .off = len);
}

static void bind_by_ring(int s, const void *address, size_t len)
{
	BY_RING(.opcode = OP_BIND, .fd = s, .addr = (uintptr_t)address, .addr2 = len);
}

#endif
