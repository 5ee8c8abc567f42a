#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# sign.sh KDIR KEY CERT MODULE: signs the module, by the program of the kernel's headers in
# KDIR, with a key whose certificate (DER) the machine's owner has enrolled. Makes both if
# neither is there. A signature that the module has is replaced.
set -eu -o pipefail
kdir=$1 key=$2 cert=$3 module=$4

MAGIC='~Module signature appended~'
# What stands before the magic word: 8 bytes, the length of the signature as the last 4
HEADER=12

die() {
	echo "sign.sh: $*" >&2
	exit 2
}

# new_key: both files, or neither. Whoever has DKMS later reads its folder without being root.
new_key() {
	(umask 022 && mkdir -p "$(dirname "$key")" "$(dirname "$cert")") &&
		(umask 077 && openssl req -new -x509 -newkey rsa:2048 -nodes -sha256 -days 36500 \
			-subj "/CN=ipcchan module signing key" -addext extendedKeyUsage=codeSigning \
			-outform DER -keyout "$key.new" -out "$cert.new") &&
		chmod 644 "$cert.new" &&
		mv "$key.new" "$key" &&
		mv "$cert.new" "$cert"
}

make_key() {
	local out

	trap 'rm -f "$key" "$key.new" "$cert.new"' EXIT
	out=$(new_key 2>&1) ||
		die "cannot make a key; be root and have openssl, or say KEY= and CERT=. ${out##*-----}"
	trap - EXIT
	echo "made the key $key"
}

# strip_signature: the module without the signature at its end, if it has one
strip_signature() {
	local size length

	[ "$(tail -c $((${#MAGIC} + 1)) "$module" | tr -d '\0')" = "$MAGIC" ] || return 0
	size=$(stat -c %s "$module")
	length=$(tail -c $((${#MAGIC} + 1 + 4)) "$module" | head -c 4 |
		od -A n -t u4 --endian=big | tr -d ' ')
	truncate -s $((size - ${#MAGIC} - 1 - HEADER - length)) "$module"
}

[ -x "$kdir/scripts/sign-file" ] || die "$kdir has no scripts/sign-file, by which to sign"
if [ ! -e "$key" ] && [ ! -e "$cert" ]; then
	make_key
fi
[ -r "$key" ] || die "cannot read the key $key; be root, or say KEY= and CERT="
[ -r "$cert" ] || die "cannot read the certificate $cert of the key; say CERT="
strip_signature
"$kdir/scripts/sign-file" sha256 "$key" "$cert" "$module"
echo "signed $module; where Secure Boot is on, its key has to be enrolled once:"
echo "  mokutil --import $cert    # asks for a password, which the next boot asks for, too"
