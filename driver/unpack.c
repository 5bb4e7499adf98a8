/* SPDX-License-Identifier: BSD-2-Clause */
/* Unpacking by zlib's inflate: see unpack.h. */
#include "unpack.h"

#include <errno.h>
#include <stdint.h>

#include <zlib.h>

int unpack(enum unpack_format format, const struct unpack_from *from, void *to, size_t size)
{
	z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)from->data,
		      .avail_in = (uInt)from->n,
		      .next_out = to,
		      .avail_out = (uInt)size};
	int err;

	if (inflateInit2(&z, format) != Z_OK)
		return -ENOMEM;
	err = from->common ? inflateSetDictionary(&z, from->common, (uInt)from->common_n) : Z_OK;
	if (err == Z_OK)
		err = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	return err == Z_STREAM_END && !z.avail_out ? 0 : -EBADMSG;
}
