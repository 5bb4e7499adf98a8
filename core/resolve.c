// SPDX-License-Identifier: BSD-2-Clause
/* Looking up a name: see resolve.h. */
#include "resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"

#define NOBODY 65534
#define OPEN_MAX_FD 1024 /* at start, the sensor has a handful */
#define WAIT_MAX 60	 /* s between two look-ups; the first is 1 s, each next one twice as long */

/* Is it an address as it stands? */
static bool is_number(const char *host, int port, struct resolved *out)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
		memcpy(&out->address, &v4, sizeof(v4));
		out->size = sizeof(v4);
	} else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
		memcpy(&out->address, &v6, sizeof(v6));
		out->size = sizeof(v6);
	}
	return out->size != 0;
}

static int look_up(const char *host, int port, struct resolved *out)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found;
	char service[8];
	int err;

	snprintf(service, sizeof(service), "%d", port);
	err = getaddrinfo(host, service, &hints, &found);
	if (err)
		return err;
	memcpy(&out->address, found->ai_addr, found->ai_addrlen);
	out->size = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

/* What reads the network's answers has no rights, and nothing of the sensor's. */
static void become_nobody(int keep)
{
	signal(SIGPIPE, SIG_IGN);
	setsid();
	for (int fd = 0; fd < OPEN_MAX_FD; fd++)
		if (fd != STDERR_FILENO && fd != keep)
			close(fd);
	if (!geteuid() && (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)))
		_exit(1);
}

/* Looks up until the name is found or nobody waits for it any more. */
static void ask(const char *host, int port, int fd)
{
	struct resolved found = {.size = 0};
	struct pollfd reader = {.fd = fd};
	int wait = 1, err;

	become_nobody(fd);
	while ((err = look_up(host, port, &found))) {
		if (wait == 1)
			log_warn("remote.host: %s: %s; it will be asked for again", host,
				 gai_strerror(err));
		if (poll(&reader, 1, wait * 1000) > 0)
			_exit(0);
		wait = wait < WAIT_MAX / 2 ? wait * 2 : WAIT_MAX;
	}
	(void)!write(fd, &found, sizeof(found));
	_exit(0);
}

int resolve_start(const char *host, int port, struct resolved *out, int *fd)
{
	int ends[2];
	pid_t child;

	*out = (struct resolved){.size = 0};
	*fd = -1;
	if (is_number(host, port, out))
		return 0;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	/* Twice: it is not our child, and nobody who waits for children meets it. */
	child = fork();
	if (child < 0) {
		close(ends[0]);
		close(ends[1]);
		return -errno;
	}
	if (!child) {
		if (!fork())
			ask(host, port, ends[1]);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	close(ends[1]);
	*fd = ends[0];
	return 0;
}

bool resolve_read(int fd, struct resolved *out)
{
	struct resolved found;

	if (read(fd, &found, sizeof(found)) != sizeof(found))
		return false;
	*out = found;
	close(fd);
	return true;
}
