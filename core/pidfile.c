/* SPDX-License-Identifier: BSD-2-Clause */
/* The file with this process's number: see pidfile.h. */
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int held = -1;
static const char *name;

/* Where others may write it could be another file's second name, or of one who changes it. */
static bool is_ours(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_nlink == 1 && st.st_uid == geteuid();
}

int pidfile_open(const char *path, char *why, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644), err;

	if (fd >= 0 && !is_ours(fd)) {
		close(fd);
		snprintf(why, size, "-P %s: not a file of one name and of our own", path);
		return -EPERM;
	}
	if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB) && !ftruncate(fd, 0)) {
		held = fd;
		name = path;
		return 0;
	}
	err = -errno;
	if (fd >= 0)
		close(fd);
	snprintf(why, size, "-P %s: %s", path,
		 err == -EWOULDBLOCK ? "another tiercel runs with this file" : strerror(-err));
	return err;
}

int pidfile_write(void)
{
	char number[16];
	int n = snprintf(number, sizeof(number), "%d\n", (int)getpid());

	return held < 0 || pwrite(held, number, (size_t)n, 0) == n ? 0 : -errno;
}

void pidfile_close(void)
{
	if (held < 0)
		return;
	if (unlink(name) && ftruncate(held, 0)) {
		/* Then it stays; the lock does not. */
	}
	close(held);
	held = -1;
}
