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
#include "privilege.h"
#include "report.h"

#define BUDGET 4096	       /* records between two looks at signals and sinks */
#define LOSS_DELAY 1000	       /* ms from activity to the look at what was lost */
#define CLOCK_NEVER 9000000000 /* s since 1970: in 2255; the kernel's clock ends in 2262 */
#define CLOSE_TIMEOUT 2000     /* ms that sinks may take to send what they still hold */

int sensor_sealed;

static struct {
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
	int signals;
	int clock; /* readable once the wall clock was set */
	bool stop;
} me = {.clock = -1};

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

	out->tables = state_size(&sizes);
	out->rules = 2 * (size_t)bytes(cfg->tables_rules_kib);
	out->sinks = sinks_size(cfg);
	out->rings = (size_t)(bytes(cfg->ring_bulk_kib) + bytes(cfg->ring_critical_kib));
}

/* Where rules are read from: -r, or the words of sensor.rules. */
static int rule_paths(const struct cli *cli)
{
	char *save = NULL;

	me.npaths = cli->nrules;
	memcpy(me.paths, cli->rules, sizeof(me.paths));
	if (me.npaths)
		return 0;
	memcpy(me.path_text, me.cfg.sensor_rules, sizeof(me.path_text));
	for (char *p = strtok_r(me.path_text, " \t", &save); p; p = strtok_r(NULL, " \t", &save)) {
		if (me.npaths == CLI_RULES_MAX)
			return -E2BIG;
		me.paths[me.npaths++] = p;
	}
	return 0;
}

static struct ruleset *load_rules(int half, struct ini_error *err)
{
	arena_reset(&me.rules[half]);
	return ruleset_load(&me.rules[half], me.paths, me.npaths,
			    (enum priority)me.cfg.sensor_priority, err);
}

/* Configuration, memory and rules: what needs no machine. */
static int prepare(const struct cli *cli)
{
	struct ini_error err = {""};
	struct sensor_memory mem;

	if (cli_config(cli, &me.cfg, &err)) {
		log_error("%s", err.text);
		return EXIT_CONFIG;
	}
	if (rule_paths(cli)) {
		log_error("sensor.rules: more than %d paths", CLI_RULES_MAX);
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
	me.engine.rules = load_rules(me.half, &err);
	if (!me.engine.rules) {
		log_error("%s", err.text);
		return EXIT_CONFIG;
	}
	if (!ruleset_count(me.engine.rules))
		log_warn("no rules: nothing will alert");
	return EXIT_GOOD;
}

int sensor_check(const struct cli *cli, struct config *cfg, struct ruleset **rules)
{
	int code = prepare(cli);
	char why[256] = "";

	*cfg = me.cfg;
	*rules = me.engine.rules;
	if (code)
		return code;
	if (!driver_known(cli->driver ? cli->driver : me.cfg.sensor_driver)) {
		log_error("sensor.driver: %s: no such driver; see tiercel list drivers",
			  cli->driver ? cli->driver : me.cfg.sensor_driver);
		return EXIT_CONFIG;
	}
	if (privilege_check(me.cfg.sensor_user, why, sizeof(why))) {
		log_error("%s", why);
		return EXIT_CONFIG;
	}
	return EXIT_GOOD;
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

/* States the files that rules name whole. */
static void state_files(void)
{
	struct str name;

	for (int i = 0; (name = ruleset_file(me.engine.rules, i)).p; i++) {
		char path[TRC_STR_MAX];

		if (name.n >= sizeof(path))
			continue;
		memcpy(path, name.p, name.n);
		path[name.n] = 0;
		proc_file(path, take, NULL);
	}
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
	if (me.engine.state)
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

/* Opens the driver, and only then reads /proc: nothing falls between the two. */
static int open_driver(const struct cli *cli, const char *name, char *why, size_t size)
{
	struct driver_config dc = {
		.command = cli->rest && *cli->rest ? cli->rest : NULL,
		.pid = cli->pid,
		.btf = me.cfg.sensor_btf,
		.ring = {(uint32_t)bytes(me.cfg.ring_bulk_kib),
			 (uint32_t)bytes(me.cfg.ring_critical_kib)},
	};

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
	proc_users(take, NULL);
	state_files();
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

/* The new rules take the place of the old ones if they are good; if not, nothing changes. */
static void reload(void)
{
	struct ini_error err = {""};
	struct ruleset *rules = load_rules(!me.half, &err);

	if (!rules) {
		engine_say(&me.engine, PRIO_ERROR, 0, "%s; the rules in use stay", err.text);
		return;
	}
	me.half = !me.half;
	me.engine.rules = rules;
	ask_driver();
	if (me.engine.help.file)
		state_files();
	engine_say(&me.engine, PRIO_NOTICE, 0, "reloaded: %d rules, hash %016" PRIx64,
		   ruleset_count(rules), ruleset_hash(rules));
}

static void handle_signals(void)
{
	struct signalfd_siginfo si;

	while (read(me.signals, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGHUP)
			reload();
		else if (si.ssi_signo == SIGUSR1)
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

/* Time to wait for the next thing to happen, ms; -1 = for ever. Nothing to do means no wake-up. */
static int patience(bool more)
{
	int64_t left;

	if (more || me.driver->fd() < 0)
		return 0;
	if (!me.loss_at)
		return -1;
	left = me.loss_at - clock_ms();
	return left > 0 ? (int)left : 0;
}

/* One round: wait, look at signals, take records, serve sinks. Returns what drain returned. */
static int turn(bool more)
{
	struct pollfd p[3 + SINK_COUNT] = {{.fd = me.signals, .events = POLLIN},
					   {.fd = me.clock, .events = POLLIN},
					   {.fd = me.driver->fd(), .events = POLLIN}};
	int timeout = patience(more), n = sinks_poll(p + 3, SINK_COUNT, &timeout), got;

	if (poll(p, (nfds_t)(3 + n), timeout) < 0 && errno != EINTR)
		return -errno;
	handle_signals();
	if (p[1].revents)
		handle_clock();
	got = me.driver->drain(take, NULL, BUDGET);
	sinks_ready(p + 3, n);
	if (got > 0 && !me.loss_at)
		me.loss_at = clock_ms() + LOSS_DELAY;
	if (me.loss_at && clock_ms() >= me.loss_at) {
		me.loss_at = 0;
		look_for_loss();
	}
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

static int open_all(const struct cli *cli, const char *driver, char *why, size_t size)
{
	int code = prepare(cli);

	if (!driver)
		driver = me.cfg.sensor_driver;
	if (!code)
		code = open_tables();
	/* Records and alerts on one descriptor would spoil each other. */
	if (cli->write && !strcmp(cli->write, "-"))
		me.cfg.stdout_enabled = false;
	if (!code)
		code = open_sinks();
	if (!code && cli->write) {
		code = recordfile_open(cli->write) ? EXIT_SYSTEM : EXIT_GOOD;
		me.engine.tee = write_record;
	}
	if (!code)
		code = open_signals(*cli->rest && strcmp(driver, "replay") != 0);
	if (!code)
		code = open_driver(cli, driver, why, size);
	return code ? code : drop_privileges();
}

int sensor_run(const struct cli *cli, const char *driver)
{
	char why[256] = "";
	int code = open_all(cli, driver, why, sizeof(why));

	if (!code) {
		report_start(&me.engine, me.driver, why);
		sensor_sealed = 1;
		code = loop();
		look_for_loss();
		report_end(&me.engine, me.driver);
	}
	sinks_close(CLOSE_TIMEOUT);
	if (cli->write && recordfile_close() && !code)
		code = EXIT_SYSTEM;
	if (me.driver)
		me.driver->close();
	return code;
}
