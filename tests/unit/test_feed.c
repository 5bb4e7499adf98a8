/* SPDX-License-Identifier: BSD-2-Clause */
/* The feed: who its sources are, what messages say, and the fields of events made of them. */
#include <errno.h>
#include <stdlib.h>

#include "../../core/feed_source.h"
#include "../../core/feed_text.h"
#include "fields.h"

static struct feed_declared declared;
static char why[FEED_ANSWER_MAX];

static void sources_are_read(void)
{
	struct feed_source s[FEED_SOURCES];

	CHECK_EQ(feed_sources("", s), 0);
	CHECK_EQ(feed_sources(" \t", s), 0);
	CHECK_EQ(feed_sources("mqtt:mosquitto \tlab:1000:records ", s), 2);
	CHECK_STR(s[0].name, "mqtt");
	CHECK_STR(s[0].user, "mosquitto");
	CHECK(!s[0].records);
	CHECK_STR(s[1].name, "lab");
	CHECK_STR(s[1].user, "1000");
	CHECK(s[1].records);
}

static void wrong_sources_are_refused(void)
{
	static const char *const wrong[] = {
		"a",
		"a:",
		":root",
		"a:root:",
		"a:root:record",
		"a::",
		"a:r:r:r",
		"a-b:root",
		"a:root a:1000",
		"a:root:records:",
		"a:b c",
		"a::records",
		"a:root:recordsx",
		"a:a23456789012345678901234567890123",
		"a2345678901234567890123456789012:root",
		"a:r b:r c:r d:r e:r f:r g:r h:r i:r j:r k:r l:r m:r n:r o:r p:r q:r"};
	struct feed_source s[FEED_SOURCES];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (feed_sources(wrong[i], s) != -EINVAL)
			unit_fail(__FILE__, __LINE__, "taken: %s", wrong[i]);
	CHECK_EQ(feed_sources("a:r b:r c:r d:r e:r f:r g:r h:r i:r j:r k:r l:r m:r n:r o:r p:r", s),
		 FEED_SOURCES);
}

/* What a message is refused with; "" if it is not. */
static const char *said(const char *message)
{
	struct str rest;
	int rc = -EINVAL;

	strcpy(why, "no command");
	switch (feed_command(str_of(message), &rest)) {
	case FEED_DECLARE:
		rc = feed_declare(&declared, rest, why);
		break;
	case FEED_EVENT:
		rc = feed_event(&declared, STR("lab"), rest, &event_rec, why);
		break;
	default:
		break;
	}
	return rc ? why : "";
}

static void commands_are_told_apart(void)
{
	struct str rest;

	CHECK_EQ(feed_command(STR("source lab\n"), &rest), FEED_SOURCE);
	CHECK_STR(rest, "lab");
	CHECK_EQ(feed_command(STR("declare a b"), &rest), FEED_DECLARE);
	CHECK_STR(rest, "a b");
	CHECK_EQ(feed_command(STR("event a\nb=c\n"), &rest), FEED_EVENT);
	CHECK_STR(rest, "a\nb=c");
	CHECK_EQ(feed_command(STR("record\nxyz\n"), &rest), FEED_RECORD);
	CHECK_STR(rest, "xyz\n");
	CHECK_EQ(feed_command(STR("event"), &rest), FEED_NO_COMMAND);
	CHECK_EQ(feed_command(STR(""), &rest), FEED_NO_COMMAND);
	CHECK_EQ(feed_command(STR("record x"), &rest), FEED_NO_COMMAND);
}

static void declarations_are_checked(void)
{
	CHECK_STR(said("declare door open who\n"), "");
	CHECK_STR(said("declare door open"), "declare door: declared before");
	CHECK_STR(said("declare "), "declare: expected a name for the event");
	CHECK_STR(said("declare a-b c"), "declare: expected a name for the event");
	CHECK_STR(said("declare a"), "declare a: expected 1 to 32 keys");
	CHECK_STR(said("declare a "), "declare a: expected 1 to 32 keys");
	CHECK_STR(said("declare a b "), "declare a: expected 1 to 32 keys");
	CHECK_STR(said("declare a b b"), "declare a: expected names of keys, each once");
	CHECK_STR(said("declare a b  c"), "declare a: expected names of keys, each once");
	CHECK_STR(said("declare a b\nc"), "declare a: expected names of keys, each once");
	CHECK_STR(
		said("declare a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 "
		     "26 27 28 29 30 31 32 33"),
		"declare a: expected 1 to 32 keys");
	CHECK_STR(
		said("declare a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 "
		     "26 27 28 29 30 31 32"),
		"");
}

static void declarations_have_their_room(void)
{
	char text[64];
	int n;

	for (n = 0; n < 100; n++) {
		snprintf(text, sizeof(text), "declare e%02d k234567890123456789", n);
		if (*said(text))
			break;
	}
	CHECK_EQ(n, FEED_DECLARED_MAX / 24);
	CHECK_STR(why, "declare e42: expected at most 1024 bytes of declarations");
	CHECK_STR(said("event e41\nk234567890123456789=1"), "");
	CHECK_STR(said("event e42"), "event: expected the name of a declared event");
}

static void events_are_checked(void)
{
	static const char pair[] = "event: expected lines KEY=VALUE of declared keys";

	CHECK_STR(said("declare door open who"), "");
	CHECK_STR(said("event door"), "");
	CHECK_STR(said("event door\nopen=1\nwho="), "");
	CHECK_STR(said("event doo\nopen=1"), "event: expected the name of a declared event");
	CHECK_STR(said("event door open=1"), "event: expected the name of a declared event");
	CHECK_STR(said("event door\nopen"), pair);
	CHECK_STR(said("event door\nopen=1\n\nwho=1"), pair);
	CHECK_STR(said("event door\nopen=1\n\n"), pair);
	CHECK_STR(said("event door\nwh=1"), pair);
	CHECK_STR(said("event door\n=1"), pair);
	CHECK_STR(said("event door\nwho =1"), pair);
	CHECK_STR(said("event door\nwho=1\nwho=2"), "event: who given twice");
}

static void an_event_with_a_nul_is_refused(void)
{
	CHECK_STR(said("declare door open who"), "");
	CHECK_EQ(feed_event(&declared, STR("lab"), STR("door\nwho=1\0open=1"), &event_rec, why),
		 -EINVAL);
	CHECK_STR(why, "event: expected no NUL");
}

static void values_are_as_they_stand(void)
{
	begin();
	CHECK_STR(said("declare door open who also"), "");
	CHECK_STR(said("event door\nopen=\nwho=\"a\" open=2 = \\\n"), "");
	event_rec.hdr.pid = 50;
	event_rec.hdr.start = 7;
	ask();
	CHECK_STR(get("evt.type"), "feed");
	CHECK_STR(get("feed.source"), "lab");
	CHECK_STR(get("feed.name"), "door");
	CHECK_STR(get("feed.door.who"), "\"a\" open=2 = \\");
	CHECK_STR(get("feed.door.open"), "");
	CHECK_STR(get("feed.door.also"), "<none>");
	CHECK_STR(get("feed.door.wh"), "<none>");
	CHECK_STR(get("feed.doo.who"), "<none>");
	CHECK_STR(get("feed.doors.who"), "<none>");
	CHECK_STR(get("proc.name"), "sh");
	CHECK_STR(get("fd.name"), "<none>");
	CHECK_STR(get("fs.path.name"), "<none>");
}

static void other_events_have_no_fields_of_the_feed(void)
{
	begin();
	event_begin(TRC_OPENAT);
	event_set_str("name", "/x");
	ask();
	CHECK_STR(get("feed.name"), "<none>");
	CHECK_STR(get("feed.source"), "<none>");
	CHECK_STR(get("feed.x.y"), "<none>");
}

static void names_of_fields_are_checked(void)
{
	static const char *const wrong[] = {
		"feed",		  "feed.",
		"feed.a",	  "feed.a.",
		"feed..b",	  "feed.a.b.c",
		"feed.a-b.c",	  "feed.a.b[1]",
		"feed.source[1]", "feed.a.b2345678901234567890123456789012"};
	struct field_ref ref;

	CHECK_EQ(field_find(STR("feed.a_1.B2"), &ref), 0);
	CHECK_STR(ref.name, "a_1.B2");
	CHECK(field_possible(&ref, TRC_FEED));
	CHECK(!field_possible(&ref, TRC_OPENAT));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_EQ(field_find(str_of(wrong[i]), &ref), -EINVAL);
}

/* The event that was built, as a message has it. */
static int record_of(size_t n)
{
	struct str rest = {(const char *)&event_rec, (uint32_t)n};
	static struct record copy;
	int rc = feed_record(rest, &copy, why);

	if (!rc)
		event_rec = copy;
	return rc;
}

static void records_are_checked(void)
{
	event_begin(TRC_OPENAT);
	event_set_str("name", "/x");
	event_rec.hdr.flags = TRC_GAP_CRITICAL | TRC_GAP_BULK | TRC_COMPAT;
	CHECK_EQ(record_of(event_rec.hdr.len), 0);
	CHECK_EQ(event_rec.hdr.flags, TRC_COMPAT);
	CHECK(record_now() - event_rec.hdr.ts < 5000000000);
	CHECK_EQ(record_of(event_rec.hdr.len - 8), -EINVAL);
	CHECK_EQ(record_of(8), -EINVAL);
	CHECK_STR(why, "record: too short");
	event_rec.hdr.type = TRC_NTYPES;
	CHECK_EQ(record_of(event_rec.hdr.len), -EINVAL);
	CHECK_STR(why, "record: length, type or an offset is wrong");
	event_begin(TRC_USERINFO);
	CHECK_EQ(record_of(event_rec.hdr.len), -EINVAL);
	CHECK_STR(why, "record: userinfo is for the sensor to state");
}

const struct unit_test tests_feed[] = {
	TEST(sources_are_read),
	TEST(wrong_sources_are_refused),
	TEST(commands_are_told_apart),
	TEST(declarations_are_checked),
	TEST(declarations_have_their_room),
	TEST(events_are_checked),
	TEST(an_event_with_a_nul_is_refused),
	TEST(values_are_as_they_stand),
	TEST(other_events_have_no_fields_of_the_feed),
	TEST(names_of_fields_are_checked),
	TEST(records_are_checked),
	{0},
};
