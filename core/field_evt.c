/* SPDX-License-Identifier: BSD-2-Clause */
/* The fields of the event itself, and of the paths that it names. */
#include "../driver/table.h"
#include "field_int.h"

/* ABI numbers that values depend on. */
enum {
	ACCESS_WRITE = 1,
	ACCESS_BOTH = 2,
	O_MAKES = 0100, /* O_CREAT */
	ANY_EXEC = 0111,
};

unsigned field_flags(const struct field_ctx *ctx)
{
	return event_table[ctx->ev->hdr->type].flags;
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

/* Failures by name: what a process made would be the name of that process. */
static struct str result_text(struct field_ctx *ctx)
{
	int64_t result;

	if (!field_result(ctx, &result))
		return MISSING;
	return result >= 0 ? STR("SUCCESS") : field_arg_text(ctx, 0);
}

static struct str evt_str(struct field_ctx *ctx, int which)
{
	switch (which) {
	case S_TYPE:
		return str_of(event_table[ctx->ev->hdr->type].name);
	case S_RESULT:
		return result_text(ctx);
	case S_HOSTNAME:
		return state_hostname(ctx->state);
	case S_DIR:
		return STR("<");
	case S_FILE:
		return ctx->other.p ? ctx->other : field_own_arg(ctx, ARG_FILE);
	case S_FILE_RAW:
		return field_own_arg(ctx, ARG_NAMERAW);
	case S_SOURCE:
		return field_own_arg(ctx, ARG_SOURCE);
	case S_TARGET:
		return field_own_arg(ctx, ARG_TARGET);
	default:
		return MISSING;
	}
}

int field_get_evt(struct field_ctx *ctx, int which, struct value *out)
{
	return put_str(out, evt_str(ctx, which));
}

int field_get_evt_int(struct field_ctx *ctx, int which, struct value *out)
{
	uint64_t time = field_time(ctx);
	int64_t result;

	switch (which) {
	case N_NUM:
		return put_int(out, (int64_t)ctx->ev->num);
	case N_RESULT:
		return field_result(ctx, &result) ? put_int(out, result) : 0;
	default:
		return time ? put_int(out, (int64_t)time) : 0;
	}
}

/* Flags of an event that opens a file; creat has none, and means these. */
static int64_t open_flags(const struct field_ctx *ctx)
{
	int slot = field_slot(ctx, ARG_FLAGS);

	if (ctx->ev->hdr->type == TRC_CREAT)
		return O_MAKES | ACCESS_WRITE;
	return slot >= 0 ? event_num(ctx->ev, slot) : TRC_O_ACCMODE;
}

int field_get_evt_is(struct field_ctx *ctx, int which, struct value *out)
{
	int mode = field_slot(ctx, ARG_MODE);
	bool opens = field_flags(ctx) & TRC_OPENS;
	int64_t flags = opens ? open_flags(ctx) : TRC_O_ACCMODE, access = flags & TRC_O_ACCMODE;
	bool makes = opens && flags & (O_MAKES | TRC_O_TMPFILE);
	int64_t result = 0;
	bool failed = field_result(ctx, &result) && result < 0;

	switch (which) {
	case IS_FAILED:
		return put_bool(out, failed);
	case IS_READ:
		return put_bool(out, access == 0 || access == ACCESS_BOTH);
	case IS_WRITE:
		return put_bool(out, access == ACCESS_WRITE || access == ACCESS_BOTH);
	case IS_RING:
		return put_bool(out, ctx->ev->hdr->flags & TRC_RING);
	case IS_CREATE:
		return put_bool(out, makes && !failed);
	default:
		return put_bool(out, makes && mode >= 0 && event_num(ctx->ev, mode) & ANY_EXEC);
	}
}

int field_get_data(struct field_ctx *ctx, int which, struct value *out)
{
	int slot = field_slot(ctx, ARG_DATA);

	(void)which;
	if (slot < 0)
		return 0;
	*out = (struct value){.type = VAL_BYTES, .s = event_str(ctx->ev, slot)};
	return 1;
}

/* The value of NAME.KEY in the KEY=VALUE strings of an event of that name. */
static struct str fed_value(const struct field_ctx *ctx, struct str name)
{
	int slot = field_slot(ctx, ARG_PAIRS);
	struct str key = ctx->key, pairs = slot >= 0 ? event_str(ctx->ev, slot) : MISSING;

	if (!str_take(&key, name) || !str_take(&key, STR(".")))
		return MISSING;
	while (pairs.n) {
		struct str pair = str_take_first(&pairs);

		if (str_take(&pair, key) && str_take(&pair, STR("=")))
			return pair;
	}
	return MISSING;
}

int field_get_feed(struct field_ctx *ctx, int which, struct value *out)
{
	int slot = field_slot(ctx, which == S_FEED_SOURCE ? ARG_FEEDER : ARG_NAME);
	struct str s;

	if (ctx->ev->hdr->type != TRC_FEED || slot < 0)
		return 0;
	s = event_str(ctx->ev, slot);
	return put_str(out, which == S_FEED_PAIR ? fed_value(ctx, s) : s);
}
