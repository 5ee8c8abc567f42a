/* SPDX-License-Identifier: GPL-2.0 */
/* Where the fields of struct lab3_slot are, told by check32 to check. */
#ifndef CHECK_LAYOUT_H
#define CHECK_LAYOUT_H

#include <stddef.h>

#include "lab3.h"

#define LAYOUT_WORDS	7

#define LAYOUT_INIT {							\
	sizeof(struct lab3_slot),					\
	offsetof(struct lab3_slot, index),				\
	offsetof(struct lab3_slot, flags),				\
	offsetof(struct lab3_slot, name),				\
	offsetof(struct lab3_slot, name_len),				\
	offsetof(struct lab3_slot, value),				\
	offsetof(struct lab3_slot, reserved),				\
}

#endif /* CHECK_LAYOUT_H */
