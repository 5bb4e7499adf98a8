/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sensor as a whole: opens everything, in the order that rights and records
 * ask for, and closes it. See sensor.h.
 */
#include "sensor.h"

#include <string.h>

#include "../driver/driver.h"
#include "../driver/opener.h"
#include "../driver/recordfile.h"
#include "excerpt.h"
#include "feeds.h"
#include "log.h"
#include "marks.h"
#include "notify.h"
#include "pidfile.h"
#include "privilege.h"
#include "report.h"
#include "sensor_int.h"

#define CLOSE_TIMEOUT 2000 /* ms that sinks may take to send what they still hold */

int sensor_sealed;

/* The only one: records to be written come without a word on whose they are. */
static struct sensor me;

int sensor_check(const struct cli *cli, struct config *cfg, struct ruleset **rules,
		 struct ini_error *err)
{
	int code = sensor_prepare(&me, cli, err);

	*cfg = me.cfg;
	*rules = me.engine.rules;
	return code ? code : sensor_judge(&me, err);
}

void sensor_explain(const struct cli *cli, const struct ini_error *err)
{
	log_error("%s", err->text);
	if (cli->explains)
		excerpt_show(err);
}

/* Who watches for the record alone has nothing to stay for where it cannot be written. */
static void write_record(const struct trc_hdr *rec)
{
	if (recordfile_write(rec) && !strcmp(me.cli->command, "record") && !*me.cli->rest)
		me.stop = true;
}

static int open_sinks(void)
{
	char why[256] = "";

	if (!sinks_open(&me.cfg, &me.arena, &me.stats, why, sizeof(why)))
		return EXIT_GOOD;
	log_error("%s", why);
	return EXIT_SYSTEM;
}

static int open_pidfile(void)
{
	char why[256];

	if (!me.cli->pidfile || !pidfile_open(me.cli->pidfile, why, sizeof(why)))
		return EXIT_GOOD;
	log_error("%s", why);
	return EXIT_SYSTEM;
}

/* All but the driver, and the rights that go once it is open. */
static int open_rest(const struct cli *cli, const char *driver)
{
	struct ini_error err = {.text = ""};
	int code = sensor_prepare(&me, cli, &err);

	/* Not where it stands: all its bytes would be part of the program's file. */
	me.clock = me.owners = me.name = -1;
	if (!code)
		code = sensor_judge(&me, &err);
	if (code) {
		sensor_explain(cli, &err);
		return code;
	}
	me.asked = driver ? driver : me.cfg.sensor_driver;
	if (!cli->dry_run)
		sensor_prepare_drivers(&me);
	sensor_warn(me.engine.rules, &me.cfg);
	code = sensor_tables(&me);
	if (!code)
		code = open_sinks();
	if (!code)
		code = open_pidfile();
	if (!code && cli->write && !cli->dry_run) {
		code = recordfile_open(cli->write) ? EXIT_SYSTEM : EXIT_GOOD;
		me.engine.tee = write_record;
	}
	if (!code)
		code = sensor_signals(&me, *cli->rest && strcmp(me.asked, "replay") != 0);
	return code;
}

/* As root, and once the tables know who will connect. */
static int open_feed(void)
{
	char why[256] = "";

	if (!(me.driver->flags & DRIVER_LIVE) || !feeds_open(&me.cfg, why, sizeof(why)))
		return EXIT_GOOD;
	log_error("%s", why);
	return EXIT_SYSTEM;
}

static int drop_privileges(void)
{
	char why[256] = "";

	if (!(me.driver->flags & DRIVER_LIVE))
		return EXIT_GOOD;
	if (!privilege_drop(me.cfg.sensor_user, me.driver->flags & DRIVER_READS_PROC, why,
			    sizeof(why)))
		return EXIT_GOOD;
	/* The root of a container may have no right to become another, and little to lose. */
	if (me.driver->flags & DRIVER_TRACES) {
		log_warn("%s; it stays who started it", why);
		return EXIT_GOOD;
	}
	log_error("%s", why);
	return EXIT_SYSTEM;
}

/* Everything is open: says so to all who want to know. */
static int announce(const char *why)
{
	int err = notify_open();

	if (err)
		log_warn("NOTIFY_SOCKET: %s", strerror(-err));
	report_start(&me.engine, me.driver, why);
	err = pidfile_write();
	if (err) {
		log_error("-P %s: %s", me.cli->pidfile, strerror(-err));
		return EXIT_SYSTEM;
	}
	notify_send("READY=1\nSTATUS=driver %s, %d rules", me.driver->name,
		    ruleset_count(me.engine.rules));
	return EXIT_GOOD;
}

static int watch(const char *why)
{
	int code = announce(why);

	sensor_sealed = 1;
	if (!code)
		code = sensor_loop(&me);
	notify_send("STOPPING=1");
	feeds_close(&me.engine);
	sensor_look_for_loss(&me);
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
			code = sensor_open_driver(&me, why, sizeof(why));
		if (!code)
			code = open_feed();
		if (!code)
			code = drop_privileges();
		if (!code)
			code = watch(why);
	}
	sinks_close(CLOSE_TIMEOUT);
	if (cli->write && !cli->dry_run && recordfile_close() && !code)
		code = EXIT_SYSTEM;
	marks_close();
	if (me.driver)
		me.driver->close();
	opener_stop();
	pidfile_close();
	return code;
}
