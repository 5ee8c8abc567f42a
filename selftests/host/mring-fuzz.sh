#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# libFuzzer and AddressSanitizer against the rings for several.

# shellcheck source=selftests/host/fuzz.sh
. "$(dirname "$0")/fuzz.sh"

fuzz mring-fuzz "any bytes in the memory of a ring for several"
