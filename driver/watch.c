/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens in file systems, by fanotify: see watch.h. */
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include "procfs.h"

#ifndef FAN_RENAME
#define FAN_RENAME 0x10000000 /* Linux 5.17 */
#endif
#define EVENT_MAX 1024 /* more than an event takes: two handles and two names at most */
enum { INFO_FID = 1, INFO_DFID_NAME = 2, INFO_DFID = 3, INFO_OLD = 10, INFO_NEW = 12 };

#define HALVES (FAN_MOVED_FROM | FAN_MOVED_TO)
#define ALWAYS                                                                                     \
	(FAN_OPEN | FAN_OPEN_EXEC | FAN_CLOSE_WRITE | FAN_CLOSE_NOWRITE | FAN_CREATE |             \
	 FAN_DELETE | FAN_ONDIR)

static int group = -1;
static int mounts[2] = {-1, -1}; /* to be woken by, and to be asked */

static struct {
	union {
		struct fanotify_event_metadata align;
		char byte[16384];
	} room;
	size_t at, n;
	trc_u64 end; /* bytes read so far */
	unsigned reads;
} buf;

static struct watch_raw raw; /* the event that is looked at */

static const struct {
	uint64_t kernels;
	unsigned ours;
} bits[] = {
	{FAN_OPEN, WATCH_OPEN},
	{FAN_OPEN_EXEC, WATCH_EXEC},
	{FAN_CLOSE_WRITE, WATCH_CLOSE_WRITE},
	{FAN_CLOSE_NOWRITE, WATCH_CLOSE_READ},
	{FAN_CREATE, WATCH_CREATE},
	{FAN_DELETE, WATCH_DELETE},
	{FAN_RENAME, WATCH_RENAME},
	{FAN_MOVED_FROM, WATCH_FROM},
	{FAN_MOVED_TO, WATCH_TO},
	{FAN_ONDIR, WATCH_DIR},
	{FAN_Q_OVERFLOW, WATCH_LOST},
};

/* A handle, of at most n bytes, behind the file system's number. What is behind it, or NULL. */
static const char *take_handle(const char *p, size_t n, struct watch_handle *out)
{
	const size_t head = sizeof(out->fsid) + sizeof(struct file_handle);

	if (n < head)
		return NULL;
	memcpy(out->fsid, p, sizeof(out->fsid));
	memcpy(&out->head, p + sizeof(out->fsid), sizeof(out->head));
	if (out->head.handle_bytes > MAX_HANDLE_SZ || n - head < out->head.handle_bytes)
		return NULL;
	memcpy(out->room + sizeof(out->head), p + head, out->head.handle_bytes);
	return p + head + out->head.handle_bytes;
}

/* One of the pieces behind an event's head: n bytes at p, without their own head. */
static void take_info(unsigned type, const char *p, size_t n, struct watch_raw *out)
{
	const int to = type == INFO_NEW;
	const char *name, *end = p + n;
	size_t len;

	if (type == INFO_FID) {
		out->has_file = take_handle(p, n, &out->file);
		return;
	}
	if (type != INFO_DFID_NAME && type != INFO_DFID && type != INFO_OLD && type != INFO_NEW)
		return;
	name = take_handle(p, n, &out->at[to].dir);
	if (!name)
		return;
	len = type == INFO_DFID ? 0 : strnlen(name, (size_t)(end - name));
	if (len > NAME_MAX)
		return;
	memcpy(out->at[to].name, name, len);
	out->at[to].name[len] = '\0';
	out->at[to].there = true;
}

size_t watch_parse(const void *p, size_t n, struct watch_raw *out)
{
	struct fanotify_event_metadata m;
	struct fanotify_event_info_header h;

	if (n < sizeof(m))
		return 0;
	memcpy(&m, p, sizeof(m));
	if (m.vers != FANOTIFY_METADATA_VERSION || m.event_len < sizeof(m) || m.event_len > n ||
	    m.metadata_len < sizeof(m))
		return 0;
	out->what = 0;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (m.mask & bits[i].kernels)
			out->what |= bits[i].ours;
	out->pid = m.pid;
	out->has_file = out->at[0].there = out->at[1].there = false;
	for (size_t at = m.metadata_len; at + sizeof(h) <= m.event_len; at += h.len) {
		memcpy(&h, (const char *)p + at, sizeof(h));
		if (h.len < sizeof(h) || h.len > m.event_len - at)
			break;
		take_info(h.info_type, (const char *)p + at + sizeof(h), h.len - sizeof(h), out);
	}
	return m.event_len;
}

/* Opens what a handle stands for, to look at only. -1 = it is gone, or its mount is not ours. */
static int open_handle(struct watch_handle *h)
{
	int mount = watch_mount_of(h->fsid);

	return mount < 0 ? -1 : open_by_handle_at(mount, &h->head, O_PATH | O_CLOEXEC);
}

/* Path of a directory that is open, and a name in it. */
static void put_name(struct watch_name *out, int dir, const char *name)
{
	char entry[32];
	ssize_t n;

	snprintf(entry, sizeof(entry), "fd/%d", dir);
	n = procfs_link(getpid(), entry, out->text, PATH_MAX);
	if (n <= 0)
		return;
	out->len = (size_t)n;
	if (!*name || !strcmp(name, "."))
		return;
	if (out->text[out->len - 1] != '/')
		out->text[out->len++] = '/';
	memcpy(out->text + out->len, name, strlen(name) + 1);
	out->len += strlen(name);
}

/* What was made under a name, if it is still there. */
static void look_at_new(struct watch_event *out, int dir, const char *name)
{
	ssize_t n;

	out->known = !fstatat(dir, name, &out->st, AT_SYMLINK_NOFOLLOW);
	if (!out->known || !S_ISLNK(out->st.st_mode))
		return;
	n = readlinkat(dir, name, out->target.text, PATH_MAX);
	out->target.len = n > 0 ? (size_t)n : 0;
}

static void look_at_file(struct watch_event *out, struct watch_handle *file)
{
	int fd = open_handle(file);

	out->known = fd >= 0 && !fstat(fd, &out->st);
	if (fd >= 0)
		close(fd);
}

/* What an event's handles stand for. */
static void resolve(struct watch_raw *e, struct watch_event *out)
{
	struct watch_name *const names[] = {&out->name, &out->to};

	for (int i = 0; i < 2; i++) {
		int dir = e->at[i].there ? open_handle(&e->at[i].dir) : -1;

		names[i]->len = 0;
		if (dir < 0)
			continue;
		put_name(names[i], dir, e->at[i].name);
		if (e->what & WATCH_CREATE && i == 0)
			look_at_new(out, dir, e->at[i].name);
		close(dir);
	}
	if (e->has_file)
		look_at_file(out, &e->file);
}

/* Does it tell of anything? Of directories, only those that are made, removed and moved. */
static bool is_dull(const struct watch_raw *e)
{
	const unsigned opens = WATCH_OPEN | WATCH_EXEC | WATCH_CLOSE_READ | WATCH_CLOSE_WRITE;

	if (e->what & WATCH_LOST)
		return false;
	return e->pid <= 0 || e->pid == getpid() || (e->what & WATCH_DIR && e->what & opens) ||
	       !(e->what & ~(unsigned)(WATCH_DIR | WATCH_CLOSE_READ));
}

static void look_at(struct watch_raw *e, struct watch_event *out)
{
	out->what = e->what;
	out->pid = e->pid;
	out->known = false;
	out->name.len = out->to.len = out->target.len = 0;
	if (!(e->what & WATCH_LOST))
		resolve(e, out);
}

bool watch_next(struct watch_event *out)
{
	while (buf.at < buf.n) {
		size_t n = watch_parse(buf.room.byte + buf.at, buf.n - buf.at, &raw);

		buf.at = n ? buf.at + n : buf.n;
		if (!n || is_dull(&raw))
			continue;
		look_at(&raw, out);
		return true;
	}
	return false;
}

/* Makes an event nobody's. */
static void take_out(size_t at)
{
	const int32_t nobody = 0;

	memcpy(buf.room.byte + at + offsetof(struct fanotify_event_metadata, pid), &nobody,
	       sizeof(nobody));
}

bool watch_next_of(pid_t pid, bool starts, struct watch_event *out)
{
	for (size_t at = buf.at, n; (n = watch_parse(buf.room.byte + at, buf.n - at, &raw));
	     at += n) {
		if (raw.pid != pid || is_dull(&raw))
			continue;
		if (starts != ((raw.what & WATCH_EXEC) != 0))
			return false;
		take_out(at);
		look_at(&raw, out);
		return true;
	}
	return false;
}

void watch_more(void)
{
	ssize_t more;

	if (buf.at) {
		buf.n -= buf.at;
		memmove(buf.room.byte, buf.room.byte + buf.at, buf.n);
		buf.at = 0;
	}
	more = group < 0 ? 0 : read(group, buf.room.byte + buf.n, sizeof(buf.room) - buf.n);
	if (more > 0) {
		buf.n += (size_t)more;
		buf.end += (trc_u64)more;
	}
	buf.reads += sizeof(buf.room) - buf.n > EVENT_MAX;
}

unsigned watch_closed_later(pid_t pid, const struct stat *st)
{
	const unsigned closes = WATCH_CLOSE_READ | WATCH_CLOSE_WRITE;
	static struct watch_event ev;

	watch_more();
	for (size_t at = buf.at, n; (n = watch_parse(buf.room.byte + at, buf.n - at, &raw));
	     at += n) {
		if (raw.pid != pid || !(raw.what & closes) || !raw.has_file)
			continue;
		look_at_file(&ev, &raw.file);
		if (ev.known && ev.st.st_dev == st->st_dev && ev.st.st_ino == st->st_ino)
			return raw.what & closes;
	}
	return 0;
}

unsigned watch_reads(void)
{
	return buf.reads;
}

trc_u64 watch_end(void)
{
	return buf.end;
}

trc_u64 watch_taken(void)
{
	return buf.end - (buf.n - buf.at);
}

bool watch_waits(void)
{
	return buf.at < buf.n;
}

bool watch_fill(void)
{
	if (!watch_waits())
		watch_more();
	return watch_waits();
}

int watch_fd(void)
{
	return group;
}

int watch_mounts_fd(void)
{
	return mounts[0];
}

bool watch_mounts_changed(void)
{
	struct pollfd p = {.fd = mounts[1], .events = POLLPRI};

	return poll(&p, 1, 0) > 0;
}

static const char *reason_of(int err)
{
	switch (err) {
	case EINVAL:
		return "this kernel tells no names: that needs Linux 5.9";
	default:
		return strerror(err);
	}
}

/* Can this kernel tell of both ends of a move at once? Asked where it can do no harm. */
static uint64_t moves(int fd)
{
	if (fanotify_mark(fd, FAN_MARK_ADD, FAN_RENAME | FAN_ONDIR, AT_FDCWD, "/"))
		return HALVES;
	fanotify_mark(fd, FAN_MARK_REMOVE, FAN_RENAME | FAN_ONDIR, AT_FDCWD, "/");
	return FAN_RENAME;
}

int watch_open(char *why, size_t size)
{
	group = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_FID |
				      FAN_REPORT_DFID_NAME,
			      O_RDONLY | O_LARGEFILE | O_CLOEXEC);
	if (group < 0) {
		int err = -errno;

		snprintf(why, size, "fanotify: %s", reason_of(-err));
		return err;
	}
	watch_mark_all(group, ALWAYS | moves(group), why, size);
	return 0;
}

int watch_renew(const int *fd, int fds, struct handover *out)
{
	(void)out;
	if (fds != 1)
		return -EINVAL;
	watch_mark_all(*fd, ALWAYS | moves(*fd), NULL, 0);
	return 0;
}

void watch_adopt(int fd)
{
	group = fd;
	for (int i = 0; i < 2; i++)
		mounts[i] = procfs_open(getpid(), "mountinfo", O_RDONLY);
	watch_know_all();
}

void watch_close(void)
{
	watch_rest();
	if (group >= 0)
		close(group);
	for (int i = 0; i < 2; i++) {
		if (mounts[i] >= 0)
			close(mounts[i]);
		mounts[i] = -1;
	}
	group = -1;
	buf.at = buf.n = 0;
}
