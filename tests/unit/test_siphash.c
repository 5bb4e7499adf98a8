/* SPDX-License-Identifier: BSD-2-Clause */
/* The keyed hash: a vector of its authors, and that it does not matter how bytes are put in. */
#include "../../core/siphash.h"
#include "unit.h"

static const uint64_t secret[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
static unsigned char text[64];

static uint64_t hash(size_t size, size_t piece)
{
	struct siphash h;

	siphash_begin(&h, secret);
	for (size_t i = 0; i < size; i += piece)
		siphash_put(&h, text + i, size - i < piece ? size - i : piece);
	return siphash_end(&h);
}

/* The example of "SipHash: a fast short-input PRF", appendix A. */
static void siphash_is_siphash(void)
{
	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)i;
	CHECK(hash(15, 15) == 0xa129ca6149be45e5);
	CHECK(hash(0, 1) == 0x726fdb47dd0e0e31);
	for (size_t piece = 1; piece < 20; piece++)
		CHECK(hash(64, piece) == hash(64, 64));
}

const struct unit_test tests_siphash[] = {TEST(siphash_is_siphash), {0}};
