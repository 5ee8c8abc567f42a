// SPDX-License-Identifier: GPL-2.0
#include "unique.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

int unique_name(char *name)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -1;
	snprintf(name, UNIQUE_NAME_SIZE, "/ipcchan-bench-%016" PRIx64, random);
	return 0;
}
