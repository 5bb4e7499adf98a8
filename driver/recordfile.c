/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing record files: see recordfile.h for their form, and replay.c for reading them. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/log.h"
#include "recordfile.h"
#include "table.h"

#define BUFFER 65536
#define LOOK_MS 100 /* between two looks at whether the sensor shall end */
#define PATIENCE 20 /* such looks that a pipe's reader has at the end */

const char *const recordfile_type[TRC_NARGTYPE] = {
#define T(name, kind) [TRC_T_##name] = #name,
	TRC_TYPES(T)
#undef T
};

static struct {
	int err;
	const char *path;
	uint64_t lost;	  /* records not written, at most */
	uint64_t pending; /* records in buf */
	size_t most;	  /* bytes that are written at once */
	size_t used;
	char buf[BUFFER];
} file;

static int out = -1; /* apart: what starts as zeros takes no room in the binary */

/* Does a signal wait that ends the sensor? It is blocked, and taken when records are not. */
static bool shall_end(void)
{
	sigset_t set;

	return !sigpending(&set) && (sigismember(&set, SIGTERM) || sigismember(&set, SIGINT));
}

/*
 * Waits until the file takes bytes. A pipe's reader may keep the sensor from its work, but neither
 * from its end nor, looks being more than 0, for longer than so many.
 */
static int wait_for_room(int looks)
{
	struct pollfd p = {.fd = out, .events = POLLOUT};

	while (!poll(&p, 1, LOOK_MS))
		if (shall_end() || (looks && !--looks))
			return -ETIMEDOUT;
	return 0;
}

/* Writes what is in memory; looks: as above. */
static int flush(int looks)
{
	for (size_t done = 0; done < file.used && !(file.err = wait_for_room(looks));) {
		size_t left = file.used - done;
		ssize_t n = write(out, file.buf + done, left < file.most ? left : file.most);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR) {
			file.err = -errno;
			break;
		}
	}
	if (file.err) {
		file.lost += file.pending;
		log_error("%s: %s: recording stops here", file.path, strerror(-file.err));
	}
	file.used = 0;
	file.pending = 0;
	return file.err;
}

/* The table at buf, padded. Its length, or 0 if there is no room. */
static size_t table_text(char *buf, size_t size)
{
	size_t at = 0;

	for (int type = TRC_NONE + 1; type < TRC_NTYPES; type++) {
		const struct event_desc *e = &event_table[type];

		at += (size_t)snprintf(buf + at, size - at, "%d %s", type, e->name);
		for (int i = 0; i < e->nargs && at < size; i++)
			at += (size_t)snprintf(buf + at, size - at, " %s:%s", e->args[i].name,
					       recordfile_type[e->args[i].type]);
		if (at + 8 >= size)
			return 0;
		buf[at++] = '\n';
	}
	for (; at % 8; at++)
		buf[at] = '\0';
	return at;
}

int recordfile_open(const char *path)
{
	struct recordfile_head head = {.magic = RECORDFILE_MAGIC, .version = TRC_VERSION};
	struct stat st;
	int fd = STDOUT_FILENO;

	if (strcmp(path, "-"))
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		int err = -errno;

		log_error("-w %s: %s", path, strerror(-err));
		return err;
	}
	out = fd;
	/* A pipe that takes anything takes so much at once. */
	file.most = !fstat(fd, &st) && S_ISREG(st.st_mode) ? BUFFER : PIPE_BUF;
	file.path = path;
	file.err = 0;
	file.lost = 0;
	file.pending = 0;
	head.table = (trc_u32)table_text(file.buf + sizeof(head), RECORDFILE_TABLE_MAX);
	memcpy(file.buf, &head, sizeof(head));
	file.used = sizeof(head) + head.table;
	return 0;
}

int recordfile_write(const struct trc_hdr *rec)
{
	if (!file.err && file.used + rec->len > sizeof(file.buf))
		flush(0);
	if (file.err) {
		file.lost++;
		return file.err;
	}
	memcpy(file.buf + file.used, rec, rec->len);
	file.used += rec->len;
	file.pending++;
	return 0;
}

int recordfile_close(void)
{
	int err;

	if (out < 0)
		return 0;
	err = file.err ? file.err : flush(PATIENCE);
	if (close(out) && !err)
		err = -errno;
	if (err)
		log_error("%s: %s, up to %" PRIu64 " records are missing", file.path,
			  strerror(-err), file.lost);
	out = -1;
	return err;
}
