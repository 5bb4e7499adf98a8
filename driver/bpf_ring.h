/* SPDX-License-Identifier: BSD-2-Clause */
/* The probe's hooks on what io_uring does (bpf/ring.h): none of them is indispensable. */
#ifndef DRIVER_BPF_RING_H
#define DRIVER_BPF_RING_H

#include <stdbool.h>
#include <stddef.h>

#include "../bpf/probe.h"

#define BPF_RING_FDS (2 * RING_HOOKS)

struct bpf_object;

/* The hooks that are there: a descriptor of each lives as long as they are to. */
struct bpf_ring {
	int fd[BPF_RING_FDS];
	int fds;
};

/* Does the kernel have what the hooks are attached by, kprobes? */
bool bpf_ring_possible(void);

/* Before the object is loaded: shall it have the hooks? 0 or -errno. */
int bpf_ring_choose(struct bpf_object *obj, bool with);

/* Attaches those that can be; what cannot is told at debug level. */
void bpf_ring_attach(struct bpf_object *obj, struct bpf_ring *out);

/*
 * Has the hooks learn who io_uring is, by a ring of our own and by the same acts as calls, so that
 * they tell of the one and not of the other. Nobody may ask for records yet. why (size bytes) gets
 * some words: what is seen of io_uring, or why nothing is. True if all of it is.
 */
bool bpf_ring_teach(const struct bpf_ring *ring, struct probe_control *control, char *why,
		    size_t size);

/* Takes the hooks away. */
void bpf_ring_close(struct bpf_ring *ring);

#endif
