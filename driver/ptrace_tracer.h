/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tracer: a process of its own, a child of the sensor, that traces a program
 * or a process, makes the records and puts them into a ring. If the sensor
 * ends, however that comes, it goes on letting calls pass for as long as a program with a
 * filter lives, or leaves what it traced without a trace.
 */
#ifndef DRIVER_PTRACE_TRACER_H
#define DRIVER_PTRACE_TRACER_H

#include <stdbool.h>

#include "driver.h"

#define PTRACE_RING (256u * 1024) /* bytes of the ring: when it is full, the tracer waits */

/* Memory that sensor and tracer share. Who changes something, and the other may sleep, wakes it. */
struct ptrace_share {
	/* The sensor says: */
	uint8_t wanted[TRC_NTYPES];
	uint32_t asked; /* how often wanted was set */
	bool go;	/* the program may start, or go on */
	bool leave;	/* the sensor ends */
	bool sleeps;	/* it waits for a record */
	/* The tracer says: */
	bool waits; /* it waits for room in the ring */
	bool ready; /* pid is known */
	bool ended; /* there is nobody any more that could be traced */
	pid_t pid;  /* of the program or process, or -errno; 0 = it is gone */
	int status; /* how that ended, as wait(2) has it */
	struct driver_stats stats;
	uint8_t filter[TRC_NTYPES]; /* what was wanted when the program started */
	/* The program's process says, before it becomes the program: */
	int filtered; /* 1 = it has the filter; -errno */
};

/*
 * What the tracer is given. link: its end of a pair of stream sockets, whose other end is the
 * sensor's. What comes there is a byte each: 0 = look into the shared memory, else a signal for the
 * program. It sends bytes to wake the sensor.
 */
struct ptrace_tracer {
	const struct driver_config *cfg;
	struct ptrace_share *share;
	int link, ring;
	bool filters; /* a program gets a filter */
};

/* Becomes the tracer. */
_Noreturn void ptrace_tracer_run(const struct ptrace_tracer *tracer);

#endif
