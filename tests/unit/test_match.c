/* SPDX-License-Identifier: BSD-2-Clause */
/* Matching: what conditions say about events, from records on. */
#include "../../driver/record.h"
#include "../../driver/table.h"
#include "rules.h"

static struct state *state;
static struct record rec;
static struct event ev;
static struct field_ctx ctx;

static void begin(enum trc_type type, uint32_t pid)
{
	static struct stats stats;
	struct arena a;

	if (!state) {
		CHECK_EQ(arena_map(&a, 8 << 20), 0);
		state = state_open(&a, &(struct state_config){64, 8, 64, 16, 16, 8, 8, 16, 4},
				   &stats);
		CHECK(state);
	}
	record_begin(&rec, type, pid, pid);
}

static int slot(const char *name)
{
	return event_arg_slot(rec.hdr.type, name);
}

static void num(const char *name, uint64_t value)
{
	record_num(&rec, slot(name), value);
}

static void text(const char *name, const char *value)
{
	record_str(&rec, slot(name), value);
}

static void bytes(const char *name, const void *p, size_t n)
{
	record_bytes(&rec, slot(name), p, n);
}

/* Hands the record in: the state, and the event that conditions are asked about. */
static void deliver(void)
{
	static char scratch[FIELD_SCRATCH];

	CHECK_EQ(decode(&rec, rec.hdr.len, &ev), DECODE_OK);
	ev.num++;
	state_before(state, &ev);
	field_begin(&ctx, state, &ev, scratch);
}

/* A program that starts: its arguments are "NAME -l a b". */
static void exec(uint32_t pid, uint32_t ppid, const char *comm)
{
	char argv[64];
	int n = sprintf(argv, "%s%c-l%ca%cb%c", comm, 0, 0, 0, 0);

	begin(TRC_EXECVE, pid);
	num("res", 0);
	num("ppid", ppid);
	text("comm", comm);
	bytes("argv", argv, (size_t)n);
	deliver();
}

static void opened(const char *name, uint64_t dev, uint64_t ino)
{
	begin(TRC_OPENAT, 100);
	num("fd", 3);
	text("name", name);
	num("flags", 0);
	num("dev", dev);
	num("ino", ino);
	deliver();
}

static void connected(const struct trc_sock *sock)
{
	begin(TRC_CONNECT, 100);
	num("res", 0);
	num("fd", 4);
	bytes("tuple", sock, sizeof(*sock));
	deliver();
}

static const struct trc_sock ipv4 = {TRC_SOCK_INET,	6, 40000, 443, {10, 0, 0, 1},
				     {192, 168, 200, 5}};
static const struct trc_sock ipv6 = {
	TRC_SOCK_INET6, 6, 40000, 443, {[15] = 1}, {0x20, 0x01, 0x0d, 0xb8, [15] = 9}};

static bool holds(const char *condition)
{
	static char rules[8192];
	int pos = 0;
	struct ruleset *rs;

	snprintf(rules, sizeof(rules), RULE("r", "%s"), condition);
	rs = rules_load(rules);
	if (!rs)
		unit_fail(__FILE__, __LINE__, "%s: %s", condition, rules_error.text);
	return ruleset_match(rs, &ctx, &pos);
}

#define HOLDS(condition)                                                                           \
	do {                                                                                       \
		CHECK(holds(condition));                                                           \
		CHECK(!holds("not (" condition ")"));                                              \
	} while (0)
#define FAILS(condition)                                                                           \
	do {                                                                                       \
		CHECK(!holds(condition));                                                          \
		CHECK(holds("not (" condition ")"));                                               \
	} while (0)

static void strings_are_compared_byte_by_byte(void)
{
	exec(100, 1, "cat");
	HOLDS("proc.name = cat");
	HOLDS("proc.name == 'cat'");
	FAILS("proc.name = Cat");
	FAILS("proc.name = ca");
	FAILS("proc.name = ''");
	HOLDS("proc.name != dog");
	FAILS("proc.name != cat");
	HOLDS("proc.name in (dog, cat)");
	FAILS("proc.name in (dog, cats)");
	FAILS("proc.name in ()");
	HOLDS("proc.name intersects (dog, cat)");
	HOLDS("proc.args = '-l a b'");
}

static void long_lists_of_strings_are_sets(void)
{
	exec(100, 1, "cat");
	HOLDS("proc.name in (a, b, c, d, e, f, g, h, i, cat)");
	FAILS("proc.name in (a, b, c, d, e, f, g, h, i, j)");
	HOLDS("proc.name in (a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, cat)");
	FAILS("proc.name in ('', a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a)");
	for (char c = 'a'; c < 'r'; c++) {
		exec(100, 1, (char[]){c, '\0'});
		HOLDS("proc.name in (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q)");
		FAILS("proc.name in (aa, bb, cc, dd, ee, ff, gg, hh, ii, jj, kk, ll, mm, nn)");
	}
}

/* So many that some share a slot. */
static void sets_hold_all_they_were_given(void)
{
	char rules[4096], *p = rules + sprintf(rules, "[list l]\nitems = n0");
	struct ruleset *rs;

	for (int i = 1; i < 300; i++)
		p += sprintf(p, ", n%d", i);
	strcpy(p, "\n" RULE("r", "evt.type = execve and proc.name in (l)"));
	rs = rules_load(rules);
	for (int i = 0; i < 600; i++) {
		char name[16];
		int pos = 0;

		sprintf(name, "n%d", i);
		exec(100, 1, name);
		CHECK_EQ(ruleset_match(rs, &ctx, &pos) != NULL, i < 300);
	}
}

static void parts_of_strings(void)
{
	opened("/etc/Shadow", 1, 1);
	HOLDS("fd.name contains c/S");
	FAILS("fd.name contains c/s");
	HOLDS("fd.name contains ''");
	FAILS("fd.name contains /etc/Shadow2");
	opened("/a\\b", 1, 1);
	HOLDS("fd.name contains '\\ '"); /* a backslash and no blank */
	FAILS("fd.name contains '\\ b '");
	opened("/etc/Shadow", 1, 1);
	HOLDS("fd.name icontains c/s");
	HOLDS("fd.name icontains SHADOW");
	HOLDS("fd.name icontains ''");
	FAILS("fd.name icontains shadows");
	HOLDS("fd.name startswith /etc/");
	FAILS("fd.name startswith etc");
	HOLDS("fd.name endswith Shadow");
	FAILS("fd.name endswith shadow");
	FAILS("fd.name endswith /etc");
	FAILS("fd.name endswith /x/etc/Shadow");
}

static void bytes_are_written_in_hexadecimal(void)
{
	begin(TRC_SENDTO, 100);
	num("res", 6);
	bytes("data", "\xca\xfe\0GET", 6);
	deliver();
	HOLDS("evt.buffer bcontains CAFE00");
	HOLDS("evt.buffer bcontains 00474554");
	FAILS("evt.buffer bcontains 00474555");
	HOLDS("evt.buffer bstartswith cafe");
	FAILS("evt.buffer bstartswith fe00");
	HOLDS("evt.buffer contains GET");
	HOLDS("evt.buffer exists");
	exec(100, 1, "cat");
	FAILS("evt.buffer exists");
	FAILS("evt.buffer bcontains 00");
}

static void variables_are_told_apart(void)
{
	exec(100, 1, "cat");
	bytes("env", "A=1\0B=2\0", 8);
	deliver();
	HOLDS("proc.env[A] = 1 and proc.env[B] = 2");
	FAILS("proc.env[A] = 2");
	FAILS("proc.env[B] = 1");
	HOLDS("proc.env[C] = '' and proc.env[C] exists");
	HOLDS("proc.env icontains 'b=2'");
	HOLDS("proc.args[0] = -l and proc.args[2] = b and proc.args[3] = ''");
	FAILS("proc.args[0] = a");
	HOLDS("evt.dir = <");
}

/* Their command lines are too long to be had all at once. */
static void command_lines_of_ancestors(void)
{
	exec(10, 0, "init");
	exec(11, 10, "sh");
	exec(12, 11, "cat");
	HOLDS("proc.acmdline contains 'sh -l'");
	HOLDS("proc.acmdline = 'init -l a b'");
	FAILS("proc.acmdline contains cat");
	HOLDS("proc.acmdline[0] contains cat");
	HOLDS("proc.acmdline != 'sh -l a b'");
	HOLDS("proc.acmdline exists");
	FAILS("proc.acmdline[3] exists");
	HOLDS("proc.apid = 10 and proc.apid in (11, 5) and proc.apid[1] = 11");
	FAILS("proc.apid = 12");
	exec(10, 0, "init");
	FAILS("proc.acmdline exists");
}

static void regular_expressions(void)
{
	opened("/etc/shadow", 1, 2);
	HOLDS("fd.name regex /etc/.*");
	HOLDS("fd.name regex '/etc/(passwd|shadow)-?'");
	HOLDS("fd.name regex '^[a-z/]{11}$'");
	HOLDS("fd.name regex '\\\\/etc[/]shado\\\\x77'");
	FAILS("fd.name regex /etc");
	FAILS("fd.name regex etc/shadow");
	FAILS("fd.name regex ''");
	HOLDS("fd.name regex .*s.* and fd.name regex .*w and not fd.name regex .*s");
}

static void globs(void)
{
	opened("/etc/.hid/d[x", 1, 1);
	HOLDS("fd.name glob /etc/*");
	HOLDS("fd.name glob *x");
	HOLDS("fd.name glob /e?c/*d\\[x");
	HOLDS("fd.name glob /[a-f]tc*");
	FAILS("fd.name glob /etc");
	FAILS("fd.name glob etc/*");
	FAILS("fd.name glob /ETC/*");
	HOLDS("fd.name iglob /ETC/*");
	FAILS("fd.name iglob /ETC");
	begin(TRC_OPENAT, 100);
	num("fd", 3);
	bytes("name", "/a\0b", 4);
	deliver();
	FAILS("fd.name glob *");
	HOLDS("fd.name startswith /a");
}

static void paths_by_their_components(void)
{
	opened("/var/log/app/x.log", 1, 1);
	HOLDS("fd.name pmatch (/var/log)");
	HOLDS("fd.name pmatch (/nosuch, /var)");
	HOLDS("fd.name pmatch (/var/log/app/x.log)");
	HOLDS("fd.name pmatch (var//log/)");
	HOLDS("fd.name pmatch (/)");
	HOLDS("fd.name pmatch ('')");
	HOLDS("fd.name pmatch (/*/log/a?p)");
	HOLDS("fd.name pmatch (/var/log/app/*.log)");
	FAILS("fd.name pmatch ()");
	FAILS("fd.name pmatch (/var/lo)");
	FAILS("fd.name pmatch (/var/l)");
	FAILS("fd.name pmatch (/var/*.log)");
	FAILS("fd.name pmatch (/var/log/app/x.log/y)");
	FAILS("fd.name pmatch (/var/log/app/x.log/*)");
	FAILS("fd.name pmatch (/log)");
	begin(TRC_OPENAT, 100);
	num("fd", 3);
	bytes("name", "/etc\0x/c", 8);
	deliver();
	FAILS("fd.name pmatch (/etc/x)");
	FAILS("fd.name pmatch (/etc)");
}

static void numbers_and_switches(void)
{
	opened("/x", 1, 1);
	HOLDS("fd.num = 3");
	HOLDS("fd.num in (1, '3')");
	HOLDS("fd.num != 4");
	FAILS("fd.num != 3");
	HOLDS("fd.num >= 3 and fd.num <= 3 and fd.num > -1 and fd.num < 4");
	FAILS("fd.num > 3");
	FAILS("fd.num < 3");
	FAILS("fd.num >= 4");
	FAILS("fd.num <= 2");
	HOLDS("evt.is_open_read = true");
	HOLDS("evt.is_open_write = false");
	FAILS("evt.is_open_write != false");
	HOLDS("evt.is_io_uring = false");
	begin(TRC_UNLINKAT, 100);
	rec.hdr.flags |= TRC_RING;
	deliver();
	HOLDS("evt.is_io_uring = true and evt.type = unlinkat");
	FAILS("evt.is_io_uring != true");
}

static void a_missing_value_fails_every_check(void)
{
	begin(TRC_SETUID, 100);
	num("res", 0);
	deliver();
	FAILS("fd.name = x");
	FAILS("fd.name != x");
	FAILS("fd.name in (x)");
	FAILS("fd.name exists");
	FAILS("fd.name contains ''");
	FAILS("fd.num < 5");
	FAILS("fd.num != 5");
	FAILS("fd.ip != 1.2.3.4");
	HOLDS("evt.rawres exists");
	HOLDS("evt.type exists");
}

static void addresses_and_networks(void)
{
	connected(&ipv4);
	HOLDS("fd.rip = 192.168.200.5");
	HOLDS("fd.rip = 192.168.0.0/16");
	HOLDS("fd.rip in (::/0, 192.168.192.0/20)");
	FAILS("fd.rip in (::/0, 192.168.192.0/21)");
	HOLDS("fd.rip = 0.0.0.0/0");
	HOLDS("fd.rip = ::ffff:192.168.200.5");
	HOLDS("fd.rip = ::ffff:192.168.0.0/112");
	FAILS("fd.rip = ::/0");
	FAILS("fd.rip != 192.0.0.0/8");
	HOLDS("fd.rport = 443 and fd.rport in (80, '443') and fd.rport < 444");
	connected(&ipv6);
	HOLDS("fd.rip = 2001:db8::9");
	HOLDS("fd.rip = 2001:db8::8/127");
	FAILS("fd.rip = 2001:db8::6/127");
	HOLDS("fd.rip = ::/0");
	FAILS("fd.rip = 0.0.0.0/0");
	HOLDS("fd.rip != 10.0.0.0/8");
}

static void a_mapped_address_is_the_ipv4_address(void)
{
	struct trc_sock sock = {TRC_SOCK_INET6,
				6,
				40000,
				443,
				{[10] = 0xff, 0xff, 10, 0, 0, 1},
				{[10] = 0xff, 0xff, 192, 168, 200, 5}};

	connected(&sock);
	HOLDS("fd.rip = 192.168.200.5");
	HOLDS("fd.rip = ::ffff:192.168.200.5");
	FAILS("fd.rip != 192.168.0.0/16");
}

static void several_values_hold_if_one_does(void)
{
	connected(&ipv4);
	HOLDS("fd.ip = 10.0.0.1");
	HOLDS("fd.ip = 192.168.200.5");
	HOLDS("fd.net in (172.16.0.0/12, 192.168.0.0/16)");
	FAILS("fd.ip = 10.0.0.2");
	HOLDS("fd.port = 40000 and fd.port = 443");
	/* All differ. */
	HOLDS("fd.ip != 10.0.0.2");
	FAILS("fd.ip != 10.0.0.1");
	FAILS("fd.ip != 192.168.200.5");
	exec(50, 1, "sshd");
	exec(60, 50, "bash");
	exec(100, 60, "cat");
	HOLDS("proc.aname = sshd");
	HOLDS("proc.aname = bash");
	HOLDS("proc.aname in (x, sshd)");
	HOLDS("proc.aname[2] = sshd");
	FAILS("proc.aname = cat");
	FAILS("proc.aname = zsh");
	/* One differs. */
	HOLDS("proc.aname != sshd");
	HOLDS("proc.aname != zsh");
	FAILS("proc.aname[1] != bash");
}

/* The host has one address, 16 bytes, or none (NULL). */
static void host(const char *name, const uint8_t addr[16])
{
	begin(TRC_HOSTINFO, 0);
	text("name", name);
	if (addr)
		bytes("addresses", addr, 16);
	CHECK_EQ(decode(&rec, rec.hdr.len, &ev), DECODE_OK);
	state_before(state, &ev);
}

static const uint8_t server4[16] = {[10] = 0xff, 0xff, 192, 168, 200, 5},
		     client4[16] = {[10] = 0xff, 0xff, 10, 0, 0, 1};

static void a_name_holds_for_the_addresses_of_its_host(void)
{
	host("pool.example", server4);
	host("me.example", client4);
	host("six.example", ipv6.raddr);
	connected(&ipv4);
	HOLDS("fd.sip.name = pool.example");
	HOLDS("fd.sip.name == Pool.Example");
	HOLDS("fd.sip.name in (a, b, pool.example)");
	HOLDS("fd.sip.name in (1, 2, 3, 4, 5, 6, 7, 8, 9, pool.example)");
	HOLDS("fd.rip.name = pool.example and fd.cip.name = me.example and fd.lip.name = me.example");
	FAILS("fd.sip.name = me.example");
	FAILS("fd.sip.name in (a, b)");
	FAILS("fd.sip.name = pool");
	FAILS("fd.sip.name != pool.example");
	HOLDS("fd.sip.name != me.example");
	HOLDS("fd.sip.name exists");
	/* What nobody has looked up yet is no name of any address. */
	FAILS("fd.sip.name = unknown.example");
	HOLDS("fd.sip.name != unknown.example");
	/* Either end; both differ. */
	HOLDS("fd.ip.name = pool.example and fd.ip.name = me.example");
	FAILS("fd.ip.name = six.example");
	FAILS("fd.ip.name != pool.example");
	FAILS("fd.ip.name != me.example");
	HOLDS("fd.ip.name != six.example");
	connected(&ipv6);
	HOLDS("fd.sip.name = six.example");
	FAILS("fd.sip.name = pool.example");
	connected(&(struct trc_sock){TRC_SOCK_INET6,
				     6,
				     40000,
				     443,
				     {[10] = 0xff, 0xff, 10, 0, 0, 1},
				     {[10] = 0xff, 0xff, 192, 168, 200, 5}});
	HOLDS("fd.sip.name = pool.example");
	FAILS("fd.sip.name != pool.example");
}

static void an_address_may_have_several_names_and_lose_them(void)
{
	host("pool.example", server4);
	host("alias.example", server4);
	connected(&ipv4);
	HOLDS("fd.sip.name = pool.example and fd.sip.name = alias.example");
	FAILS("fd.sip.name != alias.example");
	host("alias.example", client4);
	connected(&ipv4);
	FAILS("fd.sip.name = alias.example");
	HOLDS("fd.cip.name = alias.example");
	host("pool.example", NULL);
	connected(&ipv4);
	FAILS("fd.sip.name = pool.example");
	HOLDS("fd.sip.name != pool.example");
}

/* What an output has in the place of a field, "<NA>" if nothing. */
static struct str shown(const char *field)
{
	static struct value v[FIELD_VALUES];
	struct field_ref ref;
	int n;

	CHECK_EQ(field_find(str_of(field), &ref), 0);
	n = field_shown(&ctx, &ref, v);
	CHECK(n <= 1);
	return n ? v->s : STR("<NA>");
}

static void an_output_has_the_names_that_are_known(void)
{
	host("pool.example", server4);
	connected(&ipv4);
	CHECK_STR(shown("fd.sip.name"), "pool.example");
	CHECK_STR(shown("fd.rip.name"), "pool.example");
	CHECK_STR(shown("fd.ip.name"), "pool.example");
	CHECK_STR(shown("fd.cip.name"), "<NA>");
	CHECK_STR(shown("fd.lip.name"), "<NA>");
	opened("/tmp/x", 7, 8);
	CHECK_STR(shown("fd.sip.name"), "<NA>");
}

static void without_an_address_no_check_of_a_name_holds(void)
{
	host("pool.example", server4);
	opened("/tmp/x", 7, 8);
	FAILS("fd.sip.name = pool.example");
	FAILS("fd.sip.name != pool.example");
	FAILS("fd.ip.name != pool.example");
	FAILS("fd.sip.name exists");
}

static void a_file_named_whole_is_known_by_device_and_inode(void)
{
	begin(TRC_FILEINFO, 0);
	text("name", "/etc/shadow");
	num("dev", 7);
	num("ino", 8);
	CHECK_EQ(decode(&rec, rec.hdr.len, &ev), DECODE_OK);
	state_before(state, &ev);

	opened("/tmp/link", 7, 8);
	HOLDS("fd.name = /etc/shadow");
	HOLDS("fd.name = /tmp/link");
	HOLDS("fd.name in (x, /etc/passwd, /etc/shadow)");
	HOLDS("fd.name in (1, 2, 3, 4, 5, 6, 7, 8, 9, /etc/shadow)");
	FAILS("fd.name != /etc/shadow");
	FAILS("fd.name = /etc/passwd");
	HOLDS("fd.name != /etc/passwd");
	FAILS("fd.name startswith /etc");
	FAILS("fd.nameraw = /etc/shadow");
	opened("/tmp/other", 7, 9);
	FAILS("fd.name = /etc/shadow");
	HOLDS("fd.name != /etc/shadow");
}

static void and_binds_tighter_than_or(void)
{
	exec(100, 1, "a");
	HOLDS("proc.name = a or proc.name = b and proc.name = c");
	FAILS("(proc.name = a or proc.name = b) and proc.name = c");
	HOLDS("not proc.name = b and proc.name = a");
	FAILS("not proc.name = a or proc.name = b");
	FAILS("not not not proc.name = a");
	HOLDS("not not proc.name = a");
	HOLDS("not (proc.name = a and not (proc.name = a or proc.name = b))");
	HOLDS("not (proc.name = b or proc.name = c) and (proc.name = d or not proc.name = e)");
}

static bool joined(bool and, bool a, bool b)
{
	return and? a && b : a || b;
}

/* Every tree of three checks, each and the inner one negated or not, against what C says. */
static void all_truth_tables(void)
{
	static const char *const words[] = {"proc.name = a", "proc.args exists", "evt.type = open"};
	char condition[256], part[3][32];

	for (unsigned bits = 0; bits < 256; bits++) {
		bool and1 = bits & 1, and2 = bits & 2, inner = bits & 4, right = bits & 8;
		bool is[3] = {bits & 16, true, false}, want;
		const char *op1 = and1 ? "and" : "or", *op2 = and2 ? "and" : "or";
		const char *not = inner ? "not" : "";

		exec(100, 1, is[0] ? "a" : "b");
		for (int i = 0; i < 3; i++) {
			bool negated = bits >> (5 + i) & 1;

			sprintf(part[i], "%s %s", negated ? "not" : "", words[i]);
			is[i] = is[i] != negated;
		}
		if (right)
			sprintf(condition, "%s %s %s (%s %s %s)", part[0], op1, not, part[1], op2,
				part[2]);
		else
			sprintf(condition, "%s (%s %s %s) %s %s", not, part[0], op1, part[1], op2,
				part[2]);
		want = right ? joined(and1, is[0], joined(and2, is[1], is[2]) != inner) :
			       joined(and2, joined(and1, is[0], is[1]) != inner, is[2]);
		if (holds(condition) != want)
			unit_fail(__FILE__, __LINE__, "%s: should be %d", condition, want);
	}
}

static void rules_match_in_the_order_they_were_read(void)
{
	struct ruleset *rs = rules_load(
		RULE("one", "evt.type = openat and fd.num = 3") RULE("two", "evt.type = close")
			RULE("three", "fd.num = 4") RULE("four", "evt.type in (open, openat)"));
	struct rule *r;
	int pos = 0;

	opened("/x", 1, 1);
	CHECK_STR(ruleset_match(rs, &ctx, &pos)->name, "one");
	CHECK_STR(ruleset_match(rs, &ctx, &pos)->name, "four");
	CHECK(!ruleset_match(rs, &ctx, &pos));
	begin(TRC_CLOSE, 100);
	num("fd", 4);
	deliver();
	pos = 0;
	r = ruleset_match(rs, &ctx, &pos);
	CHECK_STR(r->name, "two");
	CHECK(r == ruleset_rule(rs, 1));
}

/* What was remembered of one event says nothing about the next. */
static void each_event_is_asked_anew(void)
{
	struct ruleset *rs = rules_load(RULE("r", "evt.type = openat and fd.name = /x")
						RULE("s", "fd.name = /x"));
	int pos;

	for (int i = 0; i < 4; i++) {
		opened(i % 2 ? "/x" : "/y", 1, 1);
		pos = 0;
		CHECK_EQ(ruleset_match(rs, &ctx, &pos) != NULL, i % 2);
		CHECK_EQ(ruleset_match(rs, &ctx, &pos) != NULL, i % 2);
		CHECK(!ruleset_match(rs, &ctx, &pos));
	}
}

const struct unit_test tests_match[] = {
	TEST(strings_are_compared_byte_by_byte),
	TEST(long_lists_of_strings_are_sets),
	TEST(sets_hold_all_they_were_given),
	TEST(parts_of_strings),
	TEST(bytes_are_written_in_hexadecimal),
	TEST(variables_are_told_apart),
	TEST(command_lines_of_ancestors),
	TEST(globs),
	TEST(regular_expressions),
	TEST(paths_by_their_components),
	TEST(numbers_and_switches),
	TEST(a_missing_value_fails_every_check),
	TEST(addresses_and_networks),
	TEST(a_mapped_address_is_the_ipv4_address),
	TEST(a_name_holds_for_the_addresses_of_its_host),
	TEST(an_address_may_have_several_names_and_lose_them),
	TEST(an_output_has_the_names_that_are_known),
	TEST(without_an_address_no_check_of_a_name_holds),
	TEST(several_values_hold_if_one_does),
	TEST(a_file_named_whole_is_known_by_device_and_inode),
	TEST(and_binds_tighter_than_or),
	TEST(all_truth_tables),
	TEST(rules_match_in_the_order_they_were_read),
	TEST(each_event_is_asked_anew),
	{0},
};
