/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arbitrary text as the condition of a rule: parsed and compiled, and what
 * compiles is asked about a few events. A condition and its negation in
 * brackets may neither both hold, but for one name of a file and another, nor
 * both fail, and neither holds if that was said of it.
 */
#include "../../core/warn.h"
#include "samples.h"

#define CONDITION_MAX 4096

static struct state *state;

/* Notes in arg which of the rules can never hold: also s, if r holds whenever it does. */
static void note(void *arg, const struct warning *w)
{
	bool *never = arg;

	if (w->kind == WARN_NEVER || w->kind == WARN_OPPOSITE || w->kind == WARN_NO_VALUE ||
	    w->kind == WARN_SHADOWED)
		never[*w->rule == 's'] = true;
}

static void match(struct ruleset *rs, const struct event *ev, const bool *never)
{
	static char scratch[FIELD_SCRATCH];
	struct field_ctx ctx;
	const struct rule *r;
	int pos = 0, matched = 0;

	state_before(state, ev);
	field_begin(&ctx, state, ev, scratch);
	while ((r = ruleset_match(rs, &ctx, &pos)) != NULL) {
		CHECK(!never[*r->name == 's']);
		matched++;
	}
	CHECK(matched == 1 || (matched == 2 && field_given(&ctx).p));
}

/*
 * The condition, and its negation. The first goes on behind the condition,
 * because what looks blank to INI at the end of a value (a vertical tab) is a
 * part of a word in a condition.
 */
static size_t make_rules(char *out, size_t size, const char *condition)
{
	return (size_t)snprintf(
		out, size,
		"[list l]\nitems = a, /etc/shadow, cat\n[macro m]\ncondition = evt.type = openat\n"
		"[rule r]\ncondition = %s or evt.num < 0\noutput = x\npriority = debug\n"
		"[rule s]\ncondition = not (%s)\noutput = x\npriority = debug\n",
		condition, condition);
}

static void start(struct arena *a)
{
	log_level = LOG_L_ERROR;
	CHECK(!arena_map(a, 1 << 20));
	state = sample_tables();
	CHECK(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char rules[4 * CONDITION_MAX + 1024], condition[2 * CONDITION_MAX + 1];
	static struct arena a;
	struct ini_error err;
	struct ruleset *rs;
	bool never[2] = {false, false};
	size_t n = 0;

	if (!state)
		start(&a);
	if (size > CONDITION_MAX)
		return 0;
	for (size_t i = 0; i < size && data[i]; i++) {
		condition[n++] = (char)data[i];
		if (data[i] == '\n')
			condition[n++] = '\t';
	}
	condition[n] = '\0';
	arena_reset(&a);
	rs = ruleset_text(&a, rules, make_rules(rules, sizeof(rules), condition), PRIO_DEBUG, &err);
	if (!rs)
		return 0;
	ruleset_warn(rs, true, note, never);
	for (int i = 0; i < SAMPLES; i++)
		match(rs, sample(i), never);
	return 0;
}
