/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a driver is: a way to get records. The list of drivers and the choice
 * among them is in select.c. A driver knows nothing of rules, fields and
 * tables; it may log through core/log.h.
 *
 * One driver is open at a time in a process, so each keeps its state in static
 * memory of its own file.
 */
#ifndef DRIVER_DRIVER_H
#define DRIVER_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "event.h"

struct handover; /* opener.h */

/*
 * Takes one record. It is valid during the call only. rec->len is its size;
 * nothing else is checked.
 */
typedef void (*record_fn)(const struct trc_hdr *rec, void *arg);

struct driver_config {
	char *const *command;	 /* ptrace: program to run, NULL-terminated; or NULL */
	pid_t pid;		 /* ptrace: process to attach to; or 0 */
	const char *file;	 /* replay: record file, "-" = standard input; or NULL */
	const char *btf;	 /* bpf: BTF of this kernel; NULL or "" = the kernel's own */
	bool kprobes;		 /* bpf: may have some */
	bool module_load;	 /* module: may load it */
	const char *module_path; /* module: its file; NULL or "" = where modprobe(8) has it */
	/* bpf, module: bytes of the ring of each class (TRC_BULK, TRC_CRITICAL), powers of 2 */
	uint32_t ring[2];
};

/* Counters of one event type, cumulative since open. seen = sent + filtered + lost. */
struct driver_count {
	uint64_t sent; /* handed over, or waiting in the ring */
	uint64_t
		filtered; /* not asked for by any rule or table; no calls that a filter lets pass */
	uint64_t lost;	  /* no room in the ring; replay: damaged, or not known here */
};

struct driver_stats {
	struct driver_count type[TRC_TYPE_MAX];
	uint64_t lost[TRC_NCLASS]; /* of all types, by the lane that had no room, or that may be */
	uint64_t missed;	   /* of any type: the probe was not called; among the critical */
	uint64_t map_bytes;	   /* kernel memory held in maps */
};

enum {
	DRIVER_LIVE = 1 << 0,	    /* tells of this machine, now: /proc is worth reading */
	DRIVER_TRACES = 1 << 1,	    /* sees only the program it runs or attaches to */
	DRIVER_READS_PROC = 1 << 4, /* needs to look into everybody's /proc all the time */
	DRIVER_OPENS = 1 << 5,	    /* tells of each open, whatever made it: no marks are needed */
	DRIVER_KERNEL = 1 << 3,	    /* tells what the kernel tells nobody outside of it */
};

struct driver {
	const char *name;
	const char *help;
	const char *blind; /* what it does not see, once it was open; NULL = nothing to say */
	unsigned flags;

	/*
	 * Starts capturing. Who watches the whole machine is not asked for a
	 * program or a file (driver_try() sees to that). Returns 0, or -errno
	 * with one line in why: what it met. What is known to stand against
	 * it, needs.def has.
	 */
	int (*open)(const struct driver_config *cfg, char *why, size_t size);

	/*
	 * In place of open, where it takes rights or memory that a running
	 * sensor has not: load() does what takes them, in a process that ends
	 * with it, whatever it leaves open; take() goes on from there, in the
	 * sensor, and all descriptors are its own. Both as of open.
	 */
	int (*load)(const struct driver_config *cfg, struct handover *out, char *why, size_t size);
	int (*take)(const struct driver_config *cfg, const struct handover *in, char *why,
		    size_t size);

	/*
	 * Where load() did something to a descriptor that has to be done again,
	 * as the machine has changed, or something is used up: with the same
	 * rights, for opener_renew(), which hands over what is in out then. 0 or
	 * -errno. May be NULL.
	 */
	int (*renew)(const int *fd, int fds, struct handover *out);

	/* Descriptor that becomes readable when there are records, or -1: always call drain. */
	int (*fd)(void);

	/*
	 * Event types that some rule or table needs. The rest may be left in
	 * the kernel, counted.
	 */
	int (*want)(const uint8_t wanted[static TRC_NTYPES]);

	/*
	 * Hands over at most budget records, without blocking. Returns how many,
	 * -ENODATA when there will be none any more, or another -errno.
	 */
	int (*drain)(record_fn fn, void *arg, int budget);

	/* Does it see what happens still? 0 or -errno. May be NULL. */
	int (*alive)(void);

	/* Zeros once it is closed, of one that sees the whole machine. */
	void (*stats)(struct driver_stats *out);

	/*
	 * Exit status of the traced program once drain said -ENODATA, as a
	 * shell has it. May be NULL.
	 */
	int (*status)(void);

	/*
	 * Sends a signal to the program that the driver has started. 0, or -ESRCH: there is none.
	 * May be NULL.
	 */
	int (*signal)(int sig);

	/* Percent of what there is that was handed over, -1 = not known. May be NULL. */
	int (*progress)(void);

	/* Safe after a failed open, and twice. */
	void (*close)(void);
};

#define DRIVER(name) extern const struct driver driver_##name;
#include "drivers.def"

/* What became of an attempt to open a driver, a line each. */
struct driver_verdict {
	bool works;
	char why[256];	  /* how it works, or why it does not */
	char remedy[256]; /* what would have to change, as far as that is known */
};

/* Opens a driver for what cfg asks, in either way. 0, or -errno with one line in why. */
int driver_open(const struct driver *d, const struct driver_config *cfg, char *why, size_t size);

/* The same, for people; does it work? Who only wants to know closes it in any case. */
bool driver_try(const struct driver *d, const struct driver_config *cfg, struct driver_verdict *v);

/*
 * Opens the driver called name, or, with name NULL or "auto", the first that
 * opens for what cfg asks. Logs why each of the others was refused. why (size
 * bytes) gets one line: why this one, or why none. NULL = none.
 */
const struct driver *driver_select(const char *name, const struct driver_config *cfg, char *why,
				   size_t size);

/* Fills lost[] of a driver that has no lanes: by the class of the types. */
void driver_sum_lost(struct driver_stats *stats);

/* Is there a driver of that name? "auto" is good. */
bool driver_known(const char *name);

/* The i-th driver there is, in the order they are tried; NULL past the end. */
const struct driver *driver_list(int i);

#endif
