/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Regular expressions become programs: instructions that take a character or
 * choose where to go on. What a part of an expression becomes is a run of
 * instructions that is entered at its front and left at its end, with jumps
 * inside of it only; so it can be moved and copied. All threads of a program go
 * through the value together, and no two are at the same instruction, which is
 * what bounds the time (Thompson, 1968).
 */
#include "regex.h"

#include <errno.h>

#include "lex.h"
#include "utf8.h"

#define CODE_MAX 0x10ffffu
#define CODE_BAD 0xfffdu /* what stands for a byte that is no UTF-8 */

enum regex_op {
	RE_CHAR, /* takes the character arg */
	RE_ANY,	 /* any */
	RE_SET,	 /* one of the arg & 0xffff ranges from arg >> 16 on */
	RE_BEGIN,
	RE_END,
	RE_JUMP,
	RE_SPLIT, /* goes on behind itself, and there */
	RE_MATCH,
};

struct inst {
	uint16_t op;
	int16_t to; /* of JUMP and SPLIT, from here */
	uint32_t arg;
};

struct range {
	uint32_t low, high;
};

struct regex {
	const struct inst *inst;
	const struct range *range;
	uint32_t size;
};

/* What stands in parentheses; the first is the whole expression. */
struct group {
	struct str at;	 /* from its ( on */
	uint32_t start;	 /* its first instruction, */
	uint32_t branch; /* and that of the branch which is being read */
	uint32_t jumps;	 /* 1 + the last JUMP to its end, whose arg is the one before */
	uint32_t repeat; /* repetitions of what is repeated most in it, multiplied */
};

struct compiler {
	struct str rest; /* what was not read yet */
	struct regex_error *err;
	uint32_t size, nranges, depth;
	bool has_atom;	 /* is there something that *, +, ? and {} can repeat? */
	uint32_t atom;	 /* its first instruction; it ends where the program does */
	uint32_t repeat; /* of it: see struct group */
	struct group group[REGEX_DEPTH + 1];
	struct inst inst[REGEX_SIZE];
	struct range range[REGEX_RANGES];
};

static bool fail(struct compiler *c, struct str at, const char *expected)
{
	*c->err = (struct regex_error){at.n ? at : STR("its end"), expected};
	return false;
}

/* What was read from a place on. */
static struct str since(const struct compiler *c, struct str from)
{
	return (struct str){from.p, from.n - c->rest.n};
}

static void skip(struct compiler *c, uint32_t n)
{
	c->rest = (struct str){c->rest.p + n, c->rest.n - n};
}

/* Is there room for n more instructions, which that text asks for? */
static bool has_room(struct compiler *c, struct str at, uint32_t n)
{
	if (n < REGEX_SIZE - c->size) /* one is for RE_MATCH */
		return true;
	return fail(c, at, "expected an expression of no more than " QUOTED(REGEX_SIZE) " steps");
}

/* Makes room for an instruction in front of what starts there. */
static struct inst *insert(struct compiler *c, uint32_t at)
{
	memmove(&c->inst[at + 1], &c->inst[at], (c->size++ - at) * sizeof(*c->inst));
	return &c->inst[at];
}

static bool add_atom(struct compiler *c, enum regex_op op, uint32_t arg)
{
	if (!has_room(c, c->rest, 1))
		return false;
	c->has_atom = true;
	c->repeat = 1;
	c->atom = c->size;
	c->inst[c->size++] = (struct inst){(uint16_t)op, 0, arg};
	return true;
}

static bool read_char(struct compiler *c, uint32_t *code)
{
	uint32_t n = utf8_char(c->rest, code);

	if (!n)
		return fail(c, c->rest, "expected UTF-8");
	skip(c, n);
	return true;
}

/* "41}" behind \x{ */
static bool read_braced(struct compiler *c, uint32_t *code)
{
	uint32_t digits = 0;
	int digit;

	for (*code = 0; c->rest.n && (digit = hex_digit(*c->rest.p)) >= 0; digits++) {
		*code = *code << 4 | (uint32_t)digit;
		skip(c, 1);
		if (*code > CODE_MAX)
			return false;
	}
	return digits && str_take(&c->rest, STR("}"));
}

static bool read_hex(struct compiler *c, uint32_t *code)
{
	if (str_take(&c->rest, STR("{")))
		return read_braced(c, code);
	if (c->rest.n < 2 || hex_digit(c->rest.p[0]) < 0 || hex_digit(c->rest.p[1]) < 0)
		return false;
	*code = (uint32_t)(hex_digit(c->rest.p[0]) << 4 | hex_digit(c->rest.p[1]));
	skip(c, 2);
	return true;
}

static bool is_octal(struct str s)
{
	return s.n && *s.p >= '0' && *s.p <= '7';
}

/* Digits behind the first; one alone, but for 0, would be a reference to what a group took. */
static bool read_octal(struct compiler *c, uint32_t *code)
{
	*code -= '0';
	if (*code && !is_octal(c->rest))
		return false;
	for (int i = 0; i < 2 && is_octal(c->rest); i++) {
		*code = *code << 3 | (uint32_t)(*c->rest.p - '0');
		skip(c, 1);
	}
	return true;
}

/* What a backslash and what is behind it stand for. */
static bool read_escape(struct compiler *c, uint32_t *code)
{
	static const char names[] = "afnrtv", values[] = "\a\f\n\r\t\v";
	struct str from = c->rest;
	const char *at;
	bool good;

	skip(c, 1);
	if (!c->rest.n)
		return fail(c, from, "expected something behind the \\ at the end");
	if (!read_char(c, code))
		return false;
	at = *code < 0x80 ? memchr(names, (int)*code, sizeof(names) - 1) : NULL;
	if (at) {
		*code = (uint8_t)values[at - names];
		return true;
	}
	if (*code == 'x')
		good = read_hex(c, code);
	else if (*code >= '0' && *code <= '7')
		good = read_octal(c, code);
	else
		good = *code < 0x80 && *code != '8' && *code != '9' &&
		       (*code | 0x20) - 'a' > 'z' - 'a';
	if (good)
		return true;
	return fail(c, since(c, from),
		    "expected \\ before a sign, or \\a \\f \\n \\r \\t \\v \\0 \\NNN \\xHH \\x{H}");
}

static bool add_range(struct compiler *c, uint32_t low, uint32_t high)
{
	if (c->nranges == REGEX_RANGES)
		return fail(c, c->rest,
			    "expected no more than " QUOTED(REGEX_RANGES) " ranges of characters");
	c->range[c->nranges++] = (struct range){low, high};
	return true;
}

/* Adds ranges, in their order, or all that lies between them. */
static bool add_named(struct compiler *c, const struct range *r, bool negated)
{
	uint32_t low = 0;

	for (; r->high; r++) {
		if (!negated && !add_range(c, r->low, r->high))
			return false;
		if (negated && r->low > low && !add_range(c, low, r->low - 1))
			return false;
		low = r->high + 1;
	}
	return !negated || add_range(c, low, CODE_MAX);
}

/* "[:alpha:]" or "[:^alpha:]", of n bytes. */
static bool read_named(struct compiler *c, uint32_t n)
{
	static const struct {
		const char *name;
		struct range range[5];
	} rows[] = {
		{"alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}},
		{"alpha", {{'A', 'Z'}, {'a', 'z'}}},
		{"ascii", {{0, 0x7f}}},
		{"blank", {{'\t', '\t'}, {' ', ' '}}},
		{"cntrl", {{0, 0x1f}, {0x7f, 0x7f}}},
		{"digit", {{'0', '9'}}},
		{"graph", {{'!', '~'}}},
		{"lower", {{'a', 'z'}}},
		{"print", {{' ', '~'}}},
		{"punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
		{"space", {{'\t', '\r'}, {' ', ' '}}},
		{"upper", {{'A', 'Z'}}},
		{"word", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}},
		{"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}},
	};
	struct str at = {c->rest.p, n}, name = {at.p + 2, n - 4};
	bool negated = str_take(&name, STR("^"));

	skip(c, n);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq(name, str_of(rows[i].name)))
			return add_named(c, rows[i].range, negated);
	return fail(c, at, "expected a class like [:alpha:], [:digit:] or [:^space:]");
}

/* A character between brackets. */
static bool read_member(struct compiler *c, uint32_t *code)
{
	return *c->rest.p == '\\' ? read_escape(c, code) : read_char(c, code);
}

/* Between brackets: a class that has a name, a range, or a character. */
static bool read_members(struct compiler *c)
{
	struct str from = c->rest;
	uint32_t low, high;
	const char *end = NULL;

	if (str_starts(from, STR("[:")))
		end = memmem(from.p + 2, from.n - 2, ":]", 2);
	if (end)
		return read_named(c, (uint32_t)(end + 2 - from.p));
	if (!read_member(c, &low))
		return false;
	high = low;
	if (c->rest.n > 1 && c->rest.p[0] == '-' && c->rest.p[1] != ']') {
		skip(c, 1);
		if (!read_member(c, &high))
			return false;
	}
	if (high < low)
		return fail(c, since(c, from),
			    "expected a range from a lower to a higher character");
	return add_range(c, low, high);
}

/* Puts ranges in order, as far apart as they can be. Returns how many are left. */
static uint32_t join_ranges(struct range *r, uint32_t n)
{
	uint32_t kept = 0;

	for (uint32_t i = 1; i < n; i++) {
		struct range moved = r[i];
		uint32_t at = i;

		for (; at && r[at - 1].low > moved.low; at--)
			r[at] = r[at - 1];
		r[at] = moved;
	}
	for (uint32_t i = 0; i < n; i++) {
		if (!kept || r[i].low > r[kept - 1].high + 1)
			r[kept++] = r[i];
		else if (r[i].high > r[kept - 1].high)
			r[kept - 1].high = r[i].high;
	}
	return kept;
}

/* Turns the ranges from first on, which are joined, into what lies between them. */
static bool negate(struct compiler *c, uint32_t first)
{
	uint32_t low = 0, n = c->nranges;

	c->nranges = first;
	for (uint32_t i = first; i < n; i++) {
		struct range r = c->range[i];

		if (r.low > low)
			c->range[c->nranges++] = (struct range){low, r.low - 1};
		low = r.high + 1;
	}
	return low > CODE_MAX || add_range(c, low, CODE_MAX);
}

static bool read_brackets(struct compiler *c)
{
	struct str from = c->rest;
	uint32_t first = c->nranges;
	bool negated;

	skip(c, 1);
	negated = str_take(&c->rest, STR("^"));
	for (bool begun = false; c->rest.n && (*c->rest.p != ']' || !begun); begun = true) {
		if (begun && *c->rest.p == '-' && !str_starts(c->rest, STR("-]")))
			return fail(c, since(c, from),
				    "expected - first, last or in a range, or \\-");
		if (!read_members(c))
			return false;
	}
	if (!str_take(&c->rest, STR("]")))
		return fail(c, from, "expected a ] for this [");
	c->nranges = first + join_ranges(&c->range[first], c->nranges - first);
	if (negated && !negate(c, first))
		return false;
	return add_atom(c, RE_SET, first << 16 | (c->nranges - first));
}

/* A count of at most 9 digits, without a 0 in front of it. */
static bool read_number(struct str *s, uint32_t *n)
{
	uint32_t digits = 0;

	for (*n = 0; s->n && *s->p >= '0' && *s->p <= '9'; digits++) {
		if (digits == 9 || (digits && !*n))
			return false;
		*n = 10 * *n + (uint32_t)(*s->p - '0');
		*s = (struct str){s->p + 1, s->n - 1};
	}
	return digits;
}

/* "{2}", "{2,}" or "{2,3}": else nothing is taken, and { is a character. max: UINT32_MAX = any. */
static bool take_counts(struct compiler *c, uint32_t *min, uint32_t *max)
{
	struct str s = c->rest;

	if (!str_take(&s, STR("{")) || !read_number(&s, min))
		return false;
	*max = *min;
	if (str_take(&s, STR(","))) {
		*max = UINT32_MAX;
		if (!str_starts(s, STR("}")) && !read_number(&s, max))
			return false;
	}
	if (!str_take(&s, STR("}")))
		return false;
	c->rest = s;
	return true;
}

/* Adds a copy of len instructions. */
static void copy(struct compiler *c, uint32_t from, uint32_t len)
{
	memcpy(&c->inst[c->size], &c->inst[from], len * sizeof(*c->inst));
	c->size += len;
}

/* Repeats the atom, which is not empty, without end. */
static bool repeat_on(struct compiler *c, struct str at, uint32_t min, uint32_t len)
{
	if (!has_room(c, at, min ? (min - 1) * len + 1 : 2))
		return false;
	for (uint32_t i = 1; i < min; i++)
		copy(c, c->atom, len);
	if (!min)
		*insert(c, c->atom) = (struct inst){RE_SPLIT, (int16_t)(len + 2), 0};
	c->inst[c->size] = (struct inst){RE_SPLIT, (int16_t)-len, 0};
	if (!min)
		c->inst[c->size] = (struct inst){RE_JUMP, (int16_t)(-len - 1), 0};
	c->size++;
	return true;
}

/* Repeats it min times, then up to max: each of these begins with a way to the end. */
static bool repeat_up_to(struct compiler *c, struct str at, uint32_t min, uint32_t max,
			 uint32_t len)
{
	uint32_t more = max - min, end, from;

	if (!max) {
		c->size = c->atom;
		return true;
	}
	if (!has_room(c, at, (max - 1) * len + more))
		return false;
	end = c->atom + max * len + more;
	from = c->atom;
	if (!min) {
		*insert(c, from) = (struct inst){RE_SPLIT, (int16_t)(end - from), 0};
		from++;
	}
	for (uint32_t i = 1; i < max; i++) {
		if (i >= min) {
			c->inst[c->size] = (struct inst){RE_SPLIT, (int16_t)(end - c->size), 0};
			c->size++;
		}
		copy(c, from, len);
	}
	return true;
}

/* *, +, ? or {}, of which at is the text. */
static bool repeat(struct compiler *c, struct str at, uint32_t min, uint32_t max)
{
	uint32_t len = c->size - c->atom, most = max == UINT32_MAX ? min : max;

	if (!c->has_atom)
		return fail(c, at, "expected something in front of it that it can repeat");
	if (max < min)
		return fail(c, at, "expected the lower number first");
	if (most > 1) {
		if (most > REGEX_REPEAT / c->repeat)
			return fail(c, at,
				    "expected no more than " QUOTED(
					    REGEX_REPEAT) " repetitions, those inside multiplied");
		c->repeat *= most;
		if (c->group[c->depth].repeat < c->repeat)
			c->group[c->depth].repeat = c->repeat;
	}
	if (!len)
		return true;
	return max == UINT32_MAX ? repeat_on(c, at, min, len) : repeat_up_to(c, at, min, max, len);
}

static bool open_group(struct compiler *c)
{
	if (c->depth == REGEX_DEPTH)
		return fail(c, c->rest,
			    "expected parentheses to nest no deeper than " QUOTED(REGEX_DEPTH));
	c->group[++c->depth] = (struct group){c->rest, c->size, c->size, 0, 1};
	c->has_atom = false;
	skip(c, 1);
	return true;
}

/* Ends a branch. The next, or the group's end, follows. */
static bool next_branch(struct compiler *c)
{
	struct group *g = &c->group[c->depth];

	if (!has_room(c, c->rest, 2))
		return false;
	*insert(c, g->branch) = (struct inst){RE_SPLIT, (int16_t)(c->size + 1 - g->branch), 0};
	c->inst[c->size++] = (struct inst){RE_JUMP, 0, g->jumps};
	g->jumps = c->size;
	g->branch = c->size;
	c->has_atom = false;
	skip(c, 1);
	return true;
}

/* Ends a group: it is the atom now. */
static void end_group(struct compiler *c)
{
	const struct group *g = &c->group[c->depth];

	for (uint32_t at = g->jumps; at; at = c->inst[at - 1].arg)
		c->inst[at - 1].to = (int16_t)(c->size - (at - 1));
	c->has_atom = true;
	c->atom = g->start;
	c->repeat = g->repeat;
}

static bool close_group(struct compiler *c)
{
	if (!c->depth)
		return fail(c, c->rest, "expected a ( for this )");
	end_group(c);
	c->depth--;
	if (c->group[c->depth].repeat < c->repeat)
		c->group[c->depth].repeat = c->repeat;
	skip(c, 1);
	return true;
}

/* A sign that takes one byte, a repetition, or a character. */
static bool read_other(struct compiler *c)
{
	struct str at = c->rest;
	uint32_t min = 0, max = UINT32_MAX, code;

	if (take_counts(c, &min, &max))
		return repeat(c, since(c, at), min, max);
	if (!read_char(c, &code))
		return false;
	switch (code) {
	case '.':
		return add_atom(c, RE_ANY, 0);
	case '^':
		return add_atom(c, RE_BEGIN, 0);
	case '$':
		return add_atom(c, RE_END, 0);
	case '*':
		return repeat(c, since(c, at), 0, UINT32_MAX);
	case '+':
		return repeat(c, since(c, at), 1, UINT32_MAX);
	case '?':
		return repeat(c, since(c, at), 0, 1);
	default:
		return add_atom(c, RE_CHAR, code);
	}
}

static bool read_part(struct compiler *c)
{
	uint32_t code;

	switch (*c->rest.p) {
	case '(':
		return open_group(c);
	case '|':
		return next_branch(c);
	case ')':
		return close_group(c);
	case '[':
		return read_brackets(c);
	case '\\':
		return read_escape(c, &code) && add_atom(c, RE_CHAR, code);
	default:
		return read_other(c);
	}
}

static bool read_all(struct compiler *c)
{
	while (c->rest.n)
		if (!read_part(c))
			return false;
	if (c->depth)
		return fail(c, c->group[c->depth].at, "expected a ) for this (");
	end_group(c);
	c->inst[c->size++] = (struct inst){.op = RE_MATCH};
	return true;
}

int regex_compile(struct arena *a, struct str text, struct regex **out, struct regex_error *err)
{
	struct compiler c;
	struct inst *inst;
	struct range *range;

	/* Its arrays are filled as far as they are used. */
	c.rest = text;
	c.err = err;
	c.size = c.nranges = c.depth = 0;
	c.has_atom = false;
	c.group[0] = (struct group){.repeat = 1};
	if (!read_all(&c))
		return -EINVAL;
	*out = arena_alloc(a, sizeof(**out));
	inst = arena_alloc(a, c.size * sizeof(*inst));
	range = arena_alloc(a, c.nranges * sizeof(*range));
	if (!*out || !inst || !range)
		return -ENOMEM;
	memcpy(inst, c.inst, c.size * sizeof(*inst));
	memcpy(range, c.range, c.nranges * sizeof(*range));
	**out = (struct regex){inst, range, c.size};
	return 0;
}

uint32_t regex_size(const struct regex *re)
{
	return re->size;
}

/* Where the threads are. */
struct threads {
	uint32_t n;
	uint16_t at[REGEX_SIZE]; /* instructions that take a character, or MATCH */
};

struct run {
	const struct regex *re;
	uint64_t steps;
	uint32_t round;		   /* 1 + characters that were taken */
	bool begin, end;	   /* is this the begin, the end of the value? */
	uint32_t seen[REGEX_SIZE]; /* the round in which a thread was there last */
	uint32_t ntodo;
	uint16_t todo[REGEX_SIZE];
};

static void visit(struct run *r, uint32_t at)
{
	if (r->seen[at] == r->round)
		return;
	r->seen[at] = r->round;
	r->todo[r->ntodo++] = (uint16_t)at;
}

/* Lets a thread go on from there to all instructions that take a character. */
static void follow(struct run *r, struct threads *to, uint32_t at)
{
	visit(r, at);
	while (r->ntodo) {
		const struct inst *i;

		at = r->todo[--r->ntodo];
		i = &r->re->inst[at];
		r->steps++;
		if (i->op == RE_JUMP || i->op == RE_SPLIT)
			visit(r, (uint32_t)((int32_t)at + i->to));
		if (i->op == RE_SPLIT || (i->op == RE_BEGIN && r->begin) ||
		    (i->op == RE_END && r->end))
			visit(r, at + 1);
		if (i->op <= RE_SET || i->op == RE_MATCH)
			to->at[to->n++] = (uint16_t)at;
	}
}

static bool in_ranges(const struct range *r, uint32_t n, uint32_t code)
{
	while (n) {
		uint32_t half = n / 2;

		if (code < r[half].low) {
			n = half;
		} else if (code > r[half].high) {
			r += half + 1;
			n -= half + 1;
		} else {
			return true;
		}
	}
	return false;
}

static bool takes(const struct regex *re, const struct inst *i, uint32_t code)
{
	switch (i->op) {
	case RE_CHAR:
		return i->arg == code;
	case RE_SET:
		return in_ranges(&re->range[i->arg >> 16], i->arg & 0xffff, code);
	default:
		return i->op == RE_ANY;
	}
}

/* Lets all threads take a character; those that can are in to. */
static void take(struct run *r, const struct threads *from, struct threads *to, uint32_t code)
{
	to->n = 0;
	for (uint32_t i = 0; i < from->n; i++) {
		r->steps++;
		if (takes(r->re, &r->re->inst[from->at[i]], code))
			follow(r, to, from->at[i] + 1u);
	}
}

bool regex_match(const struct regex *re, struct str s, uint64_t *steps)
{
	struct threads threads[2], *now = &threads[0], *next = &threads[1];
	bool matches = false;
	struct run r;

	r.re = re;
	r.steps = r.ntodo = 0;
	r.round = 1;
	r.begin = true;
	r.end = !s.n;
	memset(r.seen, 0, re->size * sizeof(*r.seen));
	now->n = 0;
	follow(&r, now, 0);
	while (s.n && now->n) {
		struct threads *before = now;
		uint32_t code = CODE_BAD, n = utf8_char(s, &code);

		if (!n)
			code = CODE_BAD;
		n += !n;
		s = (struct str){s.p + n, s.n - n};
		r.round++;
		r.begin = false;
		r.end = !s.n;
		take(&r, now, next, code);
		now = next;
		next = before;
	}
	for (uint32_t i = 0; !s.n && i < now->n; i++)
		matches |= re->inst[now->at[i]].op == RE_MATCH;
	if (steps)
		*steps = r.steps;
	return matches;
}
