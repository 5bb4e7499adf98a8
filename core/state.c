/* SPDX-License-Identifier: BSD-2-Clause */
/* What each record changes in the tables: see state.h. */
#include "state.h"

#include "../driver/table.h"
#include "container.h"
#include "tables.h"

#define ANCESTORS_KEPT 8    /* of each program that starts */
#define ENDED_NS 1000000000 /* how long an ended process is remembered */

/*
 * Slots of TRC_IMAGE, counted from its first: the same order wherever a program
 * is described. (The rows of execve and procinfo differ only in what precedes.)
 */
enum {
	IMAGE_EXEPATH,
	IMAGE_ARGV,
	IMAGE_ENV,
	IMAGE_CWD,
	IMAGE_CGROUP,
	IMAGE_COMM,
	IMAGE_PPID,
	IMAGE_FACTS, /* and on: enum proc_fact */
};

/* Facts that a new program leaves as they were. */
#define LASTING                                                                                    \
	(1u << PROC_GID | 1u << PROC_TTY | 1u << PROC_PGID | 1u << PROC_VPGID | 1u << PROC_SID |   \
	 1u << PROC_VPID)

/* The tables: their options, and what their entries take. */
static const struct {
	const char *name;
	size_t count; /* offset in struct state_config */
	size_t bytes;
} parts[STATE_NPART] = {
	{"processes", offsetof(struct state_config, procs), sizeof(struct proc)},
	{"long_processes", offsetof(struct state_config, fars), PROC_FAR + sizeof(uint32_t)},
	{"environments", offsetof(struct state_config, envs), sizeof(struct env)},
	{"descriptors", offsetof(struct state_config, fds), sizeof(struct fdent)},
	{"users", offsetof(struct state_config, users), sizeof(struct owner)},
	{"groups", offsetof(struct state_config, groups), sizeof(struct owner)},
	{"files", offsetof(struct state_config, files), sizeof(struct file)},
	{"names", offsetof(struct state_config, names), sizeof(struct hostname)},
	{"containers", offsetof(struct state_config, containers), sizeof(struct contained)},
};

void state_parts(const struct state_config *cfg, struct state_part out[static STATE_NPART])
{
	for (int i = 0; i < STATE_NPART; i++) {
		uint32_t n = *(const uint32_t *)((const char *)cfg + parts[i].count);

		out[i] = (struct state_part){parts[i].name, n, parts[i].bytes * n + cache_size(n)};
	}
}

size_t state_size(const struct state_config *cfg)
{
	struct state_part part[STATE_NPART];
	size_t size = sizeof(struct state) + 256; /* arena_alloc() may round each up */

	state_parts(cfg, part);
	for (int i = 0; i < STATE_NPART; i++)
		size += part[i].bytes;
	return size;
}

struct state *state_open(struct arena *a, const struct state_config *cfg, struct stats *stats)
{
	struct state *s = arena_alloc(a, sizeof(*s));

	if (!s)
		return NULL;
	s->cfg = *cfg;
	s->stats = stats;
	s->proc = arena_alloc(a, sizeof(*s->proc) * cfg->procs);
	s->far = arena_alloc(a, sizeof(*s->far) * cfg->fars);
	s->far_of = arena_alloc(a, sizeof(*s->far_of) * cfg->fars);
	s->fd = arena_alloc(a, sizeof(*s->fd) * cfg->fds);
	s->env = arena_alloc(a, sizeof(*s->env) * cfg->envs);
	s->user = arena_alloc(a, sizeof(*s->user) * cfg->users);
	s->group = arena_alloc(a, sizeof(*s->group) * cfg->groups);
	s->file = arena_alloc(a, sizeof(*s->file) * cfg->files);
	s->name = arena_alloc(a, sizeof(*s->name) * cfg->names);
	s->container = arena_alloc(a, sizeof(*s->container) * cfg->containers);
	if (!s->proc || !s->far || !s->far_of || !s->fd || !s->env || !s->user || !s->group ||
	    !s->file || !s->name || !s->container || cache_open(&s->procs, a, cfg->procs) ||
	    cache_open(&s->fars, a, cfg->fars) || cache_open(&s->fds, a, cfg->fds) ||
	    cache_open(&s->envs, a, cfg->envs) || cache_open(&s->users, a, cfg->users) ||
	    cache_open(&s->groups, a, cfg->groups) || cache_open(&s->files, a, cfg->files) ||
	    cache_open(&s->names, a, cfg->names) || cache_open(&s->containers, a, cfg->containers))
		return NULL;
	event_arg_slots("name", s->name_slot);
	s->name_slot[TRC_OPEN_BY_HANDLE_AT] = (int8_t)event_arg_slot(TRC_OPEN_BY_HANDLE_AT, "path");
	event_arg_slots("flags", s->flags_slot);
	event_arg_slots("oldpath", s->oldpath_slot);
	event_arg_slots("dev", s->dev_slot);
	event_arg_slots("ino", s->ino_slot);
	event_arg_slots("tuple", s->tuple_slot);
	event_arg_slots("path", s->path_slot);
	event_arg_slots("fd", s->fd_slot);
	event_arg_slots("fd1", s->fd1_slot);
	event_arg_slots("egid_now", s->who_slot);
	event_arg_slots("cgroup", s->cgroup_slot);
	return s;
}

void state_wants(uint8_t wanted[static TRC_NTYPES])
{
	static const enum trc_type needed[] = {
		TRC_EXECVE, TRC_PROCFORK, TRC_PROCEXIT, TRC_CHDIR,	TRC_FCHDIR,
		TRC_CLOSE,  TRC_BPF,	  TRC_CONNECT,	TRC_BIND,	TRC_LISTEN,
		TRC_SETSID, TRC_SETPGID,  TRC_PRCTL,	TRC_CLOSE_RANGE};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		wanted[needed[i]] = 1;
	for (int i = 0; i < TRC_NTYPES; i++)
		if (event_table[i].flags &
		    (TRC_NEWFD | TRC_OPENS | TRC_NAMES | TRC_PAIR | TRC_CREDS))
			wanted[i] = 1;
}

/* Of strings that are cut, the last one is another string. NULL: not one is known. */
static struct str whole_strings(const struct event *ev, int slot)
{
	struct str all = event_has(ev, slot) ? event_str(ev, slot) : (struct str){NULL, 0};
	const char *end;

	if (!all.n || !(ev->hdr->cut >> slot & 1))
		return all;
	end = memrchr(all.p, 0, all.n);
	return end ? (struct str){all.p, (uint32_t)(end + 1 - all.p)} : (struct str){NULL, 0};
}

static void take_container(struct proc *p, const struct event *ev, int slot)
{
	struct container c = container_of_cgroup(event_str(ev, slot), ev->hdr->cut >> slot & 1);

	memcpy(p->container, c.id, sizeof(p->container));
	p->runtime = c.runtime;
	p->rootless = c.rootless;
	p->nested = c.nested;
}

/* A program: what it runs, where, as whom. `first` is the slot of exepath. */
static void take_image(struct state *s, struct proc *p, const struct event *ev, int first)
{
	struct str text[PROC_NTEXT] = {
		[PROC_EXEPATH] = event_str(ev, first + IMAGE_EXEPATH),
		[PROC_CWD] = event_str(ev, first + IMAGE_CWD),
		[PROC_ARGV] = event_str(ev, first + IMAGE_ARGV),
	};

	procwho_name(p, event_str(ev, first + IMAGE_COMM));
	p->start = ev->hdr->start;
	p->uid = ev->hdr->uid;
	if (event_has(ev, first + IMAGE_PPID))
		p->ppid = (uint32_t)event_num(ev, first + IMAGE_PPID);
	procwho_facts(p, ev, first + IMAGE_FACTS, LASTING);
	envtab_drop(s, p);
	envtab_set(s, p, whole_strings(ev, first + IMAGE_ENV));
	p->env_cut = ev->hdr->cut >> (first + IMAGE_ENV) & 1;
	if (event_has(ev, first + IMAGE_CGROUP))
		take_container(p, ev, first + IMAGE_CGROUP);
	conttab_member(s, p);
	proctab_texts(s, p, text);
}

static bool succeeded(const struct event *ev)
{
	return event_has(ev, 0) && event_num(ev, 0) >= 0;
}

/* Those that a new process will be judged by, and that do little themselves, are kept. */
static void touch_ancestors(struct state *s, const struct proc *p)
{
	for (int n = 1; n <= ANCESTORS_KEPT; n++) {
		const struct proc *a = state_ancestor(s, p, n);

		if (!a)
			return;
		proctab_used(s, a);
	}
}

static void take_exec(struct state *s, struct proc *p, const struct event *ev)
{
	if (!succeeded(ev))
		return;
	if (p->ppid && event_has(ev, 2 + IMAGE_PPID) &&
	    p->ppid != (uint32_t)event_num(ev, 2 + IMAGE_PPID))
		p->flags |= PROC_ADOPTED;
	take_image(s, p, ev, 2);
	touch_ancestors(s, p);
	/* It is alone in its process now, with descriptors of its own. */
	fdtab_clear(s, p, true);
	p->flags &= PROC_SHARES_CWD | PROC_ADOPTED;
	procwho_settle(s, p);
}

static void take_fork(struct state *s, const struct event *ev)
{
	int64_t child = event_num(ev, 0);
	struct proc *c;

	if (child == ev->hdr->pid && event_has(ev, 4))
		procwho_thread(s, proctab_of(s, ev), ev);
	if (child <= 0 || child == ev->hdr->pid)
		return;
	c = proctab_fork(s, ev->hdr->pid, (uint32_t)child);
	/* The table has room for one: then the parent has made way. */
	if (proctab_of(s, ev))
		procwho_fork(s, c, proctab_of(s, ev), ev);
	c->ppid = event_has(ev, 2) ? (uint32_t)event_num(ev, 2) : ev->hdr->pid;
	c->flags &= (uint8_t)~PROC_ADOPTED;
	if (c->ppid != ev->hdr->pid) /* CLONE_PARENT */
		c->flags |= PROC_ADOPTED;
	c->start = (uint64_t)event_num(ev, 1);
	c->born = ev->hdr->ts;
	c->uid = ev->hdr->uid;
}

static void take_cwd(struct state *s, struct proc *p, const struct event *ev, struct str cwd)
{
	if (succeeded(ev) && !proctab_split_cwd(p))
		proctab_cwd(s, p, cwd);
}

static void take_fdinfo(struct state *s, struct proc *p, const struct event *ev)
{
	int32_t fd = fdwhat_arg(ev, 0);

	if (fd >= 0 && !proctab_split_files(p))
		fdwhat_stated(s, p, fd, ev);
}

static void take_machine(struct state *s, const struct event *ev)
{
	struct str host = event_str(ev, 1);

	s->epoch = (uint64_t)event_num(ev, 0);
	s->sensor_pid = ev->hdr->pid;
	s->sensor_start = ev->hdr->start;
	s->opener_pid = ev->hdr->tid;
	s->host_len = (uint8_t)(host.n > sizeof(s->host) ? sizeof(s->host) : host.n);
	memcpy(s->host, host.p, s->host_len);
}

/* Records that the sensor made itself. */
static void take_statement(struct state *s, const struct event *ev)
{
	struct proc *p;

	switch (ev->hdr->type) {
	case TRC_MACHINE:
		take_machine(s, ev);
		break;
	case TRC_USERINFO:
	case TRC_GROUPINFO:
		nametab_owner(s, ev);
		break;
	case TRC_FILEINFO:
		nametab_file(s, event_str(ev, 0), (uint64_t)event_num(ev, 1),
			     (uint64_t)event_num(ev, 2));
		break;
	case TRC_LINKINFO:
		nametab_link(s, event_str(ev, 0), event_str(ev, 1));
		break;
	case TRC_HOSTINFO:
		hosttab_take(s, event_str(ev, 0), event_str(ev, 1), (uint64_t)event_num(ev, 2));
		break;
	case TRC_CONTAINERINFO:
		conttab_take(s, ev);
		break;
	case TRC_PROCINFO:
		p = proctab_new(s, ev->hdr->pid);
		take_image(s, p, ev, 0);
		/* Its threads may have names of their own already. */
		p->flags |= PROC_RENAMED;
		break;
	case TRC_FDINFO:
		p = proctab_of(s, ev);
		if (p)
			take_fdinfo(s, p, ev);
		break;
	default:
		break;
	}
}

/*
 * The entry of a record's process; what was known of another one with its pid
 * is forgotten. NULL if the process is not known and ends: nobody makes room for that.
 */
static struct proc *process_of(struct state *s, const struct event *ev)
{
	struct proc *p = proctab_of(s, ev);

	if (!p) {
		s->stats->proc_unknown++;
		if (ev->hdr->type == TRC_PROCEXIT)
			return NULL;
		p = proctab_new(s, ev->hdr->pid);
		p->start = ev->hdr->start;
	}
	p->uid = ev->hdr->uid;
	if (ev->hdr->tid != ev->hdr->pid && !(p->flags & PROC_THREADS)) {
		p->flags |= PROC_THREADS;
		procwho_settle(s, p);
	}
	proctab_used(s, p);
	conttab_used(s, p);
	return p;
}

void state_gap(struct state *s, const struct event *ev)
{
	if (ev->hdr->flags & TRC_GAP_CRITICAL) {
		s->stats->proc_doubted += s->procs.used;
		while (s->procs.oldest)
			proctab_drop(s, &s->proc[s->procs.oldest - 1]);
		memset(s->ended, 0, sizeof(s->ended));
	}
	if (ev->hdr->flags & TRC_GAP_BULK) {
		s->stats->fd_doubted += s->fds.used;
		while (s->fds.oldest)
			fdtab_drop(s, &s->fd[s->fds.oldest - 1]);
	}
}

void state_before(struct state *s, const struct event *ev)
{
	struct proc *p;

	if (event_table[ev->hdr->type].class == TRC_STATE) {
		take_statement(s, ev);
		return;
	}
	/* Marks and what is fed come late: they say nothing of what the process is now. */
	if (event_table[ev->hdr->type].flags & (TRC_MARK | TRC_FED))
		return;
	p = process_of(s, ev);
	if (!p)
		return;
	switch (ev->hdr->type) {
	case TRC_EXECVE:
		take_exec(s, p, ev);
		break;
	case TRC_PROCFORK:
		take_fork(s, ev);
		break;
	case TRC_CHDIR:
		take_cwd(s, p, ev, event_str(ev, 1));
		break;
	case TRC_FCHDIR:
		take_cwd(s, p, ev, event_str(ev, 2));
		break;
	case TRC_SETNS:
		/* A namespace of mounts is entered at its root, whatever it is called here. */
		if (!event_has(ev, 2) || !event_num(ev, 2) || event_num(ev, 2) & CLONE_NEWNS_)
			take_cwd(s, p, ev, STR(""));
		procwho_event(s, p, ev);
		break;
	case TRC_PIVOT_ROOT:
		/* Who was in the old root is in the new one. */
		take_cwd(s, p, ev, STR(""));
		break;
	default:
		procwho_event(s, p, ev);
		fdwhat_event(s, p, ev);
	}
}

static void remember(struct state *s, const struct proc *p, uint64_t ts)
{
	struct ended *e = &s->ended[s->ends++ % ENDED];

	*e = (struct ended){.pid = p->pid, .comm_len = p->comm_len, .ts = ts};
	memcpy(e->comm, p->comm, p->comm_len);
}

struct str state_ended(const struct state *s, uint32_t pid, uint64_t ts)
{
	for (int i = 0; i < ENDED; i++) {
		const struct ended *e = &s->ended[i];

		if (e->pid == pid && e->comm_len && e->ts <= ts && ts - e->ts < ENDED_NS)
			return (struct str){e->comm, e->comm_len};
	}
	return (struct str){NULL, 0};
}

void state_after(struct state *s, const struct event *ev)
{
	struct proc *p;
	struct fdent *f;

	if (ev->hdr->type != TRC_PROCEXIT && ev->hdr->type != TRC_CLOSE)
		return;
	p = proctab_of(s, ev);
	if (!p)
		return;
	if (ev->hdr->type == TRC_PROCEXIT) {
		remember(s, p, ev->hdr->ts);
		procwho_end(s, p);
		proctab_drop(s, p);
		return;
	}
	f = fdtab_find(s, p, fdwhat_arg(ev, 1));
	if (f)
		fdtab_drop(s, f);
}

bool state_is_sensor(const struct state *s, const struct event *ev)
{
	const struct proc *p;

	if (!s->sensor_pid)
		return false;
	if (ev->hdr->pid == s->sensor_pid)
		return ev->hdr->start == s->sensor_start;
	if (!s->opener_pid || ev->hdr->pid != s->opener_pid)
		return false;
	p = proctab_find(s, s->opener_pid);
	return p && p->start == ev->hdr->start && p->ppid == s->sensor_pid;
}

uint64_t state_epoch(const struct state *s)
{
	return s->epoch;
}

struct str state_hostname(const struct state *s)
{
	return (struct str){s->host, s->host_len};
}
