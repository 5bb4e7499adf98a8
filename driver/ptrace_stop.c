/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stops of traced threads mean: see ptrace_stop.h. A thread stops at entry
 * to and exit from a call (ptrace(2), PTRACE_GET_SYSCALL_INFO of Linux 5.3); the
 * record is made while it stands at the exit, with arguments kept from the
 * entry. A program with a filter stops only at calls that the filter tells of.
 */
#include "ptrace_stop.h"

#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ptrace_task.h"

#define SYSCALL_STOP (SIGTRAP | 0x80)

static struct {
	uint8_t type_of[ABI_COUNT][TRC_NR_MAX];
	uint8_t wanted[TRC_NTYPES];
	uint8_t filter[TRC_NTYPES]; /* types that the program's filter tells of */
	struct ptrace_share *share;
	void (*put)(const struct trc_hdr *rec);
	struct record rec;
	bool wide_kernel; /* 64 bits */
	bool filters;	  /* the program has a filter */
	bool covers;	  /* which tells of all that is wanted */
	bool sees_who;	  /* all calls that may change who a process is are wanted */
	struct ptrace_task *waiting;
	int held; /* threads that are */
} me;

/*
 * Lets a thread go on to its next stop, but not before all that have stopped were heard: the kernel
 * reports the newest first, and one that calls without end would be the only one ever heard.
 */
static void resume(struct ptrace_task *t, int sig)
{
	t->waits = true;
	t->sig = sig;
	t->next_waiting = me.waiting;
	me.waiting = t;
}

void ptrace_stop_resume_all(void)
{
	while (me.waiting) {
		struct ptrace_task *t = me.waiting;
		bool free = me.covers && t->type == TRC_NONE;

		me.waiting = t->next_waiting;
		t->waits = false;
		ptrace(free ? PTRACE_CONT : PTRACE_SYSCALL, t->tid, NULL, (void *)(intptr_t)t->sig);
	}
}

static void release(struct ptrace_task *t)
{
	t->held = false;
	me.held--;
	resume(t, 0);
}

static void drop(struct ptrace_task *t)
{
	struct ptrace_task **link = &me.waiting;

	while (t->waits && *link != t)
		link = &(*link)->next_waiting;
	if (t->waits)
		*link = t->next_waiting;
	me.held -= t->held;
	ptrace_task_drop(t);
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

/*
 * What a record's header says of its thread. Who that is changes by calls of some types and by
 * programs that start, and is read anew only behind these, as /proc/TID/status takes long to write.
 */
static void look(struct ptrace_task *t, struct cap *c, enum trc_type type)
{
	struct procfs_stat now = {0};

	if (type == TRC_PROCEXIT || t->known) {
		c->brief = type != TRC_PROCEXIT;
		if (c->brief)
			procfs_stat(t->tid, &now);
		c->stat.cpu = now.cpu;
	} else if (!capture_look(c)) {
		t->start = c->stat.start;
		t->uid = c->who.uid;
		t->known = me.sees_who;
	}
	c->stat.start = t->start;
	c->who.uid = t->uid;
}

/* Makes a record about a thread, if anybody wants one. c has what the type needs beyond t. */
static void emit(struct ptrace_task *t, struct cap *c, enum trc_type type)
{
	struct driver_count *n = &me.share->stats.type[type];

	if (!me.wanted[type] || capture_is_dull(c, type)) {
		n->filtered++;
		return;
	}
	c->rec = &me.rec;
	c->pid = t->pid;
	c->tid = t->tid;
	c->compat = me.wide_kernel && (c->abi == ABI_ARM || c->abi == ABI_I386);
	look(t, c, type);
	capture_record(c, type);
	n->sent++;
	me.put(&me.rec.hdr);
}

/*
 * The number in the tables of the call that i386's socketcall stands for, TRC_NR_MAX = nobody's;
 * that one's arguments are put in place of its own. One that cannot be read is 0.
 */
static uint32_t number_of_socketcall(struct ptrace_task *t)
{
	trc_u64 which = t->reg[0], at = t->reg[1];

	for (int i = 0; i < 6; i++) {
		trc_u32 word = 0;
		struct iovec to = {&word, sizeof(word)},
			     from = {(void *)(uintptr_t)(at + 4u * (unsigned)i), sizeof(word)};

		process_vm_readv(t->tid, &to, 1, &from, 1, 0);
		t->reg[i] = word;
	}
	return which <= TRC_SOCKETCALL_MAX ? TRC_SOCKETCALL_FIRST + (uint32_t)which : TRC_NR_MAX;
}

static void on_entry(struct ptrace_task *t, const struct __ptrace_syscall_info *info)
{
	uint32_t nr;

	t->type = TRC_NONE;
	t->abi = abi_of(info->arch);
	memcpy(t->reg, info->entry.args, sizeof(t->reg));
	nr = t->nr = event_number(t->abi, info->entry.nr);
	if (t->abi == ABI_I386 && nr == TRC_SOCKETCALL)
		nr = number_of_socketcall(t);
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
	if (event_table[type].flags & TRC_CREDS)
		t->known = false;
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

	if (t->starts || ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(info), &info) <= 0)
		return;
	/* The filter's stop may come behind one at the entry, and tells the same of the call. */
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY || info.op == PTRACE_SYSCALL_INFO_SECCOMP)
		on_entry(t, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		on_exit_of_call(t, info.exit.rval);
}

/* The program that was asked for has started: with its filter, or without. */
static void on_start(struct ptrace_task *t)
{
	t->starts = false;
	me.filters = me.filters && me.share->filtered == 1;
	me.covers = me.covers && me.filters;
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
			drop(former);
		t = ptrace_task_find(tid);
	}
	if (t->starts)
		on_start(t);
	t->known = false;
	t->type = TRC_NONE;
	ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(info), &info);
	c.abi = t->abi = abi_of(info.arch);
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
	struct __ptrace_syscall_info info;
	struct procfs_status who;
	struct ptrace_task *child;
	unsigned long msg;
	pid_t tid;

	if (ptrace(PTRACE_GETEVENTMSG, t->tid, NULL, &msg) || procfs_status((pid_t)msg, &who))
		return;
	/* Nobody may have told of the call itself. */
	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(info), &info) > 0)
		t->abi = abi_of(info.arch);
	tid = (pid_t)msg;
	child = ptrace_task_find(tid);
	if ((who.pid == tid || capture_is_apart(t->tid, tid)) && !(child && child->told))
		tell_of_fork(t, tid);
	if (!child)
		child = ptrace_task_add(tid, who.pid);
	if (!child)
		return;
	child->told = true;
	child->abi = t->abi;
	if (child->held)
		release(child);
}

/*
 * A thread that no place was left for. It runs on untraced, unless a filter stops it: then it is
 * let pass at each stop, and counted at each, until there is a place.
 */
static void pass_unknown(pid_t tid, int status)
{
	me.share->stats.type[TRC_PROCFORK].lost++;
	if (me.filters)
		ptrace_stop_pass(tid, status);
	else
		ptrace(PTRACE_DETACH, tid, NULL, NULL);
}

/*
 * A stop of a thread that nobody has told of. If it is the first, a process waits for on_fork(),
 * unless its parent is gone already, or its on_fork() may have come and found no place. The entry
 * of one that does not wait, or NULL.
 */
static struct ptrace_task *on_birth(pid_t tid, int status)
{
	bool first = status >> 16 == PTRACE_EVENT_STOP && WSTOPSIG(status) == SIGTRAP;
	struct procfs_status who;
	struct ptrace_task *t = procfs_status(tid, &who) ? NULL : ptrace_task_add(tid, who.pid);

	if (!t) {
		pass_unknown(tid, status);
		return NULL;
	}
	t->held = first && who.pid == tid && !ptrace_task_crowded() && ptrace_task_find(who.ppid);
	t->parent = who.ppid;
	me.held += t->held;
	return t->held ? NULL : t;
}

/*
 * Whoever is gone may have been killed before it could tell of its child: what
 * is held is told of here, with the parent that /proc names, and goes on.
 */
static void release_held(void)
{
	struct ptrace_task *t;

	for (int i = 0; me.held && (t = ptrace_task_at(&i));) {
		struct ptrace_task *parent = t->held ? ptrace_task_find(t->parent) : NULL;

		if (!t->held)
			continue;
		t->told = parent;
		if (parent)
			tell_of_fork(parent, t->tid);
		release(t);
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

	if (tid == me.share->pid) {
		me.share->status = status;
		me.share->pid = 0;
	}
	release_held();
	if (!t)
		return;
	if (t->tid == t->pid) {
		c.abi = t->abi;
		emit(t, &c, TRC_PROCEXIT);
	}
	drop(t);
}

static void on_stop(pid_t tid, int status)
{
	struct ptrace_task *t = ptrace_task_find(tid);
	int event = status >> 16, sig = WSTOPSIG(status), pass = 0;

	if (!t)
		t = on_birth(tid, status);
	if (!t)
		return;
	switch (event) {
	case 0:
		if (sig == SYSCALL_STOP)
			on_call(t);
		else
			pass = sig;
		break;
	case PTRACE_EVENT_SECCOMP:
		on_call(t);
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

void ptrace_stop(pid_t tid, int status)
{
	if (WIFSTOPPED(status))
		on_stop(tid, status);
	else
		on_gone(tid, status);
}

void ptrace_stop_pass(pid_t tid, int status)
{
	int event = status >> 16, sig = WSTOPSIG(status);

	if (!WIFSTOPPED(status))
		return;
	if (event == PTRACE_EVENT_STOP && sig != SIGTRAP)
		ptrace(PTRACE_LISTEN, tid, NULL, NULL);
	else
		ptrace(PTRACE_CONT, tid, NULL,
		       (void *)(intptr_t)(event || sig == SYSCALL_STOP ? 0 : sig));
}

void ptrace_stop_release(void)
{
	struct ptrace_task *t;

	for (int i = 0; (t = ptrace_task_at(&i));)
		if (t->waits || t->held)
			ptrace(PTRACE_CONT, t->tid, NULL, (void *)(intptr_t)t->sig);
}

static void take_wanted(void)
{
	memcpy(me.wanted, me.share->wanted, sizeof(me.wanted));
	me.sees_who = true;
	for (int i = 0; i < TRC_NTYPES; i++)
		me.sees_who = me.sees_who && (me.wanted[i] || !(event_table[i].flags & TRC_CREDS));
}

void ptrace_stop_want(void)
{
	bool covered = me.covers;
	struct ptrace_task *t;

	take_wanted();
	me.covers = me.filters;
	for (int i = 0; i < TRC_NTYPES; i++)
		me.covers = me.covers && me.filter[i] >= me.wanted[i];
	for (int i = 0; !me.sees_who && (t = ptrace_task_at(&i));)
		t->known = false;
	if (me.covers || !covered)
		return;
	/* Who runs would only stop where the filter stops it. */
	for (int i = 0; (t = ptrace_task_at(&i));)
		ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL);
}

void ptrace_stop_begin(struct ptrace_share *share, void (*put)(const struct trc_hdr *rec),
		       bool filters)
{
	me.share = share;
	me.put = put;
	me.filters = filters;
	me.covers = filters;
	me.wide_kernel = procfs_wide_kernel();
	memcpy(me.filter, share->wanted, sizeof(me.filter));
	take_wanted();
	for (enum abi abi = 0; abi < ABI_COUNT; abi++)
		event_numbers(abi, me.type_of[abi]);
}
