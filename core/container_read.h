/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of a container's engine tell of it: name, image, mounts, labels
 * and pod. No engine is asked, nothing is waited for; a file counts if it is
 * a regular one that only root, or the sensor's own user, can write.
 */
#ifndef CORE_CONTAINER_READ_H
#define CORE_CONTAINER_READ_H

#include "container.h"

#define CONTAINER_NLIST (CONTAINER_NTEXT - CONTAINER_MOUNTS)
#define CONTAINER_WORD 512 /* bytes of a text that is no list */

struct container_facts {
	bool has[CONTAINER_NTEXT];
	uint32_t len[CONTAINER_NTEXT];
	char word[CONTAINER_MOUNTS][CONTAINER_WORD];
	char list[CONTAINER_NLIST][TRC_STR_MAX];
	bool has_privileged, privileged;
	uint32_t cut; /* bit n: text n is too long, and missing */
};

enum container_answer {
	CONTAINER_TOLD,
	CONTAINER_SILENT, /* there is no such file */
	CONTAINER_BROKEN, /* there is one, but not to be relied on: nothing is told */
};

/*
 * Reads what there is. root: stands before each path. c has files (container_has_files());
 * its names are anybody's text, and only those of plain letters become part of a path.
 */
enum container_answer container_read(const char *root, const struct container *c,
				     struct container_facts *out);

/* A text of them; p = NULL if it is not known. */
struct str container_fact(const struct container_facts *f, enum container_text which);

#endif
