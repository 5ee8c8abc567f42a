#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Help, version and usage errors of every verb.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

verbs="create list show set delete stats monitor top tree quota send recv call serve trace
bench ladder claims doctor report"
long=$(printf '%064d' 0)

run
[ "$rc" -eq 1 ] && [ -z "$out" ] && has "$err" "Usage: ipcchan VERB"
ok $? "no verb: usage on stderr, 1"

for word in help --help -h; do
	run "$word"
	listed=0
	for verb in $verbs; do
		has "$out" "  $verb " || listed=1
	done
	[ "$rc" -eq 0 ] && [ -z "$err" ] && [ "$listed" -eq 0 ]
	ok $? "$word: every verb on stdout, 0"
done

for word in --version -V; do
	run "$word"
	[ "$rc" -eq 0 ] && [ -z "$err" ] && has "$out" "ipcchan "
	ok $? "$word: on stdout, 0"
done

run frobnicate
refused 1 "no verb 'frobnicate'" "unknown verb"
run help frobnicate
refused 1 "no verb 'frobnicate'" "help on an unknown verb"
run help send recv
refused 1 "takes one verb" "help on two verbs"

for verb in $verbs; do
	run "$verb" --help
	[ "$rc" -eq 0 ] && [ -z "$err" ] && has "$out" "Usage: ipcchan $verb"
	ok $? "$verb --help: on stdout, 0"
	help=$out
	run help "$verb"
	[ "$rc" -eq 0 ] && [ -z "$err" ] && [ "$out" = "$help" ]
	ok $? "help $verb: the same"
	run "$verb" --frobnicate
	refused 1 "frobnicate" "$verb with an unknown option"
done

for verb in create show set delete send recv call serve trace; do
	run "$verb"
	refused 1 "channel" "$verb without a name"
	run "$verb" ''
	refused 1 "cannot be empty" "$verb with an empty name"
	run "$verb" a/b
	refused 1 "cannot contain '/'" "$verb with a slash in the name"
	run "$verb" "$(printf 'a\tb')"
	refused 1 "control characters" "$verb with a control character in the name"
	run "$verb" "$long"
	refused 1 "too long: 64 bytes" "$verb with a name of 64 bytes"
done

# usage TEXT ARGUMENT...: the arguments are refused as wrong usage, with TEXT
usage() {
	text=$1
	shift
	run "$@"
	refused 1 "$text" "$*"
}

usage "one channel at a time" create a b
usage "not a mode" create a --mode 8
usage "not a mode" create a --mode 0
usage "not a mode" create a --mode 1777
usage "not a mode" create a --mode rw
usage "out of range" create a --max-msgs 0
usage "not a number" create a --max-msgs 1K
usage "not a number" create a --max-msgs ''
usage "out of range" create a --max-msgs 4294967296
usage "out of range" create a --max-msg-size 0
usage "out of range" create a --max-msg-size 4G
usage "above --max-bytes" create a --max-msg-size 2K --max-bytes 1K
usage "out of range" create a --buf-size 0
usage "'jump' is unknown" create a --ring=jump
usage "'many' is unknown" create a --kind many
usage "'wait' is unknown" create a --kind broadcast --slow wait
usage "for --kind broadcast" create a --slow block --slow disconnect
usage "give --buf-size too" create a --loans
usage "not for --kind rpc" create a --loans --buf-size 1M --kind rpc
usage "a channel with --loans" create a --revoke --buf-size 1M
usage "both want the whole buffer" create a --loans --buf-size 1M --ring
usage "not a time" create a --spin 20
usage "not a time" create a --spin us
usage "not a time" create a --spin ''
usage "out of range" create a --spin 1001us
usage "out of range" create a --spin 2ms
usage "takes no argument" list a
usage "give one of: queue, broadcast, rpc" list --kind many
usage "there is no user 'no such'" list --user 'no such'
usage "--named and --deleted exclude" list --named --deleted
usage "takes one channel" show a b
usage "takes one channel" show id 1 2
usage "out of range" show id 0
usage "not a number" show id x
usage "say what to change" set a
usage "out of range" set a --max-msgs 0
usage "above --max-bytes" set a --max-msg-size 2K --max-bytes 1K
usage "not a mode" set a --mode 8
usage "not a time" set a --spin 20
usage "give on or off" set a --times yes
usage "give a user, a group" set a --owner :
usage "a group after the colon" set a --owner 0:
usage "there is no group 'no such'" set a --owner ":no such"
usage "there is no user" set a --owner 4294967295
usage "takes one channel" stats a b
usage "not a time" stats --interval 1s
usage "out of range" stats --count 0
usage "give one of: created, deleted" monitor --event made
usage "say which" monitor --event ,
usage "takes no argument" monitor a
usage "give one of: sent, received" top --sort size
usage "out of range" top -n 0
usage "takes no argument" top a
usage "at most 127 bytes" top --channel "$long$long"
usage "takes one channel" tree a b
usage "takes no argument" quota a
usage "takes no argument" report a
usage "does not take --stats" -s quota
usage "does not take --numeric" --numeric doctor
usage "does not take --json" -j send a text
usage "no option that may stand before" -x list
usage "no option that may stand before" --frobnicate list
usage "Usage: ipcchan VERB" -j
usage "takes one channel" trace a b
usage "out of range" trace a --count 0
usage "not a time" trace a --duration 1s
usage "out of range" trace a --buffer 0
usage "are for input" send a text --lines
usage "are for input" send a text --file x
usage "are for input" send a text --msg-size 1
usage "exclude each other" send a --lines --msg-size 1
usage "TEXT 2 is empty" send a text ''
usage "out of range" send a --msg-size 0
usage "exclude each other" send a --nonblock --timeout 1
usage "out of range" send a --batch 0
usage "out of range" send a --batch 1025
usage "out of range" send a --prio 32
usage "out of range" send a --type 0x100000000
usage "not a number" send a --type 0xg
usage "not a number" send a --cookie 0x
usage "not a number" send a --cookie 0x1x
usage "out of range" send a --cookie 18446744073709551616
usage "out of range" send a --cookie 0x10000000000000000
usage "descriptor 77 is not open" send a --fd 77
usage "--ring and --prio exclude" send a --ring --prio 1
usage "--ring and --batch exclude" send a --ring --batch 2
usage "--kind is for a channel to make" send a --kind rpc
usage "--spin is for a channel to make" recv a --spin 1us
usage "from one channel" recv a b
usage "--json and --header exclude" recv a --json --header
usage "--json and --lines exclude" recv a --json --lines
usage "--ring excludes" recv a --ring --header
usage "--ring excludes" recv a --ring --type 0
usage "--ring excludes" recv a --ring --min-prio 1
usage "--ring excludes" recv a --ring --pool
usage "out of range" recv a --min-prio 32
usage "out of range" recv a --batch 1025
usage "out of range" recv a --count 0
usage "not a number" recv a --count -1
usage "out of range" recv a --bytes 0
usage "out of range" recv a --timeout 0
usage "not a time" recv a --timeout -1
usage "not a time" recv a --timeout 1s
usage "not a time" recv a --timeout .
usage "not a time" recv a --timeout 1.2.3
usage "exclude each other" recv a --nonblock --timeout 1
usage "are requests already" call a text --file x
usage "TEXT 2 is empty" call a text ''
usage "out of range" call a --timeout 0
usage "give a command" serve a
usage "give a command" serve a --jobs 2
usage "out of range" serve a --jobs 0 true
usage "out of range" serve a --count 0 true
usage "--mode is for a channel to make" serve a --mode 0600 true
usage "only an rpc channel" serve a --create --kind queue true
usage "takes no argument" doctor a

# help VERB, with an option that it takes before it, is still its help
run -jp list --help
[ "$rc" -eq 0 ] && has "$out" "Usage: ipcchan list"
ok $? "-jp list --help: an option before the verb"

"$IPCCHAN" help >/dev/full 2>"$tmp/err"
rc=$? out='' err=$(cat "$tmp/err")
refused 2 "cannot write to the standard output" "help to a full device"

done_testing
