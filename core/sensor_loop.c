/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One round after the other: wait for records, signals, the clock, a change of
 * users, a looked up name or a sink, and serve what came. Nothing to do means no wake-up.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "../driver/proc.h"
#include "../driver/record.h"
#include "clock.h"
#include "feeds.h"
#include "hosts.h"
#include "log.h"
#include "marks.h"
#include "notify.h"
#include "report.h"
#include "sensor_int.h"

#define BUDGET 4096	       /* records between two looks at signals and sinks */
#define LOSS_DELAY 1000	       /* ms from activity to the look at what was lost */
#define CLOCK_NEVER 9000000000 /* s since 1970: in 2255; the kernel's clock ends in 2262 */
#define PROGRESS_EVERY 200     /* ms */
#define OWN_FDS 8	       /* that are polled beside those of sinks */

void sensor_take(const struct trc_hdr *rec, void *arg)
{
	struct sensor *s = arg;

	marks_record(&s->engine, rec);
	feeds_record(&s->engine, rec);
	engine_record(&s->engine, rec, rec->len);
}

int sensor_signals(struct sensor *s, bool program)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (program)
		sigdelset(&set, SIGINT);
	s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s->signals >= 0)
		return EXIT_GOOD;
	log_error("signalfd: %s", strerror(errno));
	return EXIT_SYSTEM;
}

/* The first process of a container is asked to end in place of the program, which it ends with. */
static bool is_for_program(const struct sensor *s, uint32_t sig)
{
	return sig == SIGTERM && getpid() == 1 && s->driver->signal && !s->driver->signal((int)sig);
}

static void handle_signals(struct sensor *s)
{
	struct signalfd_siginfo si;

	while (read(s->signals, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGHUP) {
			notify_reloading();
			sensor_reload(s);
			notify_send("READY=1");
		} else if (si.ssi_signo == SIGUSR1)
			report_counters(&s->engine, s->driver);
		else if (!is_for_program(s, si.ssi_signo))
			s->stop = true;
	}
}

/*
 * A board without a clock starts in 1970 and is set by NTP later: the time of
 * its alerts must follow. The timer never ends; it is cancelled by a step.
 */
static void start_timer(int timer)
{
	const struct itimerspec never = {.it_value = {.tv_sec = CLOCK_NEVER}};

	if (timer < 0)
		return;
	timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

void sensor_clock(struct sensor *s)
{
	s->clock = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	start_timer(s->clock);
	s->name = open("/proc/sys/kernel/hostname", O_RDONLY | O_CLOEXEC);
}

static void handle_clock(struct sensor *s)
{
	uint64_t n;

	if (read(s->clock, &n, sizeof(n)) >= 0 || errno != ECANCELED)
		return;
	start_timer(s->clock);
	proc_machine(s->driver->name, sensor_take, s);
}

/* A board may get its name late, from DHCP: alerts must bear it. A container's wakes us, too. */
static void handle_name(struct sensor *s)
{
	struct utsname now;

	if (!uname(&now) && !str_eq(str_of(now.nodename), state_hostname(s->engine.state)))
		proc_machine(s->driver->name, sensor_take, s);
}

void sensor_look_for_loss(struct sensor *s)
{
	static struct record rec;
	uint64_t lost[2];

	if (s->stats.mark_lost != s->mark_lost)
		engine_say(&s->engine, PRIO_WARNING, 0,
			   "opens of named files not looked into, too many at once: %" PRIu64,
			   s->stats.mark_lost - s->mark_lost);
	s->mark_lost = s->stats.mark_lost;
	report_lost(s->driver, lost);
	if (lost[TRC_BULK] == s->lost[TRC_BULK] && lost[TRC_CRITICAL] == s->lost[TRC_CRITICAL])
		return;
	record_begin(&rec, TRC_LOSS, 0, 0);
	record_num(&rec, 0, lost[TRC_BULK] - s->lost[TRC_BULK]);
	record_num(&rec, 1, lost[TRC_CRITICAL] - s->lost[TRC_CRITICAL]);
	memcpy(s->lost, lost, sizeof(lost));
	sensor_take(&rec.hdr, s);
}

/* The shorter of a time to wait and the time until then, ms; -1 = for ever. */
static int sooner(int wait, int64_t until)
{
	int64_t left = until - clock_ms();

	if (left < 0)
		left = 0;
	return wait < 0 || left < wait ? (int)left : wait;
}

/* Time to wait for the next thing to happen, ms; -1 = for ever. more: records are waiting. */
static int patience(struct sensor *s, bool more)
{
	uint64_t due = engine_due(&s->engine);
	int wait = notify_alive();

	if (more || s->driver->fd() < 0)
		return 0;
	if (s->loss_at)
		wait = sooner(wait, s->loss_at);
	if (sensor_look_due(s))
		wait = sooner(wait, sensor_look_due(s));
	if (s->end_at)
		wait = sooner(wait, s->end_at);
	if (report_due(&s->engine))
		wait = sooner(wait, report_due(&s->engine));
	if (hosts_due())
		wait = sooner(wait, hosts_due());
	if (feeds_due())
		wait = sooner(wait, feeds_due());
	if (due)
		wait = sooner(wait, clock_ms() + clock_until(due));
	if (marks_due())
		wait = sooner(wait, clock_ms() + clock_until(marks_due()));
	return wait;
}

/* How far long work has come, for somebody who looks on. */
static void show_progress(struct sensor *s)
{
	int64_t now;
	int percent;

	if (s->shown_at < 0)
		return;
	now = clock_ms();
	if (now - s->shown_at < PROGRESS_EVERY)
		return;
	s->shown_at = now;
	percent = s->driver->progress ? s->driver->progress() : -1;
	if (percent >= 0)
		fprintf(stderr, "%3d %%\r", percent);
	else
		fprintf(stderr, "%" PRIu64 " records\r", s->stats.records);
}

/* Records and replays are long work; runs are no work that ends. */
static void begin_progress(struct sensor *s)
{
	const char *command = s->cli->command;
	bool long_work = !strcmp(command, "record") || !strcmp(command, "replay");

	s->shown_at = long_work && isatty(STDERR_FILENO) ? 0 : -1;
}

/*
 * Tells what is due. Records that were made until the time given have been
 * taken: nothing counts for the wrong window.
 */
static void settle(struct sensor *s, uint64_t until)
{
	if (until && s->driver->flags & DRIVER_LIVE) {
		marks_settle(&s->engine, until);
		engine_settle(&s->engine, until);
	}
	if (report_due(&s->engine) && clock_ms() >= report_due(&s->engine))
		report_beat(&s->engine, s->driver);
	if (s->loss_at && clock_ms() >= s->loss_at) {
		s->loss_at = 0;
		sensor_look_for_loss(s);
	}
}

/*
 * One round: wait, look at signals, take records, serve sinks. Returns what
 * drain returned; more: it had more to give than it was asked for.
 */
static int turn(struct sensor *s, bool more)
{
	struct pollfd p[OWN_FDS + SINK_COUNT] = {
		{.fd = s->signals, .events = POLLIN}, {.fd = s->clock, .events = POLLIN},
		{.fd = s->owners, .events = POLLIN},  {.fd = hosts_fd(), .events = POLLIN},
		{.fd = s->name, .events = POLLPRI},   {.fd = s->driver->fd(), .events = POLLIN},
		{.fd = marks_fd(), .events = POLLIN}, {.fd = feeds_fd(), .events = POLLIN}};
	int timeout = patience(s, more), n = sinks_poll(p + OWN_FDS, SINK_COUNT, &timeout), got,
	    err;
	uint64_t now;

	if (poll(p, (nfds_t)(OWN_FDS + n), timeout) < 0 && errno != EINTR)
		return -errno;
	handle_signals(s);
	if (p[1].revents)
		handle_clock(s);
	if (p[4].revents)
		handle_name(s);
	if (p[2].revents && proc_owners_changed(s->owners))
		proc_owners(sensor_take, s);
	if (!s->stop && (p[3].revents || hosts_due()))
		hosts_ready(&s->engine);
	now = clock_boot();
	marks_take(&s->engine);
	got = s->driver->drain(sensor_take, s, BUDGET);
	marks_take(&s->engine);
	feeds_take(&s->engine); /* behind what its makers did before */
	sinks_ready(p + OWN_FDS, n);
	if (got > 0 && !s->loss_at)
		s->loss_at = clock_ms() + LOSS_DELAY;
	settle(s, got < BUDGET ? now : 0);
	if (s->end_at && clock_ms() >= s->end_at)
		s->stop = true;
	show_progress(s);
	err = got < 0 ? 0 : sensor_look_at_driver(s);
	return err ? err : got;
}

int sensor_loop(struct sensor *s)
{
	int got = 0;

	begin_progress(s);
	if (s->cli->seconds)
		s->end_at = clock_ms() + s->cli->seconds * (int64_t)1000;
	while (!s->stop && got >= 0) {
		got = turn(s, got == BUDGET);
		if (got < 0 && got != -ENODATA)
			got = sensor_replace_driver(s, got);
	}
	if (got < 0 && got != -ENODATA)
		return s->driver->flags & DRIVER_LIVE ? EXIT_DIED : EXIT_DRIVER;
	return !s->stop && s->driver->status ? s->driver->status() : EXIT_GOOD;
}
