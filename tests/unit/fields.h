/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields asked for by name about an event, with a few processes known: see begin(). */
#ifndef UNIT_FIELDS_H
#define UNIT_FIELDS_H

#include <stdio.h>

#include "../../core/field.h"
#include "events.h"

static struct state *state;
static struct stats stats;
static struct field_ctx ctx;
static char scratch[FIELD_SCRATCH];

/*
 * init(1), sh(50), prog(100), whose events they are; root is user 0; 1970 was
 * an hour before boot.
 */
static inline void feed(void)
{
	state_before(state, event_done());
}

static inline void procinfo(uint32_t pid, uint32_t ppid, const char *comm, const char *argv,
			    size_t n)
{
	event_begin(TRC_PROCINFO);
	event_rec.hdr.pid = pid;
	event_set_str("comm", comm);
	event_set_str("exepath", "/bin/busybox");
	event_set_str("cwd", "/dev/shm");
	event_set("ppid", ppid);
	event_set("gid", 5);
	event_set("loginuid", -1);
	event_set("tty", 136 << 20 | 1);
	record_bytes(&event_rec, event_slot("argv"), argv, n);
	feed();
}

static inline void begin(void)
{
	static const struct state_config cfg = {16, 4, 16, 4, 4, 4, 4, 4, 4};
	struct arena a;

	CHECK_EQ(arena_map(&a, state_size(&cfg) + 4096), 0);
	state = state_open(&a, &cfg, &stats);
	CHECK(state);
	event_begin(TRC_MACHINE);
	event_set("epoch", 3600 * 1000000000ll);
	event_set_str("hostname", "pi");
	feed();
	event_begin(TRC_USERINFO);
	event_set("uid", 0);
	event_set_str("name", "root");
	feed();
	procinfo(1, 0, "init", "/sbin/init", 11);
	procinfo(50, 1, "sh", "-sh", 4);
	procinfo(100, 50, "prog", "./prog\0-x\0a b", 14);
}

/* The tables take the event in, then it is asked about. */
static inline void ask(void)
{
	const struct event *ev = event_done();

	state_before(state, ev);
	field_begin(&ctx, state, ev, scratch);
}

static inline int values(const char *field, struct value out[static FIELD_VALUES])
{
	struct field_ref ref;

	CHECK_EQ(field_find(str_of(field), &ref), 0);
	return field_values(&ctx, &ref, out);
}

/* A field's only value as text, "<none>" if it is missing. */
static inline const char *get(const char *field)
{
	static char buf[FIELD_SCRATCH + 1];
	struct value v[FIELD_VALUES];
	int n = values(field, v);

	CHECK(n <= 1);
	if (n == 0)
		return "<none>";
	buf[value_text(v, buf, sizeof(buf) - 1)] = '\0';
	return buf;
}

#define IS(field, want)                                                                            \
	do {                                                                                       \
		const char *got_ = get(field);                                                     \
		CHECK_STR(got_, want);                                                             \
	} while (0)

static inline void openat_event(int64_t fd, int64_t flags, const char *name)
{
	event_begin(TRC_OPENAT);
	event_set("fd", fd);
	event_set("dirfd", -100);
	event_set("flags", flags);
	event_set("mode", 0755);
	if (fd >= 0)
		event_set_str("name", name);
	else
		event_give("name", name);
	event_set_str("nameraw", name);
}

#endif
