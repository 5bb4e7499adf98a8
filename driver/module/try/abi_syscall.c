// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/* Since 5.15 32-bit ARM keeps the number of every call, not only of those that are traced. */
#include <linux/thread_info.h>

u32 try(struct thread_info *info);
u32 try(struct thread_info *info)
{
	return info->abi_syscall;
}
