/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The capture body of capture.h over what user space sees of another process:
 * /proc, its memory (process_vm_readv) and its sockets (pidfd_getfd). It
 * serves the ptrace driver, whose threads are stopped meanwhile, and the
 * description of running processes.
 */
#ifndef DRIVER_CAPTURE_PROC_H
#define DRIVER_CAPTURE_PROC_H

#include <stdbool.h>

#include "procfs.h"
#include "record.h"
#include "table.h"

/* What a record is about. The caller fills it but for what is said to be looked up. */
struct cap {
	struct record *rec; /* where the record is built */
	pid_t pid, tid;
	enum abi abi; /* of the call */
	bool compat;
	trc_u32 nr; /* of the call, ~0 = none */
	trc_s64 ret;
	trc_u64 reg[6];
	pid_t child; /* procfork */
	int status;  /* procexit: as wait(2) has it */
	bool brief;  /* of stat and who only start, cpu and uid are there: the rest if a row asks */

	/* capture_look(): */
	struct procfs_stat stat;
	struct procfs_status who;

	/* The file that was looked at last for this record, and by which link; "" = none: */
	char seen[32];
	struct stat file;
};

/* Looks up stat and who, for the header. 0, or -errno: the thread is gone. */
int capture_look(struct cap *c);

/* Is a call of that type, with the arguments in reg, no event after all (ONLY in events.def)? */
bool capture_is_dull(struct cap *c, enum trc_type type);

/*
 * Which event is a call of that type that has returned? Some are another's with other arguments:
 * those replace their own in reg and ret. pid and tid must be set.
 */
enum trc_type capture_called(struct cap *c, enum trc_type type);

/* Does a new thread not share what threads do: descriptors, and the directory? */
bool capture_is_apart(pid_t tid, pid_t child);

/*
 * The last descriptor that a process has of a file, of its first 256, and its open flags as
 * records have them. -1: none, or it may not be looked at.
 */
int capture_holds(pid_t pid, const struct stat *file, trc_s64 *flags);

/* Builds a record of that type in c->rec. */
void capture_record(struct cap *c, enum trc_type type);

/*
 * Builds an fdinfo record of a descriptor in c->rec: name, flags, the ends of a
 * socket. 0, or -errno: there is none of that number, or it may not be seen.
 */
int capture_fd(struct cap *c, int fd);

#endif
