/* SPDX-License-Identifier: BSD-2-Clause */
/* Real and given names: rules see an opened file by the kernel's name and by the caller's. */
#include "../../core/alert.h"
#include "fields.h"
#include "rules.h"

/* An open, by a process in /dev/shm, of what the kernel calls name. */
static void opens(const char *raw, const char *name)
{
	begin();
	openat_event(3, 0, name);
	event_set_str("nameraw", raw);
	ask();
}

static const char *given(const char *raw, const char *name)
{
	opens(raw, name);
	return get("fd.given");
}

static void a_given_name_is_made_absolute(void)
{
	CHECK_STR(given("/var/run/x", "/run/x"), "/var/run/x");
	CHECK_STR(given("link", "/etc/shadow"), "/dev/shm/link");
	CHECK_STR(given("../.././tmp//link/", "/etc"), "/tmp/link");
	CHECK_STR(given("/proc/self/root/etc/shadow", "/etc/shadow"), "/proc/self/root/etc/shadow");
	IS("fd.nameraw", "/proc/self/root/etc/shadow");
	IS("fd.name", "/etc/shadow");
}

static void a_given_name_that_is_the_real_one_is_missing(void)
{
	CHECK_STR(given("/etc/shadow", "/etc/shadow"), "<none>");
	CHECK_STR(given("x", "/dev/shm/x"), "<none>");
	CHECK_STR(given("/etc/../etc//shadow", "/etc/shadow"), "<none>");
}

static void a_given_name_stands_behind_its_directory(void)
{
	opens("d", "/srv/real");
	event_set("fd", 5);
	event_set("dirfd", 3);
	event_set_str("name", "/etc/shadow");
	event_set_str("nameraw", "../x");
	ask();
	IS("fd.given", "/srv/x");
	event_set("dirfd", 4); /* nothing is known of it */
	ask();
	IS("fd.given", "<none>");
}

static void what_is_not_known_whole_is_not_a_given_name(void)
{
	opens("/x", "/y");
	event_rec.hdr.cut |= 1u << event_slot("nameraw");
	ask();
	IS("fd.given", "<none>");
	CHECK_STR(given("", "/dev/shm"), "<none>");
	begin();
	openat_event(-2, 0, "/a//b"); /* that is the caller's already */
	event_set_str("nameraw", "/a//b");
	ask();
	IS("fd.given", "<none>");
	opens("/x", "/y"); /* as a case has it: what was not opened has one name */
	event_set("fd", -2);
	ask();
	IS("fd.given", "<none>");
	event_begin(TRC_CONNECT);
	event_set("fd", 3);
	ask();
	IS("fd.given", "<none>");
}

/* Numbers of the rules that hold, in the order they do: "02". */
static const char *holding(const char *rules)
{
	static char names[16];
	struct ruleset *rs = rules_load(rules);
	const struct rule *r;
	size_t n = 0;
	int pos = 0;

	if (!rs)
		unit_fail(__FILE__, __LINE__, "%s", rules_error.text);
	while ((r = ruleset_match(rs, &ctx, &pos)) != NULL)
		names[n++] = *r->name;
	names[n] = '\0';
	return names;
}

#define SEES(condition) CHECK_STR(holding(RULE("1", condition)), "1")
#define BLIND(condition) CHECK_STR(holding(RULE("1", condition)), "")

static void a_rule_holds_for_either_name(void)
{
	opens("/var/run/x", "/run/x");
	SEES("fd.name = /run/x");
	SEES("fd.name = /var/run/x");
	SEES("fd.name startswith /var/");
	SEES("fd.directory = /var/run");
	SEES("fd.filename = x");
	SEES("fs.path.name = /var/run/x");
	SEES("evt.arg.name = /var/run/x");
	SEES("concat(fd.name, '.') = /var/run/x.");
	SEES("fd.name pmatch (/var)");
	SEES("evt.args contains ' name=/run/x'");
	BLIND("evt.args contains ' name=/var/run/x'");
	BLIND("fd.name = /var");
	opens("k", "/memory");
	event_rec.hdr.absent |= 1u << event_slot("name"); /* no name is known but the caller's */
	ask();
	SEES("fd.name = /dev/shm/k");
}

/* No name excuses what the other one does. */
static void a_condition_is_asked_as_a_whole(void)
{
	opens("/usr/share/../../tmp/l", "/etc/shadow");
	SEES("fd.name startswith /etc/ and not fd.name startswith /tmp/");
	SEES("fd.name startswith /tmp/ and not fd.name startswith /etc/");
	BLIND("fd.name startswith /tmp/ and fd.name startswith /etc/");
	SEES("not fd.name startswith /etc/");
	SEES("fd.name != /etc/shadow");
}

static void rules_keep_their_order_and_fire_once(void)
{
	opens("/var/run/x", "/run/x");
	CHECK_STR(holding(RULE("0", "fd.name = /var/run/x") RULE("1", "fd.name exists")
				  RULE("2", "fd.name = /run/x") RULE("3", "fd.name = /run")
					  RULE("4", "fd.num = 3")),
		  "0124");
	opens("/run/x", "/run/x");
	CHECK_STR(holding(RULE("0", "fd.name = /var/run/x") RULE("1", "fd.name = /run/x")), "1");
}

static struct str shown(const char *text, char *buf, size_t size)
{
	struct ini_error err;
	struct template *t;
	struct arena a;
	bool cut = false;

	CHECK_EQ(arena_map(&a, 1 << 16), 0);
	t = template_compile(&a, text, (struct ini_place){"x", 1}, &err);
	CHECK(t);
	return (struct str){buf, (uint32_t)template_render(t, &ctx, buf, size, &cut)};
}

#define SHOWS(text, want)                                                                          \
	do {                                                                                       \
		char buf_[512];                                                                    \
		struct str s_ = shown(text, buf_, sizeof(buf_));                                   \
		CHECK_EQ(s_.n, strlen(want));                                                      \
		buf_[s_.n] = '\0';                                                                 \
		CHECK_STR(buf_, want);                                                             \
	} while (0)

static void an_output_has_both_names(void)
{
	opens("a b", "/etc/shadow");
	SHOWS("read: file=%fd.name pid=%proc.pid",
	      "read: file=/etc/shadow pid=100 given=\"/dev/shm/a b\"");
	SHOWS("%fs.path.name", "/etc/shadow given=\"/dev/shm/a b\"");
	SHOWS("file=%fd.name was=%fd.nameraw", "file=/etc/shadow was=\"a b\"");
	SHOWS("was=%fd.given file=%fd.name", "was=\"/dev/shm/a b\" file=/etc/shadow");
	SHOWS("pid=%proc.pid flags=%evt.arg.flags", "pid=100 flags=O_RDONLY");
	opens("/etc/shadow", "/etc/shadow");
	SHOWS("file=%fd.name", "file=/etc/shadow");
	SHOWS("given=%fd.given", "given=<NA>");
}

static void json_has_both_names(void)
{
	static const struct config cfg;
	struct alert al = {.hostname = STR("h"), .rule = "r", .tags = "", .text = STR("x")};
	struct ini_error err;
	struct arena a;
	char buf[1024];

	CHECK_EQ(arena_map(&a, 1 << 16), 0);
	al.output = template_compile(&a, "file=%fd.name", (struct ini_place){"x", 1}, &err);
	al.ctx = &ctx;
	opens("l", "/etc/shadow");
	buf[format_json(&al, &cfg, buf, sizeof(buf) - 1)] = '\0';
	CHECK(strstr(buf, "{\"fd.name\":\"/etc/shadow\",\"fd.given\":\"/dev/shm/l\"}"));
	opens("/etc/shadow", "/etc/shadow");
	buf[format_json(&al, &cfg, buf, sizeof(buf) - 1)] = '\0';
	CHECK(strstr(buf, "{\"fd.name\":\"/etc/shadow\"}"));
}

const struct unit_test tests_given[] = {
	TEST(a_given_name_is_made_absolute),
	TEST(a_given_name_that_is_the_real_one_is_missing),
	TEST(a_given_name_stands_behind_its_directory),
	TEST(what_is_not_known_whole_is_not_a_given_name),
	TEST(a_rule_holds_for_either_name),
	TEST(a_condition_is_asked_as_a_whole),
	TEST(rules_keep_their_order_and_fire_once),
	TEST(an_output_has_both_names),
	TEST(json_has_both_names),
	{0},
};
