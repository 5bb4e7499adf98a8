/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration. The rows of options.def become a table, and whatever sets
 * an option (its default, the file, -o) goes through set_option().
 */
#include "config.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "feed_source.h"
#include "nearest.h"
#include "throttle.h"

/* Bytes of "section.key". A longer one is none of ours, and is cut in messages. */
#define NAME_SIZE 128

/*
 * Each of these makes names of its arguments itself: handed on to a macro that
 * they share, "stdout" would be what <stdio.h> defines it as.
 */
/* clang-format off */
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define STRING(section, key, def, help) \
	{#section, #key, #section "." #key, OPTION_STRING, def, 0, CONFIG_STRING_MAX - 1, NULL, \
	 help, offsetof(struct config, section##_##key)},
#define NUMBER(section, key, def, least, most, help) \
	{#section, #key, #section "." #key, OPTION_NUMBER, #def, least, most, NULL, help, \
	 offsetof(struct config, section##_##key)},
#define SWITCH(section, key, def, help) \
	{#section, #key, #section "." #key, OPTION_SWITCH, def, 0, 0, NULL, help, \
	 offsetof(struct config, section##_##key)},
#define CHOICE(section, key, def, words, help) \
	{#section, #key, #section "." #key, OPTION_CHOICE, def, 0, 0, WORDS words, help, \
	 offsetof(struct config, section##_##key)},
/* clang-format on */

const struct option_row option_rows[] = {
#include "options.def"
	{0},
};
#define OPTIONS (sizeof(option_rows) / sizeof(option_rows[0]) - 1)

#define LIVE(section, key) #section "." #key,
static const char *const live[] = {
#include "options.def"
};

static bool set_string(char *to, const char *value, long most)
{
	size_t n = strlen(value);

	if (n > (size_t)most)
		return false;
	memcpy(to, value, n + 1);
	for (; *to; to++)
		if (*to == '\n')
			*to = ' ';
	return true;
}

static bool set_number(int *to, const char *value, long least, long most)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)*value)) /* no blank, no sign: no option is negative */
		return false;
	n = strtol(value, &end, 10); /* too big a one gives LONG_MAX */
	if (*end || n < least || n > most)
		return false;
	*to = (int)n;
	return true;
}

static bool set_switch(bool *to, const char *value)
{
	bool on = !strcmp(value, "on");

	if (!on && strcmp(value, "off"))
		return false;
	*to = on;
	return true;
}

static bool set_choice(int *to, const char *value, const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		if (!strcmp(value, words[i])) {
			*to = i;
			return true;
		}
	}
	return false;
}

static bool set_option(struct config *cfg, const struct option_row *row, const char *value)
{
	void *to = (char *)cfg + row->offset;

	switch (row->type) {
	case OPTION_STRING:
		return set_string(to, value, row->most);
	case OPTION_NUMBER:
		return set_number(to, value, row->least, row->most);
	case OPTION_SWITCH:
		return set_switch(to, value);
	case OPTION_CHOICE:
		return set_choice(to, value, row->words);
	}
	return false;
}

/* "a number from 1 to 65535" */
static void describe(const struct option_row *row, char *buf, size_t size)
{
	size_t n;

	switch (row->type) {
	case OPTION_STRING:
		snprintf(buf, size, "at most %ld bytes", row->most);
		break;
	case OPTION_NUMBER:
		snprintf(buf, size, "a number from %ld to %ld", row->least, row->most);
		break;
	case OPTION_SWITCH:
		snprintf(buf, size, "on or off");
		break;
	case OPTION_CHOICE:
		n = (size_t)snprintf(buf, size, "one of %s", row->words[0]);
		for (int i = 1; row->words[i] && n < size; i++)
			n += (size_t)snprintf(buf + n, size - n, ", %s", row->words[i]);
		break;
	}
}

static int fail_value(struct ini_error *err, struct ini_place at, const char *name,
		      const char *value, const char *expected)
{
	return ini_fail(err, at, "%s: expected %s, not \"%.100s\"", name, expected, value);
}

static int fail_unknown(struct ini_error *err, struct ini_place at, const char *what,
			const char *word, const char *(*known)(int i, const void *arg))
{
	const char *near = nearest(word, strlen(word), known, NULL);

	if (near)
		return ini_fail(err, at, "%.100s: no such %s; did you mean %s", word, what, near);
	return ini_fail(err, at, "%.100s: no such %s", word, what);
}

static const char *option_name(int i, const void *arg)
{
	(void)arg;
	return option_rows[i].name;
}

static const char *option_section(int i, const void *arg)
{
	(void)arg;
	return option_rows[i].section;
}

static const struct option_row *find_option(const char *name)
{
	for (const struct option_row *row = option_rows; row->section; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

/* Sets an option by its name; *row is the one that it was. */
static int set_named(struct config *cfg, struct ini_place at, const char *name, const char *value,
		     const struct option_row **row, struct ini_error *err)
{
	char expected[256];

	*row = find_option(name);
	if (!*row)
		return fail_unknown(err, at, "option", name, option_name);
	if (set_option(cfg, *row, value)) {
		cfg->place[*row - option_rows] = at;
		return 0;
	}
	describe(*row, expected, sizeof(expected));
	return fail_value(err, at, name, value, expected);
}

/* What config_file() is at. */
struct reading {
	struct config *cfg;
	const char *section;
	int line[OPTIONS]; /* where an option was given, 0 = not yet */
};

static int read_section(void *arg, struct ini_place at, const char *kind, const char *name,
			struct ini_error *err)
{
	struct reading *rd = arg;

	if (*name)
		return ini_fail(err, at, "%.100s: expected ] behind it, not \"%.100s\"", kind,
				name);
	for (const struct option_row *row = option_rows; row->section; row++) {
		if (!strcmp(row->section, kind)) {
			rd->section = row->section;
			return 0;
		}
	}
	return fail_unknown(err, at, "section", kind, option_section);
}

static int read_key(void *arg, struct ini_place at, struct ini_place value_at, const char *key,
		    const char *value, struct ini_error *err)
{
	struct reading *rd = arg;
	const struct option_row *row;
	char name[NAME_SIZE];
	int rc, *line;

	snprintf(name, sizeof(name), "%s.%s", rd->section, key);
	rc = set_named(rd->cfg, value_at, name, value, &row, err);
	if (rc)
		return rc;
	line = &rd->line[row - option_rows];
	if (*line) /* ini.c sees it within a section, but not in two of the same name */
		return ini_fail(err, at, "%s: given twice, first in line %d", name, *line);
	*line = at.line;
	return 0;
}

struct ini_place config_place(const struct config *cfg, const char *name)
{
	return cfg->place[find_option(name) - option_rows];
}

void config_defaults(struct config *cfg)
{
	memset(cfg->place, 0, sizeof(cfg->place));
	for (const struct option_row *row = option_rows; row->section; row++)
		set_option(cfg, row, row->def);
}

int config_file(struct config *cfg, const char *path, struct ini_error *err)
{
	struct config copy = *cfg;
	struct reading rd = {.cfg = &copy};
	int rc = ini_file(path, &(struct ini_reader){read_section, read_key, &rd}, err);

	if (!rc)
		*cfg = copy;
	return rc;
}

int config_set(struct config *cfg, const char *assignment, struct ini_error *err)
{
	const char *equals = strchr(assignment, '=');
	char from[NAME_SIZE], name[NAME_SIZE];
	const struct option_row *row;
	int rc;

	snprintf(from, sizeof(from), "-o %s", assignment);
	if (equals) {
		snprintf(name, sizeof(name), "%.*s", (int)(equals - assignment), assignment);
		rc = set_named(cfg, (struct ini_place){from, 0}, name, equals + 1, &row, err);
	} else {
		rc = ini_fail(err, (struct ini_place){from, 0}, "expected section.key=value");
	}
	/* All that lives on of where it was. */
	if (rc)
		err->at.file = "-o";
	else
		cfg->place[row - option_rows].file = "-o";
	return rc;
}

static bool power_of_two(int n) /* none is below 1 */
{
	return !(n & (n - 1));
}

/* Has a text most bytes at most, and something but blanks? */
static bool filled(const char *text, size_t most)
{
	return text[strspn(text, " \t")] && strlen(text) <= most;
}

/* May it stand before "[PID]:" in a syslog message? (RFC 3164, section 4.1.3) */
static bool is_tag(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

	return n && n <= 32 && !text[n];
}

/* May it be an address, or a name? What people put around one, or behind it, never resolves. */
static bool is_host(const char *text)
{
	const char *colon = strchr(text, ':');

	return filled(text, CONFIG_STRING_MAX) && !strpbrk(text, " \t\"'[]/,;") &&
	       (!colon || strchr(colon + 1, ':'));
}

/* What an option's value does not meet, told with the value. */
static int fail_option(const struct config *cfg, const char *name, const char *expected,
		       struct ini_error *err)
{
	const struct option_row *row = find_option(name);
	const void *value = (const char *)cfg + row->offset;
	char number[16];

	if (row->type == OPTION_NUMBER) {
		snprintf(number, sizeof(number), "%d", *(const int *)value);
		value = number;
	}
	return fail_value(err, config_place(cfg, name), name, value, expected);
}

bool config_is_live(const struct option_row *row)
{
	for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++)
		if (!strcmp(live[i], row->name))
			return true;
	return false;
}

/* Bytes of an option in struct config that say what it is. */
static size_t option_size(const struct option_row *row, const void *value)
{
	switch (row->type) {
	case OPTION_STRING:
		return strlen(value) + 1;
	case OPTION_SWITCH:
		return sizeof(bool);
	default:
		return sizeof(int);
	}
}

void config_update(struct config *cfg, const struct config *fresh, char *later, size_t size)
{
	size_t used = 0;

	*later = '\0';
	for (const struct option_row *row = option_rows; row->section; row++) {
		char *to = (char *)cfg + row->offset;
		const char *from = (const char *)fresh + row->offset;
		size_t n = option_size(row, from);

		if (!memcmp(to, from, n))
			continue;
		if (config_is_live(row))
			memcpy(to, from, n);
		else if (used < size)
			used += (size_t)snprintf(later + used, size - used, "%s%s",
						 used ? ", " : "", row->name);
	}
}

int config_finish(const struct config *cfg, struct ini_error *err)
{
	struct throttle_limit limit;
	struct feed_source sources[FEED_SOURCES];
	const struct {
		const char *name, *expected;
		bool met;
	} demands[] = {
		{"sensor.rules", "a file or directory",
		 filled(cfg->sensor_rules, CONFIG_STRING_MAX)},
		{"sensor.driver", "auto or a driver's name",
		 filled(cfg->sensor_driver, CONFIG_STRING_MAX)},
		{"tables.long_processes", "at most tables.processes",
		 cfg->tables_long_processes <= cfg->tables_processes},
		{"ring.bulk_kib", "a power of two", power_of_two(cfg->ring_bulk_kib)},
		{"ring.critical_kib", "a power of two", power_of_two(cfg->ring_critical_kib)},
		{"alerts.throttle", THROTTLE_EXPECTED,
		 throttle_parse(str_of(cfg->alerts_throttle), &limit)},
		{"feed.socket", "a path of at most 107 bytes, or nothing",
		 strlen(cfg->feed_socket) < sizeof((struct sockaddr_un){0}.sun_path)},
		{"feed.sources",
		 "NAME:USER or NAME:USER:records, at most " QUOTED(
			 FEED_SOURCES) ", separated by blanks, and one if there is a feed.socket",
		 feed_sources(cfg->feed_sources, sources) >= (*cfg->feed_socket != 0)},
		{"feed.rate", "MESSAGES/SECONDS with numbers from 1 to 86400",
		 throttle_parse(str_of(cfg->feed_rate), &limit) && limit.alerts},
		{"syslog.socket", "a path of 1 to 107 bytes",
		 filled(cfg->syslog_socket, sizeof((struct sockaddr_un){0}.sun_path) - 1)},
		{"syslog.tag", "1 to 32 letters, digits, - and _", is_tag(cfg->syslog_tag)},
		{"remote.host", "an address or a name alone", is_host(cfg->remote_host)},
	};

	for (size_t i = 0; i < sizeof(demands) / sizeof(demands[0]); i++)
		if (!demands[i].met)
			return fail_option(cfg, demands[i].name, demands[i].expected, err);
	return 0;
}
