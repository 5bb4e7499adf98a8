/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The descriptor table: entries, and for each process the list of its own. What
 * calls make of them is in fdwhat.c.
 */
#include "tables.h"

/* A forked process gets copies of at most this many descriptors: who has more is a server. */
#define COPY_MAX 64

static uint32_t hash_fd(uint32_t proc, int32_t fd)
{
	return hash_u64((uint64_t)proc << 32 | (uint32_t)fd);
}

struct fdent *fdtab_find(const struct state *s, const struct proc *p, int32_t fd)
{
	uint32_t owner = proctab_index(s, p);
	uint32_t at = cache_first(&s->fds, hash_fd(owner, fd));

	while (at && (s->fd[at - 1].proc != owner || s->fd[at - 1].fd != fd))
		at = cache_next(&s->fds, at);
	return at ? &s->fd[at - 1] : NULL;
}

const struct fdent *state_fd(const struct state *s, const struct proc *p, int32_t fd)
{
	return p && fd >= 0 ? fdtab_find(s, p, fd) : NULL;
}

void fdtab_used(struct state *s, const struct fdent *f)
{
	cache_touch(&s->fds, (uint32_t)(f - s->fd));
}

void fdtab_drop(struct state *s, struct fdent *f)
{
	*(f->prev ? &s->fd[f->prev - 1].sibling : &s->proc[f->proc].fds) = f->sibling;
	if (f->sibling)
		s->fd[f->sibling - 1].prev = f->prev;
	cache_drop(&s->fds, (uint32_t)(f - s->fd));
}

struct fdent *fdtab_new(struct state *s, struct proc *p, int32_t fd)
{
	struct fdent *f = fdtab_find(s, p, fd);
	uint32_t victim, i;

	if (f)
		fdtab_drop(s, f);
	victim = cache_victim(&s->fds);
	if (victim) {
		s->stats->fd_evicted++;
		fdtab_drop(s, &s->fd[victim - 1]);
	}
	i = cache_take(&s->fds, hash_fd(proctab_index(s, p), fd));
	f = &s->fd[i];
	memset(f, 0, sizeof(*f));
	f->proc = proctab_index(s, p);
	f->fd = fd;
	f->sibling = p->fds;
	if (f->sibling)
		s->fd[f->sibling - 1].prev = i + 1;
	p->fds = i + 1;
	return f;
}

void fdtab_clear(struct state *s, struct proc *p, bool only_cloexec)
{
	for (uint32_t at = p->fds, next; at; at = next) {
		next = s->fd[at - 1].sibling;
		if (!only_cloexec || s->fd[at - 1].cloexec)
			fdtab_drop(s, &s->fd[at - 1]);
	}
}

/* What a descriptor is, without whose and where in the lists. */
static void copy_what(struct fdent *to, const struct fdent *from)
{
	to->kind = from->kind;
	to->cloexec = from->cloexec;
	to->connected = from->connected;
	to->server = from->server;
	to->role_known = from->role_known;
	to->has_sock = from->has_sock;
	to->name_len = from->name_len;
	to->sock = from->sock;
	memcpy(to->name, from->name, from->name_len);
}

struct fdent *fdtab_like(struct state *s, struct proc *p, int32_t fd, const struct fdent *from)
{
	struct fdent what = *from, *f;

	fdtab_used(s, from); /* so that making room does not take what is being copied */
	f = fdtab_new(s, p, fd);
	copy_what(f, &what);
	return f;
}

void fdtab_copy(struct state *s, struct proc *to, const struct proc *from)
{
	uint32_t at = from->fds;

	for (int n = 0; at && n < COPY_MAX; n++) {
		const struct fdent *f = &s->fd[at - 1];

		fdtab_like(s, to, f->fd, f);
		at = f->sibling;
	}
}

void fdtab_name(struct state *s, struct fdent *f, struct str name)
{
	if (name.n > FD_NAME_MAX) {
		s->stats->fd_long++;
		name.n = 0;
	}
	memcpy(f->name, name.p, name.n);
	f->name_len = (uint8_t)name.n;
}
