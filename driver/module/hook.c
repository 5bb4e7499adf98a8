// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/*
 * The hooks: the same probe as in bpf/, compiled for this one kernel, and
 * called from the same raw tracepoints.
 */
#include "access.h"

#include "module.h"

static struct capture *capture; /* while there are hooks */

#define config (capture->config)
#define control (*capture->control)

/* With preemption off nobody else is in it. */
#define SPARES 0

static struct probe_scratch *own_scratch(void)
{
	return capture->scratch[smp_processor_id()];
}

static struct probe_scratch *my_scratch(void)
{
	return own_scratch();
}

static struct probe_scratch *spare_scratch(u32 i)
{
	return NULL;
}

static u32 owner(void)
{
	return 1;
}

static struct probe_count *count_of(trc_u32 type)
{
	return &capture->counts[smp_processor_id() * TRC_TYPE_MAX + (type & (TRC_TYPE_MAX - 1))];
}

static int ring_output(int class, const void *rec, trc_u32 len)
{
	return capture_output(capture, class, rec, len);
}

#include "../../bpf/probe.bpf.c"

/*
 * Since 6.13 calls' tracepoints, and since 7.0 all, come with preemption on.
 * With it off the memory of this CPU is ours, and what RCU keeps is kept.
 */
#define PROBE(hook, ...)                                                                           \
	do {                                                                                       \
		struct {                                                                           \
			struct bpf_raw_tracepoint_args at;                                         \
			u64 args[3];                                                               \
		} a = {.args = {__VA_ARGS__}};                                                     \
		preempt_disable_notrace();                                                         \
		hook(&a.at);                                                                       \
		preempt_enable_notrace();                                                          \
	} while (0)

static void probe_sys_exit(void *data, struct pt_regs *regs, long ret)
{
	PROBE(on_exit_of_call, (unsigned long)regs, (unsigned long)ret);
}

static void probe_exec(void *data, struct task_struct *task, pid_t old, struct linux_binprm *bprm)
{
	PROBE(on_exec, 0, 0, (unsigned long)bprm);
}

static void probe_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	PROBE(on_fork, 0, (unsigned long)child);
}

#ifdef HAVE_GROUP_DEAD
static void probe_exit(void *data, struct task_struct *task, bool group_dead)
#else
static void probe_exit(void *data, struct task_struct *task)
#endif
{
	PROBE(on_exit, 0);
}

static void probe_module_request(void *data, char *name, bool wait, unsigned long ip)
{
	PROBE(on_module_request, (unsigned long)name);
}

static struct hook {
	const char *name;
	void *probe;
	struct tracepoint *point; /* NULL: not found, or not hooked */
} hooks[] = {
	{"sys_exit", probe_sys_exit},
	{"sched_process_exec", probe_exec},
	{"sched_process_fork", probe_fork},
	{"sched_process_exit", probe_exit},
	{"module_request", probe_module_request},
};

/* Do the probes still take what the tracepoints give? For the compiler alone. */
static void __maybe_unused check_probes(void)
{
	check_trace_callback_type_sys_exit(probe_sys_exit);
	check_trace_callback_type_sched_process_exec(probe_exec);
	check_trace_callback_type_sched_process_fork(probe_fork);
	check_trace_callback_type_sched_process_exit(probe_exit);
	check_trace_callback_type_module_request(probe_module_request);
}

static void find(struct tracepoint *point, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		if (!strcmp(point->name, hooks[i].name))
			hooks[i].point = point;
}

/* Only the exit of calls is indispensable. */
int hooks_on(struct capture *c)
{
	int i, n = 0, err = -ENOENT;

	capture = c;
	for_each_kernel_tracepoint(find, NULL);
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (hooks[i].point)
			err = tracepoint_probe_register(hooks[i].point, hooks[i].probe, NULL);
		if (!hooks[i].point || err)
			hooks[i].point = NULL;
		else
			n++;
		if (!hooks[0].point)
			return err;
	}
	return n;
}

void hooks_off(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (hooks[i].point)
			tracepoint_probe_unregister(hooks[i].point, hooks[i].probe, NULL);
		hooks[i].point = NULL;
	}
	tracepoint_synchronize_unregister();
	capture = NULL;
}
