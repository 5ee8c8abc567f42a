#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What "make install" installs and "make uninstall" removes, with one version of all; "make
# sign".

# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

dest=$tmp/dest
make() {
	command make -s -C "$root" "$@" >"$tmp/log" 2>&1 || {
		sed 's/^/#   /' "$tmp/log"
		return 1
	}
}

# installed: the files below $dest
installed() {
	(cd "$dest" && find . ! -type d | sed 's/^\.//' | LC_ALL=C sort)
}

release=$("$root/selftests/vm/kernel.sh" release) || skip_all "no kernel headers"
make install DESTDIR="$dest" libdir=/usr/local/lib/any
ok $? "make install"

installed >"$tmp/files"
LC_ALL=C sort >"$tmp/expected" <<EOF
/lib/modules/$release/updates/ipcchan.ko
/usr/local/bin/ipcchan
/usr/local/include/ipcchan.h
/usr/local/include/ipcchan/bring.h
/usr/local/include/ipcchan/claim.h
/usr/local/include/ipcchan/mring.h
/usr/local/include/ipcchan/peer.h
/usr/local/include/ipcchan/ring.h
/usr/local/include/ipcchan/ring_inline.h
/usr/local/include/ipcchan/slots.h
/usr/local/include/ipcchan/slots_inline.h
/usr/local/include/ipcchan/writeback.h
/usr/local/include/linux/ipcchan.h
/usr/local/include/linux/ipcchan_buf.h
/usr/local/include/linux/ipcchan_netlink.h
/usr/local/lib/any/libipcchan.a
/usr/local/lib/any/libipcchan.so
/usr/local/lib/any/libipcchan.so.1
/usr/local/lib/any/pkgconfig/libipcchan.pc
/usr/local/lib/modprobe.d/ipcchan.conf
/usr/local/lib/modules-load.d/ipcchan.conf
/usr/local/lib/sysusers.d/ipcchan.conf
/usr/local/lib/udev/rules.d/60-ipcchan.rules
/usr/local/share/bash-completion/completions/ipcchan
/usr/local/share/man/man1/ipcchan-bench.1
/usr/local/share/man/man1/ipcchan-control.1
/usr/local/share/man/man1/ipcchan-trace.1
/usr/local/share/man/man1/ipcchan.1
/usr/local/share/man/man7/ipcchan-bench-results.7
EOF
diff "$tmp/expected" "$tmp/files"
ok $? "its files, at the places that the variables say"

make install-dkms DESTDIR="$dest"
ok $? "make install-dkms"

# A build that has no other files than those that DKMS is given
dkms=$(echo "$dest"/usr/src/ipcchan-*)
missing=$(sed -n 's/^#include "\(.*\)"$/\1/p' "$dkms"/kmod/*.[ch] | sort -u |
	while read -r name; do
		[ -e "$dkms/kmod/$name" ] || [ -e "$dkms/$name" ] || echo "$name"
	done)
[ -e "$dkms/Kbuild" ] && [ -z "$missing" ] &&
	grep -qx 'BUILT_MODULE_NAME\[0\]="ipcchan"' "$dkms/dkms.conf"
ok $? "DKMS has the sources: ${missing:-none is missing}"

module=$dest/lib/modules/$release/updates/ipcchan.ko
version=$(/sbin/modinfo -F version "$module")
export PKG_CONFIG_PATH="$dest/usr/local/lib/any/pkgconfig"
run --version
[ -n "$version" ] && [ "$out" = "ipcchan $version" ] &&
	[ "$(pkg-config --modversion libipcchan)" = "$version" ] &&
	[ "$dkms" = "$dest/usr/src/ipcchan-$version" ] &&
	grep -qx "PACKAGE_VERSION=\"$version\"" "$dkms/dkms.conf"
ok $? "module, command, library and DKMS have the version $version"

# what modprobe.d tells of parameters is what the module has
sed -n 's/^#options ipcchan \(.*\)=.*/\1/p' "$dest/usr/local/lib/modprobe.d/ipcchan.conf" |
	sort >"$tmp/told"
/sbin/modinfo -p "$module" | sed 's/:.*//' | sort | diff - "$tmp/told"
ok $? "modprobe.d names each parameter"

cat >"$tmp/use.c" <<'EOF'
#include <ipcchan/ring.h>
#include <stdio.h>

int main(void)
{
	return printf("%zu\n", ipcchan_ring_mem_size(4096)) < 0;
}
EOF
# shellcheck disable=SC2046 # the flags are several words
"${CC:-cc}" -o "$tmp/use" "$tmp/use.c" $(pkg-config --cflags --libs libipcchan) &&
	[ "$(LD_LIBRARY_PATH=$dest/usr/local/lib/any "$tmp/use")" -ge 4096 ]
ok $? "a program is built by pkg-config and runs"

# sign.sh as "make sign" calls it, of which the module in build/ stays as it is
sign() {
	"$root/user/dist/sign.sh" "/lib/modules/$release/build" "$1" "$2" "$module" \
		>"$tmp/out" 2>"$tmp/err"
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
}

cp "$module" "$tmp/unsigned.ko"
sign "$tmp/mok/key" "$tmp/mok/cert"
[ "$rc" -eq 0 ] && [ "$(stat -c %a "$tmp/mok/key")" = 600 ] &&
	[ "$(/sbin/modinfo -F signer "$module")" = "ipcchan module signing key" ]
ok $? "sign makes a key that only its owner can read, and signs the module"

sign "$tmp/mok/key" "$tmp/mok/cert"
size=$(stat -c %s "$tmp/unsigned.ko")
length=$(tail -c 32 "$module" | head -c 4 | od -A n -t u4 --endian=big | tr -d ' ')
[ "$rc" -eq 0 ] && [ "$(stat -c %s "$module")" -eq $((size + length + 12 + 28)) ] &&
	cmp -n "$size" "$module" "$tmp/unsigned.ko"
ok $? "a second time replaces the signature"

tail -c +$((size + 1)) "$module" | head -c "$length" >"$tmp/signature"
openssl x509 -inform DER -in "$tmp/mok/cert" -out "$tmp/cert.pem"
verify() {
	openssl cms -verify -binary -inform DER -in "$tmp/signature" -content "$1" -out /dev/null \
		-certfile "$tmp/cert.pem" -nointern -noverify >"$tmp/log" 2>&1
}
printf x | cat "$tmp/unsigned.ko" - >"$tmp/other.ko"
verify "$tmp/unsigned.ko" && ! verify "$tmp/other.ko"
ok $? "openssl verifies it, and of no other module"

sign "$tmp/mok/none" "$tmp/mok/cert"
refused 2 "KEY=" "a certificate without its key is refused"

make uninstall DESTDIR="$dest" libdir=/usr/local/lib/any && [ -z "$(installed)" ] && [ ! -e "$dest/usr/local/include/ipcchan" ] &&
	[ ! -e "$dkms" ]
ok $? "make uninstall leaves nothing"

done_testing
