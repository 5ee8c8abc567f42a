#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Makes the Debian packages, and installs, uses and purges them on a new machine; with CORE
# only makes them, for that machine takes minutes to fetch and to run. What each step printed
# is left in build/check-install/; the last line is the sum.
# Functions are called through step.
# shellcheck disable=SC2317,SC2329
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"
# shellcheck source=selftests/check-lib.sh
. "$ROOT/selftests/check-lib.sh"

packages() {
	local status

	"$ROOT/user/dist/deb.sh" "$BUILD/deb" >"$OUT/deb.log" 2>&1
	status=$?
	verdict deb "$status" "the Debian packages are made"
	if [ "$status" -ne 0 ]; then
		tail -n 30 "$OUT/deb.log" >&2
		return
	fi
	lintian --allow-root --fail-on error,warning "$BUILD/deb"/*.changes >"$OUT/lintian.log" 2>&1
	status=$?
	verdict lintian "$status" "lintian has nothing to say about them"
	[ "$status" -eq 0 ] || cat "$OUT/lintian.log" >&2
	imported
	verdict python $? "the library of the packages is there for Python"
}

# imported: by Debian's Python, from the packages, below folders that it looks in; what it
# compiles there the package removes
imported() {
	local tree=$OUT/tree deb

	rm -rf "$tree"
	for deb in "$BUILD/deb"/{libipcchan1,python3-ipcchan}_*.deb; do
		dpkg-deb --extract "$deb" "$tree" || return
	done
	dpkg-deb --info "$deb" prerm | grep 'py3clean -p python3-ipcchan' >/dev/null || return
	LD_LIBRARY_PATH=$(echo "$tree"/usr/lib/*-linux-gnu) \
		PYTHONPATH=$tree/usr/lib/python3/dist-packages /usr/bin/python3 -B - "$tree" <<-'EOF'
			import sys
			import ipcchan

			raise SystemExit(not ipcchan.__file__.startswith(sys.argv[1]) or
			                 "/usr/lib/python3/dist-packages" not in sys.path or
			                 ipcchan.Ring.mem_size(4096) < 4096)
		EOF
}

check_begin "$BUILD/check-install" || exit 1
step packages packages
if [ -z "${CORE-}" ] && count "$OUT/packages.ktap" >/dev/null; then
	step machine record machine "$TESTS/vm/install.sh"
fi
check_end
