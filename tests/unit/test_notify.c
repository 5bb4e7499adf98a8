/* SPDX-License-Identifier: BSD-2-Clause */
/* Words to a service manager, which is a socket here. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../core/notify.h"
#include "unit.h"

static int manager = -1;

/* A manager at this address; @ begins an abstract one. */
static void manage(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t n = strlen(path);

	memcpy(address.sun_path, path, n);
	if (*path == '@')
		address.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	CHECK(manager >= 0);
	CHECK_EQ(bind(manager, (struct sockaddr *)&address,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)),
		 0);
	setenv("NOTIFY_SOCKET", path, 1);
}

static const char *heard(void)
{
	static char text[256];
	ssize_t n = recv(manager, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void nobody_is_told_without_a_manager(void)
{
	unsetenv("NOTIFY_SOCKET");
	CHECK_EQ(notify_open(), 0);
	notify_send("READY=1");
	CHECK_EQ(notify_alive(), -1);
}

static void a_manager_hears_of_start_and_reload(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/tmp/test_notify.%d", (int)getpid());
	manage(path);
	CHECK_EQ(notify_open(), 0);
	notify_send("READY=1\nSTATUS=%d rules", 7);
	CHECK_STR(heard(), "READY=1\nSTATUS=7 rules");
	notify_reloading();
	CHECK(!strncmp(heard(), "RELOADING=1\nMONOTONIC_USEC=", 27));
	CHECK_EQ(notify_alive(), -1);
	unlink(path);
}

static void signs_of_life_come_twice_as_often_as_asked(void)
{
	char path[64], pid[16];
	int wait;

	snprintf(path, sizeof(path), "@test_notify.%d", (int)getpid());
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	manage(path);
	setenv("WATCHDOG_USEC", "20000000", 1);
	setenv("WATCHDOG_PID", pid, 1);
	CHECK_EQ(notify_open(), 0);
	wait = notify_alive();
	CHECK(wait > 0 && wait <= 10000);
	CHECK_STR(heard(), "WATCHDOG=1");
	wait = notify_alive();
	CHECK(wait > 0 && wait <= 10000);
	CHECK_STR(heard(), "");
}

static void a_watch_over_another_process_is_not_ours(void)
{
	char path[64];

	snprintf(path, sizeof(path), "@test_notify.%d", (int)getpid());
	manage(path);
	setenv("WATCHDOG_USEC", "20000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	CHECK_EQ(notify_open(), 0);
	CHECK_EQ(notify_alive(), -1);
}

static void a_manager_that_is_gone_is_an_error(void)
{
	setenv("NOTIFY_SOCKET", "/tmp/test_notify.none", 1);
	CHECK(notify_open() < 0);
	notify_send("READY=1");
}

const struct unit_test tests_notify[] = {
	TEST(nobody_is_told_without_a_manager),
	TEST(a_manager_hears_of_start_and_reload),
	TEST(signs_of_life_come_twice_as_often_as_asked),
	TEST(a_watch_over_another_process_is_not_ours),
	TEST(a_manager_that_is_gone_is_an_error),
	{0},
};
