/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alerts on standard output, one line each, as text or JSON. Descriptor 1 may
 * be shared, with a terminal or a shell, so its flags are not ours to change: a
 * terminal is opened anew, all else is asked whether it takes a line. A line
 * has at most PIPE_BUF bytes, its newline included, because a pipe that has
 * room for anything takes that many at once, without blocking and without
 * another writer's bytes in between. An alert that is longer is cut as alert.h says.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "alert.h"
#include "log.h"

static const struct config *config;
static uint64_t *sent, *dropped;
static int out;

static bool is_enabled(const struct config *cfg)
{
	return cfg->stdout_enabled;
}

static int floor_stdout(const struct config *cfg)
{
	return cfg->stdout_priority;
}

static int open_stdout(const struct config *cfg, struct stats *stats, char *why, size_t size)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	/* main() has put something in the place of one that was closed. */
	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
		snprintf(why, size, "stdout: standard output is closed; set stdout.enabled = off");
		return -EBADF;
	}
	config = cfg;
	out = log_terminal(STDOUT_FILENO);
	sent = &stats->stdout_sent;
	dropped = &stats->stdout_dropped;
	return 0;
}

/* A file on a full disk takes a part of a line: the next one begins behind a newline. */
static void write_stdout(const struct alert *al)
{
	static bool torn;
	struct pollfd p = {.fd = out, .events = POLLOUT};
	char buf[PIPE_BUF] = "\n", *line = buf + !torn;
	size_t n;
	ssize_t written;

	if (poll(&p, 1, 0) != 1 || p.revents != POLLOUT) {
		++*dropped;
		return;
	}
	n = format_line(al, config, (enum form)config->stdout_format, buf + 1, sizeof(buf) - 2);
	buf[n + 1] = '\n';
	n += 1 + torn;
	written = write(out, line, n);
	if (written > 0)
		torn = line[written - 1] != '\n';
	++*(written == (ssize_t)n ? sent : dropped);
}

/*
 * How the sensor starts, lives and ends is on standard error; that it lost
 * events belongs here too.
 */
const struct sink sink_stdout = {
	.name = "stdout",
	.help = "lines of text or JSON on standard output",
	.enabled = is_enabled,
	.floor = floor_stdout,
	.terse = true,
	.open = open_stdout,
	.write = write_stdout,
};
