/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records that the sensor states itself: see proc.h. What is said of a process
 * goes through the same capture body as its events do (capture_proc.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "capture_proc.h"
#include "opener.h"
#include "proc.h"

/* Descriptors of a process that are described. */
#define FDS_MAX 256

static struct record rec;

/* The number of an argument, by its name. */
#define SLOT(type, name) event_arg_slot(TRC_##type, name)

void proc_machine(const char *driver, record_fn fn, void *arg)
{
	static const char *const abi_name[ABI_COUNT] = {[ABI_X86_64] = "x86_64",
							[ABI_AARCH64] = "aarch64",
							[ABI_ARM] = "arm",
							[ABI_I386] = "i386"};
	struct timespec now;
	struct utsname kernel;
	struct procfs_stat own;
	bool known = !procfs_stat(getpid(), &own);

	clock_gettime(CLOCK_REALTIME, &now);
	uname(&kernel);
	record_begin(&rec, TRC_MACHINE, known ? (trc_u32)getpid() : 0, (trc_u32)opener_pid());
	rec.hdr.start = known ? own.start : 0;
	record_num(&rec, SLOT(MACHINE, "epoch"), record_time(now) - rec.hdr.ts);
	record_str(&rec, SLOT(MACHINE, "hostname"), kernel.nodename);
	record_str(&rec, SLOT(MACHINE, "release"), kernel.release);
	record_str(&rec, SLOT(MACHINE, "arch"), abi_name[abi_native()]);
	record_str(&rec, SLOT(MACHINE, "driver"), driver);
	fn(&rec.hdr, arg);
}

/* A line of passwd(5) or group(5) as it is read: name:password:number:... */
struct owner {
	int field;
	size_t name_len;
	char name[256];
	trc_u64 id;
	int digits;
	bool bad;
};

static void owner_char(struct owner *o, char ch)
{
	if (ch == ':')
		o->field++;
	else if (o->field == 0 && o->name_len < sizeof(o->name))
		o->name[o->name_len++] = ch;
	else if (o->field == 0)
		o->bad = true;
	else if (o->field == 2 && ch >= '0' && ch <= '9' && o->digits++ < 10)
		o->id = o->id * 10 + (trc_u64)(ch - '0');
	else if (o->field == 2)
		o->bad = true;
}

/* A comment, or an entry for NIS (nsswitch.conf(5), "compat")? The C library passes these over. */
static bool is_no_name(char first)
{
	return first == '#' || first == '+' || first == '-';
}

/* userinfo and groupinfo: a number, then a name. */
static int owner_state(const struct owner *o, enum trc_type type, record_fn fn, void *arg)
{
	if (o->bad || !o->name_len || !o->digits || o->id > UINT32_MAX || is_no_name(o->name[0]))
		return 0;
	record_begin(&rec, type, 0, 0);
	record_num(&rec, 0, o->id);
	record_bytes(&rec, 1, o->name, o->name_len);
	fn(&rec.hdr, arg);
	return 1;
}

/* One without number and name says that the list begins: who is not in it is no more. */
static int owners_state(const char *path, enum trc_type type, record_fn fn, void *arg)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), owners = 0;
	struct owner owner = {0};
	char buf[1024];
	ssize_t n;

	if (fd < 0)
		return -errno;
	record_begin(&rec, type, 0, 0);
	fn(&rec.hdr, arg);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] != '\n') {
				owner_char(&owner, buf[i]);
				continue;
			}
			owners += owner_state(&owner, type, fn, arg);
			owner = (struct owner){0};
		}
	if (n < 0)
		owners = -errno;
	else
		owners += owner_state(&owner, type, fn, arg);
	close(fd);
	return owners;
}

int proc_owners(record_fn fn, void *arg)
{
	int users = owners_state("/etc/passwd", TRC_USERINFO, fn, arg);
	int groups = owners_state("/etc/group", TRC_GROUPINFO, fn, arg);

	return users < 0 ? users : groups < 0 ? groups : users + groups;
}

int proc_owners_watch(void)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), err;

	/* The folder: programs write another file and rename it. */
	if (fd >= 0 && inotify_add_watch(fd, "/etc", IN_CLOSE_WRITE | IN_MOVED_TO) >= 0)
		return fd;
	err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

bool proc_owners_changed(int fd)
{
	union {
		struct inotify_event align;
		char room[4096];
	} buf;
	bool changed = false;
	ssize_t n;

	while ((n = read(fd, buf.room, sizeof(buf.room))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e = (const void *)(buf.room + at);

			changed |= e->mask & IN_Q_OVERFLOW ||
				   (e->len &&
				    (!strcmp(e->name, "passwd") || !strcmp(e->name, "group")));
			at += (ssize_t)(sizeof(*e) + e->len);
		}
	return changed;
}

/* The first ones only: who has more could keep the sensor busy with them alone. */
static void describe_fds(struct cap *c, record_fn fn, void *arg)
{
	struct procfs_dir d;
	int fd;

	if (procfs_dir_open(&d, c->pid, "fd"))
		return;
	for (int n = 0; n < FDS_MAX && (fd = procfs_dir_next(&d)) >= 0; n++)
		if (!capture_fd(c, fd))
			fn(&rec.hdr, arg);
	procfs_dir_close(&d);
}

int proc_describe(pid_t pid, record_fn fn, void *arg)
{
	struct cap c = {.rec = &rec, .pid = pid, .tid = pid, .nr = ~0u, .abi = abi_native()};
	int err = capture_look(&c);

	if (err)
		return err == -ENOENT ? -ESRCH : err;
	capture_record(&c, TRC_PROCINFO);
	fn(&rec.hdr, arg);
	describe_fds(&c, fn, arg);
	return 0;
}

int proc_snapshot(record_fn fn, void *arg)
{
	struct procfs_dir d;
	int pid, err = procfs_dir_open(&d, 0, ".");

	if (err)
		return err;
	while ((pid = procfs_dir_next(&d)) > 0)
		proc_describe(pid, fn, arg);
	procfs_dir_close(&d);
	return 0;
}

void proc_file(const char *path, record_fn fn, void *arg)
{
	struct stat st;

	record_begin(&rec, TRC_FILEINFO, 0, 0);
	record_str(&rec, SLOT(FILEINFO, "name"), path);
	if (!stat(path, &st)) {
		record_num(&rec, SLOT(FILEINFO, "dev"), procfs_dev(st.st_dev));
		record_num(&rec, SLOT(FILEINFO, "ino"), st.st_ino);
	}
	fn(&rec.hdr, arg);
}

/* Could root alone have made it, and what stands in it? To one like /tmp others may only add. */
static bool is_roots(const struct stat *st)
{
	return !st->st_uid && (S_ISLNK(st->st_mode) || st->st_mode & S_ISVTX ||
			       !(st->st_mode & (S_IWGRP | S_IWOTH)));
}

/* Is a link one to a directory? Not to the root, nor to what each process has of its own. */
static bool leads_to_dir(const char *path, char real[static PATH_MAX], struct stat *st)
{
	return !stat(path, st) && S_ISDIR(st->st_mode) && realpath(path, real) && real[1] &&
	       (strncmp(real, "/proc", 5) || (real[5] && real[5] != '/'));
}

/*
 * Length of the part of an absolute path up to the last directory in it that is a link; 0 if none
 * is. The way there is root's alone: else a user would say what a rule speaks of, or lead the
 * sensor to a file system that does not answer.
 */
static size_t find_link(char *path, char real[static PATH_MAX])
{
	char to[PATH_MAX];
	struct stat st = {.st_mode = S_IFDIR};
	size_t found = 0;

	for (char *end = path; end && S_ISDIR(st.st_mode);) {
		end = strchr(end + 1, '/');
		if (end)
			*end = '\0';
		if (lstat(path, &st) || !is_roots(&st))
			break;
		if (S_ISLNK(st.st_mode) && leads_to_dir(path, to, &st)) {
			found = strlen(path);
			memcpy(real, to, strlen(to) + 1);
			if (!is_roots(&st))
				break;
		}
		if (end)
			*end = '/';
	}
	return found;
}

void proc_link(const char *path, record_fn fn, void *arg)
{
	char name[PATH_MAX], real[PATH_MAX];
	size_t n;

	record_begin(&rec, TRC_LINKINFO, 0, 0);
	if (*path) {
		n = strlen(path);
		if (n >= sizeof(name))
			return;
		memcpy(name, path, n + 1);
		n = find_link(name, real);
		if (!n)
			return;
		record_bytes(&rec, SLOT(LINKINFO, "name"), name, n);
		record_str(&rec, SLOT(LINKINFO, "real"), real);
	}
	fn(&rec.hdr, arg);
}
