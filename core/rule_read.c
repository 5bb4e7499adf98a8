/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rule files, before anything in them is compiled: sections with the texts of
 * their keys, and what later sections that override them add and replace.
 */
#include <errno.h>
#include <fnmatch.h>

#include "nearest.h"
#include "rule_int.h"

static const char *const kind_names[KIND_COUNT] = {"list", "macro", "rule"};

#define OVERRIDE "override"
#define TAG "tag"

/* What is read of one file, or text. */
struct reading {
	struct load *ld;
	struct section *section; /* that we are in, the first of those that an override means, */
	struct ini_place place;	 /* and where; the section may have begun elsewhere */
	bool override, named;	 /* and does it name the section, or may it mean several? */
	unsigned given;		 /* 1 << index of a key: which of them stand here */
	struct section was;	 /* what this definition takes the place of, if that has a name */
};

struct section *section_find(const struct load *ld, enum kind kind, struct str name)
{
	struct section *s = ld->sections[kind];

	while (s && !str_eq(str_of(s->name), name))
		s = s->next;
	return s;
}

struct among {
	const struct load *ld;
	enum kind kind;
};

static const char *section_name(int i, const void *arg)
{
	const struct among *in = arg;
	const struct section *s = in->ld->sections[in->kind];

	while (s && i--)
		s = s->next;
	return s ? s->name : NULL;
}

const char *section_nearest(const struct load *ld, enum kind kind, struct str word)
{
	return nearest(word.p, word.n, section_name, &(struct among){ld, kind});
}

/* Words that a section may begin with. */
static const char *first_word(int i, const void *arg)
{
	(void)arg;
	return i < KIND_COUNT ? kind_names[i] : i == KIND_COUNT ? OVERRIDE : NULL;
}

/* i-th key of a kind of section. */
static const char *key_name(int i, const void *arg)
{
	return rule_keys[*(const enum kind *)arg][i].name;
}

static void hash_text(struct load *ld, const char *s)
{
	ld->rs->hash = fnv(ld->rs->hash, s, strlen(s) + 1);
}

static void *text_alloc(struct load *ld, size_t n)
{
	void *p = arena_alloc(&ld->texts, n);

	if (!p)
		ini_fail(ld->err, ld->at, "expected rules of at most %d MiB in all",
			 RULES_TEXT_MAX >> 20);
	return p;
}

const char *load_join(struct load *ld, const struct text *t, const char *between)
{
	size_t n = 1;
	char *joined, *end;

	for (const struct text *i = t; i; i = i->more)
		n += strlen(i->value) + strlen(between);
	joined = end = text_alloc(ld, n);
	for (; joined && t; t = t->more) {
		end = stpcpy(end, t->value);
		end = stpcpy(end, t->more ? between : "");
	}
	return joined;
}

/* Is nothing left but what closes parentheses? */
static bool is_closed(struct lex *lx, struct token t)
{
	while (token_is(&t, ")"))
		t = lex_name(lx);
	return t.kind == TOKEN_END;
}

/* Does one pair of parentheses enclose all that is left, but for those that opened before? */
static bool is_enclosed(struct lex lx)
{
	struct token t = lex_name(&lx);

	for (int depth = token_is(&t, "("); depth > 0;) {
		t = lex_name(&lx);
		if (t.kind == TOKEN_END)
			return false;
		depth += token_is(&t, "(") - token_is(&t, ")");
	}
	return token_is(&t, ")") && is_closed(&lx, t);
}

/* Are the words of two texts the same? Blanks between them do not count, nor what encloses all. */
static bool same_words(const char *a, const char *b)
{
	struct lex la = {a, {0}}, lb = {b, {0}};
	struct token ta, tb;

	while (is_enclosed(la))
		lex_name(&la);
	while (is_enclosed(lb))
		lex_name(&lb);
	do {
		ta = lex_name(&la);
		tb = lex_name(&lb);
	} while (ta.kind == tb.kind && str_eq(ta.text, tb.text) && ta.kind != TOKEN_END);
	return is_closed(&la, ta) && is_closed(&lb, tb);
}

/* Takes note of what a later section undid: what stood at a place, or what does so there. */
static int note_undone(struct load *ld, const struct section *s, const char *key,
		       struct ini_place at, struct ini_place other)
{
	struct undone *u = load_alloc(ld, 1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	*u = (struct undone){.kind = kind_names[s->kind], .key = key, .at = at, .other = other};
	u->name = load_copy(ld, str_of(s->name));
	if (!u->name)
		return -ENOMEM;
	*ld->last_undone = u;
	ld->last_undone = &u->next;
	return 0;
}

/* Whoever reads both files need not be told of a definition that says what the first one did. */
static int note_replaced(struct load *ld, const struct section *old, const struct section *new)
{
	bool same = true;

	for (int i = 0; i < RULE_KEYS; i++) {
		const struct text *a = old->key[i], *b = new->key[i];

		same &= a && b ? !a->more && same_words(a->value, b->value) : a == b;
	}
	return same ? 0 : note_undone(ld, new, NULL, new->place, old->place);
}

/* Does the section that ends here have all it needs? */
static int end_section(const struct reading *r)
{
	const struct section *s = r->section;

	if (!s)
		return 0;
	if (r->override && !r->given)
		return ini_fail(r->ld->err, r->place, "%s: expected a key that this overrides",
				s->name);
	for (int i = 0; rule_keys[s->kind][i].name; i++)
		if (rule_keys[s->kind][i].required && !s->key[i])
			return ini_fail(r->ld->err, r->place, "%s: expected the key %s in this %s",
					s->name, rule_keys[s->kind][i].name, kind_names[s->kind]);
	return r->was.name ? note_replaced(r->ld, &r->was, s) : 0;
}

/* Names that conditions can use. */
static int check_name(const struct reading *r, enum kind kind, const char *name)
{
	if (lex_is_identifier(name) && strcmp(name, "and") && strcmp(name, "or") &&
	    strcmp(name, "not"))
		return 0;
	return ini_fail(r->ld->err, r->place,
			"%s: no name for a %s; expected a letter, then letters, digits and _", name,
			kind_names[kind]);
}

/* A later file may define a name anew, for all who use it; in one file that is a mistake. */
static int replace(struct reading *r, struct section *s)
{
	if (!strcmp(s->place.file, r->place.file))
		return ini_fail(r->ld->err, r->place,
				"%s: this %s is defined at %s:%d already; expected another name, "
				"or [" OVERRIDE " %s %s]",
				s->name, kind_names[s->kind], s->place.file, s->place.line,
				kind_names[s->kind], s->name);
	r->was = *s;
	s->place = r->place;
	memset(s->key, 0, sizeof(s->key));
	r->section = s;
	hash_text(r->ld, s->name);
	return 0;
}

static int define(struct reading *r, enum kind kind, const char *name)
{
	struct load *ld = r->ld;
	struct section *s = section_find(ld, kind, str_of(name));

	if (kind != KIND_RULE && check_name(r, kind, name))
		return -EINVAL;
	if (s)
		return replace(r, s);
	s = text_alloc(ld, sizeof(*s) + strlen(name) + 1);
	if (!s)
		return -ENOMEM;
	*s = (struct section){
		.kind = kind, .name = (char *)(s + 1), .place = r->place, .order = ld->order};
	memcpy(s + 1, name, strlen(name) + 1);
	*ld->end[kind] = s;
	ld->end[kind] = &s->next;
	r->section = s;
	return 0;
}

static bool has_tag(const struct section *s, struct str tag)
{
	struct str one;

	for (const struct text *t = s->key[KEY_TAGS]; t; t = t->more)
		for (const char *p = t->value; (one = tag_next(&p)).n;)
			if (str_eq(one, tag))
				return true;
	return false;
}

/* Marks the rules that a pattern or a tag means. */
static void mean_rules(struct reading *r, const char *name, bool tag)
{
	for (struct section *s = r->ld->sections[KIND_RULE]; s; s = s->next) {
		if (tag ? !has_tag(s, str_of(name)) : fnmatch(name, s->name, 0) != 0)
			continue;
		s->meant = r->ld->order;
		if (!r->section)
			r->section = s;
	}
}

/* The section of a name; of rules those with names like Read*, or with a tag. */
static int override(struct reading *r, enum kind kind, const char *name, bool tag)
{
	struct section *s = tag ? NULL : section_find(r->ld, kind, str_of(name));
	const char *near;

	if (s) {
		s->meant = r->ld->order;
		r->section = s;
		r->named = true;
	} else if (tag || (kind == KIND_RULE && strchr(name, '*'))) {
		mean_rules(r, name, tag);
	}
	if (r->section)
		return 0;
	near = tag ? NULL : section_nearest(r->ld, kind, str_of(name));
	return ini_fail(r->ld->err, r->place, "%s: expected the %s of a %s defined above" MEANT,
			name, tag ? TAG : "name", kind_names[kind], MEANT_ARGS(near));
}

static enum kind find_kind(const char *word, size_t n)
{
	enum kind kind = 0;

	while (kind < KIND_COUNT && (strncmp(word, kind_names[kind], n) || kind_names[kind][n]))
		kind++;
	return kind;
}

static int begin_section(void *arg, struct ini_place at, const char *word, const char *name,
			 struct ini_error *err)
{
	struct reading *r = arg;
	size_t n = strlen(word);
	enum kind kind;
	bool tag;
	int rc = end_section(r);

	if (rc)
		return rc;
	*r = (struct reading){.ld = r->ld, .place = at, .override = !strcmp(word, OVERRIDE)};
	r->ld->at = at;
	r->ld->order++;
	if (r->override) {
		word = name;
		n = strcspn(word, " \t");
		name += n + strspn(name + n, " \t");
	}
	tag = r->override && n == strlen(TAG) && !strncmp(word, TAG, n);
	kind = tag ? KIND_RULE : find_kind(word, n);
	if (kind == KIND_COUNT) {
		const char *near = nearest(word, n, first_word, NULL);

		return ini_fail(err, at, "%.*s: expected list, macro, rule%s" MEANT, (int)n, word,
				r->override ? " or " TAG " behind " OVERRIDE : " or " OVERRIDE,
				MEANT_ARGS(near));
	}
	if (!*name)
		return ini_fail(err, at, "%.*s: expected a name behind this word", (int)n, word);
	return r->override ? override(r, kind, name, tag) : define(r, kind, name);
}

/* Takes note of texts that are replaced here and that overrides of just this section gave. */
static int note_replaced_texts(struct load *ld, const struct section *s, int key)
{
	int rc = 0;

	for (const struct text *t = s->key[key]; t && !rc; t = t->more)
		if (t->named)
			rc = note_undone(ld, s, rule_keys[s->kind][key].name, t->at, ld->at);
	return rc;
}

/* Takes a text for the key: the first, or one that is added to those before or replaces them. */
static int take_text(struct reading *r, struct section *s, int key, bool add, const char *value)
{
	struct load *ld = r->ld;
	struct text *t = text_alloc(ld, sizeof(*t)), **end = &s->key[key];

	if (!t || (!add && note_replaced_texts(ld, s, key)))
		return -ENOMEM;
	hash_text(ld, s->name);
	hash_text(ld, rule_keys[s->kind][key].name);
	if (add)
		hash_text(ld, "+");
	hash_text(ld, value);
	*t = (struct text){value, ld->at, ld->order, r->named, NULL};
	while (add && *end)
		end = &(*end)->more;
	*end = t;
	return 0;
}

/* The same for each section that is meant here. */
static int take_texts(struct reading *r, int key, bool add, const char *value)
{
	struct load *ld = r->ld;
	size_t size = strlen(value) + 1;
	char *copy = text_alloc(ld, size);
	int rc = copy ? 0 : -ENOMEM;

	if (rc)
		return rc;
	memcpy(copy, value, size);
	if (!r->override)
		return take_text(r, r->section, key, add, copy);
	for (struct section *s = r->section; s && !rc; s = s->next)
		if (s->meant == ld->order)
			rc = take_text(r, s, key, add, copy);
	return rc;
}

/* Keys of Falco's, and what stands in their place here. */
static const struct {
	const char *key, *here;
} falco_keys[] = {
	{"append", "[" OVERRIDE " KIND NAME] with +="},
	{"override", "[" OVERRIDE " KIND NAME] with = or +="},
	{"source", "nothing"},
	{"warn_evttypes", "nothing"},
	{"skip-if-unknown-filter", "nothing"},
};

static int refuse_key(enum kind kind, struct ini_place at, struct str key, struct ini_error *err)
{
	const char *near = nearest(key.p, key.n, key_name, &kind);

	for (size_t i = 0; i < sizeof(falco_keys) / sizeof(falco_keys[0]); i++)
		if (str_eq(key, str_of(falco_keys[i].key)))
			return ini_fail(err, at, "%s: no key of a %s; expected %s in its place",
					falco_keys[i].key, kind_names[kind], falco_keys[i].here);
	return ini_fail(err, at, "%.*s: no key of a %s" MEANT, (int)key.n, key.p, kind_names[kind],
			MEANT_ARGS(near));
}

static int read_key(void *arg, struct ini_place at, struct ini_place value_at, const char *key,
		    const char *value, struct ini_error *err)
{
	struct reading *r = arg;
	enum kind kind = r->section->kind;
	size_t n = strlen(key);
	bool add = key[n - 1] == '+';

	r->ld->at = value_at;
	for (n -= add; n && (key[n - 1] == ' ' || key[n - 1] == '\t'); n--)
		;
	for (int i = 0; rule_keys[kind][i].name; i++) {
		const struct key_row *row = &rule_keys[kind][i];

		if (strncmp(key, row->name, n) || row->name[n])
			continue;
		if (add && !r->override)
			return ini_fail(err, at,
					"%s: expected = here, and += in [" OVERRIDE " %s %s]", key,
					kind_names[kind], r->section->name);
		if (add && !row->add)
			return ini_fail(err, at, "%s: expected =; nothing can be added to it", key);
		if (r->given >> i & 1)
			return ini_fail(err, at, "%s: given twice in this section", row->name);
		r->given |= 1u << i;
		return take_texts(r, i, add, value);
	}
	return refuse_key(kind, at, (struct str){key, (uint32_t)n}, err);
}

int rule_read(struct load *ld, const char *file, const char *text, size_t len)
{
	struct reading r = {.ld = ld};
	const struct ini_reader reader = {begin_section, read_key, &r};
	char *work;
	int rc;

	file = load_copy(ld, str_of(file)); /* places are kept, the caller's name is not */
	if (!file)
		return -ENOMEM;
	ld->at = (struct ini_place){file, 0};
	if (!text) {
		rc = ini_file(file, &reader, ld->err);
		return rc ? rc : end_section(&r);
	}
	work = text_alloc(ld, len + INI_VALUE_MAX);
	rc = work ? ini_text(file, text, len, &reader, work, len + INI_VALUE_MAX, ld->err) :
		    -ENOMEM;
	return rc ? rc : end_section(&r);
}
