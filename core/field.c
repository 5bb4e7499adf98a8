/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fields: see field.h. Here are their table, finding one's way in it, and the
 * arguments of events, each of which is a field. Each row of fields.def names
 * a getter, of field_evt.c and its kin.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "../driver/table.h"
#include "feed_source.h"
#include "field_int.h"
#include "nearest.h"
#include "text.h"

_Static_assert(ARG_CWD - ARG_EXEPATH == PROC_CWD && ARG_ARGV - ARG_EXEPATH == PROC_ARGV, "order");

static const char *const own_name[ARG_OWN] = {
	[ARG_FD] = "fd",	   [ARG_DIRFD] = "dirfd",   [ARG_FD1] = "fd1",
	[ARG_NAME] = "name",	   [ARG_PATH] = "path",	    [ARG_NAMERAW] = "nameraw",
	[ARG_FLAGS] = "flags",	   [ARG_MODE] = "mode",	    [ARG_DEV] = "dev",
	[ARG_INO] = "ino",	   [ARG_DOMAIN] = "domain", [ARG_ENV] = "env",
	[ARG_CGROUP] = "cgroup",   [ARG_PPID] = "ppid",	    [ARG_EXEFLAGS] = "exeflags",
	[ARG_EXEPATH] = "exepath", [ARG_CWD] = "cwd",	    [ARG_ARGV] = "argv",
	[ARG_PROGRAM] = "program", [ARG_FEEDER] = "source", [ARG_PAIRS] = "pairs",
};

/* Names of paths that calls act on. */
static const struct {
	const char *name;
	int arg;
} path_name[] = {
	{"name", ARG_FILE},	   {"path", ARG_FILE},	    {"filename", ARG_FILE},
	{"pathname", ARG_FILE},	   {"oldpath", ARG_SOURCE}, {"target", ARG_SOURCE},
	{"from_path", ARG_SOURCE}, {"newpath", ARG_TARGET}, {"linkpath", ARG_TARGET},
	{"to_path", ARG_TARGET},
};

/*
 * Where arguments lie in each event, so that no name is compared when an event is matched: those
 * that fields of their own ask for have a slot in each row, -1 where there is none. Any is known
 * by a number, that of the first argument of its name, counted over all rows.
 */
static int8_t own_slot[ARG_OWN][TRC_NTYPES];
static uint16_t arg_id[TRC_NTYPES][TRC_ARG_MAX];
_Static_assert(TRC_TYPE_MAX *TRC_ARG_MAX < UINT16_MAX, "numbers of arguments");

/* Rules never see what the sensor itself states. */
static bool is_seen(int type)
{
	return event_table[type].class != TRC_STATE;
}

/* Number of the arguments of that name, -1 if there are none. */
static int arg_find(struct str name)
{
	for (int type = TRC_NONE + 1; type < TRC_NTYPES; type++)
		for (int n = 0; is_seen(type) && n < event_table[type].nargs; n++)
			if (str_eq(str_of(event_table[type].args[n].name), name))
				return type * TRC_ARG_MAX + n;
	return -1;
}

/* Is it a path that the call acts on? Not what a program is, or what a descriptor was before. */
static bool is_path(const struct event_desc *d, const struct event_arg *arg, int which)
{
	if (d->flags & TRC_FAILED || (d->flags & TRC_NEWFD && !(d->flags & TRC_OPENS)))
		return false;
	return arg->type == TRC_T_PATH || which == ARG_SOURCE;
}

static void arg_init(int type, int n)
{
	const struct event_desc *d = &event_table[type];
	const struct event_arg *arg = &d->args[n];

	arg_id[type][n] = (uint16_t)arg_find(str_of(arg->name));
	if (arg->type == TRC_T_SOCK)
		own_slot[ARG_SOCK][type] = (int8_t)n;
	if (arg->type == TRC_T_DATA)
		own_slot[ARG_DATA][type] = (int8_t)n;
	for (size_t i = 0; i < sizeof(path_name) / sizeof(path_name[0]); i++)
		if (!strcmp(path_name[i].name, arg->name) && is_path(d, arg, path_name[i].arg))
			own_slot[path_name[i].arg][type] = (int8_t)n;
}

/* Fills the tables at the first use. */
static void args_init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	memset(own_slot, -1, sizeof(own_slot));
	for (int i = 0; i < ARG_OWN; i++)
		if (own_name[i])
			event_arg_slots(own_name[i], own_slot[i]);
	for (int type = TRC_NONE + 1; type < TRC_NTYPES; type++)
		for (int n = 0; is_seen(type) && n < event_table[type].nargs; n++)
			arg_init(type, n);
}

int field_slot(const struct field_ctx *ctx, int arg)
{
	int n = own_slot[arg][ctx->ev->hdr->type];

	return n >= 0 && event_has(ctx->ev, n) ? n : -1;
}

struct str field_own_arg(struct field_ctx *ctx, int arg)
{
	int slot = field_slot(ctx, arg);

	return slot >= 0 ? field_arg_text(ctx, slot) : MISSING;
}

/* Does the event describe a program, as execve does? */
static bool is_exec(const struct field_ctx *ctx)
{
	return own_slot[ARG_EXEFLAGS][ctx->ev->hdr->type] >= 0;
}

void field_begin(struct field_ctx *ctx, const struct state *state, const struct event *ev,
		 char *scratch)
{
	int64_t fd;
	int program;

	args_init();
	ctx->state = state;
	ctx->ev = ev;
	ctx->proc = state_proc(state, ev);
	program = field_slot(ctx, ARG_PROGRAM);
	if (ctx->proc && program >= 0 && !event_num(ev, program)) {
		proc_without_program(state, ctx->proc, &ctx->vague);
		ctx->proc = &ctx->vague;
	}
	ctx->fd = NULL;
	ctx->scratch = scratch;
	ctx->value_max = 0;
	ctx->omit = false;
	ctx->other = MISSING;
	ctx->used = 0;
	ctx->built = 0;
	if (ctx->proc && field_fd(ctx, &fd) && fd >= 0)
		ctx->fd = state_fd(state, ctx->proc, (int32_t)fd);
}

bool field_file_id(const struct field_ctx *ctx, uint64_t *dev, uint64_t *ino)
{
	int d = field_slot(ctx, ARG_DEV), i = field_slot(ctx, ARG_INO);

	if (!(field_flags(ctx) & (TRC_NEWFD | TRC_USEFD | TRC_MARK)) || d < 0 || i < 0)
		return false;
	*dev = (uint64_t)event_num(ctx->ev, d);
	*ino = (uint64_t)event_num(ctx->ev, i);
	return true;
}

/* evt.arg.NAME. */

/*
 * What Falco's execve has under names that ours has not, or has for something else. As
 * arguments, a process is its name, and a user too.
 */
enum { AS_ARG, AS_COMM, AS_EXE, AS_ARGS, AS_USER };
static const struct {
	const char *name;
	int as;
	int arg;
} falco[] = {
	{"exe", AS_EXE, 0},
	{"args", AS_ARGS, 0},
	{"tid", AS_COMM, 0},
	{"pid", AS_COMM, 0},
	{"ptid", AS_ARG, ARG_PPID},
	{"cgroups", AS_ARG, ARG_CGROUP},
	{"flags", AS_ARG, ARG_EXEFLAGS},
	{"exe_ino", AS_ARG, ARG_INO},
	{"uid", AS_USER, 0},
	{"trusted_exepath", AS_ARG, ARG_EXEPATH},
};
#define NFALCO ((int)(sizeof(falco) / sizeof(falco[0])))

static int falco_find(struct str name)
{
	for (int i = 0; i < NFALCO; i++)
		if (str_eq(str_of(falco[i].name), name))
			return i;
	return -1;
}

static struct str falco_arg(struct field_ctx *ctx, int i)
{
	switch (falco[i].as) {
	case AS_COMM:
		return ctx->proc ? field_comm(ctx->proc) : MISSING;
	case AS_EXE:
		return ctx->proc ? field_exe(ctx, ctx->proc) : MISSING;
	case AS_ARGS:
		return field_proc_args(ctx);
	case AS_USER:
		return field_user(ctx);
	default:
		return field_own_arg(ctx, falco[i].arg);
	}
}

/* What such a field is told: the number of the arguments, and Falco's row, each + 1. */
#define ARG_INDEX(id, row) (((row) + 1) << 16 | ((id) + 1))

/* Slot of the event's argument of that name, -1 if it is not there. */
static int named_slot(const struct field_ctx *ctx, int index)
{
	int type = ctx->ev->hdr->type, id = (index & 0xffff) - 1;

	for (int n = 0; n < event_table[type].nargs; n++)
		if (arg_id[type][n] == id)
			return event_has(ctx->ev, n) ? n : -1;
	return -1;
}

static int get_arg(struct field_ctx *ctx, int index, struct value *out)
{
	int slot = named_slot(ctx, index), row = (index >> 16) - 1;

	if (ctx->other.p && str_eq(ctx->key, STR("name")))
		return put_str(out, ctx->other);
	if (slot < 0 && row >= 0 && is_exec(ctx))
		return put_str(out, falco_arg(ctx, row));
	return slot >= 0 ? put_str(out, field_arg_text(ctx, slot)) : 0;
}

static bool is_number(enum trc_argtype type)
{
	return argtype_kind[type] != TRC_BYTES;
}

static int get_rawarg(struct field_ctx *ctx, int index, struct value *out)
{
	int slot = named_slot(ctx, index);
	enum trc_argtype type;

	if (slot < 0)
		return 0;
	type = event_table[ctx->ev->hdr->type].args[slot].type;
	if (!is_number(type))
		return 0;
	put_int(out, event_num(ctx->ev, slot));
	out->octal = type == TRC_T_MODE;
	return 1;
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

/* Has any event an argument of that name that is a number? */
static bool some_number(int id)
{
	for (int type = TRC_NONE + 1; type < TRC_NTYPES; type++)
		for (int n = 0; is_seen(type) && n < event_table[type].nargs; n++)
			if (arg_id[type][n] == id && is_number(event_table[type].args[n].type))
				return true;
	return false;
}

/* evt.arg.NAME, evt.rawarg.NAME */
static int find_arg(const struct field *f, struct str text, struct field_ref *ref)
{
	uint32_t skip = (uint32_t)strlen(f->name) + 1;
	int id, row;

	args_init();
	ref->field = f;
	ref->name = (struct str){text.p + skip, text.n - skip};
	id = arg_find(ref->name);
	row = falco_find(ref->name);
	ref->index = ARG_INDEX(id, row);
	if (f->get == get_rawarg)
		return id >= 0 && some_number(id) ? 0 : -EINVAL;
	return id >= 0 || row >= 0 ? 0 : -EINVAL;
}

bool field_possible(const struct field_ref *ref, int type)
{
	int id = (ref->index & 0xffff) - 1, row = (ref->index >> 16) - 1;

	if (ref->field->get == field_get_feed)
		return type == TRC_FEED;
	if (ref->field->get != get_arg && ref->field->get != get_rawarg)
		return true;
	for (int n = 0; n < event_table[type].nargs; n++)
		if (arg_id[type][n] == id)
			return true;
	return row >= 0 && (type == TRC_EXECVE || type == TRC_EXECVEAT);
}

/* feed.NAME.KEY: what programs will call their events is not known when rules are read. */
static int find_pair(const struct field *f, struct str text, struct field_ref *ref)
{
	uint32_t skip = (uint32_t)strlen(f->name) + 1;
	struct str both = {text.p + skip, text.n - skip};
	const char *dot = memchr(both.p, '.', both.n);
	uint32_t n = dot ? (uint32_t)(dot - both.p) : 0;

	*ref = (struct field_ref){.field = f, .index = f->index, .name = both};
	return dot && feed_is_name((struct str){both.p, n}) &&
			       feed_is_name((struct str){dot + 1, both.n - n - 1}) ?
		       0 :
		       -EINVAL;
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

/* "[HOME]", "['a b']" */
static int parse_key(struct str s, struct str *key)
{
	if (s.n < 3 || s.p[s.n - 1] != ']')
		return -EINVAL;
	*key = (struct str){s.p + 1, s.n - 2};
	if (key->n > 2 && (*key->p == '"' || *key->p == '\'') && key->p[key->n - 1] == *key->p) {
		*key = (struct str){key->p + 1, key->n - 2};
		return memchr(key->p, key->p[-1], key->n) ? -EINVAL : 0;
	}
	for (uint32_t i = 0; i < key->n; i++)
		if (strchr(" \t\r\n[]\"'=", key->p[i]))
			return -EINVAL;
	return 0;
}

/* What stands behind the name of a field: from its [ on, or nothing. */
static int parse_bracket(struct str s, struct field_ref *ref)
{
	switch (ref->field->arg) {
	case FIELD_INDEX_OPT:
		ref->index = s.n ? parse_index(s) : -1;
		return s.n && ref->index < 0 ? -EINVAL : 0;
	case FIELD_KEY_OPT:
		ref->index = s.n ? 0 : -1;
		return s.n ? parse_key(s, &ref->name) : 0;
	case FIELD_KEY:
		ref->index = ref->field->index;
		return parse_key(s, &ref->name);
	case FIELD_NOARG:
		ref->index = ref->field->index;
		return s.n ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

int field_find(struct str text, struct field_ref *ref)
{
	const char *bracket = memchr(text.p, '[', text.n);
	uint32_t n = bracket ? (uint32_t)(bracket - text.p) : text.n;

	*ref = (struct field_ref){.field = field_named((struct str){text.p, n})};
	if (ref->field)
		return parse_bracket((struct str){text.p + n, text.n - n}, ref);
	for (int i = 0; i < NFIELDS; i++)
		if (fields[i].arg >= FIELD_NAME && text.n > strlen(fields[i].name) &&
		    str_starts(text, str_of(fields[i].name)) &&
		    text.p[strlen(fields[i].name)] == '.')
			return (fields[i].arg == FIELD_PAIR ? find_pair : find_arg)(&fields[i],
										    text, ref);
	return -ENOENT;
}

const char *field_expected(const struct field_ref *ref)
{
	switch (ref->field->arg) {
	case FIELD_NOARG:
		return "nothing behind its name";
	case FIELD_INDEX_OPT:
		return "a number of at most 3 digits in []";
	case FIELD_NAME:
		return "behind a dot what `tiercel list events` shows of an event";
	case FIELD_PAIR:
		return "source, name, or NAME.KEY of letters, digits and _ behind the dot";
	default:
		return "[NAME] behind its name";
	}
}

bool field_equal(const struct field_ref *a, const struct field_ref *b)
{
	return a->field == b->field && a->index == b->index && str_eq(a->name, b->name);
}

bool field_has_given(const struct field_ref *ref)
{
	return ref->field->flags & FIELD_GIVEN &&
	       (ref->field->arg != FIELD_NAME || str_eq(ref->name, STR("name")));
}

bool field_is_several(const struct field_ref *ref)
{
	return ref->field->flags & FIELD_ENDS ||
	       (ref->field->flags & FIELD_ANY_NE && ref->index < 0);
}

int field_values(struct field_ctx *ctx, const struct field_ref *ref,
		 struct value out[static FIELD_VALUES])
{
	ctx->key = ref->name;
	return ref->field->get(ctx, ref->index, out);
}

int field_shown(struct field_ctx *ctx, const struct field_ref *ref,
		struct value out[static FIELD_VALUES])
{
	int n = field_values(ctx, ref, out), shown = 0;

	if (ref->field->type != VAL_HOST)
		return n;
	for (int i = 0; i < n; i++) {
		uint32_t pos = 0;
		struct str name = state_host(ctx->state, out[i].ip.addr, out[i].ip.family, &pos);

		shown += put_str(&out[shown], name);
	}
	return shown;
}

/* All names of arguments as fields, for field_nearest(). */
static const char *const arg_field[] = {
#define A(name, type, source) "evt.arg." #name,
#define EV(id, name, class, flags, nrs, ...) __VA_ARGS__
#include "../driver/events.def"
};

/* Names to suggest: the fields, and behind them those of arguments. */
static const char *suggestion(int i, const void *arg)
{
	(void)arg;
	if (i < NFIELDS)
		return fields[i].arg >= FIELD_NAME ? arg_field[0] : fields[i].name;
	i -= NFIELDS;
	return i < (int)(sizeof(arg_field) / sizeof(arg_field[0])) ? arg_field[i] : NULL;
}

const char *field_nearest(struct str text)
{
	const char *bracket = memchr(text.p, '[', text.n);

	return nearest(text.p, bracket ? (size_t)(bracket - text.p) : text.n, suggestion, NULL);
}

const char *field_ref_text(const struct field_ref *ref, char *buf, size_t size)
{
	const struct field *f = ref->field;

	if (f->arg >= FIELD_NAME)
		snprintf(buf, size, "%s.%.*s", f->name, (int)ref->name.n, ref->name.p);
	else if (ref->name.n)
		snprintf(buf, size, "%s[%.*s]", f->name, (int)ref->name.n, ref->name.p);
	else if (f->arg == FIELD_INDEX_OPT && ref->index >= 0)
		snprintf(buf, size, "%s[%d]", f->name, ref->index);
	else
		snprintf(buf, size, "%s", f->name);
	return buf;
}

const char *value_type_name(enum value_type type)
{
	static const char *const names[] = {
		[VAL_STR] = "string", [VAL_BYTES] = "bytes", [VAL_INT] = "number",
		[VAL_BOOL] = "bool",  [VAL_IP] = "address",  [VAL_PORT] = "port",
		[VAL_HOST] = "host",
	};

	return names[type];
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
	case VAL_HOST:
		return text_addr(v->ip.addr, v->ip.family, buf, size);
	default:
		text_putf(&b, v->octal ? "%#" PRIo64 : "%" PRId64, v->i);
	}
	return b.n;
}
