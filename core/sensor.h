/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sensor as a whole: memory, rules, sinks, driver and engine put together,
 * and the loop that runs until there is nothing more to see or a signal says
 * stop.
 */
#ifndef CORE_SENSOR_H
#define CORE_SENSOR_H

#include "../driver/driver.h"
#include "cli.h"
#include "engine.h"

/*
 * 1 once everything is open. From then on nothing allocates; a build of the
 * tests aborts where something does.
 */
extern int sensor_sealed;

/* What the sensor takes of memory, in bytes. */
struct sensor_memory {
	struct state_part part[STATE_NPART];
	size_t repeats;
	size_t tables; /* all parts, the repeats, and what holds them together */
	size_t rules;  /* two halves: the rules in use, and those being read */
	size_t sinks;
	size_t rings; /* in the kernel */
};

void sensor_memory(const struct config *cfg, struct sensor_memory *out);

/* What drivers are told of the configuration. */
struct driver_config sensor_driver_config(const struct config *cfg);

/*
 * Reads the configuration of a command line and its rules, without starting
 * anything. The ruleset lives until the process ends. Returns an exit code,
 * with err filled.
 */
int sensor_check(const struct cli *cli, struct config *cfg, struct ruleset **rules,
		 struct ini_error *err);

/* Says what is wrong; with the line that it is about to whoever asked for no more than that. */
void sensor_explain(const struct cli *cli, const struct ini_error *err);

/* Runs the sensor with one driver (NULL: what the configuration says). Returns an exit code. */
int sensor_run(const struct cli *cli, const char *driver);

#endif
