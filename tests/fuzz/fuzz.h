/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the fuzzers share: the checks of the unit tests, which end the program
 * here, an input as a file, and what is true of every line that the sensor
 * writes. Each fuzzer is one file that includes this once.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../core/log.h"
#include "../unit/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void unit_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

void unit_eq(const char *file, int line, const char *expr, intmax_t got, intmax_t want)
{
	if (got == want)
		return;
	unit_fail(file, line, "%s: got %jd, want %jd", expr, got, want);
}

/*
 * The bytes as a file: its name, until the next call. The descriptor stays the
 * same, so that an open file of the last input is not kept.
 */
static inline const char *fuzz_file(int *fd, const uint8_t *data, size_t size)
{
	static char name[32];

	if (*fd < 0)
		*fd = memfd_create("fuzz", MFD_CLOEXEC);
	CHECK(*fd >= 0 && !ftruncate(*fd, 0));
	CHECK_EQ(pwrite(*fd, data, size, 0), size);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", *fd);
	return name;
}

/*
 * Bytes of the character at p, 0 if there is none: the well-formed sequences of
 * the Unicode Standard, table 3-7. The sensor has a reader of its own (utf8.h);
 * what it writes is judged by another.
 */
static inline size_t fuzz_char(const uint8_t *p, size_t n)
{
	static const struct {
		uint8_t from, to, low, high;
		size_t n;
	} forms[] = {
		{0x00, 0x7f, 0, 0, 1},	     {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t want = forms[i].n;

		if (p[0] < forms[i].from || p[0] > forms[i].to)
			continue;
		if (want > n || (want > 1 && (p[1] < forms[i].low || p[1] > forms[i].high)))
			return 0;
		for (size_t k = 2; k < want; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return want;
	}
	return 0;
}

/* Is it UTF-8 in which nothing ends a line or moves a cursor? */
static inline bool fuzz_line(const char *text, size_t size)
{
	const uint8_t *p = (const uint8_t *)text;

	for (size_t n = 0, step; n < size; n += step) {
		step = fuzz_char(p + n, size - n);
		if (!step || p[n] < 0x20 || p[n] == 0x7f)
			return false;
		if (step == 2 && p[n] == 0xc2 && p[n + 1] < 0xa0) /* C1 */
			return false;
	}
	return true;
}

/* The same, with nothing that turns the order of text: U+2028 to U+202e, U+2066 to U+2069. */
static inline bool fuzz_plain(const char *text, size_t size)
{
	if (!fuzz_line(text, size))
		return false;
	for (size_t n = 0; n + 2 < size; n++) {
		const uint8_t *p = (const uint8_t *)text + n;

		if (p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae)
			return false;
		if (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)
			return false;
	}
	return true;
}

/* Is it one line of a message, whatever bytes it quotes? */
static inline bool fuzz_message(const char *text)
{
	for (; *text; text++)
		if ((uint8_t)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

/*
 * Is a text of whoever wrote the rules plain? Its line ends and tabs become
 * blanks; the rest stands in alerts as he wrote it.
 */
static inline bool fuzz_plain_rule(const char *text, size_t size)
{
	char *copy = malloc(size + 1);
	bool plain;

	CHECK(copy);
	for (size_t i = 0; i < size; i++)
		copy[i] = (uint8_t)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i];
	plain = fuzz_plain(copy, size);
	free(copy);
	return plain;
}

#endif
