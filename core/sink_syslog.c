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
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "alert.h"
#include "outlet.h"

#define JSON_MAX 4096 /* bytes of a message with JSON; the common daemons take 8192 */

static const struct config *config;
static struct sockaddr_un address;
static struct stat dialled; /* the socket that the outlet is connected to */

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
	int fd;

	if (stat(address.sun_path, &dialled))
		return -errno;
	fd = connect_as(SOCK_DGRAM);
	o->stream = fd == -EPROTOTYPE;
	o->nul = o->stream;
	o->receipt = RECEIPT_MEMORY;
	return o->stream ? connect_as(SOCK_STREAM) : fd;
}

/*
 * Is the daemon's datagram socket the one that was dialled, and somebody behind
 * it? A new daemon makes a new one; the name of one that was killed leads nowhere.
 */
static bool same(const struct outlet *o)
{
	struct stat now;
	int fd;

	(void)o;
	if (stat(address.sun_path, &now) || now.st_dev != dialled.st_dev ||
	    now.st_ino != dialled.st_ino || now.st_mtim.tv_sec != dialled.st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != dialled.st_mtim.tv_nsec)
		return false;
	fd = connect_as(SOCK_DGRAM);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || fd == -EMFILE || fd == -ENFILE; /* that it cannot be asked says nothing */
}

static struct outlet outlet = {.name = "syslog", .dial = dial, .same = same};

static bool is_enabled(const struct config *cfg)
{
	return cfg->syslog_enabled;
}

static int floor_syslog(const struct config *cfg)
{
	return cfg->syslog_priority;
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
	outlet.counts = (struct outlet_counts){&stats->syslog_sent, &stats->syslog_spooled,
					       &stats->syslog_dropped};
	outlet.patience = 2; /* to ask costs next to nothing, and a daemon is back soon */
	return 0;
}

static uint32_t spool_size(const struct config *cfg)
{
	return (uint32_t)cfg->syslog_spool_kib * 1024;
}

static void write_syslog(const struct alert *al)
{
	char buf[JSON_MAX];

	outlet_write(&outlet, buf,
		     format_syslog(al, config, HEADER_LOCAL, (enum form)config->syslog_format, buf,
				   sizeof(buf)));
}

const struct sink sink_syslog = {
	.name = "syslog",
	.help = "the local syslog (RFC 3164)",
	.enabled = is_enabled,
	.floor = floor_syslog,
	.open = open_syslog,
	.write = write_syslog,
	.outlet = &outlet,
	.spool = spool_size,
};
