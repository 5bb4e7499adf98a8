/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our reader in front of inih. inih asks for one line after the other:
 * next_line() hands over only those that it cannot stumble over, and remembers
 * the line, so that the handler can take from it what inih cuts (names) or does
 * not tell apart (a key given twice and a value that goes on). A value is
 * gathered until the next line that does not belong to it.
 */
#include "ini.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ini.h> /* inih; its handler has the type that toolchain/inih.flags give it */

#include "log.h"
#include "str.h"

#define EXCERPT 60 /* bytes of a line that a message repeats */

struct parse {
	const struct ini_reader *r;
	struct ini_error *err;
	int rc;			/* of the first thing that was wrong */
	const char *next, *end; /* text that inih has not seen */
	struct ini_place at;	/* the line that it sees, */
	struct str line;	/* without a byte order mark, and blanks at its end */
	bool in_section, in_value;
	char *word;  /* name of the key in whose value we are; a section's text */
	char *value; /* INI_VALUE_MAX bytes */
	size_t value_len;
	struct ini_place key_at, value_at; /* where they begin */
	int value_line;			   /* line that was added last */
	int nkeys;
	struct {
		struct str name;
		int line;
	} keys[INI_KEYS_MAX]; /* of this section */
};

int ini_fail(struct ini_error *err, struct ini_place at, const char *fmt, ...)
{
	char text[sizeof(err->text) + 1]; /* one too many, so that err shows what is cut here */
	int n = 0;
	va_list ap;

	if (at.file && at.line)
		n = snprintf(text, sizeof(text), "%s:%d: ", at.file, at.line);
	else if (at.file)
		n = snprintf(text, sizeof(text), "%s: ", at.file);
	if ((size_t)n < sizeof(text)) {
		va_start(ap, fmt);
		vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
		va_end(ap);
	}
	log_escape(text, err->text, sizeof(err->text));
	err->at = at;
	err->rest = err->width = 0;
	return -EINVAL;
}

int ini_blame(struct ini_error *err, const char *word, size_t width)
{
	const char *end = strchrnul(word, '\n');

	while (end > word && strchr(" \t\r", end[-1]))
		end--;
	err->rest = (unsigned)(end - word);
	err->width = (unsigned)width;
	return -EINVAL;
}

static bool blank(char c)
{
	return isspace((unsigned char)c);
}

static struct str trim_end(struct str s)
{
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static struct str trim(struct str s)
{
	while (s.n && blank(*s.p)) {
		s.p++;
		s.n--;
	}
	return trim_end(s);
}

/* Says what is wrong with the line that inih sees. */
static int refuse(const struct parse *p, const char *expected)
{
	struct str s = trim(p->line);
	const char *more = "";

	if (s.n > EXCERPT) {
		more = "...";
		for (s.n = EXCERPT; s.n && (s.p[s.n] & 0xc0) == 0x80; s.n--)
			; /* not inside of a character */
	}
	return ini_fail(p->err, p->at, "%.*s%s: expected %s", (int)s.n, s.p, more, expected);
}

/* The same where a key was expected. Who comes from Falco may give us his files as they are. */
static int refuse_key(const struct parse *p)
{
	struct str s = trim(p->line);
	const char *colon = memchr(s.p, ':', s.n);

	if (str_starts(s, STR("- ")))
		return refuse(
			p, "KEY = VALUE; this looks like YAML, of which falco-import makes rules");
	if (colon && (colon + 1 == s.p + s.n || blank(colon[1])))
		return refuse(p, "KEY = VALUE; this looks like YAML");
	return refuse(p, "KEY = VALUE");
}

/* Hands over the key whose value is complete now, if there is one. */
static int end_value(struct parse *p)
{
	bool was = p->in_value;

	p->in_value = false;
	return was ? p->r->key(p->r->arg, p->key_at, p->value_at, p->word, p->value, p->err) : 0;
}

static int add_value(struct parse *p, const char *text)
{
	size_t n = strlen(text), newlines = (size_t)(p->at.line - p->value_line);

	if (!p->value_len) { /* nothing but blanks so far */
		newlines = 0;
		p->value_at = p->at;
	}
	if (n + newlines >= INI_VALUE_MAX - p->value_len)
		return refuse(p, "the end of a value of " QUOTED(INI_VALUE_MAX) " bytes and more");
	memset(p->value + p->value_len, '\n', newlines);
	memcpy(p->value + p->value_len + newlines, text, n + 1);
	p->value_len += newlines + n;
	p->value_line = p->at.line;
	return 0;
}

static int begin_key(struct parse *p, struct str key, const char *value)
{
	const char *equals = memchr(p->line.p, '=', p->line.n);

	/* inih takes a colon as well, and no name at all. */
	if (!key.n || !equals || memchr(p->line.p, ':', (size_t)(equals - p->line.p)))
		return refuse_key(p);
	if (!p->in_section)
		return refuse(p, "a [section] before the first key");
	if (p->nkeys == INI_KEYS_MAX)
		return refuse(p, "at most " QUOTED(INI_KEYS_MAX) " keys in a section");
	for (int i = 0; i < p->nkeys; i++) {
		if (str_eq(p->keys[i].name, key))
			return ini_fail(p->err, p->at, "%.*s: given twice, first in line %d",
					(int)key.n, key.p, p->keys[i].line);
	}
	p->keys[p->nkeys].name = key;
	p->keys[p->nkeys++].line = p->at.line;
	memcpy(p->word, key.p, key.n);
	p->word[key.n] = '\0';
	p->value_len = 0;
	p->in_value = true;
	p->key_at = p->at;
	return add_value(p, value);
}

static int begin_section(struct parse *p)
{
	struct str s = {p->line.p + 1, p->line.n - 2}; /* inih has seen both brackets */
	char *name;

	/* It ends at the first of them, and what follows is lost. */
	if (memchr(p->line.p, ']', p->line.n) != p->line.p + p->line.n - 1)
		return refuse(p, "the line to end with its first ]");
	s = trim(s);
	if (!s.n)
		return refuse(p, "a word between [ and ]");
	p->in_section = true;
	p->nkeys = 0;
	memcpy(p->word, s.p, s.n);
	p->word[s.n] = '\0';
	for (name = p->word; *name && !blank(*name); name++)
		;
	while (blank(*name))
		*name++ = '\0';
	return p->r->section(p->r->arg, p->at, p->word, name, p->err);
}

/* What inih calls, for each line but empty ones and comments. */
static int take_line(void *arg, const char *section, const char *name, const char *value, int line)
{
	struct parse *p = arg;

	(void)section; /* is cut at 49 bytes */
	(void)line;
	if (!name)
		p->rc = begin_section(p);
	else if (blank(*p->line.p))
		p->rc = add_value(p, value);
	else
		p->rc = begin_key(p, (struct str){p->line.p, (uint32_t)strlen(name)}, value);
	return !p->rc;
}

/* Checks a line, n bytes with its newline, before inih sees it; it has room for size. */
static int check_line(const struct parse *p, size_t n, size_t size)
{
	if (memchr(p->next, '\0', n))
		return refuse(p, "a line without NUL bytes");
	if (n > INI_LINE_MAX + 1 || n + 2 > size)
		return refuse(p, "a line of at most " QUOTED(INI_LINE_MAX) " bytes");
	return 0;
}

/* Ends the value that this line does not belong to; refuses one that belongs to none. */
static int place_line(struct parse *p)
{
	struct str s = trim(p->line);
	bool indented = s.p != p->line.p;

	if (!s.n || *s.p == ';' || *s.p == '#')
		return 0;
	if (!indented)
		return end_value(p);
	return p->in_value ? 0 : refuse(p, "no blanks before it: there is no value to go on with");
}

/* What inih reads with, as it would with fgets(). */
static char *next_line(char *buf, int size, void *stream)
{
	static const struct str mark = {"\xef\xbb\xbf", 3};
	struct parse *p = stream;
	const char *newline;
	size_t n;

	if (p->rc || p->next == p->end)
		return NULL;
	newline = memchr(p->next, '\n', (size_t)(p->end - p->next));
	n = (size_t)((newline ? newline + 1 : p->end) - p->next);
	p->line = (struct str){p->next, (uint32_t)n};
	if (!p->at.line++ && str_starts(p->line, mark))
		p->line = (struct str){p->next + mark.n, (uint32_t)n - mark.n};
	p->line = trim_end(p->line);
	p->rc = place_line(p);
	if (!p->rc)
		p->rc = check_line(p, n, (size_t)size);
	if (p->rc)
		return NULL;
	memcpy(buf, p->next, n);
	buf[n] = '\0';
	p->next += n;
	return buf;
}

int ini_text(const char *file, const char *text, size_t len, const struct ini_reader *r, char *buf,
	     size_t size, struct ini_error *err)
{
	struct parse p = {
		.r = r,
		.err = err,
		.next = text,
		.end = text + len,
		.at.file = file,
		.value = buf,
		.word = buf + INI_VALUE_MAX, /* len bytes: more than any word of the text */
	};

	if (size < len + INI_VALUE_MAX)
		return ini_fail(err, p.at, "too long for its working memory");
	if (ini_parse_stream(next_line, &p, take_line, &p) && !p.rc)
		return *p.line.p == '[' ? refuse(&p, "] at its end") : refuse_key(&p);
	return p.rc ? p.rc : end_value(&p);
}

/* Fails with errno for a file or directory as a whole. */
static int fail_errno(struct ini_error *err, const char *path)
{
	int rc = -errno;

	ini_fail(err, (struct ini_place){path, 0}, "%s", strerror(-rc));
	return rc;
}

/* Reads up to size bytes; -1 with errno if that fails. */
static ssize_t read_up_to(int fd, char *buf, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int ini_file(const char *path, const struct ini_reader *r, struct ini_error *err)
{
	const size_t text_size = INI_FILE_MAX + 1, work_size = INI_FILE_MAX + INI_VALUE_MAX;
	/* Not blocking: what is no regular file must not hold up a reload. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;
	struct stat st;
	ssize_t len;
	char *text;

	if (fd < 0)
		return fail_errno(err, path);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return ini_fail(err, (struct ini_place){path, 0}, "expected a regular file");
	}
	text = mmap(NULL, text_size + work_size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (text == MAP_FAILED) {
		rc = fail_errno(err, path);
		goto close_file;
	}
	/* Where the kernel gives huge pages to all, a small file must not take 2 MiB. */
	madvise(text, text_size + work_size, MADV_NOHUGEPAGE);
	len = read_up_to(fd, text, text_size);
	if (len < 0)
		rc = fail_errno(err, path);
	else if (len > INI_FILE_MAX)
		rc = ini_fail(err, (struct ini_place){path, 0},
			      "expected a file of at most %d bytes", INI_FILE_MAX);
	else
		rc = ini_text(path, text, (size_t)len, r, text + text_size, work_size, err);
	munmap(text, text_size + work_size);
close_file:
	close(fd);
	return rc;
}

/* What getdents64(2) writes; opendir(3) would allocate. */
struct entry {
	uint64_t ino;
	int64_t off;
	uint16_t len;
	uint8_t type;
	char name[];
};

static bool is_ini(const char *name)
{
	struct str s = str_of(name);

	return *name != '.' && s.n <= NAME_MAX && str_ends(s, STR(".ini"));
}

/*
 * Replaces name by that of the next *.ini in order. 1, 0 if there is none, -1
 * with errno. Reads the whole directory each time: it is short, and no memory
 * has to hold it.
 */
static int next_ini(int dir, char name[static NAME_MAX + 1])
{
	_Alignas(struct entry) char buf[4096];
	char best[NAME_MAX + 1] = "";
	long n;

	if (lseek(dir, 0, SEEK_SET) < 0)
		return -1;
	while ((n = syscall(SYS_getdents64, dir, buf, sizeof(buf))) > 0) {
		const struct entry *e;

		for (long i = 0; i < n; i += e->len) {
			e = (const struct entry *)(buf + i);
			if (is_ini(e->name) && strcmp(e->name, name) > 0 &&
			    (!*best || strcmp(e->name, best) < 0))
				memcpy(best, e->name, strlen(e->name) + 1);
		}
	}
	if (n < 0)
		return -1;
	memcpy(name, best, sizeof(best)); /* both have room for any name */
	return *best != '\0';
}

static int each_of(const char *path, int dir,
		   int (*fn)(void *arg, const char *file, struct ini_error *err), void *arg,
		   struct ini_error *err)
{
	const char *slash = str_ends(str_of(path), STR("/")) ? "" : "/";
	char name[NAME_MAX + 1] = "", file[PATH_MAX];
	int more, rc;

	while ((more = next_ini(dir, name)) > 0) {
		if (snprintf(file, sizeof(file), "%s%s%s", path, slash, name) >=
		    (int)sizeof(file)) {
			errno = ENAMETOOLONG;
			return fail_errno(err, path);
		}
		rc = fn(arg, file, err);
		if (rc)
			return rc;
	}
	return more ? fail_errno(err, path) : 0;
}

int ini_each(const char *path, int (*fn)(void *arg, const char *file, struct ini_error *err),
	     void *arg, struct ini_error *err)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (dir < 0 && errno == ENOTDIR)
		return fn(arg, path, err);
	if (dir < 0)
		return fail_errno(err, path);
	rc = each_of(path, dir, fn, arg, err);
	close(dir);
	return rc;
}
