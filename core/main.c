/* SPDX-License-Identifier: BSD-2-Clause */
/* tiercel: its commands. Each is a function here; what it does is elsewhere. */
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "sensor.h"
#include "show.h"

static int cmd_run(struct cli *cli)
{
	return sensor_run(cli, cli->driver);
}

/* A run that only writes records: no sink gets anything. */
static int cmd_record(struct cli *cli)
{
	static const char *const silent[] = {"stdout.enabled=off", "syslog.enabled=off",
					     "remote.enabled=off"};

	if (!cli->write) {
		log_error("record: expected -w FILE");
		return EXIT_USAGE;
	}
	if (cli->nset > CLI_RULES_MAX - (int)(sizeof(silent) / sizeof(silent[0]))) {
		log_error("record: too many -o");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		cli->set[cli->nset++] = silent[i];
	return cmd_run(cli);
}

static int cmd_replay(struct cli *cli)
{
	return sensor_run(cli, "replay");
}

static int cmd_trace(struct cli *cli)
{
	if (!*cli->rest == !cli->pid) {
		log_error("trace: expected either -- COMMAND or -p PID");
		return EXIT_USAGE;
	}
	return sensor_run(cli, "ptrace");
}

static int cmd_check(struct cli *cli)
{
	static struct config cfg;
	struct sensor_memory mem;
	struct ruleset *rules;
	int code;

	if (*cli->rest) {
		log_error("check: %s: expected no more words", *cli->rest);
		return EXIT_USAGE;
	}
	code = sensor_check(cli, &cfg, &rules);
	if (code)
		return code;
	sensor_memory(&cfg, &mem);
	printf("good: %d rules, %d checks\n", ruleset_count(rules), ruleset_checks(rules));
	printf("memory: tables %zu, rules %zu, sinks %zu, kernel rings %zu bytes\n", mem.tables,
	       mem.rules, mem.sinks, mem.rings);
	return EXIT_GOOD;
}

static int cmd_list(struct cli *cli)
{
	const char *what = *cli->rest ? *cli->rest : "";
	char names[128];
	size_t used = 0;

	for (const struct show_list *l = show_lists; l->name; l++)
		if (!strcmp(l->name, what)) {
			l->print();
			return EXIT_GOOD;
		}
	for (const struct show_list *l = show_lists; l->name; l++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
					 used ? ", " : "", l->name);
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
	{"list", "WHAT", "print one of this program's tables; alone: which there are", cmd_list,
	 false},
	{NULL, NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	struct cli cli;
	int code;
	const struct command *command = cli_parse(&cli, argc, argv, &code);

	return command ? command->run(&cli) : code;
}
