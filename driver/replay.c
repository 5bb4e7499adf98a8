/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The replay driver: reads the records of a file (recordfile.h) again. Ids and
 * slots are those of the table in the file, and are brought to ours by name.
 * The file may be anybody's: each length is checked before it is used, and
 * what lies inside a record is decode's to check.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/log.h"
#include "driver.h"
#include "record.h"
#include "recordfile.h"
#include "table.h"

#define BUFFER (2 * TRC_RECORD_MAX)
#define WAIT_MS 100 /* for a pipe that has nothing now, so that nobody polls it all the time */

/* What an event of the file is here. */
struct meaning {
	enum trc_type type;	  /* TRC_NONE = unknown here */
	int8_t slot[TRC_ARG_MAX]; /* of each argument of the file, -1 = unknown here */
};

static struct {
	const char *name;
	bool ended;
	int err;	/* why no more is read, if that is not the end */
	size_t at, end; /* of what is read and not yet used */
	uint8_t wanted[TRC_NTYPES];
	struct driver_stats stats;
	struct meaning meaning[TRC_TYPE_MAX];
	struct record rec;
	_Alignas(8) char buf[BUFFER];
} in;

static int infd = -1; /* apart: what starts as zeros takes no room in the binary */

/*
 * Makes sure that n bytes (at most TRC_RECORD_MAX) are at in.at. 1, 0 if the
 * file ends before, -EAGAIN if a pipe has no more yet, or another -errno.
 */
static int need(size_t n)
{
	while (in.end - in.at < n) {
		struct pollfd ready = {.fd = infd, .events = POLLIN};
		ssize_t got;

		if (in.ended)
			return 0;
		if (in.at + n > sizeof(in.buf)) {
			memmove(in.buf, in.buf + in.at, in.end - in.at);
			in.end -= in.at;
			in.at = 0;
		}
		if (poll(&ready, 1, WAIT_MS) <= 0)
			return -EAGAIN;
		got = read(infd, in.buf + in.end, sizeof(in.buf) - in.end);
		if (got < 0)
			return errno == EINTR ? -EAGAIN : -errno;
		in.ended = got == 0;
		in.end += (size_t)got;
	}
	return 1;
}

/* need() for the head of the file, which is waited for. */
static int need_now(size_t n)
{
	int ok;

	while ((ok = need(n)) == -EAGAIN)
		;
	return ok;
}

/* Cuts the next word from a line: it ends before a blank. NULL if there is none. */
static char *word(char **line)
{
	char *start = *line, *end;

	if (!start || !*start)
		return NULL;
	end = strchr(start, ' ');
	*line = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return start;
}

/* Our slot for an argument NAME:TYPE of the file. Another kind of value is another argument. */
static int slot_here(enum trc_type type, char *arg)
{
	char *kind = strchr(arg, ':');
	int slot;

	if (!kind)
		return -1;
	*kind++ = '\0';
	slot = event_arg_slot(type, arg);
	if (slot >= 0 && strcmp(recordfile_type[event_table[type].args[slot].type], kind))
		return -1;
	return slot;
}

/* One line of the table: ID NAME ARGUMENT:TYPE ... */
static void learn(char *line)
{
	char *id = word(&line), *name = word(&line), *arg;
	unsigned long n = id ? strtoul(id, NULL, 10) : 0;
	struct meaning *m;

	if (!name || n >= TRC_TYPE_MAX)
		return;
	m = &in.meaning[n];
	m->type = event_by_name(name);
	for (int i = 0; i < TRC_ARG_MAX; i++) {
		arg = word(&line);
		m->slot[i] = (int8_t)(arg ? slot_here(m->type, arg) : -1);
	}
}

/* Reads head and table. 0, or -errno with a line in why. */
static int read_head(char *why, size_t size)
{
	struct recordfile_head head;
	char *line, *end;

	if (need_now(sizeof(head)) <= 0)
		goto foreign;
	memcpy(&head, in.buf, sizeof(head));
	if (memcmp(head.magic, RECORDFILE_MAGIC, sizeof(head.magic)))
		goto foreign;
	if (head.version != TRC_VERSION) {
		snprintf(why, size, "%s: record file of version %u, this program reads version %u",
			 in.name, head.version, TRC_VERSION);
		return -EPROTO;
	}
	in.at = sizeof(head);
	if (head.table > RECORDFILE_TABLE_MAX || head.table % 8 || need_now(head.table) <= 0)
		goto foreign;
	line = in.buf + in.at;
	in.at += head.table;
	for (char *past = in.buf + in.at; (end = memchr(line, '\n', (size_t)(past - line)));
	     line = end + 1) {
		*end = '\0';
		learn(line);
	}
	return 0;
foreign:
	snprintf(why, size, "%s: not a record file", in.name);
	return -EINVAL;
}

static int replay_open(const struct driver_config *cfg, char *why, size_t size)
{
	if (!cfg->file) {
		snprintf(why, size, "needs a record file");
		return -EINVAL;
	}
	in.name = strcmp(cfg->file, "-") ? cfg->file : "standard input";
	infd = in.name == cfg->file ? open(cfg->file, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	if (infd < 0) {
		int err = -errno;

		snprintf(why, size, "%s: %s", in.name, strerror(-err));
		return err;
	}
	in.ended = false;
	in.err = 0;
	in.at = in.end = 0;
	memset(&in.stats, 0, sizeof(in.stats));
	memset(in.wanted, 1, sizeof(in.wanted));
	memset(in.meaning, 0, sizeof(in.meaning));
	snprintf(why, size, "%s", in.name);
	return read_head(why, size);
}

/* Builds in.rec from a record of the file. False if it does not fit: ours may have more slots. */
static bool translate(const struct trc_hdr *from, const struct meaning *m)
{
	const struct event_desc *e = &event_table[m->type];
	const trc_u64 *slot = (const trc_u64 *)(from + 1);
	trc_u32 tail = from->len - (trc_u32)sizeof(*from) - 8u * from->narg;
	trc_u32 start = (trc_u32)(sizeof(*from) + 8u * (trc_u32)e->nargs);
	trc_u32 shift = start - (from->len - tail);
	struct trc_hdr *to = &in.rec.hdr;

	if (start + tail > TRC_RECORD_MAX)
		return false;
	*to = *from;
	to->type = (trc_u16)m->type;
	to->narg = (trc_u8)e->nargs;
	to->len = start + tail;
	to->absent = (1u << e->nargs) - 1;
	to->given = to->cut = 0;
	memset(to + 1, 0, 8 * (size_t)e->nargs);
	memcpy((char *)to + start, (const char *)from + (from->len - tail), tail);
	for (int i = 0; i < from->narg; i++) {
		int here = m->slot[i];
		trc_u64 v = slot[i];

		if (here < 0 || from->absent >> i & 1)
			continue;
		if (argtype_kind[e->args[here].type] == TRC_BYTES)
			v = TRC_SLOT(v >> 32, (trc_u32)v + shift);
		in.rec.word[sizeof(*to) / 8 + (size_t)here] = v;
		to->absent &= ~(1u << here);
		to->given |= (from->given >> i & 1) << here;
		to->cut |= (from->cut >> i & 1) << here;
	}
	return true;
}

/* Hands over the record at in.at, which is all there. Returns how many came of it. */
static int deliver(const struct trc_hdr *rec, record_fn fn, void *arg)
{
	static const struct meaning unknown;
	const struct meaning *m = rec->type < TRC_TYPE_MAX ? &in.meaning[rec->type] : &unknown;
	struct driver_count *n = &in.stats.type[m->type];

	if (m->type == TRC_NONE || !translate(rec, m)) {
		n->lost++;
		return 0;
	}
	if (!in.wanted[m->type] && event_table[m->type].class != TRC_STATE) {
		n->filtered++;
		return 0;
	}
	n->sent++;
	fn(&in.rec.hdr, arg);
	return 1;
}

/* Length of the record at in.at, all of it read; 0 at the end; or -errno. */
static int next(void)
{
	struct trc_hdr *rec;
	int ok = in.err ? in.err : need(sizeof(*rec));

	if (ok == 0 && in.end > in.at)
		goto truncated;
	if (ok <= 0)
		return ok;
	rec = (struct trc_hdr *)(in.buf + in.at);
	if (rec->len % 8 || rec->len > TRC_RECORD_MAX || rec->narg > TRC_ARG_MAX ||
	    rec->len < sizeof(*rec) + 8u * rec->narg) {
		log_warn("%s: damaged: what follows is not read", in.name);
		in.stats.type[TRC_NONE].lost++;
		return in.err = -EBADMSG;
	}
	ok = need(rec->len);
	if (ok == 0)
		goto truncated;
	/* need() may have moved it. */
	return ok < 0 ? ok : (int)((struct trc_hdr *)(in.buf + in.at))->len;
truncated:
	log_warn("%s: its last record is not whole", in.name);
	in.stats.type[TRC_NONE].lost++;
	in.at = in.end;
	return 0;
}

static int replay_drain(record_fn fn, void *arg, int budget)
{
	int sent = 0;

	/* What is passed over counts, too: a long run of it must not keep others waiting. */
	for (int i = 0; i < budget; i++) {
		int len = next();

		if (len == -EAGAIN || (len <= 0 && sent))
			return sent;
		if (len <= 0)
			return len ? len : -ENODATA;
		sent += deliver((struct trc_hdr *)(in.buf + in.at), fn, arg);
		in.at += (size_t)len;
	}
	return sent;
}

/* There is always something to read; a pipe is waited for while it is read. */
static int replay_fd(void)
{
	return -1;
}

static int replay_want(const uint8_t wanted[static TRC_NTYPES])
{
	memcpy(in.wanted, wanted, TRC_NTYPES);
	return 0;
}

static void replay_stats(struct driver_stats *out)
{
	*out = in.stats;
	driver_sum_lost(out);
}

static int replay_progress(void)
{
	struct stat st;
	off_t at = lseek(infd, 0, SEEK_CUR);

	if (at < 0 || fstat(infd, &st) || st.st_size <= 0)
		return -1;
	return (int)((at - (off_t)(in.end - in.at)) * 100 / st.st_size);
}

static void replay_close(void)
{
	if (infd >= 0)
		close(infd);
	infd = -1;
}

const struct driver driver_replay = {
	.name = "replay",
	.help = "reads a record file instead of a machine",
	.flags = DRIVER_KERNEL,
	.open = replay_open,
	.fd = replay_fd,
	.want = replay_want,
	.drain = replay_drain,
	.stats = replay_stats,
	.progress = replay_progress,
	.close = replay_close,
};
