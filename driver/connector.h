/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process connector: the kernel tells of processes that begin, become
 * another program or another user, and end (netlink, CONFIG_PROC_EVENTS). One
 * socket, of the first namespaces of processes and of networks.
 */
#ifndef DRIVER_CONNECTOR_H
#define DRIVER_CONNECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "event.h"

enum connector_what {
	CONNECTOR_FORK, /* other = the new thread, its process in value */
	CONNECTOR_EXEC,
	CONNECTOR_UID, /* value = real, effective */
	CONNECTOR_GID, /* the same */
	CONNECTOR_SID,
	CONNECTOR_PTRACE, /* other = who traces it from now on, its process in value; 0 = nobody */
	CONNECTOR_COMM,	  /* name */
	CONNECTOR_EXIT,	  /* value = as wait(2) has it */
};

struct connector_event {
	enum connector_what what;
	trc_u64 ts; /* as hdr.ts */
	pid_t pid, tid;
	pid_t other;
	trc_u32 value, effective;
	char name[16]; /* with a NUL, if shorter */
};

/* Begins. 0, or -errno with one line in why. Needs CAP_NET_ADMIN, for the start alone. */
int connector_open(char *why, size_t size);

/* Goes on with what connector_open() has begun in another process. */
void connector_adopt(int fd);

/* Readable when there is something; -1 = not open. */
int connector_fd(void);

/*
 * Reads one message of the kernel's, of n bytes, with `shift` ns from its clock to that of
 * records. 1; 0 = it tells of nothing that is asked for; -1 = it is none.
 * *cpu and *seq are its number among those of that CPU; *seq is of use if the result is not -1.
 */
int connector_parse(const void *msg, size_t n, trc_u64 shift, struct connector_event *out,
		    trc_u32 *cpu, trc_u32 *seq);

/* The next event there is. False if there is none now. *lost grows by those that had no room. */
bool connector_next(struct connector_event *out, trc_u64 *lost);

void connector_close(void);

#endif
