/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The functions of driver/capture_seam.h for BPF. */
#ifndef BPF_CAP_H
#define BPF_CAP_H

#include "path.h"
#include "sock.h"

#define CAP_FN static __always_inline __attribute__((unused))
#define CAP_SEAM CAP_FN

struct cap {
	struct probe_scratch *s;
	trc_u64 arg[6];
	trc_s64 ret;
	trc_u64 subject; /* procfork: the child; execve: linux_binprm; request_module: name */
	int arm;	 /* the caller's ABI is one of ARM's */
	int narrow;	 /* the caller is a 32-bit program */
};

#include "../driver/capture.h"

#include "fact.h"

CAP_FN void cap_put(struct cap *c, int slot, trc_u64 value)
{
	slot_put(c->s, slot, value);
}

CAP_FN trc_s64 cap_ret(struct cap *c)
{
	return c->ret;
}

CAP_FN trc_u64 cap_reg(struct cap *c, int n)
{
	return c->arg[n];
}

CAP_FN int cap_is_arm(struct cap *c)
{
	return c->arm;
}

CAP_FN int cap_is_narrow(struct cap *c)
{
	return c->narrow;
}

CAP_FN int cap_peek(struct cap *c, trc_u64 addr, trc_u64 *v)
{
	*v = 0;
	if (c->s->in_kernel)
		return bpf_probe_read_kernel(v, sizeof(*v), as(void, addr)) ? -1 : 0;
	return bpf_probe_read_user(v, sizeof(*v), as(void, addr)) ? -1 : 0;
}

CAP_FN void cap_lacks(struct cap *c, int slot)
{
	lacks(c->s, slot);
}

CAP_FN void cap_gives(struct cap *c, int slot)
{
	REC(c->s)->given |= 1u << slot;
}

CAP_FN void cap_ustr(struct cap *c, int slot, trc_u64 addr)
{
	(void)c;
	user_text(slot, addr);
}

CAP_FN void cap_data(struct cap *c, int slot, trc_u64 addr, trc_u32 n, trc_u64 of)
{
	user_bytes(slot, addr, addr + n);
	cap_gives(c, slot);
	if (of > n)
		REC(c->s)->cut |= 1u << slot;
}

CAP_FN void cap_upath(struct cap *c, int slot, trc_s64 dirfd, trc_u64 addr)
{
	(void)c;
	user_path(slot, dirfd, addr);
}

CAP_FN void cap_fdpath(struct cap *c, int slot, trc_s64 fd)
{
	(void)c;
	fd_path(slot, fd);
}

__noinline int fd_fact(trc_u32 slot, trc_s32 fd, trc_u32 dev)
{
	struct probe_scratch *s = my_scratch();
	struct file *f = s ? fd_file(s, fd) : 0;

	if (!s)
		return 0;
	if (f)
		slot_put(s, slot, inode_fact(as(struct inode, kptr(f, f_inode)), dev));
	else
		lacks(s, slot);
	return 0;
}

CAP_FN void cap_fdfact(struct cap *c, int slot, trc_s64 fd, enum cap_fdfact what)
{
	(void)c;
	fd_fact(slot, fd, what == CAP_FD_DEV);
}

CAP_FN trc_s64 cap_fdflags(struct cap *c, trc_s64 fd)
{
	struct file *f = fd_file(c->s, fd);

	return f ? (trc_s64)knum(f, f_flags) : -1;
}

CAP_FN void cap_sock(struct cap *c, int slot, trc_s64 fd, trc_u64 uaddr, trc_u64 ulen)
{
	/* What a ring does is told as it begins. */
	int given = c->ret < 0 && (c->ret != -TRC_EINPROGRESS || c->s->in_kernel);

	sock_ends(slot, fd, given ? SOCK_GIVEN : SOCK_KERNEL, uaddr, ulen);
}

CAP_FN void cap_peer(struct cap *c, int slot, trc_s64 fd, trc_u64 uaddr, trc_u32 ulen)
{
	(void)c;
	sock_ends(slot, fd, SOCK_PEER, uaddr, ulen);
}

CAP_FN int cap_is_tcp(struct cap *c, trc_s64 fd)
{
	(void)c;
	return sock_is_tcp(fd);
}

CAP_FN void cap_turn(struct cap *c, trc_u64 second, trc_u64 third)
{
	c->arg[1] = second;
	c->arg[2] = third;
	if (c->ret > 0)
		c->ret = 0;
}

CAP_FN void cap_execed(struct cap *c, int slot)
{
	kernel_text(slot, kptr(as(struct linux_binprm, c->subject), filename));
}

/* Which function knows the fact is decided when this is compiled. */
CAP_FN void cap_task(struct cap *c, int slot, enum cap_fact what)
{
	if (cap_is_exe(what))
		exe_fact(slot, what);
	else if (what >= CAP_F_PGID)
		pid_fact(slot, what, c->subject);
	else if (what >= CAP_F_CAPINH)
		cred_fact(slot, what);
	else
		task_fact(slot, what, c->subject);
}

__noinline int task_text(trc_u32 slot, trc_u32 what)
{
	struct probe_scratch *s = my_scratch();
	struct task_struct *t = current_task();
	struct mm_struct *mm = as(struct mm_struct, kptr(t, mm));
	struct fs_struct *fs = as(struct fs_struct, kptr(t, fs));

	if (!s)
		return 0;
	switch (what) {
	case CAP_F_CWD:
		if (path_build(kptr(fs, pwd.dentry), kptr(fs, pwd.mnt)))
			lacks(s, slot);
		else
			path_append(s, slot);
		return 0;
	case CAP_F_COMM:
		kernel_text(slot, (trc_u64)t + bpf_core_field_offset(struct task_struct, comm));
		return 0;
	case CAP_F_CGROUP:
		cgroup_text(slot);
		return 0;
	case CAP_F_EXEPATH:
		file_path(slot, (trc_u64)exe_file(t));
		return 0;
	case CAP_F_ARGV:
		user_bytes(slot, kptr(mm, arg_start), kptr(mm, arg_end));
		return 0;
	default:
		user_bytes(slot, kptr(mm, env_start), kptr(mm, env_end));
	}
	return 0;
}

CAP_FN void cap_text(struct cap *c, int slot, enum cap_fact what)
{
	(void)c;
	task_text(slot, what);
}

#endif
