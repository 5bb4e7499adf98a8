/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of this program, for people to read: see show.h. */
#include "show.h"

#include <stdio.h>

#include "../driver/driver.h"
#include "../driver/table.h"
#include "alert.h"
#include "config.h"
#include "field.h"
#include "stats.h"

static void list_events(void)
{
	for (int i = TRC_NONE + 1; i < TRC_NTYPES; i++) {
		const struct event_desc *d = &event_table[i];

		if (d->class == TRC_STATE)
			continue;
		printf("%-14s %-8s", d->name, d->class == TRC_CRITICAL ? "critical" : "bulk");
		for (int k = 0; k < d->nargs; k++)
			printf(" %s", d->args[k].name);
		putchar('\n');
	}
}

static void list_fields(void)
{
	static const char *const types[] = {
		[VAL_STR] = "string", [VAL_BYTES] = "bytes", [VAL_INT] = "number",
		[VAL_BOOL] = "bool",  [VAL_IP] = "address",  [VAL_PORT] = "port",
	};
	static const char *const args[] = {
		[FIELD_NOARG] = "", [FIELD_INDEX_OPT] = "[N]", [FIELD_NAME] = ".NAME"};
	const struct field *f;

	for (int i = 0; (f = field_list(i)) != NULL; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s%s", f->name, args[f->arg]);
		printf("%-20s %-8s %s\n", name, types[f->type], f->help);
	}
}

static void list_options(void)
{
	for (const struct option_row *o = option_rows; o->section; o++) {
		char name[64];

		snprintf(name, sizeof(name), "%s.%s", o->section, o->key);
		printf("%-24s %s", name, o->help);
		if (o->type == OPTION_NUMBER)
			printf(" (%ld to %ld)", o->least, o->most);
		for (int k = 0; o->words && o->words[k]; k++)
			printf("%s%s", k ? ", " : ": ", o->words[k]);
		printf("; default: %s\n", *o->def ? o->def : "empty");
	}
}

static void list_drivers(void)
{
	const struct driver *d;

	for (int i = 0; (d = driver_list(i)) != NULL; i++)
		printf("%-8s %s\n", d->name, d->help);
}

static void list_sinks(void)
{
	const struct sink *s;

	for (int i = 0; (s = sink_list(i)) != NULL; i++)
		printf("%-8s %s\n", s->name, s->help);
}

static void list_counters(void)
{
	for (const struct stats_row *row = stats_rows; row->name; row++)
		printf("%-16s %s\n", row->name, row->help);
}

const struct show_list show_lists[] = {
	{"events", list_events},
	{"fields", list_fields},
	{"options", list_options},
	{"drivers", list_drivers},
	{"sinks", list_sinks},
	{"counters", list_counters},
	{NULL, NULL},
};
