// SPDX-License-Identifier: GPL-2.0
#include "out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Only a plain file is replaced.  Through all else, a pipe, a device or a link
 * such as /dev/stdout, the results are written, and it stays what it is.
 */
static bool is_replaceable(const char *path)
{
	struct stat st;

	return lstat(path, &st) || S_ISREG(st.st_mode);
}

int out_file_check(const char *path)
{
	struct stat st;
	char *copy;
	int err = 0;

	if (!strcmp(path, "-"))
		return 0;
	if (!*path)
		return -ENOENT;
	if (!stat(path, &st)) {
		if (S_ISDIR(st.st_mode))
			return -EISDIR;
		if (access(path, W_OK))
			return -errno;
	}
	if (!is_replaceable(path))
		return 0;
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	if (access(dirname(copy), W_OK | X_OK))
		err = -errno;
	free(copy);
	return err;
}

static int print_all(FILE *out, int (*print)(FILE *out, const void *arg), const void *arg)
{
	int err;

	errno = 0;
	err = print(out, arg);
	if (!err && (fflush(out) || ferror(out)))
		err = errno ? -errno : -EIO;
	return err;
}

/* A file of its own first, so that the old one stays whole until the new one is */
static int replace(const char *path, int (*print)(FILE *out, const void *arg),
		   const void *arg)
{
	char *temp = NULL;
	FILE *out = NULL;
	mode_t mask;
	int fd, err = 0;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		goto free_temp;
	}
	mask = umask(0);
	umask(mask);
	out = fchmod(fd, 0666 & ~mask) ? NULL : fdopen(fd, "w");
	if (!out) {
		err = -errno;
		close(fd);
		goto unlink_temp;
	}
	err = print_all(out, print, arg);
	if (!err && fsync(fd))
		err = -errno;
	if (fclose(out) && !err)
		err = -errno;
	if (!err && rename(temp, path))
		err = -errno;
unlink_temp:
	if (err)
		unlink(temp);
free_temp:
	free(temp);
	return err;
}

int out_file_write(const char *path, int (*print)(FILE *out, const void *arg),
		   const void *arg)
{
	FILE *out;
	int err;

	if (!strcmp(path, "-"))
		return print_all(stdout, print, arg);
	if (is_replaceable(path))
		return replace(path, print, arg);
	out = fopen(path, "we");
	if (!out)
		return -errno;
	err = print_all(out, print, arg);
	if (fclose(out) && !err)
		err = -errno;
	return err;
}
