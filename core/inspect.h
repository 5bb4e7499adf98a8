/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be said before anything is watched: of rules (list rules), and of
 * the machine (probe).
 */
#ifndef CORE_INSPECT_H
#define CORE_INSPECT_H

#include "../driver/driver.h"
#include "cli.h"

/* Each prints on standard output and returns an exit code; what was wrong has been said. */

/* Lists the rules that were read; with a name: one of them, and what its condition asks. */
int inspect_rules(const struct cli *cli, const char *name);

/*
 * Opens each driver in turn, or that of --driver, and says whether it works here, or why not.
 * Returns an exit code.
 */
int inspect_probe(const struct cli *cli);

/* Does a driver work here? Tries, and stops it. One that traces is given a program. */
bool inspect_works(const struct driver *d, const struct config *cfg, struct driver_verdict *v);

#endif
