/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expressions, when rules are loaded: functions of fields and strings become
 * programs in postfix form. What may stand where is decided here, so that
 * transform.c has nothing left to refuse but what is missing or too long.
 *
 *	function = NAME "(" argument {"," argument} ")"
 *	argument = FIELD | STRING | function | "(" argument {"," argument} ")"
 * and behind getopt() there may be "[" LETTER "]".
 */
#include <errno.h>
#include <stdio.h>

#include "rule_int.h"

const struct func_row func_rows[] = {
	{"tolower", FUNC_ONE, EXPR_LOWER, TYPES_TEXT, "with A to Z as a to z"},
	{"toupper", FUNC_ONE, EXPR_UPPER, TYPES_TEXT, "with a to z as A to Z"},
	{"b64", FUNC_ONE, EXPR_B64, TYPES_DATA,
	 "what stands in it in base64, with or without = at its end; missing if that is none"},
	{"basename", FUNC_ONE, EXPR_BASENAME, TYPES_TEXT, "what is behind the last slash"},
	{"len", FUNC_ONE, EXPR_LEN, TYPES_DATA,
	 "how many bytes it has; of a field that may have several values: how many values"},
	{"concat", FUNC_MORE, EXPR_CONCAT, TYPES_TEXT, "two or more, one behind the other"},
	{"join", FUNC_LIST, EXPR_CONCAT, TYPES_TEXT,
	 "one behind the other, with the string between them"},
	{"getopt", FUNC_OPTIONS, EXPR_GETOPT, TYPES_TEXT,
	 "the options among words, and their values; with [LETTER] behind it, of that option"},
	{"val", FUNC_FIELD, EXPR_FIELD, ~0u, "the value of a field, on the right of an operator"},
	{0},
};

/* A program that is being made. */
struct maker {
	struct load *ld;
	struct lex *lx;
	int depth;
	bool asks; /* some step is a field */
	uint32_t count;
	struct expr_step step[EXPR_STEPS];
};

/* What a part of it is worth. */
struct worth {
	enum value_type type;
	bool several;
};

static int parse_value(struct maker *m, const struct token *t, struct worth *w);

static int add(struct maker *m, const struct token *t, struct expr_step s)
{
	if (m->count == EXPR_STEPS)
		return token_fail(t, m->ld->err,
				  "expected no more than %d fields, strings and functions in one",
				  EXPR_STEPS);
	m->step[m->count++] = s;
	return 0;
}

static int expect(struct maker *m, const char *sign)
{
	struct token t = lex_value(m->lx);

	return token_is(&t, sign) ? 0 : token_fail(&t, m->ld->err, "expected %s", sign);
}

static const struct func_row *find_function(const struct token *name)
{
	const struct func_row *f = func_rows;

	while (f->name && !token_is(name, f->name))
		f++;
	return f->name ? f : NULL;
}

bool expr_starts(const struct lex *lx, const struct token *name)
{
	struct lex ahead = *lx;
	struct token next = lex_value(&ahead);

	return name->kind == TOKEN_WORD && token_is(&next, "(");
}

static int fail_function(struct maker *m, const struct token *name, const char *what)
{
	char names[128] = "";
	size_t n = 0;

	for (const struct func_row *f = func_rows; f->name; f++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, " %s", f->name);
	return token_fail(name, m->ld->err, "%s; expected one of%s", what, names);
}

static int parse_field(struct maker *m, const struct token *t, struct worth *w)
{
	struct expr_step s = {.op = EXPR_FIELD};
	int rc = field_parse(m->ld, t, &s.ref);

	if (rc)
		return rc;
	if (check_is_type(&s.ref) || s.ref.field->type == VAL_HOST)
		return token_fail(t, m->ld->err, "a function does not take this field");
	*w = (struct worth){s.ref.field->type, field_is_several(&s.ref)};
	m->asks = true;
	return add(m, t, s);
}

/* Is it proc.args without []? */
static bool is_all_args(const struct expr_step *s)
{
	return s->op == EXPR_FIELD && s->ref.index < 0 && !strcmp(s->ref.field->name, "proc.args");
}

static int parse_string(struct maker *m, const struct token *t, struct worth *w)
{
	struct expr_step s = {.op = EXPR_TEXT};
	int rc = load_text(m->ld, t, &s.text);

	*w = (struct worth){VAL_STR, false};
	return rc ? rc : add(m, t, s);
}

/* A value that becomes a part of a longer text. */
static int parse_part(struct maker *m, const struct func_row *f, struct worth *w)
{
	struct token t = lex_name(m->lx);
	int rc = parse_value(m, &t, w);

	if (rc)
		return rc;
	if (!(f->types >> w->type & 1))
		return token_fail(&t, m->ld->err, "of type %s; %s() takes strings",
				  value_type_name(w->type), f->name);
	if (w->several)
		return token_fail(&t, m->ld->err,
				  "may have several values; %s() takes what has one", f->name);
	return 0;
}

/* Values up to the ), which become one; a separator between each two of them, if there is one. */
static int parse_parts(struct maker *m, const struct token *name, const struct func_row *f,
		       const struct str *separator, struct worth *w)
{
	struct expr_step all = {.op = f->op};

	for (;;) {
		int rc = parse_part(m, f, w);
		struct token t;

		all.n++;
		if (rc)
			return rc;
		t = lex_value(m->lx);
		if (token_is(&t, ")"))
			break;
		if (!token_is(&t, ","))
			return token_fail(&t, m->ld->err, "expected , or )");
		if (separator) {
			rc = add(m, name, (struct expr_step){.op = EXPR_TEXT, .text = *separator});
			all.n++;
		}
		if (rc)
			return rc;
	}
	if (!separator && all.n < 2)
		return token_fail(name, m->ld->err, "expected two values or more");
	return add(m, name, all);
}

/* join('SEPARATOR', (VALUE, ...)) */
static int parse_join(struct maker *m, const struct token *name, const struct func_row *f,
		      struct worth *w)
{
	struct token t = lex_value(m->lx);
	struct str separator;
	int rc;

	if (t.kind != TOKEN_STRING)
		return token_fail(&t, m->ld->err, "expected a string in quotes to stand between");
	rc = load_text(m->ld, &t, &separator);
	if (!rc)
		rc = expect(m, ",");
	if (!rc)
		rc = expect(m, "(");
	if (!rc)
		rc = parse_parts(m, name, f, &separator, w);
	return rc ? rc : expect(m, ")");
}

/* Words to look for options in: proc.args, all of them, or values in parentheses. */
static int parse_words(struct maker *m, const struct func_row *f, uint32_t *n)
{
	struct lex first = *m->lx;
	struct token t = lex_name(m->lx);
	bool list = token_is(&t, "("), all = false;

	if (!list)
		*m->lx = first;
	do {
		struct lex here = *m->lx;
		struct expr_step *s;
		struct worth w;
		int rc = parse_part(m, f, &w);

		if (rc)
			return rc;
		s = &m->step[m->count - 1];
		if (is_all_args(s)) {
			s->ref.index = FIELD_WORDS;
			all = true;
		}
		s->ends = !all;
		t = lex_name(&here);
		if (!list && !all)
			return token_fail(&t, m->ld->err,
					  "expected proc.args, or values in parentheses");
		if (++*n > 1 && all)
			return token_fail(&t, m->ld->err,
					  "proc.args without [] stands for all; expected it alone");
		if (!list)
			return 0;
		t = lex_value(m->lx);
	} while (token_is(&t, ","));
	return token_is(&t, ")") ? 0 : token_fail(&t, m->ld->err, "expected , or )");
}

/* "nt:", or ":nt:", which means the same here. The text has a NUL behind it. */
static int parse_letters(struct maker *m, struct str *letters)
{
	struct token t = lex_value(m->lx);
	bool good;
	int rc;

	if (t.kind != TOKEN_STRING)
		return token_fail(&t, m->ld->err, "expected a string in quotes, of option letters");
	rc = load_text(m->ld, &t, letters);
	if (rc)
		return rc;
	str_take(letters, STR(":"));
	good = letters->n;
	for (uint32_t i = 0; good && i < letters->n; i++) {
		char c = letters->p[i];

		good = c > ' ' && c <= '~' && !strchr("+-:;", c) && !memchr(letters->p, c, i);
		i += letters->p[i + 1] == ':';
	}
	return good ? 0 :
		      token_fail(&t, m->ld->err,
				 "expected letters of options, each once, with one : behind "
				 "those that take a value");
}

/* [LETTER] behind a getopt(), with or without quotes. */
static int parse_letter(struct maker *m, struct expr_step *s)
{
	struct token t = lex_bracket(m->lx);
	const char *p = t.text.p;
	uint32_t n = t.text.n;
	bool quoted = n == 5 && (p[1] == '\'' || p[1] == '"') && p[3] == p[1];

	if (!n)
		return 0;
	s->op = EXPR_OPTION;
	s->letter = p[n / 2];
	if ((n == 3 || quoted) && p[n - 1] == ']' && s->letter != ':' &&
	    memchr(s->text.p, s->letter, s->text.n))
		return 0;
	return token_fail(&t, m->ld->err, "expected one of the option letters in []");
}

/* getopt((VALUE, ...), 'LETTERS') */
static int parse_getopt(struct maker *m, const struct token *name, const struct func_row *f,
			struct worth *w)
{
	struct expr_step s = {.op = f->op};
	int rc = parse_words(m, f, &s.n);

	if (!rc)
		rc = expect(m, ",");
	if (!rc)
		rc = parse_letters(m, &s.text);
	if (!rc)
		rc = expect(m, ")");
	if (!rc)
		rc = parse_letter(m, &s);
	*w = (struct worth){VAL_STR, s.op == EXPR_GETOPT};
	return rc ? rc : add(m, name, s);
}

/* A function of one value. */
static int parse_one(struct maker *m, const struct token *name, const struct func_row *f,
		     struct worth *w)
{
	struct expr_step s = {.op = f->op};
	struct token t = lex_name(m->lx);
	int rc = parse_value(m, &t, w);

	if (rc)
		return rc;
	if (f->op == EXPR_LEN && w->several)
		s.op = EXPR_COUNT;
	else if (!(f->types >> w->type & 1))
		return token_fail(&t, m->ld->err, "of type %s; %s() does not take it",
				  value_type_name(w->type), f->name);
	if (f->op == EXPR_LEN)
		*w = (struct worth){VAL_INT, false};
	rc = add(m, name, s);
	return rc ? rc : expect(m, ")");
}

/* Goes on behind the name of a function, and the ( behind that. */
static int parse_function(struct maker *m, const struct token *name, struct worth *w)
{
	const struct func_row *f = find_function(name);
	int rc;

	if (!f)
		return fail_function(m, name, "not a function");
	if (f->takes == FUNC_FIELD)
		return token_fail(name, m->ld->err,
				  "stands on the right of an operator only, around one field");
	if (m->depth == EXPR_DEPTH_MAX)
		return token_fail(name, m->ld->err, "expected functions to nest no deeper than %d",
				  EXPR_DEPTH_MAX);
	m->depth++;
	lex_value(m->lx);
	if (f->takes == FUNC_ONE)
		rc = parse_one(m, name, f, w);
	else if (f->takes == FUNC_MORE)
		rc = parse_parts(m, name, f, NULL, w);
	else if (f->takes == FUNC_OPTIONS)
		rc = parse_getopt(m, name, f, w);
	else
		rc = parse_join(m, name, f, w);
	m->depth--;
	return rc;
}

static int parse_value(struct maker *m, const struct token *t, struct worth *w)
{
	if (t->kind == TOKEN_STRING)
		return parse_string(m, t, w);
	if (t->kind != TOKEN_WORD || (!memchr(t->text.p, '.', t->text.n) && !expr_starts(m->lx, t)))
		return token_fail(t, m->ld->err,
				  "expected a field, a string in quotes or a function");
	return expr_starts(m->lx, t) ? parse_function(m, t, w) : parse_field(m, t, w);
}

/* val(FIELD) */
static int parse_val(struct maker *m, struct worth *w)
{
	struct token t;
	int rc;

	lex_value(m->lx);
	t = lex_name(m->lx);
	if (t.kind != TOKEN_WORD)
		return token_fail(&t, m->ld->err, "expected a field");
	rc = parse_field(m, &t, w);
	return rc ? rc : expect(m, ")");
}

static int finish(struct maker *m, enum value_type type, struct expr *out)
{
	*out = (struct expr){.type = type, .count = m->count};
	out->step = load_alloc(m->ld, m->count, sizeof(*out->step));
	if (!out->step)
		return -ENOMEM;
	memcpy(out->step, m->step, m->count * sizeof(*out->step));
	return 0;
}

int expr_parse(struct load *ld, struct lex *lx, const struct token *name, bool right,
	       struct expr *out)
{
	struct maker m = {.ld = ld, .lx = lx};
	const struct func_row *f = find_function(name);
	struct worth w;
	int rc;

	rc = right && f && f->takes == FUNC_FIELD ? parse_val(&m, &w) :
						    parse_function(&m, name, &w);
	if (rc)
		return rc;
	if (!m.asks)
		return token_fail(name, ld->err, "expected a field in it: this is always the same");
	if (right && w.several)
		return token_fail(
			name, ld->err,
			"may have several values; expected one on the right of an operator");
	return finish(&m, w.type, out);
}

int expr_field(struct load *ld, const struct field_ref *ref, struct expr *out)
{
	struct maker m = {.ld = ld, .count = 1, .step[0] = {.op = EXPR_FIELD, .ref = *ref}};

	return finish(&m, ref->field->type, out);
}

int expr_lower(struct load *ld, struct expr *e, const struct token *t)
{
	struct maker m = {.ld = ld, .count = e->count};
	int rc;

	memcpy(m.step, e->step, e->count * sizeof(*e->step));
	rc = add(&m, t, (struct expr_step){.op = EXPR_LOWER});
	return rc ? rc : finish(&m, e->type, e);
}

const struct field_ref *expr_first(const struct expr *e)
{
	const struct expr_step *s = e->step;

	while (s->op != EXPR_FIELD)
		s++;
	return &s->ref;
}

static bool has_text(const struct expr_step *s)
{
	return s->op == EXPR_TEXT || s->op == EXPR_GETOPT || s->op == EXPR_OPTION;
}

static bool step_equal(const struct expr_step *a, const struct expr_step *b)
{
	if (a->op != b->op || a->n != b->n || a->letter != b->letter)
		return false;
	if (has_text(a))
		return str_eq(a->text, b->text);
	return a->op != EXPR_FIELD || field_equal(&a->ref, &b->ref);
}

bool expr_equal(const struct expr *a, const struct expr *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!step_equal(&a->step[i], &b->step[i]))
			return false;
	return true;
}

uint64_t expr_hash(uint64_t h, const struct expr *e)
{
	for (uint32_t i = 0; i < e->count; i++) {
		const struct expr_step *s = &e->step[i];

		h = fnv(h, &s->op, sizeof(s->op));
		if (has_text(s))
			h = fnv(h, s->text.p, s->text.n);
		else if (s->op == EXPR_FIELD)
			h = fnv(h, s->ref.field->name, strlen(s->ref.field->name));
	}
	return h;
}
