/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tiercel-rules(5) says of differences from Falco: rows of an event, a condition and the
 * answer, and of an event and an output's text. What the page calls an error is refused here.
 */
#include "../../core/log.h"
#include "../../core/template.h"
#include "fields.h"
#include "rules.h"

#define MAPPED(last) "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0" last

/* The events. The process is prog(100) of fields.h; each call is its only one. */

static void failed(enum trc_type type, const char *path, int64_t error)
{
	event_begin(type);
	record_num(&event_rec, 0, (uint64_t)error);
	event_give(path, "/t/absent");
}

static void open_failed(void)
{
	failed(TRC_OPEN, "name", -2);
	event_set("flags", 0);
	event_set("mode", 07777);
	event_set_str("nameraw", "absent");
}

static void create_failed(void)
{
	open_failed();
	event_set("flags", 0101);
}

static void open_linked(void)
{
	event_begin(TRC_OPEN);
	event_set("fd", 3);
	event_set("flags", 0101); /* it may have been there before */
	event_set("mode", 0644);
	event_set_str("name", "/usr/lib/x");
	event_set_str("nameraw", "/lib/x");
}

static void open_directory(void)
{
	openat_event(3, 0200000, "/t");
}

static void open_path_only(void)
{
	openat_event(3, 010000000, "/t/f");
}

static void open_mode_3(void)
{
	openat_event(3, 3, "/t/f");
}

static void open_newline(void)
{
	openat_event(3, 0, "/t/a\nb");
}

static void open_not_utf8(void)
{
	openat_event(3, 0, "/t/a\xe2\x82");
}

static void open_blank(void)
{
	openat_event(3, 0, "/t/a b");
}

static void creat_new(void)
{
	event_begin(TRC_CREAT);
	event_set("fd", 3);
	event_set("mode", 0600);
	event_set_str("name", "/t/new");
}

static void unlink_failed(void)
{
	failed(TRC_UNLINK, "path", -13);
}

static void unlinkat_cwd(void)
{
	event_begin(TRC_UNLINKAT);
	event_set("res", 0);
	event_set("dirfd", -100);
	event_give("name", "/t/f");
}

static void rename_from(void)
{
	event_begin(TRC_RENAMEAT);
	event_set("res", 0);
	event_give("oldpath", "/t/d/old");
	event_give("newpath", "/t/d/new");
}

static void symlinked(void)
{
	event_begin(TRC_SYMLINK);
	event_set("res", 0);
	event_set_str("target", "old");
	event_give("linkpath", "/t/new");
}

static void mode_set(void)
{
	event_begin(TRC_FCHMODAT2);
	event_set("res", 0);
	event_set("dirfd", -100);
	event_give("filename", "/t/f");
	event_set("mode", 04755);
	event_set("flags", 0);
}

static void directory_made(void)
{
	event_begin(TRC_MKDIR);
	event_set("res", 0);
	event_give("path", "/t/d");
	event_set("mode", 0755);
}

static void listen_bad(void)
{
	event_begin(TRC_LISTEN);
	event_set("res", -9);
	event_set("fd", 99);
}

static void accept_failed(void)
{
	event_begin(TRC_ACCEPT);
	event_set("fd", -11);
}

static void socket_made(void)
{
	event_begin(TRC_SOCKET);
	event_set("fd", 6);
	event_set("domain", 2);
	event_set("type", 02000002);
}

static void talk(enum trc_type type, int64_t result, int family, const char *local,
		 const char *remote)
{
	struct trc_sock s = event_inet(family, local, 4711, remote, 53);

	event_begin(type);
	event_set("fd", 6);
	event_set("res", result);
	event_set_sock("tuple", &s, "", 0);
}

static void connect_refused(void)
{
	talk(TRC_CONNECT, -111, TRC_SOCK_INET, "\x7f\0\0\x01", "\x7f\0\0\x02");
}

static void connected_mapped(void)
{
	talk(TRC_CONNECT, 0, TRC_SOCK_INET6, MAPPED("\x01"), MAPPED("\x02"));
}

static void sent(void)
{
	socket_made();
	ask();
	talk(TRC_SENDTO, 4, TRC_SOCK_INET, "\x7f\0\0\x01", "\x7f\0\0\x02");
	event_set_bytes("data", "x");
}

static void sent_again(void)
{
	sent();
	ask();
	state_after(state, event_done());
}

static void setuid_unknown(void)
{
	event_begin(TRC_SETUID);
	event_set("res", 0);
	event_set("uid", 4711);
}

static void kill_shell(void)
{
	event_begin(TRC_KILL);
	event_set("res", 0);
	event_set("pid", 50);
	event_set("sig", 9);
}

static void exec(void)
{
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set("ppid", 50);
	event_set("vpid", 100);
	event_set_str("comm", "prog");
	event_set_bytes("argv", "./prog\0-x\0");
	event_set_bytes("env", "A=1\0A=2\0");
}

static void exec_in_container(void)
{
	exec();
	event_set("vpid", 2);
}

static void kill_outside(void)
{
	exec();
	ask();
	kill_shell();
}

static void kill_inside(void)
{
	exec_in_container();
	ask();
	kill_shell();
}

enum answer { YES, NO, REFUSED };

static const struct {
	void (*event)(void);
	const char *condition;
	enum answer answer;
} conditions[] = {
	/* Conditions. */
	{open_linked, "concat(fd.directory, '/', fd.filename) = val(fd.name)", YES},
	{exec, "len('abc') = 3", REFUSED},
	{exec, "tolower(evt.type) = execve", REFUSED},
	{exec, "tolower(proc.name, proc.exe) = prog", REFUSED},
	{exec, "evt.type = val(evt.type)", REFUSED},
	{exec, "proc.name glob val(proc.name)", REFUSED},
	{exec, "proc.name in val(proc.name)", REFUSED},
	{exec, "proc.name regex val(proc.name)", REFUSED},
	{exec, "proc.name regex oneof ('p.*', 'q.*') and proc.name regex allof ('p.+', '.+g')",
	 YES},
	{exec, "proc.name regex oneof ('p.*', '.*g')", NO},
	{exec, "getopt((proc.args), 'x') = x and getopt(proc.args, 'x') != y", YES},
	{exec, "getopt(proc.args, 'x::') = x", REFUSED},
	{exec, "toupper(proc.aname) = INIT and len(proc.aname) = 2", YES},
	{exec, "proc.name != val(proc.aname[1])", YES},
	{exec, "proc.name = val(proc.aname)", REFUSED},
	{connect_refused, "fd.sport = val(fd.rport) and fd.sport > val(proc.cmdnargs)", YES},
	{connect_refused, "fd.sip = val(fd.rip)", YES},
	{connect_refused, "fd.ip = val(fd.sip)", YES},
	{exec, "b64(proc.name) exists and not b64(proc.exe) exists", YES},
	{exec, "proc.name startswith allof(p, pr) and proc.name = oneof (prog, prog)", YES},
	{connect_refused, "fd.snet = anyof (10.0.0.0/8, 127.0.0.0/8)", YES},
	{connect_refused, "fd.port = allof (53, 4711)", YES},
	{exec, "evt.type = read", REFUSED},
	{exec, "evt.type = syscall", REFUSED},
	{exec, "evt.type contains exec", REFUSED},
	{exec, "evt.arg[0] = SUCCESS", REFUSED},
	{exec, "container.cni.json exists", REFUSED},
	{exec, "container.image.repository exists", NO},
	{exec, "proc.args[0] > 9", REFUSED},
	{exec, "proc.cmdnargs > -1", YES},
	{exec, "proc.cmdnargs = +1 and proc.cmdnargs = 01", YES},
	{exec, "proc.cmdnargs = 18446744073709551617", REFUSED},
	{exec, "proc.cmdnargs = '1 x'", REFUSED},
	{exec, "fd.sport = 65536", REFUSED},
	{exec, "proc.name in ('a\\qb')", REFUSED},
	{exec, "proc.name != 'a\\\\' and proc.name = '\\x70rog'", YES},
	{exec, "proc.name != '\\\"' and proc.name != \"\\'\"", YES},
	{exec, "proc.name existsand proc.name exists", REFUSED},
	{exec, "proc.name inlist (prog)", REFUSED},
	{exec, "proc.name in nosuch", REFUSED},
	{exec, "proc.name in (nosuch, prog)", YES},
	{open_newline, "fd.name contains '\\n' and fd.name endswith '\\x0ab'", YES},
	{open_newline, "fd.name regex '/t/..b' and fd.name regex '/t/a\\n[^a]'", YES},
	{open_newline, "fd.name regex '/t/a$.*' or fd.name regex '.*^b'", NO},
	{open_not_utf8, "fd.name regex '/t/a..' and fd.name regex '/t/a\\\\x{fffd}{2}'", YES},
	{exec, "proc.name regex '((((a{10}){10}b){10}c){10})'", REFUSED},
	{exec, "proc.name regex '(abc){1000}'", REFUSED},
	{connected_mapped, "fd.ip in (::1, 127.0.0.2)", YES},
	{connected_mapped, "fd.rip = ::ffff:127.0.0.2 and fd.rip = 127.0.0.0/8", YES},
	{connect_refused, "fd.net in (10.0.0.0/8, 127.0.0.0/8)", YES},
	{connect_refused, "fd.rip = ::/0", NO},
	/* Files. */
	{open_linked, "fd.name = /usr/lib/x and fd.nameraw = /lib/x and evt.arg.name = /usr/lib/x",
	 YES},
	{open_linked, "fd.name startswith /lib/ and not fd.name startswith /usr", YES},
	{open_linked, "fd.name startswith /lib/ and fd.name startswith /usr/lib/", NO},
	{open_linked, "evt.is_open_create = true", YES},
	{create_failed, "evt.is_open_create = true", NO},
	{open_failed, "fd.typechar = f and fd.num = -1 and not fd.type exists", YES},
	{creat_new, "evt.is_open_create = true and evt.is_open_write = true", YES},
	{open_directory, "evt.arg.flags contains O_TMPFILE or evt.is_open_create = true", NO},
	{open_directory, "fd.typechar = d and evt.is_open_read = true", YES},
	{open_path_only, "evt.arg.flags contains O_PATH", YES},
	{open_mode_3, "evt.is_open_read = true or evt.is_open_write = true", NO},
	{open_failed, "fs.path.name = /t/absent", YES},
	{unlink_failed, "fs.path.name = /t/absent and evt.res = EACCES", YES},
	{rename_from, "fs.path.source = /t/d/old and fs.path.target = /t/d/new", YES},
	{symlinked, "fs.path.source = old and fs.path.target = /t/new", YES},
	{unlinkat_cwd, "fd.name exists or fd.num exists or fd.typechar exists", NO},
	{unlinkat_cwd, "fs.path.name = /t/f and evt.arg.dirfd = AT_FDCWD", YES},
	{mode_set, "fd.name exists", NO},
	{mode_set, "evt.type = fchmodat2 and evt.arg.mode contains S_ISUID", YES},
	{mode_set, "evt.rawarg.mode = 2541", YES},
	/* Sockets. */
	{listen_bad, "fd.name exists", NO},
	{listen_bad, "fd.num = 99", YES},
	{accept_failed, "fd.name exists", NO},
	{socket_made, "fd.name = '' and not fd.sip exists", YES},
	{connect_refused, "fd.sip = 127.0.0.2 and fd.name = '127.0.0.1:4711->127.0.0.2:53'", YES},
	{connect_refused, "fd.sip.name != localhost and not fd.sip.name = localhost", YES},
	{exec, "fd.sip.name != localhost", NO},
	{connect_refused, "fd.name_changed = true or fd.connected = true", NO},
	{connected_mapped, "fd.typechar = 4 and fd.l4proto = tcp", YES},
	{sent, "fd.connected = true", NO},
	{sent, "fd.name_changed = true and fd.sip = 127.0.0.2", YES},
	{sent_again, "fd.name_changed = true", YES},
	{sent, "fd.is_server = false", YES},
	/* Processes and arguments. */
	{exec, "proc.env[A] = 1 and proc.env[NOSUCH] = '' and proc.args[7] = ''", YES},
	{setuid_unknown, "evt.arg.uid = <NA> and evt.rawarg.uid = 4711", YES},
	{kill_outside, "evt.arg.pid = sh and evt.rawarg.pid = 50", YES},
	{kill_inside, "evt.arg.pid = 50", YES},
};

/* The loader's answer, or the rule's. */
static enum answer answer(const char *condition)
{
	static char rules[8192];
	struct ruleset *rs;
	int pos = 0;

	log_level = LOG_L_ERROR; /* they do not compare evt.type */
	snprintf(rules, sizeof(rules), RULE("r", "%s"), condition);
	rs = rules_load(rules);
	return !rs ? REFUSED : ruleset_match(rs, &ctx, &pos) ? YES : NO;
}

static void conditions_answer_as_the_page_says(void)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		enum answer got;

		begin();
		conditions[i].event();
		ask();
		got = answer(conditions[i].condition);
		if (got != conditions[i].answer)
			unit_fail(__FILE__, __LINE__, "%s: %d, not %d; %s", conditions[i].condition,
				  got, conditions[i].answer, rules_error.text);
	}
}

/* Files of rules. */
static const struct {
	const char *text;
	bool refused;
} files[] = {
	{"[macro unused]\ncondition = proc.nam = x\n", true},
	{"[rule r]\ncondition = proc.nam = x\noutput = x\npriority = info\nenabled = off\n", true},
	{"[rule r]\ncondition = evt.type = open\noutput = x\npriority = err\n", true},
	{"[macro and]\ncondition = evt.type = open\n", true},
	{"[macro exists]\ncondition = evt.type = open\n" RULE("r", "exists and exists"), false},
	{"[list a]\nitems = x\n[list a]\nitems = y\n", true},
	{"[list a]\nitems = b\n[list b]\nitems = x\n", true},
	{"[list a]\nitems = '=', 'x y', '', \"'\"\n" RULE("r", "evt.type = open and fd.name in a"),
	 false},
	{"[list a]\nitems = 1\n[list b]\nitems = a\n[list c]\nitems = b\n" RULE(
		 "r", "evt.type = open and fd.num in c and fd.num = c"),
	 false},
	{"[list a]\nitems = 1, 2\n" RULE("r", "evt.type = open and fd.num = a"), true},
	{"[list a]\nitems = 1, 2\n" RULE("r", "evt.type = open and fd.num = anyof a"), false},
	{"[list fd]\nitems = x\n" RULE("r", "evt.type = open and fd exists"), true},
};

static void files_are_refused_as_the_page_says(void)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (*rules_refused(files[i].text) ? !files[i].refused : files[i].refused)
			unit_fail(__FILE__, __LINE__, "%s: %s", files[i].text, rules_error.text);
}

/* Outputs, with alerts.missing at omit; NULL: refused. */
static const struct {
	void (*event)(void);
	const char *output, *text;
} outputs[] = {
	{open_blank, "file=%fd.name by=%evt.type", "file=\"/t/a b\" by=openat"},
	{open_newline, "file=%fd.name", "file=/t/a\\nb"},
	{exec, "file=%fd.name %fd.name by=%evt.type", "<NA> by=execve"},
	{open_linked, "%evt.arg.fdx", "3x"},
	{exec, "100%", NULL},
	{exec, "%% %evt.type", NULL},
	{exec, "%10evt.type", NULL},
	{exec, "%container.info", NULL},
	{exec, "%val(evt.type)", NULL},
	{open_linked, "%evt.arg.mode %evt.rawarg.mode", "0644 0644"},
	{open_failed, "%evt.arg.mode", "0"},
	{directory_made, "%evt.arg.mode %evt.rawarg.mode", "1ED 0755"},
	{mode_set, "%evt.arg.mode %evt.rawarg.mode",
	 "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID 04755"},
	{socket_made, "%evt.arg.domain %evt.arg.type", "AF_INET 524290"},
	{kill_outside, "%evt.arg.pid %evt.args", "sh \"res=SUCCESS pid=50 sig=SIGKILL\""},
};

static void outputs_read_as_the_page_says(void)
{
	struct ini_place at = {"rules", 1};
	struct ini_error err;
	struct arena a;

	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		struct template *t;
		char text[256] = "refused";
		bool cut = false;

		CHECK_EQ(arena_map(&a, 1 << 16), 0);
		t = template_compile(&a, outputs[i].output, at, &err);
		begin();
		outputs[i].event();
		ask();
		ctx.omit = true;
		if (t)
			text[template_render(t, &ctx, text, sizeof(text) - 1, &cut)] = '\0';
		CHECK_STR(text, outputs[i].text ? outputs[i].text : "refused");
	}
}

const struct unit_test tests_differences[] = {
	TEST(conditions_answer_as_the_page_says),
	TEST(files_are_refused_as_the_page_says),
	TEST(outputs_read_as_the_page_says),
	{0},
};
