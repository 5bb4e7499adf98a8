/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors of process 100, started at 7, for the tests of who makes them and who keeps them. */
#ifndef UNIT_FDS_H
#define UNIT_FDS_H

#include "tables.h"

#define CLOEXEC 02000000
#define DIRECTORY 0200000

/* Of process 100, started at 7. */
static inline const struct fdent *fd_of(int32_t fd)
{
	return state_fd(state, state_pid(state, 100), fd);
}

static inline struct str name_of(int32_t fd)
{
	const struct fdent *f = fd_of(fd);

	CHECK(f);
	return (struct str){f->name, f->name_len};
}

static inline void take_open(int64_t fd, int64_t flags, const char *name)
{
	begin_of(TRC_OPENAT, 100, 7);
	event_set("fd", fd);
	event_set("flags", flags);
	record_str(&event_rec, event_slot("name"), name);
	take();
}

static inline void take_dup2(int64_t from, int64_t to)
{
	begin_of(TRC_DUP2, 100, 7);
	event_set("res", to);
	event_set("oldfd", from);
	event_set("newfd", to);
	take();
}

static inline void take_close(int64_t res, int64_t fd)
{
	begin_of(TRC_CLOSE, 100, 7);
	event_set("res", res);
	event_set("fd", fd);
	take();
}

static inline void take_exec(void)
{
	begin_of(TRC_EXECVE, 100, 7);
	event_set("res", 0);
	take();
}

static inline void take_socket(int64_t fd, int64_t domain)
{
	begin_of(TRC_SOCKET, 100, 7);
	event_set("fd", fd);
	event_set("domain", domain);
	event_set("type", 1);
	take();
}

/* An event about a socket; its result, descriptor and ends; NULL: those are absent. */
static inline void take_sock(enum trc_type type, const char *ends, int64_t res, int64_t fd,
			     const struct trc_sock *sock, const char *name)
{
	begin_of(type, 100, 7);
	record_num(&event_rec, 0, (uint64_t)res);
	if (type != TRC_ACCEPT && type != TRC_ACCEPT4)
		event_set("fd", fd);
	if (sock)
		event_set_sock(ends, sock, name, strlen(name));
	take();
}

static inline struct trc_sock web(void)
{
	return event_inet(TRC_SOCK_INET, "\x0a\0\0\1", 4711, "\x0a\0\0\2", 80);
}

#endif
