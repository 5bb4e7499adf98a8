/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Reading the kernel: pointers, and the machine's registers.
 *
 * A pointer in the kernel's memory has the kernel's width, which is 4 bytes on
 * a 32-bit one where BPF's own are 8: kptr() reads as many as there are.
 */
#ifndef BPF_SEAM_H
#define BPF_SEAM_H

#include "probe.h"

#ifndef MODULE /* which reads the kernel in its own way: driver/module/access.h */
/* Each needs what the one before it declares. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>

/* The pointer member src->field as a number; 0 if it cannot be read. */
#define kptr(src, field)                                                                           \
	({                                                                                         \
		__typeof__(src) kptr_src = (src);                                                  \
		trc_u64 kptr_val = 0;                                                              \
		bpf_core_read(&kptr_val, bpf_core_field_size(kptr_src->field), &kptr_src->field);  \
		kptr_val;                                                                          \
	})

/* The same for a number of any width up to 8 bytes, zero-extended. */
#define knum(src, field) kptr(src, field)

/*
 * Bounds a number that was compared already, in a way that the compiler cannot
 * optimise away and the verifier understands. mask + 1 is a power of two.
 */
#define bound(number, mask) asm volatile("%0 &= %1" : "+r"(number) : "i"(mask))

/* Typed pointer of a number. */
#define as(type, number) ((type *)(number))

/* n / by: 32-bit kernels have no operator for it. */
#define over(n, by) ((n) / (by))

/* Does a 32-bit ARM kernel keep the number of every call? */
#define keeps_number() bpf_core_field_exists(((struct thread_info *)0)->abi_syscall)

/* Bytes of a pointer in this kernel. */
#define kptr_size() bpf_core_field_size(((struct task_struct *)0)->mm)

#endif

static __always_inline struct task_struct *current_task(void)
{
	return as(struct task_struct, bpf_get_current_task());
}

/*
 * Registers at the exit of a call, from the pt_regs that raw tracepoints give.
 * Their layout is user ABI (arch/.../include/uapi/asm/ptrace.h); what follows
 * the user part on arm64 (orig_x0, syscallno) has its place since 4.15.
 * Argument 0 is overwritten by the result on ARM, so it comes from orig_x0.
 */
#if defined(__TARGET_ARCH_x86)
struct regs {
	trc_u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
};
#define NUMBER_AT(regs) ((regs) + offsetof_u(struct regs, orig_ax))
#define IS_OLD(nr, regs) 0
#define NATIVE(r)                                                                                  \
	{                                                                                          \
		(r)->di, (r)->si, (r)->dx, (r)->r10, (r)->r8, (r)->r9                              \
	}
#define COMPAT(r)                                                                                  \
	{                                                                                          \
		(r)->bx, (r)->cx, (r)->dx, (r)->si, (r)->di, (r)->bp                               \
	}
#define NR_MASK 0xbfffffffu /* without the bit that marks an x32 call, and no other */
#define IS_MANY(nr) ((nr) == TRC_SOCKETCALL) /* with a 32-bit caller */
#define MOST_CALLS TRC_SOCKETCALL_FIRST
#elif defined(__TARGET_ARCH_arm64)
struct regs {
	trc_u64 x[31], sp, pc, pstate, orig_x0;
	trc_s32 syscallno;
};
#define NUMBER_AT(regs) ((regs) + offsetof_u(struct regs, syscallno))
#define IS_OLD(nr, regs) 0
#define NATIVE(r)                                                                                  \
	{                                                                                          \
		(r)->orig_x0, (r)->x[1], (r)->x[2], (r)->x[3], (r)->x[4], (r)->x[5]                \
	}
#define COMPAT(r) NATIVE(r)
#define NR_MASK 0xffffffffu
#define IS_MANY(nr) 0
#define MOST_CALLS TRC_NR_MAX
#elif defined(__TARGET_ARCH_arm)
struct regs {
	trc_u32 r[16], cpsr, orig_r0;
};
#define NUMBER_AT(regs) arm_number_at(regs)
#define IS_OLD(nr, regs) arm_is_old(nr, (regs)->r[7])
#define ARM_EXECVE 11
#define ARM_EXECVEAT 387
#define NATIVE(at)                                                                                 \
	{                                                                                          \
		(at)->orig_r0, (at)->r[1], (at)->r[2], (at)->r[3], (at)->r[4], (at)->r[5]          \
	}
#define COMPAT(at) NATIVE(at)
#define NR_MASK 0xffffffffu
#define IS_MANY(nr) 0
#define MOST_CALLS TRC_NR_MAX
#else
#error "no registers for this machine"
#endif
#define offsetof_u(type, member) ((trc_u32) __builtin_offsetof(type, member))

_Static_assert(sizeof(struct regs) <= sizeof(((struct probe_scratch *)0)->regs), "registers");

#ifdef __TARGET_ARCH_arm
/*
 * May the number be that of an earlier call? Up to 5.14 it is kept only of calls that are traced.
 * An exec has left nothing in the registers.
 */
static __always_inline int arm_is_old(trc_u32 nr, trc_u32 r7)
{
	return r7 != nr && !keeps_number() && (r7 || (nr != ARM_EXECVE && nr != ARM_EXECVEAT));
}
#endif

#ifndef MODULE
/*
 * Where 32-bit ARM keeps the number of the call that ends (arch/arm/include/asm/syscall.h). r7 it
 * is when the call begins; but until the end the return from a signal puts there the number of the
 * call that the signal came into, and a tracer what it likes. Before thread_info was moved into the
 * task it was at the bottom of the stack, which has two pages; with KASAN more, where the loader's
 * own calls are not found, and the driver does not start.
 */
static __always_inline void *arm_number_at(void *regs)
{
	struct thread_info *info = as(struct thread_info, (trc_u64)regs & ~8191ull);

	if (bpf_core_field_exists(((struct task_struct *)0)->thread_info))
		return &current_task()->thread_info.abi_syscall;
	if (bpf_core_field_exists(info->abi_syscall))
		return &info->abi_syscall;
	return &((struct thread_info___earlier *)info)->syscall;
}

/* The number of the call that ends, as the kernel keeps it; 0 if that cannot be read. */
static __always_inline trc_u32 call_told(void *regs)
{
	trc_u32 nr; /* the helper sets it, whatever happens */

	bpf_probe_read_kernel(&nr, sizeof(nr), NUMBER_AT(regs));
	return nr;
}
#endif

/* Is the current task in a 32-bit call under a 64-bit kernel? */
static __always_inline int call_is_compat(struct task_struct *task, const struct regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	(void)regs;
	return (knum(task, thread_info.status) & 2) != 0; /* TS_COMPAT */
#elif defined(__TARGET_ARCH_arm64)
	(void)task;
	return (regs->pstate & 0x10) != 0; /* PSR_MODE32_BIT */
#else
	(void)task, (void)regs;
	return 0;
#endif
}

/* The six arguments of a call; those of a 32-bit one are 32 bits wide. */
static __always_inline void call_args(const struct regs *regs, int compat, trc_u64 arg[6])
{
	const trc_u64 native[6] = NATIVE(regs), narrow[6] = COMPAT(regs);

	for (int i = 0; i < 6; i++)
		arg[i] = compat ? (trc_u32)narrow[i] : native[i];
}

/*
 * The number that a call has in the tables, 0 = nobody's, and its arguments. One that lies on a
 * page which is not there is 0.
 */
static __always_inline trc_u32 call_number(trc_u32 nr, int compat, trc_u64 arg[6])
{
	trc_u64 which = arg[0], at = arg[1];

	if (!compat || !IS_MANY(nr))
		return compat && nr > MOST_CALLS ? 0 : nr;
	for (int i = 0; i < 6; i++) {
		trc_u32 word = 0;

		bpf_probe_read_user(&word, sizeof(word), (void *)(at + 4 * i));
		arg[i] = word;
	}
	return which <= TRC_SOCKETCALL_MAX ? TRC_SOCKETCALL_FIRST + which : 0;
}

#if defined(__TARGET_ARCH_x86)
#define CALLER_IS_ARM 0
#else
#define CALLER_IS_ARM 1
#endif

#endif
