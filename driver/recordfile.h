/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Record files. A file is a head, the event table of who wrote it, and records
 * as they are (event.h), one after the other. The table is text, one line an
 * event, padded with NULs to a multiple of 8:
 *
 *	ID NAME ARGUMENT:TYPE ARGUMENT:TYPE ...
 *
 * so ids and slots are known by name, and a reader with another table
 * still reads the file (replay.c). All numbers are little-endian.
 */
#ifndef DRIVER_RECORDFILE_H
#define DRIVER_RECORDFILE_H

#include "event.h"

#define RECORDFILE_MAGIC "tiercel" /* 8 bytes with its NUL */
#define RECORDFILE_TABLE_MAX 32768 /* most bytes of the table */

struct recordfile_head {
	char magic[8];
	trc_u32 version; /* TRC_VERSION of who wrote it */
	trc_u32 table;	 /* bytes of the table */
};

_Static_assert(sizeof(struct recordfile_head) == 16, "head of a record file");

/* Name of a type of argument, as in the table. */
extern const char *const recordfile_type[TRC_NARGTYPE];

/*
 * Makes or empties the file and writes head and table; "-" is standard output.
 * One file can be open at a time; its name must stay where it is until the
 * close. 0 or -errno.
 */
int recordfile_open(const char *path);

/*
 * Appends a record. After an error nothing more is written, so that the file
 * ends where it went wrong: the error is logged once, and what is not written
 * is counted. 0 or -errno.
 */
int recordfile_write(const struct trc_hdr *rec);

/* Writes what is still in memory. 0, or the first -errno, logged with the count. */
int recordfile_close(void);

#endif
