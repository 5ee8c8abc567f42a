#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The descriptions for syzkaller against the headers: each ioctl, each structure with its
# fields and their sizes, each flag, value and attribute.

# the helpers want a command to test; this test runs none
IPCCHAN=$(command -v sh)
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

headers="$root/include/uapi/linux/ipcchan*.h"
texts="$root/Documentation/syzkaller/ipcchan*.txt"

# Both without comments. The lists are of words: there are no blanks in these paths.
# shellcheck disable=SC2086
sed 's|/\*.*\*/||; /\/\*/,/\*\//d' $headers >"$tmp/headers"
# shellcheck disable=SC2086
sed '/^#/d' $texts >"$tmp/texts"

# same NAME: of $tmp/NAME.header and $tmp/NAME.text
same() {
	: >"$tmp/diff"
	[ -s "$tmp/$1.header" ] && diff "$tmp/$1.header" "$tmp/$1.text" >"$tmp/diff"
	ok $? "$2"
	sed 's/^/# /' "$tmp/diff"
}

# ioctls with their structures: all of them write and read
sed -n 's/^#define \(IPCCHAN_IOC_[A-Z_]*\)\t_IOWR(.*struct \([a-z_]*\))$/\1 \2/p' "$tmp/headers" |
	sort >"$tmp/ioctls.header"
sed -n 's/^ioctl\$\([A-Z_]*\)(fd fd_ipcchan, cmd const\[\([A-Z_]*\)\], arg ptr\[[a-z]*, \([a-z_]*\)\])$/\1 \2 \3/p' \
	"$tmp/texts" | awk '$1 == $2 { print $1, $3 }' | sort >"$tmp/ioctls.text"
same ioctls "each ioctl has its structure"
[ "$(grep -c 'define IPCCHAN_IOC_.*_IO' "$tmp/headers")" -eq "$(wc -l <"$tmp/ioctls.header")" ]
ok $? "no ioctl is of another form"

# structures: bytes and name of each field, in order
awk '/^struct [a-z_]* \{/ { name = $2; print name; on = 1; next }
	/^\};/ { on = 0 }
	on {
		field = $NF
		sub(/;/, "", field)
		size = $1 ~ /64$/ ? 8 : $1 ~ /32$/ ? 4 : $1 == "struct" ? $2 : "?"
		if (sub(/\[IPCCHAN_NAME_SIZE\]/, "", field))
			size = "name"
		print name "." field, size
	}' "$tmp/headers" >"$tmp/structs"
awk '/^[a-z_]* \{/ { name = $1; print name; on = 1; next }
	/^\}/ { on = 0 }
	on {
		type = $0
		sub(/^\t[a-z_]*\t+/, "", type)
		sub(/\t\((out|inout)\)$/, "", type)
		size = type
		if (type ~ /IPCCHAN_NAME_SIZE/)
			size = "name"
		else if (type ~ /int64/ || type ~ /^(ptr64\[|ipcchan_(payload|offset|call_id)$)/)
			size = 8
		else if (type ~ /int32/ || type ~ /^([ug]id|pid|fd_[a-z]+(\[opt\])?)$/)
			size = 4
		print name "." $1, size
	}' "$tmp/texts" >"$tmp/described"
# The order of the structures does not matter, that of the fields does.
sort -s -t . -k 1,1 "$tmp/structs" >"$tmp/structs.header"
sort -s -t . -k 1,1 "$tmp/described" >"$tmp/structs.text"
same structs "each structure has its fields, with their sizes, in order"

# What is not a flag, a value or an attribute
grep -ohE '\<_*IPCCHAN_[A-Z0-9_]+' "$tmp/headers" |
	grep -vE '^_|_MAX$|_UNSPEC$|_PAD$|^IPCCHAN_(ABI_VERSION|DEV_PATH|DEFAULT_NAME|FILTER_MSGS)$' |
	grep -vE '^IPCCHAN_(IOC_MAGIC|GENL_[A-Z]+)$' | sort -u >"$tmp/names"
grep -ohE '\<IPCCHAN_[A-Z0-9_]+' "$tmp/texts" | sort -u >"$tmp/said"
comm -23 "$tmp/names" "$tmp/said" >"$tmp/missing"
[ ! -s "$tmp/missing" ] && [ "$(wc -l <"$tmp/names")" -gt 100 ]
ok $? "each flag, value and attribute is there"
sed 's/^/# missing: /' "$tmp/missing"

# What README.rst has typed, without the two that are syzkaller's: they find what was copied.
SYZ=$tmp/syz LINUX=$tmp/linux
mkdir -p "$SYZ/sys/linux" "$LINUX/include/uapi/linux"
# shellcheck disable=SC2317,SC2329 # by what is typed
make() {
	[ $# -eq 0 ] || {
		echo "$*" | sed 's/.*FILES=//' | tr ' ' '\n' | sort >"$tmp/wanted"
		(cd "$SYZ/sys/linux" && ls) | diff "$tmp/wanted" - &&
			(cd "$LINUX/include/uapi/linux" && ls)
	}
}
awk -f "$root/selftests/ipcchan/docs.awk" -v want=outside "$root/Documentation/syzkaller/README.rst" |
	sed '/^make$/q' >"$tmp/typed"
# shellcheck disable=SC1091 # it is made here
rc=0 out=$(set -e; cd "$root"; . "$tmp/typed" 2>&1) err=''
[ "$out" = "$(cd "$root/include/uapi/linux" && ls)" ] && [ "$(wc -l <"$tmp/typed")" -eq 5 ]
ok $? "what README.rst has typed works with these files"
done_testing
