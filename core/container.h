/* SPDX-License-Identifier: BSD-2-Clause */
/* Which container a process is in, by the path of its cgroup. */
#ifndef CORE_CONTAINER_H
#define CORE_CONTAINER_H

#include "state.h"

/*
 * Writes which container has that cgroup: of docker, balena, podman, containerd
 * and cri-o the first 12 of its 64 hex digits, as Falco has it; of lxc,
 * libvirt-lxc and systemd-nspawn its name; of nested ones the innermost. "host"
 * if it is none, "" if its name is too long. Returns the runtime, "host" for
 * none, NULL if the path does not tell; a constant string.
 */
const char *container_of_cgroup(struct str path, char id[static PROC_CONTAINER_MAX]);

#endif
