# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by the scripts of the VM harness: places and messages.

# shellcheck disable=SC2034  # used by the scripts that source this file
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VM_DIR=$ROOT/selftests/vm
BUILD=${BUILD:-$ROOT/build}
if [ -z "${HOME-}" ]; then
	unset HOME # ~ is then what /etc/passwd says
	export HOME=~
fi
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/ipcchan
{ mkdir -p "$CACHE" 2>/dev/null && [ -w "$CACHE" ]; } || CACHE=$BUILD/cache
APT_SECONDS=${APT_SECONDS:-600}
ME=${0##*/}

say() {
	printf '%s: %s\n' "$ME" "$*" >&2
}

# die STATUS MESSAGE...
die() {
	local status=$1

	shift
	say "$@"
	exit "$status"
}

# run_as_root COMMAND...: root may be had directly or through sudo, with SUDO_OPTIONS.
run_as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		# shellcheck disable=SC2086  # words
		sudo ${SUDO_OPTIONS-} -- "$@"
	else
		die 2 "needs root for: $*; run this as root, or install sudo"
	fi
}

# apt_get ARGUMENT...: waits for another apt or dpkg, such as the upgrades that a
# new machine begins with. For dpkg's lock apt-get waits itself, and says so; not
# for those of its lists and of its archive.
apt_get() {
	local errors status holder='' end=$((SECONDS + APT_SECONDS))

	errors=$(mktemp) || return
	while :; do
		status=0
		(run_as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y \
			-o "DPkg::Lock::Timeout=$APT_SECONDS" "$@") </dev/null 2>"$errors" ||
			status=$?
		if [ "$status" -eq 0 ] || [ "$SECONDS" -ge "$end" ] ||
			! grep -q '^E: Could not get lock ' "$errors"; then
			break
		fi
		if [ -z "$holder" ]; then
			holder=$(sed -n 's/^E: Could not get lock //p' "$errors")
			say "another apt is at work, waiting for at most $APT_SECONDS s: $holder"
		fi
		sleep 2
	done
	cat "$errors" >&2
	rm "$errors"
	return "$status"
}

# end_jobs STATUS: for a trap: ends this script and all that it has started in process
# groups of their own
end_jobs() {
	local group

	trap '' INT TERM HUP
	for group in $(jobs -p); do
		kill -- "-$group" 2>/dev/null
	done
	exit "$1"
}

# build_quietly LOG TARGET...: what make says is shown only if it fails
build_quietly() {
	local log=$1

	shift
	if ! "${MAKE:-make}" -C "$ROOT" "$@" >"$log" 2>&1; then
		tail -n 30 "$log" >&2
		die 2 "cannot build; the whole log is $log"
	fi
}

# check_results FILE [CLOCK]: a benchmark that left nothing behind has failed, and
# so has one whose figures are not in the CLOCK's unit
check_results() {
	jq -e '.schema == "ipcchan-bench/1" and (.results | length > 0)' "$1" >/dev/null ||
		die 2 "$1 holds no results"
	jq -e --arg clock "${2-}" '$clock == "" or .environment.clock == $clock' "$1" >/dev/null ||
		die 2 "the figures in $1 are useless: its environment.clock is" \
			"\"$(jq -r .environment.clock "$1")\", not \"$2\""
	say "the results are in ${1#"$PWD/"}"
}

# Sets archive and version: Debian's package of the kernel source.
kernel_source() {
	local deps package

	# linux-source is empty and depends on the package with the archive.
	deps=$(dpkg-query -W -f '${Depends}' linux-source 2>/dev/null) || true
	[[ $deps =~ (linux-source-[^ ,]+) ]] ||
		die 2 "linux-source is not installed; run selftests/vm/setup.sh first"
	package=${BASH_REMATCH[1]}
	archive=/usr/src/$package.tar.xz
	[ -e "$archive" ] || die 2 "$package is installed but $archive is missing"
	version=$(dpkg-query -W -f '${Version}' "$package")
}
