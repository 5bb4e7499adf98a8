/* SPDX-License-Identifier: BSD-2-Clause */
/* The rings of the probe: see bpf_rings.h. */
#include "bpf_rings.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "../core/log.h"
#include "event.h"
#include "probed.h"
#include "procfs.h"

_Static_assert(TRC_BULK == 0 && TRC_CRITICAL == 1, "of one time, the critical record goes first");

#define AGAIN (UINT64_C(64) << 20) /* bytes later, where it did not work */

uint64_t bpf_rings_life[2] = {UINT64_C(1) << 31, UINT64_MAX};

static uint64_t life(const struct ring *r)
{
	return bpf_rings_life[r->wide];
}

/* Number i: maps it, and looks for what is in it. */
static int add(struct bpf_rings *b, int i, int fd, size_t size)
{
	struct epoll_event ready = {.events = EPOLLIN};
	int err = ring_map(&b->ring[i], fd, 0, size, procfs_wide_kernel());

	b->fd[i] = fd;
	if (!err && epoll_ctl(b->epoll, EPOLL_CTL_ADD, fd, &ready))
		err = -errno;
	return err;
}

static void drop(struct bpf_rings *b, int i)
{
	ring_unmap(&b->ring[i]);
	close(b->fd[i]);
}

int bpf_rings_open(struct bpf_rings *b, const int fd[static BPF_RINGS],
		   const uint32_t size[static BPF_RINGS], const int now[static BPF_RINGS])
{
	int err = 0;

	*b = (struct bpf_rings){.epoll = epoll_create1(EPOLL_CLOEXEC), .now = {now[0], now[1]}};
	if (b->epoll < 0)
		return -errno;
	for (; b->n < BPF_RINGS && !err; b->n++) {
		err = add(b, b->n, fd[b->n], size[b->n]);
		b->due[b->n] = life(&b->ring[b->n]);
	}
	return err;
}

/*
 * The old one goes behind the others: its records are older, and so are read first. An error is
 * the driver's end, for nobody reads what the probe writes.
 */
static int replace(struct bpf_rings *b, int class, int fd)
{
	struct ring old = b->ring[class];

	b->ring[b->n] = old;
	b->fd[b->n++] = b->fd[class];
	b->due[class] = life(&old);
	log_debug("bpf: ring %d is replaced after %llu bytes", class, (unsigned long long)old.pos);
	return add(b, class, fd, old.size);
}

static int renew(struct bpf_rings *b, int class, const struct driver *d)
{
	const int fd[2] = {b->now[class], b->fd[class]};
	static struct handover h;
	int err = opener_renew(d, fd, 2, &h);

	if (!err)
		return h.fds == 1 ? replace(b, class, h.fd[0]) : -EPROTO;
	b->due[class] = b->ring[class].pos + AGAIN;
	log_warn("bpf: a ring, which ends after 4 GiB, is not replaced yet: %s", strerror(-err));
	return 0;
}

/* Those that were replaced and have nothing left. Nobody writes to them any more. */
static void end(struct bpf_rings *b)
{
	uint32_t len;

	for (int i = b->n - 1; i >= BPF_RINGS; i--) {
		if (ring_peek(&b->ring[i], &len))
			continue;
		drop(b, i);
		b->n--;
		b->ring[i] = b->ring[b->n];
		b->fd[i] = b->fd[b->n];
	}
}

int bpf_rings_drain(struct bpf_rings *b, const struct driver *d, record_fn fn, void *arg,
		    int budget)
{
	int err = 0;

	end(b);
	for (int i = 0; i < BPF_RINGS && b->n < 2 * BPF_RINGS && !err; i++)
		if (b->ring[i].pos >= b->due[i])
			err = renew(b, i, d);
	return err ? err : probed_drain(b->ring, b->n, fn, arg, budget);
}

void bpf_rings_close(struct bpf_rings *b)
{
	while (b->n)
		drop(b, --b->n);
	if (b->epoll >= 0)
		close(b->epoll);
	b->epoll = -1;
}

int bpf_rings_renew(const int *fd, int fds, struct handover *out)
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info), first = 0;
	int err = fds == 2 ? bpf_map_get_info_by_fd(fd[1], &info, &size) : -EINVAL;

	if (!err && info.type != BPF_MAP_TYPE_RINGBUF)
		err = -EINVAL;
	if (err)
		return err;
	out->fd[0] = bpf_map_create(BPF_MAP_TYPE_RINGBUF, info.name, 0, 0, info.max_entries, NULL);
	if (out->fd[0] < 0)
		return out->fd[0];
	/* Then no program writes to the old one any more: maybe_wait_bpf_programs(). */
	err = bpf_map_update_elem(fd[0], &first, &out->fd[0], 0);
	if (err)
		close(out->fd[0]);
	else
		out->fds = 1;
	return err;
}
