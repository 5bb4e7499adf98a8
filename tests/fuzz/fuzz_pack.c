/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer: any bytes as a file of packs. What is found lies within the room for it. The input is
 * read as it is, and once more with a header that agrees with it, which no fuzzer would guess.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "../../driver/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADER 40

static uint8_t room[PACK_ROOM];

static void find(const uint8_t *file, size_t size, const char *name)
{
	const void *btf;
	char why[160] = "";
	size_t len;
	int err = pack_find(file, size, name, room, &btf, &len, why, sizeof(why));

	if (err ? !why[0] || strlen(why) >= sizeof(why) :
		  (const uint8_t *)btf < room || len > sizeof(room) ||
			    (size_t)((const uint8_t *)btf - room) > sizeof(room) - len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const name[] = {"arm 6.1 #1", "arm64 6.1 #1", "arm 6.1 #2", "arm", ""};
	uint8_t *file = malloc(size + !size);
	uint32_t word[2] = {2, (uint32_t)size}, needs = PACK_NEEDS, crc;

	memcpy(file, data, size);
	for (int again = 0; again < 2; again++) {
		for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
			find(file, size, name[i]);
		if (size < HEADER)
			break;
		memcpy(file, "TIERPACK", 8);
		memcpy(file + 12, word, sizeof(word));
		memcpy(file + 24, &needs, sizeof(needs));
		crc = (uint32_t)crc32(0, file + 12, (uInt)(size - 12));
		memcpy(file + 8, &crc, sizeof(crc));
	}
	free(file);
	return 0;
}
