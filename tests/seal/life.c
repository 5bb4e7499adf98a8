/* SPDX-License-Identifier: BSD-2-Clause */
/* Rings that are replaced after TIERCEL_RING_LIFE bytes, in any kernel: 4 GiB take minutes. */
#include <stdlib.h>

#include "../../driver/bpf_rings.h"

__attribute__((constructor)) static void shorten(void)
{
	const char *life = getenv("TIERCEL_RING_LIFE");

	if (life)
		bpf_rings_life[0] = bpf_rings_life[1] = strtoull(life, NULL, 10);
}
