/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event table as user space reads it: events.def turned into constant
 * arrays. Drivers use the numbers, core/ the names and types.
 */
#ifndef DRIVER_TABLE_H
#define DRIVER_TABLE_H

#include <stdint.h>

#include "event.h"

enum abi { ABI_X86_64, ABI_AARCH64, ABI_ARM, ABI_I386, ABI_COUNT };

#if defined(__x86_64__)
#define ABI_NATIVE ABI_X86_64
#elif defined(__aarch64__)
#define ABI_NATIVE ABI_AARCH64
#elif defined(__arm__)
#define ABI_NATIVE ABI_ARM
#else
#error "no call numbers for this machine: add a column to SYS() in events.def"
#endif

struct event_arg {
	const char *name;
	enum trc_argtype type;
};

struct event_desc {
	const char *name; /* "openat" */
	enum trc_class class;
	unsigned flags; /* TRC_NEWFD ... */
	int nargs;
	const struct event_arg *args;
};

/* Row of each type; [TRC_NONE].name is "none". */
extern const struct event_desc event_table[TRC_NTYPES];

extern const enum trc_kind argtype_kind[TRC_NARGTYPE];

/* Type of a name, or TRC_NONE. */
enum trc_type event_by_name(const char *name);

/* Slot of an argument of an event, or -1. */
int event_arg_slot(enum trc_type type, const char *name);

/*
 * The same for all types at once: slot[type] of the argument called name, -1
 * where there is none.
 */
void event_arg_slots(const char *name, int8_t slot[static TRC_NTYPES]);

/* Fills map[nr] with the event type of each call number of an ABI, TRC_NONE where nobody asks. */
void event_numbers(enum abi abi, uint8_t map[static TRC_NR_MAX]);

#define TRC_X32_CALL 0x40000000u /* marks an x32 program's calls on x86-64 */

/*
 * The place in that map of a call that the kernel tells by this number: x32's are without their
 * mark. TRC_NR_MAX: nobody's, as x32's own calls from 512 on, and ARM's private ones, of which none
 * is an event (breakpoint, cacheflush, set_tls and its kin).
 */
uint32_t event_number(enum abi abi, uint64_t nr);

/* ABI that this program was compiled for, and the 32-bit one beside it (ABI_COUNT = none). */
enum abi abi_native(void);
enum abi abi_compat(void);

#endif
