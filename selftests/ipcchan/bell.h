/* SPDX-License-Identifier: GPL-2.0 */
/* Doorbells for the selftests: the ioctls, with the error in the return value. */
#ifndef IPCCHAN_SELFTEST_BELL_H
#define IPCCHAN_SELFTEST_BELL_H

#include <poll.h>

#include "util.h"

static inline int wake(int fd, uint64_t offset, uint32_t count)
{
	struct ipcchan_wake w = { .offset = offset, .count = count };

	return do_ioctl(fd, IPCCHAN_IOC_WAKE, &w);
}

static inline int bell_fd(int fd, uint64_t offset, int efd, uint32_t flags)
{
	struct ipcchan_bell_fd b = { .offset = offset, .fd = efd, .flags = flags };

	return do_ioctl(fd, IPCCHAN_IOC_BELL_FD, &b);
}

static inline int watch(int fd, uint64_t offset, uint32_t expected)
{
	struct ipcchan_watch w = { .offset = offset, .expected = expected };

	return do_ioctl(fd, IPCCHAN_IOC_WATCH, &w);
}

static inline int watch_off(int fd)
{
	struct ipcchan_watch w = { .flags = IPCCHAN_WATCH_OFF };

	return do_ioctl(fd, IPCCHAN_IOC_WATCH, &w);
}

/* What poll(2) says of EPOLLPRI, all else aside. */
static inline bool is_rung(int fd)
{
	return poll_now(fd, POLLPRI) & POLLPRI;
}

static inline void put(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

#endif /* IPCCHAN_SELFTEST_BELL_H */
