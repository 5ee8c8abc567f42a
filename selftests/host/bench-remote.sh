#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmark between two hosts: two network namespaces, and a cable between them.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"
command -v ip >/dev/null || skip_all "needs iproute2"
[ -e /proc/$$/task/$$/children ] || skip_all "needs /proc/PID/task/PID/children"
near=ipcchan-near-$$ far=ipcchan-far-$$
addr=10.77.0.2 port=7007
# shellcheck disable=SC2317,SC2329 # called by the trap
cleanup() {
	[ -z "${server-}" ] || kill "$server" 2>/dev/null
	ip netns del "$near"
	ip netns del "$far"
	rm -rf "$tmp"
} 2>/dev/null
trap cleanup EXIT
{
	ip netns add "$near" && ip netns add "$far" &&
		ip -n "$near" link add eth0 type veth peer name eth0 netns "$far" &&
		ip -n "$near" addr add 10.77.0.1/24 dev eth0 &&
		ip -n "$far" addr add $addr/24 dev eth0 &&
		ip -n "$near" link set lo up && ip -n "$far" link set lo up &&
		ip -n "$near" link set eth0 up && ip -n "$far" link set eth0 up
} 2>/dev/null || skip_all "needs root, and network namespaces"

# serve [OPTION]...: on the far host, as $server
serve() {
	local i

	: >"$tmp/served"
	ip netns exec "$far" "$IPCCHAN" bench "$@" >"$tmp/served" 2>"$tmp/served.err" &
	server=$!
	for ((i = 0; i < 500; i++)); do
		[ -s "$tmp/served" ] && return
		sleep 0.01
	done
}

end_server() {
	kill -"${1-TERM}" "$server"
	wait "$server"
	server=
} 2>/dev/null

# go OPTION...: the benchmark on the near host, or $from, to the far one
from=$near
go() {
	timeout 30 ip netns exec "$from" "$IPCCHAN" bench --connect $addr:$port \
		--json "$tmp/json" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
}

# holds FILTER NAME: the JSON results fulfil FILTER
holds() {
	jq -e "$1" "$tmp/json" >"$tmp/jq" 2>&1
	ok $? "$2"
}

# still NAME: the server is ready for the next one
still() {
	go -w pingpong -s 64 -n 10 -r 1
	[ "$rc" -eq 0 ] && jq -e '.results[0].status == "ok"' "$tmp/json" >"$tmp/jq"
	ok $? "$1"
}

# freed NAME: within some seconds, less than its client stays
freed() {
	local i

	for ((i = 0; i < 25; i++)); do
		go -w pingpong -s 64 -n 10 -r 1
		[ "$rc" -ne 0 ] || break
		sleep 0.2
	done
	ok "$rc" "$1"
}

# held NAME TEXT: what $holder has got begins so, but for its zeros; within some seconds
held() {
	local i

	for ((i = 0; i < 500; i++)); do
		[ ! -s "$tmp/held" ] || break
		sleep 0.01
	done
	tr -d '\0' <"$tmp/held" | grep -aq "^$2"
	ok $? "$1"
	rm -f "$tmp/held"
}

# child PID: its child, if it has one
child() {
	local pids

	read -r -a pids <"/proc/$1/task/$1/children"
	[ "${#pids[@]}" -gt 0 ] && echo "${pids[0]}"
} 2>/dev/null

# start: a long run on the near host, as $client, when messages go
start() {
	local i

	timeout 30 ip netns exec "$near" "$IPCCHAN" bench --connect $addr:$port -w pingpong \
		-s 64 -d 3600 -r 1 >"$tmp/long" 2>&1 &
	client=$!
	for ((i = 0; i < 500; i++)); do
		child "$server" >/dev/null && break
		sleep 0.01
	done
	sleep 0.2
}

# vanish: $client, and nothing of it goes on
vanish() {
	kill -KILL "$(child "$client")"
	wait "$client"
} 2>/dev/null

# raw BYTES: to the far host, as printf has them; what it answers is not looked at
raw() {
	# shellcheck disable=SC2016
	timeout 5 ip netns exec "$near" bash -c 'exec 3<>"/dev/tcp/$0/$1"
		printf "$2" >&3; timeout 1 cat <&3 >/dev/null' $addr $port "$1"
} 2>/dev/null

serve --listen $addr:$port
has "$(cat "$tmp/served")" "listening on $addr:$port"
ok $? "who listens says where"
go -s 1,64,1000,64K -n 300 -r 2 --payload verify
[ "$rc" -eq 0 ] && [ -z "$err" ] && has "$out" "One side is on another host, $addr:$port"
ok $? "messages of each size, verified"
holds '[.results[] | .status] | length == 8 and unique == ["ok"]' "all are ok"
holds "[.results[] | .peer == \"$addr:$port\" and .placement == \"remote\" and .cpus == null and
	.messages == 600 and .messages_per_s > 0 and .depth_bytes >= .size_bytes and
	.ledger.cpu_ns > 0] | all" "every row tells the peer, counts and costs"
go -t pipe,tcp -w stream,pingpong -s 1K -d 0.2 -r 2 --wait block,poll
holds '[.results[] | select(.transport == "pipe") | .status] | unique ==
	["refused: it does not go to another host"]' "what does not go there is refused"
holds '[.results[] | select(.transport == "tcp") | .status == "ok" and .samples >= 250] |
	length == 4 and all' "a run by time has its samples, of both ways to wait"
go -w fanin,fanout,mesh --senders 1 --receivers 1 -s 64 -n 10 -r 1
holds '[.results[] | .status] | unique == ["refused: it is for two processes"]' \
	"what is of many processes is refused, even with two"
go -p same
[ "$rc" -eq 1 ] && has "$err" "--placement"
ok $? "placements are of one host"
go --batch 8
[ "$rc" -eq 1 ] && has "$err" "--batch is of one host"
ok $? "batches, too"
for option in "-t tcp" "-w stream" "-s 64" "--json $tmp/none" --quick --list; do
	# shellcheck disable=SC2086 # an option and its argument
	run bench --listen 192.0.2.1:1 $option
	refused 1 "is not of --listen" "who listens is not told $option"
done
run bench --connect $addr:65536 -w pingpong -n 10 -r 1
[ "$rc" -eq 2 ] && has "$err" "the port is a number up to 65535"
ok $? "there is no such port"

start
go -w pingpong -s 64 -n 10 -r 1
[ "$rc" -eq 2 ] && has "$err" "it serves another client"
ok $? "a second client is told that it is busy"
vanish
still "a client killed: the next one is served"

raw 'GET / HTTP/1.1\r\n\r\n'
head -c 20000 /dev/urandom >"$tmp/garbage"
# shellcheck disable=SC2016
ip netns exec "$near" bash -c 'cat "$2" >"/dev/tcp/$0/$1"' $addr $port "$tmp/garbage" 2>/dev/null
still "garbage is not an end"
hello='ipcb\0\1\0\1\0\0\0\10'
head='ipcb\0\1\0\3\0\0\0\110'
words=$(ip netns exec "$near" bash -c "exec 3<>/dev/tcp/$addr/$port
	printf '$hello\0\0\0\0\0\0\0\0' >&3; timeout 1 head -c 20 <&3" 2>/dev/null |
	od -An -v -b -j 12 | tr -d '\n' | sed 's/ /\\/g')
[ "${#words}" -eq 32 ]
ok $? "who says hello is told how much a plan has"
ff='\377\377\377\377\377\377\377\377'
raw "$hello$words$head$ff$ff$ff$ff$ff$ff$ff$ff$ff"
raw "$hello${words}ipcb\0\1\0\3\377\377\377\377$ff"
raw "$hello${words}ipcb\0\1\0\5\0\0\0\10$ff"
raw "$hello$words"
raw 'ipcb\0\2\0\1\0\0\0\10\0\0\0\0\0\0\0\0'
still "neither are plans that nobody makes, and another version"

# The limit of the next listener is this; its clients hold on for longer
end_server
serve --listen $addr:$port --timeout 1
# shellcheck disable=SC2016
ip netns exec "$near" bash -c 'exec 3<>"/dev/tcp/$0/$1"
	printf "$2" >&3; head -c 20 <&3 >"$3"; exec sleep 20' $addr $port "$hello$words" "$tmp/held" &
holder=$!
held "who says hello and no more is served" $'ipcb\001\001'
freed "but not for longer than the limit"
kill "$holder" 2>/dev/null
start
read -r -a sides <"/proc/$(child "$client")/task/$(child "$client")/children"
kill -STOP "${sides[@]}"
freed "who stops in a run is ended, too"
vanish
# A client that has said hello, in Python: $talk, with the address, the port and the hello's word
talk='import socket, struct, sys, time
def frame(kind, *words):
    return struct.pack(">IHHI", 0x69706362, 1, kind, 8 * len(words)) + \
        struct.pack(">%dQ" % len(words), *words)
def dial():
    return socket.create_connection((sys.argv[1], int(sys.argv[2])))
# of a stream of messages of 1 MiB
plan = frame(3, 0, 1, 1, 0, 1 << 20, 1 << 16, 1, 0, 3600 * 10**9)
s = dial()
word = bytes(int(octal, 8) for octal in sys.argv[3].split("\\")[1:])
s.sendall(frame(1, *struct.unpack(">Q", word)))
if len(s.recv(20, socket.MSG_WAITALL)) < 20:
    sys.exit("no hello")
'

# beside_strangers: a client speaks in time, while the listener looks at who says nothing
beside_strangers() {
	ip netns exec "$near" python3 -c "$talk"'
strangers = [dial() for i in range(2)]
time.sleep(0.75)
s.sendall(plan)
sys.exit(len(s.recv(20, socket.MSG_WAITALL)) != 20)' $addr $port "$words" 2>"$tmp/strangers"
}

if command -v python3 >/dev/null; then
	# it may get the CPU too late, once in a while
	beside_strangers || beside_strangers || beside_strangers
	ok $? "who speaks in time is served, whoever else connects"
	# a byte of the first message at a time
	ip netns exec "$near" python3 -c "$talk"'
s.sendall(plan)
data = dial()
print("ready", flush=True)
data.sendall(frame(5, struct.unpack(">Q", s.recv(20, socket.MSG_WAITALL)[12:])[0]))
for i in range(200):
    data.send(b"x")
    time.sleep(0.1)' $addr $port "$words" >"$tmp/held" 2>"$tmp/trickle" &
	holder=$!
	held "who sends a byte at a time is served" ready
	freed "and ended when that does not make a message"
else
	skip "who speaks in time is served, whoever else connects" "no python3"
	skip "who sends a byte at a time is served" "no python3"
	skip "and ended when that does not make a message" "no python3"
fi
start
ip -n "$near" link set eth0 down
vanish
from=$far
freed "a client that is gone without a word does not keep the next one out"
from=$near
ip -n "$near" link set eth0 up

end_server
serve --listen $addr:$port
start
end_server KILL
wait "$client"
rc=$? out=$(cat "$tmp/long") err=
[ "$rc" -eq 2 ] && printf '%s\n' "$out" | grep -q '^tcp .*\(the other host\|receive\|send\)'
ok $? "the server killed in a run: a row, and no hang"

go -w pingpong -s 64 -n 10 -r 1
[ "$rc" -eq 2 ] && has "$err" "is ipcchan bench --listen running there?"
ok $? "nobody listens"
serve --listen $port
go -w pingpong -s 64 -n 10 -r 1
has "$(cat "$tmp/served")" "listening on 127.0.0.1:$port" && [ "$rc" -eq 2 ]
ok $? "without an address it listens to its own host only"
end_server

serve --listen $addr:$port --once
go -w pingpong -s 64 -n 10 -r 1
wait "$server" && [ "$rc" -eq 0 ]
ok $? "--once: it ends with the first client"
server=

# fake HEX: a server that answers with these bytes
fake() {
	local i

	: >"$tmp/served"
	ip netns exec "$far" python3 -c 'import socket, sys, time
s = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
c = s.accept()[0]
c.recv(20)
c.sendall(bytes.fromhex(sys.argv[3]))
time.sleep(5)' $addr $port "$1" >"$tmp/served" 2>/dev/null &
	server=$!
	for ((i = 0; i < 500; i++)); do
		[ -s "$tmp/served" ] && return
		sleep 0.01
	done
}

if command -v python3 >/dev/null; then
	fake 69706362000200010000000800000000000000ff
	go -w pingpong -s 64 -n 10 -r 1
	[ "$rc" -eq 2 ] && has "$err" "it is another version of ipcchan bench"
	ok $? "another version is said to be one"
	end_server KILL
	fake 5353482d322e302d4f70656e5353480d0a
	go -w pingpong -s 64 -n 10 -r 1
	[ "$rc" -eq 2 ] && has "$err" "it does not talk as ipcchan bench --listen does"
	ok $? "something else listens there"
	end_server KILL
	# shellcheck disable=SC2059 # they are escapes
	fake "$(printf "$hello$words" | od -An -v -tx1 | tr -d ' \n')"
	begun=$SECONDS
	go -w pingpong -s 64 -n 10 -r 1 --timeout 0.5
	has "$out" "timeout: not set up after 0.5 s" && [ $((SECONDS - begun)) -lt 4 ]
	ok $? "what says hello and no more holds up no longer than a run may take"
	end_server KILL
else
	skip "another version is said to be one" "no python3"
	skip "something else listens there" "no python3"
	skip "what says hello and no more holds up no longer than a run may take" "no python3"
fi
done_testing
