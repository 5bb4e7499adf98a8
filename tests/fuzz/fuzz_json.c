/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer: the JSON reader on any bytes, once where they lie and once more. It
 * must end, stay in its text, and tell strings that are UTF-8; what it took for
 * JSON must have as many ends as beginnings.
 */
#include <stdlib.h>

#include "../../core/json_read.h"
#include "../../core/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void must_be_utf8(struct str s)
{
	uint32_t code, n;

	for (; s.n; s.p += n, s.n -= n) {
		n = utf8_char(s, &code);
		must(n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);
	size_t values = 0, open = 0;
	enum json_kind kind;
	struct json j;
	struct str s;

	memcpy(copy, data, size);
	json_begin(&j, copy, (uint32_t)size);
	while ((kind = json_next(&j, &s)) > JSON_BAD) {
		must(++values <= size);
		must(j.level <= JSON_DEPTH);
		must(!s.n || (s.p >= copy && s.p + s.n <= copy + size));
		must_be_utf8(s);
		for (uint32_t i = 0; i < j.level; i++)
			must_be_utf8(j.key[i]);
		open += kind == JSON_OBJECT || kind == JSON_ARRAY;
		must(kind != JSON_CLOSE || open--);
		must(open <= JSON_DEPTH);
	}
	must(kind == JSON_BAD || (values && !open));
	must(json_next(&j, &s) == kind);
	free(copy);
	return 0;
}
