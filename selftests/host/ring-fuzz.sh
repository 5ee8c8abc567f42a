#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# libFuzzer and AddressSanitizer against both kinds of ring.

# shellcheck source=selftests/host/fuzz.sh
. "$(dirname "$0")/fuzz.sh"

fuzz ring-fuzz "any bytes in a ring's memory"
