/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event table: its look-ups, and its call numbers against those that the
 * C library of this build has for its own machine. The other machines' numbers
 * are tests/lint/numbers' business.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "../../driver/table.h"
#include "unit.h"

/*
 * A number as text: what the name of a call that is none expands to is itself.
 * Where a call has forms of several widths, the later ones have a name of their
 * own: setuid32, fcntl64, and the C library's for those with a 32-bit time.
 */
#define FORMS 5
#define TEXT(x) TEXT_(x)
#define TEXT_(x) #x

static const char *const calls[TRC_NTYPES][FORMS] = {
#define EV(id, name, class, flags, nrs, ...)                                                       \
	[TRC_##id] = {TEXT(__NR_##name), TEXT(__NR_##name##32), TEXT(__NR_##name##64),             \
		      TEXT(__NR_##name##_time32), TEXT(__NR_##name##_time64)},
#include "../../driver/events.def"
};

/* How many calls of each ABI a row has, and the numbers. */
struct row {
	int nr[4][ABI_COUNT];
};

static const struct row rows[TRC_NTYPES] = {
#define SYS(x86_64, aarch64, arm, i386) {x86_64, aarch64, arm, i386},
#define SUB(n) SYS(-1, -1, -1, TRC_SOCKETCALL_FIRST + (n))
#define EV(id, name, class, flags, nrs, ...) [TRC_##id] = {{nrs}},
#include "../../driver/events.def"
};

/* "257" or "(0 + 322)"; -1 for a name. */
static int number_of(const char *text)
{
	const char *plus = strrchr(text, '+');

	if (strstr(text, "__NR_"))
		return -1;
	return (int)strtol(plus ? plus + 1 : text, NULL, 0);
}

static void every_call_of_this_machine_is_known_by_its_number(void)
{
	uint8_t map[TRC_NR_MAX];
	int found = 0, newest = 0;

	event_numbers(abi_native(), map);
	for (int t = 1; t < TRC_NTYPES; t++)
		for (int k = 0; k < FORMS; k++) {
			int nr = number_of(calls[t][k]);

			if (nr < 0)
				continue;
			CHECK(nr < TRC_NR_MAX);
			if (map[nr] != t)
				unit_fail(__FILE__, __LINE__, "call %d should be %s, is %s", nr,
					  event_table[t].name, event_table[map[nr]].name);
			map[nr] = TRC_NONE;
			newest = nr > newest ? nr : newest;
			found++;
		}
	CHECK(found > 30);
	/* The C library may be older than the last calls. */
	for (int nr = 0; nr <= newest; nr++)
		if (map[nr])
			unit_fail(__FILE__, __LINE__, "call %d is no %s", nr,
				  event_table[map[nr]].name);
}

static void no_number_stands_for_two_events(void)
{
	uint8_t map[TRC_NR_MAX];

	for (int abi = 0; abi < ABI_COUNT; abi++) {
		int stated = 0, mapped = 0;

		for (int t = 1; t < TRC_NTYPES; t++)
			for (int k = 0; k < 4; k++)
				stated += rows[t].nr[k][abi] > 0;
		event_numbers((enum abi)abi, map);
		for (int nr = 0; nr < TRC_NR_MAX; nr++)
			mapped += map[nr] != TRC_NONE;
		CHECK_EQ(mapped, stated);
		CHECK(mapped > 30);
	}
}

/* No call is taken for another one that its number looks like. */
static void numbers_of_others_are_nobodys(void)
{
	for (uint32_t nr = 0; nr < TRC_NR_MAX; nr++) {
		CHECK_EQ(event_number(ABI_X86_64, nr), nr);
		CHECK_EQ(event_number(ABI_X86_64, TRC_X32_CALL | nr), nr);
		CHECK_EQ(event_number(ABI_ARM, nr), nr);
		for (enum abi abi = 0; abi < ABI_COUNT; abi++) {
			CHECK_EQ(event_number(abi, 0x80000000u | nr), TRC_NR_MAX);
			CHECK_EQ(event_number(abi, 0x0f0000u + nr), TRC_NR_MAX);
			CHECK_EQ(event_number(abi, 0x900000u + nr), TRC_NR_MAX);
			CHECK_EQ(event_number(abi, (uint64_t)1 << 32 | nr), TRC_NR_MAX);
			if (abi != ABI_X86_64)
				CHECK_EQ(event_number(abi, TRC_X32_CALL | nr), TRC_NR_MAX);
		}
	}
	/* x32 has numbers of its own for execve and the rest that takes pointers to pointers. */
	for (uint32_t nr = 512; nr < 600; nr++)
		CHECK_EQ(event_number(ABI_X86_64, TRC_X32_CALL | nr), TRC_NR_MAX);
	CHECK_EQ(event_number(ABI_I386, TRC_SOCKETCALL), TRC_SOCKETCALL);
	CHECK_EQ(event_number(ABI_I386, TRC_SOCKETCALL_FIRST + 1), TRC_NR_MAX);
	CHECK_EQ(event_number(ABI_AARCH64, ~(uint64_t)0), TRC_NR_MAX);
}

static void names_find_their_rows(void)
{
	for (int t = 1; t < TRC_NTYPES; t++)
		CHECK_EQ(event_by_name(event_table[t].name), t);
	CHECK_EQ(event_by_name("openat"), TRC_OPENAT);
	CHECK_EQ(event_by_name("none"), TRC_NONE);
	CHECK_EQ(event_by_name("opena"), TRC_NONE);
	CHECK_EQ(event_by_name(""), TRC_NONE);
	CHECK_STR(event_table[TRC_NONE].name, "none");
	CHECK_EQ(event_table[TRC_NONE].nargs, 0);
}

static void arguments_find_their_slots(void)
{
	for (int t = 1; t < TRC_NTYPES; t++)
		for (int i = 0; i < event_table[t].nargs; i++)
			CHECK_EQ(event_arg_slot((enum trc_type)t, event_table[t].args[i].name), i);
	CHECK_EQ(event_arg_slot(TRC_OPENAT, "dirfd"), 1);
	CHECK_EQ(event_arg_slot(TRC_OPENAT, "res"), -1);
	CHECK_EQ(event_arg_slot(TRC_NONE, "res"), -1);
}

/* The flags of a row promise arguments that core/state.c reads by them. */
static void flags_agree_with_arguments(void)
{
	for (int t = 1; t < TRC_NTYPES; t++) {
		const struct event_desc *d = &event_table[t];

		if (d->flags & TRC_NEWFD)
			CHECK_EQ(d->args[0].type, TRC_T_FD);
		if (d->flags & TRC_USEFD)
			CHECK(event_arg_slot((enum trc_type)t, "fd") >= 0);
		if (d->flags & TRC_OPENS)
			CHECK(d->flags & TRC_NEWFD &&
			      (event_arg_slot((enum trc_type)t, "name") >= 0 ||
			       event_arg_slot((enum trc_type)t, "path") >= 0));
		if (d->flags & TRC_FAILED)
			CHECK_EQ(d->args[0].type, TRC_T_RES);
		if (d->flags & TRC_PAIR)
			CHECK(event_arg_slot((enum trc_type)t, "fd1") >= 0 &&
			      event_arg_slot((enum trc_type)t, "fd2") >= 0);
		if (d->flags & TRC_CREDS)
			CHECK_EQ(event_arg_slot((enum trc_type)t, "cap_effective"), d->nargs - 1);
	}
}

static void images_are_described_alike(void)
{
	const struct event_desc *info = &event_table[TRC_PROCINFO];

	for (int i = 0; i < info->nargs; i++) {
		CHECK_STR(event_table[TRC_EXECVE].args[i + 2].name, info->args[i].name);
		CHECK_STR(event_table[TRC_EXECVEAT].args[i + 2].name, info->args[i].name);
	}
}

static void a_32_bit_machine_has_no_compat_abi(void)
{
	CHECK(abi_native() < ABI_COUNT);
	CHECK_EQ(abi_compat() == ABI_COUNT, sizeof(void *) == 4);
}

const struct unit_test tests_table[] = {
	TEST(every_call_of_this_machine_is_known_by_its_number),
	TEST(no_number_stands_for_two_events),
	TEST(numbers_of_others_are_nobodys),
	TEST(names_find_their_rows),
	TEST(arguments_find_their_slots),
	TEST(flags_agree_with_arguments),
	TEST(images_are_described_alike),
	TEST(a_32_bit_machine_has_no_compat_abi),
	{0},
};
