/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The capture body over /proc and another process's memory, which here is the
 * test's own: calls are made, and then captured as if a tracer had seen them.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../driver/capture_proc.h"
#include "../../driver/proc.h"
#include "records.h"

static struct record rec;
static char dir[] = "/tmp/tiercel-unit-XXXXXX";

#define REG(p) ((trc_u64)(uintptr_t)(p))
#define FD(fd) ((trc_u64)(trc_s64)(fd))

/* A call of this process with its result; arguments follow. */
static void capture(enum trc_type type, trc_s64 ret, trc_u64 a0, trc_u64 a1, trc_u64 a2)
{
	struct cap c = {.rec = &rec,
			.pid = getpid(),
			.tid = getpid(),
			.abi = abi_native(),
			.nr = 1,
			.ret = ret};

	c.reg[0] = a0;
	c.reg[1] = a1;
	c.reg[2] = a2;
	CHECK_EQ(capture_look(&c), 0);
	capture_record(&c, type);
}

static const char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s%s%s", dir, *name ? "/" : "", name);
	return path;
}

static int enter_dir(void)
{
	CHECK(mkdtemp(dir));
	CHECK_EQ(chdir(dir), 0);
	return open(".", O_RDONLY | O_DIRECTORY);
}

static void leave_dir(void)
{
	CHECK_EQ(chdir("/"), 0);
	rmdir(dir);
}

static void capture_fills_the_header(void)
{
	capture(TRC_CLOSE, 0, 3, 0, 0);
	CHECK_EQ(rec.hdr.pid, getpid());
	CHECK_EQ(rec.hdr.tid, getpid());
	CHECK_EQ(rec.hdr.uid, geteuid());
	CHECK_EQ(rec.hdr.nr, 1);
	CHECK_EQ(rec.hdr.absent, 0);
	CHECK(rec.hdr.start > 0 && rec.hdr.start * TRC_TICK_NS <= rec.hdr.ts);
}

static void capture_puts_paths_after_their_directory(void)
{
	int fd = enter_dir();

	capture(TRC_UNLINKAT, 0, FD(fd), REG("x/../y"), 0);
	CHECK_STR(rec_str(&rec.hdr, "name"), in_dir("x/../y"));
	CHECK_EQ(REC_BIT(&rec.hdr, given, "name"), 1);
	capture(TRC_UNLINKAT, 0, FD(AT_FDCWD), REG("y"), 0);
	CHECK_STR(rec_str(&rec.hdr, "name"), in_dir("y"));
	capture(TRC_UNLINKAT, 0, FD(fd), REG("/abs"), 0);
	CHECK_STR(rec_str(&rec.hdr, "name"), "/abs");
	capture(TRC_UNLINKAT, 0, FD(fd), REG(""), 0);
	CHECK_STR(rec_str(&rec.hdr, "name"), in_dir(""));
	capture(TRC_UNLINKAT, -EBADF, FD(999), REG("y"), 0);
	CHECK_STR(rec_str(&rec.hdr, "name"), "y");
	leave_dir();
	capture(TRC_UNLINKAT, 0, FD(AT_FDCWD), REG("y"), 0);
	CHECK_STR(rec_str(&rec.hdr, "name"), "/y");
}

static void capture_reads_up_to_the_end_of_memory(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *mem =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(mem + page, page);
	strcpy(mem + page - 6, "/edge");
	capture(TRC_RMDIR, -ENOENT, REG(mem + page - 6), 0, 0);
	CHECK_STR(rec_str(&rec.hdr, "path"), "/edge");
	mem[page - 1] = 'x';
	capture(TRC_RMDIR, -EFAULT, REG(mem + page - 6), 0, 0);
	CHECK_EQ(REC_BIT(&rec.hdr, absent, "path"), 1);
	CHECK_EQ(REC_BIT(&rec.hdr, given, "path"), 0);
	capture(TRC_RMDIR, -EFAULT, 0, 0, 0);
	CHECK_EQ(REC_BIT(&rec.hdr, absent, "path"), 1);
	/* A word across the end. */
	capture(TRC_CLONE3, -EFAULT, REG(mem + page - 4), 88, 0);
	CHECK_EQ(REC_BIT(&rec.hdr, absent, "flags"), 1);
	CHECK_EQ(rec_num(&rec.hdr, "flags"), 0);
}

static void capture_cuts_long_text(void)
{
	static char text[TRC_STR_MAX + 100];

	memset(text, 'x', sizeof(text) - 1);
	capture(TRC_MEMFD_CREATE, -EINVAL, REG(text), 0, 0);
	CHECK_EQ(rec_str(&rec.hdr, "name").n, TRC_STR_MAX);
	CHECK_EQ(REC_BIT(&rec.hdr, cut, "name"), 1);
	/* A path keeps its end. */
	CHECK_EQ(chdir("/tmp"), 0);
	text[TRC_STR_MAX - 3] = 'E';
	text[TRC_STR_MAX - 2] = '\0';
	capture(TRC_RMDIR, -ENAMETOOLONG, REG(text), 0, 0);
	CHECK_EQ(REC_BIT(&rec.hdr, cut, "path"), 1);
	CHECK_EQ(rec_str(&rec.hdr, "path").n, TRC_STR_MAX);
	CHECK_EQ(rec_str(&rec.hdr, "path").p[0], 'p');
	CHECK_EQ(rec_str(&rec.hdr, "path").p[TRC_STR_MAX - 1], 'E');
	/* Which does not look like a whole one. */
	memset(text, 'x', sizeof(text) - 1);
	text[0] = text[1] = '/';
	capture(TRC_RMDIR, -ENAMETOOLONG, REG(text), 0, 0);
	CHECK_EQ(REC_BIT(&rec.hdr, cut, "path"), 1);
	CHECK_EQ(rec_str(&rec.hdr, "path").n, TRC_STR_MAX - 1);
	CHECK_EQ(rec_str(&rec.hdr, "path").p[0], 'x');
}

static void capture_names_opened_files_as_the_kernel_does(void)
{
	struct stat st;
	int fd, dirfd = enter_dir();

	CHECK_EQ(symlink("real", "link"), 0);
	fd = open("link", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	fstat(fd, &st);
	capture(TRC_OPENAT, fd, FD(dirfd), REG("link"), O_CREAT | O_RDWR);
	CHECK_STR(rec_str(&rec.hdr, "name"), in_dir("real"));
	CHECK_STR(rec_str(&rec.hdr, "nameraw"), "link");
	CHECK_EQ(REC_BIT(&rec.hdr, given, "name"), 0);
	CHECK_EQ(REC_BIT(&rec.hdr, given, "nameraw"), 1);
	CHECK_EQ(rec_num(&rec.hdr, "ino"), st.st_ino);
	CHECK_EQ(rec_num(&rec.hdr, "dev"), procfs_dev(st.st_dev));
	capture(TRC_OPENAT, -ENOENT, FD(dirfd), REG("nope"), 0);
	CHECK_STR(rec_str(&rec.hdr, "name"), in_dir("nope"));
	CHECK_EQ(REC_BIT(&rec.hdr, absent, "ino"), 1);
	/* Without the kernel's mark, whether or not another name is left. */
	CHECK_EQ(link("real", "other"), 0);
	unlink("real");
	capture(TRC_FCHMOD, 0, FD(fd), 0600, 0);
	CHECK_STR(rec_str(&rec.hdr, "name"), in_dir("real"));
	unlink("other");
	capture(TRC_FCHMOD, 0, FD(fd), 0600, 0);
	CHECK_STR(rec_str(&rec.hdr, "name"), in_dir("real"));
	fd = open("x (deleted)", O_CREAT | O_RDWR, 0600);
	capture(TRC_FCHMOD, 0, FD(fd), 0600, 0);
	CHECK_STR(rec_str(&rec.hdr, "name"), in_dir("x (deleted)"));
	unlink("x (deleted)");
	unlink("link");
	leave_dir();
}

static void capture_names_what_is_in_no_tree(void)
{
	char want[64], got[64] = "";
	int fds[2];

	CHECK_EQ(pipe(fds), 0);
	snprintf(want, sizeof(want), "/proc/self/fd/%d", fds[0]);
	CHECK(readlink(want, got, sizeof(got) - 1) > 0);
	capture(TRC_FCHMOD, 0, FD(fds[0]), 0, 0);
	CHECK_STR(rec_str(&rec.hdr, "name"), got);
	CHECK(!strncmp(got, "pipe:[", 6));
}

static void capture_takes_open_flags_from_the_file(void)
{
	trc_u64 how[3] = {O_WRONLY | O_CREAT, 0640, 4};
	int fd = open("/dev/null", O_WRONLY | O_APPEND | O_CLOEXEC);

	capture(TRC_OPENAT2, fd, FD(AT_FDCWD), REG("/dev/null"), REG(how));
	/* Without the four whose bits are others on ARM: large-file and its kin. */
	CHECK_EQ(rec_num(&rec.hdr, "flags") & ~0740000u, O_WRONLY | O_CREAT | O_APPEND);
	CHECK_EQ(rec_num(&rec.hdr, "mode"), 0640);
	CHECK_EQ(rec_num(&rec.hdr, "resolve"), 4);
}

static struct trc_sock sock_of(const char *arg)
{
	struct trc_sock s;

	CHECK(rec_str(&rec.hdr, arg).n >= sizeof(s));
	memcpy(&s, rec_str(&rec.hdr, arg).p, sizeof(s));
	return s;
}

static struct str sock_name(const char *arg)
{
	struct str s = rec_str(&rec.hdr, arg);

	CHECK(s.n >= sizeof(struct trc_sock));
	return (struct str){s.p + sizeof(struct trc_sock), s.n - (uint32_t)sizeof(struct trc_sock)};
}

static void capture_tells_both_ends_of_a_socket(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = socket(AF_INET, SOCK_STREAM, 0), two = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(a);
	struct trc_sock s;

	CHECK_EQ(bind(one, (struct sockaddr *)&a, sizeof(a)), 0);
	CHECK_EQ(listen(one, 1), 0);
	CHECK_EQ(getsockname(one, (struct sockaddr *)&a, &len), 0);
	CHECK_EQ(connect(two, (struct sockaddr *)&a, len), 0);
	capture(TRC_CONNECT, 0, FD(two), 0, 0);
	s = sock_of("tuple");
	CHECK_EQ(s.family, TRC_SOCK_INET);
	CHECK_EQ(s.proto, IPPROTO_TCP);
	CHECK_EQ(s.rport, ntohs(a.sin_port));
	CHECK(s.lport && s.lport != s.rport);
	CHECK(!memcmp(s.raddr, "\177\0\0\1", 4) && !memcmp(s.laddr, "\177\0\0\1", 4));
	CHECK_EQ(rec.hdr.given, 0);
}

static void capture_tells_where_a_call_that_failed_would_go(void)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(0x0a000001)};
	struct trc_sock s;

	capture(TRC_CONNECT, -ECONNREFUSED, FD(-1), REG(&a), sizeof(a));
	s = sock_of("tuple");
	CHECK_EQ(s.rport, 80);
	CHECK_EQ(s.lport, 0);
	CHECK(!memcmp(s.raddr, "\n\0\0\1", 4));
	CHECK_EQ(REC_BIT(&rec.hdr, given, "tuple"), 1);
	capture(TRC_BIND, -EACCES, FD(-1), REG(&a), sizeof(a));
	s = sock_of("addr");
	CHECK_EQ(s.lport, 80);
	CHECK_EQ(s.rport, 0);
	capture(TRC_CONNECT, -EINVAL, FD(-1), REG(&a), 1);
	CHECK_EQ(REC_BIT(&rec.hdr, absent, "tuple"), 1);
	capture(TRC_ACCEPT, -EBADF, FD(-1), 0, 0);
	CHECK_EQ(REC_BIT(&rec.hdr, absent, "tuple"), 1);
}

static void capture_names_unix_sockets(void)
{
	union {
		struct sockaddr any;
		struct sockaddr_un un;
		char bytes[256];
	} a = {.un = {.sun_family = AF_UNIX, .sun_path = "/run/x"}};
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	capture(TRC_CONNECT, -ENOENT, FD(fd), REG(&a), sizeof(a.un));
	CHECK_STR(sock_name("tuple"), "/run/x");
	CHECK_EQ(sock_of("tuple").family, TRC_SOCK_UNIX);
	memcpy(a.un.sun_path, "\0tiercel", 8);
	CHECK_EQ(bind(fd, &a.any, (socklen_t)head + 8), 0);
	capture(TRC_BIND, 0, FD(fd), REG(&a), head + 8);
	CHECK_STR(sock_name("addr"), "@tiercel");
	memset(a.bytes + head, 'y', sizeof(a) - head);
	capture(TRC_CONNECT, -ENOENT, FD(fd), REG(&a), sizeof(a));
	CHECK_EQ(sock_name("tuple").n, sizeof(a.un.sun_path));
}

static int capture_one(int fd)
{
	struct cap c = {
		.rec = &rec, .pid = getpid(), .tid = getpid(), .abi = abi_native(), .nr = ~0u};

	CHECK_EQ(capture_look(&c), 0);
	return capture_fd(&c, fd);
}

/* What the tables are told of descriptors that are older than the sensor. */
static void capture_states_a_descriptor(void)
{
	int file = open("/dev/null", O_RDWR | O_APPEND | O_CLOEXEC), ends[2];

	CHECK_EQ(capture_one(file), 0);
	CHECK_EQ(rec.hdr.type, TRC_FDINFO);
	CHECK_EQ(rec_num(&rec.hdr, "fd"), file);
	CHECK_STR(rec_str(&rec.hdr, "name"), "/dev/null");
	CHECK_EQ(rec_num(&rec.hdr, "flags") & 03, 2);
	CHECK_EQ(rec_num(&rec.hdr, "flags") & (02000 | TRC_O_CLOEXEC), 02000 | TRC_O_CLOEXEC);
	CHECK_EQ(REC_BIT(&rec.hdr, absent, "tuple"), 1);
	CHECK_EQ(pipe(ends), 0);
	CHECK_EQ(capture_one(ends[0]), 0);
	CHECK(str_starts(rec_str(&rec.hdr, "name"), STR("pipe:[")));
	CHECK_EQ(rec_num(&rec.hdr, "flags") & TRC_O_CLOEXEC, 0);
	CHECK_EQ(close(file), 0);
	CHECK_EQ(capture_one(file), -ENOENT);
}

static void capture_states_the_ends_of_a_socket(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = socket(AF_INET, SOCK_DGRAM, 0), two = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(a);
	struct trc_sock s;

	CHECK_EQ(bind(one, (struct sockaddr *)&a, sizeof(a)), 0);
	CHECK_EQ(getsockname(one, (struct sockaddr *)&a, &len), 0);
	CHECK_EQ(connect(two, (struct sockaddr *)&a, len), 0);
	CHECK_EQ(capture_one(two), 0);
	CHECK(str_starts(rec_str(&rec.hdr, "name"), STR("socket:[")));
	s = sock_of("tuple");
	CHECK_EQ(s.family, TRC_SOCK_INET);
	CHECK_EQ(s.proto, IPPROTO_UDP);
	CHECK_EQ(s.rport, ntohs(a.sin_port));
	CHECK_EQ(capture_one(one), 0);
	s = sock_of("tuple");
	CHECK_EQ(s.lport, ntohs(a.sin_port));
	CHECK_EQ(s.rport, 0);
}

/* Counts records, and keeps the last that is not about a descriptor. */
static void take(const struct trc_hdr *h, void *arg)
{
	if (h->type != TRC_FDINFO)
		memcpy(&rec, h, h->len);
	++*(int *)arg;
}

static void proc_describes_a_process(void)
{
	char exe[256] = "", cwd[256];
	int n = 0;

	CHECK_EQ(proc_describe(getpid(), take, &n), 0);
	CHECK(n >= 4); /* itself and its first three descriptors */
	CHECK(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	CHECK_STR(rec_str(&rec.hdr, "exepath"), exe);
	CHECK_STR(rec_str(&rec.hdr, "cwd"), getcwd(cwd, sizeof(cwd)));
	CHECK_EQ(rec_num(&rec.hdr, "ppid"), getppid());
	CHECK_EQ(rec_num(&rec.hdr, "gid"), getegid());
	CHECK(rec_str(&rec.hdr, "argv").n > 0);
	CHECK_EQ(rec_str(&rec.hdr, "cgroup").p[0], '/');
}

/* Capabilities as text of /proc, so that the test reads them another way than the code. */
static uint64_t own_caps(const char *key)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long long caps = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			sscanf(line + strlen(key), "%llx", &caps);
	if (f)
		fclose(f);
	return caps;
}

static void proc_tells_who_a_process_is(void)
{
	struct stat st;
	int n = 0;

	CHECK_EQ(proc_describe(getpid(), take, &n), 0);
	CHECK_EQ(rec_num(&rec.hdr, "pgid"), getpgrp());
	CHECK_EQ(rec_num(&rec.hdr, "sid"), getsid(0));
	CHECK_EQ(rec_num(&rec.hdr, "vpid"), getpid());
	CHECK_EQ(rec_num(&rec.hdr, "vpgid"), getpgrp());
	CHECK_EQ(rec_num(&rec.hdr, "cap_inheritable"), own_caps("CapInh:"));
	CHECK_EQ(rec_num(&rec.hdr, "cap_permitted"), own_caps("CapPrm:"));
	CHECK_EQ(rec_num(&rec.hdr, "cap_effective"), own_caps("CapEff:"));
	CHECK_EQ(stat("/proc/self/exe", &st), 0);
	CHECK_EQ(rec_num(&rec.hdr, "exe_ino_ctime"),
		 (uint64_t)st.st_ctim.tv_sec * 1000000000u + (uint64_t)st.st_ctim.tv_nsec);
	CHECK_EQ(rec_num(&rec.hdr, "exe_ino_mtime"),
		 (uint64_t)st.st_mtim.tv_sec * 1000000000u + (uint64_t)st.st_mtim.tv_nsec);
	if (!REC_BIT(&rec.hdr, absent, "exeflags")) /* on an overlay */
		CHECK_EQ(rec_num(&rec.hdr, "exeflags"),
			 access("/proc/self/exe", W_OK) && errno != ETXTBSY ? 0 : TRC_EXE_WRITABLE);
}

/* Hundreds of groups push what follows them out of what is read: missing, not wrong. */
static void proc_lacks_what_many_groups_hide(void)
{
	static gid_t groups[1000];
	pid_t pid = fork();
	int n = 0, status;

	if (!pid) {
		for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
			groups[i] = (gid_t)(100000 + i);
		if (setgroups(sizeof(groups) / sizeof(groups[0]), groups))
			_exit(0); /* who is not root cannot have that many */
		CHECK_EQ(proc_describe(getpid(), take, &n), 0);
		CHECK_EQ(REC_BIT(&rec.hdr, absent, "vpid"), 1);
		CHECK_EQ(REC_BIT(&rec.hdr, absent, "cap_effective"), 1);
		CHECK_EQ(REC_BIT(&rec.hdr, absent, "exeflags"), 1);
		CHECK_EQ(rec_num(&rec.hdr, "ppid"), getppid());
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
}

static void proc_says_that_a_process_is_gone(void)
{
	pid_t pid = fork();
	int n = 0;

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	CHECK_EQ(proc_describe(pid, take, &n), -ESRCH);
	CHECK_EQ(n, 0);
}

static void proc_snapshot_has_this_process(void)
{
	int n = 0;

	CHECK_EQ(proc_snapshot(take, &n), 0);
	CHECK(n > 1);
}

static void proc_states_a_file_by_its_inode(void)
{
	struct stat st;
	int n = 0;

	CHECK_EQ(stat("/dev/null", &st), 0);
	proc_file("/dev/null", take, &n);
	CHECK_STR(rec_str(&rec.hdr, "name"), "/dev/null");
	CHECK_EQ(rec_num(&rec.hdr, "ino"), st.st_ino);
	CHECK_EQ(rec_num(&rec.hdr, "dev"), procfs_dev(st.st_dev));
	proc_file("/nonexistent", take, &n);
	CHECK_EQ(rec.hdr.absent, 6);
}

const struct unit_test tests_capture_proc[] = {
	TEST(capture_fills_the_header),
	TEST(capture_puts_paths_after_their_directory),
	TEST(capture_reads_up_to_the_end_of_memory),
	TEST(capture_cuts_long_text),
	TEST(capture_names_opened_files_as_the_kernel_does),
	TEST(capture_names_what_is_in_no_tree),
	TEST(capture_takes_open_flags_from_the_file),
	TEST(capture_tells_both_ends_of_a_socket),
	TEST(capture_tells_where_a_call_that_failed_would_go),
	TEST(capture_names_unix_sockets),
	TEST(capture_states_a_descriptor),
	TEST(capture_states_the_ends_of_a_socket),
	TEST(proc_describes_a_process),
	TEST(proc_tells_who_a_process_is),
	TEST(proc_lacks_what_many_groups_hide),
	TEST(proc_says_that_a_process_is_gone),
	TEST(proc_snapshot_has_this_process),
	TEST(proc_states_a_file_by_its_inode),
	{0},
};
