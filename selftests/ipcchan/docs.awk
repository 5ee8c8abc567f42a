# SPDX-License-Identifier: GPL-2.0
# What documentation shows to be typed.
#
#	awk -f docs.awk -v want=session FILE	the commands of a manual page's examples, or of
#						README.md: "$ " and a command, then the lines
#						that it is said to print
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
	shell = shell == "" ? $0 : ""
	next
}

shell == "```sh" && want == "session" && !/^[ \t]*(#|$)/ {
	print "$ " $0
}

shell == "```console" && want == "session" {
	print
}
