// SPDX-License-Identifier: GPL-2.0
#include "paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int own_path_make(struct own_path *path)
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(path->folder, sizeof(path->folder), "%s/ipcchan-claims-XXXXXX",
			 tmp && *tmp ? tmp : P_tmpdir);

	path->file[0] = '\0';
	if (n >= (int)sizeof(path->folder))
		return -ENAMETOOLONG;
	/* others may pass, but not look around */
	if (!mkdtemp(path->folder))
		return -errno;
	snprintf(path->file, sizeof(path->file), "%s/" OWN_PATH_NAME, path->folder);
	return chmod(path->folder, 0711) ? -errno : 0;
}

void own_path_remove(const struct own_path *path)
{
	if (!path->file[0])
		return;
	unlink(path->file);
	rmdir(path->folder);
}
