/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of users and groups, files known by name, device and inode, and directories
 * known by links to them. All are stated by the sensor's own records; what does not
 * fit is counted, not evicted: the first ones stated are the system's users and the
 * shipped rules' files.
 */
#include "../driver/table.h"
#include "tables.h"

#define RENAME_EXCHANGE_ 2

static const struct owner *owner_find(const struct cache *c, const struct owner *of, uint32_t id)
{
	uint32_t at = cache_first(c, hash_u64(id));

	while (at && of[at - 1].id != id)
		at = cache_next(c, at);
	return at ? &of[at - 1] : NULL;
}

/* False if there is no room. */
static bool owner_take(struct cache *c, struct owner *of, uint32_t id, struct str name)
{
	struct owner *o;

	/* The first name of a number is the one that getpwuid and getgrgid give. */
	if (!name.n || owner_find(c, of, id))
		return true;
	if (cache_victim(c) || name.n > OWNER_NAME_MAX)
		return false;
	o = &of[cache_take(c, hash_u64(id))];
	o->id = id;
	o->len = (uint8_t)name.n;
	memcpy(o->name, name.p, name.n);
	return true;
}

void nametab_owner(struct state *s, const struct event *ev)
{
	bool user = ev->hdr->type == TRC_USERINFO;
	struct cache *c = user ? &s->users : &s->groups;
	uint64_t *full = user ? &s->stats->user_full : &s->stats->group_full;

	if (event_has(ev, 0))
		*full += !owner_take(c, user ? s->user : s->group, (uint32_t)event_num(ev, 0),
				     event_str(ev, 1));
	else
		while (c->oldest)
			cache_drop(c, c->oldest - 1);
}

static struct str owner_name(const struct owner *o)
{
	return o ? (struct str){o->name, o->len} : (struct str){NULL, 0};
}

struct str state_user(const struct state *s, uint32_t uid)
{
	return owner_name(owner_find(&s->users, s->user, uid));
}

struct str state_group(const struct state *s, uint32_t gid)
{
	return owner_name(owner_find(&s->groups, s->group, gid));
}

static struct file *file_find(const struct state *s, struct str name)
{
	uint32_t at = cache_first(&s->files, hash_str(name));

	while (at && !str_eq((struct str){s->file[at - 1].name, s->file[at - 1].len}, name))
		at = cache_next(&s->files, at);
	return at ? &s->file[at - 1] : NULL;
}

void nametab_file(struct state *s, struct str name, uint64_t dev, uint64_t ino)
{
	struct file *f = file_find(s, name);

	if (!f) {
		if (cache_victim(&s->files) || name.n > FILE_NAME_MAX) {
			s->stats->file_full++;
			return;
		}
		f = &s->file[cache_take(&s->files, hash_str(name))];
		f->len = (uint16_t)name.n;
		memcpy(f->name, name.p, name.n);
	}
	f->dev = dev;
	f->ino = ino;
	s->file_inos[hash_u64(ino) % FILE_INOS / 64] |= 1ull << hash_u64(ino) % 64;
}

bool state_is_any_file(const struct state *s, uint64_t dev, uint64_t ino)
{
	if (!(s->file_inos[hash_u64(ino) % FILE_INOS / 64] >> hash_u64(ino) % 64 & 1))
		return false;
	/* Entries are never given back: those in use are the first ones. */
	for (uint32_t i = 0; i < s->files.used; i++)
		if (s->file[i].ino && s->file[i].ino == ino && s->file[i].dev == dev)
			return true;
	return false;
}

bool state_is_file(const struct state *s, struct str name, uint64_t dev, uint64_t ino)
{
	const struct file *f = file_find(s, name);

	return f && f->ino && f->ino == ino && f->dev == dev;
}

struct str state_file_name(const struct state *s, uint64_t dev, uint64_t ino)
{
	/* Entries are never given back: those in use are the first ones. */
	for (uint32_t i = 0; i < s->files.used; i++) {
		const struct file *f = &s->file[i];

		if (f->ino && f->ino == ino && f->dev == dev)
			return (struct str){f->name, f->len};
	}
	return (struct str){NULL, 0};
}

void nametab_link(struct state *s, struct str name, struct str real)
{
	static uint32_t versions; /* of all tables: no two have one */
	struct link *l = s->link;

	s->links_version = ++versions;
	if (!name.n || !real.n) {
		s->links = 0;
		return;
	}
	while (l < s->link + s->links && !str_eq((struct str){l->name, l->len}, name))
		l++;
	if (l == s->link + STATE_LINKS || name.n > LINK_NAME_MAX || real.n > LINK_NAME_MAX) {
		s->stats->link_full++;
		return;
	}
	if (l == s->link + s->links)
		s->links++;
	l->len = (uint16_t)name.n;
	l->real_len = (uint16_t)real.n;
	memcpy(l->name, name.p, name.n);
	memcpy(l->real, real.p, real.n);
}

bool state_link(const struct state *s, uint32_t i, struct str *name, struct str *real)
{
	const struct link *l = &s->link[i];

	if (i >= s->links)
		return false;
	*name = (struct str){l->name, l->len};
	*real = (struct str){l->real, l->real_len};
	return true;
}

uint32_t state_links_of(const struct state *s, struct str path, uint32_t among)
{
	uint32_t in = 0;

	for (; among; among &= among - 1) {
		const struct link *l = &s->link[__builtin_ctz(among)];

		if (str_lies_in(path, (struct str){l->real, l->real_len}))
			in |= among & -among;
	}
	return in;
}

uint32_t state_links_version(const struct state *s)
{
	return s->links_version;
}

static bool exchanges(const struct state *s, const struct event *ev)
{
	return ev->hdr->type == TRC_RENAMEAT2 &&
	       event_num(ev, s->flags_slot[TRC_RENAMEAT2]) & RENAME_EXCHANGE_;
}

/* The named file that an open found to be another one than is known, or NULL. */
static const struct file *opened_anew(const struct state *s, const struct event *ev)
{
	int type = ev->hdr->type;
	const struct file *f = file_find(s, event_str(ev, s->name_slot[type]));

	if (!f || !event_has(ev, s->ino_slot[type]))
		return NULL;
	return f->dev != (uint64_t)event_num(ev, s->dev_slot[type]) ||
			       f->ino != (uint64_t)event_num(ev, s->ino_slot[type]) ?
		       f :
		       NULL;
}

/*
 * May a call have given this file's name to another one? The caller's path can
 * lead there through links and mounts, so only its last component counts.
 */
static bool may_rename(const struct state *s, const struct event *ev, const struct file *f)
{
	const struct event_desc *d = &event_table[ev->hdr->type];
	struct str last = str_base((struct str){f->name, f->len});

	for (int i = 0; i < d->nargs; i++) {
		/* A file that is moved away stays known until its name is another file's. */
		if (d->args[i].type != TRC_T_PATH ||
		    (i == s->oldpath_slot[ev->hdr->type] && !exchanges(s, ev)))
			continue;
		if (str_eq(str_base(event_str(ev, i)), last))
			return true;
	}
	return false;
}

struct str state_stale_file(const struct state *s, const struct event *ev, uint32_t *pos)
{
	unsigned flags = event_table[ev->hdr->type].flags;
	const struct file *f = NULL;

	if (event_num(ev, 0) < 0)
		return (struct str){NULL, 0};
	if (flags & TRC_OPENS && !*pos)
		f = opened_anew(s, ev);
	while (flags & TRC_NAMES && !f && *pos < s->files.used) {
		f = &s->file[(*pos)++];
		if (!may_rename(s, ev, f))
			f = NULL;
	}
	*pos += (flags & TRC_OPENS) != 0;
	return f ? (struct str){f->name, f->len} : (struct str){NULL, 0};
}
