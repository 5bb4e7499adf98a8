/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: see cli.h. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "log.h"

/* The colon in front: what is wrong is said here, not by getopt. */
#define LETTERS ":c:r:o:p:w:V:LM:P:vh"

/* Options without a letter. */
enum { OPT_DRIVER = 256, OPT_DEBUG, OPT_LIST, OPT_DRY_RUN, OPT_MAN, OPT_JSON, OPT_PLAN };

const struct cli_option cli_options[] = {
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
	 "write all records to FILE too; - is standard output, which then gets no alerts"},
	{{"seconds", required_argument, NULL, 'M'}, "SECONDS", "end after so many seconds"},
	{{"pidfile", required_argument, NULL, 'P'},
	 "FILE",
	 "write the number of the process there, once it watches"},
	{{"dry-run", no_argument, NULL, OPT_DRY_RUN}, "", "do all but open the driver, then end"},
	{{"validate", required_argument, NULL, 'V'},
	 "FILE|DIR",
	 "check these rules alone; may be repeated"},
	{{"list-rules", no_argument, NULL, 'L'}, "", "the same as list rules"},
	{{"list", optional_argument, NULL, OPT_LIST},
	 "[=WHAT]",
	 "the same as list WHAT; without WHAT: list fields"},
	{{"json", no_argument, NULL, OPT_JSON}, "", "check: say all as one JSON object"},
	{{"man", no_argument, NULL, OPT_MAN}, "", "list: as a manual has it (mdoc)"},
	{{"plan", no_argument, NULL, OPT_PLAN}, "", "check: print which events the rules need"},
	{{"debug", no_argument, NULL, OPT_DEBUG}, "", "say more on standard error"},
	{{"version", no_argument, NULL, 'v'}, "", "print the version and end"},
	{{"help", no_argument, NULL, 'h'}, "", "print this and end"},
	{{0}, NULL, NULL},
};

#define NOPTIONS (sizeof(cli_options) / sizeof(cli_options[0]))

const struct exit_row exit_rows[] = {
	{EXIT_GOOD, "ended as asked"},
	{EXIT_FAILED, "test: a case failed"},
	{EXIT_USAGE, "the command line is wrong"},
	{EXIT_CONFIG, "the configuration or the rules are wrong"},
	{EXIT_DRIVER, "no driver works here"},
	{EXIT_SYSTEM, "memory, files, sockets or users are not to be had"},
	{EXIT_DIED, "the driver died, and no other takes its place: another start may help"},
	{-1, NULL},
};

size_t cli_option_name(const struct cli_option *o, char *buf, size_t size)
{
	bool letter = o->opt.val < 256;
	int n = snprintf(buf, size, "%c%c%s--%s%s%s", letter ? '-' : ' ', letter ? o->opt.val : ' ',
			 letter ? ", " : "  ", o->opt.name,
			 *o->arg && o->opt.has_arg != optional_argument ? " " : "", o->arg);

	return (size_t)n;
}

static void help(void)
{
	printf("usage: tiercel COMMAND [OPTION...] [ARGUMENT...]\n\ncommands:\n");
	for (const struct command *c = commands; c->name; c++)
		printf("  %-8s %-22s %s\n", c->name, c->args, c->help);
	printf("\noptions:\n");
	for (const struct cli_option *o = cli_options; o->help; o++) {
		char name[64];

		cli_option_name(o, name, sizeof(name));
		printf("  %-34s %s\n", name, o->help);
	}
	printf("\nexit codes:\n");
	for (const struct exit_row *x = exit_rows; x->help; x++)
		printf("  %-2d %s\n", x->code, x->help);
	printf("  run and trace with a program end with the program's own\n");
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

static int parse_number(const char *name, const char *text, long most, const char *expected,
			long *out)
{
	char *end;

	*out = strtol(text, &end, 10);
	if (end != text && !*end && *out >= 1 && *out <= most)
		return 0;
	log_error("%s %s: expected %s", name, text, expected);
	return EXIT_USAGE;
}

static int take_number(struct cli *cli, int letter)
{
	long n;
	int err;

	if (letter == 'p') {
		err = parse_number("-p", optarg, 4194304, "the number of a process", &n);
		cli->pid = (pid_t)n;
	} else {
		err = parse_number("-M", optarg, 1000000000, "seconds, 1 to 1000000000", &n);
		cli->seconds = n;
	}
	return err;
}

/* Takes an option that is for what it prints only. -1 = go on, else the exit code. */
static int take_print(struct cli *cli, int letter)
{
	switch (letter) {
	case 'L':
		cli->list = "rules";
		return -1;
	case OPT_LIST:
		cli->list = optarg ? optarg : "fields";
		return -1;
	case OPT_MAN:
		cli->man = true;
		return -1;
	case OPT_JSON:
		cli->json = true;
		return -1;
	case OPT_PLAN:
		cli->plan = true;
		return -1;
	case 'v':
		printf("tiercel %s\n", VERSION);
		return EXIT_GOOD;
	case 'h':
		help();
		return EXIT_GOOD;
	default:
		return EXIT_USAGE; /* refuse() has said why */
	}
}

/* Takes one option. -1 = go on, else the exit code. */
static int take(struct cli *cli, int letter)
{
	int err = 0;

	switch (letter) {
	case 'c':
		cli->config = optarg;
		break;
	case 'V':
		cli->validate = true;
		err = append(cli->rules, &cli->nrules, optarg, "validate");
		break;
	case 'r':
		err = append(cli->rules, &cli->nrules, optarg, "rules");
		break;
	case 'o':
		err = append(cli->set, &cli->nset, optarg, "option");
		break;
	case 'p':
	case 'M':
		err = take_number(cli, letter);
		break;
	case 'P':
		cli->pidfile = optarg;
		break;
	case 'w':
		cli->write = optarg;
		break;
	case OPT_DRY_RUN:
		cli->dry_run = true;
		break;
	case OPT_DRIVER:
		cli->driver = optarg;
		break;
	case OPT_DEBUG:
		log_level = LOG_L_DEBUG;
		break;
	default:
		return take_print(cli, letter);
	}
	return err ? err : -1;
}

static const struct cli_option *find_option(int val)
{
	for (const struct cli_option *o = cli_options; o->help; o++)
		if (o->opt.val == val)
			return o;
	return NULL;
}

/* Says what is wrong with the word that getopt stopped at; optopt is the option, if it is one. */
static int refuse(int argc, char **argv, int letter)
{
	const struct cli_option *o = find_option(optopt);
	const char *word = argv[(optind < argc ? optind : argc) - 1]; /* musl counts past the end */
	char name[64];

	if (word[0] == '-' && word[1] == '-')
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	else
		snprintf(name, sizeof(name), "-%c", optopt);
	if (letter == ':' && o)
		log_error("%s: expected %s behind it", name, o->arg);
	else if (o)
		log_error("%s: expected no value", name);
	else
		log_error("%s: no such option; see tiercel --help", name);
	return EXIT_USAGE;
}

static const struct command *find_command(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/* The command that options stand for, as Falco has them, or the one that was named. */
static const struct command *meant(struct cli *cli, const struct command *named)
{
	if (cli->list)
		return find_command("list");
	if (cli->validate)
		return find_command("check");
	if (!named)
		log_error("expected a command; see tiercel --help");
	return named;
}

const struct command *cli_parse(struct cli *cli, int argc, char **argv, int *code)
{
	struct option longs[NOPTIONS] = {0};
	const struct command *command = NULL;
	int letter;

	memset(cli, 0, sizeof(*cli));
	for (size_t i = 0; i < NOPTIONS; i++)
		longs[i] = cli_options[i].opt;
	*code = EXIT_USAGE;
	if (argc > 1 && argv[1][0] != '-') {
		command = find_command(argv[1]);
		if (!command) {
			log_error("%s: no such command; see tiercel --help", argv[1]);
			return NULL;
		}
		optind = 2;
	}
	/* What follows the first word that is no option belongs to the program, where there is one: "+". */
	while ((letter =
			getopt_long(argc, argv, command && command->program ? "+" LETTERS : LETTERS,
				    longs, NULL)) != -1) {
		bool wrong = letter == '?' || letter == ':';
		int end = wrong ? refuse(argc, argv, letter) : take(cli, letter);

		if (end >= 0) {
			*code = end;
			return NULL;
		}
	}
	cli->rest = argv + optind;
	command = meant(cli, command);
	cli->command = command ? command->name : NULL;
	return command;
}

/*
 * The configuration's file; NULL: all options have their defaults. Not so where it was there
 * before: a reload between two names of it must not undo it. access(2) would ask without our
 * capability.
 */
static const char *config_path(const struct cli *cli)
{
	static bool was_there;
	struct stat st;

	if (cli->config || cli->validate)
		return cli->config;
	if (was_there || !stat(CLI_CONFIG, &st)) {
		was_there = true;
		return CLI_CONFIG;
	}
	/* Who lists rules asks for them alone. */
	if (strcmp(cli->command, "list"))
		log_info(CLI_CONFIG ": %s; options have their defaults", strerror(errno));
	return NULL;
}

int cli_config(const struct cli *cli, struct config *cfg, struct ini_error *err)
{
	const char *path = config_path(cli);
	int ret = 0;

	config_defaults(cfg);
	if (path)
		ret = config_file(cfg, path, err);
	for (int i = 0; !ret && i < cli->nset; i++)
		ret = config_set(cfg, cli->set[i], err);
	return ret ? ret : config_finish(cfg, err);
}
