/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the probe and its loader (driver/bpf.c) share: tables that the loader
 * fills, counters it reads.
 */
#ifndef BPF_PROBE_H
#define BPF_PROBE_H

#include "../driver/event.h"

/* Filled before the probe is loaded, fixed from then on. Section .rodata.config. */
struct probe_config {
	trc_u8 any[TRC_NR_MAX]; /* 1: the number of some call has a row, or stands for several */
	trc_u8 call[2][TRC_NR_MAX]; /* event type of a call number: [0] native, [1] compat */
	trc_u8 class[TRC_TYPE_MAX]; /* enum trc_class of each type */
	trc_u8 narg[TRC_TYPE_MAX];  /* slots of each type */
	trc_u8 flags[TRC_TYPE_MAX]; /* of each row: TRC_FAILED, TRC_PARENT */
	trc_u8 skipped;		    /* 1: the kernel skips a program that another task is in */
};

/* The tracepoints that have more programs than one where programs are skipped. */
enum probe_point { POINT_exec, POINT_fork, POINT_module_request, POINT_exit, POINTS };

#define PROBE_PROGRAMS 3 /* of each */

/*
 * What the probe reads of the sensor by the places that it was told of, beside what there must be:
 * a kernel's pack may be another's.
 */
#define PROBE_SELF_PATH 64
struct probe_self {
	trc_u64 id, helper_id;	     /* process << 32 | thread */
	trc_u64 start;		     /* as in struct trc_hdr */
	trc_u32 root_mode, exe_mode; /* i_mode of its root, of its program */
	char comm[16];
	char exe[PROBE_SELF_PATH]; /* the last bytes of the program's path */
};

enum ring_hook {
#define HOOK(id, type, kind, name, later, op) RING_##id,
#include "ring.def"
	RING_HOOKS
};

#define PROBE_RING_CALLERS 4 /* places in io_uring that call one function */

/* What the sensor does now: acts by a ring; then the same by calls. */
enum { PROBE_RING_ACTS = 1, PROBE_RING_CALLS };

/* Written at any time. Section .data.control. */
struct probe_control {
	trc_u8 want[TRC_TYPE_MAX]; /* types that somebody asks for */
	/*
	 * Where names begin: the sensor's own root. The sensor closes a
	 * descriptor of this number, the probe sees that, takes the root of
	 * who did it, and sets the token to 0.
	 */
	trc_u64 root_dentry, root_mnt;
	trc_u32 token, spare;
	trc_u64 gap[2];		/* records lost, by class */
	trc_u64 missed;		/* those that the sensor has learnt of otherwise */
	trc_u64 rescued;	/* events whose first program was skipped, but not the next */
	struct probe_self self; /* with the root */
	/* See ring.h. */
	trc_u64 ring_caller[RING_HOOKS][PROBE_RING_CALLERS]; /* 0 = none; 1 = nobody's */
	trc_u64 ring_token; /* the first 8 bytes of the sensor's names and addresses */
	trc_u32 ring_lesson, ring_flags, ring_pid; /* f_flags of its opens; itself */
};

/* Per CPU and event type. */
struct probe_count {
	trc_u64 sent, filtered, lost[2]; /* lost: by the class of the ring that had no room */
};

/* Where one CPU puts a record together. */
#define PROBE_PATH_MAX 4096
#define PROBE_NAME_MAX 1023 /* bytes of one name in it: a power of two, less one */
struct probe_scratch {
	trc_u8 record[TRC_RECORD_MAX + 2 * PROBE_PATH_MAX]; /* room for one append beyond the end */
	trc_u8 path[PROBE_PATH_MAX + PROBE_NAME_MAX + 1];   /* a path, built from its end */
	trc_u8 text[PROBE_PATH_MAX + 8];		    /* the caller's text */
	trc_u8 zero[8];					    /* never written: padding */
	trc_u64 file;					    /* of file_fd, since claim() */
	trc_s32 file_fd;
	trc_u32 busy;	     /* records being put together here: 1, or somebody goes elsewhere */
	trc_u64 regs[40];    /* of the call: too large for the stack */
	trc_u64 dentry, mnt; /* where the walk of a path is */
	trc_u32 path_at;     /* first byte of path[] */
	trc_u32 path_cut;
	trc_u32 in_kernel; /* texts and addresses are the kernel's copies */
	trc_u32 owner;	   /* the thread, its number and 1; 0 = nobody */
	trc_u64 gap[2];	   /* those of them that records of this CPU have told of */
};

#endif
