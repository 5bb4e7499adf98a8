/* SPDX-License-Identifier: BSD-2-Clause */
/* Acts by a ring of our own: see uring.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "uring.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES 32

struct uring {
	int fd;
	char *sq, *cq;
	struct io_uring_sqe *sqe;
	size_t sq_size, cq_size;
	struct io_uring_params p;
	unsigned n;
};

/* What the acts are about. */
struct subject {
	char one[32], two[32];
	struct sockaddr to; /* begins with the token */
	int socket;
};

static void subject_make(struct subject *s, const char *token)
{
	snprintf(s->one, sizeof(s->one), "%s/a", token);
	snprintf(s->two, sizeof(s->two), "%s/b", token);
	memset(&s->to, 0, sizeof(s->to));
	memcpy(&s->to, token, URING_TOKEN);
	s->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static void *map_part(const struct uring *u, size_t size, off_t at)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, u->fd, at);

	return p == MAP_FAILED ? NULL : p;
}

static void uring_close(struct uring *u)
{
	if (u->sq)
		munmap(u->sq, u->sq_size);
	if (u->cq)
		munmap(u->cq, u->cq_size);
	if (u->sqe)
		munmap(u->sqe, u->p.sq_entries * sizeof(*u->sqe));
	close(u->fd);
}

static int uring_open(struct uring *u)
{
	memset(u, 0, sizeof(*u));
	u->fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &u->p);
	if (u->fd < 0)
		return -errno;
	fcntl(u->fd, F_SETFD, FD_CLOEXEC);
	u->sq_size = u->p.sq_off.array + u->p.sq_entries * sizeof(uint32_t);
	u->cq_size = u->p.cq_off.cqes + u->p.cq_entries * sizeof(struct io_uring_cqe);
	u->sq = map_part(u, u->sq_size, IORING_OFF_SQ_RING);
	u->cq = map_part(u, u->cq_size, IORING_OFF_CQ_RING);
	u->sqe = map_part(u, u->p.sq_entries * sizeof(*u->sqe), IORING_OFF_SQES);
	if (u->sq && u->cq && u->sqe)
		return 0;
	uring_close(u);
	return -ENOMEM;
}

/* One act for the ring, at once and by a worker. */
static void add(struct uring *u, const struct io_uring_sqe *act)
{
	for (int async = 0; async < 2; async++) {
		u->sqe[u->n] = *act;
		u->sqe[u->n].flags = async ? IOSQE_ASYNC : 0;
		((uint32_t *)(u->sq + u->p.sq_off.array))[u->n] = u->n;
		u->n++;
	}
}

/* Closes what the opens of the ring have opened. */
static void close_opened(const struct uring *u)
{
	const struct io_uring_cqe *cqe = (const void *)(u->cq + u->p.cq_off.cqes);
	uint32_t tail = __atomic_load_n((uint32_t *)(u->cq + u->p.cq_off.tail), __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; i < tail && i < u->p.cq_entries; i++)
		if (cqe[i].user_data && cqe[i].res >= 0)
			close(cqe[i].res);
}

#define SQE(...) add(&u, &(struct io_uring_sqe){__VA_ARGS__})
#define PATH(p) (uintptr_t)(p)

int uring_acts(const char *token)
{
	struct open_how_ {
		uint64_t flags, mode, resolve;
	} how = {.flags = URING_OPEN_FLAGS};
	struct subject s;
	struct uring u;
	int err = uring_open(&u);

	if (err)
		return err;
	subject_make(&s, token);
	SQE(.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = PATH("/"),
	    .open_flags = URING_OPEN_FLAGS, .user_data = 1);
	SQE(.opcode = IORING_OP_OPENAT2, .fd = AT_FDCWD, .addr = PATH("/"), .len = sizeof(how),
	    .off = PATH(&how), .user_data = 1);
	SQE(.opcode = IORING_OP_CONNECT, .fd = s.socket, .addr = PATH(&s.to), .off = sizeof(s.to));
	SQE(.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = PATH(s.one));
	SQE(.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = PATH(s.one),
	    .unlink_flags = AT_REMOVEDIR);
	SQE(.opcode = IORING_OP_RENAMEAT, .fd = AT_FDCWD, .addr = PATH(s.one),
	    .len = (uint32_t)AT_FDCWD, .addr2 = PATH(s.two));
	SQE(.opcode = IORING_OP_MKDIRAT, .fd = AT_FDCWD, .addr = PATH(s.one));
	SQE(.opcode = IORING_OP_SYMLINKAT, .fd = AT_FDCWD, .addr = PATH(s.one),
	    .addr2 = PATH(s.two));
	SQE(.opcode = IORING_OP_LINKAT, .fd = AT_FDCWD, .addr = PATH(s.one),
	    .len = (uint32_t)AT_FDCWD, .addr2 = PATH(s.two));
	__atomic_store_n((uint32_t *)(u.sq + u.p.sq_off.tail), u.n, __ATOMIC_RELEASE);
	/* What this kernel cannot do ends a submission, and may come without an answer. */
	for (unsigned i = 0; i < 2 * ENTRIES; i++) {
		syscall(SYS_io_uring_enter, u.fd, u.n, 0, 0, NULL, 0);
		if (__atomic_load_n((uint32_t *)(u.cq + u.p.cq_off.tail), __ATOMIC_ACQUIRE) >= u.n)
			break;
		usleep(5000);
	}
	close_opened(&u);
	close(s.socket);
	uring_close(&u);
	return 0;
}

void uring_calls(const char *token)
{
	struct subject s;
	int fd = open("/", URING_OPEN_FLAGS | O_CLOEXEC);

	subject_make(&s, token);
	if (fd >= 0)
		close(fd);
	connect(s.socket, &s.to, sizeof(s.to));
	unlink(s.one);
	rmdir(s.one);
	rename(s.one, s.two);
	mkdir(s.one, 0700);
	if (symlink(s.one, s.two) || link(s.one, s.two))
		fd = -1; /* as it must be */
	close(s.socket);
}
