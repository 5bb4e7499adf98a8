// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/*
 * /dev/tiercel: one reader at a time. Nothing is hooked, and next to no memory
 * taken, while nobody has started. The module cannot be unloaded while the
 * device is open or mapped: both hold a reference.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "module.h"

static const struct trc_module_version version = {TRC_MODULE_ABI, trc_module_table};

static unsigned long is_open; /* bit 0 */
static DEFINE_MUTEX(starting);

static void wake_reader(struct irq_work *work)
{
	wake_up_interruptible(&container_of(work, struct capture, wake)->wait);
}

/* Each CPU's share of the bytes of a class. */
static u32 share(u32 all, unsigned int cpus)
{
	u32 size = max_t(u32, TRC_MODULE_RING_MIN, PAGE_SIZE);

	while (size <= all / cpus / 2)
		size *= 2;
	return size;
}

static struct capture *capture_of(const struct trc_module_start *s)
{
	struct capture *c = kvzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(&c->config, u64_to_user_ptr(s->config), sizeof(c->config))) {
		kvfree(c);
		return ERR_PTR(-EFAULT);
	}
	c->cpus = nr_cpu_ids;
	c->size[TRC_BULK] = share(s->ring[TRC_BULK], c->cpus);
	c->size[TRC_CRITICAL] = share(s->ring[TRC_CRITICAL], c->cpus);
	init_waitqueue_head(&c->wait);
	init_irq_work(&c->wake, wake_reader);
	if (capture_make(c)) {
		kvfree(c);
		return ERR_PTR(-ENOMEM);
	}
	return c;
}

static void end(struct capture *c)
{
	irq_work_sync(&c->wake);
	capture_free(c);
	kvfree(c);
}

static long start(struct file *f, struct trc_module_start __user *at)
{
	struct trc_module_start s;
	struct capture *c;
	int hooks;

	if (copy_from_user(&s, at, sizeof(s)))
		return -EFAULT;
	if (memcmp(&s.version, &version, sizeof(version)))
		return -EPROTO;
	if (f->private_data)
		return -EALREADY;
	c = capture_of(&s);
	if (IS_ERR(c))
		return PTR_ERR(c);
	s.ring[TRC_BULK] = c->size[TRC_BULK];
	s.ring[TRC_CRITICAL] = c->size[TRC_CRITICAL];
	s.cpus = c->cpus;
	s.bytes = c->bytes;
	s.counts_at = capture_counts_at(c);
	s.ring_at[TRC_BULK] = capture_ring_at(c, TRC_BULK);
	s.ring_at[TRC_CRITICAL] = capture_ring_at(c, TRC_CRITICAL);
	hooks = hooks_on(c);
	s.hooks = hooks;
	if (hooks < 0 || copy_to_user(at, &s, sizeof(s))) {
		if (hooks >= 0)
			hooks_off();
		end(c);
		return hooks < 0 ? hooks : -EFAULT;
	}
	/* For poll() and mmap(), which take no lock. */
	smp_store_release(&f->private_data, c);
	return 0;
}

static long device_ioctl(struct file *f, unsigned int cmd, unsigned long arg)
{
	void __user *at = (void __user *)arg;
	long err;

	switch (cmd) {
	case TRC_MODULE_VERSION:
		return copy_to_user(at, &version, sizeof(version)) ? -EFAULT : 0;
	case TRC_MODULE_START:
		mutex_lock(&starting);
		err = start(f, at);
		mutex_unlock(&starting);
		return err;
	default:
		return -ENOTTY;
	}
}

/* Its mode would do; but who has only the file's owner, in a container, is not who it is for. */
static int device_open(struct inode *inode, struct file *f)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (test_and_set_bit(0, &is_open))
		return -EBUSY;
	f->private_data = NULL; /* misc_open() leaves the device there */
	return nonseekable_open(inode, f);
}

/* Comes when the last descriptor and the last mapping are gone. */
static int device_release(struct inode *inode, struct file *f)
{
	struct capture *c = f->private_data;

	if (c) {
		hooks_off();
		end(c);
	}
	clear_bit_unlock(0, &is_open);
	return 0;
}

static int device_mmap(struct file *f, struct vm_area_struct *vma)
{
	struct capture *c = smp_load_acquire(&f->private_data);

	return c ? capture_mmap(c, vma) : -EINVAL;
}

static __poll_t device_poll(struct file *f, poll_table *table)
{
	struct capture *c = smp_load_acquire(&f->private_data);

	if (!c)
		return EPOLLERR;
	poll_wait(f, &c->wait, table);
	return capture_pending(c) ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations device_ops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = device_mmap,
	.poll = device_poll,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = TRC_MODULE_NAME,
	.mode = 0600,
	.fops = &device_ops,
};

static int __init device_init(void)
{
	return misc_register(&device);
}

static void __exit device_exit(void)
{
	misc_deregister(&device);
}

module_init(device_init);
module_exit(device_exit);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("Event source of the tiercel runtime-security sensor");
MODULE_VERSION(TIERCEL_VERSION);
