/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending what waits in a spool over a socket that may go away at any time:
 * see outlet.h. A message that a broken connection took a part of is sent
 * again whole. What the peer's kernel had acknowledged, and the peer had not
 * read when it was killed, is lost: syslog has no receipts of its own.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "outlet.h"

#define REDIAL_MS 1000 /* least time between two connections of a stream */
#define LOOK_MIN 2     /* ms from sending to the look whether it arrived; each next one */
#define LOOK_MAX 10000 /* is twice as long while nothing does, up to this */
#define LATE 200       /* pause from which on what goes the same way is said to wait */
#define MEMORY_MIN 256 /* the kernel takes more for any message that waits in a socket */

static void hang_up(struct outlet *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
	o->sent = 0;
	o->flight = 0;
	spool_rewind(&o->spool);
	o->connecting = false;
}

/*
 * No connection is to be had now. The first failure after something went well is told, and the
 * first behind a look-up.
 */
static void back_off(struct outlet *o, int err)
{
	bool unknown = err == -EINPROGRESS;

	if (!o->wait || (o->unknown && !unknown))
		log_warn("%s: %s: %s; alerts are kept until it takes them", o->name, o->peer,
			 unknown ? "its address is being looked up" : strerror(-err));
	o->unknown = unknown;
	o->wait = !o->wait ? 1 : o->wait < o->patience / 2 ? o->wait * 2 : o->patience;
	o->retry = clock_ms() + o->wait * INT64_C(1000);
}

/*
 * A stream whose daemon accepts nobody says EAGAIN (connect(2)), and nothing tells when it would:
 * that is no way, not something to wait for.
 */
static int dial(struct outlet *o)
{
	int fd = o->dial(o);

	if (fd < 0)
		return fd == -EAGAIN ? -EBUSY : fd;
	o->fd = fd;
	o->pause = LOOK_MIN;
	o->dialled = clock_ms();
	return 0;
}

/* Is the connection made that was under way? 0, -EAGAIN: not yet, or why not. */
static int connected(struct outlet *o)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};
	int err = 0;
	socklen_t size = sizeof(err);

	if (poll(&p, 1, 0) <= 0)
		return -EAGAIN;
	getsockopt(o->fd, SOL_SOCKET, SO_ERROR, &err, &size);
	o->connecting = err != 0;
	return -err;
}

/*
 * Has the peer of a stream gone? Asked before each sending, so that nobody has
 * to watch an idle connection. What a peer says is nobody's: syslog has no answers.
 */
static int still_there(const struct outlet *o)
{
	char junk[1024];
	ssize_t n = recv(o->fd, junk, sizeof(junk), MSG_DONTWAIT);

	if (n == 0)
		return -EPIPE;
	return n > 0 || errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

/* The oldest message has left. */
static void done(struct outlet *o)
{
	spool_drop(&o->spool);
	++*o->counts.sent;
}

/* Drops what the peer's TCP has acknowledged. */
static void take_bytes(struct outlet *o, uint64_t unacknowledged)
{
	uint32_t n;

	while (o->spool.passed && (n = spool_oldest(&o->spool)) + unacknowledged <= o->flight) {
		o->flight -= n;
		done(o);
	}
}

/*
 * How many of the passed messages have been read, if the peer is still there.
 * How much memory one takes is the kernel's affair, but it is more than MEMORY_MIN.
 */
static uint32_t arrived(struct outlet *o)
{
	uint32_t waiting;
	int n = 0;

	if (!o->spool.passed)
		return 0;
	if (ioctl(o->fd, TIOCOUTQ, &n) || n < 0)
		n = 0; /* it cannot tell: what it took is gone */
	if (o->receipt == RECEIPT_BYTES) {
		take_bytes(o, (uint64_t)n);
		return 0;
	}
	waiting = ((uint32_t)n + MEMORY_MIN - 1) / MEMORY_MIN;
	return waiting < o->spool.passed ? o->spool.passed - waiting : 0;
}

static void take(struct outlet *o, uint32_t read)
{
	if (read)
		o->pause = LOOK_MIN;
	while (read--)
		done(o);
}

/* The kernel has all of the next message. */
static void pass(struct outlet *o)
{
	if (!o->spool.passed)
		o->look = clock_ms() + o->pause;
	spool_pass(&o->spool);
	o->sent = 0;
	o->wait = 0;
	if (o->receipt == RECEIPT_NONE)
		done(o);
}

/* The next message will never fit. */
static void refuse(struct outlet *o)
{
	/* What was passed before it is as good as gone: such a socket keeps datagrams whole. */
	while (o->spool.passed)
		done(o);
	spool_drop(&o->spool);
	++*o->counts.dropped;
	o->sent = 0;
}

/* A message that counted as sent was refused. */
static void take_back(struct outlet *o)
{
	--*o->counts.sent;
	++*o->counts.dropped;
}

/*
 * What came back tells of a message that was sent before, not of the next one: the port is
 * closed, a firewall lets nothing pass, or (EMSGSIZE) it was too large for a link on the way.
 */
static void look_for_refusal(struct outlet *o)
{
	int err = 0;
	socklen_t size = sizeof(err);

	if (o->late_refusal && !getsockopt(o->fd, SOL_SOCKET, SO_ERROR, &err, &size) && err)
		take_back(o);
}

/* Sends what waits. 0, -EAGAIN: the rest when the socket is ready, or why it cannot. */
static int flush(struct outlet *o)
{
	char buf[SPOOL_MESSAGE_MAX + 1];
	size_t n;

	while ((n = spool_next(&o->spool, buf))) {
		uint32_t read = arrived(o);
		ssize_t sent;

		if (o->nul)
			buf[n++] = '\0';
		look_for_refusal(o);
		sent = send(o->fd, buf + o->sent, n - o->sent, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno != EMSGSIZE)
			return -errno;
		if (sent < 0) {
			refuse(o);
			continue;
		}
		take(o, read); /* the peer took this one, so it was there to read those */
		o->flight += (size_t)sent;
		if ((o->sent += (size_t)sent) == n)
			pass(o);
	}
	return 0;
}

/* Has what was sent arrived? 0, or why it never will. */
static int look(struct outlet *o)
{
	uint32_t read;

	if (!o->spool.passed || clock_ms() < o->look)
		return 0;
	read = arrived(o);
	if (!o->stream && !o->same(o))
		return -EPIPE;
	if (o->stream && still_there(o))
		return -EPIPE;
	if (!read && o->pause < LOOK_MAX)
		o->pause *= 2;
	take(o, read);
	o->look = clock_ms() + o->pause;
	return 0;
}

/* As far as it goes now. 0, -EAGAIN: there is something to wait for, or why there is no way. */
static int attempt(struct outlet *o)
{
	int err = 0, gone;

	if (o->fd < 0) {
		if (!o->spool.count || clock_ms() < o->retry)
			return -EAGAIN;
		err = dial(o);
	}
	if (!err && o->connecting)
		err = connected(o);
	else if (!err && o->stream)
		err = still_there(o);
	if (err)
		return err;
	err = flush(o);
	gone = look(o);
	return gone ? gone : err;
}

void outlet_step(struct outlet *o)
{
	bool was_up = o->fd >= 0 && !o->connecting;
	int err = attempt(o);

	if (!err || err == -EAGAIN)
		return;
	if (was_up && o->receipt == RECEIPT_BYTES)
		arrived(o); /* what was acknowledged in the end */
	hang_up(o);
	if (was_up) {
		/* It was good once: the peer may have been started anew. */
		if (o->late_refusal && err == -ECONNREFUSED)
			take_back(o);
		o->retry = o->stream ? o->dialled + REDIAL_MS : 0;
		err = attempt(o);
		if (!err || err == -EAGAIN)
			return;
		hang_up(o);
	}
	back_off(o, err);
}

int outlet_open(struct outlet *o, struct arena *a, uint32_t spool_size)
{
	int err = spool_open(&o->spool, a, spool_size);

	if (err)
		return err;
	o->fd = -1;
	err = dial(o);
	if (err)
		back_off(o, err);
	return 0;
}

void outlet_write(struct outlet *o, const char *p, size_t n)
{
	bool kept = spool_put(&o->spool, p, n);

	if (!kept) { /* what has arrived makes room */
		o->look = 0;
		outlet_step(o);
		kept = spool_put(&o->spool, p, n);
	}
	if (!kept)
		++*o->counts.dropped;
	outlet_step(o);
	*o->counts.spooled += kept && (outlet_waiting(o) || (o->spool.passed && o->pause > LATE));
}

uint32_t outlet_waiting(const struct outlet *o)
{
	return o->spool.count - o->spool.passed;
}

int outlet_fd(const struct outlet *o, short *events)
{
	*events = POLLOUT;
	return o->connecting || outlet_waiting(o) ? o->fd : -1;
}

int outlet_timeout(const struct outlet *o)
{
	int64_t left = (o->fd < 0 ? o->retry : o->look) - clock_ms();

	if (o->fd < 0 ? !o->spool.count : o->connecting || !o->spool.passed)
		return -1;
	return left > 0 ? (int)left : 0;
}

void outlet_flush(struct outlet *o, int timeout_ms)
{
	int64_t end = clock_ms() + timeout_ms, left;

	o->retry = 0; /* there may be no other time */
	outlet_step(o);
	while (o->spool.count && (left = end - clock_ms()) > 0 && outlet_timeout(o) <= left) {
		struct pollfd p = {0};
		int wait = outlet_timeout(o);

		p.fd = outlet_fd(o, &p.events);
		poll(&p, 1, wait < 0 ? (int)left : wait);
		outlet_step(o);
	}
}

void outlet_close(struct outlet *o, int timeout_ms)
{
	outlet_flush(o, timeout_ms);
	while (o->spool.passed)
		done(o);
	if (o->spool.count)
		log_warn("%s: %s: %" PRIu32 " messages were not sent", o->name, o->peer,
			 o->spool.count);
	*o->counts.dropped += o->spool.count;
	hang_up(o);
}
