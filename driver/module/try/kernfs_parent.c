// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/* Until 6.14 it has no underscores. */
#include <linux/kernfs.h>

struct kernfs_node *try(struct kernfs_node *kn);
struct kernfs_node *try(struct kernfs_node *kn)
{
	return kn->parent;
}
