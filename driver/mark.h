/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Marks on files: the kernel tells of each open of a marked file, whatever
 * call, ring or kernel thread does it (fanotify(7), inode marks). Needs
 * CAP_SYS_ADMIN to begin with, and the right to find the files later.
 */
#ifndef DRIVER_MARK_H
#define DRIVER_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

/* An open of a marked file: those of one process may be told once if they follow close. */
struct mark {
	trc_u32 pid;
	trc_u64 dev, ino; /* as records have them */
};

/* Begins. 0, or -errno with one line in why. */
int mark_open(char *why, size_t size);

/* Readable when a marked file was opened; -1 = there are no marks. */
int mark_fd(void);

/*
 * Marks the file that has this name now, if it is a regular one: to be told of an open, a file is
 * opened, which has effects with others; and if records have the device that stat(2) tells for it,
 * which overlays of several file systems and btrfs do not. False if not; else *ino is its inode's
 * number.
 */
bool mark_add(const char *path, uint64_t *ino);

/* Takes all marks away. */
void mark_flush(void);

/*
 * The next open, in *out. False if there is none now. *lost grows by one where the kernel had no
 * room for more. The sensor's own opens, and those that start a program, are left out.
 */
bool mark_next(struct mark *out, uint64_t *lost);

void mark_close(void);

#endif
