/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alerts, and the sinks they go to. An alert is made once and handed to each
 * sink that is configured; a sink that cannot take it counts that and never
 * blocks.
 */
#ifndef CORE_ALERT_H
#define CORE_ALERT_H

#include <poll.h>

#include "arena.h"
#include "config.h"
#include "rule.h"

struct outlet;

#define ALERT_TEXT_MAX 4096 /* bytes of an alert's text */

struct alert {
	uint64_t seq;  /* of this sink, from 1, without a gap: set by sinks_write */
	uint64_t time; /* ns since 1970, of the event */
	enum priority priority;
	const char *rule; /* its name; the sensor's own words: "tiercel" */
	const char *tags;
	bool own;      /* the sensor's own words */
	uint64_t more; /* of what was told before: how often it was repeated since; else 0 */
	struct str hostname;
	struct str text;	       /* rendered output, escaped: one line of printable UTF-8 */
	const struct template *output; /* to list its fields one by one; NULL for own words */
	struct field_ctx *ctx;	       /* of the event; NULL for own words */
};

struct sink {
	const char *name;
	const char *help;
	/* Is it switched on in the configuration? */
	bool (*enabled)(const struct config *cfg);
	/* Alerts of a lower priority are not for it. */
	int (*floor)(const struct config *cfg);
	/* The sensor's own words below a warning are not for it. */
	bool terse;
	/* Takes its part of the configuration. 0, or -errno with one line in why. */
	int (*open)(const struct config *cfg, struct stats *stats, char *why, size_t size);
	/* Takes an alert, without blocking. */
	void (*write)(const struct alert *al);
	/* Where its alerts wait (outlet.h), and how many bytes of them; NULL if they never do. */
	struct outlet *outlet;
	uint32_t (*spool)(const struct config *cfg);
};

/*
 * Sinks there are; as many descriptors at most does sinks_poll give. stdio.h
 * makes stdout a macro.
 */
enum {
#define SINK(name) SINK_##name,
#include "sinks.def"
	SINK_COUNT
};

#define SINK(name) extern const struct sink sink_##name;
#include "sinks.def"

/* The i-th sink there is (sinks.c), NULL past the end. */
const struct sink *sink_list(int i);

/* Bytes of arena that sinks_open takes with this configuration. */
size_t sinks_size(const struct config *cfg);

/*
 * Opens those that are enabled. 0, or -errno with one line in why and none
 * open. cfg and stats must live until sinks_close. Ignores SIGPIPE and
 * SIGXFSZ; reads the time zone.
 */
int sinks_open(const struct config *cfg, struct arena *a, struct stats *stats, char *why,
	       size_t size);
/* Hands an alert to every open sink that it is for; each numbers those that it gets. */
void sinks_write(const struct alert *al);
/*
 * Fills p with at most max descriptors to poll and returns how many; lowers
 * *timeout_ms (-1 = for ever) to the time when a sink wants to be called.
 */
int sinks_poll(struct pollfd *p, int max, int *timeout_ms);
/* After the poll: steps the sinks whose descriptor is ready or whose time has come. */
void sinks_ready(const struct pollfd *p, int n);
/* Messages that wait in spools. */
uint32_t sinks_waiting(void);
/* Sends what can be sent within about timeout_ms in all. */
void sinks_flush(int timeout_ms);
/*
 * Sends what can be sent within about timeout_ms in all, then closes; what is
 * left is counted as dropped.
 */
void sinks_close(int timeout_ms);

#define FORMAT_RFC3164_MAX 1024 /* RFC 3164, section 4.1 */

enum form { FORM_TEXT, FORM_JSON }; /* the words of stdout.format and its kin */

/*
 * What stands before a syslog message: HEADER_LOCAL is RFC 3164 without host
 * name, in local time, as /dev/log wants it. The others are the words of
 * remote.header.
 */
enum header { HEADER_RFC5424, HEADER_RFC3164, HEADER_LOCAL };

/*
 * Formats, for sinks. Each writes at most size bytes, no NUL, no newline, and
 * returns the length; 0 if not even its fixed parts fit. 1280 bytes hold those
 * of json, 480 those of any other; syslog takes the sum. An alert that does not
 * fit is cut at the end of its text, never inside of a character.
 *
 * text: "12:34:56.123456789: Warning RULE'S OUTPUT", local time unless cfg says UTC.
 * json: one object with Falco's keys (hostname output output_fields priority rule source tags
 *	 time), seq, and more where it is not 0; output is the line of text. A field that does not
 *	 fit is left out whole, output is cut at half of size; then the object ends with "cut":true.
 * line: one of these.
 * syslog: a header and the alert's text, or json. RFC 3164: "<PRI>Mmm dd hh:mm:ss HOST TAG[PID]:
 *	 TEXT", of text 1024 bytes at most. RFC 5424: "<PRI>1 TIME HOST TAG PID MSGID
 *	 [tiercel@32473 ...] TEXT" with rule, priority, seq, tags, and more where it is not 0, as
 *	 structured data (section 6); one that does not fit is left out whole.
 */
size_t format_text(const struct alert *al, const struct config *cfg, char *buf, size_t size);
size_t format_json(const struct alert *al, const struct config *cfg, char *buf, size_t size);
size_t format_line(const struct alert *al, const struct config *cfg, enum form form, char *buf,
		   size_t size);
size_t format_syslog(const struct alert *al, const struct config *cfg, enum header header,
		     enum form form, char *buf, size_t size);

/* A string of JSON in its quotes, cut to size bytes (2 or more); returns its length, no NUL. */
size_t format_json_string(struct str s, char *buf, size_t size);

#endif
