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

/* Under another name of the event's file. */
static inline bool naive_other(const struct rule *r, struct field_ctx *ctx, struct str other)
{
	bool is;

	if (!other.p)
		return false;
	ctx->other = other;
	is = naive_holds(((const struct draft *)r)->tree, ctx);
	ctx->other = (struct str){0};
	return is;
}

static inline bool naive_linked(const struct rule *r, struct field_ctx *ctx)
{
	uint32_t links = state_links_of(ctx->state, field_opened(ctx), r->names & ~NAME_GIVEN);
	char buf[FIELD_STR_MAX];

	for (uint32_t i = 0; links >> i; i++)
		if (links >> i & 1 &&
		    naive_other(r, ctx, linked_name(ctx->state, i, field_opened(ctx), buf)))
			return true;
	return false;
}

/* The same as ruleset_match(). */
static inline struct rule *naive_match(struct ruleset *rs, struct field_ctx *ctx, int *pos)
{
	linked_update(rs, ctx->state);
	while (*pos < rs->count) {
		struct rule *r = rs->rule[(*pos)++];

		if (naive_holds(((struct draft *)r)->tree, ctx) ||
		    naive_other(r, ctx, field_given(ctx)) || naive_linked(r, ctx))
			return r;
	}
	return NULL;
}

#endif
