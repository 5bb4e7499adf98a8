/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader's side of the probe: see probed.h. */
#include "probed.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "procfs.h"
#include "table.h"
#include "target.h"

#define ALIVE_TRIES 10
#define ALIVE_PAUSE 3 /* ms */

void probed_config(struct probe_config *out)
{
	struct target here;

	target_here(&here);
	memset(out, 0, sizeof(*out));
	event_numbers(here.native, out->call[0]);
	if (here.compat != ABI_COUNT)
		event_numbers(here.compat, out->call[1]);
	for (int nr = 0; nr < TRC_NR_MAX; nr++)
		out->any[nr] = out->call[0][nr] || out->call[1][nr];
	if (here.compat == ABI_I386)
		out->any[TRC_SOCKETCALL] = 1;
	for (int i = 0; i < TRC_NTYPES; i++) {
		out->class[i] = event_table[i].class;
		out->narg[i] = (uint8_t)event_table[i].nargs;
		out->flags[i] = (uint8_t)event_table[i].flags;
	}
}

/*
 * What the probe reads wrong of this process, or NULL. Process numbers may be of a
 * namespace, so those are compared that the probe has from the kernel.
 */
static const char *misread(const struct probe_self *self)
{
	struct stat root = {0}, exe = {0};
	char path[PATH_MAX], comm[16] = "";
	struct procfs_stat st = {0};
	ssize_t n = procfs_link(getpid(), "exe", path, sizeof(path));
	size_t known = n > PROBE_SELF_PATH ? PROBE_SELF_PATH : n > 0 ? (size_t)n : 0;
	const char *wrong = NULL;

	prctl(PR_GET_NAME, comm);
	if (self->id != self->helper_id)
		wrong = "process";
	else if (procfs_stat(getpid(), &st) || self->start != st.start)
		wrong = "start";
	else if (strncmp(self->comm, comm, sizeof(comm))) /* 5.10 leaves the last one behind it */
		wrong = "name";
	else if (stat("/", &root) || self->root_mode != root.st_mode)
		wrong = "root";
	else if (!procfs_target(getpid(), "exe", &exe) && self->exe_mode != exe.st_mode)
		wrong = "program";
	else if (path[0] == '/' &&
		 memcmp(self->exe + PROBE_SELF_PATH - known, path + (n > 0 ? n : 0) - known, known))
		wrong = "program's path";
	return wrong;
}

/* The kernel may skip one call: see bpf_hook.h. */
int probed_alive(struct probe_control *control)
{
	struct timespec now;

	for (int i = 0; i < ALIVE_TRIES; i++) {
		if (i)
			poll(NULL, 0, ALIVE_PAUSE);
		clock_gettime(CLOCK_MONOTONIC, &now);
		control->token = 0x80000000u | (uint32_t)now.tv_nsec;
		close((int)control->token);
		if (!control->token)
			return 0;
	}
	return -ENODATA;
}

int probed_greet(struct probe_control *control, const char **wrong)
{
	int err = probed_alive(control);

	if (err)
		return err;
	*wrong = misread(&control->self);
	return *wrong ? -ENOTUNIQ : 0;
}

int probed_want(struct probe_control *control, const uint8_t wanted[static TRC_NTYPES])
{
	for (int i = 0; i < TRC_NTYPES; i++)
		__atomic_store_n(&control->want[i], wanted[i], __ATOMIC_RELAXED);
	return 0;
}

int probed_drain(struct ring *ring, int n, record_fn fn, void *arg, int budget)
{
	const struct trc_hdr *rec;
	struct ring *from;
	uint32_t len;
	int done = 0;

	while (done < budget && (from = ring_older(ring, n, &rec, &len))) {
		fn(rec, arg);
		ring_next(from, len);
		done++;
	}
	return done;
}

void probed_stats(const struct probe_count *counts, int cpus, struct driver_stats *out)
{
	memset(out, 0, sizeof(*out));
	for (int cpu = 0; counts && cpu < cpus; cpu++)
		for (int type = 0; type < TRC_NTYPES; type++) {
			const struct probe_count *n = &counts[cpu * TRC_TYPE_MAX + type];

			out->type[type].sent += n->sent;
			out->type[type].filtered += n->filtered;
			out->type[type].lost += n->lost[TRC_BULK] + n->lost[TRC_CRITICAL];
			out->lost[TRC_BULK] += n->lost[TRC_BULK];
			out->lost[TRC_CRITICAL] += n->lost[TRC_CRITICAL];
		}
}

void *probed_map(int fd, uint64_t at, size_t size, int access)
{
	void *p = mmap(NULL, size, access, MAP_SHARED, fd, (off_t)at);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, size, MADV_DONTFORK);
	return p;
}

/* Bytes in that line of /proc/meminfo; 0 if there is none. */
static unsigned long long meminfo(const char *line)
{
	char text[4096], *at;

	if (procfs_read(0, "meminfo", text, sizeof(text)) < 0)
		return 0;
	at = strstr(text, line);
	return at ? strtoull(at + strlen(line), NULL, 10) * 1024 : 0;
}

void probed_room(const struct driver_config *cfg, char *why, size_t size)
{
	size_t n = strlen(why);
	struct rlimit most;

	n += (size_t)snprintf(
		why + n, size - n,
		"; rings take %llu bytes, and twice that in addresses; the kernel has %llu free, "
		"and %llu addresses",
		0ULL + cfg->ring[TRC_BULK] + cfg->ring[TRC_CRITICAL], meminfo("\nMemAvailable:"),
		meminfo("\nVmallocTotal:"));
	if (n < size && !getrlimit(RLIMIT_AS, &most) && most.rlim_cur != RLIM_INFINITY)
		snprintf(why + n, size - n, ", this process %llu (ulimit -v)",
			 (unsigned long long)most.rlim_cur);
}

size_t probed_counts_size(int cpus)
{
	return sizeof(struct probe_count) * TRC_TYPE_MAX * (size_t)cpus;
}
