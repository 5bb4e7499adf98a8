/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happens in file systems as a whole: opens, and names that come and go,
 * by fanotify(7) with file handles (Linux 5.9). The kernel opens nothing for
 * us: to be told of a FIFO or a watchdog has no effect on it. Which file systems, is in
 * watch_mount.c.
 */
#ifndef DRIVER_WATCH_H
#define DRIVER_WATCH_H

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "event.h"

struct handover; /* opener.h */

/* What an event tells of: bits, as the kernel puts like ones of a process together. */
enum {
	WATCH_OPEN = 1 << 0,
	WATCH_EXEC = 1 << 1,	    /* the open was for a program that starts */
	WATCH_CLOSE_WRITE = 1 << 2, /* closed, and could be written */
	WATCH_CLOSE_READ = 1 << 3,  /* closed, and could not */
	WATCH_CREATE = 1 << 4,
	WATCH_DELETE = 1 << 5,
	WATCH_RENAME = 1 << 6, /* from `name` to `to` */
	WATCH_FROM = 1 << 7,   /* the same where the kernel tells of each half by itself */
	WATCH_TO = 1 << 8,
	WATCH_DIR = 1 << 9,   /* all of it was about a directory */
	WATCH_LOST = 1 << 10, /* no room for more events; nothing else is told */
};

struct watch_name {
	char text[PATH_MAX + NAME_MAX + 2];
	size_t len; /* 0 = not known */
};

struct watch_event {
	unsigned what;
	pid_t pid;
	bool known;	/* is what follows? */
	struct stat st; /* of the file; of one that was made, if its name is still there */
	struct watch_name name, to;
	struct watch_name target; /* of a symbolic link that was made */
};

/* A file handle in an event, with the file system that it is of. */
struct watch_handle {
	trc_u32 fsid[2];
	union {
		struct file_handle head;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	};
};

/* One event as the kernel lays it out. */
struct watch_raw {
	unsigned what;
	pid_t pid;
	bool has_file;
	struct watch_handle file;
	struct {
		bool there;
		struct watch_handle dir;
		char name[NAME_MAX + 1];
	} at[2]; /* where; where to */
};

/* Reads the event at p, of at most n bytes. Its length, or 0: it is none. */
size_t watch_parse(const void *p, size_t n, struct watch_raw *out);

/*
 * Begins, with root's rights. 0, or -errno with one line in why: what is missing, or, if it works,
 * what is not seen. Who goes on without those rights has to watch_adopt() watch_fd().
 */
int watch_open(char *why, size_t size);

/* Goes on with what watch_open() has begun in another process. */
void watch_adopt(int fd);

/*
 * As renew() of struct driver: marks file systems that have been mounted since, for watch_fd(),
 * which is *fd.
 */
int watch_renew(const int *fd, int fds, struct handover *out);

/* What to wait for: that the first is readable, EPOLLPRI of the second, as mounts have changed. */
int watch_fd(void);
int watch_mounts_fd(void);

/*
 * Have they? The kernel tells each descriptor once, and the one that is waited for has told another
 * by the time that it is looked at, if that is in a set (epoll) which is in another.
 */
bool watch_mounts_changed(void);

/* Reads what there is, as far as there is room. False if nothing waits. */
bool watch_fill(void);

/*
 * The next event of what was read; false at its end. The sensor's own are left out. *out is
 * valid until the next call.
 */
bool watch_next(struct watch_event *out);

/* How many reads so far have taken all there was. */
unsigned watch_reads(void);

/* Bytes of events since the start: where what was read ends, and how far it has been taken. */
trc_u64 watch_end(void);
trc_u64 watch_taken(void);

/* Is something left of what was read? */
bool watch_waits(void);

/* Reads more behind what was read, as far as there is room. */
void watch_more(void);

/*
 * Takes the first event of that process out of what was read; false if there is none, or if it is
 * one for a program that starts, and asked is for another, or the other way round.
 */
bool watch_next_of(pid_t pid, bool starts, struct watch_event *out);

/* Have the events that were read, behind this one, a close of the same file by the same process? */
unsigned watch_closed_later(pid_t pid, const struct stat *st);

/* Lets go of the mounts that handles were looked up in: nobody shall find them in use. */
void watch_rest(void);

void watch_close(void);

/* In watch_mount.c. */

/* Marks all there are with a mask, those of before too. Those that refuse go into why. */
void watch_mark_all(int group, uint64_t mask, char *why, size_t size);

/* Knows all there are from here on, to look into them. */
void watch_know_all(void);

/* A descriptor of a mount of that file system, ours to use until watch_rest(); -1 = none. */
int watch_mount_of(const trc_u32 fsid[2]);

#endif
