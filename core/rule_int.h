/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the rule language share: rule_read.c reads files, rule.c
 * puts sets together, list.c compiles lists, cond.c turns a condition into a
 * tree, expr.c what has functions in it into expressions, check.c the leaves of
 * trees into checks, compile.c finds the event types of rules, plan.c makes
 * steps of trees for each, match.c walks those, linked.c says for which links
 * once more, transform.c works out
 * expressions, demand.c says what of a tree a kernel could ask, and warn.c looks
 * for what is no mistake of the language and yet none that anybody would want.
 */
#ifndef CORE_RULE_INT_H
#define CORE_RULE_INT_H

#include "../driver/table.h"
#include "lex.h"
#include "nearest.h"
#include "regex.h"
#include "rule.h"

#define CHECK_BUCKETS 256

/* A set of event types. */
struct typeset {
	uint64_t word[TRC_TYPE_MAX / 64];
};

static inline bool typeset_has(const struct typeset *set, unsigned type)
{
	return set->word[type / 64] >> (type % 64) & 1;
}

static inline void typeset_add(struct typeset *set, unsigned type)
{
	set->word[type / 64] |= 1ull << (type % 64);
}

/* Operators; those that mean the same are one: = is IN with one operand. */
enum op {
	OP_EXISTS,
	OP_IN,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_CONTAINS,
	OP_ICONTAINS,
	OP_STARTSWITH,
	OP_ENDSWITH,
	OP_GLOB,
	OP_IGLOB,
	OP_REGEX,
	OP_PMATCH,
	OP_BCONTAINS,
	OP_BSTARTSWITH,
};

/* Types of fields that operators and functions can be used with, as sets. */
#define TYPES_TEXT (1 << VAL_STR)
#define TYPES_DATA (TYPES_TEXT | 1 << VAL_BYTES)

enum op_takes { TAKES_NOTHING, TAKES_ONE, TAKES_LIST };

/* What else may stand behind an operator: oneof, anyof or allof; val() or another function. */
enum { MAY_OF = 1 << 0, MAY_VAL = 1 << 1 };

struct op_row {
	const char *name;
	enum op op;
	enum op_takes takes;
	unsigned types; /* 1 << enum value_type: fields that it can be used with */
	unsigned may;	/* MAY_* */
};

/* All operators as they are written, ended by one without a name. */
extern const struct op_row op_rows[];

/* Does a character of a pattern stand for something else than itself? */
static inline bool glob_is_special(char c)
{
	return c == '*' || c == '?' || c == '[' || c == '\\';
}

/* How much of a pattern is no pattern yet. */
static inline uint32_t glob_plain(const char *pattern)
{
	uint32_t n = 0;

	while (pattern[n] && !glob_is_special(pattern[n]))
		n++;
	return n;
}

/* A network; a single address has all its bits. */
struct net {
	uint8_t addr[16]; /* IPv4: the first 4 */
	uint8_t family;	  /* 4 or 6 */
	uint8_t bits;
};

#define EXPR_STEPS 32	 /* of one expression, at most: its fields, strings and functions */
#define EXPR_DEPTH_MAX 8 /* functions within functions */

enum expr_op {
	EXPR_FIELD,
	EXPR_TEXT,
	EXPR_LOWER,
	EXPR_UPPER,
	EXPR_B64,
	EXPR_BASENAME,
	EXPR_CONCAT,
	EXPR_GETOPT, /* of words the options: several values */
	EXPR_OPTION, /* of these the one */
	EXPR_LEN,
	EXPR_COUNT, /* of values: len() of what may have several */
};

/* A step works on what lies on top of those before it: see transform.c. */
struct expr_step {
	enum expr_op op;
	uint32_t n;  /* EXPR_CONCAT, _GETOPT, _OPTION: texts that become one */
	bool ends;   /* what it makes is a word of getopt(): a NUL goes behind it */
	char letter; /* EXPR_OPTION */
	union {
		struct field_ref ref;
		struct str text; /* EXPR_GETOPT, _OPTION: letters, with : behind what has a value */
	};
};

/*
 * What functions make of fields. Its first step may have several values, and EXPR_GETOPT; behind
 * either are only steps that work on one.
 */
struct expr {
	enum value_type type;
	uint32_t count;
	struct expr_step *step;
};

enum func_takes { FUNC_ONE, FUNC_MORE, FUNC_LIST, FUNC_OPTIONS, FUNC_FIELD };

struct func_row {
	const char *name;
	enum func_takes takes;
	enum expr_op op;
	unsigned types; /* 1 << enum value_type: what it can be given */
	const char *help;
};

/* All functions, ended by one without a name. */
extern const struct func_row func_rows[];

/* How many of a list's operands must a check hold for, each asked by itself? */
enum modifier { OF_NONE, OF_ONE, OF_ANY, OF_ALL };

/* What a check has that is more than a field, an operator and what it is compared with. */
struct calc {
	struct expr left;  /* no steps: it is the field */
	struct expr right; /* no steps: the check has operands */
	enum modifier of;
	uint32_t *hits; /* of each operand, while a check with a modifier is asked */
};

enum operands { OPERANDS_NONE, OPERANDS_STR, OPERANDS_NUM, OPERANDS_NET, OPERANDS_TYPES };

/*
 * What a field was for an event, for all checks of it: only of fields whose
 * value lasts, and is one or none.
 */
struct cell {
	uint64_t stamp; /* of the event */
	struct field_ref ref;
	int n;
	unsigned key;	/* text_key() of its value; KEY_NONE: there is none */
	bool paired;	/* pairs are those of its value */
	uint64_t *pair; /* see text_pair(); NULL: no check looks for a text within it */
	struct value value;
	struct cell *next; /* while loading */
};

#define KEYS 64
enum { KEY_BYTES = 3, KEY_NONE = KEYS };

/*
 * A number below KEYS that texts have in common if the first of the components
 * of their paths begin with the same bytes.
 */
static inline unsigned text_key(struct str s)
{
	uint32_t h = 0;

	while (s.n && *s.p == '/') {
		s.p++;
		s.n--;
	}
	for (uint32_t i = 0; i < s.n && i < KEY_BYTES && s.p[i] != '/'; i++)
		h = (h + (uint8_t)s.p[i] + 1) * 0x9e3779b1u;
	return h >> 26;
}

#define PAIRS 1024

/* A number below PAIRS of two characters beside each other, in upper or lower case. */
static inline unsigned text_pair(const char *p)
{
	return (p[0] & 31u) << 5 | (p[1] & 31u);
}

/* One question about an event. All rules that ask it share it. */
struct check {
	struct field_ref ref;	 /* with calc->left: its first field */
	const struct calc *calc; /* NULL, as of nearly all */
	uint8_t op;		 /* enum op */
	uint8_t kind;		 /* enum operands: which of the arrays below it has */
	uint8_t type;		 /* enum value_type: of what stands on the left */
	uint32_t count;
	union {
		struct str *str; /* pmatch: components, each with a NUL; b*: bytes */
		int64_t *num;
		struct net *net;
		struct typeset types; /* the check is about nothing but the event's type */
	};
	uint32_t *slot;	   /* hashed set of 1 + index into str, NULL = go through str */
	uint32_t mask;	   /* slots - 1 */
	struct cell *cell; /* NULL: its field is had anew each time */
	uint64_t keys;	   /* of the texts that it can hold for, by their names */
	bool files;    /* some str is an absolute file name that device and inode can stand for */
	bool used;     /* some rule that was kept asks it */
	uint32_t told; /* round in which its paths were told */
	uint64_t memo; /* 2 * the stamp of the event it was last asked about + the answer */
	struct check *next;   /* with the same hash, while loading */
	struct regex **regex; /* of OP_REGEX: what each of str was compiled to */
};

enum node_kind { NODE_CHECK, NODE_NOT, NODE_AND, NODE_OR };

/* What asking takes, in steps of a chain, and of 256 events for how many it holds: guesses. */
struct weight {
	uint16_t cost;
	uint16_t chance;
};

/* A condition as a tree. Macros are not copied: several trees may share a part. */
struct node {
	uint8_t kind;
	uint16_t depth;	 /* of recursion that walking it takes */
	uint32_t leaves; /* steps that it compiles to; stays at UINT32_MAX */
	struct weight weight;
	union {
		struct check *check;
		struct {
			const struct node *left, *right; /* NOT: left only */
		};
	};
};

#define NODE_DEPTH_MAX 200

/* Takes what negates a condition off it. */
static inline const struct node *node_bare(const struct node *n, bool *negated)
{
	for (; n->kind == NODE_NOT; n = n->left)
		*negated = !*negated;
	return n;
}

/* What a bare one is: not (a or b) is not a and not b. */
static inline enum node_kind node_kind(const struct node *n, bool negated)
{
	if (n->kind == NODE_CHECK || !negated)
		return (enum node_kind)n->kind;
	return n->kind == NODE_AND ? NODE_OR : NODE_AND;
}

/* Where a chain ends; its steps follow, the first of them the one it starts with. */
enum { STEP_FAILS, STEP_HOLDS, STEP_FIRST };

struct step {
	struct check *check;
	uint32_t on_true, on_false;
};

/*
 * A text that an override gave a key, and that a later section replaced there; or, without key, a
 * definition that takes the place of another one, which stood there.
 */
struct undone {
	const char *kind, *name; /* of the list, macro or rule */
	const char *key;
	struct ini_place at, other;
	struct undone *next;
};

/* A rule that can hold for a type, and what is left to ask once no guard has refused it. */
struct candidate {
	struct rule *rule;
	const struct step *step; /* NULL: nothing */
	uint32_t names;		 /* the rule's */
};

/*
 * A cheap check that several rules of a type need: one answer refuses them all.
 * Bit i of mask: candidate i.
 */
struct guard {
	struct check *check;
	bool want;
	uint64_t *mask;
};

/*
 * Several rules of a type need a field to begin in some way: which ones are left
 * for each key, and, the last, if it has no value.
 */
struct sorter {
	struct cell *cell;
	bool files;	/* some rule names the file whole: it may have another name */
	uint64_t *mask; /* words for key 0, for key 1 and so on */
};

/* What is asked about an event of a type. */
struct plan {
	struct candidate *rule; /* in the order they were read */
	uint32_t count;
	struct guard *guard;
	uint32_t guards;
	struct sorter *sorter;
	uint32_t sorters;
	uint32_t names; /* of all rules */
};

#define MASK_WORDS(rules) (((rules) + 63) / 64)

struct ruleset {
	const struct draft *drafts; /* all rules that were read */
	struct undone *undone;
	struct rule **rule;
	int count;
	uint32_t nsteps;
	int nchecks;
	struct str *file; /* see ruleset_file() */
	int nfiles;
	struct str *host; /* see ruleset_hosts() */
	int nhosts;
	struct plan *plan[TRC_NTYPES]; /* types of which the same is asked share one */
	uint64_t *alive;	       /* candidates that no guard has refused, */
	uint64_t *found; /* and while an event with several names is begun, those that hold */
	uint32_t links;	 /* state_links_version() that rules' names are of */
	bool settled;	 /* those that are alive hold */
	bool named;	 /* the event is about a file that rules name whole, whatever name it has */
	uint64_t stamp;	 /* count of events that were matched */
	uint64_t hash;
};

enum kind { KIND_LIST, KIND_MACRO, KIND_RULE, KIND_COUNT };

#define RULE_KEYS 8		 /* of one kind of section, at most */
#define KEY_TAGS 4		 /* index of a rule's tags among them */
#define RULES_TEXT_MAX (4 << 20) /* bytes of all keys' texts while rules are loaded */

/* What a key was given. */
struct text {
	const char *value;
	struct ini_place at;
	uint32_t order;	   /* of the section that it stands in */
	bool named;	   /* which is an override that names this section alone */
	struct text *more; /* what later sections add to it */
};

/* A list, macro or rule, as it was read, and what it was compiled to. */
struct section {
	enum kind kind;
	const char *name;
	struct ini_place place;
	uint32_t order; /* sections that were read up to it */
	uint32_t meant; /* order of the last override that means it */
	struct text *key[RULE_KEYS];
	enum { SECTION_READ, SECTION_BUSY, SECTION_DONE } state;
	const struct str *item; /* of a list, without names of lists: those are replaced */
	uint32_t count;
	const struct node *tree; /* of a macro */
	struct draft *draft;	 /* of a rule */
	struct section *next;	 /* of its kind, in the order they were read */
};

/* A check that a rule needs the name of an opened file for. */
struct linked {
	struct check *check;
	const struct node *either; /* who has the same one may hold in its place */
};

/* A rule as it was read. */
struct draft {
	struct rule rule; /* the first: whoever has the rule has this */
	const struct node *tree;
	struct typeset types;  /* that it can hold for */
	struct linked *linked; /* those of linked_checks() */
	uint32_t nlinked;
	struct chain *chains; /* while loading: what is asked of it, for some type each */
	bool off; /* not enabled, or its priority is too low: read for its errors only */
	struct draft *next;
};

/* What is known while rules are read. */
struct load {
	struct arena *a;
	struct ruleset *rs;
	enum priority min_priority;
	struct ini_error *err;
	struct ini_place at; /* of the key that is being read or compiled */
	struct arena texts;  /* what was read: is given back when all is compiled */
	struct section *sections[KIND_COUNT], **end[KIND_COUNT];
	uint32_t order;		/* sections that were read so far */
	uint32_t lists_before;	/* lists of a lower order may be used, */
	uint32_t macros_before; /* and macros */
	int depth;		/* of parentheses, and of macros that are compiled for others */
	struct draft *drafts, **last;
	struct undone **last_undone;
	struct check *bucket[CHECK_BUCKETS];
	struct cell *cells;
	uint32_t nfiles; /* file names in all checks, at most */
	uint32_t nhosts; /* names of hosts, likewise */
};

/* Zeroed memory for n things of a size. NULL with err filled if there is no room. */
void *load_alloc(struct load *ld, size_t n, size_t size);
char *load_copy(struct load *ld, struct str s);
/* The same as token_text(), with err filled in any case. */
int load_text(struct load *ld, const struct token *t, struct str *out);
/* Fails because there is no room: fills err. Returns -ENOMEM. */
int load_no_room(struct load *ld);
/* Gives back what was taken from the arena since it had this many bytes used. */
void load_rewind(struct load *ld, size_t used);

/* A key that a kind of section can have; the last of a kind has no name. */
struct key_row {
	const char *name;
	bool required;
	bool add; /* may += stand behind it? */
	int (*compile)(struct load *ld, struct section *s, const struct text *t);
};

extern const struct key_row rule_keys[KIND_COUNT][RULE_KEYS + 1];

/* Reads a file, or its len bytes of text, into sections. 0 or -errno with err filled. */
int rule_read(struct load *ld, const char *file, const char *text, size_t len);
/* All that a key was given, as one text that lives while rules are loaded. NULL with err filled. */
const char *load_join(struct load *ld, const struct text *t, const char *between);
/* The section of that name, NULL if there is none. */
struct section *section_find(const struct load *ld, enum kind kind, struct str name);
/* Name of the section nearest to a word, or NULL. */
const char *section_nearest(const struct load *ld, enum kind kind, struct str word);
/* 0 or -errno with err filled. */
int section_compile(struct load *ld, struct section *s);

/* Compiles a list: see struct key_row. */
int list_compile(struct load *ld, struct section *s, const struct text *t);

/*
 * Calls fn for each value that a token stands for: itself (item = NULL), or
 * the items of the list that it names.
 */
typedef int value_fn(void *arg, const struct token *t, const struct str *item);
int list_value(struct load *ld, const struct token *t, value_fn *fn, void *arg);
/* The same for values separated by commas, up to the ) or, if there is none to be, the end. */
int list_values(struct load *ld, struct lex *lx, bool paren, value_fn *fn, void *arg);

/* Parses a condition. NULL with err filled. */
const struct node *cond_parse(struct load *ld, const char *text, struct ini_place at);
/* Parses what goes on, with and or or, behind the closing parenthesis of a condition. */
const struct node *cond_add(struct load *ld, const struct node *left, const char *text,
			    struct ini_place at);
/* A condition without its exceptions, NAME: CONDITION one behind the other. NULL likewise. */
const struct node *cond_except(struct load *ld, const struct node *tree, const char *text,
			       struct ini_place at);

/* Finds the field of that name, and keeps what it has in []. 0 or -EINVAL with err filled. */
int field_parse(struct load *ld, const struct token *name, struct field_ref *ref);
/* Is a word the name of a function: is there a ( behind it? */
bool expr_starts(const struct lex *lx, const struct token *name);
/* Parses on behind the name of a function. right: of an operator. 0 or -errno with err filled. */
int expr_parse(struct load *ld, struct lex *lx, const struct token *name, bool right,
	       struct expr *out);
/* A field as an expression. */
int expr_field(struct load *ld, const struct field_ref *ref, struct expr *out);
/* Makes it lower case, too. 0 or -errno with err filled. */
int expr_lower(struct load *ld, struct expr *e, const struct token *t);
/* The first field in it. */
const struct field_ref *expr_first(const struct expr *e);
bool expr_equal(const struct expr *a, const struct expr *b);
uint64_t expr_hash(uint64_t h, const struct expr *e);
/*
 * Works it out for an event, in buf, and calls fn for each value that it has. Returns how many
 * there were; what is missing, or does not fit, is none.
 */
int expr_each(const struct expr *e, struct field_ctx *ctx, char buf[static FIELD_STR_MAX],
	      void (*fn)(void *arg, const struct value *v), void *arg);

/* What a check is to ask. */
struct question {
	struct field_ref ref; /* what stands on the left, */
	enum value_type type; /* and what it is worth */
	enum op op;
	struct calc calc;
};

/*
 * Makes a check: begin it with room for count operands, add as many, finish
 * it. All fail with err filled; t is the token that a message is to show.
 */
struct check *check_begin(struct load *ld, const struct question *q, uint32_t count);
int check_add(struct load *ld, struct check *c, const struct token *t, const struct str *item);
/* Returns the check, or an equal one that was there; then memory from used on is given back. */
struct check *check_finish(struct load *ld, struct check *c, size_t used);
/* Are its operands names of hosts? */
bool check_hosts(const struct check *c);
/* Calls fn for each field that it asks. */
void check_fields(const struct check *c, void (*fn)(void *arg, const struct field_ref *ref),
		  void *arg);
/* Can it hold only for a text that has all pairs of its operand? */
static inline bool check_has_pairs(const struct check *c)
{
	return c->op == OP_CONTAINS || c->op == OP_ICONTAINS || c->op == OP_GLOB ||
	       c->op == OP_IGLOB;
}

/* What asking it takes, and how often it holds. */
struct weight check_weight(const struct check *c);
/* Is its answer the same for all events of a type? Then *is. */
bool check_constant(const struct check *c, unsigned type, bool *is);
/* Does it compare the event's type? */
bool check_is_type(const struct field_ref *ref);

/* All types that rules can see. */
struct typeset visible_types(void);
/* Is a text one of its operands? */
bool check_lists(const struct check *c, struct str s);
/* Asks it about an event, whatever it was asked before. */
bool check_ask(const struct check *c, struct field_ctx *ctx);

/*
 * Counts the checks that need the name of an opened file to be, to lie in or to begin with a text,
 * and stores them in out, if it is not NULL. either: that n is one of several parts of, or NULL.
 */
uint32_t linked_checks(const struct node *n, bool negated, const struct node *either,
		       struct linked *out);
/* Finds out anew, if links have changed, which rules they are for. */
void linked_update(struct ruleset *rs, const struct state *state);
/* A path as the i-th link calls it, which it lies behind, in buf. */
struct str linked_name(const struct state *state, uint32_t i, struct str real,
		       char buf[static FIELD_STR_MAX]);

/* Compiles the drafts into the set. 0 or -errno with err filled. */
int compile(struct load *ld);
/* Makes the plan of each type; leaves: of the largest condition. 0 or -errno likewise. */
int plan_types(struct load *ld, size_t leaves);

#endif
