// SPDX-License-Identifier: MIT
/* The file, or channel, by whose locks the kernel proves who of a ring is alive. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define _FILE_OFFSET_BITS 64

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "claim.h"
#include "internal.h"

static int stat_of(int fd, struct stat *st)
{
	int saved = errno;

	return (int)ipcchan_result(fstat(fd, st), saved);
}

/* Which channel is it?  All of them have one inode.  @id is out, 0 for what is none. */
static int channel_of(int fd, const struct stat *st, uint32_t *id)
{
	struct ipcchan_info info = { 0 };
	long ret = S_ISCHR(st->st_mode) ? ipcchan_ioctl(fd, IPCCHAN_IOC_INFO, &info) : 0;

	*id = info.id;
	/* another device */
	return ret == -ENOTTY ? 0 : (int)ret;
}

int ipcchan_claim_name(int fd, struct ipcchan_claim_file *file)
{
	struct stat st;
	int ret = stat_of(fd, &st);

	if (!ret)
		ret = channel_of(fd, &st, &file->id);
	if (ret)
		return ret;
	file->dev = st.st_dev;
	file->ino = st.st_ino;
	return 0;
}

/* The locks of a channel are for those who are attached to it. */
static int join_channel(int fd, int same)
{
	struct ipcchan_attach attach = {
		.flags = IPCCHAN_ATTACH_FD, .role = IPCCHAN_ROLE_SEND, .fd = same,
	};
	long ret = ipcchan_ioctl(fd, IPCCHAN_IOC_ATTACH, &attach);

	/* another device */
	return ret == -ENOTTY ? 0 : (int)ret;
}

/* Is it the file, or the channel, that the ring was formatted with?  @st is out. */
static int check_life(const struct ipcchan_claim *c, const struct ipcchan_claim_life *life,
		      struct stat *st)
{
	const struct ipcchan_claim_shared *shared = c->shared;
	uint32_t id;
	int ret = stat_of(c->fd, st);

	if (ret)
		return ret;
	if (__atomic_load_n(&shared->life_dev, __ATOMIC_RELAXED) != st->st_dev ||
	    __atomic_load_n(&shared->life_ino, __ATOMIC_RELAXED) != st->st_ino ||
	    __atomic_load_n(&shared->life_start, __ATOMIC_RELAXED) != life->start)
		return -EXDEV;
	ret = channel_of(life->fd, st, &id);
	if (!ret && __atomic_load_n(&shared->life_id, __ATOMIC_RELAXED) != id)
		ret = -EXDEV;
	return ret;
}

/* Open the file again: the locks of one open file do not exclude each other. */
int ipcchan_claim_open_life(struct ipcchan_claim *c, const struct ipcchan_claim_life *life)
{
	int saved = errno, ret;
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", life->fd);
	c->fd = (int)ipcchan_result(open(path, O_RDWR | O_CLOEXEC), saved);
	if (c->fd < 0)
		return c->fd;
	ret = check_life(c, life, &st);
	if (!ret && S_ISCHR(st.st_mode))
		ret = join_channel(c->fd, life->fd);
	errno = saved;
	return ret;
}

static int lock_byte(const struct ipcchan_claim *c, uint32_t index, short type)
{
	struct flock lock = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = c->life_start + index,
		.l_len = 1,
	};
	int saved = errno, ret = 0;

	if (fcntl(c->fd, F_OFD_SETLK, &lock))
		ret = errno == EACCES ? -EAGAIN : -errno;
	errno = saved;
	return ret;
}

int ipcchan_claim_lock(const struct ipcchan_claim *c, uint32_t index)
{
	return lock_byte(c, index, F_WRLCK);
}

void ipcchan_claim_unlock(const struct ipcchan_claim *c, uint32_t index)
{
	lock_byte(c, index, F_UNLCK);
}
