/* SPDX-License-Identifier: BSD-2-Clause */
/* Acts that change nothing, by a ring (io_uring(7)) and by calls, for the probe to learn from. */
#ifndef DRIVER_URING_H
#define DRIVER_URING_H

#include <fcntl.h>
#include <stdint.h>

#define URING_TOKEN 8 /* bytes that the names and the address begin with; the first is a slash */

/* Flags of the opens, which nobody else uses together. */
#define URING_OPEN_FLAGS (O_DIRECTORY | O_NOATIME | O_DSYNC)

/*
 * Opens /, makes a socket, accepts, connects to no address, and does what else ring.def has with
 * names below token, which is no directory: each by a ring, at once and by a worker. 0, and bit
 * N of *able is set if the kernel's rings can do the N-th row; or -errno: there can be no ring.
 */
int uring_acts(const char *token, uint32_t *able);

/* The same by calls. */
void uring_calls(const char *token);

#endif
