/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Warnings about a set of rules that is good: what it can never tell, or tells
 * without asking. Whatever is warned of is so, whoever is watched; what would
 * take too long to find out is not warned of.
 */
#ifndef CORE_WARN_H
#define CORE_WARN_H

#include "rule.h"

enum warn_kind {
	WARN_NO_RULES,
	WARN_EVERY_EVENT,
	WARN_NEVER,
	WARN_OPPOSITE,
	WARN_NO_VALUE,
	WARN_NO_ARGUMENT,
	WARN_DRIVER,
	WARN_ALWAYS,
	WARN_SHADOWED,
	WARN_UNDONE,
	WARN_REPLACED,
};

struct warn_row {
	const char *name; /* "never" */
	/* What is said, but for a field or a name between the two. */
	const char *before, *behind;
};

/* By enum warn_kind, ended by one without a name. */
extern const struct warn_row warn_rows[];

struct warning {
	enum warn_kind kind;
	struct ini_place at; /* file = NULL: it is about no line */
	const char *rule;    /* its name, or that of a list or macro, or "" */
	const char *what;    /* to stand between the two, or "" */
};

typedef void warn_fn(void *arg, const struct warning *w);

/*
 * Calls fn for each warning, which lives until fn returns. first: one event is one alert
 * (sensor.match). Of WARN_DRIVER what is the field that only some drivers know: whether that is
 * worth a word is for fn to say.
 */
void ruleset_warn(const struct ruleset *rs, bool first, warn_fn *fn, void *arg);

/* The sentence, without place and rule: at most size bytes, a NUL included. */
void warn_text(const struct warning *w, char *buf, size_t size);

/* Says one to the operator, with place and rule. */
void warn_log(const struct warning *w);

#endif
