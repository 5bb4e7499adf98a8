/* SPDX-License-Identifier: BSD-2-Clause */
/* Giving up what the sensor no longer needs, once everything is open. */
#ifndef CORE_PRIVILEGE_H
#define CORE_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Is there such a user? 0 or -errno. An empty name is good. */
int privilege_check(const char *user);

/* The number of a user by name or number. 0 or -errno. */
int privilege_user(const char *user, uid_t *uid);

/*
 * Becomes the user (a name or a number) for good: groups, gid, uid, and
 * no_new_privs. Of root's powers one is kept, if the caller has it, to read what
 * any rule or watched file may be (CAP_DAC_READ_SEARCH); with reads_proc, a second
 * one, without which /proc shows no program and no descriptor of another user's
 * (CAP_SYS_PTRACE). Does nothing for an empty name or where the caller is not root.
 * 0, or -errno with one line in why.
 */
int privilege_drop(const char *user, bool reads_proc, char *why, size_t size);

/*
 * For a process that needs none: without capabilities, and nobody if it was
 * root; any other user stays what it is. 0 or -errno.
 */
int privilege_none(void);

#endif
