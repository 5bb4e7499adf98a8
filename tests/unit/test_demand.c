/* SPDX-License-Identifier: BSD-2-Clause */
/* The capture plan: what it makes of conditions, and that it keeps nothing from a rule. */
#include <stdlib.h>

#include "../../core/text.h"
#include "fields.h"
#include "rules.h"

#define CONDITION_MAX 2048

static char text[CONDITION_MAX];

static struct ruleset *load(const char *condition)
{
	static char rules[CONDITION_MAX + 128];
	struct ruleset *rs;

	snprintf(rules, sizeof(rules), RULE("r", "%s"), condition);
	rs = rules_load_in(1 << 17, rules);
	if (!rs)
		unit_fail(__FILE__, __LINE__, "%s: %s", condition, rules_error.text);
	return rs;
}

/* The plan of a condition for a type; its condition is in text. */
static enum demand plan_of(const char *condition, enum trc_type type)
{
	struct text_buf b = {text, 0, sizeof(text) - 1, false};
	struct ruleset *rs = load(condition);
	enum demand plan = rule_demand(ruleset_rule(rs, 0), type, &b);

	CHECK(!b.cut);
	text[b.n] = '\0';
	return plan;
}

static const char *asks(const char *condition, enum trc_type type)
{
	switch (plan_of(condition, type)) {
	case DEMAND_ALL:
		return "<all>";
	case DEMAND_NONE:
		return "<none>";
	default:
		return text;
	}
}

#define OPENAT_ASKS(condition, want) CHECK_STR(asks(condition, TRC_OPENAT), want)

static void types_are_worked_out(void)
{
	OPENAT_ASKS("evt.type = openat", "<all>");
	OPENAT_ASKS("evt.type = open", "<none>");
	OPENAT_ASKS("evt.type != openat", "<none>");
	OPENAT_ASKS("not evt.type in (open, openat)", "<none>");
	OPENAT_ASKS("evt.type = openat and fd.num = 3 or evt.type = open and fd.num = 4",
		    "fd.num = 3");
	OPENAT_ASKS("evt.rawarg.mode = 1 and evt.type = openat", "evt.rawarg.mode = 1");
	OPENAT_ASKS("evt.rawarg.backlog = 1", "<none>");
	OPENAT_ASKS("not evt.rawarg.backlog = 1", "<all>");
}

static void what_a_kernel_does_not_know_is_taken_to_hold(void)
{
	OPENAT_ASKS("proc.name = a", "<all>");
	OPENAT_ASKS("not proc.name = a", "<all>");
	OPENAT_ASKS("proc.name = a and fd.num = 3", "fd.num = 3");
	OPENAT_ASKS("proc.name = a or fd.num = 3", "<all>");
	OPENAT_ASKS("not (proc.name = a or fd.num = 3)", "not fd.num = 3");
	OPENAT_ASKS("not (proc.name = a and fd.num = 3)", "<all>");
	OPENAT_ASKS("fd.name contains x and fd.num = 3", "fd.num = 3");
	OPENAT_ASKS("tolower(fd.name) = x and fd.num = 3", "fd.num = 3");
	OPENAT_ASKS("fd.name startswith oneof (/a, /b) and fd.num = 3", "fd.num = 3");
}

static void conditions_read_as_rules_do(void)
{
	OPENAT_ASKS("(fd.num = 3 or fd.num = 4 or fd.num > 9) and proc.name = a",
		    "fd.num = 3 or fd.num = 4 or fd.num > 9");
	OPENAT_ASKS("(fd.num = 3 or fd.name endswith '\"b\\x01') and user.uid = 0",
		    "(fd.num = 3 or fd.name endswith \"\\\"b\\x01\") and user.uid = 0");
	OPENAT_ASKS(
		"fd.name pmatch (/a//b*/, /) and not (fd.num != 3 and fd.type exists)",
		"fd.name pmatch (\"/a/b*\", \"/\") and (not fd.num != 3 or not fd.type exists)");
	OPENAT_ASKS("evt.is_open_read = true and fd.name in (/a, /b)",
		    "evt.is_open_read = true and fd.name in (\"/a\", \"/b\")");
	CHECK_STR(asks("evt.type = connect and fd.sip in (10.0.0.0/8, 1.2.3.4, ::1, fe80::/10) and "
		       "fd.sport = 80",
		       TRC_CONNECT),
		  "fd.sip in (10.0.0.0/8, 1.2.3.4, ::1, fe80::/10) and fd.sport = 80");
}

/* Conditions put together from these, each true of some events and false of others. */
static const char *const atoms[] = {
	"evt.type = openat",
	"evt.type in (connect, unlink)",
	"evt.type != openat",
	"fd.num = 3",
	"fd.num != 3",
	"fd.name = /t/a",
	"fd.name in (/t/a, /t/b, '/t/\"\\x01')",
	"fd.name startswith /t",
	"fd.name endswith \\x01",
	"fd.name pmatch (/t/*, /u)",
	"fs.path.name = /t/b",
	"fd.directory = /dev/shm",
	"fd.filename != a",
	"evt.rawres < 0",
	"evt.failed = true",
	"evt.res in (SUCCESS, ENOENT)",
	"evt.rawarg.flags exists",
	"user.uid = 0",
	"proc.name = prog",
	"proc.name = none",
	"len(fd.name) > 4",
	"fd.name contains b",
};
#define NATOMS (sizeof(atoms) / sizeof(atoms[0]))

static void make(char *p, size_t size, int depth)
{
	char left[CONDITION_MAX / 2 - 16], right[sizeof(left)];

	if (!depth || rand() % 4 == 0) {
		snprintf(p, size, "%s", atoms[(size_t)rand() % NATOMS]);
		return;
	}
	make(left, sizeof(left), depth - 1);
	make(right, sizeof(right), depth - 1);
	if (rand() % 4 == 0)
		snprintf(p, size, "not (%s)", left);
	else
		snprintf(p, size, "(%s) %s (%s)", left, rand() % 2 ? "and" : "or", right);
}

static void some_event(void)
{
	static const char *const names[] = {"/t/a", "/t/b", "/t/\"\x01", "/u/a", "/v/bbbb", "x"};
	static const char *const raws[] = {"a", "/t/a", "/t/b", "/t/../u", "b"};
	const char *name = names[rand() % 6];

	switch (rand() % 3) {
	case 0:
		openat_event(rand() % 3 ? 3 + rand() % 2 : -2, rand() % 2, name);
		event_set_str("nameraw", raws[rand() % 5]);
		break;
	case 1:
		event_begin(TRC_UNLINK);
		event_set("res", rand() % 2 ? 0 : -2);
		event_give("path", name);
		break;
	default:
		event_begin(TRC_CONNECT);
		event_set("res", 0);
		event_set("fd", 3);
	}
	event_rec.hdr.uid = rand() % 2;
	ask();
}

static bool fires(struct ruleset *rs)
{
	int pos = 0;

	return ruleset_match(rs, &ctx, &pos);
}

static void no_rule_loses_an_event(void)
{
	int fired = 0, refused = 0;

	srand(1);
	begin();
	for (int i = 0; i < 150; i++) {
		static char condition[CONDITION_MAX];
		struct ruleset *rs, *plan[TRC_NTYPES] = {NULL};
		enum demand kind[TRC_NTYPES];

		make(condition, sizeof(condition), 4);
		rs = load(condition);
		for (int t = TRC_NONE + 1; t < TRC_NTYPES; t++) {
			if (t != TRC_OPENAT && t != TRC_UNLINK && t != TRC_CONNECT)
				continue;
			kind[t] = plan_of(condition, (enum trc_type)t);
			plan[t] = kind[t] == DEMAND_SOME ? load(text) : NULL;
		}
		for (int k = 0; k < 40; k++) {
			int type;
			bool passes;

			some_event();
			type = ctx.ev->hdr->type;
			passes = plan[type] ? fires(plan[type]) : kind[type] == DEMAND_ALL;
			refused += !passes;
			if (!fires(rs))
				continue;
			fired++;
			if (!passes)
				unit_fail(__FILE__, __LINE__, "%s: %s is refused", condition,
					  event_table[type].name);
		}
	}
	CHECK(fired > 1000);
	CHECK(refused > 1000);
}

const struct unit_test tests_demand[] = {
	TEST(types_are_worked_out),
	TEST(what_a_kernel_does_not_know_is_taken_to_hold),
	TEST(conditions_read_as_rules_do),
	TEST(no_rule_loses_an_event),
	{0},
};
