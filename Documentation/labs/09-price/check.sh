#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In the guest: the points of lab 9
# Functions are called through point.
# shellcheck disable=SC2317
# shellcheck source=Documentation/labs/points.sh
. "$(dirname "$0")/points.sh"

# within WHAT: of 10 percent of what it should be, or of two instructions
within() {
	price=$(says 60 ./price "$1")
	wanted=$(./check "$1")
	echo "it says $price"
	case ${price#-} in
	'' | *[!0-9]*) return 1 ;;
	esac
	[ "$((price * 100))" -ge "$((wanted * 90 - 200))" ] &&
		[ "$((price * 100))" -le "$((wanted * 110 + 200))" ]
}

# explains RUNG NEXT WHAT
explains() {
	said=$(./explain.sh "$1" "$2")
	echo "you say \"$said\"; what does \"ipcchan ladder\" say?"
	[ "$said" = "$3" ]
}

point "the loop costs next to nothing" within nothing
point "the price of a system call" within call
point "the price of a copied KiB" within copy
point "the price of a wake-up" within wake
point "from copy to call" explains copy call call
point "from copy to batch" explains copy batch call
point "from copy to map" explains copy map copy
point "from map to loan" explains map loan copy
point "from loan to ring" explains loan ring call
point "from ring to spin" explains ring spin wake
points_end
