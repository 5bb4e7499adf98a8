/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expressions when an event is matched: a program of steps that work on texts.
 * They lie one behind the other in one buffer of fixed size, and a step changes
 * the last of them in place, or makes several into one. What does not fit is
 * missing, not cut. Of a field with several values, which only a first step can
 * be, the rest of the program is run for each.
 */
#include "rule_int.h"

struct texts {
	char *buf; /* FIELD_STR_MAX bytes */
	uint32_t used;
	uint32_t depth;
	uint32_t start[EXPR_STEPS];
};

static bool push(struct texts *t, struct str s)
{
	if (s.n > FIELD_STR_MAX - t->used)
		return false;
	t->start[t->depth++] = t->used;
	memcpy(t->buf + t->used, s.p, s.n);
	t->used += s.n;
	return true;
}

static char *top(struct texts *t, uint32_t *n)
{
	*n = t->used - t->start[t->depth - 1];
	return t->buf + t->start[t->depth - 1];
}

/* Moves letters from the case that begins with one letter to that of the other. */
static void change_case(struct texts *t, char from, char to)
{
	uint32_t n;
	char *p = top(t, &n);

	for (uint32_t i = 0; i < n; i++)
		if (p[i] >= from && p[i] <= from + 25)
			p[i] = (char)(p[i] - from + to);
}

static void keep_basename(struct texts *t)
{
	uint32_t n;
	char *p = top(t, &n), *slash = memrchr(p, '/', n);

	if (!slash)
		return;
	n -= (uint32_t)(slash + 1 - p);
	memmove(p, slash + 1, n);
	t->used = t->start[t->depth - 1] + n;
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* With or without the = at its end; bits that are in no byte must be 0. */
static bool decode_base64(struct texts *t)
{
	uint32_t n, all, out = 0, bits = 0;
	char *p = top(t, &n);

	all = n;
	while (n && all - n < 2 && p[n - 1] == '=')
		n--;
	if (n % 4 == 1 || (all != n && all % 4))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		int digit = base64_digit(p[i]);

		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4)
			p[out++] = (char)(bits >> (6 - 2 * (i % 4)));
	}
	t->used = t->start[t->depth - 1] + out;
	return !(bits & (n % 4 == 2 ? 15 : n % 4 == 3 ? 3 : 0));
}

/* A field where it is one text of several: then it has one value. */
static bool push_field(struct texts *t, const struct field_ref *ref, struct field_ctx *ctx)
{
	struct value v[FIELD_VALUES];

	return field_values(ctx, ref, v) && push(t, v->s);
}

static bool run_step(const struct expr_step *s, struct field_ctx *ctx, struct texts *t)
{
	switch (s->op) {
	case EXPR_FIELD:
		return push_field(t, &s->ref, ctx);
	case EXPR_TEXT:
		return push(t, s->text);
	case EXPR_LOWER:
		change_case(t, 'A', 'a');
		return true;
	case EXPR_UPPER:
		change_case(t, 'a', 'A');
		return true;
	case EXPR_B64:
		return decode_base64(t);
	case EXPR_BASENAME:
		keep_basename(t);
		return true;
	case EXPR_CONCAT:
		t->depth -= s->n - 1;
		return true;
	case EXPR_LEN:
	case EXPR_COUNT: /* the last steps: of what is there, or of how many there are */
		return true;
	}
	return false;
}

/* Runs the program from a step on; the result takes the place of *v. */
static bool run(const struct expr *e, uint32_t from, struct field_ctx *ctx, struct texts *t,
		struct value *v)
{
	uint32_t n;
	char *p;

	for (uint32_t i = from; i < e->count; i++)
		if (!run_step(&e->step[i], ctx, t))
			return false;
	p = top(t, &n);
	if (e->step[e->count - 1].op == EXPR_LEN)
		*v = (struct value){.type = VAL_INT, .i = n};
	else
		*v = (struct value){.type = e->type, .s = {p, n}};
	return true;
}

/* The same behind the first step, whose value is *v. What is no text has no further step. */
static bool run_on(const struct expr *e, struct field_ctx *ctx, char *buf, struct value *v)
{
	struct texts t = {.buf = buf};

	if (v->type != VAL_STR && v->type != VAL_BYTES)
		return true;
	return push(&t, v->s) && run(e, 1, ctx, &t, v);
}

int expr_each(const struct expr *e, struct field_ctx *ctx, char buf[static FIELD_STR_MAX],
	      void (*fn)(void *arg, const struct value *v), void *arg)
{
	bool counts = e->step[e->count - 1].op == EXPR_COUNT, each;
	struct field_ref ref = e->step[0].ref;
	struct value v[FIELD_VALUES];
	int n, found = 0;

	if (e->step[0].op != EXPR_FIELD) {
		struct texts t = {.buf = buf};

		if (!run(e, 0, ctx, &t, v))
			return 0;
		fn(arg, v);
		return 1;
	}
	each = ref.field->flags & FIELD_EACH && ref.index < 0;
	if (each)
		ref.index = 1;
	do {
		n = field_values(ctx, &ref, v);
		for (int i = 0; i < n; i++) {
			if (!run_on(e, ctx, buf, &v[i]))
				continue;
			found++;
			if (!counts)
				fn(arg, &v[i]);
		}
	} while (each && ref.index++ < FIELD_VALUES);
	if (!counts || !found)
		return found;
	fn(arg, &(struct value){.type = VAL_INT, .i = found});
	return 1;
}
