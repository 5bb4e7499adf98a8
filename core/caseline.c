/* SPDX-License-Identifier: BSD-2-Clause */
/* Records from lines that people write: see caseline.h. */
#include "caseline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include "addr.h"
#include "nearest.h"
#include "text.h"

enum { FIRST_PID = 1000, FIRST_FD = 3 };
#define FIRST_TS 100000000000ull /* ns since boot */
#define MS 1000000ull
#define MISSING "<NA>"

/* What a new program does not have of the one before it. */
static const char *const of_program[] = {"argv",     "comm",	      "dev",	      "ino",
					 "exeflags", "exe_ino_ctime", "exe_ino_mtime"};

static int no_room(const struct case_lines *c)
{
	ini_fail(c->err, c->at, "the case is too long");
	return -ENOMEM;
}

/* ---- processes */

static uint32_t pid_of(const struct case_lines *c, const struct case_who *w)
{
	return FIRST_PID + (uint32_t)(w - c->who);
}

static struct case_who *find_who(struct case_lines *c, struct str name)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (str_eq(c->who[i].name, name))
			return &c->who[i];
	return NULL;
}

static int image_slot(const char *name)
{
	return event_arg_slot(TRC_PROCINFO, name);
}

static void put_num(struct case_image *im, const char *name, int64_t v)
{
	int slot = image_slot(name);

	im->has |= 1u << slot;
	im->slot[slot].num = v;
}

static void put_str(struct case_image *im, const char *name, struct str s)
{
	int slot = image_slot(name);

	im->has |= 1u << slot;
	im->slot[slot].s = s;
}

/* A program starts in the place of another: what was the other's goes, but for these slots. */
static void new_program(struct case_image *im, uint32_t given)
{
	for (size_t i = 0; i < sizeof(of_program) / sizeof(of_program[0]); i++)
		im->has &= ~(1u << image_slot(of_program[i])) | given;
}

static void new_image(const struct case_lines *c, struct case_who *w)
{
	struct case_image *im = &w->image;

	put_str(im, "cwd", STR("/"));
	put_str(im, "cgroup", STR("/"));
	put_num(im, "ppid", 1);
	put_num(im, "gid", 0);
	put_num(im, "loginuid", -1);
	put_num(im, "tty", 0);
	put_num(im, "vpid", pid_of(c, w));
}

/* The process of that name, which may be a new one. NULL with err filled. */
static struct case_who *take_who(struct case_lines *c, const struct token *t, struct str name)
{
	struct case_who *w = find_who(c, name);

	if (w)
		return w;
	if (c->count == CASE_WHO) {
		token_fail(t, c->err, "expected at most %d processes", CASE_WHO);
		return NULL;
	}
	w = &c->who[c->count++];
	w->name = name;
	new_image(c, w);
	return w;
}

/* parent=WHO: made by it, and like it but for its program. */
static int take_parent(struct case_lines *c, struct case_who *w, const struct token *t)
{
	const struct case_who *parent = find_who(c, t->text);

	if (c->arguments > 1)
		return token_fail(t, c->err, "expected parent= before all other arguments");
	if (!parent || parent == w)
		return token_fail(t, c->err, "expected a process of a line above");
	w->user = parent->user;
	w->image = parent->image;
	new_program(&w->image, 0);
	put_num(&w->image, "ppid", pid_of(c, parent));
	put_num(&w->image, "vpid", pid_of(c, w));
	return 0;
}

/* child=WHO of a procfork: a new process, like the one that makes it. */
static int take_child(struct case_lines *c, const struct case_who *w, struct record *rec, int slot,
		      const struct token *t)
{
	struct case_who *child = take_who(c, t, t->text);

	if (!child)
		return -EINVAL;
	child->user = w->user;
	child->image = w->image;
	put_num(&child->image, "ppid", pid_of(c, w));
	put_num(&child->image, "vpid", pid_of(c, child));
	record_num(rec, slot, pid_of(c, child));
	record_num(rec, event_arg_slot(TRC_PROCFORK, "childstart"), FIRST_TS / TRC_TICK_NS);
	return 0;
}

/* ---- values */

static int value_text(const struct case_lines *c, const struct token *t, struct str *out)
{
	int rc = token_check_value(t, c->err);

	if (!rc)
		rc = token_text(t, c->a, out, c->err);
	return rc == -ENOMEM ? no_room(c) : rc;
}

/* (word word "with a blank"), or one of them: strings, each with its NUL. */
static int take_words(struct case_lines *c, struct token *t, struct str *out)
{
	char *buf = arena_alloc(c->a, TRC_STR_MAX);
	bool many = token_is(t, "(");

	if (!buf)
		return no_room(c);
	*out = (struct str){buf, 0};
	if (many)
		*t = lex_value(&c->lx);
	for (;;) {
		struct str s;

		if (many && token_is(t, ")"))
			return 0;
		if (value_text(c, t, &s))
			return -EINVAL;
		if (out->n + s.n + 1 > TRC_STR_MAX)
			return token_fail(t, c->err, "expected at most %d bytes", TRC_STR_MAX);
		memcpy(buf + out->n, s.p, s.n);
		out->n += s.n + 1;
		if (!many)
			return 0;
		*t = lex_value(&c->lx);
	}
}

/* "10.0.0.1:80" or "[::1]:80"; nothing is no end. Returns the family, 0 = none, -1 = wrong. */
static int read_end(struct str s, uint8_t addr[16], uint16_t *port)
{
	const char *colon = memrchr(s.p, ':', s.n);
	bool six = s.n && *s.p == '[';
	char text[INET6_ADDRSTRLEN], *end;
	size_t n;
	long number;

	if (!s.n)
		return 0;
	n = colon ? (size_t)(colon - s.p) - 2u * six : sizeof(text);
	if (n >= sizeof(text) || (six && colon[-1] != ']'))
		return -1;
	memcpy(text, s.p + six, n);
	text[n] = '\0';
	number = strtol(colon + 1, &end, 10);
	if (end == colon + 1 || end != s.p + s.n || number < 0 || number > 65535)
		return -1;
	*port = (uint16_t)number;
	if (inet_pton(six ? AF_INET6 : AF_INET, text, addr) != 1)
		return -1;
	return six ? TRC_SOCK_INET6 : TRC_SOCK_INET;
}

static const struct {
	const char *prefix;
	uint16_t number;
} protocols[] = {{"tcp:", 6}, {"udp:", 17}, {"icmp:", 1}, {"raw:", 255}};

static bool read_sock(struct str s, struct trc_sock *out)
{
	const char *arrow;
	struct str ends[2];
	int local, remote;

	out->proto = 6;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (str_take(&s, str_of(protocols[i].prefix)))
			out->proto = protocols[i].number;
	arrow = memmem(s.p, s.n, "->", 2);
	ends[0] = (struct str){s.p, arrow ? (uint32_t)(arrow - s.p) : s.n};
	ends[1] = (struct str){arrow ? arrow + 2 : s.p, arrow ? s.n - ends[0].n - 2 : 0};
	local = read_end(ends[0], out->laddr, &out->lport);
	remote = read_end(ends[1], out->raddr, &out->rport);
	out->family = (uint16_t)(local ? local : remote);
	return local >= 0 && remote >= 0 && local + remote &&
	       (!local || !remote || local == remote);
}

/* [tcp:|udp:|icmp:|raw:]LOCAL->REMOTE, or unix:NAME: as a record has them. */
static int take_sock(struct case_lines *c, const struct token *t, struct str *out)
{
	struct trc_sock sock = {.family = TRC_SOCK_UNIX};
	struct str s, name = {0};
	char *buf;

	if (value_text(c, t, &s))
		return -EINVAL;
	if (str_take(&s, STR("unix:")))
		name = s;
	else if (!read_sock(s, &sock))
		return token_fail(
			t, c->err,
			"expected unix:NAME or [udp:]ADDRESS:PORT->ADDRESS:PORT, of which "
			"one end may be left out");
	buf = arena_alloc(c->a, sizeof(sock) + name.n);
	if (!buf)
		return no_room(c);
	memcpy(buf, &sock, sizeof(sock));
	if (name.n)
		memcpy(buf + sizeof(sock), name.p, name.n);
	*out = (struct str){buf, (uint32_t)sizeof(sock) + name.n};
	return 0;
}

/* Addresses in parentheses, as hostinfo has them: 16 bytes each. */
static int take_addresses(struct case_lines *c, struct token *t, struct str *out)
{
	struct str words;
	uint8_t *buf;
	uint32_t n = 0;

	if (take_words(c, t, &words))
		return -EINVAL;
	buf = arena_alloc(c->a, 16 * (size_t)words.n);
	if (!buf)
		return no_room(c);
	for (uint32_t at = 0; at < words.n; at += (uint32_t)strlen(words.p + at) + 1, n += 16) {
		bool six = strchr(words.p + at, ':');
		uint8_t addr[16];

		if (inet_pton(six ? AF_INET6 : AF_INET, words.p + at, addr) != 1)
			return token_fail(t, c->err, "expected addresses before this");
		if (six)
			memcpy(buf + n, addr, 16);
		else
			addr_map(buf + n, addr);
	}
	*out = (struct str){(char *)buf, n};
	return 0;
}

static int take_bytes(struct case_lines *c, const struct event_arg *arg, struct token *t,
		      struct str *out)
{
	if (!strcmp(arg->name, "addresses"))
		return take_addresses(c, t, out);
	switch (arg->type) {
	case TRC_T_ARGV:
		return take_words(c, t, out);
	case TRC_T_SOCK:
		return take_sock(c, t, out);
	default:
		return value_text(c, t, out);
	}
}

static int take_number(struct case_lines *c, enum trc_argtype type, const struct token *t,
		       int64_t *out)
{
	const struct case_who *w = type == TRC_T_PID ? find_who(c, t->text) : NULL;

	if (w) {
		*out = pid_of(c, w);
		return 0;
	}
	if (t->kind == TOKEN_WORD && text_number(type, t->text, out))
		return 0;
	return token_fail(t, c->err,
			  "expected a number, or names that `tiercel list events` knows");
}

/* ---- lines */

static const char *arg_name(int i, const void *arg)
{
	const struct event_desc *e = arg;

	return i < e->nargs ? e->args[i].name : NULL;
}

static const char *event_name(int i, const void *arg)
{
	(void)arg;
	return i + 1 < TRC_NTYPES ? event_table[i + 1].name : NULL;
}

static int unknown(const struct case_lines *c, const struct token *t, const char *what,
		   const char *(*name)(int i, const void *arg), const void *arg)
{
	const char *near = nearest(t->text.p, t->text.n, name, arg);

	return token_fail(t, c->err, "expected %s" MEANT, what, MEANT_ARGS(near));
}

static bool has_image(enum trc_type type)
{
	return type == TRC_PROCINFO || type == TRC_EXECVE || type == TRC_EXECVEAT;
}

/* Gives an argument its value, in the image if that has it. */
static int take_value(struct case_lines *c, struct case_who *w, struct record *rec, int slot)
{
	enum trc_type type = rec->hdr.type;
	const struct event_arg *arg = &event_table[type].args[slot];
	struct token t = lex_value(&c->lx);
	int in = has_image(type) ? image_slot(arg->name) : -1;
	bool bytes = argtype_kind[arg->type] == TRC_BYTES;
	struct str s = {0};
	int64_t v = 0;
	int rc;

	if (type == TRC_PROCFORK && t.kind == TOKEN_WORD && !strcmp(arg->name, "child"))
		return take_child(c, w, rec, slot, &t);
	c->given |= in >= 0 ? 1u << in : 0;
	if (token_is(&t, MISSING)) {
		if (in >= 0)
			w->image.has &= ~(1u << in);
		return 0;
	}
	rc = bytes ? take_bytes(c, arg, &t, &s) : take_number(c, arg->type, &t, &v);
	if (rc)
		return rc;
	if (!strcmp(arg->name, "filename"))
		c->filename = s;
	if (in >= 0 && bytes)
		put_str(&w->image, arg->name, s);
	else if (in >= 0)
		put_num(&w->image, arg->name, v);
	else if (bytes)
		record_bytes(rec, slot, s.p, s.n);
	else
		record_num(rec, slot, (uint64_t)v);
	return 0;
}

static int take_argument(struct case_lines *c, struct case_who *w, struct record *rec,
			 const struct token *name)
{
	const struct event_desc *e = &event_table[rec->hdr.type];
	struct token sign = lex_name(&c->lx), t;
	int64_t v;

	c->arguments++;
	if (!token_is(&sign, "="))
		return token_fail(&sign, c->err, "expected ARGUMENT=VALUE");
	for (int slot = 0; slot < e->nargs; slot++)
		if (str_eq(name->text, str_of(e->args[slot].name)))
			return take_value(c, w, rec, slot);
	if (!token_is(name, "user") && !token_is(name, "parent") && !token_is(name, "after"))
		return unknown(c, name, "an argument of this event, user, parent or after",
			       arg_name, e);
	t = lex_value(&c->lx);
	if (token_is(name, "parent"))
		return take_parent(c, w, &t);
	if (take_number(c, TRC_T_UINT, &t, &v))
		return -EINVAL;
	if (v < 0)
		return token_fail(&t, c->err, "expected 0 or more");
	if (token_is(name, "user"))
		w->user = (uint32_t)v;
	else
		c->after += (uint64_t)v;
	return 0;
}

/* A program is called what it was started as, or its file, unless the line says otherwise. */
static void complete_image(const struct case_lines *c, struct case_image *im)
{
	struct str path, base;
	int exepath = image_slot("exepath"), argv = image_slot("argv"), comm = image_slot("comm");

	if (!(im->has >> exepath & 1))
		return;
	path = c->filename.p ? c->filename : im->slot[exepath].s;
	base = str_base(path);
	if (!((im->has | c->given) >> argv & 1)) /* the NUL behind it is there: see token_text() */
		put_str(im, "argv", (struct str){base.p, base.n + 1});
	if (!((im->has | c->given) >> comm & 1))
		put_str(im, "comm", (struct str){base.p, base.n < 15 ? base.n : 15});
}

static void write_image(const struct case_image *im, struct record *rec)
{
	for (int i = 0; i < event_table[TRC_PROCINFO].nargs; i++) {
		const struct event_arg *arg = &event_table[TRC_PROCINFO].args[i];
		int slot = event_arg_slot(rec->hdr.type, arg->name);

		if (!(im->has >> i & 1))
			continue;
		if (argtype_kind[arg->type] == TRC_BYTES)
			record_bytes(rec, slot, im->slot[i].s.p, im->slot[i].s.n);
		else
			record_num(rec, slot, (uint64_t)im->slot[i].num);
	}
}

static void write_defaults(struct record *rec)
{
	const struct event_desc *e = &event_table[rec->hdr.type];

	if (e->class == TRC_STATE || !e->nargs)
		return;
	if (e->args[0].type == TRC_T_RES)
		record_num(rec, 0, 0);
	else if (e->args[0].type == TRC_T_FD)
		record_num(rec, 0, FIRST_FD);
}

/* Begins a record for the words WHO: EVENT. */
static struct case_who *begin(struct case_lines *c, const struct token *label, struct record *rec)
{
	struct case_who *w;
	struct token t;
	enum trc_type type = TRC_NONE;

	if (label->kind != TOKEN_WORD || label->text.n < 2 ||
	    label->text.p[label->text.n - 1] != ':') {
		token_fail(label, c->err, "expected WHO: at the beginning of a line");
		return NULL;
	}
	w = take_who(c, label, (struct str){label->text.p, label->text.n - 1});
	if (!w)
		return NULL;
	t = lex_name(&c->lx);
	for (int i = 1; i < TRC_NTYPES && type == TRC_NONE; i++)
		if (token_is(&t, event_table[i].name))
			type = (enum trc_type)i;
	if (type == TRC_NONE) {
		unknown(c, &t, "an event that `tiercel list events` shows, or a state record",
			event_name, NULL);
		return NULL;
	}
	record_begin(rec, type, pid_of(c, w), pid_of(c, w));
	rec->hdr.start = FIRST_TS / TRC_TICK_NS;
	rec->hdr.ts = FIRST_TS + MS * ++c->lines;
	write_defaults(rec);
	c->arguments = 0;
	c->given = 0;
	c->filename = (struct str){0};
	return w;
}

int caseline_next(struct case_lines *c, struct record *rec)
{
	struct token t = lex_value(&c->lx);
	struct case_who *w;

	if (t.kind == TOKEN_END)
		return 0;
	c->at = t.at;
	w = begin(c, &t, rec);
	if (!w)
		return -EINVAL;
	for (;;) {
		struct lex before = c->lx;

		t = lex_name(&c->lx);
		if (t.kind == TOKEN_END || t.at.line != c->at.line) {
			c->lx = before;
			break;
		}
		if (take_argument(c, w, rec, &t))
			return -EINVAL;
	}
	rec->hdr.uid = w->user;
	rec->hdr.ts += c->after * 1000 * MS;
	if (has_image(rec->hdr.type)) {
		/* One that fails leaves the program that called. */
		if (rec->hdr.type != TRC_PROCINFO && (int64_t)rec->word[sizeof(rec->hdr) / 8] >= 0)
			new_program(&w->image, c->given);
		complete_image(c, &w->image);
		write_image(&w->image, rec);
	}
	return 1;
}
