/* SPDX-License-Identifier: BSD-2-Clause */
/* Records from lines that people write. */
#include <stdio.h>

#include "../../core/caseline.h"
#include "../../core/text.h"
#include "events.h"

static struct case_lines lines;
static struct ini_error line_error;

static void begin_lines(const char *text)
{
	static struct arena a;

	CHECK_EQ(arena_map(&a, 4 << 20), 0);
	lines = (struct case_lines){.a = &a, .err = &line_error};
	lines.lx = (struct lex){text, {"case", 1}};
}

/* The next record, decoded. */
static const struct event *next(void)
{
	CHECK_EQ(caseline_next(&lines, &event_rec), 1);
	return event_done();
}

static const char *refused(const char *text)
{
	int rc;

	begin_lines(text);
	while ((rc = caseline_next(&lines, &event_rec)) > 0)
		;
	return rc ? line_error.text : "";
}

static struct str arg(const struct event *ev, const char *name)
{
	static char buf[4][512];
	static int turn;
	char *to = buf[++turn % 4];

	return (struct str){to, (uint32_t)text_arg(ev, event_arg_slot(ev->hdr->type, name), to,
						   sizeof(buf[0]))};
}

static bool has(const struct event *ev, const char *name)
{
	return event_has(ev, event_arg_slot(ev->hdr->type, name));
}

static void a_call_has_what_the_line_says(void)
{
	const struct event *ev;

	begin_lines("cat: openat dirfd=AT_FDCWD name=\"/a b\" flags=O_RDWR|O_CREAT mode=0644\n"
		    "cat: chmod res=EPERM filename=/x mode=S_ISUID|S_IRUSR user=1000\n");
	ev = next();
	CHECK_EQ(ev->hdr->type, TRC_OPENAT);
	CHECK_STR(arg(ev, "fd"), "3");
	CHECK_STR(arg(ev, "dirfd"), "AT_FDCWD");
	CHECK_STR(arg(ev, "name"), "/a b");
	CHECK_STR(arg(ev, "flags"), "O_CREAT|O_RDWR");
	CHECK_STR(arg(ev, "mode"), "0644");
	CHECK(!has(ev, "dev") && !has(ev, "nameraw"));
	CHECK_EQ(ev->hdr->uid, 0);
	ev = next();
	CHECK_STR(arg(ev, "res"), "EPERM");
	CHECK_STR(arg(ev, "mode"), "S_IRUSR|S_ISUID");
	CHECK_EQ(ev->hdr->uid, 1000);
	CHECK_EQ(caseline_next(&lines, &event_rec), 0);
}

static void processes_have_numbers_and_times_go_on(void)
{
	uint64_t ts;
	uint32_t pid;

	begin_lines("a: fork\nb: fork\na: kill pid=b sig=SIGKILL");
	ts = next()->hdr->ts;
	pid = event_rec.hdr.pid;
	CHECK_EQ(next()->hdr->ts, ts + 1000000);
	CHECK_EQ(event_rec.hdr.pid, pid + 1);
	CHECK_EQ(event_num(next(), 1), pid + 1);
	CHECK_EQ(event_rec.hdr.pid, pid);
	CHECK_EQ(event_rec.hdr.start, event_rec.hdr.ts / TRC_TICK_NS);
}

static void a_program_is_called_as_its_file(void)
{
	const struct event *ev;

	begin_lines("sh: procinfo exepath=/usr/lib/a-very-long-name-of-it argv=(a 'b c')\n"
		    "sh: procinfo exepath=/bin/sh\n");
	ev = next();
	CHECK_STR(arg(ev, "comm"), "a-very-long-nam");
	CHECK_STR(arg(ev, "argv"), "a b c");
	CHECK_STR(arg(ev, "loginuid"), "-1");
	CHECK_STR(arg(next(), "comm"), "a-very-long-nam"); /* said once, it stays */
}

static void names_can_be_missing(void)
{
	const struct event *ev;

	begin_lines("sh: procinfo exepath=/bin/sh argv=<NA> comm=<NA>\n");
	ev = next();
	CHECK_STR(arg(ev, "exepath"), "/bin/sh");
	CHECK(!event_has(ev, event_arg_slot(TRC_PROCINFO, "argv")));
	CHECK(!event_has(ev, event_arg_slot(TRC_PROCINFO, "comm")));
}

static void a_new_program_keeps_the_process(void)
{
	const struct event *ev;

	begin_lines("d: procinfo exepath=/sbin/d cgroup=/docker/1 tty=7 comm=x user=5\n"
		    "sh: procinfo parent=d exepath=/bin/sh argv=(sh -i)\n"
		    "sh: execve exepath=/bin/cat cwd=/tmp\n"
		    "sh: execve exepath=/bin/ls cgroup=<NA>\n");
	next();
	ev = next();
	CHECK_STR(arg(ev, "cgroup"), "/docker/1");
	CHECK_STR(arg(ev, "tty"), "7");
	CHECK_STR(arg(ev, "comm"), "sh");
	CHECK_EQ(event_num(ev, event_arg_slot(TRC_PROCINFO, "ppid")), (int)ev->hdr->pid - 1);
	CHECK_EQ(ev->hdr->uid, 5);
	ev = next();
	CHECK_STR(arg(ev, "exepath"), "/bin/cat");
	CHECK_STR(arg(ev, "argv"), "cat");
	CHECK_STR(arg(ev, "cgroup"), "/docker/1");
	CHECK_STR(arg(ev, "cwd"), "/tmp");
	CHECK_STR(arg(ev, "res"), "SUCCESS");
	ev = next();
	CHECK_STR(arg(ev, "cwd"), "/tmp");
	CHECK(!has(ev, "cgroup"));
}

static void a_program_that_does_not_start_leaves_the_other(void)
{
	const struct event *ev;

	begin_lines("sh: procinfo exepath=/bin/dash argv=(sh -c x) comm=sh\n"
		    "sh: execve res=ENOENT filename=/x\n"
		    "sh: execve filename=/bin/vi exepath=/usr/bin/nvi\n");
	next();
	ev = next();
	CHECK_STR(arg(ev, "res"), "ENOENT");
	CHECK_STR(arg(ev, "filename"), "/x");
	CHECK_STR(arg(ev, "exepath"), "/bin/dash");
	CHECK_STR(arg(ev, "argv"), "sh -c x");
	ev = next();
	CHECK_STR(arg(ev, "argv"), "vi");
	CHECK_STR(arg(ev, "comm"), "vi");
	CHECK_STR(arg(ev, "exepath"), "/usr/bin/nvi");
}

static void a_fork_makes_a_process_like_its_maker(void)
{
	const struct event *ev;
	int64_t child;

	begin_lines(
		"a: procinfo exepath=/bin/a user=7\na: procfork child=b\nb: procinfo after=60\n");
	next();
	ev = next();
	child = event_num(ev, 0);
	CHECK_EQ(child, ev->hdr->pid + 1);
	CHECK_EQ(event_num(ev, 1), (int64_t)ev->hdr->start);
	ev = next();
	CHECK_EQ(ev->hdr->pid, child);
	CHECK_EQ(ev->hdr->uid, 7);
	CHECK_EQ(ev->hdr->ts, 160003000000);
	CHECK_STR(arg(ev, "exepath"), "/bin/a");
	CHECK_EQ(event_num(ev, event_arg_slot(TRC_PROCINFO, "ppid")), child - 1);
}

static void hosts_have_addresses(void)
{
	const struct event *ev;
	struct str s;

	begin_lines("x: hostinfo name=pool.example addresses=(192.0.2.7 ::1)");
	ev = next();
	s = event_str(ev, 1);
	CHECK_EQ(s.n, 32);
	CHECK(!memcmp(s.p, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\7", 16));
	CHECK_EQ(s.p[31], 1);
	CHECK_STR(refused("x: hostinfo addresses=(1.2.3)"),
		  "case:1: ): expected addresses before this");
}

static void sockets_have_two_ends_or_a_name(void)
{
	const struct event *ev;

	begin_lines("c: connect tuple=10.0.0.1:7->192.0.2.1:80 fd=4\n"
		    "c: bind addr='udp:[::1]:53' fd=4\n"
		    "c: connect tuple=\"->[fe80::1]:80\"\n"
		    "c: connect tuple=unix:/run/x\n");
	CHECK_STR(arg(next(), "tuple"), "10.0.0.1:7->192.0.2.1:80");
	ev = next();
	CHECK_STR(arg(ev, "addr"), "[::1]:53");
	CHECK_EQ(event_sock(ev, 1, &(struct str){0})->proto, 17);
	CHECK_STR(arg(next(), "tuple"), "[fe80::1]:80");
	CHECK_STR(arg(next(), "tuple"), "/run/x");
}

static void mistakes_have_a_place_and_a_hint(void)
{
	CHECK_STR(refused("a: fork\nb"), "case:2: b: expected WHO: at the beginning of a line");
	CHECK_STR(refused("a: opennat"), "case:1: opennat: expected an event that `tiercel list "
					 "events` shows, or a state record; did you mean openat");
	CHECK_STR(
		refused("a: open\n\na: open nam=/x"),
		"case:3: nam: expected an argument of this event, user, parent or after; did you mean "
		"name");
	CHECK_STR(refused("a: open name /x"), "case:1: /x: expected ARGUMENT=VALUE");
	CHECK_STR(refused("a: open flags=O_RDWRITE"), "case:1: O_RDWRITE: expected a number, or "
						      "names that `tiercel list events` knows");
	CHECK_STR(refused("a: open fd=3x"), "case:1: 3x: expected a number, or names that `tiercel "
					    "list events` knows");
	CHECK_STR(refused("a: connect tuple=1.2.3.4"),
		  "case:1: 1.2.3.4: expected unix:NAME or [udp:]ADDRESS:PORT->ADDRESS:PORT, of "
		  "which one end may be left out");
	CHECK_STR(refused("a: connect tuple=1.2.3.4:5->[::1]:5"),
		  "case:1: 1.2.3.4:5->[::1]:5: expected unix:NAME or "
		  "[udp:]ADDRESS:PORT->ADDRESS:PORT, of which one end may be left out");
	CHECK_STR(refused("a: procinfo parent=a"), "case:1: a: expected a process of a line above");
	CHECK_STR(refused("a: fork\nb: procinfo user=5 parent=a"),
		  "case:2: a: expected parent= before all other arguments");
	CHECK_STR(refused("a: procinfo argv=(a b"), "case:1: end: expected a value");
}

static void there_is_room_for_so_many_processes(void)
{
	static char text[65 * 16];
	size_t n = 0;

	for (int i = 0; i < CASE_WHO; i++)
		n += (size_t)sprintf(text + n, "p%d: fork\n", i);
	CHECK_STR(refused(text), "");
	sprintf(text + n, "one: fork\n");
	CHECK_STR(refused(text), "case:65: one:: expected at most 64 processes");
}

const struct unit_test tests_caseline[] = {
	TEST(a_call_has_what_the_line_says),
	TEST(processes_have_numbers_and_times_go_on),
	TEST(a_program_is_called_as_its_file),
	TEST(names_can_be_missing),
	TEST(a_new_program_keeps_the_process),
	TEST(a_program_that_does_not_start_leaves_the_other),
	TEST(a_fork_makes_a_process_like_its_maker),
	TEST(hosts_have_addresses),
	TEST(sockets_have_two_ends_or_a_name),
	TEST(mistakes_have_a_place_and_a_hint),
	TEST(there_is_room_for_so_many_processes),
	{0},
};
