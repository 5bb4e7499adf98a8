/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The proof that nothing allocates once the sensor runs: linked with
 * --wrap=malloc and its kin, these stand before the real ones, libbpf's calls
 * and libc's own included, and abort when sensor_sealed is set. musl has names
 * of its own for what its insides take, __libc_malloc and __libc_calloc.
 * break.c shows that none gets by.
 */
#include <stdlib.h>
#include <unistd.h>

#include "../../core/sensor.h"

void *__real___libc_malloc(size_t n);
void *__real___libc_calloc(size_t n, size_t m);
void *__real_memalign(size_t align, size_t n);
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t m);
void *__real_realloc(void *p, size_t n);
void *__real_aligned_alloc(size_t align, size_t n);
int __real_posix_memalign(void **p, size_t align, size_t n);
void *__wrap___libc_malloc(size_t n);
void *__wrap___libc_calloc(size_t n, size_t m);
void *__wrap_memalign(size_t align, size_t n);
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

void *__wrap___libc_malloc(size_t n)
{
	check();
	return __real___libc_malloc(n);
}

void *__wrap___libc_calloc(size_t n, size_t m)
{
	check();
	return __real___libc_calloc(n, m);
}

void *__wrap_memalign(size_t align, size_t n)
{
	check();
	return __real_memalign(align, n);
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
