/* SPDX-License-Identifier: BSD-2-Clause */
/* Unpacking the probes of probes.S: see probe.h. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "probe.h"
#include "unpack.h"

extern const unsigned char probe_native[], probe_native_end[], probe_wide[], probe_wide_end[];

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
	err = unpack(UNPACK_GZIP, &(struct unpack_from){packed, n, NULL, 0}, *object, whole);
	if (err)
		munmap(*object, whole);
	return err;
}
