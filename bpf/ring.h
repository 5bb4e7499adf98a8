/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What io_uring does: no call exits, so these programs are on functions of the
 * kernel that calls and rings have in common (ring.def). Who called them is
 * told by the address they return to: io_uring's own code, whatever thread runs
 * it and whenever. The sensor has a ring of its own do each of these acts once
 * (driver/uring.c), with names that nobody else has, and the programs remember
 * from where they were called then.
 */
#ifndef BPF_RING_H
#define BPF_RING_H

#include "cap.h"

#define PF_KTHREAD 0x200000
#define AT_REMOVEDIR 0x200
#define O_NONBLOCK 04000 /* SOCK_NONBLOCK too */
#define O_CREAT 0100
#define FMODE_CREATED 0x100000
#define RING_TEXT PROBE_PATH_MAX

/* Registers where a function begins or has returned: its arguments, its result, who called it. */
#if defined(__TARGET_ARCH_x86)
struct kregs {
	trc_u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs,
		flags, sp;
};
#define ARG_0(r) ((r)->di)
#define ARG_1(r) ((r)->si)
#define ARG_2(r) ((r)->dx)
#define ARG_3(r) ((r)->cx)
#define ARG_4(r) ((r)->r8)
#define RESULT(r) ((r)->ax)
#define STACK(r) ((r)->sp)
#define CALLER(r) stacked(STACK(r))
#elif defined(__TARGET_ARCH_arm64)
struct kregs {
	trc_u64 x[31];
};
#define ARG_0(r) ((r)->x[0])
#define ARG_1(r) ((r)->x[1])
#define ARG_2(r) ((r)->x[2])
#define ARG_3(r) ((r)->x[3])
#define ARG_4(r) ((r)->x[4])
#define RESULT(r) ((r)->x[0])
#define CALLER(r) ((r)->x[30])
#else
struct kregs {
	trc_u32 r[16];
};
#define ARG_0(at) ((at)->r[0])
#define ARG_1(at) ((at)->r[1])
#define ARG_2(at) ((at)->r[2])
#define ARG_3(at) ((at)->r[3])
#define ARG_4(at) stacked((at)->r[13])
#define RESULT(at) ((at)->r[0])
#define CALLER(at) ((at)->r[14])
#endif

static __always_inline __attribute__((unused)) trc_u64 stacked(trc_u64 at)
{
	trc_u64 v = 0;

	bpf_probe_read_kernel(&v, kptr_size(), as(void, at));
	return v;
}

/* An act that goes on: names are gone when it is over. */
struct ring_act {
	trc_u32 hook, pad;
	trc_u64 arg[5];
	char text[2][RING_TEXT];
};

/* By thread. What finds no room is counted as lost. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32);
	__type(key, trc_u32);
	__type(value, struct ring_act);
} acts SEC(".maps");

/* Was the function called by io_uring? ours: it is an act of the sensor's, which teaches. */
static __always_inline int by_ring(trc_u32 hook, trc_u64 caller, int ours)
{
	trc_u64 *known = control.ring_caller[hook];

	for (int i = 0; i < PROBE_RING_CALLERS; i++) {
		if (known[i] == caller && ours && control.ring_lesson == PROBE_RING_CALLS)
			known[i] = 1; /* of calls, too: this address says nothing */
		else if (known[i] == caller)
			return !ours;
		if (!known[i] && ours && control.ring_lesson == PROBE_RING_ACTS) {
			known[i] = caller;
			return 0;
		}
	}
	return 0;
}

/* Do 8 bytes of the kernel's memory say that this is the sensor's lesson? */
static __always_inline int is_lesson(trc_u64 at)
{
	trc_u64 v = 0;

	return control.ring_lesson && !bpf_probe_read_kernel(&v, sizeof(v), as(void, at)) &&
	       v == control.ring_token;
}

/* The kernel's copy of a path. */
static __always_inline trc_u64 name_of(trc_u64 filename)
{
	return kptr(as(struct filename, filename), name);
}

/* Tells of an act. lacking: arguments that are not known. */
static __always_inline void tell(struct cap *c, trc_u32 type, trc_u32 lacking)
{
	struct task_struct *t = current_task();
	trc_u32 narg = config.narg[type & (TRC_TYPE_MAX - 1)];
	struct trc_hdr *h = REC(c->s);

	header(c->s, type, TRC_RING, ~0u);
	/* A thread of the kernel's is nobody's process (before 5.12), but has the user's rights. */
	if (knum(t, flags) & PF_KTHREAD) {
		h->pid = h->tid = 0;
		h->start = ~0ull;
	}
	h->narg = narg;
	h->len = SLOT_AT(narg);
	__builtin_memset(c->s->record + SLOT_AT(0), 0, 8 * TRC_ARG_MAX);
	c->s->in_kernel = 1;
	cap_args(c, type);
	/* A send that begins was put together as one that has succeeded. */
	if (type == TRC_SENDTO || type == TRC_SENDMSG)
		slot_put(c->s, 0, -(trc_u64)TRC_EINPROGRESS);
	h->absent |= lacking;
	emit(c->s, type, c->ret < 0 && c->ret != -TRC_EINPROGRESS);
}

/* The file is to be taken for that of a descriptor. */
static __always_inline void holds(struct cap *c, trc_s32 fd, trc_u64 file)
{
	c->s->file_fd = fd;
	c->s->file = file;
}

/* What of the sensor's lesson is it that a file of its own is made? */
static __always_inline trc_u32 lesson_of(struct file *f)
{
	trc_u32 flags = knum(f, f_flags);

	if ((flags & control.ring_flags) == control.ring_flags)
		return RING_OPEN;
	if (!file_socket(f))
		return RING_HOOKS;
	return flags & O_NONBLOCK ? RING_SOCKET : RING_ACCEPT;
}

/* A file has got its descriptor. c->arg, lacking: what else is known, and what is not. */
static __always_inline void installed(struct cap *c, trc_u64 file, trc_u32 type, trc_u32 lacking)
{
	if (!wanted(type))
		return;
	c->s = claim();
	if (!c->s) {
		count_lost(type, TRC_BULK);
		return;
	}
	holds(c, c->ret, file);
	tell(c, type, lacking);
	release(c->s);
}

/*
 * A descriptor is given to a file that was opened, to a socket that was made or accepted: that has
 * succeeded.
 */
SEC("kprobe/OPEN")
int ring_open(struct kregs *regs)
{
	struct cap c = {.arm = CALLER_IS_ARM, .ret = (trc_s32)ARG_0(regs)};
	trc_u64 caller = CALLER(regs), file = (trc_u64)ARG_1(regs);
	struct file *f = as(struct file, file);
	int ours = control.ring_lesson && (bpf_get_current_pid_tgid() >> 32 == control.ring_pid ||
					   knum(current_task(), flags) & PF_KTHREAD);
	trc_u32 lesson = ours ? lesson_of(f) : RING_HOOKS;

	if (by_ring(RING_OPEN, caller, lesson == RING_OPEN)) {
		/* The call's flags are gone: what it did is left. */
		c.arg[2] = knum(f, f_flags) | (knum(f, f_mode) & FMODE_CREATED ? O_CREAT : 0);
		installed(&c, file, TRC_OPENAT,
			  1u << 1 | 1u << 4 | 1u << 7); /* dirfd, mode, nameraw */
	} else if (by_ring(RING_ACCEPT, caller, lesson == RING_ACCEPT)) {
		installed(&c, file, TRC_ACCEPT4, 1u << 2); /* flags */
	} else if (by_ring(RING_SOCKET, caller, lesson == RING_SOCKET)) {
		struct socket *so = file_socket(f);
		struct sock *sk = as(struct sock, kptr(so, sk));

		c.arg[0] = knum(sk, __sk_common.skc_family);
		c.arg[1] = knum(so, type) | (knum(f, f_flags) & O_NONBLOCK);
		installed(&c, file, TRC_SOCKET, 1u << 3); /* proto: that asked for, maybe 0 */
	}
	return 0;
}

/* It may take long, so it is told as it begins: in progress. */
SEC("kprobe/CONNECT")
int ring_connect(struct kregs *regs)
{
	struct cap c = {.ret = -TRC_EINPROGRESS};
	trc_u64 address = ARG_1(regs);

	if (!by_ring(RING_CONNECT, CALLER(regs), is_lesson(address)) || !wanted(TRC_CONNECT))
		return 0;
	c.s = claim();
	if (!c.s) {
		count_lost(TRC_CONNECT, TRC_BULK);
		return 0;
	}
	holds(&c, TRC_FD_SOME, ARG_0(regs));
	c.arg[0] = TRC_FD_SOME;
	c.arg[1] = address;
	c.arg[2] = (trc_u32)ARG_2(regs);
	tell(&c, TRC_CONNECT, 0);
	release(c.s);
	return 0;
}

/* The caller's memory whose bytes go first; *n: how many go from there. */
static __always_inline trc_u64 sent_from(struct iov_iter *it, trc_u64 *n)
{
	struct iov_iter___underscored *now = (void *)it;
	struct mm_struct *mm = as(struct mm_struct, kptr(current_task(), mm));
	trc_u64 at = bpf_core_field_exists(now->__iov) ? kptr(now, __iov) : kptr(it, iov);
	trc_u64 skip = knum(it, iov_offset), of = knum(it, count);
	struct iovec *part = as(struct iovec, at);

	*n = of;
	if (at >= knum(mm, task_size)) {
		at = kptr(part, iov_base);
		*n = knum(part, iov_len) - skip;
		if (*n > of)
			*n = of;
	}
	return at + skip;
}

/* A message is sent: told as it begins, as a connect is. One of TCP may be a connect. */
static __always_inline int sends(struct kregs *regs, trc_u32 hook, trc_u32 type)
{
	trc_u64 socket = ARG_0(regs), msg = ARG_1(regs);
	struct msghdr *m = as(struct msghdr, msg);
	struct iov_iter *it =
		as(struct iov_iter, msg + bpf_core_field_offset(struct msghdr, msg_iter));
	struct cap c = {};
	trc_u64 n, at, word = 0, *message;
	int ours = 0;

	if (control.ring_lesson) {
		at = sent_from(it, &n);
		ours = !bpf_probe_read_user(&word, sizeof(word), as(void, at)) &&
		       word == control.ring_token;
	}
	if (!by_ring(hook, CALLER(regs), ours))
		return 0;
	c.s = claim();
	if (!c.s) {
		count_lost(type, TRC_BULK);
		return 0;
	}
	holds(&c, TRC_FD_SOME, kptr(as(struct socket, socket), file));
	at = sent_from(it, &n);
	c.arg[0] = TRC_FD_SOME;
	c.arg[1] = at;
	c.arg[2] = knum(it, count);
	c.arg[3] = type == TRC_SENDMSG ? (trc_u32)ARG_2(regs) : knum(m, msg_flags);
	c.arg[4] = kptr(m, msg_name);
	c.arg[5] = knum(m, msg_namelen);
	c.ret = n;
	if (cap_called(&c, TRC_SENDTO) == TRC_CONNECT) {
		c.ret = -TRC_EINPROGRESS;
		if (wanted(TRC_CONNECT))
			tell(&c, TRC_CONNECT, 0);
	} else if (wanted(type)) {
		if (type == TRC_SENDMSG) {
			/* As the caller's struct msghdr and struct iovec are laid out. */
			message = c.s->regs;
			message[0] = c.arg[4];
			message[1] = c.arg[5];
			*(volatile trc_u64 *)&c.s->dentry = (trc_u64)message;
			c.arg[1] = *(volatile trc_u64 *)&c.s->dentry;
			message[2] = c.arg[1] + 32;
			message[3] = 1;
			message[4] = at;
			message[5] = n;
			c.ret = c.arg[2];
		}
		tell(&c, type, 0);
	}
	release(c.s);
	return 0;
}

SEC("kprobe/SEND")
int ring_send(struct kregs *regs)
{
	return sends(regs, RING_SEND, TRC_SENDTO);
}

SEC("kprobe/SENDMSG")
int ring_sendmsg(struct kregs *regs)
{
	return sends(regs, RING_SENDMSG, TRC_SENDMSG);
}

/* An act begins that is told when it is over. The names that it has are gone then; 0 = none. */
static __always_inline void begins(trc_u32 hook, trc_u32 type, trc_u64 arg[5], trc_u64 first,
				   trc_u64 second)
{
	trc_u32 tid = (trc_u32)bpf_get_current_pid_tgid();
	struct probe_scratch *s;
	struct ring_act *act;

	if (!wanted(type))
		return;
	/* One that has never ended: its end was not told. */
	if (bpf_map_lookup_elem(&acts, &tid))
		count_lost(type, TRC_BULK);
	s = claim();
	if (!s) {
		count_lost(type, TRC_BULK);
		return;
	}
	act = (struct ring_act *)s->record;
	act->hook = hook;
	act->pad = 0;
	for (int i = 0; i < 5; i++)
		act->arg[i] = arg[i];
	act->text[0][0] = act->text[1][0] = 0;
	if (first)
		bpf_probe_read_kernel_str(act->text[0], RING_TEXT, as(void, first));
	if (second)
		bpf_probe_read_kernel_str(act->text[1], RING_TEXT, as(void, second));
	if (bpf_map_update_elem(&acts, &tid, act, 0))
		count_lost(type, TRC_BULK);
	release(s);
}

/* One on names, which are at the places that the events have for them. */
#define BEGINS(id, type, one, two, ...)                                                            \
	SEC("kprobe/" #id)                                                                         \
	int ring_##id(struct kregs *regs)                                                          \
	{                                                                                          \
		trc_u64 arg[5] = {__VA_ARGS__}, first = name_of(arg[one]);                         \
		if (by_ring(RING_##id, CALLER(regs), is_lesson(first)))                            \
			begins(RING_##id, type, arg, first, one == two ? 0 : name_of(arg[two]));   \
		return 0;                                                                          \
	}
BEGINS(UNLINK, TRC_UNLINKAT, 1, 1, ARG_0(regs), ARG_1(regs))
BEGINS(RMDIR, TRC_UNLINKAT, 1, 1, ARG_0(regs), ARG_1(regs), AT_REMOVEDIR)
BEGINS(RENAME, TRC_RENAMEAT2, 1, 3, ARG_0(regs), ARG_1(regs), ARG_2(regs), ARG_3(regs), ARG_4(regs))
BEGINS(MKDIR, TRC_MKDIRAT, 1, 1, ARG_0(regs), ARG_1(regs), ARG_2(regs))
BEGINS(SYMLINK, TRC_SYMLINKAT, 0, 2, ARG_0(regs), ARG_1(regs), ARG_2(regs))
BEGINS(LINK, TRC_LINKAT, 1, 3, ARG_0(regs), ARG_1(regs), ARG_2(regs), ARG_3(regs), ARG_4(regs))

/* On a socket, since 6.11. */
SEC("kprobe/BIND")
int ring_bind(struct kregs *regs)
{
	trc_u64 arg[5] = {ARG_0(regs), ARG_1(regs), (trc_u32)ARG_2(regs)};

	if (by_ring(RING_BIND, CALLER(regs), is_lesson(arg[1])))
		begins(RING_BIND, TRC_BIND, arg, 0, 0);
	return 0;
}

SEC("kprobe/LISTEN")
int ring_listen(struct kregs *regs)
{
	trc_u64 arg[5] = {ARG_0(regs), (trc_u32)ARG_1(regs)};
	int ours = control.ring_lesson && (trc_u32)arg[1] == (trc_u32)control.ring_token;

	if (by_ring(RING_LISTEN, CALLER(regs), ours))
		begins(RING_LISTEN, TRC_LISTEN, arg, 0, 0);
	return 0;
}

/* Any of them has returned. */
SEC("kretprobe/AFTER")
int ring_after(struct kregs *regs)
{
	struct cap c = {.arm = CALLER_IS_ARM, .ret = (trc_s32)RESULT(regs)};
	trc_u32 tid = (trc_u32)bpf_get_current_pid_tgid();
	struct ring_act *act = bpf_map_lookup_elem(&acts, &tid);
	trc_u64 text;
	trc_u32 hook;

	if (!act)
		return 0;
	c.s = claim();
	if (!c.s) {
		count_lost(TRC_UNLINKAT, TRC_BULK);
		goto out;
	}
	for (int i = 0; i < 5; i++)
		c.arg[i] = act->arg[i];
	hook = act->hook;
	/* Through memory, to be a number to the verifier. */
	*(volatile trc_u64 *)&c.s->dentry = (trc_u64)act->text;
	text = *(volatile trc_u64 *)&c.s->dentry;
	if (hook == RING_SYMLINK) {
		c.arg[0] = text;
	} else if (hook == RING_BIND || hook == RING_LISTEN) {
		holds(&c, TRC_FD_SOME, kptr(as(struct socket, c.arg[0]), file));
		c.arg[0] = TRC_FD_SOME;
	} else {
		c.arg[1] = text;
	}
	switch (hook) {
	case RING_BIND:
		tell(&c, TRC_BIND, 0);
		break;
	case RING_LISTEN:
		tell(&c, TRC_LISTEN, 0);
		break;
	case RING_UNLINK:
	case RING_RMDIR:
		tell(&c, TRC_UNLINKAT, 0);
		break;
	case RING_RENAME:
		c.arg[3] = text + RING_TEXT;
		tell(&c, TRC_RENAMEAT2, 0);
		break;
	case RING_MKDIR:
		tell(&c, TRC_MKDIRAT, 0);
		break;
	case RING_SYMLINK:
		c.arg[2] = text + RING_TEXT;
		tell(&c, TRC_SYMLINKAT, 0);
		break;
	default:
		c.arg[3] = text + RING_TEXT;
		tell(&c, TRC_LINKAT, 0);
	}
	release(c.s);
out:
	bpf_map_delete_elem(&acts, &tid);
	return 0;
}

#endif
