/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an event of each type is asked. Of a rule's condition only what can
 * differ for that type is left; of what is joined by and, or by or, that comes
 * first which takes least and decides most. Cheap checks that several rules of
 * a type cannot do without become guards, which refuse all of those at once;
 * the rest of each rule is a chain of steps, shared by types for which it is the
 * same. Checks have no effects, so no order of theirs changes what they say.
 */
#include <errno.h>
#include <stdlib.h>

#include "rule_int.h"

#define GUARD_COST 8  /* most that a guard may take */
#define GUARDS_MAX 64 /* of a type */
#define SORTERS_MAX 8
#define REDUCE_MAX 64  /* checks of the largest condition that is looked through for such */
#define SORTED_LEAST 2 /* fewer rules of a type need no sorter */
#define ORDER_DEPTH 32 /* below so many turns from and to or, the order stays as it was written */

/* A part of a condition: one of those that and or or joins. */
struct part {
	const struct node *node;
	bool negated;
	uint32_t at; /* the later one in the text has the lower number */
	uint32_t cost, decides;
};

/* Steps that were kept for a rule. */
struct chain {
	const struct step *step;
	uint32_t count;
	struct chain *next;
};

struct planner {
	struct load *ld;
	unsigned type;
	const struct plan *plan; /* whose guards are left out; NULL: none */
	struct part *part;	 /* a stack */
	uint32_t nparts;
	struct step *step; /* the step that is asked last is the first */
	uint32_t nsteps;
	struct step *turned;		/* the other way round */
	struct guard found[GUARDS_MAX]; /* what may become a guard */
	uint32_t needs[GUARDS_MAX];	/* how many rules need it */
	uint32_t nfound;
	struct sorter sorter[SORTERS_MAX]; /* likewise */
	uint32_t sorts[SORTERS_MAX], nsorters;
};

static void *work_alloc(struct load *ld, size_t n, size_t size)
{
	size_t bytes;
	void *p = NULL;

	if (!__builtin_mul_overflow(n, size, &bytes))
		p = arena_alloc(&ld->texts, bytes);
	if (!p)
		ini_fail(ld->err, ld->at, "expected rules that take at most %d MiB to compile",
			 RULES_TEXT_MAX >> 20);
	return p;
}

static uint32_t append_check(struct planner *p, struct check *c, bool negated, uint32_t on_true,
			     uint32_t on_false)
{
	uint32_t yes = negated ? on_false : on_true, no = negated ? on_true : on_false;
	bool is;

	if (yes == no)
		return yes;
	if (check_constant(c, p->type, &is))
		return is ? yes : no;
	p->step[p->nsteps] = (struct step){c, yes, no};
	return STEP_FIRST + p->nsteps++;
}

/* As it is written. */
static uint32_t append_plain(struct planner *p, const struct node *n, bool negated,
			     uint32_t on_true, uint32_t on_false)
{
	while ((n = node_bare(n, &negated))->kind != NODE_CHECK) {
		if (node_kind(n, negated) == NODE_AND)
			on_true = append_plain(p, n->right, negated, on_true, on_false);
		else
			on_false = append_plain(p, n->right, negated, on_true, on_false);
		n = n->left;
	}
	return append_check(p, n->check, negated, on_true, on_false);
}

/* Is a condition the same for all events of the type? Then *is. */
static bool constant(struct planner *p, const struct node *n, bool negated, bool *is)
{
	uint32_t steps = p->nsteps, start = append_plain(p, n, negated, STEP_HOLDS, STEP_FAILS);

	p->nsteps = steps;
	*is = start == STEP_HOLDS;
	return start < STEP_FIRST;
}

/* What decides a condition for this type: of a or b it is b where a never holds. */
static const struct node *reduce(struct planner *p, const struct node *n, bool *negated)
{
	bool is;

	while ((n = node_bare(n, negated))->kind != NODE_CHECK && n->leaves <= REDUCE_MAX) {
		bool and = node_kind(n, *negated) == NODE_AND;

		if (constant(p, n->left, *negated, &is) && is == and)
			n = n->right;
		else if (constant(p, n->right, *negated, &is) && is == and)
			n = n->left;
		else
			break;
	}
	return n;
}

static void push(struct planner *p, const struct node *n, bool negated, enum node_kind kind)
{
	uint32_t holds = negated ? 256u - n->weight.chance : n->weight.chance;
	uint32_t decides = kind == NODE_OR ? holds : 256 - holds;

	p->part[p->nparts] = (struct part){n, negated, p->nparts, n->weight.cost, decides + 1};
	p->nparts++;
}

/* All parts that are joined by kind, or the one that a condition is. */
static void gather(struct planner *p, const struct node *n, bool negated, enum node_kind kind)
{
	while ((n = reduce(p, n, &negated)), node_kind(n, negated) == kind) {
		gather(p, n->right, negated, kind);
		n = n->left;
	}
	push(p, n, negated, kind);
}

/* What decides most for what it takes goes first. */
static int by_worth(const void *x, const void *y)
{
	const struct part *a = x, *b = y;
	uint32_t va = a->cost * b->decides, vb = b->cost * a->decides;

	if (va != vb)
		return va < vb ? -1 : 1;
	return a->at > b->at ? -1 : 1;
}

static uint32_t append(struct planner *p, const struct node *n, bool negated, uint32_t on_true,
		       uint32_t on_false, int depth);

/* Appends the parts from first on, which kind joins. */
static uint32_t append_parts(struct planner *p, uint32_t first, enum node_kind kind,
			     uint32_t on_true, uint32_t on_false, int depth)
{
	uint32_t steps = p->nsteps, *goes_on = kind == NODE_AND ? &on_true : &on_false;
	const uint32_t decided = kind == NODE_AND ? on_false : on_true;

	qsort(p->part + first, p->nparts - first, sizeof(*p->part), by_worth);
	for (uint32_t i = p->nparts; i-- > first;) {
		struct part part = p->part[i];

		*goes_on = append(p, part.node, part.negated, on_true, on_false, depth);
		if (*goes_on == decided) /* for good: nobody comes to what is behind it */
			p->nsteps = steps;
	}
	p->nparts = first;
	return *goes_on;
}

/* Appends a condition and returns the step that it starts with. */
static uint32_t append(struct planner *p, const struct node *n, bool negated, uint32_t on_true,
		       uint32_t on_false, int depth)
{
	uint32_t first = p->nparts;
	enum node_kind kind;

	n = reduce(p, n, &negated);
	if (n->kind == NODE_CHECK)
		return append_check(p, n->check, negated, on_true, on_false);
	if (!depth)
		return append_plain(p, n, negated, on_true, on_false);
	kind = node_kind(n, negated);
	gather(p, n, negated, kind);
	return append_parts(p, first, kind, on_true, on_false, depth - 1);
}

static struct guard *find_guard(struct guard *guard, uint32_t count, const struct part *part)
{
	for (uint32_t i = 0; i < count; i++)
		if (part->node->kind == NODE_CHECK && guard[i].check == part->node->check &&
		    guard[i].want != part->negated)
			return &guard[i];
	return NULL;
}

/* The chain of a rule, without its guards. Returns where it starts. */
static uint32_t append_rule(struct planner *p, const struct draft *d)
{
	uint32_t kept = 0, start;

	p->nsteps = p->nparts = 0;
	gather(p, d->tree, false, NODE_AND);
	for (uint32_t i = 0; p->plan && i < p->nparts; i++)
		if (!find_guard(p->plan->guard, p->plan->guards, &p->part[i]))
			p->part[kept++] = p->part[i];
	if (p->plan)
		p->nparts = kept;
	start = append_parts(p, 0, NODE_AND, STEP_HOLDS, STEP_FAILS, ORDER_DEPTH);
	/* Steps go on to those before them: nobody comes to what append_plain() left behind it. */
	p->nsteps = start < STEP_FIRST ? 0 : start - STEP_FIRST + 1;
	return start;
}

/* Takes note of the checks that candidate i cannot do without, if they are cheap. */
static void find_guards(struct planner *p, const struct draft *d, uint32_t i, uint32_t words)
{
	bool is;

	p->nparts = p->nsteps = 0;
	gather(p, d->tree, false, NODE_AND);
	for (uint32_t k = 0; k < p->nparts; k++) {
		const struct part *part = &p->part[k];
		struct guard *g = find_guard(p->found, p->nfound, part);

		if (part->node->kind != NODE_CHECK || part->cost > GUARD_COST ||
		    check_constant(part->node->check, p->type, &is) ||
		    (!g && p->nfound == GUARDS_MAX))
			continue;
		if (!g) {
			g = &p->found[p->nfound];
			p->needs[p->nfound++] = 0;
			*g = (struct guard){part->node->check, !part->negated,
					    memset(g->mask, 0, words * sizeof(*g->mask))};
		}
		p->needs[g - p->found] += !(g->mask[i / 64] >> i % 64 & 1);
		g->mask[i / 64] |= 1ull << i % 64;
	}
}

/* What a part needs a field to begin with, if it is about one alone. */
struct need {
	struct cell *cell;
	uint64_t keys;
	bool files;
};

static struct need need_of(struct planner *p, const struct part *part)
{
	uint32_t first = p->nparts;
	struct need need = {0};

	gather(p, part->node, part->negated, NODE_OR);
	for (uint32_t i = first; i < p->nparts; i++) {
		const struct node *n = p->part[i].node;
		bool keyed = n->kind == NODE_CHECK && !p->part[i].negated;

		if (i == first && keyed)
			need.cell = n->check->cell;
		if (!keyed || n->check->cell != need.cell) {
			need.keys = UINT64_MAX;
			break;
		}
		need.keys |= n->check->keys;
		need.files |= n->check->files;
	}
	p->nparts = first;
	return need;
}

/* The sorter of a field, which may be a new one; NULL if there are too many. */
static struct sorter *find_sorter(struct planner *p, struct cell *cell, uint32_t words)
{
	struct sorter *s = p->sorter;

	while (s < p->sorter + p->nsorters && s->cell != cell)
		s++;
	if (s < p->sorter + p->nsorters)
		return s;
	if (p->nsorters == SORTERS_MAX)
		return NULL;
	p->sorts[p->nsorters++] = 0;
	s->cell = cell;
	s->files = false;
	memset(s->mask, 0xff, words * (KEYS + 1) * sizeof(*s->mask));
	return s;
}

/* Takes note of what candidate i needs its fields to begin with. */
static void find_sorters(struct planner *p, const struct draft *d, uint32_t i, uint32_t words)
{
	uint64_t bit = 1ull << i % 64;

	p->nparts = p->nsteps = 0;
	gather(p, d->tree, false, NODE_AND);
	for (uint32_t k = 0; k < p->nparts; k++) {
		struct need need = need_of(p, &p->part[k]);
		struct sorter *s;

		if (need.keys == UINT64_MAX)
			continue;
		s = find_sorter(p, need.cell, words);
		if (!s)
			continue;
		s->files |= need.files;
		p->sorts[s - p->sorter] += s->mask[KEY_NONE * words + i / 64] & bit ? 1 : 0;
		for (uint32_t key = 0; key <= KEYS; key++)
			if (key == KEY_NONE || !(need.keys >> key & 1))
				s->mask[key * words + i / 64] &= ~bit;
	}
}

/* found: words of each mask that was found. */
static int keep_sorters(struct planner *p, struct plan *plan, uint32_t found)
{
	uint32_t words = MASK_WORDS(plan->count);

	plan->sorter = load_alloc(p->ld, p->nsorters, sizeof(*plan->sorter));
	if (!plan->sorter)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->nsorters; i++) {
		struct sorter *s = &plan->sorter[plan->sorters];

		if (p->sorts[i] < SORTED_LEAST + words)
			continue;
		*s = p->sorter[i];
		s->mask = load_alloc(p->ld, words, (KEYS + 1) * sizeof(*s->mask));
		if (!s->mask)
			return -ENOMEM;
		for (uint32_t key = 0; key <= KEYS; key++)
			memcpy(s->mask + key * words, p->sorter[i].mask + key * found,
			       words * sizeof(*s->mask));
		plan->sorters++;
	}
	return 0;
}

/* Of all that were found, those that more rules need go first, and those that few need go. */
static int keep_guards(struct planner *p, struct plan *plan)
{
	uint32_t words = MASK_WORDS(plan->count), least = 1 + words;
	uint32_t best;

	plan->guard = load_alloc(p->ld, p->nfound, sizeof(*plan->guard));
	if (!plan->guard)
		return -ENOMEM;
	for (;;) {
		struct guard *g = &plan->guard[plan->guards];

		best = 0;
		for (uint32_t i = 1; i < p->nfound; i++)
			if (p->needs[i] > p->needs[best])
				best = i;
		if (!p->nfound || p->needs[best] <= least)
			return 0;
		*g = p->found[best];
		g->mask = load_alloc(p->ld, words, sizeof(*g->mask));
		if (!g->mask)
			return -ENOMEM;
		memcpy(g->mask, p->found[best].mask, words * sizeof(*g->mask));
		p->needs[best] = 0;
		plan->guards++;
	}
}

static bool same_steps(const struct step *a, const struct step *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (a[i].check != b[i].check || a[i].on_true != b[i].on_true ||
		    a[i].on_false != b[i].on_false)
			return false;
	return true;
}

/* Brings what was appended to the order it is asked in. */
static void turn(struct planner *p)
{
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct step s = p->step[p->nsteps - 1 - i];

		if (s.on_true >= STEP_FIRST)
			s.on_true = 2 * STEP_FIRST + p->nsteps - 1 - s.on_true;
		if (s.on_false >= STEP_FIRST)
			s.on_false = 2 * STEP_FIRST + p->nsteps - 1 - s.on_false;
		p->turned[i] = s;
	}
}

/* The steps that were appended, of which a rule has one copy. NULL with err filled. */
static const struct step *keep_chain(struct planner *p, struct draft *d)
{
	struct chain *c = d->chains;
	struct step *copy;

	turn(p);
	while (c && (c->count != p->nsteps || !same_steps(c->step, p->turned, p->nsteps)))
		c = c->next;
	if (c)
		return c->step;
	c = work_alloc(p->ld, 1, sizeof(*c));
	copy = load_alloc(p->ld, p->nsteps, sizeof(*copy));
	if (!c || !copy)
		return NULL;
	memcpy(copy, p->turned, p->nsteps * sizeof(*copy));
	p->ld->rs->nsteps += p->nsteps;
	*c = (struct chain){copy, p->nsteps, d->chains};
	d->chains = c;
	return copy;
}

/* What is left of each rule behind the guards. */
static int keep_chains(struct planner *p, struct plan *plan)
{
	p->plan = plan;
	for (uint32_t i = 0; i < plan->count; i++) {
		struct candidate *c = &plan->rule[i];

		if (append_rule(p, (struct draft *)c->rule) == STEP_HOLDS)
			continue;
		c->step = keep_chain(p, (struct draft *)c->rule);
		if (!c->step)
			return -ENOMEM;
	}
	return 0;
}

/* The rules that can hold for a type, and what is found out about them. most: no more are there. */
static int find_rules(struct planner *p, struct plan *plan, uint32_t most)
{
	plan->rule = load_alloc(p->ld, most, sizeof(*plan->rule));
	if (!plan->rule)
		return -ENOMEM;
	p->nfound = p->nsorters = 0;
	p->plan = NULL;
	for (struct draft *d = p->ld->drafts; d; d = d->next) {
		if (d->off || !typeset_has(&d->types, p->type) || append_rule(p, d) == STEP_FAILS)
			continue;
		find_guards(p, d, plan->count, MASK_WORDS(most));
		find_sorters(p, d, plan->count, MASK_WORDS(most));
		plan->names |= d->rule.names;
		plan->rule[plan->count].names = d->rule.names;
		plan->rule[plan->count++].rule = &d->rule;
	}
	return 0;
}

static struct plan *plan_type(struct planner *p)
{
	struct plan *plan = load_alloc(p->ld, 1, sizeof(*plan));
	uint32_t most = 0;

	for (const struct draft *d = p->ld->drafts; d; d = d->next)
		most += !d->off && typeset_has(&d->types, p->type);
	if (!plan || find_rules(p, plan, most) || keep_guards(p, plan) ||
	    keep_sorters(p, plan, MASK_WORDS(most)) || keep_chains(p, plan))
		return NULL;
	return plan;
}

/* What a check is for all events of a type: 0 or 1, or 2 if they differ. */
static unsigned constant_of(const struct check *c, unsigned type)
{
	bool is;

	return check_constant(c, type, &is) ? is : 2;
}

/* Can the same rules hold for both types, and is the same of them left to ask? */
static bool same_type(const struct load *ld, unsigned a, unsigned b)
{
	for (const struct draft *d = ld->drafts; d; d = d->next)
		if (!d->off && typeset_has(&d->types, a) != typeset_has(&d->types, b))
			return false;
	for (int i = 0; i < CHECK_BUCKETS; i++)
		for (const struct check *c = ld->bucket[i]; c; c = c->next)
			if (c->used && constant_of(c, a) != constant_of(c, b))
				return false;
	return true;
}

/* Makes the plan of a type, or finds that it is that of another one. */
static int plan_next(struct planner *p)
{
	struct plan **plans = p->ld->rs->plan;

	for (unsigned t = 0; t < p->type; t++)
		if (same_type(p->ld, t, p->type)) {
			plans[p->type] = plans[t];
			return 0;
		}
	plans[p->type] = plan_type(p);
	return plans[p->type] ? 0 : -ENOMEM;
}

/* Room for what may become a guard or a sorter of a type. */
static int take_masks(struct planner *p)
{
	uint32_t words = MASK_WORDS((uint32_t)p->ld->rs->count);

	for (int i = 0; i < GUARDS_MAX; i++) {
		p->found[i].mask = work_alloc(p->ld, words, sizeof(uint64_t));
		if (!p->found[i].mask)
			return -ENOMEM;
	}
	for (int i = 0; i < SORTERS_MAX; i++) {
		p->sorter[i].mask = work_alloc(p->ld, words, (KEYS + 1) * sizeof(uint64_t));
		if (!p->sorter[i].mask)
			return -ENOMEM;
	}
	return 0;
}

int plan_types(struct load *ld, size_t leaves)
{
	struct planner *p = work_alloc(ld, 1, sizeof(*p));

	ld->rs->alive = load_alloc(ld, MASK_WORDS((uint32_t)ld->rs->count), sizeof(uint64_t));
	ld->rs->found = load_alloc(ld, MASK_WORDS((uint32_t)ld->rs->count), sizeof(uint64_t));
	if (!p || !ld->rs->alive || !ld->rs->found)
		return -ENOMEM;
	p->ld = ld;
	/* A part of several checks stands there with its own parts behind it. */
	p->part = work_alloc(ld, leaves, 2 * sizeof(*p->part));
	p->step = work_alloc(ld, leaves, sizeof(*p->step));
	p->turned = work_alloc(ld, leaves, sizeof(*p->turned));
	if (!p->part || !p->step || !p->turned || take_masks(p))
		return -ENOMEM;
	for (p->type = 0; p->type < TRC_NTYPES; p->type++)
		if (plan_next(p))
			return -ENOMEM;
	return 0;
}
