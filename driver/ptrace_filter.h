/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seccomp filter of a traced program: stops it at the calls that somebody
 * wants to hear of, and lets all others pass at full speed.
 */
#ifndef DRIVER_PTRACE_FILTER_H
#define DRIVER_PTRACE_FILTER_H

#include <linux/filter.h>
#include <stdint.h>

#include "table.h"

#define PTRACE_FILTER_MAX 4096 /* instructions: BPF_MAXINSNS */

/*
 * Writes the filter for event types that are wanted. Of these and of no other calls is the tracer
 * told (SECCOMP_RET_TRACE of seccomp(2)), of all ABIs this machine can have. It asks for nothing
 * but architecture, number and, where a row of events.def has tests (ONLY), an argument: Linux 5.11
 * and later find by themselves which numbers it always allows, and run it for none of them. Returns
 * its length.
 */
int ptrace_filter_write(const uint8_t wanted[static TRC_NTYPES],
			struct sock_filter out[static PTRACE_FILTER_MAX]);

/* Does the kernel have such filters, and let us use them? 0, or -errno. */
int ptrace_filter_check(void);

/*
 * Puts the filter on this process and all that it will start. Without CAP_SYS_ADMIN it has no new
 * privileges from then on (PR_SET_NO_NEW_PRIVS). 0, or -errno.
 */
int ptrace_filter_install(const uint8_t wanted[static TRC_NTYPES]);

#endif
