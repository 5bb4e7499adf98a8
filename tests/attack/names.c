/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens a watched file in all ways of ways.def: `names DIR [WAY]...`, where DIR
 * holds the watched files "secret" and "real/file". For each open that got the file, by device
 * and inode, it prints what the alert has to say:
 *
 *	open WAY pid=PID type=EVENT name=PATH raw=PATH
 *
 * and for a race, of which nobody knows how each open ends, how often it got it:
 *
 *	count WAY pid=PID N
 *
 * A way that this machine does not allow says `skip WAY: why`.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../ring.h"

#define SHADOW "/etc/shadow"
#define OTHER "/etc/hostname"
#define SECRET "../secret"
#define REAL "../real/file"
#define WAY_SECONDS 60
#define COMPONENT 250 /* bytes of a directory's name, of those that are deep */

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef SYS_open
#define SYS_open (-1)
#endif

#define sys(call, ...) ((int)syscall(SYS_##call, __VA_ARGS__))

static const char *way;		  /* that is going on */
static char dir[PATH_MAX];	  /* its working directory, at first */
static char deep[2 * PATH_MAX];	  /* below it, what dig() made */
static const char *name = SHADOW; /* of the watched file, as the kernel has it */
static struct stat watched;	  /* the watched file */
static int last;		  /* descriptor of it */

static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	printf("skip %s: %s: %s\n", way, what, strerror(errno));
	exit(0);
}

static const char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Text that stays until the process ends. */
static const char *text(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	must(vasprintf(&s, fmt, ap), "memory");
	va_end(ap);
	return s;
}

static const char *here(const char *file)
{
	return text("%s/%s", dir, file);
}

static const char *beneath(const char *file)
{
	return text("%s%s/%s", dir, deep, file);
}

/* What an alert makes of the caller's text. */
static const char *shown;

static void shown_as(const char *raw)
{
	shown = raw;
}

static void called(const char *path)
{
	name = path;
}

static void target(const char *path)
{
	must(stat(path, &watched), path);
}

static int is_watched(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_dev == watched.st_dev && st.st_ino == watched.st_ino;
}

static void got(int fd, const char *event, const char *raw)
{
	must(fd, raw);
	if (!is_watched(fd)) {
		printf("skip %s: %s is another file\n", way, raw);
		exit(0);
	}
	last = fd;
	printf("open %s pid=%d type=%s name=%s raw=%s\n", way, getpid(), event, name,
	       shown ? shown : raw);
}

static void via_open(const char *path)
{
	got(sys(open, path, O_RDONLY), "open", path);
}

static void via(int dirfd, const char *path)
{
	got(sys(openat, dirfd, path, O_RDONLY), "openat", path);
}

static void via_flags(const char *path, int flags)
{
	got(sys(openat, AT_FDCWD, path, flags), "openat", path);
}

static void via2(int dirfd, const char *path, uint64_t resolve)
{
	struct open_how how = {.flags = O_RDONLY, .resolve = resolve};

	got(sys(openat2, dirfd, path, &how, sizeof(how)), "openat2", path);
}

static void via_handle(const char *path)
{
	struct {
		struct file_handle head;
		char rest[MAX_HANDLE_SZ];
	} h = {.head.handle_bytes = MAX_HANDLE_SZ};
	int id;

	must(name_to_handle_at(AT_FDCWD, path, &h.head, &id, 0), "name_to_handle_at");
	got(open_by_handle_at(AT_FDCWD, &h.head, O_RDONLY), "open_by_handle_at", "<NA>");
}

static void via_ring(const char *path)
{
	char opened[PATH_MAX] = "";

	got(ring_open(path), "file_open", "<NA>");
	/* What is told instead where there is a hook: the kernel's name. */
	must((int)readlink(text("/proc/self/fd/%d", last), opened, sizeof(opened) - 1), "link");
	printf("hook %s pid=%d type=openat name=%s raw=<NA>\n", way, getpid(), opened);
}

static int directory(const char *path)
{
	int fd = sys(openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY);

	must(fd, path);
	return fd;
}

static void enter(const char *path)
{
	must(chdir(path), path);
}

static void make(const char *path)
{
	must(mknod(path, S_IFREG | 0600, 0), path);
}

static void make_dir(const char *path)
{
	must(mkdir(path, 0700), path);
}

static void link_to(const char *to, const char *path)
{
	must(symlink(to, path), path);
}

/* Mounts that nobody else sees, and that end with this process. */
static void private_mounts(void)
{
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
}

static void bind(const char *from, const char *to)
{
	must(mount(from, to, NULL, MS_BIND, NULL), "bind mount");
}

static void cover(const char *path)
{
	must(mount("none", path, "tmpfs", 0, NULL), "tmpfs");
}

static void overlay(const char *lower, const char *to)
{
	must(mount("overlay", to, "overlay", MS_RDONLY, text("lowerdir=%s", lower)), "overlay");
}

static void move(const char *from, const char *to)
{
	must(rename(from, to), "rename");
}

static void hard_link(const char *path)
{
	target(SECRET);
	must(link(SECRET, path), "link");
}

/* What the watched name stands for has changed: the sensor is given the time to notice. */
static void settle(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
}

/* /etc, then so many times filling that n bytes come together, then the rest of /etc/shadow. */
static const char *padded(const char *filling, size_t n)
{
	static char path[PATH_MAX];
	size_t at = 4, rest = sizeof("shadow"), unit = strlen(filling);

	memcpy(path, "/etc", at);
	for (; at + unit + rest <= n; at += unit)
		memcpy(path + at, filling, unit);
	snprintf(path + at, sizeof(path) - at, "/shadow");
	return path;
}

/* Makes so many directories in each other, and goes down. */
static void dig(int n)
{
	char component[COMPONENT + 1];

	memset(component, 'd', COMPONENT);
	component[COMPONENT] = 0;
	for (int i = 0; i < n; i++) {
		make_dir(component);
		enter(component);
		snprintf(deep + strlen(deep), sizeof(deep) - strlen(deep), "/%s", component);
	}
}

/* A child opens path, by its own name for it. */
static void other_opens(const char *path)
{
	pid_t pid = fork();

	must(pid, "fork");
	if (!pid) {
		close(last);
		via(AT_FDCWD, path);
		exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void in_thread(void *(*fn)(void *))
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, fn, NULL);
	must(-errno, "pthread_create");
	pthread_join(thread, NULL);
}

static void *open_shadow(void *arg)
{
	via(AT_FDCWD, SHADOW);
	return arg;
}

/* Races: the second thread works while `racing`. */
static atomic_int racing;

static int race(void *(*other)(void *), int (*once)(void), int n)
{
	pthread_t thread;
	int sum = 0;

	target(SHADOW);
	racing = 1;
	errno = pthread_create(&thread, NULL, other, NULL);
	must(-errno, "pthread_create");
	for (int i = 0; i < n; i++) {
		sum += once();
		/* At a rate that no ring minds. */
		if (i % 50 == 0)
			nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
	racing = 0;
	pthread_join(thread, NULL);
	return sum;
}

static void count(int n)
{
	printf("count %s pid=%d %d\n", way, getpid(), n);
}

/* The path is rewritten by the second thread, before, during and after the call. */
static volatile char path[16];

static void write_path(const char *to)
{
	for (size_t i = 0; i < sizeof(OTHER); i++)
		path[i] = to[i];
}

static void *rewrite(void *arg)
{
	static const char shadow[sizeof(OTHER)] = SHADOW;

	while (racing) {
		write_path(shadow);
		write_path(OTHER);
	}
	return arg;
}

static int open_path(void)
{
	int fd = sys(openat, AT_FDCWD, path, O_RDONLY), is = fd >= 0 && is_watched(fd);

	if (fd >= 0)
		close(fd);
	return is;
}

static int rewritten(int n)
{
	write_path(OTHER);
	return race(rewrite, open_path, n);
}

/*
 * The descriptor is known beforehand: the lowest that is free. The second thread
 * takes the file away from it and puts another one there, at best before the
 * call has ended; it keeps the file at another descriptor. (It looks for it by
 * fcntl, which is no event: a flood of them is another test.)
 */
static int decoy, expected;
static atomic_int prize; /* where the file is now; -1 = not taken yet */

static void *swap(void *arg)
{
	while (racing) {
		int fd = prize < 0 ? fcntl(expected, F_DUPFD_CLOEXEC, expected + 1) : -1;

		if (fd < 0)
			continue;
		dup2(decoy, expected);
		prize = fd;
	}
	return arg;
}

static int open_expected(void)
{
	int is;

	close(expected);
	prize = -1;
	if (sys(openat, AT_FDCWD, SHADOW, O_RDONLY) != expected)
		exit(2);
	while (prize < 0)
		sched_yield();
	is = is_watched(prize);
	close(prize);
	return is;
}

static int swapped(int n)
{
	decoy = sys(openat, AT_FDCWD, OTHER, O_RDONLY);
	must(decoy, OTHER);
	expected = dup(decoy);
	prize = 0;
	return race(swap, open_expected, n);
}

/* The ways. */
#define WAY(name, ...)                                                                             \
	static void way_##name(void)                                                               \
	{                                                                                          \
		__VA_ARGS__;                                                                       \
	}
#include "ways.def"

static const struct {
	const char *name;
	void (*go)(void);
} ways[] = {
#define WAY(name, ...) {#name, way_##name},
#include "ways.def"
};

#define NWAYS (sizeof(ways) / sizeof(ways[0]))

static void go(size_t i)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	must(pid, "fork");
	if (pid) {
		waitpid(pid, NULL, 0);
		return;
	}
	alarm(WAY_SECONDS);
	way = ways[i].name;
	make_dir(way);
	enter(way);
	if (!getcwd(dir, sizeof(dir)))
		must(-1, "getcwd");
	target(SHADOW);
	ways[i].go();
	exit(0);
}

static int asked_for(const char *which, int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (!strcmp(argv[i], which))
			return 1;
	return argc == 2;
}

int main(int argc, char **argv)
{
	if (argc < 2 || chdir(argv[1])) {
		fprintf(stderr, "usage: names DIR [WAY]...\n");
		return 2;
	}
	for (size_t i = 0; i < NWAYS; i++)
		if (asked_for(ways[i].name, argc, argv))
			go(i);
	return 0;
}
