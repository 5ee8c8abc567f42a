#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# demo-guest.sh FILE [OPTION]...: the part of the demo that runs in the guest. FILE goes
# through a channel from one process to another, in two ways. The options are those of the
# benchmark.
set -eu
file=$1
shift
size=$(stat -c %s "$file")
sum=$(sha256sum <"$file")

# transfer NAME [OPTION]: sends the file through the channel NAME and compares
transfer() {
	name=$1
	shift
	ipcchan recv "$name" "$@" --bytes "$size" --file /tmp/received &
	receiver=$!
	ipcchan send "$name" "$@" --verbose --file "$file"
	wait "$receiver"
	received=$(sha256sum </tmp/received)
	echo "sent      $sum"
	echo "received  $received"
	if [ "$sum" != "$received" ]; then
		echo "The file arrived changed."
		exit 1
	fi
	rm /tmp/received
	ipcchan delete "$name"
}

echo "Linux $(uname -r), $(nproc) CPUs; a file of $size bytes, two processes"
echo
echo "In messages, through the kernel's queue (ipcchan send, ipcchan recv):"
ipcchan create demo
transfer demo
echo
echo "Through a ring in the shared buffer (the same with --ring):"
ipcchan create demo-ring --ring
transfer demo-ring --ring
echo
echo "Measured against other mechanisms (ipcchan bench):"
ipcchan bench --quick "$@" --json /out/results.json
