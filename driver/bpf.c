/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver that loads the embedded probe (bpf/) and drains its rings.
 *
 * libbpf is only needed while loading, and takes more memory for it (the ELF
 * file, the kernel's BTF) than the sensor has: it is never called but in the
 * process that opens drivers (opener.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../bpf/probe.h"
#include "../core/log.h"
#include "bpf_hook.h"
#include "bpf_ring.h"
#include "bpf_rings.h"
#include "driver.h"
#include "opener.h"
#include "probe.h"
#include "probed.h"
#include "target.h"

/* Maps that the sensor goes on to use. */
enum {
	MAP_BULK = TRC_BULK,
	MAP_CRITICAL = TRC_CRITICAL,
	MAP_NOW,
	MAP_CONTROL = MAP_NOW + BPF_RINGS,
	MAP_COUNTS,
	MAPS
};

/* What loading leaves: a descriptor of everything that is to live on. */
struct loaded {
	int map_fd[MAPS];
	struct bpf_hooks hooks;
	struct bpf_ring ring;
	uint64_t map_bytes;
	int cpus;
	char btf_name[256]; /* for people */
};

#define NOTHING                                                                                    \
	{                                                                                          \
		.map_fd = { -1, -1, -1, -1, -1, -1 }                                               \
	}

static struct {
	struct bpf_rings rings; /* has the descriptors of the first maps, once it is open */
	const struct probe_count *counts; /* TRC_TYPE_MAX for each CPU */
	struct probe_control *control;
	struct target target;
	struct loaded probe;
	struct bpf_missed missed;
	char last[160];	 /* libbpf's first complaint, for the reason of a refusal */
	char blind[320]; /* what it does not see; stays when it is closed */
} me = {.rings = BPF_NO_RINGS, .probe = NOTHING};

static int take_complaint(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (level != LIBBPF_WARN)
		return 0;
	/* With --debug all of it, as it is: the verifier's log is thousands of lines. */
	if (log_level >= LOG_L_DEBUG)
		return vfprintf(stderr, fmt, ap);
	if (!me.last[0]) {
		vsnprintf(me.last, sizeof(me.last), fmt, ap);
		me.last[strcspn(me.last, "\n")] = 0;
	}
	return 0;
}

/*
 * Bytes that the kernel charges for a map, as it says itself; older ones do not
 * count a ring's pages.
 */
static uint64_t map_charge(const struct bpf_map *map)
{
	int64_t charge = bpf_hook_fdinfo(bpf_map__fd(map), "memlock:"),
		ring = bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF ? bpf_map__max_entries(map) : 0;

	return (uint64_t)(charge > ring ? charge : ring);
}

static struct bpf_map *find_map(struct bpf_object *obj, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, name);

	if (!map)
		log_error("the embedded probe has no map %s: this is a build fault", name);
	return map;
}

/* What the probe must know before it is loaded: call numbers, classes, sizes. */
static int configure(struct bpf_object *obj, const struct driver_config *cfg, bool skips)
{
	struct bpf_map *rodata = find_map(obj, ".rodata.config"), *bulk = find_map(obj, "bulk"),
		       *critical = find_map(obj, "critical"), *scratch = find_map(obj, "scratch"),
		       *counts = find_map(obj, "counts");
	struct probe_config config;

	if (!rodata || !bulk || !critical || !scratch || !counts)
		return -ENOENT;
	probed_config(&config);
	config.skipped = skips;
	bpf_map__set_max_entries(bulk, cfg->ring[TRC_BULK]);
	bpf_map__set_max_entries(critical, cfg->ring[TRC_CRITICAL]);
	bpf_map__set_max_entries(scratch, (uint32_t)me.probe.cpus);
	bpf_map__set_max_entries(counts, (uint32_t)me.probe.cpus * TRC_TYPE_MAX);
	return bpf_map__set_initial_value(rodata, &config, sizeof(config));
}

/* Takes what has to outlive libbpf's object. */
static int keep(struct bpf_object *obj)
{
	static const char *const name[MAPS] = {"bulk",	       "critical",	"bulk_now",
					       "critical_now", ".data.control", "counts"};
	struct bpf_map *map;

	for (int i = 0; i < MAPS; i++) {
		map = find_map(obj, name[i]);
		if (!map)
			return -ENOENT;
		me.probe.map_fd[i] = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 0);
		if (me.probe.map_fd[i] < 0)
			return -errno;
	}
	bpf_object__for_each_map(map, obj) me.probe.map_bytes += map_charge(map);
	return 0;
}

static struct probe_control *map_control(void)
{
	return probed_map(me.probe.map_fd[MAP_CONTROL], 0, sizeof(struct probe_control),
			  PROT_READ | PROT_WRITE);
}

static int attach(struct bpf_object *obj, bool skips)
{
	struct probe_control *control = map_control();
	int err = control ? bpf_hook_attach(obj, skips, control, &me.probe.hooks) : -errno;

	if (control)
		munmap(control, sizeof(*control));
	return err;
}

/* with: the hooks on what io_uring does, too. */
static int load_probe(const struct driver_config *cfg, bool with)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "tiercel",
		    .btf_custom_path = me.target.btf_path[0] ? me.target.btf_path : NULL);
	struct bpf_object *obj;
	bool skips = bpf_hook_skips();
	void *probe;
	size_t size;
	int err = probe_unpack(me.target.wide, &probe, &size);

	if (err)
		return err;
	obj = bpf_object__open_mem(probe, size, &opts);
	err = obj ? 0 : -errno;
	munmap(probe, size);
	if (err)
		return err;
	bpf_hook_choose(obj, skips);
	err = configure(obj, cfg, skips);
	if (!err)
		err = bpf_ring_choose(obj, with);
	if (!err)
		err = bpf_object__load(obj);
	if (!err)
		err = keep(obj);
	if (!err)
		err = attach(obj, skips);
	if (!err && with)
		bpf_ring_attach(obj, &me.probe.ring);
	bpf_object__close(obj);
	return err;
}

/* Where the descriptors stand, in the order in which they are handed over. Returns how many. */
static int places(struct loaded *p, int *place[static HANDOVER_FDS])
{
	int n = 0;

	for (int i = 0; i < MAPS; i++)
		place[n++] = &p->map_fd[i];
	for (int i = 0; i < p->hooks.fds; i++)
		place[n++] = &p->hooks.fd[i];
	for (int i = 0; i < p->hooks.progs; i++)
		place[n++] = &p->hooks.prog[i];
	for (int i = 0; i < p->ring.fds; i++)
		place[n++] = &p->ring.fd[i];
	return n;
}

/* Closes them all. */
static void drop(struct loaded *p)
{
	int *place[HANDOVER_FDS], n = places(p, place);

	for (int i = 0; i < n; i++)
		if (*place[i] >= 0)
			close(*place[i]);
	*p = (struct loaded)NOTHING;
}

/* What the kernel does not take of the hooks for io_uring must not keep it from the rest. */
static int load_what_is_taken(const struct driver_config *cfg)
{
	const struct loaded before = me.probe;
	int err = cfg->kprobes && bpf_ring_possible() ? load_probe(cfg, true) : -ENOENT;

	if (!err)
		return 0;
	if (me.last[0])
		log_debug("bpf: without the hooks for io_uring: %s", me.last);
	me.last[0] = 0;
	drop(&me.probe);
	me.probe = before;
	return load_probe(cfg, false);
}

_Static_assert(MAPS + BPF_HOOK_FDS + BPF_HOOK_POINTS + BPF_RING_FDS <= HANDOVER_FDS,
	       "all descriptors have room");
_Static_assert(sizeof(struct loaded) <= sizeof(((struct handover *)0)->note), "what is told has");

/* Maps what was loaded. */
static int take_over(const struct driver_config *cfg)
{
	int err = bpf_rings_open(&me.rings, me.probe.map_fd, cfg->ring, &me.probe.map_fd[MAP_NOW]);

	for (int i = 0; i < me.rings.n; i++)
		me.probe.map_fd[i] = -1;
	if (err)
		return err;
	me.control = map_control();
	if (!me.control)
		return -errno;
	me.counts = probed_map(me.probe.map_fd[MAP_COUNTS], 0, probed_counts_size(me.probe.cpus),
			       PROT_READ);
	return me.counts ? 0 : -errno;
}

/* Does the probe see this program's calls, and the program as it is? */
static int greet(char *why, size_t size)
{
	const char *wrong;
	int err = probed_greet(me.control, &wrong);

	if (err == -ENOTUNIQ)
		snprintf(why, size,
			 "%s does not fit this kernel: by it, the sensor's own %s reads wrong",
			 me.probe.btf_name, wrong);
	return err;
}

/* One line on why it did not work, for a person who could change it. */
static void explain(int err, char *why, size_t size)
{
	/* libbpf's own errors begin at 4000. */
	const char *what = err > -__LIBBPF_ERRNO__START ? strerror(-err) :
							  "the probe was not taken",
		   *hint = "";

	if (err == -ENODATA)
		hint = ": the probe is loaded, but does not see this program's calls";
	snprintf(why, size, "%s%s%s%s%s", what, hint, me.last[0] ? " (" : "", me.last,
		 me.last[0] ? ")" : "");
}

static void bpf_close(void)
{
	if (me.control)
		munmap(me.control, sizeof(*me.control));
	me.control = NULL;
	bpf_rings_close(&me.rings);
	if (me.counts)
		munmap((void *)(uintptr_t)me.counts, probed_counts_size(me.probe.cpus));
	me.counts = NULL;
	me.missed = (struct bpf_missed){0};
	drop(&me.probe);
}

static int bpf_load(const struct driver_config *cfg, struct handover *out, char *why, size_t size)
{
	int *place[HANDOVER_FDS], err;

	target_here(&me.target);
	err = target_find_btf(&me.target, cfg->btf, why, size);
	if (err)
		return err;
	libbpf_set_print(take_complaint);
	me.probe.cpus = libbpf_num_possible_cpus();
	if (me.probe.cpus < 1 || me.probe.cpus > PROBED_CPUS_MAX) {
		snprintf(why, size, "%d possible CPUs: more than %d, or not known", me.probe.cpus,
			 PROBED_CPUS_MAX);
		return -E2BIG;
	}
	err = load_what_is_taken(cfg);
	if (err) {
		explain(err, why, size);
		if (err == -ENOMEM)
			probed_room(cfg, why, size);
		return err;
	}
	memcpy(me.probe.btf_name, me.target.btf_name, sizeof(me.probe.btf_name));
	memcpy(out->note, &me.probe, sizeof(me.probe));
	out->fds = places(&me.probe, place);
	for (int i = 0; i < out->fds; i++)
		out->fd[i] = *place[i];
	return 0;
}

static int bpf_take(const struct driver_config *cfg, const struct handover *in, char *why,
		    size_t size)
{
	int *place[HANDOVER_FDS], err;
	struct bpf_ring_view view;
	size_t n;

	memcpy(&me.probe, in->note, sizeof(me.probe));
	places(&me.probe, place);
	for (int i = 0; i < in->fds; i++)
		*place[i] = in->fd[i];
	err = take_over(cfg);
	if (!err)
		err = greet(why, size);
	if (err) {
		if (err != -ENOTUNIQ)
			explain(err, why, size);
		if (err == -ENOMEM)
			probed_room(cfg, why, size);
		bpf_close();
		return err;
	}
	bpf_ring_teach(&me.probe.ring, me.control, &view);
	view.off = !cfg->kprobes;
	bpf_ring_blind(&view, me.blind, sizeof(me.blind));
	bpf_hook_begin(&me.probe.hooks, me.control, &me.missed);
	n = (size_t)snprintf(why, size, "%s, %d hooks%s, ", me.probe.btf_name,
			     me.probe.hooks.points,
			     me.probe.hooks.perf ? ", of perf for calls" : "");
	if (n < size)
		bpf_ring_tell(&view, why + n, size - n);
	return 0;
}

static int bpf_fd(void)
{
	return me.rings.epoll;
}

static int bpf_want(const uint8_t wanted[static TRC_NTYPES])
{
	return probed_want(me.control, wanted);
}

static int bpf_drain(record_fn fn, void *arg, int budget)
{
	return bpf_rings_drain(&me.rings, &driver_bpf, fn, arg, budget);
}

static int bpf_alive(void)
{
	return probed_alive(me.control);
}

static void bpf_stats(struct driver_stats *out)
{
	probed_stats(me.counts, me.probe.cpus, out);
	out->map_bytes = me.probe.map_bytes;
	if (!me.control)
		return;
	out->missed = bpf_hook_missed(&me.probe.hooks, me.control, &me.missed);
	out->lost[TRC_CRITICAL] += out->missed;
	me.control->missed = out->missed; /* records from now on say that there is a gap */
}

const struct driver driver_bpf = {
	.name = "bpf",
	.help = "eBPF probe in the kernel: the whole machine, needs root, and BTF or a pack",
	.blind = me.blind,
	.flags = DRIVER_LIVE | DRIVER_KERNEL,
	.load = bpf_load,
	.take = bpf_take,
	.renew = bpf_rings_renew,
	.fd = bpf_fd,
	.want = bpf_want,
	.drain = bpf_drain,
	.alive = bpf_alive,
	.stats = bpf_stats,
	.close = bpf_close,
};
