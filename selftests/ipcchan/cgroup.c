// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"

int file_write(const char *dir, const char *file, const char *text)
{
	const ssize_t len = strlen(text);
	char path[256];
	int fd, ret;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = write(fd, text, len) == len ? 0 : -errno;
	close(fd);
	return ret;
}

long file_number(const char *dir, const char *file, const char *key)
{
	char path[256], word[64];
	long value = -ENOENT;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (value < 0 && key && fscanf(f, "%63s", word) == 1) {
		if (!strcmp(word, key))
			break;
	}
	if (fscanf(f, "%ld", &value) != 1)
		value = -ENOENT;
	fclose(f);
	return value;
}

int cgroup_mount(const char *controller)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("cgroup2", CGROUP_ROOT, "cgroup2", 0, NULL))
		return -errno;
	return controller ? file_write(CGROUP_ROOT, "cgroup.subtree_control", controller) : 0;
}

int cgroup_make(char *dir, const char *name)
{
	snprintf(dir, 128, "%s/ipcchan-%s-%d", CGROUP_ROOT, name, getpid());
	return mkdir(dir, 0700) ? -errno : 0;
}
