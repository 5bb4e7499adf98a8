/* SPDX-License-Identifier: BSD-2-Clause */
/* The seccomp filter, run by an interpreter of the test's own: it tells of what the table says. */
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../../driver/capture_proc.h"
#include "../../driver/ptrace_filter.h"
#include "unit.h"

static const uint32_t arch_of[ABI_COUNT] = {0xc000003e, 0xc00000b7, 0x40000028, 0x40000003};
static struct sock_filter filter[PTRACE_FILTER_MAX];
static uint8_t wanted[TRC_NTYPES];
static int length;

/* What the filter says of a call: true = it is told. */
static bool told(const struct seccomp_data *d)
{
	uint32_t a = 0;
	const struct sock_filter *f;

	for (int pc = 0; pc < length; pc++) {
		f = &filter[pc];
		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			CHECK(f->k <= sizeof(*d) - 4 && f->k % 4 == 0);
			memcpy(&a, (const char *)d + f->k, 4);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= f->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += (int)f->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += a & f->k ? f->jt : f->jf;
			break;
		case BPF_RET | BPF_K:
			return f->k == SECCOMP_RET_TRACE;
		default:
			CHECK(!"an instruction that filters have");
		}
	}
	CHECK(!"an answer");
	return false;
}

static bool calls(enum abi abi, uint32_t nr, const uint64_t args[6])
{
	struct seccomp_data d = {.nr = (int)nr, .arch = arch_of[abi]};

	for (int i = 0; i < 6; i++)
		d.args[i] = args[i];
	return told(&d);
}

static void write_filter(void)
{
	length = ptrace_filter_write(wanted, filter);
	CHECK(length > 0 && length <= PTRACE_FILTER_MAX);
}

static bool native(enum abi abi)
{
	return abi == abi_native() || abi == abi_compat();
}

/* As the driver decides when the call has returned; connects by messages aside. */
static bool expected(const uint8_t *type_of, enum abi abi, uint32_t nr, const uint64_t args[6])
{
	struct cap c = {.abi = abi};

	if (abi == ABI_I386 && nr == TRC_SOCKETCALL) {
		for (int i = 0; i <= TRC_SOCKETCALL_MAX; i++)
			if (wanted[type_of[TRC_SOCKETCALL_FIRST + i]])
				return true;
		return false;
	}
	if (nr >= (abi == ABI_I386 ? TRC_SOCKETCALL_FIRST : TRC_NR_MAX) || !type_of[nr])
		return false;
	for (int i = 0; i < 6; i++)
		c.reg[i] = args[i];
	return wanted[type_of[nr]] && !capture_is_dull(&c, type_of[nr]);
}

static void compare(enum abi abi)
{
	uint8_t type_of[TRC_NR_MAX];
	uint64_t args[6] = {0};

	event_numbers(abi, type_of);
	for (uint32_t nr = 0; nr < 1024; nr++) {
		for (int i = 0; i < 6; i++)
			args[i] = (uint64_t)(rand() % 8) | (uint64_t)rand() << 32;
		CHECK_EQ(calls(abi, nr, args), expected(type_of, abi, nr, args));
		/* ARM's private calls, its old ABI's, and none at all. */
		CHECK(!calls(abi, 0x0f0000 + nr, args) && !calls(abi, 0x900000 + nr, args) &&
		      !calls(abi, 0x80000000 + nr, args));
		if (abi == ABI_X86_64)
			CHECK_EQ(calls(abi, nr | 0x40000000, args),
				 expected(type_of, abi, nr, args));
	}
}

static void filter_tells_of_what_is_wanted(void)
{
	for (int round = 0; round < 200; round++) {
		int among = 1 + round % 9;

		for (int i = 1; i < TRC_NTYPES; i++)
			wanted[i] = i != TRC_CONNECT && rand() % 10 < among;
		write_filter();
		for (enum abi abi = 0; abi < ABI_COUNT; abi++)
			if (native(abi))
				compare(abi);
	}
}

static void filter_has_room_for_all(void)
{
	memset(wanted, 1, sizeof(wanted));
	write_filter();
	for (enum abi abi = 0; abi < ABI_COUNT; abi++)
		if (native(abi))
			compare(abi);
}

static void filter_lets_foreign_calls_pass(void)
{
	struct seccomp_data d = {.nr = 1, .arch = 0x40000014};

	memset(wanted, 1, sizeof(wanted));
	write_filter();
	CHECK(!told(&d));
}

static void filter_tells_of_connects_by_messages(void)
{
	uint8_t type_of[TRC_NR_MAX];
	uint64_t args[6] = {0};
	int found = 0;

	wanted[TRC_CONNECT] = 1;
	write_filter();
	event_numbers(abi_native(), type_of);
	for (uint32_t nr = 0; nr < TRC_NR_MAX; nr++) {
		enum trc_type type = type_of[nr];
		int at = type == TRC_SENDMSG ? 2 : 3;

		if (type != TRC_SENDTO && type != TRC_SENDMSG && type != TRC_SENDMMSG)
			continue;
		found++;
		args[at] = 0;
		CHECK(!calls(abi_native(), nr, args));
		args[at] = TRC_MSG_FASTOPEN | 1;
		CHECK(calls(abi_native(), nr, args));
		args[at] = 0;
	}
	CHECK(found >= 3);
}

const struct unit_test tests_ptrace_filter[] = {
	TEST(filter_tells_of_what_is_wanted),
	TEST(filter_has_room_for_all),
	TEST(filter_lets_foreign_calls_pass),
	TEST(filter_tells_of_connects_by_messages),
	{0},
};
