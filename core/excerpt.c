/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows people the line that a message is about: see excerpt.h. */
#include "excerpt.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "str.h"

enum { AROUND = 50 }; /* bytes of the line that are shown before and behind the word */

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

void excerpt_show(const struct ini_error *err)
{
	char text[INI_LINE_MAX], shown[4 * 3 * AROUND], mark[3 * AROUND];
	struct str line = {text, 0}, word;
	const char *from, *to;
	size_t before, n;

	if (!err->at.file || err->at.line <= 0)
		return;
	line.n = (uint32_t)read_line(&err->at, text);
	word = word_of(err, line);
	if (!word.p)
		word = (struct str){line.p, 0};
	from = word.p - line.p > AROUND ? word.p - AROUND : line.p;
	to = word.p + (word.n < AROUND ? word.n : AROUND) + AROUND;
	if (to > line.p + line.n)
		to = line.p + line.n;
	before = (size_t)(word.p - from);
	n = (size_t)(to - from);
	for (char *p = text + (from - text); p < to; p++)
		if (*p == '\t')
			*p = ' ';
	text[from - text + (ptrdiff_t)n] = '\0';
	/* What has bytes that are escaped is not as wide as it was: there is no mark then. */
	if (log_escape(from, shown, sizeof(shown)) != n)
		word.n = 0;
	dprintf(log_fd, "%5d | %s\n", err->at.line, shown);
	if (!word.n)
		return;
	if (word.n > (size_t)(to - word.p))
		word.n = (uint32_t)(to - word.p);
	memset(mark, ' ', before);
	memset(mark + before, '^', word.n ? word.n : 1);
	dprintf(log_fd, "      | %.*s\n", (int)(before + (word.n ? word.n : 1)), mark);
}
