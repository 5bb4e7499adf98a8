/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Environments of processes, in blocks that those with the same one share. A
 * block is free when the last of them is gone. When there is none free, the one
 * that was used least recently gets other contents and another number, and
 * those who had it have none.
 */
#include "tables.h"

static struct env *env_of(const struct state *s, const struct proc *p)
{
	struct env *e = p->env ? &s->env[p->env - 1] : NULL;

	return e && e->gen == p->env_gen ? e : NULL;
}

/* The block with these contents, or NULL. */
static struct env *find(const struct state *s, struct str text)
{
	uint32_t at = cache_first(&s->envs, hash_str(text));

	while (at && !str_eq((struct str){s->env[at - 1].text, s->env[at - 1].len}, text))
		at = cache_next(&s->envs, at);
	return at ? &s->env[at - 1] : NULL;
}

static void retire(struct state *s, struct env *e)
{
	cache_drop(&s->envs, (uint32_t)(e - s->env));
	e->gen++;
	e->users = 0;
}

static struct env *make(struct state *s, struct str text)
{
	uint32_t victim = cache_victim(&s->envs);
	struct env *e;

	if (victim) {
		s->stats->env_evicted++;
		retire(s, &s->env[victim - 1]);
	}
	e = &s->env[cache_take(&s->envs, hash_str(text))];
	e->len = text.n;
	memcpy(e->text, text.p, text.n);
	return e;
}

static void use(struct state *s, struct proc *p, struct env *e)
{
	e->users++;
	p->env = (uint32_t)(e - s->env) + 1;
	p->env_gen = e->gen;
	cache_touch(&s->envs, p->env - 1);
}

void envtab_drop(struct state *s, struct proc *p)
{
	struct env *e = env_of(s, p);

	if (e && !--e->users)
		retire(s, e);
	p->env = 0;
}

void envtab_set(struct state *s, struct proc *p, struct str text)
{
	struct env *e = text.p ? find(s, text) : NULL;

	if (text.p)
		use(s, p, e ? e : make(s, text));
}

void envtab_share(struct state *s, struct proc *to, const struct proc *from)
{
	struct env *e = env_of(s, from);

	to->env = 0;
	if (e)
		use(s, to, e);
}

void envtab_used(struct state *s, const struct proc *p)
{
	if (env_of(s, p))
		cache_touch(&s->envs, p->env - 1);
}

struct str proc_env(const struct state *s, const struct proc *p)
{
	const struct env *e = env_of(s, p);

	return e ? (struct str){e->text, e->len} : (struct str){NULL, 0};
}
