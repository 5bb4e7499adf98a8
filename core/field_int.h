/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the fields share: field.c has the table and the arguments
 * of events, field_text.c the texts that are built, field_evt.c what is about
 * the event, field_fd.c about its descriptor, field_proc.c about its process,
 * field_container.c about its container.
 * Nobody else includes this.
 */
#ifndef CORE_FIELD_INT_H
#define CORE_FIELD_INT_H

#include "field.h"

/* A value that is not there. Text that is there, and empty, has a pointer. */
#define MISSING ((struct str){NULL, 0})

/* What a user or a group without a name is called, as with Falco; known by its address. */
extern const struct str field_nameless;

/* Texts that are built for an event: the indexes of field_ctx.text. */
enum {
	TEXT_CMDLINE, /* of the process, and of its parent */
	TEXT_PCMDLINE,
	TEXT_EXELINE,
	TEXT_ENV,
	TEXT_CWD,
	TEXT_CAPINH,
	TEXT_CAPPRM,
	TEXT_CAPEFF,
	TEXT_SOCK,
	TEXT_TIME,
	TEXT_DATETIME,
	TEXT_ISOTIME,
	TEXT_ARGS,
	TEXT_MOUNTS,
	TEXT_LABELS,
	TEXT_GIVEN,
	TEXT_ARG, /* of argument 0, and so on */
};
_Static_assert(TEXT_ARG + TRC_ARG_MAX <= FIELD_TEXTS && FIELD_TEXTS <= 64, "texts");

/*
 * Arguments that fields of their own ask for; ARG_EXEPATH and its kin in the order of enum
 * proc_text. Those from ARG_SOCK to ARG_TARGET are not found by one name: see args_init().
 */
enum {
	ARG_FD,
	ARG_FD1,
	ARG_DIRFD,
	ARG_NAME,
	ARG_PATH,
	ARG_NAMERAW,
	ARG_FLAGS,
	ARG_MODE,
	ARG_DEV,
	ARG_INO,
	ARG_DOMAIN,
	ARG_ENV,
	ARG_CGROUP,
	ARG_PPID,
	ARG_EXEFLAGS,
	ARG_PROGRAM,
	ARG_FEEDER, /* the source of an event of the feed */
	ARG_PAIRS,
	ARG_EXEPATH,
	ARG_CWD,
	ARG_ARGV,
	ARG_SOCK,   /* the one of type SOCK */
	ARG_DATA,   /* the one of type DATA */
	ARG_FILE,   /* the path of a call that has one */
	ARG_SOURCE, /* the paths of a call that has two */
	ARG_TARGET,
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

/* For getters: one value, or none. */
static inline int put_str(struct value *out, struct str s)
{
	if (!s.p)
		return 0;
	*out = (struct value){.type = VAL_STR, .s = s};
	return 1;
}

static inline int put_int(struct value *out, int64_t i)
{
	*out = (struct value){.type = VAL_INT, .i = i};
	return 1;
}

static inline int put_bool(struct value *out, bool is)
{
	*out = (struct value){.type = VAL_BOOL, .i = is};
	return 1;
}

/* Slot of an argument that the event has, and that is there; else -1. */
int field_slot(const struct field_ctx *ctx, int arg);

/* The same as text; missing if there is none. */
struct str field_own_arg(struct field_ctx *ctx, int arg);

/* TRC_NEWFD and its kin of the event's row. */
unsigned field_flags(const struct field_ctx *ctx);

/* What the call returned; false if the event has no result. */
bool field_result(const struct field_ctx *ctx, int64_t *result);

/* In field_text.c. */

/* An argument as text: as it lies in the record, if it is text there. */
struct str field_arg_text(struct field_ctx *ctx, int slot);

/* A text of the event, built when it is first asked for. What does not fit is missing, not cut. */
struct str field_text(struct field_ctx *ctx, int what);

/* The command line of any process; it lasts until the next one is asked for. */
struct str field_cmdline(struct field_ctx *ctx, const struct proc *p);

/* Time of the event since 1970, in ns; 0 if the machine has not been told of. */
uint64_t field_time(const struct field_ctx *ctx);

int field_get_text(struct field_ctx *ctx, int what, struct value *out);

/* In field_fd.c. */

/* The descriptor that the event made (-1: none) or used; false if it did neither. */
bool field_fd(const struct field_ctx *ctx, int64_t *fd);
bool field_sock(const struct field_ctx *ctx, struct sock_ref *r);

/* In field_proc.c. */

/* The process itself (0) or an ancestor; NULL if not known. */
const struct proc *field_proc(const struct field_ctx *ctx, int n);
/* A string of a process. The event's own is whole where the table's may have been cut. */
struct str field_proc_str(const struct field_ctx *ctx, const struct proc *p, enum proc_text which);
/* Its name; missing if it is not known. */
struct str field_comm(const struct proc *p);
/* Its environment, as strings that end in NULs. */
struct str field_env(const struct field_ctx *ctx, const struct proc *p);
/* Arguments behind argument 0, each with its NUL; missing if they are not known. */
struct str field_args(const struct field_ctx *ctx, const struct proc *p);

/* Of its container the id or name, or "host". */
struct str field_container_id(const struct field_ctx *ctx);

/* Text arguments that Falco's execve has and ours calls otherwise. */
struct str field_exe(const struct field_ctx *ctx, const struct proc *p);
struct str field_proc_args(struct field_ctx *ctx);
struct str field_user(const struct field_ctx *ctx);

/* In field_container.c. Each returns false if there is nothing to build it from. */
struct text_buf;
bool field_build_mounts(const struct field_ctx *ctx, struct text_buf *b);
bool field_build_labels(const struct field_ctx *ctx, struct text_buf *b);

/*
 * Getters, for rows of fields.def: each takes the row's index, one of the names
 * that are listed with it.
 */
enum { S_TYPE, S_RESULT, S_HOSTNAME, S_DIR, S_FILE, S_FILE_RAW, S_SOURCE, S_TARGET };
int field_get_evt(struct field_ctx *ctx, int which, struct value *out);
enum { N_NUM, N_RESULT, N_TIME };
int field_get_evt_int(struct field_ctx *ctx, int which, struct value *out);
enum { IS_FAILED, IS_READ, IS_WRITE, IS_EXEC, IS_CREATE, IS_RING };
int field_get_evt_is(struct field_ctx *ctx, int which, struct value *out);
enum { S_FEED_SOURCE, S_FEED_NAME, S_FEED_PAIR };
int field_get_feed(struct field_ctx *ctx, int which, struct value *out);
int field_get_data(struct field_ctx *ctx, int which, struct value *out);

enum {
	S_FD_NAME,
	S_FD_RAW,
	S_FD_GIVEN,
	S_FD_TYPE,
	S_FD_LETTER,
	S_FD_DIRECTORY,
	S_FD_FILE,
	S_L4PROTO,
	S_SOCKFAMILY
};
int field_get_fd(struct field_ctx *ctx, int which, struct value *out);
enum { N_FD, N_FD_DEV, N_FD_INO };
int field_get_fd_int(struct field_ctx *ctx, int which, struct value *out);
enum { IS_CONNECTED, IS_SERVER, IS_RENAMED };
int field_get_fd_is(struct field_ctx *ctx, int which, struct value *out);
/* which is one of END_*. */
int field_get_ip(struct field_ctx *ctx, int which, struct value *out);
int field_get_host(struct field_ctx *ctx, int which, struct value *out);
int field_get_port(struct field_ctx *ctx, int which, struct value *out);

/* index: how many steps up; -1 = all that are, the process left out. */
int field_get_comm(struct field_ctx *ctx, int index, struct value *out);
int field_get_exe(struct field_ctx *ctx, int index, struct value *out);
int field_get_exepath(struct field_ctx *ctx, int index, struct value *out);
int field_get_pid(struct field_ctx *ctx, int index, struct value *out);
int field_get_cmdline(struct field_ctx *ctx, int index, struct value *out);
/* index: which; -1 = all as one text; FIELD_WORDS. */
int field_get_args(struct field_ctx *ctx, int index, struct value *out);
int field_get_env(struct field_ctx *ctx, int index, struct value *out);
/* What a leader is asked for. */
enum { L_SID_NAME, L_SID_EXE, L_SID_EXEPATH, L_GROUP_NAME, L_GROUP_EXE, L_GROUP_EXEPATH };
int field_get_leader(struct field_ctx *ctx, int which, struct value *out);
enum { S_USER, S_LOGIN, S_GROUP, S_CONTAINER, S_RUNTIME };
int field_get_who(struct field_ctx *ctx, int which, struct value *out);
enum {
	N_TID,
	N_VTID,
	N_UID,
	N_PPID,
	N_DURATION,
	N_PVPID,
	N_NARGS,
	N_LENARGS,
	N_SHELL,
	N_CTIME_START,
	N_FACT /* + enum proc_fact */
};
int field_get_proc_int(struct field_ctx *ctx, int which, struct value *out);
enum {
	IS_GROUP_LEADER,
	IS_SESSION_LEADER,
	IS_MAIN_THREAD,
	IS_ADOPTED,
	IS_SENSOR,
	IS_ROOTLESS,
	IS_EXE /* + one of TRC_EXE_* */
};
int field_get_proc_is(struct field_ctx *ctx, int which, struct value *out);

enum {
	C_NAME,
	C_IMAGEID,
	C_REPOSITORY,
	C_TAG,
	C_DIGEST,
	C_TEXT /* + enum container_text */
};
int field_get_container(struct field_ctx *ctx, int which, struct value *out);
int field_get_container_is(struct field_ctx *ctx, int which, struct value *out);
enum { C_START, C_AGE };
int field_get_container_time(struct field_ctx *ctx, int which, struct value *out);
int field_get_label(struct field_ctx *ctx, int which, struct value *out);
/* In the order of CONTAINER_MOUNTS. */
enum { M_SOURCE, M_DEST, M_MODE, M_WRITABLE, M_PROPAGATION };
int field_get_mount(struct field_ctx *ctx, int which, struct value *out);

#endif
