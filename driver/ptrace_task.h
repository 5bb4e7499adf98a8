/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The threads that the ptrace driver traces, and how they come to be traced
 * and are let go. What their stops mean is in ptrace.c.
 */
#ifndef DRIVER_PTRACE_TASK_H
#define DRIVER_PTRACE_TASK_H

#include <stdbool.h>

#include "capture_proc.h"

#define PTRACE_TASKS 4096 /* threads traced at a time; more run untraced, counted as lost */

struct ptrace_task {
	pid_t tid, pid;
	/* A new process stands still until the record of its birth is made: */
	bool held;
	bool told;
	pid_t parent;
	/* It stands still until the round is over, then gets this signal, 0 = none: */
	bool waits;
	int sig;
	/* The call it is in: */
	enum trc_type type;
	enum abi abi;
	trc_u32 nr;
	trc_u64 reg[6];
	/* What was last seen of it, for when it is gone: */
	trc_u64 start;
	trc_u32 uid;
};

/* The entry of a thread, or NULL. Entries move when one is dropped. */
struct ptrace_task *ptrace_task_find(pid_t tid);

/* The entry at a place, from 0 on, or NULL past the last. */
struct ptrace_task *ptrace_task_at(int i);

/* A new entry, or NULL if the table is full. */
struct ptrace_task *ptrace_task_add(pid_t tid, pid_t pid);

void ptrace_task_drop(struct ptrace_task *t);

/* One that is held, or NULL. */
struct ptrace_task *ptrace_task_held(void);

/* Has SIGCHLD, which tells of stops, come through a descriptor: that, or -errno. */
int ptrace_task_signals(void);

/*
 * Runs a program, looked for in PATH, traced from its start. It is killed if
 * this process ends. Its pid, or -errno.
 */
pid_t ptrace_task_spawn(char *const *command);

/* Begins to trace a process, its threads and its descendants. pid, or -errno. */
pid_t ptrace_task_attach(pid_t pid);

/* Kills all traced processes, or lets them run on untraced. Empties the table. */
void ptrace_task_end(bool kill_them);

#endif
