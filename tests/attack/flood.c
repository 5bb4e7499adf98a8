/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A flood of opens, counted: `flood CALL RATE SECONDS THREADS FILE` makes
 * RATE * SECONDS calls of open, openat or openat2 and as many of close, evenly
 * over the time, and prints how many of each it made, and the milliseconds that
 * it took. Who is late makes up for it: the number is exact, the rate is not.
 * `flood FILE` opens that file once and reads it.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SLICES 1000 /* of a second */
#define THREADS_MAX 64
#define NS 1000000000L

static const char *file;
static long (*call)(void);
static long rate, seconds; /* of one thread */
static struct timespec begin;

static long call_openat(void)
{
	return syscall(SYS_openat, AT_FDCWD, file, O_RDONLY, 0);
}

static long call_openat2(void)
{
	struct open_how how = {.flags = O_RDONLY};

	return syscall(SYS_openat2, AT_FDCWD, file, &how, sizeof(how));
}

static const struct {
	const char *name;
	long (*call)(void);
} calls[] = {
	{"openat", call_openat},
	{"openat2", call_openat2},
};

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void sleep_until(long slice)
{
	struct timespec at = begin;

	at.tv_sec += slice / SLICES;
	at.tv_nsec += slice % SLICES * (NS / SLICES);
	at.tv_sec += at.tv_nsec / NS;
	at.tv_nsec %= NS;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

/* Opens and closes rate * seconds times; how often it did is written to *arg. */
static void *pour(void *arg)
{
	long *made = arg;

	for (long slice = 0; slice < seconds * SLICES; slice++) {
		long due = rate * (slice + 1) / SLICES;

		sleep_until(slice);
		for (; *made < due; ++*made) {
			long fd = call();

			if (fd < 0)
				fail(file);
			syscall(SYS_close, fd);
		}
	}
	return NULL;
}

static long milliseconds_since_begin(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000;
}

static int flood(const char *name, int threads)
{
	pthread_t thread[THREADS_MAX];
	long made[THREADS_MAX] = {0}, sum = 0;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, pour, &made[i]))
			fail("pthread_create");
	for (int i = 0; i < threads; i++) {
		pthread_join(thread[i], NULL);
		sum += made[i];
	}
	printf("%s %ld\nclose %ld\nms %ld\n", name, sum, sum, milliseconds_since_begin());
	return 0;
}

static int read_once(const char *path)
{
	char buf[4096];
	int fd = open(path, O_RDONLY);

	return fd < 0 || read(fd, buf, sizeof(buf)) < 0;
}

int main(int argc, char **argv)
{
	int threads;

	if (argc == 2)
		return read_once(argv[1]);
	if (argc != 6 || (threads = atoi(argv[4])) < 1 || threads > THREADS_MAX) {
		fprintf(stderr,
			"usage: flood openat|openat2 RATE SECONDS THREADS FILE | flood FILE\n");
		return 2;
	}
	rate = atol(argv[2]) / threads;
	seconds = atol(argv[3]);
	file = argv[5];
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(calls[i].name, argv[1]))
			call = calls[i].call;
	if (!call)
		fail(argv[1]);
	return flood(argv[1], threads);
}
