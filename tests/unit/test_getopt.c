/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * getopt() in conditions: rows of the arguments of a program, a condition and the answer, most of
 * them of one option string; what the limits are; and conditions that are refused and why.
 */
#include "../../core/log.h"
#include "../../core/rule_int.h"
#include "fields.h"
#include "rules.h"

#define ARGV(literal) literal, sizeof(literal) - 1

struct row {
	const char *argv;
	size_t n;
	const char *condition;
	bool holds;
};

static void ask_about(const char *argv, size_t n)
{
	begin();
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("comm", "nc");
	event_set_bytes("env", "WORD=-e\0S=s\0");
	if (argv)
		record_bytes(&event_rec, event_slot("argv"), argv, n);
	ask();
}

static bool holds(const char *condition)
{
	static char rules[8192];
	struct ruleset *rs;
	int pos = 0;

	log_level = LOG_L_ERROR; /* they do not compare evt.type */
	snprintf(rules, sizeof(rules), RULE("r", "%s"), condition);
	rs = rules_load(rules);
	if (!rs)
		unit_fail(__FILE__, __LINE__, "%s: %s", condition, rules_error.text);
	return ruleset_match(rs, &ctx, &pos);
}

static void answers(const struct row *row, size_t n)
{
	for (; n--; row++) {
		char not [512];

		ask_about(row->argv, row->n);
		snprintf(not, sizeof(not ), "not (%s)", row->condition);
		if (holds(row->condition) != row->holds || holds(not ) == row->holds)
			unit_fail(__FILE__, __LINE__, "%s: should be %d", row->condition,
				  row->holds);
	}
}

#define ANSWERS(rows) answers(rows, sizeof(rows) / sizeof(rows[0]))

#define FOUND "getopt(proc.args, 've:l') "
#define COUNT "len(getopt(proc.args, 've:l')) "

static void options_are_letters_and_values(void)
{
	static const struct row rows[] = {
		{ARGV("nc\0-e\0/bin/sh\0"), FOUND "= allof (e, /bin/sh)", true},
		{ARGV("nc\0-e/bin/sh\0"), FOUND "= allof (e, /bin/sh)", true},
		{ARGV("nc\0-ve\0/bin/sh\0"), FOUND "= allof (v, e, /bin/sh)", true},
		{ARGV("nc\0-evl\0"), COUNT "= 2 and " FOUND "= allof (e, vl)", true},
		{ARGV("nc\0-lve/bin/sh\0"), FOUND "= allof (l, v, e, /bin/sh)", true},
		{ARGV("nc\0-v\0-l\0-e\0x\0"), COUNT "= 4", true},
		{ARGV("nc\0-v\0-v\0-vv\0"), COUNT "= 4", true},
		{ARGV("nc\0-v\0"), FOUND "intersects (e, v)", true},
		{ARGV("nc\0-v\0"), FOUND "in (e, l)", false},
		{ARGV("nc\0-e\0-v\0"), FOUND "= -v", true},
		{ARGV("nc\0-e\0-v\0"), FOUND "= v", false},
		{ARGV("nc\0-e\0--\0-v\0"), COUNT "= 3 and " FOUND "= allof (e, --, v)", true},
		{ARGV("nc\0-ve\0\0"), COUNT "= 3 and " FOUND "= allof (v, e, '')", true},
		{ARGV("nc\0-e:\0"), FOUND "= allof (e, ':')", true},
		{ARGV("nc\0-v\0-e\0/Bin/Sh\0"), "tolower(" FOUND ") = /bin/sh", true},
		{ARGV("nc\0-v\0-e\0/bin/sh\0"), "basename(" FOUND ") = allof (v, e, sh)", true},
		{ARGV("nc\0-ve\0YWJj\0"), "b64(" FOUND ") = abc", true},
		{ARGV("nc\0-ve\0YWJj\0"), "len(b64(" FOUND ")) = 1", true},
		{ARGV("nc\0-e\0/bin/sh\0"), FOUND "pmatch (/bin)", true},
		{ARGV("nc\0-e\0/bin/sh\0"), FOUND "icontains concat('BIN/', proc.env[S])", true},
		{ARGV("nc\0-e\0nc\0"), FOUND "= val(proc.name)", true},
		/* Of these, != asks that all differ. */
		{ARGV("nc\0-v\0-e\0x\0"), FOUND "!= l", true},
		{ARGV("nc\0-v\0-e\0x\0"), FOUND "!= v", false},
	};

	ANSWERS(rows);
}

static void what_ends_the_options(void)
{
	static const struct row rows[] = {
		{ARGV("nc\0-v\0--\0-l\0"), FOUND "= v and " COUNT "= 1", true},
		{ARGV("nc\0-v\0host\0-l\0"), FOUND "= v and " COUNT "= 1", true},
		{ARGV("nc\0-v\0-\0-l\0"), FOUND "= v and " COUNT "= 1", true},
		{ARGV("nc\0-v\0\0-l\0"), FOUND "= v and " COUNT "= 1", true},
		{ARGV("nc\0--long\0-l\0--e=x\0-v\0"), COUNT "= 2 and " FOUND "= allof (l, v)",
		 true},
		{ARGV("nc\0host\0-l\0"), FOUND "exists", false},
		{ARGV("nc\0--\0-l\0"), FOUND "exists", false},
		{ARGV("-v\0"), FOUND "exists", false},
		{ARGV("nc\0"), FOUND "exists", false},
		{ARGV("nc\0"), FOUND "!= v", false},
		{ARGV("nc\0"), COUNT ">= 0", false},
		{ARGV(""), FOUND "exists", false},
		{NULL, 0, FOUND "exists", false},
		{NULL, 0, FOUND "!= v", false},
	};

	ANSWERS(rows);
}

static void what_is_wrong_in_arguments(void)
{
	static const struct row rows[] = {
		{ARGV("nc\0-x\0"), FOUND "= ? and " COUNT "= 1", true},
		{ARGV("nc\0-x\0"), FOUND "= x", false},
		{ARGV("nc\0-vxl\0"), FOUND "= allof (v, ?, l) and " COUNT "= 3", true},
		{ARGV("nc\0-:v\0"), FOUND "= allof (?, v) and " COUNT "= 2", true},
		/* The value is missing. */
		{ARGV("nc\0-ve\0"), FOUND "= allof (v, '') and " COUNT "= 2", true},
		{ARGV("nc\0-e\0"), FOUND "= e", false},
		{ARGV("nc\0-e\0"), "getopt(proc.args, ':e:') = ''", true},
		/* As proc.args[1] has it, where it was cut. */
		{ARGV("nc\0-e\0ab"), FOUND "= ab and proc.args[1] = ab", true},
	};

	ANSWERS(rows);
}

static void words_may_be_listed(void)
{
	static const struct row rows[] = {
		{ARGV("nc\0-v\0-e\0x\0"), "getopt((proc.args), 've:') = allof (v, e, x)", true},
		{ARGV("nc\0-v\0-e\0x\0"), "getopt((proc.args[0]), 've:') = e", false},
		{ARGV("nc\0-v\0-e\0x\0"),
		 "getopt((proc.args[0], proc.args[1], proc.args[2]), 've:') = allof (v, e, x)",
		 true},
		{ARGV("nc\0-v\0"), "len(getopt((proc.args[0], proc.args[1]), 've:')) = 1", true},
		/* An argument past the last is there, and empty. */
		{ARGV("nc\0-e\0"), "getopt((proc.args[0], proc.args[1]), 've:') = allof (e, '')",
		 true},
		{ARGV("nc\0x\0"),
		 "getopt(('-v', concat('-', proc.name), proc.env[WORD], basename(proc.args[0])), "
		 "'vne:') = allof (v, n, ?, e, x)",
		 true},
		{ARGV("nc\0"), "getopt((proc.args[0], fd.name), 'v') exists", false},
		{ARGV("nc\0-v\0"), "getopt((proc.args[0], fd.name), 'v') exists", false},
		/* Of what a list may begin with, != asks the same. */
		{ARGV("nc\0-v\0"), "getopt((proc.args[0], proc.aname[1]), 'vl') != v", false},
		{ARGV("nc\0-vl\0"), "getopt((concat('-', proc.aname[1])), 'sh') != s", false},
		{ARGV("nc\0-vl\0"), "getopt((concat('-', proc.aname[1])), 'sh') != x", true},
	};

	ANSWERS(rows);
}

static void one_option_may_be_asked_for(void)
{
	static const struct row rows[] = {
		{ARGV("nc\0-v\0-e\0x\0"), "getopt(proc.args, 've:')[e] = x", true},
		{ARGV("nc\0-v\0-e\0x\0"), "getopt(proc.args, 've:')['e']=x", true},
		{ARGV("nc\0-v\0-e\0x\0"), "getopt(proc.args, 've:')[\"e\"] != e", true},
		{ARGV("nc\0-vex\0"), "getopt(proc.args, 've:')[v] = v", true},
		{ARGV("nc\0-e\0v\0"), "getopt(proc.args, 've:')[v] exists", false},
		{ARGV("nc\0-e\0v\0-ew\0"), "getopt(proc.args, 've:')[e] = w", true},
		{ARGV("nc\0-e\0v\0-ew\0"), "getopt(proc.args, 've:')[e] = v", false},
		{ARGV("nc\0-ev\0-e\0"), "getopt(proc.args, 've:')[e] = ''", true},
		{ARGV("nc\0-ev\0-e\0\0"), "getopt(proc.args, 've:')[e] = ''", true},
		{ARGV("nc\0-x\0"), "getopt(proc.args, 've:')[e] != ''", false},
		{ARGV("nc\0-e\0/bin/sh\0"), "basename(getopt(proc.args, 'e:')[e]) = sh", true},
		{ARGV("nc\0-e\0/bin/sh\0"), "len(getopt(proc.args, 'e:')[e]) = 7", true},
		{ARGV("nc\0-e\0nc\0"), "proc.name = getopt(proc.args, 'e:')[e]", true},
		{ARGV("nc\0-e\0nc\0"),
		 "concat('<', getopt((proc.args[0], proc.args[1]), 'e:')[e], '>') = '<nc>'", true},
		{ARGV("nc\0-e\0-v\0"),
		 "getopt((getopt(proc.args, 'e:')[e], proc.args[0]), 've:') = allof (v, '')", true},
	};

	ANSWERS(rows);
}

/* No number of options hides one. */
static void there_may_be_many(void)
{
	static char argv[TRC_STR_MAX] = "nc\0-v";
	size_t n = sizeof("nc\0-v");

	for (; n < sizeof(argv) - 3; n += 3)
		memcpy(argv + n, "-v", 3);
	memcpy(argv + n - 3, "-l", 3);
	ask_about(argv, n);
	CHECK(holds(FOUND "= allof (v, l)"));
	CHECK(holds(COUNT "> 1300"));
	CHECK(holds("getopt(proc.args, 'vl')[l] = l"));
	memset(argv + 4, 'v', sizeof(argv) - 6);
	argv[sizeof(argv) - 2] = 'l';
	ask_about(argv, sizeof(argv));
	CHECK(holds(COUNT "= 4091 and tolower(" FOUND ") = allof (v, l)"));
}

/* What does not fit beside the words is missing. */
static void words_are_bounded(void)
{
	static char argv[TRC_STR_MAX] = "nc\0-e";

	memset(argv + 6, 'x', sizeof(argv) - 7);
	ask_about(argv, sizeof(argv));
	CHECK(holds("len(getopt(proc.args, 'e:')[e]) = 4089 and " FOUND "startswith xxx"));
	CHECK(holds("len(getopt((proc.args[0], proc.args[1]), 'e:')[e]) = 4089"));
	CHECK(!holds("getopt((proc.args[1], proc.args[1], proc.args[1]), 'e:') exists"));
	CHECK(holds("getopt(('-v', proc.args[0], proc.args[1]), 've:') = allof (v, e)"));
	CHECK(holds("len(getopt(('-v', proc.args[0], proc.args[1]), 've:')) = 3"));
	CHECK(holds("len(getopt(('-v', proc.args[0], proc.args[1], 'aaaaaaa'), 've:')) = 3"));
	CHECK(holds("len(getopt(('-v', proc.args[0], proc.args[1], 'aaaaaaaa'), 've:')) = 2"));
	CHECK(holds("getopt(('-v', proc.args[1], proc.args[1], 'aaaaaaaaa'), 'v')[v] = v"));
	CHECK(!holds("getopt(('-v', proc.args[1], proc.args[1], 'aaaaaaaaaa'), 'v')[v] = v"));
}

#define IN_WORDS "expected proc.args, or values in parentheses"
#define IN_LETTERS                                                                                 \
	"expected letters of options, each once, with one : behind those that take a value"

static const struct {
	const char *condition, *message;
} refused[] = {
	{"getopt() = a", "): expected a field, a string in quotes or a function"},
	{"getopt(proc.args) = a", "): expected ,"},
	{"getopt(proc.args, 'a', 'b') = a", ",: expected )"},
	{"getopt(proc.args[0], 'a') = a", "proc.args[0]: " IN_WORDS},
	{"getopt(proc.cmdline, 'a') = a", "proc.cmdline: " IN_WORDS},
	{"getopt((), 'a') = a", "): expected a field, a string in quotes or a function"},
	{"getopt((proc.args[0] proc.name), 'a') = a", "proc.name: expected , or )"},
	{"getopt((proc.args, proc.name), 'a') = a",
	 "proc.name: proc.args without [] stands for all; expected it alone"},
	{"getopt((proc.name, proc.args), 'a') = a",
	 "proc.args: proc.args without [] stands for all; expected it alone"},
	{"getopt((proc.aname), 'a') = a",
	 "proc.aname: may have several values; getopt() takes what has one"},
	{"getopt((getopt(proc.args, 'a')), 'a') = a",
	 "getopt: may have several values; getopt() takes what has one"},
	{"getopt((fd.num), 'a') = a", "fd.num: of type number; getopt() takes strings"},
	{"getopt(('-a'), 'a') = a", "getopt: expected a field in it: this is always the same"},
	{"getopt(proc.args, proc.name) = a",
	 "proc.name: expected a string in quotes, of option letters"},
	{"getopt(proc.args, ('a')) = a", "(: expected a string in quotes, of option letters"},
	{"getopt(proc.args, '') = a", ": " IN_LETTERS},
	{"getopt(proc.args, ':') = a", ":: " IN_LETTERS},
	{"getopt(proc.args, '+a') = a", "+a: " IN_LETTERS},
	{"getopt(proc.args, '-a') = a", "-a: " IN_LETTERS},
	{"getopt(proc.args, 'a::b') = a", "a::b: " IN_LETTERS},
	{"getopt(proc.args, 'ab:a') = a", "ab:a: " IN_LETTERS},
	{"getopt(proc.args, 'a b') = a", "a b: " IN_LETTERS},
	{"getopt(proc.args, 'W;') = a", "W;: " IN_LETTERS},
	{"getopt(proc.args, 'a')[b] = a", "[b]: expected one of the option letters in []"},
	{"getopt(proc.args, 'a:')[:] = a", "[:]: expected one of the option letters in []"},
	{"getopt(proc.args, 'a')[] = a", "[]: expected one of the option letters in []"},
	{"getopt(proc.args, 'a')[ab] = a", "[ab]: expected one of the option letters in []"},
	{"getopt(proc.args, 'a')[xaxx = a", "[xaxx: expected one of the option letters in []"},
	{"getopt(proc.args, 'a')[ax = a", "[ax: expected one of the option letters in []"},
	{"getopt(proc.args, 'a')[a = a", "[a: expected one of the option letters in []"},
	{"concat('a', getopt(proc.args, 'a')) = a",
	 "getopt: may have several values; concat() takes what has one"},
	{"proc.name = getopt(proc.args, 'a')",
	 "getopt: may have several values; expected one on the right of an operator"},
	{"getopt(proc.args, 'a') > 1",
	 ">: not an operator for this field; expected one of = == != in intersects pmatch contains "
	 "icontains startswith endswith glob iglob regex exists"},
};

static void what_cannot_be_is_refused(void)
{
	char message[512];

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const char *got = rules_refused_condition(refused[i].condition);

		snprintf(message, sizeof(message), "rules:2: %s", refused[i].message);
		if (strcmp(got, message))
			unit_fail(__FILE__, __LINE__, "%s: %s", refused[i].condition, got);
	}
	CHECK_STR(rules_refused_condition(
			  unit_nested("", "getopt((proc.args[0]", ", 'a'", 30, "), 'a') = a")),
		  "");
	CHECK_STR(rules_refused_condition(
			  unit_nested("", "getopt((proc.args[0]", ", 'a'", 31, "), 'a') = a")),
		  "rules:2: getopt: expected no more than 32 fields, strings and functions in one");
}

const struct unit_test tests_getopt[] = {
	TEST(options_are_letters_and_values),
	TEST(what_ends_the_options),
	TEST(what_is_wrong_in_arguments),
	TEST(words_may_be_listed),
	TEST(one_option_may_be_asked_for),
	TEST(there_may_be_many),
	TEST(words_are_bounded),
	TEST(what_cannot_be_is_refused),
	{0},
};
