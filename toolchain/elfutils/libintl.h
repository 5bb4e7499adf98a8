/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libintl.h: libelf's messages stay English. For the compilation of libelf only.
 */
#define dgettext(domain, text) (text)
