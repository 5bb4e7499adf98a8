/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may deliver events, as feed.sources lists them, and what names in a feed look like. */
#ifndef CORE_FEED_SOURCE_H
#define CORE_FEED_SOURCE_H

#include "str.h"

#define FEED_SOURCES 16
#define FEED_NAME_MAX 31 /* bytes of the name of a source, an event or a key */
#define FEED_USER_MAX 32

struct feed_source {
	struct str name; /* in the option's text */
	char user[FEED_USER_MAX + 1];
	bool records; /* may deliver records, too */
};

/* Is it 1 to FEED_NAME_MAX letters, digits and _? */
bool feed_is_name(struct str s);

/* Reads the words NAME:USER or NAME:USER:records. Returns how many, or -EINVAL. */
int feed_sources(const char *text, struct feed_source out[static FEED_SOURCES]);

#endif
