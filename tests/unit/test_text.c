/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments as text: the forms that rules compare with, and inputs that no honest kernel makes. */
#include "../../core/text.h"
#include "events.h"

static char buf[8192];

static struct str arg(const char *name)
{
	return (struct str){buf,
			    (uint32_t)text_arg(event_done(), event_slot(name), buf, sizeof(buf))};
}

/* An event of one number, as text. */
static struct str number(enum trc_type type, const char *name, int64_t v)
{
	event_begin(type);
	event_set(name, v);
	return arg(name);
}

static struct str clean(const char *path)
{
	memset(buf, '!', sizeof(buf));
	strcpy(buf, path);
	return (struct str){
		buf, (uint32_t)text_clean_path((struct str){buf, (uint32_t)strlen(path)}, buf)};
}

static struct str sock_text(const struct trc_sock *s, const char *name, size_t n, bool server)
{
	return (struct str){buf, (uint32_t)text_sock(s, (struct str){name, (uint32_t)n}, server,
						     buf, sizeof(buf))};
}

static void errors_have_names(void)
{
	CHECK_STR(text_errno(2), "ENOENT");
	CHECK_STR(text_errno(115), "EINPROGRESS");
	CHECK_STR(text_errno(133), "EHWPOISON");
	CHECK(!text_errno(0));
	CHECK(!text_errno(41));
	CHECK(!text_errno(134));
	CHECK(!text_errno(-1));
	CHECK(!text_errno(INT64_MAX));
}

static void results_say_how_it_went(void)
{
	CHECK_STR(number(TRC_MKDIR, "res", 0), "SUCCESS");
	CHECK_STR(number(TRC_MKDIR, "res", -17), "EEXIST");
	CHECK_STR(number(TRC_MKDIR, "res", -115), "EINPROGRESS");
	CHECK_STR(number(TRC_ACCEPT, "fd", -512), "-512");
	CHECK_STR(number(TRC_MKDIR, "res", INT64_MIN), "-9223372036854775808");
	CHECK_STR(number(TRC_OPENAT, "fd", 3), "3");
	CHECK_STR(number(TRC_OPENAT, "fd", -2), "ENOENT");
	CHECK_STR(number(TRC_FORK, "res", 4711), "4711");
	CHECK_STR(number(TRC_FORK, "res", -11), "EAGAIN");
}

static void directories_and_pids_that_are_given_are_no_errors(void)
{
	CHECK_STR(number(TRC_OPENAT, "dirfd", -100), "AT_FDCWD");
	CHECK_STR(number(TRC_OPENAT, "dirfd", -2), "-2");
	CHECK_STR(number(TRC_PTRACE, "pid", -1), "-1");
}

static void open_flags_have_falcos_names_and_order(void)
{
	CHECK_STR(number(TRC_OPENAT, "flags", 0), "O_RDONLY");
	CHECK_STR(number(TRC_OPENAT, "flags", 02000000), "O_RDONLY|O_CLOEXEC");
	CHECK_STR(number(TRC_OPENAT, "flags", 01101), "O_TRUNC|O_CREAT|O_WRONLY");
	CHECK_STR(number(TRC_OPENAT, "flags", 2), "O_RDWR");
	CHECK_STR(number(TRC_OPENAT, "flags", 3), "O_ACCMODE");
	CHECK_STR(number(TRC_OPENAT, "flags", 0200000), "O_DIRECTORY|O_RDONLY");
	CHECK_STR(number(TRC_OPENAT, "flags", 020200001), "O_DIRECTORY|O_WRONLY|O_TMPFILE");
	CHECK_STR(number(TRC_OPENAT, "flags", 010000000), "O_RDONLY|O_PATH");
	CHECK_STR(number(TRC_OPENAT, "flags", 0x80000001), "O_WRONLY|0x80000000");
}

static void modes_read_as_falco_writes_them(void)
{
	CHECK_STR(number(TRC_MKDIR, "mode", 0755), "1ED");
	CHECK_STR(number(TRC_CHMOD, "mode", 04001), "S_IXOTH|S_ISUID");
	CHECK_STR(number(TRC_FCHMOD, "mode", 0), "0");
	CHECK_STR(number(TRC_FCHMODAT, "mode", 0100644), "S_IROTH|S_IRGRP|S_IWUSR|S_IRUSR");
	CHECK_STR(number(TRC_CREAT, "mode", 0644), "0644");
	event_begin(TRC_OPEN);
	event_set("mode", 0644);
	event_set("flags", 0101);
	CHECK_STR(arg("mode"), "0644");
	/* Without O_CREAT the register holds anything. */
	event_set("flags", 1);
	CHECK_STR(arg("mode"), "0");
	event_set("flags", 020200001);
	CHECK_STR(arg("mode"), "0644");
}

static void nodes_have_their_kind(void)
{
	CHECK_STR(number(TRC_MKNOD, "mode", 010640), "S_IRGRP|S_IWUSR|S_IRUSR|S_IFIFO");
	CHECK_STR(number(TRC_MKNODAT, "mode", 060000), "S_IFBLK");
	CHECK_STR(number(TRC_MKNODAT, "mode", 0), "0");
	CHECK_STR(number(TRC_FCHMODAT2, "mode", 04001), "S_IXOTH|S_ISUID");
	CHECK_STR(number(TRC_MPROTECT, "prot", 0), "PROT_NONE");
	CHECK_STR(number(TRC_MPROTECT, "prot", 7), "PROT_READ|PROT_WRITE|PROT_EXEC");
	CHECK_STR(number(TRC_REBOOT, "cmd", 0xa1b2c3d4), "LINUX_REBOOT_CMD_RESTART2");
	/* thread.cap_* have the names; an argument is a number, as Falco's is. */
	CHECK_STR(number(TRC_CAPSET, "cap_effective", 1ull << 21 | 1), "2097153");
}

static void other_flags_have_names(void)
{
	CHECK_STR(number(TRC_UNSHARE, "flags", 0x10000000), "CLONE_NEWUSER");
	CHECK_STR(number(TRC_UNSHARE, "flags", 0x80), "CLONE_NEWTIME");
	CHECK_STR(number(TRC_SETNS, "nstype", 0), "0");
	/* SIGCHLD is in the lowest byte. */
	CHECK_STR(number(TRC_CLONE, "flags", 0x20000111), "CLONE_NEWPID|CLONE_VM");
	CHECK_STR(number(TRC_CLONE3, "flags", 0x200000100), "CLONE_VM|0x200000000");
	CHECK_STR(number(TRC_MOUNT, "flags", 0x1001), "RDONLY|BIND");
	CHECK_STR(number(TRC_MOUNT, "flags", 0xc0ed0002), "NOSUID");
	CHECK_STR(number(TRC_UNLINKAT, "flags", 0x200), "AT_REMOVEDIR");
	CHECK_STR(number(TRC_RENAMEAT2, "flags", 2), "RENAME_EXCHANGE");
	CHECK_STR(number(TRC_MEMFD_CREATE, "flags", 3), "MFD_CLOEXEC|MFD_ALLOW_SEALING");
	CHECK_STR(number(TRC_DUP3, "flags", 02000000), "O_RDONLY|O_CLOEXEC");
}

static void numbers_with_names_and_without(void)
{
	CHECK_STR(number(TRC_SOCKET, "domain", 17), "AF_PACKET");
	CHECK_STR(number(TRC_SOCKET, "domain", -1), "-1");
	CHECK_STR(number(TRC_SOCKET, "domain", 99), "99");
	CHECK_STR(number(TRC_SOCKET, "type", 524290), "524290");
	CHECK_STR(number(TRC_PTRACE, "request", 16), "PTRACE_ATTACH");
	CHECK_STR(number(TRC_PTRACE, "request", 0x4206), "PTRACE_SEIZE");
	CHECK_STR(number(TRC_PTRACE, "addr", 0x7ffabc), "7FFABC");
	CHECK_STR(number(TRC_BPF, "cmd", 5), "BPF_PROG_LOAD");
	CHECK_STR(number(TRC_SETUID, "uid", 0xffffffff), "4294967295");
	CHECK_STR(number(TRC_EXECVE, "loginuid", 0xffffffff), "-1");
	CHECK_STR(number(TRC_EXECVE, "tty", 136 << 20 | 3), "34819");
	CHECK_STR(number(TRC_OPEN, "dev", 253 << 20 | 1), "FD01");
	CHECK_STR(number(TRC_INIT_MODULE, "length", -1), "18446744073709551615");
	CHECK_EQ(text_dev(259ull << 20 | 0x12345), 0x12310345);
}

static void strings_lists_and_what_is_absent(void)
{
	event_begin(TRC_EXECVE);
	event_set_bytes("argv", "ls\0-l\0a b\0");
	event_set_bytes("env", "A=1\0\0cut");
	event_set_str("comm", "ls");
	event_give("filename", "/bin//../bin/ls");
	CHECK_STR(arg("argv"), "ls -l a b");
	CHECK_STR(arg("env"), "A=1  cut");
	CHECK_STR(arg("comm"), "ls");
	CHECK_STR(arg("filename"), "/bin/ls");
	CHECK_EQ(arg("cwd").n, 0);
	CHECK_EQ(text_arg(event_done(), 30, buf, sizeof(buf)), 0);
	CHECK_EQ(text_arg(event_done(), -1, buf, sizeof(buf)), 0);
	/* What the kernel says is not touched. */
	event_begin(TRC_OPEN);
	event_set_str("name", "/a/../b");
	CHECK_STR(arg("name"), "/a/../b");
}

static void paths_are_cleaned(void)
{
	static const char *const cases[][2] = {
		{"/etc/passwd", "/etc/passwd"},
		{"/etc//./passwd/", "/etc/passwd"},
		{"/etc/../../../x", "/x"},
		{"/a/b/../../c", "/c"},
		{"/..", "/"},
		{"/", "/"},
		{"//", "/"},
		{"", ""},
		{".", "."},
		{"./x", "x"},
		{"a/..", "."},
		{"a/../..", ".."},
		{"../a/../../b", "../../b"},
		{"a/b/..", "a"},
		{"/...", "/..."},
		{"/a/..b/.c", "/a/..b/.c"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_STR(clean(cases[i][0]), cases[i][1]);
}

/* Every path of 7 of "/", "." and "a": what comes out is clean, no longer, and stays as it is. */
static void cleaning_any_path_twice_changes_nothing(void)
{
	for (int i = 0; i < 3 * 3 * 3 * 3 * 3 * 3 * 3; i++) {
		char path[8] = "", once[8] = "";
		struct str out;

		for (int k = 0, v = i; k < 7; k++, v /= 3)
			path[k] = "/.a"[v % 3];
		out = clean(path);
		CHECK(out.n > 0 && out.n <= 7);
		memcpy(once, out.p, out.n);
		CHECK_STR(clean(once), once);
		CHECK(!strstr(once, "//") && !strstr(once, "/./"));
		CHECK_EQ(once[0] == '/', path[0] == '/');
		CHECK(once[0] != '/' || !strstr(once, "/../"));
	}
}

static void sockets_say_the_client_first(void)
{
	struct trc_sock s = event_inet(TRC_SOCK_INET, "\x0a\0\0\x01", 4711, "\x0a\0\0\x02", 80);

	CHECK_STR(sock_text(&s, "", 0, false), "10.0.0.1:4711->10.0.0.2:80");
	CHECK_STR(sock_text(&s, "", 0, true), "10.0.0.2:80->10.0.0.1:4711");
	s.family = 16;
	CHECK_STR(sock_text(&s, "", 0, true), "");
}

static void an_end_that_is_not_set_is_left_out(void)
{
	struct trc_sock s = event_inet(TRC_SOCK_INET, "\0\0\0\0", 22, "\0\0\0\0", 0);
	uint8_t ip[16];

	CHECK_STR(sock_text(&s, "", 0, true), "0.0.0.0:22");
	CHECK_EQ(text_sock_ip(&s, true, ip), 0);
	s = event_inet(TRC_SOCK_INET, "\0\0\0\0", 0, "\x01\x02\x03\x04", 80);
	CHECK_STR(sock_text(&s, "", 0, false), "1.2.3.4:80");
	CHECK_STR(sock_text(&s, "", 0, true), "1.2.3.4:80");
	s = event_inet(TRC_SOCK_INET6, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0,
		       "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0);
	CHECK_STR(sock_text(&s, "", 0, true), "");
}

static void ipv6_has_brackets_and_mapped_ipv4_is_ipv4(void)
{
	struct trc_sock s = event_inet(TRC_SOCK_INET6, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 1,
				       "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02", 2);
	uint8_t ip[16];

	CHECK_STR(sock_text(&s, "", 0, false), "[::1]:1->[2001:db8::2]:2");
	s = event_inet(TRC_SOCK_INET6, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\x01", 1,
		       "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\x02", 2);
	CHECK_STR(sock_text(&s, "", 0, false), "127.0.0.1:1->127.0.0.2:2");
	CHECK_EQ(text_sock_ip(&s, true, ip), 4);
	CHECK(!memcmp(ip, "\x7f\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0", 16));
}

static void unix_sockets_have_their_name(void)
{
	struct trc_sock s = {.family = TRC_SOCK_UNIX};

	CHECK_STR(sock_text(&s, "/run/x\0\0", 8, true), "/run/x");
	CHECK_STR(sock_text(&s, "\0abstract", 9, true), "@abstract");
	CHECK_STR(sock_text(&s, "", 0, true), "");
	CHECK_STR(sock_text(&s, NULL, 0, true), "");
}

static void socket_arguments_follow_the_event(void)
{
	struct trc_sock s = event_inet(TRC_SOCK_INET, "\x0a\0\0\x01", 4711, "\x0a\0\0\x02", 80);

	event_begin(TRC_CONNECT);
	event_set_sock("tuple", &s, "", 0);
	CHECK_STR(arg("tuple"), "10.0.0.1:4711->10.0.0.2:80");
	event_begin(TRC_ACCEPT);
	event_set_sock("tuple", &s, "", 0);
	CHECK_STR(arg("tuple"), "10.0.0.2:80->10.0.0.1:4711");
	event_begin(TRC_ACCEPT);
	event_set_bytes("tuple", "short");
	CHECK_EQ(arg("tuple").n, 0);
}

static void nothing_is_written_behind_the_buffer(void)
{
	struct trc_sock s = event_inet(TRC_SOCK_INET, "\x0a\0\0\x01", 4711, "\x0a\0\0\x02", 80);

	event_begin(TRC_CONNECT);
	event_set("res", -111);
	event_set("fd", 3);
	event_set_sock("tuple", &s, "", 0);
	for (int n = 0; n < 3; n++)
		for (size_t size = 0; size < 30; size++) {
			size_t len;

			memset(buf, '!', 64);
			len = text_arg(event_done(), n, buf, size);
			CHECK(len <= size);
			CHECK(size == 0 || len > 0);
			for (size_t i = size; i < 64; i++)
				CHECK_EQ(buf[i], '!');
		}
}

/* What is written is read again as the same number. */
static void numbers_are_read_as_they_are_written(void)
{
	static const struct {
		enum trc_type type;
		const char *arg;
		int64_t number;
	} rows[] = {
		{TRC_OPENAT, "flags", 0},
		{TRC_OPENAT, "flags", 02000102},
		{TRC_OPENAT, "flags", 0x7f},
		{TRC_OPENAT, "dirfd", -100},
		{TRC_OPENAT, "fd", -2},
		{TRC_UNLINK, "res", -13},
		{TRC_UNLINK, "res", 0},
		{TRC_KILL, "sig", 9},
		{TRC_KILL, "pid", -1},
		{TRC_CHMOD, "mode", 04755},
		{TRC_MKNOD, "mode", 060644},
		{TRC_SOCKET, "domain", 10},
		{TRC_PTRACE, "request", 16},
		{TRC_BPF, "cmd", 5},
		{TRC_PROCINFO, "tty", 136 << 20 | 0x12345},
		{TRC_SETUID, "uid", 4294967295},
	};
	char text[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int slot = event_arg_slot(rows[i].type, rows[i].arg);
		int64_t v = 99;
		size_t n;

		event_begin(rows[i].type);
		event_set(rows[i].arg, rows[i].number);
		n = text_arg(event_done(), slot, text, sizeof(text));
		CHECK(text_number(event_table[rows[i].type].args[slot].type,
				  (struct str){text, (uint32_t)n}, &v));
		CHECK_EQ(v, rows[i].number);
	}
}

static void what_is_no_number_is_refused(void)
{
	int64_t v;

	CHECK(text_number(TRC_T_CAPS, STR("CAP_SYS_ADMIN|CAP_CHOWN"), &v));
	CHECK_EQ(v, 1 << 21 | 1);
	CHECK(text_number(TRC_T_UINT, STR("0x10"), &v));
	CHECK_EQ(v, 16);
	CHECK(!text_number(TRC_T_UINT, STR(""), &v));
	CHECK(!text_number(TRC_T_UINT, STR("1 "), &v));
	CHECK(!text_number(TRC_T_UINT, STR("O_RDWR"), &v));
	CHECK(!text_number(TRC_T_OFLAGS, STR("O_RDWR|"), &v));
	CHECK(!text_number(TRC_T_OFLAGS, STR("EPERM"), &v));
	CHECK(!text_number(TRC_T_UINT, STR("99999999999999999999"), &v));
}

const struct unit_test tests_text[] = {
	TEST(errors_have_names),
	TEST(results_say_how_it_went),
	TEST(directories_and_pids_that_are_given_are_no_errors),
	TEST(open_flags_have_falcos_names_and_order),
	TEST(modes_read_as_falco_writes_them),
	TEST(nodes_have_their_kind),
	TEST(other_flags_have_names),
	TEST(numbers_with_names_and_without),
	TEST(strings_lists_and_what_is_absent),
	TEST(paths_are_cleaned),
	TEST(cleaning_any_path_twice_changes_nothing),
	TEST(sockets_say_the_client_first),
	TEST(an_end_that_is_not_set_is_left_out),
	TEST(ipv6_has_brackets_and_mapped_ipv4_is_ipv4),
	TEST(unix_sockets_have_their_name),
	TEST(socket_arguments_follow_the_event),
	TEST(nothing_is_written_behind_the_buffer),
	TEST(numbers_are_read_as_they_are_written),
	TEST(what_is_no_number_is_refused),
	{0},
};
