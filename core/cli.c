/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: see cli.h. */
#include "cli.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define LETTERS "c:r:o:p:w:vh"

/* All options: their letter stands for them where they have no short form. */
enum { OPT_DRIVER = 256, OPT_DEBUG };

static const struct option_help {
	struct option opt;
	const char *arg;
	const char *help;
} options[] = {
	{{"config", required_argument, NULL, 'c'}, "FILE", "configuration, instead of " CLI_CONFIG},
	{{"rules", required_argument, NULL, 'r'},
	 "FILE|DIR",
	 "rules, instead of sensor.rules; may be repeated"},
	{{"option", required_argument, NULL, 'o'},
	 "SECTION.KEY=VALUE",
	 "one option, over the file's; may be repeated"},
	{{"driver", required_argument, NULL, OPT_DRIVER}, "NAME", "this driver and no other"},
	{{"pid", required_argument, NULL, 'p'},
	 "PID",
	 "watch this process and all its children (ptrace)"},
	{{"write", required_argument, NULL, 'w'},
	 "FILE",
	 "write all records to FILE too; - is standard output"},
	{{"debug", no_argument, NULL, OPT_DEBUG}, "", "say more on standard error"},
	{{"version", no_argument, NULL, 'v'}, "", "print the version and end"},
	{{"help", no_argument, NULL, 'h'}, "", "print this and end"},
};

#define NOPTIONS (sizeof(options) / sizeof(options[0]))

static void help(void)
{
	printf("usage: tiercel COMMAND [OPTION...] [ARGUMENT...]\n\ncommands:\n");
	for (const struct command *c = commands; c->name; c++)
		printf("  %-8s %-22s %s\n", c->name, c->args, c->help);
	printf("\noptions:\n");
	for (size_t i = 0; i < NOPTIONS; i++) {
		const struct option_help *o = &options[i];
		char name[64];

		snprintf(name, sizeof(name), "%c%c%s--%s %s", o->opt.val < 256 ? '-' : ' ',
			 o->opt.val < 256 ? o->opt.val : ' ', o->opt.val < 256 ? ", " : "  ",
			 o->opt.name, o->arg);
		printf("  %-34s %s\n", name, o->help);
	}
	printf("\nexit codes: 0 ended as asked; 2 command line; 3 configuration or rules; 4 no driver;\n"
	       "5 memory, files, sockets, users; run and trace with a program: the program's own\n");
}

static int append(const char **list, int *n, const char *value, const char *name)
{
	if (*n == CLI_RULES_MAX) {
		log_error("--%s: more than %d", name, CLI_RULES_MAX);
		return EXIT_USAGE;
	}
	list[(*n)++] = value;
	return 0;
}

static int parse_pid(struct cli *cli, const char *text)
{
	char *end;
	long pid = strtol(text, &end, 10);

	if (end == text || *end || pid < 1 || pid > 4194304) {
		log_error("-p %s: expected the number of a process", text);
		return EXIT_USAGE;
	}
	cli->pid = (pid_t)pid;
	return 0;
}

/* Takes one option. -1 = go on, else the exit code. */
static int take(struct cli *cli, int letter)
{
	int err = 0;

	switch (letter) {
	case 'c':
		cli->config = optarg;
		break;
	case 'r':
		err = append(cli->rules, &cli->nrules, optarg, "rules");
		break;
	case 'o':
		err = append(cli->set, &cli->nset, optarg, "option");
		break;
	case 'p':
		err = parse_pid(cli, optarg);
		break;
	case 'w':
		cli->write = optarg;
		break;
	case OPT_DRIVER:
		cli->driver = optarg;
		break;
	case OPT_DEBUG:
		log_level = LOG_L_DEBUG;
		break;
	case 'v':
		printf("tiercel %s\n", VERSION);
		return EXIT_GOOD;
	case 'h':
		help();
		return EXIT_GOOD;
	default:
		return EXIT_USAGE; /* getopt has said why */
	}
	return err ? err : -1;
}

static const struct command *find_command(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

const struct command *cli_parse(struct cli *cli, int argc, char **argv, int *code)
{
	struct option longs[NOPTIONS + 1] = {0};
	const struct command *command = NULL;
	int letter;

	memset(cli, 0, sizeof(*cli));
	for (size_t i = 0; i < NOPTIONS; i++)
		longs[i] = options[i].opt;
	*code = EXIT_USAGE;
	if (argc > 1 && argv[1][0] != '-') {
		command = find_command(argv[1]);
		if (!command) {
			log_error("%s: no such command; see tiercel --help", argv[1]);
			return NULL;
		}
		cli->command = command->name;
		optind = 2;
	}
	/* What follows the first word that is no option belongs to the program, where there is one: "+". */
	while ((letter = getopt_long(argc, argv,
				     command && !command->program ? LETTERS : "+" LETTERS, longs,
				     NULL)) != -1) {
		int end = take(cli, letter);

		if (end >= 0) {
			*code = end;
			return NULL;
		}
	}
	cli->rest = argv + optind;
	if (!command)
		log_error("expected a command; see tiercel --help");
	return command;
}

int cli_config(const struct cli *cli, struct config *cfg, struct ini_error *err)
{
	int ret = 0;

	config_defaults(cfg);
	if (cli->config || !access(CLI_CONFIG, F_OK))
		ret = config_file(cfg, cli->config ? cli->config : CLI_CONFIG, err);
	for (int i = 0; !ret && i < cli->nset; i++)
		ret = config_set(cfg, cli->set[i], err);
	return ret ? ret : config_finish(cfg, err);
}
