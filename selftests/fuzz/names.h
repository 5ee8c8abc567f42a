/* SPDX-License-Identifier: GPL-2.0 */
/* Names of channels: few, so that programs meet in them. */
#ifndef FUZZ_NAMES_H
#define FUZZ_NAMES_H

#include "abi.h"
#include <stdint.h>

#define NAME_NONE	0	/* empty */
#define NAME_DEFAULT	1
#define NAMES_GOOD	5	/* with the empty one, which is for anonymous channels */
#define NAMES		8

/** name_of() - IPCCHAN_NAME_SIZE bytes, of which the last ones are bad names */
static inline const char *name_of(uint64_t index)
{
	static const char names[NAMES][IPCCHAN_NAME_SIZE] = {
		"", IPCCHAN_DEFAULT_NAME, "a", "b",
		"a-name-that-is-as-long-as-a-name-can-be-which-is-63-bytes-of-it",
		"with/slash", "with\ncontrol",
		{ "a-name-whose-end-is-missing-because-it-is-longer-than-a-name-can" },
	};

	return names[index % NAMES];
}

#endif /* FUZZ_NAMES_H */
