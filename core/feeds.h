/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The feed: events and records that other programs deliver, by whom feed.sources names, and no
 * more of them than feed.rate says.
 */
#ifndef CORE_FEEDS_H
#define CORE_FEEDS_H

#include "engine.h"

/* The first user of feed.sources that is none; NULL: all are. */
const char *feeds_unknown_user(const struct config *cfg);

/* Makes feed.socket, as root, if there is to be one. 0, or -errno with one line in why. */
int feeds_open(const struct config *cfg, char *why, size_t size);

/* Readable when there is something to take; -1 = there is no feed. */
int feeds_fd(void);

/* Takes what has come, but no more than a round of the loop can bear, and tells what is due. */
void feeds_take(struct engine *e);

/* Sees a record before the engine does: of a process that ends, what it delivered comes first. */
void feeds_record(struct engine *e, const struct trc_hdr *rec);

/* When to do so again though nothing comes, ms of clock_ms(); 0 = never. */
int64_t feeds_due(void);

/* Tells what was held back so far, and ends the feed. */
void feeds_close(struct engine *e);

#endif
