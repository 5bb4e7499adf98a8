/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The parts of the kernel module: device.c, which a reader opens; ring.c, the
 * memory that they share; hook.c, which fills it.
 */
#ifndef MODULE_MODULE_H
#define MODULE_MODULE_H

#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "abi.h"

#define NCLASS (TRC_CRITICAL + 1)

/* A ring that one CPU writes with preemption off, and one reader reads. */
struct ring {
	unsigned long *consumer; /* the reader's position: its word only */
	unsigned long *producer; /* ours, as the reader sees it */
	char *data;		 /* size bytes, and the same again behind them */
	unsigned long pos;	 /* ours */
	unsigned long size;	 /* power of two */
	struct page **pages;	 /* 2 + size / PAGE_SIZE, then those of the data again */
};

/* All that there is while a reader has the device open and started. */
struct capture {
	struct probe_config config;
	struct probe_control *control; /* a page, mapped by the reader, who may write it */
	struct probe_count *counts;    /* TRC_TYPE_MAX for each CPU, mapped */
	struct probe_scratch **scratch;
	struct ring *ring; /* of TRC_BULK for each CPU, then of TRC_CRITICAL */
	unsigned int cpus;
	u32 size[NCLASS]; /* of each ring */
	u64 bytes;	  /* of memory, in all */
	wait_queue_head_t wait;
	struct irq_work wake; /* hooks may hold any lock: who waits is woken from an interrupt */
};

/* Memory for a capture with rings of c->size. 0 or -ENOMEM, with what there is taken back. */
int capture_make(struct capture *c);
void capture_free(struct capture *c);

/* Maps a part of the capture's memory for the reader, as abi.h lays it out. 0 or -errno. */
int capture_mmap(struct capture *c, struct vm_area_struct *vma);
u64 capture_counts_at(const struct capture *c);
u64 capture_ring_at(const struct capture *c, int class);

/* Appends a record to this CPU's ring of a class, preemption being off. 0 or -ENOSPC. */
int capture_output(struct capture *c, int class, const void *rec, u32 len);

/* Has any ring a record? */
bool capture_pending(const struct capture *c);

/*
 * Sets out to fill c, or stops; there is one at a time. hooks_on() returns how
 * many tracepoints were found, or -errno. After hooks_off() nobody has c.
 */
int hooks_on(struct capture *c);
void hooks_off(void);

#endif
