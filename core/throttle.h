/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A throttle: so many alerts in so many seconds. The seconds begin with the
 * first alert; what is over the number is held back, and counted.
 */
#ifndef CORE_THROTTLE_H
#define CORE_THROTTLE_H

#include <stdbool.h>

#include "str.h"

#define THROTTLE_EXPECTED "off, or ALERTS/SECONDS with numbers from 1 to 86400"

struct throttle_limit {
	uint32_t alerts; /* 0 = no limit */
	uint32_t seconds;
};

struct throttle {
	uint64_t began;	 /* ns, when its seconds began */
	uint32_t passed; /* alerts since then */
	uint64_t held;	 /* of them, those over the limit */
};

/* Reads "20/60" or "off". False if it is neither: see THROTTLE_EXPECTED. */
bool throttle_parse(struct str s, struct throttle_limit *out);

/* May an alert of the time now (ns) pass? Counts it, in passed or in held. */
bool throttle_pass(struct throttle *t, struct throttle_limit limit, uint64_t now);

/* When the seconds of a throttle are over that began, ns. */
uint64_t throttle_end(const struct throttle *t, struct throttle_limit limit);

#endif
