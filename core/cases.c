/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of rules: see cases.h. Each case begins with empty tables. All rules that hold are counted,
 * whatever sensor.match says, and nothing is throttled: a case is about conditions.
 */
#include "cases.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "caseline.h"
#include "excerpt.h"
#include "field.h"
#include "log.h"
#include "nearest.h"
#include "sensor.h"

#define CASES_MEMORY (16 << 20) /* tables and strings of one case */

enum { FIRED = 1, NEAR = 2 }; /* what cases have shown of a rule */
enum { AS_MEANT = -1 };

/* The keys of a case, as they were written. */
enum key { KEY_EVENTS, KEY_FIRES, KEY_NEAR, KEY_COUNT };

static const char *const key_names[KEY_COUNT] = {"events", "fires", "near"};

static struct {
	struct ruleset *rules;
	int count; /* of rules */
	uint8_t *shown;
	int *line; /* of the event that fired each rule in this case, 0 = none, AS_MEANT */
	struct arena a;
	char name[256];
	char text[KEY_COUNT][INI_VALUE_MAX];
	struct ini_place at[KEY_COUNT];
	struct ini_place place; /* of the case; file = NULL: there is none */
	char file[4096];
	int passed, failed;
} me;

static int find_rule(struct str name)
{
	for (int i = 0; i < me.count; i++)
		if (str_eq(name, str_of(ruleset_rule(me.rules, i)->name)))
			return i;
	return -1;
}

static const char *rule_name(int i, const void *arg)
{
	(void)arg;
	return i < me.count ? ruleset_rule(me.rules, i)->name : NULL;
}

/* The next of the names that stand one a line or behind a comma. n = 0: there is none. */
static struct str next_name(const char **p, struct ini_place *at)
{
	struct str name;

	while (**p && strchr(" \t,\n", **p))
		at->line += *(*p)++ == '\n';
	name = (struct str){*p, (uint32_t)strcspn(*p, ",\n")};
	*p += name.n;
	while (name.n && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
		name.n--;
	return name;
}

/* Calls fn for each rule that a key names. */
static int each_rule(enum key key, void (*fn)(int rule, bool *good), bool *good,
		     struct ini_error *err)
{
	struct ini_place at = me.at[key];
	const char *p = me.text[key];
	struct str name;

	while ((name = next_name(&p, &at)).n) {
		int i = find_rule(name);
		const char *near = nearest(name.p, name.n, rule_name, NULL);

		if (i < 0)
			return ini_fail(err, at,
					"%.*s: expected the name of a rule that is on" MEANT,
					(int)name.n, name.p, MEANT_ARGS(near));
		fn(i, good);
	}
	return 0;
}

static void complain(bool *good, int rule, const char *what)
{
	if (*good)
		printf("not ok %s\n", me.name);
	*good = false;
	printf("#   %s:%d: %s: %s\n", me.file, me.line[rule] > 0 ? me.line[rule] : me.place.line,
	       ruleset_rule(me.rules, rule)->name, what);
}

/* What fired as it should is marked so: what remains should not have. */
static void must_fire(int rule, bool *good)
{
	if (!me.line[rule])
		complain(good, rule, "did not fire");
	else
		me.shown[rule] |= FIRED;
	me.line[rule] = AS_MEANT;
}

static void must_rest(int rule, bool *good)
{
	if (me.line[rule] == AS_MEANT)
		complain(good, rule, "is to fire, so this is no near miss");
	else if (!me.line[rule])
		me.shown[rule] |= NEAR;
}

/* Takes one event in, as the engine does, and notes which rules it fires. */
static void take(struct state *state, const struct case_lines *lines, const struct record *rec)
{
	static char scratch[FIELD_SCRATCH];
	struct field_ctx ctx;
	struct event ev;
	struct rule *rule;
	int pos = 0;

	if (decode(rec, rec->hdr.len, &ev) != DECODE_OK)
		return;
	ev.num = lines->lines;
	state_before(state, &ev);
	if (event_table[ev.hdr->type].class == TRC_STATE)
		return;
	field_begin(&ctx, state, &ev, scratch);
	while ((rule = ruleset_match(me.rules, &ctx, &pos)) != NULL) {
		int i = find_rule(str_of(rule->name));

		if (!me.line[i])
			me.line[i] = lines->at.line;
	}
	state_after(state, &ev);
}

static int take_events(struct ini_error *err)
{
	static const struct state_config sizes = {
		.procs = 2 * CASE_WHO,
		.fars = CASE_WHO,
		.fds = 256,
		.users = 64,
		.files = 64,
		.envs = CASE_WHO,
		.groups = 64,
		.names = 64,
		.containers = CASE_WHO,
	};
	static struct stats stats;
	static struct record rec;
	static struct case_lines lines;
	struct state *state;
	int rc;

	arena_reset(&me.a);
	state = state_open(&me.a, &sizes, &stats);
	lines = (struct case_lines){.a = &me.a, .err = err};
	lines.lx = (struct lex){me.text[KEY_EVENTS], me.at[KEY_EVENTS]};
	while ((rc = caseline_next(&lines, &rec)) > 0)
		take(state, &lines, &rec);
	return rc;
}

/* The case that was read is whole. */
static int finish(struct ini_error *err)
{
	bool good = true;
	int rc;

	if (!me.place.file)
		return 0;
	if (!*me.text[KEY_EVENTS])
		return ini_fail(err, me.place, "%s: expected events", me.name);
	memset(me.line, 0, (size_t)me.count * sizeof(*me.line));
	rc = take_events(err);
	if (!rc)
		rc = each_rule(KEY_FIRES, must_fire, &good, err);
	if (!rc)
		rc = each_rule(KEY_NEAR, must_rest, &good, err);
	if (rc)
		return rc;
	for (int i = 0; i < me.count; i++)
		if (me.line[i] > 0)
			complain(&good, i, "fired");
	if (good)
		printf("ok %s\n", me.name);
	me.place.file = NULL;
	me.passed += good;
	me.failed += !good;
	return 0;
}

static int on_section(void *arg, struct ini_place at, const char *kind, const char *name,
		      struct ini_error *err)
{
	int rc = finish(err);

	(void)arg;
	if (rc)
		return rc;
	if (strcmp(kind, "case") || !*name || strlen(name) >= sizeof(me.name))
		return ini_fail(err, at, "[%s %s]: expected [case NAME]", kind, name);
	snprintf(me.name, sizeof(me.name), "%s", name);
	me.place = (struct ini_place){me.file, at.line};
	for (int i = 0; i < KEY_COUNT; i++)
		*me.text[i] = '\0';
	return 0;
}

static int on_key(void *arg, struct ini_place at, struct ini_place value_at, const char *key,
		  const char *value, struct ini_error *err)
{
	(void)arg;
	if (!strcmp(key, "desc"))
		return 0;
	for (int i = 0; i < KEY_COUNT; i++)
		if (!strcmp(key, key_names[i])) {
			memcpy(me.text[i], value, strlen(value) + 1);
			me.at[i] = (struct ini_place){me.file, value_at.line};
			return 0;
		}
	return ini_fail(err, at, "%s: expected events, fires, near or desc", key);
}

static int read_cases(void *arg, const char *file, struct ini_error *err)
{
	static const struct ini_reader reader = {on_section, on_key, NULL};
	int rc;

	(void)arg;
	snprintf(me.file, sizeof(me.file), "%s", file);
	rc = ini_file(file, &reader, err);
	return rc ? rc : finish(err);
}

/* Names the rules of which no case has shown something. Returns of how many one has. */
static int tell_untested(int what, const char *text)
{
	int n = 0;

	for (int i = 0; i < me.count; i++) {
		n += !!(me.shown[i] & what);
		if (!(me.shown[i] & what))
			printf("# %s: %s\n", text, ruleset_rule(me.rules, i)->name);
	}
	return n;
}

static int open_cases(const struct cli *cli)
{
	static struct config cfg;
	struct ini_error err = {.text = ""};
	int code = sensor_check(cli, &cfg, &me.rules, &err);
	struct arena room;

	if (code) {
		sensor_explain(cli, &err);
		return code;
	}
	me.count = ruleset_count(me.rules);
	if (arena_map(&me.a, CASES_MEMORY) ||
	    arena_map(&room, (size_t)me.count * (sizeof(*me.line) + 1) + 64)) {
		log_error("test: no memory");
		return EXIT_SYSTEM;
	}
	me.line = arena_alloc(&room, (size_t)me.count * sizeof(*me.line));
	me.shown = arena_alloc(&room, (size_t)me.count);
	return EXIT_GOOD;
}

int cases_run(const struct cli *cli, char *const *paths)
{
	struct ini_error err = {.text = ""};
	int fired, near, code = open_cases(cli);

	for (; !code && *paths; paths++)
		if (ini_each(*paths, read_cases, NULL, &err)) {
			log_error("%s", err.text);
			excerpt_show(&err);
			code = EXIT_CONFIG;
		}
	if (code)
		return code;
	if (!me.passed && !me.failed) {
		log_error("no [case NAME] in any of these files");
		return EXIT_CONFIG;
	}
	fired = tell_untested(FIRED, "no case fires");
	near = tell_untested(NEAR, "no near miss");
	printf("%d of %d rules are fired by a case, %d rest in a near miss\n", fired, me.count,
	       near);
	printf("%d passed, %d failed\n", me.passed, me.failed);
	return me.failed ? EXIT_FAILED : EXIT_GOOD;
}
