/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes the kernel tell much: COUNT times a rename of a file that is not there, by names within a
 * directory whose own is nearly as long as one may be. Each is a record of nearly 8 KiB, and takes
 * no long text of a program's, which an emulated 32-bit ARM copies a hundred times slower. The
 * first ones come as fast as they can; the rest in bursts that a ring holds. Prints how many, and
 * the seconds.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FLOOD 2000
#define BURST 90
#define DEPTH 15

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	const struct timespec pause = {.tv_nsec = 200000};
	static char name[NAME_MAX + 1];
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, done = 0;
	double begun = now();

	memset(name, 'd', NAME_MAX);
	if (chdir("/tmp"))
		return 1;
	for (int depth = 0; depth < DEPTH; depth++)
		if ((mkdir(name, 0700) && errno != EEXIST) || chdir(name))
			return 1;
	while (done < count && rename("a", "b") == -1)
		if (++done > FLOOD && !(done % BURST))
			nanosleep(&pause, NULL);
	printf("%lu calls in %.1f s\n", done, now() - begun);
	return done == count ? 0 : 1;
}
