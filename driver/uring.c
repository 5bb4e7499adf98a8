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
#include <sys/un.h>
#include <unistd.h>

#include "../bpf/probe.h"

#define ENTRIES 64
#define TRIES 64 /* to have all answers, 5 ms each */

/* Newer than some headers. */
#define OP_BIND 56
#define OP_LISTEN 57
#define OP_SEND_ZC 47
#define OP_SENDMSG_ZC 48
#define CQE_F_NOTIF 8 /* no answer, but that a buffer is free again */

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
	int backlog;	    /* likewise */
	struct iovec part;
	struct msghdr message; /* of the part, to nobody */
	int socket;
	int server, client[2]; /* who listens, and whom it may accept */
};

static int new_socket(int family, int type)
{
	return socket(family, type | SOCK_CLOEXEC, 0);
}

static void subject_make(struct subject *s, const char *token)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX}; /* without a name: the kernel finds one */
	socklen_t len = sizeof(at.sun_family);

	snprintf(s->one, sizeof(s->one), "%s/a", token);
	snprintf(s->two, sizeof(s->two), "%s/b", token);
	memset(&s->to, 0, sizeof(s->to));
	memcpy(&s->to, token, URING_TOKEN);
	memcpy(&s->backlog, token, sizeof(s->backlog));
	s->part = (struct iovec){s->one, URING_TOKEN};
	s->message = (struct msghdr){.msg_iov = &s->part, .msg_iovlen = 1};
	s->socket = new_socket(AF_INET, SOCK_DGRAM);
	s->server = new_socket(AF_UNIX, SOCK_STREAM);
	if (bind(s->server, (struct sockaddr *)&at, len) || listen(s->server, 2))
		return;
	len = sizeof(at);
	getsockname(s->server, (struct sockaddr *)&at, &len);
	for (int i = 0; i < 2; i++) {
		s->client[i] = new_socket(AF_UNIX, SOCK_STREAM);
		if (connect(s->client[i], (struct sockaddr *)&at, len))
			return; /* nothing is learned of accept, and that is told */
	}
}

static void subject_end(const struct subject *s)
{
	close(s->socket);
	close(s->server);
	close(s->client[0]);
	close(s->client[1]);
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
static void add(struct uring *u, enum ring_hook hook, struct io_uring_sqe act)
{
	for (int async = 0; async < 2; async++) {
		act.flags = async ? IOSQE_ASYNC : 0;
		act.user_data = hook;
		u->sqe[u->n] = act;
		((uint32_t *)(u->sq + u->p.sq_off.array))[u->n] = u->n;
		u->n++;
	}
}

/* Answers so far. *able: which of the acts does the kernel know? */
static unsigned answers(const struct uring *u, uint32_t *able)
{
	const struct io_uring_cqe *cqe = (const void *)(u->cq + u->p.cq_off.cqes);
	uint32_t tail = __atomic_load_n((uint32_t *)(u->cq + u->p.cq_off.tail), __ATOMIC_ACQUIRE);
	unsigned n = 0;

	*able = 0;
	for (uint32_t i = 0; i < tail && i < u->p.cq_entries; i++) {
		if (cqe[i].flags & CQE_F_NOTIF)
			continue;
		*able |= (uint32_t)(cqe[i].res != -EINVAL) << cqe[i].user_data;
		n++;
	}
	return n;
}

static void close_opened(const struct uring *u)
{
	const struct io_uring_cqe *cqe = (const void *)(u->cq + u->p.cq_off.cqes);
	uint32_t tail = __atomic_load_n((uint32_t *)(u->cq + u->p.cq_off.tail), __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; i < tail && i < u->p.cq_entries; i++)
		if (cqe[i].res >= 0 && cqe[i].user_data <= RING_SOCKET)
			close(cqe[i].res);
}

#define ADD(hook, ...) add(u, RING_##hook, (struct io_uring_sqe){__VA_ARGS__})
#define PATH(p) (uintptr_t)(p)
#define ONE .fd = AT_FDCWD, .addr = PATH(s->one)
#define TWO .addr2 = PATH(s->two)
#define SENT .addr = PATH(s->one), .len = URING_TOKEN

static void add_acts(struct uring *u, const struct subject *s)
{
	static const struct {
		uint64_t flags, mode, resolve;
	} how = {.flags = URING_OPEN_FLAGS};

	_Static_assert(RING_OPEN < RING_SOCKET && RING_ACCEPT < RING_SOCKET, "see close_opened()");
	ADD(OPEN, .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = PATH("/"),
	    .open_flags = URING_OPEN_FLAGS);
	ADD(OPEN, .opcode = IORING_OP_OPENAT2, .fd = AT_FDCWD, .addr = PATH("/"),
	    .len = sizeof(how), .off = PATH(&how));
	ADD(ACCEPT, .opcode = IORING_OP_ACCEPT, .fd = s->server);
	ADD(SOCKET, .opcode = IORING_OP_SOCKET, .fd = AF_UNIX, .off = SOCK_STREAM | SOCK_NONBLOCK);
	ADD(CONNECT, .opcode = IORING_OP_CONNECT, .fd = s->socket, .addr = PATH(&s->to),
	    .off = sizeof(s->to));
	ADD(UNLINK, .opcode = IORING_OP_UNLINKAT, ONE);
	ADD(RMDIR, .opcode = IORING_OP_UNLINKAT, ONE, .unlink_flags = AT_REMOVEDIR);
	ADD(RENAME, .opcode = IORING_OP_RENAMEAT, ONE, .len = (uint32_t)AT_FDCWD, TWO);
	ADD(MKDIR, .opcode = IORING_OP_MKDIRAT, ONE);
	ADD(SYMLINK, .opcode = IORING_OP_SYMLINKAT, ONE, TWO);
	ADD(LINK, .opcode = IORING_OP_LINKAT, ONE, .len = (uint32_t)AT_FDCWD, TWO);
	ADD(BIND, .opcode = OP_BIND, .fd = s->socket, .addr = PATH(&s->to), .addr2 = sizeof(s->to));
	ADD(SEND, .opcode = IORING_OP_SEND, .fd = s->socket, SENT);
	ADD(SEND, .opcode = OP_SEND_ZC, .fd = s->socket, SENT);
	ADD(SENDMSG, .opcode = IORING_OP_SENDMSG, .fd = s->socket, .addr = PATH(&s->message));
	ADD(SENDMSG, .opcode = OP_SENDMSG_ZC, .fd = s->socket, .addr = PATH(&s->message));
	ADD(LISTEN, .opcode = OP_LISTEN, .fd = s->socket, .len = (uint32_t)s->backlog);
}

int uring_acts(const char *token, uint32_t *able)
{
	struct subject s = {.client = {-1, -1}};
	struct uring u;
	int err = uring_open(&u);

	*able = 0;
	if (err)
		return err;
	subject_make(&s, token);
	add_acts(&u, &s);
	__atomic_store_n((uint32_t *)(u.sq + u.p.sq_off.tail), u.n, __ATOMIC_RELEASE);
	/* What this kernel cannot do ends a submission, and may come without an answer. */
	for (unsigned i = 0; i < TRIES; i++) {
		syscall(SYS_io_uring_enter, u.fd, u.n, 0, 0, NULL, 0);
		if (answers(&u, able) >= u.n)
			break;
		usleep(5000);
	}
	close_opened(&u);
	subject_end(&s);
	uring_close(&u);
	return 0;
}

void uring_calls(const char *token)
{
	struct subject s = {.client = {-1, -1}};
	int opened[3];

	subject_make(&s, token);
	opened[0] = open("/", URING_OPEN_FLAGS | O_CLOEXEC);
	opened[1] = accept(s.server, NULL, NULL);
	opened[2] = new_socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
	for (int i = 0; i < 3; i++)
		if (opened[i] >= 0)
			close(opened[i]);
	connect(s.socket, &s.to, sizeof(s.to));
	send(s.socket, s.one, URING_TOKEN, 0);
	sendmsg(s.socket, &s.message, 0);
	bind(s.socket, &s.to, sizeof(s.to));
	listen(s.socket, s.backlog);
	unlink(s.one);
	rmdir(s.one);
	rename(s.one, s.two);
	mkdir(s.one, 0700);
	if (symlink(s.one, s.two) || link(s.one, s.two))
		opened[0] = -1; /* as it must be */
	subject_end(&s);
}
