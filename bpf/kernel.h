/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The few kernel types that the probe reads, and of each only the members that
 * it reads. Their places in the running kernel are filled in by CO-RE when the
 * probe is loaded, so order and size here mean nothing; names and types do.
 * Members that came, went or were renamed have a second struct ("flavour",
 * after three underscores), and the code asks which one this kernel has.
 */
#ifndef BPF_KERNEL_H
#define BPF_KERNEL_H

#include "../driver/event.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct qstr {
	trc_u32 len;
	const unsigned char *name;
};

typedef struct {
	trc_u32 val;
} kuid_t;

typedef struct {
	trc_u32 val;
} kgid_t;

struct timespec64 {
	trc_s64 tv_sec;
	long tv_nsec;
};

struct super_block {
	trc_u32 s_dev;
	unsigned long s_magic, s_flags;
};

struct inode {
	unsigned short i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	unsigned int i_nlink;
	unsigned long i_ino;
	struct super_block *i_sb;
	void *i_private;
	struct timespec64 i_mtime, i_ctime;
};

/* In 6.6 (change) and 6.7 (modification), up to 6.10. */
struct inode___underscored {
	struct timespec64 __i_mtime, __i_ctime;
};

/* Since 6.11. */
struct inode___parted {
	trc_s64 i_mtime_sec, i_ctime_sec;
	trc_u32 i_mtime_nsec, i_ctime_nsec;
};

struct proc_ns_operations {
	const char *name;
};

struct ns_common {
	const struct proc_ns_operations *ops;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct vfsmount {
	struct dentry *mnt_root;
	int mnt_flags;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	unsigned int f_flags, f_mode;
	void *private_data;
};

/* A path as the kernel took it from a caller. */
struct filename {
	const char *name;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path root;
	struct path pwd;
};

struct mm_struct {
	unsigned long arg_start, arg_end, env_start, env_end, task_size;
	struct file *exe_file;
};

/* Since 6.3 one number of 64 bits; two of 32 before, which are the same bytes. */
typedef struct {
	trc_u64 val;
} kernel_cap_t;

struct group_info {
	int ngroups;
	kgid_t gid[0];
};

struct user_namespace {
	struct user_namespace *parent;
};

struct cred {
	kuid_t euid, fsuid;
	kgid_t egid, fsgid;
	kernel_cap_t cap_inheritable, cap_permitted, cap_effective;
	struct group_info *group_info;
	struct user_namespace *user_ns;
};

struct tty_driver {
	int major;
	int minor_start;
};

struct tty_struct {
	struct tty_driver *driver;
	int index;
};

typedef struct {
	int counter;
} atomic_t;

struct upid {
	int nr;
};

/* A number in each namespace from the initial one (0) to its own. */
struct pid {
	unsigned int level;
	struct upid numbers[1];
};

enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID };

struct signal_struct {
	struct pid *pids[4];
	atomic_t live;
	unsigned int flags;
	int group_exit_code;
	struct tty_struct *tty;
};

struct kernfs_node {
	struct kernfs_node *parent;
	const char *name;
};

/* Since 6.15. */
struct kernfs_node___renamed {
	struct kernfs_node *__parent;
};

struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct css_set {
	struct cgroup *dfl_cgrp;
	struct cgroup_subsys_state *subsys[1];
};

enum cgroup_subsys_id { pids_cgrp_id, cpu_cgrp_id };

/*
 * x86: the low bits of status say whether a call came in as a 32-bit one. 32-bit ARM: the number
 * of the call, since 5.15; the whole lies at the start of the stack there, before 5.16 or 5.18.
 */
struct thread_info {
	trc_u32 status, abi_syscall;
};

/* Up to 5.14. */
struct thread_info___earlier {
	trc_u32 syscall;
};

struct task_struct {
	struct thread_info thread_info;
	void *stack;
	int pid, tgid;
	unsigned int flags;
	trc_u64 start_boottime;
	struct task_struct *real_parent, *group_leader;
	struct mm_struct *mm;
	struct fs_struct *fs;
	struct files_struct *files;
	const struct cred *cred;
	struct signal_struct *signal;
	struct pid *thread_pid;
	struct css_set *cgroups;
	kuid_t loginuid;
	int exit_code;
	char comm[16];
};

struct linux_binprm {
	const char *filename;
};

struct in6_addr {
	trc_u8 in6[16];
};

struct sock_common {
	trc_u32 skc_daddr, skc_rcv_saddr;
	trc_u16 skc_dport;
	unsigned short skc_family;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};

struct sock {
	struct sock_common __sk_common;
	trc_u16 sk_protocol;
};

struct inet_sock {
	trc_u16 inet_sport;
};

struct socket {
	short type;
	struct file *file;
	struct sock *sk;
};

struct iovec {
	void *iov_base;
	unsigned long iov_len;
};

/* What of a caller's memory is sent. Instead of iov there may be the memory itself, since 6.0. */
struct iov_iter {
	unsigned long iov_offset, count;
	const struct iovec *iov;
};

/* Since 6.4. */
struct iov_iter___underscored {
	const struct iovec *__iov;
};

struct msghdr {
	void *msg_name;
	int msg_namelen;
	struct iov_iter msg_iter;
	unsigned int msg_flags;
};

struct sockaddr_un {
	unsigned short sun_family;
};

struct unix_address {
	int len;
	struct sockaddr_un name[0];
};

struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
};

#pragma clang attribute pop

#endif
