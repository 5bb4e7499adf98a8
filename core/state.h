/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known about the machine, in tables of fixed size: processes,
 * descriptors, users, groups, files known by device and inode, directories known
 * by links to them, hosts known by their addresses, and containers. Records are the
 * only thing that changes them, so a replayed file gives the same tables as
 * the machine did. A full table of processes, of their strings or of their
 * descriptors evicts the entry that was used least recently, and counts it; one
 * of names takes no more of them, and counts that. What a table does not know
 * is missing, never wrong.
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <stdbool.h>

#include "arena.h"
#include "decode.h"
#include "stats.h"

#define PROC_COMM_MAX 15      /* as the kernel has it; /proc says more of its own threads */
#define PROC_CONTAINER_MAX 64 /* short id or name of a container, or "host", and a NUL */
#define PROC_NEAR 320	      /* bytes of strings kept with every process */
#define PROC_FAR                                                                                   \
	(3 * TRC_STR_MAX) /* of one whose strings are longer: whatever a record tells fits */

/* Strings of a process, packed one after the other in its near or far block. */
enum proc_text { PROC_EXEPATH, PROC_CWD, PROC_ARGV, PROC_NTEXT };

/*
 * Numbers about a process and its program that rules ask for and the tables do
 * not: in the order of TRC_IMAGE, from gid on. All are as hdr.pid is, as the
 * initial namespaces number things, but for those that begin with V.
 */
enum proc_fact {
	PROC_GID,      /* effective */
	PROC_LOGINUID, /* -1 = unset */
	PROC_TTY,      /* major << 20 | minor, 0 = none */
	PROC_EXEDEV,
	PROC_EXEINO,
	PROC_PGID,
	PROC_VPGID,
	PROC_SID,
	PROC_VPID,
	PROC_CAPINH,
	PROC_CAPPRM,
	PROC_CAPEFF,
	PROC_EXEFLAGS, /* TRC_EXE_* */
	PROC_EXECTIME, /* ns since 1970 */
	PROC_EXEMTIME,
	PROC_NFACT
};

struct proc {
	uint32_t pid; /* 0 = free */
	uint32_t ppid;
	uint64_t start; /* ticks since boot: with pid, the identity */
	uint64_t born;	/* ts of its procfork, 0 if not seen */
	uint32_t uid;	/* effective */
	uint64_t fact[PROC_NFACT];
	uint32_t has;	  /* bit n: fact n is known */
	uint32_t fds;	  /* 1 + first of its descriptors, 0 = none */
	uint32_t far;	  /* 1 + its far block, 0 = none */
	uint32_t env;	  /* 1 + block of its environment, 0 = none */
	uint32_t env_gen; /* the block is another's once its own number differs */
	bool env_cut;	  /* it was longer */
	uint8_t flags;	  /* PROC_* below */
	uint8_t comm_len; /* 0 = not known */
	uint8_t heir_len;
	char comm[PROC_COMM_MAX]; /* as its program started with it: prctl() leaves it */
	char heir[PROC_COMM_MAX]; /* the name of those it forks now */
	const char *runtime;	  /* of its container: "docker", ..., "host"; NULL = not known */
	char container[PROC_CONTAINER_MAX]; /* "host", an id or a name; "" = not known */
	bool rootless;			    /* a user may have made up the container */
	bool nested;			    /* it is in another, whose root may have done so */
	uint32_t text_len[PROC_NTEXT];
	char near[PROC_NEAR];
};

/* What may make a process another than its entry can tell. */
enum {
	PROC_THREADS = 1 << 0,	    /* has had more than one */
	PROC_RENAMED = 1 << 1,	    /* a thread other than the first has a name of its own */
	PROC_OWN_FILES = 1 << 2,    /* a thread has descriptors of its own */
	PROC_OWN_CWD = 1 << 3,	    /* a thread has a directory of its own */
	PROC_SHARES_FILES = 1 << 4, /* another process has the same descriptors */
	PROC_SHARES_CWD = 1 << 5,   /* another process has the same directory */
	PROC_ADOPTED = 1 << 6,	    /* its parent did not make it: that one ended, or never was */
};

/* What a descriptor is: the characters of fd.typechar, but for FD_USERFAULT. */
enum fd_kind {
	FD_UNKNOWN = 0,
	FD_FILE = 'f',
	FD_DIR = 'd',
	FD_IPV4 = '4',
	FD_IPV6 = '6',
	FD_UNIX = 'u',
	FD_SOCKET = 'o', /* of another family, or not yet bound or connected */
	FD_PIPE = 'p',
	FD_EVENT = 'e',
	FD_SIGNAL = 's',
	FD_EPOLL = 'l',
	FD_INOTIFY = 'i',
	FD_TIMER = 't',
	FD_MEMFD = 'm',
	FD_BPF = 'b',
	FD_IO_URING = 'r',
	FD_PIDFD = 'P',
	FD_USERFAULT = 'U', /* its letter is that of a Unix socket */
};

#define FD_NAME_MAX 108 /* a Unix socket's name fits */

struct fdent {
	uint32_t proc; /* index of its process */
	int32_t fd;
	uint32_t prev,
		sibling; /* 1 + its neighbours among the descriptors of its process, 0 = none */
	uint8_t kind;	 /* enum fd_kind */
	bool cloexec;	 /* ends with the next exec */
	bool connected;
	bool server;	  /* our end is the server's: bound, listening or accepted */
	bool role_known;  /* server is known: not of connections older than the sensor */
	bool has_sock;	  /* sock is known */
	uint8_t name_len; /* 0 = not known, or longer than fits; for a socket: of a Unix one */
	struct trc_sock sock;
	char name[FD_NAME_MAX];
};

struct state_config {
	uint32_t procs; /* entries of each table */
	uint32_t fars;	/* processes whose strings are long */
	uint32_t fds;
	uint32_t users;
	uint32_t files;
	uint32_t envs; /* blocks of environment, of 4 KiB */
	uint32_t groups;
	uint32_t names;
	uint32_t containers;
};

struct state;

/* A table as `tables.*` of the configuration sizes it. */
struct state_part {
	const char *name; /* its option, without "tables." */
	uint32_t entries;
	size_t bytes; /* of arena, its index included */
};

#define STATE_NPART 9
#define STATE_LINKS 16 /* directories known by another name, at most */

/* What the tables of a configuration take, each. */
void state_parts(const struct state_config *cfg, struct state_part out[static STATE_NPART]);

/* Bytes of arena that state_open takes: the parts, and 8 KiB at most beside them. */
size_t state_size(const struct state_config *cfg);

/* Builds empty tables in the arena. NULL if there is no room. */
struct state *state_open(struct arena *a, const struct state_config *cfg, struct stats *stats);

/* Event types that the tables need, whatever the rules ask: sets bytes of wanted to 1. */
void state_wants(uint8_t wanted[static TRC_NTYPES]);

/*
 * Forgets what records that were lost before this one may have changed: of bulk
 * ones all descriptors, of critical ones all processes. To be called first.
 */
void state_gap(struct state *s, const struct event *ev);

/* Takes in what a record says, before rules look at it. */
void state_before(struct state *s, const struct event *ev);

/* Takes in what a record ends (an exit, a close), after rules have looked. */
void state_after(struct state *s, const struct event *ev);

/* The process of a record; NULL if not known, or known with another start time. */
const struct proc *state_proc(const struct state *s, const struct event *ev);

/* Of a process, what is so whichever program it runs: to out, which owns nothing. */
void proc_without_program(const struct state *s, const struct proc *p, struct proc *out);

/* The process of a pid as it is now; NULL if not known. */
const struct proc *state_pid(const struct state *s, uint32_t pid);

/*
 * Name of a process that had that pid and ended in the second before ts, ns
 * since boot: when a call returns that ends one, it may be gone. p = NULL if
 * there was none.
 */
struct str state_ended(const struct state *s, uint32_t pid, uint64_t ts);

/* n-th ancestor, 1 = parent; NULL past the last one known. */
const struct proc *state_ancestor(const struct state *s, const struct proc *p, int n);

/* Is it known to be in a container? */
bool proc_is_contained(const struct proc *p);

/* A string of a process; n = 0 and p = NULL if not known. */
struct str proc_text(const struct state *s, const struct proc *p, enum proc_text which);

/* A number about a process. False if it is not known. */
bool proc_fact(const struct proc *p, enum proc_fact which, uint64_t *v);

/*
 * Environment that the process's program started with: strings that end in
 * NULs, the first TRC_STR_MAX bytes of it at most; p = NULL if not known.
 */
struct str proc_env(const struct state *s, const struct proc *p);

/* The descriptor fd of a process; NULL if not known. */
const struct fdent *state_fd(const struct state *s, const struct proc *p, int32_t fd);

/* Name of a user; n = 0 and p = NULL if there is none. */
struct str state_user(const struct state *s, uint32_t uid);

/* Name of a group; n = 0 and p = NULL if there is none. */
struct str state_group(const struct state *s, uint32_t gid);

/*
 * Is the file of that device and inode the one called name (by fileinfo
 * records)? Only names that were stated are known.
 */
bool state_is_file(const struct state *s, struct str name, uint64_t dev, uint64_t ino);

/* The first name that such a file was stated under; p = NULL if there is none. */
struct str state_file_name(const struct state *s, uint64_t dev, uint64_t ino);

/* Is it any of those files? */
bool state_is_any_file(const struct state *s, uint64_t dev, uint64_t ino);

/*
 * Named files that a record may have made to be other ones, to be stated anew:
 * the next one from *pos, which starts as 0; p = NULL past the end.
 */
struct str state_stale_file(const struct state *s, const struct event *ev, uint32_t *pos);

/*
 * A directory that rules name through a symbolic link (by linkinfo records), the i-th: the name
 * that rules use, and what the kernel calls it. False past the end.
 */
bool state_link(const struct state *s, uint32_t i, struct str *name, struct str *real);

/* Of a set of them, 1 << i of the i-th: those that a path of the kernel's is, or lies in. */
uint32_t state_links_of(const struct state *s, struct str path, uint32_t among);

/* Another number after each record about them, in whatever tables; 0 before the first. */
uint32_t state_links_version(const struct state *s);

/*
 * Names of hosts whose known addresses (by hostinfo records) include this one
 * (of family 4 or 6, IPv4 in the first 4 bytes): the next one from *pos, which
 * starts as 0; p = NULL past the last.
 */
struct str state_host(const struct state *s, const uint8_t addr[static 16], int family,
		      uint32_t *pos);

/* Texts about a container, in the order of its record. The last are lists: strings with NULs. */
enum container_text {
	CONTAINER_ID, /* with all its digits */
	CONTAINER_NAME,
	CONTAINER_IMAGE,
	CONTAINER_IMAGEID,
	CONTAINER_NAMESPACE,
	CONTAINER_POD,
	CONTAINER_PODUID,
	CONTAINER_MOUNTS, /* source, destination, mode, writable (true or false), propagation */
	CONTAINER_LABELS, /* name, value */
	CONTAINER_NTEXT
};

/* What is known of containers, by containerinfo records. */
struct contained;

/* Of the one that a process is in; NULL if nothing is, or if somebody may have made its name up. */
const struct contained *state_container(const struct state *s, const struct proc *p);

/* p = NULL if it is not known. */
struct str contained_text(const struct contained *c, enum container_text which);

/* Does it have all rights? false if that is not known. */
bool contained_privileged(const struct contained *c, bool *is);

/* When its first process was made, in ticks as hdr.start; 0 if that was not seen. */
uint64_t contained_start(const struct contained *c);

struct container;

/*
 * Does a record name the container of its process, and is it one that has not been
 * stated? Then *c, which lies in the record in part.
 */
bool state_new_container(const struct state *s, const struct event *ev, struct container *c);

/*
 * What the machine record said: nanoseconds to add to hdr.ts for the time since
 * 1970, and the name.
 */
uint64_t state_epoch(const struct state *s);

/* Did the sensor itself do it, the one whose tables these are? */
bool state_is_sensor(const struct state *s, const struct event *ev);
struct str state_hostname(const struct state *s);

#endif
