/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of hosts that rules compare addresses with, and the addresses that they
 * had when they were last looked up. What does not fit is counted, not evicted:
 * rules that name more than fit are refused before.
 */
#include "addr.h"
#include "tables.h"

static uint32_t name_find(const struct state *s, struct str name)
{
	uint32_t at = cache_first(&s->names, hash_str(name));

	while (at && !str_eq((struct str){s->name[at - 1].name, s->name[at - 1].len}, name))
		at = cache_next(&s->names, at);
	return at;
}

void hosttab_take(struct state *s, struct str name, struct str addresses, uint64_t more)
{
	uint32_t at = name_find(s, name), count = addresses.n / 16;
	struct hostname *h;

	if (!count) {
		if (at)
			cache_drop(&s->names, at - 1);
		return;
	}
	if (!at && (cache_victim(&s->names) || name.n > TRC_HOST_MAX)) {
		s->stats->name_full++;
		return;
	}
	if (!at) {
		at = cache_take(&s->names, hash_str(name)) + 1;
		s->name[at - 1].len = (uint8_t)name.n;
		memcpy(s->name[at - 1].name, name.p, name.n);
	}
	h = &s->name[at - 1];
	h->count = (uint8_t)(count < TRC_HOST_ADDRS ? count : TRC_HOST_ADDRS);
	memcpy(h->addr, addresses.p, h->count * sizeof(*h->addr));
	s->stats->name_cut += more + count - h->count;
}

static bool has_address(const struct hostname *h, const uint8_t addr[static 16])
{
	for (int i = 0; i < h->count; i++)
		if (!memcmp(h->addr[i], addr, 16))
			return true;
	return false;
}

struct str state_host(const struct state *s, const uint8_t addr[static 16], int family,
		      uint32_t *pos)
{
	uint8_t mapped[16];

	if (family == 4)
		addr_map(mapped, addr);
	else
		memcpy(mapped, addr, 16);
	while ((*pos = *pos ? s->names.link[*pos - 1].newer : s->names.oldest)) {
		const struct hostname *h = &s->name[*pos - 1];

		if (has_address(h, mapped))
			return (struct str){h->name, h->len};
	}
	return (struct str){NULL, 0};
}
