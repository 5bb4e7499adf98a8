/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading INI files: sensor.ini and rules. The parser is inih; what it must
 * never see (NUL bytes, over-long lines) is refused before, with the line's
 * number, and what it would cut or skip in silence is taken from our own copy.
 *
 *	; comment		# comment
 *	[section argument]	the first word is the kind, the rest a name of any length
 *	key = value		blanks around a value go, quotes stay
 *		goes on		an indented line goes on with the value above it
 *
 * Comments have a line of their own; blanks may stand before them. Comments and
 * empty lines inside of a value that goes on are skipped. The lines of a value
 * are joined by newlines, one for each line of the file that it passes: what
 * stands behind the n-th newline comes from line place.line + n.
 */
#ifndef CORE_INI_H
#define CORE_INI_H

#include <stddef.h>

#define INI_LINE_MAX 8000      /* bytes of one line */
#define INI_KEYS_MAX 64	       /* keys of one section */
#define INI_VALUE_MAX 65536    /* bytes of one value with all its lines, a NUL included */
#define INI_FILE_MAX (1 << 20) /* bytes of one file */

/* Where something was read, for messages. */
struct ini_place {
	const char *file;
	int line;
};

/* The message of the first error: "file:line: word: what was expected". */
struct ini_error {
	char text[512];
	struct ini_place at; /* where that is */
	/* Bytes from the word to the end of its line, and of the word; 0 = not known. */
	unsigned rest, width;
};

/*
 * Writes the message of an error into err, control characters as \xHH; line 0
 * or file NULL leave that part out. Returns -EINVAL, for `return ini_fail(...)`.
 */
int ini_fail(struct ini_error *err, struct ini_place at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Notes which word an error is about that has been filled: width bytes at word, which points into
 * the value of a key as the reader gave it. Returns -EINVAL.
 */
int ini_blame(struct ini_error *err, const char *word, size_t width);

/* Whom to tell what is read. kind, name, key and value live until the call returns. */
struct ini_reader {
	/*
	 * A section begins: kind "rule", name "Shell in a container" (may be "").
	 * 0, or -errno with err filled.
	 */
	int (*section)(void *arg, struct ini_place at, const char *kind, const char *name,
		       struct ini_error *err);
	/* A key, once per section at most, with its whole value, and where each begins. */
	int (*key)(void *arg, struct ini_place at, struct ini_place value_at, const char *key,
		   const char *value, struct ini_error *err);
	void *arg;
};

/*
 * Reads a text of len bytes. Any error ends it: 0, or -errno with err filled.
 * file is used in messages and must outlive what the reader keeps of it.
 * buf is working memory of at least len + INI_VALUE_MAX bytes.
 */
int ini_text(const char *file, const char *text, size_t len, const struct ini_reader *r, char *buf,
	     size_t size, struct ini_error *err);

/* Reads a file; working memory is mapped for the time of the call. */
int ini_file(const char *path, const struct ini_reader *r, struct ini_error *err);

/*
 * Calls fn for a file, or for each *.ini of a directory in the order of their
 * names (byte-wise), hidden ones left out. The name that fn gets lives until it
 * returns. Returns 0, the first non-zero of fn, or -errno with err filled.
 */
int ini_each(const char *path, int (*fn)(void *arg, const char *file, struct ini_error *err),
	     void *arg, struct ini_error *err);

#endif
