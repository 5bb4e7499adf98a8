/* SPDX-License-Identifier: BSD-2-Clause */
/* Acts that change nothing, by a ring (io_uring(7)) and by calls, for the probe to learn from. */
#ifndef DRIVER_URING_H
#define DRIVER_URING_H

#include <fcntl.h>

#define URING_TOKEN 8 /* bytes that the names and the address begin with; the first is a slash */

/* Flags of the opens, which nobody else uses together. */
#define URING_OPEN_FLAGS (O_DIRECTORY | O_NOATIME | O_DSYNC)

/*
 * Opens /, connects to no address, and does what ring.def has with names below token, which is no
 * directory: each by a ring, at once and by a worker. 0, or -errno: there can be no ring.
 */
int uring_acts(const char *token);

/* The same by calls. */
void uring_calls(const char *token);

#endif
