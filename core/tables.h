/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables inside of struct state, for the files that fill them (state.c,
 * proctab.c, procwho.c, envtab.c, fdtab.c, fdwhat.c, nametab.c, hosttab.c,
 * conttab.c).
 */
#ifndef CORE_TABLES_H
#define CORE_TABLES_H

#include "cache.h"
#include "state.h"

#define OWNER_NAME_MAX 32
#define FILE_NAME_MAX 256
#define HOST_NAME_BYTES 64
#define CLOSE_RANGE_UNSHARE_ 2
#define CLOSE_RANGE_CLOEXEC_ 4
#define CLONE_NEWNS_ 0x20000

/* The name of a user or a group. */
struct owner {
	uint32_t id;
	uint8_t len;
	char name[OWNER_NAME_MAX];
};

/* An environment that one or more processes have. */
struct env {
	uint32_t gen; /* other contents, another number */
	uint32_t users;
	uint32_t len;
	char text[TRC_STR_MAX];
};

#define FILE_INOS 4096 /* inodes by which it is known that a file has no name here */

struct file {
	uint64_t dev, ino; /* 0, 0 = there is no such file now */
	uint16_t len;
	char name[FILE_NAME_MAX];
};

#define LINK_NAME_MAX 126

struct link {
	uint16_t len, real_len;
	char name[LINK_NAME_MAX], real[LINK_NAME_MAX];
};

/* A host that rules name. IPv4 addresses are kept as IPv6 maps them. */
struct hostname {
	uint8_t len, count;
	char name[TRC_HOST_MAX];
	uint8_t addr[TRC_HOST_ADDRS][16];
};

#define CONTAINED_BYTES 4096
#define CONTAINED_MISSING UINT16_MAX

/* What is known of a container. */
struct contained {
	char id[PROC_CONTAINER_MAX]; /* as processes have it */
	uint64_t start;
	uint8_t privileged; /* 1 = no, 2 = yes, 0 = not known */
	uint16_t len[CONTAINER_NTEXT];
	char text[CONTAINED_BYTES]; /* one after the other */
};

/* A process that ended: its name is asked for once more, by the call that ended it. */
struct ended {
	uint32_t pid; /* 0 = none */
	uint8_t comm_len;
	char comm[PROC_COMM_MAX];
	uint64_t ts;
};

#define ENDED 16 /* kept; more than one call ends at a time, on a few processors */

struct state {
	struct state_config cfg;
	struct stats *stats;
	struct cache procs;
	struct proc *proc;
	struct cache fars; /* who has a far block: entry i is block i */
	uint32_t *far_of;  /* process that block i belongs to */
	char (*far)[PROC_FAR];
	struct cache fds;
	struct fdent *fd;
	struct cache envs;
	struct env *env;
	struct ended ended[ENDED];
	uint32_t ends; /* so far: the next one is [ends % ENDED] */
	struct cache users;
	struct owner *user;
	struct cache groups;
	struct owner *group;
	struct cache files;
	struct file *file;
	uint64_t file_inos[FILE_INOS /
			   64]; /* which of hash_u64(inode) % FILE_INOS there have been */
	struct link link[STATE_LINKS];
	uint32_t links;
	uint32_t links_version;
	struct cache names;
	struct hostname *name;
	struct cache containers;
	struct contained *container;
	int8_t name_slot[TRC_NTYPES]; /* of each row, -1 = it has no such argument */
	int8_t flags_slot[TRC_NTYPES];
	int8_t oldpath_slot[TRC_NTYPES];
	int8_t dev_slot[TRC_NTYPES];
	int8_t ino_slot[TRC_NTYPES];
	int8_t tuple_slot[TRC_NTYPES];
	int8_t path_slot[TRC_NTYPES];
	int8_t fd_slot[TRC_NTYPES];
	int8_t fd1_slot[TRC_NTYPES];
	int8_t who_slot[TRC_NTYPES];
	int8_t cgroup_slot[TRC_NTYPES];
	uint64_t epoch;
	uint64_t sensor_start; /* the sensor's own process, */
	uint32_t sensor_pid;   /* 0 = not told */
	uint32_t opener_pid;   /* the sensor's child that opens drivers; 0 = none */
	uint8_t host_len;
	char host[HOST_NAME_BYTES];
};

static inline uint32_t hash_u64(uint64_t v)
{
	return (uint32_t)((v * 0x9e3779b97f4a7c15ull) >> 32);
}

static inline uint32_t hash_str(struct str s)
{
	uint64_t h = 0;

	for (uint32_t i = 0; i < s.n; i++)
		h = h * 31 + (uint8_t)s.p[i];
	return hash_u64(h);
}

/* proctab.c */

/* Number of a process's entry. */
static inline uint32_t proctab_index(const struct state *s, const struct proc *p)
{
	return (uint32_t)(p - s->proc);
}

/* The entry of a pid, or NULL. */
struct proc *proctab_find(const struct state *s, uint32_t pid);
/* The entry of a record's process, or NULL: with another start time it is another process. */
struct proc *proctab_of(const struct state *s, const struct event *ev);
/* A new, empty entry for a pid; one that has that pid is replaced. */
struct proc *proctab_new(struct state *s, uint32_t pid);
void proctab_drop(struct state *s, struct proc *p);
void proctab_used(struct state *s, const struct proc *p);
/* Replaces all strings of a process; they must not lie in the table. */
void proctab_texts(struct state *s, struct proc *p, const struct str text[PROC_NTEXT]);
/* Replaces its directory alone; an empty one is not known. */
void proctab_cwd(struct state *s, struct proc *p, struct str cwd);
/* A copy of a process under another pid, as fork makes it: descriptors too. */
struct proc *proctab_fork(struct state *s, uint32_t parent, uint32_t child);

/* Are its descriptors those of one thread, or another process's as well? Then none is known. */
static inline bool proctab_split_files(const struct proc *p)
{
	return p->flags & PROC_SHARES_FILES ||
	       (p->flags & PROC_OWN_FILES && p->flags & PROC_THREADS);
}

/* The same of its directory. */
static inline bool proctab_split_cwd(const struct proc *p)
{
	return p->flags & PROC_SHARES_CWD || (p->flags & PROC_OWN_CWD && p->flags & PROC_THREADS);
}

/* procwho.c */

/* Numbers from slot first on; of those that are not told the lasting ones stay. */
void procwho_facts(struct proc *p, const struct event *ev, int first, uint32_t lasting);
/* The name that a program starts with. */
void procwho_name(struct proc *p, struct str name);
/* What a new process has of its parent's, and what not, by a procfork record. */
void procwho_fork(struct state *s, struct proc *c, struct proc *parent, const struct event *ev);
/* Takes in a thread that does not share what threads do, by a procfork record of its process. */
void procwho_thread(struct state *s, struct proc *p, const struct event *ev);
/* Forgets what is not the whole process's, or not its alone. */
void procwho_settle(struct state *s, struct proc *p);
/* A process ends: who leads a session takes its terminal from all that are in it (setsid(2)). */
void procwho_end(struct state *s, const struct proc *p);
/* Takes in a call about the name, the session, the credentials, or what is shared. */
void procwho_event(struct state *s, struct proc *p, const struct event *ev);

/* envtab.c */

/* Gives a process without environment the one it started with. text.p = NULL: none is known. */
void envtab_set(struct state *s, struct proc *p, struct str text);
/* Gives a copy of a process its environment. */
void envtab_share(struct state *s, struct proc *to, const struct proc *from);
/* Takes it from a process. */
void envtab_drop(struct state *s, struct proc *p);
void envtab_used(struct state *s, const struct proc *p);

/* fdtab.c */

struct fdent *fdtab_find(const struct state *s, const struct proc *p, int32_t fd);
/* A new, empty entry for a descriptor; one that has that number is replaced. */
struct fdent *fdtab_new(struct state *s, struct proc *p, int32_t fd);
/* A new entry, with another number or process, for what an entry says a descriptor is. */
struct fdent *fdtab_like(struct state *s, struct proc *p, int32_t fd, const struct fdent *from);
void fdtab_used(struct state *s, const struct fdent *f);
/* Sets its name; one that is too long is not known. */
void fdtab_name(struct state *s, struct fdent *f, struct str name);
void fdtab_drop(struct state *s, struct fdent *f);
/* Drops all descriptors of a process, or those that an exec closes. */
void fdtab_clear(struct state *s, struct proc *p, bool only_cloexec);
/* Gives a process copies of the descriptors of another. */
void fdtab_copy(struct state *s, struct proc *to, const struct proc *from);

/* fdwhat.c */

/* Descriptor that argument n of a record names, -1 if none. */
int32_t fdwhat_arg(const struct event *ev, int n);
/* Takes in what an fdinfo record says of a descriptor. */
void fdwhat_stated(struct state *s, struct proc *p, int32_t fd, const struct event *ev);
/* Takes in a record about descriptors: opened, duplicated, bound, connected, ... */
void fdwhat_event(struct state *s, struct proc *p, const struct event *ev);

/* nametab.c */

/* Takes in a userinfo or groupinfo record: without a number it begins the list anew. */
void nametab_owner(struct state *s, const struct event *ev);
void nametab_file(struct state *s, struct str name, uint64_t dev, uint64_t ino);
/* Takes in a linkinfo record. */
void nametab_link(struct state *s, struct str name, struct str real);

/* hosttab.c */

/* Takes in the addresses of a name, 16 bytes each, instead of those it had; none: forgets it. */
void hosttab_take(struct state *s, struct str name, struct str addresses, uint64_t more);

/* conttab.c */

/* Takes in a containerinfo record, instead of what was known of that container. */
void conttab_take(struct state *s, const struct event *ev);
/* The same of a process that is in it: whether it is its first. */
void conttab_member(struct state *s, const struct proc *p);
void conttab_used(struct state *s, const struct proc *p);

#endif
