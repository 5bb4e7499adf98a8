/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The capture plan: of a rule's condition, for events of one type, what a filter
 * in the kernel could ask of a call before anything is copied. Comparisons
 * of the type are worked out, what only the tables know is taken to hold,
 * whether it is negated or not: an event for which this fails cannot fire the rule.
 */
#include <inttypes.h>

#include "rule_int.h"
#include "text.h"

/* The first operator that means what the check asks, of as many operands. NULL if there is none. */
static const struct op_row *row_of(const struct check *c)
{
	for (const struct op_row *row = op_rows; row->name; row++)
		if (row->op == c->op && (row->takes != TAKES_ONE || c->count == 1))
			return row;
	return NULL;
}

/* Would a filter have the field, and can it compare so? */
static bool is_plain(const struct check *c)
{
	if (c->calc || !(c->ref.field->flags & FIELD_DEMAND) || !row_of(c))
		return false;
	switch (c->op) {
	case OP_CONTAINS:
	case OP_ICONTAINS:
	case OP_GLOB:
	case OP_IGLOB:
	case OP_REGEX:
		return false;
	default:
		return true;
	}
}

/* Of a check that stands for itself or, with not, for its contrary. */
static enum demand demand_check(const struct check *c, int type, bool neg)
{
	bool fails;

	if (c->kind == OPERANDS_TYPES)
		fails = !typeset_has(&c->types, (unsigned)type);
	else if (!field_possible(&c->ref, type) && !c->calc)
		fails = true;
	else
		return is_plain(c) ? DEMAND_SOME : DEMAND_ALL;
	return fails == neg ? DEMAND_ALL : DEMAND_NONE;
}

static enum demand demand_node(const struct node *n, int type, bool neg)
{
	enum demand left, right;

	n = node_bare(n, &neg);
	if (n->kind == NODE_CHECK)
		return demand_check(n->check, type, neg);
	left = demand_node(n->left, type, neg);
	right = demand_node(n->right, type, neg);
	if (node_kind(n, neg) == NODE_AND)
		return left < right ? left : right;
	return left > right ? left : right;
}

/* Text in quotes that the lexer takes for the same. */
static void put_quoted(struct text_buf *b, struct str s)
{
	text_put(b, STR("\""));
	for (uint32_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c >= 0x7f)
			text_putf(b, "\\x%02x", c);
		else if (c == '"' || c == '\\')
			text_putf(b, "\\%c", c);
		else
			text_putf(b, "%c", c);
	}
	text_put(b, STR("\""));
}

/* A path that was taken apart: each component ends with a NUL. */
static void put_path(struct text_buf *b, struct str parts)
{
	text_put(b, STR("\"/"));
	for (uint32_t i = 0; i + 1 < parts.n; i++)
		text_putf(b, "%c", parts.p[i] ? parts.p[i] : '/');
	text_put(b, STR("\""));
}

static void put_operand(struct text_buf *b, const struct check *c, uint32_t i)
{
	const struct net *net = &c->net[i];
	char addr[64];

	switch (c->kind) {
	case OPERANDS_NUM:
		if (c->type == VAL_BOOL)
			text_put(b, c->num[i] ? STR("true") : STR("false"));
		else
			text_putf(b, "%" PRId64, c->num[i]);
		break;
	case OPERANDS_NET:
		text_put(b, (struct str){addr, (uint32_t)text_addr(net->addr, net->family, addr,
								   sizeof(addr))});
		if (net->bits < (net->family == 6 ? 128 : 32))
			text_putf(b, "/%u", net->bits);
		break;
	default:
		if (c->op == OP_PMATCH)
			put_path(b, c->str[i]);
		else
			put_quoted(b, c->str[i]);
	}
}

static void put_check(struct text_buf *b, const struct check *c)
{
	const struct op_row *row = row_of(c);

	text_put(b, str_of(c->ref.field->name));
	if (c->ref.field->arg >= FIELD_NAME)
		text_put(b, STR("."));
	text_put(b, c->ref.name);
	text_putf(b, " %s", row->name);
	if (row->takes == TAKES_LIST)
		text_put(b, STR(" ("));
	for (uint32_t i = 0; i < c->count && row->takes; i++) {
		text_put(b, i ? STR(", ") : row->takes == TAKES_LIST ? STR("") : STR(" "));
		put_operand(b, c, i);
	}
	if (row->takes == TAKES_LIST)
		text_put(b, STR(")"));
}

/* What is left of a tree for which demand_node() says DEMAND_SOME. */
static void put_node(struct text_buf *b, const struct node *n, int type, bool neg, bool inside)
{
	enum demand left, right;
	bool is_and;

	n = node_bare(n, &neg);
	if (n->kind == NODE_CHECK) {
		text_put(b, neg ? STR("not ") : STR(""));
		put_check(b, n->check);
		return;
	}
	is_and = node_kind(n, neg) == NODE_AND;
	left = demand_node(n->left, type, neg);
	right = demand_node(n->right, type, neg);
	if (left != DEMAND_SOME) {
		put_node(b, n->right, type, neg, inside);
	} else if (right != DEMAND_SOME) {
		put_node(b, n->left, type, neg, inside);
	} else {
		/* or in parentheses within and; those around all are not needed. */
		bool paren = !is_and && inside;

		text_put(b, paren ? STR("(") : STR(""));
		put_node(b, n->left, type, neg, is_and);
		text_put(b, is_and ? STR(" and ") : STR(" or "));
		put_node(b, n->right, type, neg, is_and);
		text_put(b, paren ? STR(")") : STR(""));
	}
}

enum demand rule_demand(const struct rule *r, int type, struct text_buf *b)
{
	const struct node *tree = ((const struct draft *)r)->tree;
	enum demand plan = demand_node(tree, type, false);

	if (plan == DEMAND_SOME)
		put_node(b, tree, type, false, false);
	return plan;
}
