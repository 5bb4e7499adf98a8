/* SPDX-License-Identifier: BSD-2-Clause */
/* Conditions: what is accepted, and where and how the rest is refused. */
#include <stdlib.h>

#include "rules.h"

#define ACCEPTED(condition) CHECK_STR(rules_refused_condition(condition), "")
#define REFUSED(condition, message) CHECK_STR(rules_refused_condition(condition), "rules:" message)
/* The message starts with this. */
#define REFUSED_AT(condition, start)                                                               \
	CHECK(!strncmp(rules_refused_condition(condition), "rules:" start, strlen("rules:" start)))

static void every_operator_is_accepted(void)
{
	ACCEPTED("proc.name = a");
	ACCEPTED("proc.name == a");
	ACCEPTED("proc.name != a");
	ACCEPTED("proc.name in (a, b)");
	ACCEPTED("proc.name in ()");
	ACCEPTED("proc.name intersects (a, b)");
	ACCEPTED("fd.name pmatch (/a, /b/*/c)");
	ACCEPTED("proc.name contains a");
	ACCEPTED("proc.name icontains a");
	ACCEPTED("proc.name startswith a");
	ACCEPTED("proc.name endswith a");
	ACCEPTED("proc.name glob a*");
	ACCEPTED("proc.name iglob A*");
	ACCEPTED("proc.name regex '(a|b)*'");
	ACCEPTED("evt.buffer bcontains cafebabe and evt.buffer bstartswith CAFE");
	ACCEPTED("evt.buffer contains GET and evt.buffer startswith GET and evt.buffer exists");
	ACCEPTED("proc.env[LD_PRELOAD] startswith /tmp and proc.args[0] = -c and evt.dir = <");
	ACCEPTED("proc.acmdline contains base64 and proc.acmdline[2] exists and proc.apid[1] = 1");
	ACCEPTED("proc.name exists");
	ACCEPTED("fd.num < 1 and fd.num <= -1 and fd.num > +1 and fd.num >= \"1\"");
	ACCEPTED("evt.is_open_read = true and evt.is_open_write != false");
	ACCEPTED("fd.ip in (10.0.0.0/8, ::/0, ::1, 0.0.0.0/0, ::ffff:1.2.3.4)");
	ACCEPTED("fd.sport in (\"443\", 0, 65535)");
	ACCEPTED("evt.arg.flags contains O_TRUNC");
	ACCEPTED("proc.name = oneof (a, b) and proc.name != val(proc.pname)");
}

static void keys_may_stand_in_quotes(void)
{
	ACCEPTED("proc.env['HOME'] = a");
	ACCEPTED("container.label[\"built by\"] = a and proc.env[']'] exists");
	ACCEPTED("container.mount.dest['/srv/a b*'] = '/' or container.mount.dest[/srv/a*] = /");
	REFUSED_AT("proc.env[''] = a", "2: proc.env['']: expected [NAME] behind its name");
	REFUSED_AT("proc.env['a] = b", "2: proc.env['a] = b: expected [NAME] behind its name");
	REFUSED_AT("proc.env['a'b] = b", "2: proc.env['a'b]: expected [NAME] behind its name");
	REFUSED_AT("proc.env['a'", "2: proc.env['a': expected [NAME] behind its name");
	REFUSED_AT("proc.args['1'] = b", "2: proc.args['1']: expected a number");
}

static void blanks_are_needed_only_between_words(void)
{
	ACCEPTED("proc.name=a");
	ACCEPTED("proc.name!=a");
	ACCEPTED("fd.num>=0 and fd.num<5");
	ACCEPTED("fd.num=-1");
	ACCEPTED("not(proc.name=a)and(not(proc.name=b)or proc.name exists)");
	ACCEPTED("proc.name in(a,b)");
	ACCEPTED("proc.name contains\"a b\"or proc.name='c'");
	ACCEPTED("proc.name = a\n\tand proc.name = b");
	REFUSED_AT("proc.name into (a)", "2: into: not an operator of this version");
	REFUSED_AT("proc.name existsand proc.name = a", "2: existsand: not an operator");
	REFUSED_AT("proc.name = aand proc.name = b", "2: proc.name: expected and, or, or the end");
}

static void values_may_hold_signs(void)
{
	ACCEPTED("proc.name in (<NA>, N/A, \"\", runc:[0:PARENT], '\"(systemd)\"', *../*)");
	REFUSED("proc.name = a=b", "2: =: expected and, or, or the end of the condition");
	REFUSED("proc.name = ", "2: end: expected a value");
	REFUSED("proc.name = (a)", "2: (: expected a value");
	REFUSED("proc.name in (a b)", "2: b: expected , or )");
	REFUSED("proc.name in (a ',' b)", "2: ,: expected , or )");
	REFUSED("proc.name in (a,)", "2: ): expected a value");
	REFUSED("proc.name in (, a)", "2: ,: expected a value");
	REFUSED("proc.name in (a", "2: end: expected , or )");
}

static void quoted_strings_have_escapes(void)
{
	ACCEPTED("proc.name = 'a\\\\'");
	ACCEPTED("proc.name = \"\\b\\f\\n\\r\\t\\\\\\/\\\"\\'\\x41 \\ \"");
	REFUSED("proc.name = 'a\\qb'",
		"2: a\\qb: \\q is no escape; expected one of \\b \\f \\n \\r \\t \\\\ \\/ \\\" "
		"\\' \\xHH");
	REFUSED_AT("proc.name = '\\x00'", "2: \\x00: \\x is no escape");
	REFUSED_AT("proc.name = '\\x4'", "2: \\x4: \\x is no escape");
	REFUSED("proc.name = 'a", "2: 'a: the closing quote is missing on this line");
	REFUSED("proc.name in ('a\\'", "2: 'a\\': the closing quote is missing on this line");
	REFUSED("proc.name = 'a\n\tb'", "2: 'a: the closing quote is missing on this line");
}

static void errors_name_line_and_word(void)
{
	REFUSED("proc.name = a\n\n\tand (proc.name = b\n\tor proc.nam = c)",
		"5: proc.nam: expected a field that `tiercel list fields` shows; did you mean "
		"proc.name");
	REFUSED_AT("proc.name = a\n\tand fd.num = x", "3: x: no value of fd.num");
	REFUSED("(proc.name = a\n\tor proc.name = b",
		"3: end: expected and, or, or the ) of line 2");
	REFUSED("proc.name = a)", "2: ): expected and, or, or the end of the condition");
	REFUSED("and", "2: and: expected a field, a macro, not or (");
	REFUSED("proc.name = a and", "2: end: expected a field, a macro, not or (");
	REFUSED("not", "2: end: expected a field, a macro, not or (");
	REFUSED("()", "2: ): expected a field, a macro, not or (");
	REFUSED("'a' = b", "2: a: expected a field, a macro, not or (");
	REFUSED_AT("evt.arg.nosuch = 1",
		   "2: evt.arg.nosuch: expected behind a dot what `tiercel list events` shows");
	REFUSED_AT("proc.name[1] = a", "2: proc.name[1]: expected nothing behind its name");
}

static void later_parts_of_the_language_are_named(void)
{
	REFUSED("proc.name like a",
		"2: like: not an operator of this version; expected one of = == != in "
		"intersects pmatch contains "
		"icontains startswith endswith glob iglob regex exists");
	REFUSED_AT("evt.buffer regex a", "2: regex: not an operator for this field");
	REFUSED("proc.name > 5",
		"2: >: not an operator for this field; expected one of = == != in intersects "
		"pmatch contains "
		"icontains startswith endswith glob iglob regex exists");
	REFUSED_AT("fd.num contains 1",
		   "2: contains: not an operator for this field; expected one of = == != < <= > "
		   ">= in intersects exists");
}

static void values_must_fit_their_field(void)
{
	REFUSED("fd.num = 0x10",
		"2: 0x10: no value of fd.num; expected a decimal number of 64 bits");
	REFUSED_AT("fd.num = ''", "2: : no value");
	REFUSED_AT("fd.num = -", "2: -: no value");
	REFUSED_AT("fd.num = 1.5", "2: 1.5: ");
	ACCEPTED("fd.num in (9223372036854775807, -9223372036854775808, 010)");
	REFUSED_AT("fd.num = 9223372036854775808", "2: 9223372036854775808: ");
	REFUSED_AT("fd.num = -9223372036854775809", "2: -9223372036854775809: ");
	REFUSED("fd.sport = 65536", "2: 65536: no value of fd.sport; expected a port, 0 to 65535");
	REFUSED_AT("fd.sport = -1", "2: -1: ");
	REFUSED("evt.is_open_read = yes",
		"2: yes: no value of evt.is_open_read; expected true or false");
	REFUSED("fd.ip = 1.2.3", "2: 1.2.3: no value of fd.ip; expected an address or a network");
	REFUSED_AT("fd.ip = 1.2.3.4/33", "2: 1.2.3.4/33: ");
	REFUSED_AT("fd.ip = 1.2.3.4/", "2: 1.2.3.4/: ");
	REFUSED_AT("fd.ip = 1.2.3.4/+8", "2: 1.2.3.4/+8: ");
	REFUSED_AT("fd.ip = ::/129", "2: ::/129: ");
	REFUSED_AT("fd.ip = 1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", "2: 1111:");
}

static void event_types_must_be_known(void)
{
	ACCEPTED("evt.type = open");
	ACCEPTED("evt.type in ()");
	ACCEPTED("evt.type exists");
	REFUSED("evt.type in (open, opnat)",
		"2: opnat: no event; expected a name that `tiercel list events` shows; did you "
		"mean openat");
	REFUSED_AT("evt.type = fileinfo", "2: fileinfo: no event");
	REFUSED_AT("evt.type = none", "2: none: no event");
	REFUSED("evt.type contains open",
		"2: contains: not an operator for this field; expected one of = == != in "
		"intersects exists");
}

static void names_of_hosts_must_be_names(void)
{
	static char text[512] = "fd.sip.name = ";

	ACCEPTED(
		"fd.sip.name = a and fd.cip.name == a.b-c_d.example. and fd.lip.name != XN--A.example");
	ACCEPTED("fd.rip.name in (10.0.0.1, 2001:db8::1, a) and fd.ip.name exists");
	REFUSED("fd.sip.name contains a",
		"2: contains: not an operator for this field; expected one of = == != in "
		"intersects exists");
	REFUSED_AT("fd.sip.name pmatch (a)", "2: pmatch: not an operator for this field");
	REFUSED("fd.sip.name = 'a b'", "2: a b: expected the name of a host, or an address");
	REFUSED("fd.sip.name in (a, 10.0.0.0/8)",
		"2: 10.0.0.0/8: expected the name of a host, or an address");
	REFUSED_AT("fd.sip.name = ''", "2: : expected the name");
	REFUSED_AT("fd.sip.name = a..b", "2: a..b: expected the name");
	REFUSED_AT("fd.sip.name = .a", "2: .a: expected the name");
	REFUSED_AT("fd.sip.name = fe80::1%eth0", "2: fe80::1%eth0: expected the name");
	REFUSED_AT("fd.sip.name = m\xc3\xbcnchen", "2: m\xc3\xbcnchen: ");
	/* A label of 63 bytes, then of 64; four of them, 253 bytes, then 254. */
	memset(text + 14, 'x', 63);
	ACCEPTED(text);
	text[14 + 63] = 'x';
	REFUSED_AT(text, "2: xxxx");
	memset(text + 14, 'x', 253);
	text[14 + 63] = text[14 + 127] = text[14 + 191] = '.';
	ACCEPTED(text);
	text[14 + 253] = '.';
	REFUSED_AT(text, "2: xxxx");
}

static void depth_is_bounded(void)
{
	ACCEPTED(unit_nested("(", "proc.name = a", ")", 200, ""));
	REFUSED(unit_nested("(", "proc.name = a", ")", 201, ""),
		"2: (: expected conditions to nest no deeper than 200");
	REFUSED_AT(unit_nested("not(", "proc.name = a", ")", 1500, ""),
		   "2: (: expected conditions to nest");
	ACCEPTED(unit_nested("fd.num = 1 or (", "proc.name = a", ")", 200, ""));
	ACCEPTED(unit_nested("fd.num = 1 or\n\t", "proc.name = a", "", 3000, ""));
	ACCEPTED(unit_nested("not ", "proc.name = a", "", 1900, ""));
}

static void depth_of_macros_adds_up(void)
{
	static char text[60000];
	char *p = text + sprintf(text, "[macro m0]\ncondition = proc.name = a\n");

	for (int i = 1; i <= 201; i++)
		p += sprintf(p, "[macro m%d]\ncondition = proc.name = b or m%d\n", i, i - 1);
	CHECK_STR(rules_refused(text),
		  "rules:404: or: expected conditions to nest no deeper than 200");
}

const struct unit_test tests_cond[] = {
	TEST(every_operator_is_accepted),
	TEST(keys_may_stand_in_quotes),
	TEST(blanks_are_needed_only_between_words),
	TEST(values_may_hold_signs),
	TEST(quoted_strings_have_escapes),
	TEST(errors_name_line_and_word),
	TEST(later_parts_of_the_language_are_named),
	TEST(values_must_fit_their_field),
	TEST(event_types_must_be_known),
	TEST(names_of_hosts_must_be_names),
	TEST(depth_is_bounded),
	TEST(depth_of_macros_adds_up),
	{0},
};
