/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config.h: what elfutils' configure would find out about musl, for libelf alone.
 *
 * configure itself refuses musl: it wants argp, fts and obstack, which only libdw and the tools
 * use.
 */
#define HAVE_ERR_H 1
#define HAVE_DECL_MEMPCPY 1
#define HAVE_DECL_MEMRCHR 1
#define HAVE_DECL_POWEROF2 1
#define HAVE_DECL_REALLOCARRAY 1

#include <eu-config.h>
