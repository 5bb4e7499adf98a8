/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records over /proc: see capture_proc.h. Here is what the capture body asks of
 * the record and of the call; the rest of its seam is in capture_mem.c,
 * capture_file.c, capture_sock.c and capture_task.c.
 */
#include <string.h>

#include "capture_int.h"

/* The body, here alone: over the seam as capture_int.h has it. */
#include "capture.h"

void cap_put(struct cap *c, int slot, trc_u64 value)
{
	if (!(c->rec->hdr.absent >> slot & 1))
		record_num(c->rec, slot, value);
}

void cap_lacks(struct cap *c, int slot)
{
	c->rec->hdr.absent |= 1u << slot;
}

void cap_gives(struct cap *c, int slot)
{
	c->rec->hdr.given |= 1u << slot;
}

trc_s64 cap_ret(struct cap *c)
{
	return c->ret;
}

trc_u64 cap_reg(struct cap *c, int n)
{
	return c->reg[n];
}

void cap_turn(struct cap *c, trc_u64 second, trc_u64 third)
{
	c->reg[1] = second;
	c->reg[2] = third;
	if (c->ret > 0)
		c->ret = 0;
}

int cap_is_arm(struct cap *c)
{
	return c->abi == ABI_ARM || c->abi == ABI_AARCH64;
}

int cap_is_narrow(struct cap *c)
{
	return c->abi == ABI_ARM || c->abi == ABI_I386;
}

int capture_look(struct cap *c)
{
	struct procfs_stat thread;
	int err = procfs_status(c->tid, &c->who);

	if (!err)
		err = procfs_stat(c->pid, &c->stat);
	/* A process started when its first thread did, but this thread ran elsewhere. */
	if (!err && c->tid != c->pid && !procfs_stat(c->tid, &thread))
		c->stat.cpu = thread.cpu;
	return err;
}

bool capture_is_dull(struct cap *c, enum trc_type type)
{
	return cap_is_dull(c, type);
}

enum trc_type capture_called(struct cap *c, enum trc_type type)
{
	return cap_called(c, type);
}

static void begin(struct cap *c, enum trc_type type)
{
	struct trc_hdr *h = &c->rec->hdr;

	c->seen[0] = '\0';
	record_begin(c->rec, type, (trc_u32)c->pid, (trc_u32)c->tid);
	h->absent = 0; /* the seam says what is */
	h->flags = c->compat ? TRC_COMPAT : 0;
	h->start = c->stat.start;
	h->uid = c->who.uid;
	h->cpu = c->stat.cpu;
	h->nr = c->nr;
}

void capture_record(struct cap *c, enum trc_type type)
{
	begin(c, type);
	cap_args(c, type);
}

int capture_holds(pid_t pid, const struct stat *file, trc_s64 *flags)
{
	enum { MOST = 256 };
	struct cap c = {.pid = pid, .tid = pid, .abi = abi_native()};
	struct procfs_dir d;
	int found = -1, fd;

	if (procfs_dir_open(&d, pid, "fd"))
		return -1;
	for (int n = 0; n < MOST && (fd = procfs_dir_next(&d)) >= 0; n++) {
		char entry[32];
		struct stat st;

		if (!procfs_target(pid, capture_fd_entry(entry, "fd", fd), &st) &&
		    st.st_dev == file->st_dev && st.st_ino == file->st_ino)
			found = fd;
	}
	procfs_dir_close(&d);
	*flags = found < 0 ? -1 : capture_fd_flags(&c, found);
	if (*flags < 0)
		return -1;
	*flags = (trc_s64)cap_scalar(&c, TRC_T_OFLAGS, (trc_u64)*flags);
	return found;
}

int capture_fd(struct cap *c, int fd)
{
	static char name[LINK_MAX_PROC];
	int sock = event_arg_slot(TRC_FDINFO, "tuple");
	char entry[32];
	ssize_t n = procfs_link(c->tid, capture_fd_entry(entry, "fd", fd), name, sizeof(name));
	trc_s64 flags = capture_fd_flags(c, fd);

	if (n < 0)
		return (int)n;
	begin(c, TRC_FDINFO);
	c->rec->hdr.absent = (1u << c->rec->hdr.narg) - 1;
	record_num(c->rec, event_arg_slot(TRC_FDINFO, "fd"), (trc_u64)fd);
	record_bytes(c->rec, event_arg_slot(TRC_FDINFO, "name"), name, (size_t)n);
	if (flags >= 0)
		record_num(c->rec, event_arg_slot(TRC_FDINFO, "flags"),
			   cap_scalar(c, TRC_T_OFLAGS, (trc_u64)flags));
	if (strncmp(name, "socket:", 7) != 0)
		return 0;
	c->rec->hdr.absent &= ~(1u << sock);
	cap_sock(c, sock, fd, 0, 0);
	return 0;
}
