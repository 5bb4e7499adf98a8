/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls of i386 on x86-64, by a 64-bit program: the kernel takes them by int 0x80 from any. A part
 * of act.c; on other machines, and kernels without i386, the calls themselves.
 */
#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif

/* Does this kernel take calls of i386? Asked by a child, which it ends if not. */
static int has_i386;

#ifdef __x86_64__
static long i386_call3(long nr, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "0"(nr), "b"(a), "c"(b), "d"(c)
			 : "memory", "cc");
	return (int)result;
}

static void find_i386(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(i386_call3(20, 0, 0, 0) != getpid());
	has_i386 = pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}
#else
static long i386_call3(long nr, long a, long b, long c)
{
	return nr & a & b & c;
}

static void find_i386(void)
{
}
#endif

/* Where a 32-bit call can reach it: a copy of n bytes at p. */
static long low(const void *p, size_t n)
{
	static char *at;

	if (!at)
		at = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (at == MAP_FAILED)
		fail("mmap");
	memcpy(at, p, n);
	at += (n + 15) & ~15ul;
	return (long)(at - ((n + 15) & ~15ul));
}

static long i386_call(long nr, long a, long b)
{
	return i386_call3(nr, a, b, 0);
}

/* openat of a name. */
static void open_by_i386(const char *name)
{
	if (!has_i386)
		sys(openat, AT_FDCWD, name, O_RDONLY);
	else
		i386_call3(295, AT_FDCWD, low(name, strlen(name) + 1), O_RDONLY);
}

static void unlink_by_i386(const char *name)
{
	if (!has_i386)
		sys(unlinkat, AT_FDCWD, name, 0);
	else
		i386_call3(301, AT_FDCWD, low(name, strlen(name) + 1), 0);
}

/* Pointers of 4 bytes to the strings, and NULL: at most 7. */
static long low_words(char *const string[])
{
	uint32_t word[8] = {0};

	for (int i = 0; string[i] && i < 7; i++)
		word[i] = (uint32_t)low(string[i], strlen(string[i]) + 1);
	return low(word, sizeof(word));
}

/* The program that is started so is one of 64 bits all the same. */
static void execve_by_i386(void)
{
	if (!has_i386)
		sys(execve, program, TRUE);
	else
		i386_call3(11, low(program, strlen(program) + 1), low_words(arguments),
			   low_words(environment));
}

static void ptrace_by_i386(void)
{
	if (!has_i386)
		sys(ptrace, PTRACE_TRACEME, 0, 0, 0);
	else
		i386_call3(26, PTRACE_TRACEME, 0, 0);
}

/* socket and connect, as i386 makes them by socketcall; where it cannot, the calls themselves. */
static void connect_by_socketcall(const void *address, size_t n)
{
	uint32_t make[] = {AF_INET, SOCK_STREAM, 0}, to[] = {3, 0, (uint32_t)n};

	if (!has_i386) {
		sys(connect, sys(socket, AF_INET, SOCK_STREAM, 0), address, n);
		return;
	}
	to[0] = (uint32_t)i386_call(102, 1, low(make, sizeof(make)));
	to[1] = (uint32_t)low(address, n);
	i386_call(102, 3, low(to, sizeof(to)));
}

/* A datagram, likewise: a call of six arguments. */
static void send_by_socketcall(const char *words, size_t size, const void *address, size_t n)
{
	uint32_t to[6] = {(uint32_t)sys(socket, AF_INET, SOCK_DGRAM, 0)};

	if (!has_i386) {
		sys(sendto, (int)to[0], words, size, 0, address, n);
		return;
	}
	to[1] = (uint32_t)low(words, size);
	to[2] = (uint32_t)size;
	to[4] = (uint32_t)low(address, n);
	to[5] = (uint32_t)n;
	i386_call(102, 11, low(to, sizeof(to)));
}
