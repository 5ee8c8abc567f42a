// SPDX-License-Identifier: GPL-2.0
#include "out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* As many as the kernel follows */
#define MOST_LINKS	40

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

static bool look_at(const char *path, struct stat *st)
{
	return !(strcmp(path, "-") ? stat(path, st) : fstat(STDOUT_FILENO, st));
}

/* Of a name that a file can have, in a folder that is there */
static bool add_name(char real[PATH_MAX], const char *name)
{
	size_t len = strlen(real);

	return snprintf(real + len, PATH_MAX - len, "/%s", name) < (int)(PATH_MAX - len);
}

/* Where a file would be made that is not there; @path gets changed.  Return: whether somewhere */
static bool find_place(char path[PATH_MAX], char real[PATH_MAX])
{
	char copy[PATH_MAX], target[PATH_MAX];
	int links;

	for (links = 0; links <= MOST_LINKS; links++) {
		ssize_t len = readlink(path, target, sizeof(target) - 1);

		strcpy(copy, path);
		if (!realpath(dirname(copy), real))
			return false;
		strcpy(copy, path);
		if (len < 0)
			return add_name(real, basename(copy));
		target[len] = '\0';
		if (*target != '/' && !add_name(real, target))
			return false;
		strcpy(path, *target == '/' ? target : real);
	}
	return false;
}

static bool same_place(const char *a, const char *b)
{
	char path[2][PATH_MAX], real[2][PATH_MAX];

	if (strlen(a) >= PATH_MAX || strlen(b) >= PATH_MAX)
		return false;
	strcpy(path[0], a);
	strcpy(path[1], b);
	return find_place(path[0], real[0]) && find_place(path[1], real[1]) &&
	       !strcmp(real[0], real[1]);
}

bool out_file_same(const char *a, const char *b)
{
	struct stat x, y;
	bool there = look_at(a, &x);

	if (there != look_at(b, &y))
		return false;
	if (!there)
		return same_place(a, b);
	return x.st_dev == y.st_dev && x.st_ino == y.st_ino &&
	       !(S_ISCHR(x.st_mode) && x.st_rdev == makedev(1, 3));
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
