/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way of a record: check, tables, rules, alerts, tables again. The engine
 * asks nothing of the machine itself; what it lacks it asks for through
 * struct engine_help, whose answers are records again.
 */
#ifndef CORE_ENGINE_H
#define CORE_ENGINE_H

#include "alert.h"
#include "repeat.h"

/* What the engine may ask for. Each may be NULL: then it is not to be had (replay). */
struct engine_help {
	/* Describe a process that no table knows: procinfo and fdinfo records. */
	void (*process)(uint32_t pid);
	/*
	 * State a file's device and inode anew: a fileinfo record. The name is
	 * followed by a NUL.
	 */
	void (*file)(const char *name);
	/* State the directory in a path that is a link, or, of "", that none is: linkinfo records. */
	void (*link)(const char *path);
	/* State a container that has not been stated: a containerinfo record. */
	void (*container)(const struct container *c, uint64_t ts);
	/* The same again of some, once ts has reached container_due. */
	void (*containers)(uint64_t ts);
};

#define ASKS_PER_SECOND 200	 /* processes that may be asked for, of record time */
#define CONTAINERS_PER_SECOND 50 /* and containers */

/* How many questions there were in a second of record time. */
struct asks {
	uint64_t second;
	uint32_t count;
};

struct engine {
	const struct config *cfg;
	struct stats *stats;
	struct state *state;
	struct ruleset *rules;
	struct engine_help help;
	uint64_t taken[TRC_NTYPES]; /* records of each type that arrived whole */
	uint64_t latest;	    /* hdr.ts of the last event */
	struct asks asked_processes, asked_containers;
	uint64_t container_due; /* when a container is to be asked for again; 0 = never */
	bool helping;		/* an answer is on its way: no further questions */
	uint64_t secret[2];	/* of hashes that nobody may foretell, random at start */
	struct repeats repeats;
	uint64_t held_until; /* the first throttle that holds alerts back ends; 0 = none */
	/* Gets each record in the order the tables did; or NULL. */
	void (*tee)(const struct trc_hdr *rec);
	char scratch[FIELD_SCRATCH];
	char text[ALERT_TEXT_MAX];
};

/* Bytes of arena that engine_open takes. */
size_t engine_size(const struct config *cfg);

/* Prepares what counts repeats and tells actors apart. e->cfg is set. 0 or -errno. */
int engine_open(struct engine *e, struct arena *a);

/* Takes a record of size bytes, aligned to 8: whatever it is, nothing breaks. */
void engine_record(struct engine *e, const void *rec, size_t size);

/*
 * Tells what is due at a time (hdr.ts): how often acts were repeated, what
 * throttles held back. The engine does so itself at each event.
 */
void engine_settle(struct engine *e, uint64_t now);

/* When something will be due, in the time of records; 0 = never. */
uint64_t engine_due(const struct engine *e);

/* Tells all of it now: before rules are replaced, and at the end. */
void engine_flush(struct engine *e);

/*
 * Asks for all files that the rules name whole, and for the links in paths that they name: when
 * rules or the machine are new.
 */
void engine_ask_files(struct engine *e);

/*
 * The sensor's own words: a line to the operator, and to the sinks as an alert
 * of the rule "tiercel". What is no plain text is escaped. time: ns since 1970, 0 = now.
 */
void engine_say(struct engine *e, enum priority priority, uint64_t time, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
