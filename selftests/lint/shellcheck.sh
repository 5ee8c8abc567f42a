#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every shell script through shellcheck. The tests hand on the outcome of a condition
# as $?, which newer versions report as SC2319.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1

list=$(selftests/files.sh '*.sh' &&
	selftests/files.sh | xargs -d '\n' grep -lE -m 1 '^#!/bin/(ba)?sh') || exit 1
mapfile -t list < <(sort -u <<<"$list")
shellcheck -e SC2319 -x -P "$PWD" "${list[@]}"
