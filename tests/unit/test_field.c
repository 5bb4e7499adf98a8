/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields: how they are found; what they say about an event, its arguments and descriptor. */
#include <errno.h>
#include <stdlib.h>

#include "fields.h"

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
	CHECK_EQ(field_find(STR("evt.rawarg.flags"), &ref), 0);
	CHECK_STR(ref.field->name, "evt.rawarg");
	CHECK_EQ(field_find(STR("proc.env"), &ref), 0);
	CHECK_EQ(ref.index, -1);
	CHECK_EQ(field_find(STR("proc.env[LD_PRELOAD]"), &ref), 0);
	CHECK_STR(ref.name, "LD_PRELOAD");
	CHECK_EQ(field_find(STR("evt.time.iso8601"), &ref), 0);
	CHECK_EQ(field_find(STR("proc.exe_ino.ctime"), &ref), 0);
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
					    "evt.rawarg.nameraw",
					    "evt.rawarg.exe",
					    "proc.env[]",
					    "proc.env[A",
					    "proc.env[A B]",
					    "proc.env[A]B",
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
	IS("evt.time.iso8601", "1970-01-01T01:00:05.000000000+0000");
	IS("evt.datetime", "1970-01-01 01:00:05.000000000");
	IS("evt.dir", "<");
	IS("evt.failed", "false");
	IS("evt.hostname", "pi");
	IS("thread.tid", "101");
	IS("thread.ismain", "false");
	IS("thread.vtid", "<none>");
	openat_event(-13, 0, "/etc/passwd");
	ask();
	IS("evt.res", "EACCES");
	IS("evt.rawres", "-13");
	IS("evt.failed", "true");
	event_begin(TRC_PROCEXIT);
	ask();
	IS("evt.failed", "false");
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
	IS("evt.rawarg.flags", "65");
	IS("evt.rawarg.fd", "-2");
	IS("evt.rawarg.resolve", "<none>");
	IS("evt.arg.exe", "<none>");
	IS("evt.arg.resolve", "<none>");
	IS("evt.arg.ino", "<none>");
	IS("evt.args",
	   "fd=ENOENT dirfd=AT_FDCWD name=/etc/x flags=O_CREAT|O_WRONLY mode=0755 dev=<NA> ino=<NA> "
	   "nameraw=/etc/../etc/x");
	event_begin(TRC_REQUEST_MODULE);
	event_set_str("name", "net-pf-9-proto-0");
	ask();
	IS("evt.args", "name=net-pf-9-proto-0");
	IS("evt.res", "<none>");
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
		IS("evt.is_open_create", cases[i].exec); /* the mode is 0755 */
	}
	openat_event(-13, 0101, "/x");
	ask();
	IS("evt.is_io_uring", "false");
	event_rec.hdr.flags |= TRC_RING;
	ask();
	IS("evt.is_io_uring", "true");
	IS("evt.is_open_create", "false");
	IS("evt.is_open_write", "true");
	event_begin(TRC_CREAT);
	event_set("fd", 3);
	event_set("mode", 0644);
	ask();
	IS("evt.is_open_read", "false");
	IS("evt.is_open_write", "true");
	IS("evt.is_open_exec", "false");
	IS("evt.is_open_create", "true");
	event_begin(TRC_OPEN_BY_HANDLE_AT);
	event_set("fd", 3);
	event_set("flags", 2);
	event_set_str("path", "/etc/shadow");
	ask();
	IS("evt.is_open_read", "true");
	IS("evt.is_open_write", "true");
	IS("evt.is_open_exec", "false");
	IS("fd.name", "/etc/shadow");
	IS("fd.filename", "shadow");
	IS("fd.typechar", "f");
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
	event_set_str("nameraw", "raw//name");
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
	IS("fd.dev", "9");
	IS("fd.ino", "77");
	IS("fs.path.name", "/etc/passwd");
	IS("fs.path.nameraw", "raw//name");
	IS("fs.path.source", "<none>");
	IS("fd.connected", "<none>");
	IS("fd.is_server", "<none>");
	IS("fd.name_changed", "false");
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

static void paths_that_calls_act_on(void)
{
	begin();
	event_begin(TRC_UNLINKAT);
	event_set("dirfd", 3);
	event_give("name", "/a/./b");
	ask();
	IS("fs.path.name", "/a/b");
	IS("fs.path.nameraw", "<none>");
	event_begin(TRC_FCHMODAT);
	event_set_str("filename", "/a");
	ask();
	IS("fs.path.name", "/a");
	event_begin(TRC_SETXATTR);
	event_set_str("path", "/a");
	event_set_str("name", "security.capability");
	ask();
	IS("fs.path.name", "/a");
	event_begin(TRC_RENAMEAT2);
	event_set_str("oldpath", "/old");
	event_set_str("newpath", "/new");
	ask();
	IS("fs.path.source", "/old");
	IS("fs.path.target", "/new");
	IS("fs.path.name", "<none>");
	event_begin(TRC_SYMLINKAT);
	event_set_str("target", "../x");
	event_set_str("linkpath", "/link");
	ask();
	IS("fs.path.source", "../x");
	IS("fs.path.target", "/link");
	event_begin(TRC_DUP);
	event_set_str("name", "/open");
	ask();
	IS("fs.path.name", "<none>");
	event_begin(TRC_EXECVE);
	event_set_str("filename", "/bin/ls");
	ask();
	IS("fs.path.name", "<none>");
}

static void a_pair_is_its_first_descriptor(void)
{
	begin();
	event_begin(TRC_PIPE2);
	event_set("res", 0);
	event_set("fd1", 5);
	event_set("fd2", 6);
	ask();
	IS("fd.num", "5");
	IS("fd.typechar", "p");
	IS("fd.type", "pipe");
	event_begin(TRC_SOCKETPAIR);
	event_set("res", -24);
	event_set("domain", 1);
	ask();
	IS("fd.num", "-1");
	IS("fd.typechar", "u");
	IS("fd.type", "<none>");
}

static void what_could_not_be_made_has_a_letter(void)
{
	static const struct {
		enum trc_type type;
		const char *letter;
	} cases[] = {
		{TRC_ACCEPT, "4"},	{TRC_ACCEPT4, "4"},    {TRC_OPEN, "f"},
		{TRC_OPENAT2, "f"},	{TRC_CREAT, "f"},      {TRC_MEMFD_CREATE, "m"},
		{TRC_USERFAULTFD, "u"}, {TRC_PIDFD_OPEN, "P"}, {TRC_IO_URING_SETUP, "r"},
	};

	begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		event_begin(cases[i].type);
		record_num(&event_rec, 0, (uint64_t)-24);
		ask();
		IS("fd.num", "-1");
		IS("fd.typechar", cases[i].letter);
		IS("fd.type", "<none>");
	}
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
	IS("fd.is_server", "false");
	IS("fd.name_changed", "true");
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
	IS("fd.name_changed", "false");
}

/* A socket that was made and not bound is a client's; of one from before, nothing is known. */
static void datagrams_have_ends(void)
{
	struct value v[FIELD_VALUES];

	begin();
	event_begin(TRC_SOCKET);
	event_set("fd", 6);
	event_set("domain", 2);
	ask();
	inet_event(TRC_SENDTO, "res", 4);
	IS("fd.name", "10.0.0.1:4711->10.0.0.2:80");
	IS("evt.arg.tuple", "10.0.0.1:4711->10.0.0.2:80");
	IS("fd.sip", "10.0.0.2");
	IS("fd.typechar", "4");
	IS("fd.connected", "false");
	inet_event(TRC_RECVFROM, "res", 4);
	event_set_bytes("data", "\xca\xfe\0x");
	ask();
	IS("fd.name", "10.0.0.1:4711->10.0.0.2:80");
	IS("fd.sip", "10.0.0.2");
	CHECK_EQ(values("evt.buffer", v), 1);
	CHECK_EQ(v[0].type, VAL_BYTES);
	CHECK_EQ(v[0].s.n, 4);
	CHECK_EQ(values("evt.arg.data", v), 1);
	CHECK_EQ(v[0].s.n, 4);
	openat_event(3, 0, "/x");
	ask();
	IS("evt.buffer", "<none>");
	event_begin(TRC_CLOSE);
	event_set("res", 0);
	event_set("fd", 6);
	state_before(state, event_done());
	state_after(state, event_done());
	inet_event(TRC_SENDTO, "res", 4);
	IS("fd.is_server", "<none>");
	IS("fd.sip", "<none>");
	IS("fd.rip", "10.0.0.2");
}

static void another_peer_is_another_name(void)
{
	struct trc_sock s = event_inet(TRC_SOCK_INET, "\x0a\0\0\x01", 4711, "\x0a\0\0\x03", 53);

	begin();
	inet_event(TRC_CONNECT, "res", 0);
	inet_event(TRC_SENDTO, "res", 4);
	event_set_bytes("data", "x");
	ask();
	IS("fd.name_changed", "false");
	IS("fd.connected", "true");
	event_set_sock("tuple", &s, "", 0);
	ask();
	IS("fd.name_changed", "true");
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

/* As with Falco: a process is its name, where the caller's numbers are those of the tables. */
/* Who is killed may be gone when the call returns, for a second. */
static void an_end_is_outlived_by_a_name(void)
{
	static const struct {
		uint64_t ts;
		const char *name;
	} times[] = {
		{5000000000, "sh"}, {5999999999, "sh"}, {6000000000, "50"}, {4999999999, "50"}};

	event_begin(TRC_PROCEXIT);
	event_rec.hdr.pid = event_rec.hdr.tid = 50;
	event_rec.hdr.ts = 5000000000;
	feed();
	state_after(state, event_done());
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		event_begin(TRC_KILL);
		event_set("res", 0);
		event_set("pid", 50);
		event_rec.hdr.ts = times[i].ts;
		ask();
		IS("evt.arg.pid", times[i].name);
	}
	event_begin(TRC_KILL);
	event_rec.hdr.flags |= TRC_GAP_CRITICAL;
	state_gap(state, event_done());
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set("vpid", 100);
	ask();
	event_begin(TRC_KILL);
	event_set("res", 0);
	event_set("pid", 50);
	event_rec.hdr.ts = 5000000000;
	ask();
	IS("evt.arg.pid", "50");
}

static void processes_are_named_in_arguments(void)
{
	begin();
	event_begin(TRC_KILL);
	event_set("res", 0);
	event_set("pid", 50);
	event_set("sig", 9);
	ask();
	IS("evt.arg.pid", "50");
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("comm", "prog");
	event_set("vpid", 100);
	ask();
	event_begin(TRC_KILL);
	event_set("res", 0);
	event_set("pid", 50);
	event_set("sig", 9);
	ask();
	IS("evt.arg.pid", "sh");
	IS("evt.rawarg.pid", "50");
	IS("evt.arg.sig", "SIGKILL");
	IS("evt.args", "res=SUCCESS pid=50 sig=SIGKILL");
	an_end_is_outlived_by_a_name();
	event_begin(TRC_KILL);
	event_set("res", 0);
	event_set("sig", 9);
	event_set("pid", -1);
	ask();
	IS("evt.arg.pid", "-1");
	event_set("pid", 4711);
	ask();
	IS("evt.arg.pid", "4711");
}

/* By the names that Falco's execve has. */
static void an_execve_has_falcos_arguments(void)
{
	begin();
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("comm", "ls");
	event_set_str("exepath", "/bin/ls");
	event_set_bytes("argv", "./ls\0-l\0/");
	event_set_bytes("env", "A=1\0");
	event_set_str("cgroup", "/init.scope");
	event_set_str("filename", "ls");
	event_set("ppid", 50);
	event_set("ino", 9);
	event_set("exeflags", TRC_EXE_WRITABLE | TRC_EXE_UPPER);
	event_set("tty", 0);
	event_set("cap_permitted", 5);
	event_rec.hdr.uid = 0;
	ask();
	IS("evt.arg.exe", "./ls");
	IS("evt.arg.args", "-l /");
	IS("evt.arg.tid", "ls");
	IS("evt.arg.pid", "ls");
	IS("evt.arg.ptid", "50");
	IS("evt.arg.comm", "ls");
	IS("evt.arg.cgroups", "/init.scope");
	IS("evt.arg.env", "A=1");
	IS("evt.arg.tty", "0");
	IS("evt.arg.flags", "EXE_WRITABLE|EXE_UPPER_LAYER");
	IS("evt.arg.cap_permitted", "5");
	IS("evt.arg.exe_ino", "9");
	IS("evt.arg.uid", "root");
	IS("evt.arg.trusted_exepath", "/bin/ls");
	IS("evt.arg.filename", "ls");
	IS("evt.arg.pgid", "<none>");
}

/* A row of every type, with all bits set: no text outgrows the room that is kept for it. */
static void texts_of_arguments_fit_their_room(void)
{
	begin();
	for (int t = TRC_NONE + 1; t < TRC_NTYPES; t++) {
		event_begin((enum trc_type)t);
		for (int n = 0; n < event_table[t].nargs; n++)
			if (argtype_kind[event_table[t].args[n].type] != TRC_BYTES)
				record_num(&event_rec, n, n ? ~0ull >> 1 : 0);
		field_begin(&ctx, state, event_done(), scratch);
		for (int n = 0; event_table[t].class != TRC_STATE && n < event_table[t].nargs;
		     n++) {
			enum trc_argtype type = event_table[t].args[n].type;
			bool flags = type == TRC_T_CLONEFLAGS || type == TRC_T_MOUNTFLAGS ||
				     type == TRC_T_OFLAGS;
			char name[64];

			snprintf(name, sizeof(name), "evt.arg.%s", event_table[t].args[n].name);
			CHECK(strlen(get(name)) <= (flags ? 512 : 160));
		}
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

static void an_open_told_by_a_mark_has_a_file_and_nothing_of_a_call(void)
{
	uint64_t dev, ino;

	begin();
	event_begin(TRC_FILE_OPEN);
	event_set_str("name", "/etc/shadow");
	event_set("dev", 9);
	event_set("ino", 77);
	ask();
	IS("evt.type", "file_open");
	IS("fd.name", "/etc/shadow");
	IS("fd.directory", "/etc");
	IS("fd.typechar", "f");
	IS("fs.path.name", "/etc/shadow");
	CHECK(field_file_id(&ctx, &dev, &ino));
	CHECK_EQ(dev, 9);
	CHECK_EQ(ino, 77);
	IS("fd.num", "<none>");
	IS("fd.type", "<none>");
	IS("fd.given", "<none>");
	IS("evt.res", "<none>");
	IS("evt.failed", "false");
	IS("user.uid", "0");
	event_rec.hdr.uid = TRC_NO_UID;
	ask();
	IS("user.uid", "<none>");
	IS("evt.is_open_read", "false");
	IS("evt.is_open_write", "false");
}

const struct unit_test tests_field[] = {
	TEST(names_are_found),
	TEST(wrong_names_are_told_apart),
	TEST(every_argument_of_every_event_is_a_field),
	TEST(the_nearest_name_is_suggested),
	TEST(every_field_takes_every_empty_event),
	TEST(the_event_is_described),
	TEST(an_open_told_by_a_mark_has_a_file_and_nothing_of_a_call),
	TEST(arguments_are_text),
	TEST(open_is_for_reading_writing_or_running),
	TEST(a_file_that_is_opened),
	TEST(a_file_that_could_not_be_opened),
	TEST(what_a_descriptor_was_is_remembered),
	TEST(the_events_own_path_comes_first),
	TEST(calls_on_names_have_no_descriptor),
	TEST(paths_that_calls_act_on),
	TEST(a_pair_is_its_first_descriptor),
	TEST(what_could_not_be_made_has_a_letter),
	TEST(the_server_of_connect_is_the_other_end),
	TEST(datagrams_have_ends),
	TEST(another_peer_is_another_name),
	TEST(the_server_of_accept_is_this_end),
	TEST(a_listener_has_one_end),
	TEST(a_socket_without_address_has_an_empty_name),
	TEST(unix_and_mapped_sockets),
	TEST(processes_are_named_in_arguments),
	TEST(an_execve_has_falcos_arguments),
	TEST(texts_of_arguments_fit_their_room),
	TEST(values_read_as_text),
	{0},
};
