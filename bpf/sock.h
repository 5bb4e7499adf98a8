/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Both ends of a socket, from the kernel's socket or from the caller's address. */
#ifndef BPF_SOCK_H
#define BPF_SOCK_H

#include "path.h"

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define SOCK_STREAM 1

/* Where sock_ends() is to look. */
enum sock_how {
	SOCK_KERNEL,
	SOCK_GIVEN, /* the call failed: the caller's address alone */
	SOCK_PEER,  /* the kernel's socket, but for the remote end that a message brings along */
};

static __always_inline trc_u16 swap16(trc_u16 v)
{
	return (trc_u16)(v << 8 | v >> 8);
}

/*
 * Name of a Unix socket behind struct trc_sock at to; returns its length. An
 * abstract one gets '@' for its NUL.
 */
static __always_inline trc_u32 unix_name(trc_u8 *to, struct unix_sock *u)
{
	struct unix_address *a = as(struct unix_address, kptr(u, addr));
	trc_u64 n = knum(a, len) - 2;
	trc_u64 name = (trc_u64)a + bpf_core_field_offset(struct unix_address, name) + 2;

	if (!a || n > 108 || n == 0)
		return 0;
	bound(n, 127);
	if (bpf_probe_read_kernel(to, n, as(void, name)))
		return 0;
	if (to[0]) /* a path, with its NUL */
		return n - 1;
	to[0] = '@';
	return n;
}

/* What the kernel's socket says. Returns the bytes written at to. */
static __always_inline trc_u32 sock_kernel(trc_u8 *to, struct sock *sk)
{
	struct trc_sock *out = (struct trc_sock *)to;
	trc_u32 n = 0;

	out->family = knum(sk, __sk_common.skc_family);
	out->proto = knum(sk, sk_protocol);
	if (out->family == TRC_SOCK_INET) {
		*(trc_u32 *)out->laddr = knum(sk, __sk_common.skc_rcv_saddr);
		*(trc_u32 *)out->raddr = knum(sk, __sk_common.skc_daddr);
	} else if (out->family == TRC_SOCK_INET6) {
		bpf_core_read(out->laddr, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_core_read(out->raddr, 16, &sk->__sk_common.skc_v6_daddr);
	} else if (out->family == TRC_SOCK_UNIX) {
		struct unix_sock *u = as(struct unix_sock, (trc_u64)sk);
		struct unix_sock *peer = as(struct unix_sock, kptr(u, peer));

		out->proto = 0;
		n = peer ? unix_name(to + sizeof(*out), peer) : 0;
		if (!n)
			n = unix_name(to + sizeof(*out), u);
		return n;
	} else {
		return 0;
	}
	/* What getsockname() says; skc_num is 0 as soon as the port may be another's. */
	out->lport = swap16(knum(as(struct inet_sock, (trc_u64)sk), inet_sport));
	out->rport = swap16(knum(sk, __sk_common.skc_dport));
	return 0;
}

/* The caller's address, in s->text. Its bytes, 0 if it cannot be had. */
static __always_inline trc_u64 sock_address(struct probe_scratch *s, trc_u64 uaddr, trc_u32 ulen)
{
	trc_u64 n = ulen > 126 ? 126 : ulen;

	bound(n, 127);
	if (n < 2)
		return 0;
	if (s->in_kernel)
		return bpf_probe_read_kernel(s->text, n, as(void, uaddr)) ? 0 : n;
	return bpf_probe_read_user(s->text, n, as(void, uaddr)) ? 0 : n;
}

/*
 * What the n bytes of the caller's address say: the remote end, or the local one for a bind.
 * Bytes of name, or -1.
 */
static __always_inline int sock_given(struct probe_scratch *s, trc_u8 *to, trc_u64 n)
{
	struct trc_sock *out = (struct trc_sock *)to;
	int here = REC(s)->type == TRC_BIND;
	trc_u8 *a = s->text;

	if (!n)
		return -1;
	bound(n, 127);
	out->family = *(trc_u16 *)a;
	if (out->family == TRC_SOCK_UNIX && n > 2) {
		trc_u8 *name = to + sizeof(*out);

		n -= 2;
		bound(n, 127);
		if (a[2]) {
			a[n + 2] = 0;
			return bpf_probe_read_kernel_str(name, 110, a + 2) - 1;
		}
		if (bpf_probe_read_kernel(name, n, a + 2))
			return -1;
		name[0] = '@';
		return n;
	}
	if (out->family == TRC_SOCK_INET && n >= 8)
		bpf_probe_read_kernel(here ? out->laddr : out->raddr, 4, a + 4);
	else if (out->family == TRC_SOCK_INET6 && n >= 24)
		bpf_probe_read_kernel(here ? out->laddr : out->raddr, 16, a + 8);
	else
		return 0;
	if (here)
		out->lport = swap16(*(trc_u16 *)(a + 2));
	else
		out->rport = swap16(*(trc_u16 *)(a + 2));
	return 0;
}

/* The address that goes with a message, where there is no stream. Bytes of name, or -1. */
static __always_inline int sock_peer(struct probe_scratch *s, trc_u8 *to, trc_u64 uaddr,
				     trc_u32 ulen)
{
	struct trc_sock *out = (struct trc_sock *)to;
	/* One without a name has its family alone. */
	trc_u64 n = uaddr && ulen > sizeof(trc_u16) ? sock_address(s, uaddr, ulen) : 0;
	int own = out->family, family = trc_peer_family(own, *(trc_u16 *)s->text);

	if (!n || family < 0)
		return -1;
	if (family == own) {
		*(trc_u16 *)s->text = family;
		return sock_given(s, to, n);
	}
	if (n < 8)
		return -1;
	__builtin_memset(out->raddr, 0, 10);
	__builtin_memset(out->raddr + 10, 0xff, 2);
	bpf_probe_read_kernel(out->raddr + 12, 4, s->text + 4);
	out->rport = swap16(*(trc_u16 *)(s->text + 2));
	return 0;
}

/* The socket of a file; NULL if it is none's. */
static __always_inline struct socket *file_socket(struct file *f)
{
	struct inode *inode = as(struct inode, kptr(f, f_inode));

	if (!f || (knum(inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	return as(struct socket, kptr(f, private_data));
}

/* See cap_is_tcp(). */
__noinline int sock_is_tcp(trc_s32 fd)
{
	struct probe_scratch *s = my_scratch();
	struct socket *so = s ? file_socket(fd_file(s, fd)) : 0;
	struct sock *sk = as(struct sock, kptr(so, sk));
	trc_u16 family = knum(sk, __sk_common.skc_family);

	return so && knum(so, type) == SOCK_STREAM &&
	       (family == TRC_SOCK_INET || family == TRC_SOCK_INET6);
}

/* Both ends of the socket behind fd: enum sock_how says whose word counts. */
__noinline int sock_ends(trc_u32 slot, trc_s32 fd, trc_u32 how, trc_u64 uaddr, trc_u32 ulen)
{
	struct probe_scratch *s = my_scratch();
	struct socket *so = s ? file_socket(fd_file(s, fd)) : 0;
	int n = -1, given = -1;
	trc_u8 *to;

	if (!s)
		return 0;
	to = tail(s);
	if (!to) {
		lacks(s, slot);
		return 0;
	}
	__builtin_memset(to, 0, sizeof(struct trc_sock));
	if (how == SOCK_GIVEN) {
		given = sock_given(s, to, sock_address(s, uaddr, ulen));
	} else if (so) {
		n = sock_kernel(to, as(struct sock, kptr(so, sk)));
		if (how == SOCK_PEER && knum(so, type) != SOCK_STREAM)
			given = sock_peer(s, to, uaddr, ulen);
	}
	if (given >= 0) {
		REC(s)->given |= 1u << (slot & 31);
		n = given;
	}
	if (n < 0 || n > 128)
		lacks(s, slot);
	else
		tail_done(s, slot, sizeof(struct trc_sock) + n);
	return 0;
}

#endif
