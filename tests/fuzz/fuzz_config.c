/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arbitrary text as sensor.ini, and each of its lines as an argument of -o. An
 * option holds what its row allows; a text that is refused changes nothing.
 */
#include "../../core/config.h"
#include "fuzz.h"

#define LINE_MAX_LEN 4096

static void check_option(const struct config *cfg, const struct option_row *row)
{
	const void *at = (const char *)cfg + row->offset;
	int words = 0;

	switch (row->type) {
	case OPTION_STRING:
		CHECK(memchr(at, 0, CONFIG_STRING_MAX) && !strchr(at, '\n'));
		break;
	case OPTION_NUMBER:
		CHECK(*(const int *)at >= row->least && *(const int *)at <= row->most);
		break;
	case OPTION_SWITCH:
		CHECK(*(const uint8_t *)at <= 1);
		break;
	case OPTION_CHOICE:
		while (row->words[words])
			words++;
		CHECK(*(const int *)at >= 0 && *(const int *)at < words);
		break;
	}
}

/* After a call that returned rc: before is what there was. */
static void check(int rc, const struct config *cfg, const struct config *before,
		  const struct ini_error *err)
{
	CHECK(!rc == !*err->text);
	CHECK(fuzz_message(err->text));
	CHECK(!rc || !memcmp(cfg, before, sizeof(*cfg)));
	for (const struct option_row *row = option_rows; row->section; row++)
		check_option(cfg, row);
}

static void set_lines(struct config *cfg, const uint8_t *data, size_t size)
{
	static struct config before;
	static char line[LINE_MAX_LEN];
	struct ini_error err;
	size_t n;

	for (size_t at = 0; at < size; at += n + 1) {
		const uint8_t *end = memchr(data + at, '\n', size - at);

		n = end ? (size_t)(end - data) - at : size - at;
		if (n >= sizeof(line))
			continue;
		memcpy(line, data + at, n);
		line[n] = '\0';
		before = *cfg;
		err = (struct ini_error){.text = ""};
		check(config_set(cfg, line, &err), cfg, &before, &err);
	}
}

/* A reload of what was read: options that a running sensor takes, and those that it names. */
static void reload(const struct config *fresh)
{
	static struct config cfg;
	char later[256];

	memset(&cfg, 0, sizeof(cfg));
	config_defaults(&cfg);
	config_update(&cfg, fresh, later, sizeof(later));
	CHECK(memchr(later, 0, sizeof(later)));
	for (const struct option_row *row = option_rows; row->section; row++)
		check_option(&cfg, row);
	config_update(&cfg, fresh, later, sizeof(later));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config cfg, before;
	static int fd = -1;
	struct ini_error err = {.text = ""};

	memset(&cfg, 0, sizeof(cfg));
	config_defaults(&cfg);
	before = cfg;
	check(config_file(&cfg, fuzz_file(&fd, data, size), &err), &cfg, &before, &err);
	set_lines(&cfg, data, size);
	reload(&cfg);
	err = (struct ini_error){.text = ""};
	check(config_finish(&cfg, &err), &cfg, &cfg, &err);
	return 0;
}
