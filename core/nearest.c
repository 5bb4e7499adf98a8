/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Levenshtein's distance in one row of the table: only the row above the one
 * being computed is ever read, so each cell takes the place of the one above it.
 */
#include "nearest.h"

#include <ctype.h>
#include <string.h>

#define KNOWN_MAX 64 /* bytes of a name */

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* m is at most KNOWN_MAX. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t row[KNOWN_MAX + 1]; /* row[j]: from the first i of a to the first j of b */

	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0]; /* row[j - 1] of the row above */

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t change = diagonal + !same(a[i - 1], b[j - 1]);

			diagonal = row[j];
			row[j] = min(change, 1 + min(row[j], row[j - 1]));
		}
	}
	return row[m];
}

const char *nearest(const char *word, size_t n, const char *(*name)(int i, const void *arg),
		    const void *arg)
{
	const char *best = NULL, *known;
	size_t limit = (n < 3 ? 1 : n / 3) + 1; /* what the next name has to be below */

	for (int i = 0; (known = name(i, arg)); i++) {
		size_t m = strlen(known), far;

		if (m > KNOWN_MAX)
			continue;
		far = distance(word, n, known, m);
		if (far < limit) {
			limit = far;
			best = known;
		}
	}
	return best;
}
