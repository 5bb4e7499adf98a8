/* SPDX-License-Identifier: BSD-2-Clause */
/* Unpacking what zlib packs, into memory of a size that is known. */
#ifndef DRIVER_UNPACK_H
#define DRIVER_UNPACK_H

#include <stddef.h>

/* Formats, by zlib's numbers (zlib.h, inflateInit2). */
enum unpack_format {
	UNPACK_RAW = -15, /* RFC 1951 */
	UNPACK_GZIP = 16 + 15
};

struct unpack_from {
	const void *data;
	size_t n;
	const void *common; /* preset dictionary, which only UNPACK_RAW has, or NULL */
	size_t common_n;
};

/* Unpacks to size bytes at to, no more and no fewer: 0, -EBADMSG if it is not so, or -ENOMEM. */
int unpack(enum unpack_format format, const struct unpack_from *from, void *to, size_t size);

#endif
