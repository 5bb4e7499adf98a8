/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process connector: see connector.h. Messages are struct nlmsghdr, struct
 * cn_msg and struct proc_event (linux/cn_proc.h), read word by word: behind the
 * two heads, 36 bytes, nothing is aligned to 8.
 */
#include "connector.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>

#include "procfs.h"
#include "record.h"

#define ROOM (1 << 20) /* bytes of messages that may wait: thousands of them */
#define ANSWER_MS 1000 /* for the kernel's answer, which it gives at once */
#define CPUS 256       /* whose losses are counted one by one */
#define HEAD (sizeof(struct nlmsghdr) + sizeof(struct cn_msg))

static int sock = -1;

/* The number that the next message of each CPU will have. */
static struct {
	bool known;
	trc_u32 next;
} expected[CPUS];

/* Words of struct proc_event. */
enum { WHAT, CPU, TIME, DATA = TIME + 2, WORDS = DATA + 6 };

static int take(const trc_u32 w[static WORDS], struct connector_event *out)
{
	const trc_u32 *d = w + DATA;

	out->pid = (pid_t)d[1];
	out->tid = (pid_t)d[0];
	out->value = d[2];
	out->effective = d[3];
	switch (w[WHAT]) {
	case PROC_EVENT_FORK:
		out->what = CONNECTOR_FORK;
		out->other = (pid_t)d[2];
		out->value = d[3];
		return 1;
	case PROC_EVENT_EXEC:
		out->what = CONNECTOR_EXEC;
		return 1;
	case PROC_EVENT_UID:
		out->what = CONNECTOR_UID;
		return 1;
	case PROC_EVENT_GID:
		out->what = CONNECTOR_GID;
		return 1;
	case PROC_EVENT_SID:
		out->what = CONNECTOR_SID;
		return 1;
	case PROC_EVENT_PTRACE:
		out->what = CONNECTOR_PTRACE;
		out->other = (pid_t)d[2];
		out->value = d[3];
		return 1;
	case PROC_EVENT_COMM:
		out->what = CONNECTOR_COMM;
		memcpy(out->name, d + 2, sizeof(out->name));
		return 1;
	case PROC_EVENT_EXIT:
		out->what = CONNECTOR_EXIT;
		return 1;
	default:
		return 0;
	}
}

int connector_parse(const void *msg, size_t n, trc_u64 shift, struct connector_event *out,
		    trc_u32 *cpu, trc_u32 *seq)
{
	trc_u32 w[WORDS] = {0};
	struct cn_msg head;
	trc_u64 ts;

	if (n < HEAD + DATA * sizeof(w[0]))
		return -1;
	memcpy(&head, (const char *)msg + sizeof(struct nlmsghdr), sizeof(head));
	if (head.id.idx != CN_IDX_PROC || head.id.val != CN_VAL_PROC)
		return -1;
	n -= HEAD;
	memcpy(w, (const char *)msg + HEAD, n < sizeof(w) ? n : sizeof(w));
	/* Answers to whoever asks, us or another, are numbered like the rest. */
	memcpy(&ts, w + TIME, sizeof(ts));
	*out = (struct connector_event){.ts = ts + shift};
	*cpu = w[CPU];
	*seq = head.seq;
	return take(w, out);
}

static int ask(enum proc_cn_mcast_op what)
{
	struct {
		struct nlmsghdr nl;
		char rest[sizeof(struct cn_msg) + sizeof(what)];
	} msg = {.nl = {.nlmsg_len = HEAD + sizeof(what), .nlmsg_type = NLMSG_DONE}};
	struct cn_msg head = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .len = sizeof(what)};

	memcpy(msg.rest, &head, sizeof(head));
	memcpy(msg.rest + sizeof(head), &what, sizeof(what));
	return send(sock, &msg, HEAD + sizeof(what), 0) < 0 ? -errno : 0;
}

/* A message of the kernel's: its size, 0 = none, or -errno. Others may send to us, too. */
static ssize_t receive(char *buf, size_t size)
{
	struct sockaddr_nl from = {0};
	socklen_t len = sizeof(from);
	ssize_t n;

	do
		n = recvfrom(sock, buf, size, MSG_DONTWAIT, (struct sockaddr *)&from, &len);
	while (n >= 0 && from.nl_pid);
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

/* The kernel answers whoever asks, with an error or 0; one that has no such events, nothing. */
static int answer(void)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};
	char buf[256];

	while (poll(&p, 1, ANSWER_MS) > 0) {
		trc_u32 w[DATA + 1];
		ssize_t n = receive(buf, sizeof(buf));

		if (n < 0 || (size_t)n < HEAD + sizeof(w))
			continue;
		memcpy(w, buf + HEAD, sizeof(w));
		if (w[WHAT] == PROC_EVENT_NONE)
			return -(int)w[DATA];
	}
	return -ENOENT;
}

static int fail(int err, const char *reason, char *why, size_t size)
{
	snprintf(why, size, "process connector: %s", reason ? reason : strerror(-err));
	connector_close();
	return err;
}

static const char *reason_of(int err)
{
	switch (err) {
	case -EPROTONOSUPPORT:
		return "this kernel has none";
	case -ENOENT:
		return "the kernel does not answer";
	case -ECONNREFUSED:
		return "there is none in this network namespace, only in the first one";
	default:
		return NULL;
	}
}

int connector_open(char *why, size_t size)
{
	struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
	int room = ROOM, err;

	if (!procfs_first_namespace())
		return fail(-ESRCH, "this is not the first namespace of processes", why, size);
	sock = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
	err = sock < 0 ? -errno : 0;
	if (!err && bind(sock, (struct sockaddr *)&own, sizeof(own)))
		err = -errno;
	if (!err && setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		err = -errno;
	if (!err)
		err = ask(PROC_CN_MCAST_LISTEN);
	if (!err)
		err = answer();
	return err ? fail(err, reason_of(err), why, size) : 0;
}

void connector_adopt(int fd)
{
	memset(expected, 0, sizeof(expected));
	sock = fd;
}

int connector_fd(void)
{
	return sock;
}

/* From CLOCK_MONOTONIC, which the kernel stamps its messages with, to CLOCK_BOOTTIME. */
static trc_u64 clock_shift(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return record_now() - record_time(now);
}

/* How many messages of a CPU are missing before this one. */
static trc_u32 missing(trc_u32 cpu, trc_u32 seq)
{
	trc_u32 n;

	if (cpu >= CPUS)
		return 0;
	n = expected[cpu].known ? seq - expected[cpu].next : 0;
	expected[cpu].known = true;
	expected[cpu].next = seq + 1;
	return n;
}

bool connector_next(struct connector_event *out, trc_u64 *lost)
{
	char buf[256];
	ssize_t n;

	/* -ENOBUFS tells that some are missing; their numbers tell how many. */
	while (sock >= 0 && (n = receive(buf, sizeof(buf))) && (n > 0 || n == -ENOBUFS)) {
		trc_u32 cpu, seq;
		int got = n < 0 ? -1 :
				  connector_parse(buf, (size_t)n, clock_shift(), out, &cpu, &seq);

		if (got >= 0)
			*lost += missing(cpu, seq);
		if (got > 0)
			return true;
	}
	return false;
}

void connector_close(void)
{
	if (sock >= 0) {
		ask(PROC_CN_MCAST_IGNORE);
		close(sock);
	}
	sock = -1;
}
