/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * feed-client SOCKET SOURCE: delivers messages from standard input to a running tiercel, as the
 * source that its sensor.ini calls so ([feed], sources). An empty line ends a message:
 *
 *	declare door KEY KEY...		what an event called door may tell
 *
 *	event door
 *	KEY=VALUE			the value is all that follows, to the end of the line
 *
 * A program that delivers events itself does what main() does here. cc -o feed-client feed-client.c
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Sends a message, and shows what the sensor says to it: it answers what is wrong, in a line. */
static int deliver(int fd, const char *message, size_t n)
{
	char answer[256];
	ssize_t got;

	if (send(fd, message, n, MSG_NOSIGNAL) < 0) {
		perror("feed-client");
		return -1;
	}
	/* The answer to an earlier message may come with a later one, or at the end. */
	while ((got = recv(fd, answer, sizeof(answer), MSG_DONTWAIT)) > 0)
		fwrite(answer, 1, (size_t)got, stderr);
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char message[4096], line[4096];
	size_t n = 0;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	if (argc != 3 || strlen(argv[1]) >= sizeof(address.sun_path)) {
		fputs("usage: feed-client SOCKET SOURCE\n", stderr);
		return 2;
	}
	strcpy(address.sun_path, argv[1]);
	if (fd < 0 || connect(fd, (void *)&address, sizeof(address))) {
		perror(argv[1]);
		return 1;
	}
	snprintf(message, sizeof(message), "source %s", argv[2]);
	if (deliver(fd, message, strlen(message)))
		return 1;
	while (fgets(line, sizeof(line), stdin)) {
		size_t more = strlen(line);

		if (more > 1 && n + more <= sizeof(message)) {
			memcpy(message + n, line, more);
			n += more;
		} else if (more == 1 && n) {
			if (deliver(fd, message, n))
				return 1;
			n = 0;
		}
	}
	return n && deliver(fd, message, n) ? 1 : 0;
}
