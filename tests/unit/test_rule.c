/* SPDX-License-Identifier: BSD-2-Clause */
/* Rule files: sections, lists, macros, and what a whole set says about itself. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/rule_int.h"
#include "../../core/warn.h"
#include "rules.h"

#define REFUSED(text, message) CHECK_STR(rules_refused(text), "rules:" message)
#define ACCEPTED(text) CHECK_STR(rules_refused(text), "")
#define REST "output = x\npriority = notice\n"

static void all_keys_of_a_rule_are_kept(void)
{
	struct ruleset *rs =
		rules_load("# first\n[rule Name with blanks, é]\ndesc = what\n\tit does\n"
			   "condition = evt.type = open\noutput = %proc.name\npriority = WARNING\n"
			   "tags = a, b\nenabled = yes\n");
	struct rule *r;

	CHECK(rs);
	CHECK_EQ(ruleset_count(rs), 1);
	r = ruleset_rule(rs, 0);
	CHECK_STR(r->name, "Name with blanks, é");
	CHECK_STR(r->desc, "what\nit does");
	CHECK_STR(r->tags, "a, b");
	CHECK_EQ(r->priority, PRIO_WARNING);
	CHECK(r->output);
	CHECK_STR(r->place.file, "rules");
	CHECK_EQ(r->place.line, 2);
	CHECK_EQ(r->hits, 0);
	r = ruleset_rule(rules_load(RULE("r", "evt.type = open")), 0);
	CHECK_STR(r->desc, "");
	CHECK_STR(r->tags, "");
}

static void priorities_are_read_in_any_case(void)
{
	for (int i = 0; i < PRIO_COUNT; i++)
		CHECK_EQ(priority_parse(str_of(priority_name[i])), i);
	CHECK_EQ(priority_parse(STR("info")), PRIO_INFORMATIONAL);
	CHECK_EQ(priority_parse(STR("eMERGENCY")), PRIO_EMERGENCY);
	CHECK_EQ(priority_parse(STR("ERR")), -1);
	CHECK_EQ(priority_parse(STR("")), -1);
	CHECK_EQ(priority_parse(STR("4")), -1);
}

static void rules_that_are_off_are_read_for_their_errors_only(void)
{
	struct arena a;
	struct ruleset *rs;
	const char *text =
		"[rule a]\nenabled = off\ncondition = fd.num = 1\n" REST RULE("b", "fd.num = 2");

	rs = rules_load(text);
	CHECK_EQ(ruleset_count(rs), 1);
	CHECK_EQ(ruleset_checks(rs), 1);
	CHECK_STR(ruleset_rule(rs, 0)->name, "b");
	REFUSED("[rule a]\nenabled = off\ncondition = fd.num = x\n" REST,
		"3: x: no value of fd.num; expected a decimal number of 64 bits");
	CHECK_EQ(arena_map(&a, 1 << 20), 0);
	rs = ruleset_text(&a, text, strlen(text), PRIO_WARNING, &rules_error);
	CHECK_EQ(ruleset_count(rs), 0);
}

static void errors_say_what_was_expected(void)
{
	REFUSED("[rul a]\n", "1: rul: expected list, macro, rule or override; did you mean rule");
	REFUSED("[zebra a]\n", "1: zebra: expected list, macro, rule or override");
	REFUSED("[override zebra a]\n",
		"1: zebra: expected list, macro, rule or tag behind override");
	REFUSED("[override]\n", "1: : expected list, macro, rule or tag behind override");
	REFUSED("[override rule]\n", "1: rule: expected a name behind this word");
	REFUSED("[rule]\n", "1: rule: expected a name behind this word");
	REFUSED("[rule a]\ncondtion = x\n",
		"2: condtion: no key of a rule; did you mean condition");
	REFUSED("[list a]\nzzzz = x\n", "2: zzzz: no key of a list");
	REFUSED("[rule a]\npriority = notice\noutput = x\n",
		"1: a: expected the key condition in this rule");
	REFUSED("[rule a]\ncondition = fd.num = 1\npriority = notice\n[macro b]\ncondition = "
		"fd.num = 1\n",
		"1: a: expected the key output in this rule");
	REFUSED("[macro m]\n", "1: m: expected the key condition in this macro");
	REFUSED("[list l]\n", "1: l: expected the key items in this list");
	REFUSED("[rule a]\npriority = high\noutput = x\ncondition = fd.num = 1\n",
		"2: high: expected a priority: emergency, alert, critical, error, warning, "
		"notice, informational or "
		"debug");
	REFUSED("[rule a]\nenabled = maybe\ncondition = fd.num = 1\n" REST,
		"2: maybe: expected true, false, yes, no, on or off");
	REFUSED("[macro a.b]\n",
		"1: a.b: no name for a macro; expected a letter, then letters, digits and _");
	REFUSED("[macro not]\n",
		"1: not: no name for a macro; expected a letter, then letters, digits and _");
	REFUSED("[list 1st]\n",
		"1: 1st: no name for a list; expected a letter, then letters, digits and _");
}

static void nothing_is_defined_twice_in_a_file(void)
{
	REFUSED(RULE("a", "fd.num = 1") RULE("a", "fd.num = 2"),
		"5: a: this rule is defined at rules:1 already; expected another name, or [override rule a]");
	REFUSED("[macro a]\ncondition = fd.num = 1\n[macro a]\ncondition = fd.num = 1\n",
		"3: a: this macro is defined at rules:1 already; expected another "
		"name, or [override macro a]");
	REFUSED("[list a]\nitems =\n[list a]\nitems =\n",
		"3: a: this list is defined at rules:1 already; expected another name, or [override "
		"list a]");
	ACCEPTED("[list a]\nitems =\n[macro a]\ncondition = fd.num = 1\n" RULE("a", "a"));
}

static void macros_are_trees(void)
{
	/* Were it text, or would hold alone. */
	struct ruleset *rs = rules_load(
		"[macro m]\ncondition = evt.type = open or evt.type = close\n"
		"[macro n]\ncondition = not m and fd.num = 1\n" RULE("r", "m and evt.type = close")
			RULE("s", "n"));
	uint8_t wanted[TRC_NTYPES] = {0};

	CHECK(rs);
	CHECK_EQ(ruleset_checks(rs), 3);
	ruleset_wants(rs, wanted);
	CHECK(wanted[TRC_CLOSE]);
	CHECK(!wanted[TRC_OPEN]);
	CHECK(wanted[TRC_EXECVE]);
	ACCEPTED(RULE("r", "m") "[macro m]\ncondition = fd.num = 1\n");
	REFUSED("[macro a]\ncondition = m\n[macro m]\ncondition = fd.num = 1\n",
		"2: m: this macro is defined only at rules:3; expected it before this one");
	REFUSED("[macro spawned]\ncondition = evt.type = execve\n" RULE("r", "spawnd"),
		"4: spawnd: expected a field or a macro; did you "
		"mean spawned");
	REFUSED("[macro m]\ncondition = m\n",
		"2: m: this macro is defined only at rules:1; expected it before this one");
}

#define BASE                                                                                       \
	"[list l]\nitems = a\n[list k]\nitems = l, c\n"                                            \
	"[macro m]\ncondition = fd.num = 1 or fd.num = 2\n[macro n]\ncondition = not m\n"          \
	"[rule r]\ncondition = n and proc.name in (k)\ndesc = d\ntags = t\noutput = %fd.num\n"     \
	"priority = notice\n"

/* A chain goes forward, to steps behind the one that is asked: its last goes to none. */
static bool same_steps(const struct step *a, const struct step *b)
{
	uint32_t last = STEP_FIRST;

	for (uint32_t i = STEP_FIRST; i <= last; i++, a++, b++) {
		if (a->check != b->check || a->on_true != b->on_true || a->on_false != b->on_false)
			return false;
		last = a->on_true > last ? a->on_true : last;
		last = a->on_false > last ? a->on_false : last;
	}
	return true;
}

/* Are the rule r after these changes to BASE, and a rule of this condition, one and the same? */
static bool becomes(const char *changes, const char *condition)
{
	char text[2048];
	struct ruleset *rs;
	uint32_t asked = 0;

	snprintf(text, sizeof(text), "%s%s\n" RULE("s", "%s"), BASE, changes, condition);
	rs = rules_load(text);
	if (!rs)
		unit_fail(__FILE__, __LINE__, "%s", rules_error.text);
	for (int t = 0; t < TRC_NTYPES; t++) {
		const struct plan *p = rs->plan[t];
		const struct candidate *r = p->rule;

		if (p->count && (p->count != 2 || !same_steps(r[0].step, r[1].step)))
			return false;
		asked += p->count;
	}
	return asked;
}

#define M "(fd.num = 1 or fd.num = 2)"
#define N "not " M

/* How many rules are on. */
static int on(const char *text)
{
	struct ruleset *rs = rules_load(text);

	return rs ? ruleset_count(rs) : -1;
}

static void overrides_mean_rules_by_pattern_and_tag(void)
{
#define TAGGED(name, words) RULE(name, "evt.type = open") "tags = " words "\n"
#define THREE TAGGED("Read a", "x, T1") TAGGED("Read b", "T1.2 y") TAGGED("Write", "y,\n\tT1")
#define OFF "enabled = off\n"
	CHECK_EQ(on(THREE "[override rule Read*]\n" OFF), 1);
	CHECK_EQ(on(THREE "[override rule *]\n" OFF), 0);
	CHECK_EQ(on(THREE "[override rule *]\n" OFF "[override rule *b]\nenabled = on\n"), 1);
	CHECK_EQ(on(THREE "[override tag T1]\n" OFF), 1);
	CHECK_EQ(on(THREE "[override tag y]\n" OFF), 1);
	CHECK_EQ(on(THREE "[override tag T1]\ntags = z\n" OFF), 1);
	CHECK_EQ(on(THREE "[override rule Write]\ntags += more\n[override tag more]\n" OFF), 2);
	CHECK_EQ(on("[rule *]\ncondition = evt.type = open\noutput = x\npriority = notice\n" THREE
		    "[override rule *]\n" OFF),
		 3);
	CHECK_EQ(on("[override rule *]\n" OFF THREE), -1);
	CHECK_STR(rules_error.text, "rules:1: *: expected the name of a rule defined above");
	CHECK_EQ(on(THREE "[override tag T2]\n" OFF), -1);
	CHECK_STR(rules_error.text, "rules:17: T2: expected the tag of a rule defined above");
	CHECK_EQ(on("[list l]\nitems =\n[override list *]\nitems = a\n"), -1);
	CHECK_STR(rules_error.text,
		  "rules:3: *: expected the name of a list defined above; did you mean l");
	CHECK_EQ(on(THREE "[override tag T1]\ncondition += and no.such\n"), -1);
	CHECK_STR(rules_error.text,
		  "rules:18: no.such: expected a field that `tiercel list fields` "
		  "shows");
}

/* What a rule excuses is what it does not hold for, whatever its condition ends in. */
static void exceptions_are_conditions_that_excuse(void)
{
#define WHOLE N " and proc.name in (a, c)"
#define EXCEPT "[override rule r]\nexceptions = "
	CHECK(becomes(EXCEPT "x: fd.num = 3", WHOLE " and not fd.num = 3"));
	CHECK(becomes(EXCEPT "\n\tx: fd.num = 3 and\n\tfd.num = 4\n\ty: fd.num = 5 or m",
		      WHOLE " and not (fd.num = 3 and fd.num = 4) and not (fd.num = 5 or m)"));
	CHECK(becomes(EXCEPT "x: fd.num = 3\n[override rule r]\nexceptions += x: fd.num = 4",
		      WHOLE " and not fd.num = 3 and not fd.num = 4"));
	CHECK(becomes(EXCEPT "x: fd.num = 3\ncondition += or fd.num = 7",
		      "(" WHOLE " or fd.num = 7) and not fd.num = 3"));
	CHECK(becomes(EXCEPT "x: fd.num = 3\n[override rule r]\nexceptions = y: later\n"
			     "[macro later]\ncondition = fd.num = 9",
		      WHOLE " and not fd.num = 9"));
	REFUSED(BASE EXCEPT "fd.num = 3\n",
		"16: fd.num: expected NAME: in front of an exception, which is a condition");
	REFUSED(BASE EXCEPT "\n",
		"16: end: expected NAME: in front of an exception, which is a condition");
	REFUSED(BASE EXCEPT "x: fd.num = 3 y\n",
		"16: y: expected NAME: in front of an exception, which is a condition");
	REFUSED(BASE EXCEPT "x:\n", "16: end: expected a field, a macro, not or (");
	REFUSED("[macro m]\ncondition = fd.num = 1\nexceptions = x: fd.num = 2\n",
		"3: exceptions: no key of a macro");
}

static void later_sections_override(void)
{
	CHECK(becomes("", N " and proc.name in (a, c)"));
	CHECK(!becomes("", "not fd.num = 1 and proc.name in (a, c)"));
	CHECK(becomes("[override list l]\nitems += b", N " and proc.name in (a, b, c)"));
	CHECK(becomes("[override list l]\nitems += b\n[override list l]\nitems+=d",
		      N " and proc.name in (a, b, d, c)"));
	CHECK(becomes("[override list l]\nitems += b\n[override list l]\nitems = d",
		      N " and proc.name in (d, c)"));
	CHECK(becomes("[override macro m]\ncondition += or fd.num = 3",
		      "not (" M " or fd.num = 3) and proc.name in (a, c)"));
	CHECK(becomes("[override macro m]\ncondition += and fd.num = 3 or fd.num = 4",
		      "not ((" M " and fd.num = 3) or fd.num = 4) and proc.name in (a, c)"));
	CHECK(becomes("[override macro m]\ncondition = fd.num = 3",
		      "not fd.num = 3 and proc.name in (a, c)"));
	CHECK(becomes("[macro new]\ncondition = fd.num = 3\n[list more]\nitems = x\n"
		      "[override macro m]\ncondition += or new\n[override list l]\nitems += more",
		      "not (" M " or fd.num = 3) and proc.name in (a, x, c)"));
	CHECK(becomes("[override rule r]\ncondition += and not proc.name = d",
		      N " and proc.name in (a, c) and not proc.name = d"));
	CHECK(becomes("[override rule r]\ncondition = fd.num = 5", "fd.num = 5"));
	CHECK_EQ(ruleset_count(rules_load(BASE "[override rule r]\nenabled = off\n")), 0);
}

static void what_is_replaced_is_not_compiled(void)
{
	ACCEPTED(RULE("r", "no.such = field") "[override rule r]\ncondition = fd.num = 1\n");
}

static void texts_of_a_rule_are_added_to(void)
{
	struct rule *r = ruleset_rule(rules_load(BASE "[override rule r]\ndesc += more\ntags += u\n"
						      "priority = error\noutput += %fd.name\n"),
				      0);

	CHECK_STR(r->desc, "d more");
	CHECK_STR(r->tags, "t, u");
	CHECK_EQ(r->priority, PRIO_ERROR);
	CHECK_EQ(r->place.line, 9);
}

static void overriding_has_its_errors(void)
{
	REFUSED(BASE "[override rule rr]\nenabled = off\n",
		"15: rr: expected the name of a rule defined above; did you mean r");
	REFUSED("[override list l]\nitems += b\n[list l]\nitems = a\n",
		"1: l: expected the name of a list defined above");
	REFUSED(BASE "[override rule r]\n", "15: r: expected a key that this overrides");
	REFUSED(BASE "[override rule r]\npriority += notice\n",
		"16: priority +: expected =; nothing can be added to it");
	REFUSED(BASE "[override rule r]\ncondition += fd.num = 1\n",
		"16: fd.num: expected and or or, to join this with what it is added to");
	REFUSED(BASE "[override rule r]\ncondition += and zzzz\n",
		"16: zzzz: expected a field or a macro; nothing that was read defines one of this name");
	REFUSED(BASE "[override rule r]\noutput += a\n\t%zzzz\n",
		"17: %zzzz: expected a field that `tiercel list fields` shows behind the %");
	REFUSED(BASE "[override rule r]\ntags += a\ntags = b\n",
		"17: tags: given twice in this section");
	REFUSED(BASE "[override macro m]\ncondition += or n\n",
		"8: m: this macro would use itself");
	REFUSED(BASE "[override list l]\nitems += k\n", "4: l: this list would hold itself");
	REFUSED(BASE "[override list l]\nitems += p\n[list p]\nitems = x\n",
		"16: p: the list of this name is defined only at rules:17; expected it before "
		"this one, or the word in quotes");
	REFUSED("[list l]\nitems += a\n",
		"2: items +: expected = here, and += in [override list l]");
}

static void unused_macros_are_checked_too(void)
{
	REFUSED("[macro m]\ncondition = fd.num = x\n",
		"2: x: no value of fd.num; expected a decimal number of 64 bits");
}

/* Number of distinct checks: equal lists make equal checks. */
static int checks(const char *text)
{
	struct ruleset *rs = rules_load(text);

	if (!rs)
		unit_fail(__FILE__, __LINE__, "%s", rules_error.text);
	return ruleset_checks(rs);
}

#define LISTS                                                                                      \
	"[list two]\nitems = a, 'b c',\n\t\"d\"\n[list all]\nitems = two, e\n"                     \
	"[list none]\nitems =\n[list one]\nitems = z\n"

#define SAME(x, y) CHECK_EQ(checks(LISTS RULE("r", x) RULE("s", y)), 1)

static void names_of_lists_are_replaced(void)
{
	SAME("proc.name in (two)", "proc.name in (a, 'b c', d)");
	SAME("proc.name in two", "proc.name in (a, 'b c', d)");
	SAME("proc.name in (x, all, y)", "proc.name in (x, a, 'b c', d, e, y)");
	SAME("proc.name in (none)", "proc.name in ()");
	SAME("proc.name in (x, none)", "proc.name in (x)");
	SAME("proc.name = one", "proc.name = z");
	SAME("fd.name pmatch (one)", "fd.name pmatch (/z/)");
	CHECK_EQ(checks(LISTS RULE("r", "proc.name in ('two')") RULE("s", "proc.name in (two)")),
		 2);
	REFUSED(LISTS RULE("r", "proc.name = two"),
		"11: two: a list of 3 items; expected one value");
	REFUSED(LISTS RULE("r", "proc.name = none"),
		"11: none: a list of 0 items; expected one value");
	REFUSED(LISTS RULE("r", "proc.name in alll"),
		"11: alll: expected values in parentheses, or the name of a list; did you mean all");
	REFUSED(LISTS RULE("r", "fd.num in (all)"),
		"11: a: no value of fd.num; expected a decimal number of 64 bits");
}

static void lists_may_follow_their_conditions(void)
{
	CHECK_EQ(checks(RULE("r", "proc.name in (l)")
				RULE("s", "proc.name in (a, b)") "[list l]\nitems = a, b\n"),
		 1);
}

static void a_list_in_a_list_comes_first(void)
{
	REFUSED("[list a]\nitems = x,\n\tb\n[list b]\nitems = y\n",
		"3: b: the list of this name is defined only at rules:4; expected it before "
		"this one, or the word in quotes");
	REFUSED("[list a]\nitems = a\n",
		"2: a: the list of this name is defined only at rules:1; expected it before "
		"this one, or the word in quotes");
	ACCEPTED("[list a]\nitems = x, 'b', 'a'\n[list b]\nitems = y\n");
}

static void items_are_separated_by_commas(void)
{
	REFUSED("[list l]\nitems = a b\n", "2: b: expected , between items");
	REFUSED("[list l]\nitems = a,\n", "2: end: expected a value");
	REFUSED("[list l]\nitems = a,\n\tb,, c\n", "3: ,: expected a value");
	REFUSED("[list l]\nitems = (a)\n", "2: (: expected a value");
	REFUSED("[list l]\nitems = a, 'b\n", "2: 'b: the closing quote is missing on this line");
}

static void equal_checks_are_one(void)
{
	CHECK_EQ(
		checks(RULE("r", "fd.num = 1 and fd.num in (1) and fd.num == '1' and fd.num = 01")),
		1);
	CHECK_EQ(checks(RULE("r", "fd.num = 1 and fd.num != 1 and fd.num > 1 and fd.num >= 1")), 4);
	CHECK_EQ(checks(RULE("r", "fd.num = 1 and fd.num in (1, 2) and fd.num in (2, 1)")), 3);
	CHECK_EQ(checks(RULE("r", "proc.aname = a and proc.aname[1] = a and proc.aname[2] = a")),
		 3);
	CHECK_EQ(checks(RULE("r", "evt.arg.flags = a and evt.arg.mode = a and evt.arg.flags = a")),
		 2);
	CHECK_EQ(checks(RULE("r", "proc.name in (abc) and proc.name in (abc, '')")), 2);
	CHECK_EQ(checks(RULE("r", "proc.name in (ab, c) and proc.name in (a, bc)")), 2);
	CHECK_EQ(checks(RULE("r", "fd.ip = 1.2.3.4 and fd.ip = 1.2.3.4/32 and fd.ip = 1.2.3.4/31")),
		 2);
	CHECK_EQ(checks(RULE("r",
			     "evt.type = open and evt.type in (open) and not evt.type != open")),
		 2);
	CHECK_EQ(checks(RULE("r", "fd.name exists and fd.name exists and proc.name exists")), 2);
}

/* Types that a rule with this condition is asked about, as a text. */
static const char *types(const char *condition)
{
	static char rules[1024], names[1024];
	uint8_t wanted[TRC_NTYPES] = {0};
	struct ruleset *rs;
	int all = 0, n = 0;
	char *p = names;

	snprintf(rules, sizeof(rules), RULE("r", "%s"), condition);
	rs = rules_load(rules);
	if (!rs)
		unit_fail(__FILE__, __LINE__, "%s", rules_error.text);
	ruleset_wants(rs, wanted);
	*p = '\0';
	for (int t = 0; t < TRC_NTYPES; t++) {
		all += t != TRC_NONE && event_table[t].class != TRC_STATE;
		n += wanted[t];
		if (wanted[t])
			p += sprintf(p, "%s ", event_table[t].name);
	}
	return n == all ? "all" : n == all - 1 ? "all but one" : names;
}

static void a_rule_is_asked_about_events_it_can_hold_for(void)
{
	CHECK_STR(types("evt.type = open"), "open ");
	CHECK_STR(types("evt.type in (close, open) and fd.num = 1"), "open close ");
	CHECK_STR(types("fd.num = 1"), "all");
	CHECK_STR(types("fd.num = 1 or evt.type = open"), "all");
	CHECK_STR(types("fd.num = 1 and evt.type = open"), "open ");
	CHECK_STR(types("evt.type = open or evt.type = close and fd.num = 1"), "open close ");
	CHECK_STR(types("evt.type != open"), "all but one");
	CHECK_STR(types("not evt.type = open"), "all but one");
	CHECK_STR(types("not (evt.type != open or fd.num = 1)"), "open ");
	CHECK_STR(types("not (evt.type = open and fd.num = 1)"), "all");
	CHECK_STR(types("evt.type = open and evt.type = close"), "");
	CHECK_STR(types("evt.type in ()"), "");
	CHECK_STR(types("evt.type exists"), "all");
	CHECK_STR(types("evt.type in (open, close) and (evt.type = open or fd.num = 1) and not "
			"evt.type = open"),
		  "close ");
}

static void files_named_whole_are_listed_once(void)
{
	static const char first[] = RULE("r", "fd.name = /etc/shadow or fd.name in (/a, b) or "
					      "fd.name in (/a, /etc/shadow) or fd.name != /c");
	static const char second[] = RULE("s", "fd.name startswith /d or proc.name = /e or "
					       "fd.nameraw = /f or fd.name in ('', /c)");
	static const char off[] = "[rule off]\nenabled = no\ncondition = fd.name = /g\n" REST;
	struct ruleset *rs;
	char text[sizeof(first) + sizeof(second) + sizeof(off)];

	sprintf(text, "%s%s%s", first, second, off);
	rs = rules_load(text);
	CHECK(rs);
	CHECK_STR(ruleset_file(rs, 0), "/c");
	CHECK_STR(ruleset_file(rs, 1), "/a");
	CHECK_STR(ruleset_file(rs, 2), "/etc/shadow");
	CHECK(!ruleset_file(rs, 3).p);
}

static void hosts_that_rules_name_are_listed_once(void)
{
	struct ruleset *rs = rules_load(
		RULE("r", "fd.sip.name in (a.example, B.Example, 10.0.0.1) and fd.cip.name exists")
			RULE("s", "fd.ip.name = b.example or fd.rip.name != c and fd.name = d")
				RULE("off", "fd.sip.name = e") "enabled = no\n");
	int count;

	CHECK(rs);
	CHECK_EQ((ruleset_hosts(rs, &count), count), 4);
	CHECK_STR(ruleset_hosts(rs, &count)[0], "a.example");
	CHECK_STR(ruleset_hosts(rs, &count)[1], "b.example");
	CHECK_STR(ruleset_hosts(rs, &count)[2], "10.0.0.1");
	CHECK_STR(ruleset_hosts(rs, &count)[3], "c");
	CHECK_EQ((ruleset_hosts(rules_load(RULE("r", "fd.sip = 10.0.0.1")), &count), count), 0);
}

static void the_hash_is_of_what_was_read(void)
{
	uint64_t h = ruleset_hash(rules_load(RULE("r", "fd.num = 1")));

	CHECK(h == ruleset_hash(rules_load("; comment\n" RULE("r", "fd.num = 1"))));
	CHECK(h != ruleset_hash(rules_load(RULE("r", "fd.num = 2"))));
	CHECK(h != ruleset_hash(rules_load(RULE("s", "fd.num = 1"))));
	CHECK(h != ruleset_hash(rules_load(RULE("r", "fd.num = 1") "[list l]\nitems = a\n")));
	h = ruleset_hash(rules_load(THREE "[override rule Read*]\n" OFF));
	CHECK(h != ruleset_hash(rules_load(THREE "[override rule *]\n" OFF)));
	CHECK(h != ruleset_hash(rules_load(THREE "[override rule Read a]\n" OFF)));
}

static void too_little_memory_is_an_error(void)
{
	static const char text[] =
		"[macro m]\ncondition = fd.num = 1 and evt.arg.flags contains a\n"
		"[list l]\nitems = a, b, c, d, e, f, g, h, i\n"
		"[rule r]\ncondition = m and fd.name in (/a, /b) and proc.name in (l) and\n"
		"\tproc.name icontains concat(proc.env[A], join('-', (proc.pname, 'x'))) and\n"
		"\ttolower(proc.exe) endswith oneof (a, b)\n" REST;
	size_t least = 0;

	for (size_t size = 16; !least; size += 16) {
		if (rules_load_in(size, text))
			least = size;
		else
			CHECK(strstr(rules_error.text, "more memory than tables.rules_kib") ||
			      strstr(rules_error.text, "no room"));
	}
	CHECK(least > 1000 && least < 100000);
}

/* Macros are shared, so what they stand for can be far more than what was written. */
static void conditions_that_explode_are_an_error(void)
{
	char text[4096], *p = text + sprintf(text, "[macro m0]\ncondition = fd.num = 1\n");

	for (int i = 1; i < 60; i++)
		p += sprintf(p, "[macro m%d]\ncondition = m%d or m%d\n", i, i - 1, i - 1);
	sprintf(p, RULE("r", "m59"));
	CHECK_STR(rules_refused(text), "rules:124: rules need more memory than tables.rules_kib");
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	CHECK(f);
	fputs(text, f);
	fclose(f);
}

static void remove_files(const char *dir)
{
	for (const char *name = "1234"; *name; name++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/%c0-%c.ini", dir, *name, *name - '1' + 'a');
		unlink(path);
	}
	rmdir(dir);
}

static void files_are_read_in_order(void)
{
	char dir[] = "/tmp/test_rule.XXXXXX";
	const char *const paths[] = {dir};
	struct ini_error err;
	struct ruleset *rs;
	struct arena a;

	CHECK(mkdtemp(dir));
	write_file(dir, "10-a.ini", "[macro m]\ncondition = proc.name in (l)\n");
	write_file(dir, "20-b.ini", RULE("r", "m"));
	write_file(dir, "30-c.ini", "[list l]\nitems = a\n" RULE("s", "proc.name = a"));
	CHECK_EQ(arena_map(&a, 1 << 20), 0);
	rs = ruleset_load(&a, paths, 1, PRIO_DEBUG, &err);
	CHECK(rs);
	CHECK_EQ(ruleset_count(rs), 2);
	CHECK_EQ(ruleset_checks(rs), 1);
	CHECK(str_ends(str_of(ruleset_rule(rs, 1)->place.file), STR("/30-c.ini")));
	remove_files(dir);
	CHECK(!ruleset_load(&a, paths, 1, PRIO_DEBUG, &err));
	CHECK(strstr(err.text, dir));
}

/* Takes what is said of a definition in another one's place. */
static void note_replaced(void *arg, const struct warning *w)
{
	char *said = arg, text[256];
	size_t n = strlen(said);

	if (w->kind != WARN_REPLACED)
		return;
	warn_text(w, text, sizeof(text));
	snprintf(said + n, 256 - n, "%s:%d: %s: %s\n", w->at.file, w->at.line, w->rule, text);
}

/* What of the first file the second one replaces, and how many distinct checks both make. */
static int two_files(const char *first, const char *second, char said[static 256])
{
	char dir[] = "/tmp/test_rule.XXXXXX";
	const char *const paths[] = {dir};
	struct ini_error err = {.text = ""};
	struct ruleset *rs;
	struct arena a;
	int checks;

	CHECK(mkdtemp(dir));
	write_file(dir, "10-a.ini", first);
	write_file(dir, "20-b.ini", second);
	CHECK_EQ(arena_map(&a, 1 << 20), 0);
	rs = ruleset_load(&a, paths, 1, PRIO_DEBUG, &err);
	remove_files(dir);
	said[0] = '\0';
	if (rs)
		ruleset_warn(rs, true, note_replaced, said);
	checks = rs ? ruleset_checks(rs) : -1;
	arena_unmap(&a);
	return checks;
}

#define TYPE "evt.type = open and "

/* Of what is asked twice there is one check: so a number says what a rule has become. */
static void a_later_file_defines_anew(void)
{
	static const char first[] =
		"[list l]\nitems = a, b\n[macro m]\ncondition = fd.num = 1\n"
		"[macro n]\ncondition = m\n" RULE("r", TYPE "n and proc.name in (l)");
	char said[256];

	CHECK_EQ(two_files(first, RULE("s", TYPE "fd.num = 1 and proc.name in (a, b)"), said), 3);
	CHECK_STR(said, "");
	CHECK_EQ(two_files(first,
			   "[macro o]\ncondition = fd.num = 2\n[macro m]\ncondition = o\n" RULE(
				   "s", TYPE "fd.num = 2 and proc.name in (a, b)"),
			   said),
		 3);
	CHECK(strstr(said, "/20-b.ini:3: m: this macro takes the place of the one at /tmp/"));
	CHECK(strstr(said, "/10-a.ini:3\n"));
	CHECK_EQ(
		two_files(first,
			  "[list l]\nitems = b\n" RULE("s", TYPE "fd.num = 1 and proc.name in (b)"),
			  said),
		3);
	CHECK(strstr(said, "/20-b.ini:1: l: this list takes the place of the one at"));
	CHECK_EQ(two_files(first, RULE("r", "evt.type = close"), said), 1);
	CHECK(strstr(said, "/20-b.ini:1: r: this rule takes the place of the one at"));
	CHECK_EQ(two_files("[override list l]\nitems = a\n", first, said), -1);
}

static void who_says_the_same_again_is_not_told(void)
{
#define MACRO(condition) "[macro m]\ncondition = " condition "\n"
	char said[256];

	two_files(MACRO("fd.num>=0 and (fd.num = 1 or fd.num = 2)"),
		  MACRO("((fd.num >= 0\n\tand (fd.num=1 or fd.num=2)))"), said);
	CHECK_STR(said, "");
	two_files(MACRO("(fd.num = 1) or (fd.num = 2)"), MACRO("((fd.num = 1) or (fd.num = 2))"),
		  said);
	CHECK_STR(said, "");
	two_files(MACRO("fd.num = 1 or fd.num = 2 and fd.num = 3"),
		  MACRO("(fd.num = 1 or fd.num = 2) and fd.num = 3"), said);
	CHECK(strstr(said, "takes the place"));
	two_files(MACRO("fd.num = 1"), MACRO("fd.num = 1 and fd.num = 1"), said);
	CHECK(strstr(said, "takes the place"));
	two_files(RULE("r", TYPE "fd.num = 1"), RULE("r", TYPE "fd.num = 1") "desc = d\n", said);
	CHECK(strstr(said, "takes the place"));
	two_files(RULE("r", TYPE "fd.num = 1") "desc = d\n", RULE("r", TYPE "fd.num = 1"), said);
	CHECK(strstr(said, "takes the place"));
	two_files(MACRO("fd.num = 1") "[override macro m]\ncondition += or fd.num = 2\n",
		  MACRO("fd.num = 1"), said);
	CHECK(strstr(said, "takes the place"));
}

const struct unit_test tests_rule[] = {
	TEST(all_keys_of_a_rule_are_kept),
	TEST(priorities_are_read_in_any_case),
	TEST(rules_that_are_off_are_read_for_their_errors_only),
	TEST(errors_say_what_was_expected),
	TEST(nothing_is_defined_twice_in_a_file),
	TEST(macros_are_trees),
	TEST(overrides_mean_rules_by_pattern_and_tag),
	TEST(exceptions_are_conditions_that_excuse),
	TEST(later_sections_override),
	TEST(what_is_replaced_is_not_compiled),
	TEST(texts_of_a_rule_are_added_to),
	TEST(overriding_has_its_errors),
	TEST(unused_macros_are_checked_too),
	TEST(names_of_lists_are_replaced),
	TEST(lists_may_follow_their_conditions),
	TEST(a_list_in_a_list_comes_first),
	TEST(items_are_separated_by_commas),
	TEST(equal_checks_are_one),
	TEST(a_rule_is_asked_about_events_it_can_hold_for),
	TEST(files_named_whole_are_listed_once),
	TEST(hosts_that_rules_name_are_listed_once),
	TEST(the_hash_is_of_what_was_read),
	TEST(too_little_memory_is_an_error),
	TEST(conditions_that_explode_are_an_error),
	TEST(files_are_read_in_order),
	TEST(a_later_file_defines_anew),
	TEST(who_says_the_same_again_is_not_told),
	{0},
};
