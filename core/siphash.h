/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): 64 bits of whatever is put in,
 * under a secret of 128 bits. Who does not know the secret can make no two
 * inputs of the same hash, not even if he may choose them.
 */
#ifndef CORE_SIPHASH_H
#define CORE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash {
	uint64_t v[4];
	uint64_t word;	/* the last bytes, not yet 8 */
	uint64_t count; /* bytes so far */
};

void siphash_begin(struct siphash *h, const uint64_t secret[static 2]);
void siphash_put(struct siphash *h, const void *p, size_t n);
uint64_t siphash_end(struct siphash *h);

#endif
