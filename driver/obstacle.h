/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands against a driver on this machine: a namespace, a missing
 * capability, lockdown, a seccomp filter, a kernel built without an option.
 * needs.def lists what each driver needs.
 */
#ifndef DRIVER_OBSTACLE_H
#define DRIVER_OBSTACLE_H

#include <stdbool.h>
#include <stddef.h>

#define OBSTACLE_TEXT 256

struct obstacle {
	char reason[OBSTACLE_TEXT]; /* what is in the way */
	char remedy[OBSTACLE_TEXT]; /* what would have to change */
};

/*
 * The first thing in the way of the driver of that name. False if none is found:
 * what cannot be told (a kernel that hides its configuration) is none.
 */
bool obstacle_find(const char *driver, struct obstacle *out);

/* The word between brackets in /sys/kernel/security/lockdown, or "" if there is no lockdown to be seen. */
void obstacle_lockdown(char *level, size_t size);

#endif
