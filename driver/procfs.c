/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading /proc/PID without allocating: see procfs.h. Formats are those of
 * proc(5); names of programs may hold any byte, so fields are found from the
 * last bracket of stat, and by whole line starts in status, where the kernel
 * escapes line ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "procfs.h"

#define NAME_MAX_PROC 64 /* "/proc/4194304/fdinfo/2147483647" and room */
#define DELETED " (deleted)"
#define STATUS_MAX 4096 /* all of status, unless the process is in hundreds of groups */

static void name_of(char out[static NAME_MAX_PROC], pid_t pid, const char *name)
{
	if (pid)
		snprintf(out, NAME_MAX_PROC, "/proc/%d/%s", (int)pid, name);
	else
		snprintf(out, NAME_MAX_PROC, "/proc/%s", name);
}

int procfs_open(pid_t pid, const char *name, int flags)
{
	char path[NAME_MAX_PROC];
	int fd;

	name_of(path, pid, name);
	/* open() of musl says to the kernel once more that it is to be closed on exec. */
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC | O_LARGEFILE);
	return fd < 0 ? -errno : fd;
}

ssize_t procfs_read(pid_t pid, const char *name, char *buf, size_t size)
{
	int fd = procfs_open(pid, name, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	/* Once: a process's files are given whole, as far as there is room for them. */
	n = read(fd, buf, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return n;
}

int procfs_target(pid_t pid, const char *name, struct stat *st)
{
	char path[NAME_MAX_PROC];

	name_of(path, pid, name);
	return stat(path, st) ? -errno : 0;
}

/*
 * Does the text of a link end in a mark of the kernel's? A file that is still
 * there may be called so: then it is found under that very name.
 */
static bool is_marked(pid_t pid, const char *name, const char *text, size_t len)
{
	const size_t mark = sizeof(DELETED) - 1;
	struct stat file, found;
	char path[PATH_MAX + NAME_MAX_PROC];

	if (len <= mark || memcmp(text + len - mark, DELETED, mark) ||
	    procfs_target(pid, name, &file))
		return false;
	if (file.st_nlink == 0)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/root%.*s", (int)pid, (int)len, text);
	return stat(path, &found) || found.st_dev != file.st_dev || found.st_ino != file.st_ino;
}

ssize_t procfs_link(pid_t pid, const char *name, char *buf, size_t size)
{
	char path[NAME_MAX_PROC];
	ssize_t n;

	name_of(path, pid, name);
	n = readlink(path, buf, size);
	if (n < 0)
		return -errno;
	if ((size_t)n == size)
		return -ENAMETOOLONG;
	if (is_marked(pid, name, buf, (size_t)n))
		n -= (ssize_t)sizeof(DELETED) - 1;
	buf[n] = '\0';
	return n;
}

/* The terminal's number comes packed as in stat(2): minor 0-7, major 8-19, minor 20-31. */
static trc_u32 tty_of(unsigned long packed)
{
	return (trc_u32)((packed >> 8 & 0xfff) << 20 | (packed >> 12 & 0xfff00) | (packed & 0xff));
}

int procfs_stat(pid_t pid, struct procfs_stat *out)
{
	enum { STATE = 3, PGRP = 5, SESSION = 6, TTY = 7, THREADS = 20, START = 22, CPU = 39 };
	char buf[1024], *at;
	ssize_t n = procfs_read(pid, "stat", buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	at = strrchr(buf, ')');
	if (!at || !at[1] || !at[2])
		return -ESRCH;
	*out = (struct procfs_stat){.state = at[2]};
	at += 2;
	for (int field = STATE; field <= CPU && (at = strchr(at, ' ')); field++) {
		unsigned long long v = strtoull(++at, NULL, 10);

		if (field + 1 == PGRP)
			out->pgid = (pid_t)v;
		else if (field + 1 == SESSION)
			out->sid = (pid_t)v;
		else if (field + 1 == TTY)
			out->tty = tty_of((unsigned long)v);
		else if (field + 1 == THREADS)
			out->threads = (int)v;
		else if (field + 1 == START)
			out->start = v;
		else if (field + 1 == CPU)
			out->cpu = (trc_u32)v;
	}
	return 0;
}

/* The n-th number, from 0, of the line that starts with key; 0 if there is none. */
static unsigned long status_number(const char *buf, const char *key, int n)
{
	const char *line = strstr(buf, key);
	char *end;

	if (!line)
		return 0;
	line += strlen(key);
	for (; n; n--) {
		strtoul(line, &end, 10);
		line = end;
	}
	return strtoul(line, NULL, 10);
}

/* The last number of the line that starts with key; without such a line, other. */
static pid_t status_last(const char *buf, const char *key, pid_t other)
{
	const char *line = strstr(buf, key);

	if (!line)
		return other;
	for (line += strlen(key); *line == '\t'; line += 1 + strspn(line + 1, "0123456789"))
		other = (pid_t)strtol(line, NULL, 10);
	return other;
}

static trc_u64 status_caps(const char *buf, const char *key)
{
	const char *line = strstr(buf, key);

	return line ? strtoull(line + strlen(key), NULL, 16) : 0;
}

static ssize_t status_read(pid_t pid, char buf[static STATUS_MAX])
{
	return procfs_read(pid, "status", buf, STATUS_MAX);
}

int procfs_status(pid_t pid, struct procfs_status *out)
{
	char buf[STATUS_MAX];
	ssize_t n = status_read(pid, buf);

	if (n < 0)
		return (int)n;
	out->pid = (pid_t)status_number(buf, "\nTgid:", 0);
	out->ppid = (pid_t)status_number(buf, "\nPPid:", 0);
	out->uid = (trc_u32)status_number(buf, "\nUid:", 1);
	out->gid = (trc_u32)status_number(buf, "\nGid:", 1);
	out->fsuid = (trc_u32)status_number(buf, "\nUid:", 3);
	out->fsgid = (trc_u32)status_number(buf, "\nGid:", 3);
	out->caps[PROCFS_CAPINH] = status_caps(buf, "\nCapInh:");
	out->caps[PROCFS_CAPPRM] = status_caps(buf, "\nCapPrm:");
	out->caps[PROCFS_CAPEFF] = status_caps(buf, "\nCapEff:");
	/* A kernel without namespaces of processes has no such lines. */
	out->vpid = status_last(buf, "\nNStgid:", out->pid);
	out->vpgid = status_last(buf, "\nNSpgid:", -1);
	out->whole = strstr(buf, "\nCapEff:") != NULL;
	return out->pid ? 0 : -ESRCH;
}

bool procfs_in_group(pid_t pid, trc_u32 gid)
{
	char buf[STATUS_MAX], *at;

	at = status_read(pid, buf) < 0 ? NULL : strstr(buf, "\nGroups:");
	if (!at)
		return false;
	/* Each number has a blank after it. */
	for (at += strspn(at, "\nGroups:\t"); *at >= '0' && *at <= '9'; at++)
		if (strtoul(at, &at, 10) == gid)
			return true;
	return false;
}

trc_u64 procfs_dev(dev_t dev)
{
	return (trc_u64)major(dev) << 20 | minor(dev);
}

int procfs_dir_open(struct procfs_dir *d, pid_t pid, const char *name)
{
	d->at = d->end = 0;
	d->fd = procfs_open(pid, name, O_RDONLY | O_DIRECTORY);
	return d->fd < 0 ? d->fd : 0;
}

int procfs_dir_next(struct procfs_dir *d)
{
	for (;;) {
		const struct dirent *e;
		char *end;
		long v;

		if (d->at >= d->end) {
			d->at = 0;
			d->end = syscall(SYS_getdents64, d->fd, d->buf, sizeof(d->buf));
			if (d->end <= 0)
				return -1;
		}
		e = (const struct dirent *)(d->buf + d->at);
		d->at += e->d_reclen;
		v = strtol(e->d_name, &end, 10);
		if (end != e->d_name && !*end)
			return (int)v;
	}
}

void procfs_dir_close(struct procfs_dir *d)
{
	close(d->fd);
}

bool procfs_first_namespace(void)
{
	char text[64];

	return procfs_link(getpid(), "ns/pid", text, sizeof(text)) > 0 &&
	       !strcmp(text, "pid:[4026531836]"); /* linux/proc_ns.h */
}

bool procfs_wide_kernel(void)
{
	struct utsname u;

	/* A 64-bit ARM kernel tells a 32-bit personality(2) "armv8l"; 32-bit ones are armv6l and armv7l. */
	return sizeof(long) == 8 ||
	       (!uname(&u) && (strstr(u.machine, "64") || strstr(u.machine, "armv8")));
}
