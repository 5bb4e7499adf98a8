/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What it costs to match an event: a file of records goes through decode, tables
 * and rules in one process, from memory. For no rules and for each set: as it
 * is compiled, and as it is written (naive.h). The two must say the same. Rounds
 * alternate the variants; time is that of this process's CPU.
 *
 *	match FILE ROUNDS NAME RULES... [-- NAME RULES...]...
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../core/config.h"
#include "../../core/log.h"
#include "../../driver/driver.h"
#include "../../driver/table.h"
#include "naive.h"

#define ARENA (64 << 20)
#define VARIANTS 8
#define ROUNDS 32
#define EVENTS_MAX 150000 /* that are kept of a file */
#define CLOCK_TRIES 100000

typedef struct rule *match_fn(struct ruleset *rs, struct field_ctx *ctx, int *pos);

struct variant {
	char name[64];
	struct ruleset *rs; /* NULL: no rules */
	match_fn *match;
	double ns[ROUNDS]; /* of an event, in each round */
	uint32_t *best;	   /* of each event, in all rounds */
	uint64_t matches;
};

static struct {
	char *rec; /* all records, each aligned to 8 */
	size_t size, used;
	uint32_t events;
} file;

static struct variant variants[VARIANTS];
static int nvariants;
static struct arena tables;
static char scratch[FIELD_SCRATCH];

__attribute__((noreturn)) static void die(const char *what, const char *why)
{
	fprintf(stderr, "match: %s: %s\n", what, why);
	exit(1);
}

static uint64_t now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void keep(const struct trc_hdr *rec, void *arg)
{
	size_t n = (rec->len + 7u) / 8 * 8;

	(void)arg;
	if (file.events == EVENTS_MAX)
		return;
	if (file.used + n > file.size) {
		file.size = 2 * file.size + TRC_RECORD_MAX;
		file.rec = realloc(file.rec, file.size);
		if (!file.rec)
			die("records", "no memory");
	}
	memcpy(file.rec + file.used, rec, rec->len);
	file.used += n;
	file.events += event_table[rec->type].class != TRC_STATE;
}

static void read_records(const char *path)
{
	struct driver_config dc = {.file = path};
	char why[256];

	if (driver_replay.open(&dc, why, sizeof(why)))
		die(path, why);
	while (driver_replay.drain(keep, NULL, 1024) >= 0)
		;
	driver_replay.close();
	if (!file.events)
		die(path, "has no events");
}

/* Tables of the sizes that a sensor has by default. */
static struct state *open_tables(void)
{
	static struct config cfg;
	static struct stats stats;
	struct state *s;

	config_defaults(&cfg);
	if (!tables.size && arena_map(&tables, ARENA))
		die("tables", "no memory");
	arena_reset(&tables);
	s = state_open(&tables,
		       &(struct state_config){
			       .procs = (uint32_t)cfg.tables_processes,
			       .fars = (uint32_t)cfg.tables_long_processes,
			       .fds = (uint32_t)cfg.tables_descriptors,
			       .users = (uint32_t)cfg.tables_users,
			       .files = (uint32_t)cfg.tables_files,
			       .envs = (uint32_t)cfg.tables_environments,
			       .groups = (uint32_t)cfg.tables_groups,
			       .names = (uint32_t)cfg.tables_names,
			       .containers = (uint32_t)cfg.tables_containers,
		       },
		       &stats);
	if (!s)
		die("tables", "no room");
	return s;
}

static struct ruleset *load_rules(const char *const *paths, int n)
{
	struct arena a;
	struct ini_error err;
	struct ruleset *rs;

	if (arena_map(&a, ARENA))
		die("rules", "no memory");
	rs = ruleset_load(&a, paths, n, PRIO_DEBUG, &err);
	if (!rs)
		die("rules", err.text);
	printf("%d rules, %d checks, %u steps, %zu KiB\n", rs->count, rs->nchecks, rs->nsteps,
	       a.used / 1024);
	return rs;
}

static struct variant *add_variant(const char *set, const char *kind, struct ruleset *rs,
				   match_fn *match)
{
	struct variant *v = &variants[nvariants++];

	snprintf(v->name, sizeof(v->name), "%s%s%s", set, *kind ? ", " : "", kind);
	v->rs = rs;
	v->match = match;
	v->best = malloc(file.events * sizeof(*v->best));
	if (!v->best)
		die("times", "no memory");
	memset(v->best, 0xff, file.events * sizeof(*v->best));
	return v;
}

static void add_set(const char *name, const char *const *paths, int n)
{
	struct ruleset *naive;

	if (nvariants + 2 > VARIANTS)
		die(name, "too many sets of rules");
	printf("%s: ", name);
	add_variant(name, "compiled", load_rules(paths, n), ruleset_match);
	printf("%s: ", name);
	naive = load_rules(paths, n);
	naive_begin(naive);
	add_variant(name, "naive", naive, naive_match);
}

/* What is done with a record, but for the rules. */
struct way {
	struct state *state;
	struct event ev;
	struct field_ctx ctx;
	uint64_t num;
};

/* Is it an event, and not a statement of the sensor's? */
static bool take(struct way *w, const char *rec)
{
	const struct trc_hdr *h = (const struct trc_hdr *)rec;

	if (decode(rec, h->len, &w->ev) != DECODE_OK)
		return false;
	if (event_table[h->type].class == TRC_STATE) {
		if (h->type != TRC_LOSS)
			state_before(w->state, &w->ev);
		return false;
	}
	state_gap(w->state, &w->ev);
	w->ev.num = ++w->num;
	state_before(w->state, &w->ev);
	field_begin(&w->ctx, w->state, &w->ev, scratch);
	return true;
}

static size_t length(const char *rec)
{
	return (((const struct trc_hdr *)rec)->len + 7u) / 8 * 8;
}

/* The first rule that holds, as a sensor that has not been told otherwise. */
static void match(struct variant *v, struct way *w)
{
	int pos = 0;

	if (v->rs && v->match(v->rs, &w->ctx, &pos))
		v->matches++;
}

static double run(struct variant *v)
{
	struct way w = {.state = open_tables()};
	uint64_t began = now(CLOCK_PROCESS_CPUTIME_ID);

	v->matches = 0;
	for (const char *rec = file.rec; rec < file.rec + file.used; rec += length(rec)) {
		if (!take(&w, rec))
			continue;
		match(v, &w);
		state_after(w.state, &w.ev);
	}
	return (double)(now(CLOCK_PROCESS_CPUTIME_ID) - began) / file.events;
}

/* The time that each event takes, less that of looking at the clock. */
static void run_each(struct variant *v, uint32_t clock)
{
	struct way w = {.state = open_tables()};
	uint32_t n = 0;

	v->matches = 0;
	for (const char *rec = file.rec; rec < file.rec + file.used; rec += length(rec)) {
		uint64_t began = now(CLOCK_MONOTONIC), took;

		if (!take(&w, rec))
			continue;
		match(v, &w);
		state_after(w.state, &w.ev);
		took = now(CLOCK_MONOTONIC) - began;
		took = took > clock ? took - clock : 0;
		if (took < v->best[n])
			v->best[n] = (uint32_t)took;
		n++;
	}
}

static uint32_t clock_cost(void)
{
	uint64_t began = now(CLOCK_MONOTONIC);

	for (int i = 0; i < CLOCK_TRIES; i++)
		now(CLOCK_MONOTONIC);
	return (uint32_t)((now(CLOCK_MONOTONIC) - began) / CLOCK_TRIES);
}

/* Do the two say the same of an event, of all rules? */
static void same(struct variant *a, struct variant *b, struct way *w)
{
	int pa = 0, pb = 0;
	struct rule *ra, *rb;

	do {
		ra = a->match(a->rs, &w->ctx, &pa);
		rb = b->match(b->rs, &w->ctx, &pb);
		if (!ra != !rb || (ra && strcmp(ra->name, rb->name))) {
			fprintf(stderr, "match: event %" PRIu64 ", %s: %s: %s; %s: %s\n", w->num,
				event_table[w->ev.hdr->type].name, a->name, ra ? ra->name : "none",
				b->name, rb ? rb->name : "none");
			exit(1);
		}
		a->matches += ra != NULL;
	} while (ra);
}

/* All events, all rules: what is compiled says what is written. */
static void compare(struct variant *a, struct variant *b)
{
	struct way w = {.state = open_tables()};

	a->matches = 0;
	for (const char *rec = file.rec; rec < file.rec + file.used; rec += length(rec)) {
		if (!take(&w, rec))
			continue;
		same(a, b, &w);
		state_after(w.state, &w.ev);
	}
	printf("%s and naive say the same of %" PRIu64 " events: %" PRIu64 " times a rule holds\n",
	       a->name, w.num, a->matches);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), by_value);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Of what is done for each event, and of what the rules add to that. */
static void print_whole(int rounds)
{
	double none = median(variants[0].ns, rounds);

	printf("\n%-24s %10s %12s %12s %9s\n", "", "ns/event", "of the rules", "events/s",
	       "matches");
	for (int i = 0; i < nvariants; i++) {
		double ns = median(variants[i].ns, rounds);

		printf("%-24s %10.0f %12.0f %12.0f %9" PRIu64 "\n", variants[i].name, ns, ns - none,
		       1e9 / ns, variants[i].matches);
	}
	printf("\n");
	for (int i = 1; i + 1 < nvariants; i += 2) {
		double fast = median(variants[i].ns, rounds),
		       slow = median(variants[i + 1].ns, rounds);

		printf("%s: naive takes %.1f times as long; the rules alone %.1f times\n",
		       variants[i].name, slow / fast, (slow - none) / (fast - none));
	}
}

struct line {
	int type;
	uint32_t events;
	double ns[VARIANTS];
};

static int by_events(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return (x->events < y->events) - (x->events > y->events);
}

/* Of each type of event, the mean of its events' best times. */
static void print_types(void)
{
	static struct line line[TRC_NTYPES];
	uint32_t n = 0;

	for (const char *rec = file.rec; rec < file.rec + file.used; rec += length(rec)) {
		unsigned type = ((const struct trc_hdr *)rec)->type;

		if (event_table[type].class == TRC_STATE)
			continue;
		line[type].type = (int)type;
		line[type].events++;
		for (int i = 0; i < nvariants; i++)
			line[type].ns[i] += variants[i].best[n];
		n++;
	}
	qsort(line, TRC_NTYPES, sizeof(line[0]), by_events);
	printf("\n%-18s %8s", "ns of an event", "events");
	for (int i = 0; i < nvariants; i++)
		printf("  %s", variants[i].name);
	for (int t = 0; t < TRC_NTYPES && line[t].events; t++) {
		printf("\n%-18s %8u", event_table[line[t].type].name, line[t].events);
		for (int i = 0; i < nvariants; i++)
			printf("  %*.0f", (int)strlen(variants[i].name),
			       line[t].ns[i] / line[t].events);
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 0;
	uint32_t clock;

	log_level = LOG_L_ERROR;
	if (argc < 5 || rounds < 1 || rounds > ROUNDS)
		die("expected", "FILE ROUNDS NAME RULES... [-- NAME RULES...]...");
	read_records(argv[1]);
	printf("%u events, %zu KiB of records\n", file.events, file.used / 1024);
	add_variant("no rules", "", NULL, NULL);
	for (int i = 3; i < argc; i++) {
		int first = i + 1;

		while (i < argc && strcmp(argv[i], "--"))
			i++;
		add_set(argv[first - 1], (const char *const *)argv + first, i - first);
	}
	for (int i = 1; i < nvariants; i += 2)
		compare(&variants[i], &variants[i + 1]);
	clock = clock_cost();
	for (int r = 0; r < rounds; r++)
		for (int i = 0; i < nvariants; i++) {
			variants[i].ns[r] = run(&variants[i]);
			run_each(&variants[i], clock);
		}
	print_whole(rounds);
	print_types();
	return 0;
}
