/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Texts of fields that have to be put together. Each is built once for an
 * event, whoever asks for it and how often: what a hostile process can make
 * long costs its time once, and the space for all of it is there.
 */
#include <inttypes.h>
#include <time.h>

#include "../driver/table.h"
#include "field_int.h"
#include "text.h"

#define ARGS_MAX 4096 /* bytes of evt.args */
#define LINE_MAX_ (PROC_COMM_MAX + 1 + TRC_STR_MAX)
#define NUMBER_MAX 100000000 /* above all descriptors and processes: fs.nr_open, kernel.pid_max */
#define CAPS_MAX 1024
#define SOCK_MAX 160
#define TIME_MAX 48

/* The most that the text of an argument takes; what is text already is not built. */
#define ROOM(type)                                                                                 \
	((type) == TRC_T_PATH			     ? FIELD_STR_MAX :                             \
	 (type) == TRC_T_ARGV			     ? TRC_STR_MAX :                               \
	 (type) == TRC_T_STR || (type) == TRC_T_DATA ? 0 :                                         \
	 (type) == TRC_T_CLONEFLAGS || (type) == TRC_T_MOUNTFLAGS || (type) == TRC_T_OFLAGS ||     \
			 (type) == TRC_T_SOCK ?                                                    \
						       512 :                                       \
						       160)

/*
 * Where texts end and the one that lasts until the next begins. Command line, that of the parent,
 * and with argument 0; environment; directory; sets of capabilities; and so on.
 */
#define TEXTS_END (FIELD_SCRATCH - LINE_MAX_)
#define TEXTS_MAX                                                                                  \
	(3 * LINE_MAX_ + TRC_STR_MAX + TRC_STR_MAX + 1 + 3 * CAPS_MAX + SOCK_MAX + 3 * TIME_MAX +  \
	 ARGS_MAX + TRC_STR_MAX + TRC_STR_MAX / 4 * 5 + FIELD_STR_MAX)

/* All texts of all events fit beside each other. */
#define A(name, type, source) +ROOM(TRC_T_##type)
#define EV(id, name, class, flags, nrs, ...)                                                       \
	_Static_assert(TEXTS_MAX + 0 __VA_ARGS__ < TEXTS_END, "scratch for " #name);
#include "../driver/events.def"

/* Each returns false if there is nothing to build it from. */

static bool build_cmdline(const struct field_ctx *ctx, const struct proc *p, struct text_buf *b)
{
	struct str args = p ? field_args(ctx, p) : MISSING;

	if (!args.p || !p->comm_len)
		return false;
	text_put(b, field_comm(p));
	if (args.n) {
		text_put(b, STR(" "));
		text_join(b, args);
	}
	return true;
}

static bool build_exeline(const struct field_ctx *ctx, struct text_buf *b)
{
	struct str argv = ctx->proc ? field_proc_str(ctx, ctx->proc, PROC_ARGV) : MISSING;

	text_join(b, argv);
	return argv.p;
}

static bool build_env(const struct field_ctx *ctx, struct text_buf *b)
{
	struct str env = ctx->proc ? field_env(ctx, ctx->proc) : MISSING;

	text_join(b, env);
	return env.p;
}

static bool build_cwd(const struct field_ctx *ctx, struct text_buf *b)
{
	struct str cwd = ctx->proc ? field_proc_str(ctx, ctx->proc, PROC_CWD) : MISSING;

	if (!cwd.n)
		return false;
	text_put(b, cwd);
	if (cwd.p[cwd.n - 1] != '/')
		text_put(b, STR("/"));
	return true;
}

static bool build_caps(const struct field_ctx *ctx, enum proc_fact which, struct text_buf *b)
{
	uint64_t caps;

	if (!ctx->proc || !proc_fact(ctx->proc, which, &caps))
		return false;
	text_put_caps(b, caps);
	return true;
}

static bool build_sock(const struct field_ctx *ctx, struct text_buf *b)
{
	struct sock_ref r;

	if (!field_sock(ctx, &r))
		return false;
	b->n += text_sock(r.sock, r.name, r.server, b->p + b->n, b->size - b->n);
	return true;
}

uint64_t field_time(const struct field_ctx *ctx)
{
	uint64_t epoch = state_epoch(ctx->state);

	return epoch ? epoch + ctx->ev->hdr->ts : 0;
}

static bool build_time(const struct field_ctx *ctx, int what, struct text_buf *b)
{
	uint64_t ns = field_time(ctx);
	time_t t = (time_t)(ns / 1000000000);
	struct tm tm;

	if (!ns || !(what == TEXT_ISOTIME ? gmtime_r(&t, &tm) : localtime_r(&t, &tm)))
		return false;
	if (what != TEXT_TIME)
		text_putf(b, "%04d-%02d-%02d%c", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			  what == TEXT_ISOTIME ? 'T' : ' ');
	text_putf(b, "%02d:%02d:%02d.%09u", tm.tm_hour, tm.tm_min, tm.tm_sec,
		  (unsigned)(ns % 1000000000));
	if (what == TEXT_ISOTIME)
		text_put(b, STR("+0000"));
	return true;
}

/*
 * Name of the process that the caller means by a number: if its numbers are those of the tables.
 * Of one that the call has ended, what it was.
 */
static struct str meant(const struct field_ctx *ctx, int64_t pid)
{
	const struct proc *p;
	uint64_t vpid;

	if (pid <= 0 || pid > INT32_MAX || !ctx->proc || !proc_fact(ctx->proc, PROC_VPID, &vpid) ||
	    vpid != ctx->proc->pid)
		return MISSING;
	p = state_pid(ctx->state, (uint32_t)pid);
	return p ? field_comm(p) : state_ended(ctx->state, (uint32_t)pid, ctx->ev->hdr->ts);
}

static void put_user(const struct field_ctx *ctx, int n, struct text_buf *b)
{
	struct str user = state_user(ctx->state, (uint32_t)event_num(ctx->ev, n));

	text_put(b, user.p ? user : field_nameless);
}

/* Takes a number off a name; -1 if there is none, or one that none can be. */
static int32_t take_number(struct str *name)
{
	int32_t v = 0;
	uint32_t at = 0;

	for (; at < name->n && name->p[at] >= '0' && name->p[at] <= '9' && v < NUMBER_MAX; at++)
		v = v * 10 + (name->p[at] - '0');
	name->p += at;
	name->n -= at;
	return at && (!name->n || *name->p == '/') ? v : -1;
}

/* Is it /proc/self/ or another name of the process's own directory? What follows is left. */
static bool take_self(const struct field_ctx *ctx, struct str *name)
{
	struct str rest = *name;

	if (str_take(name, STR("/proc/self/")) || str_take(name, STR("/proc/thread-self/")))
		return true;
	if (!str_take(&rest, STR("/proc/")) || take_number(&rest) != (int32_t)ctx->ev->hdr->pid ||
	    !str_take(&rest, STR("/")))
		return false;
	*name = rest;
	return true;
}

/*
 * Where a name begins that leads through what the process has open, as "/dev/fd/3/x" does, and
 * the rest of it. Nothing if it does not, or that is not known.
 */
static struct str take_folder(const struct field_ctx *ctx, struct str *name)
{
	struct str rest = *name, folder = MISSING;
	bool fd = str_take(&rest, STR("/dev/fd/"));
	int cwd = field_slot(ctx, ARG_CWD), exe = field_slot(ctx, ARG_EXEPATH);
	const struct fdent *f;

	if (!fd && !take_self(ctx, &rest))
		return MISSING;
	if (fd || str_take(&rest, STR("fd/"))) {
		f = ctx->proc ? state_fd(ctx->state, ctx->proc, take_number(&rest)) : NULL;
		if (f && f->name_len && *f->name == '/') /* a memfd's name is no path */
			folder = (struct str){f->name, f->name_len};
	} else if (cwd >= 0 && str_take(&rest, STR("cwd"))) {
		folder = event_str(ctx->ev, cwd);
	} else if (exe >= 0 && str_take(&rest, STR("exe"))) {
		folder = event_str(ctx->ev, exe);
	} else if (str_take(&rest, STR("root"))) {
		folder = STR("/");
	}
	if (!folder.n || (rest.n && *rest.p != '/'))
		return MISSING;
	*name = rest;
	return folder;
}

static bool is_started(const struct field_ctx *ctx, int n)
{
	enum trc_type type = ctx->ev->hdr->type;

	return (type == TRC_EXECVE || type == TRC_EXECVEAT) &&
	       !strcmp(event_table[type].args[n].name, "filename");
}

/*
 * What a program was started as. For a script it is all that says where it lies, so it is made
 * whole: the kernel keeps the caller's text, and a directory that the caller gave as descriptor
 * as "/dev/fd/N/NAME" (fs/exec.c, alloc_bprm).
 */
static void put_started(const struct field_ctx *ctx, int n, struct text_buf *b)
{
	char buf[TRC_STR_MAX];
	struct str name = event_str(ctx->ev, n), folder = take_folder(ctx, &name);
	int cwd = field_slot(ctx, ARG_CWD);
	size_t start = b->n;

	if (!folder.n) {
		name = (struct str){buf, (uint32_t)text_clean_path(name, buf)};
		folder = take_folder(ctx, &name);
	}
	if (!folder.n && cwd >= 0 && name.n && *name.p != '/')
		folder = event_str(ctx->ev, cwd);
	text_put(b, folder);
	text_put(b, folder.n ? STR("/") : STR(""));
	text_put(b, name);
	text_clean(b, start);
}

/*
 * An argument as text. With Falco a user is known by name, <NA> if it has none, and so is a
 * process, but by number where it is not known; among all arguments it is always the number.
 */
static bool build_arg(const struct field_ctx *ctx, int n, bool alone, struct text_buf *b)
{
	enum trc_argtype type = event_table[ctx->ev->hdr->type].args[n].type;
	struct str process = MISSING;

	if (!event_has(ctx->ev, n))
		return false;
	if (alone && type == TRC_T_PID)
		process = meant(ctx, event_num(ctx->ev, n));
	if (type == TRC_T_UID)
		put_user(ctx, n, b);
	else if (type == TRC_T_SOCK)
		build_sock(ctx, b);
	else if (process.n)
		text_put(b, process);
	else if (is_started(ctx, n))
		put_started(ctx, n, b);
	else
		b->n += text_arg(ctx->ev, n, b->p + b->n, b->size - b->n);
	return true;
}

static bool build_args(const struct field_ctx *ctx, struct text_buf *b)
{
	const struct event_desc *d = &event_table[ctx->ev->hdr->type];
	struct text_buf part = {b->p, 0, b->size < ARGS_MAX ? b->size : ARGS_MAX, false};

	for (int n = 0; n < d->nargs; n++) {
		if (n)
			text_put(&part, STR(" "));
		text_put(&part, str_of(d->args[n].name));
		text_put(&part, STR("="));
		if (!build_arg(ctx, n, false, &part))
			text_put(&part, STR("<NA>"));
	}
	b->n = part.n;
	return true;
}

/* The directory that the caller's name of an opened file is relative to. */
static struct str given_folder(const struct field_ctx *ctx)
{
	int slot = field_slot(ctx, ARG_DIRFD);
	int64_t dir = slot >= 0 ? event_num(ctx->ev, slot) : TRC_AT_FDCWD;
	const struct fdent *f;

	if (!ctx->proc)
		return MISSING;
	if (dir == TRC_AT_FDCWD)
		return field_proc_str(ctx, ctx->proc, PROC_CWD);
	f = dir >= 0 ? state_fd(ctx->state, ctx->proc, (int32_t)dir) : NULL;
	return f ? (struct str){f->name, f->name_len} : MISSING;
}

static bool build_given(const struct field_ctx *ctx, struct text_buf *b)
{
	int raw = field_slot(ctx, ARG_NAMERAW), real = field_slot(ctx, ARG_NAME);
	struct str name, folder = STR("");
	int64_t result;

	if (raw < 0 || ctx->ev->hdr->cut >> raw & 1 || (field_result(ctx, &result) && result < 0) ||
	    (real >= 0 && ctx->ev->hdr->given >> real & 1))
		return false;
	name = event_str(ctx->ev, raw);
	if (real >= 0 && str_eq(name, event_str(ctx->ev, real)))
		return false;
	if (!name.n || *name.p != '/')
		folder = given_folder(ctx);
	if (!name.n || (*name.p != '/' && (!folder.n || *folder.p != '/')))
		return false;
	text_put(b, folder);
	text_put(b, STR("/"));
	text_put(b, name);
	text_clean(b, 0);
	return real < 0 || !str_eq((struct str){b->p, (uint32_t)b->n}, event_str(ctx->ev, real));
}

static bool build(const struct field_ctx *ctx, int what, struct text_buf *b)
{
	switch (what) {
	case TEXT_CMDLINE:
		return build_cmdline(ctx, ctx->proc, b);
	case TEXT_PCMDLINE:
		return build_cmdline(ctx, field_proc(ctx, 1), b);
	case TEXT_EXELINE:
		return build_exeline(ctx, b);
	case TEXT_ENV:
		return build_env(ctx, b);
	case TEXT_CWD:
		return build_cwd(ctx, b);
	case TEXT_CAPINH:
		return build_caps(ctx, PROC_CAPINH, b);
	case TEXT_CAPPRM:
		return build_caps(ctx, PROC_CAPPRM, b);
	case TEXT_CAPEFF:
		return build_caps(ctx, PROC_CAPEFF, b);
	case TEXT_SOCK:
		return build_sock(ctx, b);
	case TEXT_TIME:
	case TEXT_DATETIME:
	case TEXT_ISOTIME:
		return build_time(ctx, what, b);
	case TEXT_MOUNTS:
		return field_build_mounts(ctx, b);
	case TEXT_LABELS:
		return field_build_labels(ctx, b);
	case TEXT_ARGS:
		return build_args(ctx, b);
	case TEXT_GIVEN:
		return build_given(ctx, b);
	default:
		return build_arg(ctx, what - TEXT_ARG, true, b);
	}
}

struct str field_text(struct field_ctx *ctx, int what)
{
	struct text_buf b = {ctx->scratch + ctx->used, 0, TEXTS_END - ctx->used, false};

	if (!(ctx->built >> what & 1)) {
		bool there = build(ctx, what, &b) && b.n < b.size;

		ctx->built |= 1ull << what;
		ctx->text[what] = there ? (struct str){b.p, (uint32_t)b.n} : MISSING;
		ctx->used += there ? (uint32_t)b.n : 0;
	}
	return ctx->text[what];
}

struct str field_cmdline(struct field_ctx *ctx, const struct proc *p)
{
	struct text_buf b = {ctx->scratch + TEXTS_END, 0, LINE_MAX_, false};

	return build_cmdline(ctx, p, &b) ? (struct str){b.p, (uint32_t)b.n} : MISSING;
}

struct str field_arg_text(struct field_ctx *ctx, int slot)
{
	enum trc_argtype type = event_table[ctx->ev->hdr->type].args[slot].type;
	bool given = ctx->ev->hdr->given >> slot & 1 || is_started(ctx, slot);

	if (type == TRC_T_STR || type == TRC_T_DATA || (type == TRC_T_PATH && !given))
		return event_str(ctx->ev, slot);
	return field_text(ctx, TEXT_ARG + slot);
}

struct str field_given(struct field_ctx *ctx)
{
	return field_flags(ctx) & TRC_OPENS ? field_text(ctx, TEXT_GIVEN) : MISSING;
}

struct str field_opened(struct field_ctx *ctx)
{
	return field_flags(ctx) & (TRC_OPENS | TRC_MARK) ? field_own_arg(ctx, ARG_FILE) : MISSING;
}

int field_get_text(struct field_ctx *ctx, int what, struct value *out)
{
	return put_str(out, field_text(ctx, what));
}
