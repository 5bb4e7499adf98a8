/* SPDX-License-Identifier: BSD-2-Clause */
/* The socket of the feed: see feed.h. */
#include "feed.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "procfs.h"

#define BACKLOG 16

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static int wait_set = -1;
/* Connections, and behind them the socket itself. */
static struct place {
	bool open;
	int fd;
	int64_t rests; /* until then, ms of CLOCK_MONOTONIC; 0: it does not */
	struct feed_peer peer;
} place[FEED_CONNECTIONS + 1];
static int resting;
static char message[FEED_MESSAGE_MAX];

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Of who rests, not even its end is heard. */
static void listen_to(int i, bool yes)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = i};

	epoll_ctl(wait_set, yes ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, place[i].fd, &ev);
}

static int fail(const char *what, int err, char *why, size_t size)
{
	snprintf(why, size, "feed.socket: %s: %s%s", address.sun_path, what, strerror(err));
	return -err;
}

/* What stands in the place: 0 if nothing, or what may be replaced. */
static int clear_place(int fd)
{
	struct stat st;

	if (lstat(address.sun_path, &st))
		return errno == ENOENT ? 0 : errno;
	if (!S_ISSOCK(st.st_mode))
		return EEXIST;
	if (!connect(fd, (void *)&address, sizeof(address)))
		return EADDRINUSE;
	return errno != ECONNREFUSED || unlink(address.sun_path) ? errno : 0;
}

/* Its directory becomes the sensor's user's, who removes the socket at the end. */
static int make_directory(uid_t owner)
{
	char dir[sizeof(address.sun_path)];
	const char *slash = strrchr(address.sun_path, '/');

	if (!slash || slash == address.sun_path)
		return 0;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - address.sun_path), address.sun_path);
	if (mkdir(dir, 0755))
		return errno == EEXIST ? 0 : errno;
	return geteuid() || !lchown(dir, owner, (gid_t)-1) ? 0 : errno;
}

static int make_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		place[FEED_LISTENER] = (struct place){.open = true, .fd = fd};
	return fd;
}

int feed_open(const char *path, uid_t owner, char *why, size_t size)
{
	int fd, err;
	mode_t mask = umask(022);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	err = make_directory(owner);
	umask(mask);
	if (err)
		return fail("its directory cannot be made: ", err, why, size);
	fd = make_socket();
	if (fd < 0)
		return fail("", errno, why, size);
	err = clear_place(fd);
	if (err)
		return fail(err == EADDRINUSE ? "somebody listens there: " :
			    err == EEXIST     ? "no socket, and not replaced: " :
						"",
			    err, why, size);
	/* Not by chmod(2): the name may be another's by then. */
	umask(0111);
	err = bind(fd, (void *)&address, sizeof(address)) || listen(fd, BACKLOG) ? errno : 0;
	umask(mask);
	wait_set = err ? -1 : epoll_create1(EPOLL_CLOEXEC);
	if (wait_set < 0)
		return fail("", err ? err : errno, why, size);
	listen_to(FEED_LISTENER, true);
	return 0;
}

int feed_fd(void)
{
	return wait_set;
}

const struct feed_peer *feed_peer(int from)
{
	return &place[from].peer;
}

int feed_count(trc_u32 uid)
{
	int n = 0;

	for (int i = 0; i < FEED_CONNECTIONS; i++)
		n += place[i].open && place[i].peer.uid == uid;
	return n;
}

void feed_answer(int from, const char *line)
{
	if (send(place[from].fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		/* It does not read, or is gone: its loss. */
	}
}

static void wake(int i)
{
	resting -= place[i].rests != 0;
	place[i].rests = 0;
}

void feed_hang_up(int from)
{
	wake(from);
	close(place[from].fd);
	place[from].open = false;
}

void feed_rest(int from, int ms)
{
	if (!place[from].open || place[from].rests)
		return;
	listen_to(from, false);
	place[from].rests = now_ms() + ms;
	resting++;
}

int64_t feed_due(void)
{
	int64_t first = 0;

	for (int i = 0; resting && i <= FEED_LISTENER; i++)
		if (place[i].rests && (!first || place[i].rests < first))
			first = place[i].rests;
	return first;
}

static void wake_rested(void)
{
	for (int i = 0; resting && i <= FEED_LISTENER; i++) {
		if (!place[i].rests || place[i].rests > now_ms())
			continue;
		wake(i);
		listen_to(i, true);
	}
}

static struct feed_peer peer_of(int fd)
{
	struct feed_peer peer = {.uid = TRC_NO_UID};
	struct procfs_stat st;
	struct ucred cred;
	socklen_t n = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n))
		return peer;
	peer.pid = (trc_u32)cred.pid;
	peer.uid = cred.uid;
	if (cred.pid > 0 && !procfs_stat(cred.pid, &st))
		peer.start = st.start;
	return peer;
}

static struct feed_item take_connection(void)
{
	struct feed_item item = {.kind = FEED_NONE, .from = 0};
	int fd = accept4(place[FEED_LISTENER].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno != EAGAIN && errno != ECONNABORTED)
			feed_rest(FEED_LISTENER, 1000); /* no descriptor to be had */
		return item;
	}
	while (place[item.from].open)
		item.from++;
	if (item.from == FEED_LISTENER) {
		close(fd);
		item.kind = FEED_FULL;
		return item;
	}
	place[item.from] = (struct place){.open = true, .fd = fd, .peer = peer_of(fd)};
	listen_to(item.from, true);
	item.kind = FEED_NEW;
	return item;
}

static struct feed_item take_message(int from)
{
	/* An empty message cannot be told from the end, and is one. */
	ssize_t n = recv(place[from].fd, message, sizeof(message), MSG_TRUNC);
	bool fits = n <= (ssize_t)sizeof(message);

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			feed_hang_up(from);
		return (struct feed_item){.kind = FEED_NONE};
	}
	return (struct feed_item){fits ? FEED_TEXT : FEED_LONG, from, message,
				  fits ? (size_t)n : 0};
}

struct feed_item feed_next(void)
{
	struct feed_item item = {.kind = FEED_NONE};
	struct epoll_event ev;

	if (wait_set < 0)
		return item;
	wake_rested();
	/* The kernel puts who was told of behind the others that are readable. */
	while (item.kind == FEED_NONE && epoll_wait(wait_set, &ev, 1, 0) > 0)
		item = ev.data.fd == FEED_LISTENER ? take_connection() : take_message(ev.data.fd);
	return item;
}

void feed_close(void)
{
	if (wait_set >= 0 && unlink(address.sun_path)) {
		/* Of a directory that is not ours: the next start replaces it. */
	}
	for (int i = 0; i <= FEED_LISTENER; i++)
		if (place[i].open)
			feed_hang_up(i);
	if (wait_set >= 0)
		close(wait_set);
	wait_set = -1;
}
