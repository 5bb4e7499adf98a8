/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The facts of a process and its program, for the capture over /proc: numbers
 * first, then texts. What a thread may have for itself (credentials, directory,
 * name) is taken from the thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "capture_int.h"

static void put_loginuid(struct cap *c, int slot)
{
	char buf[16];

	if (procfs_read(c->tid, "loginuid", buf, sizeof(buf)) <= 0)
		cap_lacks(c, slot);
	else
		cap_put(c, slot, strtoul(buf, NULL, 10));
}

/* Is the thread in the initial namespace of users? Its number is fixed (linux/proc_ns.h). */
static bool is_initial_user(const struct cap *c)
{
	char text[64];

	return procfs_link(c->tid, "ns/user", text, sizeof(text)) > 0 &&
	       !strcmp(text, "user:[4026531837]");
}

static bool exe_writable(const struct cap *c, const struct stat *st, bool read_only)
{
	const struct procfs_status *who = &c->who;

	return !read_only &&
	       cap_may_write(st->st_mode, who->fsuid == st->st_uid,
			     who->fsgid == st->st_gid || procfs_in_group(c->tid, st->st_gid),
			     who->caps[PROCFS_CAPEFF] & CAP_DAC_OVERRIDE_BIT && is_initial_user(c));
}

/* A file of memfd_create() has a name in no directory: this one's file would be of this device. */
static bool exe_is_memfd(const struct cap *c, const struct stat *st)
{
	static char path[LINK_MAX_PROC];
	struct stat root;

	return !st->st_nlink && procfs_link(c->tid, "exe", path, sizeof(path)) > 0 &&
	       !strncmp(path, "/memfd:", 7) && !stat("/", &root) && root.st_dev != st->st_dev;
}

static void put_exeflags(struct cap *c, int slot, const struct stat *st)
{
	char path[32];
	struct statfs fs;
	trc_u32 flags = 0;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)c->tid);
	/* Nobody tells user space which layer of an overlay a file is in. */
	if (!c->who.whole || statfs(path, &fs) || fs.f_type == CAP_OVERLAYFS_MAGIC) {
		cap_lacks(c, slot);
		return;
	}
	if (exe_writable(c, st, fs.f_flags & ST_RDONLY))
		flags |= TRC_EXE_WRITABLE;
	if (exe_is_memfd(c, st))
		flags |= TRC_EXE_MEMFD;
	else if (!st->st_nlink)
		flags |= TRC_EXE_DELETED;
	cap_put(c, slot, flags);
}

static void put_exe(struct cap *c, int slot, enum cap_fact what)
{
	const struct stat *st = &c->file;

	if (!capture_see(c, "exe"))
		cap_lacks(c, slot);
	else if (what == CAP_F_EXEDEV)
		cap_put(c, slot, procfs_dev(st->st_dev));
	else if (what == CAP_F_EXEINO)
		cap_put(c, slot, st->st_ino);
	else if (what == CAP_F_EXECTIME)
		cap_put(c, slot, record_time(st->st_ctim));
	else if (what == CAP_F_EXEMTIME)
		cap_put(c, slot, record_time(st->st_mtim));
	else
		put_exeflags(c, slot, st);
}

enum { FILES = 2, FS = 3 }; /* KCMP_* */

/* 0 if two threads have the same, < 0 if that cannot be told. */
static long compare(pid_t a, pid_t b, int what)
{
	return syscall(SYS_kcmp, a, b, what, 0, 0);
}

bool capture_is_apart(pid_t tid, pid_t child)
{
	return compare(tid, child, FILES) > 0 || compare(tid, child, FS) > 0;
}

/* What a child shares with the thread that made it. */
static void put_childflags(struct cap *c, int slot)
{
	long files = compare(c->tid, c->child, FILES), fs = compare(c->tid, c->child, FS);
	struct stat own, its;

	if (files < 0 || fs < 0 || procfs_target(c->tid, "ns/user", &own) ||
	    procfs_target(c->child, "ns/user", &its))
		cap_lacks(c, slot);
	else
		cap_put(c, slot,
			(files == 0 ? TRC_CLONE_FILES : 0u) | (fs == 0 ? TRC_CLONE_FS : 0u) |
				(own.st_ino != its.st_ino ? TRC_CLONE_USER : 0u));
}

/* What is known of a child only by looking. */
static void put_child(struct cap *c, int slot, enum cap_fact what)
{
	struct procfs_status who;
	struct procfs_stat st;

	if (what == CAP_F_CHILDSTART ? procfs_stat(c->child, &st) : procfs_status(c->child, &who))
		cap_lacks(c, slot);
	else
		cap_put(c, slot,
			what == CAP_F_CHILDSTART ? st.start :
			what == CAP_F_CHILD	 ? (trc_u64)who.pid :
			what == CAP_F_CHILDPPID	 ? (trc_u64)who.ppid :
						   (trc_u64)who.vpid);
}

/* What status has behind a list that may be too long. */
static void put_late(struct cap *c, int slot, trc_u64 value)
{
	if (c->who.whole)
		cap_put(c, slot, value);
	else
		cap_lacks(c, slot);
}

void cap_task(struct cap *c, int slot, enum cap_fact what)
{
	const struct procfs_status *who = &c->who;

	if (c->brief)
		capture_look(c);
	c->brief = false;
	switch (what) {
	case CAP_F_PPID:
		cap_put(c, slot, (trc_u64)who->ppid);
		break;
	case CAP_F_GID:
		cap_put(c, slot, who->gid);
		break;
	case CAP_F_LOGINUID:
		put_loginuid(c, slot);
		break;
	case CAP_F_TTY:
		cap_put(c, slot, c->stat.tty);
		break;
	case CAP_F_CHILDFLAGS:
		put_childflags(c, slot);
		break;
	case CAP_F_STATUS:
		cap_put(c, slot, (trc_u64)c->status);
		break;
	case CAP_F_CAPINH:
	case CAP_F_CAPPRM:
	case CAP_F_CAPEFF:
		put_late(c, slot, who->caps[PROCFS_CAPINH + (what - CAP_F_CAPINH)]);
		break;
	case CAP_F_PGID:
		cap_put(c, slot, (trc_u64)c->stat.pgid);
		break;
	case CAP_F_SID:
		cap_put(c, slot, (trc_u64)c->stat.sid);
		break;
	case CAP_F_VPID:
		put_late(c, slot, (trc_u64)who->vpid);
		break;
	case CAP_F_VPGID:
		put_late(c, slot, (trc_u64)(who->vpgid < 0 ? c->stat.pgid : who->vpgid));
		break;
	default:
		if (cap_is_exe(what))
			put_exe(c, slot, what);
		else
			put_child(c, slot, what);
	}
}

/*
 * The name as the kernel took it is where AT_EXECFN points in the new image,
 * which has not run yet: the caller's own memory could have changed since.
 */
void cap_execed(struct cap *c, int slot)
{
	enum { EXECFN = 31 }; /* AT_EXECFN */
	static char text[TRC_STR_MAX + 1];
	bool wide = c->abi == ABI_X86_64 || c->abi == ABI_AARCH64;
	size_t step = wide ? 16 : 8;
	char aux[1024];
	ssize_t got = procfs_read(c->tid, "auxv", aux, sizeof(aux)), n = -1;

	for (size_t i = 0; got > 0 && i + step <= (size_t)got; i += step) {
		trc_u64 pair[2] = {0};

		memcpy(&pair[0], aux + i, step / 2);
		memcpy(&pair[1], aux + i + step / 2, step / 2);
		if (pair[0] == EXECFN)
			n = capture_read(c, pair[1], text, sizeof(text), true);
	}
	if (n < 0)
		cap_lacks(c, slot);
	else
		capture_put_path(c, slot, text, (size_t)n);
}

/* A file of strings that end in NULs. A thread without a program, of the kernel, has none. */
static void put_strings(struct cap *c, int slot, const char *name)
{
	static char buf[TRC_STR_MAX + 2];
	ssize_t n = procfs_read(c->tid, name, buf, sizeof(buf));
	struct stat st;

	if (n < 0 || (n == 0 && procfs_target(c->tid, "exe", &st)))
		cap_lacks(c, slot);
	else
		record_bytes(c->rec, slot, buf, (size_t)n);
}

/* Does a list with commas, which ends at a colon, have the word? */
static bool has_controller(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (;; list++) {
		if (!strncmp(list, word, n) && (list[n] == ',' || list[n] == ':'))
			return true;
		list = strpbrk(list, ",:");
		if (!list || *list == ':')
			return false;
	}
}

/* How well a line of /proc/PID/cgroup says where a process belongs; 0 = not at all. */
static int cgroup_worth(const char *controllers, const char *path)
{
	if (!strcmp(path, "/"))
		return 0;
	return has_controller(controllers, "pids") ? 3 :
	       has_controller(controllers, "cpu")  ? 2 :
						     controllers[0] == ':';
}

/*
 * One path: of pids or cpu, where these have a hierarchy of their own, or of the unified one. Where
 * there are both, runtimes use the former: in the latter a container is where its runtime is.
 */
static void put_cgroup(struct cap *c, int slot)
{
	static char buf[16384];
	const char *found = "/";
	int best = 0;
	char *line = buf, *next;

	if (procfs_read(c->tid, "cgroup", buf, sizeof(buf)) < 0) {
		cap_lacks(c, slot);
		return;
	}
	for (; (next = strchr(line, '\n')); line = next + 1) {
		char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;
		int worth;

		*next = '\0';
		if (!path)
			continue;
		worth = cgroup_worth(controllers + 1, path + 1);
		if (worth > best) {
			best = worth;
			found = path + 1;
		}
	}
	capture_put_path(c, slot, found, strlen(found));
}

static void put_comm(struct cap *c, int slot)
{
	char buf[64];
	ssize_t n = procfs_read(c->tid, "comm", buf, sizeof(buf));

	if (n <= 0)
		cap_lacks(c, slot);
	else
		record_bytes(c->rec, slot, buf, (size_t)n - 1); /* its last byte is a line end */
}

void cap_text(struct cap *c, int slot, enum cap_fact what)
{
	switch (what) {
	case CAP_F_EXEPATH:
		capture_put_link(c, slot, "exe");
		break;
	case CAP_F_ARGV:
		put_strings(c, slot, "cmdline");
		break;
	case CAP_F_ENV:
		put_strings(c, slot, "environ");
		break;
	case CAP_F_CWD:
		capture_put_link(c, slot, "cwd");
		break;
	case CAP_F_CGROUP:
		put_cgroup(c, slot);
		break;
	case CAP_F_COMM:
		put_comm(c, slot);
		break;
	default:
		cap_lacks(c, slot);
	}
}
