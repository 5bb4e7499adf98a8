/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The proof of the proof: linked as the sealed sensor is, each way to allocate
 * works before the seal, and ends the process behind it, those that libc takes
 * inside of itself included.
 */
#include <dirent.h>
#include <malloc.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int sensor_sealed;

static bool by_malloc(void)
{
	return malloc(16);
}

static bool by_calloc(void)
{
	return calloc(2, 16);
}

static bool by_realloc(void)
{
	return realloc(NULL, 16);
}

static bool by_aligned_alloc(void)
{
	return aligned_alloc(64, 64);
}

static bool by_posix_memalign(void)
{
	void *p;

	return !posix_memalign(&p, 64, 64);
}

static bool by_memalign(void)
{
	return memalign(64, 64);
}

static bool by_strdup(void)
{
	return strdup("text");
}

static bool by_asprintf(void)
{
	char *p;

	return asprintf(&p, "%d", 1) > 0;
}

static bool by_fopen(void)
{
	return fopen("/dev/null", "r");
}

static bool by_getline(void)
{
	char *line = NULL;
	size_t size = 0;

	return getline(&line, &size, stdin) >= 0 || feof(stdin);
}

static bool by_opendir(void)
{
	return opendir("/");
}

static bool by_getaddrinfo(void)
{
	struct addrinfo *found;

	return !getaddrinfo("127.0.0.1", "514", NULL, &found);
}

static bool by_setenv(void)
{
	return !setenv("SEAL", "broken", 1);
}

static bool by_memstream(void)
{
	char *p;
	size_t n;

	return open_memstream(&p, &n);
}

static void nothing(void)
{
}

/* The first 32 have their places. */
static bool by_atexit(void)
{
	for (int i = 0; i < 40; i++)
		if (atexit(nothing))
			return false;
	return true;
}

/* libc keeps the name of the zone; putenv() would take memory itself. */
static bool by_tzset(void)
{
	static char *zones[] = {"TZ=UTC0", NULL},
		    *longer[] = {"TZ=CENTER-1SUMMER,M3.5.0/02:00:00,M10.5.0/03:00:00", NULL};

	environ = zones;
	tzset();
	environ = longer;
	tzset();
	return !strcmp(tzname[1], "SUMMER");
}

static const struct way {
	const char *name;
	bool (*take)(void);
} ways[] = {
	{"malloc", by_malloc},
	{"calloc", by_calloc},
	{"realloc", by_realloc},
	{"aligned_alloc", by_aligned_alloc},
	{"posix_memalign", by_posix_memalign},
	{"memalign", by_memalign},
	{"strdup", by_strdup},
	{"asprintf", by_asprintf},
	{"fopen", by_fopen},
	{"getline", by_getline},
	{"opendir", by_opendir},
	{"getaddrinfo", by_getaddrinfo},
	{"setenv", by_setenv},
	{"open_memstream", by_memstream},
	{"atexit", by_atexit},
	{"tzset", by_tzset},
};

/* How a process ends that takes memory so. */
static int end_of(const struct way *way, int sealed)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		if (sealed)
			close(2); /* what it would say is not for here */
		sensor_sealed = sealed;
		_exit(way->take() ? 0 : 1);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) ? -1 : 0;
}

int main(void)
{
	const size_t count = sizeof(ways) / sizeof(ways[0]);
	size_t failed = 0;

	for (size_t i = 0; i < count; i++) {
		int before = end_of(&ways[i], 0), behind = end_of(&ways[i], 1);
		bool good = before == 0 && behind == SIGABRT;

		failed += !good;
		printf("%s %s: %d before the seal, signal %d behind it\n", good ? "ok" : "not ok",
		       ways[i].name, before, behind);
		fflush(stdout);
	}
	printf("%zu passed, %zu failed\n", count - failed, failed);
	return failed != 0;
}
