/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sinks against real peers: pipes, Unix sockets in a directory of the test's
 * own, UDP and TCP on loopback. Peers come late, go away, come back, and do not read.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../core/alert.h"
#include "../../core/clock.h"
#include "../../core/outlet.h"
#include "unit.h"

static struct config cfg;
static struct stats stats;
static int floor_remote = PRIO_DEBUG;
static uint64_t seq;
static char text[ALERT_TEXT_MAX + 1];
static char why[256];
static char directory[] = "/tmp/test_sinks.XXXXXX";

static void remove_directory(void)
{
	unlink(cfg.syslog_socket);
	rmdir(directory);
}

static void config_syslog(void)
{
	CHECK(mkdtemp(directory));
	cfg.syslog_enabled = true;
	snprintf(cfg.syslog_socket, sizeof(cfg.syslog_socket), "%s/log", directory);
	atexit(remove_directory);
}

static void config_remote(bool tcp)
{
	cfg.remote_enabled = true;
	cfg.remote_protocol = tcp;
	cfg.remote_spool_kib = 64;
	strcpy(cfg.remote_host, "127.0.0.1");
}

static int try_open(void)
{
	static struct arena arena;

	cfg.stdout_priority = cfg.syslog_priority = PRIO_DEBUG;
	cfg.remote_priority = floor_remote;
	if (!cfg.syslog_spool_kib)
		cfg.syslog_spool_kib = 32;

	strcpy(cfg.syslog_tag, "tiercel");
	setenv("TZ", "UTC", 1);
	if (arena_map(&arena, sinks_size(&cfg) + 4096))
		return -ENOMEM;
	return sinks_open(&cfg, &arena, &stats, why, sizeof(why));
}

static void start(void)
{
	CHECK_EQ(try_open(), 0);
}

/* An alert whose text starts with its number and has n bytes. */
static void alert(size_t n)
{
	struct alert al = {.seq = ++seq,
			   .priority = PRIO_NOTICE,
			   .rule = "Test",
			   .tags = "",
			   .hostname = STR("pi")};

	snprintf(text, sizeof(text), "alert %03d", (int)seq);
	if (n > strlen(text))
		memset(text + strlen(text), '.', n - strlen(text));
	al.text = (struct str){text, (uint32_t)n};
	sinks_write(&al);
}

/* The main loop, until a sink has no more to say for ms milliseconds. */
static void run(int ms)
{
	for (int64_t end = clock_ms() + ms; clock_ms() < end;) {
		struct pollfd p[SINK_COUNT];
		int timeout = (int)(end - clock_ms());
		int n = sinks_poll(p, SINK_COUNT, &timeout);

		CHECK(poll(p, (nfds_t)n, timeout) >= 0);
		sinks_ready(p, n);
	}
}

static bool is_silent(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 0;
}

/* The main loop, until there is something to read: two seconds at most. */
static void run_until(int fd)
{
	for (int i = 0; i < 400 && is_silent(fd); i++)
		run(5);
	CHECK(!is_silent(fd));
}

/* Reads once; "" at the end. The buffer is the next call's too. */
static struct str take(int fd)
{
	static char buf[65536];
	ssize_t n;

	run_until(fd);
	n = read(fd, buf, sizeof(buf) - 1);
	CHECK(n >= 0);
	buf[n] = '\0';
	return (struct str){buf, (uint32_t)n};
}

/* Number of the alert in a message. */
static int number_in(struct str message)
{
	const char *p = message.n ? strstr(message.p, "alert ") : NULL;

	CHECK(p != NULL);
	return atoi(p + 6);
}

/* Standard output becomes a pipe; returns its other end. */
static int pipe_stdout(void)
{
	int ends[2];

	cfg.stdout_enabled = true;
	CHECK(!pipe(ends) && dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO);
	close(ends[1]);
	return ends[0];
}

static int listen_unix(int type)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type, 0);

	unlink(cfg.syslog_socket);
	memcpy(at.sun_path, cfg.syslog_socket, sizeof(at.sun_path));
	CHECK(!bind(fd, (struct sockaddr *)&at, sizeof(at)));
	CHECK(type == SOCK_DGRAM || !listen(fd, 4));
	return fd;
}

/* A socket on loopback at remote.port, which is chosen if it is 0. */
static int bind_inet(int type)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)cfg.remote_port),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, type, 0), one = 1, small = 4096;

	CHECK(!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	if (type == SOCK_STREAM)
		CHECK(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	CHECK(!bind(fd, (struct sockaddr *)&at, sizeof(at)));
	CHECK(!getsockname(fd, (struct sockaddr *)&at, &size));
	cfg.remote_port = ntohs(at.sin_port);
	return fd;
}

static int listen_tcp(void)
{
	int fd = bind_inet(SOCK_STREAM);

	CHECK(!listen(fd, 4));
	return fd;
}

/* Takes a connection. */
static int answer(int listener)
{
	int fd;

	run_until(listener);
	fd = accept(listener, NULL, NULL);
	CHECK(fd >= 0);
	return fd;
}

/* Reads one message behind the count of its bytes (RFC 6587, section 3.4.1); n = 0 at the end. */
static struct str take_counted(int fd)
{
	static char buf[16384];
	size_t n = 0, count = 0;
	char c;

	while (read(fd, &c, 1) == 1 && c != ' ') {
		CHECK(c >= '0' && c <= '9' && (count || c != '0'));
		count = count * 10 + (size_t)(c - '0');
		CHECK(count < sizeof(buf));
	}
	while (n < count) {
		ssize_t got = read(fd, buf + n, count - n);

		CHECK(got > 0);
		n += (size_t)got;
	}
	buf[n] = '\0';
	CHECK(!n || !strncmp(buf, "<5>1 ", 5));
	return (struct str){buf, (uint32_t)n};
}

static void stdout_gets_lines(void)
{
	int fd = pipe_stdout();

	start();
	alert(9);
	CHECK_STR(take(fd), "00:00:00.000000000: Notice alert 001\n");
	cfg.stdout_format = 1;
	alert(9);
	CHECK(strstr(take(fd).p, "{\"hostname\":\"pi\","));
	CHECK_EQ(stats.stdout_dropped, 0);
}

static void stdout_lines_fit_a_pipe(void)
{
	int fd = pipe_stdout();

	start();
	for (cfg.stdout_format = 0; cfg.stdout_format < 2; cfg.stdout_format++) {
		struct str line;

		alert(ALERT_TEXT_MAX);
		line = take(fd);
		CHECK(line.n <= PIPE_BUF && line.n > PIPE_BUF / 2);
		CHECK(strchr(line.p, '\n') == line.p + line.n - 1);
		CHECK(is_silent(fd));
	}
	CHECK_EQ(stats.stdout_dropped, 0);
}

static void stdout_never_blocks(void)
{
	int fd = pipe_stdout(), taken = 0;

	start();
	for (int i = 0; i < 200; i++)
		alert(3000);
	CHECK(stats.stdout_dropped > 100 && stats.stdout_dropped < 200);
	while (!is_silent(fd))
		for (const char *p = take(fd).p; (p = strchr(p, '\n')); p++)
			taken++;
	CHECK_EQ(taken, 200 - stats.stdout_dropped);
	CHECK_EQ(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
}

/* A terminal says that it takes something, and then waits for room for the rest of a line. */
static void stdout_never_blocks_on_a_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), fd;

	CHECK(master >= 0 && !grantpt(master) && !unlockpt(master));
	fd = open(ptsname(master), O_RDWR | O_NOCTTY);
	CHECK(fd >= 0 && dup2(fd, STDOUT_FILENO) == STDOUT_FILENO);
	cfg.stdout_enabled = true;
	start();
	for (int i = 0; i < 200; i++)
		alert(3001);
	CHECK(stats.stdout_dropped > 100);
	CHECK_EQ(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
}

static void stdout_outlives_its_reader(void)
{
	close(pipe_stdout());
	start();
	alert(9);
	alert(9);
	CHECK_EQ(stats.stdout_dropped, 2);
	raise(SIGPIPE); /* as when it goes at the worst moment */
}

/* Of what there may be no more, for a while. */
static void limit_to(int what, rlim_t most)
{
	struct rlimit limit;

	CHECK(!getrlimit(what, &limit));
	limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
	CHECK(!setrlimit(what, &limit));
}

static void stdout_on_a_full_disk_keeps_lines_apart(void)
{
	char name[] = "/tmp/test_sinks.XXXXXX", got[256] = "";
	int fd = mkstemp(name);

	CHECK(fd >= 0 && !unlink(name) && dup2(fd, STDOUT_FILENO) == STDOUT_FILENO);
	cfg.stdout_enabled = true;
	start();
	limit_to(RLIMIT_FSIZE, 50);
	for (int i = 0; i < 3; i++)
		alert(9); /* the second in part, the third not at all */
	limit_to(RLIMIT_FSIZE, RLIM_INFINITY);
	alert(9);
	alert(9);
	CHECK(pread(fd, got, sizeof(got) - 1, 0) > 0);
	close(fd);
	CHECK_STR(got, "00:00:00.000000000: Notice alert 001\n"
		       "00:00:00.0000\n"
		       "00:00:00.000000000: Notice alert 004\n"
		       "00:00:00.000000000: Notice alert 005\n");
	CHECK_EQ(stats.stdout_sent, 3);
	CHECK_EQ(stats.stdout_dropped, 2);
}

static void stdout_must_be_there(void)
{
	cfg.stdout_enabled = true;
	close(STDOUT_FILENO);
	CHECK_EQ(try_open(), -EBADF);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	CHECK_STR(why, "stdout: standard output is closed; set stdout.enabled = off");
}

static void syslog_gets_datagrams(void)
{
	char want[256];
	int fd;

	config_syslog();
	fd = listen_unix(SOCK_DGRAM);
	start();
	alert(9);
	snprintf(want, sizeof(want), "<5>Jan  1 00:00:00 tiercel[%d]: alert 001", (int)getpid());
	CHECK_STR(take(fd), want);
}

static void syslog_survives_a_restart(void)
{
	int fd;

	config_syslog();
	fd = listen_unix(SOCK_DGRAM);
	start();
	for (int i = 1; i <= 3; i++) {
		close(fd);
		fd = listen_unix(SOCK_DGRAM);
		alert(9);
		CHECK_EQ(number_in(take(fd)), i);
		run(50); /* it is seen to have arrived */
		CHECK_EQ(stats.syslog_sent, i);
	}
	CHECK_EQ(stats.syslog_dropped, 0);
}

/* What a daemon had not read when it ended goes to the next one: none lost, none twice. */
static void syslog_sends_again_what_was_not_read(void)
{
	int fd;

	config_syslog();
	fd = listen_unix(SOCK_DGRAM);
	start();
	alert(9);
	CHECK_EQ(number_in(take(fd)), 1);
	for (int i = 0; i < 5; i++)
		alert(9);
	CHECK_EQ(stats.syslog_sent, 1);
	CHECK_EQ(stats.syslog_spooled, 0);
	close(fd);
	fd = listen_unix(SOCK_DGRAM);
	for (int i = 2; i <= 6; i++)
		CHECK_EQ(number_in(take(fd)), i); /* no further alert is needed */
	run(50);
	CHECK_EQ(stats.syslog_sent, 6);
	CHECK(is_silent(fd));
}

/* A daemon that is killed leaves its name behind, and takes what it has not read with it. */
static void syslog_knows_the_dead(void)
{
	int fd;

	config_syslog();
	fd = listen_unix(SOCK_DGRAM);
	start();
	alert(9);
	close(fd);
	run(100);
	CHECK_EQ(stats.syslog_sent, 0);
	CHECK_EQ(sink_syslog.outlet->spool.count, 1);
}

/* Where no descriptor is left to look whether the daemon is there, it is not taken for gone. */
static void syslog_without_descriptors_sends_once(void)
{
	int fd;

	config_syslog();
	fd = listen_unix(SOCK_DGRAM);
	start();
	limit_to(RLIMIT_NOFILE, (rlim_t)sink_syslog.outlet->fd + 1);
	while (dup(fd) >= 0)
		; /* those below that were free */
	alert(9);
	CHECK_EQ(number_in(take(fd)), 1);
	run(100);
	CHECK(is_silent(fd));
	limit_to(RLIMIT_NOFILE, RLIM_INFINITY);
}

static void syslog_waits_for_a_daemon(void)
{
	struct pollfd p[SINK_COUNT];
	int fd, timeout = -1;

	config_syslog();
	start();
	/* Nothing to send: nothing to wake up for. */
	CHECK_EQ(sinks_poll(p, SINK_COUNT, &timeout), 0);
	CHECK_EQ(timeout, -1);
	alert(9);
	alert(9);
	CHECK_EQ(sinks_poll(p, SINK_COUNT, &timeout), 0);
	CHECK(timeout > 0 && timeout <= 1000);
	timeout = 1;
	sinks_poll(p, SINK_COUNT, &timeout);
	CHECK_EQ(timeout, 1);
	fd = listen_unix(SOCK_DGRAM);
	CHECK_EQ(number_in(take(fd)), 1);
	CHECK_EQ(number_in(take(fd)), 2);
	run(50);
	timeout = -1;
	CHECK_EQ(sinks_poll(p, SINK_COUNT, &timeout), 0);
	CHECK_EQ(timeout, -1);
	CHECK_EQ(stats.syslog_dropped, 0);
}

static void syslog_speaks_to_a_stream(void)
{
	int listener, fd;
	struct str got;

	config_syslog();
	listener = listen_unix(SOCK_STREAM);
	start();
	fd = answer(listener);
	alert(9);
	alert(9);
	got = take(fd);
	CHECK_EQ(number_in(got), 1);
	CHECK_EQ(strlen(got.p) + 1, got.n / 2);
	CHECK_EQ(got.p[got.n - 1], '\0');
	run(50);
	/* The daemon is restarted: what comes next goes to the new one. */
	close(fd);
	close(listener);
	listener = listen_unix(SOCK_STREAM);
	alert(9);
	CHECK_EQ(number_in(take(answer(listener))), 3);
}

/* A daemon that hangs: the oldest alerts are kept and arrive, the rest is counted. */
static void syslog_keeps_the_oldest(void)
{
	int fd, kept;

	config_syslog();
	fd = listen_unix(SOCK_DGRAM);
	start();
	for (int i = 0; i < 400; i++)
		alert(400);
	CHECK(stats.syslog_dropped > 0 && stats.syslog_dropped < 400);
	kept = 400 - (int)stats.syslog_dropped;
	for (int i = 1; i <= kept; i++) {
		CHECK_EQ(number_in(take(fd)), i);
	}
	CHECK(is_silent(fd));
}

static void syslog_socket_must_fit(void)
{
	cfg.syslog_enabled = true;
	memset(cfg.syslog_socket, 'x', 108);
	CHECK_EQ(try_open(), -EINVAL);
	CHECK_STR(why, "syslog.socket: a path of 1 to 107 bytes is wanted");
}

/* What was sent, what had to wait and what was dropped: each message is one of them in the end. */
static void messages_are_counted(void)
{
	int fd;

	config_syslog();
	start();
	alert(9);
	alert(9);
	CHECK_EQ(stats.syslog_spooled, 2);
	CHECK_EQ(sinks_waiting(), 2);
	fd = listen_unix(SOCK_DGRAM);
	number_in(take(fd));
	number_in(take(fd));
	alert(9);
	number_in(take(fd));
	sinks_flush(500);
	CHECK_EQ(stats.syslog_sent, 3);
	CHECK_EQ(stats.syslog_spooled, 2);
	CHECK_EQ(stats.syslog_dropped + sinks_waiting(), 0);
}

/* Below its floor a sink gets nothing, and its numbers have no gap; own words have no floor. */
static void floors_leave_no_gaps(void)
{
	struct alert own = {.priority = PRIO_INFORMATIONAL,
			    .rule = "tiercel",
			    .tags = "",
			    .own = true,
			    .text = STR("alive")};
	int fd = bind_inet(SOCK_DGRAM), out = pipe_stdout();

	config_remote(false);
	floor_remote = PRIO_WARNING;
	start();
	sinks_write(&own);
	CHECK(strstr(take(fd).p, " seq=\"1\" tags=\"\"] alive"));
	alert(9); /* a notice */
	own.priority = PRIO_WARNING;
	sinks_write(&own);
	CHECK(strstr(take(fd).p, " seq=\"2\" tags=\"\"] alive"));
	CHECK(strstr(take(out).p, "Notice alert 001\n"));
	CHECK(is_silent(fd));
}

static void udp_gets_datagrams(void)
{
	int fd = bind_inet(SOCK_DGRAM);
	char want[256];

	config_remote(false);
	start();
	alert(9);
	snprintf(want, sizeof(want),
		 "<5>1 1970-01-01T00:00:00.000000Z pi tiercel %d Test [tiercel@32473 "
		 "rule=\"Test\" priority=\"Notice\" seq=\"1\" tags=\"\"] alert 001",
		 (int)getpid());
	CHECK_STR(take(fd), want);
	alert(ALERT_TEXT_MAX);
	CHECK_EQ(take(fd).n, 2048);
}

/* A server that was away has refused what was sent meanwhile, not what is sent now. */
static void udp_survives_a_refusal(void)
{
	int fd = bind_inet(SOCK_DGRAM);

	config_remote(false);
	close(fd);
	start();
	alert(9);
	fd = bind_inet(SOCK_DGRAM);
	alert(9);
	CHECK_EQ(number_in(take(fd)), 2);
	CHECK_EQ(stats.remote_dropped, 1);
}

static void tcp_counts_octets(void)
{
	int listener = listen_tcp(), fd;

	config_remote(true);
	start();
	fd = answer(listener);
	alert(9);
	run(50);
	alert(ALERT_TEXT_MAX);
	CHECK_EQ(number_in(take_counted(fd)), 1);
	CHECK(take_counted(fd).n > ALERT_TEXT_MAX);
}

static void tcp_waits_for_a_server(void)
{
	int listener = listen_tcp();

	config_remote(true);
	close(listener);
	start();
	alert(9);
	run(50);
	listener = listen_tcp();
	listener = answer(listener);
	run_until(listener);
	CHECK_EQ(number_in(take_counted(listener)), 1);
	CHECK_EQ(stats.remote_dropped, 0);
}

/* The end of a connection is seen before the next alert is sent. */
static void tcp_survives_a_restart(void)
{
	int listener = listen_tcp(), fd;

	config_remote(true);
	start();
	fd = answer(listener);
	alert(9);
	run(50);
	CHECK_EQ(number_in(take_counted(fd)), 1);
	close(fd);
	run(50);
	alert(9);
	fd = answer(listener);
	run_until(fd);
	CHECK_EQ(number_in(take_counted(fd)), 2);
	CHECK_EQ(stats.remote_dropped, 0);
}

static void tcp_server_that_hangs_up_is_not_hurried(void)
{
	int listener = listen_tcp(), calls = 0;

	config_remote(true);
	start();
	fcntl(listener, F_SETFL, O_NONBLOCK);
	for (int64_t end = clock_ms() + 1500; clock_ms() < end;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && ++calls)
			close(fd);
		alert(9);
		run(10);
	}
	CHECK(calls >= 2 && calls <= 3);
}

/* The main loop, until the server, a process of its own, has ended well. */
static void run_until_served(void)
{
	int status = -1;

	for (int i = 0; i < 500 && waitpid(-1, &status, WNOHANG) == 0; i++)
		run(5);
	CHECK_EQ(status, 0);
}

/* Sends to a server that does not read, until the spool is full. Returns how many were kept. */
static int fill_tcp(void)
{
	run(50);
	while (!stats.remote_dropped) {
		alert(4000);
		run(1);
	}
	return (int)seq - 1;
}

static void tcp_survives_a_slow_server(void)
{
	int listener = listen_tcp(), fd, kept, got = 0;

	config_remote(true);
	start();
	fd = answer(listener);
	kept = fill_tcp();
	if (!fork()) {
		while (got < kept)
			CHECK_EQ(number_in(take_counted(fd)), ++got);
		_exit(0);
	}
	run_until_served();
	sinks_close(0);
	CHECK_EQ(stats.remote_dropped, 1);
}

/* What the server's TCP did not acknowledge is the first on the new connection, and whole. */
static void tcp_sends_again_what_did_not_arrive(void)
{
	int listener = listen_tcp(), fd, kept, first, last;

	config_remote(true);
	start();
	fd = answer(listener);
	kept = fill_tcp();
	CHECK(sink_remote.outlet->spool.passed > 0);
	first = kept - (int)sink_remote.outlet->spool.count + 1;
	close(fd);
	if (!fork()) {
		fd = accept(listener, NULL, NULL);
		last = number_in(take_counted(fd));
		CHECK_EQ(last, first);
		while (last < kept)
			CHECK_EQ(number_in(take_counted(fd)), ++last);
		_exit(0);
	}
	run_until_served();
}

static void close_sends_what_waits(void)
{
	int listener = listen_tcp();

	config_remote(true);
	start();
	alert(9);
	alert(9);
	sinks_close(500);
	listener = answer(listener);
	CHECK_EQ(number_in(take_counted(listener)), 1);
	CHECK_EQ(number_in(take_counted(listener)), 2);
	CHECK_EQ(take_counted(listener).n, 0);
	CHECK_EQ(stats.remote_dropped, 0);
}

static void close_counts_what_is_left(void)
{
	int64_t before = clock_ms();

	config_syslog();
	start();
	alert(9);
	alert(9);
	sinks_close(200);
	CHECK_EQ(stats.syslog_dropped, 2);
	CHECK(clock_ms() - before < 1000);
	alert(9); /* nobody's any more */
	CHECK_EQ(sink_syslog.outlet->spool.count, 2);
}

/* A name that nobody knows is no reason not to start: alerts wait until somebody does. */
static void remote_waits_for_its_name(void)
{
	config_remote(false);
	memset(cfg.remote_host, 'x', 64); /* a label has at most 63 */
	start();
	alert(9);
	CHECK_EQ(sinks_waiting(), 1);
	run(50);
	CHECK_EQ(stats.remote_spooled, 1);
	CHECK_EQ(stats.remote_dropped, 0);
}

static void remote_may_have_a_name(void)
{
	int fd = bind_inet(SOCK_DGRAM);

	config_remote(false);
	strcpy(cfg.remote_host, "localhost");
	start();
	alert(9);
	CHECK_EQ(number_in(take(fd)), 1);
	CHECK_EQ(waitpid(-1, NULL, WNOHANG), -1); /* no child is left to wait for */
}

static void memory_is_what_size_says(void)
{
	struct arena a;

	config_syslog();
	config_remote(false);
	cfg.syslog_spool_kib = 32;
	CHECK_EQ(arena_map(&a, 1 << 20), 0);
	a.size = sinks_size(&cfg);
	CHECK_EQ(sinks_open(&cfg, &a, &stats, why, sizeof(why)), 0);
	CHECK_EQ(a.used, a.size);
	sinks_close(0);
	CHECK_EQ(sinks_open(&cfg, &a, &stats, why, sizeof(why)), -ENOMEM);
	CHECK_STR(why, "syslog: no memory for its spool");
}

const struct unit_test tests_sinks[] = {
	TEST(stdout_gets_lines),	  TEST(stdout_lines_fit_a_pipe),
	TEST(stdout_never_blocks),	  TEST(stdout_never_blocks_on_a_terminal),
	TEST(stdout_outlives_its_reader), TEST(stdout_on_a_full_disk_keeps_lines_apart),
	TEST(stdout_must_be_there),	  TEST(syslog_gets_datagrams),
	TEST(syslog_survives_a_restart),  TEST(syslog_sends_again_what_was_not_read),
	TEST(syslog_knows_the_dead),	  TEST(syslog_without_descriptors_sends_once),
	TEST(syslog_waits_for_a_daemon),  TEST(syslog_speaks_to_a_stream),
	TEST(syslog_keeps_the_oldest),	  TEST(syslog_socket_must_fit),
	TEST(messages_are_counted),	  TEST(floors_leave_no_gaps),
	TEST(udp_gets_datagrams),	  TEST(udp_survives_a_refusal),
	TEST(tcp_counts_octets),	  TEST(tcp_waits_for_a_server),
	TEST(tcp_survives_a_restart),	  TEST(tcp_server_that_hangs_up_is_not_hurried),
	TEST(tcp_survives_a_slow_server), TEST(tcp_sends_again_what_did_not_arrive),
	TEST(close_sends_what_waits),	  TEST(close_counts_what_is_left),
	TEST(remote_waits_for_its_name),  TEST(remote_may_have_a_name),
	TEST(memory_is_what_size_says),	  {0},
};
