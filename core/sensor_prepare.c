/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the sensor is told to do, and the memory for it: configuration and rules
 * are read at the start, and again at a reload. All memory is had at the start,
 * in one piece of the size that `tiercel check` foretells.
 */
#include <errno.h>
#include <string.h>

#include "feeds.h"
#include "hosts.h"
#include "log.h"
#include "marks.h"
#include "privilege.h"
#include "report.h"
#include "sensor_int.h"
#include "warn.h"

static uint64_t bytes(int kib)
{
	return (uint64_t)kib * 1024;
}

static struct state_config table_sizes(const struct config *cfg)
{
	return (struct state_config){
		.procs = (uint32_t)cfg->tables_processes,
		.fars = (uint32_t)cfg->tables_long_processes,
		.fds = (uint32_t)cfg->tables_descriptors,
		.users = (uint32_t)cfg->tables_users,
		.files = (uint32_t)cfg->tables_files,
		.envs = (uint32_t)cfg->tables_environments,
		.groups = (uint32_t)cfg->tables_groups,
		.names = (uint32_t)cfg->tables_names,
		.containers = (uint32_t)cfg->tables_containers,
	};
}

void sensor_memory(const struct config *cfg, struct sensor_memory *out)
{
	struct state_config sizes = table_sizes(cfg);

	state_parts(&sizes, out->part);
	out->repeats = engine_size(cfg);
	out->tables = state_size(&sizes) + out->repeats;
	out->rules = 2 * (size_t)bytes(cfg->tables_rules_kib);
	out->sinks = sinks_size(cfg);
	out->rings = (size_t)(bytes(cfg->ring_bulk_kib) + bytes(cfg->ring_critical_kib));
}

struct driver_config sensor_driver_config(const struct config *cfg)
{
	return (struct driver_config){
		.btf = cfg->sensor_btf,
		.kprobes = cfg->bpf_kprobes,
		.module_load = cfg->module_load,
		.module_path = cfg->module_path,
		.ring = {(uint32_t)bytes(cfg->ring_bulk_kib),
			 (uint32_t)bytes(cfg->ring_critical_kib)},
	};
}

/* Where rules are read from: -r, or the words of sensor.rules. */
static int rule_paths(struct sensor *s, const struct config *cfg, struct ini_error *err)
{
	char *save = NULL;

	s->npaths = s->cli->nrules;
	memcpy(s->paths, s->cli->rules, sizeof(s->paths));
	if (s->npaths)
		return 0;
	memcpy(s->path_text, cfg->sensor_rules, sizeof(s->path_text));
	for (char *p = strtok_r(s->path_text, " \t", &save); p; p = strtok_r(NULL, " \t", &save)) {
		if (s->npaths == CLI_RULES_MAX)
			return ini_fail(err, (struct ini_place){0},
					"sensor.rules: expected at most %d paths", CLI_RULES_MAX);
		s->paths[s->npaths++] = p;
	}
	return 0;
}

static struct ruleset *load_rules(struct sensor *s, int half, const struct config *cfg,
				  struct ini_error *err)
{
	struct ruleset *rules;
	int hosts, most = s->cfg.tables_names; /* the table stays as it was at the start */

	if (rule_paths(s, cfg, err))
		return NULL;
	arena_reset(&s->rules[half]);
	rules = ruleset_load(&s->rules[half], s->paths, s->npaths,
			     (enum priority)cfg->sensor_priority, err);
	if (!rules || (ruleset_hosts(rules, &hosts), hosts <= most))
		return rules;
	ini_fail(err, (struct ini_place){0},
		 "rules name %d hosts, and tables.names has room for %d", hosts, most);
	return NULL;
}

int sensor_prepare(struct sensor *s, const struct cli *cli, struct ini_error *err)
{
	struct sensor_memory mem;
	size_t all;

	s->cli = cli;
	if (cli_config(cli, &s->cfg, err))
		return EXIT_CONFIG;
	sensor_memory(&s->cfg, &mem);
	all = mem.tables + mem.rules + mem.sinks;
	if (arena_map(&s->arena, all + 4096) ||
	    arena_split(&s->arena, &s->rules[0], mem.rules / 2) ||
	    arena_split(&s->arena, &s->rules[1], mem.rules / 2)) {
		ini_fail(err, (struct ini_place){0},
			 "tables, rules and spools of %zu bytes do not fit: there is room for %zu",
			 all, arena_most(all + 4096));
		return EXIT_SYSTEM;
	}
	s->engine.rules = load_rules(s, s->half, &s->cfg, err);
	return s->engine.rules ? EXIT_GOOD : EXIT_CONFIG;
}

/* Says what is wrong with a value that no option's row can judge. */
static int refuse(struct ini_error *err, struct ini_place at, const char *value, const char *why)
{
	ini_fail(err, at, "%s: %s", value, why);
	return EXIT_CONFIG;
}

int sensor_judge(const struct sensor *s, struct ini_error *err)
{
	const char *driver = s->cli->driver ? s->cli->driver : s->cfg.sensor_driver;

	if (!driver_known(driver))
		return refuse(err,
			      s->cli->driver ? (struct ini_place){"--driver", 0} :
					       config_place(&s->cfg, "sensor.driver"),
			      driver, "no such driver; see tiercel list drivers");
	if (privilege_check(s->cfg.sensor_user))
		return refuse(err, config_place(&s->cfg, "sensor.user"), s->cfg.sensor_user,
			      "no such user (empty: stay who started it)");
	if (feeds_unknown_user(&s->cfg))
		return refuse(err, config_place(&s->cfg, "feed.sources"),
			      feeds_unknown_user(&s->cfg), "no such user");
	return EXIT_GOOD;
}

/* Not what is said otherwise, what the driver will show, and what may well be meant. */
static void say_warning(void *arg, const struct warning *w)
{
	(void)arg;
	if (w->kind != WARN_NO_RULES && w->kind != WARN_DRIVER && w->kind != WARN_ALWAYS)
		warn_log(w);
}

void sensor_warn(const struct ruleset *rules, const struct config *cfg)
{
	ruleset_warn(rules, !cfg->sensor_match, say_warning, NULL);
}

int sensor_tables(struct sensor *s)
{
	struct state_config sizes = table_sizes(&s->cfg);

	s->engine.cfg = &s->cfg;
	s->engine.stats = &s->stats;
	s->engine.state = state_open(&s->arena, &sizes, &s->stats);
	if (s->engine.state && !engine_open(&s->engine, &s->arena))
		return EXIT_GOOD;
	log_error("tables do not fit the memory that was foretold: this is a fault");
	return EXIT_SYSTEM;
}

void sensor_ask_driver(struct sensor *s)
{
	uint8_t wanted[TRC_NTYPES] = {0};

	state_wants(wanted);
	ruleset_wants(s->engine.rules, wanted);
	marks_want(wanted[TRC_FILE_OPEN]);
	if (s->driver->want(wanted))
		log_warn("driver %s: does not take the list of wanted events; it delivers all",
			 s->driver->name);
}

void sensor_reload(struct sensor *s)
{
	static struct config fresh;
	struct ini_error err = {.text = ""};
	struct ruleset *rules = NULL, *old;
	char later[256];

	if (!cli_config(s->cli, &fresh, &err))
		rules = load_rules(s, !s->half, &fresh, &err);
	if (!rules) {
		engine_say(&s->engine, PRIO_ERROR, 0, "%s; the rules in use stay", err.text);
		return;
	}
	sensor_warn(rules, &fresh);
	old = s->engine.rules;
	engine_flush(&s->engine); /* what the old rules made */
	config_update(&s->cfg, &fresh, later, sizeof(later));
	s->half = !s->half;
	s->engine.rules = rules;
	sensor_ask_driver(s);
	engine_ask_files(&s->engine);
	if (s->driver->flags & DRIVER_LIVE)
		hosts_start(&s->engine, old, &s->arena);
	report_reloaded(&s->engine, s->driver, later);
}
