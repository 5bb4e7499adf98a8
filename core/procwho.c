/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who a process is: its name, its session and group, its credentials, and what
 * it shares with others, as calls change them.
 */
#include "../driver/table.h"
#include "tables.h"

#define PR_SET_NAME_ 15

static void know(struct proc *p, enum proc_fact which, uint64_t v)
{
	p->fact[which] = v;
	p->has |= 1u << which;
}

static void forget(struct proc *p, enum proc_fact which)
{
	p->has &= ~(1u << which);
}

void procwho_facts(struct proc *p, const struct event *ev, int first, uint32_t lasting)
{
	p->has &= lasting;
	for (int i = 0; i < PROC_NFACT; i++)
		if (event_has(ev, first + i))
			know(p, (enum proc_fact)i, (uint64_t)event_num(ev, first + i));
}

void procwho_name(struct proc *p, struct str name)
{
	if (name.n > PROC_COMM_MAX)
		name.n = PROC_COMM_MAX;
	memcpy(p->comm, name.p, name.n);
	memcpy(p->heir, name.p, name.n);
	p->comm_len = p->heir_len = (uint8_t)name.n;
}

void procwho_settle(struct state *s, struct proc *p)
{
	if (proctab_split_files(p))
		fdtab_clear(s, p, false);
	if (proctab_split_cwd(p))
		proctab_cwd(s, p, STR(""));
}

/*
 * A thread's name is that of the thread it was made by, at that time: of a child
 * of another than the first it is known if there never was but one name.
 */
static bool name_of_child_known(const struct proc *parent, const struct event *ev)
{
	return ev->hdr->tid == ev->hdr->pid ||
	       (!(parent->flags & PROC_RENAMED) && parent->heir_len == parent->comm_len &&
		!memcmp(parent->heir, parent->comm, parent->comm_len));
}

/* A group has no number in a namespace of processes that was made after it. */
static void take_child_numbers(struct proc *c, const struct event *ev)
{
	uint64_t v = (uint64_t)event_num(ev, 3), parent;
	bool known = proc_fact(c, PROC_VPID, &parent) && event_has(ev, 3);

	if (!known || v == 1 || (v == c->pid) != (parent == ev->hdr->pid))
		forget(c, PROC_VPGID);
	if (event_has(ev, 3))
		know(c, PROC_VPID, v);
	else
		forget(c, PROC_VPID);
}

void procwho_fork(struct state *s, struct proc *c, struct proc *parent, const struct event *ev)
{
	uint64_t flags = (uint64_t)event_num(ev, 4);

	if (name_of_child_known(parent, ev))
		procwho_name(c, (struct str){parent->heir, parent->heir_len});
	else
		c->comm_len = c->heir_len = 0;
	take_child_numbers(c, ev);
	if (flags & TRC_CLONE_USER)
		for (int i = PROC_CAPINH; i <= PROC_CAPEFF; i++)
			forget(c, (enum proc_fact)i);
	c->flags = (uint8_t)((flags & TRC_CLONE_FILES ? PROC_SHARES_FILES : 0) |
			     (flags & TRC_CLONE_FS ? PROC_SHARES_CWD : 0));
	parent->flags |= c->flags;
	procwho_settle(s, c);
	procwho_settle(s, parent);
}

void procwho_thread(struct state *s, struct proc *p, const struct event *ev)
{
	uint64_t flags = (uint64_t)event_num(ev, 4);

	p->flags |= (uint8_t)(PROC_THREADS | (flags & TRC_CLONE_FILES ? 0 : PROC_OWN_FILES) |
			      (flags & TRC_CLONE_FS ? 0 : PROC_OWN_CWD));
	procwho_settle(s, p);
}

static void take_name(struct proc *p, const struct event *ev)
{
	struct str name = event_str(ev, 2);

	if (event_num(ev, 1) != PR_SET_NAME_ || event_num(ev, 0) < 0)
		return;
	if (ev->hdr->tid != ev->hdr->pid) {
		p->flags |= PROC_RENAMED;
		return;
	}
	p->heir_len = (uint8_t)(name.n > PROC_COMM_MAX ? PROC_COMM_MAX : name.n);
	memcpy(p->heir, name.p, p->heir_len);
}

/* It has no terminal now, and may get one that no record tells of: until then, none is known. */
static void take_setsid(struct proc *p, const struct event *ev)
{
	if (!event_has(ev, 0) || event_num(ev, 0) < 0)
		return;
	know(p, PROC_SID, p->pid);
	know(p, PROC_PGID, p->pid);
	know(p, PROC_VPGID, (uint64_t)event_num(ev, 0));
	forget(p, PROC_TTY);
}

static bool leads_session(const struct proc *p)
{
	uint64_t sid;

	return proc_fact(p, PROC_SID, &sid) && sid == p->pid;
}

void procwho_end(struct state *s, const struct proc *p)
{
	uint64_t sid, tty;

	/* Most sessions have none: their end costs no walk over the table. */
	if (!leads_session(p) || !proc_fact(p, PROC_TTY, &tty) || !tty)
		return;
	for (uint32_t at = s->procs.oldest; at; at = s->procs.link[at - 1].newer) {
		struct proc *other = &s->proc[at - 1];

		if (proc_fact(other, PROC_SID, &sid) && sid == p->pid)
			know(other, PROC_TTY, 0);
	}
}

/* The process that a caller calls so: itself, or a child. */
static struct proc *called(struct state *s, struct proc *p, uint64_t vpid)
{
	uint64_t own = 0, v;

	if (!vpid || (proc_fact(p, PROC_VPID, &own) && own == vpid))
		return p;
	if (own == p->pid)
		return proctab_find(s, (uint32_t)vpid);
	for (uint32_t i = 0; i < s->cfg.procs; i++)
		if (s->proc[i].pid && s->proc[i].ppid == p->pid &&
		    proc_fact(&s->proc[i], PROC_VPID, &v) && v == vpid)
			return &s->proc[i];
	return NULL;
}

static void take_setpgid(struct state *s, struct proc *p, const struct event *ev)
{
	uint64_t group = (uint64_t)event_num(ev, 2), who = (uint64_t)event_num(ev, 1), own, v;
	struct proc *t = called(s, p, who);

	if (!t || !event_has(ev, 0) || event_num(ev, 0) < 0)
		return;
	/* Whose numbers are those of its namespace is told the group's number there alone. */
	forget(t, PROC_PGID);
	forget(t, PROC_VPGID);
	if (!event_has(ev, 1) || !event_has(ev, 2) || !proc_fact(t, PROC_VPID, &own))
		return;
	/* Of a child in a namespace of its own, the caller's numbers are not those there. */
	if (group == who)
		group = 0;
	if (group && t != p && own != who)
		return;
	v = group ? group : own;
	know(t, PROC_VPGID, v);
	if (v == own)
		know(t, PROC_PGID, t->pid);
	else if (own == t->pid)
		know(t, PROC_PGID, v);
}

/*
 * The kernel has credentials for each thread: what one of several sets is the process's only if it
 * was before. (A C library has all its threads make the call.)
 */
static void know_of_thread(struct proc *p, enum proc_fact which, uint64_t v)
{
	uint64_t before;

	if (p->flags & PROC_THREADS && (!proc_fact(p, which, &before) || before != v))
		forget(p, which);
	else
		know(p, which, v);
}

static void take_creds(struct state *s, struct proc *p, const struct event *ev)
{
	int type = ev->hdr->type, who = s->who_slot[type];
	bool changed = event_has(ev, 0) && event_num(ev, 0) >= 0;

	if (event_has(ev, who))
		know_of_thread(p, PROC_GID, (uint64_t)event_num(ev, who));
	else if (changed && type == TRC_SETGID && event_has(ev, 1))
		know_of_thread(p, PROC_GID, (uint64_t)event_num(ev, 1));
	else if (changed && (type == TRC_SETREGID || type == TRC_SETRESGID))
		forget(p, PROC_GID);
	for (int i = 0; i < 3; i++)
		if (event_has(ev, who + 1 + i))
			know_of_thread(p, (enum proc_fact)(PROC_CAPINH + i),
				       (uint64_t)event_num(ev, who + 1 + i));
		else if (changed)
			forget(p, (enum proc_fact)(PROC_CAPINH + i));
}

/* What a thread has for itself is the process's only if there is no other thread. */
static void take_unshare(struct state *s, struct proc *p, uint64_t flags)
{
	if (flags & TRC_CLONE_FILES)
		p->flags = (uint8_t)((p->flags & ~PROC_SHARES_FILES) | PROC_OWN_FILES);
	if (flags & (TRC_CLONE_FS | CLONE_NEWNS_))
		p->flags = (uint8_t)((p->flags & ~PROC_SHARES_CWD) | PROC_OWN_CWD);
	procwho_settle(s, p);
}

static bool is_terminal(struct str name)
{
	return str_starts(name, STR("/dev/tty")) || str_starts(name, STR("/dev/pts/")) ||
	       str_eq(name, STR("/dev/console"));
}

/*
 * Files of /proc through which a process changes itself: what it writes there no record tells, so
 * from then on it is not known. (Others by the same name cost no more than that.)
 */
static void take_open(struct state *s, struct proc *p, const struct event *ev)
{
	int type = ev->hdr->type, flags = s->flags_slot[type];
	struct str name = event_str(ev, s->name_slot[type]);
	uint64_t tty;

	/* It may become that of a session which has none (setsid(2), TIOCSCTTY). */
	if (is_terminal(name) && leads_session(p) && proc_fact(p, PROC_TTY, &tty) && !tty)
		forget(p, PROC_TTY);
	if (flags >= 0 && event_has(ev, flags) && !(event_num(ev, flags) & TRC_O_ACCMODE))
		return;
	if (str_ends(name, STR("/loginuid")))
		forget(p, PROC_LOGINUID);
	if (str_ends(name, STR("/comm")))
		p->heir_len = 0;
}

void procwho_event(struct state *s, struct proc *p, const struct event *ev)
{
	bool done = event_has(ev, 0) && event_num(ev, 0) >= 0;

	switch (ev->hdr->type) {
	case TRC_PRCTL:
		take_name(p, ev);
		break;
	case TRC_SETSID:
		take_setsid(p, ev);
		break;
	case TRC_SETPGID:
		take_setpgid(s, p, ev);
		break;
	case TRC_UNSHARE:
		if (done)
			take_unshare(s, p, (uint64_t)event_num(ev, 1));
		break;
	case TRC_CLOSE_RANGE:
		if (done && event_num(ev, 3) & CLOSE_RANGE_UNSHARE_)
			take_unshare(s, p, TRC_CLONE_FILES);
		break;
	default:
		break;
	}
	if (done && event_table[ev->hdr->type].flags & TRC_OPENS)
		take_open(s, p, ev);
	if (event_table[ev->hdr->type].flags & TRC_CREDS)
		take_creds(s, p, ev);
}
