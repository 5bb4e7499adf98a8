/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The notify driver: what a kernel tells that lets nobody look into it, by BPF
 * or a module. Processes by the connector (connector.h), files by fanotify
 * (watch.h), the rest from /proc at once (notify_record.h).
 *
 * The two do not tell when an event of theirs was against one of the other. What
 * is certain is kept: a process is made before it does something, what it opens
 * for a program to start comes before that has started, and its end is behind
 * all that it did. Processes come first, while /proc still shows them.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../core/log.h"
#include "driver.h"
#include "notify_record.h"
#include "opener.h"
#include "table.h"

#define HASTE (-10) /* a nice value */
#define QUEUE 512
#define STARTED 256

static struct {
	struct heard {
		struct connector_event ev;
		bool told, placed;
		unsigned reads; /* of files, that were whole, before it was heard */
		trc_u64 behind; /* what was read there first behind it ends here, if it is placed */
	} queue[QUEUE];
	int n;
	pid_t started[STARTED]; /* by the last bits: became a program, whose opens may still wait */
	struct watch_event file;
	uint8_t wanted[TRC_NTYPES];
	struct driver_stats stats;
	unsigned gaps;
	trc_u64 last; /* time of the last record */
	record_fn fn;
	void *arg;
	int sent;
} me;

static int epoll = -1; /* apart: what starts as zeros takes no room in the binary */

static void hand_over(struct record *rec)
{
	struct driver_count *n = &me.stats.type[rec->hdr.type];

	if (!me.wanted[rec->hdr.type]) {
		n->filtered++;
		return;
	}
	/* Time goes forward, though it was found out late what came before. */
	if (rec->hdr.ts < me.last)
		rec->hdr.ts = me.last;
	me.last = rec->hdr.ts;
	rec->hdr.flags |= (trc_u8)me.gaps;
	me.gaps = 0;
	n->sent++;
	me.sent++;
	me.fn(&rec->hdr, me.arg);
}

/* Which kind the lost ones were, nobody says; most are of processes that begin and end. */
static void note_loss(enum trc_type type, trc_u64 n)
{
	me.stats.type[type].lost += n;
	if (n)
		me.gaps |=
			event_table[type].class == TRC_CRITICAL ? TRC_GAP_CRITICAL : TRC_GAP_BULK;
}

/* Takes what the connector has, as far as there is room. */
static void listen_to_connector(void)
{
	trc_u64 lost = 0;

	while (me.n < QUEUE && connector_next(&me.queue[me.n].ev, &lost)) {
		struct heard *h = &me.queue[me.n++];

		h->told = h->placed = false;
		h->reads = watch_reads();
	}
	note_loss(TRC_PROCFORK, lost);
}

/* Is something about the same process behind the i-th that /proc may show by now? */
static bool is_doubtful(int i)
{
	const struct connector_event *ev = &me.queue[i].ev;

	for (int j = i + 1; j < me.n; j++) {
		const struct connector_event *later = &me.queue[j].ev;

		if (later->pid == ev->pid &&
		    (later->what == CONNECTOR_EXEC ||
		     (ev->what != CONNECTOR_EXEC &&
		      (later->what == CONNECTOR_UID || later->what == CONNECTOR_GID))))
			return true;
	}
	return me.n == QUEUE;
}

static void take_file(const struct watch_event *ev)
{
	struct record *rec;

	if (ev->what & WATCH_LOST)
		note_loss(TRC_OPENAT, 1);
	else
		for (int n = 0; n < 2; n++)
			if ((rec = notify_record_file(ev, n)))
				hand_over(rec);
}

/*
 * Tells what a process did before it became the program that it is now. All of it has been told to
 * us by then; what is behind the opens for that program is not of before.
 */
static void take_files_before_exec(pid_t pid)
{
	pid_t *started = &me.started[(unsigned)pid % STARTED];

	watch_more();
	/* The program before this one was opened, too, and what comes first is that. */
	while (*started == pid && watch_next_of(pid, true, &me.file))
		;
	while (watch_next_of(pid, false, &me.file))
		take_file(&me.file);
	*started = pid;
}

static void tell(int i)
{
	const struct connector_event ev = me.queue[i].ev;
	struct record *rec;

	me.queue[i].told = true;
	/* At once, before /proc shows something else. */
	rec = notify_record_process(&ev);
	if (!rec)
		return;
	/* Only what has not been told when /proc was read was not there yet. */
	listen_to_connector();
	if (is_doubtful(i))
		notify_record_doubt(rec, &ev);
	if (ev.what == CONNECTOR_EXEC)
		take_files_before_exec(ev.pid);
	hand_over(rec);
}

/*
 * Has all been told that was done to files before? Its end is as far as was read when all there was
 * had been read again: what came later does not put it off.
 */
static bool is_behind_files(struct heard *h)
{
	if (!h->placed && h->reads != watch_reads()) {
		h->placed = true;
		h->behind = watch_end();
	}
	return h->placed && watch_taken() >= h->behind;
}

/* Tells what the connector has told, but ends only if all that their processes did has been. */
static void hear(void)
{
	int left = 0;

	listen_to_connector();
	for (int i = 0; i < me.n; i++) {
		struct heard *h = &me.queue[i];

		if (!h->told && (h->ev.what != CONNECTOR_EXIT || is_behind_files(h)))
			tell(i);
	}
	/* With no room for more, the oldest ends go first. */
	for (int i = 0; i < me.n / 2 && me.n == QUEUE; i++)
		if (!me.queue[i].told)
			tell(i);
	for (int i = 0; i < me.n; i++)
		if (!me.queue[i].told)
			me.queue[left++] = me.queue[i];
	me.n = left;
}

/* To mark what is new takes rights. */
static void look_at_mounts(void)
{
	static struct handover h;
	const int fd = watch_fd();
	int err = opener_renew(&driver_notify, &fd, 1, &h);

	if (err)
		log_warn("notify: what was mounted since is not watched: %s", strerror(-err));
	watch_know_all();
}

static int notify_drain(record_fn fn, void *arg, int budget)
{
	int files = 0;
	bool more;

	me.fn = fn;
	me.arg = arg;
	me.sent = 0;
	if (watch_mounts_changed())
		look_at_mounts();
	do {
		hear();
		more = watch_fill();
		/* What nobody wants counts too: there may be no end to it. */
		for (hear(); me.sent + files < budget && watch_next(&me.file); hear(), files++)
			take_file(&me.file);
	} while ((more || me.n) && me.sent + files < budget);
	watch_rest();
	return me.sent + files < budget ? me.sent : budget;
}

static int add(int fd, uint32_t events)
{
	struct epoll_event e = {.events = events};

	return fd >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) ? -errno : 0;
}

static void notify_close(void)
{
	memset(&me.stats, 0, sizeof(me.stats));
	connector_close();
	watch_close();
	if (epoll >= 0)
		close(epoll);
	epoll = -1;
}

static int notify_load(const struct driver_config *cfg, struct handover *out, char *why,
		       size_t size)
{
	int err = connector_open(why, size);

	(void)cfg;
	if (err)
		return err;
	err = watch_open(out->note, sizeof(out->note));
	if (err) {
		snprintf(why, size, "%s", out->note);
		return err;
	}
	out->fds = 2;
	out->fd[0] = connector_fd();
	out->fd[1] = watch_fd();
	return 0;
}

static int notify_take(const struct driver_config *cfg, const struct handover *in, char *why,
		       size_t size)
{
	int err;

	(void)cfg;
	memset(&me, 0, sizeof(me));
	notify_record_begin();
	connector_adopt(in->fd[0]);
	watch_adopt(in->fd[1]);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	err = epoll < 0 ? -errno : add(connector_fd(), EPOLLIN);
	if (!err)
		err = add(watch_fd(), EPOLLIN);
	if (!err)
		err = add(watch_mounts_fd(), EPOLLPRI | EPOLLET);
	if (err) {
		snprintf(why, size, "epoll: %s", strerror(-err));
		notify_close();
		return err;
	}
	/* Who comes late finds nothing in /proc any more. It stays so without privileges. */
	setpriority(PRIO_PROCESS, 0, HASTE);
	snprintf(why, size, "sees processes, files opened, names made and removed%s%.128s",
		 *in->note ? "; nothing below " : "", in->note);
	return 0;
}

static int notify_fd(void)
{
	return epoll;
}

/* Both are ours still: who takes one away closes it. */
static int notify_alive(void)
{
	struct pollfd p[] = {{.fd = connector_fd()}, {.fd = watch_fd()}};

	if (poll(p, 2, 0) < 0)
		return -errno;
	return (p[0].revents | p[1].revents) & POLLNVAL ? -EBADF : 0;
}

static int notify_want(const uint8_t wanted[static TRC_NTYPES])
{
	/* Tables ask for opens and names in any case: the kernel could leave nothing out. */
	memcpy(me.wanted, wanted, sizeof(me.wanted));
	return 0;
}

static void notify_stats(struct driver_stats *out)
{
	*out = me.stats;
	driver_sum_lost(out);
}

const struct driver driver_notify = {
	.name = "notify",
	.help = "fanotify and the process connector: the whole machine, needs root, less detail",
	.blind = "failures, sockets, memory, modules, mounts, changes of mode and owner",
	.flags = DRIVER_LIVE | DRIVER_READS_PROC | DRIVER_OPENS,
	.load = notify_load,
	.take = notify_take,
	.renew = watch_renew,
	.fd = notify_fd,
	.want = notify_want,
	.drain = notify_drain,
	.alive = notify_alive,
	.stats = notify_stats,
	.close = notify_close,
};
