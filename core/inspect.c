/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be said before anything is watched: see inspect.h. */
#include "inspect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "../driver/table.h"
#include "log.h"
#include "nearest.h"
#include "sensor.h"
#include "text.h"

#define PLAN_MAX 65536 /* bytes of what one rule needs of one type that are shown */

static void print_bytes(const char *what, uint32_t entries, size_t bytes)
{
	char count[16] = "";

	if (entries)
		snprintf(count, sizeof(count), "%u", entries);
	printf("%-24s %8s %10zu bytes\n", what, count, bytes);
}

static void print_memory(const struct config *cfg, const struct sensor_memory *m)
{
	size_t parts = 0;

	for (int i = 0; i < STATE_NPART; i++) {
		char name[48];

		snprintf(name, sizeof(name), "tables.%s", m->part[i].name);
		print_bytes(name, m->part[i].entries, m->part[i].bytes);
		parts += m->part[i].bytes;
	}
	print_bytes("tables.repeats", m->repeats ? (uint32_t)cfg->tables_repeats : 0, m->repeats);
	print_bytes("tables, what joins them", 0, m->tables - m->repeats - parts);
	print_bytes("rules, old and new", 0, m->rules);
	print_bytes("sinks", 0, m->sinks);
	print_bytes("memory in all", 0, m->tables + m->rules + m->sinks);
	print_bytes("kernel rings", 0, m->rings);
}

/* What all rules need of a type. */
struct need {
	enum plan most;
	uint64_t hash; /* of what is printed: types with the same stand together */
};

static bool same_need(const struct need *a, const struct need *b)
{
	return a->most == b->most && a->hash == b->hash;
}

/* What one rule needs, in memory that lasts until the next is asked. */
static enum plan plan_text(const struct rule *r, int type, struct text_buf *b)
{
	static char buf[PLAN_MAX];

	*b = (struct text_buf){buf, 0, sizeof(buf), false};
	return rule_plan(r, type, b);
}

static struct need need_of(struct ruleset *rs, int type)
{
	struct need need = {PLAN_NONE, FNV_START};
	struct text_buf b;

	for (int i = 0; i < ruleset_count(rs); i++) {
		enum plan plan = plan_text(ruleset_rule(rs, i), type, &b);

		need.most = plan > need.most ? plan : need.most;
		need.hash = fnv(need.hash, &plan, sizeof(plan));
		need.hash = fnv(need.hash, b.p, b.n);
	}
	return need;
}

/* The rules that need all events of a type; or, if none does, what each needs. */
static void print_need(struct ruleset *rs, int type, enum plan most)
{
	struct text_buf b;

	for (int i = 0; i < ruleset_count(rs); i++) {
		const struct rule *r = ruleset_rule(rs, i);

		if (plan_text(r, type, &b) != most)
			continue;
		printf("\t%s", r->name);
		if (most == PLAN_SOME)
			printf(": %.*s%s", (int)b.n, b.p, b.cut ? " [...]" : "");
		putchar('\n');
	}
}

/* What of each type a filter in the kernel would let pass for the rules. */
static void print_plan(struct ruleset *rs)
{
	static const char *const says[] = {": none", ": if", ": all, for"};
	struct need need[TRC_NTYPES];
	bool told[TRC_NTYPES] = {false};

	for (int t = TRC_NONE + 1; t < TRC_NTYPES; t++)
		need[t] = need_of(rs, t);
	for (int t = TRC_NONE + 1; t < TRC_NTYPES; t++) {
		if (told[t] || event_table[t].class == TRC_STATE)
			continue;
		for (int k = t; k < TRC_NTYPES; k++) {
			if (event_table[k].class == TRC_STATE || !same_need(&need[t], &need[k]))
				continue;
			printf(k == t ? "%s" : " %s", event_table[k].name);
			told[k] = true;
		}
		puts(says[need[t].most]);
		if (need[t].most != PLAN_NONE)
			print_need(rs, t, need[t].most);
	}
}

int inspect_check(const struct cli *cli)
{
	static struct config cfg;
	struct sensor_memory mem;
	struct ruleset *rules;
	int code = sensor_check(cli, &cfg, &rules);

	if (code)
		return code;
	if (!ruleset_count(rules))
		log_warn("no rules: nothing will alert");
	printf("good: %d rules, %d checks\n", ruleset_count(rules), ruleset_checks(rules));
	if (cli->plan)
		print_plan(rules);
	if (cli->validate || cli->plan)
		return EXIT_GOOD;
	sensor_memory(&cfg, &mem);
	print_memory(&cfg, &mem);
	return EXIT_GOOD;
}

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

	for (int i = 0; i < seen->n; i++)
		if (field_equal(&seen->ref[i], ref))
			return;
	if (seen->n < (int)(sizeof(seen->ref) / sizeof(seen->ref[0])))
		seen->ref[seen->n++] = *ref;
	printf(" %s", ref->field->name);
	if (ref->field->arg == FIELD_NAME)
		printf(".%.*s", (int)ref->name.n, ref->name.p);
	else if (ref->name.n)
		printf("[%.*s]", (int)ref->name.n, ref->name.p);
	else if (ref->field->arg == FIELD_INDEX_OPT && ref->index >= 0)
		printf("[%d]", ref->index);
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
	int code = sensor_check(cli, &cfg, &rules);
	bool on;

	if (code)
		return code;
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

/* Does it work here? Tries. A driver that traces is given a program: this one, and stops it. */
static bool probe_driver(const struct driver *d, const struct config *cfg)
{
	char *const program[] = {"true", NULL};
	struct driver_config dc = sensor_driver_config(cfg);
	char why[256] = "";
	bool works;

	if (d->flags & DRIVER_TRACES)
		dc.command = program;
	works = d->open(&dc, why, sizeof(why)) == 0;
	d->close();
	printf("%-8s %-5s %s%s%s\n", d->name, works ? "works" : "no", why,
	       works && *why ? "; " : "",
	       !works			? "" :
	       d->flags & DRIVER_TRACES ? "sees one program" :
					  "sees the whole machine");
	return works;
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
	struct utsname u;

	if (cli_config(cli, &cfg, &err)) {
		log_error("%s", err.text);
		return EXIT_CONFIG;
	}
	if (cli->driver && !driver_known(cli->driver)) {
		log_error("--driver: %s: no such driver; see tiercel list drivers", cli->driver);
		return EXIT_CONFIG;
	}
	if (!uname(&u))
		printf("machine  %s %s, %s; this program has %zu bits\n", u.sysname, u.release,
		       u.machine, sizeof(void *) * 8);
	for (int i = 0; (d = driver_list(i)) != NULL; i++)
		if (is_asked(cli, d) && probe_driver(d, &cfg) && !first)
			first = d;
	if (!first && !cli->driver)
		printf("no driver works here\n");
	else if (!cli->driver)
		printf("tiercel run %stakes %s\n",
		       first->flags & DRIVER_TRACES ? "-- PROGRAM " : "", first->name);
	return first ? EXIT_GOOD : EXIT_DRIVER;
}
