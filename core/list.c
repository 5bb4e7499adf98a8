/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of values, and their names where values stand. In the language that
 * rules come from, names of lists are text that is replaced before anything is
 * parsed; replacing whole unquoted words means the same, without its accidents.
 */
#include <errno.h>

#include "rule_int.h"

/* May this list be used here? Compiles it if nobody has. */
static int ready(struct load *ld, const struct token *t, struct section *l)
{
	if (l->order >= ld->lists_before)
		return token_fail(
			t, ld->err,
			"the list of this name is defined only at %s:%d; expected it before this "
			"one, or the word in quotes",
			l->place.file, l->place.line);
	if (l->state == SECTION_BUSY)
		return token_fail(t, ld->err, "this list would hold itself");
	return l->state == SECTION_DONE ? 0 : section_compile(ld, l);
}

int list_value(struct load *ld, const struct token *t, value_fn *fn, void *arg)
{
	struct section *l = t->kind == TOKEN_WORD ? section_find(ld, KIND_LIST, t->text) : NULL;
	int rc = l ? ready(ld, t, l) : token_check_value(t, ld->err);

	if (!l)
		return rc ? rc : fn(arg, t, NULL);
	for (uint32_t i = 0; i < l->count && !rc; i++)
		rc = fn(arg, t, &l->item[i]);
	return rc;
}

int list_values(struct load *ld, struct lex *lx, bool paren, value_fn *fn, void *arg)
{
	struct token t = lex_value(lx);

	if (paren ? token_is(&t, ")") : t.kind == TOKEN_END)
		return 0;
	for (;;) {
		int rc = list_value(ld, &t, fn, arg);

		if (rc)
			return rc;
		t = lex_value(lx);
		if (paren ? token_is(&t, ")") : t.kind == TOKEN_END)
			return 0;
		if (!token_is(&t, ","))
			return token_fail(&t, ld->err,
					  paren ? "expected , or )" : "expected , between items");
		t = lex_value(lx);
	}
}

/* Items while a list is read: counted first, then stored. */
struct items {
	struct load *ld;
	struct str *item; /* NULL: count only */
	uint32_t count;
};

static int take_item(void *arg, const struct token *t, const struct str *item)
{
	struct items *into = arg;
	int rc = 0;

	if (into->item && item)
		into->item[into->count] = *item;
	else if (into->item)
		rc = load_text(into->ld, t, &into->item[into->count]);
	into->count++;
	return rc;
}

static int read_items(struct load *ld, const struct text *t, struct items *into)
{
	uint32_t before = ld->lists_before;
	int rc = 0;

	into->count = 0;
	for (; t && !rc; t = t->more) {
		struct lex lx = {t->value, t->at};

		ld->at = t->at;
		ld->lists_before = t->order;
		rc = list_values(ld, &lx, false, take_item, into);
	}
	ld->lists_before = before;
	return rc;
}

int list_compile(struct load *ld, struct section *s, const struct text *t)
{
	struct items into = {.ld = ld};
	int rc = read_items(ld, t, &into);

	if (rc)
		return rc;
	into.item = load_alloc(ld, into.count, sizeof(*into.item));
	if (!into.item)
		return -ENOMEM;
	s->item = into.item;
	s->count = into.count;
	return read_items(ld, t, &into);
}
