/* SPDX-License-Identifier: BSD-2-Clause */
/* Output of a rule: text with %field.names, compiled once, rendered for each alert. */
#ifndef CORE_TEMPLATE_H
#define CORE_TEMPLATE_H

#include "field.h"
#include "ini.h"

struct template
{
	int count;
	struct template_part {
		struct str text;      /* as it stands, if ref.field is NULL */
		struct field_ref ref; /* else the field, and text is its name */
		struct str key;	      /* " file=" of a pair " file=%fd.name", else empty */
		bool optional;	      /* left out if it is missing, whatever ctx->omit says */
	} part[];
};

/*
 * Compiles "user=%user.name file=%fd.name". NULL with err filled: unknown
 * field, stray %, no room. The text is copied into the arena. An output that shows a file's name
 * ends in " given=%fd.given", if it has not got what the caller gave: both names are to be seen
 * where they differ.
 */
struct template *template_compile(struct arena *a, const char *text, struct ini_place at,
				  struct ini_error *err);

/*
 * Renders into buf (size bytes, no NUL). Missing fields and users without a
 * name read <NA>, but with ctx->omit a pair key=%field is left out, with the
 * comma and the blank before it; of a value that is longer than ctx->value_max
 * bytes the middle reads [...]. No monitored program can forge or split a line,
 * or one of its pairs:
 * bytes that are no printable UTF-8 are escaped, and a value that is empty or
 * has a blank, a quote or = in it stands in double quotes, wherever it stands,
 * with \ before quotes and backslashes. Returns the length; *cut is set if
 * something did not fit.
 */
size_t template_render(const struct template *t, struct field_ctx *ctx, char *buf, size_t size,
		       bool *cut);

/*
 * Copies s, with control characters, backslashes, bad UTF-8 and what ends lines or turns the order
 * of text (U+2028 and its kin) written as \n, \t, \\ or \xHH a byte. Returns the length; *cut is
 * set if something did not fit. Nothing is cut inside of an escape or a character.
 */
size_t text_escape(struct str s, char *buf, size_t size, bool *cut);

#endif
