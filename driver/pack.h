/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packs: the BTF of kernels that bring none, cut to what the probe reads, many
 * in one file. toolchain/kernel-pack writes it, and says how it is made up.
 */
#ifndef DRIVER_PACK_H
#define DRIVER_PACK_H

#include <stdbool.h>
#include <stddef.h>

#define PACK_NAME_MAX 192 /* most bytes of a kernel's name, its NUL included */

/* Are the size bytes at data the start of a file of packs? */
bool pack_is(const void *data, size_t size);

/*
 * Finds a kernel by its name, "MACHINE RELEASE VERSION" (uname(2)), in the size
 * bytes of a file. *btf and *len are then within the file, which need not be
 * aligned. -EBADMSG: the file is damaged, or of another version; -ESTALE: it has
 * that machine and release, but of another build; -ENOENT: not even that. why
 * (of size why_size) gets what is the matter.
 */
int pack_find(const void *file, size_t size, const char *name, const void **btf, size_t *len,
	      char *why, size_t why_size);

#endif
