/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The probe: where records begin in the kernel. Hooks are tracepoints, raw ones
 * where that will do: the exit of every call, sched's exec, fork and exit, and
 * requests for modules. They see 32-bit programs too. The record is put together
 * by driver/capture.h in memory of this CPU and copied into the ring of its
 * class.
 */
#include "cap.h"

#ifndef MODULE /* which has its own memory, see driver/module/ */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile struct probe_config config SEC(".rodata.config") = {};

/* max_entries of all are set by the loader; these are whole pages of any size. */
struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} bulk SEC(".maps"), critical SEC(".maps");

/*
 * The one that is written to: driver/bpf_rings.h says who puts others there. One map for each, for
 * 32-bit kernels look for a second entry where they do not put it (kernel/bpf/arraymap.c: pointers
 * of 4 bytes in elements of 8).
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, trc_u32);
	__array(values, struct ring);
} bulk_now SEC(".maps") = {.values = {(void *)&bulk}}, critical_now SEC(".maps") = {
							       .values = {(void *)&critical}};

/*
 * TRC_TYPE_MAX for each CPU; mapped by the loader, who may not ask bpf(2) any
 * more when it has become a user.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, TRC_TYPE_MAX);
	__type(key, trc_u32);
	__type(value, struct probe_count);
} counts SEC(".maps");

static __always_inline struct probe_count *count_of(trc_u32 type)
{
	trc_u32 at = bpf_get_smp_processor_id() * TRC_TYPE_MAX + type;

	return bpf_map_lookup_elem(&counts, &at);
}

/* Appends a record to the ring of a class. 0, or negative if there is no room. */
static __always_inline long ring_output(int class, const void *rec, trc_u32 len)
{
	trc_u32 at = 0;
	void *ring = class == TRC_CRITICAL ? bpf_map_lookup_elem(&critical_now, &at) :
					     bpf_map_lookup_elem(&bulk_now, &at);

	return ring ? bpf_ringbuf_output(ring, (void *)rec, len, 0) : -1;
}
#endif

static __always_inline void count_filtered(trc_u32 type)
{
	struct probe_count *n = count_of(type);

	if (n)
		n->filtered++;
}

/* Does somebody ask for this type? If not, counts it. */
static __always_inline int wanted(trc_u32 type)
{
	if (control.want[type & (TRC_TYPE_MAX - 1)])
		return 1;
	count_filtered(type);
	return 0;
}

static __always_inline void header(struct probe_scratch *s, trc_u32 type, trc_u32 flags, trc_u32 nr)
{
	struct task_struct *t = current_task();
	trc_u64 id = bpf_get_current_pid_tgid();
	struct trc_hdr *h = REC(s);

	h->type = type;
	h->flags = flags;
	h->ts = bpf_ktime_get_boot_ns();
	h->start = start_of(t);
	h->pid = id >> 32;
	h->tid = (trc_u32)id;
	h->uid = knum(as(struct cred, kptr(t, cred)), euid.val);
	h->cpu = bpf_get_smp_processor_id();
	h->absent = h->given = h->cut = 0;
	h->nr = nr;
}

static __always_inline void count_lost(trc_u32 type, int class)
{
	struct probe_count *n = count_of(type);

	if (n)
		n->lost[class & 1]++;
	__sync_fetch_and_add(&control.gap[class & 1], 1);
}

/*
 * Copies the finished record into the ring of its class, and counts it. A call
 * that failed is bulk, whatever it is: anyone can make those by the million.
 */
static __always_inline void emit(struct probe_scratch *s, trc_u32 type, int failed)
{
	int class = failed ? TRC_BULK : config.class[type & (TRC_TYPE_MAX - 1)];
	struct probe_count *n = count_of(type);
	trc_u32 len = REC(s)->len;
	trc_u64 bulk_gap = control.gap[TRC_BULK],
		critical_gap = control.gap[TRC_CRITICAL] + control.missed;
	long err;

	if (bulk_gap != s->gap[TRC_BULK])
		REC(s)->flags |= TRC_GAP_BULK;
	if (critical_gap != s->gap[TRC_CRITICAL])
		REC(s)->flags |= TRC_GAP_CRITICAL;

	if (len > TRC_RECORD_MAX)
		len = TRC_RECORD_MAX;
	err = ring_output(class, s->record, len);
	if (err) {
		count_lost(type, class);
		return;
	}
	s->gap[TRC_BULK] = bulk_gap;
	s->gap[TRC_CRITICAL] = critical_gap;
	if (n)
		n->sent++;
}

/* Makes a record in c->s, which is claimed. */
static __always_inline void record(struct cap *c, trc_u32 type, trc_u32 flags, trc_u32 nr)
{
	trc_u32 narg = config.narg[type & (TRC_TYPE_MAX - 1)];

	header(c->s, type, flags, nr);
	REC(c->s)->narg = narg;
	REC(c->s)->len = SLOT_AT(narg);
	__builtin_memset(c->s->record + SLOT_AT(0), 0, 8 * TRC_ARG_MAX);
	cap_args(c, type);
	if (type == TRC_REQUEST_MODULE)
		kernel_text(0, c->subject);
	emit(c->s, type, c->ret < 0);
}

/* The whole way of a scheduler's event. */
static __always_inline void happened(struct cap *c, trc_u32 type)
{
	if (!wanted(type))
		return;
	c->s = claim();
	if (c->s) {
		record(c, type, 0, ~0u);
		release(c->s);
	} else {
		count_lost(type, TRC_CRITICAL);
	}
}

/* Says what the task, which is the sensor, looks like from here. */
static __always_inline void describe(struct probe_scratch *s, struct task_struct *t,
				     struct dentry *root)
{
	struct probe_self *self = &control.self;
	struct file *exe = exe_file(t);
	trc_u32 at;

	self->id = knum(t, tgid) << 32 | knum(t, pid);
	self->helper_id = bpf_get_current_pid_tgid();
	self->start = start_of(t);
	self->root_mode = knum(as(struct inode, kptr(root, d_inode)), i_mode);
	self->exe_mode = knum(as(struct inode, kptr(exe, f_inode)), i_mode);
	bpf_core_read(self->comm, sizeof(self->comm), &t->comm);
	if (path_build(kptr(exe, f_path.dentry), kptr(exe, f_path.mnt)))
		return;
	at = PROBE_PATH_MAX - PROBE_SELF_PATH;
	bpf_probe_read_kernel(self->exe, PROBE_SELF_PATH, s->path + at);
}

#ifndef MODULE
/*
 * Where a call's registers are, from where its task's stack begins. No memory of the sensor's,
 * which could read the kernel by it.
 */
static volatile trc_u64 regs_offset SEC(".data.regs");

static __always_inline void learn_regs(struct task_struct *t, void *regs_at)
{
	regs_offset = (trc_u64)regs_at - kptr(t, stack);
}
#else
#define learn_regs(t, regs_at) (void)(regs_at)
#endif

/* Takes the root of the task, which is the sensor, as the place where names begin. */
static __always_inline void learn(struct probe_scratch *s, void *regs_at)
{
	struct task_struct *t = current_task();
	struct fs_struct *fs = as(struct fs_struct, kptr(t, fs));
	struct dentry *root = as(struct dentry, kptr(fs, root.dentry));

	control.root_dentry = (trc_u64)root;
	control.root_mnt = kptr(fs, root.mnt) - bpf_core_field_offset(struct mount, mnt);
	describe(s, t, root);
	learn_regs(t, regs_at);
	control.token = 0;
}

/*
 * Counts a call as lost of which nothing but its number is known: it may be of either table, and
 * have succeeded. So it is critical if one of the two that it may be is.
 */
static __always_inline void count_lost_call(trc_u32 nr)
{
	trc_u32 native = config.call[0][nr & (TRC_NR_MAX - 1)];
	trc_u32 compat = config.call[1][nr & (TRC_NR_MAX - 1)];
	int class = TRC_BULK;

	if ((native && config.class[native & (TRC_TYPE_MAX - 1)] == TRC_CRITICAL) ||
	    (compat && config.class[compat & (TRC_TYPE_MAX - 1)] == TRC_CRITICAL))
		class = TRC_CRITICAL;
	count_lost(native ? native : compat, class);
}

/* The way of a call, once its number is somebody's. regs: where the kernel has them. */
static __always_inline void returned(struct cap *c, void *regs_at, trc_u32 nr)
{
	struct regs *regs = (struct regs *)c->s->regs;
	trc_u32 type, flags, of;
	int compat;

	if (bpf_probe_read_kernel(regs, sizeof(*regs), regs_at) || IS_OLD(nr, regs)) {
		count_lost_call(nr);
		return;
	}
	compat = call_is_compat(current_task(), regs);
	call_args(regs, compat, c->arg);
	of = call_number(nr, compat, c->arg);
	type = config.call[compat & 1][of & (TRC_NR_MAX - 1)];
	flags = config.flags[type & (TRC_TYPE_MAX - 1)];
	c->narrow = compat || kptr_size() == 4;
	/* A long of a 32-bit kernel, or of a 32-bit program, comes zero-extended. */
	if (c->narrow)
		c->ret = (trc_s32)c->ret;
	type = cap_called(c, type);
	c->ret = trc_result(type, c->ret);
	if ((flags & TRC_FAILED && c->ret >= 0) || (flags & TRC_PARENT && !c->ret) ||
	    trc_restarts(c->ret))
		return;
	if (type == TRC_CLOSE && control.token && (trc_u32)c->arg[0] == control.token)
		learn(c->s, regs_at);
	if (type == TRC_NONE || !wanted(type))
		return;
	if (cap_is_dull(c, type)) {
		count_filtered(type);
		return;
	}
	record(c, type, compat ? TRC_COMPAT : 0, nr);
}

#ifndef MODULE
#include "ring.h"

#define TURNS 256 /* a power of two */

/* By a task's number: the one whose event has been taken by one of a point's programs. */
static volatile trc_u32 taken[POINTS][TURNS] SEC(".bss.taken");

/*
 * The kernel skips a program that another task is in on the same CPU. Where
 * tracepoints do not keep preemption off, since 7.0, that is one that has been
 * preempted there, and it may be long until it goes on. So those of processes
 * have the same program several times: one does its work only if those before
 * it were skipped.
 */
static __always_inline int turn(enum probe_point at, int nth)
{
	trc_u32 me = owner(), *mine = (trc_u32 *)&taken[at][me & (TURNS - 1)];
	int last = nth == PROBE_PROGRAMS - 1;

	if (!config.skipped)
		return 1;
	if (nth && *mine == me) {
		if (last)
			*mine = 0;
		return 0;
	}
	*mine = last ? 0 : me;
	if (nth)
		__sync_fetch_and_add(&control.rescued, 1);
	return 1;
}

#define PROGRAM(name, what, point, nth)                                                            \
	SEC("raw_tp/" point)                                                                       \
	int name(struct bpf_raw_tracepoint_args *ctx)                                              \
	{                                                                                          \
		return turn(POINT_##what, nth) ? did_##what(ctx) : 0;                              \
	}
#define PROGRAMS(what, point)                                                                      \
	PROGRAM(on_##what, what, point, 0)                                                         \
	PROGRAM(on_##what##_2, what, point, 1)                                                     \
	PROGRAM(on_##what##_3, what, point, 2)
#else
#define PROGRAMS(what, point)                                                                      \
	SEC(point)                                                                                 \
	int on_##what(struct bpf_raw_tracepoint_args *ctx)                                         \
	{                                                                                          \
		return did_##what(ctx);                                                            \
	}
#endif

/* Once for all programs that call it; the verifier goes through it with each of them. */
#define SHARED static __attribute__((__noinline__))

/* at: where the kernel has the call's registers. */
SHARED int call_ended(trc_u32 nr, void *at, trc_s64 ret)
{
	struct cap c = {.arm = CALLER_IS_ARM, .ret = ret};

	c.s = claim();
	if (c.s) {
		returned(&c, at, nr);
		release(c.s);
	} else {
		count_lost_call(nr);
	}
	return 0;
}

SEC("raw_tp/sys_exit")
int on_exit_of_call(struct bpf_raw_tracepoint_args *ctx)
{
	void *at = (void *)ctx->args[0];
	trc_u32 nr;

	/* First the number alone: most calls are nobody's business, and end here. */
	nr = call_told(at) & NR_MASK;
	if (nr >= TRC_NR_MAX || !config.any[nr])
		return 0;
	return call_ended(nr, at, (trc_s64)ctx->args[1]);
}

#ifndef MODULE
/* What perf's hook tells (include/trace/events/syscalls.h): numbers as wide as the kernel's. */
struct sys_exit {
	trc_u64 common;
#ifdef __TARGET_ARCH_arm
	trc_s32 id, ret;
#else
	trc_s64 id, ret;
#endif
};

/* Perf's hook keeps preemption off: the other one's place where that one is skipped. */
SEC("tp/raw_syscalls/sys_exit")
int on_exit_of_call_2(struct sys_exit *ctx)
{
	trc_u32 nr = (trc_u32)ctx->id & NR_MASK;

	if (nr >= TRC_NR_MAX)
		return 0;
	bound(nr, TRC_NR_MAX - 1);
	if (!config.any[nr])
		return 0;
	return call_ended(nr, as(void, kptr(current_task(), stack) + regs_offset), ctx->ret);
}
#endif

SHARED int did_exec(struct bpf_raw_tracepoint_args *ctx)
{
	struct cap c = {.subject = ctx->args[2]};

	happened(&c, TRC_EXECVE);
	return 0;
}

SHARED int did_fork(struct bpf_raw_tracepoint_args *ctx)
{
	struct cap c = {.subject = ctx->args[1]};

	/* A new thread is no new process, and told of only if it does not share what threads do. */
	if (knum(as(struct task_struct, c.subject), tgid) != bpf_get_current_pid_tgid() >> 32 ||
	    ~child_flags(current_task(), as(struct task_struct, c.subject)) &
		    (TRC_CLONE_FILES | TRC_CLONE_FS))
		happened(&c, TRC_PROCFORK);
	return 0;
}

/* For whom the kernel starts modprobe, which is a process of the kernel's. */
SHARED int did_module_request(struct bpf_raw_tracepoint_args *ctx)
{
	struct cap c = {.subject = ctx->args[0]};

	happened(&c, TRC_REQUEST_MODULE);
	return 0;
}

SHARED int did_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct signal_struct *sig = as(struct signal_struct, kptr(current_task(), signal));
	struct cap c = {};

	/* The process ends with its last thread. */
	if (!knum(sig, live.counter))
		happened(&c, TRC_PROCEXIT);
	return 0;
}

PROGRAMS(exec, "sched_process_exec")
PROGRAMS(fork, "sched_process_fork")
PROGRAMS(module_request, "module_request")
PROGRAMS(exit, "sched_process_exit")
