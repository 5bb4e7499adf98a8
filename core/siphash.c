/* SPDX-License-Identifier: BSD-2-Clause */
/* SipHash-2-4: see siphash.h. */
#include "siphash.h"

static uint64_t rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void rounds(uint64_t v[static 4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static void absorb(struct siphash *h, uint64_t word)
{
	h->v[3] ^= word;
	rounds(h->v, 2);
	h->v[0] ^= word;
}

void siphash_begin(struct siphash *h, const uint64_t secret[static 2])
{
	*h = (struct siphash){.v = {secret[0] ^ 0x736f6d6570736575, secret[1] ^ 0x646f72616e646f6d,
				    secret[0] ^ 0x6c7967656e657261,
				    secret[1] ^ 0x7465646279746573}};
}

void siphash_put(struct siphash *h, const void *p, size_t n)
{
	const unsigned char *byte = p;

	for (; n--; byte++) {
		h->word |= (uint64_t)*byte << (h->count % 8 * 8);
		if (++h->count % 8)
			continue;
		absorb(h, h->word);
		h->word = 0;
	}
}

uint64_t siphash_end(struct siphash *h)
{
	absorb(h, h->word | h->count << 56);
	h->v[2] ^= 0xff;
	rounds(h->v, 4);
	return h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3];
}
