/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of this program, printed on standard output: for people, or as
 * rows of the manual, so that both always say the same.
 */
#ifndef CORE_SHOW_H
#define CORE_SHOW_H

#include <stdbool.h>

struct show_list {
	const char *name; /* "events" */
	void (*print)(void);
};

/* Ended by one without a name. */
extern const struct show_list show_lists[];

/* Prints a list. man: as items of an mdoc(7) list. */
void show(const struct show_list *l, bool man);

#endif
