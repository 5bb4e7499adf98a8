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
#include <sys/wait.h>
#include <unistd.h>

#include "../../driver/driver.h"
#include "records.h"

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

static void ptrace_kills_what_it_started(void)
{
	char *const command[] = {"sh", "-c", "sleep 100 & sleep 100 & wait", NULL};
	struct driver_config cfg = {.command = command};

	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
	drain(TRC_EXECVE, 3);
	driver_ptrace.close();
	CHECK_EQ(waitpid(-1, NULL, __WALL), -1);
	CHECK_EQ(errno, ECHILD);
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

static void ptrace_attaches_and_leaves(void)
{
	struct driver_config cfg = {.pid = start_busy()};
	struct driver_stats stats;

	usleep(100000);
	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
	watched = cfg.pid;
	drain(TRC_CLOSE, 50);
	CHECK(of_others > 0 && of_others < seen[TRC_CLOSE]);
	driver_ptrace.stats(&stats);
	CHECK_EQ(stats.type[TRC_CLOSE].sent, seen[TRC_CLOSE]);
	driver_ptrace.close();
	driver_ptrace.close();
	usleep(10000);
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

static void ptrace_attaches_by_a_thread(void)
{
	struct driver_config cfg = {0};

	watched = start_busy();
	usleep(100000);
	cfg.pid = second_thread(watched);
	CHECK(cfg.pid > watched);
	CHECK_EQ(driver_ptrace.open(&cfg, why, sizeof(why)), 0);
	drain(TRC_CLOSE, 50);
	CHECK(of_others > 0 && of_others < seen[TRC_CLOSE]);
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
		CHECK_EQ(driver_ptrace.drain(take, NULL, 8), 0);
		usleep(1000);
	}
	driver_ptrace.stats(&stats);
	CHECK(stats.type[TRC_CLOSE].filtered > 0);
	CHECK_EQ(stats.type[TRC_CLOSE].sent, 0);
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
	TEST(ptrace_kills_what_it_started),
	TEST(ptrace_attaches_and_leaves),
	TEST(ptrace_attaches_by_a_thread),
	TEST(ptrace_counts_what_nobody_wants),
	TEST(ptrace_says_why_it_cannot),
	{0},
};
