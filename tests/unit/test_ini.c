/* SPDX-License-Identifier: BSD-2-Clause */
/* The INI reader: what it tells of a text, line by line, and every way to refuse one. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/ini.h"
#include "unit.h"

static char told[INI_FILE_MAX]; /* a line for each call: "1 [kind|name]" or "2 key=value" */
static char work[INI_FILE_MAX + INI_VALUE_MAX];
static struct ini_error err;

static void tell(const char *fmt, int line, const char *a, const char *b)
{
	size_t n = strlen(told);

	snprintf(told + n, sizeof(told) - n, fmt, line, a, b);
}

static int on_section(void *arg, struct ini_place at, const char *kind, const char *name,
		      struct ini_error *e)
{
	(void)arg;
	tell("%d [%s|%s]\n", at.line, kind, name);
	return strcmp(kind, "bad") ? 0 : ini_fail(e, at, "%s: a bad section", kind);
}

static int on_key(void *arg, struct ini_place at, struct ini_place value_at, const char *key,
		  const char *value, struct ini_error *e)
{
	(void)arg;
	tell("%d %s=%s\n", value_at.line, key, value);
	return strcmp(key, "bad") ? 0 : ini_fail(e, at, "%s: a bad key", key);
}

static const struct ini_reader reader = {on_section, on_key, NULL};

static int read_bytes(const char *text, size_t len)
{
	told[0] = err.text[0] = '\0';
	return ini_text("x.ini", text, len, &reader, work, len + INI_VALUE_MAX, &err);
}

static void check_told(const char *text, const char *want)
{
	if (read_bytes(text, strlen(text)))
		unit_fail(__FILE__, __LINE__, "refused: %s", err.text);
	CHECK_STR(&told[0], want);
}

static void check_refused(const char *text, const char *want)
{
	CHECK_EQ(read_bytes(text, strlen(text)), -EINVAL);
	CHECK_STR(&err.text[0], want);
}

static void tells_sections_and_keys(void)
{
	check_told("", "");
	check_told("\n; note\n# note\n\n", "");
	check_told("[a]\nk = v\nempty =\n\n[b]", "1 [a|]\n2 k=v\n3 empty=\n5 [b|]\n");
	check_told("[a]\nk=v", "1 [a|]\n2 k=v\n");
}

static void trims_and_keeps(void)
{
	check_told("[a]\nk\t =  \"q \" ; x # y = : [z] \t\n",
		   "1 [a|]\n2 k=\"q \" ; x # y = : [z]\n");
	check_told("[a]\nlong name = 1\n", "1 [a|]\n2 long name=1\n");
}

static void takes_crlf_and_a_byte_order_mark(void)
{
	check_told("\xef\xbb\xbf[a]\r\nk = v\r\n  w\r\n\r\n", "1 [a|]\n2 k=v\nw\n");
	check_told("\xef\xbb\xbf; note\r\n", "");
}

static void splits_a_section_into_kind_and_name(void)
{
	check_told("[rule  Shell in  a container ]\n[ list x]\n",
		   "1 [rule|Shell in  a container]\n2 [list|x]\n");
}

static void tells_long_names_whole(void)
{
	char text[3000], want[3000], name[1001];

	memset(name, 'n', 1000);
	name[1000] = '\0';
	snprintf(text, sizeof(text), "[rule %s]\n%s = v\n", name, name);
	snprintf(want, sizeof(want), "1 [rule|%s]\n2 %s=v\n", name, name);
	check_told(text, want);
}

static void tells_equal_sections_twice(void)
{
	check_told("[a b]\nk = 1\n[a b]\n[a b]\nk = 2\n",
		   "1 [a|b]\n2 k=1\n3 [a|b]\n4 [a|b]\n5 k=2\n");
}

static void joins_indented_lines(void)
{
	check_told("[a]\nk = 1\n  2\n\t3 = x\n [b]\nl = 4\n",
		   "1 [a|]\n2 k=1\n2\n3 = x\n[b]\n6 l=4\n");
}

static void keeps_the_count_of_lines_in_a_value(void)
{
	check_told("[a]\nk = 1\n\n  ; note\n# note\n  2\n", "1 [a|]\n2 k=1\n\n\n\n2\n");
}

static void begins_a_value_where_its_text_is(void)
{
	check_told("[a]\nk =\n; note\n  1\n  2\nl = 3\n", "1 [a|]\n4 k=1\n2\n6 l=3\n");
}

static void refuses_a_key_given_twice(void)
{
	check_refused("[a]\nk = 1\nl = 2\nk = 3\n", "x.ini:4: k: given twice, first in line 2");
	check_told("[a]\nk = 1\n k = 2\n", "1 [a|]\n2 k=1\nk = 2\n");
}

static void refuses_what_is_no_line_of_ini(void)
{
	check_refused("[a]\nword\n", "x.ini:2: word: expected KEY = VALUE");
	check_refused("[a]\nk: v\n", "x.ini:2: k: v: expected KEY = VALUE; this looks like YAML");
	check_refused("[a]\nk: v = w\n",
		      "x.ini:2: k: v = w: expected KEY = VALUE; this looks like YAML");
	check_refused("[a]\n= v\n", "x.ini:2: = v: expected KEY = VALUE");
	check_refused("[a]\nk = v\nw\n", "x.ini:3: w: expected KEY = VALUE");
	CHECK_STR(&told[0], "1 [a|]\n2 k=v\n");
}

static void refuses_a_key_before_any_section(void)
{
	check_refused("\nk = v\n", "x.ini:2: k = v: expected a [section] before the first key");
}

static void refuses_bad_brackets(void)
{
	check_refused("[a\n", "x.ini:1: [a: expected ] at its end");
	check_refused("[\n", "x.ini:1: [: expected ] at its end");
	check_refused("[]\n", "x.ini:1: []: expected a word between [ and ]");
	check_refused("[ \t ]\n", "x.ini:1: [ \\x09 ]: expected a word between [ and ]");
	check_refused("[a] ; note\n",
		      "x.ini:1: [a] ; note: expected the line to end with its first ]");
	check_refused("[a[0] b]\n", "x.ini:1: [a[0] b]: expected the line to end with its first ]");
}

static void refuses_indented_lines_with_nothing_above(void)
{
	check_refused(
		" [a]\n",
		"x.ini:1: [a]: expected no blanks before it: there is no value to go on with");
	check_refused(
		"[a]\n k = v\n",
		"x.ini:2: k = v: expected no blanks before it: there is no value to go on with");
	check_refused("[a]\nk = v\n[b]\n  w\n",
		      "x.ini:4: w: expected no blanks before it: there is no value to go on with");
	check_refused("\xef\xbb\xbf x\n",
		      "x.ini:1: x: expected no blanks before it: there is no value to go on with");
}

static void refuses_nul_bytes(void)
{
	static const char text[] = "[a]\nk = v\0w\n", note[] = "; \0\n";

	CHECK_EQ(read_bytes(text, sizeof(text) - 1), -EINVAL);
	CHECK_STR(&err.text[0], "x.ini:2: k = v: expected a line without NUL bytes");
	CHECK_EQ(read_bytes(note, sizeof(note) - 1), -EINVAL);
}

static void refuses_long_lines(void)
{
	static char text[INI_LINE_MAX + 8];

	snprintf(text, sizeof(text), "[a]\nk=%0*d\n", INI_LINE_MAX - 2, 7);
	CHECK_EQ(read_bytes(text, strlen(text)), 0);
	CHECK_EQ(strlen(told), strlen("1 [a|]\n2 \n") + INI_LINE_MAX);
	snprintf(text, sizeof(text), "[a]\nk=%0*d\n", INI_LINE_MAX - 1, 7);
	CHECK_EQ(read_bytes(text, strlen(text)), -EINVAL);
	CHECK(strstr(err.text, "x.ini:2: k=0000"));
	CHECK(strstr(err.text, "0...: expected a line of at most 8000 bytes"));
}

static void repeats_no_half_characters(void)
{
	check_refused("[a]\n01234567890123456789012345678901234567890123456789012345678\xc3\xa9x\n",
		      "x.ini:2: 01234567890123456789012345678901234567890123456789012345678...: "
		      "expected KEY = VALUE");
}

static void refuses_long_values(void)
{
	static char text[2 * INI_VALUE_MAX] = "[a]\nk =x";
	size_t len = strlen(text);

	for (int n = 1; n < INI_VALUE_MAX - 1; n += 2, len += 3)
		memcpy(text + len, "\n x", 3);
	CHECK_EQ(read_bytes(text, len), 0);
	CHECK_EQ(strlen(told), strlen("1 [a|]\n2 k=\n") + INI_VALUE_MAX - 1);
	text[len++] = 'x';
	CHECK_EQ(read_bytes(text, len), -EINVAL);
	CHECK_STR(&err.text[0],
		  "x.ini:32769: xx: expected the end of a value of 65536 bytes and more");
}

static void refuses_too_many_keys(void)
{
	char text[2048] = "[a]\n";

	for (int i = 0; i < INI_KEYS_MAX; i++)
		sprintf(text + strlen(text), "k%d = %d\n", i, i);
	CHECK_EQ(read_bytes(text, strlen(text)), 0);
	strcat(text, "k = 1\n");
	check_refused(text, "x.ini:66: k = 1: expected at most 64 keys in a section");
}

static void stops_at_the_readers_word(void)
{
	check_refused("[bad]\nk = 1\n", "x.ini:1: bad: a bad section");
	CHECK_STR(&told[0], "1 [bad|]\n");
	check_refused("[a]\nbad = 1\nno line\n", "x.ini:2: bad: a bad key");
	check_refused("[a]\nk = 1\nbad = 1", "x.ini:3: bad: a bad key");
}

static void refuses_too_little_memory(void)
{
	CHECK_EQ(ini_text("x.ini", "[a]\n", 4, &reader, work, 3 + INI_VALUE_MAX, &err), -EINVAL);
	CHECK_STR(&err.text[0], "x.ini: too long for its working memory");
}

static void messages_are_escaped_and_cut(void)
{
	CHECK_EQ(ini_fail(&err, (struct ini_place){"a\nb", 3}, "%s", "\x1b"), -EINVAL);
	CHECK_STR(&err.text[0], "a\\x0ab:3: \\x1b");
	ini_fail(&err, (struct ini_place){0}, "%s", "no place");
	CHECK_STR(&err.text[0], "no place");
	ini_fail(&err, (struct ini_place){"f", 0}, "%01000d", 0);
	CHECK_EQ(strlen(err.text), sizeof(err.text) - 1);
	CHECK(str_starts(str_of(err.text), STR("f: 000")));
	CHECK(str_ends(str_of(err.text), STR("0...")));
	memset(work, 'f', 2000);
	work[2000] = '\0';
	ini_fail(&err, (struct ini_place){work, 1}, "x");
	CHECK(str_ends(str_of(err.text), STR("f...")));
}

static void write_file(const char *name, const char *text, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK_EQ(write(fd, text, len), len);
	close(fd);
}

static void enter_empty_directory(void)
{
	char dir[] = "/tmp/unit-ini-XXXXXX";

	CHECK(mkdtemp(dir));
	CHECK_EQ(chdir(dir), 0);
}

static void leave_directory(void)
{
	char dir[PATH_MAX];

	CHECK(getcwd(dir, sizeof(dir)));
	CHECK_EQ(rmdir(dir), 0);
}

static void reads_a_file(void)
{
	enter_empty_directory();
	write_file("a.ini", "[a]\nk = v\nw\n", 12);
	CHECK_EQ(ini_file("a.ini", &reader, &err), -EINVAL);
	unlink("a.ini");
	CHECK_STR(&told[0], "1 [a|]\n2 k=v\n");
	CHECK_STR(&err.text[0], "a.ini:3: w: expected KEY = VALUE");
	CHECK_EQ(ini_file("a.ini", &reader, &err), -ENOENT);
	CHECK_STR(&err.text[0], "a.ini: No such file or directory");
	CHECK_EQ(ini_file("/", &reader, &err), -EINVAL);
	leave_directory();
}

static void refuses_a_long_file(void)
{
	static char text[INI_FILE_MAX + 1];

	enter_empty_directory();
	memset(text, '\n', sizeof(text));
	write_file("a.ini", text, INI_FILE_MAX);
	CHECK_EQ(ini_file("a.ini", &reader, &err), 0);
	write_file("a.ini", text, INI_FILE_MAX + 1);
	CHECK_EQ(ini_file("a.ini", &reader, &err), -EINVAL);
	CHECK_STR(&err.text[0], "a.ini: expected a file of at most 1048576 bytes");
	unlink("a.ini");
	leave_directory();
}

static int on_file(void *arg, const char *file, struct ini_error *e)
{
	(void)e;
	tell("%.0d%s%s\n", 0, file, "");
	return arg && strstr(file, arg) ? 42 : 0;
}

static void calls_for_each_ini_in_order(void)
{
	static const char *const names[] = {"d/20.ini",	  "d/10-b.ini", "d/9.ini",
					    "d/10-B.ini", "d/.ini",	"d/.x.ini",
					    "d/x.ini~",	  "d/README",	"d/ini"};

	enter_empty_directory();
	CHECK_EQ(mkdir("d", 0700), 0);
	CHECK_EQ(ini_each("d", on_file, NULL, &err), 0);
	CHECK_STR(&told[0], "");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		write_file(names[i], "", 0);
	CHECK_EQ(ini_each("d", on_file, NULL, &err), 0);
	CHECK_STR(&told[0], "d/10-B.ini\nd/10-b.ini\nd/20.ini\nd/9.ini\n");
	told[0] = '\0';
	CHECK_EQ(ini_each("d/", on_file, "20", &err), 42);
	CHECK_STR(&told[0], "d/10-B.ini\nd/10-b.ini\nd/20.ini\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	rmdir("d");
	leave_directory();
}

static void calls_once_for_a_file_of_any_name(void)
{
	enter_empty_directory();
	write_file("rules", "", 0);
	CHECK_EQ(ini_each("rules", on_file, NULL, &err), 0);
	CHECK_STR(&told[0], "rules\n");
	unlink("rules");
	CHECK_EQ(ini_each("rules", on_file, NULL, &err), -ENOENT);
	CHECK_STR(&err.text[0], "rules: No such file or directory");
	leave_directory();
}

const struct unit_test tests_ini[] = {
	TEST(tells_sections_and_keys),
	TEST(trims_and_keeps),
	TEST(takes_crlf_and_a_byte_order_mark),
	TEST(splits_a_section_into_kind_and_name),
	TEST(tells_long_names_whole),
	TEST(tells_equal_sections_twice),
	TEST(joins_indented_lines),
	TEST(keeps_the_count_of_lines_in_a_value),
	TEST(begins_a_value_where_its_text_is),
	TEST(refuses_a_key_given_twice),
	TEST(refuses_what_is_no_line_of_ini),
	TEST(refuses_a_key_before_any_section),
	TEST(refuses_bad_brackets),
	TEST(refuses_indented_lines_with_nothing_above),
	TEST(refuses_nul_bytes),
	TEST(refuses_long_lines),
	TEST(repeats_no_half_characters),
	TEST(refuses_long_values),
	TEST(refuses_too_many_keys),
	TEST(stops_at_the_readers_word),
	TEST(refuses_too_little_memory),
	TEST(messages_are_escaped_and_cut),
	TEST(reads_a_file),
	TEST(refuses_a_long_file),
	TEST(calls_for_each_ini_in_order),
	TEST(calls_once_for_a_file_of_any_name),
	{0},
};
