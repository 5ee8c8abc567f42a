# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# For tests of the claims, after tap.sh: $TMPDIR is a folder for what these make, which other
# users pass, too; texts are those of the C locale.
command -v jq >/dev/null || skip_all "needs jq"
# shellcheck disable=SC2154 # of tap.sh
mkdir "$tmp/files"
chmod 711 "$tmp" "$tmp/files"
TMPDIR=$tmp/files
export TMPDIR
LC_ALL=C
export LC_ALL
