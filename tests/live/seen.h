/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The marks of an act, files that are opened around it; and waiting until the sensor has written of
 * one, however late it is: ACT_SEEN, its output.
 */
#ifndef LIVE_SEEN_H
#define LIVE_SEEN_H

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEEN_FD 200   /* above those that acts get */
#define SEEN_MS 10000 /* that the sensor may take */
#define START_MS 3000 /* likewise, for the start of a program; less than an act may take */

static int seen = -1;
static pid_t sensor; /* ACT_SENSOR, 0 = it is left alone */

static void watch_sensor(const char *file, const char *pid)
{
	int fd = file ? open(file, O_RDONLY) : -1;

	sensor = pid ? atoi(pid) : 0;
	if (fd < 0)
		return;
	seen = fcntl(fd, F_DUPFD, SEEN_FD);
	close(fd);
}

/* Waits for the text in what was written since there were `from` bytes. */
static void await_sensor(const char *mark, off_t from, int most_ms)
{
	static char text[1 << 16];

	for (int ms = 0; seen >= 0 && ms < most_ms; ms += 5) {
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

/*
 * In a program that an act has started: stays until the sensor has written that it has. The first
 * process of a namespace does not know what it is called there.
 */
static void await_own_start(void)
{
	struct stat st;
	char text[32];

	if (getpid() == 1 || fstat(SEEN_FD, &st) || !S_ISREG(st.st_mode))
		return;
	seen = SEEN_FD;
	snprintf(text, sizeof(text), " execve %d ", (int)getpid());
	await_sensor(text, st.st_size > 32768 ? st.st_size - 32768 : 0, START_MS);
}

/* Stops the sensor, or lets it go on: what is done meanwhile it meets as a whole. */
static void signal_sensor(int sig)
{
	if (sensor)
		kill(sensor, sig);
}

static const char *mark_path(const char *name, const char *what)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/act-%s-%s", dir, name, what);
	return path;
}

static const char *const marks[] = {"begin", "rest", "end"};
#define NMARKS (sizeof(marks) / sizeof(marks[0]))

static void open_mark(const char *name, const char *what)
{
	off_t from = lseek(seen, 0, SEEK_END);
	int fd = (int)sys(openat, AT_FDCWD, mark_path(name, what), O_RDONLY);

	if (fd >= 0)
		sys(close, fd);
	await_sensor(mark_path(name, what), from, SEEN_MS);
}

/*
 * The sensor hears of a process's end before it tells of the first of these files, at the latest,
 * and tells of that end before it tells of what was opened after the second.
 */
static void mark(const char *name, const char *what)
{
	for (int i = 0; seen >= 0 && i < 2; i++)
		open_mark(name, "rest");
	open_mark(name, what);
}

#endif
