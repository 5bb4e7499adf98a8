/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions as they are written, for what the compiler makes of them to be
 * compared with: the tree of every rule is walked for every event, whatever its
 * type, and every check on the way is asked anew. Sets of strings are lists.
 */
#ifndef BENCH_NAIVE_H
#define BENCH_NAIVE_H

#include "../../core/rule_int.h"

static inline bool naive_holds(const struct node *n, struct field_ctx *ctx)
{
	switch (n->kind) {
	case NODE_CHECK:
		return check_ask(n->check, ctx);
	case NODE_NOT:
		return !naive_holds(n->left, ctx);
	case NODE_AND:
		return naive_holds(n->left, ctx) && naive_holds(n->right, ctx);
	default:
		return naive_holds(n->left, ctx) || naive_holds(n->right, ctx);
	}
}

static inline void naive_plain(const struct node *n)
{
	for (; n->kind != NODE_CHECK; n = n->left)
		if (n->kind != NODE_NOT)
			naive_plain(n->right);
	n->check->slot = NULL;
}

/* Takes the hashed sets from all checks of a set of rules. */
static inline void naive_begin(struct ruleset *rs)
{
	for (const struct draft *d = rs->drafts; d; d = d->next)
		if (!d->off)
			naive_plain(d->tree);
}

static inline bool naive_given(const struct rule *r, struct field_ctx *ctx)
{
	bool is;

	if (!field_given(ctx).p)
		return false;
	ctx->given = true;
	is = naive_holds(((const struct draft *)r)->tree, ctx);
	ctx->given = false;
	return is;
}

/* The same as ruleset_match(). */
static inline struct rule *naive_match(struct ruleset *rs, struct field_ctx *ctx, int *pos)
{
	while (*pos < rs->count) {
		struct rule *r = rs->rule[(*pos)++];

		if (naive_holds(((struct draft *)r)->tree, ctx) || naive_given(r, ctx))
			return r;
	}
	return NULL;
}

#endif
