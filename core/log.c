/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines for the operator. Each is put together on the stack and leaves in one
 * write(2), so that lines of several processes do not mix and nothing is
 * allocated.
 */
#include "log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum log_level log_level = LOG_L_INFO;
int log_fd = STDERR_FILENO;
unsigned long log_dropped;

size_t log_escape(const char *text, char *buf, size_t size)
{
	size_t n = 0;
	size_t cut = 0; /* last place where "..." and a NUL fit behind whole characters */

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool control = iscntrl(c);

		if ((c & 0xc0) != 0x80 && n + sizeof("...") <= size)
			cut = n;
		if (n + (control ? 4 : 1) >= size) {
			memcpy(buf + cut, "...", sizeof("..."));
			return cut + 3;
		}
		if (control)
			n += (size_t)snprintf(buf + n, size - n, "\\x%02x", c);
		else
			buf[n++] = *text;
	}
	buf[n] = '\0';
	return n;
}

int log_terminal(int fd)
{
	char path[32];
	int own = -1;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (isatty(fd))
		own = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return own < 0 ? fd : own;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	static const char prefix[] = "tiercel: ";
	char text[LOG_MAX]; /* what is cut here does not fit the line either: "..." follows */
	char line[LOG_MAX];
	size_t n = sizeof(prefix) - 1;
	struct pollfd p = {.fd = log_fd, .events = POLLOUT};
	int saved = errno;
	va_list ap;

	if (level > log_level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	memcpy(line, prefix, n);
	n += log_escape(text, line + n, sizeof(line) - n);
	line[n++] = '\n'; /* in the place of the NUL */
	/* A pipe that nobody reads must not stop the sensor. */
	if (poll(&p, 1, 0) == 1 && p.revents == POLLOUT)
		(void)!write(log_fd, line, n);
	else
		log_dropped++;
	errno = saved;
}

bool log_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%ju:%ju", &dev, &ino) == 2 && !fstat(STDERR_FILENO, &st) &&
	       st.st_dev == dev && st.st_ino == ino;
}
