/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formats of alerts, read back by small readers of JSON and of RFC 5424 that
 * know nothing of the code that wrote them.
 */
#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "../../core/alert.h"
#include "../../core/utf8.h"
#include "unit.h"

#define EVENT_TIME UINT64_C(1795297080123456789) /* 2026-11-21T21:38:00.123456789Z */
#define MORE_FIELDS 12

static struct config cfg;
static struct alert al;
static char buf[16384];

/* Fields that have what a test gave them. */
static struct value values[FIELD_VALUES];
static int nvalues;

static int get_values(struct field_ctx *unused, int index, struct value *out)
{
	(void)unused;
	(void)index;
	memcpy(out, values, sizeof(values));
	return nvalues;
}

static int get_small(struct field_ctx *unused, int index, struct value *out)
{
	(void)unused;
	*out = (struct value){.type = VAL_INT, .i = index};
	return 1;
}

static const struct field tested = {.name = "fd.name", .arg = FIELD_INDEX_OPT, .get = get_values};
static const struct field small = {.name = "small", .arg = FIELD_INDEX_OPT, .get = get_small};
static struct field_ctx ctx;

static void start(const char *text)
{
	setenv("TZ", "UTC-2", 1); /* two hours east */
	tzset();
	cfg.syslog_facility = 10;
	strcpy(cfg.syslog_tag, "tiercel");
	al = (struct alert){.seq = 12,
			    .time = EVENT_TIME,
			    .priority = PRIO_WARNING,
			    .rule = "Shell in a container",
			    .tags = "a, b",
			    .hostname = STR("pi"),
			    .text = str_of(text)};
}

/* One field with these values, then some small ones. */
static void start_fields(int n)
{
	static struct template *t;

	if (!t)
		t = calloc(1, sizeof(*t) + (MORE_FIELDS + 2) * sizeof(t->part[0]));
	start("text");
	nvalues = n;
	t->count = MORE_FIELDS + 2;
	t->part[0] = (struct template_part){.text = STR("file=")};
	t->part[1] =
		(struct template_part){STR("fd.name"), {&tested, -1, {NULL, 0}}, STR(""), false};
	for (int i = 0; i < MORE_FIELDS; i++)
		t->part[2 + i] = (struct template_part){str_of(i % 2 ? "small.a" : "small.b"),
							{&small, i, {NULL, 0}},
							STR(""),
							false};
	al.output = t;
	al.ctx = &ctx;
}

static struct str done(size_t n)
{
	return (struct str){buf, (uint32_t)n};
}

static bool is_utf8(struct str s)
{
	mbstate_t state = {0};

	setlocale(LC_CTYPE, "C.UTF-8");
	while (s.n) {
		wchar_t wide;
		size_t n = mbrtowc(&wide, s.p, s.n, &state);

		if (n == 0 || n > s.n)
			return false;
		s.p += n;
		s.n -= (uint32_t)n;
	}
	return true;
}

/* The end of the JSON value at p (RFC 8259, without blanks), NULL if it is none. */
static const char *json_end(const char *p)
{
	bool object = *p == '{';

	if (*p == '"') {
		for (p++; *p != '"'; p++) {
			if ((unsigned char)*p < 0x20)
				return NULL;
			if (*p == '\\' && !strchr("\"\\/bfnrtu", *++p))
				return NULL;
			if (p[-1] == '\\' && *p == 'u' && strspn(p + 1, "0123456789abcdef") < 4)
				return NULL;
		}
		return p + 1;
	}
	if (object || *p == '[') {
		char close = object ? '}' : ']';

		if (*++p == close)
			return p + 1;
		for (;; p++) {
			if (object && (*p != '"' || !(p = json_end(p)) || *p++ != ':'))
				return NULL;
			p = json_end(p);
			if (!p || *p == close)
				return p ? p + 1 : NULL;
			if (*p != ',')
				return NULL;
		}
	}
	for (const char *const *w = (const char *const[]){"null", "true", "false", NULL}; *w; w++)
		if (!strncmp(p, *w, strlen(*w)))
			return p + strlen(*w);
	if (*p == '-')
		p++;
	return isdigit((unsigned char)*p) && (*p != '0' || !isdigit((unsigned char)p[1])) ?
		       p + strspn(p, "0123456789") :
		       NULL;
}

/* The value of a key of the object at p; p = NULL if there is none. */
static struct str json_member(const char *p, const char *key)
{
	while (*p == '{' || *p == ',') {
		const char *name = p + 1, *value, *end;

		if (*name == '}')
			break;
		value = json_end(name) + 1;
		end = json_end(value);
		if ((size_t)(value - name) == strlen(key) + 3 &&
		    !strncmp(name + 1, key, strlen(key)))
			return (struct str){value, (uint32_t)(end - value)};
		p = end;
	}
	return (struct str){NULL, 0};
}

/* Formats as JSON, checks that it is, and that it is text. */
static size_t json(size_t size)
{
	size_t n = format_json(&al, &cfg, buf, size);

	CHECK(n <= size);
	buf[n] = '\0';
	if (n) {
		CHECK_EQ(strlen(buf), n);
		CHECK(*buf == '{' && json_end(buf) == buf + n);
		CHECK(is_utf8(done(n)));
	}
	return n;
}

static void check_member(const char *key, const char *want)
{
	CHECK_STR(json_member(buf, key), want);
}

static void check_field(const char *want)
{
	json(4096);
	CHECK_STR(json_member(json_member(buf, "output_fields").p, "fd.name"), want);
}

static void text_has_time_and_priority(void)
{
	start("Shell (user=root)");
	CHECK_STR(done(format_text(&al, &cfg, buf, sizeof(buf))),
		  "23:38:00.123456789: Warning Shell (user=root)");
	cfg.time_zone = 1;
	al.time += 1000000000 - 123456789;
	CHECK_STR(done(format_text(&al, &cfg, buf, sizeof(buf))),
		  "21:38:01.000000000: Warning Shell (user=root)");
}

static void text_is_cut_between_characters(void)
{
	size_t prefix;

	start("");
	prefix = format_text(&al, &cfg, buf, sizeof(buf));
	al.text = STR("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	for (size_t room = 0; room < 10; room++) {
		size_t n = format_text(&al, &cfg, buf, prefix + room) - prefix;

		CHECK_EQ(n, room < 2 ? 0 : room < 5 ? 2 : room < 9 ? 5 : 9);
	}
	CHECK_EQ(format_text(&al, &cfg, buf, prefix - 1), 0);
	CHECK_EQ(format_text(&al, &cfg, buf, 0), 0);
}

static void rfc3164_has_pri_time_tag_pid(void)
{
	char want[128];

	start("hello");
	snprintf(want, sizeof(want), "<84>Nov 21 23:38:00 tiercel[%d]: hello", (int)getpid());
	CHECK_STR(done(format_syslog(&al, &cfg, HEADER_LOCAL, FORM_TEXT, buf, sizeof(buf))), want);
	/* A day of one digit has a blank before it (RFC 3164, section 4.1.2), local time always. */
	al.time -= UINT64_C(20) * 86400 * 1000000000;
	cfg.time_zone = 1;
	strcpy(cfg.syslog_tag, "a b");
	snprintf(want, sizeof(want), "<84>Nov  1 23:38:00 a_b[%d]: hello", (int)getpid());
	CHECK_STR(done(format_syslog(&al, &cfg, HEADER_LOCAL, FORM_TEXT, buf, sizeof(buf))), want);
}

static void rfc3164_to_a_server_has_a_host(void)
{
	char want[128];

	start("hello");
	snprintf(want, sizeof(want), "<84>Nov 21 23:38:00 pi tiercel[%d]: hello", (int)getpid());
	CHECK_STR(done(format_syslog(&al, &cfg, HEADER_RFC3164, FORM_TEXT, buf, sizeof(buf))),
		  want);
	cfg.time_zone = 1;
	cfg.alerts_sequence = true;
	strcpy(cfg.alerts_hostname, "a b");
	snprintf(want, sizeof(want), "<84>Nov 21 21:38:00 a_b tiercel[%d]: seq=12 hello",
		 (int)getpid());
	CHECK_STR(done(format_syslog(&al, &cfg, HEADER_RFC3164, FORM_TEXT, buf, sizeof(buf))),
		  want);
}

/* Behind any header stands the whole object, or the message is none. */
static void syslog_takes_json(void)
{
	static const enum header headers[] = {HEADER_RFC5424, HEADER_RFC3164, HEADER_LOCAL};
	static char object[4096];

	for (int i = 0; i < 3; i++) {
		size_t whole, n;

		start("caf\xc3\xa9");
		whole = format_json(&al, &cfg, object, sizeof(object));
		n = format_syslog(&al, &cfg, headers[i], FORM_JSON, buf, sizeof(buf));
		CHECK(n > whole && !memcmp(buf + n - whole, object, whole));
		CHECK_EQ(buf[n - whole - 1], ' ');
		for (size_t size = 0; size < 1800; size++) {
			n = format_syslog(&al, &cfg, headers[i], FORM_JSON, buf, size);
			CHECK(n <= size && (n || size < 600));
			buf[n] = '\0';
			CHECK(!n || json_end(strchr(buf, '{')) == buf + n);
		}
	}
}

/* A long text is cut to what is left, and never the reason that there is no message. */
static void json_of_a_long_text_fits_any_datagram(void)
{
	static char text[ALERT_TEXT_MAX + 1];

	memset(text, 'x', ALERT_TEXT_MAX);
	for (size_t size = 480; size < 2048; size++) {
		size_t n;

		start(text);
		al.rule = "A rule with as many words as some";
		al.tags = "credential_access, lateral_movement, T1046, T1110.001";
		n = format_syslog(&al, &cfg, HEADER_RFC5424, FORM_JSON, buf, size);
		buf[n] = '\0';
		CHECK(n && json_end(strchr(buf, '{')) == buf + n);
	}
}

static void rfc5424_says_how_often(void)
{
	start("hello");
	al.more = 41;
	buf[format_syslog(&al, &cfg, HEADER_RFC5424, FORM_TEXT, buf, sizeof(buf) - 1)] = '\0';
	CHECK(strstr(buf, " tags=\"a, b\" more=\"41\"] hello"));
}

static void rfc3164_has_1024_bytes_at_most(void)
{
	static char text[ALERT_TEXT_MAX + 1];

	memset(text, 'x', ALERT_TEXT_MAX);
	start(text);
	CHECK_EQ(format_syslog(&al, &cfg, HEADER_LOCAL, FORM_TEXT, buf, sizeof(buf)), 1024);
	CHECK_EQ(format_syslog(&al, &cfg, HEADER_LOCAL, FORM_TEXT, buf, 100), 100);
}

static void rfc5424_has_all_parts(void)
{
	char want[512];

	start("hello");
	snprintf(want, sizeof(want),
		 "<84>1 2026-11-21T21:38:00.123456Z pi tiercel %d Shell_in_a_container "
		 "[tiercel@32473 rule=\"Shell in a container\" priority=\"Warning\" seq=\"12\" "
		 "tags=\"a, b\"] hello",
		 (int)getpid());
	CHECK_STR(done(format_syslog(&al, &cfg, HEADER_RFC5424, FORM_TEXT, buf, sizeof(buf))),
		  want);
}

static void rfc5424_writes_dashes_for_nothing(void)
{
	char want[512];

	start("");
	al.rule = al.tags = "";
	al.hostname = (struct str){NULL, 0};
	*cfg.syslog_tag = '\0';
	snprintf(want, sizeof(want),
		 "<84>1 2026-11-21T21:38:00.123456Z - - %d - [tiercel@32473 rule=\"\" "
		 "priority=\"Warning\" seq=\"12\" tags=\"\"] ",
		 (int)getpid());
	CHECK_STR(done(format_syslog(&al, &cfg, HEADER_RFC5424, FORM_TEXT, buf, sizeof(buf))),
		  want);
}

/* Bytes of the next word of printable ASCII at *p, with the blank behind it. */
static size_t take_word(const char **p)
{
	size_t n = 0;

	while ((*p)[n] > ' ' && (*p)[n] < 0x7f)
		n++;
	CHECK((*p)[n] == ' ');
	*p += n + 1;
	return n;
}

/* Checks what is in buf against the syntax of RFC 5424, section 6; returns where MSG starts. */
static const char *check_rfc5424(void)
{
	static const size_t most[] = {7, 27, 255, 48, 128, 32};
	const char *p = buf;

	for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		size_t n = take_word(&p);

		CHECK(n > 0 && n <= most[i]);
	}
	if (*p == '-')
		return p + 1;
	CHECK(!strncmp(p, "[tiercel@32473", 14));
	for (p += 14; *p == ' ';) {
		p += 1 + strspn(p + 1, "abcdefghijklmnopqrstuvwxyz");
		CHECK(p[0] == '=' && p[1] == '"');
		for (p += 2; *p != '"'; p++) {
			CHECK(*p != ']' && (unsigned char)*p >= ' ');
			if (*p == '\\')
				CHECK(strchr("\"\\]", *++p));
		}
		p++;
	}
	CHECK(*p == ']');
	return p + 1;
}

static void rfc5424_escapes_structured_data(void)
{
	start("x");
	al.rule = "a\"b\\c]d\n\xff\xc3\xa9";
	buf[format_syslog(&al, &cfg, HEADER_RFC5424, FORM_TEXT, buf, sizeof(buf) - 1)] = '\0';
	check_rfc5424();
	CHECK(strstr(buf, " rule=\"a\\\"b\\\\c\\]d\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9\" "));
	CHECK(strstr(buf, " a\"b\\c]d____ ["));
	CHECK(is_utf8(str_of(buf)));
}

static void rfc5424_marks_utf8(void)
{
	start("caf\xc3\xa9");
	buf[format_syslog(&al, &cfg, HEADER_RFC5424, FORM_TEXT, buf, sizeof(buf) - 1)] = '\0';
	CHECK_STR(check_rfc5424(), " \xef\xbb\xbf"
				   "caf\xc3\xa9");
}

/* Whatever the room, the form is whole, and 480 bytes hold any header. */
static void rfc5424_is_valid_at_any_size(void)
{
	static char name[1001], text[ALERT_TEXT_MAX + 1];

	memset(name, 'n', sizeof(name) - 1);
	for (size_t i = 0; i < ALERT_TEXT_MAX; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	start(text);
	al.rule = al.tags = name;
	al.hostname = str_of(name);
	memcpy(cfg.syslog_tag, name, 1000);
	for (size_t size = 0; size < 8192; size++) {
		size_t n = format_syslog(&al, &cfg, HEADER_RFC5424, FORM_TEXT, buf, size);

		CHECK(n <= size && (n || size < 480));
		buf[n] = '\0';
		if (n) {
			check_rfc5424();
			CHECK(is_utf8(done(n)));
		}
	}
}

static void json_has_falcos_keys(void)
{
	start("Shell \\xff \"q\"");
	CHECK(json(4096));
	check_member("hostname", "\"pi\"");
	check_member("priority", "\"Warning\"");
	check_member("rule", "\"Shell in a container\"");
	check_member("seq", "12");
	check_member("source", "\"syscall\"");
	check_member("tags", "[\"a\",\"b\"]");
	check_member("time", "\"2026-11-21T21:38:00.123456789Z\"");
	check_member("output", "\"23:38:00.123456789: Warning Shell \\\\xff \\\"q\\\"\"");
	check_member("output_fields", "{}");
	CHECK(!json_member(buf, "cut").p && !json_member(buf, "more").p);
	al.own = true;
	al.more = 41;
	strcpy(cfg.alerts_hostname, "board");
	json(4096);
	check_member("source", "\"internal\"");
	check_member("more", "41");
	check_member("hostname", "\"board\"");
	al.tags = " ,, one , ";
	json(4096);
	check_member("tags", "[\"one\"]");
	al.tags = "";
	json(4096);
	check_member("tags", "[]");
}

static void json_writes_values_by_type(void)
{
	start_fields(1);
	values[0] = (struct value){.type = VAL_INT, .i = INT64_MIN};
	check_field("-9223372036854775808");
	check_member("source", "\"syscall\"");
	values[0] = (struct value){.type = VAL_INT, .octal = true, .i = 0755};
	check_field("493");
	values[0] = (struct value){.type = VAL_PORT, .i = 443};
	check_field("443");
	values[0] = (struct value){.type = VAL_BOOL, .i = 1};
	check_field("true");
	values[0] = (struct value){.type = VAL_IP, .ip = {{10, 0, 0, 1}, 4}};
	check_field("\"10.0.0.1\"");
	values[1] = (struct value){.type = VAL_STR, .s = STR("b")};
	nvalues = 2;
	check_field("[\"10.0.0.1\",\"b\"]");
	nvalues = 0;
	check_field("null");
}

static void json_escapes_raw_bytes(void)
{
	start_fields(1);
	values[0] = (struct value){.type = VAL_STR, .s = STR("a\"\\\n\x1b\x7f")};
	check_field("\"a\\\"\\\\\\u000a\\u001b\\u007f\"");
	/* No UTF-8, a cut character, a surrogate, an overlong slash, a C1 control. */
	values[0].s = STR("\xff"
			  "a\xe2\x82"
			  "b\xed\xa0\x80\xc0\xaf\xc2\x9b\xe2\x82\xac");
#define R "\xef\xbf\xbd"
	check_field("\"" R "a" R R "b" R R R R R "\\u009b\xe2\x82\xac\"");
	values[0] = (struct value){.type = VAL_BYTES, .s = {"\0x", 2}};
	check_field("\"\\u0000x\"");
}

static void a_string_alone_is_cut_between_characters(void)
{
	char out[8];

	CHECK_STR(((struct str){out, (uint32_t)format_json_string(STR("a\"\n"), out, 8)}),
		  "\"a\\\"\"");
	CHECK_STR(((struct str){out, (uint32_t)format_json_string(STR("\xe2\x82\xac\xe2\x82\xac"),
								  out, 6)}),
		  "\"\xe2\x82\xac\"");
	CHECK_STR(((struct str){out, (uint32_t)format_json_string(STR(""), out, 2)}), "\"\"");
}

static void json_names_a_field_once(void)
{
	struct str fields;
	int members = 0;

	start_fields(0);
	json(4096);
	fields = json_member(buf, "output_fields");
	for (uint32_t i = 0; i < fields.n; i++)
		members += fields.p[i] == ':';
	CHECK_EQ(members, 3);
}

static void json_leaves_out_what_does_not_fit(void)
{
	static char big[5000];

	start_fields(1);
	memset(big, '\1', sizeof(big)); /* six bytes each */
	values[0] = (struct value){.type = VAL_STR, .s = {big, sizeof(big)}};
	CHECK(json(4096));
	check_member("cut", "true");
	CHECK(!json_member(json_member(buf, "output_fields").p, "fd.name").p);
	CHECK_STR(json_member(json_member(buf, "output_fields").p, "small.a"), "1");
	CHECK(json(sizeof(buf) - 1));
	CHECK(!json_member(json_member(buf, "output_fields").p, "fd.name").p);
	values[0].s.n = 500;
	CHECK(json(4096));
	CHECK(!json_member(buf, "cut").p);
	CHECK_EQ(json_member(json_member(buf, "output_fields").p, "fd.name").n, 3002);
}

static void json_is_valid_at_any_size(void)
{
	static char name[1001], text[ALERT_TEXT_MAX + 1];

	memset(name, '"', sizeof(name) - 1);
	memset(text, '\\', ALERT_TEXT_MAX);
	for (int shape = 0; shape < 2; shape++) {
		start_fields(1);
		values[0] = (struct value){.type = VAL_STR, .s = {name, 300}};
		if (shape) {
			al.rule = al.tags = name;
			al.hostname = str_of(name);
			al.text = str_of(text);
		}
		for (size_t size = 0; size < 12000; size += size < 3000 ? 1 : 7)
			CHECK(json(size) || size < 1280);
	}
}

static void utf8_knows_its_characters(void)
{
	static const struct {
		const char *bytes;
		uint32_t n, code;
	} rows[] = {
		{"a", 1, 'a'},
		{"\x7f", 1, 0x7f},
		{"\xc2\x80", 2, 0x80},
		{"\xdf\xbf", 2, 0x7ff},
		{"\xe0\xa0\x80", 3, 0x800},
		{"\xed\x9f\xbf", 3, 0xd7ff},
		{"\xee\x80\x80", 3, 0xe000},
		{"\xef\xbf\xbf", 3, 0xffff},
		{"\xf0\x90\x80\x80", 4, 0x10000},
		{"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
		{"", 0, 0},
		{"\x80", 0, 0},
		{"\xc1\xbf", 0, 0},
		{"\xc3", 0, 0},
		{"\xc3(", 0, 0},
		{"\xe0\x9f\xbf", 0, 0},
		{"\xed\xa0\x80", 0, 0},
		{"\xf0\x8f\xbf\xbf", 0, 0},
		{"\xf4\x90\x80\x80", 0, 0},
		{"\xf8\x88\x80\x80", 0, 0},
		{"\xe2\x82", 0, 0},
		{"\xff", 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t code = 0;

		CHECK_EQ(utf8_char(str_of(rows[i].bytes), &code), rows[i].n);
		CHECK(!rows[i].n || code == rows[i].code);
	}
}

const struct unit_test tests_format[] = {
	TEST(text_has_time_and_priority),
	TEST(text_is_cut_between_characters),
	TEST(json_of_a_long_text_fits_any_datagram),
	TEST(rfc3164_has_pri_time_tag_pid),
	TEST(rfc3164_to_a_server_has_a_host),
	TEST(syslog_takes_json),
	TEST(rfc5424_says_how_often),
	TEST(rfc3164_has_1024_bytes_at_most),
	TEST(rfc5424_has_all_parts),
	TEST(rfc5424_writes_dashes_for_nothing),
	TEST(rfc5424_escapes_structured_data),
	TEST(rfc5424_marks_utf8),
	TEST(rfc5424_is_valid_at_any_size),
	TEST(json_has_falcos_keys),
	TEST(json_writes_values_by_type),
	TEST(json_escapes_raw_bytes),
	TEST(a_string_alone_is_cut_between_characters),
	TEST(json_names_a_field_once),
	TEST(json_leaves_out_what_does_not_fit),
	TEST(json_is_valid_at_any_size),
	TEST(utf8_knows_its_characters),
	{0},
};
