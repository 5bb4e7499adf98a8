/* SPDX-License-Identifier: BSD-2-Clause */
/* The event table as constant arrays: see table.h. */
#include <string.h>

#include "table.h"

#define A(name, type, source) {#name, TRC_T_##type},
#define EV(id, name, class, flags, nrs, ...)                                                       \
	static const struct event_arg args_##id[] = {__VA_ARGS__};
#include "events.def"

const struct event_desc event_table[TRC_NTYPES] = {
	[TRC_NONE] = {"none", TRC_STATE, 0, 0, NULL},
#define EV(id, name, class, flags, nrs, ...)                                                       \
	[TRC_##id] = {#name, TRC_##class, flags, sizeof(args_##id) / sizeof(args_##id[0]),         \
		      args_##id},
#include "events.def"
};

const enum trc_kind argtype_kind[TRC_NARGTYPE] = {
#define T(name, kind) [TRC_T_##name] = kind,
	TRC_TYPES(T)
#undef T
};

/* No row has more arguments than the masks of a record have bits for. */
#define A(name, type, source) +1
#define EV(id, name, class, flags, nrs, ...) _Static_assert((0 __VA_ARGS__) <= TRC_ARG_MAX, #name);
#include "events.def"

/* Call numbers: one entry for each SYS() of a row. */
struct call {
	enum trc_type type;
	int16_t nr[4][ABI_COUNT]; /* up to four calls are one event */
};

static const struct call calls[] = {
#define SYS(x86_64, aarch64, arm, i386) {x86_64, aarch64, arm, i386},
#define SUB(n) SYS(-1, -1, -1, TRC_SOCKETCALL_FIRST + (n))
#define EV(id, name, class, flags, nrs, ...) {TRC_##id, {nrs}},
#include "events.def"
};

_Static_assert(TRC_SOCKETCALL_FIRST + TRC_SOCKETCALL_MAX < TRC_NR_MAX, "numbers of calls");

enum trc_type event_by_name(const char *name)
{
	for (int i = TRC_NONE + 1; i < TRC_NTYPES; i++)
		if (!strcmp(event_table[i].name, name))
			return i;
	return TRC_NONE;
}

int event_arg_slot(enum trc_type type, const char *name)
{
	for (int i = 0; i < event_table[type].nargs; i++)
		if (!strcmp(event_table[type].args[i].name, name))
			return i;
	return -1;
}

void event_arg_slots(const char *name, int8_t slot[static TRC_NTYPES])
{
	for (int i = 0; i < TRC_NTYPES; i++)
		slot[i] = (int8_t)event_arg_slot(i, name);
}

void event_numbers(enum abi abi, uint8_t map[static TRC_NR_MAX])
{
	memset(map, TRC_NONE, TRC_NR_MAX);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		for (int k = 0; k < 4; k++) {
			int nr = calls[i].nr[k][abi];

			/* An entry that no SYS() filled is all zero: 0 is nobody's call here. */
			if (nr > 0 && nr < TRC_NR_MAX)
				map[nr] = (uint8_t)calls[i].type;
		}
}

uint32_t event_number(enum abi abi, uint64_t nr)
{
	/* Of i386, the map has the calls behind socketcall in places of their own. */
	uint32_t end = abi == ABI_I386 ? TRC_SOCKETCALL_FIRST : TRC_NR_MAX;

	if (abi == ABI_X86_64)
		nr &= ~(uint64_t)TRC_X32_CALL;
	return nr < end ? (uint32_t)nr : TRC_NR_MAX;
}

enum abi abi_native(void)
{
	return ABI_NATIVE;
}

enum abi abi_compat(void)
{
	static const enum abi compat[ABI_COUNT] = {[ABI_X86_64] = ABI_I386,
						   [ABI_AARCH64] = ABI_ARM,
						   [ABI_ARM] = ABI_COUNT,
						   [ABI_I386] = ABI_COUNT};

	return compat[abi_native()];
}
