/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arbitrary text as the condition of a rule: parsed and compiled, and what
 * compiles is asked about a few events. A condition and its negation in
 * brackets may neither both hold nor both fail.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/log.h"
#include "../../core/rule.h"
#include "../../driver/record.h"
#include "../../driver/table.h"

#define CONDITION_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct state *state;

static void put(struct record *r, const char *arg, const char *value)
{
	record_str(r, event_arg_slot((enum trc_type)r->hdr.type, arg), value);
}

static void put_num(struct record *r, const char *arg, uint64_t value)
{
	record_num(r, event_arg_slot((enum trc_type)r->hdr.type, arg), value);
}

static void make_execve(struct record *r)
{
	record_begin(r, TRC_EXECVE, 100, 100);
	put_num(r, "res", 0);
	put(r, "filename", "/bin/cat");
	put(r, "exepath", "/bin/cat");
	record_bytes(r, event_arg_slot(TRC_EXECVE, "argv"), "cat\0-n\0/etc/shadow", 19);
	put(r, "comm", "cat");
	put_num(r, "ppid", 1);
}

static void make_openat(struct record *r)
{
	record_begin(r, TRC_OPENAT, 100, 100);
	put_num(r, "fd", 3);
	put(r, "name", "/etc/shadow");
	put(r, "nameraw", "../etc//shadow");
	put_num(r, "flags", 0102);
	put_num(r, "dev", 1);
	put_num(r, "ino", 2);
}

static void make_connect(struct record *r)
{
	const struct trc_sock sock = {TRC_SOCK_INET,	 6, 40000, 443, {10, 0, 0, 1},
				      {192, 168, 200, 5}};

	record_begin(r, TRC_CONNECT, 100, 100);
	put_num(r, "res", 0);
	put_num(r, "fd", 4);
	record_bytes(r, event_arg_slot(TRC_CONNECT, "tuple"), &sock, sizeof(sock));
}

static void make_setuid(struct record *r)
{
	record_begin(r, TRC_SETUID, 200, 200);
}

static void match(struct ruleset *rs, void (*make)(struct record *r))
{
	static char scratch[FIELD_SCRATCH];
	static struct record r;
	struct field_ctx ctx;
	struct event ev = {0};
	int pos = 0, matched = 0;

	make(&r);
	if (decode(&r, r.hdr.len, &ev) != DECODE_OK)
		abort();
	ev.num = 1;
	state_before(state, &ev);
	field_begin(&ctx, state, &ev, scratch);
	while (ruleset_match(rs, &ctx, &pos))
		matched++;
	if (matched != 1)
		abort();
}

/* The condition, and its negation. */
static size_t make_rules(char *out, size_t size, const char *condition)
{
	return (size_t)snprintf(
		out, size,
		"[list l]\nitems = a, /etc/shadow, cat\n[macro m]\ncondition = evt.type = openat\n"
		"[rule r]\ncondition = %s\noutput = x\npriority = debug\n"
		"[rule s]\ncondition = not (%s)\noutput = x\npriority = debug\n",
		condition, condition);
}

static void start(struct arena *a)
{
	static struct stats stats;
	struct arena tables;

	log_level = LOG_L_ERROR;
	if (arena_map(a, 1 << 20) || arena_map(&tables, 4 << 20))
		abort();
	state = state_open(&tables, &(struct state_config){64, 4, 64, 16, 16}, &stats);
	if (!state)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char rules[4 * CONDITION_MAX + 1024], condition[2 * CONDITION_MAX + 1];
	static struct arena a;
	struct ini_error err;
	struct ruleset *rs;
	size_t n = 0;

	if (!state)
		start(&a);
	if (size > CONDITION_MAX)
		return 0;
	for (size_t i = 0; i < size && data[i]; i++) {
		condition[n++] = (char)data[i];
		if (data[i] == '\n')
			condition[n++] = '\t';
	}
	condition[n] = '\0';
	arena_reset(&a);
	rs = ruleset_text(&a, rules, make_rules(rules, sizeof(rules), condition), PRIO_DEBUG, &err);
	if (!rs)
		return 0;
	match(rs, make_execve);
	match(rs, make_openat);
	match(rs, make_connect);
	match(rs, make_setuid);
	return 0;
}
