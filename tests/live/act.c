/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The acts of the live tests: `act --list`, or `act DIR [NAME]...`, where DIR
 * is an empty directory but for this program itself, called live-act. Each act
 * of acts.def runs in a process, a session and a directory of its own, between
 * two opens of DIR/act-NAME-begin and DIR/act-NAME-end, by which the
 * sensor's output is cut into acts. Static and without a shell, so that the
 * same program runs on every machine. With ACT_PAUSE=MS it waits behind them,
 * and what it starts before it ends; with ACT_SEEN=FILE, until the sensor has
 * written there of each mark, of another, DIR/act-NAME-rest, twice before it,
 * and of each program that has started; ACT_SENSOR=PID is whom acts may stop for a moment.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Calls that some machine does not have. */
#define NO_CALL (-1)
#ifndef SYS_open
#define SYS_open NO_CALL
#endif
#ifndef SYS_creat
#define SYS_creat NO_CALL
#endif
#ifndef SYS_dup2
#define SYS_dup2 NO_CALL
#endif
#ifndef SYS_fork
#define SYS_fork NO_CALL
#endif
#ifndef SYS_vfork
#define SYS_vfork NO_CALL
#endif
#ifndef SYS_unlink
#define SYS_unlink NO_CALL
#endif
#ifndef SYS_rmdir
#define SYS_rmdir NO_CALL
#endif
#ifndef SYS_rename
#define SYS_rename NO_CALL
#endif
#ifndef SYS_mkdir
#define SYS_mkdir NO_CALL
#endif
#ifndef SYS_link
#define SYS_link NO_CALL
#endif
#ifndef SYS_symlink
#define SYS_symlink NO_CALL
#endif
#ifndef SYS_chmod
#define SYS_chmod NO_CALL
#endif
#ifndef SYS_pipe
#define SYS_pipe NO_CALL
#endif
#ifndef SYS_mknod
#define SYS_mknod NO_CALL
#endif
#ifndef SYS_chown
#define SYS_chown NO_CALL
#endif
#ifndef SYS_lchown
#define SYS_lchown NO_CALL
#endif
#ifndef SYS_umount
#define SYS_umount NO_CALL
#endif
#ifndef SYS_send
#define SYS_send NO_CALL
#endif
#ifndef SYS_recv
#define SYS_recv NO_CALL
#endif
#ifndef SYS_accept
#define SYS_accept NO_CALL
#endif
#ifndef SYS_setuid32
#define SYS_setuid32 NO_CALL
#endif
#ifndef SYS_setgid32
#define SYS_setgid32 NO_CALL
#endif
#ifndef SYS_kexec_file_load
#define SYS_kexec_file_load NO_CALL
#endif
#ifndef SYS_fcntl64
#define SYS_fcntl64 NO_CALL
#endif
#ifndef SYS_chown32
#define SYS_chown32 NO_CALL
#endif
#ifndef SYS_lchown32
#define SYS_lchown32 NO_CALL
#endif
#ifndef SYS_fchown32
#define SYS_fchown32 NO_CALL
#endif
#ifndef SYS_ftruncate64
#define SYS_ftruncate64 NO_CALL
#endif
#ifndef SYS_truncate64
#define SYS_truncate64 NO_CALL
#endif
#ifndef SYS_setreuid32
#define SYS_setreuid32 NO_CALL
#endif
#ifndef SYS_setregid32
#define SYS_setregid32 NO_CALL
#endif
#ifndef SYS_setresuid32
#define SYS_setresuid32 NO_CALL
#endif
#ifndef SYS_setresgid32
#define SYS_setresgid32 NO_CALL
#endif
#ifndef SYS_setfsuid32
#define SYS_setfsuid32 NO_CALL
#endif
#ifndef SYS_setfsgid32
#define SYS_setfsgid32 NO_CALL
#endif
#ifndef SYS_recvmmsg_time64
#define SYS_recvmmsg_time64 NO_CALL
#endif
#ifndef SYS_clock_settime64
#define SYS_clock_settime64 NO_CALL
#endif

/* The C library has names of its own for what 32-bit machines count time in. */
#ifndef SYS_settimeofday
#define SYS_settimeofday SYS_settimeofday_time32
#endif
#ifndef SYS_clock_settime
#define SYS_clock_settime SYS_clock_settime32
#endif
/* Newer than the headers. */
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* A call's number with a bit more: no call's. ARM's kernels end a process for the highest. */
#ifdef __arm__
#define NOBODYS(nr) ((nr) | 512)
#else
#define NOBODYS(nr) (long)((nr) | 0x80000000u)
#endif

/* Not every C library has these. */
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#endif

#define ACT_SECONDS 5 /* that an act may take */

/* sys(call, arguments...), with a zero in every register that the call does not read. */
#define sys(...) sys_padded(__VA_ARGS__, 0L, 0L, 0L, 0L, 0L, 0L)
#define sys_padded(call, ...) syscall(SYS_##call, __VA_ARGS__)

static const char *dir;	       /* scratch directory, absolute, without links */
static char program[PATH_MAX]; /* this program, in it */
static char *const environment[] = {"ACT=1", "LANG=C", NULL};
static char *const arguments[] = {"live-act", "--true", "one", "two words", NULL};
#define TRUE arguments, environment

static void fail(const char *what)
{
	perror(what);
	_exit(2);
}

/* ROOT, then the path of a file in the act's directory. */
static char *below(const char *root, const char *name)
{
	static char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s%s/w/%s", root, dir, name);
	return path;
}

/* A way to d/g of more than a thousand bytes. */
static char *long_path(void)
{
	static char path[1600];

	for (size_t i = 0; i < 300; i++)
		memcpy(path + 5 * i, "d/../", 5);
	strcpy(path + 1500, "d/g");
	return path;
}

/* 600 arguments, each of ten bytes. */
static char **long_args(void)
{
	static char *args[602];

	args[0] = "live-act";
	args[1] = "--true";
	for (int i = 2; i < 601; i++)
		args[i] = "argument9";
	return args;
}

/*
 * Children. They are made by the raw call, so that the event is the same on
 * every machine, and are gone when the act goes on.
 */
static pid_t clone_child(void)
{
	return (pid_t)sys(clone, SIGCHLD);
}

static void wait_child(pid_t pid)
{
	if (pid)
		waitpid(pid, NULL, __WALL);
}

/* Only macros: a child of vfork must not return from the function that made it. */
#define CHILD(...)                                                                                 \
	do {                                                                                       \
		pid_t child_pid = clone_child();                                                   \
		if (!child_pid) {                                                                  \
			__VA_ARGS__;                                                               \
			_exit(127);                                                                \
		}                                                                                  \
		wait_child(child_pid);                                                             \
	} while (0)

#define END_CHILD(made)                                                                            \
	do {                                                                                       \
		pid_t child_pid = (pid_t)(made);                                                   \
		if (!child_pid)                                                                    \
			_exit(0);                                                                  \
		wait_child(child_pid);                                                             \
	} while (0)

/* struct clone_args of the kernel, first version: eight words, flags first, the signal fifth. */
static long clone3(uint64_t flags)
{
	uint64_t args[8] = {[0] = flags, [4] = SIGCHLD};

	return sys(clone3, args, sizeof(args));
}

static void *nothing(void *arg)
{
	return arg;
}

static void *open_f(void *arg)
{
	sys(openat, AT_FDCWD, "f", O_RDONLY);
	return arg;
}

/*
 * Whether the call that made a thread has returned. An exec in the thread
 * before that would end the call unseen.
 */
static volatile int thread_made;

static void *exec_true(void *arg)
{
	while (!thread_made)
		;
	sys(execve, program, TRUE);
	return arg;
}

static void in_thread(void *(*fn)(void *))
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, fn, NULL);
	if (errno)
		fail("pthread_create");
	thread_made = 1;
	pthread_join(thread, NULL);
}

/* Under a sensor that traces, attaching fails: the child has its tracer. */
static void attach_to_child(void)
{
	pid_t pid = clone_child();

	if (!pid)
		pause();
	if (!sys(ptrace, PTRACE_ATTACH, pid))
		waitpid(pid, NULL, __WALL);
	kill(pid, SIGKILL);
	wait_child(pid);
}

/* Descriptors. */
static int opened(const char *name)
{
	return (int)sys(openat, AT_FDCWD, name, O_RDONLY);
}

static int directory(const char *name)
{
	return (int)sys(openat, AT_FDCWD, name, O_RDONLY | O_DIRECTORY);
}

static long openat2(int dirfd, const char *name, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};

	return sys(openat2, dirfd, name, &how, sizeof(how));
}

static void copy_program(int from, int to)
{
	static char buf[65536];
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (write(to, buf, (size_t)n) != n)
			fail("copy");
}

static int program_in_memory(void)
{
	int from = opened(program), to = (int)sys(memfd_create, "hidden", 0);

	copy_program(from, to);
	return to;
}

/* What prepares an act is seen too: the calls that every machine has. */
static void linked(const char *from, const char *to)
{
	sys(linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static void unlinked(const char *name)
{
	sys(unlinkat, AT_FDCWD, name, 0);
}

/* A copy of the program; a descriptor to read it. */
static int program_copied(const char *name)
{
	int from = opened(program);
	int to = (int)sys(openat, AT_FDCWD, name, O_WRONLY | O_CREAT, 0755);

	copy_program(from, to);
	close(from);
	close(to);
	return opened(name);
}

/* A handle of f, or of nothing where the file system has none. */
static void *handle(void)
{
	static struct {
		uint32_t bytes, type;
		uint8_t handle[128];
	} h = {.bytes = sizeof(h.handle)};
	int mount;

	sys(name_to_handle_at, AT_FDCWD, "f", &h, &mount, 0);
	return &h;
}

/* struct io_uring_params of the kernel, of which only the flags are set. */
static uint32_t *ring_params(uint32_t flags)
{
	static uint32_t params[30];

	memset(params, 0, sizeof(params));
	params[2] = flags;
	return params;
}

/* For an int the kernel reads no more than that of a register: what else may be in it. */
#define WIDE(number) ((number) | (long)(0x5aULL << 32))

/* A page at the same address on every machine. */
#define PAGE_AT ((void *)0x20000000)

static void *page(void)
{
	if (mmap(PAGE_AT, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) != PAGE_AT)
		fail("mmap");
	return PAGE_AT;
}

/* Sockets. */
union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

#define INET(port) loopback(AF_INET, port), sizeof(struct sockaddr_in)
#define INET6(port) loopback(AF_INET6, port), sizeof(struct sockaddr_in6)
/* The NUL at the end of a name is not part of it; the one before an abstract name is. */
#define UNIX(name)                                                                                 \
	local(name, sizeof(name) - 1), offsetof(struct sockaddr_un, sun_path) + sizeof(name) - 1

static union address *loopback(int family, int port)
{
	static union address a;

	memset(&a, 0, sizeof(a));
	a.sa.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		a.in.sin_port = htons((uint16_t)port);
	} else {
		a.in6.sin6_addr = in6addr_loopback;
		a.in6.sin6_port = htons((uint16_t)port);
	}
	return &a;
}

static union address *local(const char *name, size_t n)
{
	static union address a;

	memset(&a, 0, sizeof(a));
	a.un.sun_family = AF_UNIX;
	memcpy(a.un.sun_path, name, n);
	return &a;
}

#include "by_ring.h"
#include "pause.h"
#include "seen.h"
#include "socketcall.h"

static int stream(int family)
{
	return (int)sys(socket, family, SOCK_STREAM, 0);
}

static int datagram(int family)
{
	return (int)sys(socket, family, SOCK_DGRAM, 0);
}

static int listening(int family)
{
	int s = stream(family);

	if (family == AF_UNIX)
		sys(bind, s, UNIX("socket"));
	else if (family == AF_INET)
		sys(bind, s, INET(0));
	else
		sys(bind, s, INET6(0));
	sys(listen, s, 5);
	return s;
}

/* Connects a new socket to a listening one. */
static void connect_to(int s)
{
	union address a;
	socklen_t len = sizeof(a);

	if (getsockname(s, &a.sa, &len))
		fail("getsockname");
	sys(connect, stream(a.sa.sa_family), &a, len);
}

static void wake(int sig)
{
	(void)sig;
}

/* Connects to a socket whose queue is full, until a signal comes. */
static void connect_until_signal(void)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 50000}};
	const struct sigaction act = {.sa_handler = wake}; /* no SA_RESTART */
	int s = listening(AF_INET);

	sys(listen, s, 0);
	connect_to(s);
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	connect_to(s);
}

static int pair[2];

/* One of two Unix sockets that are connected to each other, with something to receive. */
static int paired(void)
{
	sys(socketpair, AF_UNIX, SOCK_DGRAM, 0, pair);
	if (write(pair[1], "secret words", 12) != 12)
		fail("socketpair");
	return pair[0];
}

/* A datagram socket that has an address. */
static int bound(int family)
{
	int s = datagram(family);

	if (family == AF_INET)
		sys(bind, s, INET(0));
	else
		sys(bind, s, INET6(0));
	return s;
}

/* The address of a socket; its length is in *len. */
static union address *address_of(int s, socklen_t *len)
{
	static union address a;

	*len = sizeof(a);
	if (getsockname(s, &a.sa, len))
		fail("getsockname");
	return &a;
}

/* A message in two parts to a socket, or to nobody in particular (-1). */
static struct mmsghdr *message(int to)
{
	static char words[] = "secret ", more[] = "words";
	static struct iovec parts[] = {{words, 7}, {more, 5}};
	static struct mmsghdr m;
	socklen_t len = 0;

	m.msg_hdr.msg_iov = parts;
	m.msg_hdr.msg_iovlen = 2;
	if (to >= 0) {
		m.msg_hdr.msg_name = address_of(to, &len);
		m.msg_hdr.msg_namelen = len;
	}
	return &m;
}

/* Sends a datagram to a socket from a new one. */
static void send_to(int s)
{
	socklen_t len;
	union address *a = address_of(s, &len);

	if (sendto(datagram(a->sa.sa_family), "secret words", 12, 0, &a->sa, len) != 12)
		fail("sendto");
}

/* Power. */
/* Its own capabilities, once more. */
static void set_own_caps(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct caps[2];

	sys(capget, &head, caps);
	sys(capset, &head, caps);
}

static char shared[6] = "secret";

/* Reads from, or writes to, a process's memory at an address that is ours too. */
static void vm(long call, pid_t pid)
{
	char own[sizeof(shared)] = "secret";
	struct iovec here = {own, sizeof(own)}, there = {shared, sizeof(shared)};

	syscall(call, (long)pid, &here, 1L, &there, 1L, 0L);
}

/* A file system that is mounted nowhere. */
static int made_filesystem(void)
{
	int fs = (int)sys(fsopen, "tmpfs", 0);

	sys(fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0);
	return fs;
}

/* Start of union bpf_attr: type, size of a key, of a value, entries. */
static uint32_t small_map[] = {BPF_MAP_TYPE_ARRAY, 4, 4, 1};

/* Mounts of this process and its children alone. */
static void private_mounts(void)
{
	if (!unshare(CLONE_NEWNS))
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* A copy of the program in d, and a layer over d at e. Where there are no overlays: a copy in e. */
static void overlay(void)
{
	private_mounts();
	close(program_copied("d/copy"));
	if (sys(mkdirat, AT_FDCWD, "upper", 0755) || sys(mkdirat, AT_FDCWD, "work", 0755))
		fail("mkdir");
	if (mount("live", "e", "overlay", 0, "lowerdir=d,upperdir=upper,workdir=work"))
		close(program_copied("e/copy"));
}

#define ACT(name, call, ...)                                                                       \
	static void act_##name(void)                                                               \
	{                                                                                          \
		__VA_ARGS__;                                                                       \
	}
#include "acts.def"

static const struct act {
	const char *name;
	long call; /* its number, or NO_CALL */
	void (*fn)(void);
} acts[] = {
#define ACT(name, call, ...) {#name, SYS_##call, act_##name},
#include "acts.def"
};

#define NACTS (sizeof(acts) / sizeof(acts[0]))

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, mode);
	size_t n = strlen(text);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n || close(fd))
		fail(name);
}

/* Makes w anew, as acts.def describes it. */
static void make_directory(void)
{
	char script[PATH_MAX + 32];

	nftw("w", remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	if (mkdir("w", 0755) || mkdir("w/d", 0755) || mkdir("w/e", 0755) || symlink("f", "w/s") ||
	    symlink("d", "w/sd") || symlink("../live-act", "w/program"))
		fail("making w");
	write_file("w/f", "text\n", 0644);
	write_file("w/d/g", "text\n", 0644);
	write_file("w/secret", "text\n", 0);
	snprintf(script, sizeof(script), "#!%s --true\n", program);
	write_file("w/script", script, 0755);
}

/* In the child. A session of its own: no terminal, and a process group to clean up after it. */
static void perform(const struct act *a)
{
	setsid();
	if (chdir("w"))
		fail("w");
	mark(a->name, "begin");
	alarm(ACT_SECONDS);
	a->fn();
	alarm(0);
	rest(); /* who is waited for may be awaited before the kernel has told of his end */
	mark(a->name, "end");
	_exit(0);
}

/*
 * Shared: the fork that made an act's process has returned, and is not taken for
 * a part of the act.
 */
static volatile int *released;

static int run(const struct act *a)
{
	int status = 0;
	pid_t pid;

	make_directory();
	for (size_t i = 0; i < NMARKS; i++)
		if (link(program, mark_path(a->name, marks[i])))
			fail("making marks");
	*released = 0;
	pid = fork();
	if (!pid) {
		while (!*released)
			sched_yield();
		perform(a);
	}
	*released = 1;
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		fail("fork");
	kill(-pid, SIGKILL);
	for (size_t i = 0; i < NMARKS; i++)
		unlink(mark_path(a->name, marks[i]));
	if (status)
		fprintf(stderr, "act: %s: status 0x%x\n", a->name, (unsigned)status);
	return status;
}

static int chosen(char *const *names, const char *name)
{
	if (!*names)
		return 1;
	while (*names && strcmp(*names, name))
		names++;
	return *names != NULL;
}

/* Output is the same on every machine: the usual mask, nothing inherited, no links in the name. */
static void prepare(const char *where)
{
	if (chdir(where) || chmod(".", 0755))
		fail(where);
	released = mmap(NULL, sizeof(*released), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (released == MAP_FAILED)
		fail("mmap");
	dir = getcwd(NULL, 0);
	if (!dir || strlen(dir) > 512)
		fail(where);
	snprintf(program, sizeof(program), "%s/live-act", dir);
	umask(022);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
}

int main(int argc, char **argv)
{
	int list = argc == 2 && !strcmp(argv[1], "--list"), failed = 0;

	if (argc > 1 && !strcmp(argv[1], "--true")) {
		await_own_start();
		rest();
		return 0;
	}
	if (argc < 2) {
		fprintf(stderr, "usage: act --list | act DIR [NAME]...\n");
		return 2;
	}
	if (!list) {
		/* Before 5.11 the sensor's maps count as root's memory, too. */
		setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
		set_pause(getenv("ACT_PAUSE"));
		prepare(argv[1]);
		watch_sensor(getenv("ACT_SEEN"), getenv("ACT_SENSOR"));
		find_i386();
	}
	for (size_t i = 0; i < NACTS; i++) {
		if (acts[i].call == NO_CALL)
			continue;
		if (list)
			puts(acts[i].name);
		else if (chosen(argv + 2, acts[i].name))
			failed += run(&acts[i]) != 0;
	}
	if (!list) {
		write_file(mark_path("all", "done"), "", 0600);
		open_mark("all", "done");
	}
	return failed > 0;
}
