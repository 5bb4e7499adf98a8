/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process table. Strings of a process are packed into its entry; if they
 * are longer than that, into one of a few large blocks; and if those are all
 * taken, the process that was used least recently loses its block, and what
 * does not fit its entry: a path is forgotten, arguments are cut.
 */
#include "tables.h"

struct proc *proctab_find(const struct state *s, uint32_t pid)
{
	uint32_t at = cache_first(&s->procs, hash_u64(pid));

	while (at && s->proc[at - 1].pid != pid)
		at = cache_next(&s->procs, at);
	return at ? &s->proc[at - 1] : NULL;
}

struct proc *proctab_of(const struct state *s, const struct event *ev)
{
	struct proc *p = proctab_find(s, ev->hdr->pid);

	/* Another start time: the pid was given to a new process, whose making we did not see. */
	return p && p->start == ev->hdr->start ? p : NULL;
}

void proctab_used(struct state *s, const struct proc *p)
{
	cache_touch(&s->procs, proctab_index(s, p));
	if (p->far)
		cache_touch(&s->fars, p->far - 1);
	envtab_used(s, p);
}

static void far_drop(struct state *s, struct proc *p)
{
	if (p->far)
		cache_drop(&s->fars, p->far - 1);
	p->far = 0;
}

void proctab_drop(struct state *s, struct proc *p)
{
	fdtab_clear(s, p, false);
	far_drop(s, p);
	envtab_drop(s, p);
	cache_drop(&s->procs, proctab_index(s, p));
	p->pid = 0;
}

struct proc *proctab_new(struct state *s, uint32_t pid)
{
	struct proc *p = proctab_find(s, pid);
	uint32_t victim;

	if (p)
		proctab_drop(s, p);
	victim = cache_victim(&s->procs);
	if (victim) {
		s->stats->proc_evicted++;
		proctab_drop(s, &s->proc[victim - 1]);
	}
	p = &s->proc[cache_take(&s->procs, hash_u64(pid))];
	memset(p, 0, sizeof(*p));
	p->pid = pid;
	return p;
}

/*
 * Copies the strings one after the other into room bytes. The start of a path is
 * another path: one that does not fit is forgotten; arguments are cut.
 */
static void pack(struct proc *p, char *to, uint32_t room, const struct str text[PROC_NTEXT])
{
	for (int i = 0; i < PROC_NTEXT; i++) {
		uint32_t n = text[i].n;

		if (n > room)
			n = i == PROC_ARGV ? room : 0;
		if (n)
			memcpy(to, text[i].p, n);
		p->text_len[i] = n;
		to += n;
		room -= n;
	}
}

/* Takes a far block from whoever used it least recently: that one keeps what fits its entry. */
static void far_evict(struct state *s, uint32_t block)
{
	struct proc *p = &s->proc[s->far_of[block]];
	struct str text[PROC_NTEXT];

	for (int i = 0; i < PROC_NTEXT; i++)
		text[i] = proc_text(s, p, (enum proc_text)i);
	pack(p, p->near, sizeof(p->near), text);
	s->stats->far_evicted++;
	far_drop(s, p);
}

static char *far_take(struct state *s, struct proc *p)
{
	uint32_t victim = cache_victim(&s->fars);

	if (victim)
		far_evict(s, victim - 1);
	p->far = 1 + cache_take(&s->fars, 0);
	s->far_of[p->far - 1] = proctab_index(s, p);
	return s->far[p->far - 1];
}

void proctab_texts(struct state *s, struct proc *p, const struct str text[PROC_NTEXT])
{
	uint32_t need = 0;

	for (int i = 0; i < PROC_NTEXT; i++)
		need += text[i].n;
	far_drop(s, p);
	if (need <= sizeof(p->near))
		pack(p, p->near, sizeof(p->near), text);
	else
		pack(p, far_take(s, p), PROC_FAR, text);
}

void proctab_cwd(struct state *s, struct proc *p, struct str cwd)
{
	struct str text[PROC_NTEXT];
	char copy[PROC_FAR];
	char *at = copy;

	/* The strings move when one changes: they go by way of a copy. */
	for (int i = 0; i < PROC_NTEXT; i++) {
		text[i] = proc_text(s, p, (enum proc_text)i);
		memcpy(at, text[i].n ? text[i].p : "", text[i].n);
		text[i].p = at;
		at += text[i].n;
	}
	text[PROC_CWD] = cwd;
	proctab_texts(s, p, text);
}

struct proc *proctab_fork(struct state *s, uint32_t parent, uint32_t child)
{
	struct proc *c = proctab_new(s, child), *p = proctab_find(s, parent);

	if (!p)
		return c;
	*c = *p;
	c->pid = child;
	c->ppid = parent;
	c->fds = 0;
	c->far = 0;
	if (p->far) {
		char *block;

		/* The block used last is not taken away, unless it is the only one. */
		cache_touch(&s->fars, p->far - 1);
		block = s->cfg.fars > 1 ? far_take(s, c) : NULL;
		if (block)
			memcpy(block, s->far[p->far - 1], PROC_FAR);
		else
			memset(c->text_len, 0, sizeof(c->text_len));
	}
	envtab_share(s, c, p);
	fdtab_copy(s, c, p);
	return c;
}

struct str proc_text(const struct state *s, const struct proc *p, enum proc_text which)
{
	const char *at = p->far ? s->far[p->far - 1] : p->near;

	for (int i = 0; i < (int)which; i++)
		at += p->text_len[i];
	return p->text_len[which] ? (struct str){at, p->text_len[which]} : (struct str){NULL, 0};
}

void proc_without_program(const struct state *s, const struct proc *p, struct proc *out)
{
	struct str text[PROC_NTEXT] = {[PROC_CWD] = proc_text(s, p, PROC_CWD)};

	*out = *p;
	out->has &= 1u << PROC_LOGINUID | 1u << PROC_TTY | 1u << PROC_PGID | 1u << PROC_VPGID |
		    1u << PROC_SID | 1u << PROC_VPID;
	out->fds = out->far = out->env = 0;
	out->comm_len = out->heir_len = 0;
	pack(out, out->near, sizeof(out->near), text);
}

const struct proc *state_pid(const struct state *s, uint32_t pid)
{
	return proctab_find(s, pid);
}

const struct proc *state_proc(const struct state *s, const struct event *ev)
{
	return proctab_of(s, ev);
}

const struct proc *state_ancestor(const struct state *s, const struct proc *p, int n)
{
	while (p && n-- > 0) {
		const struct proc *parent =
			p->ppid && p->ppid != p->pid ? proctab_find(s, p->ppid) : NULL;

		/* A parent is older than its child; who got its pid later is not. */
		p = parent && parent->start <= p->start && (parent->start || !p->start) ? parent :
											  NULL;
	}
	return p;
}

bool proc_is_contained(const struct proc *p)
{
	return *p->container && strcmp(p->container, "host") != 0;
}

bool proc_fact(const struct proc *p, enum proc_fact which, uint64_t *v)
{
	*v = p->fact[which];
	return p->has >> which & 1;
}
