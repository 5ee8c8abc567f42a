# SPDX-License-Identifier: GPL-2.0
# Functions that are not static, and whose kernel-doc is missing or does not say in
# what context they may be called and what they return. A function's "{" stands
# alone, at the start of its line; its kernel-doc ends on the line before its head.
# What the linker puts before a function of the kernel is documented there.

function complain(what) {
	printf "%s:%d: %s() has no %s\n", FILENAME, line, name, what
	bad = 1
}

function reset() {
	head = doc = ""
}

/^\/\*/ {
	reset()
	inside = $0 == "/**" ? 2 : 1
}

inside {
	if (inside == 2)
		doc = doc $0 "\n"
	if (/\*\//)
		inside = 0
	next
}

$0 == "{" && match(head, /[A-Za-z0-9_]+\(/) {
	name = substr(head, RSTART, RLENGTH - 1)
	type = substr(head, 1, RSTART - 1)
	if (type !~ /(^| )static / && name !~ /^__wrap_/) {
		count++
		if (index(doc, "\n * " name "() - ") == 0)
			complain("kernel-doc")
		else if (doc !~ /\n \* Context: /)
			complain("Context:")
		else if (type !~ /(^| )void $/ && doc !~ /\n \* Return: /)
			complain("Return:")
	}
}

/^[{}#]/ || /;$/ || /^$/ {
	reset()
	next
}

{
	if (head == "")
		line = FNR
	head = head $0 " "
}

END {
	printf "%d functions that are not static\n", count
	exit bad || !count
}
