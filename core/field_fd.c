/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields of the descriptor that an event speaks of. What the record itself
 * carries comes first: it is what the kernel had at that moment; the table of
 * descriptors knows the rest.
 */
#include "../driver/table.h"
#include "field_int.h"
#include "text.h"

/* ABI numbers that values depend on. */
enum {
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_ICMP6 = 58,
	PROTO_RAW = 255,
};

bool field_fd(const struct field_ctx *ctx, int64_t *fd)
{
	unsigned flags = field_flags(ctx);
	int slot = field_slot(ctx, flags & TRC_PAIR ? ARG_FD1 : ARG_FD);

	if (flags & (TRC_NEWFD | TRC_PAIR) && field_result(ctx, fd)) {
		if (*fd < 0)
			*fd = -1;
		else if (flags & TRC_PAIR)
			*fd = slot >= 0 ? event_num(ctx->ev, slot) : -1;
		return true;
	}
	if (!(flags & TRC_USEFD) || slot < 0)
		return false;
	*fd = event_num(ctx->ev, slot);
	return true;
}

bool field_sock(const struct field_ctx *ctx, struct sock_ref *r)
{
	int slot = field_slot(ctx, ARG_SOCK), type = ctx->ev->hdr->type;

	r->name = STR("");
	r->sock = slot >= 0 ? event_sock(ctx->ev, slot, &r->name) : NULL;
	r->server = !(field_flags(ctx) & TRC_OUTWARD);
	r->role_known = type == TRC_CONNECT || type == TRC_BIND || type == TRC_LISTEN ||
			type == TRC_ACCEPT || type == TRC_ACCEPT4;
	if (!r->sock && ctx->fd && ctx->fd->has_sock) {
		r->sock = &ctx->fd->sock;
		r->name = (struct str){ctx->fd->name, ctx->fd->name_len};
		r->role_known = false;
	}
	if (!r->role_known && ctx->fd) {
		r->server = ctx->fd->server;
		r->role_known = ctx->fd->role_known;
	}
	return r->sock;
}

/* What fd.* speak of. */

static struct str fd_name(struct field_ctx *ctx)
{
	unsigned flags = field_flags(ctx);
	int slot = field_slot(ctx, ARG_NAME);
	struct sock_ref r;

	if (ctx->other.p)
		return ctx->other;
	if (slot < 0 && flags & (TRC_OPENS | TRC_USEFD))
		slot = field_slot(ctx, ARG_PATH);
	if (slot >= 0 && flags & (TRC_OPENS | TRC_USEFD | TRC_MARK))
		return field_arg_text(ctx, slot);
	if (field_sock(ctx, &r))
		return field_text(ctx, TEXT_SOCK);
	if (ctx->fd && ctx->fd->name_len)
		return (struct str){ctx->fd->name, ctx->fd->name_len};
	/* A socket without address has a name, and it is empty; any other is not known. */
	if (ctx->fd &&
	    (ctx->fd->kind == FD_SOCKET || ctx->fd->kind == FD_IPV4 || ctx->fd->kind == FD_IPV6))
		return STR("");
	return MISSING;
}

/* An IPv6 socket that speaks with an IPv4 address is an IPv4 socket. */
static enum fd_kind sock_kind(const struct trc_sock *sock)
{
	uint8_t ip[16];

	switch (sock->family) {
	case TRC_SOCK_UNIX:
		return FD_UNIX;
	case TRC_SOCK_INET:
		return FD_IPV4;
	case TRC_SOCK_INET6:
		return text_sock_ip(sock, true, ip) == 4 ? FD_IPV4 : FD_IPV6;
	default:
		return FD_SOCKET;
	}
}

/* What a call makes, where no argument says so. */
static enum fd_kind made_kind(enum trc_type type)
{
	switch (type) {
	case TRC_ACCEPT:
	case TRC_ACCEPT4:
		return FD_IPV4; /* with Falco: whatever it was to be */
	case TRC_PIPE:
	case TRC_PIPE2:
		return FD_PIPE;
	case TRC_MEMFD_CREATE:
		return FD_MEMFD;
	case TRC_USERFAULTFD:
		return FD_USERFAULT;
	case TRC_IO_URING_SETUP:
		return FD_IO_URING;
	case TRC_PIDFD_OPEN:
		return FD_PIDFD;
	default:
		return FD_UNKNOWN;
	}
}

static enum fd_kind fd_kind(const struct field_ctx *ctx)
{
	int flags = field_slot(ctx, ARG_FLAGS), domain = field_slot(ctx, ARG_DOMAIN);
	struct sock_ref r;
	int64_t fd;

	if (field_flags(ctx) & TRC_MARK)
		return FD_FILE;
	if (field_flags(ctx) & TRC_OPENS)
		return flags >= 0 && trc_of_directory((trc_u64)event_num(ctx->ev, flags)) &&
				       field_fd(ctx, &fd) && fd >= 0 ?
			       FD_DIR :
			       FD_FILE;
	if (field_sock(ctx, &r))
		return sock_kind(r.sock);
	if (domain >= 0)
		return sock_kind(&(struct trc_sock){.family = (trc_u16)event_num(ctx->ev, domain)});
	return ctx->fd ? (enum fd_kind)ctx->fd->kind : made_kind(ctx->ev->hdr->type);
}

/* The letters of fd.typechar and the words of fd.type; those without a word have none. */
static const struct {
	enum fd_kind kind;
	const char *letter, *word;
} kinds[] = {
	{FD_FILE, "f", "file"},
	{FD_DIR, "d", "directory"},
	{FD_IPV4, "4", "ipv4"},
	{FD_IPV6, "6", "ipv6"},
	{FD_UNIX, "u", "unix"},
	{FD_SOCKET, "o", NULL},
	{FD_PIPE, "p", "pipe"},
	{FD_EVENT, "e", "event"},
	{FD_SIGNAL, "s", "signalfd"},
	{FD_EPOLL, "l", "eventpoll"},
	{FD_INOTIFY, "i", "inotify"},
	{FD_TIMER, "t", "timerfd"},
	{FD_MEMFD, "m", "memfd"},
	{FD_BPF, "b", "bpf"},
	{FD_IO_URING, "r", "io_uring"},
	{FD_PIDFD, "P", "pidfd"},
	{FD_USERFAULT, "u", "userfaultfd"},
};

static struct str kind_text(enum fd_kind kind, bool word)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].kind == kind && (!word || kinds[i].word))
			return str_of(word ? kinds[i].word : kinds[i].letter);
	return MISSING;
}

/* A descriptor that could not be made has no type, but the letter of what was to be made. */
static struct str fd_type(const struct field_ctx *ctx)
{
	int64_t fd;

	if (!field_fd(ctx, &fd) || fd < 0)
		return MISSING;
	return kind_text(fd_kind(ctx), true);
}

/* The path of a file, and its last slash; NULL if it is none. */
static const char *last_slash(struct field_ctx *ctx, struct str *name)
{
	*name = fd_kind(ctx) == FD_FILE ? fd_name(ctx) : MISSING;
	return name->n ? memrchr(name->p, '/', name->n) : NULL;
}

/* A directory that is open is its own fd.directory. */
static struct str fd_directory(struct field_ctx *ctx)
{
	struct str name;
	const char *slash = last_slash(ctx, &name);

	if (fd_kind(ctx) == FD_DIR)
		return fd_name(ctx);
	if (!slash)
		return MISSING;
	return (struct str){name.p, slash == name.p ? 1 : (uint32_t)(slash - name.p)};
}

static struct str fd_file(struct field_ctx *ctx)
{
	struct str name;
	const char *slash = last_slash(ctx, &name);

	return slash ? (struct str){slash + 1, name.n - (uint32_t)(slash + 1 - name.p)} : MISSING;
}

static struct str l4proto(const struct field_ctx *ctx)
{
	struct sock_ref r;

	if (!field_sock(ctx, &r) ||
	    (r.sock->family != TRC_SOCK_INET && r.sock->family != TRC_SOCK_INET6))
		return MISSING;
	switch (r.sock->proto) {
	case PROTO_TCP:
		return STR("tcp");
	case PROTO_UDP:
		return STR("udp");
	case PROTO_ICMP:
	case PROTO_ICMP6:
		return STR("icmp");
	case PROTO_RAW:
		return STR("raw");
	default:
		return MISSING;
	}
}

static struct str sockfamily(const struct field_ctx *ctx)
{
	switch (fd_kind(ctx)) {
	case FD_IPV4:
	case FD_IPV6:
		return STR("ip");
	case FD_UNIX:
		return STR("unix");
	default:
		return MISSING;
	}
}

static struct str fd_str(struct field_ctx *ctx, int which)
{
	switch (which) {
	case S_FD_NAME:
		return fd_name(ctx);
	case S_FD_RAW:
		return field_own_arg(ctx, ARG_NAMERAW);
	case S_FD_GIVEN:
		return field_given(ctx);
	case S_FD_TYPE:
		return fd_type(ctx);
	case S_FD_LETTER:
		return kind_text(fd_kind(ctx), false);
	case S_FD_DIRECTORY:
		return fd_directory(ctx);
	case S_FD_FILE:
		return fd_file(ctx);
	case S_L4PROTO:
		return l4proto(ctx);
	default:
		return sockfamily(ctx);
	}
}

int field_get_fd(struct field_ctx *ctx, int which, struct value *out)
{
	return put_str(out, fd_str(ctx, which));
}

int field_get_fd_int(struct field_ctx *ctx, int which, struct value *out)
{
	int slot = field_slot(ctx, which == N_FD_DEV ? ARG_DEV : ARG_INO);
	int64_t v;

	if (!field_fd(ctx, &v) || (which != N_FD && slot < 0))
		return 0;
	if (which != N_FD)
		v = event_num(ctx->ev, slot);
	return put_int(out, which == N_FD_DEV ? text_dev((uint64_t)v) : v);
}

/* A connect that succeeded, or goes on in the background. */
static bool connects(const struct field_ctx *ctx)
{
	int64_t result;

	return ctx->ev->hdr->type == TRC_CONNECT && field_result(ctx, &result) &&
	       (result >= 0 || result == -TRC_EINPROGRESS);
}

/* Has the event other ends than the descriptor had until now? The table keeps those. */
static bool is_renamed(const struct field_ctx *ctx)
{
	int slot = field_slot(ctx, ARG_SOCK);
	struct str name;
	const struct trc_sock *sock = slot >= 0 ? event_sock(ctx->ev, slot, &name) : NULL;

	if (!sock || field_slot(ctx, ARG_DATA) < 0)
		return connects(ctx);
	return !ctx->fd || !ctx->fd->has_sock || memcmp(sock, &ctx->fd->sock, sizeof(*sock)) != 0;
}

int field_get_fd_is(struct field_ctx *ctx, int which, struct value *out)
{
	enum fd_kind kind = fd_kind(ctx);
	struct sock_ref r;
	int64_t fd;

	switch (which) {
	case IS_SERVER:
		return field_sock(ctx, &r) && r.role_known ? put_bool(out, r.server) : 0;
	case IS_RENAMED:
		return field_fd(ctx, &fd) ? put_bool(out, is_renamed(ctx)) : 0;
	default:
		if (kind != FD_IPV4 && kind != FD_IPV6 && kind != FD_UNIX && kind != FD_SOCKET)
			return 0;
		return put_bool(out, ctx->fd ? ctx->fd->connected : connects(ctx));
	}
}

/* Ends of a socket, of which the remote one is the server's or the local one is. */

static bool end_is(int which, bool remote, const struct sock_ref *r)
{
	switch (which) {
	case END_LOCAL:
		return !remote;
	case END_REMOTE:
		return remote;
	case END_SERVER:
		return r->role_known && remote != r->server;
	case END_CLIENT:
		return r->role_known && remote == r->server;
	default:
		return true;
	}
}

int field_get_ip(struct field_ctx *ctx, int which, struct value *out)
{
	struct sock_ref r;
	int n = 0;

	if (!field_sock(ctx, &r))
		return 0;
	for (int remote = 0; remote < 2; remote++) {
		if (!end_is(which, remote, &r))
			continue;
		out[n].type = VAL_IP;
		out[n].ip.family = (uint8_t)text_sock_ip(r.sock, remote, out[n].ip.addr);
		n += out[n].ip.family != 0;
	}
	return n;
}

int field_get_host(struct field_ctx *ctx, int which, struct value *out)
{
	int n = field_get_ip(ctx, which, out);

	for (int i = 0; i < n; i++)
		out[i].type = VAL_HOST;
	return n;
}

int field_get_port(struct field_ctx *ctx, int which, struct value *out)
{
	struct sock_ref r;
	uint8_t ip[16];
	int n = 0;

	if (!field_sock(ctx, &r))
		return 0;
	for (int remote = 0; remote < 2; remote++)
		if (end_is(which, remote, &r) && text_sock_ip(r.sock, remote, ip))
			out[n++] = (struct value){.type = VAL_PORT,
						  .i = remote ? r.sock->rport : r.sock->lport};
	return n;
}
