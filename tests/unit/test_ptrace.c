/* SPDX-License-Identifier: BSD-2-Clause */
/* The ptrace driver on real programs: what it sees of them, and that they notice nothing. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../driver/driver.h"
#include "../../driver/procfs.h"
#include "../../driver/ptrace_task.h"
#include "../refuse.h"
#include "records.h"

#define OTHER 59914 /* a user that is not root */

static int seen[TRC_NTYPES];
static pid_t watched;
static int of_others; /* calls of close by processes that are not the one watched */
static char why[256];

static void take(const struct trc_hdr *h, void *arg)
{
	(void)arg;
	seen[h->type]++;
	of_others += h->type == TRC_CLOSE && (pid_t)h->pid != watched;
	if (h->type == TRC_EXECVE && rec_num(h, "res") == 0)
		CHECK(rec_str(h, "filename").n > 0);
}

/* Drains until there is nothing more, or the records of a type are as many. */
static void drain(enum trc_type until, int many)
{
	int n;

	while ((n = driver_ptrace.drain(take, NULL, 8)) != -ENODATA &&
	       (!many || seen[until] < many)) {
		struct pollfd ready = {.fd = driver_ptrace.fd(), .events = POLLIN};

		CHECK(n >= 0 && n <= 8);
		/* Nothing may be left that nobody is told of. */
		CHECK(n == 8 || poll(&ready, 1, 5000) == 1);
	}
}

static void run(const char *script)
{
	char *const command[] = {"sh", "-c", (char *)script, NULL};
	struct driver_config cfg = {.command = command};

	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
	drain(TRC_NONE, 0);
	driver_ptrace.close();
}

static void ptrace_sees_a_program_from_start_to_end(void)
{
	run("cd /; : </dev/null; exit 7");
	CHECK_EQ(seen[TRC_EXECVE], 1);
	CHECK_EQ(seen[TRC_CHDIR], 1);
	CHECK_EQ(seen[TRC_PROCEXIT], 1);
	CHECK(seen[TRC_OPENAT] + seen[TRC_OPEN] > 0);
	CHECK_EQ(driver_ptrace.status(), 7);
}

static void ptrace_follows_children(void)
{
	run("(exit 1); (cd /; exit 2) | (cd /); kill -9 $$");
	CHECK_EQ(seen[TRC_PROCFORK], 3);
	CHECK_EQ(seen[TRC_CHDIR], 2);
	CHECK_EQ(seen[TRC_PROCEXIT], 4);
	CHECK_EQ(driver_ptrace.status(), 128 + SIGKILL);
}

static void ptrace_passes_signals_on(void)
{
	run("trap 'exit 3' TERM; kill -TERM $$; exit 4");
	CHECK_EQ(driver_ptrace.status(), 3);
}

static void ptrace_lets_programs_be_stopped(void)
{
	run("sh -c 'kill -STOP $$; exit 5' & sleep 0.2; read -r pid name state rest </proc/$!/stat;"
	    "case $state in [Tt]) kill -CONT $!; wait $!; exit $?;; esac; exit 1");
	CHECK_EQ(driver_ptrace.status(), 5);
}

static void ptrace_reports_a_program_that_is_not_there(void)
{
	char *const command[] = {"/nonexistent/program", NULL};
	struct driver_config cfg = {.command = command};

	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
	drain(TRC_NONE, 0);
	CHECK_EQ(driver_ptrace.status(), 127);
}

/* Starts a script under the driver. Records are drained by the caller. */
static void start(const char *script, const char *file)
{
	char *const command[] = {"sh", "-c", (char *)script, (char *)file, NULL};
	struct driver_config cfg = {.command = command};

	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
}

/* Wants those types alone. */
static void want(enum trc_type one, enum trc_type other)
{
	uint8_t wanted[TRC_NTYPES] = {0};

	wanted[one] = wanted[other] = 1;
	driver_ptrace.want(wanted);
}

static char result[] = "/tmp/test_ptrace.XXXXXX";

static void make_result(void)
{
	int fd = mkstemp(result);

	CHECK(fd >= 0);
	close(fd);
}

/* What the script has written when it was through, and none of its calls had failed: "good". */
#define LOOP                                                                                       \
	"i=0; cd / || exit; while [ $i -lt 600 ]; do cd /etc && : <passwd && i=$((i+1)) || exit;"  \
	" done; echo good >$0"

static void check_result(void)
{
	char said[8] = "";
	int fd;

	for (int ms = 0; !said[0] && ms < 8000; ms += 10) {
		usleep(10000);
		fd = open(result, O_RDONLY);
		CHECK(read(fd, said, sizeof(said) - 1) >= 0);
		close(fd);
	}
	unlink(result);
	CHECK_STR(said, "good\n");
}

static void ptrace_leaves_alive_what_it_started(void)
{
	make_result();
	start(LOOP, result);
	drain(TRC_CHDIR, 10);
	driver_ptrace.close();
	check_result();
}

/* Of a sensor that is killed, nobody tells the tracer but the kernel. */
static void ptrace_outlives_the_sensor(void)
{
	int ready[2];
	char byte;
	pid_t sensor;

	make_result();
	CHECK_EQ(pipe(ready), 0);
	sensor = fork();
	if (!sensor) {
		start(LOOP, result);
		drain(TRC_CHDIR, 10);
		CHECK_EQ(write(ready[1], "", 1), 1);
		drain(TRC_NONE, 0);
		_exit(0);
	}
	CHECK_EQ(read(ready[0], &byte, 1), 1);
	kill(sensor, SIGKILL);
	CHECK_EQ(waitpid(sensor, NULL, 0), sensor);
	check_result();
}

/* While a sensor stands still, the program waits when the ring is full, and nothing is lost. */
static void ptrace_waits_for_the_sensor(void)
{
	make_result();
	start(LOOP, result);
	drain(TRC_CHDIR, 10);
	usleep(300000);
	drain(TRC_NONE, 0);
	CHECK_EQ(seen[TRC_CHDIR], 601);
	check_result();
}

static int parent_of(pid_t pid)
{
	struct procfs_status who;

	CHECK_EQ(procfs_status(pid, &who), 0);
	return who.ppid;
}

static void ptrace_says_that_its_tracer_was_killed(void)
{
	char link[256];
	pid_t program;
	int n = 0;

	start("while :; do cd /; done", NULL);
	drain(TRC_CHDIR, 10);
	CHECK(sscanf(why, "process %d ", &program) == 1);
	kill(parent_of(program), SIGKILL);
	while (n >= 0)
		n = driver_ptrace.drain(take, NULL, 8);
	CHECK_EQ(n, -EOWNERDEAD);
	driver_ptrace.close();
	/* Its calls would fail: it was killed, too. Somebody may have to wait for it yet. */
	usleep(100000);
	CHECK(procfs_link(program, "exe", link, sizeof(link)) < 0);
}

static void ptrace_stops_for_what_is_wanted_alone(void)
{
	struct driver_stats stats;

	start("cd /; cd /etc; : <passwd; (exit 0); exit 6", NULL);
	want(TRC_EXECVE, TRC_CHDIR);
	drain(TRC_NONE, 0);
	driver_ptrace.stats(&stats);
	CHECK_EQ(seen[TRC_CHDIR], 2);
	CHECK_EQ(seen[TRC_EXECVE], 1);
	CHECK_EQ(driver_ptrace.status(), 6);
	/* It did not stop for these, or they would be counted. */
	CHECK_EQ(stats.type[TRC_OPENAT].filtered + stats.type[TRC_OPEN].filtered, 0);
	CHECK_EQ(stats.type[TRC_CLOSE].filtered, 0);
	CHECK_EQ(stats.type[TRC_PROCFORK].filtered, 1);
}

static void ptrace_can_be_asked_for_more(void)
{
	start("while :; do cd /; : </dev/null; done", NULL);
	want(TRC_EXECVE, TRC_EXECVE);
	drain(TRC_EXECVE, 1);
	want(TRC_CHDIR, TRC_CLOSE);
	drain(TRC_CHDIR, 10);
	drain(TRC_CLOSE, 10);
	driver_ptrace.signal(SIGTERM);
	drain(TRC_NONE, 0);
	CHECK_EQ(driver_ptrace.status(), 128 + SIGTERM);
}

/* No filters: each call stops the program, and that is said. */
static void ptrace_does_without_filters(void)
{
	struct driver_stats stats;

	CHECK_EQ(refuse_call(SYS_seccomp), 0);
	start("cd /; : </dev/null; exit 6", NULL);
	CHECK(strstr(why, "every call, as seccomp(2) is refused: Operation not permitted"));
	want(TRC_EXECVE, TRC_CHDIR);
	drain(TRC_NONE, 0);
	driver_ptrace.stats(&stats);
	CHECK_EQ(seen[TRC_CHDIR], 1);
	CHECK_EQ(driver_ptrace.status(), 6);
	CHECK(stats.type[TRC_CLOSE].filtered > 0);
}

/* Without the sensor, what stopped at every call is let go. */
static void ptrace_leaves_alive_what_has_no_filter(void)
{
	make_result();
	CHECK_EQ(refuse_call(SYS_seccomp), 0);
	start(LOOP, result);
	drain(TRC_CHDIR, 10);
	driver_ptrace.close();
	check_result();
}

static void *nap(void *arg)
{
	for (;;)
		pause();
	return arg;
}

/* A process with a thread and a child, both of which go on closing what is not open. */
static pid_t start_busy(void)
{
	pid_t pid = fork();
	pthread_t thread;

	if (pid)
		return pid;
	pthread_create(&thread, NULL, nap, NULL);
	fork();
	for (;;) {
		close(-1);
		usleep(1000);
	}
}

/* Drains until both of two have been seen: on a busy machine one may be late. */
static void drain_both(void)
{
	do
		drain(TRC_CLOSE, seen[TRC_CLOSE] + 50);
	while (!of_others || of_others == seen[TRC_CLOSE]);
}

static int tracer_of(pid_t pid)
{
	char text[4096], *line;

	CHECK(procfs_read(pid, "status", text, sizeof(text)) > 0);
	CHECK((line = strstr(text, "\nTracerPid:")));
	return atoi(line + 11);
}

static void ptrace_attaches_and_leaves(void)
{
	struct driver_config cfg = {.pid = start_busy()};
	struct driver_stats stats;

	usleep(100000);
	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
	watched = cfg.pid;
	drain_both();
	driver_ptrace.stats(&stats);
	/* More may wait in the ring. */
	CHECK(stats.type[TRC_CLOSE].sent >= (uint64_t)seen[TRC_CLOSE]);
	CHECK_EQ(tracer_of(cfg.pid) > 0, 1);
	driver_ptrace.close();
	driver_ptrace.close();
	CHECK_EQ(tracer_of(cfg.pid), 0);
	CHECK_EQ(waitpid(cfg.pid, NULL, WNOHANG), 0);
	kill(cfg.pid, SIGTERM);
	CHECK_EQ(waitpid(cfg.pid, NULL, 0), cfg.pid);
}

/* The thread of a process that is not its first. */
static pid_t second_thread(pid_t pid)
{
	char path[32];
	struct dirent *e;
	pid_t tid = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	CHECK((d = opendir(path)));
	while ((e = readdir(d)))
		tid = atoi(e->d_name) > pid ? atoi(e->d_name) : tid;
	closedir(d);
	return tid;
}

static int chdirs_of[2]; /* as root, and as another */

static void take_user(const struct trc_hdr *h, void *arg)
{
	(void)arg;
	if (h->type == TRC_CHDIR)
		chdirs_of[h->uid == OTHER]++;
	else if (h->type == TRC_SETRESUID)
		CHECK_EQ(h->uid, OTHER);
}

/* Who makes a record is not asked each time, and right all the same when it changes. */
static void ptrace_knows_who_a_thread_becomes(void)
{
	struct driver_config cfg = {0};
	int gate[2];
	char byte;

	if (geteuid())
		return;
	CHECK_EQ(pipe(gate), 0);
	cfg.pid = fork();
	if (!cfg.pid) {
		CHECK_EQ(read(gate[0], &byte, 1), 1);
		for (int i = 0; i < 5; i++)
			CHECK_EQ(chdir("/"), 0);
		CHECK_EQ(syscall(SYS_setresuid, OTHER, OTHER, OTHER), 0);
		for (int i = 0; i < 7; i++)
			CHECK_EQ(chdir("/"), 0);
		_exit(0);
	}
	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
	CHECK_EQ(write(gate[1], "", 1), 1);
	while (driver_ptrace.drain(take_user, NULL, 8) >= 0)
		;
	CHECK_EQ(chdirs_of[0], 5);
	CHECK_EQ(chdirs_of[1], 7);
	driver_ptrace.close();
}

static void ptrace_attaches_by_a_thread(void)
{
	struct driver_config cfg = {0};

	watched = start_busy();
	usleep(100000);
	cfg.pid = second_thread(watched);
	CHECK(cfg.pid > watched);
	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
	drain_both();
	driver_ptrace.close();
	kill(watched, SIGTERM);
}

static void ptrace_counts_what_nobody_wants(void)
{
	struct driver_config cfg = {.pid = start_busy()};
	uint8_t wanted[TRC_NTYPES] = {0};
	struct driver_stats stats;

	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
	driver_ptrace.want(wanted);
	for (int i = 0; i < 100; i++) {
		/* What was made before it was heard that nobody wants it. */
		driver_ptrace.drain(take, NULL, 8);
		usleep(1000);
	}
	driver_ptrace.stats(&stats);
	CHECK(stats.type[TRC_CLOSE].filtered > 0);
	CHECK_EQ(stats.type[TRC_CLOSE].sent, 0);
}

/* Leaves so many places in the table of the tracer, which has it from us. */
static void leave_places(int many)
{
	for (int i = many; i < PTRACE_TASKS; i++)
		CHECK(ptrace_task_add(0x7fff0000 - i, 0x7fff0000 - i));
}

/* Who has no place is counted, and comes through all the same; so do those behind it. */
static void run_without_places(void)
{
	struct driver_stats stats;

	leave_places(3);
	run("cd /; for i in 1 2 3 4; do (cd /etc; sh -c 'cd /; exit 0' & wait $! || exit 1; exit $i) & done;"
	    "wait $! || [ $? -eq 4 ] || exit 9; wait; (cd /; exit 6)");
	driver_ptrace.stats(&stats);
	CHECK_EQ(driver_ptrace.status(), 6);
	CHECK(stats.type[TRC_PROCFORK].lost > 0);
	CHECK(seen[TRC_CHDIR] >= 1);
	CHECK_EQ(seen[TRC_EXECVE] >= 1, 1);
}

static void ptrace_lets_pass_whom_it_has_no_place_for(void)
{
	run_without_places();
}

/* Places come and go between a fork and what is told of it: nobody may wait for what was told. */
static void ptrace_finds_places_again(void)
{
	leave_places(5);
	run("for j in 1 2 3 4 5 6; do (i=0; while [ $i -lt 40 ]; do (exit 0); i=$((i+1)); done) &"
	    "done; wait; exit 6");
	CHECK_EQ(driver_ptrace.status(), 6);
}

static void ptrace_lets_go_whom_it_has_no_place_for(void)
{
	CHECK_EQ(refuse_call(SYS_seccomp), 0);
	run_without_places();
}

/* The number behind a name in /proc/PID/task/TID/status. */
static int told_of(pid_t pid, pid_t tid, const char *name)
{
	char path[64], text[4096], *line;

	snprintf(path, sizeof(path), "task/%d/status", (int)tid);
	CHECK(procfs_read(pid, path, text, sizeof(text)) > 0);
	CHECK((line = strstr(text, name)));
	return atoi(line + strlen(name));
}

static char state_of(pid_t pid)
{
	struct procfs_stat st;

	CHECK_EQ(procfs_stat(pid, &st), 0);
	return st.state;
}

/* Soon, for a machine may be busy. */
static void check_stopped(pid_t pid)
{
	for (int ms = 0; ms < 3000 && state_of(pid) != 'T'; ms += 10)
		usleep(10000);
	CHECK_EQ(state_of(pid), 'T');
}

/* How many threads of a process have a tracer, and how many have not. */
static void count_traced(pid_t pid, int count[static 2])
{
	struct procfs_dir d;
	int tid;

	CHECK_EQ(procfs_dir_open(&d, pid, "task"), 0);
	while ((tid = procfs_dir_next(&d)) > 0) {
		count[told_of(pid, tid, "\nTracerPid:") > 0]++;
		CHECK_EQ(told_of(pid, tid, "\nSeccomp:"), 0);
	}
	procfs_dir_close(&d);
}

#define TREE 4	  /* processes, each the parent of the next, */
#define THREADS 3 /* of so many threads */

/* Starts a tree. The numbers of its processes are in pid. */
static void start_tree(pid_t pid[static TREE])
{
	int here[2], level;
	pthread_t thread;

	CHECK_EQ(pipe(here), 0);
	for (level = 0; level < TREE && !fork(); level++) {
		pid[level] = getpid();
		for (int i = 1; i < THREADS; i++)
			pthread_create(&thread, NULL, nap, NULL);
		if (level == TREE - 1)
			CHECK_EQ(write(here[1], pid, sizeof(*pid) * TREE), sizeof(*pid) * TREE);
	}
	if (level)
		for (;;) {
			close(-1);
			usleep(1000);
		}
	CHECK_EQ(read(here[0], pid, sizeof(*pid) * TREE), sizeof(*pid) * TREE);
}

static void check_tree(const pid_t pid[static TREE], bool traced)
{
	int count[2] = {0};

	for (int i = 0; i < TREE; i++)
		count_traced(pid[i], count);
	CHECK_EQ(count[traced], TREE * THREADS);
	CHECK_EQ(count[!traced], 0);
}

/* One of the tree is stopped before, one while it is traced: both are so afterwards, and go on. */
static void ptrace_leaves_a_tree_as_it_was(void)
{
	struct driver_config cfg = {0};
	pid_t pid[TREE];

	start_tree(pid);
	kill(pid[1], SIGSTOP);
	check_stopped(pid[1]);
	cfg.pid = pid[0];
	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
	watched = pid[0];
	drain_both();
	check_tree(pid, true);
	kill(pid[2], SIGSTOP);
	drain(TRC_CLOSE, seen[TRC_CLOSE] + 50);
	driver_ptrace.close();
	check_tree(pid, false);
	check_stopped(pid[1]);
	check_stopped(pid[2]);
	for (int i = 1; i < 3; i++) {
		kill(pid[i], SIGCONT);
		usleep(50000);
		CHECK(state_of(pid[i]) != 'T');
	}
}

/* Of the sensor's own death, too. */
static void ptrace_leaves_a_tree_when_the_sensor_is_killed(void)
{
	struct driver_config cfg = {0};
	pid_t pid[TREE], sensor;
	int ready[2];
	char byte;

	start_tree(pid);
	CHECK_EQ(pipe(ready), 0);
	cfg.pid = pid[0];
	sensor = fork();
	if (!sensor) {
		CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
		drain(TRC_CLOSE, 50);
		CHECK_EQ(write(ready[1], "", 1), 1);
		drain(TRC_NONE, 0);
	}
	CHECK_EQ(read(ready[0], &byte, 1), 1);
	check_tree(pid, true);
	kill(sensor, SIGKILL);
	CHECK_EQ(waitpid(sensor, NULL, 0), sensor);
	for (int ms = 0; ms < 3000 && told_of(pid[0], pid[0], "\nTracerPid:"); ms += 10)
		usleep(10000);
	usleep(100000);
	check_tree(pid, false);
}

/* What has no filter needs no tracer. */
static void ptrace_spares_a_tree_when_its_tracer_is_killed(void)
{
	struct driver_config cfg = {0};
	pid_t pid[TREE];
	int n = 0;

	start_tree(pid);
	cfg.pid = pid[0];
	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
	drain(TRC_CLOSE, 50);
	kill(tracer_of(pid[0]), SIGKILL);
	while (n >= 0)
		n = driver_ptrace.drain(take, NULL, 8);
	CHECK_EQ(n, -EOWNERDEAD);
	driver_ptrace.close();
	check_tree(pid, false);
	for (int i = 0; i < TREE; i++)
		CHECK(strchr("SR", state_of(pid[i])));
}

/* The user that a setuid program of another's is, in the result. */
static void become(uid_t user)
{
	CHECK_EQ(chmod(result, 0666), 0);
	if (user)
		CHECK_EQ(setresuid(user, user, user), 0);
	/* As one that was started by that user, it may be traced. */
	CHECK_EQ(prctl(PR_SET_DUMPABLE, 1), 0);
}

enum how { UNTRACED, STARTED, ATTACHED };

/* Runs a command in one of these ways, and ends with its status. */
static _Noreturn void run_as(uid_t user, enum how how, const char *command)
{
	struct driver_config cfg = {0};
	int gate[2], status = 0;
	char byte;

	become(user);
	if (how == STARTED) {
		run(command);
		_exit(driver_ptrace.status());
	}
	CHECK_EQ(pipe(gate), 0);
	cfg.pid = fork();
	if (!cfg.pid) {
		CHECK_EQ(read(gate[0], &byte, 1), 1);
		_exit(system(command) != 0);
	}
	if (how == ATTACHED) {
		CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
		CHECK_EQ(write(gate[1], "", 1), 1);
		drain(TRC_NONE, 0);
		CHECK_EQ(seen[TRC_EXECVE], 2);
		driver_ptrace.close();
	} else {
		CHECK_EQ(write(gate[1], "", 1), 1);
	}
	CHECK_EQ(waitpid(cfg.pid, &status, 0), cfg.pid);
	_exit(status != 0);
}

static int run_setuid(uid_t owner, uid_t user, enum how how)
{
	char dir[] = "/tmp/test_ptrace_id.XXXXXX", command[256], said[16] = "";
	int fd, status;
	pid_t pid;

	make_result();
	CHECK(mkdtemp(dir));
	snprintf(command, sizeof(command),
		 "cp /usr/bin/id %s/id && chown %d %s/id && chmod 4755 %s %s/id", dir, (int)owner,
		 dir, dir, dir);
	CHECK_EQ(system(command), 0);
	snprintf(command, sizeof(command), "%s/id -u >%s", dir, result);
	pid = fork();
	if (!pid)
		run_as(user, how, command);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	fd = open(result, O_RDONLY);
	CHECK(read(fd, said, sizeof(said) - 1) > 0);
	close(fd);
	unlink(result);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	CHECK_EQ(system(command), 0);
	snprintf(result, sizeof(result), "/tmp/test_ptrace.XXXXXX");
	return atoi(said);
}

/* As the manual says. Without setuid programs (nosuid, BusyBox, no root) nothing is to be seen. */
static void ptrace_and_setuid_programs(void)
{
	char scope[4] = "0";

	if (geteuid() || run_setuid(0, OTHER, UNTRACED) != 0)
		return;
	CHECK_EQ(run_setuid(OTHER, 0, STARTED), OTHER);
	CHECK_EQ(run_setuid(0, OTHER, STARTED), OTHER);
	CHECK_EQ(run_setuid(OTHER, 0, ATTACHED), OTHER);
	/* Who is not root may attach to his other processes only where this is 0. */
	procfs_read(0, "sys/kernel/yama/ptrace_scope", scope, sizeof(scope));
	if (scope[0] == '0')
		CHECK_EQ(run_setuid(0, OTHER, ATTACHED), OTHER);
}

static void ptrace_says_why_it_cannot(void)
{
	struct driver_config cfg = {.pid = 0};

	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), -EINVAL);
	cfg.pid = 0x3fffffff;
	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), -ESRCH);
	driver_ptrace.close();
}

const struct unit_test tests_ptrace[] = {
	TEST(ptrace_sees_a_program_from_start_to_end),
	TEST(ptrace_follows_children),
	TEST(ptrace_passes_signals_on),
	TEST(ptrace_lets_programs_be_stopped),
	TEST(ptrace_reports_a_program_that_is_not_there),
	TEST(ptrace_leaves_alive_what_it_started),
	TEST(ptrace_outlives_the_sensor),
	TEST(ptrace_waits_for_the_sensor),
	TEST(ptrace_says_that_its_tracer_was_killed),
	TEST(ptrace_stops_for_what_is_wanted_alone),
	TEST(ptrace_can_be_asked_for_more),
	TEST(ptrace_does_without_filters),
	TEST(ptrace_leaves_alive_what_has_no_filter),
	TEST(ptrace_attaches_and_leaves),
	TEST(ptrace_knows_who_a_thread_becomes),
	TEST(ptrace_attaches_by_a_thread),
	TEST(ptrace_counts_what_nobody_wants),
	TEST(ptrace_lets_pass_whom_it_has_no_place_for),
	TEST(ptrace_finds_places_again),
	TEST(ptrace_lets_go_whom_it_has_no_place_for),
	TEST(ptrace_leaves_a_tree_as_it_was),
	TEST(ptrace_leaves_a_tree_when_the_sensor_is_killed),
	TEST(ptrace_spares_a_tree_when_its_tracer_is_killed),
	TEST(ptrace_and_setuid_programs),
	TEST(ptrace_says_why_it_cannot),
	{0},
};
