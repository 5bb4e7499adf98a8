/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the sensor share: sensor.c opens everything and closes it,
 * sensor_prepare.c has its memory and what it is told to do, at the start and
 * at a reload, sensor_driver.c its driver, and sensor_loop.c what happens between
 * start and end. Nobody else includes this.
 */
#ifndef CORE_SENSOR_INT_H
#define CORE_SENSOR_INT_H

#include "sensor.h"

struct sensor {
	const struct cli *cli;
	struct config cfg;
	struct stats stats;
	struct arena arena;
	struct arena rules[2]; /* halves; the one in use is [half] */
	int half;
	const char *paths[CLI_RULES_MAX]; /* where rules are read from */
	int npaths;
	char path_text[CONFIG_STRING_MAX]; /* what they lie in, if sensor.rules has them */
	struct engine engine;
	const struct driver *driver;
	const char *asked;  /* its name, or "auto" */
	int64_t looked;	    /* when it was seen to be alive, ms */
	bool alone;	    /* without the process that opens drivers, and that was said */
	int64_t replaced;   /* when it was opened again, or replaced, ms; 0 = it was not */
	uint64_t lost[2];   /* told so far, by class */
	uint64_t mark_lost; /* likewise, of marks */
	int64_t loss_at;    /* when to look for more, ms; 0 = nothing has happened since */
	int64_t end_at;	    /* when -M is over, ms; 0 = never */
	int64_t shown_at;   /* when progress was shown last, ms; -1 = it is not shown */
	int signals;	    /* readable once one came */
	int clock;	    /* readable once the wall clock was set; -1 = it is not watched */
	int name;	    /* tells that the name of the host was set; -1 likewise */
	int owners;	    /* readable once a file in /etc was changed; -1 likewise */
	bool stop;
};

/* Takes a record that the driver or the machine gave. arg: the sensor. A record_fn. */
void sensor_take(const struct trc_hdr *rec, void *arg);

/*
 * In sensor_prepare.c. Those that return int return an exit code; what was wrong has been said, or
 * is in err where that is asked for.
 */

/* Configuration, memory and rules: what needs no machine. */
int sensor_prepare(struct sensor *s, const struct cli *cli, struct ini_error *err);

/* Is there the driver that is asked for, and the user? */
int sensor_judge(const struct sensor *s, struct ini_error *err);

/* Says what is odd about rules: of what check says, what a running sensor should know. */
void sensor_warn(const struct ruleset *rules, const struct config *cfg);

/* Opens the engine and its tables, in the memory that is there for them. */
int sensor_tables(struct sensor *s);

/* Tells the driver which events are wanted, by the rules and by the tables. */
void sensor_ask_driver(struct sensor *s);

/*
 * Reads configuration and rules anew, which take the place of the old ones if
 * both are good; if not, nothing changes.
 */
void sensor_reload(struct sensor *s);

/* In sensor_driver.c. */

/* Before there are tables: starts the process that opens drivers, if one may need it. */
void sensor_prepare_drivers(const struct sensor *s);

/*
 * Opens the driver, and only then reads /proc: nothing falls between the two.
 * An exit code; what was wrong has been said; why gets a line on how it works.
 */
int sensor_open_driver(struct sensor *s, char *why, size_t size);

/* When to look whether the driver still sees what happens, ms; 0 = never. */
int64_t sensor_look_due(const struct sensor *s);

/* Looks, if it is time. 0; -ENOLINK = it does not. */
int sensor_look_at_driver(struct sensor *s);

/*
 * The driver ended with err: opens it again, or, where it has not been seen to
 * work for a minute since that was done, the next that works; says what came of
 * it. 0, or err: there is none.
 */
int sensor_replace_driver(struct sensor *s, int err);

/* In sensor_loop.c. */

/*
 * From here on signals come as a descriptor. program: one is traced on our
 * terminal, and ^C is for it; here it stays blocked, and the sensor ends when
 * the program does. An exit code; what was wrong has been said.
 */
int sensor_signals(struct sensor *s, bool program);

/* Watches the clock and the host's name: once one was set, the machine record is stated anew. */
void sensor_clock(struct sensor *s);

/* Runs until there is nothing more to see, or a signal or -M says stop. An exit code. */
int sensor_loop(struct sensor *s);

/*
 * Loss is an event: what the driver could not deliver since the last look is
 * stated, and recorded.
 */
void sensor_look_for_loss(struct sensor *s);

#endif
