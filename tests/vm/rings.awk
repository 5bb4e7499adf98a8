# The table of tests/vm/rings, from the words of its guest.
/^RELEASE / { release = $2 }
/^SENSOR .*hooks/ { match($0, /[0-9]+ hooks.*/); hooks = substr($0, RSTART) }
/^DID / { pid[$2, $3] = $4; result[$2, $3] = $5; ways[$2]; way_of[$4] = $2 }
/^BLIND / { blind = substr($0, 7) }
/^SAW / {
	for (i = 1; i <= NF; i++)
		if (split($i, word, "=") == 2 && !(word[1] in got)) got[word[1]] = word[2]
	# Whose act it is, its names say, or the port.
	if (match($0, /(inline|worker|sqpoll|call)-[a-z]+/)) {
		way = act = substr($0, RSTART, RLENGTH)
		sub(/-.*/, "", way)
	} else if (match($0, /:70[01][1-4]/) && ($0 !~ /:701/ || got["type"] != "connect")) {
		way = substr("inlineworkersqpollcall", 6 * substr($0, RSTART + 4, 1) - 5, 6)
	} else if ($0 ~ / type=5 / && got["pid"] in way_of) {
		way = way_of[got["pid"]]
	} else {
		delete got
		next
	}
	act = got["type"]
	if (act ~ /^unlink/ && /(inline|worker|sqpoll)-mkdir|AT_REMOVEDIR/) act = "rmdir"
	sub(/(at|at2|4|to)$/, "", act)
	if (act == "creat") act = "open"
	# What the kernel's rings cannot do was done by a call.
	if (way != "call" && got["ring"] != "true" && result[way, act] == -22) {
		delete got
		next
	}
	n[way, act]++
	who = got["pid"]
	mark[way, act] = who == pid[way, act] ? "+" : who == "" || who == 0 ? "k" : "?"
	if ((way != "call") != (got["ring"] == "true")) mark[way, act] = "!"
	delete got
}
END {
	print name ": " release ", " hooks
	print "  " blind
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
