/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of the notify driver: see notify_record.h. A record's header says
 * whose it is by the process's start and user; as /proc may be gone by then, or
 * speak of what came later, both are kept from the first time that one is met.
 */
#include "notify_record.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture_proc.h"

#define KNOWN 2048 /* processes, by the last bits of their numbers */
#define LATER_US 100
#define LOOKS 3
#define MADE 128 /* files: made whose open, mapped whose close has not been told; opened last */

/* ABI numbers of what is told by another name. */
enum {
	SET_NAME = 15,	   /* PR_SET_NAME */
	ATTACH = 16,	   /* PTRACE_ATTACH */
	REMOVEDIR = 0x200, /* AT_REMOVEDIR */
	READ_ONLY = 0,
	READ_WRITE = 2,
	ACCESS = 3, /* O_ACCMODE */
	CREATES = 0100,
	EXEC_ARGS = 0, /* res and filename of an execve */
};

#define SLOT(type, name) event_arg_slot(TRC_##type, name)

static struct known {
	pid_t pid;
	trc_u32 uid;
	trc_u64 start;
	bool over; /* its first thread has ended */
	int status;
} known[KNOWN];

static struct made {
	pid_t pid;
	dev_t dev;
	ino_t ino;
	int fd; /* of those held */
} made[MADE], mapped[MADE], held[MADE];
static unsigned nmade, nmapped, nheld;

static struct record rec, /* of a process */ file; /* of what one did */

void notify_record_begin(void)
{
	memset(known, 0, sizeof(known));
	memset(made, 0, sizeof(made));
	memset(mapped, 0, sizeof(mapped));
	memset(held, 0, sizeof(held));
}

static struct known *slot_of(pid_t pid)
{
	return &known[(unsigned)pid % KNOWN];
}

/* What is kept of a process, looked up if that is nothing. start is 0 if it is gone. */
static struct known *know(pid_t pid)
{
	struct known *k = slot_of(pid);
	struct procfs_status who;
	struct procfs_stat stat;

	if (k->pid == pid)
		return k;
	*k = (struct known){.pid = pid, .uid = TRC_NO_UID};
	if (!procfs_stat(pid, &stat))
		k->start = stat.start;
	if (!procfs_status(pid, &who))
		k->uid = who.uid;
	return k;
}

/* The kind of program that a process runs, as its file says it: its call numbers, its pointers. */
static enum abi abi_of(pid_t pid, bool *compat)
{
	char ident[5];
	int fd = procfs_open(pid, "exe", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : pread(fd, ident, sizeof(ident), 0);
	enum { CLASS32 = 1, CLASS64 };
	enum abi native = abi_native();
	bool x86 = native == ABI_X86_64 || native == ABI_I386;

	if (fd >= 0)
		close(fd);
	ident[4] = n == sizeof(ident) ? ident[4] : 0;
	*compat = ident[4] == CLASS32 && procfs_wide_kernel();
	if (*compat)
		return x86 ? ABI_I386 : ABI_ARM;
	if (ident[4] == CLASS64)
		return x86 ? ABI_X86_64 : ABI_AARCH64;
	return native;
}

/* A record of that type about a process. False: /proc has it no more, nor any fact of it. */
static bool begin(struct cap *c, enum trc_type type, const struct connector_event *ev)
{
	struct known *k = know(ev->pid);
	bool there;

	c->rec = &rec;
	c->pid = ev->pid;
	c->tid = ev->tid;
	c->nr = ~0u;
	c->abi = abi_of(ev->pid, &c->compat);
	there = !capture_look(c);
	c->stat.start = k->start;
	c->who.uid = k->uid;
	capture_record(c, type);
	rec.hdr.ts = ev->ts;
	return there;
}

static void put(const char *name, trc_u64 value)
{
	record_num(&rec, event_arg_slot((enum trc_type)rec.hdr.type, name), value);
}

static void lacks(int slot)
{
	rec.hdr.absent |= 1u << slot;
}

void notify_record_doubt(struct record *r, const struct connector_event *ev)
{
	unsigned all = (1u << r->hdr.narg) - 1;

	if (ev->what == CONNECTOR_EXEC)
		r->hdr.absent = all & ~1u; /* that it was done */
	else if (ev->what == CONNECTOR_UID || ev->what == CONNECTOR_GID)
		for (int i = 4 + (ev->what == CONNECTOR_GID); i < r->hdr.narg; i++)
			r->hdr.absent |= 1u << i; /* TRC_WHO, but for what was told */
	r->hdr.given &= ~r->hdr.absent;
	r->hdr.cut &= ~r->hdr.absent;
	for (int i = 0; i < r->hdr.narg; i++)
		if (r->hdr.absent >> i & 1)
			r->word[sizeof(r->hdr) / 8 + (size_t)i] = 0;
}

static void begin_fork(const struct connector_event *ev)
{
	struct cap c = {.child = ev->other};
	const struct known *parent = know(ev->pid);
	struct known *child = slot_of(ev->other);
	struct procfs_stat stat;

	*child = (struct known){.pid = ev->other, .uid = parent->uid};
	/* One that is gone was made just before it was told of. */
	child->start = procfs_stat(ev->other, &stat) ? ev->ts / TRC_TICK_NS : stat.start;
	begin(&c, TRC_PROCFORK, ev);
	put("child", (trc_u64)ev->other);
	put("childstart", child->start);
	put("childppid", (trc_u64)ev->pid);
}

static void begin_exec(const struct connector_event *ev)
{
	struct cap c = {0};

	slot_of(ev->pid)->over =
		false; /* a thread that starts a program is the first from then on */
	if (!begin(&c, TRC_EXECVE, ev))
		notify_record_doubt(&rec, ev);
	/* It runs already, and its memory is its own. */
	if (!(rec.hdr.absent >> SLOT(EXECVE, "filename") & 1))
		rec.hdr.given |= 1u << SLOT(EXECVE, "filename");
}

/* Whatever call changed it, or the start of a program: what it is now, as setresuid says it. */
static void begin_user(const struct connector_event *ev)
{
	struct cap c = {0};
	bool user = ev->what == CONNECTOR_UID;

	if (user)
		know(ev->pid)->uid = ev->effective;
	if (!begin(&c, user ? TRC_SETRESUID : TRC_SETRESGID, ev))
		notify_record_doubt(&rec, ev);
	put(user ? "ruid" : "rgid", ev->value);
	put(user ? "euid" : "egid", ev->effective);
	lacks(3); /* the saved one */
	if (!user)
		put("egid_now", ev->effective);
}

static void begin_session(const struct connector_event *ev)
{
	struct cap c = {.ret = ev->pid};

	begin(&c, TRC_SETSID, ev);
}

/* Told is who is traced; the act is the tracer's. */
static void begin_trace(const struct connector_event *ev)
{
	struct connector_event by = *ev;
	struct cap c = {0};

	by.pid = (pid_t)ev->value;
	by.tid = ev->other;
	begin(&c, TRC_PTRACE, &by);
	lacks(SLOT(PTRACE, "addr"));
	lacks(SLOT(PTRACE, "data"));
	put("request", ATTACH);
	put("pid", (trc_u64)ev->tid);
}

static void begin_name(const struct connector_event *ev)
{
	struct cap c = {.reg = {SET_NAME}};

	begin(&c, TRC_PRCTL, ev);
	record_bytes(&rec, SLOT(PRCTL, "arg2_str"), ev->name, strnlen(ev->name, sizeof(ev->name)));
}

/*
 * Has the process ended? Its first thread is told of like any other; the process is there as long
 * as one of them is. Another one's end is its end only if the first one's came before.
 */
static bool has_ended(const struct connector_event *ev, struct known *k)
{
	struct procfs_stat stat;
	bool there = !procfs_stat(ev->pid, &stat) && stat.start == k->start;

	if (ev->tid == ev->pid) {
		k->over = true;
		k->status = (int)ev->value;
	}
	return k->over &&
	       (!there || (stat.threads <= 1 && (stat.state == 'Z' || stat.state == 'X')));
}

static bool begin_end(const struct connector_event *ev)
{
	struct known *k = know(ev->pid);
	struct connector_event all = *ev;
	struct cap c = {0};

	if (!has_ended(ev, k))
		return false;
	all.tid = ev->pid;
	c.status = k->status;
	begin(&c, TRC_PROCEXIT, &all);
	k->pid = 0;
	return true;
}

struct record *notify_record_process(const struct connector_event *ev)
{
	switch (ev->what) {
	case CONNECTOR_FORK:
		if (ev->other != (pid_t)ev->value)
			return NULL;
		begin_fork(ev);
		return &rec;
	case CONNECTOR_EXEC:
		begin_exec(ev);
		return &rec;
	case CONNECTOR_UID:
	case CONNECTOR_GID:
		begin_user(ev);
		return &rec;
	case CONNECTOR_SID:
		begin_session(ev);
		return &rec;
	case CONNECTOR_PTRACE:
		if (!ev->other)
			return NULL;
		begin_trace(ev);
		return &rec;
	case CONNECTOR_COMM:
		begin_name(ev);
		return &rec;
	default:
		return begin_end(ev) ? &rec : NULL;
	}
}

/* An empty record about the process of a file's event: which of its threads did it is not told. */
static void begin_of(pid_t pid, enum trc_type type)
{
	const struct known *k = know(pid);

	record_begin(&file, type, (trc_u32)pid, (trc_u32)pid);
	file.hdr.start = k->start;
	file.hdr.uid = k->uid;
}

static void put_path(const char *slot, const struct watch_name *name)
{
	int n = event_arg_slot((enum trc_type)file.hdr.type, slot);
	size_t over = name->len > TRC_STR_MAX ? name->len - TRC_STR_MAX : 0;

	if (!name->len)
		return;
	over += over && name->text[over] == '/';
	record_bytes(&file, n, name->text + over, name->len - over);
	if (over)
		file.hdr.cut |= 1u << n;
}

static struct record *an_open(const struct watch_event *ev, int fd, trc_s64 flags, bool creates)
{
	begin_of(ev->pid, TRC_OPENAT);
	record_num(&file, SLOT(OPENAT, "fd"), (trc_u64)(fd < 0 ? TRC_FD_SOME : fd));
	put_path("name", &ev->name);
	record_num(&file, SLOT(OPENAT, "flags"), (trc_u64)flags | (creates ? CREATES : 0));
	if (ev->known) {
		record_num(&file, SLOT(OPENAT, "dev"), procfs_dev(ev->st.st_dev));
		record_num(&file, SLOT(OPENAT, "ino"), ev->st.st_ino);
	}
	return &file;
}

static bool is_in(struct made list[static MADE], const struct watch_event *ev)
{
	for (int i = 0; ev->known && i < MADE; i++)
		if (list[i].pid == ev->pid && list[i].ino == ev->st.st_ino &&
		    list[i].dev == ev->st.st_dev) {
			list[i].pid = 0;
			return true;
		}
	return false;
}

/* Was an open of that file told with that descriptor before? */
static bool is_held(const struct watch_event *ev, int fd)
{
	for (int i = 0; i < MADE; i++)
		if (held[i].pid == ev->pid && held[i].ino == ev->st.st_ino &&
		    held[i].dev == ev->st.st_dev && held[i].fd == fd)
			return true;
	return false;
}

static void put_file(struct made list[static MADE], unsigned *n, const struct watch_event *ev,
		     int fd)
{
	list[(*n)++ % MADE] = (struct made){ev->pid, ev->st.st_dev, ev->st.st_ino, fd};
}

/*
 * Looks for the descriptor of an open, or else for its close. It is told before the process gets
 * its descriptor: so there are more looks, a little later, also if there is only one that was there
 * before. In the end that is it; the process may have closed it and got it again.
 */
static unsigned look_for(const struct watch_event *ev, int *fd, trc_s64 *flags)
{
	unsigned closed = 0;

	for (int left = LOOKS - 1; left >= 0 && !closed && *fd < 0; left--) {
		if (left < LOOKS - 1 && !watch_waits())
			usleep(left ? LATER_US : 10 * LATER_US);
		*fd = capture_holds(ev->pid, &ev->st, flags);
		if (left && *fd >= 0 && is_held(ev, *fd))
			*fd = -1;
		if (*fd < 0)
			closed = watch_closed_later(ev->pid, &ev->st);
	}
	return closed;
}

/*
 * How a file was opened, the kernel does not say. Its descriptor does, if there still is one; else
 * how it was closed: what could not be written was opened to be read, what could may have been read
 * too. One event may stand for several opens, of which those two kinds are told. What is neither
 * held nor closed is mapped, as libraries are: that was to be read, and if it could be written, the
 * end of the mapping will say so, and is told then; likewise where the descriptor may be an older
 * one.
 */
static struct record *opened(const struct watch_event *ev, int n)
{
	const unsigned both = WATCH_CLOSE_READ | WATCH_CLOSE_WRITE;
	unsigned closed = ev->what & both;
	trc_s64 flags = READ_ONLY;
	bool creates;
	int fd = -1;

	if (n)
		return closed == both ? an_open(ev, fd, flags, false) : NULL;
	creates = is_in(made, ev);
	if (!closed && ev->known) {
		closed = look_for(ev, &fd, &flags);
		if (fd < 0)
			flags = READ_ONLY;
		if (!closed && (fd < 0 || (!(flags & ACCESS) && is_held(ev, fd))))
			put_file(mapped, &nmapped, ev, fd);
		if (fd >= 0 && !is_held(ev, fd))
			put_file(held, &nheld, ev, fd);
	}
	if (closed & WATCH_CLOSE_WRITE)
		flags = READ_WRITE;
	return an_open(ev, fd, flags, creates);
}

static struct record *renamed(const struct watch_event *ev, const struct watch_name *from,
			      const struct watch_name *to)
{
	begin_of(ev->pid, TRC_RENAMEAT2);
	record_num(&file, SLOT(RENAMEAT2, "res"), 0);
	put_path("oldpath", from);
	put_path("newpath", to);
	return &file;
}

static struct record *linked(const struct watch_event *ev)
{
	begin_of(ev->pid, TRC_LINKAT);
	put_path("newpath", &ev->name);
	return &file;
}

/* A name has come: what it is of is seen by looking at it. */
static struct record *created(const struct watch_event *ev)
{
	if (ev->what & WATCH_DIR) {
		begin_of(ev->pid, TRC_MKDIRAT);
		put_path("path", &ev->name);
	} else if (!ev->known || S_ISSOCK(ev->st.st_mode)) {
		return NULL; /* a socket is bound */
	} else if (S_ISLNK(ev->st.st_mode)) {
		begin_of(ev->pid, TRC_SYMLINKAT);
		put_path("target", &ev->target);
		put_path("linkpath", &ev->name);
	} else if (ev->st.st_nlink > 1) {
		linked(ev);
	} else if (S_ISREG(ev->st.st_mode)) {
		put_file(made, &nmade, ev, -1);
		return NULL; /* its open says so */
	} else {
		begin_of(ev->pid, TRC_MKNODAT);
		put_path("path", &ev->name);
	}
	record_num(&file, 0, 0);
	return &file;
}

static struct record *removed(const struct watch_event *ev)
{
	begin_of(ev->pid, TRC_UNLINKAT);
	record_num(&file, SLOT(UNLINKAT, "res"), 0);
	put_path("name", &ev->name);
	record_num(&file, SLOT(UNLINKAT, "flags"), ev->what & WATCH_DIR ? REMOVEDIR : 0);
	return &file;
}

/* Half a move waits for the other one, which is told next of what its process does. */
static struct record *moved(const struct watch_event *ev)
{
	static struct watch_name from;
	static pid_t whose;
	static const struct watch_name none;
	struct record *r = NULL;

	if (ev->what & WATCH_RENAME)
		return renamed(ev, &ev->name, &ev->to);
	if (ev->what & WATCH_TO) {
		r = renamed(ev, whose == ev->pid ? &from : &none, &ev->name);
		whose = 0;
	}
	if (ev->what & WATCH_FROM) {
		from = ev->name;
		whose = ev->pid;
	}
	return r;
}

struct record *notify_record_file(const struct watch_event *ev, int n)
{
	const unsigned both = WATCH_CREATE | WATCH_DELETE;

	if (ev->what & (WATCH_RENAME | WATCH_FROM | WATCH_TO) && n == 0)
		return moved(ev);
	/* Both of one name: which came first shows by whether it is there. */
	if ((ev->what & both) == both && n < 2)
		return (n == 0) == ev->known ? removed(ev) : created(ev);
	if (ev->what & WATCH_CREATE && n == 0)
		return created(ev);
	if (ev->what & WATCH_DELETE && n == 0)
		return removed(ev);
	if (ev->what & WATCH_OPEN && !(ev->what & (WATCH_EXEC | both)))
		return opened(ev, n);
	if (!(ev->what & WATCH_OPEN) && ev->what & WATCH_CLOSE_WRITE && !n && is_in(mapped, ev))
		return an_open(ev, -1, READ_WRITE, false);
	return NULL;
}
