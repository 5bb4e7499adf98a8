/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Regular expressions: what each part of the syntax matches, what is refused and where, that no
 * value takes long, and that random expressions match what two other methods say.
 */
#include <errno.h>
#include <regex.h>
#include <stdio.h>

#include "../../core/regex.h"
#include "rules.h"
#include "tables.h"

#define BEFORE "expected something in front of it that it can repeat"
#define TOO_OFTEN "expected no more than 1000 repetitions, those inside multiplied"
#define LOWER_FIRST "expected the lower number first"
#define TOO_LONG "expected an expression of no more than 2048 steps"
#define NO_CLOSING "expected a ) for this ("
#define NO_OPENING "expected a ( for this )"
#define NO_BRACKET "expected a ] for this ["
#define RANGE "expected a range from a lower to a higher character"
#define HYPHEN "expected - first, last or in a range, or \\-"
#define CLASS "expected a class like [:alpha:], [:digit:] or [:^space:]"
#define TRAILING "expected something behind the \\ at the end"
#define ESCAPE "expected \\ before a sign, or \\a \\f \\n \\r \\t \\v \\0 \\NNN \\xHH \\x{H}"

static struct regex_error wrong;

/* NULL with wrong filled if it is refused. */
static struct regex *compile(struct str pattern)
{
	static struct arena a;
	struct regex *re;
	int rc;

	if (!a.base)
		CHECK_EQ(arena_map(&a, 1 << 20), 0);
	arena_reset(&a);
	rc = regex_compile(&a, pattern, &re, &wrong);
	CHECK(!rc || rc == -EINVAL);
	return rc ? NULL : re;
}

static bool matches(struct str pattern, struct str text)
{
	const struct regex *re = compile(pattern);

	if (!re)
		unit_fail(__FILE__, __LINE__, "%s: %.*s: %s", pattern.p, (int)wrong.at.n,
			  wrong.at.p, wrong.expected);
	return regex_match(re, text, NULL);
}

/* Expressions, texts that they match, and texts that they do not. */
static const struct {
	const char *pattern, *yes[8], *no[4];
} rows[] = {
	/* Characters. */
	{"", {""}, {"a"}},
	{"a", {"a"}, {"", "b", "aa", "A"}},
	{"abc", {"abc"}, {"ab", "abcd", "xabc"}},
	{"/etc/(passwd|shadow)", {"/etc/passwd", "/etc/shadow"}, {"/etc/passwd-", "x/etc/shadow"}},
	{"a b", {"a b"}, {"ab"}},
	{"]", {"]"}, {"["}},
	{"}", {"}"}, {"{"}},
	{"-", {"-"}, {""}},
	{"#", {"#"}, {NULL}},
	/* Any character, of one byte or of more; unlike RE2 a newline too. */
	{".",
	 {"a", "\n", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"},
	 {"", "ab", "\xc3\xa9\xc3\xa9"}},
	{"a.c",
	 {"abc", "a\nc",
	  "a\xc3\xa9"
	  "c"},
	 {"ac", "abbc"}},
	{".*", {"", "a", "a\nb\n"}, {NULL}},
	{".*evil.*", {"evil", "x\nevil\ny"}, {"evi l"}},
	/* Repetition. */
	{"a*", {"", "a", "aaa"}, {"b", "aab"}},
	{"a+", {"a", "aaa"}, {"", "ab"}},
	{"a?", {"", "a"}, {"aa"}},
	{"ab*", {"a", "abb"}, {"abab"}},
	{"(ab)*", {"", "abab"}, {"aba"}},
	{"a*b*", {"", "aab", "b"}, {"ba"}},
	{"a{2}", {"aa"}, {"a", "aaa"}},
	{"a{2,}", {"aa", "aaaaa"}, {"a"}},
	{"a{2,3}", {"aa", "aaa"}, {"a", "aaaa"}},
	{"a{0}", {""}, {"a"}},
	{"a{0}b", {"b"}, {"ab"}},
	{"a{0,}", {"", "aa"}, {"b"}},
	{"a{0,2}", {"", "aa"}, {"aaa"}},
	{"a{1}", {"a"}, {"", "aa"}},
	{"(a|b){3}", {"aba"}, {"ab", "abab"}},
	{"(ab{1,2}){2}", {"abab", "abbab"}, {"ab", "abbbab"}},
	{"a{0,1000}", {"", "a"}, {"b"}},
	{"(a{2}){3}", {"aaaaaa"}, {"aaaaa"}},
	{"a{3}{2}", {"aaaaaa"}, {"aaa"}},
	{"(a{0,2}b){0,2}", {"", "b", "aabb", "abaab"}, {"aaab", "bbb"}},
	{"[ab]{2}", {"ba"}, {"b"}},
	{".{2}", {"\xc3\xa9\xc3\xa9"}, {"\xc3\xa9"}},
	/* One behind another; there is no lazy one, *? is * and then ?. */
	{"a**", {"", "aa"}, {"b"}},
	{"a*?", {"", "aa"}, {"b"}},
	{"a+?", {"", "a", "aa"}, {"b"}},
	{"a??", {"", "a"}, {"aa"}},
	{"a?+", {"", "aaa"}, {"b"}},
	{"a{2}?", {"", "aa"}, {"a"}},
	{"a{2}*", {"", "aa", "aaaa"}, {"aaa"}},
	{"()*", {""}, {"a"}},
	{"(a*)*", {"", "aa"}, {"b"}},
	{"(|a)+", {"", "aaa"}, {"b"}},
	{"(a*)+b", {"b", "aab"}, {"a"}},
	{"(){5}a", {"a"}, {""}},
	/* A { that counts nothing is a character. */
	{"{", {"{"}, {""}},
	{"a{", {"a{"}, {"a"}},
	{"a{}", {"a{}"}, {"a"}},
	{"a{,2}", {"a{,2}"}, {"", "aa"}},
	{"a{x}", {"a{x}"}, {"a"}},
	{"a{1", {"a{1"}, {"a"}},
	{"a{1,", {"a{1,"}, {"a"}},
	{"a{1,x}", {"a{1,x}"}, {"a"}},
	{"a{01}", {"a{01}"}, {"a"}},
	{"a{1,02}", {"a{1,02}"}, {"a"}},
	{"a{-1}", {"a{-1}"}, {"a"}},
	{"a{ 1}", {"a{ 1}"}, {"a"}},
	{"a{1234567890}", {"a{1234567890}"}, {"a"}},
	{"{,2}*", {"{,2", "{,2}}"}, {""}},
	/* One or the other. */
	{"a|b", {"a", "b"}, {"", "ab", "c"}},
	{"a|", {"", "a"}, {"b"}},
	{"|a", {"", "a"}, {"b"}},
	{"|", {""}, {"a"}},
	{"a||b", {"", "a", "b"}, {"ab"}},
	{"(a|b)c", {"ac", "bc"}, {"a", "c"}},
	{"ab|cd", {"ab", "cd"}, {"abd", "acd"}},
	{"a|ab|abc", {"a", "ab", "abc"}, {"abcd"}},
	{"(a|ab)(c|bcd)", {"ac", "abc", "abcd", "abbcd"}, {"abcdd"}},
	{"a|b|c|d|e", {"a", "e"}, {"f", ""}},
	{"((a|b)|(c|d)e)f", {"af", "bf", "cef"}, {"cf", "ef"}},
	{"(a|b)*c|d", {"ababc", "c", "d"}, {"abd"}},
	{"()", {""}, {"a"}},
	{"(|)", {""}, {"a"}},
	{"(())", {""}, {NULL}},
	{"x(a|)y", {"xay", "xy"}, {"x"}},
	/* The ends of the value; unlike RE2, of its lines not. */
	{"^a$", {"a"}, {"a\n", "\na"}},
	{"^", {""}, {"a"}},
	{"$", {""}, {"a"}},
	{"^$", {""}, {"\n"}},
	{"^^a$$", {"a"}, {""}},
	{"a^b", {NULL}, {"ab", "a\nb"}},
	{"a$b", {NULL}, {"ab"}},
	{"a$\\nb", {NULL}, {"a\nb"}},
	{"(^a|b)c", {"ac", "bc"}, {"c"}},
	{"(^)*a", {"a"}, {""}},
	{"^*a", {"a"}, {""}},
	{"a($|b)", {"a", "ab"}, {"abb"}},
	{"^+a", {"a"}, {""}},
	{"(a|^)b", {"ab", "b"}, {"cb"}},
	{"a*$", {"", "aa"}, {"ab"}},
	/* Brackets. */
	{"[abc]", {"a", "c"}, {"", "d", "ab"}},
	{"[a-c]", {"b"}, {"d", "-"}},
	{"[^a-c]", {"d", "\n", "\xc3\xa9"}, {"a", ""}},
	{"[a-]", {"a", "-"}, {"b"}},
	{"[-a]", {"a", "-"}, {"b"}},
	{"[^-a]", {"b"}, {"a", "-"}},
	{"[]]", {"]"}, {"["}},
	{"[]a]", {"]", "a"}, {"b"}},
	{"[^]a]", {"b"}, {"]", "a"}},
	{"[]-a]", {"]", "^", "a"}, {"b"}},
	{"[[]", {"["}, {"]"}},
	{"[.]", {"."}, {"a"}},
	{"[*+?(){}|$]", {"*", "$", "{"}, {"a"}},
	{"[a^]", {"^", "a"}, {"b"}},
	{"[+--]", {"+", ",", "-"}, {"."}},
	{"[--/]", {"-", ".", "/"}, {"0"}},
	{"[a-cx-z]", {"b", "y"}, {"d", "w"}},
	{"[b-da-c]", {"a", "d"}, {"e"}},
	{"[a-a]", {"a"}, {"b"}},
	{"[\xc3\xa9-\xc3\xbc]", {"\xc3\xa9", "\xc3\xb2", "\xc3\xbc"}, {"e", "\xc3\xbf"}},
	{"[^\xc3\xa9]", {"e", "\xc3\xbc"}, {"\xc3\xa9"}},
	{"[\xe2\x82\xac\xf0\x9f\x98\x80]", {"\xe2\x82\xac", "\xf0\x9f\x98\x80"}, {"e"}},
	{"[\\]]", {"]"}, {"\\"}},
	{"[a\\-c]", {"a", "-", "c"}, {"b"}},
	{"[\\n\\x41\\x{42}]", {"\n", "A", "B"}, {"n"}},
	{"[\\\\a]", {"\\", "a"}, {"b"}},
	{"[\\x61-\\143]", {"b"}, {"d"}},
	{"[^\\x00-\\x{10FFFF}]", {NULL}, {"a", ""}},
	{"[\\x00-\\x7f]", {"a"}, {"\xc3\xa9"}},
	{"[0-9a-fA-F]{4}", {"0aF9"}, {"0aFg", "0aF"}},
	{"[:alpha:]", {":", "p"}, {"b"}},
	{"[[:alpha]", {"[", ":", "a"}, {"b"}},
	/* Classes with names. */
	{"[[:alpha:]]", {"a", "Z"}, {"1", "_", "\xc3\xa9"}},
	{"[[:digit:]]", {"0", "9"}, {"a"}},
	{"[[:alnum:]]", {"a", "A", "5"}, {"_", " "}},
	{"[[:upper:]]", {"A"}, {"a"}},
	{"[[:lower:]]", {"a"}, {"A"}},
	{"[[:space:]]", {" ", "\t", "\n", "\x0b", "\r"}, {"a", "\x08"}},
	{"[[:blank:]]", {" ", "\t"}, {"\n"}},
	{"[[:punct:]]", {"!", "/", ":", "@", "[", "_", "{", "~"}, {"a", "0", " "}},
	{"[[:print:]]", {" ", "~"}, {"\x1f", "\x7f"}},
	{"[[:graph:]]", {"!", "~"}, {" "}},
	{"[[:cntrl:]]", {"\x1f", "\x7f"}, {" ", "\xc2\x80"}},
	{"[[:xdigit:]]", {"f", "A", "0"}, {"g"}},
	{"[[:word:]]", {"_", "a", "0"}, {"-"}},
	{"[[:ascii:]]", {"\x7f"}, {"\xc2\x80"}},
	{"[[:^alpha:]]", {"1", "\xc3\xa9", "\n"}, {"a"}},
	{"[^[:alpha:]]", {"1"}, {"a"}},
	{"[^[:^alpha:]]", {"a"}, {"1"}},
	{"[[:^ascii:]]", {"\xc3\xa9"}, {"a"}},
	{"[[:^cntrl:]]", {" ", "\xc2\x80"}, {"\x7f"}},
	{"[x[:digit:]-]", {"x", "1", "-"}, {"y"}},
	{"[[:digit:][:upper:]]+", {"A1B2"}, {"a1"}},
	/* What a backslash stands for. */
	{"\\.", {"."}, {"a"}},
	{"\\*", {"*"}, {""}},
	{"\\\\", {"\\"}, {"\\\\"}},
	{"\\(\\)", {"()"}, {""}},
	{"\\[a\\]", {"[a]"}, {"a"}},
	{"\\{2\\}", {"{2}"}, {""}},
	{"\\^\\$\\|\\?\\+", {"^$|?+"}, {""}},
	{"\\/\\-\\_\\ ", {"/-_ "}, {""}},
	{"\\a\\f\\n\\r\\t\\v", {"\x07\x0c\n\r\t\x0b"}, {"afnrtv"}},
	{"\\x41", {"A"}, {"x41"}},
	{"\\x4a\\x4A", {"JJ"}, {"J"}},
	{"\\x{41}", {"A"}, {NULL}},
	{"\\x{00000041}", {"A"}, {NULL}},
	{"\\x{e9}", {"\xc3\xa9"}, {"e"}},
	{"\\xe9", {"\xc3\xa9"}, {"e"}},
	{"\\x{1F600}", {"\xf0\x9f\x98\x80"}, {NULL}},
	{"\\x{10ffff}", {"\xf4\x8f\xbf\xbf"}, {NULL}},
	{"\\0", {NULL}, {"0", ""}},
	{"\\012", {"\n"}, {""}},
	{"\\12", {"\n"}, {""}},
	{"\\101", {"A"}, {""}},
	{"\\1011", {"A1"}, {"A"}},
	{"\\777", {"\xc7\xbf"}, {NULL}},
	{"\\x411", {"A1"}, {"A"}},
	{"\\n*", {"", "\n\n"}, {"n"}},
	{"\\.{2}", {".."}, {"."}},
};

static void expect(const char *pattern, const char *text, bool expected)
{
	if (matches(str_of(pattern), str_of(text)) != expected)
		unit_fail(__FILE__, __LINE__, "%s, %s: not %d", pattern, text, expected);
}

static void expressions_match_what_they_say(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int k = 0; k < 8 && rows[i].yes[k]; k++)
			expect(rows[i].pattern, rows[i].yes[k], true);
		for (int k = 0; k < 4 && rows[i].no[k]; k++)
			expect(rows[i].pattern, rows[i].no[k], false);
	}
}

static void a_zero_is_a_character(void)
{
	CHECK(matches(STR("a.b"), STR("a\0b")));
	CHECK(matches(STR("\\0"), STR("\0")));
	CHECK(matches(STR("\\x00\\08"), STR("\0\0"
					    "8")));
	CHECK(matches(STR("[[:cntrl:]][[:ascii:]][\\x00-\\x7f]"), STR("\0\0\0")));
	CHECK(!matches(STR("[^[:cntrl:]]"), STR("\0")));
	CHECK(!matches(STR("[[:^cntrl:]]"), STR("\0")));
	CHECK(!matches(STR("a"), STR("a\0")));
	CHECK(matches(STR("a\0b"), STR("a\0b")));
}

/* Overlong forms, halves of pairs, what is cut: each byte is one U+FFFD. */
static void what_is_no_utf8_is_one_character_a_byte(void)
{
	CHECK(matches(STR("a.b"), STR("a\xff"
				      "b")));
	CHECK(matches(STR(".."), STR("\xc3\xff")));
	CHECK(matches(STR("[^a]{2}"), STR("\xc0\xaf")));
	CHECK(matches(STR("\\x{fffd}{3}"), STR("\xed\xa0\x80")));
	CHECK(matches(STR(".{2}"), STR("\xe2\x82")));
	CHECK(matches(STR("\xef\xbf\xbd"), STR("\xef\xbf\xbd")));
	CHECK(matches(STR("\xef\xbf\xbd"), STR("\x80")));
	CHECK(!matches(STR("\\xff"), STR("\xff")));
	CHECK(!matches(STR("\\x{d800}"), STR("\xed\xa0\x80")));
	CHECK(!matches(STR("[[:ascii:]]"), STR("\xff")));
}

/* Expressions that are refused: at what, and why. */
static const struct {
	const char *pattern, *at, *expected;
} refusals[] = {
	/* Nothing to repeat. */
	{"*", "*", BEFORE},
	{"+a", "+", BEFORE},
	{"?", "?", BEFORE},
	{"{2}", "{2}", BEFORE},
	{"(*a)", "*", BEFORE},
	{"a|*", "*", BEFORE},
	{"(?i)a", "?", BEFORE},
	{"(?:a)", "?", BEFORE},
	{"a(|{1,2})", "{1,2}", BEFORE},
	/* Too much. */
	{"a{1001}", "{1001}", TOO_OFTEN},
	{"a{1,1001}", "{1,1001}", TOO_OFTEN},
	{"a{1001,}", "{1001,}", TOO_OFTEN},
	{"a{999999999}", "{999999999}", TOO_OFTEN},
	{"a{3,2}", "{3,2}", LOWER_FIRST},
	{"x{0,1000}{0,1000}", "{0,1000}", TOO_OFTEN},
	{"(x{2}){501}", "{501}", TOO_OFTEN},
	{"((ab{10}|c){10}d){11}", "{11}", TOO_OFTEN},
	{"(a{1000}){2,}", "{2,}", TOO_OFTEN},
	{"(ab){1000}{1}c{50}", "{50}", TOO_LONG},
	{"(abc){1000}", "{1000}", TOO_LONG},
	/* Parentheses and brackets. */
	{"(", "(", NO_CLOSING},
	{"(a", "(a", NO_CLOSING},
	{"((a)", "((a)", NO_CLOSING},
	{"x(a|b", "(a|b", NO_CLOSING},
	{")", ")", NO_OPENING},
	{"a)b", ")b", NO_OPENING},
	{"(a))", ")", NO_OPENING},
	{"[", "[", NO_BRACKET},
	{"[a", "[a", NO_BRACKET},
	{"x[]", "[]", NO_BRACKET},
	{"[^]", "[^]", NO_BRACKET},
	{"[[:alpha:]", "[[:alpha:]", NO_BRACKET},
	{"[c-a]", "c-a", RANGE},
	{"[a-c-e]", "[a-c", HYPHEN},
	{"[[:alpha:]-z]", "[[:alpha:]", HYPHEN},
	{"[a-", "[a", HYPHEN},
	{"[[:nosuch:]]", "[:nosuch:]", CLASS},
	{"[[:ALPHA:]]", "[:ALPHA:]", CLASS},
	{"[[:^:]]", "[:^:]", CLASS},
	{"[[::]]", "[::]", CLASS},
	{"[[:a]b:]", "[:a]b:]", CLASS},
	/* Escapes. */
	{"\\", "\\", TRAILING},
	{"a\\", "\\", TRAILING},
	{"[\\", "\\", TRAILING},
	{"\\d", "\\d", ESCAPE},
	{"\\D", "\\D", ESCAPE},
	{"\\w", "\\w", ESCAPE},
	{"\\s", "\\s", ESCAPE},
	{"\\b", "\\b", ESCAPE},
	{"\\B", "\\B", ESCAPE},
	{"\\A", "\\A", ESCAPE},
	{"\\z", "\\z", ESCAPE},
	{"\\Q", "\\Q", ESCAPE},
	{"\\E", "\\E", ESCAPE},
	{"\\C", "\\C", ESCAPE},
	{"\\pL", "\\p", ESCAPE},
	{"\\p{Greek}", "\\p", ESCAPE},
	{"\\e", "\\e", ESCAPE},
	{"(a)\\1", "\\1", ESCAPE},
	{"\\18", "\\1", ESCAPE},
	{"\\8", "\\8", ESCAPE},
	{"\\9", "\\9", ESCAPE},
	{"\\x", "\\x", ESCAPE},
	{"\\x4", "\\x", ESCAPE},
	{"\\xg0", "\\x", ESCAPE},
	{"\\x{}", "\\x{", ESCAPE},
	{"\\x{41", "\\x{41", ESCAPE},
	{"\\x{110000}", "\\x{110000", ESCAPE},
	{"\\x{4g}", "\\x{4", ESCAPE},
	{"\\\xc3\xa9", "\\\xc3\xa9", ESCAPE},
	{"[\\d]", "\\d", ESCAPE},
	{"[a-\\d]", "\\d", ESCAPE},
	{"\\u0041", "\\u", ESCAPE},
	/* Bytes that are no UTF-8. */
	{"a\xff", "\xff", "expected UTF-8"},
	{"[a\xc3]", "\xc3]", "expected UTF-8"},
	{"\\\xed\xa0\x80", "\xed\xa0\x80", "expected UTF-8"},
	{"\\x{\xff", "\\x{", ESCAPE},
};

static void what_is_refused_is_told_with_its_place(void)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const char *at = refusals[i].at;

		if (compile(str_of(refusals[i].pattern)))
			unit_fail(__FILE__, __LINE__, "%s: taken", refusals[i].pattern);
		if (strcmp(wrong.expected, refusals[i].expected) || !str_eq(wrong.at, str_of(at)))
			unit_fail(__FILE__, __LINE__, "%s: %.*s: %s", refusals[i].pattern,
				  (int)wrong.at.n, wrong.at.p, wrong.expected);
	}
}

static void size_is_bounded(void)
{
	CHECK(matches(str_of(unit_nested("(", "a", ")", 100, "")), STR("a")));
	CHECK(!compile(str_of(unit_nested("(", "a", ")", 101, ""))));
	CHECK_STR(wrong.expected, "expected parentheses to nest no deeper than 100");
	CHECK_EQ(regex_size(compile(str_of(unit_nested("a", "", "", 2047, "")))), 2048);
	CHECK(!compile(str_of(unit_nested("a", "", "", 2048, ""))));
	CHECK_STR(wrong.expected, TOO_LONG);
	CHECK_EQ(regex_size(compile(STR("x{0,1000}y{0,23}"))), 2047);
	CHECK_EQ(regex_size(compile(STR("(|a){0,511}"))), 2045);
	CHECK(!compile(STR("(|a){0,512}")));
	CHECK(!compile(STR("(abc){682}*")));
	CHECK(compile(STR("(abc){681}*")));
	CHECK(!compile(str_of(unit_nested("a|", "", "", 683, ""))));
	CHECK(compile(str_of(unit_nested("[ac]", "", "", 512, ""))));
	CHECK(!compile(str_of(unit_nested("[ac]", "[a]", "", 512, ""))));
	CHECK_STR(wrong.expected, "expected no more than 1024 ranges of characters");
	CHECK(!compile(str_of(unit_nested("[^a]", "", "", 513, ""))));
	CHECK(!compile(str_of(unit_nested("[ac]", "[[:^punct:]]", "", 511, ""))));
}

/* Brackets whose members overlap, touch and stand in any order. */
static void ranges_are_joined(void)
{
	struct str s = STR("[f-hb-ca-bz-zh-kb-b]{7}");

	CHECK(matches(s, STR("abcfghk")));
	for (const char *p = "delyA{"; *p; p++)
		CHECK(!matches(STR("[f-hb-ca-bz-zh-kb-b]"), (struct str){p, 1}));
	CHECK(!matches(STR("[^f-hb-ca-bz-zh-kb-b]"), STR("b")));
	CHECK(matches(STR("[^f-hb-ca-bz-zh-kb-b]{3}"), STR("dl\n")));
}

/* What takes other matchers exponential time, and what is merely large. */
static void no_value_takes_long(void)
{
	static const struct {
		const char *pattern;
		bool matches;
	} slow[] = {
		{"(a*)*b", false},	    {"(a|aa)+$", true},
		{"(a|aa)+b", false},	    {"((((a*)*)*)*)*", true},
		{"(a?){300}a{300}", false}, {"(.*)(.*)(.*)(.*)x", false},
		{"([a-z]+)*[0-9]", false},  {".{0,1000}x", false},
		{".*.{1000}", true},	    {"(|a|a|a|a)*(|a)*", true},
		{"(a|b|ab)*bc", false},	    {"(.*a){500}", true},
	};
	static char text[2001];

	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		const struct regex *re = compile(str_of(slow[i].pattern));
		uint64_t steps, before = 0;

		CHECK(re);
		for (uint32_t n = 1000; n < sizeof(text); n *= 2) {
			CHECK_EQ(regex_match(re, (struct str){text, n}, &steps), slow[i].matches);
			CHECK(steps <= 2ull * regex_size(re) * (n + 1));
			/* Twice the length takes no more than twice the steps. */
			CHECK(!before || steps <= 2 * before + 2ull * regex_size(re) * 1000);
			before = steps;
		}
	}
}

/*
 * Random expressions. Each is a tree, which is printed, and matched by another
 * method: of a set of places in the text it says at which places it can end.
 */
enum { LEAF, FRONT, BACK, NOTHING, BOTH, EITHER, TIMES };

struct tree {
	int kind;
	unsigned set; /* of a LEAF: 1 << index into letters */
	int min, max; /* -1: any number */
	const struct tree *left, *right;
};

static const char *const letters[] = {"a", "b", "\n", "\xc3\xa9"};

static struct tree forest[256];
static int trees;

static struct tree *grow(int depth, bool plain)
{
	static const int counts[][2] = {{0, -1}, {1, -1}, {0, 1}, {2, 2}, {2, -1}, {1, 3}, {0, 2}};
	struct tree *t = &forest[trees++];
	int which = (int)below(7);

	if (depth && below(8))
		t->kind = BOTH + (int)below(3);
	else
		t->kind = plain || below(8) ? LEAF : FRONT + (int)below(3);
	t->set = 1 + below(plain ? 7 : 15);
	t->min = counts[which][0];
	t->max = counts[which][1];
	t->left = t->kind >= BOTH ? grow(depth - 1, plain) : NULL;
	t->right = t->kind == BOTH || t->kind == EITHER ? grow(depth - 1, plain) : NULL;
	return t;
}

static char *print_leaf(char *p, unsigned set)
{
	bool not_in = below(2);

	if (set == 15)
		return stpcpy(p, ".");
	p = stpcpy(p, not_in ? "[^" : "[");
	for (unsigned i = 0; i < 4; i++)
		if ((set >> i & 1) != not_in)
			p = stpcpy(p, letters[i]);
	return stpcpy(p, "]");
}

static char *print(char *p, const struct tree *t)
{
	static const char *const simple[] = {[FRONT] = "^", [BACK] = "$", [NOTHING] = "()"};

	if (t->kind == LEAF)
		return print_leaf(p, t->set);
	if (t->kind < BOTH)
		return stpcpy(p, simple[t->kind]);
	p = print(stpcpy(p, "("), t->left);
	if (t->kind == EITHER)
		p = stpcpy(p, "|");
	if (t->kind != TIMES)
		return stpcpy(print(p, t->right), ")");
	if (t->min < 2 && t->max < 2 && t->min != t->max)
		return p + sprintf(p, ")%c", t->max == 1 ? '?' : t->min ? '+' : '*');
	p += sprintf(p, "){%d", t->min);
	if (t->max < 0)
		p = stpcpy(p, ",");
	else if (t->max != t->min)
		p += sprintf(p, ",%d", t->max);
	return stpcpy(p, "}");
}

static int word[16], word_len;

/* Places at which the tree can end if it begins at one of those. */
static unsigned ends(const struct tree *t, unsigned from)
{
	unsigned reached = 0;

	switch (t->kind) {
	case LEAF:
		for (int i = 0; i < word_len; i++)
			reached |= (from >> i & t->set >> word[i] & 1) << (i + 1);
		return reached;
	case FRONT:
		return from & 1;
	case BACK:
		return from & 1u << word_len;
	case NOTHING:
		return from;
	case BOTH:
		return ends(t->right, ends(t->left, from));
	case EITHER:
		return ends(t->left, from) | ends(t->right, from);
	default:
		break;
	}
	for (int i = 0; i < t->min; i++)
		from = ends(t->left, from);
	reached = from;
	for (int i = t->min; i != t->max && from; i++) {
		from = ends(t->left, from) & ~reached;
		reached |= from;
	}
	return reached;
}

/* A random text, and whether the tree matches it. */
static bool make_word(const struct tree *t, char *text, bool plain)
{
	word_len = (int)below(one_in(2) ? 12 : 4);
	for (int i = 0; i < word_len; i++) {
		word[i] = (int)below(plain ? 3 : 4);
		text = stpcpy(text, letters[word[i]]);
	}
	*text = '\0';
	return ends(t, 1) >> word_len & 1;
}

static void random_expressions_match_as_their_trees_do(void)
{
	char pattern[8192], text[64];
	int hits = 0, cases = 0;

	for (int i = 0; i < 20000; i++) {
		const struct tree *t;

		trees = 0;
		t = grow((int)below(5), false);
		print(pattern, t);
		for (int k = 0; k < 4; k++, cases++) {
			bool expected = make_word(t, text, false);

			hits += expected;
			expect(pattern, text, expected);
		}
	}
	CHECK(hits > cases / 10 && hits < cases * 9 / 10);
}

/* The same, of what POSIX defines, with the C library for a witness. */
static void random_expressions_match_as_in_the_library(void)
{
	char pattern[8192], whole[8200], text[64];
	int hits = 0;

	for (int i = 0; i < 2000; i++) {
		const struct tree *t;
		regex_t re;

		trees = 0;
		t = grow((int)below(4), true);
		print(pattern, t);
		snprintf(whole, sizeof(whole), "^(%s)$", pattern);
		CHECK_EQ(regcomp(&re, whole, REG_EXTENDED | REG_NOSUB), 0);
		for (int k = 0; k < 4; k++) {
			bool expected;

			make_word(t, text, true);
			expected = !regexec(&re, text, 0, NULL, 0);
			hits += expected;
			expect(pattern, text, expected);
		}
		regfree(&re);
	}
	CHECK(hits > 800);
}

static void rules_name_the_place_of_a_bad_expression(void)
{
	CHECK_STR(rules_refused_condition("proc.name = a\n\tand proc.name regex a\\d+"),
		  "rules:3: a\\d+: no regular expression at \\d: " ESCAPE);
	CHECK_STR(rules_refused_condition("proc.name regex 'x(a|b'"),
		  "rules:2: x(a|b: no regular expression at (a|b: " NO_CLOSING);
	CHECK_STR(rules_refused_condition("proc.name regex '(ab){1000}(c){50}'"),
		  "rules:2: (ab){1000}(c){50}: no regular expression at {50}: " TOO_LONG);
	CHECK_STR(rules_refused_condition("proc.name regex a*)"),
		  "rules:2: ): expected and, or, or the end of the condition");
}

/* Rules with the expression .{0,1000}, or each with another. */
static const char *many_rules(int n, bool different)
{
	static char text[1 << 16];
	char *p = text;

	for (int i = 0; i < n; i++)
		p += sprintf(p, RULE("r%d", "proc.name regex '.{0,%d}'"), i,
			     different ? 1000 - i : 1000);
	return text;
}

static void equal_expressions_are_compiled_once(void)
{
	const struct ruleset *rs = rules_load_in(1 << 18, many_rules(100, false));

	CHECK_STR(rules_error.text, "");
	CHECK_EQ(ruleset_checks(rs), 1);
	CHECK(!rules_load_in(1 << 18, many_rules(100, true)));
	CHECK(strstr(rules_error.text, "rules need more memory than tables.rules_kib"));
}

const struct unit_test tests_regex[] = {
	TEST(expressions_match_what_they_say),
	TEST(a_zero_is_a_character),
	TEST(what_is_no_utf8_is_one_character_a_byte),
	TEST(what_is_refused_is_told_with_its_place),
	TEST(size_is_bounded),
	TEST(ranges_are_joined),
	TEST(no_value_takes_long),
	TEST(random_expressions_match_as_their_trees_do),
	TEST(random_expressions_match_as_in_the_library),
	TEST(rules_name_the_place_of_a_bad_expression),
	TEST(equal_expressions_are_compiled_once),
	{0},
};
