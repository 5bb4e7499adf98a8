/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks, the leaves of conditions: a field, an operator and operands that
 * were brought to the form they are compared in. Equal ones become one.
 */
#include <arpa/inet.h>
#include <errno.h>

#include "addr.h"
#include "nearest.h"
#include "rule_int.h"

#define HASH_FROM 8 /* sets of more strings than this are hashed */

#define NUMBER (1 << VAL_INT | 1 << VAL_PORT)
#define ANYTHING (TYPES_DATA | NUMBER | 1 << VAL_BOOL | 1 << VAL_IP | 1 << VAL_HOST)

/* A pattern is the rule's, never that of who is watched: what it costs grows with both sides. */
const struct op_row op_rows[] = {
	{"=", OP_IN, TAKES_ONE, ANYTHING, MAY_OF | MAY_VAL},
	{"==", OP_IN, TAKES_ONE, ANYTHING, MAY_OF | MAY_VAL},
	{"!=", OP_NE, TAKES_ONE, ANYTHING, MAY_OF | MAY_VAL},
	{"<", OP_LT, TAKES_ONE, NUMBER, MAY_VAL},
	{"<=", OP_LE, TAKES_ONE, NUMBER, MAY_VAL},
	{">", OP_GT, TAKES_ONE, NUMBER, MAY_VAL},
	{">=", OP_GE, TAKES_ONE, NUMBER, MAY_VAL},
	{"in", OP_IN, TAKES_LIST, ANYTHING, 0},
	{"intersects", OP_IN, TAKES_LIST, ANYTHING, 0},
	{"pmatch", OP_PMATCH, TAKES_LIST, TYPES_TEXT, 0},
	{"contains", OP_CONTAINS, TAKES_ONE, TYPES_DATA, MAY_OF | MAY_VAL},
	{"icontains", OP_ICONTAINS, TAKES_ONE, TYPES_TEXT, MAY_OF | MAY_VAL},
	{"startswith", OP_STARTSWITH, TAKES_ONE, TYPES_DATA, MAY_OF | MAY_VAL},
	{"endswith", OP_ENDSWITH, TAKES_ONE, TYPES_DATA, MAY_OF | MAY_VAL},
	{"glob", OP_GLOB, TAKES_ONE, TYPES_TEXT, MAY_OF},
	{"iglob", OP_IGLOB, TAKES_ONE, TYPES_TEXT, MAY_OF},
	{"regex", OP_REGEX, TAKES_ONE, TYPES_TEXT, MAY_OF},
	{"bcontains", OP_BCONTAINS, TAKES_ONE, 1 << VAL_BYTES, MAY_OF},
	{"bstartswith", OP_BSTARTSWITH, TAKES_ONE, 1 << VAL_BYTES, MAY_OF},
	{"exists", OP_EXISTS, TAKES_NOTHING, ANYTHING, 0},
	{0},
};

bool check_is_type(const struct field_ref *ref)
{
	return !strcmp(ref->field->name, "evt.type");
}

bool check_hosts(const struct check *c)
{
	return c->type == VAL_HOST && c->kind == OPERANDS_STR;
}

static enum operands kind_of(const struct question *q)
{
	if (q->op == OP_EXISTS)
		return OPERANDS_NONE;
	if (check_is_type(&q->ref))
		return OPERANDS_TYPES;
	switch (q->type) {
	case VAL_INT:
	case VAL_BOOL:
	case VAL_PORT:
		return OPERANDS_NUM;
	case VAL_IP:
		return OPERANDS_NET;
	default:
		return OPERANDS_STR;
	}
}

static size_t operand_size(enum operands kind)
{
	switch (kind) {
	case OPERANDS_STR:
		return sizeof(struct str);
	case OPERANDS_NUM:
		return sizeof(int64_t);
	case OPERANDS_NET:
		return sizeof(struct net);
	default:
		return 0;
	}
}

/* What a check has beyond a field, if it does. */
static int begin_calc(struct load *ld, struct check *c, const struct calc *from, uint32_t count)
{
	struct calc *calc;

	if (!from->left.count && !from->right.count && !from->of)
		return 0;
	calc = load_alloc(ld, 1, sizeof(*calc));
	if (!calc)
		return -ENOMEM;
	*calc = *from;
	c->calc = calc;
	if (!calc->of)
		return 0;
	calc->hits = load_alloc(ld, count, sizeof(*calc->hits));
	return calc->hits ? 0 : -ENOMEM;
}

struct check *check_begin(struct load *ld, const struct question *q, uint32_t count)
{
	struct check *c = load_alloc(ld, 1, sizeof(*c));

	if (!c || begin_calc(ld, c, &q->calc, count))
		return NULL;
	c->ref = q->ref;
	c->op = (uint8_t)q->op;
	c->kind = (uint8_t)kind_of(q);
	c->type = (uint8_t)q->type;
	if (operand_size(c->kind)) {
		c->str = load_alloc(ld, count, operand_size(c->kind));
		if (!c->str)
			return NULL;
	}
	if (q->op == OP_REGEX) {
		c->regex = load_alloc(ld, count, sizeof(struct regex *));
		if (!c->regex)
			return NULL;
	}
	return c;
}

/* A decimal number; signs are allowed, nothing else is. */
static bool parse_number(struct str s, int64_t *out)
{
	bool negative = s.n && *s.p == '-';
	uint32_t i = s.n && (*s.p == '-' || *s.p == '+');

	*out = 0;
	if (i == s.n)
		return false;
	for (; i < s.n; i++) {
		int digit = s.p[i] - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(*out, 10, out) ||
		    __builtin_add_overflow(*out, negative ? -digit : digit, out))
			return false;
	}
	return true;
}

/* Returns what was expected, or NULL if s is right. */
static const char *read_number(enum value_type type, struct str s, int64_t *num)
{
	switch (type) {
	case VAL_BOOL:
		*num = str_eq(s, STR("true"));
		return *num || str_eq(s, STR("false")) ? NULL : "true or false";
	case VAL_PORT:
		return parse_number(s, num) && *num >= 0 && *num <= 65535 ? NULL :
									    "a port, 0 to 65535";
	default:
		return parse_number(s, num) ? NULL : "a decimal number of 64 bits";
	}
}

/* Clears the bits that are not the network's, so that the same network is the same bytes. */
static void clear_host(struct net *net)
{
	for (unsigned bit = net->bits; bit < 8 * sizeof(net->addr); bit++)
		net->addr[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

/*
 * "10.0.0.0/8", "::1"; what maps an IPv4 address is one, as it is in the
 * values of fields.
 */
static bool parse_net(struct str s, struct net *net)
{
	const char *slash = memchr(s.p, '/', s.n);
	size_t n = slash ? (size_t)(slash - s.p) : s.n;
	char text[INET6_ADDRSTRLEN];
	int64_t bits;

	if (n >= sizeof(text))
		return false;
	memcpy(text, s.p, n);
	text[n] = '\0';
	net->family = strchr(text, ':') ? 6 : 4;
	if (inet_pton(net->family == 6 ? AF_INET6 : AF_INET, text, net->addr) != 1)
		return false;
	bits = net->family == 6 ? 128 : 32;
	if (slash) {
		int64_t all = bits;

		if (slash[1] == '-' || slash[1] == '+' ||
		    !parse_number((struct str){slash + 1, (uint32_t)(s.n - n - 1)}, &bits) ||
		    bits > all)
			return false;
	}
	if (net->family == 6 && bits >= 96 && addr_maps(net->addr)) {
		memcpy(net->addr, net->addr + 12, 4);
		memset(net->addr + 4, 0, 12);
		net->family = 4;
		bits -= 96;
	}
	net->bits = (uint8_t)bits;
	clear_host(net);
	return true;
}

static const char *type_name(int i, const void *arg)
{
	(void)arg;
	if (i + 1 >= TRC_NTYPES)
		return NULL;
	return event_table[i + 1].class == TRC_STATE ? "" : event_table[i + 1].name;
}

static int add_type(struct load *ld, struct check *c, const struct token *t, struct str s)
{
	enum trc_type type = event_by_name(s.p);
	const char *near;

	if (type != TRC_NONE && event_table[type].class != TRC_STATE) {
		typeset_add(&c->types, type);
		return 0;
	}
	near = nearest(s.p, s.n, type_name, NULL);
	return ini_fail(ld->err, t->at,
			"%.64s: no event; expected a name that `tiercel list events` shows" MEANT,
			s.p, MEANT_ARGS(near));
}

/* May it be looked up: an address, or labels of letters, digits, - and _ between dots? */
static bool is_host(const char *name, size_t n)
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	uint8_t addr[16];

	if (inet_pton(AF_INET6, name, addr) == 1)
		return true;
	if (n > TRC_HOST_MAX || strlen(name) != n)
		return false;
	for (size_t label; *name; name += label + (name[label] == '.')) {
		label = strspn(name, good);
		if (!label || label > 63 || (name[label] && name[label] != '.'))
			return false;
	}
	return n;
}

/* Names of hosts are the same in upper and lower case (RFC 4343). */
static int add_host(struct load *ld, struct str *into, const struct token *t, struct str s)
{
	char *name;

	if (!is_host(s.p, s.n))
		return ini_fail(ld->err, t->at, "%.64s: expected the name of a host, or an address",
				s.p);
	name = load_copy(ld, s);
	if (!name)
		return -ENOMEM;
	for (uint32_t i = 0; i < s.n; i++)
		if (name[i] >= 'A' && name[i] <= 'Z')
			name[i] += 'a' - 'A';
	*into = (struct str){name, s.n};
	return 0;
}

/* "/var//log/" becomes "var\0log\0": the components, whatever slashes were between them. */
static int add_path(struct load *ld, struct str *into, struct str s)
{
	char *out = load_alloc(ld, s.n + 1, 1);
	uint32_t n = 0;

	if (!out)
		return -ENOMEM;
	for (uint32_t i = 0; i < s.n; i++)
		if (s.p[i] != '/')
			out[n++] = s.p[i];
		else if (n && out[n - 1])
			out[n++] = '\0';
	if (n && out[n - 1])
		n++;
	*into = (struct str){out, n};
	return 0;
}

static int add_hex(struct load *ld, struct str *into, const struct token *t, struct str s)
{
	char *out = load_alloc(ld, s.n / 2 + 1, 1);

	if (!out)
		return -ENOMEM;
	for (uint32_t i = 0; i + 1 < s.n && hex_digit(s.p[i]) >= 0 && hex_digit(s.p[i + 1]) >= 0;
	     i += 2)
		out[into->n++] = (char)(hex_digit(s.p[i]) << 4 | hex_digit(s.p[i + 1]));
	into->p = out;
	if (!s.n || 2 * into->n != s.n)
		return ini_fail(ld->err, t->at,
				"%.64s: expected an even number of hexadecimal digits", s.p);
	return 0;
}

/* Of an equal check that was there, check_finish() gives this one's memory back. */
static int add_regex(struct load *ld, struct check *c, const struct token *t, struct str s)
{
	struct regex_error wrong;
	int rc = regex_compile(ld->a, s, &c->regex[c->count], &wrong);

	if (rc == -EINVAL)
		return ini_fail(ld->err, t->at, "%.64s: no regular expression at %.*s: %s", s.p,
				wrong.at.n < 24 ? (int)wrong.at.n : 24, wrong.at.p, wrong.expected);
	return rc == -ENOMEM ? load_no_room(ld) : rc;
}

/* Is it a function that is asked, and not a field itself? */
static bool is_function(const struct check *c)
{
	return c->calc && c->calc->left.count;
}

static int add_string(struct load *ld, struct check *c, const struct token *t, struct str s)
{
	struct str *into = &c->str[c->count];

	if (c->type == VAL_HOST)
		return add_host(ld, into, t, s);
	if (c->op == OP_PMATCH)
		return add_path(ld, into, s);
	if (c->op == OP_BCONTAINS || c->op == OP_BSTARTSWITH)
		return add_hex(ld, into, t, s);
	*into = s;
	if (c->op == OP_REGEX)
		return add_regex(ld, c, t, s);
	if (!is_function(c) && c->ref.field->flags & FIELD_FILE &&
	    (c->op == OP_IN || c->op == OP_NE) && *s.p == '/')
		c->files = true;
	return 0;
}

int check_add(struct load *ld, struct check *c, const struct token *t, const struct str *item)
{
	const char *expected = NULL;
	struct str s;
	int rc = 0;

	if (item)
		s = *item;
	else
		rc = load_text(ld, t, &s);
	if (rc)
		return rc;
	if (c->kind == OPERANDS_TYPES)
		rc = add_type(ld, c, t, s);
	else if (c->kind == OPERANDS_STR)
		rc = add_string(ld, c, t, s);
	else if (c->kind == OPERANDS_NUM)
		expected = read_number(c->type, s, &c->num[c->count]);
	else if (!parse_net(s, &c->net[c->count]))
		expected = "an address or a network";
	c->count++;
	if (expected)
		rc = ini_fail(ld->err, t->at, "%.64s: no value of %s; expected %s", s.p,
			      is_function(c) ? "a length" : c->ref.field->name, expected);
	return rc == -EINVAL ? token_blame(t, ld->err) : rc;
}

static uint64_t check_hash(const struct check *c)
{
	uint64_t h = fnv(FNV_START, c->ref.field->name, strlen(c->ref.field->name));

	if (c->kind == OPERANDS_STR)
		for (uint32_t i = 0; i < c->count; i++)
			h = fnv(h, c->str[i].p, c->str[i].n);
	else if (c->kind == OPERANDS_TYPES)
		h = fnv(h, &c->types, sizeof(c->types));
	else if (c->kind != OPERANDS_NONE)
		h = fnv(h, c->num, c->count * operand_size(c->kind));
	if (c->calc)
		h = expr_hash(expr_hash(h, &c->calc->left), &c->calc->right);
	return h;
}

static bool calc_equal(const struct calc *a, const struct calc *b)
{
	if (!a || !b)
		return a == b;
	return a->of == b->of && expr_equal(&a->left, &b->left) && expr_equal(&a->right, &b->right);
}

static bool check_equal(const struct check *a, const struct check *b)
{
	if (!field_equal(&a->ref, &b->ref) || a->op != b->op || !calc_equal(a->calc, b->calc))
		return false;
	if (a->kind == OPERANDS_TYPES)
		return !memcmp(&a->types, &b->types, sizeof(a->types));
	if (a->count != b->count)
		return false;
	if (a->kind != OPERANDS_STR)
		return !a->count || !memcmp(a->num, b->num, a->count * operand_size(a->kind));
	for (uint32_t i = 0; i < a->count; i++)
		if (!str_eq(a->str[i], b->str[i]))
			return false;
	return true;
}

/* Builds the hashed set of a check that compares with many strings. */
static int hash_strings(struct load *ld, struct check *c)
{
	uint32_t slots = 2 * HASH_FROM, at;
	uint32_t *slot;

	while (slots < 2 * c->count)
		slots *= 2;
	slot = load_alloc(ld, slots, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->count; i++) {
		at = (uint32_t)fnv(FNV_START, c->str[i].p, c->str[i].n) & (slots - 1);
		while (slot[at])
			at = (at + 1) & (slots - 1);
		slot[at] = i + 1;
	}
	c->slot = slot;
	c->mask = slots - 1;
	return 0;
}

/* Gives a check the cell of its field, if that has values which last. */
static int find_cell(struct load *ld, struct check *c)
{
	struct cell *cell = ld->cells;

	if (c->calc || c->kind == OPERANDS_TYPES || c->ref.field->flags & FIELD_EACH)
		return 0;
	while (cell && !field_equal(&cell->ref, &c->ref))
		cell = cell->next;
	if (!cell) {
		cell = load_alloc(ld, 1, sizeof(*cell));
		if (!cell)
			return -ENOMEM;
		cell->ref = c->ref;
		cell->next = ld->cells;
		ld->cells = cell;
	}
	c->cell = cell;
	if (cell->pair || !check_has_pairs(c))
		return 0;
	cell->pair = load_alloc(ld, PAIRS / 64, sizeof(*cell->pair));
	return cell->pair ? 0 : -ENOMEM;
}

static bool has_modifier(const struct check *c)
{
	return c->calc && c->calc->of;
}

static bool operands_equal(const struct check *c, uint32_t i, uint32_t k)
{
	size_t size = operand_size(c->kind);

	if (c->kind == OPERANDS_STR)
		return str_eq(c->str[i], c->str[k]);
	return !memcmp((char *)c->num + i * size, (char *)c->num + k * size, size);
}

/* What a list names twice is asked, and counted, once. */
static void drop_repeated(struct check *c)
{
	size_t size = operand_size(c->kind);
	uint32_t kept = 0, k;

	for (uint32_t i = 0; i < c->count; i++) {
		for (k = 0; k < kept && !operands_equal(c, i, k); k++)
			;
		if (k < kept || kept++ == i)
			continue;
		memcpy((char *)c->num + k * size, (char *)c->num + i * size, size);
		if (c->op == OP_REGEX)
			c->regex[k] = c->regex[i];
	}
	c->count = kept;
}

/* The key of what begins with s, as one bit; all bits if that is not one. */
static uint64_t begin_key(struct str s)
{
	uint32_t slashes = 0, n;

	while (slashes < s.n && s.p[slashes] == '/')
		slashes++;
	for (n = slashes; n < s.n && s.p[n] != '/'; n++)
		;
	return n < s.n || n - slashes >= KEY_BYTES ? 1ull << text_key(s) : UINT64_MAX;
}

static uint64_t operand_key(const struct check *c, struct str s)
{
	switch (c->op) {
	case OP_IN:
		return 1ull << text_key(s);
	case OP_STARTSWITH:
		return begin_key(s);
	case OP_GLOB:
		return begin_key((struct str){s.p, glob_plain(s.p)});
	case OP_PMATCH:
		s = (struct str){s.p, s.n ? (uint32_t)strlen(s.p) : 0};
		return s.n && glob_plain(s.p) == s.n ? 1ull << text_key(s) : UINT64_MAX;
	default:
		return UINT64_MAX;
	}
}

/* Finds which texts need not be compared at all. */
static void find_keys(struct check *c)
{
	bool text = c->kind == OPERANDS_STR && c->type == VAL_STR && c->cell;

	c->keys = text ? 0 : UINT64_MAX;
	for (uint32_t i = 0; text && i < c->count; i++)
		c->keys |= operand_key(c, c->str[i]);
}

struct check *check_finish(struct load *ld, struct check *c, size_t used)
{
	struct check **bucket, *old;

	if (c->kind == OPERANDS_TYPES && c->op == OP_NE) {
		for (size_t i = 0; i < sizeof(c->types.word) / sizeof(c->types.word[0]); i++)
			c->types.word[i] = ~c->types.word[i];
		c->op = OP_IN;
	}
	if (has_modifier(c))
		drop_repeated(c);
	bucket = &ld->bucket[check_hash(c) % CHECK_BUCKETS];
	for (old = *bucket; old; old = old->next)
		if (check_equal(old, c)) {
			load_rewind(ld, used);
			return old;
		}
	if (c->kind == OPERANDS_STR && c->op == OP_IN && c->count > HASH_FROM && !has_modifier(c) &&
	    hash_strings(ld, c))
		return NULL;
	if (find_cell(ld, c))
		return NULL;
	find_keys(c);
	if (c->files)
		ld->nfiles += c->count;
	if (check_hosts(c))
		ld->nhosts += c->count;
	c->next = *bucket;
	*bucket = c;
	return c;
}

static void expr_fields(const struct expr *e, void (*fn)(void *arg, const struct field_ref *ref),
			void *arg)
{
	for (uint32_t i = 0; i < e->count; i++) {
		struct field_ref ref = e->step[i].ref;

		if (e->step[i].op != EXPR_FIELD)
			continue;
		if (ref.index == FIELD_WORDS) /* the rule names it without [] */
			ref.index = -1;
		fn(arg, &ref);
	}
}

void check_fields(const struct check *c, void (*fn)(void *arg, const struct field_ref *ref),
		  void *arg)
{
	if (!is_function(c))
		fn(arg, &c->ref);
	if (!c->calc)
		return;
	expr_fields(&c->calc->left, fn, arg);
	expr_fields(&c->calc->right, fn, arg);
}

/* Are all of its operands below any value of its field? */
static bool is_below(const struct check *c)
{
	if (c->op != OP_IN || !(c->ref.field->flags & FIELD_FROM_1))
		return false;
	for (uint32_t i = 0; i < c->count; i++)
		if (c->num[i] >= 1)
			return false;
	return true;
}

bool check_constant(const struct check *c, unsigned type, bool *is)
{
	if (c->kind == OPERANDS_TYPES) {
		*is = typeset_has(&c->types, type);
		return true;
	}
	*is = false;
	return !c->calc && (is_below(c) || !field_possible(&c->ref, (int)type));
}

/* What it takes to have a field's value. */
static unsigned field_cost(const struct field_ref *ref)
{
	enum {
		NUMBER_COST = 2,
		TEXT_COST = 6,
		BUILT_COST = 20,
		ANCESTORS_COST = 60,
		LINES_COST = 500
	};

	if (ref->field->arg == FIELD_NAME && ref->field->type == VAL_STR)
		return BUILT_COST;
	if (ref->field->flags & FIELD_EACH)
		return LINES_COST;
	if (ref->field->flags & FIELD_ANY_NE)
		return ref->index < 0 ? ANCESTORS_COST : TEXT_COST;
	return ref->field->type == VAL_STR || ref->field->type == VAL_BYTES ? TEXT_COST :
									      NUMBER_COST;
}

/* What it takes to compare it. */
static unsigned op_cost(const struct check *c)
{
	switch (c->op) {
	case OP_IN:
	case OP_NE:
		return c->slot ? 4 : 1 + c->count / 2;
	case OP_PMATCH:
		return 2 + c->count;
	case OP_CONTAINS:
	case OP_BCONTAINS:
	case OP_GLOB:
		return 10;
	case OP_ICONTAINS:
	case OP_IGLOB:
		return 30;
	case OP_REGEX:
		return 200;
	default:
		return 1;
	}
}

struct weight check_weight(const struct check *c)
{
	enum { RARE = 16, EVEN = 128, OFTEN = 240, CALC_COST = 60 };
	unsigned cost = field_cost(&c->ref) + op_cost(c) + (c->calc ? CALC_COST : 0);
	bool number = c->kind == OPERANDS_NUM;

	return (struct weight){.cost = (uint16_t)(cost < 1000 ? cost : 1000),
			       .chance = c->op == OP_NE || c->op == OP_EXISTS ? OFTEN :
					 number				      ? EVEN :
										RARE};
}
