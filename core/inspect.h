/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be said before anything is watched: of configuration and rules
 * (check, list rules), and of the machine (probe).
 */
#ifndef CORE_INSPECT_H
#define CORE_INSPECT_H

#include "cli.h"

/* Each prints on standard output and returns an exit code; what was wrong has been said. */

/* Reads configuration and rules, and prints what they take of memory. With -V: rules alone. */
int inspect_check(const struct cli *cli);

/* Lists the rules that were read; with a name: one of them, and what its condition asks. */
int inspect_rules(const struct cli *cli, const char *name);

/*
 * Opens each driver in turn, or that of --driver, and says whether it works here, or why not.
 * Returns an exit code.
 */
int inspect_probe(const struct cli *cli);

#endif
