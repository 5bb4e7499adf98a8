// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/* From 6.7 to 6.10 both times have underscores. */
#include <linux/fs.h>

u64 try(struct inode *inode);
u64 try(struct inode *inode)
{
	return inode->__i_mtime.tv_sec + inode->__i_ctime.tv_sec;
}
