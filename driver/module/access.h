/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Reading the kernel from within it: what bpf/kernel.h, bpf/seam.h and the
 * kernel's helpers are to the BPF probe. Members have the places that this
 * kernel's headers give them, and are read as BPF does: whatever is not there
 * reads 0, and never faults.
 */
#ifndef MODULE_ACCESS_H
#define MODULE_ACCESS_H

#include <linux/binfmts.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/kernfs.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/net.h>
#include <linux/pid.h>
#include <linux/proc_ns.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>

#include <asm/syscall.h>

#include <net/af_unix.h>
#include <net/inet_sock.h>

#include <trace/events/module.h>
#include <trace/events/sched.h>
#include <trace/events/syscalls.h>

#include <uapi/linux/bpf.h>

#include "../event.h"

/* fs/mount.h is no header for modules; this is its head on every kernel since 3.16. */
struct mount {
	struct hlist_node mnt_hash;
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

/* The kernel has some names that are also the probe's. */
#undef S_IFMT
#undef S_IFSOCK
#undef SB_RDONLY
#undef MNT_READONLY
#undef SIGNAL_GROUP_EXIT
#undef PIPEFS_MAGIC
#undef SOCKFS_MAGIC
#undef ANON_INODE_MAGIC
#undef NSFS_MAGIC
#undef fd_file
#define current_task trc_current_task
#define file_path trc_file_path
#define fd_file trc_fd_file

/* What is inline for the verifier, or global for it, is the compiler's choice here. */
#undef __always_inline
#define __always_inline inline
#undef __noinline
#define __noinline static noinline
#define SEC(name) static

#if defined(CONFIG_X86_64)
#define __TARGET_ARCH_x86
#elif defined(CONFIG_ARM64)
#define __TARGET_ARCH_arm64
#elif defined(CONFIG_ARM)
#define __TARGET_ARCH_arm
#endif

/* An address in a 64-bit number, which is wider than a pointer of a 32-bit kernel. */
#define as(type, number) ((type *)(unsigned long)(number))

#define over(n, by) div_u64(n, by)

#define bound(number, mask) ((number) &= (mask))

static inline long bpf_probe_read_kernel(void *to, u32 n, const void *from)
{
	long err = copy_from_kernel_nofault(to, from, n);

	if (err)
		memset(to, 0, n);
	return err;
}

static inline long bpf_probe_read_user(void *to, u32 n, const void *from)
{
	const void __user *at = (const void __user *)from;
	unsigned long left = n;

	if (access_ok(at, n)) {
		pagefault_disable();
		left = __copy_from_user_inatomic(to, at, n);
		pagefault_enable();
	}
	if (!left)
		return 0;
	memset(to, 0, n);
	return -EFAULT;
}

/* Length with its NUL, n at most; an error is negative. */
static inline long bpf_probe_read_user_str(void *to, u32 n, const void *from)
{
	long got;

	pagefault_disable();
	got = strncpy_from_user(to, (const char __user *)from, n);
	pagefault_enable();
	if (got < 0)
		return got;
	if (got >= n)
		got = n - 1;
	((char *)to)[got] = 0;
	return got + 1;
}

/* In pieces that do not go over the end of what holds the string. */
static inline long bpf_probe_read_kernel_str(void *to, u32 n, const void *from)
{
	char *at = to;
	u32 done = 0;

	while (done < n) {
		u32 piece = 64 - ((unsigned long)(from + done) & 63), len;

		piece = min(piece, n - done);
		if (copy_from_kernel_nofault(at + done, from + done, piece))
			return -EFAULT;
		len = strnlen(at + done, piece);
		done += len;
		if (len < piece)
			return done + 1;
	}
	at[n - 1] = 0;
	return n;
}

#define bpf_core_read(to, n, from) bpf_probe_read_kernel(to, n, from)
#define kptr(src, field)                                                                           \
	({                                                                                         \
		__typeof__(src) kptr_src = (src);                                                  \
		trc_u64 kptr_val = 0;                                                              \
		bpf_core_read(&kptr_val, sizeof(kptr_src->field), &kptr_src->field);               \
		kptr_val;                                                                          \
	})
#define knum(src, field) kptr(src, field)
#define kptr_size() sizeof(void *)

#ifdef HAVE_ABI_SYSCALL
#define keeps_number() 1
#else
#define keeps_number() 0
#endif
#define call_told(regs) ((u32)syscall_get_nr(current, (struct pt_regs *)(regs)))

#define bpf_core_field_offset(type, field) offsetof(type, field)
#define bpf_core_type_size(type) sizeof(type)
#define bpf_get_smp_processor_id() ((u32)smp_processor_id())
#define bpf_get_current_task() ((unsigned long)current)
#define bpf_get_current_pid_tgid() ((u64)current->tgid << 32 | (u32)current->pid)
#define bpf_ktime_get_boot_ns() ktime_get_boot_fast_ns()

/* The compiler's own may be a function of libgcc's. */
#define __sync_fetch_and_add(at, n)                                                                \
	(sizeof(*(at)) == sizeof(u64) ? atomic64_add(n, (atomic64_t *)(at)) :                      \
					atomic_add(n, (atomic_t *)(at)))

/* Members that depend on how the kernel was configured. */
#define bpf_core_field_exists(loginuid) IS_ENABLED(CONFIG_AUDIT)
#ifndef CONFIG_AUDIT
#define loginuid cred->uid
#endif
#if !IS_ENABLED(CONFIG_IPV6)
#define skc_v6_daddr skc_daddr
#define skc_v6_rcv_saddr skc_rcv_saddr
#endif
#define bpf_core_enum_value_exists(type, value) ((int)(value) >= 0)
#define bpf_core_enum_value(type, value) (value)
#ifndef CONFIG_CGROUP_PIDS
#define pids_cgrp_id -1
#endif
#ifndef CONFIG_CGROUP_SCHED
#define cpu_cgrp_id -1
#endif

/* And on its age: HAVE_NAME is defined if try/NAME.c compiles. */
#ifdef HAVE_KERNFS_PARENT
#define cgroup_parent(node) kptr(as(struct kernfs_node, node), parent)
#else
#define cgroup_parent(node) kptr(as(struct kernfs_node, node), __parent)
#endif

#if defined(HAVE_INODE_PARTED)
#define inode_time(inode, which)                                                                   \
	(knum(inode, i_##which##_sec) * NSEC_PER_SEC +                                             \
	 (knum(inode, i_##which##_nsec) & ~CTIME_QUERIED))
#elif defined(HAVE_INODE_UNDERSCORED)
#define inode_time(inode, which)                                                                   \
	(knum(inode, __i_##which.tv_sec) * NSEC_PER_SEC + knum(inode, __i_##which.tv_nsec))
#else
#ifdef HAVE_INODE_CTIME_UNDERSCORED
#define i_ctime __i_ctime
#endif
#define inode_time(inode, which)                                                                   \
	(knum(inode, i_##which.tv_sec) * NSEC_PER_SEC + knum(inode, i_##which.tv_nsec))
#endif

#endif
