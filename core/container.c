/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which container a process is in: see container.h. A container is a component
 * of the path: RUNTIME-ID.scope (systemd's names), ID under a folder of the
 * runtime's (cgroupfs), or a name in a form of its own. Who looks after one from
 * outside (conmon, monitors, supervisors, health checks) has components like
 * those, and is no container.
 */
#include "container.h"

#define ID_DIGITS 64
#define ID_SHORT 12

static const char none[] = "host";
static const struct str unknown = {"unknown", 7};

/* What stands before "-ID" or ":ID". */
static const struct word {
	struct str word;
	const char *runtime;
} prefixes[] = {
	{STR("docker"), "docker"},
	{STR("balena"), "balena"},
	{STR("libpod"), "podman"},
	{STR("libpod-payload"), "podman"},
	{STR("crio"), "cri-o"},
	{STR("cri-containerd"), "containerd"},
	{STR("nerdctl"), "containerd"},
	{STR("containerd"), "containerd"},
	{STR(""), NULL},
};

/* Folders that have an ID as their child. In a pod's, the runtime is not told. */
static const struct word folders[] = {
	{STR("docker"), "docker"},
	{STR("balena"), "balena"},
	{STR("moby"), "docker"},
	{STR("k8s.io"), "containerd"},
	{STR("default"), "containerd"},
	{STR("libpod_parent"), none},
	{STR(""), NULL},
};

struct found {
	const char *runtime; /* NULL = not told */
	struct str id;
	struct str whole; /* the id with all its digits */
};

static const struct word *find_word(const struct word *w, struct str s)
{
	while (w->word.n && !str_eq(w->word, s))
		w++;
	return w;
}

static bool take_suffix(struct str *s, struct str suffix)
{
	if (!str_ends(*s, suffix))
		return false;
	s->n -= suffix.n;
	return true;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Does it end in exactly 64 digits? Those are taken off. */
static bool take_id(struct str *s, struct str *id)
{
	uint32_t n = 0;

	while (n < s->n && is_hex(s->p[s->n - 1 - n]))
		n++;
	if (n != ID_DIGITS)
		return false;
	s->n -= n;
	*id = (struct str){s->p + s->n, ID_DIGITS};
	return true;
}

/* RUNTIME-ID.scope, SLICE:RUNTIME:ID, RUNTIME-ID, or ID in a folder. */
static bool by_id(struct str folder, struct str s, struct found *f)
{
	const struct word *w;
	struct str id;

	take_suffix(&s, STR(".scope"));
	if (!take_id(&s, &id))
		return false;
	f->whole = id;
	f->id = (struct str){id.p, ID_SHORT};
	if (!s.n) {
		f->runtime = find_word(folders, folder)->runtime;
		return f->runtime != none;
	}
	if (!take_suffix(&s, STR("-")) && !take_suffix(&s, STR(":")))
		return false;
	for (const char *colon; (colon = memchr(s.p, ':', s.n)) != NULL;)
		str_take(&s, (struct str){s.p, (uint32_t)(colon + 1 - s.p)});
	w = find_word(prefixes, s);
	f->runtime = w->runtime;
	return w->word.n != 0;
}

/* A machine as systemd calls its unit: nspawn's, or a container of libvirt's, or a virtual one. */
static bool by_machine(struct str s, struct found *f)
{
	const char *dash;

	f->runtime = "systemd-nspawn";
	if (str_take(&s, STR("systemd-nspawn@")) && take_suffix(&s, STR(".service"))) {
		f->id = s;
		return true;
	}
	if (!str_take(&s, STR("machine-")) || !take_suffix(&s, STR(".scope")) ||
	    str_starts(s, STR("qemu\\x2d")))
		return false;
	if (str_take(&s, STR("lxc\\x2d")) && (dash = memmem(s.p, s.n, "\\x2d", 4)) != NULL) {
		f->runtime = "libvirt-lxc";
		str_take(&s, (struct str){s.p, (uint32_t)(dash + 4 - s.p)});
	}
	f->id = s;
	return true;
}

static bool by_name(struct str folder, struct str s, struct str next, struct found *f)
{
	if (str_take(&s, STR("lxc.payload.")) || str_eq(folder, STR("lxc")) ||
	    str_eq(folder, STR("lxc.payload"))) {
		f->runtime = "lxc";
		f->id = s;
		return true;
	}
	return by_machine(s, f) && !str_eq(next, STR("supervisor"));
}

/* The component at *at, which goes on to the next. */
static struct str component(struct str path, uint32_t *at)
{
	uint32_t start;

	while (*at < path.n && path.p[*at] == '/')
		++*at;
	for (start = *at; *at < path.n && path.p[*at] != '/';)
		++*at;
	return (struct str){path.p + start, *at - start};
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/*
 * Copies a name; systemd writes some characters of a unit's as \xHH. The start of
 * one that is too long is another's, and no name, or "host", says nothing of who
 * has it; but who has one is in a container.
 */
static void put(char id[static PROC_CONTAINER_MAX], struct str s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\' && s.n - i >= 4 && s.p[i + 1] == 'x' && is_hex(s.p[i + 2]) &&
		    is_hex(s.p[i + 3])) {
			c = (char)(digit(s.p[i + 2]) << 4 | digit(s.p[i + 3]));
			i += 3;
		}
		if (n == PROC_CONTAINER_MAX - 1 || !c) {
			n = 0;
			break;
		}
		id[n++] = c;
	}
	if (!n || str_eq((struct str){id, n}, STR("host"))) {
		memcpy(id, unknown.p, unknown.n);
		n = unknown.n;
	}
	id[n] = 0;
}

/* user@UID.service of another than root. */
static bool is_manager(struct str s)
{
	if (!str_take(&s, STR("user@")) || !take_suffix(&s, STR(".service")))
		return false;
	return !str_eq(s, STR("0"));
}

struct container container_of_cgroup(struct str path, bool cut)
{
	struct container c = {.rootless = cut};
	struct str folder = STR(""), s, next;
	struct found last = {none, STR(""), STR("")}, f;
	bool users = cut; /* are we below what a user looks after? */
	uint32_t at = 0;

	if (cut)
		last = (struct found){NULL, unknown, STR("")};
	for (s = component(path, &at); s.n; folder = s, s = next) {
		next = component(path, &at);
		users |= is_manager(s);
		f.whole = STR("");
		if (!by_id(folder, s, &f) && !by_name(folder, s, next, &f))
			continue;
		c.nested = last.runtime != none;
		last = f;
		c.rootless = users;
	}
	if (last.runtime == none)
		memcpy(c.id, none, sizeof(none));
	else
		put(c.id, last.id);
	c.whole = last.whole;
	c.runtime = last.runtime;
	return c;
}
