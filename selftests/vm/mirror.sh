#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# mirror.sh FOLDER: the module's sources there, as links. Only what changed is
# touched, so that a second build has nothing to do.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$1

cd "$root"
find Kbuild kmod include -name '*.[ch]' -o -name Kbuild | while read -r file; do
	mkdir -p "$out/$(dirname "$file")"
	[ "$out/$file" -ef "$file" ] || ln -sf "$root/$file" "$out/$file"
done
find "$out" -xtype l -delete
