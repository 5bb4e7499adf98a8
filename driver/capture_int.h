/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the capture over /proc share: capture_proc.c makes records,
 * and the functions that capture.h asks for are there and, by what they read,
 * in capture_mem.c, capture_file.c, capture_sock.c and capture_task.c. Nobody
 * else includes this. Buffers are static: records are built one at a time.
 */
#ifndef DRIVER_CAPTURE_INT_H
#define DRIVER_CAPTURE_INT_H

#include "capture_proc.h"

#define CAP_SEAM
#define CAP_FN static __attribute__((unused))
#include "capture_seam.h"

#define LINK_MAX_PROC 4097 /* /proc gives no longer link, and its NUL */

/* In capture_mem.c. */

/*
 * Reads len bytes of the thread's memory, or with `text` up to a NUL that
 * comes sooner. Returns the bytes before the NUL or len, -1 if some of them
 * cannot be read.
 */
ssize_t capture_read(const struct cap *c, trc_u64 addr, char *buf, size_t len, bool text);

/* In capture_file.c. */

/* Puts a path into a slot; one that is too long keeps its end. */
void capture_put_path(struct cap *c, int slot, const char *path, size_t len);

/* The same for what the link /proc/TID/name leads to; missing if it cannot be read. */
void capture_put_link(struct cap *c, int slot, const char *name);

/*
 * What the link /proc/TID/name leads to: in c->file, looked at once for a record, so that all that
 * this says of it is of one file. false: it cannot be had.
 */
bool capture_see(struct cap *c, const char *name);

/* Name of a descriptor's entry in a folder of /proc/TID; of the working directory for AT_FDCWD. */
const char *capture_fd_entry(char out[static 32], const char *folder, trc_s64 fd);

/* Flags of a descriptor and its file, in the kernel's own numbers; -1 if they cannot be had. */
trc_s64 capture_fd_flags(const struct cap *c, trc_s64 fd);

#endif
