/* SPDX-License-Identifier: BSD-2-Clause */
/* Giving up privileges: see privilege.h. */
#include "privilege.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* capset(2), version 3: two words for each set. The kernel's header is not ours to include. */
#define CAP_VERSION_3 0x20080522u
#define CAP_DAC_READ_SEARCH_BIT (1u << 2)
#define CAP_SYS_PTRACE_BIT (1u << 19)
#define NOBODY 65534

struct cap_head {
	uint32_t version;
	int pid;
};

struct cap_sets {
	uint32_t effective, permitted, inheritable;
};

/* Leaves of the first 32 capabilities those, as far as they are there, and none of the others. */
static int keep(uint32_t caps)
{
	struct cap_head head = {.version = CAP_VERSION_3};
	struct cap_sets sets[2];

	if (syscall(SYS_capget, &head, sets))
		return -errno;
	caps &= sets[0].permitted;
	memset(sets, 0, sizeof(sets));
	sets[0].effective = sets[0].permitted = caps;
	return syscall(SYS_capset, &head, sets) ? -errno : 0;
}

/* A user by name, or by number: digits only, and not one that setresuid(2) takes for "leave it". */
static int find_user(const char *user, uid_t *uid, gid_t *gid)
{
	size_t digits = strspn(user, "0123456789");
	unsigned long long number = strtoull(user, NULL, 10);
	struct passwd *pw;

	if (!user[digits]) {
		if (digits > 10 || number >= UINT32_MAX)
			return -EINVAL;
		*uid = (uid_t)number;
		*gid = (gid_t)number;
		return 0;
	}
	pw = getpwnam(user);
	if (!pw)
		return -ENOENT;
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return 0;
}

int privilege_user(const char *user, uid_t *uid)
{
	gid_t gid;

	return find_user(user, uid, &gid);
}

int privilege_check(const char *user)
{
	uid_t uid;

	return *user ? privilege_user(user, &uid) : 0;
}

int privilege_drop(const char *user, bool reads_proc, char *why, size_t size)
{
	uint32_t caps = CAP_DAC_READ_SEARCH_BIT | (reads_proc ? CAP_SYS_PTRACE_BIT : 0);
	uid_t uid;
	gid_t gid;

	if (!*user || geteuid() != 0)
		return 0;
	if (find_user(user, &uid, &gid)) {
		snprintf(why, size, "sensor.user: %s: no such user (empty: stay who started it)",
			 user);
		return -ENOENT;
	}
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) || setresgid(gid, gid, gid) ||
	    setresuid(uid, uid, uid) || keep(caps) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		snprintf(why, size, "sensor.user: cannot become %s: %s", user, strerror(errno));
		return -errno;
	}
	return 0;
}

int privilege_none(void)
{
	if (!geteuid() && (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
			   setresuid(NOBODY, NOBODY, NOBODY)))
		return -errno;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return keep(0);
}
