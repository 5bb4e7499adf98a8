/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The addresses of hosts that have names. A look-up can take minutes, and a
 * device may start before its network: so a process of its own asks, again and
 * again. It has no capabilities and holds nothing open but its end of a pipe;
 * when nobody holds the other end any more, it ends. Started by root it is a
 * user of no rights; started later, by a sensor that has dropped its own, it
 * stays the sensor's user. Nothing here blocks the caller.
 */
#ifndef CORE_RESOLVE_H
#define CORE_RESOLVE_H

#include <stdbool.h>
#include <sys/socket.h>

#include "../driver/event.h"
#include "arena.h"
#include "str.h"

struct resolved {
	struct sockaddr_storage address;
	socklen_t size; /* 0 = not yet known */
};

#define RESOLVED_MAX 4 /* addresses of a server that are tried */

/*
 * One name, once: the process ends when it has found its addresses. Fills out
 * if the host is a numeric address; else starts the process, and *fd is where
 * its answer comes. 0 or -errno.
 */
int resolve_start(const char *host, int port, struct resolved *out, int *fd);

/*
 * Fills out if the answer has come, in the order in which they are to be tried,
 * and closes the descriptor. How many; 0: not yet, -EPIPE: the process has ended.
 */
int resolve_read(int fd, struct resolved out[static RESOLVED_MAX]);

/* The addresses that a name has now, in order; count = 0: none any more. */
struct resolved_name {
	uint32_t which; /* index of the name */
	uint32_t count;
	uint32_t more;			  /* addresses that it has beside these */
	uint8_t addr[TRC_HOST_ADDRS][16]; /* IPv4 as IPv6 maps it (RFC 4291, section 2.5.5.2) */
};

/*
 * Many names, for good: each is asked for again after resolve_wait(). Names are
 * at most TRC_HOST_MAX bytes, and what the process needs of them it copies. It
 * gives back its view of spare, memory that it has no use for. *fd is where
 * answers come that are new; to close it ends the process. 0 or -errno.
 */
int resolve_names(const struct str *name, int count, const struct arena *spare, int *fd);

/*
 * Seconds to the next look-up of a name: 10 after an answer that was new, then 20
 * and so on, up to 320, or up to 60 while it cannot be looked up (failed). last is
 * the wait before, 5 at first.
 */
int resolve_wait(int last, bool is_new, bool failed);

/* Reads an answer, which is not to be trusted. 1, 0: none yet, -EPIPE: the process has ended. */
int resolve_next(int fd, struct resolved_name *out);

#endif
