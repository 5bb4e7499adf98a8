/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Paths as the kernel knows them: walked from a file, a directory or a cgroup
 * up to the root, and put together from the end in scratch->path.
 */
#ifndef BPF_PATH_H
#define BPF_PATH_H

#include "tail.h"

#ifndef MODULE
/* Written by the loader and by learn_root(). */
struct probe_control control SEC(".data.control") = {};
#endif

#define WALK_STEPS 64 /* components a call of path_walk takes */
#define WALK_CALLS 48 /* enough for every path of 4096 bytes */
#define PIPEFS_MAGIC 0x50495045
#define SOCKFS_MAGIC 0x534f434b
#define ANON_INODE_MAGIC 0x09041934
#define NSFS_MAGIC 0x6e736673

/*
 * Puts n bytes of kernel memory before what path[] holds. 0, or 1 if there is no room, or they are
 * more than a name has: 255 as a rule, 765 with FAT in UTF-8, and more with FUSE if it wants to.
 */
static __always_inline int path_prepend(struct probe_scratch *s, trc_u64 from, trc_u32 n)
{
	trc_u32 at = s->path_at;

	if (n == 0 || n > PROBE_NAME_MAX || at < n || at > PROBE_PATH_MAX)
		return 1;
	bound(n, PROBE_NAME_MAX);
	at -= n;
	bound(at, PROBE_PATH_MAX - 1);
	if (bpf_probe_read_kernel(s->path + at, n, as(void, from)))
		return 1;
	s->path_at = at;
	return 0;
}

static __always_inline int path_prepend_char(struct probe_scratch *s, char ch)
{
	trc_u32 at = s->path_at - 1;

	if (at >= PROBE_PATH_MAX)
		return 1;
	s->path_at = at;
	bound(at, PROBE_PATH_MAX - 1);
	s->path[at] = (trc_u8)ch;
	return 0;
}

enum walk { WALK_ON, WALK_ROOT, WALK_LOOSE, WALK_CUT };

/*
 * Goes up the tree from scratch->dentry in scratch->mnt, across mounts, up to
 * the sensor's root or that of the mount namespace, and puts the names before
 * path[]. It works as d_path() does (fs/d_path.c), but is not stopped by the
 * task's own root: what a program in a chroot opens is named as the sensor sees
 * it.
 */
__noinline int path_walk(void)
{
	struct probe_scratch *s = my_scratch();

	if (!s)
		return WALK_CUT;
	for (int i = 0; i < WALK_STEPS; i++) {
		struct dentry *d = as(struct dentry, s->dentry);
		struct mount *m = as(struct mount, s->mnt);
		trc_u64 parent, up = 0;
		trc_u32 len;

		if (s->dentry == control.root_dentry && s->mnt == control.root_mnt)
			return WALK_ROOT;
		if (s->dentry == kptr(m, mnt.mnt_root)) {
			up = kptr(m, mnt_parent);
			if (up == s->mnt || !up)
				return WALK_ROOT;
			s->dentry = kptr(m, mnt_mountpoint);
			s->mnt = up;
			continue;
		}
		parent = kptr(d, d_parent);
		len = knum(d, d_name.len);
		if (parent == s->dentry || !parent) {
			/*
			 * Not in the tree of its mount: a memfd, a file being
			 * made, or below a lost directory.
			 */
			if (len > 1 && path_prepend(s, kptr(d, d_name.name), len))
				return WALK_CUT;
			return WALK_LOOSE;
		}
		if (path_prepend(s, kptr(d, d_name.name), len) || path_prepend_char(s, '/'))
			return WALK_CUT;
		s->dentry = parent;
	}
	return WALK_ON;
}

/* Decimal number and a closing bracket, before what path[] holds. */
static __always_inline void path_number(struct probe_scratch *s, trc_u64 v)
{
	path_prepend_char(s, ']');
	for (int i = 0; i < 20; i++) {
		trc_u64 rest = over(v, 10);

		path_prepend_char(s, '0' + (char)(v - 10 * rest));
		v = rest;
		if (!v)
			break;
	}
}

/*
 * Names what has no place in any tree as /proc/PID/fd does: pipe:[1],
 * socket:[1], uts:[1], anon_inode:[eventpoll]. Returns 1 if it was such a thing.
 */
static __always_inline int path_special(struct probe_scratch *s, struct dentry *d)
{
	struct inode *inode = as(struct inode, kptr(d, d_inode));
	struct super_block *sb = as(struct super_block, kptr(inode, i_sb));
	trc_u64 magic = knum(sb, s_magic);

	if (magic == PIPEFS_MAGIC || magic == SOCKFS_MAGIC) {
		const char *word = magic == PIPEFS_MAGIC ? "pipe:[" : "socket:[";

		path_number(s, knum(inode, i_ino));
		path_prepend(s, (trc_u64)word, magic == PIPEFS_MAGIC ? 6 : 8);
		return 1;
	}
	if (magic == NSFS_MAGIC) {
		struct ns_common *ns = as(struct ns_common, kptr(inode, i_private));
		const struct proc_ns_operations *ops =
			as(const struct proc_ns_operations, kptr(ns, ops));
		long n = bpf_probe_read_kernel_str(s->text, 32, as(void, kptr(ops, name)));

		path_number(s, knum(inode, i_ino));
		path_prepend(s, (trc_u64) ":[", 2);
		if (n > 1)
			path_prepend(s, (trc_u64)s->text, n - 1);
		return 1;
	}
	if (magic != ANON_INODE_MAGIC)
		return 0;
	path_prepend(s, kptr(d, d_name.name), knum(d, d_name.len));
	path_prepend(s, (trc_u64) "anon_inode:", 11);
	return 1;
}

/*
 * Builds the path of dentry in the vfsmount at the end of path[], from path_at.
 * 0 if there is one.
 */
__noinline int path_build(trc_u64 dentry, trc_u64 vfsmount)
{
	struct probe_scratch *s = my_scratch();
	int how = WALK_ON;

	if (!s || !dentry || !vfsmount)
		return -1;
	s->path_at = PROBE_PATH_MAX;
	s->path_cut = 0;
	if (path_special(s, as(struct dentry, dentry)))
		return 0;
	s->dentry = dentry;
	s->mnt = vfsmount - bpf_core_field_offset(struct mount, mnt);
	for (int i = 0; i < WALK_CALLS && how == WALK_ON; i++)
		how = path_walk();
	s->path_cut = how == WALK_CUT || how == WALK_ON;
	if (s->path_cut && s->path_at == PROBE_PATH_MAX)
		return -1;
	if (how == WALK_LOOSE || s->path_at == PROBE_PATH_MAX)
		path_prepend_char(s, '/');
	return 0;
}

/* Appends path[] as the slot's value. */
static __always_inline void path_append(struct probe_scratch *s, trc_u32 slot)
{
	trc_u32 at = s->path_at;

	if (at >= PROBE_PATH_MAX) {
		lacks(s, slot);
		return;
	}
	/* What is left of a path that did not fit must not look like a whole one. */
	if (s->path_cut) {
		REC(s)->cut |= 1u << (slot & 31);
		at += s->path[at] == '/' && at < PROBE_PATH_MAX - 1;
		bound(at, PROBE_PATH_MAX - 1);
	}
	append(s, slot, (trc_u64)(s->path + at), PROBE_PATH_MAX - at);
}

/*
 * The file behind a descriptor of the current task, or 0. Another thread may
 * put another file there at any moment: for a record it is looked up once, so
 * that all that is said of a descriptor is said of one file.
 */
static __always_inline struct file *fd_file(struct probe_scratch *s, trc_s32 fd)
{
	struct files_struct *files = as(struct files_struct, kptr(current_task(), files));
	struct fdtable *fdt = as(struct fdtable, kptr(files, fdt));

	if (fd < 0)
		return 0;
	if (s->file_fd != fd) {
		if ((trc_u32)fd >= knum(fdt, max_fds))
			return 0;
		s->file_fd = fd;
		s->file = 0;
		bpf_probe_read_kernel(&s->file, kptr_size(),
				      as(void, kptr(fdt, fd) + (trc_u64)fd * kptr_size()));
	}
	return as(struct file, s->file);
}

__noinline int file_path(trc_u32 slot, trc_u64 file)
{
	struct probe_scratch *s = my_scratch();
	struct file *f = as(struct file, file);

	if (!s)
		return 0;
	if (!file || path_build(kptr(f, f_path.dentry), kptr(f, f_path.mnt)))
		lacks(s, slot);
	else
		path_append(s, slot);
	return 0;
}

__noinline int fd_path(trc_u32 slot, trc_s32 fd)
{
	struct probe_scratch *s = my_scratch();

	return s ? file_path(slot, (trc_u64)fd_file(s, fd)) : 0;
}

static __always_inline int dir_path(struct probe_scratch *s, trc_s32 dirfd)
{
	if (dirfd == -100) { /* AT_FDCWD */
		struct fs_struct *fs = as(struct fs_struct, kptr(current_task(), fs));

		return path_build(kptr(fs, pwd.dentry), kptr(fs, pwd.mnt));
	} else {
		struct file *f = fd_file(s, dirfd);

		return f ? path_build(kptr(f, f_path.dentry), kptr(f, f_path.mnt)) : -1;
	}
}

/*
 * A relative path behind the path of its directory, both appended. What is left of a directory
 * that did not fit must not look like a whole one.
 */
__noinline int user_path(trc_u32 slot, trc_s32 dirfd, trc_u64 addr)
{
	struct probe_scratch *s = my_scratch();
	trc_u32 from, dir;
	trc_u8 *to;
	long n;

	if (!s)
		return 0;
	if (s->in_kernel)
		n = bpf_probe_read_kernel_str(s->text, PROBE_PATH_MAX, as(void, addr));
	else
		n = bpf_probe_read_user_str(s->text, PROBE_PATH_MAX, as(void, addr));
	if (n < 0) {
		lacks(s, slot);
		return 0;
	}
	REC(s)->given |= 1u << (slot & 31);
	n = text_length(n) & (PROBE_PATH_MAX - 1);
	if (s->text[0] == '/' || dir_path(s, dirfd)) {
		append(s, slot, (trc_u64)s->text, n);
		return 0;
	}
	/*
	 * Directory, a slash unless it ends in one or the text is empty, the
	 * text: the end is what is kept.
	 */
	from = s->path_at;
	if (from >= PROBE_PATH_MAX) {
		lacks(s, slot);
		return 0;
	}
	if (s->path_cut) {
		REC(s)->cut |= 1u << (slot & 31);
		from += s->path[from] == '/' && from < PROBE_PATH_MAX - 1;
	}
	bound(from, PROBE_PATH_MAX - 1);
	dir = PROBE_PATH_MAX - from;
	to = tail(s);
	if (!to || bpf_probe_read_kernel(to, dir, s->path + from)) {
		lacks(s, slot);
		return 0;
	}
	if (n && dir > 1 && dir < PROBE_PATH_MAX)
		to[dir++] = '/';
	if (dir > PROBE_PATH_MAX || bpf_probe_read_kernel(to + dir, n, s->text)) {
		lacks(s, slot);
		return 0;
	}
	tail_done(s, slot, dir + n);
	return 0;
}

#ifndef MODULE /* which is compiled for a kernel that has one of the two */
static __always_inline trc_u64 cgroup_parent(trc_u64 node)
{
	struct kernfs_node *kn = as(struct kernfs_node, node);

	if (bpf_core_field_exists(kn->parent))
		return kptr(kn, parent);
	return kptr(as(struct kernfs_node___renamed, node), __parent);
}
#endif

/* Path of the cgroup whose node is kn, at the end of path[]. The root's is empty. */
__noinline int cgroup_walk(trc_u64 node)
{
	struct probe_scratch *s = my_scratch();

	if (!s)
		return 0;
	s->path_at = PROBE_PATH_MAX;
	s->path_cut = 0;
	for (int i = 0; i < 32 && node; i++) {
		struct kernfs_node *kn = as(struct kernfs_node, node);
		trc_u64 name = kptr(kn, name), up = cgroup_parent(node);
		long n;

		if (!up)
			break;
		n = bpf_probe_read_kernel_str(s->text, 256, as(void, name));
		if (n <= 1 || path_prepend(s, (trc_u64)s->text, n - 1) ||
		    path_prepend_char(s, '/')) {
			s->path_cut = 1;
			break;
		}
		node = up;
	}
	s->path_cut |= cgroup_parent(node) != 0;
	return s->path_at < PROBE_PATH_MAX;
}

/* Walks the path in a controller's own hierarchy. 0 if it has none, or the task is in its root. */
static __always_inline int cgroup_walk_of(struct css_set *css, trc_u32 index)
{
	trc_u64 at =
		(trc_u64)css + bpf_core_field_offset(struct css_set, subsys) + index * kptr_size();
	struct cgroup *unified = as(struct cgroup, kptr(css, dfl_cgrp));
	trc_u64 subsys = 0;
	struct cgroup *cg;

	bpf_probe_read_kernel(&subsys, kptr_size(), as(void, at));
	cg = as(struct cgroup, kptr(as(struct cgroup_subsys_state, subsys), cgroup));
	return kptr(cg, root) != kptr(unified, root) && cgroup_walk(kptr(cg, kn));
}

/*
 * The cgroup of the current task: of pids or cpu, where these have a hierarchy
 * of their own, or of the unified one. Where there are both, runtimes use the
 * former: in the latter a container is where its runtime is.
 */
__noinline int cgroup_text(trc_u32 slot)
{
	struct probe_scratch *s = my_scratch();
	struct css_set *css = as(struct css_set, kptr(current_task(), cgroups));
	struct cgroup *unified = as(struct cgroup, kptr(css, dfl_cgrp));
	int found = 0;

	if (!s)
		return 0;
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		found = cgroup_walk_of(css,
				       bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
	if (!found && bpf_core_enum_value_exists(enum cgroup_subsys_id, cpu_cgrp_id))
		found = cgroup_walk_of(css,
				       bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id));
	if (!found)
		found = cgroup_walk(kptr(unified, kn));
	if (!found)
		path_prepend_char(s, '/');
	path_append(s, slot);
	return 0;
}

#endif
