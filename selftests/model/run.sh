#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checks the models of the sleep and wake protocol, and of the rings, with spin, and
# that it finds what is planted in them, as KTAP. What each check printed is left in
# build/model/.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"

MODELS=$ROOT/selftests/model
OUT=$BUILD/model
CHECK_SECONDS=${CHECK_SECONDS:-120}
count=0
failed=0

# search NAME MODEL CFLAGS DEFINE...: leaves what the search printed in NAME/log.
# It fails where the model is wrong, not where it finds something.
search() {
	local dir=$OUT/$1 model=$2 cflags=$3

	shift 3
	rm -rf "$dir"
	mkdir -p "$dir"
	(
		cd "$dir" || exit
		cp "$MODELS"/*.pml .
		spin "${@/#/-D}" -a "$model.pml" &&
			gcc -w "$cflags" -DSAFETY -DCOLLAPSE -DMEMLIM=2048 -o pan pan.c &&
			timeout "$CHECK_SECONDS" ./pan -E -m100000 -w22
	) >"$dir/log" 2>&1 && grep -q 'errors: [0-9]' "$dir/log"
}

# verdict STATUS NAME TEXT
verdict() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2: $3"
		return
	fi
	failed=1
	echo "not ok $count - $2: $3"
	grep -E 'pan:1:|error|Error|errors:' "$OUT/$2/log" | head -n 5 | sed 's/^/# /'
}

# What is searched through at once is not worth optimising.
optimise=-O1
quick() {
	local optimise=-O0

	"$@"
}

# holds NAME MODEL DEFINE...
holds() {
	local name=$1 states

	search "$name" "$2" "$optimise" "${@:3}" && grep -q 'errors: 0$' "$OUT/$name/log" &&
		! grep -q 'Search not completed\|max search depth' "$OUT/$name/log"
	set -- $? "$name"
	states=$(sed -n 's/^ *\([0-9]\+\) states, stored.*/\1/p' "$OUT/$name/log")
	verdict "$1" "$name" "holds in all of ${states:-?} states"
}

# finds FAULT MODEL REPORT DEFINE...: with this fault there is a state that violates the
# assertion REPORT
finds() {
	local name=$2-$1 report=$3

	search "$name" "$2" -O0 "FAULT_$1" "${@:4}" &&
		grep -qF "assertion violated" "$OUT/$name/log" &&
		grep -qE "assertion violated.*$report" "$OUT/$name/log"
	verdict $? "$name" "the planted fault is found"
}

echo "TAP version 13"
command -v spin >/dev/null || { echo "1..0 # SKIP there is no spin"; exit 0; }

# Signals and wake-ups for nothing; times that end; everybody hung up
holds queue-signals-1 queue DISTURBANCES=1 TIMED=1
quick holds queue-signals-2 queue DISTURBANCES=1 SENDERS=1 RECEIVERS=2
quick holds queue-times-1 queue TIMED=3 ROUNDS=2
holds queue-times-2 queue SENDERS=2 RECEIVERS=2 TIMED=2
holds queue-hangup queue HANGUP TIMED=2

# Who sleeps is woken.
finds LOOK_BEFORE_STATE queue 'frame.*result'
finds WAKE_LAST_ONLY queue 'frame.*result'
finds CANCEL_KEEPS_ROOM queue 'q_len\(msgs\)' TIMED=3
finds TAKE_KEEPS_ROOM queue 'q_len\(msgs\)'
finds NO_TAKE_WAITING queue 'typed'
# No message is dropped.
finds CANCEL_GIVEN queue 'm==255.*err' TIMED=3
finds NO_PUTBACK queue 'where.*!=2' DISTURBANCES=1
# What may be gone is not touched, and completed once.
finds RESULT_BEFORE_MSG queue 'frame'
finds COMPLETE_AFTER_UNLOCK queue 'receivers|senders|frame' TIMED=3
finds NO_TASK_REF queue 'alive.*refs'

holds rpc-clients rpc CLIENTS=2 SERVERS=1
quick holds rpc-signals rpc CLIENTS=1 SERVERS=1 ROUNDS=2 DISTURBANCES=1
holds rpc-killed rpc CLIENTS=1 SERVERS=2 ROUNDS=2 DISTURBANCES=1 VICTIM=CLIENTS
holds rpc-killed-shared rpc CLIENTS=1 SERVERS=2 ROUNDS=2 DISTURBANCES=1 VICTIM=CLIENTS SHARED

one=(CLIENTS=1 SERVERS=1 ROUNDS=2 DISTURBANCES=1)
finds DESTROY_SILENT rpc 'endpoints' "${one[@]}"
finds HANGUP_KEEPS_QUEUED rpc 'endpoints' "${one[@]}"
finds NO_PUTBACK rpc 'where.*!=2' "${one[@]}"
finds CANCEL_ANSWERED rpc 'where|wmsg' "${one[@]}"
finds CANCEL_STAYS_BOUND rpc 'frame|wmsg' "${one[@]}"
finds CANCEL_STAYS_QUEUED rpc 'frame' "${one[@]}"

quick holds broadcast broadcast
finds COUNT_LATE broadcast 'sent.*failed'
finds NO_BARRIER_ROOM broadcast 'sent.*failed'
finds NO_BARRIER_WAIT broadcast 'sent.*failed'
finds RECV_SILENT broadcast 'sent.*failed'
finds NO_MUTEX broadcast 'used.*<=|in_line'
quick holds broadcast-long broadcast LONG
finds NO_TURNS broadcast 'in_line' LONG
finds SENT_SILENT broadcast 'sent.*failed' LONG
finds GIVE_UP_SILENT broadcast 'sent.*failed' LONG

quick holds poll poll
finds POLL_LOOKS_FIRST poll 'sleeps'
finds POLL_NO_LOCK poll 'sleeps'

# Two sides of a ring that wait for each other, and who dies in it
holds peer peer
holds peer-slots peer SLOTS
quick holds peer-twice peer TOTAL=3 DEATHS=2
quick holds peer-armed peer TOTAL=3 ARM

pair=(TOTAL=3 DEATHS=0)
finds NO_FENCE_BEFORE_LOOK peer 'done' "${pair[@]}"
finds NO_FENCE_BEFORE_SLEEP peer 'done' "${pair[@]}"
finds WAKE_FIRST peer 'done' "${pair[@]}"
finds LOOK_FIRST peer 'done' "${pair[@]}" ARM
finds NO_FLUSH peer 'done' "${pair[@]}"
finds NO_RELEASE peer 'buf|mem' "${pair[@]}"
finds RELEASE_FIRST peer 'buf|mem' "${pair[@]}"
finds GREET_WAKE_FIRST peer 'done' "${pair[@]}"
finds GREET_WAKES_WAITING peer 'done' TOTAL=3
finds GREET_SILENT peer 'done' TOTAL=3
finds GREET_KEEPS_WORD peer 'mem' TOTAL=3

# Claims of the rings for several, and who dies in them
holds mring-producers mring SENDS=2
quick holds mring-reborn mring SENDS=1 REBORN
quick holds mring-consumers mring PRODUCERS=1 CONSUMERS=2 SENDS=1 DEATHS=2
holds mring-wrap mring PRODUCERS=1 CONSUMERS=2 SENDS=3

finds NO_SECOND_LOOK mring 'done' SENDS=2
finds NO_RECORD mring 'committed|done' SENDS=1
finds EARLY_CLAIM mring 'committed|done|pos' SENDS=2
finds RECORD_STORE mring 'committed|done' SENDS=2
finds NO_PROOF mring 'pos' SENDS=1
finds COMMIT_FIRST mring 'committed' SENDS=1
finds RELEASE_FIRST mring 'at\[' PRODUCERS=1 CONSUMERS=2 SENDS=3 DEATHS=0
finds NO_ADOPT mring 'committed' PRODUCERS=1 CONSUMERS=2 SENDS=1
finds GIVE_UP_LEFT mring 'committed|pos' PRODUCERS=1 CONSUMERS=2 SENDS=1
finds ENTRY_FIRST mring 'pos' PRODUCERS=1 CONSUMERS=2 SENDS=1 DEATHS=2

# Who sleeps on them
quick holds sleepers sleepers PRODUCERS=1
quick holds sleepers-two sleepers TOTAL=2
quick holds sleepers-readers sleepers PRODUCERS=1 BROADCAST
quick holds sleepers-readers-two sleepers TOTAL=2 BROADCAST
finds NO_FENCE sleepers 'done' PRODUCERS=1
finds LOOK_FIRST sleepers 'done' PRODUCERS=1
finds NO_PASS sleepers 'done' TOTAL=2
finds NO_FENCE_READERS sleepers 'done' PRODUCERS=1 BROADCAST
finds WAKE_FIRST sleepers 'done' PRODUCERS=1 BROADCAST
finds ONE_WORD sleepers 'done' PRODUCERS=1 BROADCAST

# The marks of the broadcast ring
quick holds bring bring
finds EARLY_MARK bring 'next!=p|tail'
finds NO_MARK bring 'one==p'
finds ONE_LOOK bring 'one==p'

echo "1..$count"
exit "$failed"
