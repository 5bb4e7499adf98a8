/* SPDX-License-Identifier: BSD-2-Clause */
/* Rule sets from text, for the tests of the rule language. */
#ifndef UNIT_RULES_H
#define UNIT_RULES_H

#include <stdio.h>

#include "../../core/rule.h"
#include "unit.h"

static struct ini_error rules_error;

/* Loads a text in size bytes of memory; NULL with rules_error filled. */
static inline struct ruleset *rules_load_in(size_t size, const char *text)
{
	struct arena a;

	rules_error.text[0] = '\0';
	CHECK_EQ(arena_map(&a, size), 0);
	return ruleset_text(&a, text, strlen(text), PRIO_DEBUG, &rules_error);
}

static inline struct ruleset *rules_load(const char *text)
{
	return rules_load_in(4 << 20, text);
}

/* The message that a text is refused with, "" if it is not. */
static inline const char *rules_refused(const char *text)
{
	return rules_load(text) ? "" : rules_error.text;
}

/* What a rule needs besides its condition; the condition goes first, in line 2. */
#define RULE(name, condition)                                                                      \
	"[rule " name "]\ncondition = " condition "\noutput = x\npriority = notice\n"

/* The message that a condition is refused with, "" if it is not; it stands in line 2 of "rules". */
static inline const char *rules_refused_condition(const char *condition)
{
	static char text[65536];

	snprintf(text, sizeof(text), RULE("r", "%s"), condition);
	return rules_refused(text);
}

#endif
