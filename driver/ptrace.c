/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ptrace driver: watches one program and all that it starts, without any
 * privilege. The sensor does not trace: a process of its own does
 * (ptrace_tracer.h), and outlives the sensor if it has to. Here is the sensor's
 * side: it starts the tracer, tells it what is wanted and reads its ring.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../core/log.h"
#include "ptrace_filter.h"
#include "ptrace_tracer.h"
#include "ring.h"

#define LEAVE_MS 2000 /* how long the tracer may take to leave what it was attached to */

static struct {
	struct ptrace_share *share;
	struct ring ring;
	struct driver_stats stats; /* once there is no tracer any more */
	pid_t tracer;
	pid_t pid; /* the program or process asked for */
	bool spawned, filters;
	bool alone; /* the tracer has ended */
	int status;
} me;

static int fd =
	-1; /* our end of the link. Apart: what starts as zeros takes no room in the binary */

/* Tells the tracer a signal for the program, or 0: to look into the shared memory. */
static void tell(char what)
{
	send(fd, &what, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Takes what woke us. */
static void take_wakes(void)
{
	char bytes[64];
	ssize_t n;

	do
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	while (n > 0);
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		me.alone = true;
}

/* Sleeps until the tracer says something. false: it did not for that long. */
static bool hear(int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (poll(&p, 1, ms) != 1)
		return false;
	take_wakes();
	return true;
}

static void start_tracer(const struct driver_config *cfg, int link, int ring)
{
	const struct ptrace_tracer tracer = {
		.cfg = cfg, .share = me.share, .link = link, .ring = ring, .filters = me.filters};

	me.tracer = fork();
	if (me.tracer)
		return;
	close(fd);
	ptrace_tracer_run(&tracer);
}

/* All that the two processes share, and the tracer. 0 or -errno. */
static int set_up(const struct driver_config *cfg)
{
	int ring = ring_make(PTRACE_RING), ends[2], err = ring < 0 ? ring : 0;
	void *p = mmap(NULL, sizeof(*me.share), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	me.share = p;
	memset(me.share->wanted, 1, sizeof(me.share->wanted));
	if (!err && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		err = -errno;
	if (err)
		return err;
	fd = ends[0];
	start_tracer(cfg, ends[1], ring);
	close(ends[1]);
	if (me.tracer < 0)
		err = -errno;
	/* No other process that the sensor starts has a hand in it. */
	madvise(me.share, sizeof(*me.share), MADV_DONTFORK);
	if (!err)
		err = ring_map(&me.ring, ring, 0, PTRACE_RING, 0);
	close(ring);
	while (!err && !me.alone && !__atomic_load_n(&me.share->ready, __ATOMIC_SEQ_CST))
		hear(-1);
	return !err && !me.share->ready ? -EOWNERDEAD : err;
}

/* Linux 5.3 has what this driver rests on. */
static int kernel_is_new(const char *release)
{
	char *end;
	long major = strtol(release, &end, 10);

	return major > 5 || (major == 5 && *end == '.' && strtol(end + 1, NULL, 10) >= 3);
}

static int refuse(const struct driver_config *cfg, int err, char *why, size_t size)
{
	if (cfg->command)
		snprintf(why, size, "cannot trace a program: %s", strerror(-err));
	else
		snprintf(why, size, "cannot trace process %d: %s%s", (int)cfg->pid, strerror(-err),
			 err == -EPERM ? " (needs root, or the same user and ptrace_scope 0)" : "");
	return err;
}

static int ptrace_open(const struct driver_config *cfg, char *why, size_t size)
{
	struct utsname kernel;
	int err, filter;

	if (!cfg->command && !cfg->pid) {
		snprintf(why, size, "needs a program to run, or the pid of a process");
		return -EINVAL;
	}
	uname(&kernel);
	if (!kernel_is_new(kernel.release)) {
		snprintf(why, size, "needs Linux 5.3 or later, this is %s", kernel.release);
		return -ENOSYS;
	}
	memset(&me, 0, sizeof(me));
	filter = cfg->command ? ptrace_filter_check() : 0;
	me.spawned = cfg->command;
	me.filters = me.spawned && !filter;
	/* The first process of a container is sent all orphans there: nobody waits for them. */
	if (getpid() == 1)
		signal(SIGCHLD, SIG_IGN);
	err = set_up(cfg);
	if (!err)
		me.pid = me.share->pid;
	if (err || me.pid < 0)
		return refuse(cfg, err ? err : me.pid, why, size);
	if (filter)
		snprintf(
			why, size,
			"process %d and its children; stops them at every call, as seccomp(2) is refused: %s",
			(int)me.pid, strerror(-filter));
	else
		snprintf(why, size, "process %d and its children", (int)me.pid);
	return 0;
}

/* Before the first drain, which lets the program start, nothing would wake who waits. */
static int ptrace_fd(void)
{
	return me.share->go ? fd : -1;
}

static int ptrace_want(const uint8_t wanted[static TRC_NTYPES])
{
	memcpy(me.share->wanted, wanted, TRC_NTYPES);
	__atomic_add_fetch(&me.share->asked, 1, __ATOMIC_SEQ_CST);
	tell(0);
	return 0;
}

/* The tracer may have been waiting for room. */
static void offer_room(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_exchange_n(&me.share->waits, false, __ATOMIC_SEQ_CST))
		tell(0);
}

/* Hands over what is in the ring. Returns how many. */
static int take_records(record_fn fn, void *arg, int budget)
{
	uint32_t len, freed = 0;
	const void *rec;
	int n = 0;

	while (n < budget && (rec = ring_peek(&me.ring, &len))) {
		fn(rec, arg);
		ring_next(&me.ring, len);
		n++;
		freed += len;
		if (freed > PTRACE_RING / 2) {
			offer_room();
			freed = 0;
		}
	}
	if (n)
		offer_room();
	return n;
}

/* There are no more records, and nobody who makes some. */
static int judge_end(void)
{
	me.status = me.share->status;
	if (me.share->ended)
		return -ENODATA;
	log_error("the tracer, process %d, was killed%s", (int)me.tracer,
		  me.spawned ? ", and with it what it had started" :
			       "; what it was attached to goes on");
	return -EOWNERDEAD;
}

static int ptrace_drain(record_fn fn, void *arg, int budget)
{
	int n;

	if (!me.share->go) {
		__atomic_store_n(&me.share->go, true, __ATOMIC_SEQ_CST);
		tell(0);
	}
	take_wakes();
	n = take_records(fn, arg, budget);
	if (n == budget)
		return n;
	/* A record may come after the last look, before the tracer knows that it must wake us. */
	__atomic_store_n(&me.share->sleeps, true, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	n += take_records(fn, arg, budget - n);
	return n == 0 && me.alone ? judge_end() : n;
}

static void ptrace_stats(struct driver_stats *out)
{
	*out = me.share ? me.share->stats : me.stats;
	driver_sum_lost(out);
}

static int ptrace_status(void)
{
	return WIFSIGNALED(me.status) ? 128 + WTERMSIG(me.status) : WEXITSTATUS(me.status);
}

static int ptrace_signal(int sig)
{
	if (!me.spawned || !me.share || !me.share->pid)
		return -ESRCH;
	tell((char)sig);
	return 0;
}

/* What the tracer had to do with ends; a program with a filter goes on, and needs it. */
static void leave(void)
{
	bool serves = me.filters && me.share->go && me.share->filtered >= 0;

	me.share->leave = true;
	tell(0);
	take_wakes();
	if (serves && !me.alone) {
		if (me.share->pid > 0)
			log_info("process %d goes on; its calls pass through process %d, "
				 "which must not be killed",
				 (int)me.pid, (int)me.tracer);
		return;
	}
	for (int ms = 0; !me.alone && ms < LEAVE_MS; ms += 10)
		hear(10);
	if (me.alone)
		waitpid(me.tracer, NULL, 0);
}

static void ptrace_close(void)
{
	if (me.tracer > 0)
		leave();
	if (me.share) {
		me.stats = me.share->stats;
		munmap(me.share, sizeof(*me.share));
	}
	ring_unmap(&me.ring);
	me.share = NULL;
	me.tracer = 0;
	if (fd >= 0)
		close(fd);
	fd = -1;
}

const struct driver driver_ptrace = {
	.name = "ptrace",
	.help = "runs a program, or attaches to a process, and watches it and its children",
	.blind = "every other program; what is done through io_uring",
	.flags = DRIVER_LIVE | DRIVER_TRACES,
	.open = ptrace_open,
	.fd = ptrace_fd,
	.want = ptrace_want,
	.drain = ptrace_drain,
	.stats = ptrace_stats,
	.status = ptrace_status,
	.signal = ptrace_signal,
	.close = ptrace_close,
};
