#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# codespell over all but the licences; inout is a word of syzkaller's
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1

list=$(selftests/files.sh) || exit 1
grep -v '^LICENSES/' <<<"$list" | xargs -d '\n' codespell -L inout
