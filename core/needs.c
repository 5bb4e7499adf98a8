/* SPDX-License-Identifier: BSD-2-Clause */
/* What `tiercel check --plan` prints: see needs.h. */
#include "needs.h"

#include <stdio.h>

#include "../driver/table.h"
#include "text.h"

#define PLAN_MAX 65536 /* bytes of what one rule needs of one type that are shown */

/* What all rules need of a type. */
struct need {
	enum demand most;
	uint64_t hash; /* of what is printed: types with the same stand together */
};

static bool same_need(const struct need *a, const struct need *b)
{
	return a->most == b->most && a->hash == b->hash;
}

/* What one rule needs, in memory that lasts until the next is asked. */
static enum demand plan_text(const struct rule *r, int type, struct text_buf *b)
{
	static char buf[PLAN_MAX];

	*b = (struct text_buf){buf, 0, sizeof(buf), false};
	return rule_demand(r, type, b);
}

static struct need need_of(struct ruleset *rs, int type)
{
	struct need need = {DEMAND_NONE, FNV_START};
	struct text_buf b;

	for (int i = 0; i < ruleset_count(rs); i++) {
		enum demand plan = plan_text(ruleset_rule(rs, i), type, &b);

		need.most = plan > need.most ? plan : need.most;
		need.hash = fnv(need.hash, &plan, sizeof(plan));
		need.hash = fnv(need.hash, b.p, b.n);
	}
	return need;
}

/* The rules that need all events of a type; or, if none does, what each needs. */
static void print_need(struct ruleset *rs, int type, enum demand most)
{
	struct text_buf b;

	for (int i = 0; i < ruleset_count(rs); i++) {
		const struct rule *r = ruleset_rule(rs, i);

		if (plan_text(r, type, &b) != most)
			continue;
		printf("\t%s", r->name);
		if (most == DEMAND_SOME)
			printf(": %.*s%s", (int)b.n, b.p, b.cut ? " [...]" : "");
		putchar('\n');
	}
}

void needs_print(struct ruleset *rs)
{
	static const char *const says[] = {": none", ": if", ": all, for"};
	struct need need[TRC_NTYPES];
	bool told[TRC_NTYPES] = {false};

	for (int t = TRC_NONE + 1; t < TRC_NTYPES; t++)
		need[t] = need_of(rs, t);
	for (int t = TRC_NONE + 1; t < TRC_NTYPES; t++) {
		if (told[t] || event_table[t].class == TRC_STATE)
			continue;
		for (int k = t; k < TRC_NTYPES; k++) {
			if (event_table[k].class == TRC_STATE || !same_need(&need[t], &need[k]))
				continue;
			printf(k == t ? "%s" : " %s", event_table[k].name);
			told[k] = true;
		}
		puts(says[need[t].most]);
		if (need[t].most != DEMAND_NONE)
			print_need(rs, t, need[t].most);
	}
}
