#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dkms-remove.sh SOURCES VERSION: has DKMS forget the module of which these are the sources
set -eu
sources=$1 version=$2

if package=$(dpkg-query -S "$sources/dkms.conf" 2>/dev/null); then
	echo "$sources is of the package ${package%%:*}; apt installs and removes it" >&2
	exit 2
fi
if command -v dkms >/dev/null && [ -n "$(dkms status "ipcchan/$version")" ]; then
	dkms remove "ipcchan/$version" --all
fi
