# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by the scripts that run many tests: steps, whose records are left in
# $OUT and summed up at the end.
# Functions are called through step.
# shellcheck disable=SC2317,SC2329

TESTS=$ROOT/selftests
KSFT=$BUILD/kselftest/tools/testing/selftests
MAKE=${MAKE:-make}

# A program runs alone for at most this long, a guest for all of them together.
PROGRAM_SECONDS=${PROGRAM_SECONDS:-300}
GUEST_SECONDS=${GUEST_SECONDS:-2400}

declare -A besides=()

# count FILE...: lines for people about these records
count() {
	awk -f "$TESTS/run-ktap.awk" "$@"
}

# step NAME COMMAND...: COMMAND writes the records of this step
step() {
	local name=$1 start=$SECONDS

	shift
	echo "== $name"
	times >"$OUT/$name.times"
	"$@" >"$OUT/$name.ktap" 2>"$OUT/$name.err"
	times >>"$OUT/$name.times"
	grep -q '^## begin ' "$OUT/$name.ktap" ||
		verdict "$name" 1 "there are results" >>"$OUT/$name.ktap"
	count "$OUT/$name.ktap" | sed 's/^/   /'
	echo "   ($((SECONDS - start)) s, $(processor "$OUT/$name.times") s of a processor)"
}

# processor FILE: seconds that this shell's children had between two outputs of times
processor() {
	awk -F '[ms ]+' '{ sum[NR] = $1 * 60 + $2 + $3 * 60 + $4 }
		END { printf "%.0f", sum[4] - sum[2] }' "$1"
}

# beside NAME COMMAND...: a step at the same time as those that follow, until join. It is
# a group of its own, so that all of it can be ended.
beside() {
	set -m
	step "$@" >"$OUT/$1.step" &
	set +m
	besides[$1]=$!
	# shellcheck disable=SC2064  # those there are now
	trap "kill -- ${besides[*]/#/-} 2>/dev/null" EXIT
}

# join: waits for what runs beside, and prints what it has to say
join() {
	local name

	for name in "${!besides[@]}"; do
		wait "${besides[$name]}" ||
			verdict "$name/step" 1 "it ran to its end" >>"$OUT/$name.ktap"
		cat "$OUT/$name.step"
	done
	besides=()
	trap - EXIT
}

# record NAME COMMAND...: COMMAND is one test program
record() {
	local name=$1

	shift
	echo "## begin $name"
	"$@" 2>&1
	printf '\n## end %s %d\n' "$name" $?
}

# verdict NAME STATUS TEXT: the record of a single result
verdict() {
	printf '## begin %s\n1..1\n' "$1"
	if [ "$2" -eq 0 ]; then
		printf 'ok 1 - %s\n## end %s 0\n' "$3" "$1"
	else
		printf 'not ok 1 - %s (status %d)\n## end %s 1\n' "$3" "$2" "$1"
	fi
}

# guest NAME [OPTION]...: all kselftests in a guest; with CORE, fewer rounds of them, and
# those of the core only unless PROGRAMS is all, or kernel: storms, too. The options are those
# of vm/run.
# GUEST_TESTS is what runs them there, CORE_SCALE how many percent of the rounds; with
# RINGS the tests of rings run there, too.
guest() {
	local name=$1 try status programs rings=() ynl ynl_args=() target=emit${CORE:+_core}_tests

	shift
	case ${CORE:+${PROGRAMS-}} in
	all) target=emit_tests ;;
	kernel) target=emit_kernel_tests ;;
	esac
	mapfile -t programs < <("$MAKE" -s -C "$TESTS/ipcchan" KSFT_DIR="$KSFT" \
		O="$BUILD/selftests/ipcchan" COLLECTION=ipcchan "$target" |
		sed 's/.*://')
	if [ -n "${RINGS-}" ]; then
		mapfile -t -O "${#programs[@]}" programs < <("$MAKE" -s -C "$TESTS/host" "$target" |
			sed 's|^|host/|')
		rings=(--add "$BUILD/selftests/host:/selftests/host")
	fi
	# Without what it takes to fetch it, the test that wants it is skipped.
	ynl=$("$TESTS/vm/ynl.sh") && ynl_args=(--add "$ynl:/ynl.tar")
	for try in 1 2; do
		"$TESTS/vm/run" "$@" --timeout "$GUEST_SECONDS" --log "$OUT/$name.log" \
			--add "$BUILD/selftests/ipcchan:/selftests" "${rings[@]}" "${ynl_args[@]}" \
			--add "$TESTS/vm/guest-tests.sh:/selftests/guest-tests.sh" \
			env "IPCCHAN_TEST_SCALE=${CORE:+${CORE_SCALE:-20}}" \
			"${GUEST_TESTS:-/selftests/guest-tests.sh}" "$name/" "$PROGRAM_SECONDS" \
			"${programs[@]}" >"$OUT/$name.$try"
		status=$?
		# The emulator was to blame, and what ran there had no fault.
		if [ "$status" -ne 123 ] || grep -q '^not ok' "$OUT/$name.$try"; then
			break
		fi
	done
	cat "$OUT/$name.$try"
	verdict "$name" "$status" "the guest ran to its end and its kernel did not complain"
}

# check_begin FOLDER: what is printed from now on is left there
check_begin() {
	OUT=$1
	# There may be no terminal, or nothing at all.
	exec </dev/null
	rm -rf "$OUT"
	mkdir -p "$OUT"
}

# check_end: prints what failed and, last, the sum. What a step wrote beside its
# records explains why a guest failed.
check_end() {
	local status records

	count "$OUT"/*.ktap >"$OUT/summary"
	status=$?
	if [ "$status" -ne 0 ]; then
		echo
		echo "Failed (all that was printed is in $OUT):"
		grep '^  ' "$OUT/summary" | grep -v ': skipped: '
		for records in "$OUT"/*.ktap; do
			grep -B 12 -A 25 '^not ok' "$records" | head -n 60
			head -n 40 "${records%.ktap}.err"
		done
	fi
	echo
	tail -n 1 "$OUT/summary"
	return "$status"
}
