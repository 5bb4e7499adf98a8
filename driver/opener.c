/* SPDX-License-Identifier: BSD-2-Clause */
/* The process that opens drivers: see opener.h. */
#include "opener.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"
#include "record.h"

#define PATIENCE 25 /* s for one driver: less than service managers wait for a sign of life */
#define DRIVERS_MAX 8
#define LOADS 3		   /* of one driver, at most, in a minute */
#define RENEWALS 8	   /* likewise, of one in the kernel: four rings */
#define MINUTE 60000000000 /* ns */
#define STOP_MS 2000	   /* for its end; if it stands still, the sensor's end is not put off */

enum what { LOAD, RENEW, SNAPSHOT };

/* What is asked; of RENEW descriptors come beside it. */
struct request {
	enum what what;
	unsigned driver; /* its number in the list of all */
};

static int sock = -1; /* to the process, if one is running, and answers */
static pid_t opener;

/* A message in pieces, and what goes beside it. */
struct letter {
	struct msghdr msg;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int) * HANDOVER_FDS)];
	} rights;
};

static struct msghdr *compose(struct letter *l, struct iovec *part, size_t parts, int fds)
{
	memset(l, 0, sizeof(*l));
	l->msg.msg_iov = part;
	l->msg.msg_iovlen = parts;
	l->msg.msg_control = fds ? &l->rights : NULL;
	l->msg.msg_controllen = fds ? CMSG_SPACE(sizeof(int) * (size_t)fds) : 0;
	return &l->msg;
}

static int send_message(int to, struct iovec *part, size_t parts, const int *fd, int fds)
{
	struct letter l;
	struct msghdr *msg = compose(&l, part, parts, fds);

	if (fds) {
		l.rights.head.cmsg_level = SOL_SOCKET;
		l.rights.head.cmsg_type = SCM_RIGHTS;
		l.rights.head.cmsg_len = CMSG_LEN(sizeof(int) * (size_t)fds);
		memcpy(CMSG_DATA(&l.rights.head), fd, sizeof(int) * (size_t)fds);
	}
	return sendmsg(to, msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Bytes of the message, 0 = the other end is gone, or -errno. *fds: how many came beside it. */
static ssize_t receive_message(int from, struct iovec *part, size_t parts, int *fd, int *fds)
{
	struct letter l;
	struct msghdr *msg = compose(&l, part, parts, HANDOVER_FDS);
	struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(from, msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	*fds = 0;
	c = n > 0 ? CMSG_FIRSTHDR(msg) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS) {
		*fds = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(fd, CMSG_DATA(c), sizeof(int) * (size_t)*fds);
	}
	return n < 0 ? -errno : n;
}

#define HANDOVER_PARTS(h)                                                                          \
	{                                                                                          \
		{(h), offsetof(struct handover, fd)},                                              \
		{                                                                                  \
			(h)->note, sizeof((h)->note)                                               \
		}                                                                                  \
	}

static void send_handover(int to, struct handover *h)
{
	struct iovec part[2] = HANDOVER_PARTS(h);

	send_message(to, part, 2, h->fd, h->fds);
}

/* Nothing more is asked: a late answer would be taken for that of the next question. */
static int lose(ssize_t n)
{
	close(sock);
	sock = -1;
	return n < 0 ? (int)n : -EPIPE;
}

static int receive_handover(struct handover *h)
{
	struct iovec part[2] = HANDOVER_PARTS(h);
	int came;
	ssize_t n = receive_message(sock, part, 2, h->fd, &came);

	if (n <= 0)
		return lose(n);
	if (!h->err && came == h->fds)
		return 0;
	while (came)
		close(h->fd[--came]);
	h->fds = 0;
	return h->err ? h->err : -EMFILE; /* the kernel leaves out what finds no room */
}

static void post(const struct trc_hdr *rec, void *to)
{
	send(*(int *)to, rec, rec->len, MSG_NOSIGNAL);
}

/* Whoever took over the sensor shall not fill the kernel with probes and rings. */
static bool is_too_often(enum what what, unsigned driver)
{
	static trc_u64 before[2][DRIVERS_MAX][RENEWALS];
	unsigned most = what == LOAD ? LOADS : RENEWALS;
	trc_u64 now = record_now(), *when;

	if (driver >= DRIVERS_MAX)
		return true;
	when = before[what][driver];
	if (when[0] && now - when[0] < MINUTE)
		return true;
	memmove(when, when + 1, (most - 1) * sizeof(*when));
	when[most - 1] = now;
	return false;
}

/* In a process that ends with it, for what it takes of memory, and may do to who does it. */
static void load(int to, unsigned driver, const struct driver_config *cfg)
{
	static struct handover h;
	const struct driver *d = driver_list((int)driver);
	pid_t child = -1;
	int status = -1;

	h = (struct handover){.err = -ECHILD,
			      .why = "the process that loads it did not end by itself"};
	if (!d || !d->load || is_too_often(LOAD, driver)) {
		h.err = -EAGAIN;
		snprintf(h.why, sizeof(h.why), "it has been loaded too often in the last minute");
	} else {
		child = fork();
	}
	if (child == 0) {
		h.err = d->load(cfg, &h, h.why, sizeof(h.why));
		send_handover(to, &h);
		_exit(0);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		send_handover(to, &h);
}

static void renew(int to, unsigned driver, const int *fd, int fds)
{
	static struct handover h;
	const struct driver *d = driver_list((int)driver);

	h = (struct handover){0};
	if (!d || !d->renew)
		h.err = -EINVAL;
	else if (d->flags & DRIVER_KERNEL && is_too_often(RENEW, driver))
		h.err = -EAGAIN;
	else
		h.err = d->renew(fd, fds, &h);
	send_handover(to, &h);
	while (h.fds)
		close(h.fd[--h.fds]);
}

static void serve(int to, const struct request *r, const int *fd, int fds,
		  const struct driver_config *cfg)
{
	switch (r->what) {
	case LOAD:
		load(to, r->driver, cfg);
		break;
	case RENEW:
		renew(to, r->driver, fd, fds);
		break;
	case SNAPSHOT:
		proc_snapshot(post, &to);
		send(to, "", 1, MSG_NOSIGNAL); /* its end is shorter than any record */
		break;
	}
}

/* Until the sensor is gone. Whom it signals by its name, as killall does, it means itself. */
static void wait_for_work(int from, const struct driver_config *cfg)
{
	struct request r;
	struct iovec part = {&r, sizeof(r)};
	int fd[HANDOVER_FDS], fds;
	sigset_t all;

	/* An ignored SIGCHLD, which programs inherit, would leave no child to wait for. */
	signal(SIGCHLD, SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_NAME, "tiercel-opener");
	while (receive_message(from, &part, 1, fd, &fds) == sizeof(r)) {
		serve(from, &r, fd, fds, cfg);
		while (fds)
			close(fd[--fds]);
	}
	_exit(0);
}

int opener_start(const struct driver_config *cfg)
{
	const struct timeval patience = {.tv_sec = PATIENCE};
	int pair[2], err;

	if (opener > 0)
		return sock < 0 ? -EPIPE : 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	opener = fork();
	if (opener == 0) {
		close(pair[0]);
		wait_for_work(pair[1], cfg);
	}
	err = opener < 0 ? -errno : 0;
	close(pair[1]);
	sock = pair[0];
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (err)
		opener_stop();
	return err;
}

static int ask(enum what what, const struct driver *d, const int *fd, int fds)
{
	struct request r = {what, 0};
	struct iovec part = {&r, sizeof(r)};

	while (d && driver_list((int)r.driver) != d)
		r.driver++;
	return sock < 0 ? -ENOTCONN : send_message(sock, &part, 1, fd, fds);
}

int opener_load(const struct driver *d, const struct driver_config *cfg, struct handover *out,
		char *why, size_t size)
{
	bool alone = opener <= 0;
	int err = opener_start(cfg);

	memset(out, 0, sizeof(*out));
	if (!err)
		err = ask(LOAD, d, NULL, 0);
	if (!err)
		err = receive_handover(out);
	if (out->err)
		snprintf(why, size, "%s", out->why);
	else if (err)
		snprintf(why, size, "the process that opens drivers: %s",
			 err == -EPIPE	? "it is gone" :
			 err == -EAGAIN ? "it does not answer" :
					  strerror(-err));
	if (alone)
		opener_stop();
	return err;
}

int opener_renew(const struct driver *d, const int *fd, int fds, struct handover *out)
{
	int err = ask(RENEW, d, fd, fds);

	return err ? err : receive_handover(out);
}

int opener_snapshot(record_fn fn, void *arg)
{
	static struct record rec;
	int err = ask(SNAPSHOT, NULL, NULL, 0);
	ssize_t n;

	while (!err) {
		n = recv(sock, &rec, sizeof(rec), 0);
		if (n >= (ssize_t)sizeof(rec.hdr))
			fn(&rec.hdr, arg);
		else if (n == 1)
			break;
		else if (n >= 0 || errno != EINTR)
			err = lose(n < 0 ? -errno : 0);
	}
	return err;
}

pid_t opener_pid(void)
{
	return opener;
}

bool opener_alive(void)
{
	struct pollfd p = {.fd = sock};

	return opener <= 0 || (sock >= 0 && !poll(&p, 1, 0));
}

void opener_stop(void)
{
	if (sock >= 0)
		close(sock);
	sock = -1;
	for (int ms = 0; opener > 0 && ms < STOP_MS && !waitpid(opener, NULL, WNOHANG); ms++)
		poll(NULL, 0, 1);
	opener = 0;
}
