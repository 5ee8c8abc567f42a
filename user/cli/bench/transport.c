// SPDX-License-Identifier: GPL-2.0
#include "transport.h"

#include <string.h>

const struct transport *transport_find(const char *name)
{
	size_t i;

	for (i = 0; transports[i]; i++)
		if (!strcmp(transports[i]->name, name))
			return transports[i];
	return NULL;
}
