/* SPDX-License-Identifier: BSD-2-Clause */
/* The one check of every record: see decode.h. */
#include "decode.h"

#include "../driver/table.h"

/* Does every string that is there lie between the slots and the end? */
static bool strings_fit(const struct trc_hdr *h, const uint64_t *slot, int narg)
{
	uint64_t first = sizeof(*h) + 8 * (uint64_t)h->narg;

	for (int i = 0; i < narg; i++) {
		uint64_t off = (uint32_t)slot[i], len = slot[i] >> 32;

		if (argtype_kind[event_table[h->type].args[i].type] != TRC_BYTES ||
		    (h->absent >> i & 1))
			continue;
		if (off < first || off + len > h->len || len > TRC_STR_MAX)
			return false;
	}
	return true;
}

enum decode_error decode(const void *rec, size_t size, struct event *ev)
{
	const struct trc_hdr *h = rec;
	int narg;

	if (size < sizeof(*h) || h->len < sizeof(*h) || h->len > size || h->len > TRC_RECORD_MAX)
		return DECODE_SHORT;
	if (h->type == TRC_NONE || h->type >= TRC_NTYPES)
		return DECODE_TYPE;
	if (h->narg > 32)
		return DECODE_NARG;
	if (h->len < sizeof(*h) + 8 * (size_t)h->narg)
		return DECODE_SHORT;
	ev->hdr = h;
	ev->slot = (const uint64_t *)(h + 1);
	narg = event_table[h->type].nargs;
	if (!strings_fit(h, ev->slot, narg < h->narg ? narg : h->narg))
		return DECODE_OFFSET;
	return DECODE_OK;
}

bool event_has(const struct event *ev, int n)
{
	return n >= 0 && n < ev->hdr->narg && n < event_table[ev->hdr->type].nargs &&
	       !(ev->hdr->absent >> n & 1);
}

int64_t event_num(const struct event *ev, int n)
{
	return event_has(ev, n) ? (int64_t)ev->slot[n] : 0;
}

struct str event_str(const struct event *ev, int n)
{
	if (!event_has(ev, n) || argtype_kind[event_table[ev->hdr->type].args[n].type] != TRC_BYTES)
		return (struct str){"", 0};
	return (struct str){(const char *)ev->hdr + (uint32_t)ev->slot[n],
			    (uint32_t)(ev->slot[n] >> 32)};
}

const struct trc_sock *event_sock(const struct event *ev, int n, struct str *name)
{
	struct str s = event_str(ev, n);
	const struct trc_sock *sock = (const void *)s.p;

	/* Its members are 16 bits wide: an odd place would trap on ARMv6. */
	if (s.n < sizeof(*sock) || (uintptr_t)s.p % _Alignof(struct trc_sock))
		return NULL;
	*name = (struct str){s.p + sizeof(*sock), s.n - (uint32_t)sizeof(*sock)};
	return sock;
}
