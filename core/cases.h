/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of rules: cases in INI files, each a few events and the rules that they must fire. */
#ifndef CORE_CASES_H
#define CORE_CASES_H

#include "cli.h"

/*
 * Runs the cases of files and of the *.ini of directories, ended by NULL, against the rules of the
 * command line: prints ok or not ok for each, which rules no case fires or lets rest, and what
 * passed and failed. Returns an exit code.
 */
int cases_run(const struct cli *cli, char *const *paths);

#endif
