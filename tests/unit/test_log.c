/* SPDX-License-Identifier: BSD-2-Clause */
/* The operator's lines: whole, harmless to a terminal, and no longer than LOG_MAX. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/log.h"
#include "unit.h"

static int reader;

/* Makes standard error a pipe, for said() to read. */
static void listen_in(void)
{
	int ends[2];

	CHECK_EQ(pipe(ends), 0);
	reader = ends[0];
	dup2(ends[1], STDERR_FILENO);
}

/* What one read(2) gets of what was written. */
static struct str said(void)
{
	static char buf[2 * LOG_MAX];
	ssize_t n = read(reader, buf, sizeof(buf));

	CHECK(n > 0);
	return (struct str){buf, (uint32_t)n};
}

static void writes_a_line_and_keeps_errno(void)
{
	listen_in();
	errno = ENOENT;
	log_info("%s is %d", "this", 1);
	CHECK_EQ(errno, ENOENT);
	CHECK_STR(said(), "tiercel: this is 1\n");
	close(STDERR_FILENO);
	log_info("to nobody");
	CHECK_EQ(errno, ENOENT);
}

static void escapes_control_characters(void)
{
	listen_in();
	log_error("%s", "a\nb\x1b[2J\x7f \xc3\xa9");
	CHECK_STR(said(), "tiercel: a\\x0ab\\x1b[2J\\x7f \xc3\xa9\n");
}

static void knows_the_journal(void)
{
	struct stat st;
	char stream[64];

	listen_in();
	unsetenv("JOURNAL_STREAM");
	CHECK(!log_is_journal());
	CHECK_EQ(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	CHECK(log_is_journal());
	listen_in(); /* inherited from who started us: this is another one */
	CHECK(!log_is_journal());
	setenv("JOURNAL_STREAM", "x", 1);
	CHECK(!log_is_journal());
}

static void leaves_out_levels_above(void)
{
	listen_in();
	log_debug("no");
	log_level = LOG_L_WARN;
	log_info("no");
	log_warn("yes");
	CHECK_STR(said(), "tiercel: yes\n");
}

static void cuts_a_long_line(void)
{
	struct str s;

	listen_in();
	log_info("%05000d", 0);
	s = said();
	CHECK_EQ(s.n, LOG_MAX);
	CHECK(str_ends(s, STR("00...\n")));
}

static void writes_the_longest_line_whole(void)
{
	struct str s;

	listen_in();
	log_info("%0*d", LOG_MAX - (int)strlen("tiercel: \n"), 0);
	s = said();
	CHECK_EQ(s.n, LOG_MAX);
	CHECK(str_ends(s, STR("00\n")));
}

static void cuts_before_a_character(void)
{
	char buf[12];

	CHECK_EQ(log_escape("0123456789ab", buf, sizeof(buf)), 11);
	CHECK_STR(&buf[0], "01234567...");
	CHECK_EQ(log_escape("0123456\xe2\x82\xac-9", buf, sizeof(buf)), 10);
	CHECK_STR(&buf[0], "0123456...");
	log_escape("0123456\n\n", buf, sizeof(buf));
	CHECK_STR(&buf[0], "0123456...");
	log_escape("\n\n", buf, 4);
	CHECK_STR(&buf[0], "...");
}

const struct unit_test tests_log[] = {
	TEST(writes_a_line_and_keeps_errno),
	TEST(escapes_control_characters),
	TEST(knows_the_journal),
	TEST(leaves_out_levels_above),
	TEST(cuts_a_long_line),
	TEST(writes_the_longest_line_whole),
	TEST(cuts_before_a_character),
	{0},
};
