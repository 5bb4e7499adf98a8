// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/* Newer kernels tell the hook of an exit more. */
#include <trace/events/sched.h>

void probe(void *data, struct task_struct *task, bool group_dead);
void try(void);
void try(void)
{
	check_trace_callback_type_sched_process_exit(probe);
}
