# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by the scripts of the VM harness: places and messages.

# shellcheck disable=SC2034  # used by the scripts that source this file
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VM_DIR=$ROOT/selftests/vm
BUILD=${BUILD:-$ROOT/build}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/ipcchan
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

# run_as_root COMMAND...: root may be had directly or through sudo.
run_as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo -- "$@"
	else
		die 2 "needs root for: $*; run this as root, or install sudo"
	fi
}

apt_get() {
	run_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" </dev/null
}
