/* SPDX-License-Identifier: BSD-2-Clause */
/* Words to the service manager: see notify.h. */
#include "notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

static int manager = -1;
static int64_t every; /* ms between two signs of life, 0 = nobody asks */
static int64_t due;

/* Half of the time after which the manager gives up on us; 0 if it does not watch this process. */
static int64_t watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!usec || (pid && strtol(pid, NULL, 10) != getpid()))
		return 0;
	return strtoll(usec, NULL, 10) / 2000;
}

int notify_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t n = path ? strlen(path) : 0;

	if (!n)
		return 0;
	if (n >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, n);
	if (*path == '@') /* an abstract name */
		address.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (manager < 0)
		return -errno;
	if (connect(manager, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n))) {
		int err = -errno;

		close(manager);
		manager = -1;
		return err;
	}
	every = watchdog();
	return 0;
}

void notify_send(const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (manager < 0)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	send(manager, text, strlen(text), MSG_NOSIGNAL);
}

void notify_reloading(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	notify_send("RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		    (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u);
}

int notify_alive(void)
{
	int64_t now;

	if (manager < 0 || !every)
		return -1;
	now = clock_ms();
	if (now >= due) {
		notify_send("WATCHDOG=1");
		due = now + every;
	}
	return (int)(due - now);
}
