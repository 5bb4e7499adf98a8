/* SPDX-License-Identifier: BSD-2-Clause */
/* Which container a process is in: see container.h. */
#include "container.h"

#define ID_DIGITS 64
#define ID_SHORT 12

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

void container_of_cgroup(struct str path, char id[static PROC_CONTAINER_MAX])
{
	uint32_t run = 0;

	/* The last run of exactly 64 digits: in nested containers, the innermost. */
	memcpy(id, "host", sizeof("host"));
	for (uint32_t i = 0; i <= path.n; i++) {
		if (i < path.n && is_hex(path.p[i])) {
			run++;
			continue;
		}
		if (run == ID_DIGITS) {
			memcpy(id, path.p + i - run, ID_SHORT);
			id[ID_SHORT] = 0;
		}
		run = 0;
	}
}
