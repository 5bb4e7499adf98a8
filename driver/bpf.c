/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver that loads the embedded probe (bpf/) and drains its rings.
 *
 * libbpf is only needed while loading: what has to live on is kept as
 * descriptors and mappings of our own, and everything libbpf allocated (the
 * ELF file, the kernel's BTF) is given back before the first record.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../bpf/probe.h"
#include "../core/log.h"
#include "driver.h"
#include "procfs.h"
#include "ring.h"
#include "table.h"

#define CPUS_MAX 256
#define HOOKS_MAX 8

/* The probe's object file, put here by probe.S. */
extern const char probe_object[], probe_object_end[];

static struct {
	int epoll;
	int ring_fd[2]; /* by class */
	struct ring ring[2];
	const struct probe_count *counts; /* TRC_TYPE_MAX for each CPU */
	int cpus;
	int hook_fd[HOOKS_MAX];
	int hooks;
	struct probe_control *control;
	uint64_t map_bytes;
	char last[160]; /* libbpf's last complaint, for the reason of a refusal */
} me = {.epoll = -1, .ring_fd = {-1, -1}};

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
	uint64_t charge = 0,
		 ring = bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF ? bpf_map__max_entries(map) : 0;
	char path[64], text[1024], *at;
	int info;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", bpf_map__fd(map));
	info = open(path, O_RDONLY | O_CLOEXEC);
	if (info >= 0) {
		n = read(info, text, sizeof(text) - 1);
		close(info);
		text[n > 0 ? n : 0] = 0;
		at = strstr(text, "memlock:");
		charge = at ? strtoull(at + 8, NULL, 10) : 0;
	}
	return charge > ring ? charge : ring;
}

static struct bpf_map *find_map(struct bpf_object *obj, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, name);

	if (!map)
		log_error("the embedded probe has no map %s: this is a build fault", name);
	return map;
}

/* What the probe must know before it is loaded: call numbers, classes, sizes. */
static int configure(struct bpf_object *obj, const struct driver_config *cfg)
{
	struct bpf_map *rodata = find_map(obj, ".rodata.config"), *bulk = find_map(obj, "bulk"),
		       *critical = find_map(obj, "critical"), *scratch = find_map(obj, "scratch"),
		       *counts = find_map(obj, "counts");
	struct probe_config config = {0};

	if (!rodata || !bulk || !critical || !scratch || !counts)
		return -ENOENT;
	event_numbers(abi_native(), config.call[0]);
	if (abi_compat() != ABI_COUNT)
		event_numbers(abi_compat(), config.call[1]);
	for (int i = 0; i < TRC_NTYPES; i++) {
		config.class[i] = event_table[i].class;
		config.narg[i] = (uint8_t)event_table[i].nargs;
		config.flags[i] = (uint8_t)event_table[i].flags;
	}
	bpf_map__set_max_entries(bulk, cfg->ring[TRC_BULK]);
	bpf_map__set_max_entries(critical, cfg->ring[TRC_CRITICAL]);
	bpf_map__set_max_entries(scratch, (uint32_t)me.cpus);
	bpf_map__set_max_entries(counts, (uint32_t)me.cpus * TRC_TYPE_MAX);
	return bpf_map__set_initial_value(rodata, &config, sizeof(config));
}

/*
 * Attaches every program to the raw tracepoint that its section names. Only
 * the exit of calls is indispensable: another that fails is reported, and
 * switches nothing else off.
 */
static int attach(struct bpf_object *obj)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj)
	{
		const char *hook = strchr(bpf_program__section_name(prog), '/');
		int fd;

		if (!hook || me.hooks == HOOKS_MAX)
			continue;
		fd = bpf_raw_tracepoint_open(hook + 1, bpf_program__fd(prog));
		if (fd >= 0) {
			me.hook_fd[me.hooks++] = fd;
		} else if (!strcmp(hook + 1, "sys_exit")) {
			return fd;
		} else {
			log_warn("bpf: cannot attach to %s: %s", hook + 1, strerror(-fd));
		}
	}
	return 0;
}

static int map_ring(struct bpf_object *obj, enum trc_class class, const char *name)
{
	struct bpf_map *map = find_map(obj, name);
	struct epoll_event ready = {.events = EPOLLIN};
	int err;

	me.ring_fd[class] = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 0);
	if (me.ring_fd[class] < 0)
		return -errno;
	err = ring_map(&me.ring[class], me.ring_fd[class], bpf_map__max_entries(map),
		       procfs_wide_kernel());
	if (err)
		return err;
	return epoll_ctl(me.epoll, EPOLL_CTL_ADD, me.ring_fd[class], &ready) ? -errno : 0;
}

static size_t counts_size(void)
{
	return sizeof(*me.counts) * TRC_TYPE_MAX * (size_t)me.cpus;
}

/* Takes over what has to outlive libbpf's object. */
static int keep(struct bpf_object *obj)
{
	struct bpf_map *control = find_map(obj, ".data.control"), *counts = find_map(obj, "counts"),
		       *map;
	void *p;
	int err;

	if (!control || !counts)
		return -ENOENT;
	me.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (me.epoll < 0)
		return -errno;
	err = map_ring(obj, TRC_BULK, "bulk");
	if (!err)
		err = map_ring(obj, TRC_CRITICAL, "critical");
	if (err)
		return err;
	p = mmap(NULL, sizeof(*me.control), PROT_READ | PROT_WRITE, MAP_SHARED,
		 bpf_map__fd(control), 0);
	if (p == MAP_FAILED)
		return -errno;
	me.control = p;
	p = mmap(NULL, counts_size(), PROT_READ, MAP_SHARED, bpf_map__fd(counts), 0);
	if (p == MAP_FAILED)
		return -errno;
	me.counts = p;
	bpf_object__for_each_map(map, obj) me.map_bytes += map_charge(map);
	return 0;
}

/*
 * Tells the probe whose root names begin at, by a call that it must see: so this
 * is also the proof that it sees calls at all.
 */
static int greet(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	me.control->token = 0x80000000u | (uint32_t)now.tv_nsec;
	close((int)me.control->token);
	return me.control->token ? -ENODATA : 0;
}

/* One line on why it did not work, for a person who could change it. */
static void explain(int err, char *why, size_t size)
{
	const char *hint = "";

	if (err == -EPERM || err == -EACCES)
		hint = ": needs root, or CAP_BPF and CAP_PERFMON, and no lockdown=confidentiality";
	else if (err == -ENODATA)
		hint = ": the probe is loaded, but does not see this program's calls";
	else if (err == -ENOSYS)
		hint = ": this kernel has no bpf(2) (CONFIG_BPF_SYSCALL)";
	snprintf(why, size, "%s%s%s%s%s", strerror(-err), hint, me.last[0] ? " (" : "", me.last,
		 me.last[0] ? ")" : "");
}

static int load(const struct driver_config *cfg)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "tiercel",
		    .btf_custom_path = cfg->btf && *cfg->btf ? cfg->btf : NULL);
	struct bpf_object *obj;
	int err;

	obj = bpf_object__open_mem(probe_object, (size_t)(probe_object_end - probe_object), &opts);
	if (!obj)
		return -errno;
	err = configure(obj, cfg);
	if (!err)
		err = bpf_object__load(obj);
	if (!err)
		err = keep(obj);
	if (!err)
		err = attach(obj);
	if (!err)
		err = greet();
	bpf_object__close(obj);
	return err;
}

static void bpf_close(void)
{
	while (me.hooks)
		close(me.hook_fd[--me.hooks]);
	if (me.control)
		munmap(me.control, sizeof(*me.control));
	me.control = NULL;
	for (int i = 0; i < 2; i++) {
		ring_unmap(&me.ring[i]);
		if (me.ring_fd[i] >= 0)
			close(me.ring_fd[i]);
		me.ring_fd[i] = -1;
	}
	if (me.counts)
		munmap((void *)(uintptr_t)me.counts, counts_size());
	me.counts = NULL;
	if (me.epoll >= 0)
		close(me.epoll);
	me.epoll = -1;
}

static int bpf_open(const struct driver_config *cfg, char *why, size_t size)
{
	int err;

	me.map_bytes = 0;
	me.last[0] = 0;
	if (cfg->command || cfg->pid || cfg->file) {
		snprintf(why, size, "watches the whole machine, not a program or a file");
		return -EINVAL;
	}
	if (!(cfg->btf && *cfg->btf) && access("/sys/kernel/btf/vmlinux", R_OK)) {
		snprintf(
			why, size,
			"this kernel has no BTF (CONFIG_DEBUG_INFO_BTF) and sensor.btf names none");
		return -ENOENT;
	}
	if (sizeof(long) == 4 && procfs_wide_kernel()) {
		snprintf(why, size,
			 "this is the 32-bit build, and its probe is for 32-bit kernels: "
			 "a 64-bit kernel needs the 64-bit build");
		return -ENOEXEC;
	}
	libbpf_set_print(take_complaint);
	me.cpus = libbpf_num_possible_cpus();
	if (me.cpus < 1 || me.cpus > CPUS_MAX) {
		snprintf(why, size, "%d possible CPUs: more than %d, or not known", me.cpus,
			 CPUS_MAX);
		return -E2BIG;
	}
	err = load(cfg);
	if (err) {
		explain(err, why, size);
		bpf_close();
		return err;
	}
	snprintf(why, size, "BTF from %s, %d hooks",
		 cfg->btf && *cfg->btf ? cfg->btf : "/sys/kernel/btf/vmlinux", me.hooks);
	return 0;
}

static int bpf_fd(void)
{
	return me.epoll;
}

static int bpf_want(const uint8_t wanted[static TRC_NTYPES])
{
	for (int i = 0; i < TRC_NTYPES; i++)
		__atomic_store_n(&me.control->want[i], wanted[i], __ATOMIC_RELAXED);
	return 0;
}

/* Records leave in the order of their times as far as both rings show it. */
static int bpf_drain(record_fn fn, void *arg, int budget)
{
	int done = 0;

	for (; done < budget; done++) {
		uint32_t len[2] = {0};
		const struct trc_hdr *head[2] = {
			ring_peek(&me.ring[TRC_BULK], &len[TRC_BULK]),
			ring_peek(&me.ring[TRC_CRITICAL], &len[TRC_CRITICAL])};
		int from = TRC_BULK;

		if (!head[TRC_BULK] ||
		    (head[TRC_CRITICAL] && head[TRC_CRITICAL]->ts <= head[TRC_BULK]->ts))
			from = TRC_CRITICAL;
		if (!head[from])
			break;
		fn(head[from], arg);
		ring_next(&me.ring[from], len[from]);
	}
	return done;
}

static void bpf_stats(struct driver_stats *out)
{
	memset(out, 0, sizeof(*out));
	out->map_bytes = me.map_bytes;
	for (int cpu = 0; cpu < me.cpus; cpu++)
		for (int type = 0; type < TRC_NTYPES; type++) {
			const struct probe_count *n = &me.counts[cpu * TRC_TYPE_MAX + type];

			out->type[type].sent += n->sent;
			out->type[type].filtered += n->filtered;
			out->type[type].lost += n->lost[TRC_BULK] + n->lost[TRC_CRITICAL];
			out->lost[TRC_BULK] += n->lost[TRC_BULK];
			out->lost[TRC_CRITICAL] += n->lost[TRC_CRITICAL];
		}
}

const struct driver driver_bpf = {
	.name = "bpf",
	.help = "eBPF probe in the kernel: the whole machine, needs root and BTF",
	.flags = DRIVER_LIVE,
	.open = bpf_open,
	.fd = bpf_fd,
	.want = bpf_want,
	.drain = bpf_drain,
	.stats = bpf_stats,
	.close = bpf_close,
};
