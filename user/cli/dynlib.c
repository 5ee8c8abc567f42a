// SPDX-License-Identifier: GPL-2.0
#include "dynlib.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

int dynlib_load(const struct dynlib *lib, void *functions, char *why, size_t size)
{
	void *handle = dlopen(lib->file, RTLD_NOW | RTLD_LOCAL), *symbol;
	size_t i;

	if (!handle) {
		snprintf(why, size, "%s is not installed (Debian: %s)", lib->file,
			 lib->package);
		return -ENOENT;
	}
	for (i = 0; lib->symbols[i]; i++) {
		symbol = dlsym(handle, lib->symbols[i]);
		if (!symbol) {
			snprintf(why, size, "%s is too old: it has no %s", lib->file,
				 lib->symbols[i]);
			return -ENOENT;
		}
		/* an object's pointer is no function's in C: POSIX has them alike */
		memcpy((char *)functions + i * sizeof(symbol), &symbol, sizeof(symbol));
	}
	return 0;
}
