// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/* In 6.6 the time of the change alone has underscores. */
#include <linux/fs.h>

u64 try(struct inode *inode);
u64 try(struct inode *inode)
{
	return inode->i_mtime.tv_sec + inode->__i_ctime.tv_sec;
}
