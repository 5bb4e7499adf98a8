/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking text apart into characters: the one place that knows what UTF-8 is. */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include "str.h"

/*
 * Bytes of the character at the start of s, 1 to 4, and its code point; 0 if
 * s is empty or starts with what is no UTF-8 (RFC 3629, section 4: no overlong
 * forms, no surrogates, nothing above U+10FFFF).
 */
static inline uint32_t utf8_char(struct str s, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t first = s.n ? (uint8_t)s.p[0] : 0xff;
	uint32_t n = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	if (n == 0 || first > 0xf4 || n > s.n)
		return 0;
	*code = n == 1 ? first : first & (0x7fu >> n);
	for (uint32_t i = 1; i < n; i++) {
		if ((s.p[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s.p[i] & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return n;
}

/* C0, DEL and C1: what can move a terminal's cursor or end a line. */
static inline bool utf8_is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

#endif
