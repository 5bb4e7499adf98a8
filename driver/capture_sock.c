/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both ends of a socket, for the capture over /proc: the socket itself is asked
 * (pidfd_getfd, since 5.6), and the caller's address where it cannot know.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "capture_int.h"

/* Both ends of a socket as they go into a record. */
struct ends {
	struct trc_sock sock;
	char name[sizeof(((struct sockaddr_un *)0)->sun_path)];
	size_t name_len;
};

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
	struct sockaddr_storage room;
};

/* Takes an address of len bytes for one end. */
static void ends_take(struct ends *e, const union address *a, size_t len, bool local)
{
	trc_u8 *to = local ? e->sock.laddr : e->sock.raddr;
	trc_u16 *port = local ? &e->sock.lport : &e->sock.rport;

	if (a->any.sa_family == AF_INET && len >= offsetof(struct sockaddr_in, sin_zero)) {
		memcpy(to, &a->in.sin_addr, 4);
		*port = ntohs(a->in.sin_port);
	} else if (a->any.sa_family == AF_INET6 &&
		   len >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
		memcpy(to, &a->in6.sin6_addr, 16);
		*port = ntohs(a->in6.sin6_port);
	} else if (a->any.sa_family == AF_UNIX && len > offsetof(struct sockaddr_un, sun_path)) {
		size_t n = len - offsetof(struct sockaddr_un, sun_path);

		if (n > sizeof(e->name))
			n = sizeof(e->name);
		memcpy(e->name, a->un.sun_path, n);
		e->name_len = n;
		if (e->name[0])
			e->name_len = strnlen(e->name, n);
		else
			e->name[0] = '@';
	}
}

/* The caller's address at addr. Its bytes, 0 if it cannot be had. */
static size_t read_address(const struct cap *c, union address *a, trc_u64 addr, trc_u64 len)
{
	*a = (union address){0};
	if (len > sizeof(*a))
		len = sizeof(*a);
	if (!addr || len < sizeof(a->any.sa_family) ||
	    capture_read(c, addr, (char *)a, (size_t)len, false) < 0)
		return 0;
	return (size_t)len;
}

/* The caller's address at addr: its end of the call, if it is of the socket's family. */
static bool ends_given(struct cap *c, struct ends *e, trc_u64 addr, trc_u64 len)
{
	union address a;
	size_t n = read_address(c, &a, addr, len);

	if (!n)
		return false;
	if (!e->sock.family)
		e->sock.family = a.any.sa_family;
	if (e->sock.family != a.any.sa_family)
		return false;
	ends_take(e, &a, n, c->rec->hdr.type == TRC_BIND);
	return true;
}

/* An address of IPv4 as IPv6 maps it. */
static size_t map_address(union address *a)
{
	union address to = {.in6 = {.sin6_family = AF_INET6, .sin6_port = a->in.sin_port}};

	memset(&to.in6.sin6_addr.s6_addr[10], 0xff, 2);
	memcpy(&to.in6.sin6_addr.s6_addr[12], &a->in.sin_addr, 4);
	*a = to;
	return sizeof(a->in6);
}

/* The address that goes with a message: its remote end, if the socket's family takes it. */
static bool ends_peer(struct cap *c, struct ends *e, trc_u64 addr, trc_u64 len)
{
	union address a;
	size_t n = read_address(c, &a, addr, len);
	int family = trc_peer_family(e->sock.family, a.any.sa_family);

	/* One without a name has its family alone. */
	if (n <= sizeof(a.any.sa_family) || family < 0)
		return false;
	a.any.sa_family = (sa_family_t)family;
	if (family != e->sock.family) {
		if (n < offsetof(struct sockaddr_in, sin_zero))
			return false;
		n = map_address(&a);
	}
	ends_take(e, &a, n, false);
	return true;
}

/* A descriptor of our own for the thread's socket, or -1. */
static int sock_dup(const struct cap *c, int fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	int own;

	if (pidfd < 0)
		return -1;
	own = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	close(pidfd);
	return own;
}

/* What the kernel says of a socket. 1 if it has a remote end, 0 if not, -1: it is none. */
static int ends_kernel(struct ends *e, int fd)
{
	union address a;
	socklen_t len = sizeof(a), proto_len = sizeof(int);
	int proto = 0;

	if (getsockname(fd, &a.any, &len))
		return -1;
	e->sock.family = a.any.sa_family;
	ends_take(e, &a, len, true);
	if (e->sock.family != AF_UNIX &&
	    !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &proto_len))
		e->sock.proto = (trc_u16)proto;
	len = sizeof(a);
	if (getpeername(fd, &a.any, &len))
		return 0;
	ends_take(e, &a, len, false);
	return 1;
}

/* Both ends, unless they were found to be missing. */
static void put_ends(struct cap *c, int slot, const struct ends *e)
{
	if (!(c->rec->hdr.absent >> slot & 1))
		record_bytes(c->rec, slot, e, offsetof(struct ends, name) + e->name_len);
}

void cap_sock(struct cap *c, int slot, trc_s64 fd, trc_u64 uaddr, trc_u64 ulen)
{
	/* A connect that goes on in the background has its socket set up already. */
	bool failed = c->ret < 0 && c->ret != -TRC_EINPROGRESS;
	int own = failed ? -1 : sock_dup(c, (int)fd);
	struct ends e = {0};
	int peer = own < 0 ? -1 : ends_kernel(&e, own);

	if (own >= 0)
		close(own);
	/* getpeername() does not tell of a peer before it has answered. */
	if (peer < 0 || (!peer && c->rec->hdr.type == TRC_CONNECT)) {
		if (ends_given(c, &e, uaddr, (trc_u32)ulen))
			cap_gives(c, slot);
		else if (peer < 0)
			cap_lacks(c, slot);
	}
	put_ends(c, slot, &e);
}

/* An option of a socket that is a number; -1 if it cannot be had. */
static int sock_option(int fd, int name)
{
	socklen_t len = sizeof(int);
	int value = 0;

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) ? -1 : value;
}

static bool has_stream(int fd)
{
	int type = sock_option(fd, SO_TYPE);

	return type < 0 || type == SOCK_STREAM;
}

int cap_is_tcp(struct cap *c, trc_s64 fd)
{
	int own = sock_dup(c, (int)fd);
	int type = sock_option(own, SO_TYPE), domain = sock_option(own, SO_DOMAIN);

	if (own >= 0)
		close(own);
	return type == SOCK_STREAM && (domain == AF_INET || domain == AF_INET6);
}

void cap_peer(struct cap *c, int slot, trc_s64 fd, trc_u64 uaddr, trc_u32 ulen)
{
	int own = sock_dup(c, (int)fd);
	struct ends e = {0};

	if (own < 0 || ends_kernel(&e, own) < 0)
		cap_lacks(c, slot);
	else if (!has_stream(own) && ends_peer(c, &e, uaddr, ulen))
		cap_gives(c, slot);
	if (own >= 0)
		close(own);
	put_ends(c, slot, &e);
}
