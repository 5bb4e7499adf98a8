/* SPDX-License-Identifier: BSD-2-Clause */
/* When containers' files are read: once, before the first event; again if they come late. */
#include "../../core/containers.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules.h"
#include "tables.h"

#define MS 1000000ull

static struct config cfg;
static struct engine e;
static char dir[2048];
static char taken[4096]; /* types of records and names of containers, in the order of the tee */

static void tee(const struct trc_hdr *rec)
{
	struct event ev;

	CHECK_EQ(decode(rec, rec->len, &ev), DECODE_OK);
	strcat(taken, event_table[rec->type].name);
	if (rec->type == TRC_CONTAINERINFO) {
		strcat(taken, event_has(&ev, 2) ? "=" : "");
		strncat(taken, event_str(&ev, 2).p, event_str(&ev, 2).n);
	}
	strcat(taken, " ");
}

static void ask_container(const struct container *c, uint64_t ts)
{
	containers_ask(&e, c, ts);
}

static void ask_again(uint64_t ts)
{
	containers_again(&e, ts);
}

static void open_engine(void)
{
	tables_open(16, 2, 16);
	config_defaults(&cfg);
	strcpy(cfg.containers_root, "/tmp/tiercel-unit-XXXXXX");
	CHECK(mkdtemp(cfg.containers_root));
	cfg.stdout_enabled = cfg.syslog_enabled = false;
	e = (struct engine){.cfg = &cfg, .stats = &stats, .state = state, .tee = tee};
	e.rules = rules_load(RULE("r", "evt.type = execve and container.name = web"));
	CHECK(e.rules);
	e.help.container = ask_container;
	e.help.containers = ask_again;
}

static void make_dirs(const char *path)
{
	snprintf(dir, sizeof(dir), "%s%s", cfg.containers_root, path);
	for (char *p = dir + 1; (p = strchr(p, '/')) != NULL; *p++ = '/') {
		*p = 0;
		mkdir(dir, 0755);
	}
}

/* The file of the docker container with that number, whose text it is. */
static void write_file(int number, const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "/var/lib/docker/containers/%08x%056d/config.v2.json",
		 (unsigned)number, 0);
	make_dirs(path);
	f = fopen(dir, "w");
	CHECK(f);
	fputs(text, f);
	fclose(f);
	chmod(dir, 0600);
}

/* A program that starts in it. */
static void send_exec(int number, uint64_t ts)
{
	char cgroup[100];

	snprintf(cgroup, sizeof(cgroup), "/docker/%08x%056d", (unsigned)number, 0);
	begin_of(TRC_EXECVE, 100, 7);
	event_rec.hdr.ts = ts;
	event_set("res", 0);
	event_set_str("cgroup", cgroup);
	engine_record(&e, &event_rec, event_rec.hdr.len);
}

static void send_open(uint64_t ts)
{
	begin_of(TRC_OPENAT, 100, 7);
	event_rec.hdr.ts = ts;
	event_set("fd", -2);
	engine_record(&e, &event_rec, event_rec.hdr.len);
}

static void clean(void)
{
	char command[1100];

	snprintf(command, sizeof(command), "rm -rf %s", cfg.containers_root);
	CHECK_EQ(system(command), 0);
}

#define TAKEN(want)                                                                                \
	do {                                                                                       \
		CHECK_STR((const char *)taken, want);                                              \
		taken[0] = 0;                                                                      \
	} while (0)

/* The statement comes before the event: so it does in a replay. */
static void a_container_is_asked_for_once(void)
{
	open_engine();
	write_file(1, "{\"Name\":\"/web\"}");
	send_exec(1, MS);
	TAKEN("containerinfo=web execve ");
	CHECK_EQ(stats.alerts, 1);
	CHECK_EQ(e.container_due, 0);
	send_exec(1, 2 * MS);
	send_open(3000 * MS);
	TAKEN("execve openat ");
	CHECK_EQ(stats.cont_unknown + stats.cont_unread + stats.cont_cut, 0);
	clean();
}

/* So is one that a process of the snapshot is in. */
static void a_snapshot_asks(void)
{
	open_engine();
	write_file(1, "{\"Name\":\"/web\"}");
	begin_of(TRC_PROCINFO, 100, 7);
	event_set_str("cgroup",
		      "/docker/0000000100000000000000000000000000000000000000000000000000000000");
	engine_record(&e, &event_rec, event_rec.hdr.len);
	TAKEN("containerinfo=web procinfo ");
	clean();
}

/* After 10, 100 and 1000 ms of record time, by whatever event; then no more. */
static void a_file_may_come_late(void)
{
	open_engine();
	send_exec(1, MS);
	TAKEN("containerinfo execve ");
	CHECK_EQ(e.container_due, 11 * MS);
	send_open(10 * MS);
	TAKEN("openat ");
	write_file(1, "{\"Name\":\"/w");
	send_open(11 * MS);
	TAKEN("containerinfo openat ");
	send_open(110 * MS);
	TAKEN("openat ");
	write_file(1, "{\"Name\":\"/web\"}");
	send_open(111 * MS);
	TAKEN("containerinfo=web openat ");
	CHECK_EQ(e.container_due, 0);
	send_open(5000 * MS);
	TAKEN("openat ");
	CHECK_EQ(stats.cont_unknown + stats.cont_unread, 0);
	clean();
}

static void who_has_no_file_is_unknown(void)
{
	open_engine();
	send_exec(1, MS);
	write_file(2, "nonsense");
	send_exec(2, MS);
	for (int i = 1; i < 20; i++)
		send_open((uint64_t)i * 1000 * MS);
	CHECK_EQ(stats.cont_unknown, 1);
	CHECK_EQ(stats.cont_unread, 1);
	CHECK_EQ(e.container_due, 0);
	taken[0] = 0;
	/* It is not asked for by each program that starts. */
	send_exec(1, 30000 * MS);
	TAKEN("execve ");
	clean();
}

/* No more than 16 wait at a time, and 50 are asked for in a second. */
static void many_containers_are_no_burden(void)
{
	open_engine();
	for (int i = 1; i <= 60; i++) {
		send_exec(i, 1000 * MS);
		taken[0] = 0;
	}
	CHECK_EQ(stats.cont_unasked, 10);
	CHECK_EQ(stats.cont_unknown, 50 - 16);
	for (int i = 2; i < 9; i++)
		send_open((uint64_t)i * 1000 * MS);
	CHECK_EQ(stats.cont_unknown, 50);
	CHECK_EQ(stats.cont_evicted, 50 + 3 * 16 - 4);
	clean();
}

/* Whoever waits, the one that is due first is asked first. */
static void the_first_due_comes_first(void)
{
	open_engine();
	send_exec(1, MS);
	send_exec(2, 5 * MS);
	CHECK_EQ(e.container_due, 11 * MS);
	send_open(11 * MS);
	CHECK_EQ(e.container_due, 15 * MS);
	send_open(15 * MS);
	CHECK_EQ(e.container_due, 111 * MS);
	clean();
}

/* What is too long is counted once, and is no part of the statement. */
static void what_is_cut_is_counted(void)
{
	static char text[8192];

	open_engine();
	snprintf(text, sizeof(text),
		 "{\"Name\":\"/web\",\"Config\":{\"Labels\":{\"a\":\"b\",\"c\":\"%05000d\"}}}", 1);
	write_file(1, text);
	send_exec(1, MS);
	TAKEN("containerinfo=web execve ");
	CHECK_EQ(stats.cont_cut, 1);
	CHECK(!contained_text(state_container(state, proc_of(100, 7)), CONTAINER_LABELS).p);
	CHECK_STR(contained_text(state_container(state, proc_of(100, 7)), CONTAINER_NAME), "web");
	clean();
}

/* 200 short lives: each is asked for, and told. */
static void short_lives_are_told(void)
{
	char text[64];

	open_engine();
	for (int i = 1; i <= 200; i++) {
		snprintf(text, sizeof(text), "{\"Name\":\"/web\",\"x\":%d}", i);
		write_file(i, text);
		send_exec(i, (uint64_t)i * 100 * MS);
		TAKEN("containerinfo=web execve ");
	}
	CHECK_EQ(stats.alerts, 200);
	CHECK_EQ(stats.cont_evicted, 196);
	CHECK_EQ(stats.cont_unknown + stats.cont_unasked + stats.cont_unread, 0);
	tables_check();
	clean();
}

const struct unit_test tests_containers[] = {
	TEST(a_container_is_asked_for_once),
	TEST(a_snapshot_asks),
	TEST(a_file_may_come_late),
	TEST(who_has_no_file_is_unknown),
	TEST(many_containers_are_no_burden),
	TEST(the_first_due_comes_first),
	TEST(what_is_cut_is_counted),
	TEST(short_lives_are_told),
	{0},
};
