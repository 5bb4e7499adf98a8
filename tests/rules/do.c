/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the cases of rules need and no shell can do: `do ACT [ARGUMENT...]`,
 * where a copy under any name does the same. Static, so that a copy works in
 * a mount namespace of its own.
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
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* stdin inet|unix FD: the connection becomes descriptor FD. */
static int act_stdin(char **arg)
{
	int s = connection(!strcmp(arg[0], "unix"));

	return s < 0 || dup2(s, atoi(arg[1])) < 0 ? fail("stdin") : 0;
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

/* rename FROM TO */
static int act_rename(char **arg)
{
	return rename(arg[0], arg[1]) ? fail(arg[0]) : 0;
}

static const struct {
	const char *name;
	int least; /* arguments */
	int (*fn)(char **arg);
} acts[] = {
	{"stdin", 2, act_stdin},   {"memory", 1, act_memory}, {"memfile", 0, act_memfile},
	{"run", 1, act_run},	   {"module", 0, act_module}, {"bpf", 1, act_bpf},
	{"attach", 0, act_attach}, {"make", 2, act_make},     {"read", 1, act_read},
	{"rename", 2, act_rename},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (!strcmp(argv[1], acts[i].name) && argc - 2 >= acts[i].least)
			return acts[i].fn(argv + 2);
	fprintf(stderr, "usage: do ACT [ARGUMENT...]\n");
	return 2;
}
