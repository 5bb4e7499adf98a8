/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking for what stands against a driver: see obstacle.h. */
#include "obstacle.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/capability.h>
#include <zlib.h>

#include "module/abi.h"
#include "procfs.h"

#define CAP(name) (1ull << CAP_##name)

enum kind { INITIAL, CAPS, UNLOCKED, CALL, CONFIG, UNLESS };

struct need {
	const char *driver;
	enum kind kind;
	const char *name; /* namespace, text of the capabilities, level, call, option, path */
	const char *what; /* UNLOCKED: what it forbids */
	uint64_t set, other;
};

static const struct need needs[] = {
#define INITIAL(driver, kind, inode) {#driver, INITIAL, #kind, NULL, inode, 0},
#define CAPS(driver, text, set, other) {#driver, CAPS, text, NULL, set, other},
#define UNLOCKED(driver, level, what) {#driver, UNLOCKED, #level, what, 0, 0},
#define CALL(driver, name, call) {#driver, CALL, name, NULL, call, 0},
#define CONFIG(driver, option) {#driver, CONFIG, option, NULL, 0, 0},
#define UNLESS(driver, path) {#driver, UNLESS, path, NULL, 0, 0},
#include "needs.def"
};

#define NNEEDS ((int)(sizeof(needs) / sizeof(needs[0])))

static void say(struct obstacle *out, const char *reason, const char *remedy, const char *name,
		const char *what)
{
	snprintf(out->reason, sizeof(out->reason), reason, name, what);
	snprintf(out->remedy, sizeof(out->remedy), remedy, name, what);
}

/* Namespaces of the start have inodes of their own since 3.8 (include/linux/proc_ns.h). */
static bool is_elsewhere(const struct need *n, struct obstacle *out)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", n->name);
	if (stat(path, &st) || st.st_ino == n->set)
		return false;
	say(out, "this is a %s namespace of its own, not the machine's",
	    "start the sensor outside of the container, or with the machine's %s namespace",
	    n->name, NULL);
	return true;
}

static bool lacks_caps(const struct need *n, struct obstacle *out)
{
	struct procfs_status who;
	uint64_t has;

	if (procfs_status(getpid(), &who))
		return false;
	has = who.caps[PROCFS_CAPEFF];
	if ((has & n->set) == n->set || (has & n->other) == n->other)
		return false;
	say(out, "this process lacks %s", "start it as root, or with %s", n->name, NULL);
	return true;
}

/* The first bytes of a file, as a string. False if it cannot be read. */
static bool read_text(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(text, 1, size - 1, f) : 0;

	text[n] = 0;
	if (f)
		fclose(f);
	return n;
}

void obstacle_lockdown(char *level, size_t size)
{
	char text[4096], *at = NULL;

	if (read_text("/sys/kernel/security/lockdown", text, sizeof(text)))
		at = strchr(text, '[');
	/* Where securityfs is not mounted, what the kernel was told says the least that it is. */
	else if (read_text("/proc/cmdline", text, sizeof(text)))
		at = strstr(text, "lockdown=");
	if (at)
		at += *at == '[' ? 1 : strlen("lockdown=");
	snprintf(level, size, "%.*s", at ? (int)strcspn(at, "] \n") : 0, at ? at : "");
}

static bool is_locked(const struct need *n, struct obstacle *out)
{
	char level[32];

	obstacle_lockdown(level, sizeof(level));
	/* Of the two levels confidentiality forbids more. */
	if (strcmp(level, n->name) && strcmp(level, "confidentiality"))
		return false;
	say(out, "lockdown=%s forbids %s",
	    strcmp(n->name, "integrity") ? "lockdown=integrity at most (kernel command line)" :
					   "no lockdown (kernel command line, Secure Boot)",
	    level, n->what);
	return true;
}

/* A filter of seccomp(2) is there, and the call fails as filters make it fail. */
static bool is_refused(const struct need *n, struct obstacle *out)
{
	char text[4096], *at;

	if (procfs_read(getpid(), "status", text, sizeof(text)) <= 0)
		return false;
	at = strstr(text, "\nSeccomp:");
	if (!at || at[strcspn(at, "0123456789")] != '2') /* SECCOMP_MODE_FILTER */
		return false;
	if (syscall((long)n->set, -1L, 0L, 0L, 0L) != -1 || (errno != EPERM && errno != ENOSYS))
		return false;
	say(out, "a seccomp filter refuses %s(2) to this process",
	    "allow %s(2) in the seccomp profile of the container", n->name, NULL);
	return true;
}

/*
 * What the kernel was built with for an option: 'y' or 'm', 'n', or 0 if it
 * does not tell. gzip's reader takes plain text, too.
 */
static char built_with(const char *option)
{
	static const char *const places[] = {"/proc/config.gz", "/boot/config-%s",
					     "/lib/modules/%s/config",
					     "/lib/modules/%s/build/.config"};
	size_t n = strlen(option);
	char path[256], line[512];
	struct utsname u;
	gzFile f = NULL;
	char is = 'n';

	if (uname(&u))
		return 0;
	for (size_t i = 0; !f && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), places[i], u.release);
		f = gzopen(path, "rbe");
	}
	if (!f)
		return 0;
	while (gzgets(f, line, sizeof(line)))
		if (!strncmp(line, option, n) && line[n] == '=')
			is = line[n + 1];
	gzclose(f);
	return is;
}

static bool is_not_built(const struct need *n, struct obstacle *out)
{
	if (built_with(n->name) != 'n')
		return false;
	say(out, "this kernel is built without %s", "a kernel with %s=y", n->name, NULL);
	return true;
}

bool obstacle_find(const char *driver, struct obstacle *out)
{
	static bool (*const stands[])(const struct need *, struct obstacle *) = {
		[INITIAL] = is_elsewhere, [CAPS] = lacks_caps,	   [UNLOCKED] = is_locked,
		[CALL] = is_refused,	  [CONFIG] = is_not_built,
	};

	for (int i = 0; i < NNEEDS; i++) {
		const struct need *n = &needs[i];

		if (strcmp(n->driver, driver))
			continue;
		if (n->kind == UNLESS ? !access(n->name, F_OK) : stands[n->kind](n, out))
			return n->kind != UNLESS;
	}
	return false;
}
