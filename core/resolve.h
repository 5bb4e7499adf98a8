/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The address of a host that has a name. A look-up can take minutes, and a
 * device may start before its network: so a process of its own looks it up,
 * again and again, until it is found, and then ends. It is nobody, and holds
 * nothing open but its end of a pipe; when the sensor ends, so does it.
 */
#ifndef CORE_RESOLVE_H
#define CORE_RESOLVE_H

#include <stdbool.h>
#include <sys/socket.h>

struct resolved {
	struct sockaddr_storage address;
	socklen_t size; /* 0 = not yet known */
};

/*
 * Fills out if the host is a numeric address; else starts the process, and *fd
 * is where its answer comes. 0 or -errno.
 */
int resolve_start(const char *host, int port, struct resolved *out, int *fd);

/* Fills out if the answer has come, and closes the descriptor. False: not yet. */
bool resolve_read(int fd, struct resolved *out);

#endif
