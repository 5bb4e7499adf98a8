/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the two halves of the fields share: field.c has the table, the texts
 * and what is about the event and its process, field_fd.c what is about its
 * descriptor. Nobody else includes this.
 */
#ifndef CORE_FIELD_INT_H
#define CORE_FIELD_INT_H

#include "field.h"

/* A value that is not there. Text that is there, and empty, has a pointer. */
#define MISSING ((struct str){NULL, 0})

/* Texts that are built for an event: the indexes of field_ctx.text. */
enum {
	TEXT_CMDLINE, /* of the process, and of its parent */
	TEXT_PCMDLINE,
	TEXT_CWD,
	TEXT_SOCK,
	TEXT_TIME,
	TEXT_ARGS,
	TEXT_ARG, /* of argument 0, and so on */
};
_Static_assert(TEXT_ARG + TRC_ARG_MAX <= FIELD_TEXTS, "texts");

/*
 * Arguments that fields of their own ask for; PROC_EXEPATH and its kin in the order of enum
 * proc_text. ARG_SOCK is the one of type SOCK, whatever its name.
 */
enum {
	ARG_FD,
	ARG_NAME,
	ARG_PATH,
	ARG_NAMERAW,
	ARG_FLAGS,
	ARG_MODE,
	ARG_DEV,
	ARG_INO,
	ARG_DOMAIN,
	ARG_ENV,
	ARG_SOCK,
	ARG_EXEPATH,
	ARG_CWD,
	ARG_ARGV,
	ARG_OWN
};

/* What a field of an end of a socket speaks of: the index of its row. */
enum { END_BOTH, END_LOCAL, END_REMOTE, END_SERVER, END_CLIENT };

/* The socket that the event is about: as the record has it, else as the table has. */
struct sock_ref {
	const struct trc_sock *sock;
	struct str name; /* of a Unix socket */
	bool server;	 /* this end is the server's */
	bool role_known; /* or is it not known which is? */
};

/* Slot of an argument that the event has, and that is there; else -1. */
int field_slot(const struct field_ctx *ctx, int arg);

/* TRC_NEWFD and its kin of the event's row. */
unsigned field_flags(const struct field_ctx *ctx);

/* What the call returned; false if the event has no result. */
bool field_result(const struct field_ctx *ctx, int64_t *result);

/* An argument as text: as it lies in the record, if it is text there. */
struct str field_arg_text(struct field_ctx *ctx, int slot);

/* A text of the event, built when it is first asked for. What does not fit is missing, not cut. */
struct str field_text(struct field_ctx *ctx, int what);

/* In field_fd.c. */

/* The descriptor that the event made (-1: none) or used; false if it did neither. */
bool field_fd(const struct field_ctx *ctx, int64_t *fd);
bool field_sock(const struct field_ctx *ctx, struct sock_ref *r);
struct str field_fd_name(struct field_ctx *ctx);
struct str field_fd_type(const struct field_ctx *ctx);
/* Its letter. */
struct str field_fd_letter(const struct field_ctx *ctx);
struct str field_fd_directory(struct field_ctx *ctx);
struct str field_fd_file(struct field_ctx *ctx);
struct str field_l4proto(const struct field_ctx *ctx);
struct str field_sockfamily(const struct field_ctx *ctx);
bool field_connected(const struct field_ctx *ctx, bool *is);
/* Getters: which is one of END_*. */
int field_get_ip(struct field_ctx *ctx, int which, struct value *out);
int field_get_port(struct field_ctx *ctx, int which, struct value *out);

#endif
