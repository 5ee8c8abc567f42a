#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The Python binding and what uses it in the documentation are typed, and are for the oldest
# Python that the binding is for
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"
cd "$ROOT" || exit 1

OLDEST=3.9
list=$(selftests/files.sh 'user/*.py' 'Documentation/*.py') || exit 1
MYPYPATH=user/python xargs -d '\n' mypy --strict --python-version "$OLDEST" \
	--cache-dir "$BUILD/lint/mypy" <<<"$list"
