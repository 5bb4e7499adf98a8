/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending what waits in a spool over a socket that may go away at any time:
 * see outlet.h. A message leaves the spool when the kernel has taken all of
 * it; one that a broken connection took a part of is sent again whole. What a
 * connection had taken when it broke may be lost: syslog has no receipts.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "outlet.h"

#define REDIAL_MS 1000 /* least time between two connections of a stream */
#define WAIT_MAX 60    /* longest back-off, s; the first is 1 s, each next one twice as long */

static void hang_up(struct outlet *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
	o->sent = 0;
	o->connecting = false;
}

/* No connection is to be had now. The first failure after something went well is told. */
static void back_off(struct outlet *o, int err)
{
	if (!o->wait)
		log_warn("%s: %s: %s; alerts are kept until it takes them", o->name, o->peer,
			 strerror(-err));
	o->wait = !o->wait ? 1 : o->wait < WAIT_MAX / 2 ? o->wait * 2 : WAIT_MAX;
	o->retry = clock_ms() + o->wait * INT64_C(1000);
}

static int dial(struct outlet *o)
{
	int fd = o->dial(o);

	if (fd < 0)
		return fd;
	o->fd = fd;
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

/* Sends what waits. 0, -EAGAIN: the rest when the socket is ready, or why it cannot. */
static int flush(struct outlet *o)
{
	char buf[SPOOL_MESSAGE_MAX + 1];

	while (o->spool.count) {
		size_t n = spool_first(&o->spool, buf);
		ssize_t sent;

		if (o->nul)
			buf[n++] = '\0';
		sent = send(o->fd, buf + o->sent, n - o->sent, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno != EMSGSIZE)
			return -errno;
		if (sent < 0) /* nor will it ever fit */
			++*o->dropped;
		else if ((o->sent += (size_t)sent) < n)
			continue;
		spool_drop(&o->spool);
		o->sent = 0;
		o->wait = 0;
	}
	return 0;
}

/* As far as it goes now. 0, -EAGAIN: there is something to wait for, or why there is no way. */
static int attempt(struct outlet *o)
{
	int err = 0;

	if (o->fd < 0) {
		if (!o->spool.count || clock_ms() < o->retry)
			return -EAGAIN;
		err = dial(o);
	}
	if (!err && o->connecting)
		err = connected(o);
	else if (!err && o->stream)
		err = still_there(o);
	return err ? err : flush(o);
}

void outlet_step(struct outlet *o)
{
	bool was_up = o->fd >= 0 && !o->connecting;
	int err = attempt(o);

	if (!err || err == -EAGAIN)
		return;
	hang_up(o);
	if (was_up) {
		/* It was good once: the peer may have been started anew. */
		if (o->late_refusal && err == -ECONNREFUSED)
			++*o->dropped;
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
	if (!spool_put(&o->spool, p, n))
		++*o->dropped;
	outlet_step(o);
}

int outlet_fd(const struct outlet *o, short *events)
{
	*events = POLLOUT;
	return o->connecting || o->spool.count ? o->fd : -1;
}

int outlet_timeout(const struct outlet *o)
{
	int64_t left = o->retry - clock_ms();

	if (o->fd >= 0 || !o->spool.count)
		return -1;
	return left > 0 ? (int)left : 0;
}

void outlet_close(struct outlet *o, int timeout_ms)
{
	int64_t end = clock_ms() + timeout_ms, left;

	outlet_step(o);
	while (o->spool.count && (left = end - clock_ms()) > 0 && outlet_timeout(o) <= left) {
		struct pollfd p = {0};
		int wait = outlet_timeout(o);

		p.fd = outlet_fd(o, &p.events);
		poll(&p, 1, wait < 0 ? (int)left : wait);
		outlet_step(o);
	}
	/* The counters have been told by then. */
	if (o->spool.count)
		log_warn("%s: %s: %" PRIu32 " alerts were not sent", o->name, o->peer,
			 o->spool.count);
	*o->dropped += o->spool.count;
	hang_up(o);
}
