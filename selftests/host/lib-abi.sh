#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the library installs: symbols, versions, pkg-config, use from C and C++.

# the helpers want a command to test; this test runs none
IPCCHAN=$(command -v sh)
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

cc=${CC:-cc}
make="make -s -C $root/user/lib O=$tmp/o prefix=/opt/ipcchan"

! $make VERSION=1.1.0 all >"$tmp/log" 2>&1 &&
	grep -q "needs 'IPCCHAN_1.1'" "$tmp/log"
ok $? "a version without its node in the map is not built"

$make install DESTDIR="$tmp/d" >"$tmp/log" 2>&1
ok $? "make install"
cat "$tmp/log"

# a tree that has been moved after it was installed
mv "$tmp/d/opt/ipcchan" "$tmp/moved"
so=$tmp/moved/lib/libipcchan.so.1
[ -f "$so" ] && [ -f "$tmp/moved/lib/libipcchan.a" ] &&
	[ "$(readlink "$tmp/moved/lib/libipcchan.so")" = libipcchan.so.1 ] &&
	[ -f "$tmp/moved/include/ipcchan.h" ] &&
	[ "$(cd "$tmp/moved/include/ipcchan" && echo *)" = \
		"bring.h claim.h mring.h peer.h ring.h ring_inline.h slots.h slots_inline.h writeback.h" ] &&
	[ -f "$tmp/moved/include/linux/ipcchan.h" ] &&
	[ -f "$tmp/moved/include/linux/ipcchan_buf.h" ] &&
	[ -f "$tmp/moved/include/linux/ipcchan_netlink.h" ]
ok $? "the installed files"

readelf -d "$so" | grep -q 'SONAME.*\[libipcchan.so.1\]'
ok $? "soname"

# the symbols are those of the map, those of the headers, and all in the node
cat >"$tmp/headers.c" <<'EOF'
#include <ipcchan/bring.h>
#include <ipcchan/mring.h>
#include <ipcchan/ring.h>
#include <ipcchan/slots.h>
EOF
"$cc" -I"$tmp/moved/include" -fsyntax-only -aux-info "$tmp/aux" "$tmp/headers.c" &&
	sed -n 's/.* extern .*[ *]\(ipcchan_[a-z_]*\) (.*/\1/p' "$tmp/aux" |
	sort -u >"$tmp/declared"
nm -D --defined-only "$so" | sed -n 's/.* T //p' | sort >"$tmp/exported"
sed 's/$/@@IPCCHAN_0.1/' "$tmp/declared" >"$tmp/expected"
[ -s "$tmp/declared" ] && diff "$tmp/expected" "$tmp/exported"
ok $? "each function of the headers is exported, and nothing else"

export PKG_CONFIG_PATH="$tmp/moved/lib/pkgconfig"
if command -v pkg-config >/dev/null; then
	flags=$(pkg-config --cflags --libs libipcchan)
else
	skip "pkg-config finds the moved tree" "no pkg-config"
	flags="-I$tmp/moved/include -L$tmp/moved/lib -lipcchan"
fi

cat >"$tmp/use.c" <<'EOF'
#include <ipcchan/bring.h>
#include <ipcchan/mring.h>
#include <ipcchan/ring.h>
#include <ipcchan/slots.h>
#include <stdio.h>
#include <string.h>

static char mem[4096] __attribute__((aligned(64)));

int main(void)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();
	struct ipcchan_ring prod, cons;
	struct ipcchan_slots in, out;
	struct ipcchan_mring many;
	struct ipcchan_bring one;
	struct ipcchan_msghdr msg;
	char buf[16];
	void *room;

	/* a function and a struct may have one name */
	int (*call)(struct ipcchan *, struct ipcchan_serve *) = ipcchan_serve;

	ipcchan_msg_init(&msg, buf, sizeof(buf));
	if (msg.len != sizeof(buf) || !call)
		return 1;

	memset(&many, 0, sizeof(many));
	many.c.err = -EBADMSG;
	one.c = many.c;
	if (ipcchan_mring_reserve(&many, 8, &room) != -EBADMSG ||
	    ipcchan_bring_reserve(&one, 8, &room) != -EBADMSG)
		return 1;

	if (ipcchan_ring_format(mem, sizeof(mem), 0) ||
	    ipcchan_ring_attach(&prod, mem, sizeof(mem), IPCCHAN_RING_PRODUCER, &bell) ||
	    ipcchan_ring_attach(&cons, mem, sizeof(mem), IPCCHAN_RING_CONSUMER, &bell) ||
	    ipcchan_ring_send(&prod, "hello", 6, 0) ||
	    ipcchan_ring_recv(&cons, buf, sizeof(buf), 0) != 6)
		return 1;
	if (ipcchan_slots_format(mem, sizeof(mem), 8, 0) ||
	    ipcchan_slots_attach(&in, mem, sizeof(mem), IPCCHAN_RING_PRODUCER, &bell) ||
	    ipcchan_slots_attach(&out, mem, sizeof(mem), IPCCHAN_RING_CONSUMER, &bell) ||
	    ipcchan_slots_send(&in, buf, 6, 0) ||
	    ipcchan_slots_recv(&out, buf, sizeof(buf), 0) != 6)
		return 1;
	puts(buf);
	return strcmp(buf, "hello") != 0;
}
EOF
cp "$tmp/use.c" "$tmp/use.cc"

# use_from NAME COMPILER OPTION...: compile without a warning, run
use_from() {
	name=$1
	shift
	if ! command -v "$1" >/dev/null; then
		skip "$name" "no $1"
		return
	fi
	# shellcheck disable=SC2086 # the flags are several words
	"$@" -Wall -Wextra -Werror -o "$tmp/use" $flags 2>&1 &&
		[ "$(LD_LIBRARY_PATH=$tmp/moved/lib "$tmp/use")" = hello ]
	ok $? "$name"
}

use_from "C11, shared" "$cc" -std=c11 -O2 "$tmp/use.c"
use_from "C, clang" clang -std=gnu11 -O2 "$tmp/use.c"
use_from "C++11" g++ -std=c++11 -pedantic "$tmp/use.cc"
use_from "C++17, optimised" g++ -std=c++17 -pedantic -O2 "$tmp/use.cc"
use_from "C++20, clang" clang++ -std=c++20 -pedantic -O2 "$tmp/use.cc"

# each public header by itself; those of the inline functions are parts of others
for header in ipcchan.h linux/ipcchan.h linux/ipcchan_buf.h linux/ipcchan_netlink.h \
	ipcchan/bring.h ipcchan/claim.h ipcchan/mring.h ipcchan/peer.h ipcchan/ring.h \
	ipcchan/slots.h ipcchan/writeback.h; do
	for std in c++11 c++17; do
		echo "#include <$header>" | g++ -std=$std -Wall -Wextra -Werror -pedantic -x c++ \
			-I"$tmp/moved/include" -fsyntax-only - 2>&1 || echo "$header" >>"$tmp/unclean"
	done
done
[ ! -e "$tmp/unclean" ]
ok $? "each header is C++11 and C++17 without a warning"
"$cc" -I"$tmp/moved/include" -o "$tmp/use" "$tmp/use.c" "$tmp/moved/lib/libipcchan.a" &&
	[ "$("$tmp/use")" = hello ]
ok $? "C, static"

done_testing
