/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seccomp filter of a traced program: see ptrace_filter.h. For each ABI the
 * numbers of calls fall into ranges that are treated alike, and a binary search
 * over where these begin ends in the answer of one.
 */
#include "ptrace_filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Audit architecture numbers (linux/audit.h). */
static const uint32_t arch_of[ABI_COUNT] = {
	[ABI_X86_64] = 0xc000003e,
	[ABI_AARCH64] = 0xc00000b7,
	[ABI_ARM] = 0x40000028,
	[ABI_I386] = 0x40000003,
};

/* What becomes of a call: one of these, or tests of its arguments at TYPED + its type. */
enum { ALLOW, TELL, TYPED };

/* Calls from a number on, up to the next range, are treated alike. */
struct range {
	uint32_t from;
	int what;
};

struct program {
	struct sock_filter *out;
	int n;
};

static void add(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	p->out[p->n++] = (struct sock_filter){code, yes, no, k};
}

static void add_load(struct program *p, size_t offset)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void add_answer(struct program *p, bool tells)
{
	add(p, BPF_RET | BPF_K, tells ? SECCOMP_RET_TRACE : SECCOMP_RET_ALLOW, 0, 0);
}

/* Tells of the call if the low half of an argument passes a test; little-endian, as all of us. */
static void add_test(struct program *p, int arg, uint16_t jump, uint32_t k)
{
	add_load(p, offsetof(struct seccomp_data, args) + 8 * (size_t)arg);
	add(p, BPF_JMP | jump | BPF_K, k, 0, 1);
	add_answer(p, true);
}

/* Has the type's row tests? */
static bool is_tested(enum trc_type type)
{
	switch (type) {
#define ONLY(id, tests)                                                                            \
	case TRC_##id:                                                                             \
		return true;
#include "events.def"
	default:
		return false;
	}
}

/* The argument with the flags of calls that may be a connect (cap_called() of capture.h), or -1. */
static int flags_of_message(enum trc_type type)
{
	if (type == TRC_SENDMSG)
		return 2;
	return type == TRC_SENDTO || type == TRC_SENDMMSG ? 3 : -1;
}

static void add_tests(struct program *p, enum trc_type type)
{
	switch (type) {
#define IS(n, v) add_test(p, n, BPF_JEQ, v);
#define HAS(n, bits) add_test(p, n, BPF_JSET, bits);
#define ONLY(id, tests)                                                                            \
	case TRC_##id:                                                                             \
		tests break;
#include "events.def"
	default:
		add_test(p, flags_of_message(type), BPF_JSET, TRC_MSG_FASTOPEN);
	}
	add_answer(p, false);
}

static int what_of(const uint8_t *wanted, enum trc_type type)
{
	if (type == TRC_NONE)
		return ALLOW;
	if (wanted[type])
		return is_tested(type) ? TYPED + (int)type : TELL;
	return wanted[TRC_CONNECT] && flags_of_message(type) >= 0 ? TYPED + (int)type : ALLOW;
}

/* i386's socketcall is several: it is told of if one of them is. */
static int what_of_socketcall(const uint8_t *wanted, const uint8_t *type_of)
{
	for (int i = 0; i <= TRC_SOCKETCALL_MAX; i++)
		if (what_of(wanted, type_of[TRC_SOCKETCALL_FIRST + i]) != ALLOW)
			return TELL;
	return ALLOW;
}

/* The ranges of an ABI; at most one for each number, and the rest. Returns how many. */
static int find_ranges(const uint8_t *wanted, enum abi abi, struct range out[TRC_NR_MAX + 1])
{
	uint32_t end = abi == ABI_I386 ? TRC_SOCKETCALL_FIRST : TRC_NR_MAX;
	uint8_t type_of[TRC_NR_MAX];
	int n = 0;

	event_numbers(abi, type_of);
	for (uint32_t nr = 0; nr <= end; nr++) {
		int what = nr < end ? what_of(wanted, type_of[nr]) : ALLOW;

		if (abi == ABI_I386 && nr == TRC_SOCKETCALL)
			what = what_of_socketcall(wanted, type_of);
		if (!n || out[n - 1].what != what)
			out[n++] = (struct range){nr, what};
	}
	return n;
}

static void add_search(struct program *p, const struct range *r, int n)
{
	int half = n / 2, jump;

	if (n == 1) {
		if (r->what >= TYPED)
			add_tests(p, (enum trc_type)(r->what - TYPED));
		else
			add_answer(p, r->what == TELL);
		return;
	}
	/* The distance may be more than a conditional jump can have. */
	add(p, BPF_JMP | BPF_JGE | BPF_K, r[half].from, 0, 1);
	jump = p->n;
	add(p, BPF_JMP | BPF_JA, 0, 0, 0);
	add_search(p, r, half);
	p->out[jump].k = (uint32_t)(p->n - jump - 1);
	add_search(p, r + half, n - half);
}

/* What is asked of calls of one ABI; those of another go on behind it. */
static void add_abi(struct program *p, const uint8_t *wanted, enum abi abi)
{
	static struct range ranges[TRC_NR_MAX + 1];
	int jump;

	add(p, BPF_JMP | BPF_JEQ | BPF_K, arch_of[abi], 1, 0);
	jump = p->n;
	add(p, BPF_JMP | BPF_JA, 0, 0, 0);
	add_load(p, offsetof(struct seccomp_data, nr));
	if (abi == ABI_X86_64)
		add(p, BPF_ALU | BPF_AND | BPF_K, ~TRC_X32_CALL, 0, 0);
	add_search(p, ranges, find_ranges(wanted, abi, ranges));
	p->out[jump].k = (uint32_t)(p->n - jump - 1);
}

static bool is_arm(enum abi abi)
{
	return abi == ABI_AARCH64 || abi == ABI_ARM;
}

int ptrace_filter_write(const uint8_t wanted[static TRC_NTYPES],
			struct sock_filter out[static PTRACE_FILTER_MAX])
{
	struct program p = {.out = out};

	add_load(&p, offsetof(struct seccomp_data, arch));
	/* The accumulator keeps the architecture until one is met. */
	for (enum abi abi = 0; abi < ABI_COUNT; abi++)
		if (is_arm(abi) == is_arm(abi_native()))
			add_abi(&p, wanted, abi);
	add_answer(&p, false);
	return p.n;
}

int ptrace_filter_check(void)
{
	uint32_t action = SECCOMP_RET_TRACE;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) ? -errno : 0;
}

int ptrace_filter_install(const uint8_t wanted[static TRC_NTYPES])
{
	static struct sock_filter filter[PTRACE_FILTER_MAX];
	struct sock_fprog prog = {(unsigned short)ptrace_filter_write(wanted, filter), filter};

	if (!syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog))
		return 0;
	if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) ? -errno : 0;
}
