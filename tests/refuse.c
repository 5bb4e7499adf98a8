/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a program whose calls of bpf(2) or seccomp(2) fail. refuse bpf|seccomp PROGRAM [WORD...] */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "refuse.h"

int main(int argc, char **argv)
{
	int bpf = argc > 2 && !strcmp(argv[1], "bpf");

	if (argc < 3 || (!bpf && strcmp(argv[1], "seccomp"))) {
		fprintf(stderr, "usage: refuse bpf|seccomp PROGRAM [WORD...]\n");
		return 2;
	}
	if (refuse_call(bpf ? SYS_bpf : SYS_seccomp)) {
		perror("refuse");
		return 126;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
