/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alerts to a central log server, in the form of RFC 5424 or 3164: over UDP a datagram
 * each (RFC 5426), over TCP behind a count of their bytes (RFC 6587, section
 * 3.4.1). The server's name is looked up once, at start: a look-up can block
 * and takes memory, which an address does not.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alert.h"
#include "outlet.h"

#define UDP_LEAST 480	  /* bytes that every receiver takes (RFC 5426, section 3.2) */
#define UDP_MOST 2048	  /* bytes that it should take */
#define UDP_UNKNOWN 1232  /* where the path is not known yet: what any of IPv6 takes in one piece */
#define COUNT_MAX 5	  /* bytes of "8192 " */
#define TCP_DEAD_MS 30000 /* how long a server may leave data unacknowledged */

enum { PROTOCOL_UDP, PROTOCOL_TCP }; /* the words of remote.protocol */

static const struct config *config;
static struct sockaddr_storage address;
static socklen_t address_size;
static size_t limit; /* bytes of a message */

/*
 * A datagram that has to be split is lost where one part of it is, and some
 * networks drop all parts: whoever can make an alert long must not be able to
 * make it vanish. So it is cut to what the path takes in one piece.
 */
static size_t udp_limit(int fd)
{
	bool v6 = address.ss_family == AF_INET6;
	int mtu = 0, headers = v6 ? 48 : 28;
	socklen_t size = sizeof(mtu);

	if (getsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU : IP_MTU, &mtu, &size))
		return UDP_UNKNOWN;
	mtu -= headers;
	return mtu < UDP_LEAST ? UDP_LEAST : mtu > UDP_MOST ? UDP_MOST : (size_t)mtu;
}

static int dial(struct outlet *o)
{
	static const unsigned dead_ms = TCP_DEAD_MS;
	int type = o->stream ? SOCK_STREAM : SOCK_DGRAM;
	int fd = socket(address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	if (o->stream)
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof(dead_ms));
	if (connect(fd, (const struct sockaddr *)&address, address_size))
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

/* Finds the server's address. 0 or -errno. */
static int resolve(const struct config *cfg)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found;
	char port[8];

	snprintf(port, sizeof(port), "%d", cfg->remote_port);
	if (getaddrinfo(cfg->remote_host, port, &hints, &found))
		return -EHOSTUNREACH;
	memcpy(&address, found->ai_addr, found->ai_addrlen);
	address_size = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static int open_remote(const struct config *cfg, struct stats *stats, char *why, size_t size)
{
	bool tcp = cfg->remote_protocol == PROTOCOL_TCP;

	if (resolve(cfg)) {
		snprintf(why, size, "remote.host: %s: cannot resolve; use an address",
			 cfg->remote_host);
		return -EHOSTUNREACH;
	}
	config = cfg;
	limit = tcp ? SPOOL_MESSAGE_MAX - COUNT_MAX : UDP_UNKNOWN;
	outlet.peer = cfg->remote_host;
	outlet.counts = (struct outlet_counts){&stats->remote_sent, &stats->remote_spooled,
					       &stats->remote_dropped};
	outlet.stream = tcp;
	outlet.receipt = tcp ? RECEIPT_BYTES : RECEIPT_NONE;
	outlet.late_refusal = !tcp;
	return 0;
}

static uint32_t spool_size(const struct config *cfg)
{
	return (uint32_t)cfg->remote_spool_kib * 1024;
}

static void write_remote(const struct alert *al)
{
	char buf[SPOOL_MESSAGE_MAX], *start = buf + COUNT_MAX;
	size_t n = format_syslog(al, config, (enum header)config->remote_header,
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
