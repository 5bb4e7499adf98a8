/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields: what each says about events and tables, and when it says nothing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../core/field.h"
#include "events.h"

static struct state *state;
static struct stats stats;
static struct field_ctx ctx;
static char scratch[FIELD_SCRATCH];

/*
 * init(1), sh(50), prog(100), whose events they are; root is user 0; 1970 was
 * an hour before boot.
 */
static void feed(void)
{
	state_before(state, event_done());
}

static void procinfo(uint32_t pid, uint32_t ppid, const char *comm, const char *argv, size_t n)
{
	event_begin(TRC_PROCINFO);
	event_rec.hdr.pid = pid;
	event_set_str("comm", comm);
	event_set_str("exepath", "/bin/busybox");
	event_set_str("cwd", "/dev/shm");
	event_set("ppid", ppid);
	event_set("gid", 5);
	event_set("loginuid", -1);
	event_set("tty", 136 << 20 | 1);
	record_bytes(&event_rec, event_slot("argv"), argv, n);
	feed();
}

static void begin(void)
{
	static const struct state_config cfg = {16, 4, 16, 4, 4, 4, 4};
	struct arena a;

	CHECK_EQ(arena_map(&a, state_size(&cfg) + 4096), 0);
	state = state_open(&a, &cfg, &stats);
	CHECK(state);
	event_begin(TRC_MACHINE);
	event_set("epoch", 3600 * 1000000000ll);
	event_set_str("hostname", "pi");
	feed();
	event_begin(TRC_USERINFO);
	event_set("uid", 0);
	event_set_str("name", "root");
	feed();
	procinfo(1, 0, "init", "/sbin/init", 11);
	procinfo(50, 1, "sh", "-sh", 4);
	procinfo(100, 50, "prog", "./prog\0-x\0a b", 14);
}

/* The tables take the event in, then it is asked about. */
static void ask(void)
{
	const struct event *ev = event_done();

	state_before(state, ev);
	field_begin(&ctx, state, ev, scratch);
}

static int values(const char *field, struct value out[static FIELD_VALUES])
{
	struct field_ref ref;

	CHECK_EQ(field_find(str_of(field), &ref), 0);
	return field_values(&ctx, &ref, out);
}

/* A field's only value as text, "<none>" if it is missing. */
static const char *get(const char *field)
{
	static char buf[FIELD_SCRATCH + 1];
	struct value v[FIELD_VALUES];
	int n = values(field, v);

	CHECK(n <= 1);
	if (n == 0)
		return "<none>";
	buf[value_text(v, buf, sizeof(buf) - 1)] = '\0';
	return buf;
}

#define IS(field, want)                                                                            \
	do {                                                                                       \
		const char *got_ = get(field);                                                     \
		CHECK_STR(got_, want);                                                             \
	} while (0)

static void openat_event(int64_t fd, int64_t flags, const char *name)
{
	event_begin(TRC_OPENAT);
	event_set("fd", fd);
	event_set("dirfd", -100);
	event_set("flags", flags);
	event_set("mode", 0755);
	if (fd >= 0)
		event_set_str("name", name);
	else
		event_give("name", name);
	event_set_str("nameraw", "raw//name");
}

static void names_are_found(void)
{
	struct field_ref ref;

	CHECK_EQ(field_find(STR("proc.name"), &ref), 0);
	CHECK_STR(ref.field->name, "proc.name");
	CHECK_EQ(field_find(STR("proc.aname"), &ref), 0);
	CHECK_EQ(ref.index, -1);
	CHECK_EQ(field_find(STR("proc.aname[12]"), &ref), 0);
	CHECK_EQ(ref.index, 12);
	CHECK_EQ(field_find(STR("evt.arg.flags"), &ref), 0);
	CHECK_STR(ref.field->name, "evt.arg");
	CHECK_STR(ref.name, "flags");
}

static void wrong_names_are_told_apart(void)
{
	static const char *const unknown[] = {"",	    "proc",	"proc.nam",
					      "proc.namex", "evt.argx", "[1]"};
	static const char *const wrong[] = {"proc.name[1]",
					    "proc.aname[]",
					    "proc.aname[x]",
					    "proc.aname[1",
					    "proc.aname[1234]",
					    "proc.aname[-1]",
					    "proc.aname[1]x",
					    "evt.arg",
					    "evt.arg[1]",
					    "evt.arg.",
					    "evt.arg.nosuch",
					    "evt.arg.hostname",
					    "evt.arg.any of type SOCK "};
	struct field_ref ref;

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		CHECK_EQ(field_find(str_of(unknown[i]), &ref), -ENOENT);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_EQ(field_find(str_of(wrong[i]), &ref), -EINVAL);
}

static void every_argument_of_every_event_is_a_field(void)
{
	struct field_ref ref;
	char name[64];

	for (int t = TRC_NONE + 1; t < TRC_NTYPES; t++)
		for (int n = 0; event_table[t].class != TRC_STATE && n < event_table[t].nargs;
		     n++) {
			snprintf(name, sizeof(name), "evt.arg.%s", event_table[t].args[n].name);
			CHECK_EQ(field_find(str_of(name), &ref), 0);
		}
}

static void the_nearest_name_is_suggested(void)
{
	CHECK_STR(field_nearest(STR("proc.nmae")), "proc.name");
	CHECK_STR(field_nearest(STR("proc.anmae[2]")), "proc.aname");
	CHECK_STR(field_nearest(STR("evt.arg.flgas")), "evt.arg.flags");
	CHECK(!field_nearest(STR("nothing.like.it")));
}

/* No field crashes, or makes more than it may, on an event with nothing in it. */
static void every_field_takes_every_empty_event(void)
{
	begin();
	for (int t = TRC_NONE + 1; t < TRC_NTYPES; t++)
		for (uint32_t pid = 100; pid <= 101; pid++) {
			event_begin((enum trc_type)t);
			event_rec.hdr.pid = pid;
			field_begin(&ctx, state, event_done(), scratch);
			for (int i = 0; field_list(i); i++) {
				struct value v[FIELD_VALUES];
				struct field_ref ref = {
					field_list(i), field_list(i)->index, {NULL, 0}};
				int n = field_values(&ctx, &ref, v);

				CHECK(n >= 0 && n <= FIELD_VALUES);
				for (int k = 0; k < n; k++)
					CHECK_EQ(v[k].type, ref.field->type);
			}
		}
}

static void the_event_is_described(void)
{
	begin();
	setenv("TZ", "UTC", 1);
	openat_event(3, 0, "/etc/passwd");
	ask();
	IS("evt.type", "openat");
	IS("evt.num", "42");
	IS("evt.res", "SUCCESS");
	IS("evt.rawres", "3");
	IS("evt.time", "01:00:05.000000000");
	IS("evt.rawtime", "3605000000000");
	IS("evt.hostname", "pi");
	IS("thread.tid", "101");
	openat_event(-13, 0, "/etc/passwd");
	ask();
	IS("evt.res", "EACCES");
	IS("evt.rawres", "-13");
	event_begin(TRC_PROCEXIT);
	ask();
	IS("evt.res", "<none>");
	IS("evt.rawres", "<none>");
}

static void arguments_are_text(void)
{
	begin();
	openat_event(-2, 0101, "/etc/../etc/x");
	ask();
	IS("evt.arg.name", "/etc/x");
	IS("evt.arg.fd", "ENOENT");
	IS("evt.arg.flags", "O_CREAT|O_WRONLY");
	IS("evt.arg.resolve", "<none>");
	IS("evt.arg.ino", "<none>");
	IS("evt.args",
	   "fd=ENOENT dirfd=AT_FDCWD name=/etc/x flags=O_CREAT|O_WRONLY mode=0755 dev=<NA> ino=<NA> "
	   "nameraw=raw//name");
}

static void users_have_names(void)
{
	begin();
	event_begin(TRC_SETUID);
	event_set("uid", 0);
	ask();
	IS("evt.arg.uid", "root");
	IS("user.name", "root");
	event_begin(TRC_SETUID);
	event_rec.hdr.uid = 4242;
	event_set("uid", 4711);
	ask();
	IS("evt.arg.uid", "<NA>");
	IS("user.name", "<NA>");
	IS("user.uid", "4242");
	IS("user.loginuid", "-1");
	IS("group.gid", "5");
}

static void open_is_for_reading_writing_or_running(void)
{
	static const struct {
		int64_t flags;
		const char *read, *write, *exec;
	} cases[] = {
		{0, "true", "false", "false"},	     {1, "false", "true", "false"},
		{2, "true", "true", "false"},	     {3, "false", "false", "false"},
		{0101, "false", "true", "true"},     {020200002, "true", "true", "true"},
		{0200000, "true", "false", "false"},
	};

	begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		openat_event(3, cases[i].flags, "/x");
		ask();
		IS("evt.is_open_read", cases[i].read);
		IS("evt.is_open_write", cases[i].write);
		IS("evt.is_open_exec", cases[i].exec);
	}
	event_begin(TRC_CREAT);
	event_set("fd", 3);
	event_set("mode", 0644);
	ask();
	IS("evt.is_open_read", "false");
	IS("evt.is_open_write", "true");
	IS("evt.is_open_exec", "false");
	event_begin(TRC_DUP3);
	event_set("flags", 0);
	ask();
	IS("evt.is_open_read", "false");
}

static void a_file_that_is_opened(void)
{
	uint64_t dev, ino;

	begin();
	openat_event(3, 0, "/etc/passwd");
	event_set("dev", 9);
	ask();
	CHECK(!field_file_id(&ctx, &dev, &ino));
	event_set("ino", 77);
	ask();
	CHECK(field_file_id(&ctx, &dev, &ino));
	CHECK_EQ(dev, 9);
	CHECK_EQ(ino, 77);
	IS("fd.name", "/etc/passwd");
	IS("fd.nameraw", "raw//name");
	IS("fd.num", "3");
	IS("fd.type", "file");
	IS("fd.typechar", "f");
	IS("fd.directory", "/etc");
	IS("fd.filename", "passwd");
	IS("fd.connected", "<none>");
	IS("fd.l4proto", "<none>");
	openat_event(3, 0, "/x");
	ask();
	IS("fd.directory", "/");
	openat_event(3, 0200000, "/etc");
	ask();
	IS("fd.type", "directory");
	IS("fd.directory", "/etc");
	IS("fd.filename", "<none>");
}

static void a_file_that_could_not_be_opened(void)
{
	begin();
	openat_event(-13, 0200000, "/root/./x");
	ask();
	IS("fd.name", "/root/x");
	IS("fd.num", "-1");
	IS("fd.typechar", "f");
	IS("fd.type", "<none>");
	IS("fd.directory", "/root");
}

static void what_a_descriptor_was_is_remembered(void)
{
	begin();
	openat_event(5, 0, "/tmp/log");
	ask();
	event_begin(TRC_CLOSE);
	event_set("res", 0);
	event_set("fd", 5);
	ask();
	IS("fd.name", "/tmp/log");
	IS("fd.num", "5");
	IS("fd.typechar", "f");
	event_begin(TRC_CLOSE);
	event_set("res", -9);
	event_set("fd", 99);
	ask();
	IS("fd.name", "<none>");
	IS("fd.num", "99");
	IS("fd.typechar", "<none>");
}

static void the_events_own_path_comes_first(void)
{
	begin();
	event_begin(TRC_FCHMOD);
	event_set("res", 0);
	event_set("fd", 9);
	event_set_str("name", "/etc/shadow");
	ask();
	IS("fd.name", "/etc/shadow");
	event_begin(TRC_FCHDIR);
	event_set("fd", 9);
	event_set_str("path", "/srv");
	ask();
	IS("fd.name", "/srv");
}

static void calls_on_names_have_no_descriptor(void)
{
	uint64_t dev, ino;

	begin();
	event_begin(TRC_UNLINKAT);
	event_set("dirfd", 3);
	event_set_str("name", "/x");
	ask();
	IS("fd.name", "<none>");
	IS("fd.num", "<none>");
	IS("fd.typechar", "<none>");
	event_begin(TRC_BPF);
	event_set("fd", 3);
	ask();
	IS("fd.num", "<none>");
	event_begin(TRC_EXECVE);
	event_set("dev", 1);
	event_set("ino", 2);
	ask();
	CHECK(!field_file_id(&ctx, &dev, &ino));
}

static void inet_event(enum trc_type type, const char *result, int64_t v)
{
	struct trc_sock s = event_inet(TRC_SOCK_INET, "\x0a\0\0\x01", 4711, "\x0a\0\0\x02", 80);

	event_begin(type);
	event_set("fd", 6);
	event_set(result, v);
	event_set_sock("tuple", &s, "", 0);
	ask();
}

static void the_server_of_connect_is_the_other_end(void)
{
	struct value v[FIELD_VALUES];

	begin();
	inet_event(TRC_CONNECT, "res", -115);
	IS("fd.name", "10.0.0.1:4711->10.0.0.2:80");
	IS("fd.type", "ipv4");
	IS("fd.typechar", "4");
	IS("fd.l4proto", "tcp");
	IS("fd.sockfamily", "ip");
	IS("fd.connected", "true");
	IS("fd.sip", "10.0.0.2");
	IS("fd.cip", "10.0.0.1");
	IS("fd.lip", "10.0.0.1");
	IS("fd.rip", "10.0.0.2");
	IS("fd.snet", "10.0.0.2");
	IS("fd.sport", "80");
	IS("fd.cport", "4711");
	IS("fd.lport", "4711");
	IS("fd.rport", "80");
	IS("fd.directory", "<none>");
	CHECK_EQ(values("fd.ip", v), 2);
	CHECK_EQ(values("fd.net", v), 2);
	CHECK_EQ(values("fd.port", v), 2);
	inet_event(TRC_CONNECT, "res", -111);
	IS("fd.rip", "10.0.0.2");
}

static void the_server_of_accept_is_this_end(void)
{
	begin();
	inet_event(TRC_ACCEPT, "fd", 6);
	IS("fd.name", "10.0.0.2:80->10.0.0.1:4711");
	IS("fd.sip", "10.0.0.1");
	IS("fd.cport", "80");
	IS("fd.connected", "true");
	/* The table says the same later. */
	event_begin(TRC_CLOSE);
	event_set("fd", 6);
	ask();
	IS("fd.name", "10.0.0.2:80->10.0.0.1:4711");
	IS("fd.sip", "10.0.0.1");
	event_begin(TRC_ACCEPT);
	event_set("fd", -11);
	ask();
	IS("fd.num", "-1");
	IS("fd.name", "<none>");
	IS("fd.ip", "<none>");
}

static void a_listener_has_one_end(void)
{
	struct trc_sock s = event_inet(TRC_SOCK_INET, "\0\0\0\0", 22, "\0\0\0\0", 0);

	begin();
	event_begin(TRC_LISTEN);
	event_set("res", 0);
	event_set("fd", 7);
	event_set_sock("tuple", &s, "", 0);
	ask();
	IS("fd.name", "0.0.0.0:22");
	IS("fd.ip", "0.0.0.0");
	IS("fd.sport", "22");
	IS("fd.cip", "<none>");
	IS("fd.rport", "<none>");
}

static void a_socket_without_address_has_an_empty_name(void)
{
	begin();
	event_begin(TRC_SOCKET);
	event_set("fd", 8);
	event_set("domain", 10);
	ask();
	IS("fd.name", "");
	IS("fd.typechar", "6");
	IS("fd.connected", "false");
	IS("fd.ip", "<none>");
}

static void unix_and_mapped_sockets(void)
{
	struct trc_sock s = {.family = TRC_SOCK_UNIX};

	begin();
	event_begin(TRC_CONNECT);
	event_set("res", 0);
	event_set("fd", 6);
	event_set_sock("tuple", &s, "/run/docker.sock", 16);
	ask();
	IS("fd.name", "/run/docker.sock");
	IS("fd.type", "unix");
	IS("fd.sockfamily", "unix");
	IS("fd.ip", "<none>");
	IS("fd.l4proto", "<none>");
	event_begin(TRC_CLOSE);
	event_set("fd", 6);
	ask();
	IS("fd.name", "/run/docker.sock");
	s = event_inet(TRC_SOCK_INET6, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\x01", 1,
		       "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\x02", 2);
	event_begin(TRC_CONNECT);
	event_set("res", 0);
	event_set("fd", 6);
	event_set_sock("tuple", &s, "", 0);
	ask();
	IS("fd.typechar", "4");
	IS("fd.sip", "127.0.0.2");
}

static void a_process_and_its_ancestors(void)
{
	struct value v[FIELD_VALUES];

	begin();
	event_begin(TRC_CHDIR);
	event_set("res", -2);
	ask();
	IS("proc.name", "prog");
	IS("proc.pid", "100");
	IS("proc.ppid", "50");
	IS("proc.exe", "./prog");
	IS("proc.exepath", "/bin/busybox");
	IS("proc.args", "-x a b");
	IS("proc.cmdline", "prog -x a b");
	IS("proc.cwd", "/dev/shm/");
	IS("proc.tty", "34817");
	IS("proc.pname", "sh");
	IS("proc.pexe", "-sh");
	IS("proc.pcmdline", "sh");
	IS("proc.aname[0]", "prog");
	IS("proc.aname[2]", "init");
	IS("proc.aexe[2]", "/sbin/init");
	IS("proc.aname[3]", "<none>");
	IS("proc.aname[999]", "<none>");
	IS("proc.duration", "<none>");
	IS("proc.env", "<none>");
	CHECK_EQ(values("proc.aname", v), 2);
	CHECK_STR(v[0].s, "sh");
	CHECK_STR(v[1].s, "init");
}

static void an_unknown_process_is_missing(void)
{
	begin();
	event_begin(TRC_CHDIR);
	event_rec.hdr.pid = 4711;
	field_begin(&ctx, state, event_done(), scratch);
	IS("proc.name", "<none>");
	IS("proc.pid", "4711");
	IS("proc.ppid", "<none>");
	IS("proc.cmdline", "<none>");
	IS("proc.args", "<none>");
	IS("proc.aname", "<none>");
	IS("proc.cwd", "<none>");
	IS("container.id", "<none>");
}

static void a_program_that_starts_tells_all_of_itself(void)
{
	static char argv[TRC_STR_MAX];

	begin();
	event_begin(TRC_EXECVE);
	memset(argv, 'x', sizeof(argv));
	memcpy(argv, "ls\0", 3);
	event_set("res", 0);
	event_set_str("comm", "ls");
	record_bytes(&event_rec, event_slot("argv"), argv, sizeof(argv));
	event_set_bytes("env", "HOME=/\0LD_PRELOAD=/x\0");
	event_set_str("cgroup", "/");
	ask();
	IS("proc.name", "ls");
	IS("proc.exe", "ls");
	CHECK_EQ(strlen(get("proc.args")), sizeof(argv) - 3);
	CHECK_EQ(strlen(get("proc.cmdline")), sizeof(argv));
	IS("proc.env", "HOME=/ LD_PRELOAD=/x");
	IS("container.id", "host");
}

/* A full table keeps the start of long strings; the record of a failed execve has them whole. */
static void the_records_own_strings_are_whole(void)
{
	static char argv[TRC_STR_MAX];

	begin();
	memset(argv, 'x', sizeof(argv));
	for (uint32_t pid = 100; pid < 106; pid++)
		procinfo(pid, 50, "long", argv, sizeof(argv));
	event_begin(TRC_EXECVE);
	event_set("res", -2);
	ask();
	CHECK(strlen(get("proc.exe")) < sizeof(argv));
	record_bytes(&event_rec, event_slot("argv"), argv, sizeof(argv));
	ask();
	CHECK_EQ(strlen(get("proc.exe")), sizeof(argv));
}

static void duration_is_since_the_fork(void)
{
	begin();
	event_begin(TRC_PROCFORK);
	event_set("child", 200);
	event_set("childstart", 8);
	feed();
	event_begin(TRC_CHDIR);
	event_rec.hdr.pid = 200;
	event_rec.hdr.start = 8;
	event_rec.hdr.ts += 1500;
	ask();
	IS("proc.duration", "1500");
	IS("proc.pname", "prog");
}

/* The longest there is: nothing is missing for want of room, however often it is asked for. */
static void long_values_do_not_crowd_each_other_out(void)
{
	static char text[TRC_STR_MAX];

	begin();
	memset(text, 'x', sizeof(text));
	procinfo(50, 1, "sh", text, sizeof(text));
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("comm", "123456789012345");
	event_set("ppid", 50);
	for (int i = 0; i < 5; i++)
		record_bytes(&event_rec,
			     event_slot((const char *[]){"argv", "env", "cwd", "filename",
							 "exepath"}[i]),
			     text, sizeof(text));
	event_rec.hdr.given |= 1u << event_slot("filename");
	ask();
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(strlen(get("evt.args")), 4096);
		CHECK_EQ(strlen(get("evt.arg.env")), 4096);
		CHECK_EQ(strlen(get("evt.arg.argv")), 4096);
		CHECK_EQ(strlen(get("evt.arg.filename")), 4096);
		CHECK_EQ(strlen(get("proc.cwd")), 4097);
		CHECK_EQ(strlen(get("proc.env")), 4096);
		IS("proc.pcmdline", "sh");
		IS("proc.cmdline", "123456789012345");
		CHECK_EQ(strlen(get("proc.exe")), 4096);
	}
}

static void values_read_as_text(void)
{
	char buf[4];
	struct value v = {.type = VAL_BOOL, .i = 1};

	CHECK_EQ(value_text(&v, buf, sizeof(buf)), 4);
	CHECK(!memcmp(buf, "true", 4));
	v = (struct value){.type = VAL_INT, .i = INT64_MIN};
	CHECK_EQ(value_text(&v, buf, sizeof(buf)), 4);
	CHECK(!memcmp(buf, "-922", 4));
	v = (struct value){.type = VAL_STR, .s = STR("abcdef")};
	CHECK_EQ(value_text(&v, buf, 2), 2);
}

const struct unit_test tests_field[] = {
	TEST(names_are_found),
	TEST(wrong_names_are_told_apart),
	TEST(every_argument_of_every_event_is_a_field),
	TEST(the_nearest_name_is_suggested),
	TEST(every_field_takes_every_empty_event),
	TEST(the_event_is_described),
	TEST(arguments_are_text),
	TEST(users_have_names),
	TEST(open_is_for_reading_writing_or_running),
	TEST(a_file_that_is_opened),
	TEST(a_file_that_could_not_be_opened),
	TEST(what_a_descriptor_was_is_remembered),
	TEST(the_events_own_path_comes_first),
	TEST(calls_on_names_have_no_descriptor),
	TEST(the_server_of_connect_is_the_other_end),
	TEST(the_server_of_accept_is_this_end),
	TEST(a_listener_has_one_end),
	TEST(a_socket_without_address_has_an_empty_name),
	TEST(unix_and_mapped_sockets),
	TEST(a_process_and_its_ancestors),
	TEST(an_unknown_process_is_missing),
	TEST(a_program_that_starts_tells_all_of_itself),
	TEST(the_records_own_strings_are_whole),
	TEST(duration_is_since_the_fork),
	TEST(long_values_do_not_crowd_each_other_out),
	TEST(values_read_as_text),
	{0},
};
