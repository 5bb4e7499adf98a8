/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a file of packs: see pack.h. No number in it is believed before it was compared. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "pack.h"

#define MAGIC "TIERPACK"
#define FORMAT 1

struct header {
	char magic[8];
	uint32_t crc; /* of all that follows it */
	uint32_t version, size, entries;
};

#define CHECKED offsetof(struct header, version)

struct entry {
	uint32_t name, btf, len;
};

bool pack_is(const void *data, size_t size)
{
	return size >= strlen(MAGIC) && !memcmp(data, MAGIC, strlen(MAGIC));
}

static int check(const unsigned char *file, size_t size, uint32_t *entries)
{
	struct header h;

	if (size < sizeof(h) || !pack_is(file, size))
		return -EBADMSG;
	memcpy(&h, file, sizeof(h));
	if (h.version != FORMAT || h.size != size ||
	    h.entries > (size - sizeof(h)) / sizeof(struct entry) ||
	    h.crc != crc32(0, file + CHECKED, (uInt)(size - CHECKED)))
		return -EBADMSG;
	*entries = h.entries;
	return 0;
}

/* Entry i, if what it names lies within the file. */
static int entry_at(const unsigned char *file, size_t size, uint32_t i, struct entry *e)
{
	memcpy(e, file + sizeof(struct header) + i * sizeof(*e), sizeof(*e));
	if (e->name >= size || !memchr(file + e->name, 0, size - e->name) || e->btf > size ||
	    e->len > size - e->btf)
		return -EBADMSG;
	return 0;
}

/* Bytes of machine and release, with the blank behind them; 0 if there is no such thing. */
static size_t release_length(const char *name)
{
	const char *end = strchr(name, ' ');

	end = end ? strchr(end + 1, ' ') : NULL;
	return end ? (size_t)(end + 1 - name) : 0;
}

int pack_find(const void *file, size_t size, const char *name, const void **btf, size_t *len,
	      char *why, size_t why_size)
{
	size_t release = release_length(name);
	const char *other = NULL;
	uint32_t entries;
	struct entry e;

	if (check(file, size, &entries)) {
		snprintf(why, why_size, "damaged, or of another version");
		return -EBADMSG;
	}
	for (uint32_t i = 0; i < entries; i++) {
		const char *its;

		if (entry_at(file, size, i, &e)) {
			snprintf(why, why_size, "damaged: entry %u", i);
			return -EBADMSG;
		}
		its = (const char *)file + e.name;
		if (!strcmp(its, name)) {
			*btf = (const char *)file + e.btf;
			*len = e.len;
			return 0;
		}
		if (release && !strncmp(its, name, release))
			other = its + release;
	}
	if (other)
		snprintf(why, why_size, "of another build, %.64s; this kernel is %.64s", other,
			 name + release);
	else
		snprintf(why, why_size, "has none for %.*s among its %u",
			 release ? (int)release - 1 : 0, name, entries);
	return other ? -ESTALE : -ENOENT;
}
