/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel that the probe is to be loaded into: its machine, which a 32-bit
 * program cannot tell from its own, and the BTF that says where its members are.
 */
#ifndef DRIVER_TARGET_H
#define DRIVER_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "table.h"

#define TARGET_OWN_BTF "/sys/kernel/btf/vmlinux"
#define TARGET_PACKS "/usr/lib/tiercel/packs"

struct target {
	const char *machine;	  /* as the probe's objects are named: x86, arm64, arm */
	enum abi native, compat;  /* of its programs; compat ABI_COUNT: there are none */
	bool wide;		  /* a 64-bit kernel */
	char btf_path[64 + 4096]; /* for libbpf; "" = it finds the kernel's own */
	char btf_name[256];	  /* for people */
};

/* What kernel is this? Its BTF is not known then. */
void target_here(struct target *t);

/*
 * Finds the BTF. option: a file of it, or one of packs; "" = the kernel's own, or else
 * TARGET_PACKS. 0 or -errno with one line in why. What it opens for a pack stays open: it is
 * called in a process that ends soon.
 */
int target_find_btf(struct target *t, const char *option, char *why, size_t size);

#endif
