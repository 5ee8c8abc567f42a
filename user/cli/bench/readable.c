// SPDX-License-Identifier: GPL-2.0
#include "readable.h"

#include <stdio.h>

const char *readable(double value, char cell[READABLE_SIZE])
{
	char digits[READABLE_SIZE];
	size_t n, i, out = 0;

	if (value < 100) {
		snprintf(cell, READABLE_SIZE, "%.1f", value);
		return cell;
	}
	n = (size_t)snprintf(digits, sizeof(digits), "%.0f", value);
	for (i = 0; i < n && i < sizeof(digits) - 1 && out < READABLE_SIZE - 2; i++) {
		if (i && (n - i) % 3 == 0)
			cell[out++] = ',';
		cell[out++] = digits[i];
	}
	cell[out] = '\0';
	return cell;
}
