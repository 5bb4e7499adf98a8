/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ptrace driver: watches one program and all that it starts, without any
 * privilege. Every thread stops at entry to and exit from each call
 * (ptrace(2), PTRACE_GET_SYSCALL_INFO of Linux 5.3); the record is made while
 * it stands at the exit, with arguments kept from the entry.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"
#include "ptrace_task.h"

#define STOPS_PER_RECORD 16 /* stops that one call of drain takes, for each record of its budget */
#define SYSCALL_STOP (SIGTRAP | 0x80)
#define X32_CALL 0x40000000u

static struct {
	uint8_t type_of[ABI_COUNT][TRC_NR_MAX];
	uint8_t wanted[TRC_NTYPES];
	struct driver_stats stats;
	struct record rec;
	bool wide_kernel; /* 64 bits */
	bool spawned;
	pid_t pid;  /* the program or process asked for */
	int status; /* how that ended */
	/* during drain */
	record_fn fn;
	void *arg;
	int sent;
} me;

static int sigfd = -1; /* apart: what starts as zeros takes no room in the binary */

/*
 * Lets a thread go on to its next stop, but not before all that have stopped were heard: the kernel
 * reports the newest first, and one that calls without end would be the only one ever heard.
 */
static void resume(struct ptrace_task *t, int sig)
{
	t->waits = true;
	t->sig = sig;
}

/* Ends a round: whoever was heard in it goes on. One may be gone: then its end is reported, too. */
static void resume_all(void)
{
	struct ptrace_task *t;

	for (int i = 0; (t = ptrace_task_at(i)); i++)
		if (t->waits) {
			t->waits = false;
			ptrace(PTRACE_SYSCALL, t->tid, NULL, (void *)(intptr_t)t->sig);
		}
}

/* ABI of an audit architecture number (linux/audit.h), ABI_COUNT = none that we know. */
static enum abi abi_of(uint32_t arch)
{
	switch (arch) {
	case 0xc000003e:
		return ABI_X86_64;
	case 0xc00000b7:
		return ABI_AARCH64;
	case 0x40000028:
		return ABI_ARM;
	case 0x40000003:
		return ABI_I386;
	default:
		return ABI_COUNT;
	}
}

/* Makes a record about a thread, if anybody wants one. c has what the type needs beyond t. */
static void emit(struct ptrace_task *t, struct cap *c, enum trc_type type)
{
	struct driver_count *n = &me.stats.type[type];

	if (!me.wanted[type] || capture_is_dull(c, type)) {
		n->filtered++;
		return;
	}
	c->rec = &me.rec;
	c->pid = t->pid;
	c->tid = t->tid;
	c->compat = me.wide_kernel && (c->abi == ABI_ARM || c->abi == ABI_I386);
	if (type == TRC_PROCEXIT || capture_look(c)) {
		c->stat.start = t->start;
		c->who.uid = t->uid;
	}
	t->start = c->stat.start;
	t->uid = c->who.uid;
	capture_record(c, type);
	n->sent++;
	me.sent++;
	me.fn(&me.rec.hdr, me.arg);
}

/*
 * The number that a call of i386 has in the tables, TRC_NR_MAX = nobody's; socketcall's arguments
 * are put in place of its own. One that cannot be read is 0.
 */
static uint64_t number_of(struct ptrace_task *t, uint64_t nr)
{
	trc_u64 which = t->reg[0], at = t->reg[1];

	if (nr != TRC_SOCKETCALL)
		return nr < TRC_SOCKETCALL_FIRST ? nr : TRC_NR_MAX;
	for (int i = 0; i < 6; i++) {
		trc_u32 word = 0;
		struct iovec to = {&word, sizeof(word)},
			     from = {(void *)(uintptr_t)(at + 4u * (unsigned)i), sizeof(word)};

		process_vm_readv(t->tid, &to, 1, &from, 1, 0);
		t->reg[i] = word;
	}
	return which <= TRC_SOCKETCALL_MAX ? TRC_SOCKETCALL_FIRST + which : TRC_NR_MAX;
}

static void on_entry(struct ptrace_task *t, const struct __ptrace_syscall_info *info)
{
	uint64_t nr = info->entry.nr;

	t->type = TRC_NONE;
	t->abi = abi_of(info->arch);
	if (t->abi == ABI_X86_64)
		nr &= ~(uint64_t)X32_CALL;
	memcpy(t->reg, info->entry.args, sizeof(t->reg));
	t->nr = (trc_u32)nr;
	if (t->abi == ABI_I386)
		nr = number_of(t, nr);
	if (t->abi == ABI_COUNT || nr >= TRC_NR_MAX)
		return;
	t->type = me.type_of[t->abi][nr];
}

static void on_exit_of_call(struct ptrace_task *t, trc_s64 ret)
{
	enum trc_type type = t->type;
	struct cap c = {.pid = t->pid, .tid = t->tid, .abi = t->abi, .nr = t->nr, .ret = ret};

	t->type = TRC_NONE;
	if (type == TRC_NONE)
		return;
	memcpy(c.reg, t->reg, sizeof(c.reg));
	type = capture_called(&c, type);
	c.ret = trc_result(type, c.ret);
	if (trc_restarts(c.ret) || ((event_table[type].flags & TRC_FAILED) && c.ret >= 0))
		return;
	emit(t, &c, type);
}

static void on_call(struct ptrace_task *t)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		on_entry(t, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		on_exit_of_call(t, info.exit.rval);
}

/* A program starts. All other threads of the process are gone, and this one has the leader's id. */
static void on_exec(struct ptrace_task *t)
{
	struct __ptrace_syscall_info info = {0};
	struct cap c = {.nr = ~0u};
	struct ptrace_task *former;
	unsigned long former_tid;

	if (!ptrace(PTRACE_GETEVENTMSG, t->tid, NULL, &former_tid) && (pid_t)former_tid != t->tid) {
		pid_t tid = t->tid;

		former = ptrace_task_find((pid_t)former_tid);
		if (former)
			ptrace_task_drop(former);
		t = ptrace_task_find(tid);
	}
	t->type = TRC_NONE;
	ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(info), &info);
	c.abi = abi_of(info.arch);
	emit(t, &c, TRC_EXECVE);
}

static void tell_of_fork(struct ptrace_task *parent, pid_t pid)
{
	struct cap c = {.nr = ~0u, .abi = parent->abi, .child = pid};

	emit(parent, &c, TRC_PROCFORK);
}

/* A thread has made a child, which is held or has not been seen yet. */
static void on_fork(struct ptrace_task *t)
{
	struct procfs_status who;
	struct ptrace_task *child;
	unsigned long msg;
	pid_t tid;

	if (ptrace(PTRACE_GETEVENTMSG, t->tid, NULL, &msg) || procfs_status((pid_t)msg, &who))
		return;
	tid = (pid_t)msg;
	child = ptrace_task_find(tid);
	if ((who.pid == tid || capture_is_apart(t->tid, tid)) && !(child && child->told))
		tell_of_fork(t, tid);
	if (!child)
		child = ptrace_task_add(tid, who.pid);
	if (child)
		child->told = true;
	if (child && child->held) {
		child->held = false;
		resume(child, 0);
	}
}

/*
 * The first stop of a thread that nobody has told of: a process waits for
 * on_fork(), unless its parent is gone already.
 */
static void on_birth(pid_t tid)
{
	struct procfs_status who;
	struct ptrace_task *t = procfs_status(tid, &who) ? NULL : ptrace_task_add(tid, who.pid);

	if (!t) {
		me.stats.type[TRC_PROCFORK].lost++;
		ptrace(PTRACE_DETACH, tid, NULL, NULL);
		return;
	}
	t->held = who.pid == tid && ptrace_task_find(who.ppid);
	t->parent = who.ppid;
	if (!t->held)
		resume(t, 0);
}

/*
 * Whoever is gone may have been killed before it could tell of its child: what
 * is held is told of here, with the parent that /proc names, and goes on.
 * These records may be more than the budget.
 */
static void release_held(void)
{
	struct ptrace_task *t;

	while ((t = ptrace_task_held())) {
		struct ptrace_task *parent = ptrace_task_find(t->parent);

		t->held = false;
		t->told = parent;
		if (parent)
			tell_of_fork(parent, t->tid);
		resume(t, 0);
	}
}

/* A thread is about to end: the last time that it can be looked at. */
static void on_last_stop(struct ptrace_task *t)
{
	struct cap c = {.pid = t->pid, .tid = t->tid};

	if (capture_look(&c))
		return;
	t->start = c.stat.start;
	t->uid = c.who.uid;
}

/* A thread is gone; a leader is reported after all other threads, and is the process. */
static void on_gone(pid_t tid, int status)
{
	struct ptrace_task *t = ptrace_task_find(tid);
	struct cap c = {.nr = ~0u, .status = status};

	if (tid == me.pid)
		me.status = status;
	release_held();
	if (!t)
		return;
	if (t->tid == t->pid) {
		c.abi = t->abi;
		emit(t, &c, TRC_PROCEXIT);
	}
	ptrace_task_drop(t);
}

/* One report of waitpid() about a thread that stands still. */
static void on_stop(pid_t tid, int status)
{
	struct ptrace_task *t = ptrace_task_find(tid);
	int event = status >> 16, sig = WSTOPSIG(status), pass = 0;

	if (!t) {
		on_birth(tid);
		return;
	}
	switch (event) {
	case 0:
		if (sig == SYSCALL_STOP)
			on_call(t);
		else
			pass = sig;
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		on_fork(t);
		break;
	case PTRACE_EVENT_EXEC:
		on_exec(t);
		break;
	case PTRACE_EVENT_EXIT:
		on_last_stop(t);
		break;
	case PTRACE_EVENT_STOP:
		if (sig != SIGTRAP) { /* job control has stopped it: it stays so until SIGCONT */
			ptrace(PTRACE_LISTEN, tid, NULL, NULL);
			return;
		}
	}
	t = ptrace_task_find(tid); /* an exec takes another entry away */
	if (t)
		resume(t, pass);
}

static int ptrace_drain(record_fn fn, void *arg, int budget)
{
	struct signalfd_siginfo si;

	me.fn = fn;
	me.arg = arg;
	me.sent = 0;
	while (read(sigfd, &si, sizeof(si)) > 0)
		;
	for (int stops = 0; me.sent < budget && stops < budget * STOPS_PER_RECORD; stops++) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL | WNOHANG);

		if (tid == 0) {
			resume_all();
			return me.sent;
		}
		if (tid < 0 && me.sent == 0)
			return -ENODATA;
		if (tid < 0)
			break;
		if (WIFSTOPPED(status))
			on_stop(tid, status);
		else
			on_gone(tid, status);
	}
	/* There is more to say, but the signal that tells of it has been read. */
	kill(getpid(), SIGCHLD);
	return me.sent;
}

/* Linux 5.3 has what this driver rests on. */
static int kernel_is_new(const char *release)
{
	char *end;
	long major = strtol(release, &end, 10);

	return major > 5 || (major == 5 && *end == '.' && strtol(end + 1, NULL, 10) >= 3);
}

static int ptrace_open(const struct driver_config *cfg, char *why, size_t size)
{
	struct utsname kernel;

	if (!cfg->command && !cfg->pid) {
		snprintf(why, size, "needs a program to run, or the pid of a process");
		return -EINVAL;
	}
	uname(&kernel);
	if (!kernel_is_new(kernel.release)) {
		snprintf(why, size, "needs Linux 5.3 or later, this is %s", kernel.release);
		return -ENOSYS;
	}
	me.wide_kernel = procfs_wide_kernel();
	memset(&me.stats, 0, sizeof(me.stats));
	memset(me.wanted, 1, sizeof(me.wanted));
	for (enum abi abi = 0; abi < ABI_COUNT; abi++)
		event_numbers(abi, me.type_of[abi]);
	sigfd = ptrace_task_signals();
	if (sigfd < 0) {
		snprintf(why, size, "signalfd: %s", strerror(-sigfd));
		return sigfd;
	}
	me.spawned = cfg->command;
	me.status = 0;
	me.pid = me.spawned ? ptrace_task_spawn(cfg->command) : ptrace_task_attach(cfg->pid);
	if (me.pid > 0) {
		snprintf(why, size, "process %d and its children", (int)me.pid);
		return 0;
	}
	if (me.spawned)
		snprintf(why, size, "cannot trace a program: %s", strerror(-me.pid));
	else
		snprintf(why, size, "cannot trace process %d: %s%s", (int)cfg->pid,
			 strerror(-me.pid),
			 me.pid == -EPERM ? " (needs root, or the same user and ptrace_scope 0)" :
					    "");
	return me.pid;
}

static int ptrace_fd(void)
{
	return sigfd;
}

static int ptrace_want(const uint8_t wanted[static TRC_NTYPES])
{
	memcpy(me.wanted, wanted, TRC_NTYPES);
	return 0;
}

static void ptrace_stats(struct driver_stats *out)
{
	*out = me.stats;
	driver_sum_lost(out);
}

static int ptrace_status(void)
{
	return WIFSIGNALED(me.status) ? 128 + WTERMSIG(me.status) : WEXITSTATUS(me.status);
}

static void ptrace_close(void)
{
	resume_all();
	ptrace_task_end(me.spawned);
	if (sigfd >= 0)
		close(sigfd);
	sigfd = -1;
}

const struct driver driver_ptrace = {
	.name = "ptrace",
	.help = "runs a program, or attaches to a process, and watches it and its children",
	.blind = "every other program; what is done through io_uring",
	.flags = DRIVER_LIVE | DRIVER_TRACES | DRIVER_KEEPS_USER,
	.open = ptrace_open,
	.fd = ptrace_fd,
	.want = ptrace_want,
	.drain = ptrace_drain,
	.stats = ptrace_stats,
	.status = ptrace_status,
	.close = ptrace_close,
};
