/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors and files, for the capture over /proc: what the links and the
 * fdinfo of a thread's descriptors say, and paths as the caller gave them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_int.h"

void capture_put_path(struct cap *c, int slot, const char *path, size_t len)
{
	size_t over = len > TRC_STR_MAX ? len - TRC_STR_MAX : 0;

	/* What is left of a path that did not fit must not look like a whole one. */
	over += over && path[over] == '/';
	record_bytes(c->rec, slot, path + over, len - over);
	if (over)
		c->rec->hdr.cut |= 1u << slot;
}

void capture_put_link(struct cap *c, int slot, const char *name)
{
	static char path[LINK_MAX_PROC];
	ssize_t n = procfs_link(c->tid, name, path, sizeof(path));

	if (n < 0)
		cap_lacks(c, slot);
	else
		capture_put_path(c, slot, path, (size_t)n);
}

bool capture_see(struct cap *c, const char *name)
{
	if (strcmp(c->seen, name) != 0)
		snprintf(c->seen, sizeof(c->seen), "%s",
			 procfs_target(c->tid, name, &c->file) ? "" : name);
	return c->seen[0];
}

const char *capture_fd_entry(char out[static 32], const char *folder, trc_s64 fd)
{
	if (fd == TRC_AT_FDCWD)
		return "cwd";
	snprintf(out, 32, "%s/%d", folder, (int)fd);
	return out;
}

void cap_upath(struct cap *c, int slot, trc_s64 dirfd, trc_u64 addr)
{
	static char path[LINK_MAX_PROC + TRC_STR_MAX + 1], text[TRC_STR_MAX + 1];
	ssize_t n = capture_read(c, addr, text, sizeof(text), true), dir = 0;
	char entry[32];

	if (n < 0) {
		cap_lacks(c, slot);
		return;
	}
	if (text[0] != '/')
		dir = procfs_link(c->tid, capture_fd_entry(entry, "fd", dirfd), path,
				  LINK_MAX_PROC);
	if (dir < 0)
		dir = 0;
	if (n && dir > 0 && path[dir - 1] != '/')
		path[dir++] = '/';
	memcpy(path + dir, text, (size_t)n);
	capture_put_path(c, slot, path, (size_t)(dir + n));
	cap_gives(c, slot);
}

void cap_fdpath(struct cap *c, int slot, trc_s64 fd)
{
	char entry[32];

	capture_put_link(c, slot, capture_fd_entry(entry, "fd", fd));
}

void cap_fdfact(struct cap *c, int slot, trc_s64 fd, enum cap_fdfact what)
{
	char entry[32];

	if (!capture_see(c, capture_fd_entry(entry, "fd", fd)))
		cap_lacks(c, slot);
	else
		cap_put(c, slot, what == CAP_FD_DEV ? procfs_dev(c->file.st_dev) : c->file.st_ino);
}

trc_s64 capture_fd_flags(const struct cap *c, trc_s64 fd)
{
	char entry[32], buf[256];
	const char *line;

	if (procfs_read(c->tid, capture_fd_entry(entry, "fdinfo", fd), buf, sizeof(buf)) < 0)
		return -1;
	line = strstr(buf, "flags:");
	return line ? (trc_s64)strtoul(line + 6, NULL, 8) : -1;
}

trc_s64 cap_fdflags(struct cap *c, trc_s64 fd)
{
	trc_s64 flags = capture_fd_flags(c, fd);

	/* Closing on exec belongs to the descriptor, not to its file. */
	return flags < 0 ? -1 : flags & ~(trc_s64)O_CLOEXEC;
}
