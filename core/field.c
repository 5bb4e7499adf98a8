/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fields: see field.h. Each row of fields.def names one of the get_*()
 * functions below. A value that has to be put together is built once for an
 * event, whoever asks for it and how often: what a hostile process can make
 * long costs its time once, and the space for all of it is there.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "../driver/table.h"
#include "field_int.h"
#include "nearest.h"
#include "text.h"

#define ARGS_MAX 4096 /* bytes of evt.args */

enum { OPENS_READ, OPENS_WRITE, OPENS_EXEC };

/* ABI numbers that values depend on. */
enum {
	ACCESS_MODE = 3,
	ACCESS_WRITE = 1,
	ACCESS_BOTH = 2,
	O_MAKES = 0100,		 /* O_CREAT */
	O_TEMPORARY = 020000000, /* what makes O_TMPFILE more than O_DIRECTORY */
	ANY_EXEC = 0111,
};

/* The most there is to build: execve, three of whose arguments are not used as they lie there. */
_Static_assert(2 * (PROC_COMM_MAX + 1 + TRC_STR_MAX) + TRC_STR_MAX + 1 + ARGS_MAX +
			       3 * TRC_STR_MAX + TRC_ARG_MAX * 32 + 256 <=
		       FIELD_SCRATCH,
	       "scratch");

/*
 * Where each argument lies in each event, so that no name is compared when an
 * event is matched. The names that fields of their own ask for come first, and
 * those of PROC_EXEPATH and its kin in the order of enum proc_text.
 */
#define ARG_NAMES 128

_Static_assert(ARG_CWD - ARG_EXEPATH == PROC_CWD && ARG_ARGV - ARG_EXEPATH == PROC_ARGV, "order");

static const char *arg_name[ARG_NAMES] = {
	[ARG_FD] = "fd",
	[ARG_NAME] = "name",
	[ARG_PATH] = "path",
	[ARG_NAMERAW] = "nameraw",
	[ARG_FLAGS] = "flags",
	[ARG_MODE] = "mode",
	[ARG_DEV] = "dev",
	[ARG_INO] = "ino",
	[ARG_DOMAIN] = "domain",
	[ARG_ENV] = "env",
	[ARG_SOCK] = "any of type SOCK",
	[ARG_EXEPATH] = "exepath",
	[ARG_CWD] = "cwd",
	[ARG_ARGV] = "argv",
};
static int8_t arg_slot[ARG_NAMES][TRC_NTYPES];
static int arg_count;

/* All names of arguments as fields, for field_nearest(). */
static const char *const arg_field[] = {
#define A(name, type, source) "evt.arg." #name,
#define EV(id, name, class, flags, nrs, ...) __VA_ARGS__
#include "../driver/events.def"
};

static int arg_find(struct str name)
{
	for (int i = 0; i < arg_count; i++)
		if (str_eq(str_of(arg_name[i]), name))
			return i;
	return -1;
}

static void arg_add(const char *name)
{
	if (arg_find(str_of(name)) >= 0 || arg_count == ARG_NAMES)
		return;
	arg_name[arg_count] = name;
	event_arg_slots(name, arg_slot[arg_count++]);
}

static void args_of_type(enum trc_type type)
{
	const struct event_desc *d = &event_table[type];

	for (int n = 0; n < d->nargs; n++) {
		arg_add(d->args[n].name);
		if (d->args[n].type == TRC_T_SOCK)
			arg_slot[ARG_SOCK][type] = (int8_t)n;
	}
}

/* Fills the tables at the first use. Rules never see what the sensor itself states. */
static void args_init(void)
{
	if (arg_count)
		return;
	for (; arg_count < ARG_OWN; arg_count++)
		event_arg_slots(arg_name[arg_count], arg_slot[arg_count]);
	for (int type = TRC_NONE + 1; type < TRC_NTYPES; type++)
		if (event_table[type].class != TRC_STATE)
			args_of_type(type);
}

int field_slot(const struct field_ctx *ctx, int arg)
{
	int n = arg_slot[arg][ctx->ev->hdr->type];

	return n >= 0 && event_has(ctx->ev, n) ? n : -1;
}

unsigned field_flags(const struct field_ctx *ctx)
{
	return event_table[ctx->ev->hdr->type].flags;
}

static int put_str(struct value *out, struct str s)
{
	if (!s.p)
		return 0;
	*out = (struct value){.type = VAL_STR, .s = s};
	return 1;
}

static int put_int(struct value *out, int64_t i)
{
	*out = (struct value){.type = VAL_INT, .i = i};
	return 1;
}

static int put_bool(struct value *out, bool is)
{
	*out = (struct value){.type = VAL_BOOL, .i = is};
	return 1;
}

/* The process itself (0) or an ancestor; NULL if not known. */
static const struct proc *nth_proc(const struct field_ctx *ctx, int n)
{
	return n == 0 || !ctx->proc ? ctx->proc : state_ancestor(ctx->state, ctx->proc, n);
}

/* A string of a process. The event's own is whole where the table's may have been cut. */
static struct str proc_str(const struct field_ctx *ctx, const struct proc *p, enum proc_text which)
{
	int slot = p == ctx->proc ? field_slot(ctx, ARG_EXEPATH + (int)which) : -1;

	return slot >= 0 ? event_str(ctx->ev, slot) : proc_text(ctx->state, p, which);
}

bool field_result(const struct field_ctx *ctx, int64_t *result)
{
	const struct event_desc *d = &event_table[ctx->ev->hdr->type];
	enum trc_argtype type = d->nargs ? d->args[0].type : TRC_T_STR;

	if (d->flags & TRC_SCHED || (type != TRC_T_RES && type != TRC_T_FD && type != TRC_T_PID) ||
	    !event_has(ctx->ev, 0))
		return false;
	*result = event_num(ctx->ev, 0);
	return true;
}

void field_begin(struct field_ctx *ctx, const struct state *state, const struct event *ev,
		 char *scratch)
{
	int64_t fd;

	args_init();
	ctx->state = state;
	ctx->ev = ev;
	ctx->proc = state_proc(state, ev);
	ctx->fd = NULL;
	ctx->scratch = scratch;
	ctx->value_max = 0;
	ctx->used = 0;
	ctx->built = 0;
	if (ctx->proc && field_fd(ctx, &fd) && fd >= 0)
		ctx->fd = state_fd(state, ctx->proc, (int32_t)fd);
}

bool field_file_id(const struct field_ctx *ctx, uint64_t *dev, uint64_t *ino)
{
	int d = field_slot(ctx, ARG_DEV), i = field_slot(ctx, ARG_INO);

	if (!(field_flags(ctx) & (TRC_NEWFD | TRC_USEFD)) || d < 0 || i < 0)
		return false;
	*dev = (uint64_t)event_num(ctx->ev, d);
	*ino = (uint64_t)event_num(ctx->ev, i);
	return true;
}

/* Texts that are built. Each returns false if there is nothing to build it from. */

static bool build_cmdline(const struct field_ctx *ctx, const struct proc *p, struct text_buf *b)
{
	struct str argv = p ? proc_str(ctx, p, PROC_ARGV) : MISSING;
	const char *end = argv.n ? memchr(argv.p, '\0', argv.n) : NULL;
	uint32_t first = end ? (uint32_t)(end - argv.p) + 1 : argv.n;

	if (!argv.p || !p->comm_len)
		return false;
	text_put(b, (struct str){p->comm, p->comm_len});
	if (first < argv.n) {
		text_put(b, STR(" "));
		text_join(b, (struct str){argv.p + first, argv.n - first});
	}
	return true;
}

static bool build_cwd(const struct field_ctx *ctx, struct text_buf *b)
{
	struct str cwd = ctx->proc ? proc_str(ctx, ctx->proc, PROC_CWD) : MISSING;

	if (!cwd.n)
		return false;
	text_put(b, cwd);
	if (cwd.p[cwd.n - 1] != '/')
		text_put(b, STR("/"));
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

/* Time since 1970, in ns; 0 if the machine has not been told of. */
static uint64_t wall_time(const struct field_ctx *ctx)
{
	uint64_t epoch = state_epoch(ctx->state);

	return epoch ? epoch + ctx->ev->hdr->ts : 0;
}

static bool build_time(const struct field_ctx *ctx, struct text_buf *b)
{
	uint64_t ns = wall_time(ctx);
	time_t t = (time_t)(ns / 1000000000);
	struct tm tm;

	if (!ns || !localtime_r(&t, &tm))
		return false;
	text_putf(b, "%02d:%02d:%02d.%09u", tm.tm_hour, tm.tm_min, tm.tm_sec,
		  (unsigned)(ns % 1000000000));
	return true;
}

/* An argument as text. A user is known by name, as with Falco: <NA> if it has none. */
static bool build_arg(const struct field_ctx *ctx, int n, struct text_buf *b)
{
	struct str user;

	if (!event_has(ctx->ev, n))
		return false;
	if (event_table[ctx->ev->hdr->type].args[n].type == TRC_T_UID) {
		user = state_user(ctx->state, (uint32_t)event_num(ctx->ev, n));
		text_put(b, user.p ? user : STR("<NA>"));
	} else {
		b->n += text_arg(ctx->ev, n, b->p + b->n, b->size - b->n);
	}
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
		if (!build_arg(ctx, n, &part))
			text_put(&part, STR("<NA>"));
	}
	b->n = part.n;
	return true;
}

static bool build(const struct field_ctx *ctx, int what, struct text_buf *b)
{
	switch (what) {
	case TEXT_CMDLINE:
		return build_cmdline(ctx, ctx->proc, b);
	case TEXT_PCMDLINE:
		return build_cmdline(ctx, nth_proc(ctx, 1), b);
	case TEXT_CWD:
		return build_cwd(ctx, b);
	case TEXT_SOCK:
		return build_sock(ctx, b);
	case TEXT_TIME:
		return build_time(ctx, b);
	case TEXT_ARGS:
		return build_args(ctx, b);
	default:
		return build_arg(ctx, what - TEXT_ARG, b);
	}
}

struct str field_text(struct field_ctx *ctx, int what)
{
	struct text_buf b = {ctx->scratch + ctx->used, 0, FIELD_SCRATCH - ctx->used, false};

	if (!(ctx->built >> what & 1)) {
		bool there = build(ctx, what, &b) && b.n < b.size;

		ctx->built |= 1ull << what;
		ctx->text[what] = there ? (struct str){b.p, (uint32_t)b.n} : MISSING;
		ctx->used += there ? (uint32_t)b.n : 0;
	}
	return ctx->text[what];
}

struct str field_arg_text(struct field_ctx *ctx, int slot)
{
	enum trc_argtype type = event_table[ctx->ev->hdr->type].args[slot].type;
	bool given = ctx->ev->hdr->given >> slot & 1;

	if (type == TRC_T_STR || (type == TRC_T_PATH && !given))
		return event_str(ctx->ev, slot);
	return field_text(ctx, TEXT_ARG + slot);
}

/* Processes. A field of ancestors without [] (-1) speaks of all of them, the process left out. */

static int of_ancestors(const struct field_ctx *ctx, int index,
			struct str (*text)(const struct field_ctx *, const struct proc *),
			struct value *out)
{
	const struct proc *p = nth_proc(ctx, index < 0 ? 1 : index);
	int n = 0;

	if (index >= 0)
		return p ? put_str(out, text(ctx, p)) : 0;
	for (int i = 0; p && i < FIELD_VALUES; i++) {
		n += put_str(&out[n], text(ctx, p));
		p = state_ancestor(ctx->state, p, 1);
	}
	return n;
}

static struct str comm_of(const struct field_ctx *ctx, const struct proc *p)
{
	(void)ctx;
	return p->comm_len ? (struct str){p->comm, p->comm_len} : MISSING;
}

static struct str exe_of(const struct field_ctx *ctx, const struct proc *p)
{
	struct str argv = proc_str(ctx, p, PROC_ARGV);

	if (argv.n)
		argv.n = (uint32_t)strnlen(argv.p, argv.n);
	return argv;
}

static struct str exepath_of(const struct field_ctx *ctx, const struct proc *p)
{
	return proc_str(ctx, p, PROC_EXEPATH);
}

static int get_comm(struct field_ctx *ctx, int index, struct value *out)
{
	return of_ancestors(ctx, index, comm_of, out);
}

static int get_exe(struct field_ctx *ctx, int index, struct value *out)
{
	return of_ancestors(ctx, index, exe_of, out);
}

static int get_exepath(struct field_ctx *ctx, int index, struct value *out)
{
	return of_ancestors(ctx, index, exepath_of, out);
}

/* The command line behind its name. */
static struct str proc_args(struct field_ctx *ctx)
{
	struct str s = field_text(ctx, TEXT_CMDLINE);
	uint32_t skip = s.p ? ctx->proc->comm_len : 0;

	skip += skip < s.n;
	return s.p ? (struct str){s.p + skip, s.n - skip} : s;
}

/* The rest: one value each, by what it is. */

enum {
	S_TYPE,
	S_RESULT,
	S_HOSTNAME,
	S_FD_NAME,
	S_FD_RAW,
	S_FD_TYPE,
	S_FD_LETTER,
	S_FD_DIRECTORY,
	S_FD_FILE,
	S_L4PROTO,
	S_SOCKFAMILY,
	S_PROC_ARGS,
	S_ENV,
	S_USER,
	S_CONTAINER
};

/* An argument that the event need not have. */
static struct str known_arg(struct field_ctx *ctx, int arg)
{
	int slot = field_slot(ctx, arg);

	return slot >= 0 ? field_arg_text(ctx, slot) : MISSING;
}

static struct str result_text(struct field_ctx *ctx)
{
	int64_t result;

	if (!field_result(ctx, &result))
		return MISSING;
	return result >= 0 ? STR("SUCCESS") : field_arg_text(ctx, 0);
}

static struct str user_of(const struct field_ctx *ctx)
{
	struct str s = state_user(ctx->state, ctx->ev->hdr->uid);

	return s.p ? s : STR("<NA>");
}

static struct str str_get(struct field_ctx *ctx, int which)
{
	struct str s = MISSING;

	switch (which) {
	case S_TYPE:
		return str_of(event_table[ctx->ev->hdr->type].name);
	case S_RESULT:
		return result_text(ctx);
	case S_HOSTNAME:
		return state_hostname(ctx->state);
	case S_FD_NAME:
		return field_fd_name(ctx);
	case S_FD_RAW:
		return known_arg(ctx, ARG_NAMERAW);
	case S_FD_TYPE:
		return field_fd_type(ctx);
	case S_FD_LETTER:
		return field_fd_letter(ctx);
	case S_FD_DIRECTORY:
		return field_fd_directory(ctx);
	case S_FD_FILE:
		return field_fd_file(ctx);
	case S_L4PROTO:
		return field_l4proto(ctx);
	case S_SOCKFAMILY:
		return field_sockfamily(ctx);
	case S_PROC_ARGS:
		return proc_args(ctx);
	case S_ENV:
		return known_arg(ctx, ARG_ENV);
	case S_USER:
		return user_of(ctx);
	case S_CONTAINER:
		if (ctx->proc && ctx->proc->container[0])
			s = (struct str){
				ctx->proc->container,
				(uint32_t)strnlen(ctx->proc->container, PROC_CONTAINER_MAX)};
		return s;
	default:
		return s;
	}
}

static int get_str(struct field_ctx *ctx, int which, struct value *out)
{
	return put_str(out, str_get(ctx, which));
}

static int get_text(struct field_ctx *ctx, int what, struct value *out)
{
	return put_str(out, field_text(ctx, what));
}

/* evt.arg.NAME: index is which name. */
static int get_arg(struct field_ctx *ctx, int index, struct value *out)
{
	return put_str(out, known_arg(ctx, index));
}

enum {
	N_NUM,
	N_RESULT,
	N_TIME,
	N_FD,
	N_PID,
	N_TID,
	N_UID,
	N_OF_PROC,
	N_PPID = N_OF_PROC,
	N_TTY,
	N_DURATION,
	N_LOGINUID,
	N_GID
};

static bool int_of_proc(const struct field_ctx *ctx, int which, int64_t *v)
{
	const struct proc *p = ctx->proc;
	uint64_t n = 0;
	bool known;

	if (!p)
		return false;
	switch (which) {
	case N_PPID:
		*v = p->ppid;
		return p->comm_len || p->ppid;
	case N_TTY:
		known = proc_fact(p, PROC_TTY, &n);
		*v = text_dev(n);
		return known;
	case N_DURATION:
		*v = (int64_t)(ctx->ev->hdr->ts - p->born);
		return p->born && ctx->ev->hdr->ts >= p->born;
	default:
		known = proc_fact(p, which == N_LOGINUID ? PROC_LOGINUID : PROC_GID, &n);
		*v = (int64_t)n;
		return known;
	}
}

static bool int_get(const struct field_ctx *ctx, int which, int64_t *v)
{
	const struct trc_hdr *hdr = ctx->ev->hdr;

	switch (which) {
	case N_NUM:
		*v = (int64_t)ctx->ev->num;
		return true;
	case N_RESULT:
		return field_result(ctx, v);
	case N_TIME:
		*v = (int64_t)wall_time(ctx);
		return *v != 0;
	case N_FD:
		return field_fd(ctx, v);
	case N_PID:
		*v = hdr->pid;
		return true;
	case N_TID:
		*v = hdr->tid;
		return true;
	case N_UID:
		*v = hdr->uid;
		return true;
	default:
		return int_of_proc(ctx, which, v);
	}
}

static int get_int(struct field_ctx *ctx, int which, struct value *out)
{
	int64_t v;

	return int_get(ctx, which, &v) ? put_int(out, v) : 0;
}

static int get_connected(struct field_ctx *ctx, int index, struct value *out)
{
	bool is;

	(void)index;
	return field_connected(ctx, &is) ? put_bool(out, is) : 0;
}

static int get_opens(struct field_ctx *ctx, int which, struct value *out)
{
	bool opens = field_flags(ctx) & TRC_OPENS;
	int f = field_slot(ctx, ARG_FLAGS), m = field_slot(ctx, ARG_MODE);
	bool creat = ctx->ev->hdr->type == TRC_CREAT;
	int64_t flags = creat		? O_MAKES | ACCESS_WRITE :
			opens && f >= 0 ? event_num(ctx->ev, f) :
					  ACCESS_MODE;
	int64_t access = flags & ACCESS_MODE;

	switch (which) {
	case OPENS_READ:
		return put_bool(out, access == 0 || access == ACCESS_BOTH);
	case OPENS_WRITE:
		return put_bool(out, access == ACCESS_WRITE || access == ACCESS_BOTH);
	default:
		return put_bool(out, opens && flags & (O_MAKES | O_TEMPORARY) && m >= 0 &&
					     event_num(ctx->ev, m) & ANY_EXEC);
	}
}

/* The table, and finding one's way in it. */

static const struct field fields[] = {
#define FIELD(name, type, arg, flags, get, index, help)                                            \
	{name, VAL_##type, FIELD_##arg, flags, get, index, help},
#include "fields.def"
};
#define NFIELDS ((int)(sizeof(fields) / sizeof(fields[0])))

const struct field *field_list(int i)
{
	return i < NFIELDS ? &fields[i] : NULL;
}

static const struct field *field_named(struct str name)
{
	for (int i = 0; i < NFIELDS; i++)
		if (str_eq(str_of(fields[i].name), name))
			return &fields[i];
	return NULL;
}

/* evt.arg.NAME */
static int find_arg(const struct field *f, struct str text, struct field_ref *ref)
{
	uint32_t skip = (uint32_t)strlen(f->name) + 1;

	args_init();
	ref->field = f;
	ref->name = (struct str){text.p + skip, text.n - skip};
	ref->index = arg_find(ref->name);
	return ref->index >= 0 ? 0 : -EINVAL;
}

/* "[12]": up to three digits. */
static int parse_index(struct str s)
{
	int n = 0;

	if (s.n < 3 || s.n > 5 || s.p[s.n - 1] != ']')
		return -EINVAL;
	for (uint32_t i = 1; i < s.n - 1; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -EINVAL;
		n = n * 10 + (s.p[i] - '0');
	}
	return n;
}

int field_find(struct str text, struct field_ref *ref)
{
	const char *bracket = memchr(text.p, '[', text.n);
	uint32_t n = bracket ? (uint32_t)(bracket - text.p) : text.n;

	for (int i = 0; i < NFIELDS; i++)
		if (fields[i].arg == FIELD_NAME && text.n > strlen(fields[i].name) &&
		    str_starts(text, str_of(fields[i].name)) &&
		    text.p[strlen(fields[i].name)] == '.')
			return find_arg(&fields[i], text, ref);
	*ref = (struct field_ref){.field = field_named((struct str){text.p, n})};
	if (!ref->field)
		return -ENOENT;
	if (ref->field->arg == FIELD_NAME || (ref->field->arg == FIELD_NOARG && bracket))
		return -EINVAL;
	ref->index = ref->field->arg == FIELD_NOARG ? ref->field->index :
		     bracket ? parse_index((struct str){bracket, text.n - n}) :
			       -1;
	return bracket && ref->index < 0 ? -EINVAL : 0;
}

int field_values(struct field_ctx *ctx, const struct field_ref *ref,
		 struct value out[static FIELD_VALUES])
{
	return ref->field->get(ctx, ref->index, out);
}

/* Names to suggest: the fields, and behind them those of arguments. */
static const char *suggestion(int i, const void *arg)
{
	(void)arg;
	if (i < NFIELDS)
		return fields[i].arg == FIELD_NAME ? arg_field[0] : fields[i].name;
	i -= NFIELDS;
	return i < (int)(sizeof(arg_field) / sizeof(arg_field[0])) ? arg_field[i] : NULL;
}

const char *field_nearest(struct str text)
{
	const char *bracket = memchr(text.p, '[', text.n);

	return nearest(text.p, bracket ? (size_t)(bracket - text.p) : text.n, suggestion, NULL);
}

size_t value_text(const struct value *v, char *buf, size_t size)
{
	struct text_buf b = {buf, 0, size, false};

	switch (v->type) {
	case VAL_STR:
	case VAL_BYTES:
		text_put(&b, v->s);
		break;
	case VAL_BOOL:
		text_put(&b, v->i ? STR("true") : STR("false"));
		break;
	case VAL_IP:
		return text_addr(v->ip.addr, v->ip.family, buf, size);
	default:
		text_putf(&b, "%" PRId64, v->i);
	}
	return b.n;
}
