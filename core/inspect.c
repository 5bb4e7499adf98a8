/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be said before anything is watched: see inspect.h. */
#include "inspect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../driver/obstacle.h"
#include "../driver/table.h"
#include "log.h"
#include "nearest.h"
#include "sensor.h"

/* Prints a text of several lines, if there is one, as one line. */
static void print_line(const char *label, const char *text)
{
	if (!*text)
		return;
	printf("%s", label);
	for (bool blank = false; *text; text++) {
		bool is = *text == ' ' || *text == '\t' || *text == '\n';

		if (!is && blank)
			putchar(' ');
		if (!is)
			putchar(*text);
		blank = is;
	}
	putchar('\n');
}

/* Fields of a rule, each printed once: those of the checks before it are looked through. */
struct fields_seen {
	int n;
	struct field_ref ref[128];
};

static void print_field(void *arg, const struct field_ref *ref)
{
	struct fields_seen *seen = arg;
	char name[1024];

	for (int i = 0; i < seen->n; i++)
		if (field_equal(&seen->ref[i], ref))
			return;
	if (seen->n < (int)(sizeof(seen->ref) / sizeof(seen->ref[0])))
		seen->ref[seen->n++] = *ref;
	printf(" %s", field_ref_text(ref, name, sizeof(name)));
}

static void print_rule(const struct rule *r, bool on)
{
	static struct fields_seen seen;
	uint8_t wanted[TRC_NTYPES] = {0};

	printf("rule:     %s\n", r->name);
	print_line("desc:     ", r->desc);
	printf("priority: %s\n", priority_name[r->priority]);
	printf("enabled:  %s\n", on ? "on" : "off");
	print_line("tags:     ", r->tags);
	printf("defined:  %s:%d\n", r->place.file, r->place.line);
	printf("events:  ");
	rule_wants(r, wanted);
	for (int t = 0; t < TRC_NTYPES; t++)
		if (wanted[t])
			printf(" %s", event_table[t].name);
	printf("\nfields:  ");
	rule_fields(r, print_field, &seen);
	putchar('\n');
}

static const char *rule_name(int i, const void *arg)
{
	bool on;
	const struct rule *r = ruleset_read(arg, i, &on);

	return r ? r->name : NULL;
}

int inspect_rules(const struct cli *cli, const char *name)
{
	static struct config cfg;
	struct ruleset *rules;
	const struct rule *r;
	const char *near;
	struct ini_error err = {.text = ""};
	int code = sensor_check(cli, &cfg, &rules, &err);
	bool on;

	if (code) {
		sensor_explain(cli, &err);
		return code;
	}
	for (int i = 0; (r = ruleset_read(rules, i, &on)) != NULL; i++) {
		if (!name) {
			printf("%-13s %-3s %s\n", priority_name[r->priority], on ? "on" : "off",
			       r->name);
			print_line("                  ", r->desc);
			print_line("                  tags: ", r->tags);
		} else if (!strcmp(r->name, name)) {
			print_rule(r, on);
			return EXIT_GOOD;
		}
	}
	if (!name)
		return EXIT_GOOD;
	near = nearest(name, strlen(name), rule_name, rules);
	log_error("list rules: %s: no such rule" MEANT, name, MEANT_ARGS(near));
	return EXIT_USAGE;
}

bool inspect_works(const struct driver *d, const struct config *cfg, struct driver_verdict *v)
{
	char *const program[] = {"true", NULL};
	struct driver_config dc = sensor_driver_config(cfg);

	if (d->flags & DRIVER_TRACES)
		dc.command = program;
	driver_try(d, &dc, v);
	d->close();
	return v->works;
}

static bool probe_driver(const struct driver *d, const struct config *cfg)
{
	struct driver_verdict v;

	inspect_works(d, cfg, &v);
	printf("%-8s %-5s %s%s%s\n", d->name, v.works ? "works" : "no", v.why,
	       v.works && *v.why ? "; " : "",
	       !v.works			? "" :
	       d->flags & DRIVER_TRACES ? "sees one program" :
					  "sees the whole machine");
	if (*v.remedy)
		printf("         what helps: %s\n", v.remedy);
	return v.works;
}

/* The machine, as far as drivers depend on it. */
static void print_machine(void)
{
	struct utsname u;
	char lockdown[32];

	if (uname(&u))
		return;
	obstacle_lockdown(lockdown, sizeof(lockdown));
	printf("machine  %s %s, %s, pages of %ld KiB%s%s; this program has %zu bits\n", u.sysname,
	       u.release, u.machine, sysconf(_SC_PAGESIZE) / 1024, *lockdown ? ", lockdown " : "",
	       lockdown, sizeof(void *) * 8);
	printf("         %s\n", u.version);
}

/* Is it to be tried? Without --driver all that need no file are. */
static bool is_asked(const struct cli *cli, const struct driver *d)
{
	if (!cli->driver || !strcmp(cli->driver, "auto"))
		return d->flags & DRIVER_LIVE;
	return !strcmp(cli->driver, d->name);
}

int inspect_probe(const struct cli *cli)
{
	static struct config cfg;
	struct ini_error err = {.text = ""};
	const struct driver *d, *first = NULL;

	if (cli_config(cli, &cfg, &err)) {
		log_error("%s", err.text);
		return EXIT_CONFIG;
	}
	if (cli->driver && !driver_known(cli->driver)) {
		log_error("--driver: %s: no such driver; see tiercel list drivers", cli->driver);
		return EXIT_CONFIG;
	}
	print_machine();
	for (int i = 0; (d = driver_list(i)) != NULL; i++)
		if (is_asked(cli, d) && probe_driver(d, &cfg) && !first)
			first = d;
	if (!first && !cli->driver)
		printf("no driver works here\n");
	else if (!cli->driver)
		printf("tiercel run %stakes %s\n",
		       first->flags & DRIVER_TRACES ? "-- PROGRAM " : "", first->name);
	if (first && first->blind)
		printf("%s does not see: %s\n", first->name, first->blind);
	return first ? EXIT_GOOD : EXIT_DRIVER;
}
