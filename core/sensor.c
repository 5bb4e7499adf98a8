/* SPDX-License-Identifier: BSD-2-Clause */
/* The sensor as a whole: see sensor.h. */
#include "sensor.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../driver/driver.h"
#include "../driver/proc.h"
#include "../driver/record.h"
#include "../driver/recordfile.h"
#include "clock.h"
#include "log.h"
#include "notify.h"
#include "pidfile.h"
#include "privilege.h"
#include "report.h"

#define BUDGET 4096	       /* records between two looks at signals and sinks */
#define LOSS_DELAY 1000	       /* ms from activity to the look at what was lost */
#define CLOCK_NEVER 9000000000 /* s since 1970: in 2255; the kernel's clock ends in 2262 */
#define CLOSE_TIMEOUT 2000     /* ms that sinks may take to send what they still hold */
#define PROGRESS_EVERY 200     /* ms */

int sensor_sealed;

static struct {
	const struct cli *cli;
	struct config cfg;
	struct stats stats;
	struct arena arena;
	struct arena rules[2]; /* halves; the one in use is [half] */
	int half;
	const char *paths[CLI_RULES_MAX];
	int npaths;
	char path_text[CONFIG_STRING_MAX];
	struct engine engine;
	const struct driver *driver;
	uint64_t lost[2]; /* told so far, by class */
	int64_t loss_at;  /* when to look again, ms; 0 = nothing has happened */
	int64_t end_at;	  /* when -M is over, ms; 0 = never */
	int64_t shown_at; /* when progress was shown last, ms; -1 = it is not shown */
	int signals;
	int clock;  /* readable once the wall clock was set */
	int owners; /* readable once a file in /etc was changed */
	bool stop;
} me = {.clock = -1, .owners = -1};

static uint64_t bytes(int kib)
{
	return (uint64_t)kib * 1024;
}

static struct state_config table_sizes(const struct config *cfg)
{
	return (struct state_config){
		.procs = (uint32_t)cfg->tables_processes,
		.fars = (uint32_t)cfg->tables_long_processes,
		.fds = (uint32_t)cfg->tables_descriptors,
		.users = (uint32_t)cfg->tables_users,
		.files = (uint32_t)cfg->tables_files,
		.envs = (uint32_t)cfg->tables_environments,
		.groups = (uint32_t)cfg->tables_groups,
	};
}

void sensor_memory(const struct config *cfg, struct sensor_memory *out)
{
	struct state_config sizes = table_sizes(cfg);

	state_parts(&sizes, out->part);
	out->repeats = engine_size(cfg);
	out->tables = state_size(&sizes) + out->repeats;
	out->rules = 2 * (size_t)bytes(cfg->tables_rules_kib);
	out->sinks = sinks_size(cfg);
	out->rings = (size_t)(bytes(cfg->ring_bulk_kib) + bytes(cfg->ring_critical_kib));
}

/* Where rules are read from: -r, or the words of sensor.rules. */
static int rule_paths(const struct config *cfg, struct ini_error *err)
{
	char *save = NULL;

	me.npaths = me.cli->nrules;
	memcpy(me.paths, me.cli->rules, sizeof(me.paths));
	if (me.npaths)
		return 0;
	memcpy(me.path_text, cfg->sensor_rules, sizeof(me.path_text));
	for (char *p = strtok_r(me.path_text, " \t", &save); p; p = strtok_r(NULL, " \t", &save)) {
		if (me.npaths == CLI_RULES_MAX)
			return ini_fail(err, (struct ini_place){0},
					"sensor.rules: expected at most %d paths", CLI_RULES_MAX);
		me.paths[me.npaths++] = p;
	}
	return 0;
}

static struct ruleset *load_rules(int half, const struct config *cfg, struct ini_error *err)
{
	if (rule_paths(cfg, err))
		return NULL;
	arena_reset(&me.rules[half]);
	return ruleset_load(&me.rules[half], me.paths, me.npaths,
			    (enum priority)cfg->sensor_priority, err);
}

/* Configuration, memory and rules: what needs no machine. */
static int prepare(const struct cli *cli)
{
	struct ini_error err = {""};
	struct sensor_memory mem;

	me.cli = cli;
	if (cli_config(cli, &me.cfg, &err)) {
		log_error("%s", err.text);
		return EXIT_CONFIG;
	}
	sensor_memory(&me.cfg, &mem);
	if (arena_map(&me.arena, mem.tables + mem.rules + mem.sinks + 4096) ||
	    arena_split(&me.arena, &me.rules[0], mem.rules / 2) ||
	    arena_split(&me.arena, &me.rules[1], mem.rules / 2)) {
		log_error("cannot have %zu bytes of memory: %s", mem.tables + mem.rules + mem.sinks,
			  strerror(errno));
		return EXIT_SYSTEM;
	}
	me.engine.rules = load_rules(me.half, &me.cfg, &err);
	if (!me.engine.rules) {
		log_error("%s", err.text);
		return EXIT_CONFIG;
	}
	return EXIT_GOOD;
}

/* Says what is wrong with a value that no option's row can judge. */
static int refuse(struct ini_place at, const char *value, const char *why)
{
	struct ini_error err;

	ini_fail(&err, at, "%s: %s", value, why);
	log_error("%s", err.text);
	return EXIT_CONFIG;
}

/* The names that only the machine or the program can judge. */
static int judge(const struct cli *cli)
{
	const char *driver = cli->driver ? cli->driver : me.cfg.sensor_driver;

	if (!driver_known(driver))
		return refuse(cli->driver ? (struct ini_place){"--driver", 0} :
					    config_place(&me.cfg, "sensor.driver"),
			      driver, "no such driver; see tiercel list drivers");
	if (privilege_check(me.cfg.sensor_user))
		return refuse(config_place(&me.cfg, "sensor.user"), me.cfg.sensor_user,
			      "no such user (empty: stay who started it)");
	return EXIT_GOOD;
}

int sensor_check(const struct cli *cli, struct config *cfg, struct ruleset **rules)
{
	int code = prepare(cli);

	*cfg = me.cfg;
	*rules = me.engine.rules;
	return code ? code : judge(cli);
}

static void take(const struct trc_hdr *rec, void *arg)
{
	(void)arg;
	engine_record(&me.engine, rec, rec->len);
}

static void write_record(const struct trc_hdr *rec)
{
	recordfile_write(rec);
}

static void help_process(uint32_t pid)
{
	proc_describe((pid_t)pid, take, NULL);
}

static void help_file(const char *name)
{
	proc_file(name, take, NULL);
}

static void ask_driver(void)
{
	uint8_t wanted[TRC_NTYPES] = {0};

	state_wants(wanted);
	ruleset_wants(me.engine.rules, wanted);
	if (me.driver->want(wanted))
		log_warn("driver %s: does not take the list of wanted events; it delivers all",
			 me.driver->name);
}

static int open_sinks(void)
{
	char why[256] = "";

	if (!sinks_open(&me.cfg, &me.arena, &me.stats, why, sizeof(why)))
		return EXIT_GOOD;
	log_error("%s", why);
	return EXIT_SYSTEM;
}

static int open_tables(void)
{
	struct state_config sizes = table_sizes(&me.cfg);

	me.engine.cfg = &me.cfg;
	me.engine.stats = &me.stats;
	me.engine.state = state_open(&me.arena, &sizes, &me.stats);
	if (me.engine.state && !engine_open(&me.engine, &me.arena))
		return EXIT_GOOD;
	log_error("tables do not fit the memory that was foretold: this is a fault");
	return EXIT_SYSTEM;
}

/*
 * Signals come as descriptor. program: one is traced on our terminal, and ^C is
 * for it; here it stays blocked, and the sensor ends when the program does.
 */
static int open_signals(bool program)
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
	me.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (me.signals >= 0)
		return EXIT_GOOD;
	log_error("signalfd: %s", strerror(errno));
	return EXIT_SYSTEM;
}

/*
 * A board without a clock starts in 1970 and is set by NTP later: the time of
 * its alerts must follow. The timer never ends; it is cancelled by a step.
 */
static void watch_clock(void)
{
	const struct itimerspec never = {.it_value = {.tv_sec = CLOCK_NEVER}};

	if (me.clock < 0)
		return;
	timerfd_settime(me.clock, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static void handle_clock(void)
{
	uint64_t n;

	if (read(me.clock, &n, sizeof(n)) >= 0 || errno != ECANCELED)
		return;
	watch_clock();
	proc_machine(me.driver->name, take, NULL);
}

struct driver_config sensor_driver_config(const struct config *cfg)
{
	return (struct driver_config){
		.btf = cfg->sensor_btf,
		.ring = {(uint32_t)bytes(cfg->ring_bulk_kib),
			 (uint32_t)bytes(cfg->ring_critical_kib)},
	};
}

/* Opens the driver, and only then reads /proc: nothing falls between the two. */
static int open_driver(const struct cli *cli, const char *name, char *why, size_t size)
{
	struct driver_config dc = sensor_driver_config(&me.cfg);

	dc.command = *cli->rest ? cli->rest : NULL;
	dc.pid = cli->pid;
	if (!strcmp(name, "replay")) {
		dc.file = dc.command ? dc.command[0] : "-";
		dc.command = NULL;
	}
	me.driver = driver_select(name, &dc, why, size);
	if (!me.driver) {
		log_error("driver %s: %s", name, why);
		return EXIT_DRIVER;
	}
	ask_driver();
	if (!(me.driver->flags & DRIVER_LIVE))
		return EXIT_GOOD;
	me.engine.help = (struct engine_help){help_process, help_file};
	me.clock = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	watch_clock();
	proc_machine(me.driver->name, take, NULL);
	me.owners = proc_owners_watch();
	if (me.owners < 0)
		log_warn("/etc cannot be watched: users and groups stay as they are now: %s",
			 strerror(-me.owners));
	proc_owners(take, NULL);
	engine_ask_files(&me.engine);
	proc_snapshot(take, NULL);
	return EXIT_GOOD;
}

static int drop_privileges(void)
{
	char why[256] = "";

	if (me.driver->flags & DRIVER_KEEPS_USER || !(me.driver->flags & DRIVER_LIVE))
		return EXIT_GOOD;
	if (!privilege_drop(me.cfg.sensor_user, why, sizeof(why)))
		return EXIT_GOOD;
	log_error("%s", why);
	return EXIT_SYSTEM;
}

/*
 * Configuration and rules are read anew, and take the place of the old ones if
 * both are good; if not, nothing changes.
 */
static void reload(void)
{
	static struct config fresh;
	struct ini_error err = {""};
	struct ruleset *rules = NULL;
	char later[256];

	if (!cli_config(me.cli, &fresh, &err))
		rules = load_rules(!me.half, &fresh, &err);
	if (!rules) {
		engine_say(&me.engine, PRIO_ERROR, 0, "%s; the rules in use stay", err.text);
		return;
	}
	engine_flush(&me.engine); /* what the old rules made */
	config_update(&me.cfg, &fresh, later, sizeof(later));
	me.half = !me.half;
	me.engine.rules = rules;
	ask_driver();
	engine_ask_files(&me.engine);
	report_reloaded(&me.engine, me.driver, later);
}

static void handle_signals(void)
{
	struct signalfd_siginfo si;

	while (read(me.signals, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGHUP) {
			notify_reloading();
			reload();
			notify_send("READY=1");
		} else if (si.ssi_signo == SIGUSR1)
			report_counters(&me.engine, me.driver);
		else
			me.stop = true;
	}
}

/*
 * Loss is an event: what the driver could not deliver since the last look is
 * stated, and recorded.
 */
static void look_for_loss(void)
{
	static struct record rec;
	uint64_t lost[2];

	report_lost(me.driver, lost);
	if (lost[TRC_BULK] == me.lost[TRC_BULK] && lost[TRC_CRITICAL] == me.lost[TRC_CRITICAL])
		return;
	record_begin(&rec, TRC_LOSS, 0, 0);
	record_num(&rec, 0, lost[TRC_BULK] - me.lost[TRC_BULK]);
	record_num(&rec, 1, lost[TRC_CRITICAL] - me.lost[TRC_CRITICAL]);
	memcpy(me.lost, lost, sizeof(lost));
	take(&rec.hdr, NULL);
}

/* The shorter of a time to wait and the time until then, ms; -1 = for ever. */
static int sooner(int wait, int64_t until)
{
	int64_t left = until - clock_ms();

	if (left < 0)
		left = 0;
	return wait < 0 || left < wait ? (int)left : wait;
}

/* Time to wait for the next thing to happen, ms; -1 = for ever. Nothing to do means no wake-up. */
static int patience(bool more)
{
	uint64_t due = engine_due(&me.engine);
	int wait = notify_alive();

	if (more || me.driver->fd() < 0)
		return 0;
	if (me.loss_at)
		wait = sooner(wait, me.loss_at);
	if (me.end_at)
		wait = sooner(wait, me.end_at);
	if (report_due(&me.engine))
		wait = sooner(wait, report_due(&me.engine));
	if (due)
		wait = sooner(wait, clock_ms() + clock_until(due));
	return wait;
}

/* How far long work has come, for somebody who looks on. */
static void show_progress(void)
{
	int64_t now;
	int percent;

	if (me.shown_at < 0)
		return;
	now = clock_ms();
	if (now - me.shown_at < PROGRESS_EVERY)
		return;
	me.shown_at = now;
	percent = me.driver->progress ? me.driver->progress() : -1;
	if (percent >= 0)
		fprintf(stderr, "%3d %%\r", percent);
	else
		fprintf(stderr, "%" PRIu64 " records\r", me.stats.records);
}

/* Records and replays are long work; runs are no work that ends. */
static void begin_progress(const struct cli *cli)
{
	bool long_work = !strcmp(cli->command, "record") || !strcmp(cli->command, "replay");

	me.shown_at = long_work && isatty(STDERR_FILENO) ? 0 : -1;
}

/*
 * Tells what is due. Records that were made until the time given have been
 * taken: nothing counts for the wrong window.
 */
static void settle(uint64_t until)
{
	if (until && me.driver->flags & DRIVER_LIVE)
		engine_settle(&me.engine, until);
	if (report_due(&me.engine) && clock_ms() >= report_due(&me.engine))
		report_beat(&me.engine, me.driver);
	if (me.loss_at && clock_ms() >= me.loss_at) {
		me.loss_at = 0;
		look_for_loss();
	}
}

/* One round: wait, look at signals, take records, serve sinks. Returns what drain returned. */
static int turn(bool more)
{
	struct pollfd p[4 + SINK_COUNT] = {{.fd = me.signals, .events = POLLIN},
					   {.fd = me.clock, .events = POLLIN},
					   {.fd = me.owners, .events = POLLIN},
					   {.fd = me.driver->fd(), .events = POLLIN}};
	int timeout = patience(more), n = sinks_poll(p + 4, SINK_COUNT, &timeout), got;
	uint64_t now;

	if (poll(p, (nfds_t)(4 + n), timeout) < 0 && errno != EINTR)
		return -errno;
	handle_signals();
	if (p[1].revents)
		handle_clock();
	if (p[2].revents && proc_owners_changed(me.owners))
		proc_owners(take, NULL);
	now = clock_boot();
	got = me.driver->drain(take, NULL, BUDGET);
	sinks_ready(p + 4, n);
	if (got > 0 && !me.loss_at)
		me.loss_at = clock_ms() + LOSS_DELAY;
	settle(got < BUDGET ? now : 0);
	if (me.end_at && clock_ms() >= me.end_at)
		me.stop = true;
	show_progress();
	return got;
}

static int loop(void)
{
	int got = 0;

	while (!me.stop && got >= 0)
		got = turn(got == BUDGET);
	if (got < 0 && got != -ENODATA) {
		log_error("the loop ends, driver %s: %s", me.driver->name, strerror(-got));
		return EXIT_DRIVER;
	}
	return !me.stop && me.driver->status ? me.driver->status() : EXIT_GOOD;
}

static int open_pidfile(const struct cli *cli)
{
	char why[256];

	if (!cli->pidfile || !pidfile_open(cli->pidfile, why, sizeof(why)))
		return EXIT_GOOD;
	log_error("%s", why);
	return EXIT_SYSTEM;
}

/* All but the driver, and the rights that go once it is open. */
static int open_rest(const struct cli *cli, const char *driver)
{
	int code = prepare(cli);

	if (!code)
		code = judge(cli);
	if (!code)
		code = open_tables();
	if (!code)
		code = open_sinks();
	if (!code)
		code = open_pidfile(cli);
	if (!code && cli->write && !cli->dry_run) {
		code = recordfile_open(cli->write) ? EXIT_SYSTEM : EXIT_GOOD;
		me.engine.tee = write_record;
	}
	if (!code)
		code = open_signals(*cli->rest && strcmp(driver ? driver : "", "replay") != 0);
	return code;
}

/* Everything is open: says so to all who want to know. */
static int begin(const struct cli *cli, const char *why)
{
	int err = notify_open();

	if (err)
		log_warn("NOTIFY_SOCKET: %s", strerror(-err));
	if (!ruleset_count(me.engine.rules))
		log_warn("no rules: nothing will alert");
	report_start(&me.engine, me.driver, why);
	err = pidfile_write();
	if (err) {
		log_error("-P %s: %s", cli->pidfile, strerror(-err));
		return EXIT_SYSTEM;
	}
	notify_send("READY=1\nSTATUS=driver %s, %d rules", me.driver->name,
		    ruleset_count(me.engine.rules));
	begin_progress(cli);
	if (cli->seconds)
		me.end_at = clock_ms() + cli->seconds * (int64_t)1000;
	return EXIT_GOOD;
}

static int watch(const struct cli *cli, const char *why)
{
	int code = begin(cli, why);

	sensor_sealed = 1;
	if (!code)
		code = loop();
	notify_send("STOPPING=1");
	look_for_loss();
	report_end(&me.engine, me.driver, CLOSE_TIMEOUT);
	return code;
}

int sensor_run(const struct cli *cli, const char *driver)
{
	char why[256] = "";
	int code = open_rest(cli, driver);

	if (!code && cli->dry_run) {
		log_info("dry run: all is good; the driver was not opened");
	} else {
		if (!code)
			code = open_driver(cli, driver ? driver : me.cfg.sensor_driver, why,
					   sizeof(why));
		if (!code)
			code = drop_privileges();
		if (!code)
			code = watch(cli, why);
	}
	sinks_close(CLOSE_TIMEOUT);
	if (cli->write && !cli->dry_run && recordfile_close() && !code)
		code = EXIT_SYSTEM;
	if (me.driver)
		me.driver->close();
	pidfile_close();
	return code;
}
