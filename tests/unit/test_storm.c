/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Storms of records over small tables. One is of records that mean nothing:
 * the tables stay whole. The other tells of a machine that the test keeps
 * itself, while forks and exits go missing and pids are given again: what the
 * tables say of it is true, or missing.
 */
#include <stdio.h>

#include "tables.h"

#define EVENTS 200000

/* ---- records that mean nothing */

static int64_t any_number(void)
{
	static const int64_t odd[] = {-1,	 -115,	    INT32_MIN, INT32_MAX,
				      INT64_MIN, INT64_MAX, 1ll << 32};

	return one_in(8) ? odd[below(sizeof(odd) / sizeof(odd[0]))] : (int64_t)below(100) - 4;
}

static void any_sock(int slot)
{
	static const trc_u16 family[] = {0, 1, 2, 10, 16, 65535};
	char buf[sizeof(struct trc_sock) + 128] = "";
	struct trc_sock sock = {.family = family[below(6)], .lport = 22, .rport = 80};

	memcpy(buf, &sock, sizeof(sock));
	record_bytes(&event_rec, slot, buf, below(sizeof(buf)));
}

static void any_string(int slot)
{
	static const char *const odd[] = {"",
					  "/",
					  "/..",
					  "//./../x",
					  "/etc/shadow",
					  "socket:[1]",
					  "pipe:[1]",
					  "anon_inode:[eventfd]",
					  "/memfd:x",
					  "relative"};
	char text[TRC_STR_MAX];
	size_t n = one_in(3) ? below(sizeof(text)) : below(200);

	if (one_in(2)) {
		record_str(&event_rec, slot, odd[below(sizeof(odd) / sizeof(odd[0]))]);
		return;
	}
	memset(text, 'a' + (int)below(6), sizeof(text));
	for (int i = 0; i < 4; i++)
		text[below(sizeof(text))] = "\0/.\xff"[i];
	record_bytes(&event_rec, slot, text, n);
}

static void any_record(enum trc_type type)
{
	const struct event_desc *d = &event_table[type];

	begin_of(type, below(72), one_in(50) ? below(3) : 1);
	event_rec.hdr.uid = below(12);
	for (int i = 0; i < d->nargs; i++) {
		if (one_in(4))
			continue;
		if (d->args[i].type == TRC_T_SOCK)
			any_sock(i);
		else if (argtype_kind[d->args[i].type] == TRC_BYTES)
			any_string(i);
		else
			record_num(&event_rec, i, (trc_u64)any_number());
	}
	if (one_in(16))
		event_rec.hdr.narg = (trc_u8)below(d->nargs + 1u);
}

/* All that a rule could read; the sanitizer looks at each byte. */
static void read_all(const struct event *ev)
{
	const struct proc *p = state_proc(state, ev);
	uint32_t pos = 0,
		 sum = state_stale_file(state, ev, &pos).n + state_user(state, ev->hdr->uid).n;

	for (int n = 0; n < 4; n++) {
		const struct proc *a = state_ancestor(state, p, n);

		for (int i = 0; a && i < PROC_NTEXT; i++) {
			struct str s = proc_text(state, a, (enum proc_text)i);

			for (uint32_t k = 0; k < s.n; k++)
				sum += (uint8_t)s.p[k];
		}
	}
	for (int32_t fd = -1; fd < 8; fd++)
		sum += state_fd(state, p, fd) != NULL;
	sum += state_is_file(state, STR("/etc/shadow"), sum, 0);
	CHECK(sum != 1u << 31);
}

static void tables_stay_whole_at_any_size(uint32_t procs, uint32_t fars, uint32_t fds, int events)
{
	tables_open(procs, fars, fds);
	for (int n = 0; n < events; n++) {
		/* More of what fills tables than of the rest. */
		static const enum trc_type often[] = {TRC_PROCFORK, TRC_EXECVE, TRC_OPENAT,
						      TRC_CREAT,    TRC_CHDIR,	TRC_ACCEPT};
		enum trc_type type =
			one_in(2) ? often[below(6)] : (enum trc_type)(1 + below(TRC_NTYPES - 1));
		const struct event *ev;

		any_record(type);
		ev = event_done();
		state_before(state, ev);
		read_all(ev);
		state_after(state, ev);
		if (n % 64 == 0)
			tables_check();
	}
	tables_check();
}

static void tables_stay_whole(void)
{
	tables_stay_whole_at_any_size(64, 4, 64, EVENTS);
	CHECK(stats.proc_evicted && stats.fd_evicted && stats.far_evicted);
}

static void tiny_tables_stay_whole(void)
{
	for (uint32_t n = 1; n < 6; n++)
		tables_stay_whole_at_any_size(n, n, n, EVENTS / 40);
}

/* ---- a machine that is told of */

#define PIDS 40
#define FDS 12
#define CLOEXEC 02000000

struct real_fd {
	uint32_t file; /* which file it is, 0 = closed; odd: a socket whose remote port it is */
	bool cloexec;
};

static struct real {
	uint64_t start; /* 0 = there is no such process */
	uint32_t ppid, exe, cwd, argv;
	struct real_fd fd[FDS];
} real[PIDS + 1];

static uint64_t clock_ticks;
static uint32_t names;

/* The text of a name: every fourth is long, and no two have one in common. */
static struct str text_of(uint32_t name)
{
	static char text[TRC_STR_MAX];
	uint32_t n = name % 4 ? 16 + name % 60 : 200 + name * 7 % 3800;

	memset(text, 'a' + (int)(name % 26), n);
	snprintf(text, 16, "/%u", name);
	text[strlen(text)] = '/';
	return (struct str){text, n};
}

static struct trc_sock sock_of(uint32_t port)
{
	return event_inet(TRC_SOCK_INET, "\x7f\0\0\1", 1, "\x7f\0\0\1", (trc_u16)port);
}

/* Now and then an argument could not be had. */
static void tell(const char *arg, uint32_t name)
{
	struct str s = text_of(name);

	if (!one_in(8))
		record_bytes(&event_rec, event_slot(arg), s.p, s.n);
}

static void begin_real(enum trc_type type, uint32_t pid)
{
	begin_of(type, pid, real[pid].start);
}

/* Any process that lives. */
static uint32_t any_pid(void)
{
	uint32_t pid;

	do
		pid = 1 + below(PIDS);
	while (!real[pid].start);
	return pid;
}

static void real_fork(uint32_t pid)
{
	uint32_t child = 1 + below(PIDS);

	if (real[child].start)
		return;
	real[child] = real[pid];
	real[child].start = ++clock_ticks;
	real[child].ppid = pid;
	if (one_in(8))
		return;
	begin_real(TRC_PROCFORK, pid);
	event_set("child", child);
	if (!one_in(8))
		event_set("childstart", (int64_t)real[child].start);
	take();
}

/* Who is left behind gets init as its parent, as no record tells. */
static void real_exit(uint32_t pid)
{
	if (pid == 1)
		return;
	begin_real(TRC_PROCEXIT, pid);
	if (!one_in(8))
		take();
	real[pid].start = 0;
	for (uint32_t i = 1; i <= PIDS; i++)
		if (real[i].ppid == pid)
			real[i].ppid = 1;
}

static void real_exec(uint32_t pid)
{
	struct real *r = &real[pid];
	bool failed = one_in(4);

	begin_real(TRC_EXECVE, pid);
	event_set("res", failed ? -2 : 0);
	tell("exepath", ++names);
	tell("cwd", r->cwd);
	tell("argv", ++names);
	event_set("ppid", r->ppid);
	take();
	if (failed)
		return;
	r->exe = names - 1;
	r->argv = names;
	for (int fd = 0; fd < FDS; fd++)
		if (r->fd[fd].cloexec)
			r->fd[fd].file = 0;
}

static void real_chdir(uint32_t pid)
{
	bool failed = one_in(4);

	begin_real(one_in(2) ? TRC_CHDIR : TRC_FCHDIR, pid);
	event_set("res", failed ? -2 : 0);
	tell("path", ++names);
	take();
	if (!failed)
		real[pid].cwd = names;
}

static void real_open(uint32_t pid, int fd)
{
	bool cloexec = one_in(3), failed = one_in(4);

	if (real[pid].fd[fd].file)
		return;
	names += 1 + names % 2;
	names += names % 2;
	begin_real(TRC_OPENAT, pid);
	event_set("fd", failed ? -13 : fd);
	if (!one_in(8))
		event_set("flags", cloexec ? CLOEXEC : 0);
	tell("name", names);
	take();
	if (!failed)
		real[pid].fd[fd] = (struct real_fd){names, cloexec};
}

/* An accepted connection, or one that is made: over what was a socket, too. */
static void real_socket(uint32_t pid, int fd)
{
	struct real_fd *f = &real[pid].fd[fd];
	bool accept = !f->file;
	struct trc_sock sock;

	if (f->file && f->file % 2 == 0)
		return;
	f->file = (1 + below(60000)) | 1;
	sock = sock_of(f->file);
	begin_real(accept ? TRC_ACCEPT : TRC_CONNECT, pid);
	record_num(&event_rec, 0, accept ? (trc_u64)fd : 0);
	if (!accept)
		event_set("fd", fd);
	else
		f->cloexec = false;
	if (!one_in(8))
		event_set_sock("tuple", &sock, "", 0);
	take();
}

static void real_dup(uint32_t pid, int from, int to)
{
	struct real *r = &real[pid];
	bool three = one_in(2), cloexec = three && one_in(2);

	if (three && from == to)
		return;
	begin_real(three ? TRC_DUP3 : TRC_DUP2, pid);
	event_set("res", r->fd[from].file ? to : -9);
	event_set("oldfd", from);
	event_set("newfd", to);
	if (three)
		event_set("flags", cloexec ? CLOEXEC : 0);
	take();
	if (r->fd[from].file && from != to)
		r->fd[to] = (struct real_fd){r->fd[from].file, cloexec};
}

static void real_close(uint32_t pid, int fd)
{
	begin_real(TRC_CLOSE, pid);
	event_set("res", real[pid].fd[fd].file ? 0 : -9);
	event_set("fd", fd);
	take();
	real[pid].fd[fd].file = 0;
}

/* What the sensor reads in /proc; of sockets, that they are some. */
static void real_describe(uint32_t pid)
{
	begin_real(TRC_PROCINFO, pid);
	tell("exepath", real[pid].exe);
	tell("cwd", real[pid].cwd);
	tell("argv", real[pid].argv);
	event_set("ppid", real[pid].ppid);
	take();
	for (int fd = 0; fd < FDS; fd++) {
		uint32_t file = real[pid].fd[fd].file;

		if (!file)
			continue;
		begin_real(TRC_FDINFO, pid);
		event_set("fd", fd);
		if (file % 2)
			event_set_str("name", "socket:[1]");
		else
			tell("name", file);
		take();
		/* Of the standard ones the tables believe it without being told. */
		if (fd <= 2)
			real[pid].fd[fd].cloexec = false;
	}
}

static void real_event(void)
{
	uint32_t pid = any_pid();
	int fd = (int)below(FDS);

	switch (below(16)) {
	case 0:
	case 1:
		real_fork(pid);
		break;
	case 2:
		real_exit(pid);
		break;
	case 3:
		real_exec(pid);
		break;
	case 4:
		real_chdir(pid);
		break;
	case 5:
	case 6:
	case 7:
		real_socket(pid, fd);
		break;
	case 8:
	case 9:
		real_dup(pid, fd, (int)below(FDS));
		break;
	case 10:
	case 11:
		real_close(pid, fd);
		break;
	case 12:
		if (one_in(8))
			real_describe(pid);
		break;
	default:
		real_open(pid, fd);
	}
}

/* How often the tables knew, so that a test of tables that know nothing fails. */
static uint32_t knew_text, knew_fd, knew_parent;

static void text_is_true(const struct proc *p, enum proc_text which, uint32_t name)
{
	struct str got = proc_text(state, p, which), want = text_of(name);

	if (!got.n)
		return;
	knew_text++;
	/* Arguments alone may have been cut. */
	CHECK(which == PROC_ARGV ? got.n <= want.n : got.n == want.n);
	CHECK(!memcmp(got.p, want.p, got.n));
}

static void fd_is_true(const struct fdent *f, uint32_t file)
{
	struct str want = text_of(file);

	if (!f)
		return;
	CHECK(file);
	knew_fd++;
	if (f->has_sock)
		CHECK_EQ(f->sock.rport, file);
	if (f->name_len)
		CHECK(file % 2 == 0 && f->name_len == want.n && !memcmp(f->name, want.p, want.n));
	CHECK(!f->kind || (f->kind == FD_FILE) == (file % 2 == 0));
}

static void tables_are_true(uint32_t pid)
{
	const struct real *r = &real[pid];
	const struct proc *p = proc_of(pid, r->start), *parent;

	if (!p)
		return;
	text_is_true(p, PROC_EXEPATH, r->exe);
	text_is_true(p, PROC_CWD, r->cwd);
	text_is_true(p, PROC_ARGV, r->argv);
	for (int fd = 0; fd < FDS; fd++)
		fd_is_true(state_fd(state, p, fd), r->fd[fd].file);
	parent = state_ancestor(state, p, 1);
	/* What became of the parent may be missing, but nobody else takes its place. */
	if (parent) {
		knew_parent++;
		CHECK(parent->start <= p->start);
		CHECK(r->ppid == parent->pid || real[parent->pid].start != parent->start);
	}
}

static void begin_machine(uint32_t procs, uint32_t fars, uint32_t fds)
{
	tables_open(procs, fars, fds);
	real[1] = (struct real){.start = ++clock_ticks, .exe = 1, .cwd = 2, .argv = 3};
	names = 4;
	real_describe(1);
}

static void tables_are_true_at_any_size(uint32_t procs, uint32_t fars, uint32_t fds)
{
	begin_machine(procs, fars, fds);
	for (int n = 0; n < EVENTS; n++) {
		real_event();
		tables_are_true(any_pid());
		if (n % 64 == 0)
			tables_check();
	}
	tables_check();
	CHECK(knew_text > EVENTS / 10);
	CHECK(knew_fd > EVENTS / 10);
	CHECK(knew_parent > EVENTS / 10);
}

static void tables_are_true_or_silent(void)
{
	tables_are_true_at_any_size(64, 4, 512);
}

static void full_tables_are_true_or_silent(void)
{
	tables_are_true_at_any_size(24, 2, 64);
	CHECK(stats.proc_evicted && stats.fd_evicted && stats.far_evicted);
}

const struct unit_test tests_storm[] = {
	TEST(tables_stay_whole),
	TEST(tiny_tables_stay_whole),
	TEST(tables_are_true_or_silent),
	TEST(full_tables_are_true_or_silent),
	{0},
};
