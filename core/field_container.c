/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields of the container that the event's process is in, as its engine's
 * files tell of it. Of a process of the machine itself they are missing, but for
 * the name.
 */
#include <fnmatch.h>

#include "field_int.h"
#include "text.h"

#define MOUNT_PARTS 5

static const struct contained *container(const struct field_ctx *ctx)
{
	return ctx->proc ? state_container(ctx->state, ctx->proc) : NULL;
}

static struct str text(const struct field_ctx *ctx, enum container_text which)
{
	const struct contained *c = container(ctx);

	return c ? contained_text(c, which) : MISSING;
}

/* Takes a string off a list; false at its end. What has no NUL is not of our making. */
static bool take_item(struct str *list, struct str *item)
{
	const char *end = list->n ? memchr(list->p, 0, list->n) : NULL;

	if (!end)
		return false;
	*item = (struct str){list->p, (uint32_t)(end - list->p)};
	*list = (struct str){end + 1, list->n - item->n - 1};
	return true;
}

/*
 * An image is called [HOST[:PORT]/]NAME[:TAG][@DIGEST]. Engines write a tag or a digest,
 * but for docker, for which none is the tag "latest".
 */
static int get_image_part(struct str image, int which, struct value *out)
{
	const char *at = image.n ? memchr(image.p, '@', image.n) : NULL, *slash, *colon;
	struct str name = {image.p, at ? (uint32_t)(at - image.p) : image.n};

	if (which == C_DIGEST)
		return at ? put_str(out, (struct str){at + 1, image.n - name.n - 1}) : 0;
	if (!name.n)
		return 0;
	slash = memrchr(name.p, '/', name.n);
	colon = memrchr(name.p, ':', name.n);
	if (colon && slash && colon < slash)
		colon = NULL;
	if (which == C_REPOSITORY)
		return put_str(out,
			       (struct str){name.p, colon ? (uint32_t)(colon - name.p) : name.n});
	if (!colon)
		return at ? 0 : put_str(out, STR("latest"));
	return put_str(out, (struct str){colon + 1, (uint32_t)(name.p + name.n - colon - 1)});
}

/* The image's name; missing if it was started by its id, or the first digits of that. */
static struct str image_name(const struct field_ctx *ctx)
{
	struct str name = text(ctx, CONTAINER_IMAGE), id = text(ctx, CONTAINER_IMAGEID);

	return str_starts(name, STR("sha256:")) || (id.n && str_starts(id, name)) ? MISSING : name;
}

/* "ID", or "NAME@DIGEST" with engines that know an image by that. */
static int get_image_id(const struct field_ctx *ctx, int which, struct value *out)
{
	struct str id = text(ctx, CONTAINER_IMAGEID);
	bool digest = id.n && memchr(id.p, '@', id.n);

	if (which == C_IMAGEID)
		return digest ? 0 : put_str(out, id);
	return get_image_part(image_name(ctx), which, out) ||
	       (digest && get_image_part(id, which, out));
}

int field_get_container(struct field_ctx *ctx, int which, struct value *out)
{
	struct str id = field_container_id(ctx);

	switch (which) {
	case C_NAME:
		return put_str(out, str_eq(id, STR("host")) ? id : text(ctx, CONTAINER_NAME));
	case C_IMAGEID:
	case C_DIGEST:
		return get_image_id(ctx, which, out);
	case C_REPOSITORY:
	case C_TAG:
		return get_image_part(image_name(ctx), which, out);
	default:
		return put_str(out, text(ctx, (enum container_text)(which - C_TEXT)));
	}
}

int field_get_container_is(struct field_ctx *ctx, int which, struct value *out)
{
	const struct contained *c = container(ctx);
	bool is;

	(void)which; /* privileged */
	return c && contained_privileged(c, &is) ? put_bool(out, is) : 0;
}

int field_get_container_time(struct field_ctx *ctx, int which, struct value *out)
{
	const struct contained *c = container(ctx);
	uint64_t epoch = state_epoch(ctx->state), start = c ? contained_start(c) * TRC_TICK_NS : 0;

	if (!start || (which == C_AGE && start > ctx->ev->hdr->ts))
		return 0;
	if (which == C_AGE)
		return put_int(out, (int64_t)(ctx->ev->hdr->ts - start));
	return epoch ? put_int(out, (int64_t)(epoch + start)) : 0;
}

/* Lists. */

bool field_build_mounts(const struct field_ctx *ctx, struct text_buf *b)
{
	struct str list = text(ctx, CONTAINER_MOUNTS), item;

	for (int n = 0; take_item(&list, &item); n++) {
		if (n)
			text_put(b, n % MOUNT_PARTS ? STR(":") : STR(","));
		text_put(b, item);
	}
	return list.p;
}

bool field_build_labels(const struct field_ctx *ctx, struct text_buf *b)
{
	struct str list = text(ctx, CONTAINER_LABELS), name, value;
	size_t start = b->n;

	while (take_item(&list, &name) && take_item(&list, &value)) {
		if (str_starts(name, STR("io.kubernetes.")) || str_starts(name, STR("annotation.")))
			continue;
		text_put(b, b->n > start ? STR(", ") : STR(""));
		text_put(b, name);
		text_put(b, value.n ? STR(":") : STR(""));
		text_put(b, value);
	}
	return list.p;
}

int field_get_label(struct field_ctx *ctx, int which, struct value *out)
{
	struct str list = text(ctx, CONTAINER_LABELS), name, value;

	(void)which;
	while (take_item(&list, &name) && take_item(&list, &value))
		if (str_eq(name, ctx->key))
			return put_str(out, value);
	return 0;
}

/* The number that a key is, -1 if it is none. */
static int number(struct str key)
{
	int n = 0;

	for (uint32_t i = 0; i < key.n; i++) {
		if (key.p[i] < '0' || key.p[i] > '9' || i == 4)
			return -1;
		n = n * 10 + (key.p[i] - '0');
	}
	return n;
}

/* Is that mount meant, as the n-th, or as one whose path fits? Items of lists have their NUL. */
static bool is_meant(struct str key, int n, struct str path)
{
	char pattern[256];
	int want = number(key);

	if (want >= 0 || key.n >= sizeof(pattern))
		return want == n;
	memcpy(pattern, key.p, key.n);
	pattern[key.n] = 0;
	return !fnmatch(pattern, path.p, 0);
}

int field_get_mount(struct field_ctx *ctx, int which, struct value *out)
{
	struct str list = text(ctx, CONTAINER_MOUNTS), part[MOUNT_PARTS];

	for (int n = 0;; n++) {
		for (int i = 0; i < MOUNT_PARTS; i++)
			if (!take_item(&list, &part[i]))
				return 0;
		if (is_meant(ctx->key, n, part[which == M_SOURCE ? M_DEST : M_SOURCE]))
			return put_str(out, part[which]);
	}
}
