/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a file of packs: see pack.h. No number in it is believed before it was compared. */
#include "pack.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "unpack.h"

#define MAGIC "TIERPACK"
#define FORMAT 2

/* Bytes of the file: where, how many, and how many unpacked. */
struct extent {
	uint32_t at, packed, len;
};

struct header {
	char magic[8];
	uint32_t crc; /* of all that follows it */
	uint32_t version, size, entries, needs;
	struct extent common;
};

#define CHECKED offsetof(struct header, version)

struct entry {
	uint32_t name;
	struct extent btf;
};

bool pack_is(const void *data, size_t size)
{
	return size >= strlen(MAGIC) && !memcmp(data, MAGIC, strlen(MAGIC));
}

static bool within(const struct extent *e, size_t size, size_t most)
{
	return e->at <= size && e->packed <= size - e->at && e->len <= most;
}

/* The header, if this is a whole file for this probe. */
static int check(const unsigned char *file, size_t size, struct header *h, char *why,
		 size_t why_size)
{
	uint32_t version = 0;

	snprintf(why, why_size, "damaged");
	if (size < CHECKED + sizeof(version) || !pack_is(file, size))
		return -EBADMSG;
	memcpy(h, file, CHECKED);
	memcpy(&version, file + CHECKED, sizeof(version));
	if (h->crc != crc32(0, file + CHECKED, (uInt)(size - CHECKED)))
		return -EBADMSG;
	if (version != FORMAT) {
		snprintf(why, why_size, "of format %u, and this is %d: make them anew", version,
			 FORMAT);
		return -EBADMSG;
	}
	if (size < sizeof(*h))
		return -EBADMSG;
	memcpy(h, file, sizeof(*h));
	if (h->size != size || h->entries > (size - sizeof(*h)) / sizeof(struct entry) ||
	    !within(&h->common, size, PACK_COMMON_MAX))
		return -EBADMSG;
	if (h->needs != PACK_NEEDS) {
		snprintf(why, why_size,
			 "made for another version of the probe (needs %08x, and this is %08x): "
			 "make them anew",
			 h->needs, PACK_NEEDS);
		return -EPROTO;
	}
	return 0;
}

/* Entry i, if what it names lies within the file. */
static int entry_at(const unsigned char *file, size_t size, uint32_t i, struct entry *e)
{
	memcpy(e, file + sizeof(struct header) + i * sizeof(*e), sizeof(*e));
	if (e->name >= size || !memchr(file + e->name, 0, size - e->name) ||
	    !within(&e->btf, size, PACK_BTF_MAX))
		return -EBADMSG;
	return 0;
}

/* What packs have in common goes to the start of the room, and the BTF behind it. */
static int take(const unsigned char *file, const struct header *h, const struct extent *btf,
		unsigned char *room)
{
	struct unpack_from common = {file + h->common.at, h->common.packed, NULL, 0};
	struct unpack_from its = {file + btf->at, btf->packed, room, h->common.len};
	int err = unpack(UNPACK_RAW, &common, room, h->common.len);

	return err ? err : unpack(UNPACK_RAW, &its, room + PACK_COMMON_MAX, btf->len);
}

/* Bytes of machine and release, with the blank behind them; 0 if there is no such thing. */
static size_t release_length(const char *name)
{
	const char *end = strchr(name, ' ');

	end = end ? strchr(end + 1, ' ') : NULL;
	return end ? (size_t)(end + 1 - name) : 0;
}

/*
 * Its entry: 1, 0 if there is none, or -EBADMSG. *other: what follows that machine and release
 * in the last entry that has them.
 */
static int look(const unsigned char *file, const struct header *h, const char *name,
		struct entry *e, const char **other)
{
	size_t release = release_length(name);

	for (uint32_t i = 0; i < h->entries; i++) {
		const char *its;

		if (entry_at(file, h->size, i, e))
			return -EBADMSG;
		its = (const char *)file + e->name;
		if (!strcmp(its, name))
			return 1;
		if (release && !strncmp(its, name, release))
			*other = its + release;
	}
	return 0;
}

int pack_find(const void *file, size_t size, const char *name, void *room, const void **btf,
	      size_t *len, char *why, size_t why_size)
{
	size_t release = release_length(name);
	const char *other = NULL;
	struct header h;
	struct entry e;
	int err = check(file, size, &h, why, why_size);

	if (err)
		return err;
	err = look(file, &h, name, &e, &other);
	if (err == 1) {
		err = take(file, &h, &e.btf, room);
		*btf = (char *)room + PACK_COMMON_MAX;
		*len = e.btf.len;
	} else if (!err && other) {
		snprintf(why, why_size, "of another build, %.64s; this kernel is %.64s", other,
			 name + release);
		err = -ESTALE;
	} else if (!err) {
		snprintf(why, why_size, "has none for %.*s among its %u",
			 release ? (int)release - 1 : 0, name, h.entries);
		err = -ENOENT;
	}
	return err;
}
