/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The capture body: turns a row of events.def into a record. It is written
 * once and included by every producer (the BPF probe, the ptrace driver and
 * the /proc snapshot, later the kernel module), each of which defines struct
 * cap and the functions of capture_seam.h. It is written for the BPF verifier:
 * no pointers kept, no loops, every slot at a constant place; the other
 * producers get that for free.
 */
#ifndef TRC_CAPTURE_H
#define TRC_CAPTURE_H

#include "capture_seam.h"

/* Flags that only matter while a file is opened, which the file does not keep. */
#define CAP_O_ONCE 02001700u /* O_CREAT O_EXCL O_NOCTTY O_TRUNC O_CLOEXEC */

/*
 * ARM gives four open flags other bits than everyone else
 * (arch/arm/include/uapi/asm/fcntl.h, and arm64's): O_DIRECTORY, O_NOFOLLOW,
 * O_DIRECT, O_LARGEFILE. Records carry everyone else's.
 */
CAP_FN trc_u64 cap_oflags_from_arm(trc_u64 v)
{
	trc_u64 rest = v & ~0740000ull;

	return rest | (v & 0040000 ? 0200000 : 0) | (v & 0100000 ? 0400000 : 0) |
	       (v & 0200000 ? 0040000 : 0) | (v & 0400000 ? 0100000 : 0);
}

CAP_FN trc_u64 cap_scalar(struct cap *c, enum trc_argtype type, trc_u64 v)
{
	if (type == TRC_T_OFLAGS && cap_is_arm(c))
		v = cap_oflags_from_arm(v);
	return trc_normal(type, v);
}

/* The word at an address of the caller's, from one of its bits on: 32 = the second of two ints. */
CAP_FN void cap_word(struct cap *c, int slot, enum trc_argtype type, trc_u64 addr, int bit)
{
	trc_u64 v;

	if (cap_peek(c, addr, &v)) {
		cap_lacks(c, slot);
		return;
	}
	cap_put(c, slot, cap_scalar(c, type, v >> bit));
	cap_gives(c, slot);
}

/* A program that did not start has no file. */
CAP_FN void cap_task_fact(struct cap *c, int slot, enum cap_fact what)
{
	if (cap_ret(c) < 0 && cap_is_exe(what))
		cap_lacks(c, slot);
	else
		cap_task(c, slot, what);
}

/*
 * Nor does a failure tell what its process was before: the tables know, and
 * anyone can fail often.
 */
CAP_FN void cap_text_fact(struct cap *c, int slot, enum cap_fact what)
{
	if (cap_ret(c) < 0)
		cap_lacks(c, slot);
	else
		cap_text(c, slot, what);
}

/* The name of the process, for the call that sets it. */
CAP_FN void cap_comm_if(struct cap *c, int slot, int sets)
{
	if (sets)
		cap_text_fact(c, slot, CAP_F_COMM);
	else
		cap_lacks(c, slot);
}

CAP_FN void cap_unless(struct cap *c, int slot, enum trc_argtype type, int not, trc_u64 v)
{
	if (not )
		cap_lacks(c, slot);
	else
		cap_put(c, slot, cap_scalar(c, type, v));
}

/*
 * Messages, as the caller's ABI lays them out (struct msghdr, struct iovec,
 * struct mmsghdr): words are pointers, and numbers as wide as pointers.
 */
CAP_FN int cap_word_size(struct cap *c)
{
	return cap_is_narrow(c) ? 4 : 8;
}

/* Two words of the caller's memory. 0, or -1 if they cannot be read. */
CAP_FN int cap_two_words(struct cap *c, trc_u64 addr, trc_u64 *one, trc_u64 *two)
{
	if (cap_peek(c, addr, one))
		return -1;
	if (!cap_is_narrow(c))
		return cap_peek(c, addr + 8, two);
	*two = *one >> 32;
	*one = (trc_u32)*one;
	return 0;
}

/* A number of 4 bytes; 0 if it cannot be read. */
CAP_FN trc_u32 cap_int_at(struct cap *c, trc_u64 addr)
{
	trc_u64 v = 0;

	/* Where 8 bytes can be read: the page may end behind the number. */
	if (addr & 4)
		return cap_peek(c, addr - 4, &v) ? 0 : (trc_u32)(v >> 32);
	return cap_peek(c, addr, &v) ? 0 : (trc_u32)v;
}

/* What was sent or received: at most n bytes at addr, of which `of` are in this message. */
CAP_FN void cap_payload(struct cap *c, int slot, trc_u64 addr, trc_u64 n, trc_s64 of)
{
	if (n > (trc_u64)of)
		n = (trc_u64)of;
	if (n > TRC_DATA_MAX)
		n = TRC_DATA_MAX;
	if (cap_ret(c) < 0 || of < 0)
		cap_lacks(c, slot);
	else
		cap_data(c, slot, addr, (trc_u32)n, (trc_u64)of);
}

CAP_FN void cap_msgdata(struct cap *c, int slot, trc_u64 msg, trc_s64 of)
{
	trc_u64 iov, count, addr, n;

	if (cap_two_words(c, msg + 2 * cap_word_size(c), &iov, &count) || !count ||
	    cap_two_words(c, iov, &addr, &n))
		cap_lacks(c, slot);
	else
		cap_payload(c, slot, addr, n, of);
}

/* What a call that failed was to receive has not come from anybody. */
CAP_FN void cap_taken(struct cap *c, int slot, trc_s64 fd, trc_u64 uaddr, trc_u64 lenp)
{
	if (cap_ret(c) < 0)
		uaddr = 0;
	cap_peer(c, slot, fd, uaddr, uaddr ? cap_int_at(c, lenp) : 0);
}

CAP_FN void cap_msgpeer(struct cap *c, int slot, trc_s64 fd, trc_u64 msg, int taken)
{
	trc_u64 name, len;

	if ((taken && cap_ret(c) < 0) || cap_two_words(c, msg, &name, &len))
		name = len = 0;
	cap_peer(c, slot, fd, name, (trc_u32)len);
}

/*
 * What a call that has returned is in the table. A message of TCP may make the
 * connection that it goes over (MSG_FASTOPEN of tcp(7), tcp_sendmsg_fastopen()
 * in net/ipv4/tcp.c): that is a connect, and the call becomes one.
 */
CAP_FN enum trc_type cap_called(struct cap *c, enum trc_type type)
{
	trc_u64 flags, name = 0, len = 0;

	if (type != TRC_SENDTO && type != TRC_SENDMSG && type != TRC_SENDMMSG)
		return type;
	flags = type == TRC_SENDMSG ? cap_reg(c, 2) : cap_reg(c, 3);
	if (!(flags & TRC_MSG_FASTOPEN) || !cap_is_tcp(c, (trc_s32)cap_reg(c, 0)))
		return type;
	if (type == TRC_SENDTO) {
		name = cap_reg(c, 4);
		len = cap_reg(c, 5);
	} else if (cap_two_words(c, cap_reg(c, 1), &name, &len)) {
		name = len = 0;
	}
	cap_turn(c, name, (trc_u32)len);
	return TRC_CONNECT;
}

/* A path that names a new thing when the call succeeds, and only text when it fails. */
CAP_FN void cap_opened(struct cap *c, int slot, trc_s64 dirfd, trc_u64 addr)
{
	if (cap_ret(c) >= 0)
		cap_fdpath(c, slot, cap_ret(c));
	else
		cap_upath(c, slot, dirfd, addr);
}

CAP_FN void cap_entered(struct cap *c, int slot, trc_s64 dirfd, trc_u64 addr)
{
	if (cap_ret(c) >= 0)
		cap_text(c, slot, CAP_F_CWD);
	else
		cap_upath(c, slot, dirfd, addr);
}

CAP_FN void cap_program(struct cap *c, int slot, trc_s64 dirfd, trc_u64 addr)
{
	if (cap_ret(c) >= 0)
		cap_execed(c, slot);
	else
		cap_upath(c, slot, dirfd, addr);
}

CAP_FN void cap_openflags(struct cap *c, int slot, enum trc_argtype type, trc_s64 fd, trc_u64 addr)
{
	trc_s64 kept = fd >= 0 ? cap_fdflags(c, fd) : -1;
	trc_u64 asked;

	if (kept < 0) {
		cap_word(c, slot, type, addr, 0);
		return;
	}
	/* The file's own flags stand, whatever the caller made of its memory meanwhile. */
	cap_peek(c, addr, &asked);
	cap_put(c, slot, cap_scalar(c, type, (asked & CAP_O_ONCE) | (trc_u64)kept));
}

#define VAL_RET cap_ret(c)
#define VAL_REG(n) ((trc_s64)(trc_s32)cap_reg(c, n))
#define VAL_CWD TRC_AT_FDCWD
#define VAL_MSGLEN(n) ((trc_s64)cap_int_at(c, cap_reg(c, n) + 7 * cap_word_size(c)))

#define CAP_RET cap_put(c, s, cap_scalar(c, ty, (trc_u64)cap_ret(c)))
#define CAP_REG(n) cap_put(c, s, cap_scalar(c, ty, cap_reg(c, n)))
#define CAP_WORD(n, off) cap_word(c, s, ty, cap_reg(c, n) + (off), 0)
#define CAP_USTR(n) cap_ustr(c, s, cap_reg(c, n))
#define CAP_UPATH(d, n) cap_upath(c, s, VAL_##d, cap_reg(c, n))
#define CAP_OPENED(d, n) cap_opened(c, s, VAL_##d, cap_reg(c, n))
#define CAP_EXECED(d, n) cap_program(c, s, VAL_##d, cap_reg(c, n))
#define CAP_ENTERED(d, n) cap_entered(c, s, VAL_##d, cap_reg(c, n))
#define CAP_FDPATH(fd) cap_fdpath(c, s, VAL_##fd)
#define CAP_FDDEV(fd) cap_fdfact(c, s, VAL_##fd, CAP_FD_DEV)
#define CAP_FDINO(fd) cap_fdfact(c, s, VAL_##fd, CAP_FD_INO)
#define CAP_FDFLAGS(fd, n, off) cap_openflags(c, s, ty, VAL_##fd, cap_reg(c, n) + (off))
#define CAP_SOCK(fd, n)                                                                            \
	cap_sock(c, s, VAL_##fd, (n) < 0 ? 0 : cap_reg(c, (n) < 0 ? 0 : (n)),                      \
		 (n) < 0 ? 0 : cap_reg(c, (n) < 0 ? 0 : (n) + 1))
#define CAP_TASK(fact) cap_task_fact(c, s, CAP_F_##fact)
#define CAP_TEXT(fact) cap_text_fact(c, s, CAP_F_##fact)
#define CAP_HIGH(n, off) cap_word(c, s, ty, cap_reg(c, n) + (off), 32)
#define CAP_COMMIF(n, value) cap_comm_if(c, s, (trc_u32)cap_reg(c, n) == (value))
#define CAP_UNLESS(n, value, m)                                                                    \
	cap_unless(c, s, ty, (trc_u32)cap_reg(c, n) == (value), cap_reg(c, m))
#define CAP_SENT(fd, n) cap_peer(c, s, VAL_##fd, cap_reg(c, n), (trc_u32)cap_reg(c, (n) + 1))
#define CAP_TAKEN(fd, n) cap_taken(c, s, VAL_##fd, cap_reg(c, n), cap_reg(c, (n) + 1))
#define CAP_MSGSENT(fd, n) cap_msgpeer(c, s, VAL_##fd, cap_reg(c, n), 0)
#define CAP_MSGTAKEN(fd, n) cap_msgpeer(c, s, VAL_##fd, cap_reg(c, n), 1)
#define CAP_DATA(n) cap_payload(c, s, cap_reg(c, n), TRC_DATA_MAX, cap_ret(c))
#define CAP_MSGDATA(n, len) cap_msgdata(c, s, cap_reg(c, n), VAL_##len)
#define CAP_HAND ((void)c)

/*
 * Is a call of this type none of those that are an event? c has its arguments;
 * the kernel reads 32 bits of those that the conditions are about.
 */
CAP_FN int cap_is_dull(struct cap *c, enum trc_type type)
{
	(void)c;
	switch (type) {
#define IS(n, v) || (trc_u32)cap_reg(c, n) == (v)
#define HAS(n, bits) || ((trc_u32)cap_reg(c, n) & (bits))
#define ONLY(id, tests)                                                                            \
	case TRC_##id:                                                                             \
		return !(0 tests);
#include "events.def"
	default:
		return 0;
	}
}

/*
 * Fills the slots of a record of the given type. The caller has filled the
 * header: narg and the slots of the row, which are 0 like the masks, and len, the
 * end of those slots, behind which the seam puts bytes, and moves len on.
 */
CAP_FN void cap_args(struct cap *c, enum trc_type type)
{
	int s = 0;

	switch (type) {
#define A(name, type, source)                                                                      \
	{                                                                                          \
		const enum trc_argtype ty = TRC_T_##type;                                          \
		(void)ty;                                                                          \
		CAP_##source;                                                                      \
		s++;                                                                               \
	}
#define EV(id, name, class, flags, nrs, ...)                                                       \
	case TRC_##id:                                                                             \
		__VA_ARGS__                                                                        \
		break;
#include "events.def"
	default:
		break;
	}
}

#endif
