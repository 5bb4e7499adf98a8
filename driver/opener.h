/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process that opens drivers. What that takes of rights the sensor gives up
 * once it runs, and what it takes of memory the sensor never has: a process
 * which stays root does that part (load() of struct driver) in a child, and
 * hands over descriptors. What a driver needs while it runs (renew()) it does
 * itself. It waits for nothing else, takes no words of the sensor's but a
 * driver's number and descriptors, which renew() has to distrust, shares nothing
 * with it, and ends when it does. So a driver that
 * dies can be opened again, and what then has to be known of all processes anew
 * is read as it was at the start.
 */
#ifndef DRIVER_OPENER_H
#define DRIVER_OPENER_H

#include <stddef.h>

#include "driver.h"

#define HANDOVER_FDS 56

/* What load() leaves to take(): descriptors, and what it has to tell of them. */
struct handover {
	int err; /* of load(), with why */
	char why[256];
	int fds;
	int fd[HANDOVER_FDS];
	_Alignas(8) char note[1024];
};

/*
 * Starts the process, for drivers that are opened as cfg says; what cfg points
 * to has to be there already. Where one is running already: nothing. 0, -EPIPE: it ended, or did
 * not answer, and no other is started; or another -errno.
 */
int opener_start(const struct driver_config *cfg);

/*
 * Has it load driver d; where none is running, one is started for this alone.
 * 0, and the descriptors are the caller's; or -errno with one line in why.
 */
int opener_load(const struct driver *d, const struct driver_config *cfg, struct handover *out,
		char *why, size_t size);

/*
 * Has it do renew() of driver d to descriptors that load() left, HANDOVER_FDS at most. 0, and the
 * descriptors in out are the caller's; or -errno.
 */
int opener_renew(const struct driver *d, const int *fd, int fds, struct handover *out);

/*
 * Has it read /proc with its rights: proc_snapshot(), where fn must not call
 * this. 0 or -errno.
 */
int opener_snapshot(record_fn fn, void *arg);

/* Its number, 0 = none is running. */
pid_t opener_pid(void);

/* false = it was started, and is gone. */
bool opener_alive(void);

/* Ends it; it is not waited for longer than 2 s. */
void opener_stop(void);

#endif
