/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting behind acts, and before the end of what they start, for who looks on: ACT_PAUSE. */
#ifndef LIVE_PAUSE_H
#define LIVE_PAUSE_H

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define PAUSE_MAX 1000 /* ms */

/*
 * For a driver that looks at /proc afterwards. How long, is in a limit that all processes here get
 * from the first one, whatever environment they have, and that is asked for by a call of no event.
 */
static void rest(void)
{
	struct rlimit ms;

	if (!getrlimit(RLIMIT_MSGQUEUE, &ms) && ms.rlim_cur <= PAUSE_MAX)
		usleep((useconds_t)ms.rlim_cur * 1000);
}

static void set_pause(const char *ms)
{
	struct rlimit limit;

	if (!ms || getrlimit(RLIMIT_MSGQUEUE, &limit))
		return;
	limit.rlim_cur = (rlim_t)atoi(ms);
	setrlimit(RLIMIT_MSGQUEUE, &limit);
}

#endif
