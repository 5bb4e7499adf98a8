/* SPDX-License-Identifier: BSD-2-Clause */
/* Marks on files: which are marked. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../driver/mark.h"
#include "unit.h"

static void make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	CHECK(fd >= 0);
	close(fd);
}

/* There stat(2) tells another device than records: each open would look like one past the calls. */
static void a_file_of_an_overlay_of_two_file_systems_is_not_marked(void)
{
	char dir[] = "/tmp/test_mark.XXXXXX", why[128];
	uint64_t ino;

	if (mark_open(why, sizeof(why)) || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return; /* needs root */
	CHECK(mkdtemp(dir) && !mount("none", dir, "tmpfs", 0, NULL) && !chdir(dir));
	CHECK(!mkdir("low", 0700) && !mkdir("high", 0700) && !mkdir("all", 0700));
	CHECK(!mount("none", "high", "tmpfs", 0, NULL));
	CHECK(!mkdir("high/up", 0700) && !mkdir("high/work", 0700));
	make("low/file");
	CHECK(mark_add("low/file", &ino));
	if (mount("none", "all", "overlay", 0, "lowerdir=low,upperdir=high/up,workdir=high/work") ==
	    0)
		CHECK(!mark_add("all/file", &ino));
	CHECK(!chdir("/") && !umount2(dir, MNT_DETACH) && !rmdir(dir));
}

const struct unit_test tests_mark[] = {
	TEST(a_file_of_an_overlay_of_two_file_systems_is_not_marked),
	{0},
};
