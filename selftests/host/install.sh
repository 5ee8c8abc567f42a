#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What "make install" installs and "make uninstall" removes, with one version of all; "make
# sign".

# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"
# The kernel's Makefiles would take the folder of the results for theirs.
unset O

dest=$tmp/dest
# root's umask may be so strict
make() {
	(umask 077 && command make -s -C "$root" "$@") >"$tmp/log" 2>&1 || {
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
python=$(/usr/bin/python3 -c 'import site; print(site.getsitepackages()[0])')
LC_ALL=C sort >"$tmp/expected" <<EOF
$python/ipcchan.py
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
/usr/local/share/locale/ko/LC_MESSAGES/ipcchan.mo
$(cd "$root/Documentation/man" && find man* -type f | sed 's|^|/usr/local/share/man/|')
EOF
diff "$tmp/expected" "$tmp/files"
ok $? "its files, at the places that the variables say"

# sources FOLDER VERSION: such as DKMS has, below $tmp/dkms/usr/src
sources() {
	mkdir -p "$tmp/dkms/usr/src/$1"
	printf 'PACKAGE_NAME="ipcchan"\nPACKAGE_VERSION="%s"\n' "$2" >"$tmp/dkms/usr/src/$1/dkms.conf"
}

# What an older version left there goes: DKMS takes the new one for another module.
sources ipcchan-0.0.1 0.0.1
mkdir "$tmp/dkms/usr/src/ipcchan-others"
make install-dkms DESTDIR="$tmp/dkms" && [ ! -e "$tmp/dkms/usr/src/ipcchan-0.0.1" ] &&
	rmdir "$tmp/dkms/usr/src/ipcchan-others"
ok $? "make install-dkms"

sources ipcchan-mine 0.0.1
sources ipcchan-0.0.2 0.0.2
mkdir "$tmp/dkms/usr/src/ipcchan-0.0.2/.git"
make install-dkms DESTDIR="$tmp/dkms" && rm -r "$tmp/dkms/usr/src/ipcchan-mine" \
	"$tmp/dkms/usr/src/ipcchan-0.0.2" && [ "$(grep -c '^/.* stays: ' "$tmp/log")" -eq 2 ]
ok $? "it leaves sources that somebody has made his own"

mkdir "$(echo "$tmp"/dkms/usr/src/ipcchan-*)/.git"
sources ipcchan-0.0.1 0.0.1
! make install-dkms DESTDIR="$tmp/dkms" >"$tmp/out" && grep -q 'is in the way: ' "$tmp/out" &&
	rm -r "$tmp/dkms/usr/src/ipcchan-0.0.1" && rmdir "$tmp"/dkms/usr/src/ipcchan-*/.git
ok $? "and removes nothing if they are in the way"

find "$dest" "$tmp/dkms" ! -type l ! -perm -a=r -o -type d ! -perm -a=x >"$tmp/closed"
sed 's/^/#   /' "$tmp/closed"
[ ! -s "$tmp/closed" ]
ok $? "everybody may read what is installed"

# A build that has no other files than those that DKMS is given
dkms=$(echo "$tmp"/dkms/usr/src/ipcchan-*)
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
	[ "$dkms" = "$tmp/dkms/usr/src/ipcchan-$version" ] &&
	grep -qx "PACKAGE_VERSION=\"$version\"" "$dkms/dkms.conf"
ok $? "module, command, library and DKMS have the version $version"

# what modprobe.d tells of parameters is what the module has
sed -n 's/^#\{0,1\}options ipcchan \(.*\)=.*/\1/p' "$dest/usr/local/lib/modprobe.d/ipcchan.conf" |
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

LD_LIBRARY_PATH=$dest/usr/local/lib/any PYTHONPATH=$dest$python /usr/bin/python3 -B -c \
	'import ipcchan; raise SystemExit(ipcchan.Ring.mem_size(4096) < 4096)' &&
	/usr/bin/python3 -m compileall -q "$dest$python" && [ -e "$dest$python/__pycache__" ]
ok $? "the library is there for Python"

# The module in build/ is as it was, and of that time, in the end.
built=$root/build/kmod/$release/ipcchan.ko
cp -p "$built" "$built.unsigned"
trap 'mv "$built.unsigned" "$built"; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
sign() {
	make sign KEY="$1" CERT="$2" && make install-module DESTDIR="$dest"
}

sign "$tmp/mok/key" "$tmp/mok/cert" && [ "$(stat -c %a "$tmp/mok" "$tmp/mok/key" | xargs)" = "755 600" ] &&
	[ "$(/sbin/modinfo -F signer "$module")" = "ipcchan module signing key" ] &&
	"$root/selftests/signed-by.sh" "$module" "$tmp/mok/cert"
ok $? "make sign makes a key that only its owner can read; a module that it signed is installed"

cp "$module" "$tmp/once.ko"
sign "$tmp/mok/key" "$tmp/mok/cert" && cmp "$tmp/once.ko" "$module"
ok $? "a second time replaces the signature"

printf x | dd of="$module" bs=1 seek=4096 conv=notrunc status=none
! "$root/selftests/signed-by.sh" "$module" "$tmp/mok/cert" >"$tmp/log" &&
	grep -q 'digest failure\|verification failure' "$tmp/log"
ok $? "the signature is of that module only"

rc=0
out='' err=$(command make -s -C "$root" sign KEY="$tmp/mok/none" CERT="$tmp/mok/cert" 2>&1) || rc=$?
refused 2 "KEY=" "a certificate without its key is refused"

rc=0
out='' err=$("$root/user/dist/sign.sh" "/lib/modules/$release/build" "$tmp/half/key" \
	/proc/ipcchan-cert "$built" 2>&1) || rc=$?
refused 2 "cannot make a key" "where no certificate can be made there is no key"
rmdir "$tmp/half"
ok $? "and none is left"

# A kernel takes one of two modules, and nobody sees which.
mkdir "${module%/*}/dkms"
: >"${module%/*}/dkms/ipcchan.ko.xz"
! make install-module DESTDIR="$dest" >"$tmp/out" && grep -q 'by DKMS' "$tmp/out"
ok $? "nothing is installed beside a module of DKMS"
rm -r "${module%/*}/dkms"
make install-dkms DESTDIR="$dest" && [ ! -e "$module" ]
ok $? "which takes the place of one that was installed"
! make -C user/dist install-module FILE="$built" RELEASE="$release" DESTDIR="$dest" >"$tmp/out" &&
	grep -q 'by DKMS' "$tmp/out"
ok $? "nor where DKMS has the sources, and will build it"
! make install DESTDIR="$tmp/dkms" >"$tmp/out" && grep -q 'by DKMS.* move it elsewhere' "$tmp/out" &&
	[ ! -e "$tmp/dkms/usr/local/include" ]
ok $? "and not a part of all else, either"

# Without a module a unit of systemd would fail at each boot.
make -C user/dist install DESTDIR="$tmp/user" && [ -d "$tmp/user/usr/local/lib/modprobe.d" ] &&
	[ ! -e "$tmp/user/usr/local/lib/modules-load.d" ] &&
	[ -e "$tmp/dkms/usr/local/lib/modules-load.d/ipcchan.conf" ]
ok $? "only what installs a module has it loaded at boot"

# dpkg tells by itself what was changed.
make -f user/dist/debian/rules CURDIR="$tmp/packaged" override_dh_auto_install &&
	cmp "$root/user/dist/udev/60-ipcchan.rules" \
		"$tmp/packaged/debian/tmp/usr/lib/udev/rules.d/60-ipcchan.rules" &&
	cmp "$root/user/dist/modules-load.d/ipcchan.conf" \
		"$tmp/packaged/debian/tmp/usr/lib/modules-load.d/ipcchan.conf"
ok $? "packages have the configuration as it is"

# Of configuration only what is as it was installed, by whatever version, is replaced, or removed.
rules=$dest/usr/local/lib/udev/rules.d/60-ipcchan.rules
parameters=$dest/usr/local/lib/modprobe.d/ipcchan.conf
load=$dest/usr/local/lib/modules-load.d/ipcchan.conf
# kept NUMBER: what was changed is there, and NUMBER files are told of
kept() {
	cmp "$tmp/rules" "$rules" && [ "$(readlink "$parameters")" = /dev/null ] &&
		[ "$(grep -c '^/.* stays.*: it was changed' "$tmp/log")" -eq "$1" ]
}

echo "# of an older version" >"$tmp/older"
"$root/user/dist/config.sh" install "$tmp/older" "$load"
echo "# changed" >>"$rules"
cp "$rules" "$tmp/rules"
ln -sf /dev/null "$parameters"
make -C user/dist install install-load DESTDIR="$dest" && kept 2 && grep -qx ipcchan "$load"
ok $? "configuration that was changed stays as it is"
"$root/user/dist/config.sh" install "$tmp/older" "$load"
make -C user/dist uninstall DESTDIR="$dest" && kept 2 && [ ! -e "$load" ]
ok $? "and where it is, when the rest goes"
rm "$rules" "$parameters"
make -C user/dist install install-load DESTDIR="$dest"

mkdir "$tmp/diverts"
cat >"$tmp/diverts/dpkg-query" <<'EOF'
#!/bin/sh
case ${LC_ALL-} in
C) echo "diversion by someone from: $2" ;;
*) echo "Umleitung durch someone von: $2" ;;
esac
EOF
chmod +x "$tmp/diverts/dpkg-query"
PATH=$tmp/diverts:$PATH LC_ALL=de_DE.UTF-8 "$root/user/dist/not-packaged.sh" "$tmp/own"
ok $? "a diversion is no package, in whatever language"

"$root/user/dist/not-packaged.sh" "$tmp/dest" && mkdir "$tmp/bin" "$tmp/own" &&
	printf '#!/bin/sh\necho "someone: %s"\n' "$tmp/own/ipcchan.py" >"$tmp/bin/dpkg-query" &&
	chmod +x "$tmp/bin/dpkg-query" && echo theirs >"$tmp/own/ipcchan.py"
for verb in install uninstall; do
	! (PATH=$tmp/bin:$PATH && make -C user/python "$verb" pythondir="$tmp/own") >"$tmp/out" &&
		grep -q "  someone: $tmp/own/ipcchan.py" "$tmp/out" &&
		[ "$(cat "$tmp/own/ipcchan.py")" = theirs ]
	ok $? "make $verb leaves alone what a package has"
done

! make uninstall DESTDIR="$dest /usr" >"$tmp/out" && grep -q 'blank in DESTDIR' "$tmp/out" &&
	! make uninstall DESTDIR=dest >"$tmp/out" && grep -q 'no absolute path' "$tmp/out"
ok $? "nothing is removed where a blank, or a relative path, leads"

make uninstall DESTDIR="$dest" libdir=/usr/local/lib/any && [ -z "$(installed)" ] &&
	[ ! -e "$dest/usr/local/include/ipcchan" ] && [ -z "$(ls "$dest/usr/src")" ] &&
	make uninstall DESTDIR="$dest" libdir=/usr/local/lib/any
ok $? "make uninstall leaves nothing, and finds nothing a second time"

done_testing
