/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alerts to a central log server, in the form of RFC 5424 or 3164: over UDP a datagram
 * each (RFC 5426), over TCP behind a count of their bytes (RFC 6587, section
 * 3.4.1). A server's name is looked up by another process (resolve.h).
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alert.h"
#include "outlet.h"
#include "resolve.h"

#define UDP_LEAST 480	  /* bytes that every receiver takes (RFC 5426, section 3.2) */
#define UDP_MOST 2048	  /* bytes that it should take */
#define UDP_UNKNOWN 1232  /* where the path is not known yet: what any of IPv6 takes in one piece */
#define COUNT_MAX 5	  /* bytes of "8192 " */
#define TCP_DEAD_MS 30000 /* how long a server may leave data unacknowledged */

enum { PROTOCOL_UDP, PROTOCOL_TCP }; /* the words of remote.protocol */

static const struct config *config;
static struct resolved servers[RESOLVED_MAX];
static int known;	/* of its addresses; 0 = not yet known */
static int which;	/* of them is in use */
static int answer = -1; /* of the look-up that is under way */
static size_t limit;	/* bytes of a message */

/*
 * A datagram that has to be split is lost where one part of it is, and some
 * networks drop all parts: whoever can make an alert long must not be able to
 * make it vanish. So it is cut to what the path takes in one piece.
 */
static size_t udp_limit(int fd)
{
	bool v6 = servers[which].address.ss_family == AF_INET6;
	int mtu = 0, headers = v6 ? 48 : 28;
	socklen_t size = sizeof(mtu);

	if (getsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU : IP_MTU, &mtu, &size))
		return UDP_UNKNOWN;
	mtu -= headers;
	return mtu < UDP_LEAST ? UDP_LEAST : mtu > UDP_MOST ? UDP_MOST : (size_t)mtu;
}

/*
 * Its addresses are tried in turn: it need not listen on the first, nor has each family a way
 * there. A process that was killed before it had found them is followed by another.
 */
static int find_server(const struct outlet *o)
{
	if (!known && answer < 0)
		resolve_start(config->remote_host, config->remote_port, servers, &answer);
	if (!known && answer >= 0) {
		known = resolve_read(answer, servers);
		if (known)
			answer = -1;
		if (known < 0)
			known = 0;
	} else if (known && o->wait) {
		which = (which + 1) % known;
	}
	return known ? 0 : -EINPROGRESS;
}

static int dial(struct outlet *o)
{
	static const unsigned dead_ms = TCP_DEAD_MS;
	int type = o->stream ? SOCK_STREAM : SOCK_DGRAM;
	const struct resolved *server;
	int fd, err = find_server(o);

	if (err)
		return err;
	server = &servers[which];
	fd = socket(server->address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (o->stream)
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof(dead_ms));
	if (connect(fd, (const struct sockaddr *)&server->address, server->size))
		err = -errno;
	if (err && err != -EINPROGRESS) {
		close(fd);
		return err;
	}
	o->connecting = err == -EINPROGRESS;
	if (!o->stream)
		limit = udp_limit(fd);
	return fd;
}

static struct outlet outlet = {.name = "remote", .dial = dial};

static bool is_enabled(const struct config *cfg)
{
	return cfg->remote_enabled;
}

static int floor_remote(const struct config *cfg)
{
	return cfg->remote_priority;
}

static int open_remote(const struct config *cfg, struct stats *stats, char *why, size_t size)
{
	bool tcp = cfg->remote_protocol == PROTOCOL_TCP;
	int err = resolve_start(cfg->remote_host, cfg->remote_port, servers, &answer);

	if (err) {
		snprintf(why, size, "remote.host: %s: cannot be looked up: %s", cfg->remote_host,
			 strerror(-err));
		return err;
	}
	config = cfg;
	known = servers[0].size != 0;
	which = 0;
	limit = tcp ? SPOOL_MESSAGE_MAX - COUNT_MAX : UDP_UNKNOWN;
	outlet.peer = cfg->remote_host;
	outlet.counts = (struct outlet_counts){&stats->remote_sent, &stats->remote_spooled,
					       &stats->remote_dropped};
	outlet.stream = tcp;
	outlet.receipt = tcp ? RECEIPT_BYTES : RECEIPT_NONE;
	outlet.late_refusal = !tcp;
	outlet.patience = 60;
	return 0;
}

static uint32_t spool_size(const struct config *cfg)
{
	return (uint32_t)cfg->remote_spool_kib * 1024;
}

static void write_remote(const struct alert *al)
{
	char buf[SPOOL_MESSAGE_MAX], *start = buf + COUNT_MAX;
	size_t n;

	if (!outlet.stream && outlet.fd >= 0)
		limit = udp_limit(outlet.fd); /* routes change, and the path tells what it takes */
	n = format_syslog(al, config, (enum header)config->remote_header,
			  (enum form)config->remote_format, start, limit);

	if (n && outlet.stream) {
		char count[COUNT_MAX + 1];
		int digits = snprintf(count, sizeof(count), "%zu ", n);

		start -= digits;
		memcpy(start, count, (size_t)digits);
		n += (size_t)digits;
	}
	outlet_write(&outlet, start, n);
}

const struct sink sink_remote = {
	.name = "remote",
	.help = "a log server (RFC 5424 or 3164, over UDP or TCP)",
	.enabled = is_enabled,
	.floor = floor_remote,
	.open = open_remote,
	.write = write_remote,
	.outlet = &outlet,
	.spool = spool_size,
};
