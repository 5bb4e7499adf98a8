/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An IPv4 address as one of IPv6 that maps it: RFC 4291, section 2.5.5.2.
 * Sockets of IPv6 have their IPv4 peers so; names of hosts keep all so.
 */
#ifndef ADDR_H
#define ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const uint8_t addr_mapping[12] = {[10] = 0xff, [11] = 0xff};

/* Does addr map one of IPv4? That is its last four bytes. */
static inline bool addr_maps(const uint8_t addr[static 16])
{
	return !memcmp(addr, addr_mapping, sizeof(addr_mapping));
}

/* Puts what maps the four bytes of ipv4 to addr. */
static inline void addr_map(uint8_t addr[static 16], const void *ipv4)
{
	memcpy(addr, addr_mapping, sizeof(addr_mapping));
	memcpy(addr + 12, ipv4, 4);
}

#endif
