/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments of events as text: flags, modes, requests by their names, as Falco writes them. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include "decode.h"

/* Text that is put together piece by piece in somebody's buffer, without a NUL. */
struct text_buf {
	char *p;
	size_t n; /* bytes written */
	size_t size;
	bool cut; /* something did not fit */
};

/* Adds s, or as much of it as fits. */
void text_put(struct text_buf *b, struct str s);

/* Adds a number, "%PRId64" or the like; at most 31 bytes. */
void text_putf(struct text_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds strings that each end with a NUL (the last may not), separated by blanks. */
void text_join(struct text_buf *b, struct str strings);

/* Adds the names of a set of capabilities, separated by blanks; what has none is left out. */
void text_put_caps(struct text_buf *b, uint64_t caps);

/*
 * Writes argument n of an event as text into buf (size bytes, no NUL) and
 * returns the length; 0 also if it is absent. Flags read A|B, an unknown rest
 * as 0x..; a result SUCCESS or the errno's name; a socket as fd.name has it.
 */
size_t text_arg(const struct event *ev, int n, char *buf, size_t size);

/*
 * The number that a text stands for in an argument of that type: decimal, 0x.., 0.. (octal),
 * names as text_arg() writes them, joined by |, and ENOENT for the result -2. False if none does.
 */
bool text_number(enum trc_argtype type, struct str s, int64_t *number);

/* "ENOENT" for 2; NULL if there is no such number. */
const char *text_errno(int64_t number);

/*
 * Both ends of a socket: "10.0.0.1:4711->10.0.0.2:80", "[::1]:1->[::1]:2", a Unix socket's name
 * ("@x" for an abstract one). server says that the local end is the server's:
 * then the remote end is written first: the client comes first, as in Falco.
 * An end without address and port is left out. Returns the length.
 */
size_t text_sock(const struct trc_sock *sock, struct str name, bool server, char *buf, size_t size);

/*
 * Address of one end of a socket: returns 4 or 6, 0 if the end has neither
 * address nor port. An IPv4 address mapped into IPv6 (RFC 4291, 2.5.5.2) is
 * the IPv4 address that it stands for.
 */
int text_sock_ip(const struct trc_sock *sock, bool remote, uint8_t ip[static 16]);

/* Address without port; family is 4 or 6. Returns the length. */
size_t text_addr(const uint8_t addr[16], int family, char *buf, size_t size);

/* The number that user space knows a device (major << 20 | minor) by. */
uint32_t text_dev(uint64_t dev);

/*
 * Cleans a path that is the caller's text: "//", "/./", "/x/../" and a slash at the end go, as
 * far as text can tell. buf may be s.p. Returns the length, at most s.n.
 */
size_t text_clean_path(struct str s, char *buf);

/* text_clean_path() of what was put into b from start on, in place. */
void text_clean(struct text_buf *b, size_t start);

#endif
