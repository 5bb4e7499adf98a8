/* SPDX-License-Identifier: BSD-2-Clause */
/* What the probe's programs hang on: see bpf_hook.h. */
#include "bpf_hook.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../core/log.h"
#include "probed.h"
#include "procfs.h"

#define CALLS "sys_exit"
#define MISSES "recursion_misses:"

int64_t bpf_hook_fdinfo(int fd, const char *what)
{
	char path[64], text[1024], *at;

	snprintf(path, sizeof(path), "self/fdinfo/%d", fd);
	if (procfs_read(0, path, text, sizeof(text)) < 0)
		return -1;
	at = strstr(text, what);
	return at ? strtoll(at + strlen(what), NULL, 10) : -1;
}

/*
 * A kernel that lets programs sleep at the exit of calls does not keep preemption off there; and
 * one that has preemption says so in its version.
 */
bool bpf_hook_skips(void)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT}};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_SLEEPABLE);
	struct utsname uts;
	int prog, hook;

	if (uname(&uts) || !strstr(uts.version, "PREEMPT"))
		return false;
	prog = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "sleeps", "GPL", nothing, 2, &opts);
	if (prog < 0)
		return false;
	hook = bpf_raw_tracepoint_open(CALLS, prog);
	close(prog);
	if (hook >= 0)
		close(hook);
	return hook >= 0;
}

/* Is it for a kernel that skips another, as the digit at the end of its name says? */
static bool is_spare(const struct bpf_program *prog)
{
	const char *name = bpf_program__name(prog);
	size_t n = strlen(name);

	return n > 2 && name[n - 2] == '_' && name[n - 1] >= '2' && name[n - 1] <= '9';
}

void bpf_hook_choose(struct bpf_object *obj, bool skips)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj) if (is_spare(prog))
		bpf_program__set_autoload(prog, skips);
}

int bpf_hook_perf(struct perf_event_attr *attr, int prog)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	if (!ioctl(fd, PERF_EVENT_IOC_SET_BPF, prog) && !ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* A descriptor of the file system that has the numbers of tracepoints, mounted nowhere. */
static int tracefs(void)
{
	int fs = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC), at = -1;

	if (fs < 0)
		return -errno;
	if (!syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		at = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	close(fs);
	return at < 0 ? -errno : at;
}

/* The number of the exit of calls there. Closes the descriptor. -errno if there is none. */
static int number_in(int at)
{
	char text[16] = "";
	int fd, n;

	if (at < 0)
		return at;
	fd = openat(at, "events/raw_syscalls/" CALLS "/id", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -errno : -ENODATA;
	close(at);
	if (fd < 0)
		return n;
	if (read(fd, text, sizeof(text) - 1) > 0)
		n = atoi(text);
	close(fd);
	return n;
}

/* The number that perf_event_open(2) knows the exit of calls by, or -errno. */
static int calls_number(void)
{
	int n = number_in(open("/sys/kernel/tracing", O_PATH | O_DIRECTORY | O_CLOEXEC));

	return n < 0 ? number_in(tracefs()) : n;
}

/* Keeps a descriptor of a program whose runs the kernel counts that it skips. 0 or -errno. */
static int keep(struct bpf_hooks *out, int prog)
{
	int fd;

	if (bpf_hook_fdinfo(prog, MISSES) < 0)
		return 0;
	fd = fcntl(prog, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	out->prog[out->progs++] = fd;
	return 0;
}

/* Puts perf's hook in the place of the raw tracepoint of calls, which is calls. */
static int attach_perf(struct bpf_program *prog, int calls, struct probe_control *control,
		       struct bpf_hooks *out)
{
	struct perf_event_attr attr = {.size = sizeof(attr), .type = PERF_TYPE_TRACEPOINT};
	int err = probed_alive(control), number = calls_number(), fd;

	if (err)
		return err;
	if (number < 0)
		return number;
	attr.config = (uint64_t)number;
	fd = bpf_hook_perf(&attr, bpf_program__fd(prog));
	if (fd < 0)
		return fd;
	err = keep(out, bpf_program__fd(prog));
	if (err) {
		close(fd);
		return err;
	}
	close(out->fd[calls]);
	out->fd[calls] = fd;
	out->perf = true;
	return 0;
}

/* Attaches a program to its raw tracepoint. Where its descriptor stands, or -errno. */
static int attach_raw(struct bpf_program *prog, struct bpf_hooks *out)
{
	const char *point = strchr(bpf_program__section_name(prog), '/') + 1;
	int fd = out->fds == BPF_HOOK_FDS ? -ENOSPC :
					    bpf_raw_tracepoint_open(point, bpf_program__fd(prog));

	if (fd >= 0) {
		out->points += !is_spare(prog);
		out->fd[out->fds++] = fd;
		return out->fds - 1;
	}
	if (fd == -ENOENT && !strcmp(point, "module_request"))
		log_debug("bpf: this kernel asks for no modules");
	else if (strcmp(point, CALLS) != 0 && !is_spare(prog))
		log_warn("bpf: cannot attach to %s: %s", point, strerror(-fd));
	return fd;
}

int bpf_hook_attach(struct bpf_object *obj, bool skips, struct probe_control *control,
		    struct bpf_hooks *out)
{
	struct bpf_program *prog, *calls = NULL, *perf = NULL;
	int at = -ENOENT, n, err = 0;

	bpf_object__for_each_program(prog, obj)
	{
		bool is_calls = !strcmp(bpf_program__section_name(prog), "raw_tp/" CALLS);

		if (bpf_program__type(prog) == BPF_PROG_TYPE_TRACEPOINT)
			perf = prog;
		if (bpf_program__type(prog) != BPF_PROG_TYPE_RAW_TRACEPOINT ||
		    !bpf_program__autoload(prog))
			continue;
		n = attach_raw(prog, out);
		if (is_calls)
			calls = prog, at = n;
		else if (n >= 0 && !is_spare(prog) && !err)
			err = keep(out, bpf_program__fd(prog));
	}
	if (at < 0 || err)
		return at < 0 ? at : err;
	if (skips) {
		err = attach_perf(perf, at, control, out);
		if (!err)
			return 0;
		log_warn("bpf: this kernel will skip calls: perf's hook cannot be had: %s",
			 strerror(-err));
	}
	return keep(out, bpf_program__fd(calls));
}

/*
 * Events that no program has seen since all were loaded; -1: the kernel does not say. One that is
 * between its programs counts, too, until the next of them has it: what those have is read last.
 */
static int64_t misses(const struct bpf_hooks *hooks, const struct probe_control *control)
{
	uint64_t rescued, n = 0;

	for (int i = 0; i < hooks->progs; i++) {
		int64_t skipped = bpf_hook_fdinfo(hooks->prog[i], MISSES);

		if (skipped < 0)
			return -1;
		n += (uint64_t)skipped;
	}
	rescued = __atomic_load_n(&control->rescued, __ATOMIC_ACQUIRE);
	return n > rescued ? (int64_t)(n - rescued) : 0;
}

void bpf_hook_begin(const struct bpf_hooks *hooks, const struct probe_control *control,
		    struct bpf_missed *m)
{
	int64_t before = misses(hooks, control);

	*m = (struct bpf_missed){.before = before > 0 ? (uint64_t)before : 0};
}

uint64_t bpf_hook_missed(const struct bpf_hooks *hooks, const struct probe_control *control,
			 struct bpf_missed *m)
{
	int64_t all = misses(hooks, control);
	uint64_t n, sure;

	if (all < 0)
		return m->told;
	/* An event was between its programs when all began. */
	if ((uint64_t)all < m->before)
		m->before = (uint64_t)all;
	n = (uint64_t)all - m->before;
	sure = n < m->last ? n : m->last;
	m->last = n;
	if (sure > m->told)
		m->told = sure;
	return m->told;
}
