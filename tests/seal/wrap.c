/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The proof that nothing allocates once the sensor runs: linked with
 * --wrap=malloc and its kin, these stand before the real ones, libc's own
 * calls and libbpf's included, and abort when sensor_sealed is set.
 */
#include <stdlib.h>
#include <unistd.h>

#include "../../core/sensor.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t m);
void *__real_realloc(void *p, size_t n);
void *__real_aligned_alloc(size_t align, size_t n);
int __real_posix_memalign(void **p, size_t align, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t m);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_aligned_alloc(size_t align, size_t n);
int __wrap_posix_memalign(void **p, size_t align, size_t n);

static void check(void)
{
	static const char text[] = "tiercel: allocation after start\n";

	if (!sensor_sealed)
		return;
	(void)!write(2, text, sizeof(text) - 1);
	abort();
}

void *__wrap_malloc(size_t n)
{
	check();
	return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t m)
{
	check();
	return __real_calloc(n, m);
}

void *__wrap_realloc(void *p, size_t n)
{
	check();
	return __real_realloc(p, n);
}

void *__wrap_aligned_alloc(size_t align, size_t n)
{
	check();
	return __real_aligned_alloc(align, n);
}

int __wrap_posix_memalign(void **p, size_t align, size_t n)
{
	check();
	return __real_posix_memalign(p, align, n);
}
