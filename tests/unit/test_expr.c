/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions in conditions, on both sides of operators, and oneof, anyof and allof: rows of an
 * event, a condition and the answer, and of conditions that are refused and why.
 */
#include "../../core/log.h"
#include "../../core/rule_int.h"
#include "fields.h"
#include "rules.h"

/* The events, those of prog(100) of fields.h: its ancestors are sh and init. */

static void opened(void)
{
	openat_event(3, 0, "/etc/Shadow.D/Shadow");
}

/* A path of the greatest length. */
static void opened_long(void)
{
	static char path[TRC_STR_MAX];

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	openat_event(3, 0, path);
}

static void unlinked(void)
{
	event_begin(TRC_UNLINK);
	event_set("res", 0);
	event_give("path", "/t/f");
}

static void talk(enum trc_type type, const char *data, size_t n)
{
	struct trc_sock s = event_inet(TRC_SOCK_INET, "\x7f\0\0\x01", 4711, "\x0a\1\0\x02", 53);

	event_begin(type);
	event_set("fd", 6);
	event_set("res", (int64_t)n);
	event_set_sock("tuple", &s, "", 0);
	if (n)
		record_bytes(&event_rec, event_slot("data"), data, n);
}

static void connected(void)
{
	talk(TRC_CONNECT, "", 0);
}

static void sent(void)
{
	talk(TRC_SENDTO, "L2V0Yy9zaGFkb3c=", 16);
}

static void sent_binary(void)
{
	talk(TRC_SENDTO, "yv7wDQ", 6);
}

/* The variables have base64 in them, or something like it. */
static void exec(void)
{
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set("ppid", 50);
	event_set_str("comm", "prog");
	event_set_str("exepath", "/usr/bin/Prog");
	event_set_bytes("argv", "./prog\0-x\0a b\0");
	event_set_bytes("env",
			"ONE=YQ==\0TWO=YWI=\0BARE=YWI\0ALL=YWJj\0LONG=YWJjZA==\0NUL=AA==\0"
			"SIGNS=+/+/\0EMPTY=\0PAD==\0PADS===\0HALF=Y\0BITS=YR==\0MORE=YWJ=\0"
			"URL=-_-_\0BLANK=YW I=\0IN=Y=Q=\0THREE=Y===\0MUCH=YWI===\0FIVE=YWJjZ\0"
			"FULL=YWJj=\0SHORT=YWI==\0");
}

struct row {
	void (*event)(void);
	const char *condition;
	bool holds;
};

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

		begin();
		row->event();
		ask();
		snprintf(not, sizeof(not ), "not (%s)", row->condition);
		if (holds(row->condition) != row->holds || holds(not ) == row->holds)
			unit_fail(__FILE__, __LINE__, "%s: should be %d", row->condition,
				  row->holds);
	}
}

#define ANSWERS(rows) answers(rows, sizeof(rows) / sizeof(rows[0]))

static void functions_of_one_value(void)
{
	static const struct row rows[] = {
		{opened, "tolower(fd.name) = /etc/shadow.d/shadow", true},
		{opened, "tolower(fd.name) = /etc/Shadow.D/Shadow", false},
		{opened, "tolower(fd.name) != /etc/shadow.d/shadow", false},
		{opened, "toupper(fd.name) = /ETC/SHADOW.D/SHADOW", true},
		{opened, "toupper(fd.name) startswith /ETC/S", true},
		{opened, "toupper(fd.name) startswith /etc", false},
		{opened, "tolower(fd.name) in (x, /etc/shadow.d/shadow)", true},
		{opened, "tolower(fd.name) in (1, 2, 3, 4, 5, 6, 7, 8, 9, /etc/shadow.d/shadow)",
		 true},
		{opened, "tolower(fd.name) pmatch (/etc/shadow.d)", true},
		{opened, "tolower(fd.name) pmatch (/etc/Shadow.D)", false},
		{opened, "tolower(fd.name) glob *.d/s*", true},
		{opened, "basename(fd.name) = Shadow", true},
		{opened, "basename(fd.name) = /Shadow", false},
		{opened, "basename(fd.nameraw) = Shadow", true},
		{opened, "basename(proc.name) = prog", true},
		{opened, "basename(proc.cwd) = '' and proc.cwd = /dev/shm/", true},
		{opened, "len(fd.name) = 20", true},
		{opened, "len(fd.name) > 19 and len(fd.name) <= 20", true},
		{opened, "len(fd.name) < 20 or len(fd.name) != 20", false},
		{opened, "len(fd.name) in (1, 20)", true},
		{exec, "len(proc.env[EMPTY]) = 0", true},
		{opened, "tolower(fd.name) exists and len(fd.name) exists", true},
	};

	ANSWERS(rows);
}

static void base64_is_decoded(void)
{
	static const struct row rows[] = {
		{exec, "b64(proc.env[ONE]) = a", true},
		{exec, "b64(proc.env[TWO]) = ab", true},
		{exec, "b64(proc.env[BARE]) = ab", true},
		{exec, "b64(proc.env[ALL]) = abc", true},
		{exec, "b64(proc.env[LONG]) = abcd", true},
		{exec, "b64(proc.env[LONG]) startswith abc and b64(proc.env[LONG]) != abc", true},
		{exec, "len(b64(proc.env[NUL])) = 1", true},
		{exec, "b64(proc.env[SIGNS]) = '\\xfb\\xff\\xbf'", true},
		{exec, "b64(proc.env[EMPTY]) = ''", true},
		{exec, "b64(proc.env[PAD]) exists", false},
		{exec, "b64(proc.env[PADS]) exists", false},
		{exec, "b64(proc.env[THREE]) exists", false},
		{exec, "b64(proc.env[MUCH]) exists", false},
		{exec, "b64(proc.env[HALF]) exists", false},
		{exec, "b64(proc.env[FIVE]) exists", false},
		{exec, "b64(proc.env[FULL]) exists", false},
		{exec, "b64(proc.env[SHORT]) exists", false},
		{exec, "b64(proc.env[BITS]) exists", false},
		{exec, "b64(proc.env[MORE]) exists", false},
		{exec, "b64(proc.env[URL]) exists", false},
		{exec, "b64(proc.env[BLANK]) exists", false},
		{exec, "b64(proc.env[IN]) exists", false},
		{exec, "b64(proc.env[HALF]) != x", false},
		{sent, "b64(evt.buffer) contains shadow", true},
		{sent, "b64(evt.buffer) bcontains 2f657463", true},
		{sent, "len(b64(evt.buffer)) = 11 and len(evt.buffer) = 16", true},
		{sent_binary, "b64(evt.buffer) bstartswith cafef00d", true},
		{sent_binary, "b64(evt.buffer) bstartswith cafef00e", false},
	};

	ANSWERS(rows);
}

static void texts_are_put_together(void)
{
	static const struct row rows[] = {
		{opened, "concat(proc.name, '-', proc.pname) = prog-sh", true},
		{opened, "concat(proc.name, proc.pname) = progsh", true},
		{opened, "concat('<', proc.name) = '<prog'", true},
		{opened, "concat(proc.name, 'a\\'b') = \"proga'b\"", true},
		{opened, "join(', ', (proc.name, proc.pname, 'x')) = 'prog, sh, x'", true},
		{opened, "join('', (proc.name, proc.pname)) = progsh", true},
		{opened, "join('-', (proc.name)) = prog", true},
		{opened, "len(concat(proc.name, proc.pname)) = 6", true},
		{opened,
		 "toupper(concat(proc.name, '/', tolower(basename(fd.name)))) = PROG/SHADOW", true},
		{opened,
		 "concat(basename(fd.name), join(':', (proc.name, tolower(fd.filename)))) = "
		 "Shadowprog:shadow",
		 true},
		{opened, "basename(concat(fd.directory, '/', 'x')) = x", true},
		{opened, "tolower ( concat( fd.directory ,\n\t'/X' ) )='/etc/shadow.d/x'", true},
	};

	ANSWERS(rows);
}

static void what_is_missing_makes_all_missing(void)
{
	static const struct row rows[] = {
		{unlinked, "tolower(fd.name) = x", false},
		{unlinked, "tolower(fd.name) != x", false},
		{unlinked, "tolower(fd.name) exists", false},
		{unlinked, "len(fd.name) >= 0", false},
		{unlinked, "concat(proc.name, fd.name) exists", false},
		{unlinked, "concat(fd.name, proc.name) exists", false},
		{unlinked, "join(',', (proc.name, fd.name)) != x", false},
		{unlinked, "concat(proc.name, '', proc.name) exists", true},
		{unlinked, "proc.name = val(fd.name) or proc.name != val(fd.name)", false},
		{unlinked, "fd.name = val(proc.name) or fd.name != val(proc.name)", false},
		{unlinked, "proc.name startswith val(fd.name)", false},
		{unlinked, "fd.name = oneof (a, b) or fd.name != anyof (a, b)", false},
		{unlinked, "fd.name != allof (a, b)", false},
	};

	ANSWERS(rows);
}

static void what_does_not_fit_is_missing(void)
{
	static const struct row rows[] = {
		{opened_long, "len(fd.name) = 4095", true},
		{opened_long, "len(concat(fd.name, fd.name)) = 8190", true},
		{opened_long, "len(concat(fd.name, 'abc', fd.name)) = 8193", true},
		{opened_long, "concat(fd.name, 'abcd', fd.name) exists", false},
		{opened_long, "concat(fd.name, fd.name, fd.name) exists", false},
		{opened_long, "concat(fd.name, fd.name, 'abcd') != x", false},
		{opened_long, "len(concat(fd.name, basename(fd.name))) = 8189", true},
		{opened_long, "proc.name = val(proc.name) and fd.name = val(fd.name)", true},
		{opened_long, "fd.name icontains val(fd.name)", true},
	};

	ANSWERS(rows);
}

static void the_right_side_may_be_a_field(void)
{
	static const struct row rows[] = {
		{exec, "proc.name = val(proc.name)", true},
		{exec, "proc.name == val(proc.pname)", false},
		{exec, "proc.name != val(proc.pname)", true},
		{exec, "proc.name != val(proc.name)", false},
		{exec, "proc.cmdline startswith val(proc.name)", true},
		{exec, "proc.cmdline startswith val(proc.pname)", false},
		{exec, "proc.exe endswith val(proc.name)", true},
		{exec, "proc.exepath endswith val(proc.name)", false},
		{exec, "proc.exe contains val(proc.name)", true},
		{exec, "proc.exepath contains val(proc.name)", false},
		{exec, "proc.exepath icontains val(proc.name)", true},
		{exec, "proc.name icontains val(proc.exepath)", false},
		{exec, "proc.name = tolower(basename(proc.exepath))", true},
		{exec, "tolower(basename(proc.exepath)) = val(proc.name)", true},
		{exec, "basename(proc.exepath) = concat('P', proc.args)", false},
		{exec, "concat('./', proc.name) = val(proc.exe)", true},
		{exec, "proc.exe = concat('./', proc.name)", true},
		{exec, "proc.cmdnargs = len(proc.args[0])", true},
		{exec, "len(proc.args[0]) >= val(proc.cmdnargs)", true},
		{exec, "proc.cmdnargs < len(proc.args)", true},
		{exec, "proc.cmdnargs > len(proc.args) or proc.cmdnargs <= len(proc.pname)", true},
		{exec, "proc.args[0] = val(proc.args[1])", false},
		{exec, "proc.env[ALL] = val(proc.env[ALL])", true},
		{exec, "proc.env[ALL] = val(proc.env[LONG])", false},
		{exec, "proc.name = val", false},
		{exec, "proc.name != tolower and proc.name != oneof", true},
		/* The fault of Falco that ends it. */
		{opened, "concat(fd.directory, '/', fd.filename) = val(fd.name)", true},
		{opened, "concat(fd.directory, fd.filename) = val(fd.name)", false},
		{opened, "evt.is_open_read = val(evt.is_open_write)", false},
		{opened, "evt.is_open_read != val(evt.is_open_write)", true},
		{opened, "proc.acmdline[1] = val(proc.acmdline[2])", false},
		{opened, "proc.acmdline = val(proc.acmdline[2])", true},
		{opened, "proc.acmdline[1] = val(proc.acmdline[1])", true},
		{connected, "fd.cip = val(fd.sip)", false},
		{connected, "fd.cip != val(fd.sip) and fd.cip = val(fd.lip)", true},
		{connected, "fd.sport = val(fd.rport) and fd.sport > val(fd.num)", true},
		{connected, "fd.sport < val(fd.num) or fd.sport = len(proc.name)", false},
	};

	ANSWERS(rows);
}

static void of_several_values_one_is_enough(void)
{
	static const struct row rows[] = {
		{opened, "toupper(proc.aname) = SH", true},
		{opened, "toupper(proc.aname) = INIT", true},
		{opened, "toupper(proc.aname) = PROG", false},
		{opened, "toupper(proc.aname) in (A, INIT)", true},
		/* One differs, as with the field itself. */
		{opened, "toupper(proc.aname) != SH", true},
		{opened, "proc.aname != val(proc.pname)", true},
		{opened, "proc.aname[1] != val(proc.pname)", false},
		{opened, "proc.aname = val(proc.pname)", true},
		{opened, "proc.aname = val(proc.name)", false},
		{opened, "toupper(proc.acmdline) contains INIT", true},
		{opened, "basename(proc.aexe) = init", true},
		{opened, "toupper(proc.aname[2]) = INIT", true},
		{opened, "toupper(proc.aname[1]) = INIT", false},
		{opened, "len(proc.aname) = 2 and len(proc.apid) = 2", true},
		{opened, "len(proc.acmdline) = 2", true},
		{opened, "len(proc.aname[2]) = 4", true},
		{opened, "len(b64(proc.aname)) = 1", true}, /* init is base64 */
		{opened, "len(fd.ip) >= 0 or len(fd.ip) exists", false},
		{connected, "len(fd.ip) = 2 and len(fd.port) = 2 and len(fd.net) = 2", true},
		{connected, "fd.ip = val(fd.sip) and fd.ip = val(fd.cip)", true},
		/* All differ. */
		{connected, "fd.ip != val(fd.sip)", false},
		{connected, "fd.port = val(fd.sport)", true},
		{connected, "fd.port != val(fd.num)", true},
		{connected, "fd.port > val(fd.num) and fd.port < len(proc.name)", false},
	};

	ANSWERS(rows);
}

static void modifiers_count_operands(void)
{
	static const struct row rows[] = {
		{opened, "fd.name startswith oneof (/etc, /usr)", true},
		{opened, "fd.name startswith oneof (/etc, /e)", false},
		{opened, "fd.name startswith oneof (/usr, /var)", false},
		{opened, "fd.name startswith oneof(/etc,/usr)", true},
		{opened, "fd.name startswith anyof (/etc, /e)", true},
		{opened, "fd.name startswith anyof (/usr, /var)", false},
		{opened, "fd.name startswith allof (/etc, /e)", true},
		{opened, "fd.name startswith allof (/etc, /usr)", false},
		{opened, "fd.name contains allof (etc, Shadow, .D)", true},
		{opened, "fd.name icontains allof (ETC, shadow)", true},
		{opened, "fd.name endswith oneof (w, dow, x)", false},
		{opened, "fd.name glob anyof (/usr/*, /etc/*)", true},
		{opened, "fd.name iglob allof (/ETC/*, *SHADOW)", true},
		{opened, "proc.name = oneof (prog, sh)", true},
		{opened, "proc.name == anyof (prog, sh)", true},
		{opened, "proc.name = anyof (sh, init)", false},
		{opened, "proc.name = allof (prog, sh)", false},
		{opened, "proc.name = allof (prog)", true},
		/* What stands twice counts once. */
		{opened, "proc.name = oneof (prog, prog, sh)", true},
		{opened, "proc.name = allof (prog, prog)", true},
		{opened, "fd.name startswith oneof (/etc, '/etc', /usr)", true},
		{opened, "fd.name regex oneof ('/etc.*', '/etc.*', '/usr.*')", true},
		{opened, "proc.name != oneof (prog, sh)", true},
		{opened, "proc.name != oneof (sh, init)", false},
		{opened, "proc.name != anyof (prog, sh)", true},
		{opened, "proc.name != anyof (prog)", false},
		{opened, "proc.name != allof (sh, init)", true},
		{opened, "proc.name != allof (prog, init)", false},
		{opened, "proc.name = oneof ()", false},
		{opened, "proc.name = anyof ()", false},
		{opened, "proc.name = allof () or proc.name != allof ()", false},
		{opened, "proc.name = anyof or proc.name = oneof and proc.pid = 1", false},
		{opened, "proc.name = oneof (1, 2, 3, 4, 5, 6, 7, 8, 9, prog)", true},
		{opened, "fd.num = oneof (3, 4) and fd.num != allof (4, 5)", true},
		{opened, "fd.num = oneof (3, +3, 03)", true},
		{opened, "fd.num = allof (3, 4)", false},
		{opened, "evt.is_open_read = oneof (true, false)", true},
		{opened, "evt.type = anyof (open, openat)", true},
		{opened, "evt.type = oneof (open, openat, openat)", true},
		{opened, "evt.type = anyof (open, close)", false},
	};

	ANSWERS(rows);
}

/* Each operand is asked of all values: the ancestors are sh and init. */
static void modifiers_ask_all_values(void)
{
	static const struct row rows[] = {
		{opened, "proc.aname = allof (sh, init)", true},
		{opened, "proc.aname = allof (sh, prog)", false},
		{opened, "proc.aname = oneof (sh, prog)", true},
		{opened, "proc.aname = oneof (sh, init)", false},
		{opened, "proc.acmdline startswith allof (s, i)", true},
		{opened, "toupper(proc.aname) = allof (SH, INIT)", true},
		{opened, "tolower(fd.name) endswith oneof (shadow, passwd)", true},
		{opened, "tolower(fd.name) endswith oneof (shadow, ow)", false},
		{connected, "fd.port = allof (53, 4711)", true},
		{connected, "fd.port != allof (53, 80)", false},
		{connected, "fd.port != oneof (53, 80)", true},
		{connected, "fd.snet = anyof (10.0.0.0/8, 127.0.0.0/8)", true},
		{connected, "fd.snet = oneof (127.0.0.0/8, 10.0.0.0/8)", true},
		{connected, "fd.snet = oneof (10.0.0.0/8, 10.1.0.0/16)", false},
		{connected, "fd.snet = oneof (10.0.0.0/8, 10.1.0.0/8)", true},
		{connected, "fd.snet = allof (10.0.0.0/8, 10.1.0.0/16)", true},
		{connected, "fd.sip != allof (10.0.0.0/8, ::/0)", false},
		{sent_binary, "evt.buffer bcontains allof (7976, 3777)", true},
		{sent_binary, "evt.buffer bstartswith oneof (79, 7976)", false},
	};

	ANSWERS(rows);
}

static void modifiers_take_the_name_of_a_list(void)
{
	struct ruleset *rs = rules_load("[list l]\nitems = /etc, /usr\n" RULE(
		"r", "fd.name startswith oneof l and fd.name startswith anyof (l, /x) and not "
		     "fd.name startswith allof l"));
	int pos = 0;

	CHECK(rs);
	begin();
	opened();
	ask();
	CHECK(ruleset_match(rs, &ctx, &pos));
}

static void a_file_named_whole_is_known_behind_a_modifier(void)
{
	begin();
	event_begin(TRC_FILEINFO);
	event_set_str("name", "/etc/shadow");
	event_set("dev", 7);
	event_set("ino", 8);
	feed();
	openat_event(3, 0, "/tmp/link");
	event_set("dev", 7);
	event_set("ino", 8);
	ask();
	CHECK(holds("fd.name = oneof (/etc/shadow, /etc/passwd)"));
	CHECK(!holds("fd.name = oneof (/etc/shadow, /tmp/link)"));
	CHECK(holds("fd.name = allof (/etc/shadow, /tmp/link)"));
	CHECK(!holds("fd.name != allof (/etc/shadow, /etc/passwd)"));
	/* What a function makes of a name is text. */
	CHECK(!holds("tolower(fd.name) = /etc/shadow"));
	CHECK(holds("tolower(fd.name) != /etc/shadow"));
}

static const struct {
	const char *condition, *message;
} refused[] = {
	{"nosuch(proc.name) = a",
	 "nosuch: not a function; expected one of tolower toupper b64 basename len concat join getopt val"},
	{"proc.name = nosuch(proc.name)", "nosuch: not a function; expected one of tolower toupper "
					  "b64 basename len concat join getopt val"},
	{"tolower(a(proc.name)) = a", "a: not a function; expected one of tolower toupper b64 "
				      "basename len concat join getopt val"},
	{"val(proc.name) = a", "val: stands on the right of an operator only, around one field"},
	{"proc.name = tolower(val(proc.name))",
	 "val: stands on the right of an operator only, around one field"},
	{"proc.name = val(tolower(proc.name))",
	 "tolower: expected a field that `tiercel list fields` shows"},
	{"proc.name = val('a')", "a: expected a field"},
	{"proc.name = val(proc.name, 'a')", ",: expected )"},
	{"proc.name = val(proc.nam)",
	 "proc.nam: expected a field that `tiercel list fields` shows; did you mean proc.name"},
	{"tolower() = a", "): expected a field, a string in quotes or a function"},
	{"tolower(a) = a", "a: expected a field, a string in quotes or a function"},
	{"len(5) = 5", "5: expected a field, a string in quotes or a function"},
	{"tolower(proc.name = a", "=: expected )"},
	{"tolower(proc.name, proc.pname) = a", ",: expected )"},
	{"tolower(proc.name", "end: expected )"},
	{"tolower(proc.name)",
	 "end: not an operator of this version; expected one of = == != in "
	 "intersects pmatch contains icontains startswith endswith glob iglob regex "
	 "exists"},
	{"tolower('a\\q') = a",
	 "a\\q: \\q is no escape; expected one of \\b \\f \\n \\r \\t \\\\ \\/ \\\" "
	 "\\' \\xHH"},
	{"tolower('a) = a", "'a) = a: expected a field, a string in quotes or a function"},
	{"tolower(a.b, c.d) = a", "a.b: expected a field that `tiercel list fields` shows"},
	{"tolower(fd.num) = a", "fd.num: of type number; tolower() does not take it"},
	{"tolower(evt.buffer) = a", "evt.buffer: of type bytes; tolower() does not take it"},
	{"tolower(len(proc.name)) = a", "len: of type number; tolower() does not take it"},
	{"basename(fd.sip) = a", "fd.sip: of type address; basename() does not take it"},
	{"len(fd.num) = 1", "fd.num: of type number; len() does not take it"},
	{"len(fd.sip) = 1", "fd.sip: of type address; len() does not take it"},
	{"tolower(evt.type) = open", "evt.type: a function does not take this field"},
	{"proc.name = val(evt.type)", "evt.type: a function does not take this field"},
	{"tolower(fd.sip.name) = a", "fd.sip.name: a function does not take this field"},
	{"len(fd.ip.name) = 1", "fd.ip.name: a function does not take this field"},
	{"concat(proc.name) = a", "concat: expected two values or more"},
	{"concat(proc.name, fd.num) = a", "fd.num: of type number; concat() takes strings"},
	{"concat(proc.name, evt.buffer) = a", "evt.buffer: of type bytes; concat() takes strings"},
	{"concat(proc.aname, 'a') = a",
	 "proc.aname: may have several values; concat() takes what has one"},
	{"concat('a', tolower(proc.aname)) = a",
	 "tolower: may have several values; concat() takes what has one"},
	{"concat(proc.name proc.name) = a", "proc.name: expected , or )"},
	{"join(',', proc.args) = a", "proc.args: expected ("},
	{"join(proc.name, (proc.name)) = a",
	 "proc.name: expected a string in quotes to stand between"},
	{"join(',', ()) = a", "): expected a field, a string in quotes or a function"},
	{"join(',', (proc.name), proc.name) = a", ",: expected )"},
	{"join(',' (proc.name)) = a", "(: expected ,"},
	{"len('abc') = 3", "len: expected a field in it: this is always the same"},
	{"proc.name = concat('a', 'b')", "concat: expected a field in it: this is always the same"},
	{"proc.name = val(proc.aname)",
	 "val: may have several values; expected one on the right of an operator"},
	{"fd.cip = val(fd.ip)",
	 "val: may have several values; expected one on the right of an operator"},
	{"proc.name = val(fd.num)",
	 "val: of type number, and string on the left; expected one type"},
	{"fd.num = val(proc.name)",
	 "val: of type string, and number on the left; expected one type"},
	{"proc.name = len(proc.name)",
	 "len: of type number, and string on the left; expected one type"},
	{"fd.sip = val(proc.name)",
	 "val: of type string, and address on the left; expected one type"},
	{"evt.buffer contains val(proc.name)",
	 "val: of type string, and bytes on the left; expected one type"},
	{"evt.type = val(proc.name)",
	 "val: expected what is written in the rule, no function, behind ="},
	{"fd.sip.name = val(fd.cip)",
	 "val: expected what is written in the rule, no function, behind ="},
	{"proc.name in val(proc.name)",
	 "val: expected what is written in the rule, no function, behind in"},
	{"proc.name intersects val(proc.name)",
	 "val: expected what is written in the rule, no function, behind intersects"},
	{"evt.buffer bstartswith b64(evt.buffer)",
	 "b64: expected what is written in the rule, no function, behind bstartswith"},
	{"proc.name in (val(proc.name))", "(: expected , or )"},
	{"proc.name pmatch val(proc.name)",
	 "val: expected what is written in the rule, no function, behind pmatch"},
	{"proc.name glob val(proc.name)",
	 "val: expected what is written in the rule, no function, behind glob"},
	{"proc.name iglob tolower(proc.name)",
	 "tolower: expected what is written in the rule, no function, behind iglob"},
	{"evt.buffer bcontains val(evt.buffer)",
	 "val: expected what is written in the rule, no function, behind bcontains"},
	{"proc.name < val(proc.name)",
	 "<: not an operator for this field; expected one of = == != in intersects pmatch contains "
	 "icontains startswith endswith glob iglob regex exists"},
	{"len(proc.name) contains 1",
	 "contains: not an operator for this field; expected one of = == != < <= > >= in "
	 "intersects exists"},
	{"len(proc.name) = a", "a: no value of a length; expected a decimal number of 64 bits"},
	{"fd.num < oneof (1, 2)",
	 "oneof: not a function; expected one of tolower toupper b64 basename len concat join getopt val"},
	{"proc.name in oneof (a, b)",
	 "oneof: expected what is written in the rule, no function, behind in"},
	{"fd.name pmatch anyof (/a)",
	 "anyof: expected what is written in the rule, no function, behind pmatch"},
	{"proc.name = oneof nosuch",
	 "nosuch: expected values in parentheses, or the name of a list"},
	{"proc.name = oneof (a", "end: expected , or )"},
	{"proc.name = oneof (val(proc.name))", "(: expected , or )"},
	{"fd.num = oneof (1, a)", "a: no value of fd.num; expected a decimal number of 64 bits"},
	{"proc.name = 'oneof' (a)", "(: expected and, or, or the end of the condition"},
	{"proc.name oneof (a)",
	 "oneof: not an operator of this version; expected one of = == != in "
	 "intersects pmatch contains icontains startswith endswith glob iglob regex "
	 "exists"},
	{"evt.type = allof (open, openat)",
	 "allof: an event has one type; expected in, or not and in"},
	{"evt.type != anyof (open, openat)",
	 "anyof: an event has one type; expected in, or not and in"},
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
}

static void expressions_are_bounded(void)
{
	CHECK_STR(rules_refused_condition(unit_nested("tolower(", "proc.name", ")", 8, " = a")),
		  "");
	CHECK_STR(rules_refused_condition(unit_nested("tolower(", "proc.name", ")", 9, " = a")),
		  "rules:2: tolower: expected functions to nest no deeper than 8");
	CHECK_STR(rules_refused_condition(unit_nested("tolower(", "proc.name", ")", 300, " = a")),
		  "rules:2: tolower: expected functions to nest no deeper than 8");
	CHECK_STR(
		rules_refused_condition(unit_nested("", "concat(proc.name", ", 'a'", 30, ") = a")),
		"");
	CHECK_STR(
		rules_refused_condition(unit_nested("", "concat(proc.name", ", 'a'", 31, ") = a")),
		"rules:2: concat: expected no more than 32 fields, strings and functions in one");
	CHECK_STR(
		rules_refused_condition(unit_nested("", "concat(proc.name", ", 'a'", 90, ") = a")),
		"rules:2: a: expected no more than 32 fields, strings and functions in one");
	/* Both sides are made lower case. */
	CHECK_STR(rules_refused_condition(unit_nested("", "proc.name icontains concat(proc.name",
						      ", 'a'", 30, ")")),
		  "rules:2: concat: expected no more than 32 fields, strings and functions in one");
}

/* Checks that two rules of these conditions come to. */
static int checks(const char *one, const char *two)
{
	static char rules[1024];
	struct ruleset *rs;

	snprintf(rules, sizeof(rules), RULE("r", "%s") RULE("s", "%s"), one, two);
	rs = rules_load(rules);
	CHECK(rs);
	return ruleset_checks(rs);
}

static void equal_checks_are_one(void)
{
	static const struct {
		const char *one, *two;
		int checks;
	} rows[] = {
		{"tolower(proc.name) = a", "tolower ( proc.name ) == 'a'", 1},
		{"tolower(proc.name) = a", "proc.name = a", 2},
		{"tolower(proc.name) = a", "toupper(proc.name) = a", 2},
		{"tolower(proc.name) = a", "tolower(proc.pname) = a", 2},
		{"tolower(proc.args[1]) = a", "tolower(proc.args[2]) = a", 2},
		{"tolower(proc.env[A]) = a", "tolower(proc.env[B]) = a", 2},
		{"tolower(proc.name) = a", "tolower(proc.name) = b", 2},
		{"tolower(proc.name) = a", "tolower(proc.name) != a", 2},
		{"concat(proc.name, 'a') = a", "concat(proc.name, 'b') = a", 2},
		{"concat(proc.name, 'a') = a", "concat('a', proc.name) = a", 2},
		{"concat(proc.name, ',', 'a') = a", "join(',', (proc.name, 'a')) = a", 1},
		{"proc.name = val(proc.pname)", "proc.name = val(proc.pname)", 1},
		{"proc.name = val(proc.pname)", "proc.name = tolower(proc.pname)", 2},
		{"proc.name = val(proc.pname)", "proc.name = val(proc.exe)", 2},
		{"proc.name = val(proc.pname)", "proc.name in ()", 2},
		{"proc.name icontains val(proc.pname)",
		 "tolower(proc.name) contains tolower(proc.pname)", 1},
		{"proc.name contains oneof (a, b)", "proc.name contains oneof (a, b, a)", 1},
		{"proc.name contains oneof (a, b)", "proc.name contains anyof (a, b)", 2},
		{"proc.name contains anyof (a)", "proc.name contains a", 2},
		{"proc.name = anyof (a, b)", "proc.name in (a, b)", 1},
		{"fd.sip = 10.0.0.0/8", "fd.sip = 10.1.2.3/8", 1},
		{"getopt(proc.args, 'a') = a", "getopt((proc.args), ':a') == a", 1},
		{"getopt(proc.args, 'a') = a", "getopt(proc.args, 'ab') = a", 2},
		{"getopt(proc.args, 'a') = a", "getopt(proc.args, 'a')[a] = a", 2},
		{"getopt(proc.args, 'ab')[b] = a", "getopt(proc.args, 'ab')[a] = a", 2},
		{"getopt((tolower(proc.args)), 'a') = a", "getopt((proc.args), 'a') = a", 2},
	};

	log_level = LOG_L_ERROR;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (checks(rows[i].one, rows[i].two) != rows[i].checks)
			unit_fail(__FILE__, __LINE__, "%s and %s: should be %d", rows[i].one,
				  rows[i].two, rows[i].checks);
}

static void note_field(void *arg, const struct field_ref *ref)
{
	char *names = arg;

	CHECK(ref->index >= -1);
	sprintf(names + strlen(names), " %s%.*s", ref->field->name, (int)ref->name.n,
		ref->name.n ? ref->name.p : "");
}

static void the_fields_of_a_rule_are_those_in_functions_too(void)
{
	struct ruleset *rs;
	char names[256] = "";

	log_level = LOG_L_ERROR;
	rs = rules_load(RULE("r", "concat(proc.name, 'x', proc.env[A]) = val(proc.exe) and fd.name "
				  "endswith oneof (a, b) and proc.pname != val(proc.cmdline) and "
				  "getopt(proc.args, 'x') = x"));
	CHECK(rs);
	rule_fields(ruleset_rule(rs, 0), note_field, names);
	CHECK_STR(names, " proc.args proc.pname proc.cmdline fd.name proc.name proc.envA proc.exe");
}

/* What was remembered of one event says nothing about the next. */
static void each_event_is_asked_anew(void)
{
	struct ruleset *rs = rules_load(
		RULE("r", "evt.type = openat and basename(fd.name) endswith oneof (w, ow, x)"));

	CHECK(rs);
	for (int i = 0; i < 4; i++) {
		int pos = 0;

		begin();
		openat_event(3, 0, i % 2 ? "/t/w" : "/t/ow");
		ask();
		CHECK_EQ(ruleset_match(rs, &ctx, &pos) != NULL, i % 2);
	}
}

const struct unit_test tests_expr[] = {
	TEST(functions_of_one_value),
	TEST(base64_is_decoded),
	TEST(texts_are_put_together),
	TEST(what_is_missing_makes_all_missing),
	TEST(what_does_not_fit_is_missing),
	TEST(the_right_side_may_be_a_field),
	TEST(of_several_values_one_is_enough),
	TEST(modifiers_count_operands),
	TEST(modifiers_ask_all_values),
	TEST(modifiers_take_the_name_of_a_list),
	TEST(a_file_named_whole_is_known_behind_a_modifier),
	TEST(what_cannot_be_is_refused),
	TEST(expressions_are_bounded),
	TEST(equal_checks_are_one),
	TEST(the_fields_of_a_rule_are_those_in_functions_too),
	TEST(each_event_is_asked_anew),
	{0},
};
