/* SPDX-License-Identifier: BSD-2-Clause */
/* A piece of text that somebody else owns: no NUL needed, any byte allowed. */
#ifndef CORE_STR_H
#define CORE_STR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	uint32_t n;
};

/* The text of a macro that is a number, for messages. */
#define QUOTED(macro) QUOTED_(macro)
#define QUOTED_(number) #number

#define STR(literal) ((struct str){literal, sizeof(literal) - 1})

static inline struct str str_of(const char *s)
{
	return (struct str){s, (uint32_t)strlen(s)};
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static inline bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && !memcmp(s.p, prefix.p, prefix.n);
}

/* Is a path that directory, or one in it? */
static inline bool str_lies_in(struct str path, struct str directory)
{
	return str_starts(path, directory) && (path.n == directory.n || path.p[directory.n] == '/');
}

/* Takes prefix off s, if it begins so. */
static inline bool str_take(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	*s = (struct str){s->p + prefix.n, s->n - prefix.n};
	return true;
}

/* Takes the first of several strings off them. Each ends with a NUL; the last may not. */
static inline struct str str_take_first(struct str *strings)
{
	struct str first = {strings->p, (uint32_t)strnlen(strings->p, strings->n)};
	uint32_t skip = first.n + (first.n < strings->n);

	*strings = (struct str){strings->p + skip, strings->n - skip};
	return first;
}

/* Is s one of count? */
static inline bool str_in(const struct str *list, uint32_t count, struct str s)
{
	for (uint32_t i = 0; i < count; i++)
		if (str_eq(list[i], s))
			return true;
	return false;
}

static inline bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && !memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n);
}

/* What stands behind the last slash of a path, or all of it. */
static inline struct str str_base(struct str path)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;
	uint32_t skip = slash ? (uint32_t)(slash + 1 - path.p) : 0;

	return (struct str){path.p + skip, path.n - skip};
}

/* Value of a hexadecimal digit, -1 if it is none. */
static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

#define FNV_START 0xcbf29ce484222325ull

/* FNV-1a, going on from h. */
static inline uint64_t fnv(uint64_t h, const void *p, size_t n)
{
	const uint8_t *byte = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ byte[i]) * 0x100000001b3ull;
	return h;
}

#endif
