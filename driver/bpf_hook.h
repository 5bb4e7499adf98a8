/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the probe's programs hang on: raw tracepoints, and in the place of one
 * of them perf's, where the kernel skips programs that another task is in.
 */
#ifndef DRIVER_BPF_HOOK_H
#define DRIVER_BPF_HOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "../bpf/probe.h"

#define BPF_HOOK_POINTS 5 /* tracepoints */
#define BPF_HOOK_FDS (1 + POINTS * PROBE_PROGRAMS)

struct bpf_object;
struct perf_event_attr;

/* The hooks that are there: a descriptor of each lives as long as they are to. */
struct bpf_hooks {
	int fd[BPF_HOOK_FDS];
	int fds;
	int prog[BPF_HOOK_POINTS]; /* programs that the kernel tells of how often it skipped them */
	int progs;
	int points; /* tracepoints hooked */
	bool perf;  /* the exit of calls is perf's */
};

/* What was missed, as far as it is sure, and what before anybody watched. */
struct bpf_missed {
	uint64_t last, told, before;
};

/*
 * Does this kernel skip a call's program that another task is in, on the same CPU? All do since
 * 5.12; but as long as tracepoints kept preemption off no other task could run there
 * (kernel/trace/bpf_trace.c, __bpf_trace_run()).
 */
bool bpf_hook_skips(void);

/* Before the object is loaded: which programs does such a kernel take? */
void bpf_hook_choose(struct bpf_object *obj, bool skips);

/*
 * Attaches every program of a tracepoint. Only the exit of calls is indispensable: another that
 * fails is reported, and switches nothing else off. control: the probe's, which learns by a call
 * of this process where registers are. 0 or -errno; *out has then what is to be closed.
 */
int bpf_hook_attach(struct bpf_object *obj, bool skips, struct probe_control *control,
		    struct bpf_hooks *out);

/*
 * From now on what no program sees is missed. What was before, nobody has asked for; most of it
 * the loader itself kept out, for the kernel runs none of perf's beside some acts of bpf(2).
 */
void bpf_hook_begin(const struct bpf_hooks *hooks, const struct probe_control *control,
		    struct bpf_missed *m);

/*
 * How many events did no program see that was to? Never less than the last time: an event that is
 * between its programs just now is told the next time.
 */
uint64_t bpf_hook_missed(const struct bpf_hooks *hooks, const struct probe_control *control,
			 struct bpf_missed *m);

/* Attaches a program to an event of perf's, on all CPUs. A descriptor of the hook, or -errno. */
int bpf_hook_perf(struct perf_event_attr *attr, int prog);

/* A number that the kernel has with a descriptor ("memlock:"), or -1. */
int64_t bpf_hook_fdinfo(int fd, const char *what);

#endif
