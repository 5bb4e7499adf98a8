/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of this program, printed on standard output for people to read. */
#ifndef CORE_SHOW_H
#define CORE_SHOW_H

struct show_list {
	const char *name; /* "events" */
	void (*print)(void);
};

/* Ended by one without a name. */
extern const struct show_list show_lists[];

#endif
