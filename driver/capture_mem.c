/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread's memory, for the capture over /proc: bytes, words, strings. Pages
 * that were never touched, or are gone, cannot be read.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "capture_int.h"

#define PAGE 4096u /* the smallest there is: all of one is there, or nothing */

/* Reads through /proc/PID/mem: for calls that are not there, and addresses wider than our own. */
static ssize_t mem_read(const struct cap *c, trc_u64 addr, void *buf, size_t len)
{
	int fd = procfs_open(c->tid, "mem", O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = pread(fd, buf, len, (off_t)addr);
	close(fd);
	return n;
}

static ssize_t page_read(const struct cap *c, trc_u64 addr, void *buf, size_t len)
{
	struct iovec to = {buf, len}, from = {(void *)(uintptr_t)addr, len};

	if (addr > UINTPTR_MAX)
		return mem_read(c, addr, buf, len);
	if (process_vm_readv(c->tid, &to, 1, &from, 1, 0) == (ssize_t)len)
		return (ssize_t)len;
	return errno == EFAULT || errno == ESRCH ? -1 : mem_read(c, addr, buf, len);
}

ssize_t capture_read(const struct cap *c, trc_u64 addr, char *buf, size_t len, bool text)
{
	size_t done = 0;

	while (done < len) {
		size_t part = PAGE - (size_t)((addr + done) & (PAGE - 1));
		const char *nul;

		if (part > len - done)
			part = len - done;
		if (page_read(c, addr + done, buf + done, part) != (ssize_t)part)
			return -1;
		nul = text ? memchr(buf + done, '\0', part) : NULL;
		if (nul)
			return nul - buf;
		done += part;
	}
	return (ssize_t)len;
}

int cap_peek(struct cap *c, trc_u64 addr, trc_u64 *v)
{
	*v = 0;
	return capture_read(c, addr, (char *)v, sizeof(*v), false) < 0 ? -1 : 0;
}

void cap_ustr(struct cap *c, int slot, trc_u64 addr)
{
	static char text[TRC_STR_MAX + 1];
	ssize_t n = capture_read(c, addr, text, sizeof(text), true);

	if (n < 0) {
		cap_lacks(c, slot);
		return;
	}
	record_bytes(c->rec, slot, text, (size_t)n);
	cap_gives(c, slot);
}

void cap_data(struct cap *c, int slot, trc_u64 addr, trc_u32 n, trc_u64 of)
{
	char data[TRC_DATA_MAX];

	if (capture_read(c, addr, data, n, false) < 0) {
		cap_lacks(c, slot);
		return;
	}
	record_bytes(c->rec, slot, data, n);
	cap_gives(c, slot);
	if (of > n)
		c->rec->hdr.cut |= 1u << slot;
}
