/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alerts to the local syslog, in the form of RFC 3164 that every daemon reads
 * from its socket: a datagram each or, where the daemon has a stream socket,
 * with a NUL behind each. A daemon that starts after the sensor, or is
 * restarted, gets what was kept for it.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "alert.h"
#include "outlet.h"

#define SPOOL_SIZE 32768 /* bytes: some 100 alerts */

static const struct config *config;
static struct sockaddr_un address;

/* A socket of a type, connected, or -errno; -EPROTOTYPE if the daemon's is of another type. */
static int connect_as(int type)
{
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int dial(struct outlet *o)
{
	int fd = connect_as(SOCK_DGRAM);

	o->stream = fd == -EPROTOTYPE;
	o->nul = o->stream;
	return o->stream ? connect_as(SOCK_STREAM) : fd;
}

static struct outlet outlet = {.name = "syslog", .dial = dial};

static bool is_enabled(const struct config *cfg)
{
	return cfg->syslog_enabled;
}

static int open_syslog(const struct config *cfg, struct stats *stats, char *why, size_t size)
{
	size_t n = strlen(cfg->syslog_socket);

	if (n == 0 || n >= sizeof(address.sun_path)) {
		snprintf(why, size, "syslog.socket: a path of 1 to %zu bytes is wanted",
			 sizeof(address.sun_path) - 1);
		return -EINVAL;
	}
	address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address.sun_path, cfg->syslog_socket, n);
	config = cfg;
	outlet.peer = cfg->syslog_socket;
	outlet.dropped = &stats->log_dropped;
	return 0;
}

static uint32_t spool_size(const struct config *cfg)
{
	(void)cfg;
	return SPOOL_SIZE;
}

static void write_syslog(const struct alert *al)
{
	char buf[FORMAT_RFC3164_MAX];

	outlet_write(&outlet, buf, format_rfc3164(al, config, buf, sizeof(buf)));
}

const struct sink sink_syslog = {
	.name = "syslog",
	.help = "the local syslog (RFC 3164)",
	.enabled = is_enabled,
	.open = open_syslog,
	.write = write_syslog,
	.outlet = &outlet,
	.spool = spool_size,
};
