#!/usr/bin/awk -f
# awk -f layers.awk layers FILE...: reports each #include of a FILE that the table `layers` does not allow.

# A glob as a regular expression.
function pattern(glob)
{
	gsub(/\./, "\\.", glob)
	gsub(/\*/, "[^/]*", glob)
	return "^" glob "$"
}

function layer_of(file, i)
{
	for (i = 1; i <= npatterns; i++)
		if (file ~ patterns[i])
			return owner[i]
	return ""
}

# "core/../driver/event.h" is "driver/event.h".
function resolve(path)
{
	while (match(path, /[^\/.]+\/\.\.\//))
		path = substr(path, 1, RSTART - 1) substr(path, RSTART + RLENGTH)
	return path
}

function report(message)
{
	printf "%s:%d: %s\n", FILENAME, FNR, message
	bad = 1
}

FNR == 1 {
	file++
	mine = layer_of(FILENAME)
	top = FILENAME
	sub(/\/.*/, "", top)
	if (file > 1 && mine == "" && top ~ /^(core|driver|bpf)$/)
		report("in no layer of tests/lint/layers")
}

file == 1 && $1 == "never" {
	for (i = 3; i <= NF; i++)
		never[$2, $i] = 1
	next
}

file == 1 && $1 ~ /:$/ {
	name = substr($1, 1, length($1) - 1)
	may[name, name] = 1
	for (i = 2; i <= NF && $i != "|"; i++) {
		patterns[++npatterns] = pattern($i)
		owner[npatterns] = name
	}
	for (i++; i <= NF; i++)
		may[name, $i] = 1
	next
}

file > 1 && /^[ \t]*#[ \t]*include[ \t]*</ {
	header = $0
	gsub(/^[^<]*<|>.*$/, "", header)
	for (key in never) {
		split(key, part, SUBSEP)
		if (part[1] == top && index(header, part[2]) == 1)
			report("<" header "> has no business in " top "/")
	}
}

file > 1 && mine != "" && /^[ \t]*#[ \t]*include[ \t]*"/ {
	directory = FILENAME
	sub(/[^\/]*$/, "", directory)
	header = $0
	gsub(/^[^"]*"|".*$/, "", header)
	theirs = layer_of(resolve(directory header))
	if (theirs == "")
		report("\"" header "\" is in no layer of tests/lint/layers")
	else if (!((mine, theirs) in may))
		report("layer " mine " may not include \"" header "\" of layer " theirs)
}

END {
	exit bad
}
