/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "Did you mean": the known name that a mistyped word is closest to, counted
 * in letters added, removed or changed (Levenshtein's distance).
 */
#ifndef CORE_NEAREST_H
#define CORE_NEAREST_H

#include <stddef.h>

/*
 * The one of the names that is nearest to the n bytes at word, of equally near
 * ones the first; name(i, arg) gives the i-th, NULL past the end. NULL if none
 * differs in at most a third of the word's letters (in one, if it has few).
 * Upper and lower case count as equal; names over 64 bytes are passed over.
 */
const char *nearest(const char *word, size_t n, const char *(*name)(int i, const void *arg),
		    const void *arg);

/* The end of a message about a word that is not known: "%s%s" and what for, if near is like it. */
#define MEANT "%s%s"
#define MEANT_WORDS "; did you mean "
#define MEANT_ARGS(near) (near) ? MEANT_WORDS : "", (near) ? (near) : ""

#endif
