/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arbitrary text as a file of rules: refused with one line that says where, or
 * compiled, and then a few events are matched and what alerts is written in
 * every form.
 */
#include "../../core/warn.h"
#include "alerts.h"
#include "samples.h"

#define TEXT_MAX 16384
#define ROOM (1 << 20)
#define ROOM_LITTLE (INI_VALUE_MAX + TEXT_MAX + 4096) /* rules may not fit */

static struct state *state;
static struct config cfg;

static void alert(const struct rule *rule, struct field_ctx *ctx)
{
	static char text[ALERT_TEXT_MAX];
	bool cut = false;
	struct alert al = {
		.seq = rule->hits,
		.time = ctx->ev->hdr->ts,
		.priority = rule->priority,
		.rule = rule->name,
		.tags = rule->tags,
		.hostname = state_hostname(state),
		.output = rule->output,
		.ctx = ctx,
	};

	al.text.p = text;
	al.text.n = (uint32_t)template_render(rule->output, ctx, text, sizeof(text), &cut);
	check_alert(&al, &cfg, al.text.n % 2 ? 8192 : 64 + al.text.n * 7 % 1500);
}

static void match(struct ruleset *rs, const struct event *ev, bool plain)
{
	static char scratch[FIELD_SCRATCH];
	struct field_ctx ctx;
	struct rule *rule;
	int pos = 0, matched = 0;

	state_before(state, ev);
	field_begin(&ctx, state, ev, scratch);
	ctx.value_max = (uint32_t)cfg.alerts_value_max;
	while ((rule = ruleset_match(rs, &ctx, &pos))) {
		CHECK(++matched <= ruleset_count(rs));
		if (plain)
			alert(rule, &ctx);
	}
	state_after(state, ev);
}

static void check_warning(void *arg, const struct warning *w)
{
	char text[128];

	(void)arg;
	warn_text(w, text, sizeof(text));
	CHECK(*text && w->rule && w->what);
}

static void check_set(struct ruleset *rs, bool plain)
{
	uint8_t wanted[TRC_NTYPES] = {0};
	struct str name;

	for (int i = 0; i < ruleset_count(rs); i++) {
		const struct rule *rule = ruleset_rule(rs, i);

		CHECK(*rule->name && rule->desc && rule->tags && rule->output);
		CHECK(rule->priority < PRIO_COUNT && rule->place.line > 0);
	}
	for (int i = 0; (name = ruleset_file(rs, i)).p; i++)
		CHECK(name.n && name.p[0] == '/');
	ruleset_wants(rs, wanted);
	ruleset_warn(rs, plain, check_warning, NULL);
	for (int i = 0; i < SAMPLES; i++)
		match(rs, sample(i), plain);
}

static void start(struct arena *a)
{
	log_level = LOG_L_ERROR;
	config_defaults(&cfg);
	CHECK(!arena_map(a, ROOM));
	state = sample_tables();
	CHECK(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena a;
	struct ini_error err = {.text = ""};
	struct ruleset *rs;

	if (!state)
		start(&a);
	if (size > TEXT_MAX)
		return 0;
	arena_reset(&a);
	a.size = size % 4 ? ROOM : ROOM_LITTLE;
	rs = ruleset_text(&a, (const char *)data, size, PRIO_DEBUG, &err);
	CHECK(!rs == !!*err.text && fuzz_message(err.text));
	if (rs)
		check_set(rs, fuzz_plain_rule((const char *)data, size));
	return 0;
}
