/* SPDX-License-Identifier: BSD-2-Clause */
/* The file with the process's number. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "../../core/pidfile.h"
#include "unit.h"

static char dir[] = "/tmp/test_pidfile.XXXXXX";
static char path[64], why[256];

static void put(const char *text)
{
	FILE *f = fopen(path, "w");

	CHECK(f);
	fputs(text, f);
	fclose(f);
}

static const char *got(void)
{
	static char text[64];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void begin(void)
{
	CHECK(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pid", dir);
}

static void end(void)
{
	unlink(path);
	rmdir(dir);
}

static void the_number_stands_there_while_it_is_open(void)
{
	char number[16];

	begin();
	CHECK_EQ(pidfile_open(path, why, sizeof(why)), 0);
	CHECK_STR(got(), "");
	CHECK_EQ(pidfile_write(), 0);
	snprintf(number, sizeof(number), "%d\n", (int)getpid());
	CHECK_STR(got(), number);
	pidfile_close();
	CHECK(access(path, F_OK));
	end();
}

static void one_that_was_left_behind_is_taken_over(void)
{
	begin();
	put("123456789\n");
	CHECK_EQ(pidfile_open(path, why, sizeof(why)), 0);
	CHECK_STR(got(), "");
	pidfile_close();
	end();
}

static void what_is_not_ours_is_not_emptied(void)
{
	char other[80];

	begin();
	snprintf(other, sizeof(other), "%s/other", dir);
	put("important\n");
	CHECK_EQ(link(path, other), 0);
	CHECK_EQ(pidfile_open(path, why, sizeof(why)), -EPERM);
	CHECK_STR(got(), "important\n");
	unlink(other);
	CHECK_EQ(pidfile_open(path, why, sizeof(why)), 0);
	pidfile_close();
	if (geteuid() == 0) {
		put("1\n");
		CHECK_EQ(chown(path, 65534, 65534), 0);
		CHECK_EQ(pidfile_open(path, why, sizeof(why)), -EPERM);
		CHECK_STR(got(), "1\n");
	}
	end();
}

static void one_that_is_held_stays_as_it_is(void)
{
	int fd;

	begin();
	put("1\n");
	fd = open(path, O_RDONLY);
	CHECK_EQ(flock(fd, LOCK_EX), 0);
	CHECK_EQ(pidfile_open(path, why, sizeof(why)), -EWOULDBLOCK);
	CHECK(strstr(why, "another tiercel runs with this file"));
	CHECK_STR(got(), "1\n");
	end();
}

static void a_link_is_not_followed(void)
{
	begin();
	CHECK_EQ(symlink("/tmp/test_pidfile.elsewhere", path), 0);
	CHECK_EQ(pidfile_open(path, why, sizeof(why)), -ELOOP);
	CHECK(access("/tmp/test_pidfile.elsewhere", F_OK));
	end();
}

static void nothing_is_done_without_one(void)
{
	CHECK_EQ(pidfile_write(), 0);
	pidfile_close();
}

const struct unit_test tests_pidfile[] = {
	TEST(the_number_stands_there_while_it_is_open),
	TEST(one_that_was_left_behind_is_taken_over),
	TEST(what_is_not_ours_is_not_emptied),
	TEST(one_that_is_held_stays_as_it_is),
	TEST(a_link_is_not_followed),
	TEST(nothing_is_done_without_one),
	{0},
};
