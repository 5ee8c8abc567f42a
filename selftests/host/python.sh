#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The Python binding: that it says what the headers say, and the rings.

# the helpers want a command to test; this test runs none
IPCCHAN=$(command -v sh)
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

# Debian's, whatever else is called python3
python=/usr/bin/python3
IPCCHAN_LIBRARY=${IPCCHAN_LIBRARY:-$root/build/user/lib/libipcchan.so.1}
PYTHONPATH=$root/user/python:$root/selftests/ipcchan
export IPCCHAN_LIBRARY PYTHONPATH
[ -f "$IPCCHAN_LIBRARY" ] || skip_all "the library is not built: $IPCCHAN_LIBRARY"
"$python" -c 'import ctypes' 2>/dev/null || skip_all "no Python with ctypes"

exec "$python" -B "$tap_dir/python_test.py" "$root"
