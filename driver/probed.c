/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader's side of the probe: see probed.h. */
#include "probed.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "procfs.h"
#include "table.h"

void probed_config(struct probe_config *out)
{
	enum abi native = abi_native(), compat = abi_compat();

	/* A 32-bit sensor may be itself the stranger in its kernel. */
	if (native == ABI_ARM && procfs_wide_kernel()) {
		compat = native;
		native = ABI_AARCH64;
	}
	memset(out, 0, sizeof(*out));
	event_numbers(native, out->call[0]);
	if (compat != ABI_COUNT)
		event_numbers(compat, out->call[1]);
	for (int i = 0; i < TRC_NTYPES; i++) {
		out->class[i] = event_table[i].class;
		out->narg[i] = (uint8_t)event_table[i].nargs;
		out->flags[i] = (uint8_t)event_table[i].flags;
	}
}

int probed_greet(struct probe_control *control)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	control->token = 0x80000000u | (uint32_t)now.tv_nsec;
	close((int)control->token);
	return control->token ? -ENODATA : 0;
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
	for (int cpu = 0; cpu < cpus; cpu++)
		for (int type = 0; type < TRC_NTYPES; type++) {
			const struct probe_count *n = &counts[cpu * TRC_TYPE_MAX + type];

			out->type[type].sent += n->sent;
			out->type[type].filtered += n->filtered;
			out->type[type].lost += n->lost[TRC_BULK] + n->lost[TRC_CRITICAL];
			out->lost[TRC_BULK] += n->lost[TRC_BULK];
			out->lost[TRC_CRITICAL] += n->lost[TRC_CRITICAL];
		}
}

size_t probed_counts_size(int cpus)
{
	return sizeof(struct probe_count) * TRC_TYPE_MAX * (size_t)cpus;
}
