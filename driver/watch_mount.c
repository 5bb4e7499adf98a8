/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file systems that are watched: those with files of somebody's in them, as
 * /proc/self/mountinfo has them. A place is kept, not a descriptor, which would keep it from being
 * unmounted; for the look-ups of one round it is opened.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "../core/log.h"
#include "procfs.h"
#include "watch.h"

#define MOUNTS 128
#define PLACE 256 /* longest name of a place */
#define LINE 4096

static struct mount {
	trc_u32 fsid[2];
	trc_u64 dev;
	bool whole;   /* the place is the root of the file system */
	bool refused; /* it cannot be marked, or looked into */
	char place[PLACE];
	int fd; /* while it is used, else -1 */
} mounts[MOUNTS];
static int nmounts;

/* On a device, or with files all the same. What others serve may not answer. */
static bool holds_files(const char *type, const char *source)
{
	static const char *const types[] = {"tmpfs", "devtmpfs", "ramfs", "rootfs",  "overlay",
					    "ubifs", "jffs2",	 "zfs",	  "bcachefs"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(type, types[i]))
			return true;
	return source[0] == '/' && source[1] != '/';
}

/* Blanks and the like stand as \ and three octal digits. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++, to++) {
		*to = *text;
		if (text[0] == '\\' && text[1] && text[2] && text[3]) {
			*to = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
			text += 3;
		}
	}
	*to = '\0';
}

static struct mount *find(trc_u64 dev)
{
	for (int i = 0; i < nmounts; i++)
		if (mounts[i].dev == dev)
			return &mounts[i];
	return NULL;
}

/* A line of mountinfo: see proc_pid_mountinfo(5). One place for each file system, best its root. */
static void take_line(char *line)
{
	unsigned major, minor;
	char root[PLACE], place[PLACE], type[64], source[PLACE];
	char *dash = strstr(line, " - ");
	struct mount *m;
	trc_u64 dev;
	bool whole;

	if (!dash || sscanf(line, "%*d %*d %u:%u %255s %255s ", &major, &minor, root, place) != 4 ||
	    sscanf(dash, " - %63s %255s", type, source) != 2 || !holds_files(type, source))
		return;
	dev = (trc_u64)major << 20 | minor;
	whole = !strcmp(root, "/");
	m = find(dev);
	if (m && (m->whole || !whole))
		return;
	if (!m) {
		if (nmounts == MOUNTS)
			return;
		m = &mounts[nmounts++];
		*m = (struct mount){.dev = dev, .fd = -1};
	}
	unescape(place);
	m->whole = whole;
	memcpy(m->place, place, strlen(place) + 1);
}

static void read_mounts(void)
{
	static char buf[2 * LINE];
	size_t have = 0;
	ssize_t n;
	int fd = procfs_open(getpid(), "mountinfo", O_RDONLY);

	watch_rest();
	nmounts = 0;
	while (fd >= 0 && (n = read(fd, buf + have, LINE)) > 0) {
		char *line = buf, *end;

		have += (size_t)n;
		while ((end = memchr(line, '\n', have - (size_t)(line - buf)))) {
			*end = '\0';
			take_line(line);
			line = end + 1;
		}
		have -= (size_t)(line - buf);
		memmove(buf, line, have);
		if (have > LINE)
			have = 0; /* longer than the kernel makes one */
	}
	if (fd >= 0)
		close(fd);
}

/* By what the kernel's events name it. */
static bool know(struct mount *m)
{
	struct statfs fs;

	m->refused = statfs(m->place, &fs) != 0;
	if (!m->refused)
		memcpy(m->fsid, &fs.f_fsid, sizeof(m->fsid));
	return !m->refused;
}

void watch_know_all(void)
{
	read_mounts();
	for (int i = 0; i < nmounts; i++)
		know(&mounts[i]);
}

void watch_mark_all(int group, uint64_t mask, char *why, size_t size)
{
	size_t n = 0;

	if (size)
		why[0] = '\0';
	read_mounts();
	for (int i = 0; i < nmounts; i++) {
		struct mount *m = &mounts[i];

		m->refused = fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, mask,
					   AT_FDCWD, m->place) ||
			     !know(m);
		if (m->refused && n < size)
			n += (size_t)snprintf(why + n, size - n, "%s%s", n ? " " : "", m->place);
	}
}

int watch_mount_of(const trc_u32 fsid[2])
{
	for (int i = 0; i < nmounts; i++) {
		struct mount *m = &mounts[i];

		if (m->refused || memcmp(m->fsid, fsid, sizeof(m->fsid)) != 0)
			continue;
		if (m->fd < 0)
			m->fd = open(m->place, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
		return m->fd;
	}
	return -1;
}

void watch_rest(void)
{
	for (int i = 0; i < nmounts; i++)
		if (mounts[i].fd >= 0) {
			close(mounts[i].fd);
			mounts[i].fd = -1;
		}
}
