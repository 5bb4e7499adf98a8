/* SPDX-License-Identifier: BSD-2-Clause */
/* Which container a process is in, by the path of its cgroup. */
#ifndef CORE_CONTAINER_H
#define CORE_CONTAINER_H

#include "state.h"

/*
 * Writes the short id of the container (12 hex digits, as Falco has it) whose
 * cgroup that path is, or "host". Known are the forms of docker, podman,
 * containerd and cri-o: a component with 64 hex digits.
 */
void container_of_cgroup(struct str path, char id[static PROC_CONTAINER_MAX]);

#endif
