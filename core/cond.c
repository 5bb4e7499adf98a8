/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions: recursive descent from tokens to a tree.
 *
 *	or    = and {"or" and}
 *	and   = term {"and" term}
 *	term  = {"not"} ("(" or ")" | MACRO | check)
 *	check = (FIELD | function) ("exists" | OPERATOR (value | function | [of] list))
 *	of    = "oneof" | "anyof" | "allof"
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

/* The right one is asked only if the left one holds, or, of or, only if it does not. */
static struct weight join_weight(enum node_kind kind, struct weight l, struct weight r)
{
	uint32_t goes_on = kind == NODE_AND ? l.chance : 256u - l.chance,
		 cost = l.cost + r.cost * goes_on / 256;

	if (kind == NODE_NOT)
		return (struct weight){l.cost, (uint16_t)(256 - l.chance)};
	return (struct weight){.cost = (uint16_t)(cost < UINT16_MAX ? cost : UINT16_MAX),
			       .chance = (uint16_t)(kind == NODE_AND ?
							    l.chance * r.chance / 256 :
							    l.chance + r.chance * goes_on / 256)};
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
	n->weight = join_weight(kind, left->weight, right ? right->weight : left->weight);
	return n;
}

static const struct node *leaf(struct parser *p, struct check *c)
{
	struct node *n = load_alloc(p->ld, 1, sizeof(*n));

	if (!n)
		return NULL;
	n->kind = NODE_CHECK;
	n->leaves = 1;
	n->weight = check_weight(c);
	n->check = c;
	return n;
}

static const struct node *fail_macro(struct parser *p, const struct token *name)
{
	const char *near = section_nearest(p->ld, KIND_MACRO, name->text);

	if (section_find(p->ld, KIND_LIST, name->text))
		token_fail(name, p->ld->err, "this is a list; expected FIELD in (%.*s)",
			   (int)name->text.n, name->text.p);
	else if (near)
		token_fail(name, p->ld->err, "expected a field or a macro" MEANT, MEANT_ARGS(near));
	else
		token_fail(name, p->ld->err,
			   "expected a field or a macro; nothing that was read defines one of this "
			   "name");
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

int field_parse(struct load *ld, const struct token *name, struct field_ref *ref)
{
	int rc = field_find(name->text, ref);
	const char *near;

	if (!rc && ref->name.n) {
		/* What was parsed is the condition's. */
		ref->name.p = load_copy(ld, ref->name);
		return ref->name.p ? 0 : -ENOMEM;
	}
	if (!rc)
		return 0;
	if (rc == -EINVAL)
		return token_fail(name, ld->err, "expected %s", field_expected(ref));
	near = field_nearest(name->text);
	return token_fail(name, ld->err, "expected a field that `tiercel list fields` shows" MEANT,
			  MEANT_ARGS(near));
}

/* Can the operator be used with what stands on the left? */
static bool fits(const struct op_row *op, const struct question *q)
{
	if (check_is_type(&q->ref))
		return op->op == OP_IN || op->op == OP_NE || op->op == OP_EXISTS;
	return op->types >> q->type & 1;
}

/* i-th operator that can be used there; "" for others. */
static const char *fitting(int i, const void *arg)
{
	return op_rows[i].name && !fits(&op_rows[i], arg) ? "" : op_rows[i].name;
}

static const struct op_row *parse_operator(struct parser *p, const struct question *q)
{
	struct token t = lex_name(&p->lx);
	const struct op_row *row;
	const char *near;
	char names[256] = "";
	size_t n = 0;

	for (row = op_rows; row->name && !token_is(&t, row->name); row++)
		;
	if (row->name && fits(row, q))
		return row;
	for (const struct op_row *r = op_rows; r->name; r++)
		if (fits(r, q))
			n += (size_t)snprintf(names + n, sizeof(names) - n, " %s", r->name);
	near = row->name || !t.text.n ? NULL : nearest(t.text.p, t.text.n, fitting, q);
	token_fail(&t, p->ld->err, "not an operator %s; expected one of%s" MEANT,
		   row->name ? "for this field" : "of this version", names, MEANT_ARGS(near));
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
	struct token t = lex_value(&p->lx);
	int rc = list_value(p->ld, &t, take_operand, to);

	if (rc)
		return rc;
	if (to->count != 1)
		return token_fail(&t, p->ld->err, "a list of %u items; expected one value",
				  to->count);
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
	return token_fail(&t, p->ld->err,
			  "expected values in parentheses, or the name of a list" MEANT,
			  MEANT_ARGS(near));
}

/* What stands on the left: a field, or a function of fields. */
static int read_left(struct parser *p, const struct token *name, struct question *q)
{
	int rc;

	if (!expr_starts(&p->lx, name)) {
		rc = field_parse(p->ld, name, &q->ref);
		q->type = rc ? VAL_STR : q->ref.field->type;
		return rc;
	}
	rc = expr_parse(p->ld, &p->lx, name, false, &q->calc.left);
	if (rc)
		return rc;
	q->type = q->calc.left.type;
	q->ref = *expr_first(&q->calc.left);
	return 0;
}

/* A port is a number. */
static bool same_type(enum value_type a, enum value_type b)
{
	return (a == VAL_PORT ? VAL_INT : a) == (b == VAL_PORT ? VAL_INT : b);
}

/*
 * A function on the right. A part is looked for in upper or lower case by making both sides lower:
 * both may be long, and chosen by who is watched.
 */
static int read_right(struct parser *p, const struct op_row *op, struct question *q)
{
	struct token t = lex_value(&p->lx);
	struct calc *calc = &q->calc;
	int rc;

	if (!(op->may & MAY_VAL) || check_is_type(&q->ref) || q->type == VAL_HOST)
		return token_fail(&t, p->ld->err,
				  "expected what is written in the rule, no function, behind %s",
				  op->name);
	rc = expr_parse(p->ld, &p->lx, &t, true, &calc->right);
	if (rc)
		return rc;
	if (!same_type(calc->right.type, q->type))
		return token_fail(&t, p->ld->err,
				  "of type %s, and %s on the left; expected one type",
				  value_type_name(calc->right.type), value_type_name(q->type));
	if (!calc->left.count)
		rc = expr_field(p->ld, &q->ref, &calc->left);
	if (rc || op->op != OP_ICONTAINS)
		return rc;
	q->op = OP_CONTAINS;
	rc = expr_lower(p->ld, &calc->left, &t);
	return rc ? rc : expr_lower(p->ld, &calc->right, &t);
}

/* Takes the word oneof, anyof or allof, if a list follows it. */
static enum modifier take_modifier(struct parser *p)
{
	static const char *const words[] = {
		[OF_ONE] = "oneof", [OF_ANY] = "anyof", [OF_ALL] = "allof"};
	struct lex before = p->lx, ahead;
	struct token t = lex_value(&p->lx), next;

	ahead = p->lx;
	next = lex_value(&ahead);
	for (enum modifier of = OF_ONE; of <= OF_ALL; of++)
		if (t.kind == TOKEN_WORD && token_is(&t, words[of]) &&
		    (token_is(&next, "(") || (next.kind == TOKEN_WORD && !token_is(&next, "and") &&
					      !token_is(&next, "or"))))
			return of;
	p->lx = before;
	return OF_NONE;
}

/* Reads the operands twice: to count them, and into a check. */
static struct check *read_operands(struct parser *p, bool list, const struct question *q)
{
	int (*read)(struct parser *, struct operands_sink *) = list ? read_list : read_one;
	struct operands_sink to = {.ld = p->ld};
	struct lex start = p->lx;

	if (read(p, &to))
		return NULL;
	to.c = check_begin(p->ld, q, to.count);
	if (!to.c)
		return NULL;
	to.count = 0;
	p->lx = start;
	return read(p, &to) ? NULL : to.c;
}

/* The operands of an operator with a modifier. One value is any of several if it is in them. */
static struct check *read_modified(struct parser *p, const struct token *t, struct question *q)
{
	bool type = check_is_type(&q->ref);

	if (q->op == OP_IN && (q->calc.of == OF_ANY || (type && q->calc.of == OF_ONE))) {
		q->calc.of = OF_NONE;
	} else if (type) {
		token_fail(t, p->ld->err, "an event has one type; expected in, or not and in");
		return NULL;
	}
	return read_operands(p, true, q);
}

/* What stands behind an operator, and with it the check. */
static struct check *read_question(struct parser *p, const struct op_row *op, struct question *q)
{
	struct lex ahead = p->lx;
	struct token t = lex_value(&ahead);

	q->op = op->op;
	if (op->takes == TAKES_NOTHING)
		return check_begin(p->ld, q, 0);
	if (op->may & MAY_OF)
		q->calc.of = take_modifier(p);
	if (q->calc.of)
		return read_modified(p, &t, q);
	if (expr_starts(&ahead, &t))
		return read_right(p, op, q) ? NULL : check_begin(p->ld, q, 0);
	return read_operands(p, op->takes == TAKES_LIST, q);
}

static const struct node *parse_check(struct parser *p, const struct token *name)
{
	size_t used = p->ld->a->used;
	struct question q = {0};
	const struct op_row *op;
	struct check *c;

	if (read_left(p, name, &q))
		return NULL;
	op = parse_operator(p, &q);
	if (!op)
		return NULL;
	c = read_question(p, op, &q);
	if (c)
		c = check_finish(p->ld, c, used);
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
	else if (memchr(t.text.p, '.', t.text.n) || expr_starts(&p->lx, &t))
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

const struct node *cond_except(struct load *ld, const struct node *tree, const char *text,
			       struct ini_place at)
{
	struct parser p = {ld, {text, at}};
	struct token name = lex_value(&p.lx);

	do {
		const struct node *n = NULL;
		struct str s = name.text;

		if (name.kind == TOKEN_WORD && s.n > 1 && s.p[s.n - 1] == ':')
			n = parse_or(&p);
		else
			token_fail(&name, ld->err,
				   "expected NAME: in front of an exception, which is a condition");
		n = n ? join(&p, NODE_NOT, &name, n, NULL) : NULL;
		tree = n ? join(&p, NODE_AND, &name, tree, n) : NULL;
		name = lex_value(&p.lx);
	} while (tree && name.kind != TOKEN_END);
	return tree;
}
