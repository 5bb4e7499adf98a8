/* SPDX-License-Identifier: BSD-2-Clause */
/* The probes that the program carries in itself, packed by gzip(1): a quarter of their size. */
#ifndef DRIVER_PROBE_H
#define DRIVER_PROBE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Unpacks the probe for kernels of 64 bits (wide), or for those of as many as this program has,
 * which in a 64-bit program is the same. *object is the caller's, who unmaps its *size bytes. 0 or
 * -errno: -EBADMSG if what is in the program is damaged.
 */
int probe_unpack(bool wide, void **object, size_t *size);

#endif
