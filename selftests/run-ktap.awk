# SPDX-License-Identifier: GPL-2.0
#
# Counts test results. The input is the output of test programs in KTAP, each
# between two lines of the one who ran them:
#
#	## begin NAME
#	## end NAME STATUS [SECONDS]
#
# STATUS is "?" if that one does not know it. Before a row of programs that may be
# cut short stands "## expect NAME..." with all their names. Prints what failed, with
# what the program said last of a line of its source, one line a program, and the sum. Exits with 1 if anything failed or nothing passed.
#
# Only results at the left margin count: nested ones are summed up by their
# parent's. A program fails once more, beside the results it reported, if it
# crashed or was cut off, gave other than the planned number of results, planned
# none without a reason, or its exit status contradicts its results.

function note(text) {
	printf "  %s: %s\n", name, text
}

# STATUS is empty if the program did not end, SECONDS if they are not known.
function finish(status, seconds,   why) {
	if (status == "")
		why = "did not end"
	else if (bail != "")
		why = "bailed out: " bail
	else if (plan == "")
		why = "has no plan line (exit status " status ")"
	else if (plan == 0 && !plan_skip)
		why = "planned no test"
	else if (plan != good + bad + skipped)
		why = "planned " plan " results and gave " (good + bad + skipped) \
			" (exit status " status ")"
	else if (disorder != "")
		why = "gave result " disorder " out of order"
	else if (status == "?")
		why = ""
	else if (status != 0 && !bad && !((status == 4 || status == 77) && !good))
		why = "exit status " status " without a failed result"
	else if (status == 0 && bad)
		why = "exit status 0 with failed results"
	if (why != "") {
		note(why)
		bad++
	} else if (plan == 0) {
		note("skipped: " plan_skip)
		skipped++
	}
	printf "%s: %d passed, %d failed, %d skipped%s\n", name, good, bad, skipped,
		seconds == "" ? "" : ", " seconds " s"
	passed_all += good
	failed_all += bad
	skipped_all += skipped
	delete expected[name]
	name = ""
}

{
	sub(/\r$/, "")
}

/^## expect / {
	for (i = 3; i <= NF; i++)
		expected[$i] = 1
	next
}

/^## begin / {
	if (name != "")
		finish("", "")
	name = $3
	good = bad = skipped = 0
	plan = plan_skip = bail = disorder = said = ""
	next
}

/^## end / {
	if (name == $3)
		finish($4, $5)
	next
}

name == "" {
	next
}

/^1\.\.[0-9]+/ && plan == "" {
	plan = substr($1, 4) + 0
	if (match($0, /# *SKIP/))
		plan_skip = substr($0, RSTART + RLENGTH + 1) " "
	next
}

/^# .*\.[ch]:[0-9]+:/ {
	said = " (" substr($0, 3) ")"
	next
}

/^Bail out!/ {
	bail = substr($0, 11) " "
	next
}

/^ok [0-9]+/ || /^not ok [0-9]+/ {
	number = ($1 == "ok" ? $2 : $3) + 0
	if (number != good + bad + skipped + 1 && disorder == "")
		disorder = number
	if ($1 == "not") {
		note($0 said)
		bad++
	} else if ($0 ~ /# *[Ss][Kk][Ii][Pp]/) {
		skipped++
	} else {
		good++
	}
	said = ""
}

END {
	if (name != "")
		finish("", "")
	for (name in expected) {
		note("was not run")
		failed_all++
	}
	printf "%d passed, %d failed, %d skipped\n", passed_all, failed_all, skipped_all
	exit failed_all || !passed_all
}
