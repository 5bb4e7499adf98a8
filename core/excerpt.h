/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows people the line that a message is about, and the word in it. */
#ifndef CORE_EXCERPT_H
#define CORE_EXCERPT_H

#include "ini.h"

/*
 * Writes the message's line as it stands in its file, cut to the surroundings of the word, and
 * below it a mark under the word, behind the number of the line: where the log's lines go. Nothing
 * if the message is about no line, or it cannot be read. Reads the file again.
 */
void excerpt_show(const struct ini_error *err);

/*
 * The column, from 1 and in bytes, of the word in its line that the message is about, and the word
 * itself, cut to size bytes with a NUL; 0 and "" if that is not known. Reads the file likewise.
 */
unsigned excerpt_word(const struct ini_error *err, char *word, size_t size);

#endif
