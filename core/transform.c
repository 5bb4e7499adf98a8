/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expressions when an event is matched: a program of steps that work on texts.
 * They lie one behind the other in one buffer of fixed size, and a step changes
 * the last of them in place, or makes several into one. What does not fit is
 * missing, not cut. Of a field with several values, which only a first step can
 * be, and of the options that getopt() finds, the rest of the program is run
 * for each.
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

/* Ends what lies on top. */
static bool push_end(struct texts *t)
{
	if (t->used == FIELD_STR_MAX)
		return false;
	t->buf[t->used++] = '\0';
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

/* What getopt() looks for options in. */
struct options {
	struct str known;    /* letters, with : behind those that take a value */
	struct str rest;     /* words that were not begun, each with its NUL */
	struct str word;     /* what is left of the one that was */
	char letter;	     /* the option that was found last, */
	int n;		     /* and what there is of it: */
	struct str found[2]; /* itself, and its value */
};

static struct options options_of(const struct expr_step *s, const struct texts *t)
{
	uint32_t start = t->start[t->depth - s->n];

	return (struct options){.known = s->text, .rest = {t->buf + start, t->used - start}};
}

/* Goes on to the next word that has options. Long ones are passed over, as Falco does. */
static bool next_word(struct options *o)
{
	while (o->rest.n) {
		o->word = str_take_first(&o->rest);
		if (!str_take(&o->word, STR("-")) || !o->word.n || str_eq(o->word, STR("-")))
			break;
		if (*o->word.p != '-')
			return true;
	}
	return false;
}

/* One that is not known is a ?, and one whose value is missing an empty text, as with Falco. */
static bool next_option(struct options *o)
{
	const char *at;

	if (!o->word.n && !next_word(o))
		return false;
	o->n = 1;
	o->found[0] = (struct str){o->word.p, 1};
	o->letter = *o->word.p;
	o->word = (struct str){o->word.p + 1, o->word.n - 1};
	at = o->letter == ':' ? NULL : memchr(o->known.p, o->letter, o->known.n);
	if (!at)
		o->found[0] = STR("?");
	if (!at || at[1] != ':')
		return true;
	if (!o->word.n && !o->rest.n) {
		o->found[0] = STR("");
		return true;
	}
	o->found[o->n++] = o->word.n ? o->word : str_take_first(&o->rest);
	o->word.n = 0;
	return true;
}

/* Of one option the last value, or its letter if it takes none. */
static bool keep_option(const struct expr_step *s, struct texts *t)
{
	struct options o = options_of(s, t);
	struct str last = {0};

	while (next_option(&o))
		if (o.letter == s->letter)
			last = o.found[o.n - 1];
	if (!last.p)
		return false;
	t->depth -= s->n - 1;
	t->used = t->start[t->depth - 1] + last.n;
	memmove(t->buf + t->start[t->depth - 1], last.p, last.n);
	return true;
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
	case EXPR_OPTION:
		return keep_option(s, t);
	case EXPR_GETOPT: /* see run() */
	case EXPR_LEN:
	case EXPR_COUNT: /* the last steps: of what is there, or of how many there are */
		return true;
	}
	return false;
}

/* Runs steps from..end-1. */
static bool run_steps(const struct expr *e, uint32_t from, uint32_t end, struct field_ctx *ctx,
		      struct texts *t)
{
	for (uint32_t i = from; i < end; i++) {
		if (!run_step(&e->step[i], ctx, t))
			return false;
		if (e->step[i].ends && !push_end(t))
			return false;
	}
	return true;
}

/* Who asks for values, and how many there were. */
struct asker {
	void (*fn)(void *arg, const struct value *v);
	void *arg;
	bool counts; /* that is all that is wanted */
	int found;
};

static void give(struct asker *to, const struct value *v)
{
	to->found++;
	if (!to->counts)
		to->fn(to->arg, v);
}

/* The program is run: gives what lies on top. */
static void give_top(const struct expr *e, struct texts *t, struct asker *to)
{
	uint32_t n;
	char *p = top(t, &n);

	if (e->step[e->count - 1].op == EXPR_LEN)
		give(to, &(struct value){.type = VAL_INT, .i = n});
	else
		give(to, &(struct value){.type = e->type, .s = {p, n}});
}

/* Runs what stands behind a getopt() for each of its values: they are put behind the words. */
static void run_options(const struct expr *e, uint32_t at, struct field_ctx *ctx, struct texts *t,
			struct asker *to)
{
	struct options o = options_of(&e->step[at], t);
	const uint32_t depth = t->depth, used = t->used;

	while (next_option(&o))
		for (int i = 0; i < o.n; i++) {
			t->depth = depth;
			t->used = used;
			if (push(t, o.found[i]) && run_steps(e, at + 1, e->count, ctx, t))
				give_top(e, t, to);
		}
}

/* Runs the program from a step on. */
static void run(const struct expr *e, uint32_t from, struct field_ctx *ctx, struct texts *t,
		struct asker *to)
{
	uint32_t at = from;

	while (at < e->count && e->step[at].op != EXPR_GETOPT)
		at++;
	if (!run_steps(e, from, at, ctx, t))
		return;
	if (at < e->count)
		run_options(e, at, ctx, t, to);
	else
		give_top(e, t, to);
}

/* The same behind the first step, whose value is *v. What is no text has no further step. */
static void run_on(const struct expr *e, struct field_ctx *ctx, char *buf, const struct value *v,
		   struct asker *to)
{
	struct texts t = {.buf = buf};

	if (v->type != VAL_STR && v->type != VAL_BYTES)
		give(to, v);
	else if (push(&t, v->s) && (!e->step->ends || push_end(&t)))
		run(e, 1, ctx, &t, to);
}

/* All values were had. Returns how many were given. */
static int end_count(const struct asker *to)
{
	if (!to->counts || !to->found)
		return to->found;
	to->fn(to->arg, &(struct value){.type = VAL_INT, .i = to->found});
	return 1;
}

int expr_each(const struct expr *e, struct field_ctx *ctx, char buf[static FIELD_STR_MAX],
	      void (*fn)(void *arg, const struct value *v), void *arg)
{
	struct asker to = {fn, arg, e->step[e->count - 1].op == EXPR_COUNT, 0};
	struct field_ref ref = e->step[0].ref;
	struct value v[FIELD_VALUES];
	bool each;

	if (e->step[0].op != EXPR_FIELD) {
		struct texts t = {.buf = buf};

		run(e, 0, ctx, &t, &to);
		return end_count(&to);
	}
	each = ref.field->flags & FIELD_EACH && ref.index < 0;
	if (each)
		ref.index = 1;
	do {
		int n = field_values(ctx, &ref, v);

		for (int i = 0; i < n; i++)
			run_on(e, ctx, buf, &v[i], &to);
	} while (each && ref.index++ < FIELD_VALUES);
	return end_count(&to);
}
