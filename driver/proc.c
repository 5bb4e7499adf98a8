/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records that the sensor states itself: see proc.h. What is said of a process
 * goes through the same capture body as its events do (capture_proc.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "capture_proc.h"
#include "proc.h"

static struct record rec;

/* Slots by name: their order is the business of events.def alone. */
#define SLOT(type, name) event_arg_slot(TRC_##type, name)

void proc_machine(const char *driver, record_fn fn, void *arg)
{
	static const char *const abi_name[ABI_COUNT] = {[ABI_X86_64] = "x86_64",
							[ABI_AARCH64] = "aarch64",
							[ABI_ARM] = "arm",
							[ABI_I386] = "i386"};
	struct timespec now;
	struct utsname kernel;

	clock_gettime(CLOCK_REALTIME, &now);
	uname(&kernel);
	record_begin(&rec, TRC_MACHINE, 0, 0);
	record_num(&rec, SLOT(MACHINE, "epoch"),
		   (trc_u64)now.tv_sec * 1000000000u + (trc_u64)now.tv_nsec - rec.hdr.ts);
	record_str(&rec, SLOT(MACHINE, "hostname"), kernel.nodename);
	record_str(&rec, SLOT(MACHINE, "release"), kernel.release);
	record_str(&rec, SLOT(MACHINE, "arch"), abi_name[abi_native()]);
	record_str(&rec, SLOT(MACHINE, "driver"), driver);
	fn(&rec.hdr, arg);
}

/* A line of passwd(5) as it is read: name:password:uid:... */
struct user {
	int field;
	size_t name_len;
	char name[256];
	trc_u64 uid;
	int digits;
	bool bad;
};

static void user_char(struct user *u, char ch)
{
	if (ch == ':')
		u->field++;
	else if (u->field == 0 && u->name_len < sizeof(u->name))
		u->name[u->name_len++] = ch;
	else if (u->field == 0)
		u->bad = true;
	else if (u->field == 2 && ch >= '0' && ch <= '9' && u->digits++ < 10)
		u->uid = u->uid * 10 + (trc_u64)(ch - '0');
	else if (u->field == 2)
		u->bad = true;
}

static int user_state(const struct user *u, record_fn fn, void *arg)
{
	if (u->bad || !u->name_len || !u->digits || u->uid > UINT32_MAX)
		return 0;
	record_begin(&rec, TRC_USERINFO, 0, 0);
	record_num(&rec, SLOT(USERINFO, "uid"), u->uid);
	record_bytes(&rec, SLOT(USERINFO, "name"), u->name, u->name_len);
	fn(&rec.hdr, arg);
	return 1;
}

int proc_users(record_fn fn, void *arg)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC), users = 0;
	struct user user = {0};
	char buf[1024];
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] != '\n') {
				user_char(&user, buf[i]);
				continue;
			}
			users += user_state(&user, fn, arg);
			user = (struct user){0};
		}
	if (n < 0)
		users = -errno;
	else
		users += user_state(&user, fn, arg);
	close(fd);
	return users;
}

static void describe_fds(struct cap *c, record_fn fn, void *arg)
{
	static char name[TRC_STR_MAX + 1];
	struct procfs_dir d;
	char entry[32];
	int fd;

	if (procfs_dir_open(&d, c->pid, "fd"))
		return;
	while ((fd = procfs_dir_next(&d)) >= 0) {
		ssize_t n;

		snprintf(entry, sizeof(entry), "fd/%d", fd);
		n = procfs_link(c->pid, entry, name, sizeof(name));
		if (n < 0)
			continue;
		record_begin(&rec, TRC_FDINFO, (trc_u32)c->pid, (trc_u32)c->pid);
		rec.hdr.start = c->stat.start;
		rec.hdr.uid = c->who.uid;
		record_num(&rec, SLOT(FDINFO, "fd"), (trc_u64)fd);
		record_bytes(&rec, SLOT(FDINFO, "name"), name, (size_t)n);
		fn(&rec.hdr, arg);
	}
	procfs_dir_close(&d);
}

int proc_describe(pid_t pid, record_fn fn, void *arg)
{
	struct cap c = {.rec = &rec, .pid = pid, .tid = pid, .nr = ~0u};
	int err = capture_look(&c);

	if (err)
		return err == -ENOENT ? -ESRCH : err;
	capture_record(&c, TRC_PROCINFO);
	fn(&rec.hdr, arg);
	describe_fds(&c, fn, arg);
	return 0;
}

int proc_snapshot(record_fn fn, void *arg)
{
	struct procfs_dir d;
	int pid, err = procfs_dir_open(&d, 0, ".");

	if (err)
		return err;
	while ((pid = procfs_dir_next(&d)) > 0)
		proc_describe(pid, fn, arg);
	procfs_dir_close(&d);
	return 0;
}

void proc_file(const char *path, record_fn fn, void *arg)
{
	struct stat st;

	record_begin(&rec, TRC_FILEINFO, 0, 0);
	record_str(&rec, SLOT(FILEINFO, "name"), path);
	if (!stat(path, &st)) {
		record_num(&rec, SLOT(FILEINFO, "dev"), procfs_dev(st.st_dev));
		record_num(&rec, SLOT(FILEINFO, "ino"), st.st_ino);
	}
	fn(&rec.hdr, arg);
}
