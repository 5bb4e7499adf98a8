/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the files of container engines: see container_read.h. Two tables say
 * it all: which files an engine has (sources), and which values of such a file
 * are what (the rows). Of several files the first that has a fact tells it.
 */
#include "container_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json_read.h"

#define FILE_MOST (128 * 1024)
#define PATH_MOST 512

/* Texts that are kept until an object of them ends: a mount, or an entry of a list. */
enum kept { SOURCE, DEST, MODE, WRITABLE, PROPAGATION, MOUNT_PARTS, NAME = 0, IMAGEID, METADATA };

/* What takes rights from a container, and what is one. */
enum { ADMIN = 1, MASKED = 2, FILTERED = 4, TOLD = 8 };

/* One file as it is read. */
struct reader {
	struct container_facts *f;
	struct str id;		    /* of the container, as the paths have it */
	bool told[CONTAINER_NTEXT]; /* by files before this one */
	struct str kept[MOUNT_PARTS];
	bool ours; /* is it a mount of a place of the host's, or an entry of the container's? */
	unsigned rights; /* by an OCI file */
};

/* A value of a file. */
struct found {
	enum json_kind kind;
	struct str key, text;
	int which; /* of its row */
};

struct row {
	const char *path; /* of the value, see json_is(); NULL ends the table */
	void (*take)(struct reader *r, const struct found *v);
	int which;
};

struct str container_fact(const struct container_facts *f, enum container_text which)
{
	const char *p =
		which < CONTAINER_MOUNTS ? f->word[which] : f->list[which - CONTAINER_MOUNTS];

	return (struct str){f->has[which] ? p : NULL, f->len[which]};
}

/* The first that says so is believed. */
static void put_word(struct reader *r, enum container_text which, struct str s)
{
	struct container_facts *f = r->f;

	if (f->has[which] || !s.n)
		return;
	if (s.n > CONTAINER_WORD || memchr(s.p, 0, s.n)) {
		f->cut |= 1u << which;
		return;
	}
	memcpy(f->word[which], s.p, s.n);
	f->len[which] = s.n;
	f->has[which] = true;
}

/* Of a list that is too long nothing is kept: its rest would look as if it were not there. */
static void put_item(struct reader *r, enum container_text which, struct str s)
{
	struct container_facts *f = r->f;
	uint32_t *n = &f->len[which];
	char *list = f->list[which - CONTAINER_MOUNTS];

	if (r->told[which] || f->cut >> which & 1)
		return;
	if (s.n >= TRC_STR_MAX - *n || (s.n && memchr(s.p, 0, s.n))) {
		f->cut |= 1u << which;
		return;
	}
	if (s.n)
		memcpy(list + *n, s.p, s.n);
	list[*n + s.n] = 0;
	*n += s.n + 1;
}

static bool read_text(struct reader *r, const struct row *rows, struct str text)
{
	struct json j;
	struct found v;

	/* It lies in our buffer; a value of a value is read where it lies, too. */
	json_begin(&j, (char *)(uintptr_t)text.p, text.n);
	while ((v.kind = json_next(&j, &v.text)) > JSON_BAD) {
		v.key = j.level ? j.key[j.level - 1] : STR("");
		for (const struct row *row = rows; row->path; row++) {
			v.which = row->which;
			if (json_is(&j, row->path))
				row->take(r, &v);
		}
	}
	return v.kind == JSON_END;
}

/* Of any file: a text, one that is kept, and a list, which may be empty. */

static void take_word(struct reader *r, const struct found *v)
{
	struct str s = v->text;

	if (v->which == CONTAINER_NAME)
		str_take(&s, STR("/")); /* docker's */
	if (v->which == CONTAINER_IMAGEID)
		str_take(&s, STR("sha256:"));
	put_word(r, (enum container_text)v->which, s);
}

static void take_kept(struct reader *r, const struct found *v)
{
	if (v->text.n)
		r->kept[v->which] = v->text;
}

static void take_list(struct reader *r, const struct found *v)
{
	if (v->kind != JSON_CLOSE && !r->told[v->which])
		r->f->has[v->which] = true;
}

/* A mount begins or ends. which: are all that the file tells of places of the host's? */
static void take_mount(struct reader *r, const struct found *v)
{
	struct str s = r->kept[SOURCE];

	/* What lies below its own id is the engine's: its /etc/hosts, and the like. */
	if (s.n && memmem(s.p, s.n, r->id.p, r->id.n))
		r->ours = false;
	if (v->kind == JSON_CLOSE && r->ours)
		for (int i = 0; i < MOUNT_PARTS; i++)
			put_item(r, CONTAINER_MOUNTS, r->kept[i]);
	memset(r->kept, 0, sizeof(r->kept));
	r->kept[WRITABLE] = STR("true");
	r->ours = v->which;
}

static void take_writable(struct reader *r, const struct found *v)
{
	r->kept[WRITABLE] = v->kind == JSON_TRUE ? STR("true") : STR("false");
}

/* A mount's type, or one of its options as mount(8) has them: so do OCI files. */
static void take_option(struct reader *r, const struct found *v)
{
	static const struct str propagations[] = {STR("private"), STR("rprivate"), STR("shared"),
						  STR("rshared"), STR("slave"),	   STR("rslave")};
	struct str s = v->text;

	if (str_in(propagations, sizeof(propagations) / sizeof(propagations[0]), s))
		r->kept[PROPAGATION] = s;
	else if (str_eq(s, STR("ro")))
		r->kept[WRITABLE] = STR("false");
	else if (str_eq(s, STR("bind")) || str_eq(s, STR("rbind")))
		r->ours = true;
	else if (str_take(&s, STR("mode=")))
		r->kept[MODE] = s;
}

/* What Kubernetes says of a container, and how its engines write that down. */
static const struct {
	struct str key;
	enum container_text which;
} pod_keys[] = {
	{STR("io.kubernetes.cri.sandbox-namespace"), CONTAINER_NAMESPACE},
	{STR("io.kubernetes.cri.sandbox-name"), CONTAINER_POD},
	{STR("io.kubernetes.cri.sandbox-uid"), CONTAINER_PODUID},
	{STR("io.kubernetes.cri.container-name"), CONTAINER_NAME},
	{STR("io.kubernetes.cri.image-name"), CONTAINER_IMAGE},
	{STR("io.kubernetes.pod.namespace"), CONTAINER_NAMESPACE},
	{STR("io.kubernetes.pod.name"), CONTAINER_POD},
	{STR("io.kubernetes.pod.uid"), CONTAINER_PODUID},
	{STR("io.kubernetes.container.name"), CONTAINER_NAME},
	{STR("io.kubernetes.cri-o.ImageName"), CONTAINER_IMAGE},
	{STR("io.kubernetes.cri-o.ImageRef"), CONTAINER_IMAGEID},
};

static void take_pod(struct reader *r, const struct found *v)
{
	for (size_t i = 0; i < sizeof(pod_keys) / sizeof(pod_keys[0]); i++)
		if (str_eq(pod_keys[i].key, v->key))
			put_word(r, pod_keys[i].which, v->text);
}

static void take_label(struct reader *r, const struct found *v)
{
	put_item(r, (enum container_text)v->which, v->key);
	put_item(r, (enum container_text)v->which, v->text);
}

static const struct row label_rows[] = {
	{"", take_list, CONTAINER_LABELS},
	{"*", take_label, CONTAINER_LABELS},
	{0},
};

static void take_annotation(struct reader *r, const struct found *v)
{
	take_pod(r, v);
	if (str_eq(v->key, STR("io.kubernetes.cri-o.Labels")))
		read_text(r, label_rows, v->text); /* JSON in a string of JSON */
}

/* Rights. */

static void take_privileged(struct reader *r, const struct found *v)
{
	r->f->has_privileged = true;
	r->f->privileged = v->kind == JSON_TRUE;
}

static void take_rights(struct reader *r, const struct found *v)
{
	if (v->kind != JSON_NULL && (v->which != ADMIN || str_eq(v->text, STR("CAP_SYS_ADMIN"))))
		r->rights |= (unsigned)v->which;
}

/* An OCI file does not say it: what engines do to a privileged container, and to no other, is. */
static void conclude(struct reader *r)
{
	if (!(r->rights & TOLD) || r->f->has_privileged)
		return;
	r->f->has_privileged = true;
	r->f->privileged = r->rights == (TOLD | ADMIN);
}

/* An entry of the list that podman and cri-o have of all containers. */

static const struct row metadata_rows[] = {
	{"image-name", take_word, CONTAINER_IMAGE},
	{0},
};

static void take_entry(struct reader *r, const struct found *v)
{
	if (v->kind == JSON_CLOSE && r->ours) {
		put_word(r, CONTAINER_NAME, r->kept[NAME]);
		put_word(r, CONTAINER_IMAGEID, r->kept[IMAGEID]);
		read_text(r, metadata_rows, r->kept[METADATA]);
	}
	memset(r->kept, 0, sizeof(r->kept));
	r->ours = false;
}

static void take_entry_id(struct reader *r, const struct found *v)
{
	r->ours = str_eq(v->text, r->id);
}

static void take_entry_name(struct reader *r, const struct found *v)
{
	if (!r->kept[NAME].n) /* the first of several */
		r->kept[NAME] = v->text;
}

/* LXC's configuration: lines, of which those of mounts read as in fstab(5). */

static void skip(struct str *s, const char *letters)
{
	while (s->n && strchr(letters, *s->p))
		*s = (struct str){s->p + 1, s->n - 1};
}

/* Takes a part off a text, up to the next of those letters; such before it are skipped. */
static struct str take_part(struct str *s, const char *ends)
{
	struct str part;

	skip(s, ends);
	part = (struct str){s->p, 0};
	while (part.n < s->n && !strchr(ends, s->p[part.n]))
		part.n++;
	*s = (struct str){s->p + part.n, s->n - part.n};
	return part;
}

/* Destinations are below the container's root, with a slash or without: a blank has its room. */
static struct str whole_path(struct str s)
{
	if (!s.n || *s.p == '/')
		return s;
	((char *)(uintptr_t)s.p)[-1] = '/';
	return (struct str){s.p - 1, s.n + 1};
}

static bool read_lxc(struct reader *r, struct str text)
{
	r->f->has[CONTAINER_MOUNTS] = true;
	while (text.n) {
		struct str line = take_part(&text, "\n"), options;
		struct found v = {.kind = JSON_CLOSE};

		if (!str_eq(take_part(&line, " \t="), STR("lxc.mount.entry")))
			continue;
		skip(&line, " \t=");
		take_mount(r, &(struct found){.kind = JSON_OBJECT});
		r->kept[SOURCE] = take_part(&line, " \t");
		r->kept[DEST] = whole_path(take_part(&line, " \t"));
		take_part(&line, " \t"); /* its type */
		options = take_part(&line, " \t");
		while ((v.text = take_part(&options, ",")).n)
			take_option(r, &v);
		take_mount(r, &v);
	}
	return true;
}

/* Files. */

static const struct row docker_rows[] = {
	{"Name", take_word, CONTAINER_NAME},
	{"Image", take_word, CONTAINER_IMAGEID},
	{"Config/Image", take_word, CONTAINER_IMAGE},
	{"Config/Labels", take_list, CONTAINER_LABELS},
	{"Config/Labels/*", take_label, CONTAINER_LABELS},
	{"Config/Labels/*", take_pod, 0},
	{"MountPoints", take_list, CONTAINER_MOUNTS},
	{"MountPoints/*", take_mount, true},
	{"MountPoints/*/Source", take_kept, SOURCE},
	{"MountPoints/*/Destination", take_kept, DEST},
	{"MountPoints/*/Relabel", take_kept, MODE},
	{"MountPoints/*/RW", take_writable, 0},
	{"MountPoints/*/Propagation", take_kept, PROPAGATION},
	{0},
};

static const struct row host_rows[] = {{"Privileged", take_privileged, 0}, {0}};

/* Its first row is for engines whose annotations are their own, and not an image's, too. */
static const struct row oci_rows[] = {
	{"annotations/*", take_annotation, 0},
	{"process/capabilities", take_rights, TOLD},
	{"process/capabilities/bounding/*", take_rights, ADMIN},
	{"linux/maskedPaths/*", take_rights, MASKED},
	{"linux/seccomp", take_rights, FILTERED},
	{"mounts", take_list, CONTAINER_MOUNTS},
	{"mounts/*", take_mount, false},
	{"mounts/*/source", take_kept, SOURCE},
	{"mounts/*/destination", take_kept, DEST},
	{"mounts/*/type", take_option, 0},
	{"mounts/*/options/*", take_option, 0},
	{0},
};

static const struct row list_rows[] = {
	{"*", take_entry, 0},
	{"*/id", take_entry_id, 0},
	{"*/names/*", take_entry_name, 0},
	{"*/image", take_kept, IMAGEID},
	{"*/metadata", take_kept, METADATA},
	{0},
};

#define BUNDLES "/io.containerd.runtime.v2.task/"
#define STORAGE "/var/lib/containers/storage/"

/* Of one engine those that tell more come first. * stands for the container's id. */
static const struct source {
	const char *runtime;
	const char *path;
	const struct row *rows; /* NULL = it is LXC's */
} sources[] = {
	{"docker", "/var/lib/docker/containers/*/config.v2.json", docker_rows},
	{"docker", "/var/lib/docker/containers/*/hostconfig.json", host_rows},
	{"docker", "/run/containerd" BUNDLES "moby/*/config.json", oci_rows + 1},
	{"docker", "/run/docker/containerd/daemon" BUNDLES "moby/*/config.json", oci_rows + 1},
	{"balena", "/var/lib/docker/containers/*/config.v2.json", docker_rows},
	{"balena", "/var/lib/docker/containers/*/hostconfig.json", host_rows},
	{"balena", "/var/lib/balena-engine/containers/*/config.v2.json", docker_rows},
	{"balena", "/var/lib/balena-engine/containers/*/hostconfig.json", host_rows},
	{"containerd", "/run/containerd" BUNDLES "k8s.io/*/config.json", oci_rows},
	{"containerd", "/run/k3s/containerd" BUNDLES "k8s.io/*/config.json", oci_rows},
	{"containerd", "/run/containerd" BUNDLES "default/*/config.json", oci_rows + 1},
	{"cri-o", STORAGE "overlay-containers/*/userdata/config.json", oci_rows},
	{"podman", STORAGE "overlay-containers/*/userdata/config.json", oci_rows + 1},
	{"podman", STORAGE "overlay-containers/containers.json", list_rows},
	{"podman", STORAGE "vfs-containers/*/userdata/config.json", oci_rows + 1},
	{"podman", STORAGE "vfs-containers/containers.json", list_rows},
	{"lxc", "/var/lib/lxc/*/config", NULL},
};

/* Letters that cannot lead out of a directory. */
static bool is_plain(struct str id)
{
	for (uint32_t i = 0; i < id.n; i++) {
		char c = id.p[i] | 0x20;

		if (!(c >= 'a' && c <= 'z') && !(id.p[i] >= '0' && id.p[i] <= '9') &&
		    (i == 0 || !strchr("_.-", id.p[i])))
			return false;
	}
	return id.n;
}

/* Bytes read of a regular file that nobody but root, or the sensor itself, can write; or -errno. */
static ssize_t read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	ssize_t got = -EINVAL, n = 0;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && !(st.st_mode & 022) &&
	    (!st.st_uid || st.st_uid == geteuid()))
		got = 0;
	while (got >= 0 && (n = read(fd, buf + got, size - (size_t)got)) > 0)
		got += n;
	close(fd);
	return n < 0 || got == (ssize_t)size ? -EIO : got;
}

static enum container_answer read_source(struct reader *r, const struct source *s, const char *root)
{
	static char buf[FILE_MOST];
	const char *star = strchrnul(s->path, '*');
	char path[PATH_MOST];
	struct str text;
	ssize_t n;
	int len = snprintf(path, sizeof(path), "%s%.*s%.*s%s", root, (int)(star - s->path), s->path,
			   *star ? (int)r->id.n : 0, r->id.p, *star ? star + 1 : "");

	if (len >= (int)sizeof(path))
		return CONTAINER_SILENT;
	n = read_file(path, buf, sizeof(buf));
	if (n == -ENOENT || n == -ENOTDIR)
		return CONTAINER_SILENT;
	text = (struct str){buf, (uint32_t)n};
	if (n < 0 || !(s->rows ? read_text(r, s->rows, text) : read_lxc(r, text)))
		return CONTAINER_BROKEN;
	conclude(r);
	return CONTAINER_TOLD;
}

/*
 * A docker image's labels are its author's, who could put its containers into any pod: those of
 * Kubernetes have a name that says so.
 */
static void forget_pod(struct container_facts *f)
{
	struct str name = container_fact(f, CONTAINER_NAME);

	if (f->len[CONTAINER_NAME] && str_starts(name, STR("k8s_")))
		return;
	for (int i = CONTAINER_NAMESPACE; i <= CONTAINER_PODUID; i++)
		f->has[i] = false;
}

enum container_answer container_read(const char *root, const struct container *c,
				     struct container_facts *out)
{
	bool named = !c->whole.n;
	struct reader r = {.f = out, .id = named ? str_of(c->id) : c->whole};
	enum container_answer answer = named ? CONTAINER_TOLD : CONTAINER_SILENT, one;

	memset(out, 0, sizeof(*out));
	put_word(&r, named ? CONTAINER_NAME : CONTAINER_ID, r.id);
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]) && is_plain(r.id); i++) {
		if (c->runtime && strcmp(c->runtime, sources[i].runtime) != 0)
			continue;
		memcpy(r.told, out->has, sizeof(r.told));
		r.rights = 0;
		one = read_source(&r, &sources[i], root);
		if (one == CONTAINER_BROKEN) {
			memset(out, 0, sizeof(*out));
			return one;
		}
		if (one == CONTAINER_TOLD)
			answer = one;
		if (one == CONTAINER_TOLD && sources[i].rows == docker_rows)
			forget_pod(out);
	}
	return answer;
}
