/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arbitrary lines of a case: each makes a record that is whole and can be shown as text, or is
 * refused with a message.
 */
#include "../../core/caseline.h"
#include "../../core/text.h"
#include "fuzz.h"

static struct arena arena;

static void check_record(const struct record *rec)
{
	static char text[TRC_RECORD_MAX];
	struct event ev;

	CHECK_EQ(decode(rec, rec->hdr.len, &ev), DECODE_OK);
	for (int i = 0; i < event_table[ev.hdr->type].nargs; i++)
		CHECK(text_arg(&ev, i, text, sizeof(text)) <= sizeof(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct case_lines lines;
	static struct record rec;
	static char text[8192];
	struct ini_error err = {.text = ""};
	int rc;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!arena.base)
		CHECK(!arena_map(&arena, 4 << 20));
	arena_reset(&arena);
	lines = (struct case_lines){.lx = {text, {"fuzz", 1}}, .a = &arena, .err = &err};
	while ((rc = caseline_next(&lines, &rec)) > 0)
		check_record(&rec);
	CHECK(!rc == !*err.text);
	return 0;
}
