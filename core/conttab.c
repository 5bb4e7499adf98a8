/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of containers, by the id or name that their processes have. What
 * somebody may have made up (a user's own, or one in another) has nothing here: a
 * process would borrow the image of any.
 */
#include "container.h"
#include "tables.h"

/* 1 + the entry of that id, 0 if there is none. */
static uint32_t find(const struct state *s, struct str id)
{
	uint32_t at = cache_first(&s->containers, hash_str(id));

	while (at && !str_eq(str_of(s->container[at - 1].id), id))
		at = cache_next(&s->containers, at);
	return at;
}

static uint32_t find_of(const struct state *s, const struct proc *p)
{
	if (p->rootless || p->nested || !*p->container || str_eq(str_of(p->container), STR("host")))
		return 0;
	return find(s, str_of(p->container));
}

static struct contained *take(struct state *s, struct str id)
{
	uint32_t at = find(s, id), victim;
	struct contained *c;

	if (at)
		return &s->container[at - 1];
	victim = cache_victim(&s->containers);
	if (victim) {
		s->stats->cont_evicted++;
		cache_drop(&s->containers, victim - 1);
	}
	c = &s->container[cache_take(&s->containers, hash_str(id))];
	c->start = 0;
	memcpy(c->id, id.p, id.n);
	c->id[id.n] = 0;
	return c;
}

void conttab_take(struct state *s, const struct event *ev)
{
	struct str id = event_str(ev, 0);
	struct contained *c;
	uint32_t used = 0;

	if (!id.n || id.n >= PROC_CONTAINER_MAX || memchr(id.p, 0, id.n))
		return;
	c = take(s, id);
	for (int i = 0; i < CONTAINER_NTEXT; i++) {
		struct str text = event_str(ev, 1 + i);
		bool cut = ev->hdr->cut >> (1 + i) & 1 || text.n > CONTAINED_BYTES - used;

		c->len[i] = CONTAINED_MISSING;
		s->stats->cont_cut += cut;
		if (cut || !event_has(ev, 1 + i))
			continue;
		memcpy(c->text + used, text.p, text.n);
		used += c->len[i] = (uint16_t)text.n;
	}
	c->privileged = 0;
	if (event_has(ev, 1 + CONTAINER_NTEXT))
		c->privileged = event_num(ev, 1 + CONTAINER_NTEXT) ? 2 : 1;
}

void conttab_member(struct state *s, const struct proc *p)
{
	uint32_t at = find_of(s, p);
	uint64_t vpid;

	if (at && proc_fact(p, PROC_VPID, &vpid) && vpid == 1 && p->pid != 1)
		s->container[at - 1].start = p->start;
}

void conttab_used(struct state *s, const struct proc *p)
{
	uint32_t at = find_of(s, p);

	if (at)
		cache_touch(&s->containers, at - 1);
}

bool state_new_container(const struct state *s, const struct event *ev, struct container *c)
{
	int slot = s->cgroup_slot[ev->hdr->type];

	if (slot < 0 || !event_has(ev, slot))
		return false;
	*c = container_of_cgroup(event_str(ev, slot), ev->hdr->cut >> slot & 1);
	return container_has_files(c) && !find(s, str_of(c->id));
}

const struct contained *state_container(const struct state *s, const struct proc *p)
{
	uint32_t at = find_of(s, p);

	return at ? &s->container[at - 1] : NULL;
}

struct str contained_text(const struct contained *c, enum container_text which)
{
	uint32_t at = 0;

	if (c->len[which] == CONTAINED_MISSING)
		return (struct str){NULL, 0};
	for (int i = 0; i < (int)which; i++)
		at += c->len[i] == CONTAINED_MISSING ? 0 : c->len[i];
	return (struct str){c->text + at, c->len[which]};
}

bool contained_privileged(const struct contained *c, bool *is)
{
	*is = c->privileged == 2;
	return c->privileged;
}

uint64_t contained_start(const struct contained *c)
{
	return c->start;
}
