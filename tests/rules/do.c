/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the cases of rules need and no shell can do: `do ACT [ARGUMENT...]`,
 * where a copy under any name does the same; asked for another act, it does
 * nothing, and so can pose as any tool. Static, so that a copy works in a
 * mount namespace of its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../ring.h"

/* The C library has a name of its own for what 32-bit machines count time in. */
#ifndef SYS_clock_settime
#define SYS_clock_settime SYS_clock_settime32
#endif

static int fail(const char *what)
{
	perror(what);
	return 2;
}

/* A connection with itself over loopback; or a pair of Unix sockets, which is none. */
static int connection(int unix_pair)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int server, pair[2];

	if (unix_pair)
		return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ? -1 : pair[0];
	server = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(server, (void *)&a, len) || listen(server, 1) ||
	    getsockname(server, (void *)&a, &len))
		return -1;
	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	return connect(pair[0], (void *)&a, len) ? -1 : pair[0];
}

/* stdin inet|unix|raw|copy FD: a connection, or the socket of a ping, becomes descriptor FD; copy:
 * by fcntl. */
static int act_stdin(char **arg)
{
	int s = !strcmp(arg[0], "raw") ? socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) :
					 connection(!strcmp(arg[0], "unix"));
	int to = atoi(arg[1]);

	if (!strcmp(arg[0], "copy")) {
		close(to);
		return fcntl(s, F_DUPFD, to) != to ? fail("stdin") : 0;
	}
	return s < 0 || dup2(s, to) < 0 ? fail("stdin") : 0;
}

/* memory FILE ARGUMENT...: runs a copy of FILE in memory. */
static int act_memory(char **arg)
{
	static char buf[65536];
	int from = open(arg[0], O_RDONLY), to = memfd_create("case", 0);
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (write(to, buf, (size_t)n) != n)
			return fail("memory");
	fexecve(to, arg, (char *const[]){"PATH=/bin", NULL});
	return fail("memory");
}

/* removed FILE ARGUMENT...: runs FILE after its name is gone. */
static int act_removed(char **arg)
{
	int fd = open(arg[0], O_RDONLY);

	if (fd < 0 || unlink(arg[0]))
		return fail(arg[0]);
	fexecve(fd, arg, (char *const[]){"PATH=/bin", NULL});
	return fail("removed");
}

/* memfile: makes a file in memory, and runs nothing. */
static int act_memfile(char **arg)
{
	(void)arg;
	return memfd_create("case", 0) < 0 ? fail("memfile") : 0;
}

/* run FILE ARGUMENT...: runs FILE as a child. */
static int act_run(char **arg)
{
	pid_t pid = fork();

	if (!pid) {
		execv(arg[0], arg);
		_exit(127);
	}
	return waitpid(pid, NULL, 0) < 0 ? fail("run") : 0;
}

/* bare FILE: runs FILE as a child, with no argument, not even its name. */
static int act_bare(char **arg)
{
	char *none[] = {NULL};
	pid_t pid = fork();

	if (!pid) {
		execve(arg[0], none, none);
		_exit(127);
	}
	return waitpid(pid, NULL, 0) < 0 ? fail("bare") : 0;
}

/* orphan FILE ARGUMENT...: runs FILE as the child of a child that ends, so that it becomes ours. */
static int act_orphan(char **arg)
{
	pid_t self = getpid();

	if (prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L))
		return fail("orphan");
	if (!fork()) {
		if (fork())
			_exit(0);
		while (getppid() != self)
			usleep(1000);
		execv(arg[0], arg);
		_exit(127);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}

/* module: what is no module, so that it is refused. */
static int act_module(char **arg)
{
	(void)arg;
	syscall(SYS_init_module, "no module", 9L, "");
	return 0;
}

/* bpf CMD: a map (0), or a program of no instructions, which is refused (5). */
static int act_bpf(char **arg)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4};

	attr.max_entries = 1;
	syscall(SYS_bpf, atoi(arg[0]), &attr, sizeof(attr));
	return 0;
}

/* attach [PID]: to a child, or to PID. Under a tracer that is refused. */
static int act_attach(char **arg)
{
	pid_t pid = arg[0] ? atoi(arg[0]) : fork();

	if (!pid)
		for (;;)
			pause();
	if (!ptrace(PTRACE_ATTACH, pid, NULL, NULL))
		waitpid(pid, NULL, 0);
	if (!arg[0]) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return 0;
}

/* read FILE: opens it. */
static int act_read(char **arg)
{
	return open(arg[0], O_RDONLY) < 0 ? fail(arg[0]) : 0;
}

/* make FILE MODE: a new file with an octal mode. */
static int act_make(char **arg)
{
	return open(arg[0], O_WRONLY | O_CREAT | O_EXCL, strtol(arg[1], NULL, 8)) < 0 ?
		       fail(arg[0]) :
		       0;
}

/* nameless DIRECTORY MODE: a new file in it that has no name. */
static int act_nameless(char **arg)
{
	return open(arg[0], O_WRONLY | O_TMPFILE, strtol(arg[1], NULL, 8)) < 0 ? fail(arg[0]) : 0;
}

/* rename FROM TO */
static int act_rename(char **arg)
{
	return rename(arg[0], arg[1]) ? fail(arg[0]) : 0;
}

/* connect ADDRESS PORT: over TCP; nobody need answer. */
static int act_connect(char **arg)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arg[1]))};

	if (inet_pton(AF_INET, arg[0], &a.sin_addr) != 1)
		return fail(arg[0]);
	connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&a, sizeof(a));
	return 0;
}

/* call-at PATH: a Unix socket there, and a call to it. */
static int act_call_at(char **arg)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int server = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(a.sun_path, arg[0], sizeof(a.sun_path) - 1);
	if (bind(server, (void *)&a, sizeof(a)) || listen(server, 1) ||
	    connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a, sizeof(a)))
		return fail(arg[0]);
	return 0;
}

/* answer PORT TEXT: a server on loopback, which goes on by itself and sends one caller the text. */
static int act_answer(char **arg)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arg[0]))};
	int server = socket(AF_INET, SOCK_STREAM, 0), caller;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(server, (void *)&a, sizeof(a)) || listen(server, 1))
		return fail("answer");
	if (fork())
		return 0;
	alarm(20);
	caller = accept(server, NULL, NULL);
	return write(caller, arg[1], strlen(arg[1])) < 0 ? fail("answer") : 0;
}

static pid_t idle_child(void)
{
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	return pid;
}

static int end_child(pid_t pid)
{
	kill(pid, SIGTERM);
	return waitpid(pid, NULL, 0) < 0;
}

/* other read|write: the memory of a child. take: its standard input. */
static int act_other(char **arg)
{
	char word[8] = "";
	struct iovec here = {word, sizeof(word)}, there = {word, sizeof(word)};
	int write = !strcmp(arg[0], "write");
	pid_t pid = idle_child();
	long n = syscall(write ? SYS_process_vm_writev : SYS_process_vm_readv, pid, &here, 1L,
			 &there, 1L, 0L);

	return end_child(pid) || n < 0 ? fail("other") : 0;
}

static int act_take(char **arg)
{
	pid_t pid = idle_child();
	long fd = syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, pid, 0), 0, 0);

	(void)arg;
	return end_child(pid) || fd < 0 ? fail("take") : 0;
}

/* as UID FILE ARGUMENT...: runs FILE as a child, for another user. */
static int act_as(char **arg)
{
	pid_t pid = fork();

	if (!pid) {
		if (!setgid((gid_t)atoi(arg[0])) && !setuid((uid_t)atoi(arg[0])))
			execv(arg[1], arg + 1);
		_exit(127);
	}
	return waitpid(pid, NULL, 0) < 0 ? fail("as") : 0;
}

/* terminal FILE ARGUMENT...: runs FILE as a child with a terminal of its own. */
static int act_terminal(char **arg)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	pid_t pid;

	if (master < 0 || grantpt(master) || unlockpt(master))
		return fail("terminal");
	pid = fork();
	if (!pid) {
		setsid();
		if (open(ptsname(master), O_RDWR) >= 0)
			execv(arg[0], arg);
		_exit(127);
	}
	return waitpid(pid, NULL, 0) < 0 ? fail("terminal") : 0;
}

/*
 * ring [FILE [PROGRAM...]]: an io_uring of one entry, opens the file, then becomes PROGRAM. With
 * pauses that are long for the sensor, so that it is known which of its process's programs did it.
 */
static int act_ring(char **arg)
{
	const useconds_t pause = 300000;
	struct io_uring_params p = {0};

	if (!arg[0])
		return syscall(SYS_io_uring_setup, 1, &p) < 0 ? fail("ring") : 0;
	usleep(pause);
	if (ring_open(arg[0]) < 0)
		return fail(arg[0]);
	if (!arg[1])
		return 0;
	usleep(pause);
	return execv(arg[1], arg + 1) ? fail(arg[1]) : 0;
}

/* handle DIRECTORY: is opened by its handle. */
static int act_handle(char **arg)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} h = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int mount, dir = open(arg[0], O_RDONLY);

	if (name_to_handle_at(AT_FDCWD, arg[0], &h.handle, &mount, 0) ||
	    open_by_handle_at(dir, &h.handle, O_RDONLY) < 0)
		return fail(arg[0]);
	return 0;
}

/*
 * call NAME [ARGUMENT...]: numbers, texts, or @FILE for a descriptor of it;
 * whether it succeeds is not asked.
 */
static int act_call(char **arg)
{
	static const struct {
		const char *name;
		long number;
	} calls[] = {
		{"kill", SYS_kill},
		{"ptrace", SYS_ptrace},
		{"setuid", SYS_setuid},
		{"socket", SYS_socket},
		{"setns", SYS_setns},
		{"unshare", SYS_unshare},
		{"clone", SYS_clone},
		{"chroot", SYS_chroot},
		{"mknodat", SYS_mknodat},
		{"renameat2", SYS_renameat2},
		{"setxattr", SYS_setxattr},
		{"truncate", SYS_truncate},
		{"delete_module", SYS_delete_module},
		{"kexec_load", SYS_kexec_load},
		{"reboot", SYS_reboot},
		{"clock_settime", SYS_clock_settime},
		{"ftruncate", SYS_ftruncate},
		{"userfaultfd", SYS_userfaultfd},
		{"io_uring_setup", SYS_io_uring_setup},
		{"open_by_handle_at", SYS_open_by_handle_at},
		{"open", SYS_openat},
		{"mount", SYS_mount},
		{"open_tree", SYS_open_tree},
	};
	long a[6] = {0};
	size_t i = 0;

	while (i < sizeof(calls) / sizeof(calls[0]) && strcmp(calls[i].name, arg[0]))
		i++;
	if (i == sizeof(calls) / sizeof(calls[0]))
		return fail(arg[0]);
	for (int n = 0; n < 6 && arg[1 + n]; n++) {
		char *end;

		a[n] = strtol(arg[1 + n], &end, 0);
		if (*arg[1 + n] == '@')
			a[n] = open(arg[1 + n] + 1, O_RDONLY);
		else if (*end)
			a[n] = (long)arg[1 + n];
	}
	syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);
	return 0;
}

static const struct {
	const char *name;
	int least; /* arguments */
	int (*fn)(char **arg);
} acts[] = {
	{"stdin", 2, act_stdin},
	{"memory", 1, act_memory},
	{"memfile", 0, act_memfile},
	{"run", 1, act_run},
	{"module", 0, act_module},
	{"bpf", 1, act_bpf},
	{"attach", 0, act_attach},
	{"make", 2, act_make},
	{"nameless", 2, act_nameless},
	{"read", 1, act_read},
	{"rename", 2, act_rename},
	{"connect", 2, act_connect},
	{"call-at", 1, act_call_at},
	{"other", 1, act_other},
	{"take", 0, act_take},
	{"call", 1, act_call},
	{"as", 2, act_as},
	{"removed", 1, act_removed},
	{"answer", 2, act_answer},
	{"terminal", 1, act_terminal},
	{"ring", 0, act_ring},
	{"handle", 1, act_handle},
	{"orphan", 1, act_orphan},
	{"bare", 1, act_bare},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (!strcmp(argv[1], acts[i].name) && argc - 2 >= acts[i].least)
			return acts[i].fn(argv + 2);
	return 0;
}
