#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In the guest: the points of lab 6
# shellcheck source=Documentation/labs/points.sh
. "$(dirname "$0")/points.sh"

point "the module can be loaded" insmod lab6.ko
program ./check
point "the module can be unloaded" unload lab6
points_end
