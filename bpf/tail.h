/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Putting a record together in the memory of this CPU: slots, and bytes at the
 * record's end. What copies is a global function: the verifier checks it once,
 * by itself, so that rows of the event table cost it next to nothing.
 */
#ifndef BPF_TAIL_H
#define BPF_TAIL_H

#ifndef MODULE /* which comes with the kernel's own */
#include "kernel.h"
#endif
#include "probe.h"
#include "seam.h"

#ifndef MODULE
/*
 * One entry for each CPU: max_entries is set by the loader. (A per-CPU map's
 * entries are too small.)
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, trc_u32);
	__type(value, struct probe_scratch);
} scratch SEC(".maps");

/* For whom a task has been preempted in the middle of a record: any CPU's. */
#define SPARES 3

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SPARES);
	__type(key, trc_u32);
	__type(value, struct probe_scratch);
} spare SEC(".maps");

static __always_inline struct probe_scratch *own_scratch(void)
{
	trc_u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratch, &cpu);
}

static __always_inline struct probe_scratch *spare_scratch(trc_u32 i)
{
	return bpf_map_lookup_elem(&spare, &i);
}

static __always_inline trc_u32 owner(void)
{
	return (trc_u32)bpf_get_current_pid_tgid() + 1;
}

/* What this thread has claimed. */
static __noinline struct probe_scratch *my_scratch(void)
{
	struct probe_scratch *s = own_scratch();
	trc_u32 me = owner();

	if (s && s->owner == me)
		return s;
	for (trc_u32 i = 0; i < SPARES; i++) {
		s = spare_scratch(i);
		if (s && s->owner == me)
			return s;
	}
	return 0;
}
#endif

#define REC(s) ((struct trc_hdr *)(s)->record)
#define SLOT_AT(n) (sizeof(struct trc_hdr) + 8 * (n))

/* There is no atomic exchange before 5.12, but an add. */
static __always_inline int take(struct probe_scratch *s)
{
	__sync_fetch_and_add(&s->busy, 1);
	if (*(volatile trc_u32 *)&s->busy == 1) {
		s->owner = owner();
		s->file_fd = -1;
		s->in_kernel = 0;
		return 1;
	}
	__sync_fetch_and_add(&s->busy, -1);
	return 0;
}

/*
 * Takes this CPU's memory for a record. Since 7.0 a task may be preempted inside
 * of a tracepoint, by one that comes here too: that one takes a spare, and if
 * there is none its event is counted as lost.
 */
static __always_inline struct probe_scratch *claim(void)
{
	struct probe_scratch *s = own_scratch();

	if (s && take(s))
		return s;
	for (trc_u32 i = 0; i < SPARES; i++) {
		s = spare_scratch(i);
		if (s && take(s))
			return s;
	}
	return 0;
}

static __always_inline void release(struct probe_scratch *s)
{
	s->owner = 0;
	__sync_fetch_and_add(&s->busy, -1);
}

/* Slot n of the record; all rows have fewer than 32. */
static __always_inline void slot_put(struct probe_scratch *s, trc_u64 n, trc_u64 v)
{
	bound(n, 31);
	*(trc_u64 *)(s->record + SLOT_AT(n)) = v;
}

/* Where the next bytes go: there is room for two paths. NULL if the record is full. */
static __always_inline trc_u8 *tail(struct probe_scratch *s)
{
	trc_u32 len = REC(s)->len;

	if (len >= TRC_RECORD_MAX)
		return 0;
	return s->record + len;
}

/*
 * Says that n bytes were written at the record's end, and that the slot is
 * them, or the end of them.
 */
static __always_inline void tail_done(struct probe_scratch *s, trc_u32 slot, trc_u32 n)
{
	trc_u32 at = REC(s)->len, end = at + n;
	trc_u32 padded = (end + 7) & ~7u;

	slot &= 31;
	if (n > TRC_STR_MAX) {
		REC(s)->cut |= 1u << slot;
		n = TRC_STR_MAX;
		/* What is left of a path that did not fit must not look like a whole one. */
		n -= s->record[(end - n) & (TRC_RECORD_MAX - 1)] == '/';
	}

	if (padded > TRC_RECORD_MAX) {
		REC(s)->absent |= 1u << slot;
		return;
	}
	bpf_probe_read_kernel(s->record + (end & (TRC_RECORD_MAX - 1)), 7, s->zero);
	slot_put(s, slot, TRC_SLOT(n, end - n));
	REC(s)->len = padded;
}

/* Appends n bytes of kernel memory. */
static __always_inline void append(struct probe_scratch *s, trc_u32 slot, trc_u64 from, trc_u32 n)
{
	trc_u8 *to = tail(s);

	if (n > PROBE_PATH_MAX)
		n = PROBE_PATH_MAX;
	if (!to || bpf_probe_read_kernel(to, n, as(void, from)))
		REC(s)->absent |= 1u << slot;
	else
		tail_done(s, slot, n);
}

static __always_inline void lacks(struct probe_scratch *s, trc_u32 slot)
{
	REC(s)->absent |= 1u << (slot & 31);
}

/*
 * Bytes of a caller's text, of what bpf_probe_read_user_str() returned: with the
 * NUL, but 0 for an empty text before 6.13 (strncpy_from_user_nofault() of
 * mm/maccess.c). An error is negative.
 */
static __always_inline long text_length(long n)
{
	return n ? n - 1 : 0;
}

__noinline int user_text(trc_u32 slot, trc_u64 addr)
{
	struct probe_scratch *s = my_scratch();
	trc_u8 *to;
	long n;

	if (!s)
		return 0;
	to = tail(s);
	if (!to)
		n = -1;
	else if (s->in_kernel)
		n = bpf_probe_read_kernel_str(to, TRC_STR_MAX + 1, as(void, addr));
	else
		n = bpf_probe_read_user_str(to, TRC_STR_MAX + 1, as(void, addr));
	if (n < 0) {
		lacks(s, slot);
		return 0;
	}
	REC(s)->given |= 1u << (slot & 31);
	if (n > TRC_STR_MAX)
		REC(s)->cut |= 1u << (slot & 31);
	tail_done(s, slot, text_length(n) & 0x1fff);
	return 0;
}

/* Copies a part of the caller's memory: argument vectors and the like. */
__noinline int user_bytes(trc_u32 slot, trc_u64 start, trc_u64 end)
{
	struct probe_scratch *s = my_scratch();
	trc_u64 n = end - start;
	trc_u8 *to;

	if (!s)
		return 0;
	to = tail(s);
	if (n > TRC_STR_MAX) {
		REC(s)->cut |= 1u << (slot & 31);
		n = TRC_STR_MAX;
	}
	if (!to || bpf_probe_read_user(to, n, as(void, start)))
		lacks(s, slot);
	else
		tail_done(s, slot, n);
	return 0;
}

/* A string of the kernel's. */
__noinline int kernel_text(trc_u32 slot, trc_u64 addr)
{
	struct probe_scratch *s = my_scratch();
	trc_u8 *to = s ? tail(s) : 0;
	long n = to ? bpf_probe_read_kernel_str(to, TRC_STR_MAX, as(void, addr)) : -1;

	if (!s)
		return 0;
	if (n <= 0)
		lacks(s, slot);
	else
		tail_done(s, slot, (n - 1) & 0xfff);
	return 0;
}

#endif
