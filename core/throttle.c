// SPDX-License-Identifier: BSD-2-Clause
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

bool throttle_pass(struct throttle *t, struct throttle_limit limit, uint64_t now)
{
	if (!limit.alerts)
		return true;
	if (!t->passed || now >= throttle_end(t, limit))
		*t = (struct throttle){.began = now};
	if (t->passed < limit.alerts) {
		t->passed++;
		return true;
	}
	t->held++;
	return false;
}
