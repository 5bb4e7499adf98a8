/* SPDX-License-Identifier: BSD-2-Clause */
/* The probe's hooks on what io_uring does (bpf/ring.h): none of them is indispensable. */
#ifndef DRIVER_BPF_RING_H
#define DRIVER_BPF_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../bpf/probe.h"

#define BPF_RING_FDS (2 * RING_HOOKS)

struct bpf_object;

/* The hooks that are there: a descriptor of each lives as long as they are to. */
struct bpf_ring {
	int fd[BPF_RING_FDS];
	int fds;
};

/* What of io_uring is seen by them, a bit a row of ring.def. */
struct bpf_ring_view {
	uint32_t able, seen; /* what the kernel's rings can do, and whose hook knows them */
	int err;	     /* why no ring can be made, or 0 */
	bool off;	     /* nobody wants them */
};

/* Does the kernel have what the hooks are attached by, kprobes? */
bool bpf_ring_possible(void);

/* Before the object is loaded: shall it have the hooks? 0 or -errno. */
int bpf_ring_choose(struct bpf_object *obj, bool with);

/* Attaches those that can be; what cannot is told at debug level. */
void bpf_ring_attach(struct bpf_object *obj, struct bpf_ring *out);

/*
 * Has the hooks learn who io_uring is, by a ring of our own and by the same acts as calls, so that
 * they tell of the one and not of the other. Nobody may ask for records yet.
 */
void bpf_ring_teach(const struct bpf_ring *ring, struct probe_control *control,
		    struct bpf_ring_view *out);

/* Some words on what is seen: how many acts, and of which events some are not. */
void bpf_ring_tell(const struct bpf_ring_view *view, char *text, size_t size);

/* Some words on what of io_uring is not seen. */
void bpf_ring_blind(const struct bpf_ring_view *view, char *text, size_t size);

#endif
