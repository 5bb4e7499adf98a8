/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The record: the one thing that producers (bpf/, driver/) and the consumer
 * (core/) share. A record is a header, one 64-bit slot per argument in the
 * order of its row in events.def, and a tail of bytes that string slots point
 * into. The same bytes come out of BPF, ptrace and a file, on every machine:
 * little-endian, no padding, all scalars at constant offsets.
 *
 * Included by BPF programs, by a kernel module and by user space, so it brings
 * its own integer names and includes nothing.
 */
#ifndef TRC_EVENT_H
#define TRC_EVENT_H

typedef unsigned char trc_u8;
typedef unsigned short trc_u16;
typedef unsigned int trc_u32;
typedef int trc_s32;
typedef unsigned long long trc_u64;
typedef long long trc_s64;

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "records are little-endian, and so is every machine that tiercel runs on"
#endif

/*
 * Version of the record and of the table. It changes when an old reader would
 * misread a new file: a changed header, a removed or reordered row or argument.
 * New rows go to the end of their block's ids only if ids stay (they do: ids
 * are stored by name in record files, see replay.c); new arguments go to the
 * end of their row and need no new version, since narg says what is there.
 */
#define TRC_VERSION 1

enum trc_class {
	TRC_BULK,     /* may be shed under load, counted */
	TRC_CRITICAL, /* has a lane of its own that bulk events cannot fill */
	TRC_STATE,    /* made by the sensor itself from /proc and files: what rules do not see */
	TRC_NCLASS
};

/* Flags of a row. */
enum {
	TRC_NEWFD = 1 << 0,   /* argument 0 is a descriptor that the call made, if it is >= 0 */
	TRC_USEFD = 1 << 1,   /* the argument called fd is a descriptor that the call used */
	TRC_OPENS = 1 << 2,   /* opens a file: evt.is_open_read and its kin speak of it */
	TRC_FAILED = 1 << 3,  /* the exit of the call is taken only if it failed (see sched) */
	TRC_SCHED = 1 << 4,   /* not a call: comes from a scheduler hook */
	TRC_PARENT = 1 << 5,  /* returns in the new process too, with 0: that exit is not taken */
	TRC_NAMES = 1 << 6,   /* may give the names among its arguments to other files */
	TRC_PAIR = 1 << 7,    /* the arguments fd1 and fd2 are descriptors that the call made */
	TRC_CREDS = 1 << 8,   /* may change who the process is: ends with TRC_WHO */
	TRC_OUTWARD = 1 << 9, /* the local end of its socket is the client's */
	TRC_MARK = 1 << 10,   /* not a call: comes from a mark on the file */
	TRC_FED = 1 << 11,    /* not a call: another program delivers it */
};

/*
 * How an argument is stored in its slot, and how it is brought to one form
 * there, so that no reader ever has to ask which machine wrote it.
 */
enum trc_kind {
	TRC_S32, /* sign-extended */
	TRC_U32, /* zero-extended */
	TRC_U64,
	TRC_BYTES, /* length << 32 | offset from the start of the record */
};

/*
 * Types of arguments: T(NAME, kind). A type says how the value reads as text
 * (core/text.c) and what a rule may compare it with.
 */
#define TRC_TYPES(T)                                                                               \
	T(RES, TRC_U64) /* result of a call: >= 0, or -errno */                                    \
	T(FD, TRC_S32)	/* descriptor, or -errno */                                                \
	T(PID, TRC_S32)                                                                            \
	T(UID, TRC_U32)                                                                            \
	T(GID, TRC_U32)                                                                            \
	T(INT, TRC_S32)                                                                            \
	T(UINT, TRC_U32)                                                                           \
	T(LONG, TRC_U64)                                                                           \
	T(HEX, TRC_U64)                                                                            \
	T(MODE, TRC_U32)       /* permission bits */                                               \
	T(OFLAGS, TRC_U32)     /* O_*, in the numbers of asm-generic */                            \
	T(ATFLAGS, TRC_U32)    /* AT_* */                                                          \
	T(CLONEFLAGS, TRC_U64) /* CLONE_* */                                                       \
	T(MOUNTFLAGS, TRC_U32) /* MS_* */                                                          \
	T(RENAMEFLAGS, TRC_U32)                                                                    \
	T(MEMFDFLAGS, TRC_U32)                                                                     \
	T(DOMAIN, TRC_S32)   /* AF_* */                                                            \
	T(SOCKTYPE, TRC_U32) /* SOCK_* with its flags */                                           \
	T(PTRACEREQ, TRC_S32)                                                                      \
	T(SIGNAL, TRC_S32)   /* SIG* */                                                            \
	T(PROT, TRC_U32)     /* PROT_* */                                                          \
	T(SHUTHOW, TRC_S32)  /* SHUT_* */                                                          \
	T(PRCTLOPT, TRC_S32) /* PR_* */                                                            \
	T(FCNTLCMD, TRC_S32) /* F_* */                                                             \
	T(UMOUNTFLAGS, TRC_U32)                                                                    \
	T(REBOOTCMD, TRC_U32) /* LINUX_REBOOT_CMD_* */                                             \
	T(CAPS, TRC_U64)      /* set of capabilities, bit n = capability n */                      \
	T(EXEFLAGS, TRC_U32)  /* TRC_EXE_* */                                                      \
	T(BPFCMD, TRC_S32)                                                                         \
	T(DEV, TRC_U64) /* major << 20 | minor, as the kernel keeps it */                          \
	T(INO, TRC_U64)                                                                            \
	T(LOGINUID, TRC_S32) /* -1 = unset */                                                      \
	T(TTY, TRC_U32)	     /* controlling terminal: major << 20 | minor, 0 = none */             \
	T(STR, TRC_BYTES)                                                                          \
	T(PATH, TRC_BYTES)                                                                         \
	T(ARGV, TRC_BYTES) /* strings, each with its NUL */                                        \
	T(DATA, TRC_BYTES) /* the start of what was sent or received */                            \
	T(SOCK, TRC_BYTES) /* struct trc_sock, then a Unix socket's name */

enum trc_argtype {
#define T(name, kind) TRC_T_##name,
	TRC_TYPES(T)
#undef T
		TRC_NARGTYPE
};

/* Event types. 0 is none. */
enum trc_type {
	TRC_NONE,
#define EV(id, name, class, flags, nrs, ...) TRC_##id,
#include "events.def"
	TRC_NTYPES
};

#define TRC_TYPE_MAX 128     /* size of tables indexed by type */
#define TRC_ARG_MAX 28	     /* most arguments of a row: bits in the masks */
#define TRC_STR_MAX 4096     /* most bytes of one string, its NUL included */
#define TRC_DATA_MAX 80	     /* most bytes of an argument of type DATA */
#define TRC_HOST_MAX 253     /* most bytes of a host's name (RFC 1035: 255 with lengths and end) */
#define TRC_HOST_ADDRS 16    /* most addresses of a host */
#define TRC_RECORD_MAX 32768 /* most bytes of a record */
#define TRC_NR_MAX 512	     /* call numbers are below this; others are nobody's */
#define TRC_TICK_NS 10000000ull /* unit of start times: 1/100 s, what /proc/PID/stat counts in */

/* What is particular about the file that a process runs. */
enum {
	TRC_EXE_WRITABLE = 1 << 0, /* the process may write it */
	TRC_EXE_UPPER = 1 << 1,	   /* it lies in the upper layer of an overlay */
	TRC_EXE_MEMFD = 1 << 2,	   /* it is memory (memfd_create) */
	TRC_EXE_LOWER = 1 << 3,	   /* it lies in a lower layer of an overlay */
	TRC_EXE_DELETED = 1 << 4,  /* it has no name any more */
};

/*
 * What a new process shares with its maker, and what it does not: as the tables
 * need it, in the numbers of CLONE_*.
 */
enum {
	TRC_CLONE_FS = 0x200,	     /* one working directory */
	TRC_CLONE_FILES = 0x400,     /* one table of descriptors */
	TRC_CLONE_USER = 0x10000000, /* another namespace of users: all capabilities */
};

/* Flags of a record. */
enum {
	TRC_COMPAT = 1 << 0, /* a 32-bit program under a 64-bit kernel */
	/* Records that would have come before this one were lost: some of that class. */
	TRC_GAP_BULK = 1 << 1,
	TRC_GAP_CRITICAL = 1 << 2,
	TRC_RING = 1 << 3, /* io_uring did it, not a call */
};

struct trc_hdr {
	trc_u32 len;  /* whole record in bytes, a multiple of 8 */
	trc_u16 type; /* enum trc_type */
	trc_u8 narg;  /* slots that follow */
	trc_u8 flags;
	trc_u64 ts; /* ns since boot, suspend included (CLOCK_BOOTTIME), at the end of the call */
	trc_u64 start; /* when the process was made, in ticks of 1/100 s since boot */
	trc_u32 pid;   /* process, as the initial namespace numbers it */
	trc_u32 tid;   /* thread */
	trc_u32 uid;   /* effective */
	trc_u32 cpu;
	trc_u32 absent; /* bit n: argument n could not be had; its slot is 0 */
	trc_u32 given;	/* bit n: argument n is the caller's text, not the kernel's object */
	trc_u32 cut;	/* bit n: argument n was longer; paths keep their end, the rest its start */
	trc_u32 nr;	/* number of the call in its own table, or ~0 */
};

#define TRC_NO_UID 0xffffffffu /* hdr.uid of who is not known: no user has that number */

enum { TRC_SOCK_UNIX = 1, TRC_SOCK_INET = 2, TRC_SOCK_INET6 = 10 };

#define TRC_MSG_FASTOPEN 0x20000000u /* in the flags of a message, of all architectures */

/*
 * The family that an address is read as which goes with a message: that of its socket, as a rule.
 * But IPv4 takes one that names none for its own (udp_sendmsg() and raw_sendmsg() of net/ipv4), and
 * IPv6 takes IPv4's (udpv6_sendmsg()). -1: of another one, which the kernel refuses.
 */
static inline __attribute__((always_inline)) int trc_peer_family(int of_socket, int given)
{
	if ((!given && of_socket == TRC_SOCK_INET) ||
	    (given == TRC_SOCK_INET && of_socket == TRC_SOCK_INET6))
		return TRC_SOCK_INET;
	return given == of_socket ? given : -1;
}

/* Both ends of a socket. IPv4 addresses are the first 4 bytes. Ports are in host order. */
struct trc_sock {
	trc_u16 family; /* AF_* */
	trc_u16 proto;	/* IPPROTO_*, 0 = not known */
	trc_u16 lport;
	trc_u16 rport;
	trc_u8 laddr[16];
	trc_u8 raddr[16];
};

#define TRC_SLOT(len, off) ((trc_u64)(len) << 32 | (trc_u32)(off))

_Static_assert(sizeof(struct trc_hdr) == 56, "header");
_Static_assert(__builtin_offsetof(struct trc_hdr, ts) == 8, "header");
_Static_assert(__builtin_offsetof(struct trc_hdr, pid) == 24, "header");
_Static_assert(__builtin_offsetof(struct trc_hdr, absent) == 40, "header");
_Static_assert(__builtin_offsetof(struct trc_hdr, nr) == 52, "header");
_Static_assert(sizeof(struct trc_sock) == 40, "socket");
_Static_assert(sizeof(trc_u64) == 8 && sizeof(trc_u32) == 4 && sizeof(trc_u16) == 2, "integers");
_Static_assert(TRC_NTYPES <= TRC_TYPE_MAX, "event types");

/* Brings a scalar to the one form of its type. Constant types fold to a move. */
static inline __attribute__((always_inline)) trc_u64 trc_normal(enum trc_argtype type, trc_u64 v)
{
	switch (type) {
#define T(name, kind)                                                                              \
	case TRC_T_##name:                                                                         \
		return kind == TRC_S32 ? (trc_u64)(trc_s64)(trc_s32)v :                            \
		       kind == TRC_U32 ? (trc_u64)(trc_u32)v :                                     \
					 v;
		TRC_TYPES(T)
#undef T
	default:
		return v;
	}
}

/* Numbers that readers of records need, as records have them on every ABI. */
enum {
	TRC_EINPROGRESS = 115, /* a connect that goes on in the background: no failure */
	TRC_FD_SOME =
		0x7fffffff,  /* a descriptor whose number is not known: no table has one of it */
	TRC_AT_FDCWD = -100, /* as a directory: the working directory */
	TRC_O_ACCMODE = 3,   /* a C library's own may have O_PATH in it */
	TRC_O_DIRECTORY = 0200000,
	TRC_O_CLOEXEC = 02000000,  /* SOCK_CLOEXEC too */
	TRC_O_TMPFILE = 020000000, /* what makes O_TMPFILE more than O_DIRECTORY */
};

/* Do the flags of an open say that it was of a directory? A file without a name is none. */
static inline __attribute__((always_inline)) int trc_of_directory(trc_u64 flags)
{
	return (flags & (TRC_O_DIRECTORY | TRC_O_TMPFILE)) == TRC_O_DIRECTORY;
}

/*
 * i386 has one call beside those of sockets that makes any of them: its first argument says which,
 * its second where the arguments lie. Each has a number here as if it were a call of its own.
 */
enum {
	TRC_SOCKETCALL = 102,
	TRC_SOCKETCALL_FIRST = 490, /* no call has a number from here on */
	TRC_SOCKETCALL_MAX = 20,
};

/*
 * Results that say: the call will be made again, or its interruption is told by
 * another number (include/linux/errno.h, ERESTARTSYS to ERESTART_RESTARTBLOCK).
 * Nobody outside of the kernel sees them; there is no event yet.
 */
static inline __attribute__((always_inline)) int trc_restarts(trc_s64 ret)
{
	return ret >= -516 && ret <= -512;
}

/*
 * A connect that a signal interrupts is under way all the same, and stays so: whoever has a handler
 * for the signal is told EINTR, finds the connection made, and calls nothing more.
 */
static inline __attribute__((always_inline)) trc_s64 trc_result(enum trc_type type, trc_s64 ret)
{
	return type == TRC_CONNECT && trc_restarts(ret) ? -TRC_EINPROGRESS : ret;
}

#endif
