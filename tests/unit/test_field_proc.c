/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields: what each says about the process of an event, its ancestors and its users. */
#include "fields.h"

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
	IS("user.loginname", "<NA>");
	IS("group.gid", "5");
	IS("group.name", "<NA>");
	event_begin(TRC_GROUPINFO);
	event_set("gid", 5);
	event_set_str("name", "tty");
	feed();
	event_begin(TRC_SETUID);
	ask();
	IS("group.name", "tty");
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set("loginuid", 0);
	ask();
	IS("user.loginname", "root");
	event_begin(TRC_SETUID);
	event_rec.hdr.pid = 4711;
	field_begin(&ctx, state, event_done(), scratch);
	IS("user.loginname", "<none>");
	IS("group.name", "<none>");
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

static void arguments_and_environment_one_by_one(void)
{
	begin();
	event_begin(TRC_CHDIR);
	ask();
	IS("proc.args[0]", "-x");
	IS("proc.args[1]", "a b");
	IS("proc.args[2]", "");
	IS("proc.args[999]", "");
	IS("proc.cmdnargs", "2");
	IS("proc.cmdlenargs", "5");
	IS("proc.exeline", "./prog -x a b");
	IS("proc.env", "<none>");
	IS("proc.env[HOME]", "<none>");
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("comm", "ls");
	event_set_bytes("argv", "ls\0");
	event_set_bytes("env", "HOMER=1\0HOME=/root\0HOME=/x\0EMPTY=\0A=b=c");
	ask();
	IS("proc.env[HOME]", "/root");
	IS("proc.env['HOME']", "/root");
	IS("proc.env[EMPTY]", "");
	IS("proc.env[NOSUCH]", "");
	IS("proc.env[A]", "b=c");
	IS("proc.args[0]", "");
	IS("proc.args", "");
	IS("proc.cmdnargs", "0");
	IS("proc.exeline", "ls");
	/* It stays known. */
	event_begin(TRC_CHDIR);
	ask();
	IS("proc.env[HOME]", "/root");
	IS("proc.env", "HOMER=1 HOME=/root HOME=/x EMPTY= A=b=c");
}

/* Whoever pads an environment does not make it say that a variable is not set. */
static void what_was_cut_off_may_have_been_set(void)
{
	begin();
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("comm", "ls");
	event_set_bytes("env", "HOME=/root\0PAD=xx\0");
	event_rec.hdr.cut |= 1u << event_slot("env");
	ask();
	IS("proc.env[HOME]", "/root");
	IS("proc.env[LD_PRELOAD]", "<none>");
	event_begin(TRC_CHDIR);
	ask();
	IS("proc.env[HOME]", "/root");
	IS("proc.env[LD_PRELOAD]", "<none>");
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_bytes("env", "HOME=/root\0");
	ask();
	IS("proc.env[LD_PRELOAD]", "");
}

static void ancestors_have_numbers_and_command_lines(void)
{
	struct value v[FIELD_VALUES];

	begin();
	event_begin(TRC_CHDIR);
	ask();
	IS("proc.apid[0]", "100");
	IS("proc.apid[1]", "50");
	IS("proc.apid[3]", "<none>");
	CHECK_EQ(values("proc.apid", v), 2);
	CHECK_EQ(v[1].i, 1);
	IS("proc.acmdline[0]", "prog -x a b");
	IS("proc.acmdline[1]", "sh");
	IS("proc.acmdline[2]", "init");
	IS("proc.acmdline[3]", "<none>");
	IS("proc.loginshellid", "50");
}

/* A session of sh(50) in a namespace where it is 1, and prog(100), 7, leads its group. */
static void numbers_of_a_process(void)
{
	begin();
	event_begin(TRC_CHDIR);
	ask();
	for (int i = 0; i < 6; i++)
		IS(((const char *[]){"proc.vpid", "proc.pgid", "proc.vpgid", "proc.sid",
				     "proc.sname", "proc.is_vpgid_leader"})[i],
		   "<none>");
	IS("proc.is_exe_writable", "<none>");
	IS("proc.exe_ino", "<none>");
	IS("proc.exe_ino.ctime", "<none>");
	IS("proc.exe_ino.ctime_duration_proc_start", "<none>");
	IS("thread.cap_effective", "<none>");
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("comm", "prog");
	event_set("pgid", 100);
	event_set("vpgid", 7);
	event_set("vpid", 7);
	event_set("sid", 50);
	event_set("exeflags", TRC_EXE_UPPER | TRC_EXE_DELETED);
	event_set("ino", 99);
	event_set("exe_ino_ctime", 17);
	event_set("exe_ino_mtime", 16);
	event_set("cap_permitted", INT64_MIN | 1ll << 40 | 1 << 21);
	event_set("cap_effective", 0);
	ask();
	IS("proc.pgid", "100");
	IS("proc.vpgid", "7");
	IS("proc.vpid", "7");
	IS("proc.sid", "50");
	IS("proc.is_vpgid_leader", "true");
	IS("proc.is_sid_leader", "false");
	IS("proc.vpgid.name", "prog");
	IS("proc.sname", "prog"); /* nothing tells that sh is in it */
	IS("proc.pvpid", "<none>");
	IS("proc.is_exe_upper_layer", "true");
	IS("proc.is_exe_lower_layer", "false");
	IS("proc.is_exe_from_memfd", "false");
	IS("proc.is_exe_writable", "false");
	IS("proc.is_exe_deleted", "true");
	IS("proc.exe_ino", "99");
	IS("proc.exe_ino.ctime", "17");
	IS("proc.exe_ino.mtime", "16");
	IS("proc.exe_ino.ctime_duration_proc_start", "<none>");
	IS("thread.cap_permitted", "CAP_SYS_ADMIN CAP_CHECKPOINT_RESTORE");
	IS("thread.cap_effective", "");
	IS("thread.cap_inheritable", "<none>");
	event_rec.hdr.tid = 100;
	ask();
	IS("thread.vtid", "7");
	IS("thread.ismain", "true");
}

static void a_session_is_known_by_its_leader(void)
{
	begin();
	event_begin(TRC_PROCINFO);
	event_rec.hdr.pid = 50;
	event_set_str("comm", "sh");
	event_set_str("exepath", "/bin/sh");
	event_set_bytes("argv", "-sh\0");
	event_set("ppid", 1);
	event_set("sid", 50);
	event_set("vpid", 1);
	feed();
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("comm", "prog");
	event_set("sid", 50);
	ask();
	IS("proc.sname", "sh");
	IS("proc.sid.exe", "-sh");
	IS("proc.sid.exepath", "/bin/sh");
	IS("proc.pvpid", "1");
}

/* Anybody can make a file /memfd:x: only what is in memory loses its slash. */
static void a_program_in_memory_lies_in_no_directory(void)
{
	for (int memory = 0; memory < 2; memory++) {
		begin();
		event_begin(TRC_EXECVE);
		event_set("res", 0);
		event_set_str("exepath", "/memfd:x y");
		event_set("exeflags", memory ? TRC_EXE_MEMFD : 0);
		ask();
		IS("proc.exepath", memory ? "memfd:x y" : "/memfd:x y");
	}
}

/* A mark may not tell whether it was before or behind an exec: what both programs have is known. */
static void a_process_without_its_program(void)
{
	static const char *const of_program[] = {
		"proc.exe",	"proc.cmdline",		"proc.args",
		"proc.env",	"thread.cap_effective", "group.gid",
		"proc.exe_ino", "proc.is_exe_writable"};

	begin();
	event_begin(TRC_PROCINFO);
	event_set_str("comm", "prog");
	event_set_str("exepath", "/bin/busybox");
	event_set_str("cwd", "/dev/shm");
	event_set("ppid", 50);
	event_set("pgid", 100);
	event_set("tty", 136 << 20 | 1);
	feed();
	for (int known = 1; known >= 0; known--) {
		event_begin(TRC_FILE_OPEN);
		event_set_str("name", "/etc/shadow");
		event_set("program", known);
		ask();
		IS("proc.name", known ? "prog" : "<NA>");
		IS("proc.exepath", known ? "/bin/busybox" : "<none>");
		IS("proc.pid", "100");
		IS("proc.ppid", "50");
		IS("proc.pname", "sh");
		IS("proc.cwd", "/dev/shm/");
		IS("proc.tty", "34817");
		IS("proc.vpgid.name", known ? "prog" : "<none>");
	}
	for (size_t i = 0; i < sizeof(of_program) / sizeof(of_program[0]); i++)
		IS(of_program[i], "<none>");
}

static void an_unknown_process_is_missing(void)
{
	begin();
	event_begin(TRC_CHDIR);
	event_rec.hdr.pid = 4711;
	field_begin(&ctx, state, event_done(), scratch);
	IS("proc.name", "<NA>");
	IS("proc.aname[0]", "<NA>");
	IS("proc.pname", "<none>");
	IS("proc.pid", "4711");
	IS("proc.ppid", "<none>");
	IS("proc.cmdline", "<none>");
	IS("proc.args", "<none>");
	IS("proc.aname", "<none>");
	IS("proc.cwd", "<none>");
	IS("container.id", "<none>");
	IS("container.is_rootless", "<none>");
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
	IS("container.type", "host");
	IS("container.is_rootless", "false");
}

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void containers_of_users_are_told(void)
{
	static const char path[] =
		"/user.slice/user-1000.slice/user@1000.service/docker-" DIGITS ".scope";

	begin();
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("cgroup", path);
	ask();
	IS("container.id", "0123456789ab");
	IS("container.is_rootless", "true");
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("cgroup", "docker-" DIGITS ".scope");
	event_rec.hdr.cut |= 1u << event_slot("cgroup");
	ask();
	IS("container.is_rootless", "true");
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("cgroup", "/docker-" DIGITS ".scope");
	ask();
	IS("container.is_rootless", "false");
}

/* A pid alone is not it: another may have the number later. */
static void the_sensor_knows_itself(void)
{
	begin();
	event_begin(TRC_CHDIR);
	ask();
	IS("proc.is_sensor", "true");
	event_rec.hdr.start++;
	ask();
	IS("proc.is_sensor", "false");
	event_begin(TRC_CHDIR);
	event_rec.hdr.pid++;
	ask();
	IS("proc.is_sensor", "false");
	event_begin(TRC_MACHINE);
	event_rec.hdr.tid = event_rec.hdr.pid + 1; /* it opens drivers */
	feed();
	event_begin(TRC_PROCFORK);
	event_set("child", event_rec.hdr.pid + 1);
	event_set("childstart", 77);
	feed();
	event_begin(TRC_CHDIR);
	event_rec.hdr.pid++;
	event_rec.hdr.start = 77;
	ask();
	IS("proc.is_sensor", "true");
	event_rec.hdr.start++;
	ask();
	IS("proc.is_sensor", "false"); /* another has its number */
	event_begin(TRC_MACHINE);      /* of an older file: it does not say */
	event_rec.hdr.pid = 0;
	event_rec.hdr.start = 0;
	feed();
	event_begin(TRC_CHDIR);
	event_rec.hdr.pid = 0;
	event_rec.hdr.start = 0;
	ask();
	IS("proc.is_sensor", "false");
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
	event_begin(TRC_EXECVE);
	event_rec.hdr.pid = 200;
	event_rec.hdr.start = 8;
	event_set("res", 0);
	event_set_str("comm", "x");
	event_set("exe_ino_ctime", 3600 * 1000000000ll);
	ask();
	IS("proc.exe_ino.ctime_duration_proc_start", "5000000000");
	event_set("exe_ino_ctime", 3606 * 1000000000ll);
	ask();
	IS("proc.exe_ino.ctime_duration_proc_start", "<none>");
	IS("proc.pname", "prog");
}

static void fork_to(uint32_t child, int64_t ppid)
{
	event_begin(TRC_PROCFORK);
	event_set("child", child);
	event_set("childstart", 8);
	event_set("childppid", ppid);
	feed();
}

static void exec_below(uint32_t pid, int64_t ppid)
{
	event_begin(TRC_EXECVE);
	event_rec.hdr.pid = pid;
	event_rec.hdr.start = 8;
	event_set("res", 0);
	event_set("ppid", ppid);
	ask();
}

/* init(1) has started neither who lost its parent nor who was made its child by another. */
static void an_adopted_process_is_no_child(void)
{
	begin();
	event_begin(TRC_CHDIR);
	ask();
	IS("proc.is_adopted", "<none>"); /* older than the sensor */
	fork_to(200, 100);
	exec_below(200, 100);
	IS("proc.is_adopted", "false");
	exec_below(200, 1);
	IS("proc.is_adopted", "true");
	exec_below(200, 1);
	IS("proc.is_adopted", "true");
	IS("proc.pname", "init");
	fork_to(201, 1);
	exec_below(201, 1);
	IS("proc.is_adopted", "true");
	event_begin(TRC_PROCFORK);
	event_rec.hdr.pid = 201;
	event_rec.hdr.start = 8;
	event_set("child", 202);
	event_set("childstart", 8);
	event_set("childppid", 201);
	feed();
	exec_below(202, 201);
	IS("proc.ppid", "201");
	IS("proc.is_adopted", "false");
	/* Its parent ends, and nothing has told yet who has it now. */
	event_begin(TRC_PROCEXIT);
	event_rec.hdr.pid = 201;
	event_rec.hdr.start = 8;
	feed();
	state_after(state, event_done());
	event_begin(TRC_CHDIR);
	event_rec.hdr.pid = 202;
	event_rec.hdr.start = 8;
	ask();
	IS("proc.is_adopted", "<none>");
	IS("proc.ppid", "<none>");
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
		CHECK_EQ(strlen(get("evt.arg.filename")), 8193);
		CHECK_EQ(strlen(get("proc.cwd")), 4097);
		CHECK_EQ(strlen(get("proc.env")), 4096);
		CHECK_EQ(strlen(get("proc.exeline")), 4096);
		CHECK_EQ(strlen(get("proc.acmdline[0]")), 15);
		IS("proc.acmdline[1]", "sh");
		IS("proc.pcmdline", "sh");
		IS("proc.cmdline", "123456789012345");
		CHECK_EQ(strlen(get("proc.exe")), 4096);
	}
}

/* A script is known by nothing else: the interpreter is the program. */
static void what_a_program_was_started_as_is_a_whole_path(void)
{
	static const struct {
		const char *cwd, *as, *is;
	} all[] = {
		{"/var/tmp", "./x", "/var/tmp/x"},
		{"/var/tmp", "../x", "/var/x"},
		{"/", "x", "/x"},
		{"/var", "/tmp/../bin//x", "/bin/x"},
		{"/var", "/dev/fd/7/x", "/srv/d/x"},
		{"/var", "/proc/self/fd/7/../x", "/srv/x"},
		{"/var", "/dev/fd/7", "/srv/d"},
		{"/var", "/dev/fd/8/x", "/dev/fd/8/x"},
		{"/var", "/dev//fd/./7/x", "/srv/d/x"},
		{"/var", "/proc/self/fd/../fd/7/x", "/srv/d/x"},
		{"/var", "/proc/thread-self/fd/7/x", "/srv/d/x"},
		{"/var", "/proc/100/fd/7/x", "/srv/d/x"},
		{"/var", "/proc/101/fd/7/x", "/proc/101/fd/7/x"},
		{"/var", "/proc/fd/7/x", "/proc/fd/7/x"},
		{"/var/tmp", "/proc/self/cwd/x", "/var/tmp/x"},
		{"/var/tmp", "/proc/self/cwd/../x", "/var/x"},
		{"/var/tmp", "/proc/self/cwdx/x", "/proc/self/cwdx/x"},
		{"/var", "/proc/self/root/tmp/x", "/tmp/x"},
		{"/var", "/proc/self/root", "/"},
		{"/var", "/proc/self/exe", "/bin/busybox"},
		{"/var", "/dev/fd/9", "/dev/fd/9"},
		{"/var", "/dev/fd/7x", "/dev/fd/7x"},
		{"/var", "/dev/fd/", "/dev/fd"},
		{"/var", "/dev/fd/99999999999999999999/x", "/dev/fd/99999999999999999999/x"},
		{"/var", "", ""},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		begin();
		event_begin(TRC_OPENAT);
		event_set("fd", 7);
		event_set_str("name", "/srv/d");
		event_set("flags", 0);
		feed();
		state_after(state, event_done());
		event_begin(TRC_MEMFD_CREATE);
		event_set("fd", 9);
		event_set_str("name", "hidden");
		event_set("flags", 0);
		feed();
		state_after(state, event_done());
		event_begin(TRC_EXECVE);
		event_set("res", 0);
		event_set_str("cwd", all[i].cwd);
		event_set_str("exepath", "/bin/busybox");
		event_set_str("filename", all[i].as);
		ask();
		IS("evt.arg.filename", all[i].is);
	}
}

const struct unit_test tests_field_proc[] = {
	TEST(users_have_names),
	TEST(a_process_and_its_ancestors),
	TEST(arguments_and_environment_one_by_one),
	TEST(what_was_cut_off_may_have_been_set),
	TEST(ancestors_have_numbers_and_command_lines),
	TEST(numbers_of_a_process),
	TEST(a_session_is_known_by_its_leader),
	TEST(a_program_in_memory_lies_in_no_directory),
	TEST(a_process_without_its_program),
	TEST(an_unknown_process_is_missing),
	TEST(a_program_that_starts_tells_all_of_itself),
	TEST(containers_of_users_are_told),
	TEST(the_sensor_knows_itself),
	TEST(the_records_own_strings_are_whole),
	TEST(duration_is_since_the_fork),
	TEST(an_adopted_process_is_no_child),
	TEST(long_values_do_not_crowd_each_other_out),
	TEST(what_a_program_was_started_as_is_a_whole_path),
	{0},
};
