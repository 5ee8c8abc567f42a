/* SPDX-License-Identifier: MIT */
/* What the library's own files share. */
#ifndef IPCCHAN_INTERNAL_H
#define IPCCHAN_INTERNAL_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include <ipcchan.h>

/**
 * struct ipcchan - an attached descriptor
 * @fd: owned
 * @populate: as of struct ipcchan_opts
 * @size: bytes at @addr, written before @addr
 * @addr: the mapped buffer, NULL until ipcchan_map(); owned
 * @view: the buffer once more, to be read only, where @addr shows only what can be
 *	written; set before @addr, else NULL; owned
 * @pool_size: bytes at @pool, written before @pool
 * @pool: the mapped pool, NULL until ipcchan_pool(); owned
 * @made: how the pool was made that is not mapped, written before @unmapped
 * @unmapped: there is one, for whoever sets this to 0
 */
struct ipcchan {
	int fd;
	int populate;
	size_t size;
	void *addr;
	const void *view;
	size_t pool_size;
	void *pool;
	struct ipcchan_pool made;
	int unmapped;
};

/*
 * Turn the result of a system call into what the library returns, and give
 * errno the value back that it had before, @saved.
 */
static inline long ipcchan_result(long ret, int saved)
{
	if (ret < 0) {
		ret = -errno;
		errno = saved;
	}
	return ret;
}

static inline long ipcchan_ioctl(int fd, unsigned long cmd, void *arg)
{
	int saved = errno;

	return ipcchan_result(ioctl(fd, cmd, arg), saved);
}

/**
 * ipcchan_bell_report() - tell who listens to the channel that a ring makes no sense
 * @bell: of the ring; nothing is told of memory that is no channel's, as a futex is for
 * @mem: where the ring begins
 *
 * By IPCCHAN_IOC_REPORT.  Each handle does so when it fails with -EBADMSG, and no more.
 */
void ipcchan_bell_report(const struct ipcchan_bell *bell, const void *mem);

/* Is it memory for a ring?  That begins with a line of the cache. */
static inline bool ipcchan_aligned(const void *mem)
{
	return mem && (uintptr_t)mem % 64 == 0;
}

#endif /* IPCCHAN_INTERNAL_H */
