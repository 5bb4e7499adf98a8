/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A set of rules. All files are read first, then lists are compiled, macros,
 * rules: so conditions may name lists, and those of rules macros, that only
 * a later line or file defines or overrides.
 */
#include <errno.h>
#include <strings.h>

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

struct str tag_next(const char **tags)
{
	static const char between[] = ", \t\r\n";
	const char *p = *tags + strspn(*tags, between);
	struct str tag = {p, (uint32_t)strcspn(p, between)};

	*tags = p + tag.n;
	return tag;
}

int load_no_room(struct load *ld)
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
		load_no_room(ld);
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

	return rc == -ENOMEM ? load_no_room(ld) : rc;
}

void load_rewind(struct load *ld, size_t used)
{
	memset(ld->a->base + used, 0, ld->a->used - used);
	ld->a->used = used;
}

/* Compiles the condition that a key's texts make. */
static const struct node *read_condition(struct load *ld, enum kind kind, const struct text *t)
{
	const struct node *tree = NULL;

	for (const struct text *first = t; t && (tree || t == first); t = t->more) {
		ld->at = t->at;
		ld->macros_before = kind == KIND_RULE ? UINT32_MAX : t->order;
		tree = tree ? cond_add(ld, tree, t->value, t->at) : cond_parse(ld, t->value, t->at);
	}
	return tree;
}

static int compile_macro(struct load *ld, struct section *s, const struct text *t)
{
	s->tree = read_condition(ld, KIND_MACRO, t);
	return s->tree ? 0 : -EINVAL;
}

static int compile_condition(struct load *ld, struct section *s, const struct text *t)
{
	s->draft->tree = read_condition(ld, KIND_RULE, t);
	return s->draft->tree ? 0 : -EINVAL;
}

static int compile_exceptions(struct load *ld, struct section *s, const struct text *t)
{
	const struct node **tree = &s->draft->tree;

	ld->macros_before = UINT32_MAX;
	for (; t && *tree; t = t->more) {
		ld->at = t->at;
		*tree = cond_except(ld, *tree, t->value, t->at);
	}
	return *tree ? 0 : -EINVAL;
}

static int compile_output(struct load *ld, struct section *s, const struct text *t)
{
	size_t used = ld->a->used;
	const char *joined;

	/* Each by itself first: only so a message has the right line. */
	for (const struct text *i = t; t->more && i; i = i->more) {
		if (!template_compile(ld->a, i->value, i->at, ld->err))
			return -EINVAL;
		load_rewind(ld, used);
	}
	joined = load_join(ld, t, " ");
	if (joined)
		s->draft->rule.output = template_compile(ld->a, joined, t->at, ld->err);
	return s->draft->rule.output ? 0 : -EINVAL;
}

static int compile_priority(struct load *ld, struct section *s, const struct text *t)
{
	int priority = priority_parse(str_of(t->value));

	if (priority < 0)
		return ini_fail(ld->err, t->at,
				"%s: expected a priority: emergency, alert, critical, error, "
				"warning, notice, informational or debug",
				*t->value ? t->value : "priority");
	s->draft->rule.priority = (enum priority)priority;
	if (s->draft->rule.priority > ld->min_priority)
		s->draft->off = true;
	return 0;
}

static int keep(struct load *ld, const char **to, const struct text *t, const char *between)
{
	const char *joined = load_join(ld, t, between);

	*to = joined ? load_copy(ld, str_of(joined)) : NULL;
	return *to ? 0 : -ENOMEM;
}

static int compile_desc(struct load *ld, struct section *s, const struct text *t)
{
	return keep(ld, &s->draft->rule.desc, t, " ");
}

static int compile_tags(struct load *ld, struct section *s, const struct text *t)
{
	return keep(ld, &s->draft->rule.tags, t, ", ");
}

static int compile_enabled(struct load *ld, struct section *s, const struct text *t)
{
	static const char *const words[] = {"false", "no", "off", "true", "yes", "on"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(t->value, words[i])) {
			s->draft->off |= i < 3;
			return 0;
		}
	return ini_fail(ld->err, t->at, "%s: expected true, false, yes, no, on or off", t->value);
}

static int compile_throttle(struct load *ld, struct section *s, const struct text *t)
{
	s->draft->rule.has_limit = true;
	if (throttle_parse(str_of(t->value), &s->draft->rule.limit))
		return 0;
	return ini_fail(ld->err, t->at, "%s: expected " THROTTLE_EXPECTED, t->value);
}

const struct key_row rule_keys[KIND_COUNT][RULE_KEYS + 1] = {
	[KIND_LIST] = {{"items", true, true, list_compile}},
	[KIND_MACRO] = {{"condition", true, true, compile_macro}},
	[KIND_RULE] = {{"condition", true, true, compile_condition},
		       {"output", true, true, compile_output},
		       {"priority", true, false, compile_priority},
		       {"desc", false, true, compile_desc},
		       [KEY_TAGS] = {"tags", false, true, compile_tags},
		       {"enabled", false, false, compile_enabled},
		       {"throttle", false, false, compile_throttle},
		       {"exceptions", false, true, compile_exceptions}},
};

static int begin_rule(struct load *ld, struct section *s)
{
	struct draft *d = load_alloc(ld, 1, sizeof(*d));
	const char *name = load_copy(ld, str_of(s->name));

	if (!d || !name)
		return -ENOMEM;
	d->rule = (struct rule){.name = name, .desc = "", .tags = "", .place = s->place};
	*ld->last = d;
	ld->last = &d->next;
	s->draft = d;
	return 0;
}

int section_compile(struct load *ld, struct section *s)
{
	struct ini_place at = ld->at;
	uint32_t macros_before = ld->macros_before;
	int rc = 0;

	s->state = SECTION_BUSY;
	ld->at = s->place;
	if (s->kind == KIND_RULE)
		rc = begin_rule(ld, s);
	for (int i = 0; !rc && rule_keys[s->kind][i].name; i++) {
		const struct text *t = s->key[i];

		if (!t)
			continue;
		ld->at = t->at;
		rc = rule_keys[s->kind][i].compile(ld, s, t);
	}
	s->state = SECTION_DONE;
	ld->macros_before = macros_before;
	if (s->kind != KIND_RULE)
		ld->at = at;
	return rc;
}

/* Where rules come from: paths, or one text. */
struct source {
	struct load *ld;
	const char *const *paths;
	int npaths;
	const char *text;
	size_t len;
};

static int read_file(void *arg, const char *file, struct ini_error *err)
{
	const struct source *src = arg;

	(void)err; /* the load has it */
	return rule_read(src->ld, file, NULL, 0);
}

static int read_all(struct source *src)
{
	int rc = 0;

	if (src->text)
		return rule_read(src->ld, "rules", src->text, src->len);
	for (int i = 0; i < src->npaths && !rc; i++)
		rc = ini_each(src->paths[i], read_file, src, src->ld->err);
	return rc;
}

/* Lists first: conditions may use all of them. */
static int compile_all(struct load *ld)
{
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		for (struct section *s = ld->sections[kind]; s; s = s->next) {
			int rc = s->state == SECTION_DONE ? 0 : section_compile(ld, s);

			if (rc)
				return rc;
		}
		ld->lists_before = UINT32_MAX;
	}
	return compile(ld);
}

static struct ruleset *load(struct arena *a, struct source *src, enum priority min_priority,
			    struct ini_error *err)
{
	struct load ld = {.a = a, .min_priority = min_priority, .err = err};
	int rc;

	src->ld = &ld;
	ld.last = &ld.drafts;
	for (int kind = 0; kind < KIND_COUNT; kind++)
		ld.end[kind] = &ld.sections[kind];
	ld.rs = load_alloc(&ld, 1, sizeof(*ld.rs));
	if (!ld.rs)
		return NULL;
	ld.rs->hash = FNV_START;
	ld.last_undone = &ld.rs->undone;
	rc = arena_map(&ld.texts, RULES_TEXT_MAX);
	if (rc) {
		ini_fail(err, (struct ini_place){0}, "memory for rules: %s", strerror(-rc));
		return NULL;
	}
	rc = read_all(src);
	if (!rc)
		rc = compile_all(&ld);
	arena_unmap(&ld.texts);
	ld.rs->drafts = ld.drafts;
	return rc ? NULL : ld.rs;
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

const struct rule *ruleset_read(const struct ruleset *rs, int i, bool *on)
{
	const struct draft *d = rs->drafts;

	while (d && i--)
		d = d->next;
	if (!d)
		return NULL;
	*on = !d->off;
	return &d->rule;
}

void rule_wants(const struct rule *r, uint8_t wanted[static TRC_NTYPES])
{
	const struct draft *d = (const struct draft *)r;

	for (unsigned t = 0; t < TRC_NTYPES; t++)
		if (typeset_has(&d->types, t))
			wanted[t] = 1;
}

static void each_field(const struct node *n, void (*fn)(void *arg, const struct field_ref *ref),
		       void *arg)
{
	for (; n->kind != NODE_CHECK; n = n->left)
		if (n->kind != NODE_NOT)
			each_field(n->right, fn, arg);
	check_fields(n->check, fn, arg);
}

void rule_fields(const struct rule *r, void (*fn)(void *arg, const struct field_ref *ref),
		 void *arg)
{
	each_field(((const struct draft *)r)->tree, fn, arg);
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
		if (rs->plan[t]->count)
			wanted[t] = 1;
}

struct str ruleset_file(const struct ruleset *rs, int i)
{
	return i < rs->nfiles ? rs->file[i] : (struct str){0};
}

const struct str *ruleset_hosts(const struct ruleset *rs, int *count)
{
	*count = rs->nhosts;
	return rs->host;
}
