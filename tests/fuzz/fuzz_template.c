/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arbitrary text as the output of a rule: compiled, and what compiles is
 * rendered for a few events. In less room the same text comes out, cut.
 */
#include "../../core/template.h"
#include "samples.h"

static bool plain; /* is what the rule itself says */

static void check_room(const struct template *t, struct field_ctx *ctx, struct str whole,
		       size_t size)
{
	char *buf = malloc(size ? size : 1);
	bool cut = false;
	size_t n = template_render(t, ctx, buf, size, &cut);

	CHECK(n <= size && n <= whole.n && !memcmp(buf, whole.p, n));
	CHECK_EQ(cut, n < whole.n);
	CHECK(!plain || fuzz_plain(buf, n));
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[4096], whole[1 << 20], scratch[FIELD_SCRATCH];
	static struct state *state;
	static struct arena a;
	struct ini_error err = {.text = ""};
	struct template *t;

	if (!state) {
		CHECK(!arena_map(&a, 1 << 20));
		state = sample_tables();
		CHECK(state);
	}
	if (size >= sizeof(text) || (size && memchr(data, 0, size)))
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	plain = fuzz_plain_rule(text, size);
	arena_reset(&a);
	t = template_compile(&a, text, (struct ini_place){"fuzz", 1}, &err);
	CHECK(!t == !!*err.text && fuzz_message(err.text));
	for (int i = 0; t && i < SAMPLES; i++) {
		const struct event *ev = sample(i);
		struct field_ctx ctx;
		bool cut = false;
		size_t n;

		state_before(state, ev);
		field_begin(&ctx, state, ev, scratch);
		ctx.value_max = i % 2 ? 64 : 0;
		n = template_render(t, &ctx, whole, sizeof(whole), &cut);
		for (size_t room = 0; !cut && room <= n; room = 2 * room + 1)
			check_room(t, &ctx, (struct str){whole, (uint32_t)n}, room);
	}
	return 0;
}
