/* SPDX-License-Identifier: BSD-2-Clause */
/* A few events for what asks about events, and tables for them. The last event has no arguments. */
#ifndef FUZZ_SAMPLES_H
#define FUZZ_SAMPLES_H

#include "../../core/state.h"
#include "../unit/events.h"
#include "fuzz.h"

enum { SAMPLES = 5 };

static inline void sample_execve(void)
{
	event_begin(TRC_EXECVE);
	event_set("res", 0);
	event_set_str("filename", "/bin/cat");
	event_set_str("exepath", "/bin/cat");
	event_set_bytes("argv", "cat\0-n\0/etc/shadow");
	event_set_bytes("env", "A=1\0LD_PRELOAD=x.so");
	event_set_str("cwd", "/tmp/\xe2\x80\xae");
	event_set_str("comm", "cat");
	event_set("ppid", 1);
}

static inline void sample_openat(void)
{
	event_begin(TRC_OPENAT);
	event_set("fd", 3);
	event_set_str("name", "/etc/shadow");
	event_set_str("nameraw", "../etc//shad\now");
	event_set("flags", 0102);
	event_set("dev", 1);
	event_set("ino", 2);
}

static inline void sample_connect(void)
{
	const struct trc_sock sock =
		event_inet(TRC_SOCK_INET, "\x0a\0\0\1", 40000, "\xc0\xa8\xc8\5", 443);

	event_begin(TRC_CONNECT);
	event_set("res", 0);
	event_set("fd", 4);
	event_set_sock("tuple", &sock, "", 0);
}

static inline void sample_accept(void)
{
	const struct trc_sock sock =
		event_inet(TRC_SOCK_INET6, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 22,
			   "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\2", 5353);

	event_begin(TRC_ACCEPT4);
	event_set("fd", -11);
	event_set_sock("tuple", &sock, "", 0);
}

static inline const struct event *sample(int i)
{
	static void (*const make[])(void) = {sample_execve, sample_openat, sample_connect,
					     sample_accept};

	if (i < SAMPLES - 1)
		make[i]();
	else
		event_begin(TRC_SETUID);
	return event_done();
}

/* Empty tables, opened once. */
static inline struct state *sample_tables(void)
{
	const struct state_config sizes = {.procs = 64,
					   .fars = 4,
					   .fds = 64,
					   .users = 16,
					   .files = 16,
					   .envs = 4,
					   .groups = 16,
					   .names = 4,
					   .containers = 4};
	static struct stats stats;
	struct arena a;

	CHECK(!arena_map(&a, state_size(&sizes)));
	return state_open(&a, &sizes, &stats);
}

#endif
