/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Facts about a process that are numbers. What finds one is a global function,
 * so that each is in the program, and checked by the verifier, once.
 */
#ifndef BPF_FACT_H
#define BPF_FACT_H

#include "tail.h"

#define SIGNAL_GROUP_EXIT 4
#define SB_RDONLY 1
#define MNT_READONLY 0x40
#define GROUPS_SEEN 64		 /* supplementary groups that are looked through */
#define CTIME_QUERIED (1u << 31) /* since 6.13, in the nanoseconds of a change time */
#define NS_PER_SEC 1000000000ull

/* Device or inode of an inode. */
static __always_inline trc_u64 inode_fact(struct inode *inode, int dev)
{
	return dev ? knum(as(struct super_block, kptr(inode, i_sb)), s_dev) : knum(inode, i_ino);
}

/* A process's terminal. */
static __always_inline trc_u32 tty_number(struct task_struct *t)
{
	struct signal_struct *sig = as(struct signal_struct, kptr(t, signal));
	struct tty_struct *tty = as(struct tty_struct, kptr(sig, tty));
	struct tty_driver *driver = as(struct tty_driver, kptr(tty, driver));
	trc_u32 major, minor;

	if (!tty)
		return 0;
	major = knum(driver, major);
	minor = knum(driver, minor_start) + knum(tty, index);
	return major << 20 | (minor & 0xfffff);
}

/* A dead process's status as wait(2) tells it. */
static __always_inline trc_u32 exit_status(struct task_struct *t)
{
	struct signal_struct *sig = as(struct signal_struct, kptr(t, signal));

	return knum(sig, flags) & SIGNAL_GROUP_EXIT ? knum(sig, group_exit_code) :
						      knum(t, exit_code);
}

/* Start of a process in ticks since boot. */
static __always_inline trc_u64 start_of(struct task_struct *t)
{
	return over(knum(as(struct task_struct, kptr(t, group_leader)), start_boottime),
		    TRC_TICK_NS);
}

static __always_inline struct file *exe_file(struct task_struct *t)
{
	return as(struct file, kptr(as(struct mm_struct, kptr(t, mm)), exe_file));
}

static __always_inline trc_u32 child_flags(struct task_struct *t, struct task_struct *child)
{
	struct cred *cred = as(struct cred, kptr(t, cred));
	struct cred *other = as(struct cred, kptr(child, cred));

	return (kptr(t, files) == kptr(child, files) ? TRC_CLONE_FILES : 0) |
	       (kptr(t, fs) == kptr(child, fs) ? TRC_CLONE_FS : 0) |
	       (kptr(cred, user_ns) != kptr(other, user_ns) ? TRC_CLONE_USER : 0);
}

__noinline int task_fact(trc_u32 slot, trc_u32 what, trc_u64 subject)
{
	struct probe_scratch *s = my_scratch();
	struct task_struct *t = current_task(), *child = as(struct task_struct, subject);

	if (!s)
		return 0;
	switch (what) {
	case CAP_F_PPID:
		slot_put(s, slot, knum(as(struct task_struct, kptr(t, real_parent)), tgid));
		return 0;
	case CAP_F_GID:
		slot_put(s, slot, knum(as(struct cred, kptr(t, cred)), egid.val));
		return 0;
	case CAP_F_LOGINUID:
		if (bpf_core_field_exists(t->loginuid))
			slot_put(s, slot, (trc_u64)(trc_s64)(trc_s32)knum(t, loginuid.val));
		else
			lacks(s, slot);
		return 0;
	case CAP_F_TTY:
		slot_put(s, slot, tty_number(t));
		return 0;
	case CAP_F_CHILD:
		slot_put(s, slot, knum(child, tgid));
		return 0;
	case CAP_F_CHILDSTART:
		slot_put(s, slot, start_of(child));
		return 0;
	case CAP_F_CHILDPPID:
		slot_put(s, slot, knum(as(struct task_struct, kptr(child, real_parent)), tgid));
		return 0;
	case CAP_F_CHILDFLAGS:
		slot_put(s, slot, child_flags(t, child));
		return 0;
	default:
		slot_put(s, slot, exit_status(t));
	}
	return 0;
}

__noinline int cred_fact(trc_u32 slot, trc_u32 what)
{
	struct probe_scratch *s = my_scratch();
	struct cred *cred = as(struct cred, kptr(current_task(), cred));

	if (!s)
		return 0;
	if (what == CAP_F_CAPINH)
		slot_put(s, slot, knum(cred, cap_inheritable));
	else if (what == CAP_F_CAPPRM)
		slot_put(s, slot, knum(cred, cap_permitted));
	else
		slot_put(s, slot, knum(cred, cap_effective));
	return 0;
}

/* Number of a process, group or session in the namespace of that depth; 0 = it has none there. */
static __always_inline trc_u32 pid_number(struct pid *pid, trc_u32 level)
{
	trc_u64 at = (trc_u64)pid + bpf_core_field_offset(struct pid, numbers) +
		     (trc_u64)level * bpf_core_type_size(struct upid);

	return level <= knum(pid, level) ? knum(as(struct upid, at), nr) : 0;
}

/* Of a process: what its threads have in common. */
static __always_inline struct pid *pid_of(struct task_struct *t, trc_u32 type)
{
	struct signal_struct *sig = as(struct signal_struct, kptr(t, signal));
	trc_u64 pid = 0;

	bpf_probe_read_kernel(&pid, kptr_size(),
			      as(void, (trc_u64)sig +
					       bpf_core_field_offset(struct signal_struct, pids) +
					       type * kptr_size()));
	return as(struct pid, pid);
}

__noinline int pid_fact(trc_u32 slot, trc_u32 what, trc_u64 subject)
{
	struct probe_scratch *s = my_scratch();
	struct task_struct *t =
		what == CAP_F_CHILDVPID ? as(struct task_struct, subject) : current_task();
	trc_u32 type = what == CAP_F_SID			 ? PIDTYPE_SID :
		       what == CAP_F_PGID || what == CAP_F_VPGID ? PIDTYPE_PGID :
								   PIDTYPE_TGID;
	trc_u32 level = 0;

	if (!s)
		return 0;
	if (what != CAP_F_PGID && what != CAP_F_SID)
		level = knum(as(struct pid, kptr(t, thread_pid)), level);
	slot_put(s, slot, pid_number(pid_of(t, type), level));
	return 0;
}

/* Has the process the group, as its own or among the others that it was given? */
static __always_inline int has_group(struct cred *cred, trc_u32 gid)
{
	struct group_info *groups = as(struct group_info, kptr(cred, group_info));
	trc_u64 at = (trc_u64)groups + bpf_core_field_offset(struct group_info, gid);
	trc_u32 n = knum(groups, ngroups), v = 0;

	if (knum(cred, fsgid.val) == gid)
		return 1;
	for (trc_u32 i = 0; i < GROUPS_SEEN && i < n; i++)
		if (!bpf_probe_read_kernel(&v, sizeof(v), as(void, at + 4 * i)) && v == gid)
			return 1;
	return 0;
}

static __always_inline int exe_writable(struct file *f, struct inode *inode)
{
	struct cred *cred = as(struct cred, kptr(current_task(), cred));
	struct super_block *sb = as(struct super_block, kptr(inode, i_sb));
	struct vfsmount *mnt = as(struct vfsmount, kptr(f, f_path.mnt));
	int initial = !kptr(as(struct user_namespace, kptr(cred, user_ns)), parent);

	if (knum(sb, s_flags) & SB_RDONLY || knum(mnt, mnt_flags) & MNT_READONLY)
		return 0;
	return cap_may_write(knum(inode, i_mode), knum(cred, fsuid.val) == knum(inode, i_uid.val),
			     has_group(cred, knum(inode, i_gid.val)),
			     initial && knum(cred, cap_effective) & CAP_DAC_OVERRIDE_BIT);
}

/* memfd_create() makes a file of that name, without a directory. */
static __always_inline int exe_is_memfd(struct file *f)
{
	struct dentry *d = as(struct dentry, kptr(f, f_path.dentry));
	char name[8] = {};

	bpf_probe_read_kernel(name, 6, as(void, kptr(d, d_name.name)));
	return as(struct dentry, kptr(d, d_parent)) == d &&
	       *(trc_u64 *)name == 0x3a64666d656dull; /* memfd: */
}

/*
 * An overlay keeps its inode, and right behind it the dentry of the upper layer,
 * if the file is there (struct ovl_inode, fs/overlayfs/ovl_entry.h, since 4.13).
 */
static __always_inline trc_u32 exe_layer(struct inode *inode)
{
	struct super_block *sb = as(struct super_block, kptr(inode, i_sb));
	trc_u64 upper = 0;

	if (knum(sb, s_magic) != CAP_OVERLAYFS_MAGIC)
		return 0;
	bpf_probe_read_kernel(&upper, kptr_size(),
			      as(void, (trc_u64)inode + bpf_core_type_size(struct inode)));
	return upper ? TRC_EXE_UPPER : TRC_EXE_LOWER;
}

static __always_inline trc_u32 exe_flags(struct file *f, struct inode *inode)
{
	trc_u32 flags = exe_layer(inode);

	if (exe_writable(f, inode))
		flags |= TRC_EXE_WRITABLE;
	if (exe_is_memfd(f))
		flags |= TRC_EXE_MEMFD;
	else if (!knum(inode, i_nlink))
		flags |= TRC_EXE_DELETED;
	return flags;
}

#ifndef MODULE /* which has accessors */
/* Reads a time whose names the kernel has changed twice. */
#define inode_time(inode, which)                                                                   \
	({                                                                                         \
		struct inode___underscored *u = (void *)(inode);                                   \
		struct inode___parted *p = (void *)(inode);                                        \
		trc_u64 sec, ns;                                                                   \
		if (bpf_core_field_exists(p->i_##which##_sec)) {                                   \
			sec = knum(p, i_##which##_sec);                                            \
			ns = knum(p, i_##which##_nsec) & ~CTIME_QUERIED;                           \
		} else if (bpf_core_field_exists(u->__i_##which)) {                                \
			sec = knum(u, __i_##which.tv_sec);                                         \
			ns = knum(u, __i_##which.tv_nsec);                                         \
		} else {                                                                           \
			sec = knum((inode), i_##which.tv_sec);                                     \
			ns = knum((inode), i_##which.tv_nsec);                                     \
		}                                                                                  \
		sec *NS_PER_SEC + ns;                                                              \
	})
#endif

__noinline int exe_fact(trc_u32 slot, trc_u32 what)
{
	struct probe_scratch *s = my_scratch();
	struct file *f = exe_file(current_task());
	struct inode *inode = as(struct inode, kptr(f, f_inode));

	if (!s)
		return 0;
	if (!inode)
		lacks(s, slot);
	else if (what == CAP_F_EXEFLAGS)
		slot_put(s, slot, exe_flags(f, inode));
	else if (what == CAP_F_EXECTIME)
		slot_put(s, slot, inode_time(inode, ctime));
	else if (what == CAP_F_EXEMTIME)
		slot_put(s, slot, inode_time(inode, mtime));
	else
		slot_put(s, slot, inode_fact(inode, what == CAP_F_EXEDEV));
	return 0;
}

#endif
