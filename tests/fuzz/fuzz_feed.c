/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arbitrary messages to a feed, separated by a byte that none of them has reason to hold: each is
 * refused with a line, or becomes a record that is whole, whose values are those of the message.
 */
#include "../../core/decode.h"
#include "../../core/feed_source.h"
#include "../../core/feed_text.h"
#include "../../driver/table.h"
#include "fuzz.h"

#define MESSAGES_END '\x1e'

static struct record rec;

/* Each of the KEY=VALUE strings is a line of the message. */
static void check_pairs(const struct event *ev, struct str message)
{
	struct str pairs = event_str(ev, event_arg_slot(TRC_FEED, "pairs"));

	while (pairs.n) {
		struct str pair = str_take_first(&pairs);

		CHECK(memchr(pair.p, '=', pair.n));
		CHECK(memmem(message.p, message.n, pair.p, pair.n));
	}
}

static void take(struct feed_declared *declared, struct str message)
{
	char why[FEED_ANSWER_MAX] = "";
	enum feed_command command;
	struct event ev;
	struct str rest;
	int rc = 0;

	command = feed_command(message, &rest);
	if (command == FEED_DECLARE) {
		rc = feed_declare(declared, rest, why);
	} else if (command == FEED_EVENT || command == FEED_RECORD) {
		rc = command == FEED_EVENT ? feed_event(declared, STR("fuzz"), rest, &rec, why) :
					     feed_record(rest, &rec, why);
		if (rc)
			return;
		CHECK_EQ(decode(&rec, rec.hdr.len, &ev), DECODE_OK);
		CHECK(event_table[rec.hdr.type].class != TRC_STATE);
		if (command == FEED_EVENT)
			check_pairs(&ev, message);
	}
	CHECK(!rc == !*why);
	CHECK(declared->n <= sizeof(declared->text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed_declared declared = {.n = 0};
	struct feed_source sources[FEED_SOURCES];
	char text[256];

	snprintf(text, sizeof(text), "%.*s", size < 200 ? (int)size : 200, (const char *)data);
	CHECK(feed_sources(text, sources) <= FEED_SOURCES);
	while (size) {
		const uint8_t *end = memchr(data, MESSAGES_END, size);
		size_t n = end ? (size_t)(end - data) : size;

		/* In memory of its own: what is read behind it shows. */
		if (n <= 4096) {
			char *own = malloc(n);

			memcpy(own, data, n);
			take(&declared, (struct str){own, (uint32_t)n});
			free(own);
		}
		n += end != NULL;
		data += n;
		size -= n;
	}
	return 0;
}
