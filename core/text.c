/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments of events as text: see text.h. Names come from names.def; which
 * set of them an argument uses is decided by its type in the event table.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../driver/table.h"
#include "addr.h"
#include "text.h"

/* A number has this name if its bits under the mask are the value. */
struct name {
	uint32_t mask, value;
	const char *text;
};

#define SET(set) static const struct name names_##set[] = {
#define FLAG(bits, name) {bits, bits, #name}, /* each by itself: some names are macros of libc */
#define PART(mask, value, name) {mask, value, #name},
#define ENUM(value, name) {0xffffffffu, value, #name},
#define END                                                                                        \
	{                                                                                          \
		0, 0, NULL                                                                         \
	}                                                                                          \
	}                                                                                          \
	;
#include "names.def"

static const char *const errnos[] = {
#define ERRNO(value, name) [value] = #name,
#include "names.def"
};

/* ABI numbers that the text depends on. */
enum {
	ERRNO_END = 4096, /* results below the negative of it are addresses, not errors */
	O_MAKES = 0100,	  /* O_CREAT */
	CLONE_SIGNAL = 0xff,
};
#define MOUNT_MAGIC 0xc0ed0000u /* old programs set it, and the kernel ignores it */
#define MOUNT_MAGIC_MASK 0xffff0000u

void text_put(struct text_buf *b, struct str s)
{
	size_t n = s.n;

	if (n > b->size - b->n) {
		n = b->size - b->n;
		b->cut = true;
	}
	if (n)
		memcpy(b->p + b->n, s.p, n);
	b->n += n;
}

void text_putf(struct text_buf *b, const char *fmt, ...)
{
	char s[32];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	text_put(b, (struct str){s, n < (int)sizeof(s) ? (uint32_t)n : (uint32_t)sizeof(s) - 1});
}

void text_join(struct text_buf *b, struct str strings)
{
	size_t start = b->n;

	if (strings.n && !strings.p[strings.n - 1])
		strings.n--;
	text_put(b, strings);
	for (char *p = b->p + start; (p = memchr(p, '\0', (size_t)(b->p + b->n - p)));)
		*p = ' ';
}

const char *text_errno(int64_t number)
{
	if (number < 0 || number >= (int64_t)(sizeof(errnos) / sizeof(errnos[0])))
		return NULL;
	return errnos[number];
}

/* "A|B|0x40": the names whose bits are set, and the rest; "0" for none. */
static void put_flags(struct text_buf *b, const struct name *names, uint64_t v)
{
	uint64_t rest = v;
	const char *bar = "";

	for (; names->text; names++) {
		if ((v & names->mask) != names->value)
			continue;
		text_put(b, str_of(bar));
		text_put(b, str_of(names->text));
		rest &= ~(uint64_t)names->mask;
		bar = "|";
	}
	if (rest)
		text_putf(b, "%s0x%" PRIx64, bar, rest);
	else if (!*bar)
		text_put(b, STR("0"));
}

static void put_enum(struct text_buf *b, const struct name *names, uint64_t v)
{
	for (; names->text; names++)
		if (names->value == v) {
			text_put(b, str_of(names->text));
			return;
		}
	text_putf(b, "%" PRId64, (int64_t)v);
}

void text_put_caps(struct text_buf *b, uint64_t caps)
{
	size_t start = b->n;

	for (const struct name *cap = names_CAP; cap->text; cap++) {
		if (!(caps >> cap->value & 1))
			continue;
		if (b->n > start)
			text_put(b, STR(" "));
		text_put(b, str_of(cap->text));
	}
}

/* What a call returned: how it went, not what. */
static void put_result(struct text_buf *b, int64_t v)
{
	const char *name = v >= 0 ? "SUCCESS" : v > -ERRNO_END ? text_errno(-v) : NULL;

	if (name)
		text_put(b, str_of(name));
	else
		text_putf(b, "%" PRId64, v);
}

/* A descriptor or a process. Argument 0 is what the call returned: an error, if negative. */
static void put_fd(struct text_buf *b, enum trc_argtype type, int n, int64_t v)
{
	if (n == 0 && v < 0)
		put_result(b, v);
	else if (type == TRC_T_FD && v == TRC_AT_FDCWD)
		text_put(b, STR("AT_FDCWD"));
	else if (type == TRC_T_FD && v == TRC_FD_SOME)
		text_put(b, STR("SOME"));
	else
		text_putf(b, "%" PRId64, v);
}

/*
 * Falco writes the bits by name where they are changed or a node is made, in
 * octal where a file is opened, and in hexadecimal where a directory is made. A mode that the
 * open does not use is whatever the register held: it reads 0.
 */
static void put_mode(struct text_buf *b, const struct event *ev, uint32_t mode)
{
	enum trc_type type = ev->hdr->type;

	if (event_table[type].flags & TRC_OPENS) {
		int flags = event_arg_slot(type, "flags");

		if (flags >= 0 && !(event_num(ev, flags) & (O_MAKES | TRC_O_TMPFILE)))
			mode = 0;
		if (mode) /* most opens make no file */
			text_putf(b, "%#" PRIo32, mode);
		else
			text_put(b, STR("0"));
	} else if (type == TRC_MKDIR || type == TRC_MKDIRAT) {
		text_putf(b, "%" PRIX32, mode);
	} else {
		bool node = type == TRC_MKNOD || type == TRC_MKNODAT;

		put_flags(b, names_MODE, mode & (node ? 0177777 : 07777));
	}
}

static void put_path(struct text_buf *b, const struct event *ev, int n)
{
	size_t start = b->n;

	text_put(b, event_str(ev, n));
	if (ev->hdr->given >> n & 1)
		text_clean(b, start);
}

static void put_sock(struct text_buf *b, const struct event *ev, int n)
{
	struct str name;
	const struct trc_sock *sock = event_sock(ev, n, &name);

	if (sock)
		b->n += text_sock(sock, name, !(event_table[ev->hdr->type].flags & TRC_OUTWARD),
				  b->p + b->n, b->size - b->n);
}

static void put_number(struct text_buf *b, const struct event *ev, int n, enum trc_argtype type)
{
	int64_t v = event_num(ev, n);

	switch (type) {
	case TRC_T_RES:
		put_result(b, v);
		break;
	case TRC_T_FD:
	case TRC_T_PID:
		put_fd(b, type, n, v);
		break;
	case TRC_T_MODE:
		put_mode(b, ev, (uint32_t)v);
		break;
	case TRC_T_DEV:
		text_putf(b, "%" PRIX32, text_dev((uint64_t)v));
		break;
	case TRC_T_TTY:
		text_putf(b, "%" PRIu32, text_dev((uint64_t)v));
		break;
	case TRC_T_HEX:
		text_putf(b, "%" PRIX64, (uint64_t)v);
		break;
	default:
		text_putf(b, argtype_kind[type] == TRC_S32 ? "%" PRId64 : "%" PRIu64, v);
	}
}

/* Types whose numbers have names. */
static const struct set {
	const struct name *names;
	void (*put)(struct text_buf *b, const struct name *names, uint64_t v);
} sets[TRC_NARGTYPE] = {
	[TRC_T_OFLAGS] = {names_OPEN, put_flags},
	[TRC_T_ATFLAGS] = {names_AT, put_flags},
	[TRC_T_CLONEFLAGS] = {names_CLONE, put_flags},
	[TRC_T_MOUNTFLAGS] = {names_MOUNT, put_flags},
	[TRC_T_RENAMEFLAGS] = {names_RENAME, put_flags},
	[TRC_T_MEMFDFLAGS] = {names_MEMFD, put_flags},
	[TRC_T_UMOUNTFLAGS] = {names_UMOUNT, put_flags},
	[TRC_T_PROT] = {names_PROT, put_flags},
	[TRC_T_EXEFLAGS] = {names_EXE, put_flags},
	[TRC_T_SIGNAL] = {names_SIGNAL, put_enum},
	[TRC_T_SHUTHOW] = {names_SHUT, put_enum},
	[TRC_T_PRCTLOPT] = {names_PRCTL, put_enum},
	[TRC_T_FCNTLCMD] = {names_FCNTL, put_enum},
	[TRC_T_REBOOTCMD] = {names_REBOOT, put_enum},
	[TRC_T_DOMAIN] = {names_DOMAIN, put_enum},
	[TRC_T_PTRACEREQ] = {names_PTRACE, put_enum},
	[TRC_T_BPFCMD] = {names_BPF, put_enum},
};

/* Flags without what the call has no flag for. */
static uint64_t only_flags(const struct event *ev, enum trc_argtype type, uint64_t v)
{
	/* The lowest byte of clone's flags is the signal that its end sends. */
	if (type == TRC_T_CLONEFLAGS && ev->hdr->type == TRC_CLONE)
		return v & ~(uint64_t)CLONE_SIGNAL;
	if (type == TRC_T_MOUNTFLAGS && (v & MOUNT_MAGIC_MASK) == MOUNT_MAGIC)
		return v & ~(uint64_t)MOUNT_MAGIC_MASK;
	return v;
}

static void put_names(struct text_buf *b, const struct event *ev, int n, enum trc_argtype type)
{
	const struct set *set = &sets[type];

	if (set->put)
		set->put(b, set->names, only_flags(ev, type, (uint64_t)event_num(ev, n)));
	else
		put_number(b, ev, n, type);
}

size_t text_arg(const struct event *ev, int n, char *buf, size_t size)
{
	struct text_buf b = {buf, 0, size, false};
	enum trc_argtype type;

	if (!event_has(ev, n))
		return 0;
	type = event_table[ev->hdr->type].args[n].type;
	switch (type) {
	case TRC_T_STR:
	case TRC_T_DATA:
		text_put(&b, event_str(ev, n));
		break;
	case TRC_T_PATH:
		put_path(&b, ev, n);
		break;
	case TRC_T_ARGV:
		text_join(&b, event_str(ev, n));
		break;
	case TRC_T_SOCK:
		put_sock(&b, ev, n);
		break;
	default:
		put_names(&b, ev, n, type);
	}
	return b.n;
}

/* A result by its name: SUCCESS, or an error. */
static bool result_of(struct str s, int64_t *number)
{
	*number = 0;
	if (str_eq(s, STR("SUCCESS")))
		return true;
	for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		if (errnos[i] && str_eq(s, str_of(errnos[i]))) {
			*number = -(int64_t)i;
			return true;
		}
	return false;
}

static bool named(const struct name *names, struct str s, int64_t *number)
{
	for (; names && names->text; names++)
		if (str_eq(s, str_of(names->text))) {
			*number = names->value;
			return true;
		}
	return false;
}

/* The other way round from text_dev(). */
static uint64_t kernel_dev(uint32_t dev)
{
	return (uint64_t)(dev >> 8 & 0xfff) << 20 | (dev & 0xff) | (dev >> 12 & 0xfff00);
}

/* One of the parts that | joins. */
static bool part_of(enum trc_argtype type, struct str s, int64_t *number)
{
	char digits[24], *end;

	if (type == TRC_T_CAPS && named(names_CAP, s, number)) {
		*number = (int64_t)(1ull << *number);
		return true;
	}
	if (named(type == TRC_T_MODE ? names_MODE : sets[type].names, s, number))
		return true;
	if (type == TRC_T_FD && str_eq(s, STR("AT_FDCWD"))) {
		*number = TRC_AT_FDCWD;
		return true;
	}
	if ((type == TRC_T_RES || type == TRC_T_FD || type == TRC_T_PID) && result_of(s, number))
		return true;
	if (!s.n || s.n >= sizeof(digits) || !strchr("-0123456789", *s.p))
		return false;
	memcpy(digits, s.p, s.n);
	digits[s.n] = '\0';
	errno = 0;
	*number = *s.p == '-' ? strtoll(digits, &end, 0) : (int64_t)strtoull(digits, &end, 0);
	if (type == TRC_T_TTY)
		*number = (int64_t)kernel_dev((uint32_t)*number);
	return !*end && !errno;
}

bool text_number(enum trc_argtype type, struct str s, int64_t *number)
{
	*number = 0;
	for (;;) {
		const char *bar = memchr(s.p, '|', s.n);
		struct str part = {s.p, bar ? (uint32_t)(bar - s.p) : s.n};
		int64_t v;

		if (!part_of(type, part, &v))
			return false;
		*number |= v;
		if (!bar)
			return true;
		s = (struct str){bar + 1, s.n - part.n - 1};
	}
}

int text_sock_ip(const struct trc_sock *sock, bool remote, uint8_t ip[static 16])
{
	static const uint8_t none[16];
	const uint8_t *addr = remote ? sock->raddr : sock->laddr;
	size_t n = sock->family == TRC_SOCK_INET ? 4 : 16;

	if (sock->family != TRC_SOCK_INET && sock->family != TRC_SOCK_INET6)
		return 0;
	if (!memcmp(addr, none, n) && !(remote ? sock->rport : sock->lport))
		return 0;
	memset(ip, 0, 16);
	if (n == 16 && !addr_maps(addr)) {
		memcpy(ip, addr, 16);
		return 6;
	}
	memcpy(ip, addr + n - 4, 4);
	return 4;
}

size_t text_addr(const uint8_t addr[16], int family, char *buf, size_t size)
{
	char s[INET6_ADDRSTRLEN];
	struct text_buf b = {buf, 0, size, false};

	inet_ntop(family == 4 ? AF_INET : AF_INET6, addr, s, sizeof(s));
	text_put(&b, str_of(s));
	return b.n;
}

/* "10.0.0.1:80" or "[::1]:80"; false if there is no such end. */
static bool put_end(struct text_buf *b, const struct trc_sock *sock, bool remote)
{
	uint8_t ip[16];
	char s[INET6_ADDRSTRLEN];
	int family = text_sock_ip(sock, remote, ip);
	size_t n;

	if (!family)
		return false;
	n = text_addr(ip, family, s, sizeof(s));
	if (family == 6)
		text_put(b, STR("["));
	text_put(b, (struct str){s, (uint32_t)n});
	if (family == 6)
		text_put(b, STR("]"));
	text_putf(b, ":%u", (unsigned)(remote ? sock->rport : sock->lport));
	return true;
}

/* A name that starts with a NUL is abstract, NULs and all; others end at their first (unix(7)). */
static void put_unix(struct text_buf *b, struct str name)
{
	if (!name.n)
		return;
	if (name.p[0]) {
		text_put(b, (struct str){name.p, (uint32_t)strnlen(name.p, name.n)});
	} else {
		text_put(b, STR("@"));
		text_put(b, (struct str){name.p + 1, name.n - 1});
	}
}

size_t text_sock(const struct trc_sock *sock, struct str name, bool server, char *buf, size_t size)
{
	struct text_buf b = {buf, 0, size, false};
	uint8_t ip[16];

	if (sock->family == TRC_SOCK_UNIX)
		put_unix(&b, name);
	else if (put_end(&b, sock, server) && text_sock_ip(sock, !server, ip))
		text_put(&b, STR("->"));
	if (sock->family != TRC_SOCK_UNIX)
		put_end(&b, sock, !server);
	return b.n;
}

/* new_encode_dev() of the kernel: 8 bits of minor, 12 of major, 12 more of minor. */
uint32_t text_dev(uint64_t dev)
{
	uint32_t major = (uint32_t)(dev >> 20), minor = (uint32_t)dev & 0xfffff;

	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

/* Length of what is left of n bytes of cleaned path after "..": not less than floor. */
static size_t parent_of(const char *buf, size_t n, size_t floor)
{
	while (n > floor && buf[n - 1] != '/')
		n--;
	return n > floor ? n - 1 : n;
}

size_t text_clean_path(struct str s, char *buf)
{
	bool root = s.n && s.p[0] == '/';
	size_t n = root, floor = root; /* bytes that ".." cannot take away: "/", or "../.." */
	uint32_t i = root;

	if (root)
		buf[0] = '/';
	while (i < s.n) {
		const char *part = s.p + i, *end = memchr(part, '/', s.n - i);
		size_t len = end ? (size_t)(end - part) : s.n - i;
		bool up = len == 2 && part[0] == '.' && part[1] == '.';

		i += (uint32_t)len + 1;
		if (!len || (len == 1 && part[0] == '.') || (up && root && n == floor))
			continue;
		if (up && n > floor) {
			n = parent_of(buf, n, floor);
			continue;
		}
		if (n && buf[n - 1] != '/')
			buf[n++] = '/';
		memmove(buf + n, part, len);
		n += len;
		if (up)
			floor = n;
	}
	if (!n && s.n)
		buf[n++] = '.';
	return n;
}

void text_clean(struct text_buf *b, size_t start)
{
	b->n = start +
	       text_clean_path((struct str){b->p + start, (uint32_t)(b->n - start)}, b->p + start);
}
