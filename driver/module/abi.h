/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the kernel module and driver/module.c say to each other over
 * /dev/tiercel. All of it has one layout for 32-bit and 64-bit programs.
 *
 * A reader opens the device, asks for TRC_MODULE_VERSION, starts, and maps what
 * starting told it. Capturing ends when the last of its descriptors and
 * mappings is gone.
 */
#ifndef MODULE_ABI_H
#define MODULE_ABI_H

#include "../../bpf/probe.h"

#define TRC_MODULE_NAME "tiercel"
#define TRC_MODULE_DEVICE "/dev/" TRC_MODULE_NAME

/* Changes with anything below, and with the meaning of anything in probe.h. */
#define TRC_MODULE_ABI 3

/*
 * Tells one event table from another, as their numbers are in the records: what
 * a row more, or an argument more, changes. So does a member more of what both have in memory.
 */
#define TRC_MODULE_SHARED                                                                          \
	(7u * (trc_u32)sizeof(struct probe_control) + 11u * (trc_u32)sizeof(struct probe_config) + \
	 13u * (trc_u32)sizeof(struct probe_count))
static const trc_u32 trc_module_table = TRC_VERSION + TRC_MODULE_SHARED
#define A(name, type, source) +(TRC_T_##type + 1u) * (trc_u32)sizeof(#name)
#define EV(id, name, class, flags, nrs, ...)                                                       \
	+TRC_##id *((trc_u32)sizeof(#name) * 1009u + (flags)*31u + TRC_##class __VA_ARGS__)
#include "../events.def"
	;

struct trc_module_version {
	trc_u32 abi;   /* TRC_MODULE_ABI */
	trc_u32 table; /* trc_module_table */
};

struct trc_module_start {
	/* told by the reader */
	struct trc_module_version version;
	trc_u64 config; /* address of a struct probe_config */
	/* by the reader: bytes of all rings of a class together; back: bytes of each */
	trc_u32 ring[TRC_CRITICAL + 1];
	/* told back */
	trc_u32 cpus;  /* a ring of each class for each, and TRC_TYPE_MAX counters */
	trc_u32 hooks; /* tracepoints that were found */
	trc_u64 bytes; /* of memory taken */
	/* Where mmap(2) finds the counters, and each class's first ring. At 0: probe_control. */
	trc_u64 counts_at, ring_at[TRC_CRITICAL + 1];
};

/* Never changes, so that any two can tell each other. */
#define TRC_MODULE_VERSION _IOR(0xb7, 0, struct trc_module_version)
#define TRC_MODULE_START _IOWR(0xb7, 1, struct trc_module_start)

/* A ring is laid out as driver/ring.h reads it: position, position, data, and the data again. */
#define TRC_MODULE_RING(page, size) (2 * (trc_u64)(page) + 2 * (trc_u64)(size))
#define TRC_MODULE_RING_MIN 65536u /* bytes of one: two records at least */

#endif
