/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration: its defaults, what is refused and in which words, and that
 * the shipped sensor.ini has each option of the table, with its default.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../core/config.h"
#include "unit.h"

static struct config cfg;
static struct ini_error err;

/* config_file() of a file with this text; messages call it "c.ini". */
static int read_text(const char *text)
{
	char dir[] = "/tmp/unit-config-XXXXXX";
	FILE *f;
	int rc;

	CHECK(mkdtemp(dir));
	CHECK_EQ(chdir(dir), 0);
	f = fopen("c.ini", "w");
	CHECK(f);
	fputs(text, f);
	fclose(f);
	rc = config_file(&cfg, "c.ini", &err);
	unlink("c.ini");
	rmdir(dir);
	return rc;
}

static void check_file_refused(const char *text, const char *want)
{
	CHECK_EQ(read_text(text), -EINVAL);
	CHECK_STR(&err.text[0], want);
}

static void check_set(const char *assignment)
{
	if (config_set(&cfg, assignment, &err))
		unit_fail(__FILE__, __LINE__, "refused: %s", err.text);
}

static void check_set_refused(const char *assignment, const char *want)
{
	CHECK_EQ(config_set(&cfg, assignment, &err), -EINVAL);
	CHECK_STR(&err.text[0], want);
}

static void defaults_are_those_of_the_table(void)
{
	memset(&cfg, 0xff, sizeof(cfg));
	config_defaults(&cfg);
	CHECK_STR(&cfg.sensor_rules[0], "/etc/tiercel/rules.d");
	CHECK_STR(&cfg.sensor_btf[0], "");
	CHECK_EQ(cfg.tables_processes, 2048);
	CHECK_EQ(cfg.stdout_enabled, true);
	CHECK_EQ(cfg.remote_enabled, false);
	CHECK_EQ(cfg.sensor_priority, 7);
	CHECK_EQ(cfg.syslog_facility, 10);
	CHECK_EQ(config_finish(&cfg, &err), 0);
}

static void every_default_is_one_that_can_be_set(void)
{
	char assignment[2048];
	struct config set;

	memset(&cfg, 0, sizeof(cfg));
	memset(&set, 0, sizeof(set));
	config_defaults(&set);
	for (const struct option_row *row = option_rows; row->section; row++) {
		snprintf(assignment, sizeof(assignment), "%s=%s", row->name, row->def);
		check_set(assignment);
		CHECK(*row->help);
	}
	CHECK(!memcmp(&cfg, &set, offsetof(struct config, place)));
}

static void set_takes_each_type(void)
{
	config_defaults(&cfg);
	check_set("remote.host=log.example=1");
	CHECK_STR(&cfg.remote_host[0], "log.example=1");
	check_set("remote.host=");
	CHECK_STR(&cfg.remote_host[0], "");
	check_set("tables.processes=64");
	CHECK_EQ(cfg.tables_processes, 64);
	check_set("tables.processes=65536");
	CHECK_EQ(cfg.tables_processes, 65536);
	check_set("remote.enabled=on");
	CHECK_EQ(cfg.remote_enabled, true);
	check_set("remote.enabled=off");
	CHECK_EQ(cfg.remote_enabled, false);
	check_set("syslog.facility=local7");
	CHECK_EQ(cfg.syslog_facility, 23);
}

static void set_refuses_wrong_numbers(void)
{
	static const char *const values[] = {"63",  "65537", "-64", "+64", " 64",
					     "64 ", "0x100", "",    "1e3", "99999999999999999999",
					     "64k"};
	char assignment[64], want[256];

	config_defaults(&cfg);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		snprintf(assignment, sizeof(assignment), "tables.processes=%s", values[i]);
		snprintf(want, sizeof(want),
			 "-o %s: tables.processes: expected a number from 64 to 65536, not \"%s\"",
			 assignment, values[i]);
		check_set_refused(assignment, want);
	}
	CHECK_EQ(cfg.tables_processes, 2048);
}

static void set_refuses_wrong_words(void)
{
	config_defaults(&cfg);
	check_set_refused("stdout.enabled=yes",
			  "-o stdout.enabled=yes: stdout.enabled: expected on or off, not \"yes\"");
	CHECK_EQ(cfg.stdout_enabled, true);
	check_set_refused(
		"stdout.format=JSON",
		"-o stdout.format=JSON: stdout.format: expected one of text, json, not \"JSON\"");
	check_set_refused(
		"time.zone=\x1b",
		"-o time.zone=\\x1b: time.zone: expected one of local, utc, not \"\\x1b\"");
	CHECK_EQ(config_set(&cfg, "syslog.facility=x", &err), -EINVAL);
	CHECK(strstr(err.text, ": expected one of kern, user, mail, "));
	CHECK(strstr(err.text, ", local6, local7, not \"x\""));
}

static void set_refuses_long_text(void)
{
	char assignment[CONFIG_STRING_MAX + 64];

	config_defaults(&cfg);
	sprintf(assignment, "sensor.btf=%0*d", CONFIG_STRING_MAX - 1, 0);
	check_set(assignment);
	sprintf(assignment, "sensor.btf=%0*d", CONFIG_STRING_MAX, 0);
	CHECK_EQ(config_set(&cfg, assignment, &err), -EINVAL);
	CHECK(strstr(err.text, "sensor.btf: expected at most 1023 bytes, not \"000"));
}

static void set_refuses_names_it_does_not_know(void)
{
	char assignment[1024];

	check_set_refused("tables.processes", "-o tables.processes: expected section.key=value");
	check_set_refused("tables.procesess=1", "-o tables.procesess=1: tables.procesess: no such "
						"option; did you mean tables.processes");
	check_set_refused(
		"tabels.users=1",
		"-o tabels.users=1: tabels.users: no such option; did you mean tables.users");
	check_set_refused("=1", "-o =1: : no such option");
	check_set_refused("a.b=1", "-o a.b=1: a.b: no such option");
	sprintf(assignment, "%01000d=1", 0);
	CHECK_EQ(config_set(&cfg, assignment, &err), -EINVAL);
	CHECK(str_ends(str_of(err.text), STR(": no such option")));
}

static void file_sets_what_it_has(void)
{
	config_defaults(&cfg);
	CHECK_EQ(read_text("[sensor]\nrules = /a\n  /b\n[tables]\nusers = 99\n[sensor]\nbtf = x\n"),
		 0);
	CHECK_STR(&cfg.sensor_rules[0], "/a /b");
	CHECK_STR(&cfg.sensor_btf[0], "x");
	CHECK_EQ(cfg.tables_users, 99);
	CHECK_EQ(cfg.tables_files, 256);
}

static void file_with_an_error_sets_nothing(void)
{
	static struct config before;

	memset(&cfg, 0, sizeof(cfg));
	config_defaults(&cfg);
	before = cfg;
	check_file_refused("[tables]\nusers = 99\nfiles = 1\n",
			   "c.ini:3: tables.files: expected a number from 16 to 4096, not \"1\"");
	CHECK(!memcmp(&cfg, &before, sizeof(cfg)));
	CHECK_EQ(config_file(&cfg, "/no/such.ini", &err), -ENOENT);
	CHECK_STR(&err.text[0], "/no/such.ini: No such file or directory");
}

static void file_refuses_names_it_does_not_know(void)
{
	check_file_refused("[tabels]\nusers = 1\n",
			   "c.ini:1: tabels: no such section; did you mean tables");
	check_file_refused("[rule]\n", "c.ini:1: rule: no such section");
	check_file_refused("[tables]\nuser = 99\n",
			   "c.ini:2: tables.user: no such option; did you mean tables.users");
	check_file_refused("[tables]\nsomething = 1\n",
			   "c.ini:2: tables.something: no such option");
	check_file_refused("[tables two]\n", "c.ini:1: tables: expected ] behind it, not \"two\"");
	check_file_refused("[time]\nzone = a\n b\n",
			   "c.ini:2: time.zone: expected one of local, utc, not \"a\\x0ab\"");
}

static void file_refuses_an_option_given_twice(void)
{
	check_file_refused("[tables]\nusers = 99\n[time]\n[tables]\nusers = 99\n",
			   "c.ini:5: tables.users: given twice, first in line 2");
}

static void check_finish(const char *assignment, const char *want)
{
	config_defaults(&cfg);
	check_set(assignment);
	CHECK_EQ(config_finish(&cfg, &err), *want ? -EINVAL : 0);
	if (*want)
		CHECK_STR(&err.text[strlen("-o: ")], want);
}

static void finish_checks_what_single_options_cannot_tell(void)
{
	char socket[256];

	check_finish("ring.bulk_kib=1000", "ring.bulk_kib: expected a power of two, not \"1000\"");
	check_finish("ring.critical_kib=65535",
		     "ring.critical_kib: expected a power of two, not \"65535\"");
	check_finish("ring.critical_kib=65536", "");
	check_finish("tables.long_processes=2049",
		     "tables.long_processes: expected at most tables.processes, not \"2049\"");
	check_finish("tables.long_processes=2048", "");
	check_finish("sensor.rules= \t",
		     "sensor.rules: expected a file or directory, not \" \\x09\"");
	check_finish("sensor.driver=", "sensor.driver: expected auto or a driver's name, not \"\"");
	check_finish("sensor.user=", "");
	check_finish("syslog.tag=",
		     "syslog.tag: expected 1 to 32 letters, digits, - and _, not \"\"");
	check_finish("syslog.tag=a b",
		     "syslog.tag: expected 1 to 32 letters, digits, - and _, not \"a b\"");
	check_finish("syslog.tag=Abcdefghijklmnop-_0123456789_xyz", "");
	CHECK_EQ(strlen(cfg.syslog_tag), 32);
	check_finish("syslog.tag=Abcdefghijklmnop-_0123456789_xyz4",
		     "syslog.tag: expected 1 to 32 letters, digits, - and _, not "
		     "\"Abcdefghijklmnop-_0123456789_xyz4\"");
	check_finish("remote.host=fe80::1%eth0", "");
	check_finish("remote.host=log_1.example", "");
	check_finish("remote.host=", "remote.host: expected an address or a name alone, not \"\"");
	check_finish("syslog.socket=",
		     "syslog.socket: expected a path of 1 to 107 bytes, not \"\"");
	sprintf(socket, "syslog.socket=/%0106d", 0);
	check_finish(socket, "");
	strcat(socket, "0");
	check_set(socket);
	CHECK_EQ(config_finish(&cfg, &err), -EINVAL);
}

/* What sensor.ini was seen to have. */
struct shipped {
	const char *section;
	bool seen[256];
};

static int on_section(void *arg, struct ini_place at, const char *kind, const char *name,
		      struct ini_error *e)
{
	struct shipped *s = arg;

	(void)name;
	for (const struct option_row *row = option_rows; row->section; row++)
		if (!strcmp(row->section, kind)) {
			s->section = row->section;
			return 0;
		}
	return ini_fail(e, at, "[%s]: not in the table", kind);
}

static int on_key(void *arg, struct ini_place at, struct ini_place value_at, const char *key,
		  const char *value, struct ini_error *e)
{
	struct shipped *s = arg;

	(void)value_at;
	for (size_t i = 0; option_rows[i].section; i++) {
		const struct option_row *row = &option_rows[i];

		if (strcmp(row->section, s->section) || strcmp(row->key, key))
			continue;
		s->seen[i] = true;
		return strcmp(value, row->def) ?
			       ini_fail(e, at, "%s: not \"%s\", its default", key, row->def) :
			       0;
	}
	return ini_fail(e, at, "%s: not in the table", key);
}

/* TIERCEL_ROOT is the source tree, the current directory unless set. */
static void shipped_file_has_each_option_with_its_default(void)
{
	const char *root = getenv("TIERCEL_ROOT");
	struct shipped s = {0};
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sensor.ini", root ? root : ".");
	if (ini_file(path, &(struct ini_reader){on_section, on_key, &s}, &err))
		unit_fail(__FILE__, __LINE__, "%s", err.text);
	for (size_t i = 0; option_rows[i].section; i++)
		if (!s.seen[i])
			unit_fail(__FILE__, __LINE__, "%s: not in sensor.ini", option_rows[i].name);
	config_defaults(&cfg);
	CHECK_EQ(config_file(&cfg, path, &err), 0);
}

static void update_takes_what_can_hold_at_once(void)
{
	static struct config fresh;
	char later[64];

	config_defaults(&cfg);
	config_defaults(&fresh);
	config_update(&cfg, &fresh, later, sizeof(later));
	CHECK_STR(later, "");
	CHECK_EQ(config_set(&fresh, "sensor.rules=/else", &err), 0);
	CHECK_EQ(config_set(&fresh, "sensor.match=all", &err), 0);
	CHECK_EQ(config_set(&fresh, "tables.users=99", &err), 0);
	CHECK_EQ(config_set(&fresh, "stdout.enabled=off", &err), 0);
	CHECK_EQ(config_set(&fresh, "syslog.tag=else", &err), 0);
	config_update(&cfg, &fresh, later, sizeof(later));
	CHECK_STR(later, "tables.users, stdout.enabled, syslog.tag");
	CHECK_STR(cfg.sensor_rules, "/else");
	CHECK_EQ(cfg.sensor_match, 1);
	CHECK_EQ(cfg.tables_users, 256);
	CHECK_EQ(cfg.stdout_enabled, true);
	CHECK_STR(cfg.syslog_tag, "tiercel");
	/* What does not fit is cut. */
	config_update(&cfg, &fresh, later, 8);
	CHECK_STR(later, "tables.");
}

const struct unit_test tests_config[] = {
	TEST(defaults_are_those_of_the_table),
	TEST(every_default_is_one_that_can_be_set),
	TEST(set_takes_each_type),
	TEST(set_refuses_wrong_numbers),
	TEST(set_refuses_wrong_words),
	TEST(set_refuses_long_text),
	TEST(set_refuses_names_it_does_not_know),
	TEST(file_sets_what_it_has),
	TEST(file_with_an_error_sets_nothing),
	TEST(file_refuses_names_it_does_not_know),
	TEST(file_refuses_an_option_given_twice),
	TEST(finish_checks_what_single_options_cannot_tell),
	TEST(shipped_file_has_each_option_with_its_default),
	TEST(update_takes_what_can_hold_at_once),
	{0},
};
