/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `tiercel check` says: see verdict.h. Text is a line of complaint or
 * warning on standard error and a table on standard output; JSON is one object
 * on standard output, with the same in it.
 */
#include "verdict.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alert.h"
#include "excerpt.h"
#include "inspect.h"
#include "log.h"
#include "nearest.h"
#include "needs.h"
#include "sensor.h"
#include "warn.h"

struct saying {
	const struct cli *cli;
	const struct config *cfg;
	bool asked; /* for the driver */
	const struct driver *driver;
	int n; /* members or elements of what is open in JSON */
};

/* JSON. */

static void json_text(struct str s)
{
	char buf[8192];

	fwrite(buf, 1, format_json_string(s, buf, sizeof(buf)), stdout);
}

static void json_next(struct saying *say)
{
	if (say->n++)
		putchar(',');
}

/* The name of a member: its value follows. */
static void json_name(struct saying *say, const char *name)
{
	json_next(say);
	json_text(str_of(name));
	putchar(':');
}

static void json_string(struct saying *say, const char *name, struct str s)
{
	json_name(say, name);
	json_text(s);
}

static void json_number(struct saying *say, const char *name, size_t n)
{
	json_name(say, name);
	printf("%zu", n);
}

/* What begins here is a member, or with name = NULL an element; it ends with json_close(). */
static void json_open(struct saying *say, const char *name, char bracket)
{
	if (name)
		json_name(say, name);
	else
		json_next(say);
	putchar(bracket);
	say->n = 0;
}

static void json_close(struct saying *say, char bracket)
{
	putchar(bracket);
	say->n = 1;
}

static void json_place(struct saying *say, const struct ini_place *at)
{
	if (at->file)
		json_string(say, "file", str_of(at->file));
	if (at->file && at->line > 0)
		json_number(say, "line", (size_t)at->line);
}

/* Where a text has a word for the last time; NULL if it has none. */
static const char *last(const char *text, const char *word)
{
	const char *found = NULL;

	while ((text = strstr(text, word)) != NULL)
		found = text++;
	return found;
}

/* The sentence of an error taken apart: WORD: what is wrong; expected what; did you mean that. */
static void json_sentence(struct saying *say, const struct ini_error *err)
{
	char place[sizeof(err->text)];
	const char *file = err->at.file ? err->at.file : "";
	int line = err->at.line;
	size_t n = (size_t)(line ? snprintf(place, sizeof(place), "%s:%d: ", file, line) :
				   snprintf(place, sizeof(place), "%s: ", file));
	const char *text = err->text, *meant, *expected;

	if (err->at.file && !strncmp(text, place, n))
		text += n;
	meant = last(text, MEANT_WORDS);
	expected = last(text, "expected ");
	json_string(say, "message", str_of(text));
	if (expected) {
		struct str s = str_of(expected + strlen("expected "));

		if (meant && meant > expected)
			s.n = (uint32_t)(meant - s.p);
		json_string(say, "expected", s);
	}
	if (meant)
		json_string(say, "suggestion", str_of(meant + strlen(MEANT_WORDS)));
}

static void json_error(struct saying *say, const struct ini_error *err)
{
	char word[INI_LINE_MAX];
	unsigned column = excerpt_word(err, word, sizeof(word));

	json_open(say, NULL, '{');
	json_place(say, &err->at);
	if (column) {
		json_number(say, "column", column);
		json_string(say, "word", str_of(word));
	}
	json_sentence(say, err);
	json_close(say, '}');
}

static void json_warning(struct saying *say, const struct warning *w)
{
	char text[LOG_MAX];

	warn_text(w, text, sizeof(text));
	json_open(say, NULL, '{');
	json_place(say, &w->at);
	if (*w->rule)
		json_string(say, "rule", str_of(w->rule));
	json_string(say, "kind", str_of(warn_rows[w->kind].name));
	json_string(say, "message", str_of(text));
	json_close(say, '}');
}

/* Warnings. */

/* The driver that would be started, as far as that can be told: who is not root cannot open all. */
static const struct driver *find_driver(const struct saying *say)
{
	const char *name = say->cli->driver ? say->cli->driver : say->cfg->sensor_driver;
	bool any = !strcmp(name, "auto");
	const struct driver *d;
	struct driver_verdict v;

	for (int i = 0; (d = driver_list(i)) != NULL; i++)
		if (any ? !geteuid() && d->flags & DRIVER_LIVE && inspect_works(d, say->cfg, &v) :
			  !strcmp(name, d->name))
			return d;
	return NULL;
}

static const char *able_driver(void)
{
	const struct driver *d;

	for (int i = 0; (d = driver_list(i)) != NULL; i++)
		if (d->flags & DRIVER_KERNEL)
			return d->name;
	return "none";
}

/* A warning of a field that the driver knows is none; a driver is only tried if there is such. */
static void take_warning(void *arg, const struct warning *given)
{
	struct saying *say = arg;
	struct warning w = *given;
	char what[256];

	if (w.kind == WARN_DRIVER) {
		if (!say->asked)
			say->driver = find_driver(say);
		say->asked = true;
		if (!say->driver || say->driver->flags & DRIVER_KERNEL)
			return;
		snprintf(what, sizeof(what), "%s, which driver %s cannot tell and %s can", w.what,
			 say->driver->name, able_driver());
		w.what = what;
	}
	if (say->cli->json)
		json_warning(say, &w);
	else
		warn_log(&w);
}

/* Memory. */

/* name: what it is called in JSON */
static void take_bytes(struct saying *say, const char *name, const char *what, uint32_t entries,
		       size_t bytes)
{
	char count[16] = "";

	if (say->cli->json) {
		json_number(say, name, bytes);
		return;
	}
	if (entries)
		snprintf(count, sizeof(count), "%u", entries);
	printf("%-24s %8s %10zu bytes\n", what, count, bytes);
}

static void say_memory(struct saying *say)
{
	const struct config *cfg = say->cfg;
	struct sensor_memory m;
	size_t parts = 0;

	sensor_memory(cfg, &m);
	for (int i = 0; i < STATE_NPART; i++) {
		char name[48];

		snprintf(name, sizeof(name), "tables.%s", m.part[i].name);
		take_bytes(say, name, name, m.part[i].entries, m.part[i].bytes);
		parts += m.part[i].bytes;
	}
	take_bytes(say, "tables.repeats", "tables.repeats",
		   m.repeats ? (uint32_t)cfg->tables_repeats : 0, m.repeats);
	take_bytes(say, "tables.joints", "tables, what joins them", 0,
		   m.tables - m.repeats - parts);
	take_bytes(say, "rules", "rules, old and new", 0, m.rules);
	take_bytes(say, "sinks", "sinks", 0, m.sinks);
	take_bytes(say, "all", "memory in all", 0, m.tables + m.rules + m.sinks);
	take_bytes(say, "rings", "kernel rings", 0, m.rings);
}

static void json_rules(struct saying *say, const struct ruleset *rules)
{
	bool on;
	int n = 0;

	while (rules && ruleset_read(rules, n, &on))
		n++;
	json_open(say, "rules", '{');
	json_number(say, "read", (size_t)n);
	json_number(say, "on", rules ? (size_t)ruleset_count(rules) : 0);
	json_number(say, "checks", rules ? (size_t)ruleset_checks(rules) : 0);
	json_close(say, '}');
}

static void say_json(struct saying *say, const struct ruleset *rules, const struct ini_error *err)
{
	printf("{\"ok\":%s", err ? "false" : "true");
	say->n = 1;
	json_open(say, "errors", '[');
	if (err)
		json_error(say, err);
	json_close(say, ']');
	json_open(say, "warnings", '[');
	if (!err)
		ruleset_warn(rules, !say->cfg->sensor_match, take_warning, say);
	json_close(say, ']');
	json_rules(say, err ? NULL : rules);
	if (!err && !say->cli->validate) {
		json_open(say, "memory", '{');
		say_memory(say);
		json_close(say, '}');
	}
	printf("}\n");
}

int verdict(const struct cli *cli)
{
	static struct config cfg;
	struct saying say = {.cli = cli, .cfg = &cfg};
	struct ini_error err = {.text = ""};
	struct ruleset *rules;
	int code;

	if (cli->json && cli->plan) {
		log_error(
			"--json: the plan is not to be had as JSON; expected one of --json and --plan");
		return EXIT_USAGE;
	}
	code = sensor_check(cli, &cfg, &rules, &err);
	if (cli->json) {
		say_json(&say, rules, code ? &err : NULL);
		return code;
	}
	if (code) {
		sensor_explain(cli, &err);
		return code;
	}
	ruleset_warn(rules, !cfg.sensor_match, take_warning, &say);
	printf("good: %d rules, %d checks\n", ruleset_count(rules), ruleset_checks(rules));
	if (cli->plan)
		needs_print(rules);
	else if (!cli->validate)
		say_memory(&say);
	return EXIT_GOOD;
}
