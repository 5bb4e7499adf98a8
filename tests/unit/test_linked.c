/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories that rules name through symbolic links. */
#include "../../core/config.h"
#include "../../core/engine.h"
#include "../../driver/proc.h"
#include "fields.h"
#include "rules.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void linked(const char *name, const char *real)
{
	event_begin(TRC_LINKINFO);
	event_set_str("name", name);
	event_set_str("real", real);
	feed();
}

/* An open by a name, where /bin, /var/run and /srv/lock are links. */
static void opens(const char *name)
{
	begin();
	linked("/bin", "/usr/bin");
	linked("/var/run", "/run");
	linked("/srv/lock", "/run/lock");
	openat_event(3, 0, name);
	ask();
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

static void what_lies_there_is_seen_by_the_rules_name(void)
{
	opens("/run/secrets/x");
	SEES("fd.name startswith /var/run/secrets");
	SEES("fd.name startswith /var/run");
	SEES("fd.name startswith /var/run/");
	SEES("fd.name = /var/run/secrets/x");
	SEES("fd.name in (a, b, c, d, e, f, g, h, i, /var/run/secrets/x)");
	SEES("fd.name glob /var/run/*/x");
	SEES("fd.name pmatch (/var/run/secrets)");
	SEES("fd.name pmatch (/var/run/s*)");
	SEES("fd.name = anyof (/var/run/secrets/x, /y)");
	SEES("fs.path.name startswith /var/run/secrets");
	SEES("evt.arg.name startswith /var/run/secrets");
	SEES("fd.directory = /var/run/secrets and fd.filename = x");
	SEES("not not fd.directory = /var/run/secrets");
	SEES("not (fd.num = 4 or not fd.directory = /var/run/secrets)");
	BLIND("fd.directory = /var/run");
	BLIND("fd.name startswith /var/runner");
	BLIND("fd.name startswith /srv/lock");
	BLIND("fd.nameraw startswith /var/run/secrets");
	opens("/usr/bin/y");
	SEES("fd.directory = /bin");
	BLIND("fd.directory = /sbin");
	opens("/runner/x");
	BLIND("fd.name startswith /var/run");
	opens("/run");
	SEES("fd.name = /var/run");
}

static void each_link_is_a_name_of_its_own(void)
{
	opens("/run/lock/x");
	CHECK_STR(holding(RULE("0", "fd.name = /srv/lock/x") RULE("1", "fd.name = /var/run/x") RULE(
			  "2", "fd.name = /var/run/lock/x") RULE("3", "fd.name = /run/lock/x")),
		  "023");
	BLIND("fd.name pmatch (/srv/lock) and fd.name pmatch (/var/run/lock)");
}

/* As a whole: and who names the real directory, too, has excused it as well. */
static void what_excuses_is_not_turned_round(void)
{
	opens("/usr/bin/ok");
	SEES("fd.directory in (/bin, /usr/bin)");
	SEES("fd.directory = /bin and not fd.name = /usr/bin/ok");
	BLIND("fd.directory in (/bin, /usr/bin) and not fd.name = /usr/bin/ok");
	BLIND("(fd.directory = /usr/bin or fd.directory = /bin) and not fd.name = /usr/bin/ok");
	BLIND("not fd.name startswith /usr/ and not fd.name startswith /bin/no");
	BLIND("not fd.directory = /usr/bin and not fd.name startswith /bin/no");
	BLIND("fd.name != /usr/bin/ok and fd.name != /bin/no");
	BLIND("fd.name startswith /bin and fd.name startswith /usr");
	BLIND("(fd.name startswith /bin or fd.name startswith /us) and not fd.directory = /usr/bin");
	BLIND("fd.name pmatch (/bin, /usr) and not fd.directory = /usr/bin");
	SEES("(fd.name startswith /bin or fd.name endswith k) and not fd.directory = /usr/bin");
	SEES("(fd.name startswith /bin or fd.name = /usr/bin) and not fd.directory = /usr/bin");
	SEES("fd.directory = /bin or fd.name = /usr/bin");
	SEES("fd.name startswith / and fd.name startswith /bin/");
	SEES("evt.failed = false and fd.name startswith /bin/ or evt.failed = true and "
	     "fd.name startswith /usr/");
	SEES("(fd.name glob /bin/o* or fd.name glob /usr/bin/x*) and not fd.directory = /usr/bin");
}

static void other_events_have_one_name(void)
{
	opens("/x");
	event_begin(TRC_UNLINK);
	event_set("res", 0);
	event_set_str("path", "/run/x");
	ask();
	SEES("fs.path.name = /run/x");
	BLIND("fs.path.name = /var/run/x");
	BLIND("fd.name exists");
	event_begin(TRC_FILE_OPEN);
	event_set_str("name", "/run/x");
	ask();
	SEES("fd.name = /var/run/x");
}

static void both_kinds_of_names_are_asked_for(void)
{
	opens("/run/x");
	event_set_str("nameraw", "/tmp/link");
	ask();
	CHECK_STR(holding(RULE("0", "fd.name = /var/run/x") RULE("1", "fd.name = /tmp/link")
				  RULE("2", "fd.name = /run/x") RULE("3", "fd.name exists")
					  RULE("4", "fd.name = /var")),
		  "0123");
}

/* A set of rules follows the links, whatever becomes of them. */
static void containers_have_links_of_their_own(void)
{
	opens("/usr/bin/y");
	SEES("fd.directory = /bin");
	event_begin(TRC_PROCINFO);
	event_set_str("cgroup", "/docker/"
				"0123456789012345678901234567890123456789012345678901234567890123");
	feed();
	openat_event(3, 0, "/usr/bin/y");
	ask();
	SEES("container.id = 012345678901");
	BLIND("fd.directory = /bin");
}

static void links_come_and_go(void)
{
	struct ruleset *rs = rules_load(RULE("1", "fd.name startswith /bin/"));
	static const struct {
		const char *name, *real;
		bool sees;
	} step[] = {{"", "", false},
		    {"/bin", "/usr/bin", true},
		    {"/bin", "/opt/bin", false},
		    {"/bin", "/usr/bin", true},
		    {"", "", false}};

	begin();
	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		int pos = 0;

		event_begin(TRC_LINKINFO);
		if (*step[i].name) {
			event_set_str("name", step[i].name);
			event_set_str("real", step[i].real);
		}
		feed();
		openat_event(3, 0, "/usr/bin/y");
		ask();
		CHECK_EQ(ruleset_match(rs, &ctx, &pos) != NULL, step[i].sees);
	}
	CHECK_EQ(ruleset_rule(rs, 0)->names, NAME_GIVEN);
	/* Other tables, and as many records. */
	begin();
	for (int i = 0; i < 5; i++)
		linked("/bin", "/usr/bin");
	openat_event(3, 0, "/usr/bin/y");
	ask();
	CHECK(ruleset_match(rs, &ctx, &(int){0}));
}

static void links_that_do_not_fit_are_counted(void)
{
	char name[] = "/link/a", longer[200];
	struct str n, r;

	begin();
	stats.link_full = 0;
	for (; name[6] < 'a' + STATE_LINKS + 2; name[6]++)
		linked(name, "/real");
	CHECK_EQ(stats.link_full, 2);
	CHECK(state_link(state, STATE_LINKS - 1, &n, &r));
	CHECK(!state_link(state, STATE_LINKS, &n, &r));
	CHECK(str_eq(n, STR("/link/p")) && str_eq(r, STR("/real")));
	CHECK_EQ(state_links_of(state, STR("/real/x"), 0xffff), 0xffff);
	CHECK_EQ(state_links_of(state, STR("/real/x"), 0x8001), 0x8001);
	CHECK_EQ(state_links_of(state, STR("/really"), 0xffff), 0);
	linked("/link/b", "/else");
	CHECK_EQ(state_links_of(state, STR("/else"), 0xffff), 2);
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	event_begin(TRC_LINKINFO);
	feed();
	linked(longer, "/real");
	linked("/link", longer);
	CHECK_EQ(stats.link_full, 4);
	CHECK(!state_link(state, 0, &n, &r));
}

static char paths[256];

static void note(const char *path)
{
	strcat(paths, path);
	strcat(paths, " ");
}

static void rules_tell_the_paths_that_they_need(void)
{
	*paths = '\0';
	ruleset_paths(
		rules_load(RULE("1", "fd.name in (/a, b) or fd.directory startswith /c/") RULE(
			"2", "evt.type = open and not (fd.name != /d and "
			     "not fd.name glob /e/* and fd.name = /f)")
				   RULE("3", "fd.name pmatch (/g/h*, i) and fd.name in (/a, b) and "
					     "fd.name contains /j and proc.exepath = /k")
					   RULE("4", "tolower(fd.name) = /l")),
		note);
	CHECK_STR(paths, "/c/ /a /e/* /g/h* /i ");
}

static struct engine engine;
static int questions, told;

static void tell(const char *name, const char *real)
{
	event_begin(TRC_LINKINFO);
	if (*name) {
		event_set_str("name", name);
		event_set_str("real", real);
	}
	engine_record(&engine, &event_rec, event_rec.hdr.len);
}

static void answer(const char *path)
{
	questions++;
	tell(*path ? "/var/run" : "", "/run");
}

static void tee(const struct trc_hdr *rec)
{
	told += rec->type == TRC_LINKINFO;
}

/* Many paths of rules lie behind one link: it is told once, and what was told before is no more. */
static void links_are_asked_for_with_the_rules(void)
{
	static struct config cfg;
	struct str name, real;

	begin();
	engine = (struct engine){.cfg = &cfg, .stats = &stats, .state = state, .tee = tee};
	engine.rules = rules_load(
		RULE("1", "fd.name in (/var/run/a, /var/run/b) or fd.directory = /var/run"));
	tell("/old", "/new");
	engine_ask_files(&engine);
	CHECK_EQ(told, 1);
	engine.help.link = answer;
	engine_ask_files(&engine);
	CHECK_EQ(questions, 4);
	CHECK_EQ(told, 3);
	CHECK(state_link(state, 0, &name, &real) && str_eq(name, STR("/var/run")));
	CHECK(!state_link(state, 1, &name, &real));
}

static void take(const struct trc_hdr *rec, void *arg)
{
	struct event ev;

	(void)arg;
	CHECK_EQ(decode(rec, rec->len, &ev), DECODE_OK);
	CHECK_EQ(rec->type, TRC_LINKINFO);
	strncat(paths, event_str(&ev, 0).p, event_str(&ev, 0).n);
	strcat(paths, ">");
	strncat(paths, event_str(&ev, 1).p, event_str(&ev, 1).n);
}

/* What the machine says of a path in the working directory, "D", or of "". */
static const char *asked(const char *path)
{
	static char out[256];
	char dir[64], whole[128];
	size_t n = 0;

	CHECK(getcwd(dir, sizeof(dir)));
	*paths = '\0';
	snprintf(whole, sizeof(whole), "%s%s", *path ? dir : "", path);
	proc_link(whole, take, NULL);
	for (const char *p = paths; *p; p++) {
		bool here = !strncmp(p, dir, strlen(dir));

		out[n++] = here ? 'D' : *p;
		p += here ? strlen(dir) - 1 : 0;
	}
	out[n] = '\0';
	return out;
}

static void the_machine_is_asked_for_links(void)
{
	char dir[] = "/tmp/unit-XXXXXX", path[64];
	static const char *const link[][2] = {
		{"real/sub", "sub"}, {"real", "one"},  {"one", "two"},	      {"real/file", "file"},
		{"/", "root"},	     {"gone", "dead"}, {"/proc/self", "own"}, {"/proc", "proc"}};

	if (geteuid())
		return; /* only root's links are looked at */
	CHECK(mkdtemp(dir) && !chdir(dir) && !mkdir("real", 0700) && !mkdir("real/sub", 0700) &&
	      !mknod("real/file", S_IFREG | 0600, 0));
	for (size_t i = 0; i < sizeof(link) / sizeof(link[0]); i++)
		CHECK_EQ(symlink(link[i][0], link[i][1]), 0);
	CHECK_EQ(symlink("../real/sub", "real/deep"), 0);
	CHECK(!mkdir("users", 0755) && !symlink("../real", "users/to") &&
	      !lchown("users/to", 1, 1) && !mkdir("users/own", 0755) &&
	      !symlink("../../real", "users/own/to") && !chown("users/own", 1, 1) &&
	      !mkdir("users/all", 0755) && !symlink("../../real", "users/all/to") &&
	      !chmod("users/all", 0777) && !mkdir("tmp", 0755) && !symlink("../real", "tmp/to") &&
	      !chmod("tmp", 01777) && !symlink("users/own", "far"));
	CHECK_STR(asked("/one"), "D/one>D/real");
	CHECK_STR(asked("/one/"), "D/one>D/real");
	CHECK_STR(asked("/two/no/such*"), "D/two>D/real");
	CHECK_STR(asked("/two/sub/x"), "D/two>D/real");
	CHECK_STR(asked("/two/deep/x"), "D/two/deep>D/real/sub");
	CHECK_STR(asked("/sub"), "D/sub>D/real/sub");
	CHECK_STR(asked("/real/sub"), "");
	CHECK_STR(asked("/file"), "");
	CHECK_STR(asked("/root/etc"), "");
	CHECK_STR(asked("/dead/x"), "");
	CHECK_STR(asked("/own/fd"), "");
	CHECK_STR(asked("/proc/x"), "");
	CHECK_STR(asked(""), ">");
	/* What others than root may have made is not looked at. */
	CHECK_STR(asked("/users/to/x"), "");
	CHECK_STR(asked("/users/own/to/x"), "");
	CHECK_STR(asked("/users/all/to/x"), "");
	CHECK_STR(asked("/tmp/to/x"), "D/tmp/to>D/real");
	CHECK_STR(asked("/far/to/x"), "D/far>D/users/own");
	snprintf(path, sizeof(path), "rm -r %s", dir);
	CHECK_EQ(system(path), 0);
}

const struct unit_test tests_linked[] = {
	TEST(what_lies_there_is_seen_by_the_rules_name),
	TEST(each_link_is_a_name_of_its_own),
	TEST(what_excuses_is_not_turned_round),
	TEST(other_events_have_one_name),
	TEST(both_kinds_of_names_are_asked_for),
	TEST(containers_have_links_of_their_own),
	TEST(links_come_and_go),
	TEST(links_that_do_not_fit_are_counted),
	TEST(rules_tell_the_paths_that_they_need),
	TEST(links_are_asked_for_with_the_rules),
	TEST(the_machine_is_asked_for_links),
	{0},
};
