/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules: reading them from INI files, and asking them about an event.
 *
 *	[list shells]
 *	items = sh, bash
 *
 *	[macro spawned]
 *	condition = evt.type = execve
 *
 *	[rule Shell in a cron job]
 *	condition = spawned and proc.name in (shells) and proc.aname = crond
 *	output = %proc.cmdline
 *	priority = warning
 *
 * A file defines a name once; a later file that does so again replaces it. Conditions
 * may use lists, and those of rules macros, that are defined behind them; a macro uses
 * only macros, and a list lists, defined above it. Later sections change what was defined above:
 *
 *	[override list shells]
 *	items += fish
 *
 *	[override rule Shell in a cron job]
 *	condition += and not proc.pname = mailer
 *	priority = notice
 *
 * = replaces what a key was given, += adds to it; a condition as if it had
 * stood in parentheses. What is changed is changed for whoever uses it, wherever
 * that stands; what was replaced is not compiled.
 *
 * The set is compiled into an arena: distinct checks, each evaluated at most
 * once per event, and for each rule a chain of them in which every check says
 * where to go on when it holds and when it does not. Nothing is allocated and
 * nothing recurses when an event is matched.
 */
#ifndef CORE_RULE_H
#define CORE_RULE_H

#include "field.h"
#include "ini.h"
#include "template.h"
#include "throttle.h"

enum priority {
	PRIO_EMERGENCY,
	PRIO_ALERT,
	PRIO_CRITICAL,
	PRIO_ERROR,
	PRIO_WARNING,
	PRIO_NOTICE,
	PRIO_INFORMATIONAL,
	PRIO_DEBUG,
	PRIO_COUNT
};

/* "Warning"; the number is syslog's severity. */
extern const char *const priority_name[PRIO_COUNT];

/* Reads a name in any case, "info" included. -1 if it is none. */
int priority_parse(struct str s);

/* Takes the next of the words of tags, between commas and blanks; n = 0 at their end. */
struct str tag_next(const char **tags);

/* Bit i: for the i-th of state_link(). */
enum { NAME_GIVEN = 1u << 31 }; /* for the one that the caller gave */

struct rule {
	const char *name;
	const char *desc; /* or "" */
	enum priority priority;
	const char *tags; /* "a, b" as written, or "" */
	struct template *output;
	struct ini_place place;
	uint32_t names; /* NAME_*: for which names of an opened file it is asked again */
	bool has_limit; /* the rule has a throttle of its own */
	struct throttle_limit limit;
	struct throttle throttle;
	uint64_t hits; /* alerts it made; of these, */
	uint64_t repeated, throttled;
};

struct ruleset;

/*
 * Reads and compiles the files and directories, in order, into the arena, and
 * keeps rules of at least min_priority that are enabled. Returns NULL with err
 * filled: file, line, word, what was expected. Whatever else the arena held stays.
 */
struct ruleset *ruleset_load(struct arena *a, const char *const *paths, int npaths,
			     enum priority min_priority, struct ini_error *err);

/* The same from len bytes of text. What is worked in is mapped for the time of the call. */
struct ruleset *ruleset_text(struct arena *a, const char *text, size_t len,
			     enum priority min_priority, struct ini_error *err);

int ruleset_count(const struct ruleset *rs);
/*
 * The i-th rule that was read, NULL past the end: those too that are off, or of
 * a priority too low, for which *on is false. They are no part of the set.
 */
const struct rule *ruleset_read(const struct ruleset *rs, int i, bool *on);
/* Event types that a rule can hold for: sets bytes of wanted to 1; none if it is off. */
void rule_wants(const struct rule *r, uint8_t wanted[static TRC_NTYPES]);
/* Calls fn for the field of each check of a rule's condition, as often as it is asked. */
void rule_fields(const struct rule *r, void (*fn)(void *arg, const struct field_ref *ref),
		 void *arg);

/* What a filter in the kernel could keep from a rule: all events of a type, some, or none. */
enum demand { DEMAND_NONE, DEMAND_SOME, DEMAND_ALL };

struct text_buf;

/*
 * Which events of a type does a rule need? DEMAND_SOME: those for which the condition that is added
 * to the text holds; the rule cannot fire for others. It has only what the kernel knows of a call,
 * a file, a socket: an or of it in and is in parentheses, the whole is not.
 */
enum demand rule_demand(const struct rule *r, int type, struct text_buf *b);

struct rule *ruleset_rule(struct ruleset *rs, int i);
/* Distinct checks of all rules. */
int ruleset_checks(const struct ruleset *rs);
/* FNV-1a of what was read: the same files in the same order give the same number. */
uint64_t ruleset_hash(const struct ruleset *rs);

/* Event types that some rule can match: sets bytes of wanted to 1. */
void ruleset_wants(const struct ruleset *rs, uint8_t wanted[static TRC_NTYPES]);

/* The i-th absolute name that some check compares a path with as a whole; p = NULL past the end. */
struct str ruleset_file(const struct ruleset *rs, int i);

/*
 * Calls fn for the absolute paths that some rule needs the name of an opened file to be, to lie in
 * or to begin with, as often as they are named. Patterns are among them.
 */
void ruleset_paths(const struct ruleset *rs, void (*fn)(const char *path));

/* The distinct names of hosts that some check compares with, in lower case, each with a NUL. */
const struct str *ruleset_hosts(const struct ruleset *rs, int *count);

/*
 * First rule, in the order they were read, whose condition holds; NULL if none
 * does. Of an opened file it is asked about the kernel's name, then, if it is
 * another, about the one that the caller gave, and, if it names a directory through
 * a link, about the one that has the link: each time as a whole, so no name can hide
 * another. all: call again with *pos for the next; *pos starts as 0.
 */
struct rule *ruleset_match(struct ruleset *rs, struct field_ctx *ctx, int *pos);

#endif
