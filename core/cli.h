/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: one table of commands and one of options, from which help speaks too. */
#ifndef CORE_CLI_H
#define CORE_CLI_H

#include <getopt.h>
#include <stdbool.h>
#include <sys/types.h>

#include "config.h"

#define CLI_RULES_MAX 64 /* -r on one command line */

/* Exit codes; exit_rows has what they mean. */
enum {
	EXIT_GOOD = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_CONFIG = 3,
	EXIT_DRIVER = 4,
	EXIT_SYSTEM = 5,
	EXIT_DIED = 6,
};

struct exit_row {
	int code;
	const char *help;
};

/* Ended by one without help. */
extern const struct exit_row exit_rows[];

struct cli {
	const char *command; /* "run" */
	const char *config;  /* -c, or NULL: CLI_CONFIG if it is there */
	const char *rules[CLI_RULES_MAX];
	int nrules;
	const char *set[CLI_RULES_MAX]; /* -o */
	int nset;
	const char *driver;  /* --driver, or NULL */
	const char *write;   /* -w: record file to write, or NULL */
	pid_t pid;	     /* -p, or 0 */
	long seconds;	     /* -M, or 0 */
	const char *pidfile; /* -P, or NULL */
	const char *list;    /* --list, -L: what; or NULL */
	bool validate; /* -V: rules are those, and no configuration is read unless -c names it */
	bool dry_run;
	bool explains;	   /* a mistake is shown with the line that it stands in */
	bool man;	   /* lists as mdoc */
	bool json;	   /* check: one JSON object */
	bool plan;	   /* check prints the capture plan */
	char *const *rest; /* what follows the options or --, NULL-terminated */
};

#define CLI_CONFIG "/etc/tiercel/sensor.ini"

struct cli_option {
	struct option opt; /* the letter, or a number from 256 on */
	const char *arg;   /* "FILE", or "" */
	const char *help;
};

/* Ended by one without help. */
extern const struct cli_option cli_options[];

/* "-c, --config FILE" */
size_t cli_option_name(const struct cli_option *o, char *buf, size_t size);

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
 * Configuration of a command line: defaults, file, -o, in this order. That the default file is
 * not there is no error, and said. 0, or -errno with err filled.
 */
int cli_config(const struct cli *cli, struct config *cfg, struct ini_error *err);

#endif
