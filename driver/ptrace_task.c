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
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../core/log.h"
#include "ptrace_task.h"

#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
	 PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT)
#define END_MS 1000 /* how long threads may take to stop; the kernel frees the rest when we end */

static struct ptrace_task tasks[PTRACE_TASKS];
static int count;

struct ptrace_task *ptrace_task_find(pid_t tid)
{
	for (int i = 0; i < count; i++)
		if (tasks[i].tid == tid)
			return &tasks[i];
	return NULL;
}

struct ptrace_task *ptrace_task_at(int i)
{
	return i < count ? &tasks[i] : NULL;
}

struct ptrace_task *ptrace_task_add(pid_t tid, pid_t pid)
{
	if (count == PTRACE_TASKS)
		return NULL;
	tasks[count] = (struct ptrace_task){.tid = tid, .pid = pid};
	return &tasks[count++];
}

void ptrace_task_drop(struct ptrace_task *t)
{
	*t = tasks[--count];
}

struct ptrace_task *ptrace_task_held(void)
{
	for (int i = 0; i < count; i++)
		if (tasks[i].held)
			return &tasks[i];
	return NULL;
}

int ptrace_task_signals(void)
{
	sigset_t set;
	int fd;

	/* An ignored SIGCHLD, which programs inherit, would not be sent for stops. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* What the child does: waits until it is traced, then becomes the program. */
static _Noreturn void run(char *const *command, int gate)
{
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
	execvp(command[0], command);
	err = errno;
	log_error("%s: %s", command[0], strerror(err));
	_exit(err == ENOENT ? 127 : 126);
}

pid_t ptrace_task_spawn(char *const *command)
{
	int gate[2], err = 0;
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(gate[1]);
		run(command, gate[0]);
	}
	if (pid < 0 || ptrace(PTRACE_SEIZE, pid, NULL, OPTIONS | PTRACE_O_EXITKILL))
		err = errno;
	/* It runs freely up to its exec, which stops it first: only then it is the program. */
	else if (write(gate[1], "", 1) == 1)
		ptrace_task_add(pid, pid);
	else
		err = errno;
	close(gate[0]);
	close(gate[1]);
	if (err && pid > 0)
		waitpid(pid, NULL, __WALL); /* it found the gate closed */
	return err ? -err : pid;
}

/* Seizes the threads of a process that are not traced yet. Returns how many, or -errno. */
static int seize_threads(pid_t pid)
{
	struct procfs_dir d;
	int tid, n = 0, err = procfs_dir_open(&d, pid, "task");

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
static int seize_children(void)
{
	struct procfs_status who;
	struct procfs_dir d;
	int pid, n = 0;

	if (procfs_dir_open(&d, 0, "."))
		return 0;
	while ((pid = procfs_dir_next(&d)) > 0)
		if (!procfs_status(pid, &who) &&
		    (ptrace_task_find(pid) || ptrace_task_find(who.ppid))) {
			int found = seize_threads(pid);

			n += found > 0 ? found : 0;
		}
	procfs_dir_close(&d);
	return n;
}

pid_t ptrace_task_attach(pid_t pid)
{
	struct procfs_status who;
	int n;

	if (!procfs_status(pid, &who))
		pid = who.pid; /* a thread's number leads to its process */
	n = seize_threads(pid);
	if (n < 0)
		return n;
	/* Until nothing new turns up: threads and children may be made while we look. */
	while (seize_children())
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
static void see_off(bool kill_them)
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
		if (WIFSTOPPED(status) && kill_them) { /* on its way out */
			ptrace(PTRACE_CONT, tid, NULL, NULL);
			continue;
		}
		if (WIFSTOPPED(status))
			detach(tid, status);
		if (t)
			ptrace_task_drop(t);
	}
}

void ptrace_task_end(bool kill_them)
{
	for (int i = count - 1; i >= 0; i--) {
		struct ptrace_task *t = &tasks[i];

		if (kill_them)
			kill(t->pid, SIGKILL);
		else if (t->held || ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL)) {
			ptrace(PTRACE_DETACH, t->tid, NULL, NULL);
			ptrace_task_drop(t);
		}
	}
	see_off(kill_them);
	count = 0;
}
