/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads JSON (RFC 8259) that lies in memory, one value after the other, without
 * memory of its own: strings are brought to their meaning where they lie. What
 * is not exactly JSON is refused from there on, and so is what is nested deeper
 * than JSON_DEPTH, or what is no UTF-8, half surrogates included.
 */
#ifndef CORE_JSON_READ_H
#define CORE_JSON_READ_H

#include "str.h"

#define JSON_DEPTH 32

enum json_kind {
	JSON_END, /* the text was one value, and nothing follows */
	JSON_BAD, /* it is no JSON: so is all that follows */
	JSON_OBJECT,
	JSON_ARRAY,
	JSON_CLOSE, /* of the innermost object or array */
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL
};

struct json {
	char *p;
	uint32_t n, at;
	uint32_t level;		    /* of the last value: objects and arrays that it lies in */
	struct str key[JSON_DEPTH]; /* that lead to it, one a level; n = 0 in arrays */
	/* The reader's own. */
	uint32_t depth; /* objects and arrays that are open */
	bool is_array[JSON_DEPTH];
	bool first; /* the innermost of them has no value yet */
	bool bad;
};

/* Begins to read n bytes, which are overwritten. */
void json_begin(struct json *j, char *p, uint32_t n);

/*
 * The next value. A string or a number is put in *text, whose bytes stay as long
 * as the buffer; a string may have NULs in it. That of JSON_CLOSE is the object or
 * array that ends, as it was when it began.
 */
enum json_kind json_next(struct json *j, struct str *text);

/* Does the way to the last value read so? "Config/Labels/" "*": a name each, * stands for any. */
bool json_is(const struct json *j, const char *path);

#endif
