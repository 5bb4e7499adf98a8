/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader's side of the probe (bpf/probe.bpf.c), in whichever form it is in
 * the kernel: as a BPF program or in the kernel module.
 */
#ifndef DRIVER_PROBED_H
#define DRIVER_PROBED_H

#include <stddef.h>
#include <stdint.h>

#include "../bpf/probe.h"
#include "driver.h"
#include "ring.h"

#define PROBED_CPUS_MAX 256

/* What the probe must know before it begins: call numbers of this kernel, classes, sizes. */
void probed_config(struct probe_config *out);

/*
 * Tells the probe whose root names begin at, by a call that it must see: so
 * this is also the proof that it sees calls at all. It then has to see this
 * process as it is: if not, what told it where to look is not this kernel's,
 * whatever its name is. 0; -ENODATA: it sees no calls; -ENOTUNIQ: *wrong is
 * what it reads wrong.
 */
int probed_greet(struct probe_control *control, const char **wrong);

/* Does the probe see calls still? 0 or -ENODATA. */
int probed_alive(struct probe_control *control);

/* As of struct driver; the last of the rings are the critical ones. want: 0. */
int probed_want(struct probe_control *control, const uint8_t wanted[static TRC_NTYPES]);
int probed_drain(struct ring *ring, int n, record_fn fn, void *arg, int budget);

/* counts: TRC_TYPE_MAX for each CPU; NULL = none was counted. Memory is not filled in. */
void probed_stats(const struct probe_count *counts, int cpus, struct driver_stats *out);

/*
 * Maps size bytes at `at` of the probe's memory behind fd, none of which a process that the sensor
 * starts has. NULL with errno set.
 */
void *probed_map(int fd, uint64_t at, size_t size, int access);

/*
 * Adds to the reason in why, where -ENOMEM was it, how large the rings are, and
 * what the kernel has room for (MemAvailable and VmallocTotal of /proc/meminfo),
 * and RLIMIT_AS.
 */
void probed_room(const struct driver_config *cfg, char *why, size_t size);

/* Bytes of all counters. */
size_t probed_counts_size(int cpus);

#endif
