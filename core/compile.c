/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From trees to what an event is matched with: a chain of steps for each rule,
 * the event types that each can hold for, and the rules of each type.
 */
#include <errno.h>

#include "rule_int.h"

static void add_once(struct str *list, int *count, struct str s)
{
	if (!str_in(list, (uint32_t)*count, s))
		list[(*count)++] = s;
}

static void note_given(void *arg, const struct field_ref *ref)
{
	bool *given = arg;

	*given |= field_has_given(ref);
}

/* Takes note of a check that some step asks. */
static void use_check(struct ruleset *rs, struct check *c)
{
	if (c->used)
		return;
	c->used = true;
	rs->nchecks++;
	check_fields(c, note_given, &c->given);
	for (uint32_t i = 0; c->files && i < c->count; i++)
		if (*c->str[i].p == '/')
			add_once(rs->file, &rs->nfiles, c->str[i]);
	for (uint32_t i = 0; check_hosts(c) && i < c->count; i++)
		add_once(rs->host, &rs->nhosts, c->str[i]);
}

/*
 * Appends the steps of a tree and returns the one it starts with. The part
 * that is asked last is appended first, so a step only ever goes on to one
 * before it. A negation is nothing but its two targets swapped.
 */
static uint32_t append(struct ruleset *rs, const struct node *n, uint32_t on_true,
		       uint32_t on_false)
{
	uint32_t swap;

	while (n->kind != NODE_CHECK) {
		switch (n->kind) {
		case NODE_NOT:
			swap = on_true;
			on_true = on_false;
			on_false = swap;
			break;
		case NODE_AND:
			on_true = append(rs, n->right, on_true, on_false);
			break;
		default:
			on_false = append(rs, n->right, on_true, on_false);
		}
		n = n->left;
	}
	use_check(rs, n->check);
	rs->step[rs->nsteps] = (struct step){n->check, on_true, on_false};
	return rs->nsteps++;
}

static void unite(struct typeset *into, const struct typeset *set)
{
	for (size_t i = 0; i < sizeof(set->word) / sizeof(set->word[0]); i++)
		into->word[i] |= set->word[i];
}

/* Splits the types that come to a step into those that its check can hold for, and can fail for. */
static void split(const struct check *c, const struct typeset *in, struct typeset *on_true,
		  struct typeset *on_false)
{
	*on_true = *on_false = *in;
	if (c->kind != OPERANDS_TYPES)
		return;
	for (size_t i = 0; i < sizeof(in->word) / sizeof(in->word[0]); i++) {
		on_true->word[i] &= c->types.word[i];
		on_false->word[i] &= ~c->types.word[i];
	}
}

/*
 * The types that a rule can hold for: those that come to STEP_HOLDS if all of
 * them set out from its entry. reach is working memory: the two ends, then the
 * rule's steps, the first of which is the set's step number first.
 */
static struct typeset types_of(const struct ruleset *rs, const struct rule *r, uint32_t first,
			       const struct typeset *all, struct typeset *reach)
{
	struct typeset *of_step = reach + STEP_FIRST;

	memset(reach, 0, (STEP_FIRST + r->entry - first + 1) * sizeof(*reach));
	of_step[r->entry - first] = *all;
	for (uint32_t i = r->entry; i >= first; i--) {
		const struct step *s = &rs->step[i];
		struct typeset yes, no;

		split(s->check, &of_step[i - first], &yes, &no);
		unite(s->on_true < STEP_FIRST ? &reach[s->on_true] : &of_step[s->on_true - first],
		      &yes);
		unite(s->on_false < STEP_FIRST ? &reach[s->on_false] :
						 &of_step[s->on_false - first],
		      &no);
	}
	return reach[STEP_HOLDS];
}

struct typeset visible_types(void)
{
	struct typeset all = {0};

	for (unsigned t = TRC_NONE + 1; t < TRC_NTYPES; t++)
		if (event_table[t].class != TRC_STATE)
			typeset_add(&all, t);
	return all;
}

static int compile_steps(struct load *ld)
{
	const struct typeset all = visible_types();
	struct ruleset *rs = ld->rs;
	size_t total = STEP_FIRST, most = 0, used;
	struct typeset *reach;

	for (const struct draft *d = ld->drafts; d; d = d->next) {
		if (d->off)
			continue;
		if (__builtin_add_overflow(total, d->tree->leaves, &total))
			total = SIZE_MAX;
		if (most < d->tree->leaves)
			most = d->tree->leaves;
	}
	rs->file = load_alloc(ld, ld->nfiles, sizeof(*rs->file));
	rs->host = load_alloc(ld, ld->nhosts, sizeof(*rs->host));
	rs->step = load_alloc(ld, total, sizeof(*rs->step));
	used = ld->a->used;
	reach = load_alloc(ld, STEP_FIRST + most, sizeof(*reach));
	if (!rs->file || !rs->host || !rs->step || !reach)
		return -ENOMEM;
	rs->nsteps = STEP_FIRST;
	for (struct draft *d = ld->drafts; d; d = d->next) {
		uint32_t first = rs->nsteps;

		if (d->off)
			continue;
		d->rule.entry = append(rs, d->tree, STEP_HOLDS, STEP_FAILS);
		d->types = types_of(rs, &d->rule, first, &all, reach);
		rule_fields(&d->rule, note_given, &d->rule.given);
		rs->count++;
	}
	load_rewind(ld, used);
	return 0;
}

/* The rules in order, and those of each type. */
static int index_rules(struct load *ld)
{
	struct ruleset *rs = ld->rs;
	int n = 0;

	rs->rule = load_alloc(ld, (size_t)rs->count, sizeof(*rs->rule));
	if (!rs->rule)
		return -ENOMEM;
	for (struct draft *d = ld->drafts; d; d = d->next) {
		if (d->off)
			continue;
		rs->rule[n++] = &d->rule;
		for (unsigned t = 0; t < TRC_NTYPES; t++)
			rs->ntype[t] += typeset_has(&d->types, t);
	}
	for (unsigned t = 0; t < TRC_NTYPES; t++) {
		uint32_t k = 0;

		rs->of_type[t] = load_alloc(ld, rs->ntype[t], sizeof(**rs->of_type));
		if (!rs->of_type[t])
			return -ENOMEM;
		for (struct draft *d = ld->drafts; d; d = d->next)
			if (!d->off && typeset_has(&d->types, t))
				rs->of_type[t][k++] = &d->rule;
	}
	return 0;
}

int compile(struct load *ld)
{
	int rc = compile_steps(ld);

	return rc ? rc : index_rules(ld);
}
