/* SPDX-License-Identifier: BSD-2-Clause */
/* The way of a record from end to end: rules from text, alerts read back from standard output. */
#include <stdio.h>
#include <unistd.h>

#include "../../core/engine.h"
#include "../../core/log.h"
#include "rules.h"
#include "tables.h"

static struct config cfg;
static struct engine e;
static int out; /* where alerts can be read */

static void open_engine(const char *rules)
{
	char why[256] = "";
	struct arena a;
	int pipes[2];

	tables_open(16, 2, 16);
	config_defaults(&cfg);
	cfg.stdout_enabled = true;
	cfg.syslog_enabled = cfg.remote_enabled = false;
	e = (struct engine){
		.cfg = &cfg, .stats = &stats, .state = state, .rules = rules_load(rules)};
	CHECK_STR((const char *)rules_error.text, "");
	CHECK(e.rules);
	CHECK_EQ(pipe(pipes), 0);
	CHECK_EQ(dup2(pipes[1], STDOUT_FILENO), STDOUT_FILENO);
	out = pipes[0];
	CHECK_EQ(arena_map(&a, sinks_size(&cfg) + 4096), 0);
	CHECK_EQ(sinks_open(&cfg, &a, &stats, why, sizeof(why)), 0);
}

/* Alerts so far, each without its time: "Notice one\n". Standard output is the test's own again. */
static char alerts_text[8192];

static const char *alerts(void)
{
	static char got[8192], *text = alerts_text;
	size_t used = 0;
	ssize_t n;

	dup2(STDERR_FILENO, STDOUT_FILENO);
	n = read(out, got, sizeof(got) - 1);
	got[n > 0 ? n : 0] = 0;
	for (char *line = strtok(got, "\n"); line; line = strtok(NULL, "\n")) {
		const char *at = strstr(line, ": ");

		CHECK(at);
		used += (size_t)snprintf(text + used, sizeof(alerts_text) - used, "%s\n", at + 2);
	}
	text[used] = 0;
	return text;
}

static void send(void)
{
	engine_record(&e, &event_rec, event_rec.hdr.len);
}

static void begin_open(uint32_t pid, int64_t fd, const char *name)
{
	begin_of(TRC_OPENAT, pid, 7);
	event_set("fd", fd);
	event_set("flags", 0);
	event_set_str("name", name);
}

static void send_procinfo(uint32_t pid, uint64_t start, const char *comm)
{
	begin_of(TRC_PROCINFO, pid, start);
	event_set_str("comm", comm);
	event_set_str("exepath", "/bin/prog");
	send();
}

static const char opens[] = "[rule opened]\n"
			    "condition = evt.type = openat and fd.name = /etc/shadow\n"
			    "output = %proc.name opened %fd.name\n"
			    "priority = warning\n"
			    "[rule any]\n"
			    "condition = evt.type = openat and fd.name startswith /etc\n"
			    "output = second\n"
			    "priority = notice\n";

static void an_alert_is_made(void)
{
	open_engine(opens);
	send_procinfo(100, 7, "cat");
	begin_open(100, 3, "/home/x");
	send();
	begin_open(100, 3, "/etc/shadow");
	send();
	CHECK_STR(alerts(), "Warning cat opened /etc/shadow\n");
	CHECK_EQ(stats.alerts, 1);
	CHECK_EQ(stats.sent, 1);
	CHECK_EQ(stats.records, 3);
	CHECK_EQ(stats.events, 2);
	CHECK_EQ(stats.stdout_dropped, 0);
	CHECK_EQ(e.taken[TRC_OPENAT], 2);
	CHECK_EQ(ruleset_rule(e.rules, 0)->hits, 1);
	CHECK_EQ(ruleset_rule(e.rules, 1)->hits, 0);
}

static void all_rules_may_match(void)
{
	open_engine(opens);
	cfg.sensor_match = 1;
	begin_open(100, 3, "/etc/shadow");
	send();
	begin_open(100, 3, "/etc/passwd");
	send();
	CHECK_STR(alerts(), "Warning <NA> opened /etc/shadow\nNotice second\nNotice second\n");
	CHECK_EQ(stats.sent, 3);
	CHECK_EQ(ruleset_rule(e.rules, 1)->hits, 2);
}

static void events_are_numbered(void)
{
	open_engine(
		"[rule r]\ncondition = evt.type = openat\noutput = %evt.num\npriority = notice\n");
	begin_open(100, 3, "/a");
	send();
	send_procinfo(101, 7, "x");
	begin_open(100, 3, "/a");
	send();
	CHECK_STR(alerts(), "Notice 1\nNotice 2\n");
}

/* Rules see what an event takes away, and what it brings. */
static void tables_change_around_the_rules(void)
{
	open_engine("[rule closed]\ncondition = evt.type = close\noutput = closed %fd.name\n"
		    "priority = notice\n"
		    "[rule ended]\ncondition = evt.type = procexit\noutput = ended %proc.name\n"
		    "priority = notice\n"
		    "[rule moved]\ncondition = evt.type = chdir\noutput = in %proc.cwd\n"
		    "priority = notice\n");
	send_procinfo(100, 7, "cat");
	begin_open(100, 3, "/etc/shadow");
	send();
	begin_of(TRC_CLOSE, 100, 7);
	event_set("res", 0);
	event_set("fd", 3);
	send();
	send();
	begin_of(TRC_CHDIR, 100, 7);
	event_set("res", 0);
	event_set_str("path", "/new");
	send();
	begin_of(TRC_PROCEXIT, 100, 7);
	send();
	send();
	CHECK_STR(alerts(), "Notice closed /etc/shadow\nNotice closed <NA>\nNotice in /new/\n"
			    "Notice ended cat\nNotice ended <NA>\n");
	tables_check();
}

/* ---- questions */

static struct {
	uint32_t process[16];
	int processes;
	char file[64];
	int files;
} asked;

static struct record saved;

/* Answers with the process as it is now: "help", started at 7. */
static void answer(uint32_t pid)
{
	asked.process[asked.processes++ % 16] = pid;
	saved = event_rec;
	send_procinfo(pid, 7, "help");
	event_rec = saved;
}

static void no_answer(uint32_t pid)
{
	asked.process[asked.processes++ % 16] = pid;
}

/* An answer that raises a question itself. */
static void question(uint32_t pid)
{
	asked.process[asked.processes++ % 16] = pid;
	CHECK(asked.processes < 4);
	saved = event_rec;
	begin_open(pid + 1, 3, "/x");
	send();
	event_rec = saved;
}

static void answer_file(const char *name)
{
	asked.files++;
	snprintf(asked.file, sizeof(asked.file), "%s", name);
	saved = event_rec;
	begin_of(TRC_FILEINFO, 0, 0);
	event_set_str("name", name);
	event_set("dev", 8);
	event_set("ino", 4712);
	send();
	event_rec = saved;
}

static void unknown_processes_are_asked_for(void)
{
	open_engine(opens);
	e.help.process = answer;
	begin_open(100, 3, "/etc/shadow");
	send();
	begin_open(100, 4, "/etc/shadow");
	send();
	CHECK_STR(alerts(), "Warning help opened /etc/shadow\nWarning help opened /etc/shadow\n");
	CHECK_EQ(asked.processes, 1);
	CHECK_EQ(asked.process[0], 100);
	CHECK_EQ(stats.proc_unknown, 0);
	CHECK(!e.helping);
}

static void a_pid_given_again_is_asked_for(void)
{
	open_engine(opens);
	e.help.process = answer;
	begin_of(TRC_PROCINFO, 100, 6);
	event_set_str("comm", "old");
	send();
	begin_open(100, 3, "/etc/shadow");
	send();
	CHECK_STR(alerts(), "Warning help opened /etc/shadow\n");
	CHECK_EQ(asked.processes, 1);
}

/* The answer is of the process that has the pid now: not the event's. */
static void an_answer_about_another_process_is_none(void)
{
	open_engine(opens);
	e.help.process = answer;
	begin_open(100, 3, "/etc/shadow");
	event_rec.hdr.start = 5;
	send();
	CHECK_STR(alerts(), "Warning <NA> opened /etc/shadow\n");
	CHECK_EQ(asked.processes, 1);
	CHECK_EQ(stats.proc_unknown, 1);
}

static void who_cannot_be_described_is_asked_for_once(void)
{
	open_engine(opens);
	e.help.process = no_answer;
	for (int i = 0; i < 3; i++) {
		begin_open(100, 3, "/etc/shadow");
		send();
	}
	CHECK_EQ(asked.processes, 1);
	CHECK_EQ(stats.proc_unknown, 1);
}

/* A fork bomb must not keep the sensor busy with /proc. */
static void in_a_second_so_many_are_asked_for(void)
{
	open_engine(opens);
	e.help.process = no_answer;
	for (uint32_t i = 0; i < ASKS_PER_SECOND + 5; i++) {
		begin_open(100 + i, 3, "/x");
		event_rec.hdr.ts = 5000000000;
		send();
	}
	CHECK_EQ(asked.processes, ASKS_PER_SECOND);
	CHECK_EQ(stats.proc_unasked, 5);
	begin_open(99, 3, "/x");
	event_rec.hdr.ts = 6000000000;
	send();
	CHECK_EQ(asked.processes, ASKS_PER_SECOND + 1);
}

static void who_ends_is_not_asked_for(void)
{
	open_engine(opens);
	e.help.process = answer;
	begin_of(TRC_PROCEXIT, 100, 7);
	send();
	CHECK_EQ(asked.processes, 0);
	CHECK(!state_pid(state, 100));
}

static void answers_raise_no_questions(void)
{
	open_engine(opens);
	e.help.process = question;
	begin_open(100, 3, "/x");
	send();
	CHECK_EQ(asked.processes, 1);
	CHECK(!e.helping);
	CHECK(state_pid(state, 100) && state_pid(state, 101));
}

static void send_rename(int64_t res)
{
	begin_of(TRC_RENAME, 100, 7);
	event_set("res", res);
	event_set_str("oldpath", "/etc/shadow-");
	event_set_str("newpath", "/etc/shadow");
	send();
}

static void replaced_files_are_asked_for(void)
{
	open_engine(opens);
	e.help.file = answer_file;
	send_rename(0);
	CHECK_EQ(asked.files, 0);
	begin_of(TRC_FILEINFO, 0, 0);
	event_set_str("name", "/etc/shadow");
	event_set("dev", 8);
	event_set("ino", 4711);
	send();
	send_rename(-1);
	CHECK_EQ(asked.files, 0);
	send_rename(0);
	CHECK_EQ(asked.files, 1);
	CHECK_STR((const char *)asked.file, "/etc/shadow");
	CHECK(state_is_file(state, STR("/etc/shadow"), 8, 4712));
	e.help.file = NULL;
	send_rename(0);
	CHECK_EQ(asked.files, 1);
}

/* ---- the tee */

static struct {
	uint16_t type[32];
	int n;
} teed;

static void tee(const struct trc_hdr *rec)
{
	CHECK(teed.n < 32);
	teed.type[teed.n++] = rec->type;
}

static void teed_is(const enum trc_type *types, int n)
{
	CHECK_EQ(teed.n, n);
	for (int i = 0; i < n; i++)
		CHECK_EQ(teed.type[i], types[i]);
}

/* A replay has no one to ask: answers come before their event, what follows from it after. */
static void the_tee_is_in_the_order_of_the_tables(void)
{
	static const enum trc_type want[] = {TRC_FILEINFO, TRC_PROCINFO, TRC_RENAME,
					     TRC_FILEINFO, TRC_LOSS,	 TRC_RENAME};

	open_engine(opens);
	e.tee = tee;
	e.help = (struct engine_help){.process = answer, .file = answer_file};
	begin_of(TRC_FILEINFO, 0, 0);
	event_set_str("name", "/etc/shadow");
	send();
	send_rename(0);
	begin_of(TRC_LOSS, 0, 0);
	send();
	send_rename(-1);
	teed_is(want, 6);
}

static void bad_records_are_counted(void)
{
	open_engine(opens);
	e.tee = tee;
	e.help.process = answer;
	begin_open(100, 3, "/etc/shadow");
	for (size_t n = 0; n < event_rec.hdr.len; n++)
		engine_record(&e, &event_rec, n);
	CHECK_EQ(stats.bad_short, event_rec.hdr.len);
	event_rec.hdr.type = TRC_NONE;
	send();
	CHECK_EQ(stats.bad_type, 1);
	begin_open(100, 3, "/etc/shadow");
	event_rec.hdr.narg = 33;
	send();
	CHECK_EQ(stats.bad_narg, 1);
	begin_open(100, 3, "/etc/shadow");
	event_rec.hdr.len -= 8;
	send();
	send();
	CHECK_EQ(stats.bad_offset, 2);
	CHECK_EQ(stats.records, event_rec.hdr.len + 8 + 4);
	CHECK_EQ(stats.events + stats.alerts, 0);
	CHECK_EQ(teed.n + asked.processes, 0);
	CHECK(!state_pid(state, 100));
}

static void statements_are_no_events(void)
{
	open_engine("[rule r]\ncondition = evt.num >= 0\noutput = x\npriority = notice\n");
	send_procinfo(100, 7, "cat");
	CHECK_EQ(stats.records, 1);
	CHECK_EQ(stats.events + stats.alerts, 0);
	begin_of(TRC_SETUID, 100, 7);
	send();
	CHECK_EQ(stats.alerts, 1);
}

static void loss_is_said(void)
{
	open_engine(opens);
	begin_of(TRC_LOSS, 0, 0);
	event_set("bulk", 5000000000);
	event_set("critical", 1);
	send();
	CHECK_STR(alerts(), "Warning events lost: 5000000000 bulk, 1 critical\n");
	CHECK_EQ(stats.events, 0);
}

static void own_words_are_one_line(void)
{
	static char word[LOG_MAX * 2];

	open_engine(opens);
	engine_say(&e, PRIO_WARNING, 0, "%s", "a\n<13>b\xff");
	memset(word, 'w', sizeof(word) - 1);
	engine_say(&e, PRIO_WARNING, 0, "%s", word);
	word[LOG_MAX - 1] = 0; /* what there is room for */
	CHECK(!strncmp(alerts(), "Warning a\\n<13>b\\xff\nWarning www", 32));
	CHECK_EQ(strlen(alerts_text), 21 + strlen("Warning \n") + LOG_MAX - 1);
}

static void texts_that_do_not_fit_are_cut(void)
{
	char name[TRC_STR_MAX];

#define EIGHT "%fd.name%fd.name%fd.name%fd.name%fd.name%fd.name%fd.name%fd.name"
	open_engine("[rule r]\ncondition = evt.type = openat\n"
		    "output = " EIGHT EIGHT EIGHT EIGHT "\npriority = notice\n");
	cfg.alerts_value_max = TRC_STR_MAX;
	memset(name, 'n', sizeof(name));
	name[0] = '/';
	begin_of(TRC_OPENAT, 100, 7);
	event_set("fd", 3);
	record_bytes(&event_rec, event_slot("name"), name, sizeof(name));
	send();
	CHECK_EQ(stats.text_full, 1);
	CHECK_EQ(stats.alerts, 1);
	CHECK_EQ(stats.stdout_dropped, 0);
}

/* ---- repeats and throttles */

#define S UINT64_C(1000000000)

static void open_limited(const char *rules, int window, const char *throttle)
{
	static struct arena a;

	open_engine(rules);
	cfg.alerts_repeat_window = window;
	cfg.tables_repeats = 16;
	strcpy(cfg.alerts_throttle, throttle);
	CHECK(!arena_map(&a, engine_size(&cfg) + 4096) && !engine_open(&e, &a));
}

static void send_at(uint64_t ts)
{
	event_rec.hdr.ts = ts;
	send();
}

static void open_at(uint64_t ts, uint32_t pid, int64_t fd, const char *name)
{
	begin_open(pid, fd, name);
	send_at(ts);
}

/* A process with a parent, a program and arguments. */
static void start_process(uint32_t pid, uint32_t parent, const char *argument)
{
	char argv[32] = "cat";

	snprintf(argv + 4, sizeof(argv) - 4, "%s", argument);
	begin_of(TRC_PROCINFO, pid, 7);
	event_set_str("comm", "cat");
	event_set_str("exepath", "/bin/cat");
	event_set("ppid", parent);
	record_bytes(&event_rec, event_slot("argv"), argv, 5 + strlen(argument));
	send();
}

static void all_is_accounted_for(uint64_t sent, uint64_t repeated, uint64_t throttled)
{
	CHECK_EQ(stats.sent, sent);
	CHECK_EQ(stats.repeated, repeated);
	CHECK_EQ(stats.throttled, throttled);
	CHECK_EQ(stats.alerts, sent + repeated + throttled);
}

static void an_act_is_one_alert(void)
{
	open_limited(opens, 10, "off");
	for (int i = 0; i < 1000; i++)
		open_at(S + (uint64_t)i * 1000000, 100, 3 + i, "/etc/shadow");
	CHECK_EQ(engine_due(&e), 11 * S);
	engine_settle(&e, 11 * S - 1);
	all_is_accounted_for(1, 999, 0);
	engine_settle(&e, 11 * S);
	CHECK_EQ(engine_due(&e), 21 * S); /* it may go on */
	open_at(20 * S, 100, 3, "/etc/shadow");
	open_at(30 * S, 100, 3, "/etc/shadow"); /* the window of the last: still the same act */
	engine_settle(&e, 31 * S);
	engine_settle(&e, 41 * S);
	CHECK_EQ(engine_due(&e), 0);
	open_at(50 * S, 100, 3, "/etc/shadow");
	CHECK_STR(alerts(), "Warning <NA> opened /etc/shadow\n"
			    "Warning <NA> opened /etc/shadow (999 more in 0.99 s)\n"
			    "Warning <NA> opened /etc/shadow (1 more in 18.00 s)\n"
			    "Warning <NA> opened /etc/shadow (1 more in 10.00 s)\n"
			    "Warning <NA> opened /etc/shadow\n");
	all_is_accounted_for(2, 1001, 0);
}

/* A loop of the shell 50 around cat: processes of equal facts and another number. */
static void a_loop_is_one_act(void)
{
	open_limited(opens, 10, "off");
	for (uint32_t i = 0; i < 10; i++) {
		start_process(100 + i, 50, "/etc/shadow");
		open_at(S, 100 + i, 3, "/etc/shadow");
	}
	all_is_accounted_for(1, 9, 0);
}

/* What differs in one fact is told. */
static void another_act_is_never_a_repeat(void)
{
	open_limited(opens, 10, "off");
	start_process(100, 50, "/etc/shadow");
	start_process(101, 50, "/etc/shadow /etc/gshadow"); /* its arguments */
	start_process(102, 51, "/etc/shadow");		    /* its parent */
	open_at(S, 100, 3, "/etc/shadow");
	open_at(S, 101, 3, "/etc/shadow");
	open_at(S, 102, 3, "/etc/shadow");
	open_at(S, 103, 3, "/etc/shadow"); /* nobody knows who */
	open_at(S, 104, 3, "/etc/shadow");
	open_at(S, 100, 3, "/etc/shadow-"); /* the file: by the other rule */
	open_at(S, 100, 3, "/etc/gshadow");
	open_at(S, 100, -13, "/etc/gshadow"); /* what came of it */
	begin_open(100, 3, "/etc/shadow");
	event_set("flags", 1); /* what for */
	send_at(S);
	begin_open(100, 3, "/etc/shadow");
	event_set("ino", 4711); /* the file behind the name */
	send_at(S);
	begin_open(100, 3, "/etc/shadow");
	event_rec.hdr.uid = 1000; /* the user */
	send_at(S);
	all_is_accounted_for(11, 0, 0);
	open_at(S, 100, 4, "/etc/shadow");
	all_is_accounted_for(11, 1, 0);
}

/* The text of two long names may be the same; the acts are not. */
static void long_names_are_told_apart(void)
{
	char name[1000] = "/etc/";

	open_limited(opens, 10, "off");
	cfg.alerts_value_max = 64;
	memset(name + 5, 'x', sizeof(name) - 6);
	open_at(S, 100, 3, name);
	name[500] = 'y';
	open_at(S, 100, 3, name);
	all_is_accounted_for(2, 0, 0);
}

/* More acts than the table has room for: the oldest is told, and forgotten. */
static void a_full_table_tells_early(void)
{
	char name[] = "/etc/a";

	open_limited(opens, 10, "off");
	open_at(S, 100, 3, "/etc/shadow");
	open_at(2 * S, 100, 3, "/etc/shadow");
	for (int i = 0; i < 16; i++, name[5]++)
		open_at(2 * S, 100, 3, name);
	CHECK_EQ(stats.repeat_evicted, 1);
	open_at(3 * S, 100, 3, "/etc/shadow");
	all_is_accounted_for(18, 1, 0);
	CHECK(strstr(alerts(), "opened /etc/shadow (1 more in 1.00 s)\n"));
}

static void repeats_can_be_alerts(void)
{
	open_limited(opens, 0, "off");
	CHECK_EQ(engine_size(&cfg), 0);
	open_at(S, 100, 3, "/etc/shadow");
	open_at(S, 100, 3, "/etc/shadow");
	all_is_accounted_for(2, 0, 0);
	CHECK_EQ(engine_due(&e), 0);
}

static void a_throttle_counts(void)
{
	char name[] = "/etc/a";

	open_limited(opens, 0, "3/10");
	for (int i = 0; i < 10; i++, name[5]++)
		open_at(S, 100, 3, name);
	open_at(S, 100, 3, "/etc/shadow"); /* another rule */
	all_is_accounted_for(4, 0, 7);
	CHECK_EQ(engine_due(&e), 11 * S);
	open_at(11 * S, 100, 3, "/etc/z");
	CHECK_STR(
		alerts(),
		"Notice second\nNotice second\nNotice second\n"
		"Warning throttle begins: rule=\"any\" limit=3/10, more of those who were told is "
		"counted only\n"
		"Warning <NA> opened /etc/shadow\n"
		"Warning throttle ends: rule=\"any\" held=7\n"
		"Notice second\n");
	CHECK_EQ(engine_due(&e), 0);
	CHECK_EQ(ruleset_rule(e.rules, 1)->throttled, 7);
}

/* A process that runs a program, of the machine or of a container. */
static void start_actor(uint32_t pid, const char *exepath, const char *cgroup)
{
	begin_of(TRC_PROCINFO, pid, 7);
	event_set_str("exepath", exepath);
	event_set_str("cgroup", cgroup);
	send();
}

static void act(uint32_t pid, uint32_t uid, const char *name)
{
	begin_open(pid, 3, name);
	event_rec.hdr.uid = uid;
	send_at(S);
}

/* Decoys of one user and program hide no act of another's; nor do those of a container's root. */
static void decoys_hide_nobody_else(void)
{
	static const char container[] =
		"/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	char path[] = "/bin/decoy-a";

	open_limited(opens, 10, "3/10");
	start_actor(100, "/bin/cat", "/");
	start_actor(101, "/bin/od", "/");
	for (char name[] = "/etc/a"; name[5] <= 'j'; name[5]++)
		act(100, 1000, name);
	all_is_accounted_for(3, 0, 7);
	act(101, 1000, "/etc/z"); /* another program */
	act(100, 1001, "/etc/z"); /* another user */
	all_is_accounted_for(5, 0, 7);
	for (uint32_t i = 0; i < 10; i++, path[11]++) {
		start_actor(200 + i, path, container);
		act(200 + i, 0, "/etc/z");
	}
	all_is_accounted_for(5 + THROTTLE_PROGRAMS, 0, 7 + 10 - THROTTLE_PROGRAMS);
	act(101, 0, "/etc/z"); /* root */
	act(102, 0, "/etc/z"); /* root, and nobody knows by which program */
	all_is_accounted_for(7 + THROTTLE_PROGRAMS, 0, 7 + 10 - THROTTLE_PROGRAMS);
	act(101, 0, "/etc/y");
	all_is_accounted_for(7 + THROTTLE_PROGRAMS, 0, 8 + 10 - THROTTLE_PROGRAMS);
}

/* One that the sensor's end cuts short ends then: no line is from the future. */
static void a_throttle_is_cut_short(void)
{
	char got[1024];
	ssize_t n;
	const char *line;

	open_limited(opens, 0, "1/10");
	open_at(S, 100, 3, "/etc/a");
	open_at(S, 100, 3, "/etc/b");
	engine_flush(&e);
	n = read(out, got, sizeof(got) - 1);
	CHECK(n > 0);
	got[n] = 0;
	line = strstr(got, ": Warning throttle ends");
	CHECK(line && line - got > 18);
	CHECK(!strncmp(line - 18, got, 18)); /* 12:00:00.000000000 */
}

/* Critical alerts pass, unless their rule says otherwise; a rule may have no throttle. */
static void throttles_by_rule(void)
{
#define ANY(name, priority, more)                                                                  \
	"[rule " name "]\ncondition = fd.name = /" name "\noutput = x\npriority = " priority       \
	"\n" more
	open_limited(ANY("a", "critical", "") ANY("b", "alert", "throttle = 2/10\n")
			     ANY("c", "debug", "throttle = off\n") ANY("d", "error", ""),
		     0, "1/10");
	for (int i = 0; i < 5; i++) {
		open_at(S, 100, 3, "/a");
		open_at(S, 100, 3, "/b");
		open_at(S, 100, 3, "/c");
		open_at(S, 100, 3, "/d");
	}
	all_is_accounted_for(5 + 2 + 5 + 1, 0, 3 + 4);
	CHECK_EQ(ruleset_rule(e.rules, 1)->throttled, 3);
	CHECK_EQ(ruleset_rule(e.rules, 3)->throttled, 4);
	engine_flush(&e);
	CHECK(strstr(alerts(), "throttle ends: rule=\"d\" held=4\n"));
}

/* Repeats take nothing from the throttle, and what is throttled is no act that was told. */
static void repeats_come_first(void)
{
	open_limited(opens, 10, "2/10");
	for (int i = 0; i < 5; i++)
		open_at(S, 100, 3, "/etc/a");
	open_at(S, 100, 3, "/etc/b");
	open_at(S, 100, 3, "/etc/c");
	open_at(S, 100, 3, "/etc/c");
	all_is_accounted_for(2, 4, 2);
	engine_flush(&e);
	CHECK_STR(alerts(),
		  "Notice second\nNotice second\nWarning throttle begins: rule=\"any\" "
		  "limit=2/10, more of those who were told is counted only\n"
		  "Notice second (4 more in 0.00 s)\nWarning throttle ends: rule=\"any\" held=2\n");
	CHECK_EQ(engine_due(&e), 0);
}

/* Bytes of a good record are changed at random: nothing breaks. */
static void no_bytes_break_the_engine(void)
{
	open_engine(
		"[rule r]\ncondition = fd.name contains etc or proc.aname = x or fd.sport > 3\n"
		"output = %evt.args %proc.cmdline %proc.aname[2] %fd.name %container.id %user.name\n"
		"priority = notice\n");
	close(STDOUT_FILENO);
	e.help = (struct engine_help){.process = answer, .file = answer_file};
	for (int n = 0; n < 50000; n++) {
		enum trc_type type = (enum trc_type)(1 + below(TRC_NTYPES - 1));
		uint32_t size;

		begin_of(type, 100 + below(30), 7);
		for (int i = 0; i < event_table[type].nargs; i++)
			if (argtype_kind[event_table[type].args[i].type] == TRC_BYTES)
				record_str(&event_rec, i,
					   "/etc/../x\n\x01 and some room for a socket");
			else
				record_num(&event_rec, i, below(9));
		size = event_rec.hdr.len;
		for (uint32_t k = below(4); k; k--)
			((unsigned char *)&event_rec)[below(size)] = (uint8_t)below(256);
		engine_record(&e, &event_rec, size);
	}
	tables_check();
	CHECK(stats.events > 20000 && stats.bad_type && stats.bad_offset && stats.bad_short);
}

const struct unit_test tests_engine[] = {
	TEST(an_alert_is_made),
	TEST(all_rules_may_match),
	TEST(events_are_numbered),
	TEST(tables_change_around_the_rules),
	TEST(unknown_processes_are_asked_for),
	TEST(a_pid_given_again_is_asked_for),
	TEST(an_answer_about_another_process_is_none),
	TEST(who_cannot_be_described_is_asked_for_once),
	TEST(in_a_second_so_many_are_asked_for),
	TEST(in_a_second_so_many_are_asked_for),
	TEST(who_ends_is_not_asked_for),
	TEST(answers_raise_no_questions),
	TEST(replaced_files_are_asked_for),
	TEST(the_tee_is_in_the_order_of_the_tables),
	TEST(bad_records_are_counted),
	TEST(statements_are_no_events),
	TEST(loss_is_said),
	TEST(own_words_are_one_line),
	TEST(texts_that_do_not_fit_are_cut),
	TEST(an_act_is_one_alert),
	TEST(a_loop_is_one_act),
	TEST(another_act_is_never_a_repeat),
	TEST(long_names_are_told_apart),
	TEST(a_full_table_tells_early),
	TEST(repeats_can_be_alerts),
	TEST(a_throttle_counts),
	TEST(decoys_hide_nobody_else),
	TEST(a_throttle_is_cut_short),
	TEST(throttles_by_rule),
	TEST(repeats_come_first),
	TEST(no_bytes_break_the_engine),
	{0},
};
