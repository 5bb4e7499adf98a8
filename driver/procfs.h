/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading /proc/PID without allocating: its files, links and folders, and the
 * numbers of two files that everyone needs. A thread's id is as good as a
 * process's. All of it may vanish at any moment: -ESRCH or -ENOENT then.
 */
#ifndef DRIVER_PROCFS_H
#define DRIVER_PROCFS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "event.h"

/* Of /proc/PID/stat. */
struct procfs_stat {
	trc_u32 tty;   /* controlling terminal, major << 20 | minor, 0 = none */
	trc_u64 start; /* ticks of 1/100 s since boot */
	trc_u32 cpu;   /* where it ran last */
	pid_t pgid, sid;
	char state;  /* Z: all that is left is its end */
	int threads; /* those that have not ended */
};

enum procfs_caps { PROCFS_CAPINH, PROCFS_CAPPRM, PROCFS_CAPEFF, PROCFS_NCAPS };

/* Of /proc/PID/status. */
struct procfs_status {
	pid_t pid; /* its process */
	pid_t ppid;
	trc_u32 uid, gid;     /* effective */
	trc_u32 fsuid, fsgid; /* for files */
	pid_t vpid, vpgid; /* as its own namespace numbers its process and group; 0 = not there */
	trc_u64 caps[PROCFS_NCAPS];
	bool whole; /* what follows gid is known; not of a process that is in very many groups */
};

/* The names in a folder that are numbers. */
struct procfs_dir {
	int fd;
	long at, end;
	union {
		struct dirent align;
		char buf[2048];
	};
};

/* Opens /proc/PID/name with open(2)'s flags. A descriptor, or -errno. */
int procfs_open(pid_t pid, const char *name, int flags);

/*
 * Reads the start of /proc/PID/name, at most size - 1 bytes, and puts a NUL
 * after them. How many, or -errno.
 */
ssize_t procfs_read(pid_t pid, const char *name, char *buf, size_t size);

/* stat(2) of what the link /proc/PID/name leads to. 0 or -errno. */
int procfs_target(pid_t pid, const char *name, struct stat *st);

/*
 * Text of the link /proc/PID/name, with a NUL: a path without the mark of a
 * deleted file, or socket:[1] and the like. Its length, or -errno
 * (-ENAMETOOLONG if size is too little for it).
 */
ssize_t procfs_link(pid_t pid, const char *name, char *buf, size_t size);

/* Has the process the group, beside its own? */
bool procfs_in_group(pid_t pid, trc_u32 gid);

/* 0 or -errno. */
int procfs_stat(pid_t pid, struct procfs_stat *out);
int procfs_status(pid_t pid, struct procfs_status *out);

/* Device number as the kernel keeps it: major << 20 | minor. */
trc_u64 procfs_dev(dev_t dev);

/* Opens /proc/PID/name, or /proc itself for pid 0. 0 or -errno. */
int procfs_dir_open(struct procfs_dir *d, pid_t pid, const char *name);

/* The next number, or -1 at the end. */
int procfs_dir_next(struct procfs_dir *d);

void procfs_dir_close(struct procfs_dir *d);

/* Is this the first namespace of processes, the one that records number them by? */
bool procfs_first_namespace(void);

/* Is the kernel a 64-bit one? A 32-bit program may run under either. */
bool procfs_wide_kernel(void);

#endif
