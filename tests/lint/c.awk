#!/usr/bin/awk -f
# awk -f c.awk allow FILE...: the house rules for C that need to know where a function begins and ends. Reports what breaks
# them as "file:line: what"; prints a summary line that begins with "=". Functions are recognised by their brace in the first
# column, as .clang-format puts it.

function report(line, message)
{
	printf "%s:%d: %s\n", FILENAME, line, message
	bad = 1
}

# The line without comments and without the insides of strings; in_comment goes from line to line.
function code_of(line, out, c, next_c, quote)
{
	for (out = ""; line != ""; line = substr(line, 2)) {
		c = substr(line, 1, 1)
		next_c = substr(line, 2, 1)
		if (in_comment) {
			if (c == "*" && next_c == "/") {
				in_comment = 0
				line = substr(line, 2)
			}
		} else if (quote != "") {
			if (c == "\\")
				line = substr(line, 2)
			else if (c == quote)
				quote = ""
		} else if (c == "/" && next_c == "*") {
			in_comment = 1
			line = substr(line, 2)
		} else if (c == "/" && next_c == "/") {
			break
		} else {
			if (c == "\"" || c == "'")
				quote = c
			out = out c
		}
	}
	return out
}

function width(line, i, n)
{
	for (i = 1; i <= length(line); i++)
		n += substr(line, i, 1) == "\t" ? 8 - n % 8 : 1
	return n
}

# Is the call allowed here by the list?
function banned(code, word)
{
	while (match(code, /(^|[^A-Za-z0-9_])(malloc|calloc|realloc|strdup|strndup|asprintf|alloca|sprintf|strcpy|strcat|strtok|gets)[ ]*\(/)) {
		word = substr(code, RSTART, RLENGTH)
		gsub(/[^a-z]/, "", word)
		if (!((FILENAME, word) in allowed))
			report(FNR, word "() is not for " top "/ (tests/lint/allow)")
		code = substr(code, RSTART + RLENGTH)
	}
}

function end_function(n)
{
	n = FNR - starts + 1
	if (n > 80)
		report(starts, name "() has " n " lines, more than 80")
	if (n > longest) {
		longest = n
		longest_name = FILENAME ": " name "()"
	}
	functions++
	in_body = 0
}

function end_file()
{
	if (lines > 800)
		printf "%s:%d: the file has more than 800 lines\n", last_file, lines
	if (lines > 800)
		bad = 1
	if (lines > most) {
		most = lines
		most_name = last_file
	}
	total += lines
}

FNR == 1 {
	if (++file > 2)
		end_file()
	last_file = FILENAME
	in_comment = in_body = 0
	top = FILENAME
	sub(/\/.*/, "", top)
}

file == 1 {
	if ($1 !~ /^#/ && NF >= 2)
		allowed[$1, $2] = 1
	next
}

FNR == 1 && !/SPDX-License-Identifier: / {
	report(1, "no SPDX-License-Identifier line")
}

FNR == 2 && !/^\/[*\/]/ {
	report(2, "no comment on what the file is for")
}

{
	lines = FNR
	in_macro = continued
	continued = /\\$/
	code = code_of($0)
	# A string may make a line longer: whoever looks for a message wants to find it whole.
	if (width($0) > 100 && FILENAME !~ /\.def$/ && (width(code) > 100 || !/"/))
		report(FNR, width($0) " columns, more than 100")
}

top == "core" || top == "driver" {
	banned(code)
}

in_macro {
	next
}

/^[A-Za-z_].*\(/ && !in_body {
	starts = FNR
	name = code
	gsub(/__attribute__|SEC\([^)]*\)/, "", name)
	sub(/\(.*/, "", name)
	sub(/.*[ *]/, "", name)
}

/^{/ {
	in_body = 1
}

in_body && FILENAME ~ /\.c$/ && /^[ \t]*#[ \t]*(if|ifdef|ifndef|else|elif)/ {
	report(FNR, "preprocessor condition inside of " name "()")
}

/^}/ && in_body {
	end_function()
}

END {
	end_file()
	printf "= %d C files, %d lines, %d functions\n", file - 1, total, functions
	printf "= longest function: %s, %d lines\n", longest_name, longest
	printf "= longest file: %s, %d lines\n", most_name, most
	exit bad
}
