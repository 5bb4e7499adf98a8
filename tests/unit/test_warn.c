/* SPDX-License-Identifier: BSD-2-Clause */
/* Warnings about rules that are good. Each row: a condition, and all that is said of it. */
#include "../../core/warn.h"

#include <stddef.h>

#include "events.h"
#include "rules.h"

static char said[4096];

static void note(void *arg, const struct warning *w)
{
	size_t n = strlen(said);
	char text[1024];

	(void)arg;
	warn_text(w, text, sizeof(text));
	snprintf(said + n, sizeof(said) - n, "%s%s:%d %s %s: %s", n ? "|" : "",
		 w->at.file ? w->at.file : "", w->at.line, warn_rows[w->kind].name, w->rule, text);
}

static const char *warned(const char *text, bool first)
{
	struct ruleset *rs = rules_load(text);

	said[0] = '\0';
	if (!rs)
		return rules_error.text;
	ruleset_warn(rs, first, note, NULL);
	return said;
}

/* Of a rule with this condition: "KIND FIELD" of what is said, "" if nothing is. */
static const char *kind(const char *condition)
{
	static char text[65536];

	snprintf(text, sizeof(text), RULE("r", "%s"), condition);
	return warned(text, true);
}

#define SAYS(condition, name, text) CHECK_STR(kind(condition), "rules:1 " name " r: " text)
#define NEVER(condition, field)                                                                    \
	SAYS(condition, "never",                                                                   \
	     "can hold for no event: its comparisons of " field " exclude each other")
#define NO_VALUE(condition, field)                                                                 \
	CHECK(strstr(kind(condition), "rules:1 no-value r: can hold for no event: " field " ("))
#define EMPTY(condition, field)                                                                    \
	SAYS(condition, "no-value",                                                                \
	     "can hold for no event: " field ", compared with an empty list, never has the "       \
	     "value that is asked for")
#define OPPOSITE(condition)                                                                        \
	SAYS(condition, "opposite",                                                                \
	     "can hold for no event: it wants a part of its condition and the opposite of that")
#define ALWAYS(condition)                                                                          \
	SAYS(condition, "always",                                                                  \
	     "holds for each event of its types: evt.type is all that makes a difference")
#define FINE(condition) CHECK_STR(kind(condition), "")

static void a_set_without_rules(void)
{
	CHECK_STR(warned("", true), ":0 no-rules : no rules: nothing will alert");
	CHECK_STR(warned(RULE("r", "evt.type = open\nenabled = off"), true),
		  ":0 no-rules : no rules: nothing will alert");
}

static void types(void)
{
	SAYS("fd.num = 1", "every-event",
	     "does not compare evt.type, so it is asked about every event");
	NEVER("evt.type = open and evt.type = close", "evt.type");
	NEVER("evt.type = open and fd.num = 1 and not evt.type in (open, openat)", "evt.type");
	FINE("(evt.type = open or evt.type = close) and fd.num = 1");
}

static void opposites(void)
{
	NEVER("evt.type = open and fd.num = 1 and not fd.num = 1", "fd.num");
	OPPOSITE("evt.type = open and fd.num = 1 and proc.name glob a* and not proc.name glob a*");
	OPPOSITE("evt.type = open and proc.name = x and (proc.name = y or proc.name = z)");
	OPPOSITE("evt.type = open and (fd.num = 1 or fd.num = 2) and not (fd.num = 1 or fd.num = "
		 "2)");
	OPPOSITE("evt.type = open and not (fd.num = 1 or proc.aname = x) and proc.aname = x");
	FINE("evt.type = open and (fd.num = 1 or not fd.num = 2)");
	FINE("evt.type = open and (proc.name = x or fd.num = 1) and not fd.num = 1");
	/* A field that is missing is neither. */
	FINE("evt.type = open and not fd.num = 1 and not fd.num != 1");
}

static void numbers(void)
{
	NEVER("evt.type = open and fd.num = 1 and fd.num = 2", "fd.num");
	NEVER("evt.type = open and fd.num in (1, 2) and fd.num in (3, 4)", "fd.num");
	NEVER("evt.type = open and fd.num in (1, 2) and fd.num != 1 and not fd.num = 2", "fd.num");
	NEVER("evt.type = open and fd.num > 3 and fd.num < 4", "fd.num");
	NEVER("evt.type = open and fd.num >= 3 and fd.num <= 3 and fd.num != 3", "fd.num");
	NEVER("evt.type = open and fd.num in (1, 7) and not fd.num > 8 and fd.num > 7", "fd.num");
	FINE("evt.type = open and fd.num > 3 and fd.num < 5");
	FINE("evt.type = open and fd.num in (1, 2) and fd.num in (2, 3)");
	FINE("evt.type = open and not fd.num > 3 and not fd.num < 4");
	FINE("evt.type = open and not fd.num < 4 and fd.num <= 4");
	FINE("evt.type = open and not fd.num > 4 and fd.num >= 4");
	FINE("evt.type = open and not fd.num <= 3 and fd.num < 5");
	FINE("evt.type = open and not fd.num >= 5 and fd.num > 3");
	NEVER("evt.type = open and not fd.num < 4 and fd.num < 4 and fd.num < 9", "fd.num");
	FINE("evt.type = open and proc.pid = 1 and proc.ppid = 2");
	FINE("evt.type = open and fd.num < 9223372036854775807");
	NO_VALUE("evt.type = open and fd.num > 9223372036854775807", "fd.num");
	NO_VALUE("evt.type = open and fd.num < -9223372036854775808", "fd.num");
	NO_VALUE("evt.type = connect and fd.sport > 65535", "fd.sport");
	EMPTY("evt.type = open and proc.pid in ()", "proc.pid");
	EMPTY("evt.type = connect and fd.sip in ()", "fd.sip");
	NO_VALUE("evt.type = open and evt.num = 0", "evt.num");
	NO_VALUE("evt.type = open and evt.num < 1", "evt.num");
	NEVER("evt.type = connect and fd.sport = 1 and fd.sport = 2", "fd.sport");
	/* A socket has two of them. */
	FINE("evt.type = connect and fd.port = 1 and fd.port = 2");
	FINE("evt.type = open and proc.apid = 1 and proc.apid = 2");
	NEVER("evt.type = open and proc.apid[1] = 1 and proc.apid[1] = 2", "proc.apid[1]");
	FINE("evt.type = open and proc.apid[1] = 1 and proc.apid[2] = 2");
}

static void switches(void)
{
	NEVER("evt.type = open and evt.failed = true and evt.failed = false", "evt.failed");
	NEVER("evt.type = open and evt.failed != true and evt.failed != false", "evt.failed");
	FINE("evt.type = open and not evt.failed = true and not evt.failed = false");
}

static void texts(void)
{
	NEVER("evt.type = open and proc.name = a and proc.name = b", "proc.name");
	NEVER("evt.type = open and proc.name = a and proc.name startswith b", "proc.name");
	NEVER("evt.type = open and proc.name in (ab, cd) and proc.name endswith x", "proc.name");
	NEVER("evt.type = open and proc.name in (ab, cd) and not proc.name in (ab, cd, e)",
	      "proc.name");
	NEVER("evt.type = open and proc.exepath = /bin/a and not proc.exepath contains bin",
	      "proc.exepath");
	FINE("evt.type = open and proc.name = ab and proc.name startswith a");
	FINE("evt.type = open and proc.name startswith a and proc.name startswith b");
	FINE("evt.type = open and proc.name = a and proc.name glob b");
	FINE("evt.type = open and proc.name = a and proc.name regex b");
	FINE("evt.type = open and proc.name = a and proc.name icontains A");
	FINE("evt.type = open and proc.aname = a and proc.aname = b");
	FINE("evt.type = open and proc.name = a and tolower(proc.name) = b");
	FINE("evt.type = open and proc.name = a and proc.name = anyof (a, b)");
	FINE("evt.type = open and (proc.name = a or proc.name = b) and proc.name = b");
	/* One file may have both names. */
	FINE("evt.type = open and fd.name = /a and fd.name = /b");
	FINE("evt.type = open and fd.name = /a and fd.name startswith /b");
	FINE("evt.type = open and fd.name = a and fd.name = /b");
	NEVER("evt.type = open and fd.name = a and fd.name startswith /b", "fd.name");
}

static void addresses(void)
{
	NEVER("evt.type = connect and fd.sip = 10.0.0.1 and fd.sip = 10.0.0.2", "fd.sip");
	NEVER("evt.type = connect and fd.sip in (10.0.0.0/8, ::1) and fd.sip = 192.0.2.1",
	      "fd.sip");
	NEVER("evt.type = connect and fd.sip = ::/0 and fd.sip = 0.0.0.0/0", "fd.sip");
	FINE("evt.type = connect and fd.sip = 10.0.0.1 and fd.sip = 10.0.0.0/8");
	FINE("evt.type = connect and fd.sip = 10.0.0.0/8 and fd.sip in (192.0.2.1, 10.0.0.1)");
	FINE("evt.type = connect and fd.ip = 10.0.0.1 and fd.ip = 10.0.0.2");
	FINE("evt.type = connect and fd.sip = 10.0.0.1 and fd.sip = val(fd.cip)");
	FINE("evt.type = connect and fd.sip.name = a.org and fd.sip.name = b.org");
}

static void values_that_a_field_never_has(void)
{
	NO_VALUE("evt.type = open and fd.num = 1 and evt.dir = >", "evt.dir");
	NO_VALUE("evt.type = open and fd.num = 1 and evt.dir != <", "evt.dir");
	NO_VALUE("evt.type = open and fd.num = 1 and not evt.dir = <", "evt.dir");
	NO_VALUE("evt.type = open and fd.num = 1 and (evt.dir = > or evt.num = 0)", "evt.dir");
	FINE("evt.type = open and fd.num = 1 and evt.dir = <");
	FINE("evt.type = open and fd.num = 1 and not evt.dir = >");
	FINE("evt.type = open and fd.num = 1 and evt.dir in (<, >)");
	FINE("evt.type = open and (fd.num = 1 or evt.dir = >)");
	FINE("evt.type = open and fd.num = 1 and evt.dir regex .");
	NO_VALUE("evt.type = connect and fd.l4proto = TCP", "fd.l4proto");
	NO_VALUE("evt.type = connect and fd.l4proto startswith x", "fd.l4proto");
	FINE("evt.type = connect and fd.l4proto startswith t");
	/* It may be missing. */
	FINE("evt.type = connect and not fd.l4proto = tcp");
	NO_VALUE("evt.type = open and proc.name = systemd-networkd", "proc.name");
	NO_VALUE("evt.type = open and proc.name startswith systemd-networkd", "proc.name");
	NO_VALUE("evt.type = open and proc.aname in (systemd-networkd, systemd-resolved)",
		 "proc.aname");
	FINE("evt.type = open and proc.name in (systemd-networkd, systemd-network)");
	FINE("evt.type = open and not proc.name = systemd-networkd and fd.num = 1");
	FINE("evt.type = open and proc.cmdline = systemd-networkd");
	EMPTY("evt.type = open and proc.name in ()", "proc.name");
}

static void arguments(void)
{
	SAYS("evt.type = open and evt.arg.path = x", "no-argument",
	     "evt.arg.path: no event that this rule can hold for has it");
	SAYS("evt.type = open and (fd.num = 1 or evt.arg.path = x)", "no-argument",
	     "evt.arg.path: no event that this rule can hold for has it");
	/* Only one of the two has flags, and it has no path. */
	SAYS("evt.type in (open, chdir) and evt.arg.path = x and evt.arg.flags = x", "no-argument",
	     "evt.arg.path: no event that this rule can hold for has it");
	FINE("evt.type in (open, chdir) and (evt.arg.path = x or evt.arg.flags = x)");
}

static void always(void)
{
	ALWAYS("evt.type = open");
	ALWAYS("evt.type in (open, openat) and evt.dir = <");
	ALWAYS("evt.type = open and (fd.num = 1 or not fd.num = 1)");
	ALWAYS("evt.type = open and not (fd.num = 1 and not fd.num = 1)");
	ALWAYS("evt.type = open and evt.num exists and evt.num > 0 and evt.type exists");
	FINE("evt.type = open and evt.num > 1");
	FINE("evt.type = open and (fd.num = 1 or fd.num != 1)");
	FINE("evt.type = open and fd.num exists");
	FINE("(evt.type = open and fd.num = 1) or evt.type = openat");
}

static void drivers(void)
{
	SAYS("evt.type = execve and proc.is_exe_upper_layer = true", "driver",
	     "can hold for no event: it asks for proc.is_exe_upper_layer");
	SAYS("evt.type = execve and proc.is_exe_lower_layer != false", "driver",
	     "can hold for no event: it asks for proc.is_exe_lower_layer");
	FINE("evt.type = execve and proc.is_exe_upper_layer = false");
	FINE("evt.type = execve and not proc.is_exe_upper_layer = true");
	FINE("evt.type = execve and (proc.name = x or proc.is_exe_upper_layer = true)");
}

/* What is said of the second of two rules. */
static const char *shadow(const char *first, const char *second)
{
	static char text[65536];

	snprintf(text, sizeof(text), RULE("e", "%s") RULE("l", "%s"), first, second);
	return warned(text, true);
}

#define SHADOWED(first, second)                                                                    \
	CHECK_STR(shadow(first, second),                                                           \
		  "rules:5 shadowed l: is never told while sensor.match is first: whenever it "    \
		  "holds, so does e (rules:1), which comes before it")
#define APART(first, second) CHECK_STR(shadow(first, second), "")

static void shadows(void)
{
	const char *twice = RULE("e", "evt.type = open and fd.num = 1")
		RULE("l", "evt.type = open and fd.num = 1");

	SHADOWED("evt.type = open and fd.num = 1", "evt.type = open and fd.num = 1");
	SHADOWED("evt.type in (open, openat) and fd.num = 1",
		 "evt.type = open and proc.name = x and fd.num = 1");
	SHADOWED("evt.type = open and proc.name in (a, b)", "evt.type = open and proc.name = a");
	SHADOWED("evt.type = open and proc.name startswith a",
		 "evt.type = open and proc.name in (a, ab) and fd.num = 1");
	SHADOWED("evt.type = open and fd.num > 2", "evt.type = open and fd.num in (3, 4)");
	SHADOWED("evt.type = open and (fd.num = 1 or proc.name = x)",
		 "evt.type = open and fd.num = 1");
	SHADOWED("evt.type = open and (fd.num = 1 or proc.name = x)",
		 "evt.type = open and (fd.num = 1 or proc.name = x) and fd.name = y");
	SHADOWED("evt.type = open and not (fd.num = 1 or proc.name = x)",
		 "evt.type = open and not proc.name = x and not fd.num = 1");
	SHADOWED("evt.type = open and not proc.name = x", "evt.type = open and proc.name = y");
	APART("evt.type = open and fd.num = 1", "evt.type in (open, openat) and fd.num = 1");
	APART("evt.type = open and fd.num = 1 and proc.name = x", "evt.type = open and fd.num = 1");
	APART("evt.type = open and not fd.num = 1", "evt.type = open and fd.num = 1");
	APART("evt.type = open and proc.name = a", "evt.type = open and proc.name in (a, b)");
	APART("evt.type = open and fd.num = 1 and proc.name = x",
	      "evt.type = open and (fd.num = 1 or proc.name = x)");
	APART("evt.type = open and proc.aname = x", "evt.type = open and proc.aname in (y, x)");
	/* That file may have another name. */
	APART("evt.type = open and fd.name startswith /etc",
	      "evt.type = open and fd.name = /etc/a");
	CHECK_STR(warned(twice, false), "");
}

static void a_long_condition_is_looked_at_as_far_as_there_is_room(void)
{
	static char text[65536];
	size_t n = (size_t)snprintf(text, sizeof(text),
				    "fd.num = 1 and fd.num = 2 and evt.type = "
				    "open");

	for (int i = 299; i >= 0; i--)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " and proc.ppid != %d", i);
	FINE(text);
	snprintf(text + n, sizeof(text) - n, " and proc.ppid in (1, 2)");
	NEVER(text, "proc.ppid");
	n = (size_t)snprintf(text, sizeof(text), "fd.num = 1 and evt.type = open");
	for (int i = 0; i < 300; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " and evt.num > 0");
	FINE(text);
}

static void what_an_override_loses(void)
{
	const char *base = RULE("r", "evt.type = open and fd.num = 1");
	char text[4096];

	snprintf(text, sizeof(text), "%s%s", base,
		 "[override rule r]\ncondition += and proc.name = x\npriority = error\n"
		 "[override rule r]\ncondition = evt.type = open and fd.num = 2\n");
	CHECK_STR(warned(text, true), "rules:6 undone r: this override has no effect: condition is "
				      "replaced at rules:9");
	snprintf(text, sizeof(text), "%s%s", base,
		 "[override rule r]\ncondition += and proc.name = x\n"
		 "[override rule r]\ncondition += and fd.num != 3\n");
	CHECK_STR(warned(text, true), "");
	/* All off but one. */
	snprintf(text, sizeof(text), "%s%s", base,
		 "[override rule r*]\nenabled = off\n[override rule r]\nenabled = on\n");
	CHECK_STR(warned(text, true), "");
	snprintf(text, sizeof(text), "%s%s", base,
		 "[list l]\nitems = a\n[override list l]\nitems += b\n[override list l]\nitems = "
		 "c\n");
	CHECK_STR(warned(text, true),
		  "rules:8 undone l: this override has no effect: items is replaced at rules:10");
}

/* Whatever is said of random rules is true of random events. */

static uint32_t dice;

static unsigned roll(unsigned sides)
{
	dice = dice * 1664525u + 1013904223u;
	return (dice >> 16) % sides;
}

static const char *const atoms[] = {
	"evt.type = open",
	"evt.type = open",
	"evt.type in (open, connect)",
	"evt.type != open",
	"evt.type exists",
	"evt.dir = <",
	"evt.dir = >",
	"evt.dir != >",
	"evt.num > 0",
	"evt.num = 0",
	"evt.failed = true",
	"evt.failed = false",
	"evt.failed != false",
	"evt.is_open_write = true",
	"fd.num = 3",
	"fd.num in (3, 4)",
	"fd.num in (4, 5, -1)",
	"fd.num != 3",
	"fd.num < 4",
	"fd.num <= 3",
	"fd.num > 3",
	"fd.num >= 4",
	"proc.name = x",
	"proc.name in (x, xy)",
	"proc.name in (y, z, alonger-than-that)",
	"proc.name = sixteen-letters-",
	"proc.name != x",
	"proc.name startswith x",
	"proc.name endswith y",
	"proc.name contains xy",
	"proc.name glob x*",
	"tolower(proc.name) = x",
	"proc.name = oneof (x, y)",
	"proc.aname = x",
	"proc.aname = init",
	"proc.aname[1] = init",
	"proc.aname != init",
	"fd.name = /a",
	"fd.name = /b",
	"fd.name in (/a, /c)",
	"fd.name != /b",
	"fd.name = c",
	"fd.name startswith /a",
	"fd.name exists",
	"fd.l4proto = tcp",
	"fd.l4proto = xtp",
	"fd.sip = 10.0.0.1",
	"fd.sip in (10.0.0.0/31, ::1)",
	"fd.sip != 10.0.0.1",
	"fd.sip = val(fd.cip)",
	"fd.ip = 10.0.0.1",
	"fd.ip = 10.0.0.2",
	"fd.port = 1",
	"fd.port = 2",
	"fd.sport < 2",
	"fd.sport in (2, 3)",
	"evt.arg.flags contains O_RDONLY",
	"evt.arg.tuple exists",
};

#define NATOMS (sizeof(atoms) / sizeof(atoms[0]))

static char *put_condition(char *to, int depth)
{
	unsigned n = depth ? 2 + roll(3) : 1;
	const char *between = depth % 2 ? " and " : " or ";

	if (!roll(4))
		to = stpcpy(to, "not ");
	if (!depth || !roll(4))
		return stpcpy(to, atoms[roll(NATOMS)]);
	*to++ = '(';
	for (unsigned i = 0; i < n; i++) {
		to = stpcpy(to, i ? between : "");
		to = put_condition(to, depth - 1);
	}
	return stpcpy(to, ")");
}

static void put_rule(char *to, const char *name)
{
	unsigned n = 1 + roll(5);

	to += sprintf(to, "[rule %s]\noutput = x\npriority = notice\ncondition = ", name);
	for (unsigned i = 0; i < n; i++) {
		to = stpcpy(to, i ? " and " : "");
		to = put_condition(to, (int)roll(3));
	}
	stpcpy(to, "\n");
}

static struct state *open_tables(void)
{
	static const struct state_config cfg = {16, 4, 16, 4, 4, 4, 4, 4, 4};
	static const char *const names[] = {"init", "x", "xy", "y"};
	static struct stats stats;
	struct state *state;
	struct arena a;

	CHECK_EQ(arena_map(&a, state_size(&cfg) + 4096), 0);
	state = state_open(&a, &cfg, &stats);
	for (uint32_t pid = 1; pid <= 4; pid++) {
		event_begin(TRC_PROCINFO);
		event_rec.hdr.pid = event_rec.hdr.tid = pid;
		event_set_str("comm", names[pid - 1]);
		event_set("ppid", pid - 1);
		state_before(state, event_done());
	}
	event_begin(TRC_FILEINFO);
	event_set_str("name", "/b");
	event_set("dev", 8);
	event_set("ino", 5);
	state_before(state, event_done());
	return state;
}

static const struct event *random_event(void)
{
	static const char *const names[] = {"/a", "/ab", "/b", "c"};
	static const char addr[] = "\x0a\x00\x00\x01\x0a\x00\x00\x02";
	struct trc_sock sock = event_inet(TRC_SOCK_INET, addr + 4 * roll(2), 1 + (int)roll(2),
					  addr + 4 * roll(2), 1 + (int)roll(2));

	event_begin(roll(3) ? TRC_OPEN : TRC_CONNECT);
	event_rec.hdr.pid = event_rec.hdr.tid = 1 + roll(5);
	if (event_rec.hdr.type == TRC_CONNECT) {
		event_set("res", roll(2) ? 0 : -13);
		event_set("fd", 3 + (int)roll(3));
		if (roll(4))
			event_set_sock("tuple", &sock, "", 0);
		return event_done();
	}
	event_set("fd", roll(4) ? 3 + (int)roll(3) : -2);
	if (roll(4))
		event_set_str("name", names[roll(4)]);
	if (roll(4))
		event_set("flags", roll(2));
	event_set("dev", 8);
	event_set("ino", 4 + roll(2));
	return event_done();
}

static struct proof {
	uint8_t never[2], always[2], shadowed; /* was it said of e, of l? */
	int told[4];
} proof;

static void take(void *arg, const struct warning *w)
{
	int l = *w->rule == 'l';

	(void)arg;
	switch (w->kind) {
	case WARN_NEVER:
	case WARN_OPPOSITE:
	case WARN_NO_VALUE:
		proof.never[l] = 1;
		proof.told[0]++;
		break;
	case WARN_ALWAYS:
		proof.always[l] = 1;
		proof.told[1]++;
		break;
	case WARN_SHADOWED:
		proof.shadowed = 1;
		proof.told[2]++;
		break;
	default:
		proof.told[3]++;
	}
}

/* Holds what was said against one event. */
static void try_event(struct ruleset *rs, const struct state *state, const char *text)
{
	static char scratch[FIELD_SCRATCH];
	const struct event *ev = random_event();
	bool holds[2] = {false, false};
	struct field_ctx ctx;
	struct rule *r;
	int pos = 0;

	field_begin(&ctx, state, ev, scratch);
	while ((r = ruleset_match(rs, &ctx, &pos)) != NULL)
		holds[*r->name == 'l'] = true;
	for (int i = 0; i < 2; i++) {
		uint8_t wanted[TRC_NTYPES] = {0};

		rule_wants(ruleset_rule(rs, i), wanted);
		if ((proof.never[i] && holds[i]) ||
		    (proof.always[i] && wanted[ev->hdr->type] && !holds[i]))
			unit_fail(__FILE__, __LINE__, "not true of %s: %s", i ? "l" : "e", text);
	}
	if (proof.shadowed && holds[1] && !holds[0])
		unit_fail(__FILE__, __LINE__, "not behind it: %s", text);
}

static void what_is_said_is_true(void)
{
	static char text[32768];
	const struct state *state = open_tables();
	struct ini_error err;
	struct arena a;
	struct ruleset *rs;

	CHECK_EQ(arena_map(&a, 1 << 20), 0);
	for (dice = 1; dice < 60000;) {
		uint32_t seed = dice;

		put_rule(text, "e");
		put_rule(text + strlen(text), "l");
		arena_reset(&a);
		rs = ruleset_text(&a, text, strlen(text), PRIO_DEBUG, &err);
		if (!rs)
			unit_fail(__FILE__, __LINE__, "%s", err.text);
		memset(&proof, 0, offsetof(struct proof, told));
		ruleset_warn(rs, true, take, NULL);
		for (int i = 0; i < 50; i++)
			try_event(rs, state, text);
		dice = seed + 17;
	}
	for (int i = 0; i < 4; i++)
		CHECK(proof.told[i] > 10);
}

const struct unit_test tests_warn[] = {
	TEST(a_set_without_rules),
	TEST(types),
	TEST(opposites),
	TEST(numbers),
	TEST(switches),
	TEST(texts),
	TEST(addresses),
	TEST(values_that_a_field_never_has),
	TEST(arguments),
	TEST(always),
	TEST(drivers),
	TEST(shadows),
	TEST(a_long_condition_is_looked_at_as_far_as_there_is_room),
	TEST(what_an_override_loses),
	TEST(what_is_said_is_true),
	{0},
};
