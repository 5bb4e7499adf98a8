/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting until the sensor has written of a mark, however late it is: ACT_SEEN, its output. */
#ifndef LIVE_SEEN_H
#define LIVE_SEEN_H

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SEEN_FD 200   /* above those that acts get */
#define SEEN_MS 10000 /* that the sensor may take */

static int seen = -1;

static void watch_sensor(const char *file)
{
	int fd = file ? open(file, O_RDONLY) : -1;

	if (fd < 0)
		return;
	seen = fcntl(fd, F_DUPFD_CLOEXEC, SEEN_FD);
	close(fd);
}

/* Waits for the mark in what was written since there were `from` bytes. */
static void await_sensor(const char *mark, off_t from)
{
	static char text[1 << 16];

	for (int ms = 0; seen >= 0 && ms < SEEN_MS; ms += 5) {
		ssize_t n = pread(seen, text, sizeof(text) - 1, from);

		if (n < 0)
			return; /* the act has closed it */
		text[n] = '\0';
		if (strstr(text, mark))
			return;
		if ((size_t)n == sizeof(text) - 1)
			from += n / 2;
		else
			usleep(5000);
	}
}

#endif
