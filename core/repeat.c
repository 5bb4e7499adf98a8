/* SPDX-License-Identifier: BSD-2-Clause */
/* Acts that were told: see repeat.h. */
#include "repeat.h"

#include <errno.h>

#include "../driver/table.h"
#include "siphash.h"

#define NS_PER_S UINT64_C(1000000000)

size_t repeats_size(uint32_t size)
{
	return size * sizeof(struct repeat);
}

/* What the kernel deals out anew each time the same is done. */
static bool is_chance(const struct event_arg *arg)
{
	static const char *const names[] = {"res",	 "child", "childstart", "childvpid",
					    "childppid", "vpid",  "pgid",	"vpgid"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(arg->name, names[i]))
			return true;
	return arg->type == TRC_T_FD;
}

int repeats_open(struct repeats *r, const uint64_t secret[static 2], struct arena *a, uint32_t size,
		 uint32_t window)
{
	*r = (struct repeats){
		.size = window ? size : 0, .window = window * NS_PER_S, .secret = secret};
	if (!window)
		return 0;
	for (int t = 0; t < TRC_NTYPES; t++)
		for (int i = 0; i < event_table[t].nargs; i++)
			if (is_chance(&event_table[t].args[i]))
				r->chance[t] |= 1u << i;
	r->entry = arena_alloc(a, repeats_size(size));
	return r->entry ? 0 : -ENOMEM;
}

static void put_num(struct siphash *h, uint64_t n)
{
	siphash_put(h, &n, sizeof(n));
}

/* Behind its length: no two rows of strings read the same. */
static void put_str(struct siphash *h, struct str s)
{
	put_num(h, s.n);
	siphash_put(h, s.p, s.n);
}

/*
 * A socket. The port of the end that called is dealt out by chance; which end
 * that is, is known of a connect, and of a descriptor that the tables know.
 */
static void put_sock(struct siphash *h, const struct field_ctx *ctx, const struct trc_sock *sock,
		     struct str name)
{
	struct trc_sock facts = *sock;

	if (ctx->ev->hdr->type == TRC_CONNECT ||
	    (ctx->fd && ctx->fd->connected && !ctx->fd->server))
		facts.lport = 0;
	else if (ctx->fd && ctx->fd->connected)
		facts.rport = 0;
	siphash_put(h, &facts, sizeof(facts));
	put_str(h, name);
}

static void put_args(struct siphash *h, const struct repeats *r, const struct field_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	const struct event_desc *d = &event_table[ev->hdr->type];

	put_num(h, (uint64_t)ev->hdr->absent << 32 | ev->hdr->given);
	for (int i = 0; i < d->nargs; i++) {
		const struct trc_sock *sock;
		struct str name;

		if (argtype_kind[d->args[i].type] != TRC_BYTES) {
			int64_t n = event_num(ev, i);
			bool failed = n < 0 && n != -TRC_EINPROGRESS;
			bool fact = !(r->chance[ev->hdr->type] >> i & 1) || failed;

			put_num(h, fact ? (uint64_t)n : 0);
			continue;
		}
		sock = d->args[i].type == TRC_T_SOCK ? event_sock(ev, i, &name) : NULL;
		if (sock)
			put_sock(h, ctx, sock, name);
		else
			put_str(h, event_str(ev, i));
	}
}

/* What the descriptor is that the event used; one that nobody knows is its number. */
static void put_descriptor(struct siphash *h, const struct field_ctx *ctx)
{
	const struct fdent *fd = ctx->fd;
	struct str name = {NULL, 0};

	if (!fd)
		return;
	put_num(h, fd->kind);
	if (fd->name_len)
		name = (struct str){fd->name, fd->name_len};
	else if (!fd->has_sock)
		put_num(h, (uint64_t)fd->fd);
	if (fd->has_sock)
		put_sock(h, ctx, &fd->sock, name);
	else
		put_str(h, name);
}

static void put_process(struct siphash *h, const struct field_ctx *ctx)
{
	const struct proc *p = ctx->proc, *parent;

	put_num(h, ctx->ev->hdr->uid);
	if (!p || !p->ppid) { /* who it is, is not known; then it is only itself */
		put_num(h, ctx->ev->hdr->pid);
		put_num(h, ctx->ev->hdr->start);
	}
	if (!p)
		return;
	for (int i = 0; i < PROC_NTEXT; i++)
		put_str(h, proc_text(ctx->state, p, (enum proc_text)i));
	put_str(h, (struct str){p->comm, p->comm_len});
	siphash_put(h, p->container, sizeof(p->container));
	put_num(h, p->uid);
	for (int i = 0; i < PROC_NFACT; i++) {
		uint64_t fact = 0;

		if (i != PROC_PGID && i != PROC_VPGID && i != PROC_VPID)
			proc_fact(p, (enum proc_fact)i, &fact);
		put_num(h, fact);
	}
	parent = state_ancestor(ctx->state, p, 1);
	put_num(h, p->ppid);
	put_num(h, parent ? parent->start : 0);
}

uint64_t repeats_key(const struct repeats *r, const struct rule *rule, const struct field_ctx *ctx)
{
	struct siphash h;

	siphash_begin(&h, r->secret);
	put_num(&h, (uintptr_t)rule);
	put_num(&h, ctx->ev->hdr->type);
	put_args(&h, r, ctx);
	put_descriptor(&h, ctx);
	put_process(&h, ctx);
	return siphash_end(&h);
}

static struct repeat *at(const struct repeats *r, uint32_t i)
{
	return &r->entry[(r->head + i) % r->size];
}

bool repeats_again(struct repeats *r, uint64_t key, uint64_t ts)
{
	for (uint32_t i = 0; i < r->used; i++) {
		struct repeat *x = at(r, i);

		if (x->key != key)
			continue;
		x->count++;
		if (ts > x->last)
			x->last = ts;
		return true;
	}
	return false;
}

/* As much as is kept of a text, in whole characters. */
static uint32_t kept(struct str text)
{
	uint32_t n = text.n < REPEAT_TEXT ? text.n : REPEAT_TEXT;

	while (n < text.n && n && (text.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

void repeats_add(struct repeats *r, uint64_t key, uint64_t ts, struct rule *rule, struct str text)
{
	struct repeat *x = at(r, r->used++);

	*x = (struct repeat){.key = key,
			     .first = ts,
			     .last = ts,
			     .end = ts + r->window,
			     .rule = rule,
			     .cut = text.n > REPEAT_TEXT,
			     .text_len = kept(text)};
	memcpy(x->text, text.p, x->text_len);
}

const struct repeat *repeats_oldest(const struct repeats *r)
{
	return r->used ? at(r, 0) : NULL;
}

void repeats_forget(struct repeats *r)
{
	r->head = (r->head + 1) % r->size;
	r->used--;
}

void repeats_told(struct repeats *r)
{
	struct repeat x = *at(r, 0);

	repeats_forget(r);
	if (!x.count)
		return;
	x.count = 0;
	x.first = x.last;
	x.end += r->window;
	*at(r, r->used++) = x;
}
