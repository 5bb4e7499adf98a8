/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words to the service manager (sd_notify(3)): a datagram to the socket that
 * NOTIFY_SOCKET names. Without one, nothing happens.
 */
#ifndef CORE_NOTIFY_H
#define CORE_NOTIFY_H

#include <stdint.h>

/* Looks for a manager. 0, also if there is none, or -errno if one cannot be reached. */
int notify_open(void);

/* Sends lines as the manager knows them: "READY=1\nSTATUS=...". Never blocks. */
void notify_send(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "RELOADING=1" with the time that the manager asks for; READY=1 ends it. */
void notify_reloading(void);

/*
 * Tells a manager that watches this process that it lives, when that is due.
 * Returns the ms until it is due again; -1 if nobody watches.
 */
int notify_alive(void);

#endif
