#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# signed-by.sh MODULE CERTIFICATE: whether the MODULE, which may be compressed, ends with a
# signature of it by the key of the CERTIFICATE (DER). By the structure at its end, that of the
# kernel's module_signature.h, and not by what the kernel's sign-file has.
set -eu -o pipefail
module=$1 cert=$2

MAGIC='~Module signature appended~'
# the magic word with its newline, and what stands before: 8 bytes and the signature's length
TRAILER=$((${#MAGIC} + 1 + 12))

tmp=$(mktemp -d)
trap 'rm -r "$tmp"' EXIT
case $module in
*.xz) xz -dc "$module" ;;
*) cat "$module" ;;
esac >"$tmp/module"
tail -c "$TRAILER" "$tmp/module" >"$tmp/trailer"
if [ "$(tail -n 1 "$tmp/trailer" | tail -c $((${#MAGIC} + 1)))" != "$MAGIC" ]; then
	echo "$module is not signed"
	exit 1
fi
length=$(od -A n -t u4 -j 8 -N 4 --endian=big "$tmp/trailer" | tr -d ' ')
head -c "-$TRAILER" "$tmp/module" | tail -c "$length" >"$tmp/signature"
head -c "-$((TRAILER + length))" "$tmp/module" >"$tmp/content"
openssl x509 -inform DER -in "$cert" -out "$tmp/cert"
openssl cms -verify -binary -inform DER -in "$tmp/signature" -content "$tmp/content" \
	-certfile "$tmp/cert" -nointern -noverify -out /dev/null 2>&1
