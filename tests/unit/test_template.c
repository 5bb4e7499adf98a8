/* SPDX-License-Identifier: BSD-2-Clause */
/* Templates: what of a text is a field, and that no monitored program can forge the rest. */
#include "../../core/template.h"
#include "events.h"

static struct arena arena;
static struct ini_error err;
static char buf[4096];
static bool cut;

static struct template *compile(const char *text)
{
	err.text[0] = '\0';
	CHECK_EQ(arena_map(&arena, 1 << 16), 0);
	return template_compile(&arena, text, (struct ini_place){"x.ini", 7}, &err);
}

static uint32_t value_max;
static bool omit;
static const char *peer = "/a\tb\xff";

/* The text rendered for a connect to a Unix socket, of whose process nothing is known. */
static struct str render_in(size_t size, const char *text)
{
	static const struct state_config cfg = {16, 4, 16, 4, 4, 4, 4, 4, 4};
	static char scratch[FIELD_SCRATCH];
	static struct field_ctx ctx;
	static struct stats stats;
	struct template *t = compile(text);
	struct arena a;

	CHECK(t);
	CHECK_EQ(arena_map(&a, state_size(&cfg) + 4096), 0);
	event_begin(TRC_CONNECT);
	event_set("fd", 3);
	event_set("res", -2);
	event_set_sock("tuple", &(struct trc_sock){.family = TRC_SOCK_UNIX}, peer, strlen(peer));
	field_begin(&ctx, state_open(&a, &cfg, &stats), event_done(), scratch);
	ctx.value_max = value_max;
	ctx.omit = omit;
	cut = false;
	memset(buf, '!', sizeof(buf));
	return (struct str){buf, (uint32_t)template_render(t, &ctx, buf, size, &cut)};
}

static struct str render(const char *text)
{
	struct str s = render_in(sizeof(buf), text);

	CHECK(!cut);
	return s;
}

static struct str escape_in(size_t size, const char *s, size_t n)
{
	cut = false;
	memset(buf, '!', 64);
	return (struct str){buf,
			    (uint32_t)text_escape((struct str){s, (uint32_t)n}, buf, size, &cut)};
}

#define ESCAPE(literal) escape_in(sizeof(buf), literal, sizeof(literal) - 1)

static void text_stays_and_fields_are_filled_in(void)
{
	CHECK_STR(render("no field"), "no field");
	CHECK_STR(render(""), "");
	CHECK_STR(render("%evt.type"), "connect");
	CHECK_STR(render("t=%evt.type pid=%proc.pid!"), "t=connect pid=100!");
	CHECK_STR(render("%evt.type%evt.type"), "connectconnect");
	CHECK_STR(render("x\n\ty"), "x  y");
	CHECK_STR(render("\xc3\xa4 %evt.res"), "\xc3\xa4 ENOENT");
}

static void a_field_that_is_missing_says_so(void)
{
	CHECK_STR(render("p=%proc.pname a=%proc.aname[2]."), "p=<NA> a=<NA>.");
}

/* What stands in [] may have letters that a name has not. */
static void keys_are_any_text(void)
{
	CHECK_STR(render("%container.label[a/b-c].x[1]"), "<NA>.x[1]");
	CHECK_STR(render("%container.mount.dest[/etc/*]%evt.type"), "<NA>connect");
	CHECK_STR(render("%evt.type[/a b] %evt.type[/a]"), "connect[/a b] connect[/a]");
}

static void a_pair_that_is_missing_is_left_out(void)
{
	omit = true;
	CHECK_STR(render("A: p=%proc.pname t=%evt.type q=%proc.aname[2]"), "A: t=connect");
	CHECK_STR(render("p=%proc.pname t=%evt.type"), "t=connect");
	CHECK_STR(render("(p=%proc.pname, t=%evt.type, q=%proc.pname)"), "(t=connect)");
	CHECK_STR(render("t=%evt.type, p=%proc.pname, u=%evt.type"), "t=connect, u=connect");
	CHECK_STR(render("by %proc.pname p=%proc.pname:%proc.pname x"), "by <NA> p=<NA>:<NA> x");
	CHECK_STR(render("%evt.type=%proc.pname p-q_r.s=%proc.pname"), "connect=<NA>");
	CHECK_STR(render("p=%proc.pname"), "");
	omit = false;
	CHECK_STR(render("p=%proc.pname t=%evt.type"), "p=<NA> t=connect");
}

/* A user without a name is missing; a file may have any name. */
static void a_pair_without_a_name_is_left_out(void)
{
	omit = true;
	CHECK_STR(render("u=%user.name uid=%user.uid"), "uid=0");
	peer = "<NA>";
	CHECK_STR(render("f=%fd.name u=%user.name"), "f=<NA>");
	peer = "/a\tb\xff";
	omit = false;
	CHECK_STR(render("u=%user.name"), "u=<NA>");
}

static void no_value_can_be_read_as_another_pair(void)
{
	peer = "/x user=root";
	CHECK_STR(render("file=%fd.name u=%evt.type"), "file=\"/x user=root\" u=connect");
	CHECK_STR(render("%fd.name by"), "\"/x user=root\" by");
	peer = "/x\" user=root \"\\";
	CHECK_STR(render("file=%fd.name"), "file=\"/x\\\" user=root \\\"\\\\\"");
	peer = "/a=b";
	CHECK_STR(render("%fd.name"), "\"/a=b\"");
	peer = "/a,b\\c";
	CHECK_STR(render("%fd.name"), "/a,b\\\\c");
	value_max = 8;
	peer = "/a b c d e f g";
	CHECK_STR(render("f=%fd.name"), "f=\"/a b c[...] g\"");
	value_max = 0;
	peer = "/a\tb\xff";
}

static void values_are_escaped(void)
{
	CHECK_STR(render("%fd.name"), "/a\\tb\\xff");
	CHECK_STR(render("%evt.arg.tuple"), "/a\\tb\\xff");
}

static void names_end_at_the_longest_field(void)
{
	CHECK_STR(render("%evt.type."), "connect.");
	CHECK_STR(render("%evt.type.x"), "connect.x");
	CHECK_STR(render("[%evt.type]"), "[connect]");
	CHECK_STR(render("%evt.arg.fd:"), "3:");
	CHECK_STR(render("%evt.arg.fdx"), "3x");
	CHECK_STR(render("%evt.res %evt.rawres"), "ENOENT -2");
}

static void mistakes_are_named(void)
{
	CHECK(!compile("100%"));
	CHECK_STR(err.text,
		  "x.ini:7: %: expected a field that `tiercel list fields` shows behind the %");
	CHECK(!compile("a %% b"));
	CHECK(!compile("% b"));
	CHECK(!compile("ab %proc.nmae x"));
	CHECK_STR(
		err.text,
		"x.ini:7: %proc.nmae: expected a field that `tiercel list fields` shows behind the %; did you mean proc.name");
	CHECK(!compile("%nothing.like.it"));
	CHECK_STR(
		err.text,
		"x.ini:7: %nothing.like.it: expected a field that `tiercel list fields` shows behind the %");
	CHECK(!compile("%evt.arg.nosuch"));
	CHECK(!compile("x %container.label y"));
	CHECK_STR(err.text, "x.ini:7: %container.label: expected [NAME] behind its name");
	CHECK(!compile("%proc.aname[x]"));
	CHECK(!compile("%proc.aname["));
	CHECK(!compile("%10evt.type"));
}

static void no_room_is_an_error(void)
{
	struct arena small;

	CHECK_EQ(arena_map(&small, 4096), 0);
	CHECK(arena_alloc(&small, 4000));
	CHECK(!template_compile(&small, "%evt.type %evt.type", (struct ini_place){"x.ini", 7},
				&err));
	CHECK_STR(err.text, "x.ini:7: output: no room for it");
}

static void what_does_not_fit_is_cut_between_characters(void)
{
	CHECK_STR(render_in(4, "ab\xc3\xa4z"), "ab\xc3\xa4");
	CHECK(cut);
	CHECK_STR(render_in(3, "ab\xc3\xa4z"), "ab");
	CHECK(cut);
	/* What follows a cut value would look like a part of it. */
	CHECK_STR(render_in(8, "%fd.name)"), "/a\\tb");
	CHECK(cut);
	CHECK_EQ(buf[8], '!');
	CHECK_STR(render_in(0, "x"), "");
	CHECK(cut);
}

static void a_long_value_loses_its_middle(void)
{
	peer = "/a/long/name/of/a/socket";
	CHECK_STR(render("%fd.name."), "/a/long/name/of/a/socket.");
	value_max = 24;
	CHECK_STR(render("%fd.name."), "/a/long/name/of/a/socket.");
	value_max = 16;
	CHECK_STR(render("%fd.name."), "/a/long/name[...]cket.");
	/* Not inside of a character, on either side. */
	peer = "/\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4";
	value_max = 8;
	CHECK_STR(render("%fd.name."), "/\xc3\xa4\xc3\xa4[...]\xc3\xa4.");
}

static void printable_text_is_left_alone(void)
{
	CHECK_STR(ESCAPE("plain ~"), "plain ~");
	CHECK_STR(ESCAPE("\xc3\xa4\xe2\x82\xac\xf0\x9f\xa6\x85"),
		  "\xc3\xa4\xe2\x82\xac\xf0\x9f\xa6\x85");
	CHECK_STR(ESCAPE(""), "");
}

static void control_characters_are_escaped(void)
{
	CHECK_STR(ESCAPE("a\nb\tc\\d\r\x1b[0m\x7f\0e"), "a\\nb\\tc\\\\d\\x0d\\x1b[0m\\x7f\\x00e");
	/* C1, line and paragraph separators, what turns the order of reading. */
	CHECK_STR(ESCAPE("\xc2\x9b"), "\\xc2\\x9b");
	CHECK_STR(ESCAPE("\xe2\x80\xa8\xe2\x80\xa9"), "\\xe2\\x80\\xa8\\xe2\\x80\\xa9");
	CHECK_STR(ESCAPE("\xe2\x80\xae\xe2\x81\xa6"), "\\xe2\\x80\\xae\\xe2\\x81\\xa6");
	CHECK_STR(ESCAPE("\xc2\xa0\xe2\x81\xaa"), "\xc2\xa0\xe2\x81\xaa");
}

static void bytes_that_are_no_utf8_are_escaped(void)
{
	CHECK_STR(ESCAPE("\xff\x80"), "\\xff\\x80");
	CHECK_STR(ESCAPE("\xc3"), "\\xc3");
	CHECK_STR(ESCAPE("\xc0\xaf"), "\\xc0\\xaf");
	CHECK_STR(ESCAPE("\xed\xa0\x80"), "\\xed\\xa0\\x80");
	CHECK_STR(ESCAPE("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	CHECK_STR(ESCAPE("\xe2\x82z"), "\\xe2\\x82z");
}

static void no_escape_is_cut(void)
{
	CHECK_STR(escape_in(4, "a\x01", 2), "a");
	CHECK(cut);
	CHECK_STR(escape_in(5, "a\x01", 2), "a\\x01");
	CHECK(!cut);
	CHECK_STR(escape_in(2, "a\n", 2), "a");
	CHECK(cut);
	CHECK_STR(escape_in(2, "a\xc3\xa4", 3), "a");
	CHECK(cut);
	CHECK_EQ(buf[2], '!');
}

const struct unit_test tests_template[] = {
	TEST(text_stays_and_fields_are_filled_in),
	TEST(a_field_that_is_missing_says_so),
	TEST(keys_are_any_text),
	TEST(a_pair_that_is_missing_is_left_out),
	TEST(a_pair_without_a_name_is_left_out),
	TEST(no_value_can_be_read_as_another_pair),
	TEST(values_are_escaped),
	TEST(names_end_at_the_longest_field),
	TEST(mistakes_are_named),
	TEST(no_room_is_an_error),
	TEST(what_does_not_fit_is_cut_between_characters),
	TEST(a_long_value_loses_its_middle),
	TEST(printable_text_is_left_alone),
	TEST(control_characters_are_escaped),
	TEST(bytes_that_are_no_utf8_are_escaped),
	TEST(no_escape_is_cut),
	{0},
};
