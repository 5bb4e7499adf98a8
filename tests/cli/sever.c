/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does to a sensor what an attacker with a debugger would: has it close those
 * of its descriptors that lead to something whose name matches. It goes on
 * without knowing. sever PID PATTERN; prints how many.
 */
#include <elf.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t pid;

static void must(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

/* Goes on to the next stop at a call. */
static void next_stop(void)
{
	int status;

	must(!ptrace(PTRACE_SYSCALL, pid, 0, 0), "PTRACE_SYSCALL");
	must(waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status), "waitpid");
}

static void registers(int request, struct user_regs_struct *regs)
{
	struct iovec io = {regs, sizeof(*regs)};

	must(!ptrace(request, pid, (void *)NT_PRSTATUS, &io), "registers");
}

#ifdef __x86_64__

/* Makes of the call that is entered close(fd), and of what was there one that is made anew. */
static void redirect(struct user_regs_struct *regs, struct user_regs_struct *was, int fd)
{
	regs->orig_rax = SYS_close;
	regs->rdi = (unsigned long)fd;
	was->rax = was->orig_rax;
	was->rip -= 2;
}

#else

static void redirect(struct user_regs_struct *regs, struct user_regs_struct *was, int fd)
{
	int nr = SYS_close;
	struct iovec io = {&nr, sizeof(nr)};

	must(!ptrace(PTRACE_SETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &io), "call");
	regs->regs[0] = (unsigned long)fd;
	was->pc -= 4;
}

#endif

static void close_there(int fd)
{
	struct user_regs_struct was, regs;

	registers(PTRACE_GETREGSET, &was);
	regs = was;
	redirect(&regs, &was, fd);
	registers(PTRACE_SETREGSET, &regs);
	next_stop();
	registers(PTRACE_SETREGSET, &was);
	next_stop();
}

int main(int argc, char **argv)
{
	char link[64], to[PATH_MAX];
	int status, closed = 0;

	must(argc == 3, "usage: sever PID PATTERN");
	pid = atoi(argv[1]);
	must(!ptrace(PTRACE_SEIZE, pid, 0, 0), "PTRACE_SEIZE");
	must(!ptrace(PTRACE_INTERRUPT, pid, 0, 0), "PTRACE_INTERRUPT");
	must(waitpid(pid, &status, __WALL) == pid, "waitpid");
	next_stop();
	for (int fd = 0; fd < 1024; fd++) {
		ssize_t n;

		snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, fd);
		n = readlink(link, to, sizeof(to) - 1);
		if (n <= 0)
			continue;
		to[n] = 0;
		if (fnmatch(argv[2], to, 0))
			continue;
		close_there(fd);
		closed++;
	}
	must(!ptrace(PTRACE_DETACH, pid, 0, 0), "PTRACE_DETACH");
	printf("%d\n", closed);
	return closed ? 0 : 1;
}
