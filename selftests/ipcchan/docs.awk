# SPDX-License-Identifier: GPL-2.0
# What documentation shows to be typed.
#
#	awk -f docs.awk -v want=session FILE	the commands of a manual page's examples, or of
#						README.md: "$ " and a command, then the lines
#						that it is said to print
#	awk -f docs.awk -v want=outside FILE	the commands of README.md, or of a page in
#						reStructuredText, that are not for the guest: a
#						line each
#	awk -f docs.awk -v want=program PAGE	the C program of its examples
#	awk -f docs.awk -v want=output PAGE	what it is said to print

BEGIN {
	q = "\047"
}

# of roff, as in an example
function plain(s) {
	sub(/^\\&/, "", s)
	gsub(/\\-/, "-", s)
	gsub(/\\\(aq/, q, s)
	gsub(/\\\(ga/, "`", s)
	gsub(/\\\(ha/, "^", s)
	gsub(/\\\(ti/, "~", s)
	gsub(/\\e/, "\\", s)
	return s
}

# a line of a block of commands, without what is said of it
function shown(s,	outside) {
	sub(/[ \t]+# .*/, "", s)
	sub(/^[ \t]+/, "", s)
	if (s ~ /^(#|$)/)
		return
	outside = rst || s ~ /^(make|sudo|git) /
	if (want == "session" && !outside)
		print "$ " s
	if (want == "outside" && outside)
		print s
}

FNR == 1 {
	rst = FILENAME ~ /\.rst$/
}

/^\.SH / {
	examples = $2 == "EXAMPLES"
}

examples && /^\.EX/ {
	inside = ++blocks
	next
}

/^\.EE/ {
	inside = 0
}

inside && want == "program" && blocks == 1 || inside && want == "output" && blocks == 2 {
	print plain($0)
}

inside && want == "session" && !/^(#|$)/ {
	print plain($0)
}

# a fence of Markdown begins, or ends
/^```/ {
	fence = fence == "" ? $0 : ""
	next
}

fence == "```sh" {
	shown($0)
}

# A literal block is of commands, unless it says what else it is.
rst && /^[^ \t]/ {
	literal = /::$/ && !/^\.\. / || /^\.\. code-block:: sh$/
}

literal && /^[ \t]/ {
	shown($0)
}
