/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields of the process, its ancestors, its users and its container. A
 * field of ancestors without [] (-1) speaks of all of them, the process left out.
 */
#include "../driver/table.h"
#include "field_int.h"
#include "text.h"

const struct proc *field_proc(const struct field_ctx *ctx, int n)
{
	return n == 0 || !ctx->proc ? ctx->proc : state_ancestor(ctx->state, ctx->proc, n);
}

struct str field_proc_str(const struct field_ctx *ctx, const struct proc *p, enum proc_text which)
{
	int slot = p == ctx->proc ? field_slot(ctx, ARG_EXEPATH + (int)which) : -1;

	return slot >= 0 ? event_str(ctx->ev, slot) : proc_text(ctx->state, p, which);
}

struct str field_env(const struct field_ctx *ctx, const struct proc *p)
{
	int slot = p == ctx->proc ? field_slot(ctx, ARG_ENV) : -1;

	return slot >= 0 ? event_str(ctx->ev, slot) : proc_env(ctx->state, p);
}

struct str field_comm(const struct proc *p)
{
	return p->comm_len ? (struct str){p->comm, p->comm_len} : MISSING;
}

struct str field_args(const struct field_ctx *ctx, const struct proc *p)
{
	struct str argv = field_proc_str(ctx, p, PROC_ARGV);

	if (argv.n)
		str_take_first(&argv);
	return argv;
}

struct str field_exe(const struct field_ctx *ctx, const struct proc *p)
{
	struct str argv = field_proc_str(ctx, p, PROC_ARGV);

	return argv.n ? str_take_first(&argv) : argv;
}

static struct str comm_of(struct field_ctx *ctx, const struct proc *p)
{
	(void)ctx;
	return field_comm(p);
}

static struct str exe_of(struct field_ctx *ctx, const struct proc *p)
{
	return field_exe(ctx, p);
}

static struct str exepath_of(struct field_ctx *ctx, const struct proc *p)
{
	struct str path = field_proc_str(ctx, p, PROC_EXEPATH);
	uint64_t flags;

	/* What is only in memory lies in no directory: its name begins as Falco's does. */
	if (str_starts(path, STR("/memfd:")) && proc_fact(p, PROC_EXEFLAGS, &flags) &&
	    flags & TRC_EXE_MEMFD)
		path = (struct str){path.p + 1, path.n - 1};
	return path;
}

/* Ancestors. */

typedef struct str text_of_proc(struct field_ctx *ctx, const struct proc *p);

static int of_ancestors(struct field_ctx *ctx, int index, text_of_proc *text, struct value *out)
{
	const struct proc *p = field_proc(ctx, index < 0 ? 1 : index);
	int n = 0;

	if (index >= 0)
		return p ? put_str(out, text(ctx, p)) : 0;
	for (int i = 0; p && i < FIELD_VALUES; i++) {
		n += put_str(&out[n], text(ctx, p));
		p = state_ancestor(ctx->state, p, 1);
	}
	return n;
}

/* A process of which nothing is known is called <NA>, as with Falco. */
int field_get_comm(struct field_ctx *ctx, int index, struct value *out)
{
	if (index == 0 && (!ctx->proc || !ctx->proc->comm_len))
		return put_str(out, field_nameless);
	return of_ancestors(ctx, index, comm_of, out);
}

int field_get_exe(struct field_ctx *ctx, int index, struct value *out)
{
	return of_ancestors(ctx, index, exe_of, out);
}

int field_get_exepath(struct field_ctx *ctx, int index, struct value *out)
{
	return of_ancestors(ctx, index, exepath_of, out);
}

int field_get_pid(struct field_ctx *ctx, int index, struct value *out)
{
	const struct proc *p = field_proc(ctx, index < 0 ? 1 : index);
	int n = 0;

	if (index == 0)
		return put_int(out, ctx->ev->hdr->pid);
	if (index > 0)
		return p ? put_int(out, p->pid) : 0;
	for (; p && n < FIELD_VALUES; n++) {
		put_int(&out[n], p->pid);
		p = state_ancestor(ctx->state, p, 1);
	}
	return n;
}

int field_get_cmdline(struct field_ctx *ctx, int index, struct value *out)
{
	const struct proc *p = index >= 0 ? field_proc(ctx, index) : NULL;

	return p ? put_str(out, field_cmdline(ctx, p)) : 0;
}

/* Arguments and environment. */

/* The command line behind its name. */
struct str field_proc_args(struct field_ctx *ctx)
{
	struct str s = field_text(ctx, TEXT_CMDLINE);
	uint32_t skip = s.p ? ctx->proc->comm_len : 0;

	skip += skip < s.n;
	return s.p ? (struct str){s.p + skip, s.n - skip} : s;
}

/* As with Falco, an argument past the last one is there, and empty. */
int field_get_args(struct field_ctx *ctx, int index, struct value *out)
{
	struct str args = ctx->proc ? field_args(ctx, ctx->proc) : MISSING, arg = STR("");

	if (index == FIELD_WORDS)
		return put_str(out, args);
	if (index < 0)
		return put_str(out, field_proc_args(ctx));
	if (!args.p)
		return 0;
	for (int i = 0; i <= index; i++)
		arg = args.n ? str_take_first(&args) : STR("");
	return put_str(out, arg);
}

/* "NAME=value": the value, if that is the name. */
static bool is_variable(struct str s, struct str name, struct str *value)
{
	if (!str_starts(s, name) || s.n == name.n || s.p[name.n] != '=')
		return false;
	*value = (struct str){s.p + name.n + 1, s.n - name.n - 1};
	return true;
}

/* May more have stood behind what is known of the environment? */
static bool env_is_cut(const struct field_ctx *ctx)
{
	int slot = field_slot(ctx, ARG_ENV);

	return slot >= 0 ? ctx->ev->hdr->cut >> slot & 1 : ctx->proc->env_cut;
}

/*
 * As with Falco, a variable that is not set is there, and empty; of several the first counts. One
 * that may stand where it was cut is missing.
 */
int field_get_env(struct field_ctx *ctx, int index, struct value *out)
{
	struct str env = ctx->proc ? field_env(ctx, ctx->proc) : MISSING, value = STR("");

	if (index < 0)
		return field_get_text(ctx, TEXT_ENV, out);
	if (!env.p)
		return 0;
	while (env.n)
		if (is_variable(str_take_first(&env), ctx->key, &value))
			return put_str(out, value);
	return env_is_cut(ctx) ? 0 : put_str(out, value);
}

static int64_t count_args(struct str args, bool bytes)
{
	int64_t n = 0;

	while (args.n) {
		struct str arg = str_take_first(&args);

		n += bytes ? arg.n : 1;
	}
	return n;
}

/* Leaders of sessions and of process groups. */

static bool same_fact(const struct proc *a, const struct proc *b, enum proc_fact which)
{
	uint64_t va, vb;

	return proc_fact(a, which, &va) && proc_fact(b, which, &vb) && va == vb;
}

/*
 * The process that has the number of its session or group (which); when that one has ended, the
 * eldest ancestor that is in it too.
 */
static const struct proc *leader(const struct field_ctx *ctx, enum proc_fact which)
{
	const struct proc *p = ctx->proc, *next;
	uint64_t number;

	if (!p || !proc_fact(p, which, &number))
		return NULL;
	/* Of the process itself it is known what ctx says, which may be less than its entry. */
	next = number == p->pid	    ? p :
	       number <= UINT32_MAX ? state_pid(ctx->state, (uint32_t)number) :
				      NULL;
	if (next && same_fact(next, p, which))
		return next;
	for (int i = 0; i < FIELD_VALUES; i++) {
		next = state_ancestor(ctx->state, p, 1);
		if (!next || !same_fact(next, ctx->proc, which))
			break;
		p = next;
	}
	return p;
}

int field_get_leader(struct field_ctx *ctx, int which, struct value *out)
{
	const struct proc *p = leader(ctx, which >= L_GROUP_NAME ? PROC_PGID : PROC_SID);

	if (!p)
		return 0;
	switch (which) {
	case L_SID_NAME:
	case L_GROUP_NAME:
		return put_str(out, field_comm(p));
	case L_SID_EXE:
	case L_GROUP_EXE:
		return put_str(out, field_exe(ctx, p));
	default:
		return put_str(out, exepath_of(ctx, p));
	}
}

/* The oldest shell, by the end of its name, among the process and its ancestors; 0 if none. */
static uint32_t login_shell(const struct field_ctx *ctx)
{
	const struct proc *p = ctx->proc;
	uint32_t pid = 0;

	for (int i = 0; p && i < FIELD_VALUES; i++) {
		if (str_ends(field_comm(p), STR("sh")))
			pid = p->pid;
		p = state_ancestor(ctx->state, p, 1);
	}
	return pid;
}

/* Users, groups, containers. */

const struct str field_nameless = {"<NA>", 4};

bool value_is_nameless(const struct value *v)
{
	return v->type == VAL_STR && v->s.p == field_nameless.p;
}

struct str field_user(const struct field_ctx *ctx)
{
	struct str s = state_user(ctx->state, ctx->ev->hdr->uid);

	return s.p ? s : field_nameless;
}

static struct str owner_name(const struct field_ctx *ctx, enum proc_fact which)
{
	struct str s;
	uint64_t id;

	if (!ctx->proc || !proc_fact(ctx->proc, which, &id))
		return MISSING;
	s = which == PROC_GID ? state_group(ctx->state, (uint32_t)id) :
				state_user(ctx->state, (uint32_t)id);
	return s.p ? s : field_nameless;
}

struct str field_container_id(const struct field_ctx *ctx)
{
	if (!ctx->proc || !ctx->proc->container[0])
		return MISSING;
	return (struct str){ctx->proc->container,
			    (uint32_t)strnlen(ctx->proc->container, PROC_CONTAINER_MAX)};
}

int field_get_who(struct field_ctx *ctx, int which, struct value *out)
{
	switch (which) {
	case S_USER:
		return put_str(out, field_user(ctx));
	case S_LOGIN:
		return put_str(out, owner_name(ctx, PROC_LOGINUID));
	case S_GROUP:
		return put_str(out, owner_name(ctx, PROC_GID));
	case S_CONTAINER:
		return put_str(out, field_container_id(ctx));
	default:
		if (!ctx->proc || !ctx->proc->runtime)
			return 0;
		return put_str(out, str_of(ctx->proc->runtime));
	}
}

/* Numbers. */

static int put_fact(const struct proc *p, enum proc_fact which, struct value *out)
{
	uint64_t v;

	if (!p || !proc_fact(p, which, &v))
		return 0;
	return put_int(out, which == PROC_TTY ? text_dev(v) : (int64_t)v);
}

/* Time since the process was made. */
static int put_duration(const struct field_ctx *ctx, struct value *out)
{
	uint64_t now = ctx->ev->hdr->ts;

	if (!ctx->proc->born || now < ctx->proc->born)
		return 0;
	return put_int(out, (int64_t)(now - ctx->proc->born));
}

/* Time from the last change of the program's file to the start of the process. */
static int put_age(const struct field_ctx *ctx, struct value *out)
{
	uint64_t changed, epoch = state_epoch(ctx->state), made = epoch + ctx->proc->born;

	if (!epoch || !ctx->proc->born || !proc_fact(ctx->proc, PROC_EXECTIME, &changed) ||
	    made < changed)
		return 0;
	return put_int(out, (int64_t)(made - changed));
}

/*
 * The parent's number. Who has lost its parent has another one, which no event
 * tells: after the event that said it, the number stands as long as the parent
 * is in the table, or is one that never ends (init, kthreadd).
 */
static int put_ppid(const struct field_ctx *ctx, struct value *out)
{
	enum { NEVER_END = 2 };
	uint32_t ppid = ctx->proc->ppid;
	bool stands = field_slot(ctx, ARG_PPID) >= 0 || state_ancestor(ctx->state, ctx->proc, 1) ||
		      (ppid <= NEVER_END && (ppid || ctx->proc->comm_len));

	return stands ? put_int(out, ppid) : 0;
}

/* Numbers of a process that is known. */
static int proc_int(struct field_ctx *ctx, int which, struct value *out)
{
	struct str args;
	uint32_t shell;

	switch (which) {
	case N_PPID:
		return put_ppid(ctx, out);
	case N_DURATION:
		return put_duration(ctx, out);
	case N_PVPID:
		return put_fact(field_proc(ctx, 1), PROC_VPID, out);
	case N_NARGS:
	case N_LENARGS:
		args = field_args(ctx, ctx->proc);
		return args.p ? put_int(out, count_args(args, which == N_LENARGS)) : 0;
	case N_SHELL:
		shell = login_shell(ctx);
		return shell ? put_int(out, shell) : 0;
	case N_CTIME_START:
		return put_age(ctx, out);
	default:
		return put_fact(ctx->proc, (enum proc_fact)(which - N_FACT), out);
	}
}

int field_get_proc_int(struct field_ctx *ctx, int which, struct value *out)
{
	const struct trc_hdr *hdr = ctx->ev->hdr;

	switch (which) {
	case N_TID:
		return put_int(out, hdr->tid);
	case N_UID:
		return hdr->uid != TRC_NO_UID ? put_int(out, hdr->uid) : 0;
	case N_VTID: /* known of the first thread only */
		return hdr->tid == hdr->pid ? put_fact(ctx->proc, PROC_VPID, out) : 0;
	default:
		return ctx->proc ? proc_int(ctx, which, out) : 0;
	}
}

int field_get_proc_is(struct field_ctx *ctx, int which, struct value *out)
{
	const struct proc *p = ctx->proc;
	uint64_t v, pid;

	if (which == IS_MAIN_THREAD)
		return put_bool(out, ctx->ev->hdr->tid == ctx->ev->hdr->pid);
	if (which == IS_SENSOR)
		return put_bool(out, state_is_sensor(ctx->state, ctx->ev));
	if (!p)
		return 0;
	switch (which) {
	case IS_GROUP_LEADER:
		if (!proc_fact(p, PROC_VPGID, &v) || !proc_fact(p, PROC_VPID, &pid))
			return 0;
		return put_bool(out, v == pid);
	case IS_ADOPTED:
		/* Whose parent is no longer known may have another by now. */
		return p->flags & PROC_ADOPTED || (p->born && state_ancestor(ctx->state, p, 1)) ?
			       put_bool(out, p->flags & PROC_ADOPTED) :
			       0;
	case IS_ROOTLESS:
		return p->container[0] ? put_bool(out, p->rootless) : 0;
	case IS_SESSION_LEADER:
		return proc_fact(p, PROC_SID, &v) ? put_bool(out, v == p->pid) : 0;
	default:
		if (!proc_fact(p, PROC_EXEFLAGS, &v))
			return 0;
		return put_bool(out, v & (uint64_t)(which - IS_EXE));
	}
}
