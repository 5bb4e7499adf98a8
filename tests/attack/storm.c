/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What wears tables out, and acts to be told right meanwhile.
 *
 *	storm bomb SECONDS	processes that make others as fast as they can
 *	storm pids N		N processes one after the other, under few numbers
 *	storm files N EACH	N processes, each with that many open files
 *	storm actors N		N programs "par.T" that each start an "act.T", T from 0
 *
 * An actor calls setns() on the descriptor 1000 + T, in vain: whoever reads the
 * event knows by that number which actor it was, and so what all else must be:
 * program act.T beside this one, directory cwd.T, file file.T there, arguments "tag-T",
 * group 30000 + T, user 20000 + T, MARK=T in the environment.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FD_BASE = 1000, UID_BASE = 20000, GID_BASE = 30000, ACTS = 8 };

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void sleep_ms(long ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&ts, NULL);
}

static void many_files(rlim_t n)
{
	struct rlimit lim;

	getrlimit(RLIMIT_NOFILE, &lim);
	if (lim.rlim_cur >= n)
		return;
	lim.rlim_cur = n;
	if (lim.rlim_max < n)
		lim.rlim_max = n;
	if (setrlimit(RLIMIT_NOFILE, &lim))
		fail("RLIMIT_NOFILE");
}

/* ---- wear */

/* Whoever started it has set the limit: fork() fails when it is reached, and some must go. */
static void bomb(long seconds)
{
	long end = now_ms() + seconds * 1000, made = 0;

	signal(SIGCHLD, SIG_IGN);
	while (now_ms() < end) {
		pid_t pid = fork();

		if (pid < 0 && ++made > 4)
			break;
		if (pid == 0)
			made = 0;
		if (pid < 0)
			sleep_ms(1);
	}
	/* The first one stays until the end. */
	if (getpid() == getpgrp())
		sleep_ms(end - now_ms() > 0 ? end - now_ms() : 0);
}

/* Numbers are given in a row: with the last one put back they are given again. */
static void set_last_pid(int fd, pid_t pid)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", (int)pid);

	if (fd >= 0 && pwrite(fd, text, (size_t)n, 0) != n)
		fail("ns_last_pid");
}

static void pids(long n)
{
	int last = open("/proc/sys/kernel/ns_last_pid", O_WRONLY);
	pid_t base = getpid();

	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			if (chdir("/tmp") || dup2(open("/dev/zero", O_RDONLY), FD_BASE - 1) < 0)
				_exit(2);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
		if (i % 64 == 63)
			set_last_pid(last, base);
	}
	printf("pids %ld\n", n);
}

static void files(long n, long each)
{
	long opened = 0;
	int done[2];

	if (pipe(done))
		fail("pipe");
	for (long i = 0; i < n; i++) {
		char byte = 0;

		if (fork())
			continue;
		/* Whatever becomes of who counts them. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(done[0]);
		many_files((rlim_t)each + 16);
		for (long k = 0; k < each; k++)
			if (open(k % 2 ? "/dev/null" : "/dev/zero", O_RDONLY) < 0)
				fail("open");
		if (write(done[1], &byte, 1) != 1)
			fail("write");
		/* All of them stay until the last one is there. */
		pause();
		_exit(0);
	}
	for (char byte; opened < n && read(done[0], &byte, 1) == 1;)
		opened++;
	printf("files %ld\n", opened * each);
	fflush(stdout);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
}

/* ---- actors */

static const char *dir;

static const char *path_of(const char *what, long tag)
{
	static char path[4][512];
	static int turn;
	char *p = path[turn++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s.%ld", dir, what, tag);
	return p;
}

static void start(const char *what, long tag)
{
	char mark[32], arg[32], name[32];
	char *argv[] = {name, arg, NULL};
	char *envp[] = {mark, "FILLER=what stands between the mark and the end", NULL};

	snprintf(name, sizeof(name), "%s.%ld", what, tag);
	snprintf(arg, sizeof(arg), "tag-%ld", tag);
	snprintf(mark, sizeof(mark), "MARK=%ld", tag);
	execve(path_of(what, tag), argv, envp);
	fail(name);
}

static void act(long tag)
{
	int fd;

	fd = open(path_of("file", tag), O_RDONLY);
	if (dup2(fd, (int)(FD_BASE + tag)) < 0)
		fail("dup2");
	close(fd);
	for (int i = 0; i < ACTS; i++) {
		if (!setns((int)(FD_BASE + tag), 0))
			fail("setns succeeded");
		sleep_ms(40);
	}
}

static void parent(long tag)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (chdir(path_of("cwd", tag)))
			fail("chdir");
		start("act", tag);
	}
	waitpid(pid, NULL, 0);
}

static void actor(long tag)
{
	gid_t gid = (gid_t)(GID_BASE + tag);
	uid_t uid = (uid_t)(UID_BASE + tag);

	many_files(4096);
	if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		fail("setresuid");
	start("par", tag);
}

static void actors(long n)
{
	int fd;

	for (long tag = 0; tag < n; tag++) {
		fd = open(path_of("file", tag), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0 || mkdir(path_of("cwd", tag), 0755) ||
		    linkat(AT_FDCWD, "/proc/self/exe", AT_FDCWD, path_of("par", tag),
			   AT_SYMLINK_FOLLOW) ||
		    linkat(AT_FDCWD, "/proc/self/exe", AT_FDCWD, path_of("act", tag),
			   AT_SYMLINK_FOLLOW))
			if (errno != EEXIST)
				fail("actors");
		close(fd);
	}
	signal(SIGCHLD, SIG_IGN);
	for (long tag = 0; tag < n; tag++) {
		if (fork() == 0)
			actor(tag);
		sleep_ms(60);
	}
	signal(SIGCHLD, SIG_DFL);
	while (wait(NULL) > 0)
		;
	printf("acts %ld\n", n * ACTS);
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	long n = argc > 2 ? atol(argv[2]) : 0;
	static char own[512];
	char *slash;

	if (readlink("/proc/self/exe", own, sizeof(own) - 1) < 0)
		fail("/proc/self/exe");
	/* A group of its own, which ends with it. */
	setpgid(0, 0);
	slash = strrchr(own, '/');
	*slash = 0;
	dir = own;
	if (!strncmp(name, "par.", 4))
		parent(atol(name + 4));
	else if (!strncmp(name, "act.", 4))
		act(atol(name + 4));
	else if (argc > 2 && !strcmp(argv[1], "bomb"))
		bomb(n);
	else if (argc > 2 && !strcmp(argv[1], "pids"))
		pids(n);
	else if (argc > 3 && !strcmp(argv[1], "files"))
		files(n, atol(argv[3]));
	else if (argc > 2 && !strcmp(argv[1], "actors"))
		actors(n);
	else
		return 2;
	return 0;
}
