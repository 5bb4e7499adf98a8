/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packs: the BTF of kernels that bring none, cut to what the probe reads, many
 * in one file. toolchain/kernel-pack writes it, and says how it is made up.
 */
#ifndef DRIVER_PACK_H
#define DRIVER_PACK_H

#include <stdbool.h>
#include <stddef.h>

#define PACK_NAME_MAX 192     /* most bytes of a kernel's name, its NUL included */
#define PACK_COMMON_MAX 32768 /* most bytes that packs have in common: deflate's window */
#define PACK_BTF_MAX 65536
#define PACK_ROOM (PACK_COMMON_MAX + PACK_BTF_MAX)

/* What this probe reads: a sum of bpf/kernel.h by toolchain/kernel-pack --needs; lint compares. */
#define PACK_NEEDS 0xb4e9faee

/* Are the size bytes at data the start of a file of packs? */
bool pack_is(const void *data, size_t size);

/*
 * Finds a kernel by its name, "MACHINE RELEASE VERSION" (uname(2)), in the size
 * bytes of a file, and unpacks its BTF into room, which is of PACK_ROOM bytes: *len
 * bytes at *btf, which lie in there. -EBADMSG: the file is damaged, or of another
 * format; -EPROTO: it was made for a probe that reads something else; -ESTALE: it has
 * that machine and release, but of another build; -ENOENT: not even that; -ENOMEM.
 * why (of size why_size) gets what is the matter.
 */
int pack_find(const void *file, size_t size, const char *name, void *room, const void **btf,
	      size_t *len, char *why, size_t why_size);

#endif
