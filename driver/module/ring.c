// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/* The memory that hooks write and a reader has mapped: see module.h. */
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "module.h"

#define HEADER 8 /* before each record: its length, and 4 bytes of nothing */

#ifndef HAVE_VM_FLAGS_CLEAR
#define vm_flags_clear(vma, flags) ((vma)->vm_flags &= ~(flags))
#endif

static int ring_make(struct ring *r, unsigned long size)
{
	unsigned long n = 2 + size / PAGE_SIZE, both = n + size / PAGE_SIZE, i;
	char *at;

	r->size = size;
	r->pages = kvcalloc(both, sizeof(*r->pages), GFP_KERNEL);
	if (!r->pages)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		r->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!r->pages[i])
			return -ENOMEM;
		if (i >= 2)
			r->pages[i + size / PAGE_SIZE] = r->pages[i];
	}
	/* Data twice, so that no record is ever in two pieces. */
	at = vmap(r->pages, both, VM_MAP | VM_USERMAP, PAGE_KERNEL);
	if (!at)
		return -ENOMEM;
	r->consumer = (unsigned long *)at;
	r->producer = (unsigned long *)(at + PAGE_SIZE);
	r->data = at + 2 * PAGE_SIZE;
	return 0;
}

static void ring_free(struct ring *r)
{
	unsigned long n = 2 + r->size / PAGE_SIZE, i;

	vunmap(r->consumer);
	for (i = 0; r->pages && i < n && r->pages[i]; i++)
		__free_page(r->pages[i]);
	kvfree(r->pages);
}

static u64 counts_size(const struct capture *c)
{
	return PAGE_ALIGN((u64)c->cpus * TRC_TYPE_MAX * sizeof(*c->counts));
}

int capture_make(struct capture *c)
{
	unsigned int i;

	c->control = vmalloc_user(PAGE_SIZE);
	c->counts = vmalloc_user(counts_size(c));
	c->scratch = kcalloc(c->cpus, sizeof(*c->scratch), GFP_KERNEL);
	c->ring = kcalloc(NCLASS * c->cpus, sizeof(*c->ring), GFP_KERNEL);
	if (!c->control || !c->counts || !c->scratch || !c->ring)
		goto fail;
	c->bytes = PAGE_SIZE + counts_size(c);
	for (i = 0; i < c->cpus; i++) {
		c->scratch[i] = vzalloc(sizeof(**c->scratch));
		if (!c->scratch[i])
			goto fail;
		c->bytes += PAGE_ALIGN(sizeof(**c->scratch));
	}
	for (i = 0; i < NCLASS * c->cpus; i++) {
		if (ring_make(&c->ring[i], c->size[i / c->cpus]))
			goto fail;
		c->bytes += 2 * PAGE_SIZE + c->size[i / c->cpus];
	}
	return 0;
fail:
	capture_free(c);
	return -ENOMEM;
}

void capture_free(struct capture *c)
{
	unsigned int i;

	for (i = 0; c->ring && i < NCLASS * c->cpus; i++)
		ring_free(&c->ring[i]);
	for (i = 0; c->scratch && i < c->cpus; i++)
		vfree(c->scratch[i]);
	kfree(c->ring);
	kfree(c->scratch);
	vfree(c->counts);
	vfree(c->control);
	c->ring = NULL;
	c->scratch = NULL;
	c->counts = NULL;
	c->control = NULL;
}

u64 capture_counts_at(const struct capture *c)
{
	return PAGE_SIZE;
}

u64 capture_ring_at(const struct capture *c, int class)
{
	u64 at = capture_counts_at(c) + counts_size(c);

	if (class == TRC_CRITICAL)
		at += c->cpus * TRC_MODULE_RING(PAGE_SIZE, c->size[TRC_BULK]);
	return at;
}

/* Writes are for the control page and the position in a ring; all else is read only, for good. */
static int may_only_read(struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_WRITE)
		return -EACCES;
	vm_flags_clear(vma, VM_MAYWRITE);
	return 0;
}

static int ring_mmap(struct capture *c, struct vm_area_struct *vma, int class, u64 at)
{
	u64 whole = TRC_MODULE_RING(PAGE_SIZE, c->size[class]);
	u32 cpu = div64_u64(at, whole);
	unsigned long from = at - cpu * whole, size = vma->vm_end - vma->vm_start;

	if (cpu >= c->cpus)
		return -EINVAL;
	if ((from || size > PAGE_SIZE) && may_only_read(vma))
		return -EACCES;
	return remap_vmalloc_range(vma, c->ring[class * c->cpus + cpu].consumer,
				   from >> PAGE_SHIFT);
}

int capture_mmap(struct capture *c, struct vm_area_struct *vma)
{
	u64 at = (u64)vma->vm_pgoff << PAGE_SHIFT, counts = capture_counts_at(c),
	    bulk = capture_ring_at(c, TRC_BULK), critical = capture_ring_at(c, TRC_CRITICAL);

	if (at < counts)
		return remap_vmalloc_range(vma, c->control, 0);
	if (at >= critical)
		return ring_mmap(c, vma, TRC_CRITICAL, at - critical);
	if (at >= bulk)
		return ring_mmap(c, vma, TRC_BULK, at - bulk);
	if (may_only_read(vma))
		return -EACCES;
	return remap_vmalloc_range(vma, c->counts, (at - counts) >> PAGE_SHIFT);
}

/*
 * The position that the reader sees moves when the record is whole, so there is
 * never an unfinished one. Whatever the reader's own position says, no more
 * than the ring is written: at worst the reader has nothing but records lost.
 */
int capture_output(struct capture *c, int class, const void *rec, u32 len)
{
	struct ring *r = &c->ring[class * c->cpus + smp_processor_id()];
	unsigned long used = r->pos - smp_load_acquire(r->consumer);
	unsigned long all = ALIGN(HEADER + (unsigned long)len, 8);
	unsigned long pos = r->pos;
	char *at = r->data + (pos & (r->size - 1));

	if (used > r->size || all > r->size - used)
		return -ENOSPC;
	*(u64 *)at = len;
	memcpy(at + HEADER, rec, len);
	r->pos = pos + all;
	smp_store_release(r->producer, r->pos);
	/* A reader that is busy with what came before looks once more before it sleeps. */
	smp_mb();
	if (class == TRC_CRITICAL || READ_ONCE(*r->consumer) == pos)
		irq_work_queue(&c->wake);
	return 0;
}

bool capture_pending(const struct capture *c)
{
	unsigned int i;

	/* Behind what the reader has said of its positions: see capture_output(). */
	smp_mb();
	for (i = 0; i < NCLASS * c->cpus; i++)
		if (READ_ONCE(*c->ring[i].producer) != READ_ONCE(*c->ring[i].consumer))
			return true;
	return false;
}
