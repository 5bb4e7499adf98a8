/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens of the files that rules name, whatever opens them: the kernel's marks
 * tell of all, and those that no call's record tells of become file_open events.
 */
#ifndef CORE_MARKS_H
#define CORE_MARKS_H

#include "engine.h"

/*
 * Begins, as root, for a driver that sees the whole machine. If there are no marks
 * to be had, marks_want() says why where that matters, and nothing else changes.
 */
void marks_open(void);

/* Do rules ask for file_open events? Takes all marks away; files are named anew. */
void marks_want(bool wanted);

/* Marks the file that has this name now. */
void marks_add(const char *name);

/* Readable when there is something to take; -1 = there is nothing. */
int marks_fd(void);

/* Takes what the marks tell, before a round of the driver's records and behind it. */
void marks_take(struct engine *e);

/* Sees a record before the engine does. */
void marks_record(struct engine *e, const struct trc_hdr *rec);

/*
 * All records of calls that returned until then (as hdr.ts) have been seen: what none of them told
 * of is told, once it has waited long enough.
 */
void marks_settle(struct engine *e, uint64_t until);

/* When that will be, as hdr.ts; 0 = never. */
uint64_t marks_due(void);

void marks_close(void);

#endif
