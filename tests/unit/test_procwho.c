/* SPDX-License-Identifier: BSD-2-Clause */
/* Who a process is: names, numbers, credentials, environments, and what is shared with others. */
#include "tables.h"

#define CAPS 0x1ffull

static void take_exec(uint32_t pid, const char *comm, const char *env, size_t n)
{
	begin_by(TRC_EXECVE, pid, pid, pid);
	event_set("res", 0);
	event_set_str("comm", comm);
	event_set_str("cwd", "/tmp");
	event_set("gid", 5);
	event_set("tty", 34816);
	event_set("pgid", 7);
	event_set("vpgid", 7);
	event_set("sid", 6);
	event_set("vpid", pid);
	event_set("cap_effective", CAPS);
	event_set("exeflags", TRC_EXE_MEMFD);
	event_set("exe_ino_mtime", 4711);
	if (n)
		record_bytes(&event_rec, event_slot("env"), env, n);
	take();
}

/* A process and its parent begin at the ticks that their numbers say. */
static void fork_by(uint32_t pid, uint32_t tid, uint32_t child, uint32_t vpid, uint64_t flags)
{
	begin_by(TRC_PROCFORK, pid, pid, tid);
	event_set("child", child);
	event_set("childstart", child);
	event_set("childvpid", vpid);
	event_set("childflags", (int64_t)flags);
	take();
}

static void set_name(uint32_t pid, uint32_t tid, int64_t res, int option, const char *name)
{
	begin_by(TRC_PRCTL, pid, pid, tid);
	event_set("res", res);
	event_set("option", option);
	record_str(&event_rec, event_slot("arg2_str"), name);
	take();
}

static struct str name_of(uint32_t pid)
{
	const struct proc *p = proc_of(pid, pid);

	CHECK(p);
	return (struct str){p->comm, p->comm_len};
}

static int64_t known(uint32_t pid, enum proc_fact which)
{
	const struct proc *p = proc_of(pid, pid);

	CHECK(p);
	return fact(p, which);
}

static struct str env_of(uint32_t pid)
{
	const struct proc *p = proc_of(pid, pid);

	CHECK(p);
	return proc_env(state, p);
}

static void open_with(uint32_t procs)
{
	tables_open(procs, 2, 8);
	take_exec(100, "prog", "A=1\0", 4);
}

static void programs_have_facts(void)
{
	open_with(4);
	CHECK_EQ(known(100, PROC_PGID), 7);
	CHECK_EQ(known(100, PROC_SID), 6);
	CHECK_EQ(known(100, PROC_CAPEFF), CAPS);
	CHECK_EQ(known(100, PROC_CAPPRM), NO_FACT);
	CHECK_EQ(known(100, PROC_EXEFLAGS), TRC_EXE_MEMFD);
	CHECK_EQ(known(100, PROC_EXEMTIME), 4711);
	CHECK_EQ(known(100, PROC_EXECTIME), NO_FACT);
	/* What a program does not inherit is forgotten where its record lacks it. */
	begin_of(TRC_EXECVE, 100, 100);
	event_set("res", 0);
	take();
	CHECK_EQ(known(100, PROC_PGID), 7);
	CHECK_EQ(known(100, PROC_TTY), 34816);
	CHECK_EQ(known(100, PROC_CAPEFF), NO_FACT);
	CHECK_EQ(known(100, PROC_EXEFLAGS), NO_FACT);
}

/* As with Falco: the process keeps its name until an exec, its children get the new one. */
static void names_are_for_the_children(void)
{
	open_with(8);
	set_name(100, 100, 0, 15, "renamed");
	CHECK_STR(name_of(100), "prog");
	fork_by(100, 100, 101, 101, 0);
	fork_by(101, 101, 102, 102, 0);
	CHECK_STR(name_of(101), "renamed");
	CHECK_STR(name_of(102), "renamed");
	set_name(100, 100, -14, 15, "failed");
	set_name(100, 100, 0, 4, "another");
	fork_by(100, 100, 103, 103, 0);
	CHECK_STR(name_of(103), "renamed");
	set_name(100, 100, 0, 15, NULL);
	fork_by(100, 100, 104, 104, 0);
	CHECK_STR(name_of(104), "");
	take_exec(100, "new", NULL, 0);
	fork_by(100, 100, 105, 105, 0);
	CHECK_STR(name_of(105), "new");
}

/* A thread's name is its own, and its children's. */
static void names_of_threads_are_not_the_processs(void)
{
	open_with(8);
	fork_by(100, 109, 101, 101, 0);
	CHECK_STR(name_of(101), "prog");
	set_name(100, 109, 0, 15, "worker");
	fork_by(100, 100, 102, 102, 0);
	CHECK_STR(name_of(102), "prog");
	fork_by(100, 109, 103, 103, 0);
	CHECK_STR(name_of(103), "");
}

static void children_may_have_another_parent(void)
{
	open_with(4);
	begin_of(TRC_PROCFORK, 100, 100);
	event_set("child", 101);
	event_set("childstart", 101);
	event_set("childppid", 1);
	take();
	CHECK_EQ(proc_of(101, 101)->ppid, 1);
	CHECK_EQ(known(101, PROC_VPID), NO_FACT);
	CHECK_EQ(known(101, PROC_VPGID), NO_FACT);
}

static void a_new_namespace_has_numbers_of_its_own(void)
{
	open_with(8);
	fork_by(100, 100, 101, 101, 0);
	CHECK_EQ(known(101, PROC_VPID), 101);
	CHECK_EQ(known(101, PROC_VPGID), 7);
	fork_by(100, 100, 102, 1, 0);
	CHECK_EQ(known(102, PROC_VPID), 1);
	CHECK_EQ(known(102, PROC_VPGID), NO_FACT);
	CHECK_EQ(known(102, PROC_PGID), 7);
	/* One that was entered by setns(2), in which numbers are higher. */
	fork_by(100, 100, 103, 17, 0);
	CHECK_EQ(known(103, PROC_VPGID), NO_FACT);
}

static void take_setsid(uint32_t pid, int64_t res)
{
	begin_of(TRC_SETSID, pid, pid);
	event_set("res", res);
	take();
}

static void take_setpgid(uint32_t caller, int64_t res, int64_t pid, int64_t group)
{
	begin_of(TRC_SETPGID, caller, caller);
	event_set("res", res);
	event_set("pid", pid);
	event_set("pgid", group);
	take();
}

/* The first of a namespace that is in another than the first one. */
static void namespaces_are_nested(void)
{
	open_with(8);
	fork_by(100, 100, 102, 1, 0);
	take_setsid(102, 1);
	fork_by(102, 102, 103, 2, 0);
	fork_by(102, 102, 104, 1, 0);
	CHECK_EQ(known(103, PROC_VPGID), 1);
	CHECK_EQ(known(104, PROC_VPGID), NO_FACT);
	CHECK_EQ(known(104, PROC_PGID), 102);
}

static void sessions_and_groups(void)
{
	open_with(8);
	take_setsid(100, -1);
	CHECK_EQ(known(100, PROC_SID), 6);
	take_setsid(100, 100);
	CHECK_EQ(known(100, PROC_SID), 100);
	CHECK_EQ(known(100, PROC_PGID), 100);
	CHECK_EQ(known(100, PROC_VPGID), 100);
	CHECK_EQ(known(100, PROC_TTY), NO_FACT);
	fork_by(100, 100, 101, 101, 0);
	take_setpgid(100, -3, 101, 101);
	CHECK_EQ(known(101, PROC_PGID), 100);
	take_setpgid(100, 0, 101, 0);
	CHECK_EQ(known(101, PROC_PGID), 101);
	take_setpgid(101, 0, 0, 100);
	CHECK_EQ(known(101, PROC_PGID), 100);
	CHECK_EQ(known(101, PROC_VPGID), 100);
	CHECK_EQ(known(100, PROC_PGID), 100);
}

static void a_session_loses_its_terminal_with_its_leader(void)
{
	open_with(4);
	take_exec(6, "bash", "", 0);
	take_exec(7, "nohup", "", 0);
	CHECK_EQ(known(7, PROC_TTY), 34816);
	take_exit(6, 6);
	CHECK_EQ(known(7, PROC_TTY), 0);
}

/* A caller in a namespace of its own calls processes and groups by numbers of that. */
static void groups_in_a_namespace(void)
{
	open_with(8);
	fork_by(100, 100, 102, 1, 0);
	fork_by(102, 102, 103, 2, 0);
	fork_by(102, 102, 2, 3, 0);
	take_setpgid(102, 0, 2, 2);
	CHECK_EQ(known(103, PROC_PGID), 103);
	CHECK_EQ(known(103, PROC_VPGID), 2);
	CHECK_EQ(known(2, PROC_PGID), 7);
	take_setpgid(2, 0, 0, 2);
	CHECK_EQ(known(2, PROC_VPGID), 2);
	CHECK_EQ(known(2, PROC_PGID), NO_FACT);
	/* A parent's numbers are not those of a child that is the first of its namespace. */
	open_with(4);
	fork_by(100, 100, 101, 1, 0);
	take_setpgid(100, 0, 101, 101);
	CHECK_EQ(known(101, PROC_PGID), 101);
	CHECK_EQ(known(101, PROC_VPGID), 1);
	take_setpgid(100, 0, 101, 7);
	CHECK_EQ(known(101, PROC_PGID), NO_FACT);
	CHECK_EQ(known(101, PROC_VPGID), NO_FACT);
}

static void credentials_follow_the_calls(void)
{
	open_with(4);
	begin_by(TRC_SETRESUID, 100, 100, 100);
	event_set("res", 0);
	event_set("egid_now", 9);
	event_set("cap_inheritable", 1);
	event_set("cap_permitted", 2);
	event_set("cap_effective", 3);
	event_rec.hdr.uid = 65534;
	take();
	CHECK_EQ(proc_of(100, 100)->uid, 65534);
	CHECK_EQ(known(100, PROC_GID), 9);
	CHECK_EQ(known(100, PROC_CAPINH), 1);
	CHECK_EQ(known(100, PROC_CAPPRM), 2);
	CHECK_EQ(known(100, PROC_CAPEFF), 3);
	/* A failure without them leaves them, a success does not. */
	begin_by(TRC_CAPSET, 100, 100, 100);
	event_set("res", -1);
	take();
	CHECK_EQ(known(100, PROC_CAPEFF), 3);
	begin_by(TRC_SETRESGID, 100, 100, 100);
	event_set("res", 0);
	take();
	CHECK_EQ(known(100, PROC_CAPEFF), NO_FACT);
	CHECK_EQ(known(100, PROC_GID), NO_FACT);
}

static void open_as(uint32_t pid, uint32_t tid, int fd, int64_t flags, const char *name)
{
	begin_by(TRC_OPENAT, pid, pid, tid);
	event_set("fd", fd);
	event_set("flags", flags);
	event_set_str("name", name);
	take();
}

static void open_file(uint32_t pid, uint32_t tid, int fd)
{
	open_as(pid, tid, fd, 0, "/etc/file");
}

static void take_caps(uint32_t tid, int64_t caps)
{
	begin_by(TRC_CAPSET, 100, 100, tid);
	event_set("res", 0);
	event_set("cap_effective", caps);
	take();
}

static void credentials_of_a_thread_are_not_the_processs(void)
{
	open_with(4);
	take_caps(100, 3);
	open_file(100, 109, 4);
	CHECK_EQ(known(100, PROC_CAPEFF), 3);
	take_caps(109, 3);
	CHECK_EQ(known(100, PROC_CAPEFF), 3);
	take_caps(109, 0);
	CHECK_EQ(known(100, PROC_CAPEFF), NO_FACT);
	take_caps(100, 3);
	CHECK_EQ(known(100, PROC_CAPEFF), NO_FACT);
}

static void a_namespace_of_users_gives_capabilities(void)
{
	open_with(4);
	fork_by(100, 100, 101, 101, 0);
	fork_by(100, 100, 102, 102, TRC_CLONE_USER);
	CHECK_EQ(known(101, PROC_CAPEFF), CAPS);
	CHECK_EQ(known(102, PROC_CAPEFF), NO_FACT);
}

static bool has_fd(uint32_t pid, int fd)
{
	return state_fd(state, proc_of(pid, pid), fd);
}

static struct str cwd_of(uint32_t pid)
{
	return proc_text(state, proc_of(pid, pid), PROC_CWD);
}

static void take_chdir(uint32_t pid, uint32_t tid, const char *path)
{
	begin_by(TRC_CHDIR, pid, pid, tid);
	event_set("res", 0);
	event_set_str("path", path);
	take();
}

static void what_is_written_to_proc_is_not_known(void)
{
	open_with(4);
	begin_by(TRC_EXECVE, 100, 100, 100);
	event_set("res", 0);
	event_set("loginuid", -1);
	event_set_str("comm", "sshd");
	take();
	open_as(100, 100, 5, 0, "/proc/100/loginuid");
	open_as(100, 100, 5, 0, "/proc/100/comm");
	fork_by(100, 100, 101, 101, 0);
	CHECK_EQ(known(101, PROC_LOGINUID), -1);
	CHECK_STR(name_of(101), "sshd");
	open_as(100, 100, 5, 2, "/proc/100/loginuid");
	open_as(100, 100, 5, 1, "/proc/100/task/100/comm");
	CHECK_STR(name_of(100), "sshd");
	fork_by(100, 100, 102, 102, 0);
	CHECK_EQ(known(100, PROC_LOGINUID), NO_FACT);
	CHECK_EQ(known(102, PROC_LOGINUID), NO_FACT);
	CHECK(!name_of(102).n);
}

static void a_session_without_terminal_may_get_one(void)
{
	open_with(4);
	begin_by(TRC_EXECVE, 100, 100, 100);
	event_set("res", 0);
	event_set("tty", 0);
	event_set("sid", 100);
	take();
	open_as(100, 100, 5, 2, "/dev/ptmx");
	CHECK_EQ(known(100, PROC_TTY), 0);
	open_as(100, 100, 5, 0, "/dev/tty1");
	CHECK_EQ(known(100, PROC_TTY), NO_FACT);
}

static void shared_descriptors_are_not_known(void)
{
	open_with(4);
	open_file(100, 100, 3);
	fork_by(100, 100, 101, 101, TRC_CLONE_FILES);
	CHECK(!has_fd(100, 3) && !has_fd(101, 3));
	open_file(101, 101, 4);
	CHECK(!has_fd(101, 4));
	CHECK_STR(cwd_of(101), "/tmp");
	/* A program that starts has descriptors of its own. */
	take_exec(101, "prog", NULL, 0);
	open_file(101, 101, 5);
	CHECK(has_fd(101, 5));
	tables_check();
}

static void a_shared_directory_is_not_known(void)
{
	open_with(4);
	open_file(100, 100, 3);
	fork_by(100, 100, 101, 101, TRC_CLONE_FS);
	CHECK(has_fd(100, 3) && has_fd(101, 3));
	CHECK(!cwd_of(100).p && !cwd_of(101).p);
	take_chdir(101, 101, "/home");
	CHECK(!cwd_of(101).p);
	/* It is shared still. */
	take_exec(101, "prog", NULL, 0);
	CHECK(!cwd_of(101).p);
}

static void take_unshare(uint32_t tid, uint64_t flags)
{
	begin_by(TRC_UNSHARE, 100, 100, tid);
	event_set("res", 0);
	event_set("flags", (int64_t)flags);
	take();
}

static void what_a_thread_has_is_not_the_processs(void)
{
	open_with(4);
	open_file(100, 100, 3);
	take_unshare(100, TRC_CLONE_FILES | TRC_CLONE_FS);
	CHECK(has_fd(100, 3));
	CHECK_STR(cwd_of(100), "/tmp");
	open_file(100, 109, 4);
	CHECK(!has_fd(100, 3) && !has_fd(100, 4));
	CHECK(!cwd_of(100).p);
	take_chdir(100, 109, "/home");
	CHECK(!cwd_of(100).p);
	fork_by(100, 100, 101, 101, 0);
	CHECK(!has_fd(101, 3) && !cwd_of(101).p);
	take_chdir(101, 101, "/home");
	CHECK_STR(cwd_of(101), "/home");
}

static void a_thread_may_be_made_with_its_own(void)
{
	open_with(4);
	open_file(100, 100, 3);
	fork_by(100, 100, 100, 100, TRC_CLONE_FILES | TRC_CLONE_FS);
	CHECK(has_fd(100, 3) && cwd_of(100).p);
	fork_by(100, 100, 100, 100, TRC_CLONE_FILES);
	CHECK(has_fd(100, 3) && !cwd_of(100).p);
	fork_by(100, 100, 100, 100, TRC_CLONE_FS);
	CHECK(!has_fd(100, 3));
}

static void enter_namespace(int64_t nstype)
{
	take_chdir(100, 100, "/home");
	begin_of(TRC_SETNS, 100, 100);
	event_set("res", 0);
	event_set("nstype", nstype);
	take();
}

static void a_new_root_moves_directories(void)
{
	open_with(4);
	begin_of(TRC_PIVOT_ROOT, 100, 100);
	event_set("res", 0);
	take();
	CHECK(!cwd_of(100).p);
	enter_namespace(0x40000000); /* of the network */
	CHECK(cwd_of(100).p);
	enter_namespace(0x20000); /* of mounts */
	CHECK(!cwd_of(100).p);
	enter_namespace(0); /* any */
	CHECK(!cwd_of(100).p);
}

static void environments_are_kept_and_shared(void)
{
	open_with(8);
	fork_by(100, 100, 101, 101, 0);
	take_exec(102, "prog", "A=1\0", 4);
	CHECK_EQ(env_of(100).n, 4);
	CHECK(env_of(101).p == env_of(100).p && env_of(102).p == env_of(100).p);
	CHECK_EQ(state->envs.used, 1);
	take_exec(102, "prog", "A=2\0", 4);
	CHECK_EQ(state->envs.used, 2);
	CHECK(!memcmp(env_of(102).p, "A=2", 4) && !memcmp(env_of(101).p, "A=1", 4));
	take_exec(102, "prog", NULL, 0);
	CHECK(!env_of(102).p);
	take_exit(100, 100);
	CHECK_EQ(env_of(101).n, 4);
	take_exit(101, 101);
	CHECK_EQ(state->envs.used, 0);
	CHECK_EQ(stats.env_evicted, 0);
}

static void environments_of_the_least_used_are_evicted(void)
{
	char env[] = "A=0";

	tables_open(ENVS + 4, 2, 8);
	for (uint32_t i = 0; i < ENVS; i++) {
		env[2] = (char)('0' + i);
		take_exec(100 + i, "prog", env, sizeof(env));
	}
	fork_by(101, 101, 120, 120, 0);
	fork_by(100, 100, 121, 121, 0);
	CHECK_EQ(stats.env_evicted, 0);
	/* 102 has used its own less recently than 101 and 100. */
	take_exec(110, "prog", "NEW=1\0", 6);
	CHECK_EQ(stats.env_evicted, 1);
	CHECK(!env_of(102).p);
	CHECK_EQ(env_of(110).n, 6);
	CHECK_EQ(env_of(120).p[2], '1');
	CHECK_EQ(env_of(121).p[2], '0');
	/* Whose block was taken gives back nothing. */
	take_exit(102, 102);
	CHECK_EQ(env_of(110).n, 6);
	tables_check();
}

/* Of a variable that is cut, the start is another value. */
static void environments_end_with_a_whole_string(void)
{
	tables_open(4, 2, 8);
	begin_of(TRC_EXECVE, 100, 100);
	event_set("res", 0);
	event_set_bytes("env", "A=1\0PATH=/us");
	event_rec.hdr.cut |= 1u << event_slot("env");
	take();
	CHECK_EQ(env_of(100).n, 4);
	begin_of(TRC_EXECVE, 100, 100);
	event_set("res", 0);
	event_set_bytes("env", "PATH=/us");
	event_rec.hdr.cut |= 1u << event_slot("env");
	take();
	CHECK(!env_of(100).p);
}

static void environments_may_be_empty(void)
{
	tables_open(4, 2, 8);
	begin_of(TRC_EXECVE, 100, 100);
	event_set("res", 0);
	event_set_bytes("env", "");
	take();
	CHECK(env_of(100).p && !env_of(100).n);
	fork_by(100, 100, 101, 101, 0);
	CHECK(env_of(101).p && !env_of(101).n);
}

const struct unit_test tests_procwho[] = {
	TEST(programs_have_facts),
	TEST(names_are_for_the_children),
	TEST(names_of_threads_are_not_the_processs),
	TEST(children_may_have_another_parent),
	TEST(a_new_namespace_has_numbers_of_its_own),
	TEST(namespaces_are_nested),
	TEST(sessions_and_groups),
	TEST(a_session_loses_its_terminal_with_its_leader),
	TEST(groups_in_a_namespace),
	TEST(credentials_follow_the_calls),
	TEST(credentials_of_a_thread_are_not_the_processs),
	TEST(a_namespace_of_users_gives_capabilities),
	TEST(what_is_written_to_proc_is_not_known),
	TEST(a_session_without_terminal_may_get_one),
	TEST(shared_descriptors_are_not_known),
	TEST(a_shared_directory_is_not_known),
	TEST(what_a_thread_has_is_not_the_processs),
	TEST(a_thread_may_be_made_with_its_own),
	TEST(a_new_root_moves_directories),
	TEST(environments_are_kept_and_shared),
	TEST(environments_of_the_least_used_are_evicted),
	TEST(environments_end_with_a_whole_string),
	TEST(environments_may_be_empty),
	{0},
};
