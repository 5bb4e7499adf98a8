/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seam functions of capture.h over /proc and another process's memory: see
 * capture_proc.h. What a thread may have for itself (credentials, directory,
 * name) is taken from the thread. Buffers are static: records are built one
 * at a time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "capture_proc.h"

#define CAP_FN static __attribute__((unused))
#include "capture.h"

#define PAGE 4096u	   /* the smallest there is: all of one is there, or nothing */
#define LINK_MAX_PROC 4097 /* /proc gives no longer link, and its NUL */

static void lacks(struct cap *c, int slot)
{
	c->rec->hdr.absent |= 1u << slot;
}

static void is_given(struct cap *c, int slot)
{
	c->rec->hdr.given |= 1u << slot;
}

/* A path keeps its end. */
static void put_path(struct cap *c, int slot, const char *path, size_t len)
{
	size_t over = len > TRC_STR_MAX ? len - TRC_STR_MAX : 0;

	record_bytes(c->rec, slot, path + over, len - over);
	if (over)
		c->rec->hdr.cut |= 1u << slot;
}

static void cap_put(struct cap *c, int slot, trc_u64 value)
{
	if (!(c->rec->hdr.absent >> slot & 1))
		record_num(c->rec, slot, value);
}

static trc_s64 cap_ret(struct cap *c)
{
	return c->ret;
}

static trc_u64 cap_reg(struct cap *c, int n)
{
	return c->reg[n];
}

static int cap_is_arm(struct cap *c)
{
	return c->abi == ABI_ARM || c->abi == ABI_AARCH64;
}

static int cap_is_narrow(struct cap *c)
{
	return c->abi == ABI_ARM || c->abi == ABI_I386;
}

/* Reads through /proc/PID/mem: for calls that are not there, and addresses wider than our own. */
static ssize_t mem_read(const struct cap *c, trc_u64 addr, void *buf, size_t len)
{
	int fd = procfs_open(c->tid, "mem", O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = pread(fd, buf, len, (off_t)addr);
	close(fd);
	return n;
}

static ssize_t page_read(const struct cap *c, trc_u64 addr, void *buf, size_t len)
{
	struct iovec to = {buf, len}, from = {(void *)(uintptr_t)addr, len};

	if (addr > UINTPTR_MAX)
		return mem_read(c, addr, buf, len);
	if (process_vm_readv(c->tid, &to, 1, &from, 1, 0) == (ssize_t)len)
		return (ssize_t)len;
	return errno == EFAULT || errno == ESRCH ? -1 : mem_read(c, addr, buf, len);
}

/*
 * Reads len bytes of the thread's memory, or with `text` up to a NUL that
 * comes sooner. Returns the bytes before the NUL or len, -1 if some of them
 * cannot be read.
 */
static ssize_t user_read(const struct cap *c, trc_u64 addr, char *buf, size_t len, bool text)
{
	size_t done = 0;

	while (done < len) {
		size_t part = PAGE - (size_t)((addr + done) & (PAGE - 1));
		const char *nul;

		if (part > len - done)
			part = len - done;
		if (page_read(c, addr + done, buf + done, part) != (ssize_t)part)
			return -1;
		nul = text ? memchr(buf + done, '\0', part) : NULL;
		if (nul)
			return nul - buf;
		done += part;
	}
	return (ssize_t)len;
}

static int cap_peek(struct cap *c, trc_u64 addr, trc_u64 *v)
{
	*v = 0;
	return user_read(c, addr, (char *)v, sizeof(*v), false) < 0 ? -1 : 0;
}

static void cap_lacks(struct cap *c, int slot)
{
	lacks(c, slot);
}

static void cap_gives(struct cap *c, int slot)
{
	c->rec->hdr.given |= 1u << slot;
}

static void cap_ustr(struct cap *c, int slot, trc_u64 addr)
{
	static char text[TRC_STR_MAX + 1];
	ssize_t n = user_read(c, addr, text, sizeof(text), true);

	if (n < 0) {
		lacks(c, slot);
		return;
	}
	record_bytes(c->rec, slot, text, (size_t)n);
	is_given(c, slot);
}

static void cap_data(struct cap *c, int slot, trc_u64 addr, trc_u32 n, trc_u64 of)
{
	char data[TRC_DATA_MAX];

	if (user_read(c, addr, data, n, false) < 0) {
		lacks(c, slot);
		return;
	}
	record_bytes(c->rec, slot, data, n);
	is_given(c, slot);
	if (of > n)
		c->rec->hdr.cut |= 1u << slot;
}

/* Name of a descriptor's entry in a folder of /proc/PID; of the working directory for AT_FDCWD. */
static const char *fd_entry(char out[static 32], const char *folder, trc_s64 fd)
{
	if (fd == CAP_AT_FDCWD)
		return "cwd";
	snprintf(out, 32, "%s/%d", folder, (int)fd);
	return out;
}

static void cap_upath(struct cap *c, int slot, trc_s64 dirfd, trc_u64 addr)
{
	static char path[LINK_MAX_PROC + TRC_STR_MAX + 1], text[TRC_STR_MAX + 1];
	ssize_t n = user_read(c, addr, text, sizeof(text), true), dir = 0;
	char entry[32];

	if (n < 0) {
		lacks(c, slot);
		return;
	}
	if (text[0] != '/')
		dir = procfs_link(c->tid, fd_entry(entry, "fd", dirfd), path, LINK_MAX_PROC);
	if (dir < 0)
		dir = 0;
	if (n && dir > 0 && path[dir - 1] != '/')
		path[dir++] = '/';
	memcpy(path + dir, text, (size_t)n);
	put_path(c, slot, path, (size_t)(dir + n));
	is_given(c, slot);
}

static void put_link(struct cap *c, int slot, const char *name)
{
	static char path[LINK_MAX_PROC];
	ssize_t n = procfs_link(c->tid, name, path, sizeof(path));

	if (n < 0)
		lacks(c, slot);
	else
		put_path(c, slot, path, (size_t)n);
}

static void cap_fdpath(struct cap *c, int slot, trc_s64 fd)
{
	char entry[32];

	put_link(c, slot, fd_entry(entry, "fd", fd));
}

static void put_file(struct cap *c, int slot, const char *name, enum cap_fdfact what)
{
	struct stat st;

	if (procfs_target(c->tid, name, &st))
		lacks(c, slot);
	else
		cap_put(c, slot, what == CAP_FD_DEV ? procfs_dev(st.st_dev) : st.st_ino);
}

static void cap_fdfact(struct cap *c, int slot, trc_s64 fd, enum cap_fdfact what)
{
	char entry[32];

	put_file(c, slot, fd_entry(entry, "fd", fd), what);
}

/* Flags of a descriptor and its file, in the kernel's own numbers; -1 if they cannot be had. */
static trc_s64 fd_flags(const struct cap *c, trc_s64 fd)
{
	char entry[32], buf[256];
	const char *line;

	if (procfs_read(c->tid, fd_entry(entry, "fdinfo", fd), buf, sizeof(buf)) < 0)
		return -1;
	line = strstr(buf, "flags:");
	return line ? (trc_s64)strtoul(line + 6, NULL, 8) : -1;
}

static trc_s64 cap_fdflags(struct cap *c, trc_s64 fd)
{
	trc_s64 flags = fd_flags(c, fd);

	/* Closing on exec belongs to the descriptor, not to its file. */
	return flags < 0 ? -1 : flags & ~(trc_s64)O_CLOEXEC;
}

/* Both ends of a socket as they go into a record. */
struct ends {
	struct trc_sock sock;
	char name[sizeof(((struct sockaddr_un *)0)->sun_path)];
	size_t name_len;
};

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
	struct sockaddr_storage room;
};

/* Takes an address of len bytes for one end. */
static void ends_take(struct ends *e, const union address *a, size_t len, bool local)
{
	trc_u8 *to = local ? e->sock.laddr : e->sock.raddr;
	trc_u16 *port = local ? &e->sock.lport : &e->sock.rport;

	if (a->any.sa_family == AF_INET && len >= offsetof(struct sockaddr_in, sin_zero)) {
		memcpy(to, &a->in.sin_addr, 4);
		*port = ntohs(a->in.sin_port);
	} else if (a->any.sa_family == AF_INET6 &&
		   len >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
		memcpy(to, &a->in6.sin6_addr, 16);
		*port = ntohs(a->in6.sin6_port);
	} else if (a->any.sa_family == AF_UNIX && len > offsetof(struct sockaddr_un, sun_path)) {
		size_t n = len - offsetof(struct sockaddr_un, sun_path);

		if (n > sizeof(e->name))
			n = sizeof(e->name);
		memcpy(e->name, a->un.sun_path, n);
		e->name_len = n;
		if (e->name[0])
			e->name_len = strnlen(e->name, n);
		else
			e->name[0] = '@';
	}
}

/* The caller's address at addr: its end of the call, if it is of the socket's family. */
static bool ends_given(struct cap *c, struct ends *e, trc_u64 addr, trc_u64 len)
{
	union address a = {0};

	if (len > sizeof(a))
		len = sizeof(a);
	if (!addr || len < sizeof(a.any.sa_family) ||
	    user_read(c, addr, (char *)&a, (size_t)len, false) < 0)
		return false;
	if (!e->sock.family)
		e->sock.family = a.any.sa_family;
	if (e->sock.family != a.any.sa_family)
		return false;
	ends_take(e, &a, (size_t)len, c->rec->hdr.type == TRC_BIND);
	return true;
}

/* A descriptor of our own for the thread's socket, or -1. */
static int sock_dup(const struct cap *c, int fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	int own;

	if (pidfd < 0)
		return -1;
	own = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	close(pidfd);
	return own;
}

/* What the kernel says of a socket. 1 if it has a remote end, 0 if not, -1: it is none. */
static int ends_kernel(struct ends *e, int fd)
{
	union address a;
	socklen_t len = sizeof(a), proto_len = sizeof(int);
	int proto = 0;

	if (getsockname(fd, &a.any, &len))
		return -1;
	e->sock.family = a.any.sa_family;
	ends_take(e, &a, len, true);
	if (e->sock.family != AF_UNIX &&
	    !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &proto_len))
		e->sock.proto = (trc_u16)proto;
	len = sizeof(a);
	if (getpeername(fd, &a.any, &len))
		return 0;
	ends_take(e, &a, len, false);
	return 1;
}

/* Both ends, unless they were found to be missing. */
static void put_ends(struct cap *c, int slot, const struct ends *e)
{
	if (!(c->rec->hdr.absent >> slot & 1))
		record_bytes(c->rec, slot, e, offsetof(struct ends, name) + e->name_len);
}

static void cap_sock(struct cap *c, int slot, trc_s64 fd, trc_u64 uaddr, trc_u64 ulen)
{
	/* A connect that goes on in the background has its socket set up already. */
	bool failed = c->ret < 0 && c->ret != -TRC_EINPROGRESS;
	int own = failed ? -1 : sock_dup(c, (int)fd);
	struct ends e = {0};
	int peer = own < 0 ? -1 : ends_kernel(&e, own);

	if (own >= 0)
		close(own);
	/* getpeername() does not tell of a peer before it has answered. */
	if (peer < 0 || (!peer && c->rec->hdr.type == TRC_CONNECT)) {
		if (ends_given(c, &e, uaddr, (trc_u32)ulen))
			is_given(c, slot);
		else if (peer < 0)
			lacks(c, slot);
	}
	put_ends(c, slot, &e);
}

static bool has_stream(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) || type == SOCK_STREAM;
}

static void cap_peer(struct cap *c, int slot, trc_s64 fd, trc_u64 uaddr, trc_u32 ulen)
{
	int own = sock_dup(c, (int)fd);
	struct ends e = {0};

	if (own < 0 || ends_kernel(&e, own) < 0)
		lacks(c, slot);
	/* One without a name has its family alone. */
	else if (ulen > sizeof(sa_family_t) && !has_stream(own) && ends_given(c, &e, uaddr, ulen))
		is_given(c, slot);
	if (own >= 0)
		close(own);
	put_ends(c, slot, &e);
}

/*
 * The name as the kernel took it is where AT_EXECFN points in the new image,
 * which has not run yet: the caller's own memory could have changed since.
 */
static void cap_execed(struct cap *c, int slot)
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
			n = user_read(c, pair[1], text, sizeof(text), true);
	}
	if (n < 0)
		lacks(c, slot);
	else
		put_path(c, slot, text, (size_t)n);
}

static void put_loginuid(struct cap *c, int slot)
{
	char buf[16];

	if (procfs_read(c->tid, "loginuid", buf, sizeof(buf)) <= 0)
		lacks(c, slot);
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
		lacks(c, slot);
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
	struct stat st;

	if (procfs_target(c->tid, "exe", &st))
		lacks(c, slot);
	else if (what == CAP_F_EXEDEV)
		cap_put(c, slot, procfs_dev(st.st_dev));
	else if (what == CAP_F_EXEINO)
		cap_put(c, slot, st.st_ino);
	else if (what == CAP_F_EXECTIME)
		cap_put(c, slot, record_time(st.st_ctim));
	else if (what == CAP_F_EXEMTIME)
		cap_put(c, slot, record_time(st.st_mtim));
	else
		put_exeflags(c, slot, &st);
}

/* What a child shares with the thread that made it. */
static void put_childflags(struct cap *c, int slot)
{
	enum { FILES = 2, FS = 3 }; /* KCMP_* */
	long files = syscall(SYS_kcmp, c->tid, c->child, FILES, 0, 0);
	long fs = syscall(SYS_kcmp, c->tid, c->child, FS, 0, 0);
	struct stat own, its;

	if (files < 0 || fs < 0 || procfs_target(c->tid, "ns/user", &own) ||
	    procfs_target(c->child, "ns/user", &its))
		lacks(c, slot);
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
		lacks(c, slot);
	else
		cap_put(c, slot,
			what == CAP_F_CHILDSTART ? st.start :
			what == CAP_F_CHILDPPID	 ? (trc_u64)who.ppid :
						   (trc_u64)who.vpid);
}

/* What status has behind a list that may be too long. */
static void put_late(struct cap *c, int slot, trc_u64 value)
{
	if (c->who.whole)
		cap_put(c, slot, value);
	else
		lacks(c, slot);
}

static void cap_task(struct cap *c, int slot, enum cap_fact what)
{
	const struct procfs_status *who = &c->who;

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
	case CAP_F_CHILD:
		cap_put(c, slot, (trc_u64)c->child);
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

/* A file of strings that end in NULs. A thread without a program, of the kernel, has none. */
static void put_strings(struct cap *c, int slot, const char *name)
{
	static char buf[TRC_STR_MAX + 2];
	ssize_t n = procfs_read(c->tid, name, buf, sizeof(buf));
	struct stat st;

	if (n < 0 || (n == 0 && procfs_target(c->tid, "exe", &st)))
		lacks(c, slot);
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
	if (controllers[0] == ':')
		return 3;
	return has_controller(controllers, "pids") ? 2 : has_controller(controllers, "cpu") ? 1 : 0;
}

/* One path: of the unified hierarchy, or where the process is in its root, of pids or cpu. */
static void put_cgroup(struct cap *c, int slot)
{
	static char buf[16384];
	const char *found = "/";
	int best = 0;
	char *line = buf, *next;

	if (procfs_read(c->tid, "cgroup", buf, sizeof(buf)) < 0) {
		lacks(c, slot);
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
	put_path(c, slot, found, strlen(found));
}

static void put_comm(struct cap *c, int slot)
{
	char buf[64];
	ssize_t n = procfs_read(c->tid, "comm", buf, sizeof(buf));

	if (n <= 0)
		lacks(c, slot);
	else
		record_bytes(c->rec, slot, buf, (size_t)n - 1); /* its last byte is a line end */
}

static void cap_text(struct cap *c, int slot, enum cap_fact what)
{
	switch (what) {
	case CAP_F_EXEPATH:
		put_link(c, slot, "exe");
		break;
	case CAP_F_ARGV:
		put_strings(c, slot, "cmdline");
		break;
	case CAP_F_ENV:
		put_strings(c, slot, "environ");
		break;
	case CAP_F_CWD:
		put_link(c, slot, "cwd");
		break;
	case CAP_F_CGROUP:
		put_cgroup(c, slot);
		break;
	case CAP_F_COMM:
		put_comm(c, slot);
		break;
	default:
		lacks(c, slot);
	}
}

int capture_look(struct cap *c)
{
	struct procfs_stat thread;
	int err = procfs_status(c->tid, &c->who);

	if (!err)
		err = procfs_stat(c->pid, &c->stat);
	/* A process started when its first thread did, but this thread ran elsewhere. */
	if (!err && c->tid != c->pid && !procfs_stat(c->tid, &thread))
		c->stat.cpu = thread.cpu;
	return err;
}

bool capture_is_dull(struct cap *c, enum trc_type type)
{
	return cap_is_dull(c, type);
}

static void begin(struct cap *c, enum trc_type type)
{
	struct trc_hdr *h = &c->rec->hdr;

	record_begin(c->rec, type, (trc_u32)c->pid, (trc_u32)c->tid);
	h->absent = 0; /* the seam says what is */
	h->flags = c->compat ? TRC_COMPAT : 0;
	h->start = c->stat.start;
	h->uid = c->who.uid;
	h->cpu = c->stat.cpu;
	h->nr = c->nr;
}

void capture_record(struct cap *c, enum trc_type type)
{
	begin(c, type);
	cap_args(c, type);
}

int capture_fd(struct cap *c, int fd)
{
	static char name[LINK_MAX_PROC];
	int sock = event_arg_slot(TRC_FDINFO, "tuple");
	char entry[32];
	ssize_t n = procfs_link(c->tid, fd_entry(entry, "fd", fd), name, sizeof(name));
	trc_s64 flags = fd_flags(c, fd);

	if (n < 0)
		return (int)n;
	begin(c, TRC_FDINFO);
	c->rec->hdr.absent = (1u << c->rec->hdr.narg) - 1;
	record_num(c->rec, event_arg_slot(TRC_FDINFO, "fd"), (trc_u64)fd);
	record_bytes(c->rec, event_arg_slot(TRC_FDINFO, "name"), name, (size_t)n);
	if (flags >= 0)
		record_num(c->rec, event_arg_slot(TRC_FDINFO, "flags"),
			   cap_scalar(c, TRC_T_OFLAGS, (trc_u64)flags));
	if (strncmp(name, "socket:", 7) != 0)
		return 0;
	c->rec->hdr.absent &= ~(1u << sock);
	cap_sock(c, sock, fd, 0, 0);
	return 0;
}
