/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of core/state.h for tests: opened, fed with records, and held to
 * what is true of them at any time, whatever was fed.
 */
#ifndef UNIT_TABLES_H
#define UNIT_TABLES_H

#include "../../core/tables.h"
#include "events.h"

#define ENVS 6

static struct state *state;
static struct stats stats;

static inline void tables_open(uint32_t procs, uint32_t fars, uint32_t fds)
{
	const struct state_config cfg = {procs, fars, fds, 8, 8, ENVS, 8, 8, 4};
	struct arena a;

	CHECK_EQ(arena_map(&a, state_size(&cfg)), 0);
	state = state_open(&a, &cfg, &stats);
	CHECK(state);
}

/* Starts a record of that process. */
static inline void begin_of(enum trc_type type, uint32_t pid, uint64_t start)
{
	event_begin(type);
	event_rec.hdr.pid = pid;
	event_rec.hdr.start = start;
}

/* The same, of a call that this thread of it makes. */
static inline void begin_by(enum trc_type type, uint32_t pid, uint64_t start, uint32_t tid)
{
	begin_of(type, pid, start);
	event_rec.hdr.tid = tid;
}

/* The tables take the record in, as the engine has them do it. */
static inline void take(void)
{
	const struct event *ev = event_done();

	state_before(state, ev);
	state_after(state, ev);
}

/* The process of that identity as the tables know it. */
static inline const struct proc *proc_of(uint32_t pid, uint64_t start)
{
	begin_of(TRC_PROCEXIT, pid, start);
	return state_proc(state, event_done());
}

#define NO_FACT (-1000)

/* A number about a process, NO_FACT if it is not known. */
static inline int64_t fact(const struct proc *p, enum proc_fact which)
{
	uint64_t v;

	return proc_fact(p, which, &v) ? (int64_t)v : NO_FACT;
}

static inline void take_fork(uint32_t pid, uint64_t start, uint32_t child, uint64_t childstart)
{
	begin_of(TRC_PROCFORK, pid, start);
	event_set("child", child);
	event_set("childstart", (int64_t)childstart);
	take();
}

static inline void take_exit(uint32_t pid, uint64_t start)
{
	begin_of(TRC_PROCEXIT, pid, start);
	event_set("status", 0);
	take();
}

static inline uint32_t cache_check_use(const struct cache *c)
{
	uint32_t n = 0, older = 0;

	for (uint32_t at = c->oldest; at; at = c->link[at - 1].newer) {
		CHECK(at <= c->size && ++n <= c->size);
		CHECK_EQ(c->link[at - 1].older, older);
		older = at;
	}
	CHECK_EQ(c->newest, older);
	return n;
}

/* Lists of a cache agree with each other, and no entry is lost. */
static inline void cache_check(const struct cache *c)
{
	uint32_t chained = 0, freed = 0;

	CHECK_EQ(cache_check_use(c), c->used);
	for (uint32_t b = 0; b <= c->mask; b++)
		for (uint32_t at = c->bucket[b]; at; at = c->link[at - 1].next) {
			CHECK(at <= c->size && ++chained <= c->size);
			CHECK_EQ(c->link[at - 1].hash & c->mask, b);
		}
	CHECK_EQ(chained, c->used);
	for (uint32_t at = c->free; at; at = c->link[at - 1].newer)
		CHECK(at <= c->size && ++freed <= c->size);
	/* The rest was never used, and is taken in order of its indices. */
	CHECK(c->used + freed <= c->size);
	CHECK_EQ(cache_victim(c) != 0, c->used == c->size);
}

static inline uint32_t tables_check_fds(const struct proc *p)
{
	uint32_t n = 0, prev = 0;

	for (uint32_t at = p->fds; at; at = state->fd[at - 1].sibling) {
		const struct fdent *f = &state->fd[at - 1];

		CHECK(++n <= state->fds.used);
		CHECK_EQ(f->prev, prev);
		CHECK(&state->proc[f->proc] == p);
		CHECK(fdtab_find(state, p, f->fd) == f);
		CHECK(f->name_len <= FD_NAME_MAX);
		prev = at;
	}
	return n;
}

static inline void tables_check_proc(const struct proc *p)
{
	uint64_t text = 0;

	CHECK(proctab_find(state, p->pid) == p);
	CHECK(p->comm_len <= PROC_COMM_MAX);
	CHECK(memchr(p->container, 0, sizeof(p->container)));
	for (int i = 0; i < PROC_NTEXT; i++)
		text += p->text_len[i];
	CHECK(text <= (p->far ? PROC_FAR : PROC_NEAR));
	if (p->far)
		CHECK(&state->proc[state->far_of[p->far - 1]] == p);
}

/* What is true of all tables, always. */
static inline void tables_check(void)
{
	uint32_t fds = 0, fars = 0;

	cache_check(&state->procs);
	cache_check(&state->fars);
	cache_check(&state->fds);
	cache_check(&state->envs);
	cache_check(&state->users);
	cache_check(&state->groups);
	cache_check(&state->files);
	cache_check(&state->names);
	cache_check(&state->containers);
	for (uint32_t at = state->procs.oldest; at; at = state->procs.link[at - 1].newer) {
		const struct proc *p = &state->proc[at - 1];

		tables_check_proc(p);
		fds += tables_check_fds(p);
		fars += p->far != 0;
	}
	CHECK_EQ(fds, state->fds.used);
	CHECK_EQ(fars, state->fars.used);
}

/* The same numbers in every run (xorshift64). */
static uint64_t tables_seed = 0x9e3779b97f4a7c15ull;

static inline uint32_t below(uint32_t n)
{
	tables_seed ^= tables_seed << 13;
	tables_seed ^= tables_seed >> 7;
	tables_seed ^= tables_seed << 17;
	return (uint32_t)(tables_seed >> 32) % n;
}

static inline bool one_in(uint32_t n)
{
	return below(n) == 0;
}

#endif
