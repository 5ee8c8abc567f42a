#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The scripts of Documentation/bpftrace, in the VM; prints TAP.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

if [ $# -gt 0 ]; then
	echo "Usage: bpftrace.sh"
	[ "$1" = --help ]
	exit
fi

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# What runs there: each script sees five messages, for each of which dd waits.
cat >"$tmp/guest" <<'EOG'
# script NAME TEXT: its output has a line with TEXT
script() {
	n=$((n + 1))
	timeout 240 bpftrace "/scripts/$1.bt" >/tmp/out 2>&1 &
	tracer=$!
	until grep -q Attaching /tmp/out || ! kill -0 $tracer 2>/dev/null; do
		sleep 0.5
	done
	# It says so before all is in place.
	sleep 3
	dd bs=100 count=5 of=/dev/null </dev/ipcchan 2>/dev/null &
	reader=$!
	sh -c 'exec >/dev/ipcchan; for i in 1 2 3 4 5; do sleep 0.2; echo $i; done'
	wait $reader
	killall -INT bpftrace
	wait $tracer
	if grep -q "$2" /tmp/out; then
		echo "ok $n - $1.bt"
	else
		echo "not ok $n - $1.bt"
		sed 's/^/# /' /tmp/out
	fi
}

n=0
ipcchan create default
script latency '^@latency_us'
script blockers '^@waits\[.*dd, 0, sh\]: 5'
script runqueue '^@wait_us\[dd\]'
EOG

echo "TAP version 13"
echo 1..3
if ! command -v bpftrace >/dev/null; then
	n=0
	for name in latency blockers runqueue; do
		echo "ok $((++n)) - $name.bt # SKIP no bpftrace"
	done
	exit
fi
"$VM_DIR/run" --cpus 2 --memory 3072 --timeout 600 --add "$(command -v bpftrace):/usr/bin/bpftrace" \
	--add "$ROOT/Documentation/bpftrace:/scripts" --add "$tmp/guest:/guest" sh /guest |
	tee "$tmp/out"
status=${PIPESTATUS[0]}
# A machine that ended early has not told them all.
[ "$(grep -c '^\(not \)\?ok ' "$tmp/out")" -eq 3 ] || status=1
grep -q '^not ok' "$tmp/out" && status=1
exit "$status"
