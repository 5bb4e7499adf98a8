/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Directories that rules name through symbolic links: where the kernel says
 * /usr/bin/y, a rule on /bin is blind. So a rule that needs an opened file to lie
 * there is asked again under that name: see match.c. Not one that only excuses
 * such names, nor one for which the kernel's name does as well.
 */
#include "rule_int.h"

static bool names_paths(const struct check *c)
{
	return !(c->calc && (c->calc->left.count || c->calc->right.count)) &&
	       c->kind == OPERANDS_STR && field_has_given(&c->ref) &&
	       (c->op == OP_IN || c->op == OP_STARTSWITH || c->op == OP_GLOB || c->op == OP_PMATCH);
}

uint32_t linked_checks(const struct node *n, bool negated, const struct node *either,
		       struct linked *out)
{
	uint32_t count = 0;

	for (n = node_bare(n, &negated); n->kind != NODE_CHECK; n = node_bare(n->left, &negated)) {
		if (node_kind(n, negated) == NODE_AND)
			either = NULL;
		else if (!either)
			either = n;
		count += linked_checks(n->right, negated, either, out ? out + count : NULL);
	}
	if (negated || !names_paths(n->check))
		return count;
	if (out)
		out[count] = (struct linked){n->check, either ? either : n};
	return count + 1;
}

/* An operand as a path, with a NUL behind it; what is no absolute one, or too long, is empty. */
static struct str operand(const struct check *c, uint32_t i, char buf[static TRC_STR_MAX])
{
	struct str s = c->str[i];
	uint32_t n = c->op == OP_PMATCH;

	*buf = '\0';
	if (!s.n || n + s.n >= TRC_STR_MAX || (!n && *s.p != '/'))
		return (struct str){buf, 0};
	*buf = '/';
	memcpy(buf + n, s.p, s.n);
	for (uint32_t k = 0; n && k + 1 < s.n; k++)
		if (!s.p[k])
			buf[n + k] = '/';
	buf[s.n] = '\0'; /* of pmatch, the last component's own */
	return (struct str){buf, s.n};
}

void ruleset_paths(const struct ruleset *rs, void (*fn)(const char *path))
{
	static uint32_t round;
	char path[TRC_STR_MAX];

	round++;
	for (const struct draft *d = rs->drafts; d; d = d->next)
		for (uint32_t k = 0; k < d->nlinked; k++) {
			struct check *c = d->linked[k].check;

			for (uint32_t i = 0; c->told != round && i < c->count; i++)
				if (operand(c, i, path).n)
					fn(path);
			c->told = round; /* rules share lists */
		}
}

/* Does a check hold by the kernel's name for all that one of that kind holds for by the link's? */
static bool covers(const struct check *c, struct str real)
{
	char buf[TRC_STR_MAX];

	if (c->op == OP_IN)
		return check_lists(c, real);
	for (uint32_t i = 0; i < c->count; i++) {
		struct str s = operand(c, i, buf);

		if (s.n && (c->op == OP_STARTSWITH ? str_starts(real, s) :
			    c->op == OP_PMATCH	   ? str_lies_in(real, s) :
						     str_eq(real, s)))
			return true;
	}
	return false;
}

/* Is one of those that will do instead of a check such a one? */
static bool is_covered(const struct draft *d, const struct linked *l, struct str real)
{
	for (uint32_t k = 0; k < d->nlinked; k++) {
		const struct linked *other = &d->linked[k];

		if (other->either == l->either && other->check->op == l->check->op &&
		    field_equal(&other->check->ref, &l->check->ref) && covers(other->check, real))
			return true;
	}
	return false;
}

/* What another name of a directory makes of a path that lies in it. n = 0: too long. */
static struct str renamed(struct str path, struct str from, struct str to, char *buf, size_t size)
{
	struct str rest = {path.p + from.n, path.n - from.n};

	if (to.n + rest.n > size)
		return (struct str){0};
	memcpy(buf, to.p, to.n);
	memcpy(buf + to.n, rest.p, rest.n);
	return (struct str){buf, to.n + rest.n};
}

/* Does a rule name what lies in a directory by that name alone? */
static bool is_blind(const struct draft *d, struct str name, struct str real)
{
	char path[TRC_STR_MAX], buf[FIELD_STR_MAX];

	for (uint32_t k = 0; k < d->nlinked; k++)
		for (uint32_t i = 0; i < d->linked[k].check->count; i++) {
			struct str s = operand(d->linked[k].check, i, path);

			if (str_lies_in(s, name) &&
			    !is_covered(d, &d->linked[k], renamed(s, name, real, buf, sizeof(buf))))
				return true;
		}
	return false;
}

void linked_update(struct ruleset *rs, const struct state *state)
{
	struct str name, real;

	if (rs->links == state_links_version(state))
		return;
	rs->links = state_links_version(state);
	for (const struct draft *d = rs->drafts; d; d = d->next) {
		struct rule *r = (struct rule *)&d->rule;

		r->names &= NAME_GIVEN;
		for (uint32_t i = 0; state_link(state, i, &name, &real); i++)
			r->names |= (uint32_t)is_blind(d, name, real) << i;
	}
	for (unsigned t = 0; t < TRC_NTYPES; t++) {
		struct plan *p = rs->plan[t];

		p->names = 0;
		for (uint32_t i = 0; i < p->count; i++)
			p->names |= p->rule[i].names = p->rule[i].rule->names;
	}
}

struct str linked_name(const struct state *state, uint32_t i, struct str real,
		       char buf[static FIELD_STR_MAX])
{
	struct str name, dir;

	state_link(state, i, &name, &dir);
	return renamed(real, dir, name, buf, FIELD_STR_MAX);
}
