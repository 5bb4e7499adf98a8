/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration: options.def turned into a struct, a reader and a list. */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>

#include "ini.h"

#define CONFIG_STRING_MAX 1024 /* bytes of a string option, its NUL included */

enum {
#define STRING(section, key, ...) OPTION_##section##_##key,
#define NUMBER STRING
#define SWITCH STRING
#define CHOICE STRING
#include "options.def"
	OPTION_COUNT
};

struct config {
#define STRING(section, key, def, help) char section##_##key[CONFIG_STRING_MAX];
#define NUMBER(section, key, def, least, most, help) int section##_##key;
#define SWITCH(section, key, def, help) bool section##_##key;
#define CHOICE(section, key, def, words, help) int section##_##key;
#include "options.def"
	struct ini_place place[OPTION_COUNT]; /* where each was given; file = NULL: nowhere */
};

enum option_type { OPTION_STRING, OPTION_NUMBER, OPTION_SWITCH, OPTION_CHOICE };

struct option_row {
	const char *section, *key;
	const char *name; /* "section.key" */
	enum option_type type;
	const char *def; /* default, as text */
	long least, most;
	const char *const *words; /* of a choice, ended by NULL */
	const char *help;
	size_t offset; /* in struct config */
};

/* All rows, ended by one without a section. */
extern const struct option_row option_rows[];

/*
 * Messages name the option, its value and what was expected; of a section or
 * an option that there is none of, the nearest there is.
 */

/* Sets every option to its default. */
void config_defaults(struct config *cfg);

/*
 * Reads an INI file over what cfg holds. 0, or -errno with err filled and cfg as
 * it was. Newlines of a value that goes on become blanks.
 */
int config_file(struct config *cfg, const char *path, struct ini_error *err);

/*
 * Sets one option from "section.key=value", as -o gives it. 0, or -EINVAL with
 * err filled and cfg as it was.
 */
int config_set(struct config *cfg, const char *assignment, struct ini_error *err);

/* Where an option of this name was given, for messages. */
struct ini_place config_place(const struct config *cfg, const char *name);

/* Does an option hold from the next SIGHUP on, without a new start? */
bool config_is_live(const struct option_row *row);

/*
 * Takes over what of a configuration that was read anew can hold at once. The
 * names of others that differ go into later, separated by ", ".
 */
void config_update(struct config *cfg, const struct config *fresh, char *later, size_t size);

/*
 * Checks what options.def has no word for (rings are powers of two, ...). 0, or
 * -EINVAL with err filled.
 */
int config_finish(const struct config *cfg, struct ini_error *err);

#endif
