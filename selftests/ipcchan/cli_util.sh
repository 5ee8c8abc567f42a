# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the tests of the command: begin, the tests, done_testing.

IPCCHAN=${IPCCHAN:-ipcchan}
tmp=$(mktemp -d) || exit 1
n=0
failed=0
# every channel that a test made is deleted at the end, whatever happens
prefix=$(basename "$0" .sh).$$

finish() {
	for name in $("$IPCCHAN" list 2>/dev/null | grep -o "${prefix}[^ ]*"); do
		"$IPCCHAN" delete "$name"
	done
	rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' INT TERM

skip_all() {
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit 4
}

# ok STATUS NAME
ok() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $n - $2"
	printf '%s\n' "status: $rc" "stdout: $out" "stderr: $err" | head -n 20 |
		sed 's/^/#   /'
}

skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

# ic ARGUMENT...: runs the command, at most 60 s; sets rc, out, err
ic() {
	timeout 60 "$IPCCHAN" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}

# as_nobody ARGUMENT...: as ic does, by a user that owns nothing
as_nobody() {
	timeout 60 su -s /bin/sh nobody -c "$IPCCHAN $*" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}

has() {
	case $1 in
	*"$2"*) return 0 ;;
	esac
	return 1
}

# quiet NAME: it worked and said nothing
quiet() {
	[ "$rc" -eq 0 ] && [ -z "$out$err" ]
	ok $? "$1"
}

# refused TEXT NAME: exit status 2, TEXT on stderr, nothing on stdout
refused() {
	[ "$rc" -eq 2 ] && [ -z "$out" ] && has "$err" "$1"
	ok $? "$2"
}

# queued_is N CHANNEL NAME: so many messages are queued
queued_is() {
	ic show "$2" --json
	has "$out" "\"queued_msgs\":$1,"
	ok $? "$3"
}

# serve OPTION... COMMAND...: serves channel $c, in the background, as $server
serve() {
	# shellcheck disable=SC2154 # the test's
	timeout 60 "$IPCCHAN" serve "$c" "$@" >"$tmp/serve.out" 2>"$tmp/serve.err" \
		</dev/null &
	server=$!
}

# served TEXT NAME: it has ended well, its standard error has TEXT
served() {
	wait "$server"
	rc=$? out=$(cat "$tmp/serve.out") err=$(cat "$tmp/serve.err")
	[ "$rc" -eq 0 ] && [ -z "$out" ] && has "$err" "$1"
	ok $? "$2"
}

# wait_file FILE: until it is there, at most 20 s
wait_file() {
	tries=200
	while [ ! -e "$1" ] && [ $tries -gt 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	[ -e "$1" ]
}

# is_waiting PID: in poll(), for what comes
is_waiting() {
	case $(cat "/proc/$1/wchan" 2>/dev/null) in
	*poll*) return 0 ;;
	esac
	return 1
}

# until_waiting PID: until it is, at most 20 s
until_waiting() {
	tries=200
	until is_waiting "$1" || [ $tries -eq 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
}

# keep_sending CHANNEL: in the background as $sender, until it is killed
keep_sending() {
	while :; do "$IPCCHAN" send "$1" text --nonblock; done 2>/dev/null &
	sender=$!
}

# end_sending: and waits for it
end_sending() {
	kill "$sender"
	wait "$sender" 2>/dev/null
}

begin() {
	[ "$(id -u)" -eq 0 ] || skip_all "needs root"
	command -v "$IPCCHAN" >/dev/null || skip_all "the command ipcchan is not in PATH"
	[ -c /dev/ipcchan ] || skip_all "the module is not loaded"
	echo "TAP version 13"
}

done_testing() {
	echo "1..$n"
	[ "$failed" -eq 0 ]
	exit
}
