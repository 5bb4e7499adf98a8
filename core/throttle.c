/* SPDX-License-Identifier: BSD-2-Clause */
/* Throttles: see throttle.h. */
#include "throttle.h"

#define NS_PER_S UINT64_C(1000000000)
#define MOST 86400 /* a day */

/* Takes a number from 1 to MOST off s. */
static bool take_number(struct str *s, uint32_t *out)
{
	uint32_t n = 0;

	while (s->n && *s->p >= '0' && *s->p <= '9' && n <= MOST) {
		n = n * 10 + (uint32_t)(*s->p - '0');
		*s = (struct str){s->p + 1, s->n - 1};
	}
	*out = n;
	return n && n <= MOST;
}

bool throttle_parse(struct str s, struct throttle_limit *out)
{
	*out = (struct throttle_limit){0};
	if (str_eq(s, STR("off")))
		return true;
	if (!take_number(&s, &out->alerts) || !s.n || *s.p != '/')
		return false;
	s = (struct str){s.p + 1, s.n - 1};
	return take_number(&s, &out->seconds) && !s.n;
}

uint64_t throttle_end(const struct throttle *t, struct throttle_limit limit)
{
	return t->began + limit.seconds * NS_PER_S;
}

/* Takes a place for who. False if he has one, or there is none for him. */
static bool take_place(struct throttle *t, struct throttle_who who)
{
	uint32_t roots = 0, programs = 0;

	for (uint32_t i = 0; i < t->told; i++) {
		const struct throttle_who *x = &t->who[i];

		if (x->user == who.user && x->program == who.program)
			return false;
		programs += x->user == who.user;
		roots += !x->user;
	}
	if (programs == THROTTLE_PROGRAMS ||
	    (who.user && t->told - roots == THROTTLE_PLACES - THROTTLE_PROGRAMS))
		return false;
	t->who[t->told++] = who;
	return true;
}

bool throttle_pass(struct throttle *t, struct throttle_limit limit, uint64_t now,
		   struct throttle_who who)
{
	bool first;

	if (!limit.alerts)
		return true;
	if (!t->passed || now >= throttle_end(t, limit))
		*t = (struct throttle){.began = now};
	first = take_place(t, who);
	if (t->passed < limit.alerts) {
		t->passed++;
		return true;
	}
	t->held += !first;
	return first;
}
