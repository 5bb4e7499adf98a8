/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What it means that a traced thread stops: which record is made of it, and how
 * the thread goes on. The loop that waits for stops is in ptrace_tracer.c.
 */
#ifndef DRIVER_PTRACE_STOP_H
#define DRIVER_PTRACE_STOP_H

#include "ptrace_tracer.h"

/*
 * Begins: records go to put, numbers into the shared memory, of which pid, wanted and filtered are
 * read. filters: what is traced is a program that gets a filter for the types wanted now.
 */
void ptrace_stop_begin(struct ptrace_share *share, void (*put)(const struct trc_hdr *rec),
		       bool filters);

/*
 * Takes the list of wanted types anew. What a filter does not tell of is then heard by stopping at
 * each call.
 */
void ptrace_stop_want(void);

/* One report of waitpid() about a thread. */
void ptrace_stop(pid_t tid, int status);

/* Ends a round: whoever was heard in it goes on. One may be gone: then its end is reported, too. */
void ptrace_stop_resume_all(void);

/* Lets all go on that stand still, until they end: from here on ptrace_stop_pass() does. */
void ptrace_stop_release(void);

/* Takes a report of waitpid() for no more than to let the thread go on. */
void ptrace_stop_pass(pid_t tid, int status);

#endif
