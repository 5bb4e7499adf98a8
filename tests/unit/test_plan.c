/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What rules are compiled to says what their conditions say: random conditions
 * are asked about random events as they are compiled, and as they are written
 * (tests/bench/naive.h). Words are few, so that much holds.
 */
#include <stdlib.h>

#include "../../core/log.h"
#include "../bench/naive.h"
#include "fields.h"
#include "rules.h"

#define SETS 12
#define EVENTS 120

static uint32_t seed = 1;

static unsigned any(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

#define ONE_OF(words) ((words)[any(sizeof(words) / sizeof((words)[0]))])

static const char *const paths[] = {
	"/etc/shadow", "/etc/passwd",	       "/etc",	       "/e",	       "/",
	"etc",	       "//etc//shadow",	       "/usr/bin/cat", "/usr/bin/dog", "/usr/lib/ld.so.2",
	"/tmp/.x/y",   "/home/pi/.ssh/id_rsa", "/proc/17/mem", "/ETC/Shadow",  "/etc/[ab]*",
	"memfd:x",
};
static const char *const patterns[] = {
	"/etc/*",	    "*",      "*/.*", "/e[st]c/sha?ow", "[/]etc*", "*ssh*",
	"/proc/[1-9]*/mem", "\\/etc", "?etc", "*.so.*",
};
static const char *const names[] = {"cat", "dog", "sshd", "sh", "bash", "c"};
static const char *const types[] = {"openat", "open", "execve", "rename", "close", "connect"};

/* What becomes guards. */
static const char *const shared[] = {"evt.is_open_write = true", "fd.num >= 0", "not fd.num = 3",
				     "evt.res = SUCCESS"};

/* Texts that paths have, or that can stand for such. */
static const char *word(const char *op)
{
	return strstr(op, "glob") ? ONE_OF(patterns) : ONE_OF(paths);
}

static char *put_list(char *p, const char *const *from, unsigned n)
{
	unsigned count = any(12);

	p += sprintf(p, "(");
	for (unsigned i = 0; i < count; i++)
		p += sprintf(p, "%s'%s'", i ? ", " : "", from[any(n)]);
	return p + sprintf(p, ")");
}

static char *put_path_check(char *p)
{
	static const char *const fields[] = {"fd.name",	     "proc.exepath", "fs.path.name",
					     "fd.directory", "fd.filename",  "evt.arg.newpath",
					     "proc.cmdline", "fd.nameraw",   "proc.aexepath"};
	static const char *const ops[] = {"=",	      "!=",	   "startswith", "endswith",
					  "contains", "icontains", "glob",	 "iglob"};
	const char *op = ONE_OF(ops);

	if (any(3))
		return p + sprintf(p, "%s %s '%s'", ONE_OF(fields), op, word(op));
	p += sprintf(p, "%s %s ", ONE_OF(fields), any(2) ? "in" : "pmatch");
	return put_list(p, paths, sizeof(paths) / sizeof(paths[0]));
}

static char *put_check(char *p)
{
	static const char *const others[] = {
		"evt.is_open_write = true",
		"evt.is_open_read = true",
		"fd.num >= 0",
		"fd.num = 3",
		"evt.res = SUCCESS",
		"evt.num = 0",
		"evt.num > 10",
		"fd.typechar = f",
		"proc.aname = sh",
		"proc.aname != sh",
		"fd.port = 443",
		"fd.sip = 10.0.0.1",
		"fd.ip != 10.0.0.1",
		"evt.arg.flags contains O_RDWR",
		"proc.args[0] exists",
		"fd.name exists",
		"evt.arg.name exists",
		"proc.acmdline contains sh",
		"fd.name in ()",
		"fd.name startswith oneof ('/etc', '/e')",
		"tolower(fd.name) contains etc",
	};

	switch (any(6)) {
	case 0:
		return p + sprintf(p, "evt.type %s %s", any(3) ? "=" : "!=", ONE_OF(types));
	case 1:
		p += sprintf(p, "proc.name in ");
		return put_list(p, names, sizeof(names) / sizeof(names[0]));
	case 2:
		return p + sprintf(p, "%s", ONE_OF(others));
	default:
		return put_path_check(p);
	}
}

/* A condition of macros up to m. */
static char *put_condition(char *p, int depth, unsigned macros)
{
	unsigned parts = 1 + any(4);
	const char *by = any(2) ? " and " : " or ";

	if (!depth || !any(4))
		return macros && !any(5) ? p + sprintf(p, "m%u", any(macros)) : put_check(p);
	for (unsigned i = 0; i < parts; i++) {
		p += sprintf(p, "%s%s(", i ? by : "", any(4) ? "" : "not ");
		p = put_condition(p, depth - 1, macros);
		p += sprintf(p, ")");
	}
	return p;
}

static struct ruleset *random_rules(void)
{
	static char text[1 << 18];
	char *p = text;
	unsigned macros = 6, rules = 1 + any(90);
	struct ruleset *rs;

	for (unsigned i = 0; i < macros; i++) {
		p += sprintf(p, "[macro m%u]\ncondition = ", i);
		p = put_condition(p, 2, i);
		p += sprintf(p, "\n");
	}
	for (unsigned i = 0; i < rules; i++) {
		p += sprintf(p, "[rule r%u]\noutput = x\npriority = notice\ncondition = ", i);
		if (any(3))
			p += sprintf(p, "evt.type in (%s, %s) and ", ONE_OF(types), ONE_OF(types));
		if (any(2))
			p += sprintf(p, "%s and ", ONE_OF(shared));
		if (!any(3))
			p += sprintf(p, "fd.name in ('%s', '%s') and ", ONE_OF(paths),
				     ONE_OF(paths));
		p = put_condition(p, 3, macros);
		p += sprintf(p, "\n");
	}
	rs = rules_load(text);
	if (!rs)
		unit_fail(__FILE__, __LINE__, "%s", rules_error.text);
	return rs;
}

static void set_path(const char *arg)
{
	if (any(8))
		event_set_str(arg, ONE_OF(paths));
}

static void opens(enum trc_type type)
{
	event_begin(type);
	event_set("fd", any(4) ? 3 : -2);
	set_path("name");
	set_path("nameraw");
	event_set("flags", any(3));
	event_set("dev", 1);
	event_set("ino", any(4));
}

static void executes(void)
{
	const char *name = ONE_OF(names);

	event_begin(TRC_EXECVE);
	event_set("res", any(4) ? 0 : -2);
	event_set("ppid", 50);
	event_set_str("comm", name);
	set_path("exepath");
	event_set_bytes("argv", "/usr/bin/cat\0/etc/shadow");
}

static void connects(void)
{
	struct trc_sock sock = event_inet(TRC_SOCK_INET, "\12\0\0\2", 40000, "\12\0\0\1", 443);

	event_begin(TRC_CONNECT);
	event_set("res", any(4) ? 0 : -111);
	event_set("fd", 3 + any(2));
	event_set_sock("tuple", &sock, "", 0);
}

static const struct event *random_event(void)
{
	switch (any(6)) {
	case 0:
		executes();
		break;
	case 1:
		connects();
		break;
	case 2:
		event_begin(TRC_RENAME);
		event_set("res", any(2) ? 0 : -1);
		set_path("oldpath");
		set_path("newpath");
		break;
	case 3:
		event_begin(TRC_CLOSE);
		event_set("res", 0);
		event_set("fd", 3);
		break;
	default:
		opens(any(2) ? TRC_OPENAT : TRC_OPEN);
	}
	return event_done();
}

static void name_file(const char *name, int64_t ino)
{
	event_begin(TRC_FILEINFO);
	event_set_str("name", name);
	event_set("dev", 1);
	event_set("ino", ino);
	feed();
}

/* Returns how many rules hold. */
static unsigned compare(struct ruleset *rs, const struct event *ev)
{
	int compiled = 0, naive = 0;
	unsigned hits = 0;
	struct rule *a, *b;

	field_begin(&ctx, state, ev, scratch);
	do {
		a = ruleset_match(rs, &ctx, &compiled);
		b = naive_match(rs, &ctx, &naive);
		if (a != b)
			unit_fail(__FILE__, __LINE__, "%s: compiled: %s; written: %s",
				  event_table[ev->hdr->type].name, a ? a->name : "none",
				  b ? b->name : "none");
		hits += a != NULL;
	} while (a);
	return hits;
}

static void compiled_rules_say_what_is_written(void)
{
	unsigned hits = 0;

	log_level = LOG_L_ERROR; /* of types that exclude each other there is much */
	begin();
	name_file("/etc/shadow", 1);
	name_file("/etc/passwd", 2);
	for (int set = 0; set < SETS; set++) {
		struct ruleset *rs = random_rules();

		for (int i = 0; i < EVENTS; i++) {
			const struct event *ev = random_event();

			state_before(state, ev);
			hits += compare(rs, ev);
			state_after(state, ev);
		}
	}
	CHECK(hits > SETS * EVENTS);
}

/* Of what is asked of a type nothing is left that is the same for all of its events. */
static void what_a_type_has_not_is_not_asked(void)
{
	struct ruleset *rs = rules_load(
		RULE("a", "evt.type in (open, close) and (evt.arg.name = x or fd.num = 3)") RULE(
			"b", "evt.type = close and evt.arg.name = x")
			RULE("c", "evt.type = close and not evt.num = 0 and not evt.arg.name = x"));
	const struct plan *close_ = rs->plan[TRC_CLOSE], *open_ = rs->plan[TRC_OPEN];

	CHECK_EQ(open_->count, 1);
	CHECK_EQ(close_->count, 2);
	CHECK_STR(close_->rule[0].step->check->ref.field->name, "fd.num");
	CHECK_EQ(close_->rule[0].step->on_true, STEP_HOLDS);
	CHECK_EQ(close_->rule[0].step->on_false, STEP_FAILS);
	CHECK(!close_->rule[1].step);
	CHECK(rs->plan[TRC_EXECVE] == rs->plan[TRC_CHMOD]);
}

/* What takes least goes first, on both sides of a negation. */
static void cheap_checks_go_first(void)
{
	struct ruleset *rs = rules_load(
		RULE("a", "evt.type = open and proc.cmdline regex x and fd.num = 3")
			RULE("b", "evt.type = close and not (proc.cmdline regex x or fd.num = 3)"));

	CHECK_STR(rs->plan[TRC_OPEN]->rule[0].step->check->ref.field->name, "fd.num");
	CHECK_STR(rs->plan[TRC_CLOSE]->rule[0].step->check->ref.field->name, "fd.num");
}

static void what_many_rules_need_is_asked_once(void)
{
#define WRITES(name, path)                                                                         \
	RULE(name, "evt.type = open and evt.is_open_write = true and fd.name startswith " path)
	struct ruleset *rs = rules_load(WRITES("a", "/etc/a") WRITES("b", "/usr/b")
						WRITES("c", "/usr/c") WRITES("d", "/home"));
	const struct plan *p = rs->plan[TRC_OPEN];

	CHECK_EQ(p->guards, 1);
	CHECK_EQ(*p->guard->mask, 15);
	CHECK(p->guard->want);
	CHECK_EQ(p->sorters, 1);
	CHECK_EQ(p->sorter->mask[text_key(STR("/etc/x"))], ~14ll);
	CHECK_EQ(p->sorter->mask[text_key(STR("/usr"))], ~9ll);
	CHECK_EQ(p->sorter->mask[KEY_NONE], ~15ll);
	for (uint32_t i = 0; i < p->count; i++)
		CHECK_STR(p->rule[i].step->check->ref.field->name, "fd.name");
}

/*
 * Below ORDER_DEPTH turns parts stand as they were written: what nobody comes to is there too, and
 * is not where the chain starts.
 */
static void a_chain_starts_where_its_condition_does(void)
{
	static char text[1 << 16];
	char *p = text + sprintf(text, "[rule r]\noutput = x\npriority = notice\n"
				       "condition = evt.type in (open, close) and\n ");
	struct ruleset *rs;

	for (int i = 0; i < 17; i++)
		p += sprintf(p, "((");
	p += sprintf(p, "((evt.type = open or (fd.num = 3 and (fd.num = 99");
	for (int i = 0; i < 600; i++)
		p += sprintf(p, " or\n fd.num = %d", 100 + i);
	p += sprintf(p, "))) and fd.name = /etc/shadow)");
	for (int i = 0; i < 17; i++)
		p += sprintf(p, "\n and evt.type = open) or evt.type = close)");
	sprintf(p, "\n");
	rs = rules_load(text);
	CHECK(rs);
	begin();
	event_begin(TRC_OPEN);
	event_set("fd", 3);
	event_set_str("name", "/etc/shadow");
	event_set_str("nameraw", "/etc/shadow");
	CHECK_EQ(compare(rs, event_done()), 1);
}

const struct unit_test tests_plan[] = {
	TEST(a_chain_starts_where_its_condition_does), TEST(compiled_rules_say_what_is_written),
	TEST(what_a_type_has_not_is_not_asked),	       TEST(cheap_checks_go_first),
	TEST(what_many_rules_need_is_asked_once),      {0},
};
