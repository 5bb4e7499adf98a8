/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A throttle: so many alerts in so many seconds. The seconds begin with the
 * first alert; what is over the number is held back, and counted. But whoever
 * was not told in these seconds is told once: decoys of one cannot hide another.
 *
 * Who that is, is a user and a program. One user may copy a program to any number
 * of names, so a user has THROTTLE_PROGRAMS places and no more, and the last of
 * the THROTTLE_PLACES are root's. What an act is about is not asked: anybody can
 * make files and names without end.
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

#define THROTTLE_PLACES 32
#define THROTTLE_PROGRAMS 8 /* places of one user */

struct throttle_who {
	uint32_t user;	  /* a user id; 0 = root, for whom places are kept */
	uint32_t program; /* keyed hash of its name */
};

struct throttle {
	uint64_t began;	 /* ns, when its seconds began */
	uint32_t passed; /* alerts since then, up to the limit */
	uint32_t told;	 /* places taken */
	uint64_t held;	 /* alerts held back */
	struct throttle_who who[THROTTLE_PLACES];
};

/* Reads "20/60" or "off". False if it is neither: see THROTTLE_EXPECTED. */
bool throttle_parse(struct str s, struct throttle_limit *out);

/*
 * May an alert of the time now (ns) pass, of what who did? Counts it if not. At
 * most limit.alerts + THROTTLE_PLACES pass in its seconds.
 */
bool throttle_pass(struct throttle *t, struct throttle_limit limit, uint64_t now,
		   struct throttle_who who);

/* When the seconds of a throttle are over that began, ns. */
uint64_t throttle_end(const struct throttle *t, struct throttle_limit limit);

#endif
