/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the sensor states itself: records about the machine, its users, its
 * processes and their descriptors, and named files, read from /proc and /etc.
 * A record file that holds them holds all that its alerts rest on. None of it
 * allocates. fn must not call these functions: the record it is given is theirs.
 */
#ifndef DRIVER_PROC_H
#define DRIVER_PROC_H

#include <stdbool.h>

#include "driver.h"

/*
 * One machine record: wall clock, host name, kernel, ABI, driver; its header is the sensor, and the
 * process that opens drivers for it stands in place of the thread.
 */
void proc_machine(const char *driver, record_fn fn, void *arg);

/*
 * The users in /etc/passwd and the groups in /etc/group: for each file a
 * userinfo or groupinfo record without number and name, and one for each line.
 * One that cannot be read is left out. Returns how many, or -errno of the first
 * file that could not be read.
 */
int proc_owners(record_fn fn, void *arg);

/* A descriptor, the caller's, that is readable when a file in /etc was changed; -errno if none. */
int proc_owners_watch(void);

/* Reads it to its end. Was one of those two files changed? */
bool proc_owners_changed(int fd);

/*
 * One procinfo record, and an fdinfo for each of its first 256 descriptors. 0, or
 * -errno (-ESRCH: gone).
 */
int proc_describe(pid_t pid, record_fn fn, void *arg);

/* proc_describe for every process there is, in the order of pids. 0, or -errno. */
int proc_snapshot(record_fn fn, void *arg);

/* One fileinfo record: device and inode of the file of that name; both absent if there is none. */
void proc_file(const char *path, record_fn fn, void *arg);

/*
 * One linkinfo record, of the longest part of a path that is a symbolic link to a directory; none
 * if there is no such part. The path is absolute; of "" the record that has no names is made.
 */
void proc_link(const char *path, record_fn fn, void *arg);

#endif
