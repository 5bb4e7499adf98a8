/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Warnings: see warn.h. A condition is taken apart into what must hold all at
 * once, its parts. A check that must hold says that its field is there and,
 * if that has one value, something of the value; so parts that leave it none
 * exclude each other. Three answers are possible to all that is asked here,
 * and where the third, OPEN, stands nothing is said: operators and functions
 * that are not looked into, file names that device and inode can stand for, and
 * whatever comes after the allowance of comparisons is used up.
 */
#include "warn.h"

#include <stdio.h>

#include "log.h"
#include "rule_int.h"

#define PARTS_MAX 256	    /* of one condition; the others are not looked at */
#define ALLOWANCE (1 << 22) /* comparisons for all of a set, and as many of its rules with others */
#define WHAT_MAX 1024	    /* bytes of what stands within a warning */

const struct warn_row warn_rows[] = {
	[WARN_NO_RULES] = {"no-rules", "no rules: nothing will alert", ""},
	[WARN_EVERY_EVENT] = {"every-event",
			      "does not compare evt.type, so it is asked about every event", ""},
	[WARN_NEVER] = {"never", "can hold for no event: its comparisons of ",
			" exclude each other"},
	[WARN_OPPOSITE] = {"opposite",
			   "can hold for no event: it wants a part of its condition and the "
			   "opposite of that",
			   ""},
	[WARN_NO_VALUE] = {"no-value",
			   "can hold for no event: ", " never has the value that is asked for"},
	[WARN_NO_ARGUMENT] = {"no-argument", "", ": no event that this rule can hold for has it"},
	[WARN_DRIVER] = {"driver", "can hold for no event: it asks for ", ""},
	[WARN_ALWAYS] = {"always",
			 "holds for each event of its types: ", " is all that makes a difference"},
	[WARN_SHADOWED] = {"shadowed",
			   "is never told while sensor.match is first: whenever it holds, so does ",
			   ", which comes before it"},
	[WARN_UNDONE] = {"undone", "this override has no effect: ", ""},
	[WARN_REPLACED] = {"replaced", "this ", ""},
	{NULL, NULL, NULL},
};

enum known { OPEN, NO, YES };

/* Something that must hold. */
struct part {
	const struct node *n;
	bool negated;
};

struct parts {
	int count;
	bool whole; /* these are all */
	struct part part[PARTS_MAX];
};

struct look {
	const struct ruleset *rs;
	uint32_t left;	     /* of the allowance, */
	uint32_t left_pairs; /* and of that for rules with others */
	warn_fn *fn;
	void *arg;
	const struct draft *d; /* the rule that is looked at, */
	struct typeset types;  /* the types that it can hold for, */
	struct parts parts;    /* and what must hold */
};

static void warn(const struct look *l, enum warn_kind kind, const char *what)
{
	const struct rule *r = &l->d->rule;

	l->fn(l->arg, &(struct warning){kind, r->place, r->name, what});
}

/* Takes n comparisons from the allowance. False if there are not as many. */
static bool may_spend(struct look *l, uint32_t n)
{
	if (n > l->left)
		l->left = 0;
	else
		l->left -= n;
	return l->left;
}

/* Event types. */

static bool types_equal(const struct typeset *a, const struct typeset *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static bool types_none(const struct typeset *set)
{
	return types_equal(set, &(struct typeset){0});
}

/* Those of a that b has, or with has = false that it does not have. */
static struct typeset types_of(const struct typeset *a, const struct typeset *b, bool has)
{
	struct typeset out = *a;

	for (size_t i = 0; i < sizeof(a->word) / sizeof(a->word[0]); i++)
		out.word[i] &= has ? b->word[i] : ~b->word[i];
	return out;
}

/* Values. */

/* What is known of the values of a field. */
struct domain {
	const char *field;
	bool always;	      /* no event is without it */
	const char *words[5]; /* all the values it has, if there is one here */
	uint32_t longest;     /* bytes of any; 0 = not known */
	int64_t least;	      /* of its numbers; 0 = not known */
};

static const struct domain domains[] = {
	{.field = "evt.dir", .always = true, .words = {"<"}},
	{.field = "evt.num", .always = true, .least = 1},
	{.field = "fd.l4proto", .words = {"tcp", "udp", "icmp", "raw"}},
	{.field = "fd.sockfamily", .words = {"ip", "unix"}},
	{.field = "proc.name", .longest = PROC_COMM_MAX},
	{.field = "proc.pname", .longest = PROC_COMM_MAX},
	{.field = "proc.aname", .longest = PROC_COMM_MAX},
};

static const struct domain *domain_of(const struct check *c)
{
	static const struct domain any;

	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++)
		if (!strcmp(domains[i].field, c->ref.field->name))
			return &domains[i];
	return &any;
}

/* Numbers from least to most. */
struct range {
	int64_t least, most;
};

/* All that a field can have. */
static struct range range_of_field(const struct check *c)
{
	const struct domain *d = domain_of(c);

	if (c->type == VAL_BOOL)
		return (struct range){0, 1};
	if (c->type == VAL_PORT)
		return (struct range){0, 65535};
	return (struct range){d->least ? d->least : INT64_MIN, INT64_MAX};
}

static bool is_ordered(const struct check *c)
{
	return c->kind == OPERANDS_NUM && !c->calc && c->op >= OP_LT && c->op <= OP_GE;
}

/* Leaves of a range what a comparison by order admits, or does not if it is negated. */
static void narrow(struct range *r, const struct check *c, bool negated)
{
	static const enum op opposite[] = {
		[OP_LT] = OP_GE, [OP_LE] = OP_GT, [OP_GT] = OP_LE, [OP_GE] = OP_LT};
	enum op op = negated ? opposite[c->op] : (enum op)c->op;
	bool up = op == OP_GT || op == OP_GE, strict = op == OP_GT || op == OP_LT;
	int64_t end = *c->num;

	if (strict && __builtin_add_overflow(end, up ? 1 : -1, &end))
		*r = (struct range){1, 0};
	else if (up && r->least < end)
		r->least = end;
	else if (!up && r->most > end)
		r->most = end;
}

static bool has_operand(const struct check *c, const struct value *v)
{
	if (c->kind == OPERANDS_STR)
		return str_in(c->str, c->count, v->s);
	for (uint32_t i = 0; i < c->count; i++)
		if (c->num[i] == v->i)
			return true;
	return false;
}

static enum known known(bool is)
{
	return is ? YES : NO;
}

/* Does a check hold for a value that its field has? */
static enum known decide(struct look *l, const struct check *c, const struct value *v)
{
	struct range r = {v->i, v->i};

	if (c->calc || c->files || c->type == VAL_HOST || !may_spend(l, c->count + 1))
		return OPEN;
	if (c->op == OP_EXISTS)
		return YES;
	if (c->kind == OPERANDS_NUM && is_ordered(c)) {
		narrow(&r, c, false);
		return known(r.least <= r.most);
	}
	if (c->kind == OPERANDS_NUM || (c->kind == OPERANDS_STR && c->op <= OP_NE))
		return known(has_operand(c, v) == (c->op == OP_IN));
	if (c->kind != OPERANDS_STR)
		return OPEN;
	switch (c->op) {
	case OP_CONTAINS:
		return known(memmem(v->s.p, v->s.n, c->str->p, c->str->n));
	case OP_STARTSWITH:
		return known(str_starts(v->s, *c->str));
	case OP_ENDSWITH:
		return known(str_ends(v->s, *c->str));
	default:
		return OPEN;
	}
}

/* A value of a check's field as the n-th operand has it. */
static struct value operand(const struct check *c, uint32_t n)
{
	struct value v = {.type = c->type};

	if (c->kind == OPERANDS_STR)
		v.s = c->str[n];
	else
		v.i = c->num[n];
	return v;
}

/* Does it hold for its operands, and for no other value? */
static bool is_list(const struct check *c)
{
	return c->op == OP_IN && (c->kind == OPERANDS_STR || c->kind == OPERANDS_NUM) && !c->calc &&
	       !c->files && c->type != VAL_HOST;
}

/* Is the value none that the field can have? */
static bool is_foreign(const struct check *c, const struct value *v)
{
	const struct domain *d = domain_of(c);
	struct range r = range_of_field(c);

	if (c->kind == OPERANDS_NUM)
		return v->i < r.least || v->i > r.most;
	if (d->longest && v->s.n > d->longest)
		return true;
	for (int i = 0; d->words[i]; i++)
		if (str_eq(v->s, str_of(d->words[i])))
			return false;
	return d->words[0];
}

/* Does a check hold for none of the values that its field can have? */
static bool is_futile(struct look *l, const struct check *c)
{
	const struct domain *d = domain_of(c);
	struct range r = range_of_field(c);
	uint32_t n = 0;

	if (c->calc)
		return false;
	if (is_list(c)) {
		while (n < c->count && may_spend(l, 1)) {
			struct value v = operand(c, n);

			if (!is_foreign(c, &v))
				return false;
			n++;
		}
		return n == c->count;
	}
	if (is_ordered(c)) {
		narrow(&r, c, false);
		return r.least > r.most;
	}
	if (d->longest && (c->op == OP_CONTAINS || c->op == OP_STARTSWITH || c->op == OP_ENDSWITH))
		return c->str->n > d->longest;
	while (d->words[n] && decide(l, c, &(struct value){.s = str_of(d->words[n])}) == NO)
		n++;
	return n && !d->words[n];
}

/* Does a check hold for all values of a field that no event is without? */
static bool is_idle(struct look *l, const struct check *c)
{
	const struct domain *d = domain_of(c);
	struct range r = range_of_field(c), all = r;
	int n = 0;

	if (check_is_type(&c->ref))
		return c->op == OP_EXISTS;
	if (c->calc || !d->always)
		return false;
	if (is_ordered(c)) {
		narrow(&r, c, false);
		return r.least == all.least && r.most == all.most;
	}
	while (d->words[n] && decide(l, c, &(struct value){.s = str_of(d->words[n])}) == YES)
		n++;
	return c->op == OP_EXISTS || (n && !d->words[n]);
}

/* What is known of a check about the types that the rule can hold for. */
static enum known answer(struct look *l, const struct check *c)
{
	if (c->kind == OPERANDS_TYPES) {
		struct typeset yes = types_of(&l->types, &c->types, true);

		return types_none(&yes) ? NO : types_equal(&yes, &l->types) ? YES : OPEN;
	}
	return is_futile(l, c) ? NO : is_idle(l, c) ? YES : OPEN;
}

/* The same of a condition; nothing where that has more levels than depth. */
static enum known evaluate(struct look *l, const struct node *n, int depth)
{
	enum known a, b, decides = n->kind == NODE_AND ? NO : YES;

	if (!depth || !may_spend(l, 1))
		return OPEN;
	if (n->kind == NODE_CHECK)
		return answer(l, n->check);
	a = evaluate(l, n->left, depth - 1);
	if (n->kind == NODE_NOT)
		return a == OPEN ? OPEN : known(a == NO);
	b = evaluate(l, n->right, depth - 1);
	return a == decides || b == decides ? decides : a == b ? a : OPEN;
}

/* Parts. */

static void take_apart(struct parts *to, const struct node *n, bool negated)
{
	while (to->whole) {
		if (n->kind == NODE_NOT) {
			negated = !negated;
		} else if (node_kind(n, negated) == NODE_AND) {
			take_apart(to, n->right, negated);
		} else {
			break;
		}
		n = n->left;
	}
	if (to->count == PARTS_MAX)
		to->whole = false;
	else if (to->whole)
		to->part[to->count++] = (struct part){n, negated};
}

static void take_parts(struct parts *to, const struct node *n, bool negated)
{
	to->count = 0;
	to->whole = true;
	take_apart(to, n, negated);
}

/* Equal checks are one, so this asks for no more than the same shape. */
static bool is_same(struct look *l, const struct node *a, const struct node *b, int depth)
{
	if (a == b)
		return true;
	if (!depth || !may_spend(l, 1) || a->kind != b->kind)
		return false;
	if (a->kind == NODE_CHECK)
		return a->check == b->check;
	return is_same(l, a->left, b->left, depth - 1) &&
	       (a->kind == NODE_NOT || is_same(l, a->right, b->right, depth - 1));
}

/* Is a part among them, or with opposite = true its opposite? */
static bool has_part(struct look *l, const struct parts *p, const struct part *part, bool opposite)
{
	for (int i = 0; i < p->count; i++)
		if (p->part[i].negated == (part->negated != opposite) &&
		    is_same(l, p->part[i].n, part->n, NODE_DEPTH_MAX))
			return true;
	return false;
}

/* Is there one together with its opposite? */
static bool has_opposite(struct look *l, const struct parts *p)
{
	for (int i = 0; i < p->count; i++)
		if (has_part(l, p, &p->part[i], true))
			return true;
	return false;
}

/* The check that a part is about a field's one value; NULL if it is another kind of part. */
static const struct check *check_of(const struct part *part, const struct field_ref *ref)
{
	const struct check *c = part->n->kind == NODE_CHECK ? part->n->check : NULL;

	if (!c || c->calc || c->kind == OPERANDS_TYPES || field_is_several(&c->ref))
		return NULL;
	return !ref || field_equal(&c->ref, ref) ? c : NULL;
}

/* Do all parts admit a value of a field? One that must hold says that it is there. */
static bool is_admitted(struct look *l, const struct check *c, const struct value *v)
{
	if (is_foreign(c, v))
		return false;
	for (int i = 0; i < l->parts.count; i++) {
		const struct part *part = &l->parts.part[i];
		const struct check *other = check_of(part, &c->ref);

		if (other && decide(l, other, v) == known(part->negated))
			return false;
	}
	return true;
}

/* The numbers that comparisons by order leave to a field. */
static struct range range_of(const struct parts *p, const struct check *c)
{
	struct range r = range_of_field(c);

	for (int i = 0; i < p->count; i++) {
		const struct check *other = check_of(&p->part[i], &c->ref);

		if (other && is_ordered(other))
			narrow(&r, other, p->part[i].negated);
	}
	return r;
}

static bool nets_apart(const struct net *a, const struct net *b)
{
	unsigned bits = a->bits < b->bits ? a->bits : b->bits;

	if (a->family != b->family)
		return true;
	for (unsigned i = 0; i < bits; i++)
		if ((a->addr[i / 8] ^ b->addr[i / 8]) & 0x80 >> i % 8)
			return true;
	return false;
}

/* Have two lists of networks no address in common? */
static bool lists_apart(struct look *l, const struct check *a, const struct check *b)
{
	for (uint32_t i = 0; i < a->count; i++)
		for (uint32_t k = 0; k < b->count; k++)
			if (!may_spend(l, 1) || !nets_apart(&a->net[i], &b->net[k]))
				return false;
	return true;
}

static bool is_net_list(const struct check *c)
{
	return c->kind == OPERANDS_NET && c->op == OP_IN;
}

static bool is_net_excluded(struct look *l, const struct check *c)
{
	for (int i = 0; i < l->parts.count; i++) {
		const struct check *other = check_of(&l->parts.part[i], &c->ref);

		if (other && !l->parts.part[i].negated && is_net_list(other) &&
		    lists_apart(l, c, other))
			return true;
	}
	return false;
}

/* Do the parts leave no value to the field of one that must hold? */
static bool is_excluded(struct look *l, const struct check *c)
{
	struct range r;

	if (is_net_list(c))
		return is_net_excluded(l, c);
	if (is_list(c)) {
		for (uint32_t i = 0; i < c->count; i++) {
			struct value v = operand(c, i);

			if (is_admitted(l, c, &v))
				return false;
		}
		return true;
	}
	if (c->kind != OPERANDS_NUM)
		return false;
	r = range_of(&l->parts, c);
	if (r.least > r.most)
		return true;
	/* Of two numbers that are left, as of a bool, either may be excluded by name. */
	if ((uint64_t)r.most - (uint64_t)r.least > 1)
		return false;
	return !is_admitted(l, c, &(struct value){.i = r.least}) &&
	       !is_admitted(l, c, &(struct value){.i = r.most});
}

/* Where all the parts hold, does a check hold for sure? Or with negated fail? */
static bool implies_check(struct look *l, const struct check *c, bool negated)
{
	if (answer(l, c) == known(!negated))
		return true;
	for (int i = 0; i < l->parts.count; i++) {
		const struct part *part = &l->parts.part[i];
		const struct check *list = part->negated ? NULL : check_of(part, &c->ref);
		uint32_t n = 0;

		if (!list || !is_list(list))
			continue;
		while (n < list->count) {
			struct value v = operand(list, n);

			if (decide(l, c, &v) != known(!negated))
				break;
			n++;
		}
		if (n == list->count)
			return true;
	}
	return false;
}

/* The same for a condition. */
static bool implies(struct look *l, const struct node *n, bool negated)
{
	while (may_spend(l, (uint32_t)l->parts.count + 1)) {
		bool both = (n->kind == NODE_AND) != negated, right;

		if (has_part(l, &l->parts, &(struct part){n, negated}, false))
			return true;
		if (n->kind == NODE_CHECK)
			return implies_check(l, n->check, negated);
		if (n->kind == NODE_NOT) {
			negated = !negated;
		} else {
			right = implies(l, n->right, negated);
			if (right != both)
				return right;
		}
		n = n->left;
	}
	return false;
}

/* Rules. */

static void warn_of_field(const struct look *l, enum warn_kind kind, const struct field_ref *ref)
{
	char name[WHAT_MAX / 2];

	field_ref_text(ref, name, sizeof(name));
	warn(l, kind, name);
}

/* An argument that none of the rule's events has makes its check false for good. */
static void warn_of_argument(void *arg, const struct field_ref *ref)
{
	struct look *l = arg;

	for (unsigned t = 0; t < TRC_NTYPES; t++)
		if (typeset_has(&l->types, t) && field_possible(ref, (int)t))
			return;
	if (!types_none(&l->types))
		warn_of_field(l, WARN_NO_ARGUMENT, ref);
}

/* Takes from the types those that have not the field of a check which must hold. */
static void narrow_types(struct look *l, const struct field_ref *ref)
{
	struct typeset have = {0};

	for (unsigned t = 0; t < TRC_NTYPES; t++)
		if (typeset_has(&l->types, t) && field_possible(ref, (int)t))
			typeset_add(&have, t);
	if (!types_none(&have))
		l->types = have;
}

static void warn_of_arguments(struct look *l)
{
	for (int i = 0; i < l->parts.count; i++) {
		const struct part *part = &l->parts.part[i];
		const struct check *c = part->negated ? NULL : check_of(part, NULL);

		if (c)
			narrow_types(l, &c->ref);
	}
	rule_fields(&l->d->rule, warn_of_argument, l);
}

/* Is its list one without values? Those of sites are often shipped so. */
static bool is_empty(const struct check *c)
{
	return c->op == OP_IN && !c->count && c->kind != OPERANDS_TYPES;
}

static void warn_of_values(const struct look *l, const struct check *c)
{
	char name[WHAT_MAX / 2], what[WHAT_MAX];

	field_ref_text(&c->ref, name, sizeof(name));
	if (is_empty(c))
		snprintf(what, sizeof(what), "%s, compared with an empty list,", name);
	else
		snprintf(what, sizeof(what), "%s (%s)", name, c->ref.field->help);
	warn(l, WARN_NO_VALUE, what);
}

/* Does a part hold for no value that the fields in it can have? Then of which? */
static bool warn_of_value(struct look *l, const struct part *part)
{
	const struct node *n = part->n;

	if (evaluate(l, n, NODE_DEPTH_MAX) != known(part->negated))
		return false;
	while (n->kind != NODE_CHECK)
		n = n->left;
	warn_of_values(l, n->check);
	return true;
}

/* True if the rule can never hold, and that was said. */
static bool warn_of_never(struct look *l)
{
	if (types_none(&l->types)) {
		warn(l, WARN_NEVER, "evt.type");
		return true;
	}
	for (int i = 0; i < l->parts.count; i++) {
		const struct part *part = &l->parts.part[i];
		const struct check *c = part->negated ? NULL : check_of(part, NULL);

		if (warn_of_value(l, part))
			return true;
		if (c && is_empty(c)) {
			warn_of_values(l, c);
			return true;
		}
		if (c && is_excluded(l, c)) {
			warn_of_field(l, WARN_NEVER, &c->ref);
			return true;
		}
	}
	for (int i = 0; i < l->parts.count; i++)
		if (implies(l, l->parts.part[i].n, !l->parts.part[i].negated)) {
			warn(l, WARN_OPPOSITE, "");
			return true;
		}
	return false;
}

/* Does a part hold for every event of the rule's types? */
static bool is_certain(struct look *l, const struct part *part)
{
	static struct parts opposite;

	if (evaluate(l, part->n, NODE_DEPTH_MAX) == known(!part->negated))
		return true;
	take_parts(&opposite, part->n, !part->negated);
	return has_opposite(l, &opposite);
}

static void warn_of_always(struct look *l)
{
	for (int i = 0; i < l->parts.count; i++)
		if (!is_certain(l, &l->parts.part[i]))
			return;
	if (l->parts.whole)
		warn(l, WARN_ALWAYS, "evt.type");
}

/* What only some drivers know is false, or missing, under others. */
static void warn_of_driver(struct look *l)
{
	for (int i = 0; i < l->parts.count; i++) {
		const struct part *part = &l->parts.part[i];
		const struct check *c = part->negated ? NULL : check_of(part, NULL);

		if (c && c->ref.field->flags & FIELD_KERNEL &&
		    decide(l, c, &(struct value){.type = VAL_BOOL}) == NO)
			warn_of_field(l, WARN_DRIVER, &c->ref);
	}
}

/* Is there one before it that holds whenever it does? An event is told once. */
static void find_shadow(struct look *l)
{
	char what[WHAT_MAX];

	for (int i = 0; i < l->rs->count && l->rs->rule[i] != &l->d->rule; i++) {
		const struct draft *before = (const struct draft *)l->rs->rule[i];
		struct typeset others = types_of(&l->types, &before->types, false);

		if (!may_spend(l, 1))
			return;
		if (!types_none(&others) || !implies(l, before->tree, false))
			continue;
		snprintf(what, sizeof(what), "%s (%s:%d)", before->rule.name,
			 before->rule.place.file, before->rule.place.line);
		warn(l, WARN_SHADOWED, what);
		return;
	}
}

/* The same, on an allowance of its own: rules are few and pairs of them many. */
static void warn_of_shadow(struct look *l)
{
	uint32_t left = l->left;

	l->left = l->left_pairs;
	find_shadow(l);
	l->left_pairs = l->left;
	l->left = left;
}

static void warn_of_rule(struct look *l, bool first)
{
	const struct typeset all = visible_types();

	l->types = l->d->types;
	take_parts(&l->parts, l->d->tree, false);
	if (warn_of_never(l))
		return;
	if (types_equal(&l->types, &all))
		warn(l, WARN_EVERY_EVENT, "");
	else
		warn_of_always(l);
	warn_of_arguments(l);
	warn_of_driver(l);
	if (first)
		warn_of_shadow(l);
}

void ruleset_warn(const struct ruleset *rs, bool first, warn_fn *fn, void *arg)
{
	static struct look look;

	look = (struct look){
		.rs = rs, .left = ALLOWANCE, .left_pairs = ALLOWANCE, .fn = fn, .arg = arg};
	if (!rs->count)
		fn(arg, &(struct warning){.kind = WARN_NO_RULES, .rule = "", .what = ""});
	for (int i = 0; i < rs->count; i++) {
		look.d = (const struct draft *)rs->rule[i];
		warn_of_rule(&look, first);
	}
	for (const struct undone *u = rs->undone; u; u = u->next) {
		char what[WHAT_MAX];

		snprintf(what, sizeof(what),
			 u->key ? "%s is replaced at %s:%d" :
				  "%s takes the place of the one at %s:%d",
			 u->key ? u->key : u->kind, u->other.file, u->other.line);
		fn(arg,
		   &(struct warning){u->key ? WARN_UNDONE : WARN_REPLACED, u->at, u->name, what});
	}
}

void warn_text(const struct warning *w, char *buf, size_t size)
{
	const struct warn_row *row = &warn_rows[w->kind];

	snprintf(buf, size, "%s%s%s", row->before, w->what, row->behind);
}

void warn_log(const struct warning *w)
{
	char text[LOG_MAX];

	warn_text(w, text, sizeof(text));
	if (w->at.file)
		log_warn("%s:%d: %s: %s", w->at.file, w->at.line, w->rule, text);
	else
		log_warn("%s", text);
}
