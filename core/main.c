/* SPDX-License-Identifier: BSD-2-Clause */
/* tiercel: its commands. Each is a function here; what it does is elsewhere. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cases.h"
#include "inspect.h"
#include "log.h"
#include "sensor.h"
#include "show.h"
#include "verdict.h"

/* Sets options as -o would. */
static int set_options(struct cli *cli, const char *const *set, int n)
{
	if (cli->nset + n > CLI_RULES_MAX) {
		log_error("too many -o");
		return EXIT_USAGE;
	}
	for (int i = 0; i < n; i++)
		cli->set[cli->nset++] = set[i];
	return EXIT_GOOD;
}

/* More words than a command takes. 0 or EXIT_USAGE. */
static int too_many(const struct cli *cli, int n)
{
	for (int i = 0; i < n; i++)
		if (!cli->rest[i])
			return 0;
	if (!cli->rest[n])
		return 0;
	log_error("%s: %s: expected no more words", cli->command, cli->rest[n]);
	return EXIT_USAGE;
}

/*
 * Records, alerts and what a program says would spoil each other on one descriptor. A program,
 * or a process: only one is watched.
 */
static int watch(struct cli *cli, const char *driver, bool program)
{
	static const char *const silent[] = {"stdout.enabled=off"};
	bool shared = cli->write && !strcmp(cli->write, "-");
	int code = shared ? set_options(cli, silent, 1) : EXIT_GOOD;

	if (program && *cli->rest && cli->pid) {
		log_error("%s: expected either -- PROGRAM or -p PID", cli->command);
		code = EXIT_USAGE;
	} else if (program && *cli->rest && shared) {
		log_error("-w -: expected a file: standard output is the program's");
		code = EXIT_USAGE;
	}
	return code ? code : sensor_run(cli, driver);
}

static int cmd_run(struct cli *cli)
{
	return watch(cli, cli->driver, true);
}

/* A run that only writes records: no sink gets anything. */
static int cmd_record(struct cli *cli)
{
	static const char *const silent[] = {"syslog.enabled=off", "remote.enabled=off",
					     "stdout.enabled=off"};
	int code;

	if (!cli->write) {
		log_error("record: expected -w FILE");
		return EXIT_USAGE;
	}
	code = set_options(cli, silent, sizeof(silent) / sizeof(silent[0]));
	return code ? code : watch(cli, cli->driver, true);
}

static int cmd_replay(struct cli *cli)
{
	return too_many(cli, 1) ? EXIT_USAGE : watch(cli, "replay", false);
}

static int cmd_trace(struct cli *cli)
{
	if (!*cli->rest && !cli->pid) {
		log_error("trace: expected either -- PROGRAM or -p PID");
		return EXIT_USAGE;
	}
	return watch(cli, "ptrace", true);
}

static int cmd_check(struct cli *cli)
{
	cli->explains = true;
	while (cli->validate && *cli->rest && cli->nrules < CLI_RULES_MAX)
		cli->rules[cli->nrules++] = *cli->rest++;
	return too_many(cli, 0) ? EXIT_USAGE : verdict(cli);
}

/*
 * test RULES CASES...: what -r names is read behind RULES, as the rules of a site are. As with -V,
 * there is no configuration unless -c names one.
 */
static int cmd_test(struct cli *cli)
{
	if (!cli->rest[0] || !cli->rest[1] || cli->nrules == CLI_RULES_MAX) {
		log_error("test: expected RULES CASES...: files, or directories of *.ini");
		return EXIT_USAGE;
	}
	memmove(cli->rules + 1, cli->rules, (size_t)cli->nrules++ * sizeof(*cli->rules));
	cli->rules[0] = *cli->rest;
	cli->validate = cli->explains = true;
	return cases_run(cli, cli->rest + 1);
}

static int cmd_probe(struct cli *cli)
{
	return too_many(cli, 0) ? EXIT_USAGE : inspect_probe(cli);
}

static int cmd_list(struct cli *cli)
{
	const char *what = cli->list ? cli->list : *cli->rest;
	int words = what && !cli->list ? 1 : 0; /* that the command takes of the line's */
	char names[256] = "rules";
	size_t used = strlen(names);

	if (what && !strcmp(what, "rules"))
		return too_many(cli, words + 1) ? EXIT_USAGE : inspect_rules(cli, cli->rest[words]);
	for (const struct show_list *l = show_lists; l->name; l++)
		if (what && !strcmp(l->name, what)) {
			if (too_many(cli, words))
				return EXIT_USAGE;
			show(l, cli->man);
			return EXIT_GOOD;
		}
	for (const struct show_list *l = show_lists; l->name; l++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, ", %s", l->name);
	log_error("list: expected one of %s", names);
	return EXIT_USAGE;
}

const struct command commands[] = {
	{"run", "[-- PROGRAM...]", "watch this machine, or a program, and alert", cmd_run, true},
	{"trace", "-- PROGRAM... | -p PID", "watch one program by ptrace; no root needed",
	 cmd_trace, true},
	{"record", "-w FILE", "write what would be watched to FILE, without alerts", cmd_record,
	 false},
	{"replay", "FILE|-", "alert on what FILE recorded", cmd_replay, false},
	{"check", "", "check configuration and rules, and print what they take", cmd_check, false},
	{"test", "RULES CASES...", "hold rules to cases, and say which rules have none", cmd_test,
	 false},
	{"probe", "", "say which drivers work on this machine, and why others do not", cmd_probe,
	 false},
	{"list", "WHAT [RULE]", "print one of this program's tables; alone: which there are",
	 cmd_list, false},
	{NULL, NULL, NULL, NULL, false},
};

/*
 * The next file would take a closed standard descriptor's place, and get what is said to people.
 * What stands there now cannot be written either.
 */
static void fill_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct cli cli;
	int code;
	const struct command *command;

	fill_standard();
	log_fd = log_terminal(STDERR_FILENO);
	command = cli_parse(&cli, argc, argv, &code);
	return command ? command->run(&cli) : code;
}
