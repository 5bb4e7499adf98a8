/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking up names: see resolve.h. */
#include "resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "addr.h"
#include "clock.h"
#include "log.h"
#include "privilege.h"

#define OPEN_MAX_FD 1024 /* the sensor has a handful */
#define WAIT_MAX                                                                                   \
	60 /* s between two look-ups that fail; the first is 1 s, each next one twice as long */
#define FRESH 10  /* s that an address is taken to stay when it is new */
#define STALE 320 /* and at most */

/* A name that is looked up for good. */
struct asked {
	char name[TRC_HOST_MAX + 1];
	int wait;    /* s from the last look-up to the next */
	int64_t due; /* ms, CLOCK_MONOTONIC, of the next */
	struct resolved_name last;
};

/* What a new process is told: one name, or many. */
struct task {
	void (*run)(const struct task *t, int fd);
	const char *host;
	int port;
	const struct str *name;
	int count;
	struct arena spare;
};

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

/* 0 with *found, which freeaddrinfo() frees, or EAI_*. */
static int look_up(const char *host, int port, struct addrinfo **found)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
	char service[8];

	snprintf(service, sizeof(service), "%d", port);
	return getaddrinfo(host, service, &hints, found);
}

/* What reads the network's answers has no rights, and nothing of the sensor's. */
static void become_nobody(int keep)
{
	sigset_t none;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	log_fd = STDERR_FILENO;
	for (int fd = 0; fd < OPEN_MAX_FD; fd++)
		if (fd != STDERR_FILENO && fd != keep)
			close(fd);
	fcntl(keep, F_SETFL, 0); /* here one may wait for the reader */
	if (privilege_none())
		_exit(1);
}

/* Waits so long, or until nobody waits for an answer any more: then that is the end. */
static void sleep_ms(int fd, int64_t ms)
{
	struct pollfd reader = {.fd = fd};

	if (poll(&reader, 1, ms > 0 ? (int)ms : 0) > 0)
		_exit(0);
}

/* Looks up one name until it is found. */
static void ask_once(const struct task *t, int fd)
{
	struct resolved answer[RESOLVED_MAX] = {0};
	struct addrinfo *found;
	int wait = 1, n = 0, err;

	while ((err = look_up(t->host, t->port, &found))) {
		if (wait == 1)
			log_warn("remote.host: %s: %s; it will be asked for again", t->host,
				 gai_strerror(err));
		sleep_ms(fd, wait * 1000);
		wait = wait < WAIT_MAX / 2 ? wait * 2 : WAIT_MAX;
	}
	for (; found && n < RESOLVED_MAX; found = found->ai_next, n++) {
		memcpy(&answer[n].address, found->ai_addr, found->ai_addrlen);
		answer[n].size = found->ai_addrlen;
	}
	(void)!write(fd, answer, (size_t)n * sizeof(*answer));
}

/* Adds an address in order: the same ones are then the same bytes, in whatever order they came. */
static void add_address(struct resolved_name *r, const uint8_t addr[static 16])
{
	uint32_t at = 0;

	while (at < r->count && memcmp(r->addr[at], addr, 16) < 0)
		at++;
	if (at < r->count && !memcmp(r->addr[at], addr, 16))
		return;
	if (r->count == TRC_HOST_ADDRS)
		r->more++;
	else
		r->count++;
	if (at == TRC_HOST_ADDRS)
		return;
	memmove(r->addr[at + 1], r->addr[at], (r->count - at - 1) * sizeof(*r->addr));
	memcpy(r->addr[at], addr, 16);
}

static void add_found(struct resolved_name *r, const struct addrinfo *found)
{
	for (; found; found = found->ai_next) {
		uint8_t addr[16];

		if (found->ai_family == AF_INET)
			addr_map(addr, &((struct sockaddr_in *)found->ai_addr)->sin_addr);
		else if (found->ai_family == AF_INET6)
			memcpy(addr, &((struct sockaddr_in6 *)found->ai_addr)->sin6_addr, 16);
		else
			continue;
		add_address(r, addr);
	}
}

/* Does the error say that the name has no address, and not that nobody could be asked? */
static bool has_none(int err)
{
	return err == EAI_NONAME || err == EAI_NODATA || err == EAI_ADDRFAMILY;
}

int resolve_wait(int last, bool is_new, bool failed)
{
	int most = failed ? WAIT_MAX : STALE;

	if (is_new)
		return FRESH;
	return last < most / 2 ? last * 2 : most;
}

/* Looks a name up, and tells what is new: where nobody could be asked, nothing is. */
static void ask_again(struct asked *a, int fd)
{
	static bool warned;
	struct resolved_name now = {.which = a->last.which};
	struct addrinfo *found;
	int err = look_up(a->name, 0, &found);
	bool failed = err && !has_none(err), is_new;

	if (!err) {
		add_found(&now, found);
		freeaddrinfo(found);
	} else if (!warned) {
		warned = true;
		log_warn("a rule names %s: %s; such names are asked for again", a->name,
			 gai_strerror(err));
	}
	is_new = !failed && memcmp(&now, &a->last, sizeof(now));
	if (is_new) {
		if (write(fd, &now, sizeof(now)) != sizeof(now))
			_exit(0);
		a->last = now;
	}
	a->wait = resolve_wait(a->wait, is_new, failed);
	a->due = clock_ms() + a->wait * 1000;
}

/* Looks names up for good, each when it is its turn. */
static void ask_for_good(const struct task *t, int fd)
{
	size_t size = (size_t)t->count * sizeof(struct asked);
	struct arena own, spare = t->spare;
	struct asked *all, *next;

	if (arena_map(&own, size))
		_exit(1);
	all = arena_alloc(&own, size);
	for (int i = 0; i < t->count; i++) {
		struct resolved number = {.size = 0};

		memcpy(all[i].name, t->name[i].p, t->name[i].n);
		all[i].last.which = (uint32_t)i;
		all[i].wait = FRESH / 2;
		all[i].due =
			is_number(all[i].name, 0, &number) ? -1 : 0; /* those wait for nobody */
	}
	arena_unmap(&spare);
	for (;;) {
		next = all;
		for (int i = 1; i < t->count; i++)
			if (all[i].due < next->due)
				next = &all[i];
		sleep_ms(fd, next->due - clock_ms());
		ask_again(next, fd);
	}
}

/* Starts a process that does t; *fd is where its answers come. 0 or -errno. */
static int start(const struct task *t, int *fd)
{
	int ends[2], status = 0;
	pid_t child;

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
		child = fork();
		if (!child) {
			become_nobody(ends[1]);
			t->run(t, ends[1]);
		}
		_exit(child < 0);
	}
	waitpid(child, &status, 0);
	close(ends[1]);
	if (status) {
		close(ends[0]);
		return -EAGAIN;
	}
	*fd = ends[0];
	return 0;
}

int resolve_start(const char *host, int port, struct resolved *out, int *fd)
{
	const struct task t = {.run = ask_once, .host = host, .port = port};

	*out = (struct resolved){.size = 0};
	*fd = -1;
	return is_number(host, port, out) ? 0 : start(&t, fd);
}

int resolve_read(int fd, struct resolved out[static RESOLVED_MAX])
{
	ssize_t n = read(fd, out, RESOLVED_MAX * sizeof(*out));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	close(fd);
	return n < (ssize_t)sizeof(*out) ? -EPIPE : (int)((size_t)n / sizeof(*out));
}

/* A message is written and read as a whole. */
_Static_assert(sizeof(struct resolved_name) <= PIPE_BUF, "an answer");

int resolve_names(const struct str *name, int count, const struct arena *spare, int *fd)
{
	const struct task t = {.run = ask_for_good, .name = name, .count = count, .spare = *spare};

	*fd = -1;
	return start(&t, fd);
}

int resolve_next(int fd, struct resolved_name *out)
{
	ssize_t n = read(fd, out, sizeof(*out));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
	return n == sizeof(*out) && out->count <= TRC_HOST_ADDRS ? 1 : -EPIPE;
}
