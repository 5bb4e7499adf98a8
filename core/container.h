/* SPDX-License-Identifier: BSD-2-Clause */
/* Which container a process is in, by the path of its cgroup. */
#ifndef CORE_CONTAINER_H
#define CORE_CONTAINER_H

#include "state.h"

struct container {
	char id[PROC_CONTAINER_MAX];
	const char *runtime; /* a constant string; "host" = none, NULL = the path does not tell */
	bool rootless;	     /* a user may have made its cgroup, and given it any name */
	bool nested;	     /* in another container, whose root may have done the same */
	struct str whole;    /* the id with all its digits, in the path; n = 0 if it has a name */
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

/* May the machine's files be asked about it? Not where somebody may have made its name up. */
static inline bool container_has_files(const struct container *c)
{
	return !c->rootless && !c->nested && strcmp(c->id, "host") != 0 &&
	       strcmp(c->id, "unknown") != 0;
}

#endif
