/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records in any order, with anything in them, through the engine: into small
 * tables, past rules that alert on all of them with every field, and out in
 * every form. This file stands in the place of the sinks.
 *
 * An input is a row of records: a header as it is, and for each argument that
 * is not absent its number in 8 bytes, or a length in 2 and as many bytes. The
 * type is a hash of the event's name, so that inputs outlive the table.
 */
#include "../../core/engine.h"
#include "alerts.h"

/* The tables' own checks; their state is set here. */
#include "../unit/tables.h"

#define PIDS 24		 /* more than there is room for */
#define REPEATS 4	 /* the same */
#define RECORDS_MAX 64	 /* of one input */
#define OUTPUT_FIELDS 12 /* of one rule */
#define OVERLAP 0x8000	 /* this length is that of a string which lies where the last one does */

static const struct state_config sizes = {.procs = 16,
					  .fars = 2,
					  .fds = 32,
					  .users = 4,
					  .files = 8,
					  .envs = 2,
					  .groups = 4,
					  .names = 4,
					  .containers = 3};
static struct config cfg;
static struct engine engine;
static struct record rec;

struct input {
	const uint8_t *p;
	size_t n;
};

/* The next bytes; zeros where the input ends. */
static void take_bytes(struct input *in, void *to, size_t n)
{
	size_t there = n < in->n ? n : in->n;

	memset(to, 0, n);
	if (there)
		memcpy(to, in->p, there);
	in->p += there;
	in->n -= there;
}

static uint16_t hash_of(const char *name)
{
	uint16_t h = 0;

	for (; *name; name++)
		h = (uint16_t)(h * 31 + (uint8_t)*name);
	return h;
}

static enum trc_type type_of(uint16_t hash)
{
	for (int i = TRC_NONE + 1; i < TRC_NTYPES; i++)
		if (hash_of(event_table[i].name) == hash)
			return (enum trc_type)i;
	return (enum trc_type)(1 + hash % (TRC_NTYPES - 1));
}

static void take_string(struct input *in, int slot)
{
	static char text[TRC_STR_MAX];
	uint64_t *at = (uint64_t *)(&rec.hdr + 1) + slot;
	uint16_t n;

	take_bytes(in, &n, sizeof(n));
	if (n & OVERLAP) {
		n &= 127;
		if (n < 8 * rec.hdr.narg)
			*at = TRC_SLOT(n, rec.hdr.len - n);
		rec.hdr.absent &= ~(1u << slot);
		return;
	}
	n %= TRC_STR_MAX + 1;
	if (n > in->n)
		n = (uint16_t)in->n;
	take_bytes(in, text, n);
	record_bytes(&rec, slot, text, n);
}

static void take_record(struct input *in)
{
	struct trc_hdr h;
	uint32_t cut;

	take_bytes(in, &h, sizeof(h));
	record_begin(&rec, type_of(h.type), h.pid % PIDS, h.tid);
	rec.hdr.ts = h.ts;
	rec.hdr.start = h.start;
	rec.hdr.uid = h.uid;
	rec.hdr.nr = h.nr;
	rec.hdr.flags = h.flags;
	for (int i = 0; i < rec.hdr.narg; i++) {
		if (h.absent >> i & 1)
			continue;
		if (argtype_kind[event_table[rec.hdr.type].args[i].type] == TRC_BYTES) {
			take_string(in, i);
		} else {
			take_bytes(in, (uint64_t *)(&rec.hdr + 1) + i, 8);
			rec.hdr.absent &= ~(1u << i);
		}
	}
	cut = rec.hdr.cut | h.cut;
	rec.hdr.given = h.given;
	rec.hdr.cut = cut;
	if (h.narg & 0x80) /* of an older table */
		rec.hdr.narg = (trc_u8)(h.narg % (rec.hdr.narg + 1));
}

void sinks_write(const struct alert *al)
{
	check_alert(al, &cfg, al->seq % 2 ? 8192 : 64 + al->seq * 97 % 1500);
}

static void help_process(uint32_t pid)
{
	static struct record info;

	record_begin(&info, TRC_PROCINFO, pid, pid);
	record_str(&info, event_arg_slot(TRC_PROCINFO, "exepath"), "/bin/init");
	engine_record(&engine, &info, info.hdr.len);
}

static void help_file(const char *name)
{
	static struct record info;

	record_begin(&info, TRC_FILEINFO, 0, 0);
	record_str(&info, event_arg_slot(TRC_FILEINFO, "name"), name);
	record_num(&info, event_arg_slot(TRC_FILEINFO, "dev"), strlen(name));
	record_num(&info, event_arg_slot(TRC_FILEINFO, "ino"), 1);
	engine_record(&engine, &info, info.hdr.len);
}

/* Adds rules whose outputs ask for every field, and every argument that some event has. */
static size_t write_rules(char *out, size_t size)
{
	static const char form[] =
		"\npriority = debug\n[rule %d \"\\]\ntags = a, \"b\\\n"
		"condition = evt.num >= 0 and not fd.name = /etc/shadow\noutput = x";
	size_t n = (size_t)snprintf(out, size,
				    "[rule shadow]\ncondition = fd.name = /etc/shadow\noutput = x");
	int fields = 0;

	for (int i = 0; field_list(i); i++) {
		if (field_list(i)->arg == FIELD_NAME)
			continue;
		if (fields++ % OUTPUT_FIELDS == 0)
			n += (size_t)snprintf(out + n, size - n, form, i);
		n += (size_t)snprintf(out + n, size - n, " %%%s%s", field_list(i)->name,
				      field_list(i)->arg == FIELD_KEY  ? "[0]" :
				      field_list(i)->arg == FIELD_PAIR ? ".name.key" :
									 "");
	}
	n += (size_t)snprintf(out + n, size - n,
			      "\npriority = debug\n[rule a]\ncondition = evt.num > 0\noutput = x"
			      " %%proc.aname[2] %%proc.aname");
	for (int t = TRC_NONE + 1; t < TRC_NTYPES; t++) {
		if (event_table[t].class == TRC_STATE)
			continue;
		n += (size_t)snprintf(out + n, size - n,
				      "\npriority = debug\n[rule %s]\n"
				      "condition = evt.type = %s\noutput = x",
				      event_table[t].name, event_table[t].name);
		for (int i = 0; i < event_table[t].nargs; i++)
			n += (size_t)snprintf(out + n, size - n, " %%evt.arg.%s",
					      event_table[t].args[i].name);
	}
	n += (size_t)snprintf(out + n, size - n, "\npriority = debug\n");
	CHECK(n < size);
	return n;
}

static void start(void)
{
	static char rules[1 << 17];
	static struct arena a;
	struct ini_error err = {.text = ""};

	log_level = LOG_L_ERROR;
	config_defaults(&cfg);
	cfg.sensor_match = 1; /* all */
	cfg.tables_repeats = REPEATS;
	cfg.alerts_repeat_window = 10;
	CHECK(!arena_map(&a, 1 << 22));
	engine.cfg = &cfg;
	engine.stats = &stats;
	engine.help = (struct engine_help){.process = help_process, .file = help_file};
	engine.rules = ruleset_text(&a, rules, write_rules(rules, sizeof(rules)), PRIO_DEBUG, &err);
	if (!engine.rules)
		unit_fail(__FILE__, __LINE__, "%s", err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena a;
	struct input in = {data, size};

	if (!engine.rules) {
		start();
		CHECK(!arena_map(&a, state_size(&sizes) + engine_size(&cfg)));
	}
	arena_reset(&a);
	engine.state = state = state_open(&a, &sizes, &stats);
	CHECK(state);
	cfg.alerts_repeat_window = size % 2 ? 10 : 0;
	strcpy(cfg.alerts_throttle, size % 3 ? "off" : "2/5");
	CHECK(!engine_open(&engine, &a));
	for (int i = 0; i < ruleset_count(engine.rules); i++)
		ruleset_rule(engine.rules, i)->throttle = (struct throttle){0};
	for (int i = 0; in.n && i < RECORDS_MAX; i++) {
		char *exact;

		take_record(&in);
		exact = malloc(rec.hdr.len);
		CHECK(exact);
		memcpy(exact, &rec, rec.hdr.len);
		engine_record(&engine, exact, rec.hdr.len);
		free(exact);
		tables_check();
	}
	engine_flush(&engine);
	return 0;
}
