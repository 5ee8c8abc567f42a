// SPDX-License-Identifier: GPL-2.0
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "fd.h"
#include "keeper.h"
#include "unique.h"

/* A file of its full length, as what is missing would be a SIGBUS later; takes @fd */
static void *map_fd(struct link *link, int fd, size_t size, const char *where)
{
	int err = posix_fallocate(fd, 0, (off_t)size);
	void *addr = MAP_FAILED;

	if (!err) {
		addr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
			    0);
		err = errno;
	}
	close(fd);
	if (addr != MAP_FAILED)
		return addr;
	link_refuse(link, -err, "%zu bytes in %.60s: %s", size, where, strerror(err));
	return NULL;
}

static void unmap(void *addr, size_t size)
{
	munmap(addr, size);
}

/* Not every file system has files without a name */
static int open_file(const char *dir)
{
	char name[UNIQUE_NAME_SIZE], *path;
	int fd;

	fd = open(dir, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || errno != EOPNOTSUPP)
		return fd;
	if (unique_name(name) || asprintf(&path, "%s%s", dir, name) < 0)
		return -1;
	fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

static void *file_map(struct link *link, size_t size)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	if (!dir || !*dir)
		dir = "/var/tmp";
	fd = open_file(dir);
	if (fd >= 0)
		return map_fd(link, fd, size, dir);
	link_refuse(link, -errno, "a file in %.60s: %s: set TMPDIR", dir, strerror(errno));
	return NULL;
}

const struct memory_kind memory_file = { .map = file_map, .unmap = unmap };

static void *posix_map(struct link *link, size_t size)
{
	char name[UNIQUE_NAME_SIZE];
	int fd = -1;

	if (!unique_name(name))
		fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd >= 0) {
		shm_unlink(name);
		return map_fd(link, fd, size, "/dev/shm");
	}
	link_refuse(link, -errno, "shm_open: %s", strerror(errno));
	return NULL;
}

const struct memory_kind memory_posix = { .map = posix_map, .unmap = unmap };

static int make_segment(size_t size)
{
	return shmget(IPC_PRIVATE, size, 0600);
}

static void remove_segment(int id)
{
	shmctl(id, IPC_RMID, NULL);
}

/* The number may go once the segment is attached: it stays until it no longer is */
static void *sysv_map(struct link *link, size_t size)
{
	static const struct keeper_kind kind = {
		.make = make_segment,
		.remove = remove_segment,
	};
	struct keeper keeper = KEEPER_NONE;
	void *addr = NULL;
	int id, err;

	err = keeper_start(&keeper, &kind, size, &id, 1);
	if (!err) {
		addr = shmat(id, NULL, 0);
		if (addr == (void *)-1) {
			err = -errno;
			addr = NULL;
		}
	}
	keeper_stop(&keeper);
	if (err)
		link_refuse(link, err, "%zu bytes of shmget: %s: raise kernel.shmmax, shmall",
			    size, strerror(-err));
	return addr;
}

static void sysv_unmap(void *addr, size_t size)
{
	(void)size;
	shmdt(addr);
}

const struct memory_kind memory_sysv = { .map = sysv_map, .unmap = sysv_unmap };
