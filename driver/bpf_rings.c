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
#include "record.h"

_Static_assert(TRC_BULK == 0 && TRC_CRITICAL == 1, "of one time, the critical record goes first");

#define SECOND UINT64_C(1000000000)
#define AGAIN (5 * SECOND) /* until a ring that could not be replaced is tried again */

/*
 * How long one that was replaced stays: the kernel may be about to wake who waits for it, and
 * before 2025 does not wait for that when it takes the memory back (bpf_ringbuf_free()).
 */
#define GRACE SECOND

uint64_t bpf_rings_life[2] = {UINT64_C(1) << 31, UINT64_MAX};

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
	}
	return err;
}

/*
 * The last of all is a new one: has it put into the place of a class's, which goes behind the
 * others. Without an answer nobody knows which of the two the probe writes to, and both are read.
 */
static int put(struct bpf_rings *b, int class, const struct driver *d)
{
	int last = b->n - 1, err;
	const int fd[] = {b->now[class], b->fd[class], b->fd[last]};
	static struct handover h;
	struct ring old = b->ring[class];

	err = opener_renew(d, fd, 3, &h);
	if (err && opener_alive()) {
		drop(b, last);
		b->n--;
		return err;
	}
	b->ring[class] = b->ring[last];
	b->fd[class] = b->fd[last];
	b->ring[last] = old;
	b->fd[last] = fd[1];
	b->over[last] = err ? 0 : record_now();
	return err;
}

static int renew(struct bpf_rings *b, int class, const struct driver *d)
{
	static struct handover h;
	int err = opener_renew(d, &b->fd[class], 1, &h);

	if (err || h.fds != 1)
		return err ? err : -EPROTO;
	err = add(b, b->n, h.fd[0], b->ring[class].size);
	if (err) {
		drop(b, b->n);
		return err;
	}
	b->n++;
	return put(b, class, d);
}

static void look_after(struct bpf_rings *b, int class, const struct driver *d)
{
	unsigned long long bytes = b->ring[class].pos;
	int err;

	if (b->n == 2 * BPF_RINGS || bytes < bpf_rings_life[b->ring[class].wide] ||
	    (b->tried && record_now() - b->tried < AGAIN))
		return;
	err = renew(b, class, d);
	b->tried = err ? record_now() : 0;
	if (err)
		log_warn("bpf: a ring, which ends after 4 GiB, is not replaced yet: %s",
			 strerror(-err));
	else
		log_debug("bpf: ring %d is replaced after %llu bytes", class, bytes);
}

/* Those that were replaced and have nothing left. Nobody writes to them any more. */
static void end(struct bpf_rings *b)
{
	trc_u64 now = record_now();
	uint32_t len;

	for (int i = b->n - 1; i >= BPF_RINGS; i--) {
		if (!b->over[i] || now - b->over[i] < GRACE || ring_peek(&b->ring[i], &len))
			continue;
		drop(b, i);
		b->n--;
		b->ring[i] = b->ring[b->n];
		b->fd[i] = b->fd[b->n];
		b->over[i] = b->over[b->n];
	}
}

int bpf_rings_drain(struct bpf_rings *b, const struct driver *d, record_fn fn, void *arg,
		    int budget)
{
	if (b->n > BPF_RINGS)
		end(b);
	for (int i = 0; i < BPF_RINGS; i++)
		look_after(b, i, d);
	return probed_drain(b->ring, b->n, fn, arg, budget);
}

void bpf_rings_close(struct bpf_rings *b)
{
	while (b->n)
		drop(b, --b->n);
	if (b->epoll >= 0)
		close(b->epoll);
	b->epoll = -1;
}

/* What the kernel says of a map, if it is of that type, with keys and values of so many bytes. */
static int map_info(int fd, enum bpf_map_type type, uint32_t bytes, struct bpf_map_info *info)
{
	uint32_t size = sizeof(*info);
	int err;

	memset(info, 0, sizeof(*info));
	err = bpf_obj_get_info_by_fd(fd, info, &size);
	if (err)
		return err;
	return info->type == type && info->key_size == bytes && info->value_size == bytes ? 0 :
											    -EINVAL;
}

/* The descriptors are the sensor's word, which is not root's. */
static int put_ring(int now, int old, int new)
{
	struct bpf_map_info place, was, is;
	uint32_t first = 0, id = 0;
	int err = map_info(now, BPF_MAP_TYPE_ARRAY_OF_MAPS, sizeof(first), &place);

	if (!err)
		err = map_info(old, BPF_MAP_TYPE_RINGBUF, 0, &was);
	if (!err)
		err = map_info(new, BPF_MAP_TYPE_RINGBUF, 0, &is);
	if (!err)
		err = bpf_map_lookup_elem(now, &first, &id);
	if (!err && (place.max_entries != 1 || id != was.id))
		err = -EINVAL;
	/* Then no program writes to the old one any more: maybe_wait_bpf_programs(). */
	return err ? err : bpf_map_update_elem(now, &first, &new, 0);
}

int bpf_rings_renew(const int *fd, int fds, struct handover *out)
{
	struct bpf_map_info was;
	int err;

	if (fds == 3)
		return put_ring(fd[0], fd[1], fd[2]);
	err = fds == 1 ? map_info(fd[0], BPF_MAP_TYPE_RINGBUF, 0, &was) : -EINVAL;
	if (err)
		return err;
	out->fd[0] = bpf_map_create(BPF_MAP_TYPE_RINGBUF, was.name, 0, 0, was.max_entries, NULL);
	if (out->fd[0] < 0)
		return out->fd[0];
	out->fds = 1;
	return 0;
}
