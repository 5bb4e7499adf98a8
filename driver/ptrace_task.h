/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The threads that the ptrace driver traces, and how they come to be traced
 * and are let go. What their stops mean is in ptrace.c.
 */
#ifndef DRIVER_PTRACE_TASK_H
#define DRIVER_PTRACE_TASK_H

#include <stdbool.h>

#include "capture_proc.h"

#define PTRACE_TASKS 32768 /* threads traced at a time; more are counted as lost */

struct ptrace_task {
	pid_t tid, pid; /* tid 0: the entry is free */
	int next;	/* in its chain of the table */
	/* A new process stands still until the record of its birth is made: */
	bool held;
	bool told;
	pid_t parent;
	bool starts; /* it has not become the program yet: what it does until then is ours */
	/* It stands still until the round is over, then gets this signal, 0 = none: */
	bool waits;
	int sig;
	struct ptrace_task *next_waiting;
	/* The call it is in, whose end is waited for: */
	enum trc_type type;
	enum abi abi; /* of its last call that was seen, or of its program */
	trc_u32 nr;
	trc_u64 reg[6];
	/* What was last seen of it, for when it is gone, and until it may have changed: */
	bool known;
	trc_u64 start;
	trc_u32 uid;
};

/* The entry of a thread, or NULL. Entries stay where they are. */
struct ptrace_task *ptrace_task_find(pid_t tid);

/* The first entry from a place on, the first being 0; *at becomes the one behind. NULL: no more. */
struct ptrace_task *ptrace_task_at(int *at);

/* A new entry, or NULL if the table is full. */
struct ptrace_task *ptrace_task_add(pid_t tid, pid_t pid);

/* Was there no place for somebody, and half of the table not free since? */
bool ptrace_task_crowded(void);

/* It neither waits nor is held. */
void ptrace_task_drop(struct ptrace_task *t);

/*
 * A program that is to be started: its process waits until ptrace_task_go(). filter: it gets a
 * filter for these types then, and *filtered says how that went: 1, or -errno; 0 as long as it is
 * not known. With a filter it is killed if this process ends, as each call that the filter tells of
 * would fail from then on.
 */
struct ptrace_start {
	char *const *command; /* looked for in PATH */
	const uint8_t *filter;
	int *filtered;
	int gate; /* ours */
};

/* Makes its process. The pid, or -errno. */
pid_t ptrace_task_spawn(struct ptrace_start *start);

/* Lets it start. */
void ptrace_task_go(struct ptrace_start *start);

/* Begins to trace a process and its descendants, but for two processes. pid, or -errno. */
pid_t ptrace_task_attach(pid_t pid, const pid_t spare[static 2]);

/* Lets all traced processes run on untraced. Empties the table. */
void ptrace_task_leave(void);

#endif
