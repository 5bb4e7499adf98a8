/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the messages to a feed say, and the records that they become. A message is
 *
 *	source NAME			the first one: who delivers
 *	declare EVENT KEY...		once for each kind of event, in one line
 *	event EVENT			and a line KEY=VALUE for each value
 *	record				and the bytes of a record
 *
 * each line ended by a newline, which the last may lack. A value is all bytes to the end of its
 * line, as they are: nothing is quoted, so nothing that a value says can be read as another one.
 */
#ifndef CORE_FEED_TEXT_H
#define CORE_FEED_TEXT_H

#include "../driver/record.h"
#include "str.h"

#define FEED_DECLARED_MAX 1024 /* bytes of all that a connection declares */
#define FEED_KEYS_MAX 32       /* of one event */
#define FEED_ANSWER_MAX 128

/* What a connection has declared. Zeroed at first. */
struct feed_declared {
	char text[FEED_DECLARED_MAX]; /* "EVENT KEY KEY" of each, with its NUL */
	uint32_t n;
};

enum feed_command { FEED_NO_COMMAND, FEED_SOURCE, FEED_DECLARE, FEED_EVENT, FEED_RECORD };

/* What a message begins with. *rest is what stands behind that and a blank, or its newline. */
enum feed_command feed_command(struct str message, struct str *rest);

/*
 * Those below return 0, or -EINVAL with one line in why (FEED_ANSWER_MAX bytes) for who sent it.
 * rest is what stands behind the command.
 */

int feed_declare(struct feed_declared *d, struct str rest, char *why);

/* Makes the record of an event, all but who did it. */
int feed_event(const struct feed_declared *d, struct str source, struct str rest,
	       struct record *rec, char *why);

/* Copies a record, of any event that rules see; its time is now, and no losses before it. */
int feed_record(struct str rest, struct record *rec, char *why);

#endif
