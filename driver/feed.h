/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The socket on which other programs deliver events: who connects, and their messages one by one.
 * It knows nothing of what a message says. All memory is fixed; no call blocks.
 */
#ifndef DRIVER_FEED_H
#define DRIVER_FEED_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "event.h"

#define FEED_CONNECTIONS 16
#define FEED_MESSAGE_MAX 4096 /* bytes */

/* Who connected, by the kernel's word (SO_PEERCRED). */
struct feed_peer {
	trc_u32 pid;   /* 0: of no process that has a number here */
	trc_u32 uid;   /* effective */
	trc_u64 start; /* as hdr.start; 0: not known */
};

enum feed_kind {
	FEED_NONE, /* there is nothing now */
	FEED_NEW,  /* a connection was made */
	FEED_FULL, /* one was made for which there is no place, and has been ended */
	FEED_TEXT, /* a message */
	FEED_LONG, /* a message of more than FEED_MESSAGE_MAX bytes, which are lost */
};

struct feed_item {
	enum feed_kind kind;
	int from;      /* the connection, 0 to FEED_CONNECTIONS - 1; FEED_FULL: FEED_LISTENER */
	const char *p; /* of a message; until the next call */
	size_t n;
};

#define FEED_LISTENER FEED_CONNECTIONS

/*
 * Makes the socket, for anybody to connect to; whom to hear is for the caller to say. A directory
 * that is not there is made, owner's, and one that no process listens on replaced. 0, or -errno
 * with one line in why.
 */
int feed_open(const char *path, uid_t owner, char *why, size_t size);

/* Readable when there is something; -1: there is no socket. */
int feed_fd(void);

/* What is next; of several connections one after the other. */
struct feed_item feed_next(void);

const struct feed_peer *feed_peer(int from);

/* How many connections a user has. */
int feed_count(trc_u32 uid);

/* Sends a line, if there is room for it. */
void feed_answer(int from, const char *line);

void feed_hang_up(int from);

/* Does not listen to a connection, or for new ones (FEED_LISTENER), for so many ms. */
void feed_rest(int from, int ms);

/* When somebody is to be listened to again, ms of CLOCK_MONOTONIC; 0: nobody rests. */
int64_t feed_due(void);

/* Ends all, and removes the socket. */
void feed_close(void);

#endif
