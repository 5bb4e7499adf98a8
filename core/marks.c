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
#define WAITING 512
#define OPENED 512	    /* opens of marked files between two looks at the marks */
#define FILE_MOST 64	    /* of one file: who opens it in a loop must not hide another */
#define NO_START UINT64_MAX /* of no process: the record's is not known */

static struct waiting {
	struct mark mark;
	uint64_t at;  /* when it was told, as hdr.ts */
	bool another; /* its process may have become another program since */
	uint32_t uid; /* of what it was before, if so */
} waiting[WAITING];   /* in the order they were told */
static int nwaiting;

/* Opens that records told of since, and no mark yet. */
static struct mark opened[OPENED];
static int nopened;

/* Of opened files more than fit: by the same bits as below. */
static uint64_t crowded[16];

/* Inodes that are marked, by the last bits of their numbers: most opens are of none. */
static uint64_t marked[16];
static bool wanted;
static char why[128]; /* there are no marks; "" if there are */

static bool has_inode(const uint64_t set[static 16], uint64_t ino)
{
	return set[ino / 64 % 16] >> ino % 64 & 1;
}

static void add_inode(uint64_t set[static 16], uint64_t ino)
{
	set[ino / 64 % 16] |= 1ull << ino % 64;
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
		add_inode(marked, ino);
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

/* The process that opened it; NULL if that is not known. */
static const struct proc *process_of(struct engine *e, uint32_t pid)
{
	if (!state_pid(e->state, pid) && e->help.process)
		e->help.process(pid);
	return state_pid(e->state, pid);
}

/* Tells of the i-th, and forgets it. */
static void tell(struct engine *e, int i)
{
	static struct record rec;
	const struct waiting w = waiting[i];
	const struct mark m = w.mark;
	const struct proc *p = process_of(e, m.pid);
	struct str name = state_file_name(e->state, m.dev, m.ino);

	forget(i);
	if (!name.p)
		return; /* the rules name it no more */
	record_begin(&rec, TRC_FILE_OPEN, m.pid, m.pid);
	rec.hdr.start = p ? p->start : NO_START;
	rec.hdr.uid = p && (!w.another || p->uid == w.uid) ? p->uid : TRC_NO_UID;
	record_bytes(&rec, event_arg_slot(TRC_FILE_OPEN, "name"), name.p, name.n);
	record_num(&rec, event_arg_slot(TRC_FILE_OPEN, "dev"), m.dev);
	record_num(&rec, event_arg_slot(TRC_FILE_OPEN, "ino"), m.ino);
	record_num(&rec, event_arg_slot(TRC_FILE_OPEN, "program"), !w.another);
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

static bool has_room(const struct mark *m)
{
	int n = 0;

	for (int i = 0; i < nwaiting; i++)
		n += waiting[i].mark.ino == m->ino;
	return nwaiting < WAITING && n < FILE_MOST;
}

void marks_take(struct engine *e)
{
	struct mark m;

	while (mark_next(&m, &e->stats->mark_lost)) {
		if (was_opened(&m))
			continue;
		/* With no room for more records of a file, it may be that of one of them. */
		if (has_room(&m) && !has_inode(crowded, m.ino))
			waiting[nwaiting++] = (struct waiting){.mark = m, .at = clock_boot()};
		else
			e->stats->mark_lost++;
	}
	nopened = 0;
	memset(crowded, 0, sizeof(crowded));
}

/* An open that a call shows: its mark waits, or will be there when they are looked at again. */
static void take_open(const struct mark *m)
{
	int n = 0;

	for (int i = 0; i < nwaiting; i++)
		if (same(&waiting[i].mark, m)) {
			forget(i);
			return;
		}
	if (was_opened(m))
		return;
	for (int i = 0; i < nopened; i++)
		n += opened[i].ino == m->ino;
	if (nopened < OPENED && n < FILE_MOST)
		opened[nopened++] = *m;
	else
		add_inode(crowded, m->ino);
}

/*
 * A program ends: by the end of its process, or because that becomes another one. What it opened is
 * told with what it was. At an end all marks are of before; else those that were told by then
 * are: of others only the process is known, and the user if that stays the same.
 */
static void take_end(struct engine *e, const struct trc_hdr *rec)
{
	const struct proc *p = state_pid(e->state, rec->pid);

	marks_take(e);
	for (int i = 0; i < nwaiting;) {
		struct waiting *w = &waiting[i];

		if (w->mark.pid != rec->pid) {
			i++;
		} else if (rec->type == TRC_PROCEXIT || w->at < rec->ts) {
			tell(e, i);
		} else {
			if (!w->another)
				w->uid = p ? p->uid : TRC_NO_UID;
			w->another = true;
			i++;
		}
	}
}

void marks_record(struct engine *e, const struct trc_hdr *rec)
{
	static int8_t dev[TRC_NTYPES], ino[TRC_NTYPES];
	unsigned flags = rec->type < TRC_NTYPES ? event_table[rec->type].flags : 0;
	struct event ev;
	struct mark m = {.pid = rec->pid};

	if (!wanted || mark_fd() < 0)
		return;
	if (rec->type == TRC_PROCEXIT)
		take_end(e, rec);
	/* A kernel before 5.0 marks the start of a program as any open: so its record is one. */
	if (!(flags & (TRC_OPENS | TRC_FAILED)) || decode(rec, rec->len, &ev) != DECODE_OK)
		return;
	if (!dev[TRC_OPEN]) {
		event_arg_slots("dev", dev);
		event_arg_slots("ino", ino);
	}
	if (!event_has(&ev, ino[rec->type]))
		return;
	m.dev = (uint64_t)event_num(&ev, dev[rec->type]);
	m.ino = (uint64_t)event_num(&ev, ino[rec->type]);
	if (has_inode(marked, m.ino))
		take_open(&m);
	if (flags & TRC_FAILED && event_num(&ev, 0) >= 0)
		take_end(e, rec);
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
