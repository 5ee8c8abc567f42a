#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Sizes on the command line: the parser's values, and its refusals through the
# command.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

cat >"$tmp/size.c" <<'END'
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cli.h"

int main(int argc, char **argv)
{
	uint64_t bytes = 0;
	int err = argc == 2 ? parse_size(argv[1], &bytes) : -E2BIG;

	if (err)
		printf("%s\n", err == -EINVAL ? "EINVAL" : err == -ERANGE ? "ERANGE" : "?");
	else
		printf("%llu\n", (unsigned long long)bytes);
	return 0;
}
END
# shellcheck disable=SC2086  # the flags are words
${CC:-cc} ${CFLAGS-} -std=gnu11 -D_GNU_SOURCE -I"$root/include/uapi" \
	-I"$root/user/lib" -I"$root/user/cli" -o "$tmp/size" "$tmp/size.c" \
	"$root/user/cli/parse.c" || {
	ok 1 "the parser compiles on its own"
	done_testing
}

value() {
	out=$("$tmp/size" "$1")
	[ "$out" = "$2" ]
	ok $? "'$1' is $2"
}

value 0 0
value 1 1
value 007 7
value 4096B 4096
value 1K 1024
value 1k 1024
value 64KiB 65536
value 64kB 64000
value 3M 3145728
value 3m 3145728
value 3MiB 3145728
value 3MB 3000000
value 2G 2147483648
value 2g 2147483648
value 2GiB 2147483648
value 2GB 2000000000
value 18446744073709551615 18446744073709551615
value 18446744073709551616 ERANGE
value 17179869183G 18446744072635809792
value 17179869184G ERANGE
value 99999999999999999999K ERANGE
for text in '' ' 1' '1 ' -1 +1 1.5K 1KB 1kib 1T K 0x10 1KK 1e3; do
	value "$text" EINVAL
done

run send x --msg-size 1Q
refused 1 "'1Q' is not a size" "the command refuses what is no size"
run create x --buf-size 99999999999G
refused 1 "out of range" "the command refuses a size above 64 bits"

done_testing
