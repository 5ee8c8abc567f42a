// SPDX-License-Identifier: GPL-2.0
/* Waiting for a descriptor, in each of the ways that can be asked for. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>

#include "../clock.h"
#include "../relax.h"
#include "fd.h"

static int watch(struct link *link, bool sends, uint32_t events)
{
	struct epoll_event event = { .events = events };
	int fd = sends ? link->tx_fd : link->rx_fd;

	link->epoll[sends] = epoll_create1(EPOLL_CLOEXEC);
	if (link->epoll[sends] < 0 ||
	    epoll_ctl(link->epoll[sends], EPOLL_CTL_ADD, fd, &event))
		return link_refuse(link, -errno, "epoll: %s", strerror(errno));
	return 0;
}

static int unblock(struct link *link, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return link_refuse(link, -errno, "O_NONBLOCK: %s", strerror(errno));
	return 0;
}

/* @tx_events: what who sends waits for */
static int init(struct link *link, uint32_t tx_events)
{
	int err;

	if (link->wait == WAIT_BLOCK)
		return 0;
	err = unblock(link, link->tx_fd);
	if (!err)
		err = unblock(link, link->rx_fd);
	if (err || link->wait == WAIT_SPIN)
		return err;
	err = watch(link, true, tx_events);
	return err ? err : watch(link, false, EPOLLIN);
}

int fd_wait_init(struct link *link)
{
	return init(link, EPOLLOUT);
}

int fd_wait_init_reads(struct link *link)
{
	return init(link, EPOLLIN);
}

static bool sleep_in_epoll(const struct link *link, bool sends)
{
	struct epoll_event event;
	int n;

	do {
		n = epoll_wait(link->epoll[sends], &event, 1, -1);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

/*
 * The first look is for free: what is there at once is no wait.  Return: false when it has
 * looked for long enough.
 */
bool fd_looks(const struct link *link, struct fd_wait *wait)
{
	uint64_t now;

	if (link->wait != WAIT_SPIN && link->wait != WAIT_ADAPTIVE)
		return false;
	if (!wait->looks++)
		return true;
	spin_relax();
	if (link->wait == WAIT_SPIN)
		return true;
	now = clock_ns();
	if (!wait->until)
		wait->until = now + FD_ADAPTIVE_NS;
	return now < wait->until;
}

bool fd_again(struct link *link, struct fd_wait *wait, bool sends)
{
	if (errno == EINTR)
		return true;
	if (errno != EAGAIN || link->wait == WAIT_BLOCK)
		return false;
	return fd_looks(link, wait) || sleep_in_epoll(link, sends);
}
