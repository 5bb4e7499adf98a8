# The table of tests/vm/rings, from the words of its guest.
/^RELEASE / { release = $2 }
/^SENSOR .*hooks/ { match($0, /[0-9]+ hooks.*/); hooks = substr($0, RSTART) }
/^DID / { pid[$2, $3] = $4; result[$2, $3] = $5; ways[$2] }
/^SAW / {
	for (i = 1; i <= NF; i++)
		if (split($i, word, "=") == 2 && !(word[1] in got)) got[word[1]] = word[2]
	# Whose act it is, its names say, or the port.
	if (match($0, /(inline|worker|sqpoll|call)-[a-z]+/)) {
		way = act = substr($0, RSTART, RLENGTH)
		sub(/-.*/, "", way)
	} else if (match($0, /:700[1-4]/)) {
		way = substr("inlineworkersqpollcall", 6 * substr($0, RSTART + 4, 1) - 5, 6)
	} else {
		delete got
		next
	}
	act = got["type"]
	if (act ~ /^unlink/ && /(inline|worker|sqpoll)-mkdir|AT_REMOVEDIR/) act = "rmdir"
	sub(/(at|at2)$/, "", act)
	if (act == "creat") act = "open"
	n[way, act]++
	who = got["pid"]
	mark[way, act] = who == pid[way, act] ? "+" : who == "" || who == 0 ? "k" : "?"
	if ((way != "call") != (got["ring"] == "true")) mark[way, act] = "!"
	delete got
}
END {
	print name ": " release ", " hooks
	count = split(acts, list, " ")
	line = sprintf("  %-8s", "")
	for (i = 1; i <= count; i++) line = line sprintf("%-9s", list[i])
	print line
	split("inline worker sqpoll call", order, " ")
	for (w = 1; w <= 4; w++) {
		line = sprintf("  %-8s", order[w])
		for (i = 1; i <= count; i++) {
			key = order[w] SUBSEP list[i]
			sign = n[key] ? mark[key] (n[key] > 1 ? n[key] : "") : result[key] == -22 ? "-" : "."
			line = line sprintf("%-9s", sign)
		}
		print line
	}
}
