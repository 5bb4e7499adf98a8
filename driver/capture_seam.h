/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The seam under the capture body: what capture.h asks of a producer, function
 * by function, and what helps producers to answer alike. A producer defines
 * what its compiler needs before each ("static inline"): CAP_SEAM of those that
 * it has to write, CAP_FN of those that are written here and in capture.h.
 */
#ifndef TRC_CAPTURE_SEAM_H
#define TRC_CAPTURE_SEAM_H

#include "event.h"

/* Facts about the process that a record is about (CHILD*: about the one it made). */
enum cap_fact {
	/* numbers */
	CAP_F_PPID,
	CAP_F_GID,
	CAP_F_LOGINUID,
	CAP_F_TTY,
	CAP_F_CHILD,
	CAP_F_CHILDSTART,
	CAP_F_CHILDPPID,  /* CLONE_PARENT: not the caller */
	CAP_F_CHILDFLAGS, /* TRC_CLONE_* */
	CAP_F_STATUS,
	CAP_F_CAPINH,
	CAP_F_CAPPRM,
	CAP_F_CAPEFF,
	/* as the initial namespace of processes numbers them; V: as the process's own does */
	CAP_F_PGID,
	CAP_F_SID,
	CAP_F_VPID,
	CAP_F_VPGID,
	CAP_F_CHILDVPID,
	/* of the file that it runs: see cap_is_exe() */
	CAP_F_EXEDEV,
	CAP_F_EXEINO,
	CAP_F_EXEFLAGS,
	CAP_F_EXECTIME, /* ns since 1970 */
	CAP_F_EXEMTIME,
	/* strings */
	CAP_F_EXEPATH,
	CAP_F_ARGV,
	CAP_F_ENV,
	CAP_F_CWD,
	CAP_F_CGROUP,
	CAP_F_COMM,
};

enum cap_fdfact { CAP_FD_DEV, CAP_FD_INO };

struct cap;

/*
 * `slot` is the argument's number. A function that cannot have what it is asked
 * for leaves the slot 0 and sets its bit in hdr.absent; one that takes the
 * caller's text sets it in hdr.given; one that has to shorten, in hdr.cut.
 */

/* Sets a slot that is a number. */
CAP_SEAM void cap_put(struct cap *c, int slot, trc_u64 value);
/* Marks what a slot holds: nothing; the caller's word. */
CAP_SEAM void cap_lacks(struct cap *c, int slot);
CAP_SEAM void cap_gives(struct cap *c, int slot);

/* The call: its result, -errno as the kernel has it; argument n, as wide as a register. */
CAP_SEAM trc_s64 cap_ret(struct cap *c);
CAP_SEAM trc_u64 cap_reg(struct cap *c, int n);
/* Is the caller's ABI one of ARM's, whose O_* differ from the rest? */
CAP_SEAM int cap_is_arm(struct cap *c);
/* Is the caller a 32-bit program, under whatever kernel? */
CAP_SEAM int cap_is_narrow(struct cap *c);

/* The 64-bit word at an address of the caller's. 0, or -1 with *v 0 if it cannot be read. */
CAP_SEAM int cap_peek(struct cap *c, trc_u64 addr, trc_u64 *v);
/* The caller's string. */
CAP_SEAM void cap_ustr(struct cap *c, int slot, trc_u64 addr);
/* n bytes of the caller's memory, at most TRC_DATA_MAX, of something that is `of` bytes long. */
CAP_SEAM void cap_data(struct cap *c, int slot, trc_u64 addr, trc_u32 n, trc_u64 of);
/* The caller's path; a relative one behind that of the directory (TRC_AT_FDCWD: its own). */
CAP_SEAM void cap_upath(struct cap *c, int slot, trc_s64 dirfd, trc_u64 addr);

/* Of the file behind fd: its path; its device or inode; its f_flags, or -1. */
CAP_SEAM void cap_fdpath(struct cap *c, int slot, trc_s64 fd);
CAP_SEAM void cap_fdfact(struct cap *c, int slot, trc_s64 fd, enum cap_fdfact what);
CAP_SEAM trc_s64 cap_fdflags(struct cap *c, trc_s64 fd);

/*
 * Both ends of the socket behind fd. Of a call that failed (EINPROGRESS is no
 * failure): the caller's address at uaddr, or nothing; 0 = there is none.
 */
CAP_SEAM void cap_sock(struct cap *c, int slot, trc_s64 fd, trc_u64 uaddr, trc_u64 ulen);
/*
 * Both ends of the socket, whatever became of the call. Unless it has a stream,
 * an address of its family at uaddr (0 = none) is its remote end.
 */
CAP_SEAM void cap_peer(struct cap *c, int slot, trc_s64 fd, trc_u64 uaddr, trc_u32 ulen);

/* Is the descriptor a socket of TCP's kind: with a stream, of IPv4 or IPv6? */
CAP_SEAM int cap_is_tcp(struct cap *c, trc_s64 fd);
/* Makes the call one with another second and third argument, and with 0 for a result above. */
CAP_SEAM void cap_turn(struct cap *c, trc_u64 second, trc_u64 third);

/* The name that a program was started by, as the kernel took it. */
CAP_SEAM void cap_execed(struct cap *c, int slot);
/* A fact: one that is a number; one that is a string. */
CAP_SEAM void cap_task(struct cap *c, int slot, enum cap_fact what);
CAP_SEAM void cap_text(struct cap *c, int slot, enum cap_fact what);

#define CAP_DAC_OVERRIDE_BIT (1u << 1)
#define CAP_OVERLAYFS_MAGIC 0x794c7630

CAP_FN int cap_is_exe(enum cap_fact what)
{
	return what >= CAP_F_EXEDEV && what <= CAP_F_EXEMTIME;
}

/*
 * May a process write a file? As acl_permission_check() and generic_permission()
 * decide it (fs/namei.c), access control lists and security modules left out.
 * owns: the process is its owner; shares: it has its group; overrides: it has
 * CAP_DAC_OVERRIDE over it.
 */
CAP_FN int cap_may_write(trc_u32 mode, int owns, int shares, int overrides)
{
	return overrides || mode & (owns ? 0200u : shares ? 0020u : 0002u);
}

#endif
