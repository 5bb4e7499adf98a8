/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of processes: what each record changes, and what it still knows when it is full. */
#include "tables.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A program's start as its record tells it; strings that are NULL are absent. */
static void begin_exec(uint32_t pid, uint64_t start, const char *exepath, const char *cwd)
{
	begin_of(TRC_EXECVE, pid, start);
	event_set("res", 0);
	record_str(&event_rec, event_slot("exepath"), exepath);
	record_str(&event_rec, event_slot("cwd"), cwd);
}

static void take_exec(uint32_t pid, uint64_t start, const char *exepath, const char *cwd)
{
	begin_exec(pid, start, exepath, cwd);
	event_set_bytes("argv", "prog\0-x\0");
	event_set_str("comm", "prog");
	take();
}

/* A program whose arguments are 4 KiB, all of them fill. */
static void take_long(uint32_t pid, uint64_t start, char fill)
{
	char argv[TRC_STR_MAX];

	memset(argv, fill, sizeof(argv));
	begin_exec(pid, start, "/bin/long", "/home");
	record_bytes(&event_rec, event_slot("argv"), argv, sizeof(argv));
	take();
}

static void take_chdir(uint32_t pid, uint64_t start, int64_t res, const char *path)
{
	begin_of(TRC_CHDIR, pid, start);
	event_set("res", res);
	record_str(&event_rec, event_slot("path"), path);
	take();
}

static struct str text_of(uint32_t pid, uint64_t start, enum proc_text which)
{
	const struct proc *p = proc_of(pid, start);

	CHECK(p);
	return proc_text(state, p, which);
}

#define EXEPATH(pid) text_of(pid, 7, PROC_EXEPATH)
#define CWD(pid) text_of(pid, 7, PROC_CWD)
#define ARGV(pid) text_of(pid, 7, PROC_ARGV)

/* All n bytes of the arguments are fill. */
static void check_long(uint32_t pid, uint64_t start, uint32_t n, char fill)
{
	struct str argv = text_of(pid, start, PROC_ARGV);

	CHECK_EQ(argv.n, n);
	for (uint32_t i = 0; i < n; i++)
		CHECK_EQ(argv.p[i], fill);
}

static void no_room_is_an_error(void)
{
	const struct state_config cfg = {64, 4, 64, 16, 16, 8, 8, 8, 4};
	struct arena a, part;

	CHECK_EQ(arena_map(&a, 4 << 20), 0);
	for (size_t size = 0; size < state_size(&cfg) - 8192; size += 997) {
		arena_reset(&a);
		CHECK_EQ(arena_split(&a, &part, size), 0);
		CHECK(!state_open(&part, &cfg, &stats));
	}
}

static void exec_tells_of_a_program(void)
{
	const struct proc *p;

	tables_open(4, 2, 4);
	begin_exec(100, 7, "/bin/sh", "/tmp");
	event_rec.hdr.uid = 1000;
	event_set_bytes("argv", "sh\0-c\0ls\0");
	event_set_str("comm", "sh");
	event_set_str("cgroup", "/system.slice/docker-" ID ".scope");
	event_set("ppid", 1);
	event_set("gid", 5);
	event_set("loginuid", 1001);
	event_set("tty", 34816);
	event_set("dev", 8 << 20 | 1);
	event_set("ino", 4711);
	take();
	p = proc_of(100, 7);
	CHECK(p);
	CHECK_EQ(p->uid, 1000);
	CHECK_EQ(fact(p, PROC_GID), 5);
	CHECK_EQ(p->ppid, 1);
	CHECK_EQ(fact(p, PROC_LOGINUID), 1001);
	CHECK_EQ(fact(p, PROC_TTY), 34816);
	CHECK_EQ(fact(p, PROC_EXEDEV), 8 << 20 | 1);
	CHECK_EQ(fact(p, PROC_EXEINO), 4711);
	CHECK_STR(((struct str){p->comm, p->comm_len}), "sh");
	CHECK_STR((const char *)p->container, "0123456789ab");
	CHECK_STR(EXEPATH(100), "/bin/sh");
	CHECK_STR(CWD(100), "/tmp");
	CHECK_EQ(ARGV(100).n, 9);
	tables_check();
}

static void failed_exec_changes_nothing(void)
{
	tables_open(4, 2, 4);
	take_exec(100, 7, "/bin/sh", "/tmp");
	begin_exec(100, 7, "/bin/evil", "/");
	event_set("res", -2);
	take();
	CHECK_STR(EXEPATH(100), "/bin/sh");
	CHECK_STR(CWD(100), "/tmp");
}

/* What the record lacks is not known any more, unless an exec leaves it as it was. */
static void exec_without_arguments_forgets(void)
{
	const struct proc *p;

	tables_open(4, 2, 4);
	begin_exec(100, 7, "/bin/sh", "/tmp");
	event_set_str("comm", "sh");
	event_set_str("cgroup", "/docker/" ID);
	event_set("ppid", 1);
	event_set("gid", 5);
	event_set("loginuid", 1000);
	event_set("ino", 4711);
	take();
	begin_of(TRC_EXECVE, 100, 7);
	event_set("res", 0);
	take();
	p = proc_of(100, 7);
	CHECK(p);
	CHECK_EQ(p->ppid, 1);
	CHECK_EQ(fact(p, PROC_GID), 5);
	CHECK_EQ(fact(p, PROC_LOGINUID), NO_FACT);
	CHECK_EQ(fact(p, PROC_EXEINO), NO_FACT);
	CHECK_EQ(p->comm_len, 0);
	CHECK_STR((const char *)p->container, "0123456789ab");
	CHECK(!EXEPATH(100).p);
	CHECK(!CWD(100).p);
	CHECK(!ARGV(100).p);
}

static void exec_without_a_result_is_none(void)
{
	tables_open(4, 2, 4);
	take_exec(100, 7, "/bin/sh", "/tmp");
	begin_of(TRC_EXECVE, 100, 7);
	event_set_str("exepath", "/bin/evil");
	take();
	CHECK_STR(EXEPATH(100), "/bin/sh");
}

static void long_names_do_not_spill(void)
{
	const struct proc *p;

	tables_open(4, 2, 4);
	begin_exec(100, 7, "/bin/sh", "/tmp");
	event_set_str("comm", "a name of more than sixteen bytes");
	event_set_str("cgroup", "/" ID "/" ID "/" ID);
	take();
	p = proc_of(100, 7);
	CHECK_STR(((struct str){p->comm, p->comm_len}), "a name of more ");
	CHECK_STR((const char *)p->container, "0123456789ab");
	tables_check();
}

static void unknown_process_gets_an_entry(void)
{
	const struct proc *p;

	tables_open(4, 2, 4);
	begin_of(TRC_SETUID, 100, 7);
	event_rec.hdr.uid = 33;
	take();
	p = proc_of(100, 7);
	CHECK(p);
	CHECK_EQ(p->uid, 33);
	CHECK_EQ(fact(p, PROC_LOGINUID), NO_FACT);
	CHECK_EQ(p->container[0], 0);
	CHECK(!EXEPATH(100).p);
	CHECK_EQ(stats.proc_unknown, 1);
	take();
	CHECK_EQ(stats.proc_unknown, 1);
}

static void a_pid_given_again_is_another_process(void)
{
	tables_open(4, 2, 4);
	take_exec(100, 7, "/bin/old", "/tmp");
	CHECK(!proc_of(100, 8));
	CHECK(!proc_of(100, 0));
	begin_of(TRC_SETUID, 100, 8);
	take();
	CHECK_EQ(stats.proc_unknown, 2);
	CHECK(!proc_of(100, 7));
	CHECK(!text_of(100, 8, PROC_EXEPATH).p);
	CHECK_EQ(proc_of(100, 8)->comm_len, 0);
	tables_check();
}

/* A start that could not be had is nobody's: the child is another one once it says its own. */
static void a_start_that_is_not_known_fits_nobody(void)
{
	tables_open(8, 2, 4);
	take_exec(100, 7, "/bin/sh", "/tmp");
	begin_of(TRC_PROCFORK, 100, 7);
	event_set("child", 101);
	take();
	CHECK(!proc_of(101, 9));
	begin_of(TRC_SETUID, 101, 9);
	take();
	CHECK(!text_of(101, 9, PROC_EXEPATH).p);
	tables_check();
}

static void fork_copies_the_parent(void)
{
	const struct proc *c;

	tables_open(4, 2, 4);
	take_exec(100, 7, "/bin/sh", "/tmp");
	begin_of(TRC_PROCFORK, 100, 7);
	event_rec.hdr.uid = 44;
	event_set("child", 101);
	event_set("childstart", 9);
	take();
	c = proc_of(101, 9);
	CHECK(c);
	CHECK_EQ(c->ppid, 100);
	CHECK_EQ(c->uid, 44);
	CHECK_EQ(c->born, 5000000000);
	CHECK_STR(text_of(101, 9, PROC_EXEPATH), "/bin/sh");
	CHECK_STR(text_of(101, 9, PROC_CWD), "/tmp");
	CHECK(state_ancestor(state, c, 1) == proc_of(100, 7));
	/* What the child does is not the parent's. */
	take_chdir(101, 9, 0, "/child");
	CHECK_STR(CWD(100), "/tmp");
	CHECK_STR(text_of(101, 9, PROC_CWD), "/child");
	tables_check();
}

static void fork_of_nobody_makes_nobody(void)
{
	tables_open(4, 2, 4);
	take_exec(100, 7, "/bin/sh", "/tmp");
	begin_of(TRC_PROCFORK, 100, 7);
	take();
	CHECK(!state_pid(state, 0));
	begin_of(TRC_PROCFORK, 100, 7);
	event_set("child", -1);
	take();
	CHECK(!state_pid(state, ~0u));
	take_fork(100, 7, 100, 9);
	CHECK_STR(EXEPATH(100), "/bin/sh");
	tables_check();
}

static void fork_of_an_unknown_parent(void)
{
	const struct proc *c;

	tables_open(4, 2, 4);
	take_fork(100, 7, 101, 9);
	c = proc_of(101, 9);
	CHECK(c);
	CHECK_EQ(c->ppid, 100);
	CHECK(!text_of(101, 9, PROC_EXEPATH).p);
}

static void fork_takes_a_pid_that_is_in_use(void)
{
	tables_open(4, 2, 4);
	take_exec(100, 7, "/bin/sh", "/tmp");
	take_exec(101, 7, "/bin/old", "/old");
	take_fork(100, 7, 101, 9);
	CHECK(!proc_of(101, 7));
	CHECK_STR(text_of(101, 9, PROC_EXEPATH), "/bin/sh");
	tables_check();
}

/* The least tables: the parent makes room for the child, or stays alone. */
static void fork_in_a_full_table(void)
{
	tables_open(2, 1, 2);
	take_exec(100, 7, "/bin/sh", "/tmp");
	take_fork(100, 7, 101, 9);
	take_fork(100, 7, 102, 10);
	CHECK_EQ(stats.proc_evicted, 1);
	CHECK(!state_pid(state, 101));
	CHECK_STR(EXEPATH(100), "/bin/sh");
	CHECK_STR(text_of(102, 10, PROC_EXEPATH), "/bin/sh");
	tables_check();

	tables_open(1, 1, 1);
	take_exec(100, 7, "/bin/sh", "/tmp");
	take_fork(100, 7, 101, 9);
	CHECK(!state_pid(state, 100));
	CHECK(!text_of(101, 9, PROC_EXEPATH).p);
	CHECK_EQ(state_pid(state, 101)->ppid, 100);
	tables_check();
}

static void the_least_used_process_is_evicted(void)
{
	tables_open(3, 1, 1);
	for (uint32_t pid = 1; pid <= 3; pid++)
		take_exec(pid, 7, "/bin/sh", "/");
	take_chdir(1, 7, -2, NULL);
	take_exec(4, 7, "/bin/sh", "/");
	CHECK(!state_pid(state, 2));
	take_exec(5, 7, "/bin/sh", "/");
	CHECK(!state_pid(state, 3));
	CHECK(state_pid(state, 1) && state_pid(state, 4));
	CHECK_EQ(stats.proc_evicted, 2);
	tables_check();
}

static void exit_forgets_after_rules_looked(void)
{
	const struct event *ev;

	tables_open(4, 1, 4);
	take_exec(100, 7, "/bin/sh", "/tmp");
	begin_of(TRC_PROCEXIT, 100, 7);
	ev = event_done();
	state_before(state, ev);
	CHECK_STR(proc_text(state, state_proc(state, ev), PROC_EXEPATH), "/bin/sh");
	state_after(state, ev);
	CHECK(!state_pid(state, 100));
	tables_check();
}

/* An exit that comes late, or of nobody, takes nobody else away. */
static void exit_of_an_unknown_process_takes_no_room(void)
{
	tables_open(2, 1, 4);
	take_exec(100, 7, "/bin/sh", "/tmp");
	take_exec(101, 7, "/bin/sh", "/tmp");
	take_exit(102, 7);
	CHECK_EQ(stats.proc_evicted, 0);
	take_exit(100, 6);
	CHECK_STR(EXEPATH(100), "/bin/sh");
	CHECK_STR(EXEPATH(101), "/bin/sh");
	CHECK_EQ(stats.proc_unknown, 4);
	tables_check();
}

static void ancestors_are_older(void)
{
	const struct proc *p;

	tables_open(8, 1, 4);
	take_exec(1, 1, "/sbin/init", "/");
	take_fork(1, 1, 50, 5);
	take_fork(50, 5, 100, 7);
	p = proc_of(100, 7);
	CHECK(state_ancestor(state, p, 0) == p);
	CHECK_EQ(state_ancestor(state, p, 1)->pid, 50);
	CHECK_EQ(state_ancestor(state, p, 2)->pid, 1);
	CHECK(!state_ancestor(state, p, 3));
	CHECK(!state_ancestor(state, p, 1000000));
	CHECK(!state_ancestor(state, NULL, 1));
	/* The parent ends, and a younger process gets its number. */
	take_exit(50, 5);
	CHECK(!state_ancestor(state, p, 1));
	take_fork(1, 1, 50, 9);
	CHECK(!state_ancestor(state, proc_of(100, 7), 1));
	/* So does one whose start could not be had. */
	begin_of(TRC_PROCFORK, 1, 1);
	event_set("child", 50);
	take();
	CHECK(!state_ancestor(state, proc_of(100, 7), 1));
}

static void ancestors_may_go_in_circles(void)
{
	tables_open(4, 1, 4);
	for (uint32_t pid = 10; pid < 12; pid++) {
		begin_of(TRC_PROCINFO, pid, 7);
		event_set("ppid", 21 - pid);
		take();
	}
	CHECK_EQ(state_ancestor(state, proc_of(10, 7), 999)->pid, 11);
	begin_of(TRC_PROCINFO, 12, 7);
	event_set("ppid", 12);
	take();
	CHECK(!state_ancestor(state, proc_of(12, 7), 1));
}

static void chdir_moves_the_directory_alone(void)
{
	tables_open(4, 1, 4);
	take_exec(100, 7, "/bin/sh", "/tmp");
	take_chdir(100, 7, 0, "/a/longer/directory");
	CHECK_STR(CWD(100), "/a/longer/directory");
	CHECK_STR(EXEPATH(100), "/bin/sh");
	CHECK_EQ(ARGV(100).n, 8);
	take_chdir(100, 7, -2, "/nowhere");
	CHECK_STR(CWD(100), "/a/longer/directory");
	begin_of(TRC_FCHDIR, 100, 7);
	event_set("res", 0);
	event_set_str("path", "/f");
	take();
	CHECK_STR(CWD(100), "/f");
	CHECK_STR(EXEPATH(100), "/bin/sh");
	CHECK_EQ(ARGV(100).n, 8);
	tables_check();
}

static void a_directory_that_is_not_told_is_not_known(void)
{
	tables_open(4, 1, 4);
	take_exec(100, 7, "/bin/sh", "/tmp");
	take_chdir(100, 7, 0, NULL);
	CHECK(!CWD(100).p);
	CHECK_STR(EXEPATH(100), "/bin/sh");
	CHECK_EQ(ARGV(100).n, 8);
}

/* The strings lie in the block that is given up while they are copied. */
static void chdir_of_a_process_with_a_block(void)
{
	char path[TRC_STR_MAX];

	tables_open(4, 1, 4);
	take_long(100, 7, 'a');
	take_chdir(100, 7, 0, "/x");
	CHECK_STR(CWD(100), "/x");
	CHECK_STR(EXEPATH(100), "/bin/long");
	check_long(100, 7, TRC_STR_MAX, 'a');
	memset(path, 'd', sizeof(path));
	path[0] = '/';
	begin_of(TRC_CHDIR, 100, 7);
	event_set("res", 0);
	record_bytes(&event_rec, 1, path, sizeof(path));
	take();
	CHECK_EQ(CWD(100).n, sizeof(path));
	check_long(100, 7, TRC_STR_MAX, 'a');
	CHECK_EQ(stats.far_evicted, 0);
	tables_check();
}

/* Three strings of the greatest length fill a block to its last byte. */
static void a_block_holds_all_strings(void)
{
	char text[TRC_STR_MAX];

	tables_open(4, 1, 4);
	begin_of(TRC_EXECVE, 100, 7);
	event_set("res", 0);
	for (char c = 'a'; c < 'd'; c++) {
		static const char *const args[] = {"exepath", "cwd", "argv"};

		memset(text, c, sizeof(text));
		record_bytes(&event_rec, event_slot(args[c - 'a']), text, sizeof(text));
	}
	take();
	CHECK_EQ(EXEPATH(100).n, sizeof(text));
	CHECK_EQ(CWD(100).n, sizeof(text));
	CHECK_EQ(CWD(100).p[0], 'b');
	check_long(100, 7, TRC_STR_MAX, 'c');
	take_fork(100, 7, 101, 9);
	tables_check();
}

static void blocks_are_taken_from_the_least_used(void)
{
	enum { PROCS = 64, FARS = 4 };

	tables_open(PROCS, FARS, 4);
	for (uint32_t pid = 1; pid <= PROCS; pid++)
		take_long(pid, 7, (char)('0' + pid));
	CHECK_EQ(stats.far_evicted, PROCS - FARS);
	for (uint32_t pid = 1; pid <= PROCS; pid++) {
		CHECK_STR(EXEPATH(pid), "/bin/long");
		CHECK_STR(CWD(pid), "/home");
		check_long(pid, 7, pid <= PROCS - FARS ? PROC_NEAR - 14 : TRC_STR_MAX,
			   (char)('0' + pid));
	}
	/* Who was used last keeps it. */
	take_chdir(PROCS - FARS + 1, 7, -2, NULL);
	take_long(1, 7, 'x');
	check_long(PROCS - FARS + 1, 7, TRC_STR_MAX, (char)('0' + PROCS - FARS + 1));
	check_long(PROCS - FARS + 2, 7, PROC_NEAR - 14, (char)('0' + PROCS - FARS + 2));
	tables_check();
}

/* A path that does not fit any more is not known: its start is the path of something else. */
static void paths_are_not_cut(void)
{
	char path[PROC_NEAR + 2] = "/";

	tables_open(4, 1, 4);
	memset(path + 1, 'p', sizeof(path) - 2);
	take_exec(100, 7, path, "/home");
	take_exec(101, 7, "/bin/sh", path);
	CHECK_EQ(stats.far_evicted, 1);
	CHECK(!EXEPATH(100).p);
	CHECK_STR(CWD(100), "/home");
	CHECK_EQ(ARGV(100).n, 8);
	take_long(102, 7, 'a');
	CHECK(!CWD(101).p);
	CHECK_STR(EXEPATH(101), "/bin/sh");
	CHECK_EQ(ARGV(101).n, 8);
	tables_check();
}

/* Strings that there are none of are moved, too. */
static void a_block_with_one_string_is_taken(void)
{
	char argv[TRC_STR_MAX] = "";

	tables_open(4, 1, 4);
	begin_of(TRC_EXECVE, 100, 7);
	event_set("res", 0);
	record_bytes(&event_rec, event_slot("argv"), argv, sizeof(argv));
	take();
	take_long(101, 7, 'b');
	CHECK(!EXEPATH(100).p);
	CHECK(!CWD(100).p);
	check_long(100, 7, PROC_NEAR, 0);
	tables_check();
}

static void fork_of_a_process_with_a_block(void)
{
	tables_open(8, 2, 4);
	take_long(100, 7, 'a');
	take_long(101, 7, 'b');
	take_fork(100, 7, 102, 9);
	check_long(100, 7, TRC_STR_MAX, 'a');
	check_long(101, 7, PROC_NEAR - 14, 'b');
	check_long(102, 9, TRC_STR_MAX, 'a');
	take_exit(100, 7);
	check_long(102, 9, TRC_STR_MAX, 'a');
	tables_check();

	/* There is one block, and the parent has it. */
	tables_open(8, 1, 4);
	take_long(100, 7, 'a');
	take_fork(100, 7, 101, 9);
	check_long(100, 7, TRC_STR_MAX, 'a');
	CHECK(!text_of(101, 9, PROC_ARGV).p);
	tables_check();
}

static void exit_gives_the_block_back(void)
{
	tables_open(8, 1, 4);
	for (uint32_t pid = 1; pid < 8; pid++) {
		take_long(pid, 7, 'a');
		take_exit(pid, 7);
	}
	CHECK_EQ(stats.far_evicted, 0);
	take_long(1, 7, 'a');
	take_exec(1, 7, "/bin/sh", "/");
	CHECK_EQ(state->fars.used, 0);
	tables_check();
}

static void setgid_is_taken(void)
{
	tables_open(4, 1, 4);
	take_exec(100, 7, "/bin/sh", "/");
	begin_by(TRC_SETGID, 100, 7, 100);
	event_set("res", 0);
	event_set("gid", 5);
	take();
	CHECK_EQ(fact(proc_of(100, 7), PROC_GID), 5);
	begin_by(TRC_SETGID, 100, 7, 100);
	event_set("res", -1);
	event_set("gid", 0);
	take();
	CHECK_EQ(fact(proc_of(100, 7), PROC_GID), 5);
	begin_by(TRC_SETGID, 100, 7, 100);
	event_set("res", 0);
	take();
	CHECK_EQ(fact(proc_of(100, 7), PROC_GID), 5);
}

static void procinfo_replaces_all(void)
{
	tables_open(4, 1, 4);
	take_exec(100, 7, "/bin/sh", "/tmp");
	begin_of(TRC_PROCINFO, 100, 9);
	event_rec.hdr.uid = 5;
	event_set_str("exepath", "/bin/cat");
	take();
	CHECK(!proc_of(100, 7));
	CHECK_STR(text_of(100, 9, PROC_EXEPATH), "/bin/cat");
	CHECK(!text_of(100, 9, PROC_CWD).p);
	CHECK_EQ(proc_of(100, 9)->uid, 5);
	CHECK_EQ(proc_of(100, 9)->container[0], 0);
	CHECK_EQ(stats.proc_unknown, 1);
}

static void machine_is_told(void)
{
	char name[HOST_NAME_BYTES + 9];

	tables_open(4, 1, 4);
	CHECK_EQ(state_epoch(state), 0);
	CHECK_STR(state_hostname(state), "");
	begin_of(TRC_MACHINE, 0, 0);
	event_set("epoch", 1700000000000000000);
	event_set_str("hostname", "pi");
	take();
	CHECK_EQ(state_epoch(state), 1700000000000000000);
	CHECK_STR(state_hostname(state), "pi");
	memset(name, 'h', sizeof(name));
	begin_of(TRC_MACHINE, 0, 0);
	record_bytes(&event_rec, event_slot("hostname"), name, sizeof(name));
	take();
	CHECK_EQ(state_hostname(state).n, HOST_NAME_BYTES);
	tables_check();
}

static void take_gap(trc_u8 flags)
{
	begin_of(TRC_CLOSE, 101, 8);
	event_rec.hdr.flags = flags;
	state_gap(state, event_done());
}

/* What was lost may have changed anything of its class. */
static void gaps_forget(void)
{
	tables_open(4, 2, 4);
	take_exec(100, 7, "/bin/sh", "/tmp");
	begin_of(TRC_OPENAT, 100, 7);
	event_set("fd", 3);
	event_set_str("name", "/etc/passwd");
	take();
	take_gap(0);
	CHECK(state_fd(state, proc_of(100, 7), 3));
	take_gap(TRC_GAP_BULK);
	CHECK(!state_fd(state, proc_of(100, 7), 3));
	CHECK_STR(EXEPATH(100), "/bin/sh");
	CHECK_EQ(stats.fd_doubted, 1);
	take_gap(TRC_GAP_CRITICAL);
	CHECK(!proc_of(100, 7));
	CHECK_EQ(stats.proc_doubted, 1);
	CHECK_EQ(state->procs.used, 0);
	tables_check();
}

static void wants_what_the_tables_live_on(void)
{
	uint8_t wanted[TRC_NTYPES] = {0};

	state_wants(wanted);
	CHECK(wanted[TRC_EXECVE] && wanted[TRC_PROCFORK] && wanted[TRC_PROCEXIT]);
	CHECK(wanted[TRC_CLOSE] && wanted[TRC_DUP3] && wanted[TRC_SOCKET] && wanted[TRC_LISTEN]);
	CHECK(wanted[TRC_OPENAT] && wanted[TRC_CREAT] && wanted[TRC_CHDIR]);
	CHECK(!wanted[TRC_PTRACE] && !wanted[TRC_REBOOT] && !wanted[TRC_NONE]);
}

const struct unit_test tests_state[] = {
	TEST(no_room_is_an_error),
	TEST(exec_tells_of_a_program),
	TEST(failed_exec_changes_nothing),
	TEST(exec_without_arguments_forgets),
	TEST(exec_without_a_result_is_none),
	TEST(long_names_do_not_spill),
	TEST(unknown_process_gets_an_entry),
	TEST(a_pid_given_again_is_another_process),
	TEST(a_start_that_is_not_known_fits_nobody),
	TEST(fork_copies_the_parent),
	TEST(fork_of_nobody_makes_nobody),
	TEST(fork_of_an_unknown_parent),
	TEST(fork_takes_a_pid_that_is_in_use),
	TEST(fork_in_a_full_table),
	TEST(the_least_used_process_is_evicted),
	TEST(exit_forgets_after_rules_looked),
	TEST(exit_of_an_unknown_process_takes_no_room),
	TEST(ancestors_are_older),
	TEST(ancestors_may_go_in_circles),
	TEST(chdir_moves_the_directory_alone),
	TEST(a_directory_that_is_not_told_is_not_known),
	TEST(chdir_of_a_process_with_a_block),
	TEST(a_block_holds_all_strings),
	TEST(blocks_are_taken_from_the_least_used),
	TEST(paths_are_not_cut),
	TEST(a_block_with_one_string_is_taken),
	TEST(fork_of_a_process_with_a_block),
	TEST(exit_gives_the_block_back),
	TEST(setgid_is_taken),
	TEST(procinfo_replaces_all),
	TEST(machine_is_told),
	TEST(gaps_forget),
	TEST(wants_what_the_tables_live_on),
	{0},
};
