/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Matching an event: lets the guards of its type refuse rules, and walks the
 * steps of those that are left. What a check said about this event, and what
 * its field was, is remembered with them, under the event's stamp.
 */
#include <fnmatch.h>
#include <strings.h>

#include "rule_int.h"

bool check_lists(const struct check *c, struct str s)
{
	if (!c->slot)
		return str_in(c->str, c->count, s);
	for (uint32_t at = (uint32_t)fnv(FNV_START, s.p, s.n) & c->mask; c->slot[at];
	     at = (at + 1) & c->mask)
		if (str_eq(c->str[c->slot[at] - 1], s))
			return true;
	return false;
}

static bool in_numbers(const struct check *c, int64_t i)
{
	for (uint32_t k = 0; k < c->count; k++)
		if (c->num[k] == i)
			return true;
	return false;
}

static bool in_net(const struct net *net, const struct value *v)
{
	unsigned whole = net->bits / 8u, rest = net->bits % 8u;

	return net->family == v->ip.family && !memcmp(net->addr, v->ip.addr, whole) &&
	       (!rest || !((net->addr[whole] ^ v->ip.addr[whole]) >> (8 - rest)));
}

static bool in_nets(const struct check *c, const struct value *v)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (in_net(&c->net[i], v))
			return true;
	return false;
}

static bool contains(struct str s, struct str part)
{
	return memmem(s.p, s.n, part.p, part.n);
}

/* Without regard to the case of ASCII letters. */
static bool icontains(struct str s, struct str part)
{
	for (uint32_t i = 0; i + part.n <= s.n; i++)
		if (!strncasecmp(s.p + i, part.p, part.n))
			return true;
	return false;
}

/* fnmatch(3) for text that has no NUL behind it; what has one inside does not match. */
static bool glob(const char *pattern, struct str s, int flags)
{
	char text[FIELD_STR_MAX + 1];

	/* Most differ in what is no pattern yet. */
	for (; !flags && *pattern && !glob_is_special(*pattern); pattern++, s.p++, s.n--)
		if (!s.n || *s.p != *pattern)
			return false;
	if (!s.n && !flags)
		return pattern[strspn(pattern, "*")] == '\0';
	if (s.n >= sizeof(text) || memchr(s.p, '\0', s.n))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return !fnmatch(pattern, text, flags);
}

/* Is part the component at *want? Then that goes on to the next one. */
static bool component_is(const char **want, struct str part)
{
	const char *w = *want;
	uint32_t i = 0;

	while (i < part.n && *w && *w == part.p[i] && !glob_is_special(*w)) {
		w++;
		i++;
	}
	if (*w && (!glob_is_special(*w) || !glob(w, (struct str){part.p + i, part.n - i}, 0)))
		return false;
	*want = w + strlen(w) + 1;
	return w[0] || i == part.n;
}

/* Is prefix, components that each end with a NUL, what the path starts with? */
static bool path_starts(struct str path, struct str prefix)
{
	const char *want = prefix.p, *end = prefix.p + prefix.n;
	uint32_t at = 0;

	while (want < end) {
		struct str part;

		while (at < path.n && path.p[at] == '/')
			at++;
		part.p = path.p + at;
		for (part.n = 0; at < path.n && path.p[at] != '/'; at++)
			part.n++;
		if (!part.n || !component_is(&want, part))
			return false;
	}
	return true;
}

static bool path_in(const struct check *c, struct str path)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (path_starts(path, c->str[i]))
			return true;
	return false;
}

/* Is an address that of a host whose name is an operand? */
static bool in_hosts(const struct check *c, const struct state *state, const struct value *v)
{
	struct str name;
	uint32_t pos = 0;

	while ((name = state_host(state, v->ip.addr, v->ip.family, &pos)).p)
		if (check_lists(c, name))
			return true;
	return false;
}

/* Is a value one of the operands? */
static bool is_operand(const struct check *c, const struct state *state, const struct value *v)
{
	if (v->type == VAL_HOST)
		return in_hosts(c, state, v);
	switch (c->kind) {
	case OPERANDS_NUM:
		return in_numbers(c, v->i);
	case OPERANDS_NET:
		return in_nets(c, v);
	default:
		return check_lists(c, v->s);
	}
}

static bool value_holds(const struct check *c, const struct state *state, const struct value *v)
{
	switch (c->op) {
	case OP_EXISTS:
		return true;
	case OP_IN:
		return is_operand(c, state, v);
	case OP_NE:
		return !is_operand(c, state, v);
	case OP_LT:
		return v->i < *c->num;
	case OP_LE:
		return v->i <= *c->num;
	case OP_GT:
		return v->i > *c->num;
	case OP_GE:
		return v->i >= *c->num;
	case OP_CONTAINS:
	case OP_BCONTAINS:
		return contains(v->s, *c->str);
	case OP_ICONTAINS:
		return icontains(v->s, *c->str);
	case OP_STARTSWITH:
	case OP_BSTARTSWITH:
		return str_starts(v->s, *c->str);
	case OP_ENDSWITH:
		return str_ends(v->s, *c->str);
	case OP_GLOB:
		return glob(c->str->p, v->s, 0);
	case OP_IGLOB:
		return glob(c->str->p, v->s, FNM_CASEFOLD);
	case OP_REGEX:
		return regex_match(*c->regex, v->s, NULL);
	case OP_PMATCH:
		return path_in(c, v->s);
	}
	return false;
}

/* Is the event's file one that the check names, under whatever name it was reached? */
static bool is_named_file(const struct check *c, const struct field_ctx *ctx)
{
	uint64_t dev, ino;

	if (!c->files || !field_file_id(ctx, &dev, &ino))
		return false;
	for (uint32_t i = 0; i < c->count; i++)
		if (state_is_file(ctx->state, c->str[i], dev, ino))
			return true;
	return false;
}

/* Of values that are had one at a time: does it hold for one? Such a field is FIELD_ANY_NE. */
static bool ask_each(const struct check *c, struct field_ctx *ctx)
{
	struct field_ref ref = c->ref;
	struct value v[FIELD_VALUES];

	for (ref.index = 1; ref.index <= FIELD_VALUES; ref.index++)
		if (field_values(ctx, &ref, v) && value_holds(c, ctx->state, v))
			return true;
	return false;
}

/*
 * What a check makes of n values, of which it holds for so many. named: the event's file may be
 * one that it names.
 */
static bool answer(const struct check *c, struct field_ctx *ctx, int n, int hits, bool named)
{
	if (c->op != OP_NE)
		return hits || (n && named && is_named_file(c, ctx));
	if (c->ref.field->flags & FIELD_ANY_NE && c->ref.index < 0)
		return hits;
	return n && hits == n && !(named && is_named_file(c, ctx));
}

static bool ask(const struct check *c, struct field_ctx *ctx)
{
	struct value v[FIELD_VALUES];
	int n, hits = 0;

	if (c->ref.field->flags & FIELD_EACH && c->ref.index < 0)
		return ask_each(c, ctx);
	n = field_values(ctx, &c->ref, v);
	for (int i = 0; i < n; i++)
		hits += value_holds(c, ctx->state, &v[i]);
	return answer(c, ctx, n, hits, true);
}

/* Looks up the value of a field once for an event. */
static void fill_cell(struct cell *cell, uint64_t stamp, struct field_ctx *ctx)
{
	struct value v[FIELD_VALUES];

	if (cell->stamp == stamp)
		return;
	cell->stamp = stamp;
	cell->n = field_values(ctx, &cell->ref, v);
	cell->key = KEY_NONE;
	cell->paired = false;
	if (cell->n != 1)
		return;
	cell->value = v[0];
	if (v->type == VAL_STR)
		cell->key = text_key(v->s);
}

/* Takes note of all pairs of characters in the value, once for all texts that are looked for. */
static void fill_pairs(struct cell *cell)
{
	struct str s = cell->value.s;

	memset(cell->pair, 0, PAIRS / 8);
	for (uint32_t i = 0; i + 1 < s.n; i++) {
		unsigned pair = text_pair(s.p + i);

		cell->pair[pair / 64] |= 1ull << pair % 64;
	}
	cell->paired = true;
}

/*
 * Are there all pairs of what is looked for? Most texts lack one of the first.
 * A pattern's are looked for up to where it has a set of characters.
 */
static bool has_pairs(struct cell *cell, struct str part)
{
	uint32_t end = 0;

	if (!cell->paired)
		fill_pairs(cell);
	while (end < part.n && part.p[end] != '[' && part.p[end] != '\\')
		end++;
	for (uint32_t i = 0; i + 1 < end; i++) {
		unsigned pair = text_pair(part.p + i);

		if (!glob_is_special(part.p[i]) && !glob_is_special(part.p[i + 1]) &&
		    !(cell->pair[pair / 64] >> pair % 64 & 1))
			return false;
	}
	return true;
}

/* May the value of a cell meet a check, as far as can be told without comparing? */
static bool is_likely(struct cell *cell, const struct check *c)
{
	if (c->keys != UINT64_MAX && !(c->keys >> cell->key & 1))
		return false;
	return !check_has_pairs(c) || has_pairs(cell, *c->str);
}

/* The same as ask(), of a check whose field has a cell. */
static bool ask_cell(const struct ruleset *rs, const struct check *c, struct field_ctx *ctx)
{
	struct cell *cell = c->cell;
	bool hit;

	fill_cell(cell, rs->stamp, ctx);
	if (cell->n > 1)
		return ask(c, ctx);
	hit = cell->n && is_likely(cell, c) && value_holds(c, ctx->state, &cell->value);
	return answer(c, ctx, cell->n, hit, rs->named);
}

/* A check that has functions or a modifier, while it is asked. */
struct asked {
	struct check check; /* the right side stands in the place of an operand */
	struct field_ctx *ctx;
	int values, hits;
	union {
		struct str str;
		int64_t num;
		struct net net;
	} right;
};

static void take_right(void *arg, const struct value *v)
{
	struct asked *a = arg;

	a->check.count = 1;
	if (a->check.kind == OPERANDS_NUM) {
		a->right.num = v->i;
		a->check.num = &a->right.num;
	} else if (a->check.kind == OPERANDS_NET) {
		a->right.net.family = v->ip.family;
		a->right.net.bits = v->ip.family == 6 ? 128 : 32;
		memcpy(a->right.net.addr, v->ip.addr, sizeof(v->ip.addr));
		a->check.net = &a->right.net;
	} else {
		a->right.str = v->s;
		a->check.str = &a->right.str;
	}
}

/* One operand of a check, as if it had no other. */
static struct check only(const struct check *c, uint32_t i)
{
	struct check one = *c;

	one.count = 1;
	if (c->kind == OPERANDS_NUM)
		one.num += i;
	else if (c->kind == OPERANDS_NET)
		one.net += i;
	else
		one.str += i;
	if (c->op == OP_REGEX)
		one.regex += i;
	return one;
}

static void take_left(void *arg, const struct value *v)
{
	struct asked *a = arg;
	const struct check *c = &a->check;

	a->values++;
	if (!c->calc->of)
		a->hits += value_holds(c, a->ctx->state, v);
	for (uint32_t i = 0; c->calc->of && i < c->count; i++) {
		struct check one = only(c, i);

		c->calc->hits[i] += value_holds(&one, a->ctx->state, v);
	}
}

/* Does a check with a modifier hold for as many of its operands as that says? */
static bool holds_of(const struct asked *a)
{
	const struct check *c = &a->check;
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->count; i++) {
		struct check one = only(c, i);

		n += answer(&one, a->ctx, a->values, (int)c->calc->hits[i], true);
	}
	switch (c->calc->of) {
	case OF_ONE:
		return n == 1;
	case OF_ALL:
		return n && n == c->count;
	default:
		return n;
	}
}

__attribute__((noinline)) static bool ask_calc(const struct check *c, struct field_ctx *ctx)
{
	char left[FIELD_STR_MAX], right[FIELD_STR_MAX];
	const struct calc *calc = c->calc;
	struct expr_step step = {.op = EXPR_FIELD, .ref = c->ref};
	const struct expr field = {c->type, 1, &step};
	struct asked a = {.check = *c, .ctx = ctx};

	if (calc->right.count && !expr_each(&calc->right, ctx, right, take_right, &a))
		return false;
	if (calc->of)
		memset(calc->hits, 0, c->count * sizeof(*calc->hits));
	expr_each(calc->left.count ? &calc->left : &field, ctx, left, take_left, &a);
	return calc->of ? holds_of(&a) : answer(&a.check, ctx, a.values, a.hits, true);
}

bool check_ask(const struct check *c, struct field_ctx *ctx)
{
	if (c->kind == OPERANDS_TYPES)
		return typeset_has(&c->types, ctx->ev->hdr->type);
	return c->calc ? ask_calc(c, ctx) : ask(c, ctx);
}

static bool holds(const struct ruleset *rs, struct check *c, struct field_ctx *ctx)
{
	if (c->memo >> 1 != rs->stamp)
		c->memo = rs->stamp << 1 | (c->cell ? ask_cell(rs, c, ctx) : check_ask(c, ctx));
	return c->memo & 1;
}

/* Keeps those of which a guard or a sorter has a bit. */
static void keep(uint64_t *alive, const uint64_t *mask, uint32_t words, bool turned)
{
	for (uint32_t w = 0; w < words; w++)
		alive[w] &= turned ? ~mask[w] : mask[w];
}

/* The first candidate from i on that no guard has refused; past the last if there is none. */
static uint32_t next_alive(const struct ruleset *rs, const struct plan *p, uint32_t i)
{
	while (i < p->count) {
		uint64_t left = rs->alive[i / 64] >> i % 64;

		if (left)
			return i + (uint32_t)__builtin_ctzll(left);
		i = (i / 64 + 1) * 64;
	}
	return p->count;
}

/* Lets guards and sorters refuse what they can of those that are alive. */
static void refuse(struct ruleset *rs, const struct plan *p, struct field_ctx *ctx)
{
	uint32_t words = MASK_WORDS(p->count);
	uint64_t dev, ino;

	rs->stamp++;
	rs->named = field_file_id(ctx, &dev, &ino) && state_is_any_file(ctx->state, dev, ino);
	for (const struct guard *g = p->guard; g < p->guard + p->guards; g++) {
		uint64_t some = 0;

		for (uint32_t w = 0; w < words; w++)
			some |= rs->alive[w] & g->mask[w];
		if (some && holds(rs, g->check, ctx) != g->want)
			keep(rs->alive, g->mask, words, true);
	}
	for (const struct sorter *s = p->sorter; s < p->sorter + p->sorters; s++) {
		if (next_alive(rs, p, 0) == p->count)
			return;
		if (s->files && rs->named)
			continue;
		fill_cell(s->cell, rs->stamp, ctx);
		if (s->cell->n <= 1)
			keep(rs->alive, s->mask + s->cell->key * words, words, false);
	}
}

static bool walk(const struct ruleset *rs, const struct step *step, struct field_ctx *ctx)
{
	uint32_t at = step ? STEP_FIRST : STEP_HOLDS;

	while (at >= STEP_FIRST) {
		const struct step *s = &step[at - STEP_FIRST];

		at = holds(rs, s->check, ctx) ? s->on_true : s->on_false;
	}
	return at == STEP_HOLDS;
}

/* Asks those that are alive, and takes note of those that hold. */
static void find(struct ruleset *rs, const struct plan *p, struct field_ctx *ctx)
{
	refuse(rs, p, ctx);
	for (uint32_t i = 0; (i = next_alive(rs, p, i)) < p->count; i++)
		if (walk(rs, p->rule[i].step, ctx))
			rs->found[i / 64] |= 1ull << i % 64;
}

/* The same of those that are asked for another name, and do not hold yet. */
static void find_more(struct ruleset *rs, const struct plan *p, struct field_ctx *ctx,
		      struct str other, uint32_t names)
{
	memset(rs->alive, 0, MASK_WORDS(p->count) * sizeof(*rs->alive));
	for (uint32_t i = 0; i < p->count; i++)
		if (p->rule[i].names & names && !(rs->found[i / 64] >> i % 64 & 1))
			rs->alive[i / 64] |= 1ull << i % 64;
	ctx->other = other;
	find(rs, p, ctx);
	ctx->other = (struct str){0};
}

/*
 * Asks about the name that the kernel has of the event's file, then about the one that the caller
 * gave, and about those that have links in them; rules that hold for any stay.
 */
static void match_all(struct ruleset *rs, const struct plan *p, struct field_ctx *ctx,
		      struct str given, uint32_t links)
{
	uint32_t bytes = MASK_WORDS(p->count) * sizeof(*rs->found);
	char buf[FIELD_STR_MAX];

	memset(rs->found, 0, bytes);
	find(rs, p, ctx);
	if (given.p)
		find_more(rs, p, ctx, given, NAME_GIVEN);
	for (uint32_t i = 0; links >> i; i++)
		if (links >> i & 1)
			find_more(rs, p, ctx, linked_name(ctx->state, i, field_opened(ctx), buf),
				  1u << i);
	memcpy(rs->alive, rs->found, bytes);
}

static void begin(struct ruleset *rs, const struct plan *p, struct field_ctx *ctx)
{
	struct str given = {0};
	uint32_t links = p->names & ~NAME_GIVEN;

	memset(rs->alive, 0xff, MASK_WORDS(p->count) * sizeof(*rs->alive));
	if (p->names & NAME_GIVEN)
		given = field_given(ctx);
	if (links && !(ctx->proc && proc_is_contained(ctx->proc))) /* has links of its own */
		links = state_links_of(ctx->state, field_opened(ctx), links);
	else
		links = 0;
	rs->settled = given.p || links;
	if (rs->settled)
		match_all(rs, p, ctx, given, links);
	else
		refuse(rs, p, ctx);
}

struct rule *ruleset_match(struct ruleset *rs, struct field_ctx *ctx, int *pos)
{
	const struct plan *p = rs->plan[ctx->ev->hdr->type];

	if (!*pos) {
		linked_update(rs, ctx->state);
		begin(rs, p, ctx);
	}
	for (uint32_t i; (i = next_alive(rs, p, (uint32_t)*pos)) < p->count;) {
		*pos = (int)i + 1;
		if (rs->settled || walk(rs, p->rule[i].step, ctx))
			return p->rule[i].rule;
	}
	*pos = (int)p->count;
	return NULL;
}
