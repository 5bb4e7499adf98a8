/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sensor's driver: opened at the start, looked after, and opened again, or
 * replaced by the next that works, when it has died.
 */
#include <errno.h>
#include <string.h>

#include "../driver/driver.h"
#include "../driver/opener.h"
#include "../driver/proc.h"
#include "../driver/record.h"
#include "clock.h"
#include "containers.h"
#include "hosts.h"
#include "log.h"
#include "marks.h"
#include "notify.h"
#include "report.h"
#include "sensor_int.h"

#define SOON 60000 /* ms that a driver which was opened again has to work, or it is passed over */

static struct sensor *me; /* the engine's questions come without a word on who asks */

static void help_process(uint32_t pid)
{
	proc_describe((pid_t)pid, sensor_take, me);
}

static void help_file(const char *name)
{
	marks_add(name);
	proc_file(name, sensor_take, me);
}

static void help_link(const char *path)
{
	proc_link(path, sensor_take, me);
}

static void help_container(const struct container *c, uint64_t ts)
{
	containers_ask(&me->engine, c, ts);
}

static void help_containers(uint64_t ts)
{
	containers_again(&me->engine, ts);
}

/* What is known of the machine, and goes on to be: its clock, users, files, processes and hosts. */
static void look_around(struct sensor *s)
{
	me = s;
	s->engine.help = (struct engine_help){help_process, help_file, help_link, help_container,
					      help_containers};
	sensor_clock(s);
	proc_machine(s->driver->name, sensor_take, s);
	s->owners = proc_owners_watch();
	if (s->owners < 0)
		log_warn("/etc cannot be watched: users and groups stay as they are now: %s",
			 strerror(-s->owners));
	proc_owners(sensor_take, s);
	engine_ask_files(&s->engine);
	proc_snapshot(sensor_take, s);
	hosts_start(&s->engine, NULL, &s->arena);
}

void sensor_prepare_drivers(const struct sensor *s)
{
	struct driver_config dc = sensor_driver_config(&s->cfg);
	int err;

	if (*s->cli->rest || s->cli->pid || !strcmp(s->asked, "replay"))
		return;
	err = opener_start(&dc);
	if (err)
		log_warn("the process that opens drivers: %s: one that dies cannot be replaced",
			 strerror(-err));
}

int sensor_open_driver(struct sensor *s, char *why, size_t size)
{
	struct driver_config dc = sensor_driver_config(&s->cfg);

	dc.command = *s->cli->rest ? s->cli->rest : NULL;
	dc.pid = s->cli->pid;
	if (!strcmp(s->asked, "replay")) {
		dc.file = dc.command ? dc.command[0] : "-";
		dc.command = NULL;
	}
	s->looked = clock_ms();
	s->driver = driver_select(s->asked, &dc, why, size);
	if (!s->driver) {
		log_error("driver %s: %s", s->asked, why);
		return EXIT_DRIVER;
	}
	if (s->driver->flags & DRIVER_LIVE && !(s->driver->flags & (DRIVER_TRACES | DRIVER_OPENS)))
		marks_open();
	sensor_ask_driver(s);
	if (s->driver->flags & DRIVER_LIVE)
		look_around(s);
	return EXIT_GOOD;
}

int64_t sensor_look_due(const struct sensor *s)
{
	return s->driver->alive && s->cfg.sensor_alive ?
		       s->looked + s->cfg.sensor_alive * INT64_C(1000) :
		       0;
}

int sensor_look_at_driver(struct sensor *s)
{
	int64_t due = sensor_look_due(s);

	if (!due || clock_ms() < due)
		return 0;
	if (!s->alone && !opener_alive()) {
		s->alone = true;
		engine_say(
			&s->engine, PRIO_ERROR, 0,
			"the process that opens drivers is gone: one that dies cannot be replaced");
	}
	if (s->driver->alive())
		return -ENOLINK;
	s->looked = clock_ms();
	return 0;
}

static bool may_replace(const struct sensor *s, const struct driver *d, const struct driver *dead)
{
	return d->flags & DRIVER_LIVE && !(d->flags & DRIVER_TRACES) &&
	       (d == dead || !strcmp(s->asked, "auto"));
}

/* The first that opens of the one that died, unless it did so soon, and those behind it. */
static const struct driver *open_again(struct sensor *s, const struct driver *dead, bool soon,
				       char *why, size_t size)
{
	struct driver_config dc = sensor_driver_config(&s->cfg);
	const struct driver *d;
	bool reached = false;

	for (int i = 0; (d = driver_list(i)) != NULL; i++) {
		reached |= d == dead;
		if (!reached || (d == dead && soon) || !may_replace(s, d, dead))
			continue;
		if (!driver_open(d, &dc, why, size))
			return d;
		engine_say(&s->engine, d == dead ? PRIO_ERROR : PRIO_NOTICE, 0, "driver %s %s: %s",
			   d->name, d == dead ? "is not opened again" : "does not take its place",
			   why);
	}
	return NULL;
}

/* Nobody can say what was done meanwhile: what is known is forgotten, and read anew. */
static void look_again(struct sensor *s)
{
	static struct record rec;
	int err;

	record_begin(&rec, TRC_LOSS, 0, 0);
	rec.hdr.flags |= TRC_GAP_BULK | TRC_GAP_CRITICAL;
	sensor_take(&rec.hdr, s);
	proc_machine(s->driver->name, sensor_take, s);
	err = opener_snapshot(sensor_take, s);
	if (err)
		log_warn("/proc cannot be read anew: %s", strerror(-err));
}

static void say_dead(struct sensor *s, int err)
{
	const char *name = s->driver->name;

	if (err == -ENOLINK)
		engine_say(&s->engine, PRIO_CRITICAL, 0,
			   "driver %s died: it sees nothing any more, since %d s ago at most", name,
			   s->cfg.sensor_alive);
	else
		engine_say(&s->engine, PRIO_CRITICAL, 0, "driver %s died: %s", name,
			   strerror(-err));
}

/* What it has found of late is told, and counted. */
static void bury(struct sensor *s, int err)
{
	sensor_look_for_loss(s);
	report_dead(s->driver);
	say_dead(s, err);
	s->driver->close();
}

int sensor_replace_driver(struct sensor *s, int err)
{
	const struct driver *dead = s->driver, *d;
	int64_t worked = err == -ENOLINK ? s->looked : clock_ms();
	bool soon = s->replaced && worked - s->replaced < SOON;
	char why[256] = "";

	if (!(dead->flags & DRIVER_LIVE) || dead->flags & DRIVER_TRACES) {
		log_error("driver %s: %s", dead->name, strerror(-err));
		return err;
	}
	bury(s, err);
	d = open_again(s, dead, soon, why, sizeof(why));
	if (!d) {
		engine_say(&s->engine, PRIO_CRITICAL, 0,
			   "no driver takes its place: nothing is watched any more");
		log_error("driver %s: %s, and none takes its place", dead->name, strerror(-err));
		return err;
	}
	s->driver = d;
	s->replaced = s->looked = clock_ms();
	if (d->flags & DRIVER_OPENS)
		marks_close();
	sensor_ask_driver(s);
	look_again(s);
	engine_say(&s->engine, PRIO_ERROR, 0, "driver %s %s: %s", d->name,
		   d == dead ? "is opened again" : "takes its place", why);
	if (d->flags & DRIVER_READS_PROC && !(dead->flags & DRIVER_READS_PROC) &&
	    *s->cfg.sensor_user)
		engine_say(&s->engine, PRIO_WARNING, 0,
			   "driver %s may not read what others' programs are, until the sensor is "
			   "started anew: fields of files and directories of processes are missing",
			   d->name);
	notify_send("STATUS=driver %s, %d rules", d->name, ruleset_count(s->engine.rules));
	return 0;
}
