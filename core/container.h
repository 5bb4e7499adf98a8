/* SPDX-License-Identifier: BSD-2-Clause */
/* Which container a process is in, by the path of its cgroup. */
#ifndef CORE_CONTAINER_H
#define CORE_CONTAINER_H

#include "state.h"

struct container {
	char id[PROC_CONTAINER_MAX];
	const char *runtime; /* a constant string; "host" = none, NULL = the path does not tell */
	bool rootless;	     /* a user may have made its cgroup, and given it any name */
};

/*
 * Which container has that cgroup: of docker, balena, podman, containerd and
 * cri-o the first 12 of its 64 hex digits, as Falco has it; of lxc, libvirt-lxc
 * and systemd-nspawn its name; of nested ones the innermost. "host" if it is
 * none, "unknown" if its name is too long, empty or "host", or if the path is cut
 * and names none.
 * Rootless is what lies below a user's own user@UID.service, which systemd lets
 * that user make cgroups in (systemd's CGROUP_DELEGATION.md), and all in a path
 * that is cut: its start, not its end.
 */
struct container container_of_cgroup(struct str path, bool cut);

#endif
