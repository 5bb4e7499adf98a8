/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes the kernel tell much: COUNT times a rename of a file that is not there, between two names
 * as long as there are. Each is a record of 8 KiB and more. The first ones come as fast as they
 * can, more than a ring holds; the rest in bursts that it does. Prints how many, and the seconds.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FLOOD 2000
#define BURST 90

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	const struct timespec pause = {.tv_nsec = 200000};
	static char from[PATH_MAX], to[PATH_MAX];
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, done = 0;
	double begun = now();

	memset(from, 'a', sizeof(from) - 1);
	memset(to, 'b', sizeof(to) - 1);
	for (size_t i = 0; i < sizeof(from) - 1; i += 200)
		from[i] = to[i] = '/';
	while (done < count && rename(from, to) == -1)
		if (++done > FLOOD && !(done % BURST))
			nanosleep(&pause, NULL);
	printf("%lu calls in %.1f s\n", done, now() - begun);
	return done == count ? 0 : 1;
}
