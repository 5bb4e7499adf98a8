/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows people the line that a message is about: see excerpt.h. */
#include "excerpt.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "str.h"

/* Bytes of the line that are shown before the word, of the word, and behind it. */
enum { BEFORE = 70, WORD = 60, BEHIND = 40, SHOWN = BEFORE + WORD + BEHIND };

/* A file, byte by byte. */
struct bytes {
	int fd;
	size_t at, n;
	char buf[1024];
};

static int next(struct bytes *in)
{
	if (in->at == in->n) {
		ssize_t got = read(in->fd, in->buf, sizeof(in->buf));

		in->at = 0;
		in->n = got > 0 ? (size_t)got : 0;
	}
	return in->at < in->n ? (unsigned char)in->buf[in->at++] : -1;
}

/* Reads a line, blanks at its end left out. Returns its length, 0 if there is none. */
static size_t read_line(const struct ini_place *at, char line[static INI_LINE_MAX])
{
	struct bytes in = {.fd = open(at->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
	size_t n = 0;
	int c = 0;

	for (int number = 1; number < at->line && c >= 0;)
		if ((c = next(&in)) == '\n')
			number++;
	while ((c = next(&in)) >= 0 && c != '\n' && n < INI_LINE_MAX)
		line[n++] = (char)c;
	while (n && strchr(" \t\r", line[n - 1]))
		n--;
	if (in.fd >= 0)
		close(in.fd);
	return n;
}

/* The word that a message begins with, behind the place: found in the line if it stands there. */
static struct str find_word(const struct ini_error *err, struct str line)
{
	char place[sizeof(err->text)];
	const char *word = err->text, *end, *found;
	size_t n = (size_t)snprintf(place, sizeof(place), "%s:%d: ", err->at.file, err->at.line);

	if (!strncmp(word, place, n))
		word += n;
	end = strstr(word, ": ");
	found = end && end > word ? memmem(line.p, line.n, word, (size_t)(end - word)) : NULL;
	return (struct str){found, found ? (uint32_t)(end - word) : 0};
}

/* Where in the line the word is; p = NULL if that is not known. */
static struct str word_of(const struct ini_error *err, struct str line)
{
	if (!err->width || err->rest > line.n)
		return find_word(err, line);
	return (struct str){line.p + line.n - err->rest, err->width};
}

/* Writes a line below, with a mark under n bytes behind so many. */
static void show_mark(size_t before, size_t n)
{
	char mark[SHOWN + 1];

	memset(mark, ' ', before);
	memset(mark + before, '^', n);
	dprintf(log_fd, "      | %.*s\n", (int)(before + n), mark);
}

void excerpt_show(const struct ini_error *err)
{
	char text[INI_LINE_MAX + 1], shown[4 * SHOWN + 1];
	struct str line, word;
	char *from = text, *to;
	size_t room;

	if (!err->at.file || err->at.line <= 0)
		return;
	line = (struct str){text, (uint32_t)read_line(&err->at, text)};
	word = word_of(err, line);
	if (!word.p)
		word = (struct str){text, 0};
	if (word.p - text > BEFORE)
		from += word.p - text - BEFORE;
	room = line.n - (size_t)(word.p - text);
	to = text + (word.p - text);
	to += room < WORD + BEHIND ? room : WORD + BEHIND;
	for (char *p = from; p < to; p++)
		if (*p == '\t')
			*p = ' ';
	*to = '\0';
	dprintf(log_fd, "%5d | ", err->at.line);
	/* What has bytes that are escaped is not as wide as it was: there is no mark then. */
	room = log_escape(from, shown, sizeof(shown)) == (size_t)(to - from) ? SHOWN : 0;
	dprintf(log_fd, "%s\n", shown);
	if (word.n && room)
		show_mark((size_t)(word.p - from), word.n < WORD ? word.n : WORD);
}

unsigned excerpt_word(const struct ini_error *err, char *word, size_t size)
{
	char text[INI_LINE_MAX];
	struct str at = {NULL, 0};

	if (err->at.file && err->at.line > 0)
		at = word_of(err, (struct str){text, (uint32_t)read_line(&err->at, text)});
	snprintf(word, size, "%.*s", (int)at.n, at.p ? at.p : "");
	return at.p ? (unsigned)(at.p - text) + 1 : 0;
}
