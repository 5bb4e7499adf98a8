/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tracer's process: see ptrace_tracer.h. It hears all threads that have
 * stopped, then looks for what the sensor wants, lets them go on, and sleeps.
 * No signal ends it but SIGKILL: those of the terminal are the program's.
 */
#include "ptrace_tracer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ptrace_filter.h"
#include "ptrace_stop.h"
#include "ptrace_task.h"
#include "ring.h"

/* What is not critical may lie in the ring for so long, or until there are so many bytes. */
#define LIE_NS 10000000u
#define LIE_BYTES (PTRACE_RING / 8)

/* What is polled: the kernel's word of a stop, the sensor's, and its end. */
enum { CHILDREN, LINK, SENSOR, NFDS };

static struct {
	struct ptrace_share *share;
	struct ring_writer ring;
	struct pollfd fd[NFDS];
	uint32_t asked; /* as far as it was heard */
	bool orphan;	/* the sensor is gone, or wants us to go */
	/* Records that the sensor was not told of: */
	uint32_t untold; /* bytes */
	trc_u64 due;	 /* when it is to be told, in the time of records */
} me;

static void wake_sensor(void)
{
	send(me.fd[LINK].fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Tells the sensor of what is in the ring, if it sleeps. */
static void tell_sensor(void)
{
	me.untold = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_exchange_n(&me.share->sleeps, false, __ATOMIC_SEQ_CST))
		wake_sensor();
}

/* How long poll(2) may sleep before the sensor is to be told, in ms; -1 = for ever. */
static int patience(void)
{
	trc_u64 now;

	if (!me.untold)
		return -1;
	now = record_now();
	return now < me.due ? (int)((me.due - now) / 1000000 + 1) : 0;
}

/* Hears what the sensor says. */
static void listen_to_sensor(void)
{
	char said[64];
	ssize_t n;

	while ((n = recv(me.fd[LINK].fd, said, sizeof(said), MSG_DONTWAIT)) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (said[i] && me.share->pid > 0)
				kill(me.share->pid, said[i]);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || me.share->leave)
		me.orphan = true;
}

/* Sleeps until a thread stops, if that is waited for, or the sensor says something or ends. */
static void rest(bool stops)
{
	struct signalfd_siginfo si;
	int n;

	me.fd[CHILDREN].events = stops ? POLLIN : 0;
	n = poll(me.fd, NFDS, patience());
	if (n == 0)
		tell_sensor();
	if (n <= 0)
		return;
	if (stops && me.fd[CHILDREN].revents)
		(void)!read(me.fd[CHILDREN].fd, &si, sizeof(si));
	if (me.fd[LINK].revents)
		listen_to_sensor();
	if (me.fd[SENSOR].revents)
		me.orphan = true;
}

/* Puts a record into the ring, and waits until there is room for it, or nobody reads any more. */
static void put(const struct trc_hdr *rec)
{
	while (!me.orphan && !ring_write(&me.ring, rec)) {
		tell_sensor();
		__atomic_store_n(&me.share->waits, true, __ATOMIC_SEQ_CST);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (ring_write(&me.ring, rec))
			break;
		rest(false);
	}
	if (!me.untold)
		me.due = rec->ts + LIE_NS;
	me.untold += rec->len;
	if (event_table[rec->type].class == TRC_CRITICAL || me.untold >= LIE_BYTES ||
	    rec->ts >= me.due)
		tell_sensor();
}

/* Closes all descriptors but those that are polled: what the sensor has open is not ours. */
static void close_others(void)
{
	struct procfs_dir d;
	int fd;

	if (procfs_dir_open(&d, getpid(), "fd"))
		return;
	while ((fd = procfs_dir_next(&d)) >= 0) {
		bool kept = fd == d.fd;

		for (int i = 0; i < NFDS; i++)
			kept = kept || fd == me.fd[i].fd;
		if (!kept)
			close(fd);
	}
	procfs_dir_close(&d);
}

static int open_signals(void)
{
	sigset_t all, child;
	int fd;

	/* An ignored SIGCHLD, which programs inherit, would not be sent for stops. */
	signal(SIGCHLD, SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	fd = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Begins to trace. What is traced stands still until the sensor says go. The process, or -errno. */
static pid_t begin(const struct ptrace_tracer *tracer, struct ptrace_start *start)
{
	const pid_t spare[2] = {getpid(), getppid()};
	int err = ring_write_map(&me.ring, tracer->ring, PTRACE_RING);

	me.fd[CHILDREN].fd = open_signals();
	if (!err && me.fd[CHILDREN].fd < 0)
		err = me.fd[CHILDREN].fd;
	if (err)
		return err;
	*start = (struct ptrace_start){.command = tracer->cfg->command,
				       .filter = tracer->filters ? me.share->filter : NULL,
				       .filtered = &me.share->filtered,
				       .gate = -1};
	return start->command ? ptrace_task_spawn(start) :
				ptrace_task_attach(tracer->cfg->pid, spare);
}

/* Waits for the sensor to say go. false: it has ended instead. */
static bool wait_for_go(void)
{
	while (!me.orphan && !__atomic_load_n(&me.share->go, __ATOMIC_SEQ_CST))
		rest(false);
	return !me.orphan;
}

/* Makes records until all that is traced is gone (true), or the sensor. */
static bool trace(void)
{
	while (!me.orphan) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL | WNOHANG);
		uint32_t asked = __atomic_load_n(&me.share->asked, __ATOMIC_SEQ_CST);

		if (tid < 0)
			return true;
		if (tid > 0) {
			ptrace_stop(tid, status);
			continue;
		}
		if (asked != me.asked) {
			me.asked = asked;
			ptrace_stop_want();
		}
		ptrace_stop_resume_all();
		rest(true);
	}
	return false;
}

/* Serves a program whose filter would have its calls fail without a tracer, until it is gone. */
static void serve(void)
{
	int status;
	pid_t tid;

	ptrace_stop_release();
	for (int i = 0; i < NFDS; i++)
		close(me.fd[i].fd);
	while ((tid = waitpid(-1, &status, __WALL)) > 0)
		ptrace_stop_pass(tid, status);
}

/* Traces from the sensor's word on until all are gone, or the sensor is. */
static void work(struct ptrace_start *start)
{
	me.asked = me.share->asked;
	memcpy(me.share->filter, me.share->wanted, sizeof(me.share->filter));
	ptrace_stop_begin(me.share, put, start->filter);
	if (start->command)
		ptrace_task_go(start);
	close_others();
	me.share->ended = trace();
	/* A filter that is not there yet, but will be, is there. */
	if (!me.share->ended && start->filter && me.share->filtered >= 0)
		serve();
}

_Noreturn void ptrace_tracer_run(const struct ptrace_tracer *tracer)
{
	struct ptrace_start start;
	pid_t pid;

	me.share = tracer->share;
	prctl(PR_SET_NAME, "tiercel-tracer");
	me.fd[LINK] = (struct pollfd){.fd = tracer->link, .events = POLLIN};
	/* Others may have inherited the sensor's end of the link: a hang-up is not enough. */
	me.fd[SENSOR] =
		(struct pollfd){.fd = (int)syscall(SYS_pidfd_open, getppid(), 0), .events = POLLIN};
	pid = begin(tracer, &start);
	me.share->pid = pid;
	__atomic_store_n(&me.share->ready, true, __ATOMIC_SEQ_CST);
	wake_sensor();
	if (pid < 0)
		_exit(1);
	if (wait_for_go())
		work(&start);
	ptrace_task_leave();
	_exit(0);
}
