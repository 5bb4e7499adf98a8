/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON as RFC 8259 has it, and what is none. */
#include "../../core/json_read.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

/*
 * All values of a text, each as its way and what it is: "a=[ a/= x a=]" and so on. The text
 * is in memory of its own size, so that the sanitizers see what is read past its end.
 */
static const char *told(const char *text, size_t n)
{
	static const char *const sign[] = {
		[JSON_OBJECT] = "{", [JSON_ARRAY] = "[",  [JSON_CLOSE] = "]",
		[JSON_STRING] = "'", [JSON_NUMBER] = "#", [JSON_TRUE] = "yes",
		[JSON_FALSE] = "no", [JSON_NULL] = "null"};
	static char out[4096];
	char *copy = malloc(n + 1);
	size_t used = 0;
	enum json_kind kind;
	struct json j;
	struct str s;

	memcpy(copy, text, n);
	json_begin(&j, copy, (uint32_t)n);
	out[0] = 0;
	while ((kind = json_next(&j, &s)) > JSON_BAD) {
		for (uint32_t i = 0; i < j.level; i++)
			used += (size_t)snprintf(out + used, sizeof(out) - used, "%.*s/",
						 (int)j.key[i].n, j.key[i].p);
		used += (size_t)snprintf(out + used, sizeof(out) - used, "%s%.*s ", sign[kind],
					 (int)s.n, s.p);
	}
	/* It stays so. */
	CHECK_EQ(json_next(&j, &s), kind);
	snprintf(out + used, sizeof(out) - used, "%s", kind == JSON_BAD ? "bad" : "end");
	free(copy);
	return out;
}

#define TOLD(text, want)                                                                           \
	do {                                                                                       \
		const char *told_ = told(text, sizeof(text) - 1);                                  \
		CHECK_STR(told_, want);                                                            \
	} while (0)

/* Is a text refused, after what it tells? */
static bool bad(const char *text, size_t n)
{
	return strstr(told(text, n), "bad");
}

static void values_are_told(void)
{
	TOLD("{}", "{ ] end");
	TOLD(" \t\r\n[ ] \n", "[ ] end");
	TOLD("\"\"", "' end");
	TOLD("\"x\"", "'x end");
	TOLD("0", "#0 end");
	TOLD("true", "yes end");
	TOLD("false", "no end");
	TOLD("null", "null end");
	TOLD("{\"a\":1,\"b\":[true,{\"c\":\"d\"}],\"\":null}",
	     "{ a/#1 b/[ b//yes b//{ b//c/'d b//] b/] /null ] end");
}

static void numbers_are_as_they_stand(void)
{
	static const char *const good[] = {
		"0",   "-0",   "12",	  "-1.50",
		"1e5", "1E+5", "0.1e-10", "123456789012345678901234567890"};
	static const char *const wrong[] = {"01", "-",	 "+1",	".5",  "1.",	   "1e",  "1e+",
					    "-a", "0x1", "1 2", "--1", "Infinity", "NaN", "1.e1"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const char *got = told(good[i], strlen(good[i]));

		CHECK(*got == '#');
		CHECK(!strncmp(got + 1, good[i], strlen(good[i])));
		CHECK(strstr(got, " end"));
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(bad(wrong[i], strlen(wrong[i])));
}

static void escapes_are_what_they_mean(void)
{
	TOLD("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "'\"\\/\b\f\n\r\t end");
	TOLD("\"a\\u0041\\u00e9\\u20AC\\uFFFFz\"", "'aA\xc3\xa9\xe2\x82\xac\xef\xbf\xbfz end");
	TOLD("\"\\ud83d\\uDE00\\uD800\\udc00\\udbff\\udfff\"",
	     "'\xf0\x9f\x98\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf end");
	TOLD("{\"k\\u0065y\":\"\\u0062\"}", "{ key/'b ] end");
}

static void a_string_may_have_nuls(void)
{
	char text[] = "\"a\\u0000b\"";
	struct json j;
	struct str s;

	json_begin(&j, text, sizeof(text) - 1);
	CHECK_EQ(json_next(&j, &s), JSON_STRING);
	CHECK_EQ(s.n, 3);
	CHECK(!memcmp(s.p, "a\0b", 3));
}

static void broken_strings_are_refused(void)
{
	static const char *const wrong[] = {"\"",
					    "\"a",
					    "\"\\\"",
					    "\"\\",
					    "\"\\x\"",
					    "\"\\u12\"",
					    "\"\\u12g4\"",
					    "\"\\u",
					    "\"\n\"",
					    "\"\x1f\"",
					    "\"\xff\"",
					    "\"\xc3\"",
					    "\"\xed\xa0\x80\"",
					    "\"\xc0\x80\"",
					    "\"\\ud800\"",
					    "\"\\ud800x\"",
					    "\"\\ud800\\n\"",
					    "\"\\ud800\\u0041\"",
					    "\"\\udc00\"",
					    "\"\\udc00\\ud800\"",
					    "\"\\ud800\\ud800\"",
					    "\"\\ud83d\\u",
					    "'a'",
					    "\"\\U0041\""};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(bad(wrong[i], strlen(wrong[i])));
	CHECK(bad("\"\\\0\"", 4));
	CHECK(bad("\"\0\"", 3));
}

static void broken_structure_is_refused(void)
{
	static const char *const wrong[] = {"",
					    " ",
					    "{",
					    "[",
					    "}",
					    "]",
					    "[}",
					    "{]",
					    "[1,]",
					    "[,1]",
					    "[1 2]",
					    "[1,,2]",
					    "{,}",
					    "{\"a\"}",
					    "{\"a\":}",
					    "{\"a\":1,}",
					    "{1:2}",
					    "{a:1}",
					    "{\"a\" 1}",
					    "[1}",
					    "{\"a\":1]",
					    "{} {}",
					    "[] 1",
					    "true false",
					    "tru",
					    "truex",
					    "nul",
					    "True",
					    "{\"a\":1 \"b\":2}",
					    "[1,2",
					    "{\"a\":1",
					    "\xef\xbb\xbf{}",
					    "// x\n{}",
					    "{\"a\":1}}",
					    "{}]",
					    ",",
					    ":",
					    "[:]"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(bad(wrong[i], strlen(wrong[i])));
	CHECK(bad("{}\0", 3));
}

static void depth_is_limited(void)
{
	char text[2 * JSON_DEPTH + 3];

	memset(text, '[', JSON_DEPTH);
	memset(text + JSON_DEPTH, ']', JSON_DEPTH);
	CHECK(!bad(text, 2 * JSON_DEPTH));
	memset(text, '[', JSON_DEPTH + 1);
	memset(text + JSON_DEPTH + 1, ']', JSON_DEPTH + 1);
	CHECK(bad(text, 2 * JSON_DEPTH + 2));
}

static void ways_are_compared(void)
{
	char text[] = "{\"a\":{\"b/c\":[7]}}";
	struct json j;
	struct str s;

	json_begin(&j, text, sizeof(text) - 1);
	CHECK_EQ(json_next(&j, &s), JSON_OBJECT);
	CHECK(json_is(&j, "") && !json_is(&j, "*") && !json_is(&j, "a"));
	CHECK_EQ(json_next(&j, &s), JSON_OBJECT);
	CHECK(json_is(&j, "a") && json_is(&j, "*") && !json_is(&j, "b") && !json_is(&j, "a/*"));
	CHECK_EQ(json_next(&j, &s), JSON_ARRAY);
	/* A name with a slash is one name, and none that a way can have. */
	CHECK(json_is(&j, "a/*") && !json_is(&j, "a/b/c"));
	CHECK_EQ(json_next(&j, &s), JSON_NUMBER);
	CHECK(json_is(&j, "a/*/*") && !json_is(&j, "a/*") && !json_is(&j, "a/*/*/*"));
	CHECK_EQ(json_next(&j, &s), JSON_CLOSE);
	CHECK(json_is(&j, "a/*"));
	CHECK_EQ(json_next(&j, &s), JSON_CLOSE);
	CHECK(json_is(&j, "a"));
	CHECK_EQ(json_next(&j, &s), JSON_CLOSE);
	CHECK(json_is(&j, ""));
	CHECK_EQ(json_next(&j, &s), JSON_END);
}

const struct unit_test tests_json_read[] = {
	TEST(values_are_told),
	TEST(numbers_are_as_they_stand),
	TEST(escapes_are_what_they_mean),
	TEST(a_string_may_have_nuls),
	TEST(broken_strings_are_refused),
	TEST(broken_structure_is_refused),
	TEST(depth_is_limited),
	TEST(ways_are_compared),
	{0},
};
