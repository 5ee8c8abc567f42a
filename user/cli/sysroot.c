// SPDX-License-Identifier: GPL-2.0
/* Files of the running system, or of a tree that stands for one. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "sysroot.h"

static const char *root(void)
{
	const char *dir = getenv("IPCCHAN_SYSROOT");

	return dir ? dir : "";
}

bool sysroot_is_live(void)
{
	return !*root();
}

const char *sysroot_path(const char *path, char full[PATH_MAX])
{
	snprintf(full, PATH_MAX, "%s%s", root(), path);
	return full;
}

bool sysroot_exists(const char *path)
{
	char full[PATH_MAX];

	return !access(sysroot_path(path, full), F_OK);
}

ssize_t sysroot_read(const char *path, char *buf, size_t size)
{
	char full[PATH_MAX];
	size_t len = 0;
	ssize_t n = 0;
	int fd;

	buf[0] = '\0';
	fd = open(sysroot_path(path, full), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (len < size - 1 && (n = read(fd, buf + len, size - 1 - len)) > 0)
		len += n;
	if (n < 0)
		n = -errno;
	close(fd);
	buf[len] = '\0';
	return n < 0 ? n : (ssize_t)len;
}

bool sysroot_read_line(const char *path, char *buf, size_t size)
{
	if (sysroot_read(path, buf, size) <= 0)
		return false;
	buf[strcspn(buf, "\n")] = '\0';
	return true;
}

bool sysroot_find_line(const char *path, const char *prefix, char *line,
		       size_t size)
{
	char full[PATH_MAX];
	bool found = false;
	gzFile file;

	file = gzopen(sysroot_path(path, full), "rb");
	if (!file)
		return false;
	while (!found && gzgets(file, line, size))
		found = !strncmp(line, prefix, strlen(prefix));
	gzclose(file);
	line[found ? strcspn(line, "\n") : 0] = '\0';
	return found;
}

bool sysroot_glob(const char *pattern, char *found, size_t size)
{
	char full[PATH_MAX];
	glob_t matches;
	bool any;

	any = !glob(sysroot_path(pattern, full), GLOB_BRACE, NULL, &matches) &&
	      matches.gl_pathc;
	if (any)
		snprintf(found, size, "%s", matches.gl_pathv[0] + strlen(root()));
	globfree(&matches);
	return any;
}
