/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens of named files that no call shows (io_uring, a record that was lost):
 * see marks.h. A mark is told while the call goes on, its record comes when the
 * call returns; so a mark waits for the record, at most GRACE, and no longer
 * than its process lives: of one that has ended nothing is known. Marks that follow close
 * are told as one, so a record may have no mark of its own.
 */
#include "marks.h"

#include <string.h>

#include "../driver/mark.h"
#include "../driver/record.h"
#include "../driver/table.h"
#include "clock.h"
#include "decode.h"
#include "log.h"

#define GRACE 250000000ull /* ns that a call may take to return once it has opened the file */
#define WAITING 128
#define OPENED 128 /* opens of marked files between two looks at the marks */

static struct waiting {
	struct mark mark;
	uint64_t at; /* when it was told, as hdr.ts */
} waiting[WAITING];  /* in the order they were told */
static int nwaiting;

/* Opens that records told of since, and no mark yet. */
static struct mark opened[OPENED];
static int nopened;

/* Inodes that are marked, by the last bits of their numbers: most opens are of none. */
static uint64_t marked[16];
static bool wanted;
static char why[128]; /* there are no marks; "" if there are */

static uint64_t *word_of(uint64_t ino)
{
	return &marked[ino / 64 % 16];
}

void marks_open(void)
{
	if (!mark_open(why, sizeof(why)))
		why[0] = '\0';
}

void marks_want(bool are)
{
	wanted = are;
	mark_flush();
	memset(marked, 0, sizeof(marked));
	if (wanted && *why)
		log_warn("file_open: opens that no system call shows are not seen: %s", why);
}

void marks_add(const char *name)
{
	uint64_t ino;

	if (wanted && mark_add(name, &ino))
		*word_of(ino) |= 1ull << ino % 64;
}

int marks_fd(void)
{
	return mark_fd();
}

static bool same(const struct mark *a, const struct mark *b)
{
	return a->pid == b->pid && a->dev == b->dev && a->ino == b->ino;
}

static void forget(int i)
{
	nwaiting--;
	memmove(&waiting[i], &waiting[i + 1], (size_t)(nwaiting - i) * sizeof(waiting[0]));
}

/* Tells of the i-th, and forgets it. */
static void tell(struct engine *e, int i)
{
	static struct record rec;
	const struct mark m = waiting[i].mark;
	const struct proc *p = state_pid(e->state, m.pid);
	struct str name = state_file_name(e->state, m.dev, m.ino);

	forget(i);
	if (!name.p)
		return; /* the rules name it no more */
	record_begin(&rec, TRC_FILE_OPEN, m.pid, m.pid);
	rec.hdr.start = p ? p->start : 0;
	rec.hdr.uid = p ? p->uid : UINT32_MAX;
	record_bytes(&rec, event_arg_slot(TRC_FILE_OPEN, "name"), name.p, name.n);
	record_num(&rec, event_arg_slot(TRC_FILE_OPEN, "dev"), m.dev);
	record_num(&rec, event_arg_slot(TRC_FILE_OPEN, "ino"), m.ino);
	e->stats->marked++;
	engine_record(e, &rec, rec.hdr.len);
}

/* Has a record told of it? One stands for as many marks as there are: see mark.h. */
static bool was_opened(const struct mark *m)
{
	for (int i = 0; i < nopened; i++)
		if (same(&opened[i], m))
			return true;
	return false;
}

void marks_take(struct engine *e)
{
	struct mark m;

	while (mark_next(&m, &e->stats->mark_lost)) {
		if (was_opened(&m))
			continue;
		/* With no room for more records, it may be that of one of them. */
		if (nwaiting == WAITING || nopened == OPENED)
			e->stats->mark_lost++;
		else
			waiting[nwaiting++] = (struct waiting){m, clock_boot()};
	}
	nopened = 0;
}

/* An open that a call shows: its mark waits, or will be there when they are looked at again. */
static void take_open(const struct mark *m)
{
	for (int i = 0; i < nwaiting; i++)
		if (same(&waiting[i].mark, m)) {
			forget(i);
			return;
		}
	if (nopened < OPENED && !was_opened(m))
		opened[nopened++] = *m;
}

void marks_record(struct engine *e, const struct trc_hdr *rec)
{
	static int8_t dev[TRC_NTYPES], ino[TRC_NTYPES];
	struct event ev;
	struct mark m = {.pid = rec->pid};

	if (!wanted || mark_fd() < 0 || decode(rec, rec->len, &ev) != DECODE_OK)
		return;
	if (!dev[TRC_OPEN]) {
		event_arg_slots("dev", dev);
		event_arg_slots("ino", ino);
	}
	if (rec->type == TRC_PROCEXIT) {
		marks_take(e);
		for (int i = 0; i < nwaiting;)
			if (waiting[i].mark.pid == rec->pid)
				tell(e, i);
			else
				i++;
	} else if (event_table[rec->type].flags & TRC_OPENS && event_has(&ev, ino[rec->type])) {
		m.dev = (uint64_t)event_num(&ev, dev[rec->type]);
		m.ino = (uint64_t)event_num(&ev, ino[rec->type]);
		if (*word_of(m.ino) >> m.ino % 64 & 1)
			take_open(&m);
	}
}

void marks_settle(struct engine *e, uint64_t until)
{
	while (nwaiting && waiting[0].at + GRACE <= until)
		tell(e, 0);
}

uint64_t marks_due(void)
{
	return nwaiting ? waiting[0].at + GRACE : 0;
}

void marks_close(void)
{
	mark_close();
}
