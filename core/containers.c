/* SPDX-License-Identifier: BSD-2-Clause */
/* What engines' files tell of containers, as records: see containers.h. */
#include "containers.h"

#include "../driver/record.h"
#include "../driver/table.h"
#include "container_read.h"

#define WAITING 16 /* containers that are asked for again at a time */
#define MS 1000000ull

/* A file may come a little later than the first process. */
static const uint64_t pause[] = {10 * MS, 100 * MS, 1000 * MS};
#define PAUSES (sizeof(pause) / sizeof(pause[0]))

static struct waiting {
	uint64_t due; /* time of records; 0 = free */
	unsigned asked;
	struct container c;
	char whole[PROC_CONTAINER_MAX + 1];
} waiting[WAITING];

static void state(struct engine *e, const struct container *c, const struct container_facts *f)
{
	static struct record rec;

	record_begin(&rec, TRC_CONTAINERINFO, 0, 0);
	record_str(&rec, 0, c->id);
	for (int i = 0; i < CONTAINER_NTEXT; i++) {
		struct str s = container_fact(f, (enum container_text)i);

		if (s.p)
			record_bytes(&rec, 1 + i, s.p, s.n);
	}
	if (f->has_privileged)
		record_num(&rec, 1 + CONTAINER_NTEXT, f->privileged);
	engine_record(e, &rec.hdr, rec.hdr.len);
}

/* Asks once; true if there is nothing to ask for again. */
static bool ask(struct engine *e, const struct container *c, bool last)
{
	static struct container_facts facts;
	enum container_answer answer = container_read(e->cfg->containers_root, c, &facts);

	for (int i = 0; i < CONTAINER_NTEXT; i++)
		facts.has[i] &= !(facts.cut >> i & 1);
	if (answer == CONTAINER_TOLD || last)
		e->stats->cont_cut += (unsigned)__builtin_popcount(facts.cut);
	if (last && answer == CONTAINER_SILENT)
		e->stats->cont_unknown++;
	if (last && answer == CONTAINER_BROKEN)
		e->stats->cont_unread++;
	state(e, c, &facts);
	return answer == CONTAINER_TOLD;
}

static void find_due(struct engine *e)
{
	e->container_due = 0;
	for (int i = 0; i < WAITING; i++)
		if (waiting[i].due && (!e->container_due || waiting[i].due < e->container_due))
			e->container_due = waiting[i].due;
}

void containers_ask(struct engine *e, const struct container *c, uint64_t ts)
{
	struct waiting *w = waiting;

	while (w < waiting + WAITING && w->due)
		w++;
	/* Where no more can wait, one answer is the last. */
	if (ask(e, c, w == waiting + WAITING) || w == waiting + WAITING)
		return;
	*w = (struct waiting){.due = ts + pause[0], .c = *c};
	memcpy(w->whole, c->whole.p, c->whole.n);
	w->c.whole.p = w->whole;
	find_due(e);
}

void containers_again(struct engine *e, uint64_t ts)
{
	for (struct waiting *w = waiting; w < waiting + WAITING; w++) {
		if (!w->due || w->due > ts)
			continue;
		w->asked++;
		if (ask(e, &w->c, w->asked == PAUSES) || w->asked == PAUSES)
			w->due = 0;
		else
			w->due = ts + pause[w->asked];
	}
	find_due(e);
}
