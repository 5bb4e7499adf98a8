/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer: the INI reader on any bytes. What it tells must stand in the text,
 * in the line that it names: each line of a value is looked up there.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char name[] = "fuzz.ini";

struct seen {
	const char *text, *end;
	int line; /* of the last call */
	bool in_section;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool blank(char c)
{
	return isspace((unsigned char)c);
}

static bool trimmed(const char *s)
{
	return !*s || (!blank(*s) && !blank(s[strlen(s) - 1]));
}

/* Do the n bytes at text stand in that line? */
static bool in_line(const struct seen *s, int line, const char *text, size_t n)
{
	const char *from = s->text, *to;

	for (; line > 1; line--) {
		from = memchr(from, '\n', (size_t)(s->end - from));
		if (!from++)
			return false;
	}
	to = memchr(from, '\n', (size_t)(s->end - from));
	return memmem(from, (size_t)((to ? to : s->end) - from), text, n);
}

static void check_call(struct seen *s, struct ini_place at)
{
	must(at.file == name);
	must(at.line > s->line);
	s->line = at.line;
}

static int on_section(void *arg, struct ini_place at, const char *kind, const char *rest,
		      struct ini_error *err)
{
	struct seen *s = arg;

	(void)err;
	check_call(s, at);
	must(*kind && trimmed(rest));
	for (const char *c = kind; *c; c++)
		must(!blank(*c));
	must(in_line(s, at.line, kind, strlen(kind)));
	must(in_line(s, at.line, rest, strlen(rest)));
	s->in_section = true;
	return 0;
}

static int on_key(void *arg, struct ini_place at, struct ini_place value_at, const char *key,
		  const char *value, struct ini_error *err)
{
	struct seen *s = arg;

	(void)err;
	check_call(s, at);
	must(value_at.file == name && value_at.line >= at.line);
	must(in_line(s, at.line, key, strlen(key)));
	must(s->in_section);
	must(*key && trimmed(key) && !strpbrk(key, "=:\n"));
	must(trimmed(value) && strlen(value) < INI_VALUE_MAX);
	for (int line = value_at.line;; line++) {
		size_t n = strcspn(value, "\n");

		must(in_line(s, line, value, n));
		s->line = line;
		if (!value[n])
			return 0;
		value += n + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen s = {.text = (const char *)data, .end = (const char *)data + size};
	struct ini_error err = {.text = ""};
	char *work = malloc(size + INI_VALUE_MAX); /* no byte too many, for the sanitizer to see */
	int rc = ini_text(name, s.text, size, &(struct ini_reader){on_section, on_key, &s}, work,
			  size + INI_VALUE_MAX, &err);

	must(!rc == !*err.text);
	must(!rc || !strncmp(err.text, "fuzz.ini:", strlen("fuzz.ini:")));
	for (const char *c = err.text; *c; c++)
		must(!iscntrl((unsigned char)*c));
	free(work);
	return 0;
}
