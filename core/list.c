/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of values, and their names where values stand. In the language that
 * rules come from, names of lists are text that is replaced before anything is
 * parsed; replacing whole unquoted words means the same, without its accidents.
 */
#include <errno.h>

#include "nearest.h"
#include "rule_int.h"

const struct list *list_find(const struct load *ld, struct str name)
{
	const struct list *l = ld->lists;

	while (l && !str_eq(str_of(l->name), name))
		l = l->next;
	return l;
}

static const char *name_of(int i, const void *arg)
{
	const struct list *l = ((const struct load *)arg)->lists;

	while (l && i--)
		l = l->next;
	return l ? l->name : NULL;
}

const char *list_nearest(const struct load *ld, struct str word)
{
	return nearest(word.p, word.n, name_of, ld);
}

int list_value(struct load *ld, const struct token *t, value_fn *fn, void *arg)
{
	const struct list *l = t->kind == TOKEN_WORD ? list_find(ld, t->text) : NULL;
	int rc = 0;

	if (!l) {
		rc = token_check_value(t, ld->err);
		return rc ? rc : fn(arg, t, NULL);
	}
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

int list_define(struct load *ld, const char *name, struct ini_place place, const char *items)
{
	struct list *l = load_alloc(ld, 1, sizeof(*l));
	struct lex start = {items, ld->at}, lx = start;
	struct items into = {.ld = ld};
	int rc;

	if (!l)
		return -ENOMEM;
	rc = list_values(ld, &lx, false, take_item, &into);
	if (rc)
		return rc;
	into.item = load_alloc(ld, into.count, sizeof(*into.item));
	if (!into.item)
		return -ENOMEM;
	into.count = 0;
	rc = list_values(ld, &start, false, take_item, &into);
	*l = (struct list){name, place, into.item, into.count, ld->lists};
	if (!rc)
		ld->lists = l;
	return rc;
}

struct order {
	struct load *ld;
	const struct list *list;
};

static int check_item(void *arg, const struct token *t, const struct str *item)
{
	struct order *o = arg;
	const struct list *l = t->kind == TOKEN_WORD ? list_find(o->ld, t->text) : NULL;
	const struct list *known = o->list->next;

	(void)item;
	while (known && known != l)
		known = known->next;
	if (known == l)
		return 0;
	return token_fail(
		t, o->ld->err,
		"the list of this name is defined only at %s:%d; expected it before this one, "
		"or the word in quotes",
		l->place.file, l->place.line);
}

int list_check_order(struct load *ld, const char *name, const char *items)
{
	struct order o = {ld, list_find(ld, str_of(name))};
	struct lex lx = {items, ld->at};

	if (!o.list)
		return ini_fail(ld->err, ld->at,
				"%s: this list came while the rules were read; read them again",
				name);

	return list_values(ld, &lx, false, check_item, &o);
}
