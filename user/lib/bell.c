// SPDX-License-Identifier: MIT
/* Sleeping and waking on a word: a channel's doorbell, or a futex. */
#include <limits.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#define NSEC_PER_SEC	1000000000LL

/* a 32-bit machine with a 64-bit time_t has a second call for it */
#ifdef SYS_futex_time64
#define FUTEX_NR	(sizeof(time_t) > sizeof(long) ? SYS_futex_time64 : SYS_futex)
#else
#define FUTEX_NR	SYS_futex
#endif

struct ipcchan_bell ipcchan_bell_futex(void)
{
	return (struct ipcchan_bell){ .fd = -1 };
}

int ipcchan_bell_chan(struct ipcchan_bell *bell, struct ipcchan *chan)
{
	size_t size;
	void *addr;
	int ret;

	ret = ipcchan_map(chan, &addr, &size);
	if (ret)
		return ret;
	bell->fd = chan->fd;
	bell->base = addr;
	return 0;
}

static bool is_futex(const struct ipcchan_bell *bell)
{
	return bell->fd < 0;
}

/* What lies before the buffer gives an offset that the kernel refuses as too large. */
static uint64_t offset_of(const struct ipcchan_bell *bell, const void *at)
{
	return (uint64_t)(uintptr_t)at - (uint64_t)(uintptr_t)bell->base;
}

/* Not FUTEX_PRIVATE: the sleeper and the waker may be two processes. */
static long futex_wait(const uint32_t *word, uint32_t expected,
		       int64_t timeout_ns)
{
	struct timespec ts = {
		.tv_sec = (time_t)(timeout_ns / NSEC_PER_SEC),
		.tv_nsec = (long)(timeout_ns % NSEC_PER_SEC),
	};

	return syscall(FUTEX_NR, word, FUTEX_WAIT, expected,
		       timeout_ns == IPCCHAN_WAIT_FOREVER ? NULL : &ts, NULL, 0);
}

int ipcchan_bell_wait(const struct ipcchan_bell *bell, const uint32_t *word,
		      uint32_t expected, int64_t timeout_ns)
{
	struct ipcchan_wait wait = {
		.expected = expected,
		.timeout_ns = timeout_ns,
	};
	int saved = errno;

	if (timeout_ns < IPCCHAN_WAIT_FOREVER)
		return -EINVAL;
	if (is_futex(bell))
		return (int)ipcchan_result(futex_wait(word, expected, timeout_ns),
					   saved);
	wait.offset = offset_of(bell, word);
	return (int)ipcchan_ioctl(bell->fd, IPCCHAN_IOC_WAIT, &wait);
}

int ipcchan_bell_wake(const struct ipcchan_bell *bell, const uint32_t *word,
		      uint32_t count)
{
	struct ipcchan_wake wake = { .count = count };
	int saved = errno;

	/* the futex call takes 0 for 1, and its count is signed */
	if (!count)
		return -EINVAL;
	if (count > INT_MAX)
		count = INT_MAX;
	if (is_futex(bell))
		return (int)ipcchan_result(syscall(FUTEX_NR, word, FUTEX_WAKE,
						   count, NULL, NULL, 0), saved);
	wake.offset = offset_of(bell, word);
	return (int)ipcchan_ioctl(bell->fd, IPCCHAN_IOC_WAKE, &wake);
}

int ipcchan_bell_eventfd(const struct ipcchan_bell *bell, const uint32_t *word,
			 int efd, int on)
{
	struct ipcchan_bell_fd b = {
		.fd = efd,
		.flags = on ? 0 : IPCCHAN_BELL_FD_REMOVE,
	};

	if (is_futex(bell))
		return -EOPNOTSUPP;
	b.offset = offset_of(bell, word);
	return (int)ipcchan_ioctl(bell->fd, IPCCHAN_IOC_BELL_FD, &b);
}

int ipcchan_bell_watch(const struct ipcchan_bell *bell, const uint32_t *word,
		       uint32_t expected)
{
	struct ipcchan_watch watch = { .flags = word ? 0 : IPCCHAN_WATCH_OFF };

	if (is_futex(bell))
		return -EOPNOTSUPP;
	if (word) {
		watch.offset = offset_of(bell, word);
		watch.expected = expected;
	}
	return (int)ipcchan_ioctl(bell->fd, IPCCHAN_IOC_WATCH, &watch);
}

/* Who calls has an error to return already: one of the report says nothing more. */
void ipcchan_bell_report(const struct ipcchan_bell *bell, const void *mem)
{
	struct ipcchan_report report = { .offset = offset_of(bell, mem) };

	if (!is_futex(bell))
		ipcchan_ioctl(bell->fd, IPCCHAN_IOC_REPORT, &report);
}
