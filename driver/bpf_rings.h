/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rings of the probe, in the sensor: read in the order of time, and replaced
 * before they end.
 *
 * A ring of a 32-bit kernel is over after 4 GiB: __bpf_ringbuf_reserve()
 * (kernel/bpf/ringbuf.c) compares positions with < since there is pending_pos,
 * in 6.10 and in what of earlier kernels is kept up (5.10.223, 6.1.98), and once
 * they have come round it finds no room for anything, for good. So another ring
 * is put in its place well before that. The probe looks its rings up; the sensor,
 * who is no root any more, has the process that opens drivers put the new one
 * there, and reads the old one to its end.
 */
#ifndef DRIVER_BPF_RINGS_H
#define DRIVER_BPF_RINGS_H

#include <stdint.h>

#include "driver.h"
#include "opener.h"
#include "ring.h"

enum { BPF_RINGS = 2 }; /* one of each class */

struct bpf_rings {
	struct ring ring[2 * BPF_RINGS]; /* by class, and behind them those that were replaced */
	int fd[2 * BPF_RINGS];
	int n;
	int now[BPF_RINGS];	     /* the maps by which the probe finds them, not ours to close */
	int epoll;		     /* readable when one has something */
	trc_u64 over[2 * BPF_RINGS]; /* since when nobody writes to one that was replaced, ns */
	trc_u64 tried;		     /* when one could not be replaced, ns */
};

#define BPF_NO_RINGS                                                                               \
	{                                                                                          \
		.epoll = -1                                                                        \
	}

/* After how many bytes a ring is replaced, in a 32-bit kernel and in a 64-bit one. For tests. */
extern uint64_t bpf_rings_life[2];

/*
 * Maps the rings, whose descriptors are fd, of size[i] bytes, and takes those over, b->n of them
 * where it fails. now: descriptors of the maps by which the probe finds them, which stay the
 * caller's. 0 or -errno; close it then, too.
 */
int bpf_rings_open(struct bpf_rings *b, const int fd[static BPF_RINGS],
		   const uint32_t size[static BPF_RINGS], const int now[static BPF_RINGS]);

/* As drain() of struct driver. */
int bpf_rings_drain(struct bpf_rings *b, const struct driver *d, record_fn fn, void *arg,
		    int budget);

/* Safe twice. */
void bpf_rings_close(struct bpf_rings *b);

/*
 * As renew() of struct driver, in the process that opens drivers. Of one descriptor, a ring: makes
 * one of the same size, and hands it over. Of three, a map of struct bpf_rings's now, the ring in
 * it, and one more: puts that there instead, and is back when nobody writes to the other.
 */
int bpf_rings_renew(const int *fd, int fds, struct handover *out);

#endif
