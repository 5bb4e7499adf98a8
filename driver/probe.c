/* SPDX-License-Identifier: BSD-2-Clause */
/* Unpacking the probes of probes.S: see probe.h. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <zlib.h>

#include "probe.h"

extern const unsigned char probe_native[], probe_native_end[], probe_wide[], probe_wide_end[];

/* zlib's number for "as gzip has it, of whatever window" (zlib.h, inflateInit2). */
#define GZIP_FORMAT (16 + MAX_WBITS)

static int unpack(const unsigned char *packed, size_t n, void *to, size_t size)
{
	z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)packed,
		      .avail_in = (uInt)n,
		      .next_out = to,
		      .avail_out = (uInt)size};
	int err;

	if (inflateInit2(&z, GZIP_FORMAT) != Z_OK)
		return -ENOMEM;
	err = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	return err == Z_STREAM_END && !z.avail_out ? 0 : -EBADMSG;
}

int probe_unpack(bool wide, void **object, size_t *size)
{
	const unsigned char *packed = probe_native;
	size_t n = (size_t)(probe_native_end - probe_native);
	uint32_t whole;
	int err;

	if (wide && sizeof(long) == 4) {
		packed = probe_wide;
		n = (size_t)(probe_wide_end - probe_wide);
	}
	/* The last word of what gzip makes is the size of what it was (RFC 1952, ISIZE). */
	if (n < sizeof(whole))
		return -EBADMSG;
	memcpy(&whole, packed + n - sizeof(whole), sizeof(whole));
	*size = whole;
	*object = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (*object == MAP_FAILED)
		return -errno;
	err = unpack(packed, n, *object, whole);
	if (err)
		munmap(*object, whole);
	return err;
}
