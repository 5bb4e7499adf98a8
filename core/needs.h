/* SPDX-License-Identifier: BSD-2-Clause */
/* What rules need of the events of each type: the capture plan, for people. */
#ifndef CORE_NEEDS_H
#define CORE_NEEDS_H

#include "rule.h"

/* Prints it on standard output: types of which the same is needed stand together. */
void needs_print(struct ruleset *rs);

#endif
