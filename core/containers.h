/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The containers that the machine's processes are in: has the files of their
 * engines read, once for each, and states what is found as containerinfo records.
 */
#ifndef CORE_CONTAINERS_H
#define CORE_CONTAINERS_H

#include "container.h"
#include "engine.h"

/*
 * Reads and states what is known of a container that has files, at a time of records.
 * If there is nothing yet, that is stated, and e->container_due set to when it is worth
 * asking again.
 */
void containers_ask(struct engine *e, const struct container *c, uint64_t ts);

/* Asks again for those whose time has come, and sets e->container_due anew. */
void containers_again(struct engine *e, uint64_t ts);

#endif
