/* SPDX-License-Identifier: BSD-2-Clause */
/* The probe's hooks on what io_uring does: see bpf_ring.h. */
#include "bpf_ring.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "../core/log.h"
#include "bpf_hook.h"
#include "table.h"
#include "uring.h"

#define KPROBE_TYPE "/sys/bus/event_source/devices/kprobe/type"

/* The functions, each by its names from the oldest on. */
static const struct hook {
	const char *id;
	enum trc_type type;
	const char *name[2];
	enum { HERE, AFTER, SAME } kind;
} hooks[] = {
#define HOOK(id, type, kind, name, later, op) [RING_##id] = {#id, TRC_##type, {name, later}, kind},
#include "../bpf/ring.def"
};

/* What of io_uring no hook is for. */
#define NEVER                                                                                      \
	"opens that fail, descriptors of its own table, recv, close, shutdown, setxattr, "         \
	"ftruncate"

/* The number that perf_event_open(2) knows kprobes by, or -1. */
static int kprobe_type(void)
{
	FILE *f = fopen(KPROBE_TYPE, "re");
	int type = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%d", &type) != 1)
		type = -1;
	fclose(f);
	return type;
}

bool bpf_ring_possible(void)
{
	return kprobe_type() >= 0;
}

int bpf_ring_choose(struct bpf_object *obj, bool with)
{
	struct bpf_map *acts = bpf_object__find_map_by_name(obj, "acts");
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj) if (bpf_program__type(prog) == BPF_PROG_TYPE_KPROBE)
		bpf_program__set_autoload(prog, with);
	return acts ? bpf_map__set_autocreate(acts, with) : -ENOENT;
}

/* A descriptor of the hook, or -errno. returned: at the function's end. */
static int attach_one(int type, const char *name, bool returned, int prog)
{
	struct perf_event_attr attr = {.size = sizeof(attr),
				       .type = (uint32_t)type,
				       .config = returned, /* format/retprobe: config:0 */
				       .kprobe_func = (uintptr_t)name};

	return bpf_hook_perf(&attr, prog);
}

/* The program of the hook called id, or of all that come after. */
static int program(struct bpf_object *obj, const char *id)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj)
	{
		const char *end = strchr(bpf_program__section_name(prog), '/');

		if (end && !strcmp(end + 1, id))
			return bpf_program__fd(prog);
	}
	return -1;
}

/*
 * The newest hook at a place comes first, and one at a return changes the address that tells who
 * called: so that comes before the other.
 */
static int attach_hook(struct bpf_object *obj, int type, const struct hook *h, const char *name,
		       struct bpf_ring *out)
{
	int after = -1, fd;

	if (h->kind == AFTER) {
		after = attach_one(type, name, true, program(obj, "AFTER"));
		if (after < 0)
			return after;
	}
	fd = attach_one(type, name, false, program(obj, h->id));
	if (fd < 0) {
		if (after >= 0)
			close(after);
		return fd;
	}
	out->fd[out->fds++] = fd;
	if (after >= 0)
		out->fd[out->fds++] = after;
	return 0;
}

void bpf_ring_attach(struct bpf_object *obj, struct bpf_ring *out)
{
	int type = kprobe_type();

	for (size_t i = 0; i < RING_HOOKS; i++) {
		const struct hook *h = &hooks[i];
		int err = h->kind == SAME ? 0 : attach_hook(obj, type, h, h->name[0], out);

		if (err && *h->name[1])
			err = attach_hook(obj, type, h, h->name[1], out);
		if (err)
			log_debug("bpf: cannot attach to %s: %s", h->name[0], strerror(-err));
	}
}

/* A name that nobody else has: the first 8 bytes are the token. */
static void make_token(char token[static URING_TOKEN + 1])
{
	struct timespec now;
	uint64_t v;

	clock_gettime(CLOCK_MONOTONIC, &now);
	v = (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 32 ^ (uint64_t)now.tv_sec << 17;
	token[0] = '/';
	for (int i = 1; i < URING_TOKEN; i++, v >>= 5)
		token[i] = (char)('A' + v % 26);
	token[URING_TOKEN] = '\0';
}

void bpf_ring_teach(const struct bpf_ring *ring, struct probe_control *control,
		    struct bpf_ring_view *out)
{
	char token[URING_TOKEN + 1];

	*out = (struct bpf_ring_view){0};
	if (!ring->fds)
		return;
	make_token(token);
	memcpy(&control->ring_token, token, URING_TOKEN);
	control->ring_flags = URING_OPEN_FLAGS;
	control->ring_pid = (trc_u32)getpid();
	__atomic_store_n(&control->ring_lesson, PROBE_RING_ACTS, __ATOMIC_SEQ_CST);
	out->err = uring_acts(token, &out->able);
	__atomic_store_n(&control->ring_lesson, PROBE_RING_CALLS, __ATOMIC_SEQ_CST);
	uring_calls(token);
	__atomic_store_n(&control->ring_lesson, 0, __ATOMIC_SEQ_CST);
	for (int i = 0; i < RING_HOOKS; i++)
		for (int j = 0; j < PROBE_RING_CALLERS; j++)
			out->seen |= (uint32_t)(control->ring_caller[i][j] > 1) << i;
	out->able |= out->seen;
}

/* Adds the events that are not seen, each once, between two texts; nothing if there are none. */
static void add_unseen(const struct bpf_ring_view *view, const char *before, const char *after,
		       char *text, size_t size)
{
	uint32_t unseen = view->able & ~view->seen;
	const char *last = NULL;

	for (size_t i = 0; i < RING_HOOKS; i++) {
		const char *name = event_table[hooks[i].type].name;
		size_t n = strlen(text);

		if (!(unseen >> i & 1) || (last && !strcmp(last, name)))
			continue;
		snprintf(text + n, size - n, "%s%s", last ? ", " : before, name);
		last = name;
	}
	if (last)
		snprintf(text + strlen(text), size - strlen(text), "%s", after);
}

void bpf_ring_tell(const struct bpf_ring_view *view, char *text, size_t size)
{
	if (view->err)
		snprintf(text, size, "none for io_uring: no ring can be made: %s",
			 strerror(-view->err));
	else if (!view->seen)
		snprintf(text, size, "none for io_uring: %s",
			 view->off ? "bpf.kprobes = off" : "no kprobes");
	else
		snprintf(text, size, "io_uring by kprobes, %d of %d acts",
			 __builtin_popcount(view->seen), __builtin_popcount(view->able));
	add_unseen(view, ", not ", "", text, size);
}

void bpf_ring_blind(const struct bpf_ring_view *view, char *text, size_t size)
{
	if (!view->seen) {
		snprintf(text, size,
			 "what is done through io_uring, but opens of files that rules name whole");
		return;
	}
	snprintf(text, size, "of io_uring: ");
	add_unseen(view, "", ", ", text, size);
	snprintf(text + strlen(text), size - strlen(text), "%s", NEVER);
}
