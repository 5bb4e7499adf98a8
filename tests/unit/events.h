/* SPDX-License-Identifier: BSD-2-Clause */
/* Events from arguments by name, for the tests of what reads events. One at a time. */
#ifndef UNIT_EVENTS_H
#define UNIT_EVENTS_H

#include "../../core/decode.h"
#include "../../driver/record.h"
#include "../../driver/table.h"
#include "unit.h"

static struct record event_rec;

static inline int event_slot(const char *arg)
{
	int slot = event_arg_slot(event_rec.hdr.type, arg);

	if (slot < 0)
		unit_fail(__FILE__, __LINE__, "%s has no argument %s",
			  event_table[event_rec.hdr.type].name, arg);
	return slot;
}

static inline void event_begin(enum trc_type type)
{
	record_begin(&event_rec, type, 100, 101);
	event_rec.hdr.start = 7;
	event_rec.hdr.ts = 5000000000;
}

static inline void event_set(const char *arg, int64_t v)
{
	record_num(&event_rec, event_slot(arg), (uint64_t)v);
}

static inline void event_set_str(const char *arg, const char *s)
{
	record_str(&event_rec, event_slot(arg), s);
}

/* The same, marked as the caller's text. */
static inline void event_give(const char *arg, const char *s)
{
	event_set_str(arg, s);
	event_rec.hdr.given |= 1u << event_slot(arg);
}

#define event_set_bytes(arg, literal)                                                              \
	record_bytes(&event_rec, event_slot(arg), literal, sizeof(literal) - 1)

/* An inet socket: 4 or 16 bytes of address, and a port, for each end. */
static inline struct trc_sock event_inet(int family, const char *laddr, int lport,
					 const char *raddr, int rport)
{
	struct trc_sock s = {.family = (trc_u16)family,
			     .proto = 6,
			     .lport = (trc_u16)lport,
			     .rport = (trc_u16)rport};
	size_t n = family == TRC_SOCK_INET ? 4 : 16;

	memcpy(s.laddr, laddr, n);
	memcpy(s.raddr, raddr, n);
	return s;
}

static inline void event_set_sock(const char *arg, const struct trc_sock *sock, const char *name,
				  size_t n)
{
	char buf[sizeof(*sock) + 128];

	memcpy(buf, sock, sizeof(*sock));
	memcpy(buf + sizeof(*sock), name, n);
	record_bytes(&event_rec, event_slot(arg), buf, sizeof(*sock) + n);
}

static inline const struct event *event_done(void)
{
	static struct event ev;

	CHECK_EQ(decode(&event_rec, event_rec.hdr.len, &ev), DECODE_OK);
	ev.num = 42;
	return &ev;
}

#endif
