/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of this program, for people and for the manual: see show.h. */
#include "show.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../driver/driver.h"
#include "../driver/table.h"
#include "alert.h"
#include "cli.h"
#include "config.h"
#include "field.h"
#include "rule_int.h"
#include "stats.h"
#include "warn.h"

static bool as_man;
static int width;      /* of the column of names */
static bool measuring; /* rows are not printed: width becomes that of the longest name */

/* Prints a text so that roff has no word in it that means something. */
static void put_roff(const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", stdout);
	for (; *s; s++) {
		if (*s == '\\')
			fputs("\\e", stdout);
		else if (*s == '-')
			fputs("\\-", stdout);
		else
			putchar(*s);
	}
	putchar('\n');
}

/* One row: a name, and what there is to say of it. */
__attribute__((format(printf, 2, 3))) static void row(const char *name, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (measuring) {
		if (width < (int)strlen(name))
			width = (int)strlen(name);
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!as_man) {
		printf("%-*s %s\n", width, name, text);
		return;
	}
	fputs(".It Xo\n", stdout);
	put_roff(name);
	fputs(".Xc\n", stdout);
	put_roff(text);
}

static void list_events(void)
{
	for (int i = TRC_NONE + 1; i < TRC_NTYPES; i++) {
		const struct event_desc *d = &event_table[i];
		char args[512] = "";
		size_t n = 0;

		if (d->class == TRC_STATE)
			continue;
		for (int k = 0; k < d->nargs && n < sizeof(args); k++)
			n += (size_t)snprintf(args + n, sizeof(args) - n, " %s", d->args[k].name);
		row(d->name, "%-8s%s", d->class == TRC_CRITICAL ? "critical" : "bulk", args);
	}
}

static void list_fields(void)
{
	static const char *const args[] = {
		[FIELD_NOARG] = "",	[FIELD_INDEX_OPT] = "[N]", [FIELD_KEY_OPT] = "[NAME]",
		[FIELD_KEY] = "[NAME]", [FIELD_NAME] = ".NAME",	   [FIELD_PAIR] = ".NAME.KEY",
	};
	const struct field *f;

	for (int i = 0; (f = field_list(i)) != NULL; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s%s", f->name, args[f->arg]);
		row(name, "%-8s %s", value_type_name(f->type), f->help);
	}
}

static void list_operators(void)
{
	static const char *const takes[] = {
		[TAKES_NOTHING] = "no value", [TAKES_ONE] = "one value", [TAKES_LIST] = "a list"};

	for (const struct op_row *o = op_rows; o->name; o++) {
		char types[128] = "";
		size_t n = 0;

		for (unsigned t = VAL_STR; t <= VAL_HOST; t++)
			if (o->types >> t & 1)
				n += (size_t)snprintf(types + n, sizeof(types) - n, "%s%s",
						      n ? ", " : "", value_type_name(t));
		row(o->name, "takes %s; for fields of: %s", takes[o->takes], types);
	}
}

static void list_functions(void)
{
	static const char *const takes[] = {[FUNC_ONE] = "(VALUE)",
					    [FUNC_MORE] = "(VALUE,...)",
					    [FUNC_LIST] = "('STRING',(VALUE,...))",
					    [FUNC_OPTIONS] = "((VALUE,...),'OPTIONS')",
					    [FUNC_FIELD] = "(FIELD)"};

	for (const struct func_row *f = func_rows; f->name; f++) {
		char name[64];

		snprintf(name, sizeof(name), "%s%s", f->name, takes[f->takes]);
		row(name, "%s", f->help);
	}
}

static void list_options(void)
{
	for (const struct option_row *o = option_rows; o->section; o++) {
		char words[512] = "";
		size_t n = 0;

		if (o->type == OPTION_NUMBER)
			snprintf(words, sizeof(words), " (%ld to %ld)", o->least, o->most);
		for (int k = 0; o->words && o->words[k] && n < sizeof(words); k++)
			n += (size_t)snprintf(words + n, sizeof(words) - n, "%s%s", k ? ", " : ": ",
					      o->words[k]);
		row(o->name, "%s%s; default: %s%s", o->help, words, *o->def ? o->def : "empty",
		    config_is_live(o) ? "; a reload takes it" : "");
	}
}

static void list_drivers(void)
{
	const struct driver *d;

	for (int i = 0; (d = driver_list(i)) != NULL; i++)
		row(d->name, "%s", d->help);
}

static void list_sinks(void)
{
	const struct sink *s;

	for (int i = 0; (s = sink_list(i)) != NULL; i++)
		row(s->name, "%s", s->help);
}

static void list_counters(void)
{
	for (const struct stats_row *r = stats_rows; r->name; r++)
		row(r->name, "%s", r->help);
}

static void list_commands(void)
{
	for (const struct command *c = commands; c->name; c++) {
		char name[64];

		snprintf(name, sizeof(name), "%s%s%s", c->name, *c->args ? " " : "", c->args);
		row(name, "%s", c->help);
	}
}

static void list_arguments(void)
{
	for (const struct cli_option *o = cli_options; o->help; o++) {
		char name[64], *start = name;

		cli_option_name(o, name, sizeof(name));
		while (as_man && *start == ' ')
			start++;
		row(start, "%s", o->help);
	}
}

static void list_exits(void)
{
	for (const struct exit_row *x = exit_rows; x->help; x++) {
		char code[16];

		snprintf(code, sizeof(code), "%d", x->code);
		row(code, "%s", x->help);
	}
}

static void list_warnings(void)
{
	for (const struct warn_row *w = warn_rows; w->name; w++) {
		bool open = *w->behind || str_ends(str_of(w->before), STR(" "));

		row(w->name, "%s%s%s", w->before, open ? "..." : "", w->behind);
	}
}

void show(const struct show_list *l, bool man)
{
	as_man = man;
	width = 0;
	measuring = true;
	l->print();
	measuring = false;
	l->print();
}

const struct show_list show_lists[] = {
	{"events", list_events},
	{"fields", list_fields},
	{"operators", list_operators},
	{"functions", list_functions},
	{"options", list_options},
	{"drivers", list_drivers},
	{"sinks", list_sinks},
	{"counters", list_counters},
	{"commands", list_commands},
	{"arguments", list_arguments},
	{"exits", list_exits},
	{"warnings", list_warnings},
	{NULL, NULL},
};
