/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file with this process's number, for scripts that start and stop it. It
 * is locked while the process lives, so one that was left behind is no hindrance.
 */
#ifndef CORE_PIDFILE_H
#define CORE_PIDFILE_H

#include <stddef.h>

/*
 * Makes and locks the file, still empty. 0, or -errno with one line in why:
 * -EWOULDBLOCK if another process holds it, -EPERM if it is another's
 * file or has another name, where it would be emptied too. Needs the rights of who starts.
 */
int pidfile_open(const char *path, char *why, size_t size);

/* Writes the number. 0 or -errno. */
int pidfile_write(void);

/* Removes the file, or, without the right to, empties it. */
void pidfile_close(void);

#endif
