/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acts by io_uring(7) and the same by calls, in the working directory: `rings`. Each way is a
 * process of its own, whose names begin with the way's. Prints a line an act: WAY ACT PID RESULT.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../ring.h"

static char names[3][64];

static const char *named(int i, const char *way, const char *act)
{
	snprintf(names[i], sizeof(names[i]), "%s-%s", way, act);
	return names[i];
}

#define P(i, act) .addr = (uintptr_t)named(i, way, act)
#define P2(i, act) .addr2 = (uintptr_t)named(i, way, act)
#define CWD .fd = AT_FDCWD

/* Newer than some headers. */
#define OP_BIND 56
#define OP_LISTEN 57

static struct sockaddr_in to = {.sin_family = AF_INET};
static struct ring ring;
static uint8_t sqe_flags;
static const char *way;

static void told(const char *act, int res)
{
	printf("%s %s %d %d\n", way, act, getpid(), res);
}

/* Of the last act. */
static int result;

static void by_ring(const char *act, struct io_uring_sqe sqe)
{
	sqe.flags = sqe_flags;
	result = ring_do(&ring, sqe);
	told(act, result);
}

/* A server on another port of the way's own, and a socket of a kind that nothing else here is. */
static void sockets(void)
{
	int client = socket(AF_INET, SOCK_STREAM, 0), server = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_port = htons(ntohs(to.sin_port) + 10);
	by_ring("socket", (struct io_uring_sqe){.opcode = IORING_OP_SOCKET,
						.fd = AF_UNIX,
						.off = SOCK_SEQPACKET});
	by_ring("bind", (struct io_uring_sqe){.opcode = OP_BIND,
					      .fd = server,
					      .addr = (uintptr_t)&to,
					      .addr2 = sizeof(to)});
	if (result)
		bind(server, (struct sockaddr *)&to, sizeof(to));
	by_ring("listen", (struct io_uring_sqe){.opcode = OP_LISTEN, .fd = server, .len = 5});
	if (result)
		listen(server, 5);
	connect(client, (struct sockaddr *)&to, sizeof(to));
	by_ring("accept", (struct io_uring_sqe){.opcode = IORING_OP_ACCEPT, .fd = server});
}

/* To a port that nobody has; what is sent is the act's name. */
static void sends(int s)
{
	struct iovec part = {(char *)named(0, way, "sendmsg"), strlen(names[0])};
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &part, .msg_iovlen = 1};
	const char *words = named(1, way, "send");
	int other = socket(AF_INET, SOCK_DGRAM, 0);

	if (strcmp(way, "call")) {
		by_ring("send", (struct io_uring_sqe){.opcode = IORING_OP_SEND,
						      .fd = s,
						      .addr = (uintptr_t)words,
						      .len = (uint32_t)strlen(words)});
		by_ring("sendmsg", (struct io_uring_sqe){.opcode = IORING_OP_SENDMSG,
							 .fd = other,
							 .addr = (uintptr_t)&m});
	} else {
		told("send", (int)send(s, words, strlen(words), 0));
		told("sendmsg", (int)sendmsg(other, &m, 0));
	}
}

static void acts(void)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	by_ring("open", (struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
					      CWD,
					      P(0, "open"),
					      .open_flags = O_CREAT | O_WRONLY,
					      .len = 0600});
	by_ring("rename", (struct io_uring_sqe){.opcode = IORING_OP_RENAMEAT,
						CWD,
						P(0, "open"),
						.len = (uint32_t)AT_FDCWD,
						P2(1, "rename")});
	by_ring("link", (struct io_uring_sqe){.opcode = IORING_OP_LINKAT,
					      CWD,
					      P(0, "rename"),
					      .len = (uint32_t)AT_FDCWD,
					      P2(1, "link")});
	by_ring("unlink", (struct io_uring_sqe){.opcode = IORING_OP_UNLINKAT, CWD, P(0, "link")});
	by_ring("symlink", (struct io_uring_sqe){.opcode = IORING_OP_SYMLINKAT,
						 CWD,
						 .addr = (uintptr_t) "there",
						 P2(1, "symlink")});
	by_ring("mkdir", (struct io_uring_sqe){
				 .opcode = IORING_OP_MKDIRAT, CWD, P(0, "mkdir"), .len = 0700});
	by_ring("rmdir", (struct io_uring_sqe){.opcode = IORING_OP_UNLINKAT,
					       CWD,
					       P(0, "mkdir"),
					       .unlink_flags = AT_REMOVEDIR});
	by_ring("connect", (struct io_uring_sqe){.opcode = IORING_OP_CONNECT,
						 .fd = s,
						 .addr = (uintptr_t)&to,
						 .off = sizeof(to)});
	sends(s);
	sockets();
}

static void calls(void)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	told("open", open(named(0, way, "open"), O_CREAT | O_WRONLY, 0600));
	told("rename", rename(named(0, way, "open"), named(1, way, "rename")));
	told("link", link(named(0, way, "rename"), named(1, way, "link")));
	told("unlink", unlink(named(0, way, "link")));
	told("symlink", symlink("there", named(1, way, "symlink")));
	told("mkdir", mkdir(named(0, way, "mkdir"), 0700));
	told("rmdir", rmdir(named(0, way, "mkdir")));
	told("connect", connect(s, (struct sockaddr *)&to, sizeof(to)));
	sends(s);
	told("socket", socket(AF_UNIX, SOCK_SEQPACKET, 0));
	s = socket(AF_INET, SOCK_STREAM, 0);
	to.sin_port = htons(ntohs(to.sin_port) + 10);
	told("bind", bind(s, (struct sockaddr *)&to, sizeof(to)));
	told("listen", listen(s, 5));
	connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof(to));
	told("accept", accept(s, NULL, NULL));
}

/* port: each way's own, by which its connect is known. */
static void in_way(const char *name, uint32_t setup, uint8_t flags, in_port_t port)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid) {
		waitpid(pid, NULL, 0);
		return;
	}
	way = name;
	sqe_flags = flags;
	to.sin_port = htons(port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!strcmp(name, "call"))
		calls();
	else if (ring_make(&ring, setup))
		told("ring", -1);
	else
		acts();
	fflush(stdout);
	_exit(0);
}

int main(void)
{
	in_way("inline", 0, 0, 7001);
	in_way("worker", 0, IOSQE_ASYNC, 7002);
	in_way("sqpoll", IORING_SETUP_SQPOLL, 0, 7003);
	in_way("call", 0, 0, 7004);
	return 0;
}
