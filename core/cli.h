/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: one table of commands and one of options, from which help speaks too. */
#ifndef CORE_CLI_H
#define CORE_CLI_H

#include <stdbool.h>
#include <sys/types.h>

#include "config.h"

#define CLI_RULES_MAX 64 /* -r on one command line */

/* Exit codes, in the help too. */
enum {
	EXIT_GOOD = 0,
	EXIT_USAGE = 2,	 /* the command line */
	EXIT_CONFIG = 3, /* sensor.ini, -o, or rules */
	EXIT_DRIVER = 4, /* no driver works here, or the one that worked died */
	EXIT_SYSTEM = 5, /* memory, files, sockets, users */
};

struct cli {
	const char *command; /* "run" */
	const char *config;  /* -c, or NULL: CLI_CONFIG if it is there */
	const char *rules[CLI_RULES_MAX];
	int nrules;
	const char *set[CLI_RULES_MAX]; /* -o */
	int nset;
	const char *driver; /* --driver, or NULL */
	const char *write;  /* -w: record file to write, or NULL */
	pid_t pid;	    /* -p, or 0 */
	char *const *rest;  /* what follows the options or --, NULL-terminated */
};

#define CLI_CONFIG "/etc/tiercel/sensor.ini"

struct command {
	const char *name;
	const char *args;
	const char *help;
	int (*run)(struct cli *cli); /* exit code */
	bool program;		     /* its arguments are a program with options of its own */
};

/* Commands of this program (main.c), ended by one without a name. */
extern const struct command commands[];

/*
 * Reads the command line. Returns the command to run; NULL if it was only for
 * help, or wrong: then *code is the exit code, and everything was said.
 */
const struct command *cli_parse(struct cli *cli, int argc, char **argv, int *code);

/*
 * Configuration of a command line: defaults, file, -o, in this order. 0, or
 * -errno with err filled.
 */
int cli_config(const struct cli *cli, struct config *cfg, struct ini_error *err);

#endif
