/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of rules before any event comes: the types of event that each
 * can hold for, by its comparisons of evt.type, and the checks, files and hosts
 * that all of them name.
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
	uint32_t *names = arg;

	if (field_has_given(ref))
		*names = NAME_GIVEN;
}

/* Takes note of a check that some step asks. */
static void use_check(struct ruleset *rs, struct check *c)
{
	if (c->used)
		return;
	c->used = true;
	rs->nchecks++;
	for (uint32_t i = 0; c->files && i < c->count; i++)
		if (*c->str[i].p == '/')
			add_once(rs->file, &rs->nfiles, c->str[i]);
	for (uint32_t i = 0; check_hosts(c) && i < c->count; i++)
		add_once(rs->host, &rs->nhosts, c->str[i]);
}

/* A condition in steps, the part that is asked last first: a step only goes on to one before it. */
struct steps {
	struct step *step;
	uint32_t count;
};

/*
 * Appends the steps of a tree and returns the one it starts with. A negation
 * is nothing but its two targets swapped.
 */
static uint32_t append(struct steps *steps, const struct node *n, uint32_t on_true,
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
			on_true = append(steps, n->right, on_true, on_false);
			break;
		default:
			on_false = append(steps, n->right, on_true, on_false);
		}
		n = n->left;
	}
	steps->step[steps->count] = (struct step){n->check, on_true, on_false};
	return STEP_FIRST + steps->count++;
}

static void unite(struct typeset *into, const struct typeset *set)
{
	for (size_t i = 0; i < sizeof(set->word) / sizeof(set->word[0]); i++)
		into->word[i] |= set->word[i];
}

/*
 * Splits the types that come to a step into those that its check can hold for, and can fail for.
 * fields: who asks for a field asks for the types that can have it.
 */
static void split(const struct check *c, bool fields, const struct typeset *in,
		  struct typeset *on_true, struct typeset *on_false)
{
	bool is;

	*on_true = *on_false = *in;
	if (c->kind != OPERANDS_TYPES) {
		for (unsigned t = 0; fields && t < TRC_NTYPES; t++)
			if (check_constant(c, t, &is) && !is)
				on_true->word[t / 64] &= ~(1ull << t % 64);
		return;
	}
	for (size_t i = 0; i < sizeof(in->word) / sizeof(in->word[0]); i++) {
		on_true->word[i] &= c->types.word[i];
		on_false->word[i] &= ~c->types.word[i];
	}
}

/*
 * The types that a condition can hold for: those that come to STEP_HOLDS if all
 * of them set out from its start. reach: the two ends, then the steps.
 */
static struct typeset types_of(const struct steps *steps, bool fields, const struct typeset *all,
			       struct typeset *reach)
{
	memset(reach, 0, (STEP_FIRST + steps->count) * sizeof(*reach));
	reach[STEP_FIRST + steps->count - 1] = *all;
	for (uint32_t i = steps->count; i-- > 0;) {
		const struct step *s = &steps->step[i];
		struct typeset yes, no;

		split(s->check, fields, &reach[STEP_FIRST + i], &yes, &no);
		unite(&reach[s->on_true], &yes);
		unite(&reach[s->on_false], &no);
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

/* Finds the types of all rules. leaves: of the largest condition. */
static int find_types(struct load *ld, size_t leaves)
{
	const struct typeset all = visible_types(), none = {0};
	size_t used = ld->a->used;
	struct steps steps = {.step = load_alloc(ld, leaves, sizeof(*steps.step))};
	struct typeset *reach = load_alloc(ld, STEP_FIRST + leaves, sizeof(*reach));

	if (!steps.step || !reach)
		return -ENOMEM;
	for (struct draft *d = ld->drafts; d; d = d->next) {
		if (d->off)
			continue;
		steps.count = 0;
		append(&steps, d->tree, STEP_HOLDS, STEP_FAILS);
		for (uint32_t i = 0; i < steps.count; i++)
			use_check(ld->rs, steps.step[i].check);
		d->types = types_of(&steps, true, &all, reach);
		/* Of one that can hold for nothing, warnings go by what it says of evt.type. */
		if (!memcmp(&d->types, &none, sizeof(none)))
			d->types = types_of(&steps, false, &all, reach);
	}
	load_rewind(ld, used);
	return 0;
}

/* The rules in order. leaves: of the largest condition. */
static int list_rules(struct load *ld, size_t *leaves)
{
	struct ruleset *rs = ld->rs;
	int n = 0;

	for (const struct draft *d = ld->drafts; d; d = d->next)
		rs->count += !d->off;
	rs->rule = load_alloc(ld, (size_t)rs->count, sizeof(*rs->rule));
	rs->file = load_alloc(ld, ld->nfiles, sizeof(*rs->file));
	rs->host = load_alloc(ld, ld->nhosts, sizeof(*rs->host));
	if (!rs->rule || !rs->file || !rs->host)
		return -ENOMEM;
	for (struct draft *d = ld->drafts; d; d = d->next) {
		if (d->off)
			continue;
		rs->rule[n++] = &d->rule;
		if (*leaves < d->tree->leaves)
			*leaves = d->tree->leaves;
	}
	return 0;
}

/* Finds out for which names of an opened file, besides the kernel's, each rule is asked. */
static int find_names(struct load *ld)
{
	for (struct draft *d = ld->drafts; d; d = d->next) {
		if (d->off)
			continue;
		rule_fields(&d->rule, note_given, &d->rule.names);
		d->nlinked = linked_checks(d->tree, false, NULL, NULL);
		d->linked = load_alloc(ld, d->nlinked, sizeof(*d->linked));
		if (!d->linked)
			return -ENOMEM;
		linked_checks(d->tree, false, NULL, d->linked);
	}
	return 0;
}

int compile(struct load *ld)
{
	size_t leaves = 0;
	int rc = list_rules(ld, &leaves);

	if (!rc)
		rc = find_types(ld, leaves);
	if (!rc)
		rc = find_names(ld);
	return rc ? rc : plan_types(ld, leaves);
}
