/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program's own words to the operator: one line each, on standard error.
 * Alerts do not go this way (alert.h).
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#define LOG_MAX 2048 /* bytes of a line; a longer one is cut and ends in "..." */

enum log_level { LOG_L_ERROR, LOG_L_WARN, LOG_L_INFO, LOG_L_DEBUG };

/* Lines above this level are not written. Default LOG_L_INFO. */
extern enum log_level log_level;

/* Where lines go: standard error, or its terminal (log_terminal). */
extern int log_fd;

/*
 * The descriptor's terminal, opened anew, so that no write blocks: one that says it has room may
 * have too little for a line, and the flags of what we were given are not ours to change. What
 * is no terminal, or cannot be opened, is given back as it is.
 */
int log_terminal(int fd);

/* Lines that standard error did not take. */
extern unsigned long log_dropped;

/* Writes "tiercel: " and the line; control characters come out as \xHH. errno is kept. */
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_L_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_L_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_L_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_L_DEBUG, __VA_ARGS__)

/*
 * Is standard error systemd's journal (JOURNAL_STREAM, systemd.exec(5))? What goes to the local
 * syslog is in the journal too, and need not be said twice.
 */
bool log_is_journal(void);

/*
 * Copies text with its control characters as \xHH into size bytes (at least 4,
 * NUL included) at buf. What does not fit is cut before a character of UTF-8,
 * and "..." put there. Returns the length.
 */
size_t log_escape(const char *text, char *buf, size_t size);

#endif
