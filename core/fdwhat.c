/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What descriptors are: what calls make of them, and what the kernel tells of
 * those that it is asked about.
 */
#include "../driver/table.h"
#include "tables.h"
#include "text.h"

/* Of memfd_create, fsopen and fsmount. */
#define CLOEXEC_1 1

enum {
	F_DUPFD_ = 0,
	F_DUPFD_CLOEXEC_ = 1030,
};

/* Commands of bpf(2) that make a descriptor (include/uapi/linux/bpf.h, enum bpf_cmd). */
#define BPF_MAKES                                                                                  \
	(1ull << 0 | 1ull << 5 | 1ull << 7 | 1ull << 13 | 1ull << 14 | 1ull << 17 | 1ull << 18 |   \
	 1ull << 19 | 1ull << 28 | 1ull << 30 | 1ull << 32 | 1ull << 33 | 1ull << 36)

int32_t fdwhat_arg(const struct event *ev, int n)
{
	int64_t fd = event_has(ev, n) ? event_num(ev, n) : -1;

	return fd >= 0 && fd < TRC_FD_SOME ? (int32_t)fd : -1;
}

/* Kind of a file by the name that /proc/PID/fd gives it. */
static uint8_t kind_of_name(struct str name)
{
	static const struct {
		struct str start;
		enum fd_kind kind;
	} kinds[] = {
		{STR("/memfd:"), FD_MEMFD},
		{STR("/"), FD_FILE},
		{STR("pipe:["), FD_PIPE},
		{STR("socket:["), FD_SOCKET},
		{STR("pidfd:["), FD_PIDFD},
		{STR("anon_inode:[eventfd]"), FD_EVENT},
		{STR("anon_inode:[eventpoll]"), FD_EPOLL},
		{STR("anon_inode:[signalfd]"), FD_SIGNAL},
		{STR("anon_inode:[timerfd]"), FD_TIMER},
		{STR("anon_inode:[pidfd]"), FD_PIDFD},
		{STR("anon_inode:[io_uring]"), FD_IO_URING},
		{STR("anon_inode:[userfaultfd]"), FD_USERFAULT},
		{STR("anon_inode:inotify"), FD_INOTIFY},
		{STR("anon_inode:bpf-"), FD_BPF},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_starts(name, kinds[i].start))
			return kinds[i].kind;
	return FD_UNKNOWN;
}

static uint8_t kind_of_family(int64_t family)
{
	return family == TRC_SOCK_INET	? FD_IPV4 :
	       family == TRC_SOCK_INET6 ? FD_IPV6 :
	       family == TRC_SOCK_UNIX	? FD_UNIX :
					  FD_SOCKET;
}

/* Does the next exec close it? If that is not told, it is not known what it is then. */
static bool closes(const struct event *ev, int flags_slot, int flag)
{
	return !event_has(ev, flags_slot) || event_num(ev, flags_slot) & flag;
}

/* Has a connect taken its remote end away? One without a family does (AF_UNSPEC, connect(2)). */
static bool is_loose(const struct trc_sock *sock)
{
	static const uint8_t none[sizeof(sock->raddr)];

	return (sock->family == TRC_SOCK_INET || sock->family == TRC_SOCK_INET6) && !sock->rport &&
	       !memcmp(sock->raddr, none, sizeof(none));
}

/* The event's descriptor is a socket, and gets the ends that the record tells. */
static void take_sock(struct state *s, struct proc *p, const struct event *ev, int fd_slot,
		      int sock_slot)
{
	int32_t fd = fdwhat_arg(ev, fd_slot);
	struct str name = STR("");
	const struct trc_sock *sock = event_sock(ev, sock_slot, &name);
	struct fdent *f = fdtab_find(s, p, fd);
	int type = ev->hdr->type;

	if (fd < 0)
		return;
	if (!f || type == TRC_ACCEPT || type == TRC_ACCEPT4) {
		f = fdtab_new(s, p, fd);
		f->cloexec = type != TRC_ACCEPT && closes(ev, s->flags_slot[type], TRC_O_CLOEXEC);
	}
	f->kind = sock ? kind_of_family(sock->family) : FD_SOCKET;
	f->has_sock = sock != NULL;
	if (sock)
		f->sock = *sock;
	/* A Unix socket that is bound when it is connected stays a client's. */
	if (type != TRC_BIND || !f->connected) {
		f->connected = type != TRC_BIND && type != TRC_LISTEN && !(sock && is_loose(sock));
		f->server = type != TRC_CONNECT;
		f->role_known = true;
	}
	fdtab_name(s, f, name);
}

/* What the name that the kernel has for a file tells of its descriptor. */
static void describe(struct state *s, struct fdent *f, struct str name)
{
	f->kind = kind_of_name(name);
	/* "socket:[1]" names no socket: its ends would, and are not known. */
	if (f->kind != FD_SOCKET)
		fdtab_name(s, f, name);
}

static void take_open(struct state *s, struct proc *p, const struct event *ev)
{
	int type = ev->hdr->type, flags = s->flags_slot[type];
	int name = type == TRC_OPEN_BY_HANDLE_AT ? s->path_slot[type] : s->name_slot[type];
	struct fdent *f = fdtab_new(s, p, fdwhat_arg(ev, 0));

	describe(s, f, event_str(ev, name));
	if (f->kind == FD_FILE && trc_of_directory((trc_u64)event_num(ev, flags)))
		f->kind = FD_DIR;
	/* creat has no flags, and closes nothing */
	f->cloexec = flags >= 0 && closes(ev, flags, TRC_O_CLOEXEC);
}

static struct fdent *take_new(struct state *s, struct proc *p, const struct event *ev,
			      enum fd_kind kind, bool cloexec)
{
	struct fdent *f = fdtab_new(s, p, fdwhat_arg(ev, 0));

	f->kind = (uint8_t)kind;
	f->cloexec = cloexec;
	return f;
}

static void take_socket(struct state *s, struct proc *p, const struct event *ev)
{
	struct fdent *f =
		take_new(s, p, ev, kind_of_family(event_num(ev, 1)), closes(ev, 2, TRC_O_CLOEXEC));

	/* Who does not bind is a client, of datagrams too. */
	f->role_known = true;
}

/*
 * Both ends of a pipe, or of a pair of sockets. The numbers are read from the
 * caller's memory: where something else is known under one of them, nothing is.
 */
static void take_pair(struct state *s, struct proc *p, const struct event *ev)
{
	int type = ev->hdr->type;
	bool sockets = type == TRC_SOCKETPAIR;

	for (int i = 0; i < 2; i++) {
		int32_t fd = fdwhat_arg(ev, s->fd1_slot[type] + i);
		struct fdent *f = fdtab_find(s, p, fd);

		if (f)
			fdtab_drop(s, f);
		if (f || fd < 0)
			continue;
		f = fdtab_new(s, p, fd);
		f->kind = sockets ? kind_of_family(event_num(ev, 1)) : FD_PIPE;
		f->cloexec = type != TRC_PIPE &&
			     closes(ev, sockets ? 2 : s->flags_slot[type], TRC_O_CLOEXEC);
	}
}

static void take_close_range(struct state *s, struct proc *p, const struct event *ev)
{
	uint64_t first = (uint64_t)event_num(ev, 1), last = (uint64_t)event_num(ev, 2);
	bool keep = event_num(ev, 3) & CLOSE_RANGE_CLOEXEC_;

	/* What is not told may be anything. */
	if (!event_has(ev, 1) || !event_has(ev, 2) || !event_has(ev, 3))
		first = 0, last = UINT32_MAX, keep = false;
	for (uint32_t at = p->fds, next; at; at = next) {
		struct fdent *f = &s->fd[at - 1];

		next = f->sibling;
		if ((uint64_t)f->fd < first || (uint64_t)f->fd > last)
			continue;
		f->cloexec = true;
		if (!keep)
			fdtab_drop(s, f);
	}
}

/*
 * What the kernel says a descriptor is stands, whatever was known of its number:
 * calls that no row tells of may have made it another thing. Returns false if
 * the record does not say.
 */
static bool take_told(struct state *s, struct fdent *f, const struct event *ev)
{
	struct str name = event_str(ev, s->name_slot[ev->hdr->type]), peer = {NULL, 0};
	const struct trc_sock *sock = event_sock(ev, s->tuple_slot[ev->hdr->type], &peer);

	if (sock) {
		if (!f->has_sock || memcmp(&f->sock, sock, sizeof(*sock)) != 0) {
			f->connected = sock->rport != 0 || peer.n;
			f->server = f->role_known = false;
		}
		f->kind = kind_of_family(sock->family);
		f->sock = *sock;
		f->has_sock = true;
		fdtab_name(s, f, peer);
	} else if (name.n && !str_eq(name, (struct str){f->name, f->name_len})) {
		f->has_sock = f->connected = f->server = f->role_known = false;
		describe(s, f, name);
	}
	return sock || name.n;
}

void fdwhat_stated(struct state *s, struct proc *p, int32_t fd, const struct event *ev)
{
	struct fdent *f = fdtab_new(s, p, fd);

	describe(s, f, event_str(ev, 1));
	take_told(s, f, ev);
	if (f->kind == FD_FILE && trc_of_directory((trc_u64)event_num(ev, 2)))
		f->kind = FD_DIR;
	/* Older records do not tell. Of the standard ones it is known by custom. */
	f->cloexec = event_has(ev, 2) ? closes(ev, 2, TRC_O_CLOEXEC) : fd > 2;
}

/* A copy of `from`, where that is known, under the number of the call's result. */
static void take_copy(struct state *s, struct proc *p, const struct event *ev, int32_t from,
		      bool cloexec)
{
	struct fdent *known = from < 0 ? NULL : fdtab_find(s, p, from), *copy;
	int32_t to = fdwhat_arg(ev, 0);

	if (to == from)
		return;
	copy = known ? fdtab_like(s, p, to, known) : fdtab_new(s, p, to);
	copy->cloexec = cloexec;
	/* Not known what it is now: better nothing than what it was. */
	if (!take_told(s, copy, ev) && !known)
		fdtab_drop(s, copy);
}

static void take_dup(struct state *s, struct proc *p, const struct event *ev)
{
	take_copy(s, p, ev, fdwhat_arg(ev, 1),
		  ev->hdr->type == TRC_DUP3 && closes(ev, 3, TRC_O_CLOEXEC));
}

static void take_fcntl(struct state *s, struct proc *p, const struct event *ev)
{
	int64_t command = event_has(ev, 2) ? event_num(ev, 2) : -1;

	if (command == F_DUPFD_ || command == F_DUPFD_CLOEXEC_)
		take_copy(s, p, ev, fdwhat_arg(ev, 1), command == F_DUPFD_CLOEXEC_);
}

static void take_bpf(struct state *s, struct proc *p, const struct event *ev)
{
	uint64_t cmd = (uint64_t)event_num(ev, 1);

	if (event_has(ev, 1) && cmd < 64 && BPF_MAKES >> cmd & 1)
		take_new(s, p, ev, FD_BPF, true);
}

/* Descriptors of other kinds; of one that no case knows, what was known of its number is gone. */
static void take_other(struct state *s, struct proc *p, const struct event *ev)
{
	int type = ev->hdr->type, flags = s->flags_slot[type];
	struct fdent *f = fdtab_find(s, p, fdwhat_arg(ev, 0));

	switch (type) {
	case TRC_MEMFD_CREATE:
		f = take_new(s, p, ev, FD_MEMFD, closes(ev, flags, CLOEXEC_1));
		fdtab_name(s, f, event_str(ev, s->name_slot[type]));
		break;
	case TRC_USERFAULTFD:
		take_new(s, p, ev, FD_USERFAULT, closes(ev, flags, TRC_O_CLOEXEC));
		break;
	case TRC_IO_URING_SETUP:
		take_new(s, p, ev, FD_IO_URING, true);
		break;
	case TRC_PIDFD_OPEN:
		take_new(s, p, ev, FD_PIDFD, true);
		break;
	case TRC_FSOPEN:
	case TRC_FSMOUNT:
		take_new(s, p, ev, FD_UNKNOWN, closes(ev, flags, CLOEXEC_1));
		break;
	default:
		if (f && event_table[type].flags & TRC_NEWFD)
			fdtab_drop(s, f);
	}
}

/* Whose descriptors are used stay. */
static void touch(struct state *s, const struct proc *p, const struct event *ev)
{
	int slot = s->fd_slot[ev->hdr->type];
	const struct fdent *f = slot > 0 ? fdtab_find(s, p, fdwhat_arg(ev, slot)) : NULL;

	if (f)
		fdtab_used(s, f);
}

/* Calls that make a descriptor, or make another thing of one. */
static void take_made(struct state *s, struct proc *p, const struct event *ev)
{
	int type = ev->hdr->type;

	switch (type) {
	case TRC_DUP:
	case TRC_DUP2:
	case TRC_DUP3:
		take_dup(s, p, ev);
		break;
	case TRC_FCNTL:
		take_fcntl(s, p, ev);
		break;
	case TRC_PIDFD_GETFD:
		take_copy(s, p, ev, -1, true);
		break;
	case TRC_BPF:
		take_bpf(s, p, ev);
		break;
	case TRC_SOCKET:
		take_socket(s, p, ev);
		break;
	case TRC_CONNECT:
	case TRC_BIND:
		take_sock(s, p, ev, 2, 1);
		break;
	case TRC_ACCEPT:
	case TRC_ACCEPT4:
		take_sock(s, p, ev, 0, 1);
		break;
	case TRC_LISTEN:
		take_sock(s, p, ev, 1, 3);
		break;
	case TRC_CLOSE_RANGE:
		take_close_range(s, p, ev);
		break;
	default:
		if (event_table[type].flags & TRC_PAIR)
			take_pair(s, p, ev);
		else if (event_table[type].flags & TRC_OPENS)
			take_open(s, p, ev);
		else
			take_other(s, p, ev);
	}
}

void fdwhat_event(struct state *s, struct proc *p, const struct event *ev)
{
	bool going_on = ev->hdr->type == TRC_CONNECT && event_num(ev, 0) == -TRC_EINPROGRESS;

	touch(s, p, ev);
	if ((fdwhat_arg(ev, 0) >= 0 || going_on) && !proctab_split_files(p))
		take_made(s, p, ev);
}
