/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records from lines that people write, for tests of rules:
 *
 *	WHO: EVENT [ARGUMENT=VALUE]...
 *
 * Events and arguments are those of the event table, its state records included. WHO is any word;
 * each is a process of its own. What a process is stays as its last procinfo or execve said.
 */
#ifndef CORE_CASELINE_H
#define CORE_CASELINE_H

#include "../driver/record.h"
#include "../driver/table.h"
#include "lex.h"

#define CASE_WHO 64 /* processes of a case */
#define CASE_IMAGE_ARGS TRC_ARG_MAX

/* What is known of a program, by the slots of procinfo; strings lie in the case's arena. */
struct case_image {
	uint32_t has; /* bit n: slot n */
	union {
		int64_t num;
		struct str s;
	} slot[CASE_IMAGE_ARGS];
};

struct case_who {
	struct str name;
	uint32_t user; /* effective */
	struct case_image image;
};

/* A case that is being read. Zeroed, then lx, a and err are set. */
struct case_lines {
	struct lex lx;	 /* where the next line begins */
	struct arena *a; /* strings live there */
	struct ini_error *err;
	struct ini_place at; /* of the line that was read last */
	struct case_who who[CASE_WHO];
	uint32_t count;
	uint64_t lines; /* that were read: each is a millisecond after the one before, */
	uint64_t after; /* and so many seconds in all that lines ask for */
	/* Of the line that is being read: */
	uint32_t arguments;
	uint32_t given;	     /* bit n: it says slot n of the image */
	struct str filename; /* what the program was called by; p = NULL: as its file */
};

/*
 * Makes the record of the next line. An argument that is not given is missing, but for the result:
 * 0, or descriptor 3. Returns 1, 0 after the last line, or -errno with err filled.
 */
int caseline_next(struct case_lines *c, struct record *rec);

#endif
