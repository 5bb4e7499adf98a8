/* SPDX-License-Identifier: BSD-2-Clause */
/* Marks on files, by fanotify: see mark.h. */
#include "mark.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "procfs.h"

#ifndef FAN_OPEN_EXEC
#define FAN_OPEN_EXEC 0x1000 /* Linux 5.0 */
#endif

#define MAGIC_OVERLAY 0x794c7630 /* linux/magic.h */
#define MAGIC_BTRFS 0x9123683e

static int group = -1;
static uint64_t mask = FAN_OPEN | FAN_OPEN_EXEC;

/* What was read of the group and not handed over yet. */
static struct {
	union {
		struct fanotify_event_metadata align;
		char byte[4096];
	} room;
	size_t at, n;
} buf;

int mark_open(char *why, size_t size)
{
	/* Marks tell processes by the numbers that they have here. */
	if (!procfs_first_namespace()) {
		snprintf(why, size, "this is not the first namespace of processes");
		return -EINVAL;
	}
	group = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK,
			      O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NONBLOCK);
	if (group >= 0)
		return 0;
	snprintf(why, size, "fanotify: %s", strerror(errno));
	return -errno;
}

int mark_fd(void)
{
	return group;
}

/*
 * Does stat(2) tell another device than records have, the file system's? Then no record would be
 * known for that of a mark. Of an overlay, a directory always has the overlay's own.
 */
static bool has_other_device(const char *path, const struct stat *file)
{
	char dir[PATH_MAX];
	struct statfs fs;
	struct stat st;
	const char *end = strrchr(path, '/');

	if (statfs(path, &fs))
		return true;
	if (fs.f_type != MAGIC_OVERLAY)
		return fs.f_type == MAGIC_BTRFS;
	if (!end || (size_t)(end - path) + 2 > sizeof(dir))
		return true;
	snprintf(dir, sizeof(dir), "%.*s/", (int)(end - path), path);
	return stat(dir, &st) || st.st_dev != file->st_dev;
}

bool mark_add(const char *path, uint64_t *ino)
{
	struct stat st;

	if (group < 0 || stat(path, &st) || !S_ISREG(st.st_mode) || has_other_device(path, &st))
		return false;
	*ino = st.st_ino;
	if (!fanotify_mark(group, FAN_MARK_ADD, mask, AT_FDCWD, path))
		return true;
	/* A kernel that cannot tell starts of programs from other opens tells of both. */
	mask = FAN_OPEN;
	return !fanotify_mark(group, FAN_MARK_ADD, mask, AT_FDCWD, path);
}

void mark_flush(void)
{
	if (group >= 0)
		fanotify_mark(group, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL);
}

/* Takes what the event holds open. False if it is no open that is asked for. */
static bool take(const struct fanotify_event_metadata *m, struct mark *out)
{
	struct stat st;
	bool there = m->fd >= 0 && !fstat(m->fd, &st);

	if (m->fd >= 0)
		close(m->fd);
	if (!there || m->mask & FAN_OPEN_EXEC || m->pid <= 0 || m->pid == getpid())
		return false;
	*out = (struct mark){(trc_u32)m->pid, procfs_dev(st.st_dev), st.st_ino};
	return true;
}

/* False if there is nothing. A file that cannot be opened for us is an error of the read. */
static bool fill(uint64_t *lost)
{
	ssize_t n;

	while ((n = group < 0 ? 0 : read(group, &buf.room, sizeof(buf.room))) < 0 &&
	       errno != EAGAIN)
		++*lost;
	buf.at = 0;
	buf.n = n > 0 ? (size_t)n : 0;
	return n > 0;
}

bool mark_next(struct mark *out, uint64_t *lost)
{
	while (buf.at < buf.n || fill(lost)) {
		const struct fanotify_event_metadata *m = (const void *)(buf.room.byte + buf.at);

		if (m->vers != FANOTIFY_METADATA_VERSION || m->event_len < sizeof(*m)) {
			buf.at = buf.n;
			continue;
		}
		buf.at += m->event_len;
		*lost += (m->mask & FAN_Q_OVERFLOW) != 0;
		if (take(m, out))
			return true;
	}
	return false;
}

void mark_close(void)
{
	if (group >= 0)
		close(group);
	group = -1;
	buf.at = buf.n = 0;
}
