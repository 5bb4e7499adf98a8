/* SPDX-License-Identifier: BSD-2-Clause */
/* What `tiercel check` says of configuration and rules, to people and, as JSON, to programs. */
#ifndef CORE_VERDICT_H
#define CORE_VERDICT_H

#include "cli.h"

/*
 * Reads configuration and rules, says what is wrong or odd about them, and prints what they take of
 * memory. With -V: rules alone. Returns an exit code, that of what is wrong; what is odd is good.
 */
int verdict(const struct cli *cli);

#endif
