/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of traced threads, starting them and letting them go: see
 * ptrace_task.h. Threads are seized (ptrace(2), PTRACE_SEIZE), never attached
 * to, so that nobody sees a SIGSTOP and job control goes on working.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../core/log.h"
#include "ptrace_filter.h"
#include "ptrace_task.h"

#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
	 PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT)
#define FILTER_OPTIONS (OPTIONS | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL)
#define END_MS 1000 /* how long threads may take to stop; the kernel frees the rest when we end */

/* Entries, and chains of them by the low bits of tid: places from 1 on, 0 ends a chain. */
/* The tracer's alone, who takes it with the first thread: the sensor has none. */
static struct table {
	struct ptrace_task tasks[PTRACE_TASKS];
	int chains[PTRACE_TASKS];
} * table;
static int unused; /* chain of free entries, below: */
static int used;   /* entries that were ever taken */
static int count;
static bool crowded;

static int *chain_of(pid_t tid)
{
	return &table->chains[(unsigned)tid % PTRACE_TASKS];
}

struct ptrace_task *ptrace_task_find(pid_t tid)
{
	for (int i = table ? *chain_of(tid) : 0; i; i = table->tasks[i - 1].next)
		if (table->tasks[i - 1].tid == tid)
			return &table->tasks[i - 1];
	return NULL;
}

struct ptrace_task *ptrace_task_at(int *at)
{
	while (*at < used) {
		struct ptrace_task *t = &table->tasks[(*at)++];

		if (t->tid)
			return t;
	}
	return NULL;
}

/* The table, or NULL: there is no memory for it. */
static struct table *make_table(void)
{
	void *p = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

struct ptrace_task *ptrace_task_add(pid_t tid, pid_t pid)
{
	int *chain, place = unused;

	if (!table && !(table = make_table()))
		return NULL;
	chain = chain_of(tid);
	if (place)
		unused = table->tasks[place - 1].next;
	else if (used < PTRACE_TASKS)
		place = ++used;
	crowded = crowded || !place;
	if (!place)
		return NULL;
	table->tasks[place - 1] =
		(struct ptrace_task){.tid = tid, .pid = pid, .next = *chain, .abi = abi_native()};
	*chain = place;
	count++;
	return &table->tasks[place - 1];
}

void ptrace_task_drop(struct ptrace_task *t)
{
	int *link = chain_of(t->tid), place = (int)(t - table->tasks) + 1;

	while (*link != place)
		link = &table->tasks[*link - 1].next;
	*link = t->next;
	*t = (struct ptrace_task){.next = unused};
	unused = place;
	count--;
	crowded = crowded && count > PTRACE_TASKS / 2;
}

bool ptrace_task_crowded(void)
{
	return crowded;
}

/* What the child does: waits until it is traced and may start, then becomes the program. */
static _Noreturn void run(const struct ptrace_start *start, int gate)
{
	char *const *command = start->command;
	sigset_t none;
	char go;
	int err;

	/* What this process has set up for itself is not the program's. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	if (read(gate, &go, 1) != 1)
		_exit(127);
	if (start->filter) {
		err = ptrace_filter_install(start->filter);
		*start->filtered = err ? err : 1;
	}
	execvp(command[0], command);
	err = errno;
	log_error("%s: %s", command[0], strerror(err));
	_exit(err == ENOENT ? 127 : 126);
}

pid_t ptrace_task_spawn(struct ptrace_start *start)
{
	struct ptrace_task *t;
	int gate[2], err = 0;
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(gate[1]);
		run(start, gate[0]);
	}
	close(gate[0]);
	/* It runs freely up to its exec: only then it is the program. */
	if (pid < 0 || ptrace(PTRACE_SEIZE, pid, NULL, start->filter ? FILTER_OPTIONS : OPTIONS))
		err = errno;
	if (err) {
		close(gate[1]);
		if (pid > 0)
			waitpid(pid, NULL, __WALL); /* it found the gate closed */
		return -err;
	}
	start->gate = gate[1];
	t = ptrace_task_add(pid, pid);
	t->starts = true;
	return pid;
}

void ptrace_task_go(struct ptrace_start *start)
{
	(void)!write(start->gate, "", 1);
	close(start->gate);
}

/* Seizes the threads of a process that are not traced yet. Returns how many, or -errno. */
static int seize_threads(pid_t pid, const pid_t *spare)
{
	struct procfs_dir d;
	int tid, n = 0, err = -EPERM;

	if (pid == spare[0] || pid == spare[1])
		return err;
	err = procfs_dir_open(&d, pid, "task");
	if (err)
		return err == -ENOENT ? -ESRCH : err;
	while ((tid = procfs_dir_next(&d)) > 0) {
		if (ptrace_task_find(tid))
			continue;
		if (ptrace(PTRACE_SEIZE, tid, NULL, OPTIONS)) {
			err = -errno;
		} else if (!ptrace_task_add(tid, pid)) {
			ptrace(PTRACE_DETACH, tid, NULL, NULL);
			err = -ENOSPC;
		} else {
			ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
			n++;
		}
	}
	procfs_dir_close(&d);
	return n ? n : err;
}

/* Seizes the children of traced processes. Returns how many threads were not traced before. */
static int seize_children(const pid_t *spare)
{
	struct procfs_status who;
	struct procfs_dir d;
	int pid, n = 0;

	if (procfs_dir_open(&d, 0, "."))
		return 0;
	while ((pid = procfs_dir_next(&d)) > 0)
		if (!procfs_status(pid, &who) &&
		    (ptrace_task_find(pid) || ptrace_task_find(who.ppid))) {
			int found = seize_threads(pid, spare);

			n += found > 0 ? found : 0;
		}
	procfs_dir_close(&d);
	return n;
}

pid_t ptrace_task_attach(pid_t pid, const pid_t spare[static 2])
{
	struct procfs_status who;
	int n;

	if (!procfs_status(pid, &who))
		pid = who.pid; /* a thread's number leads to its process */
	n = seize_threads(pid, spare);
	if (n < 0)
		return n;
	/* Until nothing new turns up: threads and children may be made while we look. */
	while (seize_children(spare))
		;
	return pid;
}

/* Detaches from a thread that stopped; a signal that it stopped for still reaches it. */
static void detach(pid_t tid, int status)
{
	int event = status >> 16, sig = event ? 0 : WSTOPSIG(status);

	if (sig == (SIGTRAP | 0x80))
		sig = 0;
	ptrace(PTRACE_DETACH, tid, NULL, (void *)(intptr_t)sig);
}

/* Waits for each thread in the table to stop or end, and takes it out of there. */
static void see_off(void)
{
	for (int ms = 0; count && ms < END_MS;) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL | WNOHANG);
		struct ptrace_task *t = ptrace_task_find(tid);

		if (tid < 0)
			return;
		if (tid == 0) {
			ms += poll(NULL, 0, 1) + 1;
			continue;
		}
		if (WIFSTOPPED(status))
			detach(tid, status);
		if (t)
			ptrace_task_drop(t);
	}
}

void ptrace_task_leave(void)
{
	struct ptrace_task *t;

	for (int i = 0; (t = ptrace_task_at(&i));)
		/* Who stands still cannot be interrupted, and is let go as it stands. */
		if (t->held || t->waits || ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL)) {
			ptrace(PTRACE_DETACH, t->tid, NULL, (void *)(intptr_t)t->sig);
			ptrace_task_drop(t);
		}
	see_off();
}
