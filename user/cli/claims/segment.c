// SPDX-License-Identifier: GPL-2.0
#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "bench/transports/fd.h"
#include "bench/transports/unique.h"

size_t segment_size(void)
{
	return SEGMENT_PAGES * (size_t)sysconf(_SC_PAGESIZE);
}

void *segment_attach(int id, int flags)
{
	void *addr = shmat(id, NULL, flags);

	return addr == (void *)-1 ? NULL : addr;
}

/*
 * New memory of shm_open(3), which has no name any more: made by who is not ended early, so that
 * the name does not stay.  Return: a descriptor; -1.
 */
static int posix_memory(size_t size)
{
	char name[UNIQUE_NAME_SIZE];
	int fd;

	if (unique_name(name))
		return -1;
	fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd < 0)
		return -1;
	shm_unlink(name);
	if (!ftruncate(fd, (off_t)size))
		return fd;
	close(fd);
	return -1;
}

int segment_run(struct lab *lab, struct claim_value *v,
		int (*role)(void *arg, unsigned int index), unsigned int nr)
{
	struct segment *s = lab_memory(lab, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->posix = posix_memory(segment_size());
	err = segment_make(&s->sysv, segment_size());
	if (err)
		lab_fail(lab, err, "shmget: %s: raise kernel.shmmax, shmall", strerror(-err));
	else if (s->posix < 0)
		err = lab_fail(lab, -EIO, "shm_open failed: is there a tmpfs on /dev/shm?");
	else
		err = lab_run(lab, nr, role, s);
	sysv_remove(&s->sysv);
	fd_close(&s->posix);
	memcpy(v, s->v, sizeof(s->v));
	munmap(s, sizeof(*s));
	return err;
}

void segment_write(void *mem)
{
	*(volatile char *)mem = 'x';
}
