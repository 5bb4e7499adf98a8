/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading rules. All files are read once for each kind of section: lists,
 * macros, rules. So conditions may name lists, and those of rules macros, that
 * only a later line or file defines.
 */
#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "nearest.h"
#include "rule_int.h"

const char *const priority_name[PRIO_COUNT] = {
	"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug",
};

int priority_parse(struct str s)
{
	if (s.n == 4 && !strncasecmp(s.p, "info", 4))
		return PRIO_INFORMATIONAL;
	for (int i = 0; i < PRIO_COUNT; i++)
		if (s.n == strlen(priority_name[i]) && !strncasecmp(s.p, priority_name[i], s.n))
			return i;
	return -1;
}

static int no_room(struct load *ld)
{
	ini_fail(ld->err, ld->at, "rules need more memory than tables.rules_kib");
	return -ENOMEM;
}

void *load_alloc(struct load *ld, size_t n, size_t size)
{
	size_t bytes;
	void *p = NULL;

	if (!__builtin_mul_overflow(n, size, &bytes))
		p = arena_alloc(ld->a, bytes);
	if (!p)
		no_room(ld);
	return p;
}

char *load_copy(struct load *ld, struct str s)
{
	char *p = load_alloc(ld, s.n + 1, 1);

	return p ? memcpy(p, s.p, s.n) : NULL;
}

int load_text(struct load *ld, const struct token *t, struct str *out)
{
	int rc = token_text(t, ld->a, out, ld->err);

	return rc == -ENOMEM ? no_room(ld) : rc;
}

void load_rewind(struct load *ld, size_t used)
{
	memset(ld->a->base + used, 0, ld->a->used - used);
	ld->a->used = used;
}

/* Kinds of sections, in the order of their turns. */
enum kind { KIND_LIST, KIND_MACRO, KIND_RULE, KIND_COUNT };

static const char *const kind_names[KIND_COUNT] = {"list", "macro", "rule"};

/* What is read of one file, or text. */
struct reading {
	struct load *ld;
	enum kind turn;
	enum kind kind;	  /* of the section that we are in, */
	const char *name; /* NULL if it is not read in this turn */
	struct ini_place place;
	unsigned given;	     /* 1 << index into keys: which of them it has */
	struct draft *draft; /* of a rule */
};

static int read_items(struct reading *r, const char *value)
{
	if (r->turn == KIND_LIST)
		return list_define(r->ld, r->name, r->place, value);
	return list_check_order(r->ld, r->name, value);
}

static int read_macro(struct reading *r, const char *value)
{
	struct macro *m = load_alloc(r->ld, 1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	*m = (struct macro){r->name, r->place, cond_parse(r->ld, value, r->ld->at), r->ld->macros};
	r->ld->macros = m;
	return m->tree ? 0 : -EINVAL;
}

static int read_condition(struct reading *r, const char *value)
{
	r->draft->tree = cond_parse(r->ld, value, r->ld->at);
	return r->draft->tree ? 0 : -EINVAL;
}

static int read_output(struct reading *r, const char *value)
{
	r->draft->rule.output = template_compile(r->ld->a, value, r->ld->at, r->ld->err);
	return r->draft->rule.output ? 0 : -EINVAL;
}

static int read_priority(struct reading *r, const char *value)
{
	int priority = priority_parse(str_of(value));

	if (priority < 0)
		return ini_fail(r->ld->err, r->ld->at,
				"%s: expected a priority: emergency, alert, critical, error, "
				"warning, notice, informational or debug",
				value);
	r->draft->rule.priority = (enum priority)priority;
	if (r->draft->rule.priority > r->ld->min_priority)
		r->draft->off = true;
	return 0;
}

static int read_desc(struct reading *r, const char *value)
{
	r->draft->rule.desc = load_copy(r->ld, str_of(value));
	return r->draft->rule.desc ? 0 : -ENOMEM;
}

static int read_tags(struct reading *r, const char *value)
{
	r->draft->rule.tags = load_copy(r->ld, str_of(value));
	return r->draft->rule.tags ? 0 : -ENOMEM;
}

static int read_enabled(struct reading *r, const char *value)
{
	static const char *const words[] = {"false", "no", "off", "true", "yes", "on"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(value, words[i])) {
			r->draft->off |= i < 3;
			return 0;
		}
	return ini_fail(r->ld->err, r->ld->at, "%s: expected true, false, yes, no, on or off",
			value);
}

static const struct key {
	enum kind kind;
	bool required;
	const char *name;
	int (*read)(struct reading *r, const char *value);
} keys[] = {
	{KIND_LIST, true, "items", read_items},
	{KIND_MACRO, true, "condition", read_macro},
	{KIND_RULE, true, "condition", read_condition},
	{KIND_RULE, true, "output", read_output},
	{KIND_RULE, true, "priority", read_priority},
	{KIND_RULE, false, "desc", read_desc},
	{KIND_RULE, false, "tags", read_tags},
	{KIND_RULE, false, "enabled", read_enabled},
	{0},
};

static const char *kind_name(int i, const void *arg)
{
	(void)arg;
	return i < KIND_COUNT ? kind_names[i] : NULL;
}

/* i-th key of a kind of section. */
static const char *key_name(int i, const void *arg)
{
	const enum kind *kind = arg;

	for (size_t k = 0; keys[k].name; k++)
		if (keys[k].kind == *kind && !i--)
			return keys[k].name;
	return NULL;
}

/* Names that conditions can use. */
static int check_name(const struct reading *r, const char *name)
{
	if (lex_is_identifier(name) && strcmp(name, "and") && strcmp(name, "or") &&
	    strcmp(name, "not"))
		return 0;
	return ini_fail(r->ld->err, r->place,
			"%s: no name for a %s; expected a letter, then letters, digits and _", name,
			kind_names[r->kind]);
}

/* Where something of this kind and name was defined before; file = NULL if nowhere. */
static struct ini_place defined(const struct load *ld, enum kind kind, const char *name)
{
	const struct list *l = kind == KIND_LIST ? list_find(ld, str_of(name)) : NULL;

	if (l)
		return l->place;
	for (const struct macro *m = ld->macros; kind == KIND_MACRO && m; m = m->next)
		if (!strcmp(m->name, name))
			return m->place;
	for (const struct draft *d = ld->drafts; kind == KIND_RULE && d; d = d->next)
		if (!strcmp(d->rule.name, name))
			return d->rule.place;
	return (struct ini_place){0};
}

static int begin_rule(struct reading *r)
{
	struct load *ld = r->ld;
	struct draft *d = load_alloc(ld, 1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->rule = (struct rule){.name = r->name, .desc = "", .tags = "", .place = r->place};
	*ld->last = d;
	ld->last = &d->next;
	r->draft = d;
	return 0;
}

/* Does the section that ends here have all it needs? */
static int end_section(struct reading *r)
{
	for (size_t i = 0; r->name && keys[i].name; i++)
		if (keys[i].kind == r->kind && keys[i].required && !(r->given >> i & 1))
			return ini_fail(r->ld->err, r->place, "%s: expected the key %s in this %s",
					r->name, keys[i].name, kind_names[r->kind]);
	return 0;
}

static int begin_section(void *arg, struct ini_place at, const char *kind, const char *name,
			 struct ini_error *err)
{
	struct reading *r = arg;
	struct ini_place before;
	const char *near;
	bool again;
	int rc = end_section(r);

	if (rc)
		return rc;
	for (r->kind = 0; r->kind < KIND_COUNT && strcmp(kind, kind_names[r->kind]); r->kind++)
		;
	near = nearest(kind, strlen(kind), kind_name, NULL);
	if (r->kind == KIND_COUNT)
		return ini_fail(err, at,
				"%s: expected [rule NAME], [macro NAME] or [list NAME]" MEANT, kind,
				MEANT_ARGS(near));
	if (!*name)
		return ini_fail(err, at, "%s: expected a name behind this word", kind);
	r->name = NULL;
	again = r->kind == KIND_LIST && r->turn == KIND_RULE; /* for their order */
	if (r->kind != r->turn && !again)
		return 0;
	r->place = r->ld->at = at;
	r->given = 0;
	if (r->kind != KIND_RULE && check_name(r, name))
		return -EINVAL;
	before = defined(r->ld, r->kind, name);
	if (before.file && !again)
		return ini_fail(err, at,
				"%s: this %s is defined at %s:%d already; expected another name",
				name, kind, before.file, before.line);
	r->name = load_copy(r->ld, str_of(name));
	if (!r->name)
		return -ENOMEM;
	return r->kind == KIND_RULE ? begin_rule(r) : 0;
}

static void hash_text(struct ruleset *rs, const char *s)
{
	rs->hash = fnv(rs->hash, s, strlen(s) + 1);
}

static int read_key(void *arg, struct ini_place at, const char *key, const char *value,
		    struct ini_error *err)
{
	struct reading *r = arg;
	const char *near;

	if (!r->name)
		return 0;
	r->ld->at = at;
	for (size_t i = 0; keys[i].name; i++) {
		if (keys[i].kind != r->kind || strcmp(key, keys[i].name))
			continue;
		r->given |= 1u << i;
		if (r->kind == r->turn) {
			hash_text(r->ld->rs, r->name);
			hash_text(r->ld->rs, key);
			hash_text(r->ld->rs, value);
		}
		return keys[i].read(r, value);
	}
	near = nearest(key, strlen(key), key_name, &r->kind);
	return ini_fail(err, at, "%s: no key of a %s" MEANT, key, kind_names[r->kind],
			MEANT_ARGS(near));
}

/* Where rules come from: paths, or one text. */
struct source {
	struct load *ld;
	enum kind turn;
	const char *const *paths;
	int npaths;
	const char *text;
	size_t len;
	char *work; /* for ini_text() */
};

static int read_file(void *arg, const char *file, struct ini_error *err)
{
	const struct source *src = arg;
	struct reading r = {.ld = src->ld, .turn = src->turn};
	const struct ini_reader reader = {begin_section, read_key, &r};
	int rc;

	file = load_copy(src->ld, str_of(file)); /* places are kept, the caller's name is not */
	if (!file)
		return -ENOMEM;
	src->ld->at = (struct ini_place){file, 0};
	if (src->text)
		rc = ini_text(file, src->text, src->len, &reader, src->work,
			      src->len + INI_VALUE_MAX, err);
	else
		rc = ini_file(file, &reader, err);
	return rc ? rc : end_section(&r);
}

static int read_all(struct source *src)
{
	int rc = 0;

	if (src->text)
		return read_file(src, "rules", src->ld->err);
	for (int i = 0; i < src->npaths && !rc; i++)
		rc = ini_each(src->paths[i], read_file, src, src->ld->err);
	return rc;
}

static struct ruleset *load(struct arena *a, struct source *src, enum priority min_priority,
			    struct ini_error *err)
{
	struct load ld = {.a = a, .min_priority = min_priority, .err = err};

	src->ld = &ld;
	ld.last = &ld.drafts;
	ld.rs = load_alloc(&ld, 1, sizeof(*ld.rs));
	if (!ld.rs)
		return NULL;
	ld.rs->hash = FNV_START;
	if (src->text) {
		src->work = load_alloc(&ld, src->len + INI_VALUE_MAX, 1);
		if (!src->work)
			return NULL;
	}
	for (src->turn = KIND_LIST; src->turn < KIND_COUNT; src->turn++)
		if (read_all(src))
			return NULL;
	return compile(&ld) ? NULL : ld.rs;
}

struct ruleset *ruleset_load(struct arena *a, const char *const *paths, int npaths,
			     enum priority min_priority, struct ini_error *err)
{
	struct source src = {.paths = paths, .npaths = npaths};

	return load(a, &src, min_priority, err);
}

struct ruleset *ruleset_text(struct arena *a, const char *text, size_t len,
			     enum priority min_priority, struct ini_error *err)
{
	struct source src = {.text = text, .len = len};

	return load(a, &src, min_priority, err);
}

int ruleset_count(const struct ruleset *rs)
{
	return rs->count;
}

struct rule *ruleset_rule(struct ruleset *rs, int i)
{
	return rs->rule[i];
}

int ruleset_checks(const struct ruleset *rs)
{
	return rs->nchecks;
}

uint64_t ruleset_hash(const struct ruleset *rs)
{
	return rs->hash;
}

void ruleset_wants(const struct ruleset *rs, uint8_t wanted[static TRC_NTYPES])
{
	for (unsigned t = 0; t < TRC_NTYPES; t++)
		if (rs->ntype[t])
			wanted[t] = 1;
}

struct str ruleset_file(const struct ruleset *rs, int i)
{
	return i < rs->nfiles ? rs->file[i] : (struct str){0};
}
