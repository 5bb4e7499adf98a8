/* SPDX-License-Identifier: BSD-2-Clause */
/* The sources of events: see feed_source.h. */
#include "feed_source.h"

#include <errno.h>

#define BLANKS " \t"
#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool feed_is_name(struct str s)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(LETTERS DIGITS "_", s.p[i]))
			return false;
	return s.n && s.n <= FEED_NAME_MAX;
}

/* NAME:USER[:records] of n bytes at p. */
static bool read_source(const char *p, size_t n, struct feed_source *out)
{
	const char *user = memchr(p, ':', n), *end = p + n, *more;

	if (!user)
		return false;
	user++;
	more = memchr(user, ':', (size_t)(end - user));
	out->name = (struct str){p, (uint32_t)(user - 1 - p)};
	out->records = more && str_eq((struct str){more, (uint32_t)(end - more)}, STR(":records"));
	n = (size_t)((more ? more : end) - user);
	if (!n || n > FEED_USER_MAX)
		return false;
	memcpy(out->user, user, n);
	out->user[n] = '\0';
	return feed_is_name(out->name) && out->records == (more != NULL);
}

int feed_sources(const char *text, struct feed_source out[static FEED_SOURCES])
{
	int count = 0;
	size_t n;

	for (text += strspn(text, BLANKS); *text; text += n + strspn(text + n, BLANKS)) {
		n = strcspn(text, BLANKS);
		if (count == FEED_SOURCES || !read_source(text, n, &out[count]))
			return -EINVAL;
		for (int i = 0; i < count; i++)
			if (str_eq(out[i].name, out[count].name))
				return -EINVAL;
		count++;
	}
	return count;
}
