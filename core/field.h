/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fields: what conditions and templates can ask about an event. One row of
 * fields.def each; `tiercel list fields` and the manual read the same rows.
 */
#ifndef CORE_FIELD_H
#define CORE_FIELD_H

#include "state.h"

/* Type of a field's values: what it may be compared with, and how. */
enum value_type {
	VAL_STR,   /* text, compared byte by byte */
	VAL_BYTES, /* data, for bcontains */
	VAL_INT,   /* signed 64 bits */
	VAL_BOOL,
	VAL_IP,	  /* address: = and in take addresses and networks */
	VAL_PORT, /* 0..65535 */
	VAL_HOST, /* address: = and in take names of hosts, and hold for their addresses */
};

struct value {
	enum value_type type;
	bool octal; /* a number that people read in octal */
	union {
		struct str s;
		int64_t i;
		struct {
			uint8_t addr[16]; /* IPv4: the first 4 */
			uint8_t family;	  /* 4 or 6 */
		} ip;			  /* VAL_HOST too */
	};
};

#define FIELD_VALUES 32 /* most values that one field of one event can have */
/* Bytes of the longest text that a field has: a directory, and a name in it. */
#define FIELD_STR_MAX (2 * TRC_STR_MAX + 1)
#define FIELD_SCRATCH 88064 /* bytes that values built for one event may take */
#define FIELD_TEXTS 48	    /* texts that can be built for one event, each at most once */

/* What a field is computed from: one event and the tables as they stand. */
struct field_ctx {
	const struct state *state;
	const struct event *ev;
	const struct proc *proc; /* of the event, or NULL */
	struct proc vague;	 /* that one, where its program is not known */
	const struct fdent *fd;	 /* descriptor of the event, or NULL */
	char *scratch;		 /* FIELD_SCRATCH bytes, emptied for each event */
	uint32_t value_max;	 /* longest value in an alert's text, 0 = any; field_begin sets 0 */
	bool omit;	  /* leave what is missing out of that text; field_begin sets false */
	struct str other; /* what an opened file is called instead, if p; field_begin sets NULL */
	struct str key;	  /* what the field being asked has in its [], if that is a name */
	uint32_t used;	  /* bytes of it; they stay used until the next event */
	uint64_t built;	  /* bit n: text n has been built, or found to be missing */
	struct str text[FIELD_TEXTS];
};

/* Prepares ctx for an event: looks up its process and descriptor. */
void field_begin(struct field_ctx *ctx, const struct state *state, const struct event *ev,
		 char *scratch);

enum field_arg {
	FIELD_NOARG,
	FIELD_INDEX_OPT, /* "proc.aname" or "proc.aname[2]" */
	FIELD_KEY_OPT,	 /* "proc.env" or "proc.env[HOME]" */
	FIELD_KEY,	 /* "container.label[app]" */
	FIELD_NAME,	 /* "evt.arg.flags" */
	FIELD_PAIR,	 /* "feed.ssh_login.user" */
};

enum {
	/* A file name that a file's device and inode can stand for: see state_is_file(). */
	FIELD_FILE = 1 << 0,
	/*
	 * Of several values a comparison holds if it holds for one, but != for all (ends of a
	 * socket); with this, != too for one (ancestors).
	 */
	FIELD_ANY_NE = 1 << 1,
	/*
	 * Without [], a comparison asks for [1], [2] and so on, one at a time: such values are too
	 * long to be had beside each other, and one lasts until the next is asked for.
	 */
	FIELD_EACH = 1 << 2,
	FIELD_ENDS = 1 << 3, /* has a value for each end of a socket */
	/* While ctx->other is set it reads that: see ruleset_match(). */
	FIELD_GIVEN = 1 << 4,
	FIELD_DEMAND = 1 << 5, /* a filter in the kernel could ask for it: see rule_demand() */
	/* Only a driver in the kernel knows when it is true (driver.h, DRIVER_KERNEL). */
	FIELD_KERNEL = 1 << 6,
	FIELD_FROM_1 = 1 << 7, /* no value is below 1 */
};

struct field {
	const char *name; /* "proc.aname" */
	enum value_type type;
	enum field_arg arg; /* what may stand in [] behind it, or after it and a dot */
	unsigned flags;
	/* Writes at most FIELD_VALUES values; returns how many, 0 = missing. */
	int (*get)(struct field_ctx *ctx, int index, struct value *out);
	int index; /* what get is told if arg is FIELD_NOARG or FIELD_KEY: which of its kin it is */
	const char *help;
};

/* Index that no rule can name: proc.args as strings, each with its NUL. */
#define FIELD_WORDS (-2)

/* A field as a rule names it. */
struct field_ref {
	const struct field *field;
	int index; /* what get is told: number in [], -1 = none; for evt.arg.NAME, which name */
	/* NAME of evt.arg.NAME and proc.env[NAME], NAME.KEY of feed.NAME.KEY; its parser's own */
	struct str name;
};

/*
 * Finds "proc.aname[2]" or "evt.arg.flags". 0, or -ENOENT (no such field),
 * -EINVAL (argument missing, not wanted, or no event has it).
 */
int field_find(struct str text, struct field_ref *ref);

/* What should have stood behind its name, if field_find() said -EINVAL. */
const char *field_expected(const struct field_ref *ref);

/* Can an event of that type have the field? false for an argument that it has not. */
bool field_possible(const struct field_ref *ref, int type);

/* Is it the <NA> of a user or group without a name, or of no log-in? Others may read so too. */
bool value_is_nameless(const struct value *v);

/* Are they the same field, with the same in []? */
bool field_equal(const struct field_ref *a, const struct field_ref *b);

/* May an event have several values of it? */
bool field_is_several(const struct field_ref *ref);

/* A field as a rule has it, in at most size bytes with a NUL; returns buf. */
const char *field_ref_text(const struct field_ref *ref, char *buf, size_t size);

/* "string" */
const char *value_type_name(enum value_type type);

/* Values of a field for an event: see struct field. */
int field_values(struct field_ctx *ctx, const struct field_ref *ref,
		 struct value out[static FIELD_VALUES]);

/*
 * The same as an output shows them: of a host's address the name, if the tables
 * know one.
 */
int field_shown(struct field_ctx *ctx, const struct field_ref *ref,
		struct value out[static FIELD_VALUES]);

/*
 * Does the event itself say which file fd.* is about? Then its device and
 * inode, for state_is_file(), whatever name the file was reached by.
 */
bool field_file_id(const struct field_ctx *ctx, uint64_t *dev, uint64_t *ino);

/*
 * The name that the caller gave an opened file, made absolute and cleaned as far as text can tell;
 * missing if it is the kernel's name, or not known whole, or the open failed.
 */
struct str field_given(struct field_ctx *ctx);

/* The name that the kernel has of what is opened; missing of other events. */
struct str field_opened(struct field_ctx *ctx);

/* Does a field read otherwise while ctx->other is set? */
bool field_has_given(const struct field_ref *ref);

/* A value as text, modes in octal, at most size bytes (no NUL); returns the length. */
size_t value_text(const struct value *v, char *buf, size_t size);

/* The i-th row of fields.def, NULL past the end. */
const struct field *field_list(int i);

/* Known name nearest to a mistyped one, or NULL: for "did you mean". */
const char *field_nearest(struct str text);

#endif
