/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver that reads the kernel module (driver/module/), which is loaded
 * already, or which it loads if the configuration allows.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "driver.h"
#include "module/abi.h"
#include "opener.h"
#include "probed.h"
#include "procfs.h"
#include "ring.h"

#define COMPRESSED 4 /* MODULE_INIT_COMPRESSED_FILE, since 5.17 */
#define PATH_SIZE 1024

static struct {
	int fd;
	struct probe_control *control;
	const struct probe_count *counts;
	int cpus;
	uint64_t bytes;
} me = {.fd = -1};
static struct ring rings[2 * PROBED_CPUS_MAX]; /* the bulk ones first */

/* One line on why not, for a person who could change it. Returns err. */
static int refuse(char *why, size_t size, int err, const char *what)
{
	snprintf(why, size, "%s: %s", strerror(-err), what);
	return err;
}

/* Is that line of modules.dep, "DIRECTORIES/tiercel.ko.xz: ...", the module's? Ends it behind the name. */
static bool is_ours(char *line)
{
	char *end = strchr(line, ':'), *name;

	if (!end)
		return false;
	*end = 0;
	name = strrchr(line, '/');
	name = name ? name + 1 : line;
	return !strncmp(name, TRC_MODULE_NAME ".ko", sizeof(TRC_MODULE_NAME ".ko") - 1);
}

/* Where modprobe(8) would find it. 0 or -ENOENT. */
static int find_file(char path[static PATH_SIZE])
{
	static char line[4096]; /* longer ones name what a module needs, and ours needs none */
	struct utsname u;
	FILE *f;
	int n, err = -ENOENT;

	uname(&u);
	n = snprintf(path, PATH_SIZE, "/lib/modules/%s/", u.release);
	snprintf(path + n, PATH_SIZE - (size_t)n, "modules.dep");
	f = fopen(path, "re");
	while (f && err && fgets(line, sizeof(line), f))
		if (is_ours(line)) {
			if (*line == '/')
				n = 0;
			snprintf(path + n, PATH_SIZE - (size_t)n, "%s", line);
			err = 0;
		}
	if (f)
		fclose(f);
	return err;
}

static const char *load_hint(int err)
{
	switch (err) {
	case -ENOENT:
		return "build it for this kernel, or name it as module.path";
	case -ENOEXEC:
		return "it is of another kernel, or architecture, or compressed in a way that this one does not read: build it anew";
	case -EPERM:
		return "needs root (CAP_SYS_MODULE), no lockdown, and kernel.modules_disabled = 0";
	case -ENOKEY:
	case -EKEYREJECTED:
		return "this kernel takes signed modules only: sign it with a key that it knows";
	case -ENOSYS:
		return "this kernel has no modules (CONFIG_MODULES)";
	default:
		return "see what dmesg says";
	}
}

/* Loads the module's file. 0, or -errno with why. */
static int insert(const char *name, char *why, size_t size)
{
	char path[PATH_SIZE];
	int fd = -1, err = 0;
	const char *end;

	if (name && *name)
		snprintf(path, sizeof(path), "%s", name);
	else
		err = find_file(path);
	if (!err) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			err = -errno;
	}
	end = strrchr(path, '.');
	if (!err && syscall(SYS_finit_module, fd, "", end && !strcmp(end, ".ko") ? 0 : COMPRESSED))
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (err == -EEXIST) /* somebody else just did */
		err = 0;
	if (err)
		snprintf(why, size, "%s: cannot be loaded: %s: %s", path, strerror(-err),
			 load_hint(err));
	return err;
}

static int open_device(void)
{
	me.fd = open(TRC_MODULE_DEVICE, O_RDWR | O_CLOEXEC);
	return me.fd < 0 ? -errno : 0;
}

static bool is_missing(int err)
{
	return err == -ENOENT || err == -ENXIO || err == -ENODEV;
}

/* The device, with the module behind it. */
static int find_module(const struct driver_config *cfg, char *why, size_t size)
{
	int err = open_device();

	if (is_missing(err)) {
		if (!cfg->module_load)
			return refuse(why, size, err,
				      "the kernel module is not loaded: modprobe " TRC_MODULE_NAME
				      ", or module.load = on in sensor.ini");
		err = insert(cfg->module_path, why, size);
		if (err)
			return err;
		err = open_device();
	}
	if (is_missing(err))
		return refuse(why, size, err,
			      "the kernel module is loaded, but has no " TRC_MODULE_DEVICE
			      ": mount devtmpfs on /dev");
	if (err == -EBUSY)
		return refuse(why, size, err, "another sensor reads " TRC_MODULE_DEVICE);
	if (err)
		return refuse(why, size, err, TRC_MODULE_DEVICE " needs root, and CAP_SYS_ADMIN");
	return 0;
}

/* Are the module and this program of one mind? */
static int agree(const struct trc_module_version *mine, char *why, size_t size)
{
	struct trc_module_version its = {0};

	if (ioctl(me.fd, TRC_MODULE_VERSION, &its))
		return refuse(why, size, -errno, TRC_MODULE_DEVICE " is none of this module's");
	if (!memcmp(&its, mine, sizeof(its)))
		return 0;
	snprintf(why, size,
		 "the loaded module is version %u.%08x, this program wants %u.%08x: "
		 "build both from one release, and rmmod the old one",
		 its.abi, its.table, mine->abi, mine->table);
	return -EPROTO;
}

static int map_rings(const struct trc_module_start *s)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (int i = 0; i < 2 * me.cpus; i++) {
		int class = i / me.cpus, cpu = i % me.cpus, err;

		err = ring_map(&rings[i], me.fd,
			       s->ring_at[class] +
				       (uint64_t)cpu * TRC_MODULE_RING(page, s->ring[class]),
			       s->ring[class], procfs_wide_kernel());
		if (err)
			return err;
	}
	return 0;
}

static int start(struct trc_module_start *s, char *why, size_t size)
{
	struct probe_config config;
	const char *wrong;
	int err;

	probed_config(&config);
	s->config = (uintptr_t)&config;
	if (ioctl(me.fd, TRC_MODULE_START, s))
		return refuse(why, size, -errno, "the kernel module does not start");
	if (s->cpus > PROBED_CPUS_MAX) {
		snprintf(why, size, "%u possible CPUs: more than %d", s->cpus, PROBED_CPUS_MAX);
		return -E2BIG;
	}
	me.cpus = (int)s->cpus;
	me.bytes = s->bytes;
	me.control = probed_map(me.fd, 0, sizeof(*me.control), PROT_READ | PROT_WRITE);
	if (me.control)
		me.counts = probed_map(me.fd, s->counts_at, probed_counts_size(me.cpus), PROT_READ);
	err = me.counts ? map_rings(s) : -errno;
	if (err)
		return refuse(why, size, err, "the kernel module's memory cannot be mapped");
	err = probed_greet(me.control, &wrong);
	if (err == -ENOTUNIQ) {
		snprintf(why, size,
			 "the module is not built for this kernel: it misreads the sensor's own %s",
			 wrong);
		return err;
	}
	return err ? refuse(why, size, err, "the module does not see this program's calls") : 0;
}

static void module_close(void)
{
	for (int i = 0; i < 2 * me.cpus; i++)
		ring_unmap(&rings[i]);
	if (me.control)
		munmap(me.control, sizeof(*me.control));
	me.control = NULL;
	if (me.counts)
		munmap((void *)(uintptr_t)me.counts, probed_counts_size(me.cpus));
	me.counts = NULL;
	me.cpus = 0;
	me.bytes = 0;
	if (me.fd >= 0)
		close(me.fd);
	me.fd = -1;
}

static int module_load(const struct driver_config *cfg, struct handover *out, char *why,
		       size_t size)
{
	const struct trc_module_version mine = {TRC_MODULE_ABI, trc_module_table};
	int err = find_module(cfg, why, size);

	if (!err)
		err = agree(&mine, why, size);
	out->fd[0] = me.fd;
	out->fds = err ? 0 : 1;
	return err;
}

static int module_take(const struct driver_config *cfg, const struct handover *in, char *why,
		       size_t size)
{
	struct trc_module_start s = {
		.version = {TRC_MODULE_ABI, trc_module_table},
		.ring = {cfg->ring[TRC_BULK], cfg->ring[TRC_CRITICAL]},
	};
	int err;

	me.fd = in->fd[0];
	err = start(&s, why, size);
	if (err == -ENOMEM)
		probed_room(cfg, why, size);
	if (err) {
		module_close();
		return err;
	}
	snprintf(why, size, "%s, version %u.%08x, %u hooks", TRC_MODULE_DEVICE, s.version.abi,
		 s.version.table, s.hooks);
	return 0;
}

static int module_fd(void)
{
	return me.fd;
}

static int module_want(const uint8_t wanted[static TRC_NTYPES])
{
	return probed_want(me.control, wanted);
}

static int module_drain(record_fn fn, void *arg, int budget)
{
	return probed_drain(rings, 2 * me.cpus, fn, arg, budget);
}

static int module_alive(void)
{
	return probed_alive(me.control);
}

static void module_stats(struct driver_stats *out)
{
	probed_stats(me.counts, me.cpus, out);
	out->map_bytes = me.bytes;
}

const struct driver driver_module = {
	.name = "module",
	.help = "kernel module tiercel.ko: the whole machine, needs root and no BPF or BTF",
	.flags = DRIVER_LIVE | DRIVER_KERNEL,
	.load = module_load,
	.take = module_take,
	.fd = module_fd,
	.want = module_want,
	.drain = module_drain,
	.alive = module_alive,
	.stats = module_stats,
	.close = module_close,
};
