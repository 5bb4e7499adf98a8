/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The unit test runner: `unit [-l] [SUITE | SUITE.TEST]...`. Each test runs in
 * a process group of its own, with 10 seconds to live; a crash is a failure
 * like any other. What a test writes is shown only if it failed.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define TIMEOUT_S 10 /* UNIT_SECONDS in the environment gives slow machines more */

#define SUITE(name) extern const struct unit_test tests_##name[];
#include "list.def"

static const struct suite {
	const char *name;
	const struct unit_test *tests;
} suites[] = {
#define SUITE(name) {#name, tests_##name},
#include "list.def"
};

#define NSUITES (sizeof(suites) / sizeof(suites[0]))

void unit_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	printf("%s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	_exit(1);
}

void unit_eq(const char *file, int line, const char *expr, intmax_t got, intmax_t want)
{
	if (got != want)
		unit_fail(file, line, "%s: got %jd (0x%jx), want %jd (0x%jx)", expr, got,
			  (uintmax_t)got, want, (uintmax_t)want);
}

void unit_str(const char *file, int line, const char *expr, struct str got, const char *want)
{
	if (!got.p && *want)
		unit_fail(file, line, "%s: got nothing, want \"%s\"", expr, want);
	if (got.n != strlen(want) || (got.n && memcmp(got.p, want, got.n)))
		unit_fail(file, line, "%s: got \"%.*s\" (%" PRIu32 " bytes), want \"%s\" (%zu)",
			  expr, (int)got.n, got.p ? got.p : "", got.n, want, strlen(want));
}

/* In the child: the test's output goes to a file, for the parent to show or drop. */
static void run_here(const struct unit_test *t, FILE *output)
{
	setpgid(0, 0);
	dup2(fileno(output), STDOUT_FILENO);
	dup2(fileno(output), STDERR_FILENO);
	alarm(getenv("UNIT_SECONDS") ? (unsigned)atoi(getenv("UNIT_SECONDS")) : TIMEOUT_S);
	t->fn();
	exit(0);
}

static void show(FILE *output)
{
	char line[1024];

	rewind(output);
	while (fgets(line, sizeof(line), output))
		printf("#   %s%s", line, strchr(line, '\n') ? "" : "\n");
}

static bool run(const struct suite *s, const struct unit_test *t)
{
	FILE *output = tmpfile();
	int status = -1;
	pid_t pid;

	if (!output) {
		perror("unit: temporary file");
		exit(2);
	}
	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		perror("unit: fork");
		exit(2);
	}
	if (!pid)
		run_here(t, output);
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL); /* what the test started and left behind */
	printf("%sok %s.%s\n", status ? "not " : "", s->name, t->name);
	if (WIFSIGNALED(status))
		printf("#   %s\n", strsignal(WTERMSIG(status)));
	else if (status)
		printf("#   exit status %d\n", WEXITSTATUS(status));
	if (status)
		show(output);
	fclose(output);
	return !status;
}

/* Does one of the words name this test or its suite? No words: all do. */
static bool chosen(char *const *words, const struct suite *s, const struct unit_test *t)
{
	size_t n = strlen(s->name);

	if (!*words)
		return true;
	for (; *words; words++)
		if (!strncmp(*words, s->name, n) &&
		    (!(*words)[n] || ((*words)[n] == '.' && !strcmp(*words + n + 1, t->name))))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	bool list = argc > 1 && !strcmp(argv[1], "-l");
	char **words = argv + 1 + list;
	int passed = 0, failed = 0;

	for (size_t i = 0; i < NSUITES; i++)
		for (const struct unit_test *t = suites[i].tests; t->name; t++) {
			if (!chosen(words, &suites[i], t))
				continue;
			if (list)
				printf("%s.%s\n", suites[i].name, t->name);
			else if (run(&suites[i], t))
				passed++;
			else
				failed++;
		}
	if (list)
		return 0;
	printf("%d passed, %d failed\n", passed, failed);
	return failed || !passed;
}
