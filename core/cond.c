/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions: recursive descent from tokens to a tree.
 *
 *	or    = and {"or" and}
 *	and   = term {"and" term}
 *	term  = {"not"} ("(" or ")" | MACRO | check)
 *	check = FIELD ("exists" | OPERATOR value | OPERATOR list)
 *	list  = "(" [value {"," value}] ")" | LIST
 */
#include <errno.h>
#include <stdio.h>

#include "rule_int.h"

struct parser {
	struct load *ld;
	struct lex lx;
};

static const struct node *parse_or(struct parser *p);

static const struct node *too_deep(struct parser *p, const struct token *t)
{
	token_fail(t, p->ld->err, "expected conditions to nest no deeper than %d", NODE_DEPTH_MAX);
	return NULL;
}

/*
 * Joins two parts. Walking a tree recurses on the right of and and or only: a
 * long row of either, which leans to the left, is not deep.
 */
static const struct node *join(struct parser *p, enum node_kind kind, const struct token *t,
			       const struct node *left, const struct node *right)
{
	unsigned depth = left->depth;
	struct node *n;

	if (right && depth <= right->depth)
		depth = right->depth + 1u;
	if (depth > NODE_DEPTH_MAX)
		return too_deep(p, t);
	n = load_alloc(p->ld, 1, sizeof(*n));
	if (!n)
		return NULL;
	n->kind = (uint8_t)kind;
	n->depth = (uint16_t)depth;
	n->left = left;
	n->right = right;
	if (__builtin_add_overflow(left->leaves, right ? right->leaves : 0, &n->leaves))
		n->leaves = UINT32_MAX;
	return n;
}

static const struct node *leaf(struct parser *p, struct check *c)
{
	struct node *n = load_alloc(p->ld, 1, sizeof(*n));

	if (!n)
		return NULL;
	n->kind = NODE_CHECK;
	n->leaves = 1;
	n->check = c;
	return n;
}

static const struct node *fail_macro(struct parser *p, const struct token *name)
{
	struct lex ahead = p->lx;
	struct token next = lex_value(&ahead);
	const char *near = section_nearest(p->ld, KIND_MACRO, name->text);

	if (token_is(&next, "("))
		token_fail(name, p->ld->err,
			   "functions are no part of this version; expected a field or a macro");
	else
		token_fail(name, p->ld->err, "expected a field or a macro" MEANT, MEANT_ARGS(near));
	return NULL;
}

static const struct node *parse_macro(struct parser *p, const struct token *name)
{
	struct load *ld = p->ld;
	struct section *m = section_find(ld, KIND_MACRO, name->text);
	int rc;

	if (!m)
		return fail_macro(p, name);
	if (m->order >= ld->macros_before) {
		token_fail(name, ld->err,
			   "this macro is defined only at %s:%d; expected it before this one",
			   m->place.file, m->place.line);
		return NULL;
	}
	if (m->state == SECTION_DONE)
		return m->tree;
	if (m->state == SECTION_BUSY) {
		token_fail(name, ld->err, "this macro would use itself");
		return NULL;
	}
	if (ld->depth == NODE_DEPTH_MAX)
		return too_deep(p, name);
	ld->depth++;
	rc = section_compile(ld, m);
	ld->depth--;
	return rc ? NULL : m->tree;
}

static int find_field(struct parser *p, const struct token *name, struct field_ref *ref)
{
	int rc = field_find(name->text, ref);
	const char *near;

	if (!rc)
		return 0;
	if (rc == -EINVAL)
		return token_fail(
			name, p->ld->err,
			"the field is right, but not what stands in [] or behind its last "
			"dot; expected what `tiercel list fields` shows");
	near = field_nearest(name->text);
	return token_fail(name, p->ld->err,
			  "expected a field that `tiercel list fields` shows" MEANT,
			  MEANT_ARGS(near));
}

/* Can the operator be used with the field? */
static bool fits(const struct op_row *op, const struct field_ref *ref)
{
	if (check_is_type(ref))
		return op->op == OP_IN || op->op == OP_NE || op->op == OP_EXISTS;
	return op->types >> ref->field->type & 1;
}

static const struct op_row *parse_operator(struct parser *p, const struct field_ref *ref)
{
	struct token t = lex_name(&p->lx);
	const struct op_row *row;
	char names[256] = "";
	size_t n = 0;

	for (row = op_rows; row->name && !token_is(&t, row->name); row++)
		;
	if (row->name && fits(row, ref))
		return row;
	for (const struct op_row *r = op_rows; r->name; r++)
		if (fits(r, ref))
			n += (size_t)snprintf(names + n, sizeof(names) - n, " %s", r->name);
	token_fail(&t, p->ld->err, "not an operator %s; expected one of%s",
		   row->name ? "for this field" : "of this version", names);
	return NULL;
}

/* Operands on their way to a check; c = NULL: they are only counted. */
struct operands_sink {
	struct load *ld;
	struct check *c;
	uint32_t count;
};

static int take_operand(void *arg, const struct token *t, const struct str *item)
{
	struct operands_sink *to = arg;

	to->count++;
	return to->c ? check_add(to->ld, to->c, t, item) : 0;
}

/* One value: a word, a string, or a list of one item. */
static int read_one(struct parser *p, struct operands_sink *to)
{
	struct token t = lex_value(&p->lx), next;
	struct lex ahead = p->lx;
	int rc = list_value(p->ld, &t, take_operand, to);

	if (rc)
		return rc;
	if (to->count != 1)
		return token_fail(&t, p->ld->err, "a list of %u items; expected one value",
				  to->count);
	next = lex_value(&ahead);
	if (t.kind == TOKEN_WORD && token_is(&next, "("))
		return token_fail(&t, p->ld->err, "not a part of this version; expected a value");
	return 0;
}

/* Values in parentheses, or the name of a list. */
static int read_list(struct parser *p, struct operands_sink *to)
{
	struct token t = lex_value(&p->lx);
	const char *near;

	if (token_is(&t, "("))
		return list_values(p->ld, &p->lx, true, take_operand, to);
	if (t.kind == TOKEN_WORD && section_find(p->ld, KIND_LIST, t.text))
		return list_value(p->ld, &t, take_operand, to);
	near = section_nearest(p->ld, KIND_LIST, t.text);
	return token_fail(&t, p->ld->err, "expected ( or the name of a list" MEANT,
			  MEANT_ARGS(near));
}

static int read_operands(struct parser *p, enum op_takes takes, struct operands_sink *to)
{
	if (takes == TAKES_NOTHING)
		return 0;
	return takes == TAKES_ONE ? read_one(p, to) : read_list(p, to);
}

static const struct node *parse_check(struct parser *p, const struct token *name)
{
	size_t used = p->ld->a->used;
	struct operands_sink to = {.ld = p->ld};
	const struct op_row *op;
	struct field_ref ref;
	struct lex start;
	struct check *c;

	if (find_field(p, name, &ref))
		return NULL;
	op = parse_operator(p, &ref);
	if (!op)
		return NULL;
	start = p->lx;
	if (read_operands(p, op->takes, &to))
		return NULL;
	to.c = check_begin(p->ld, &ref, op->op, to.count);
	if (!to.c)
		return NULL;
	to.count = 0;
	p->lx = start;
	if (read_operands(p, op->takes, &to))
		return NULL;
	c = check_finish(p->ld, to.c, used);
	return c ? leaf(p, c) : NULL;
}

static const struct node *parse_parens(struct parser *p, const struct token *t)
{
	const struct node *n;
	struct token end;

	if (p->ld->depth == NODE_DEPTH_MAX)
		return too_deep(p, t);
	p->ld->depth++;
	n = parse_or(p);
	p->ld->depth--;
	if (!n)
		return NULL;
	end = lex_name(&p->lx);
	if (token_is(&end, ")"))
		return n;
	token_fail(&end, p->ld->err, "expected and, or, or the ) of line %d", t->at.line);
	return NULL;
}

static const struct node *parse_term(struct parser *p)
{
	struct token t = lex_name(&p->lx);
	const struct node *n = NULL;
	bool negated = false;

	for (; token_is(&t, "not"); t = lex_name(&p->lx))
		negated = !negated;
	if (token_is(&t, "("))
		n = parse_parens(p, &t);
	else if (t.kind != TOKEN_WORD || token_is(&t, "and") || token_is(&t, "or"))
		token_fail(&t, p->ld->err, "expected a field, a macro, not or (");
	else if (memchr(t.text.p, '.', t.text.n))
		n = parse_check(p, &t);
	else
		n = parse_macro(p, &t);
	return n && negated ? join(p, NODE_NOT, &t, n, NULL) : n;
}

/* Takes the next token if it is that word. */
static bool take_word(struct parser *p, const char *word, struct token *t)
{
	struct lex before = p->lx;

	*t = lex_name(&p->lx);
	if (token_is(t, word))
		return true;
	p->lx = before;
	return false;
}

/* Goes on behind a term that was read. */
static const struct node *more_and(struct parser *p, const struct node *n)
{
	struct token t;

	while (n && take_word(p, "and", &t)) {
		const struct node *right = parse_term(p);

		n = right ? join(p, NODE_AND, &t, n, right) : NULL;
	}
	return n;
}

/* Goes on behind a part that was read. */
static const struct node *more_or(struct parser *p, const struct node *n)
{
	struct token t;

	while (n && take_word(p, "or", &t)) {
		const struct node *right = more_and(p, parse_term(p));

		n = right ? join(p, NODE_OR, &t, n, right) : NULL;
	}
	return n;
}

static const struct node *parse_or(struct parser *p)
{
	return more_or(p, more_and(p, parse_term(p)));
}

static const struct node *parse_end(struct parser *p, const struct node *n)
{
	struct token end;

	if (!n)
		return NULL;
	end = lex_name(&p->lx);
	if (end.kind == TOKEN_END)
		return n;
	token_fail(&end, p->ld->err, "expected and, or, or the end of the condition");
	return NULL;
}

const struct node *cond_parse(struct load *ld, const char *text, struct ini_place at)
{
	struct parser p = {ld, {text, at}};

	return parse_end(&p, parse_or(&p));
}

const struct node *cond_add(struct load *ld, const struct node *left, const char *text,
			    struct ini_place at)
{
	struct parser p = {ld, {text, at}};
	struct lex ahead = p.lx;
	struct token t = lex_name(&ahead);

	if (token_is(&t, "and") || token_is(&t, "or"))
		return parse_end(&p, more_or(&p, more_and(&p, left)));
	token_fail(&t, ld->err, "expected and or or, to join this with what it is added to");
	return NULL;
}
