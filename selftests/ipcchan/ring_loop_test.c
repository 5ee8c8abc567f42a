// SPDX-License-Identifier: GPL-2.0
/* A ring in an event loop: its consumer sleeps in epoll_wait(), not on the doorbell. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ipcchan/ring.h>

#include "util.h"

#include "harness.h"

#define CAPACITY	1024
#define WAIT_MS		10000

FIXTURE(loop) {
	struct ipcchan *chan;
	struct ipcchan_bell bell;
	void *mem;
	size_t size;
	struct ipcchan_ring cons;
	int ep;
	int efd;
};

FIXTURE_SETUP(loop)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_ANON, .buf_size = ipcchan_ring_mem_size(CAPACITY),
	};

	ASSERT_EQ(0, ipcchan_open(&self->chan, NULL, &opts));
	ASSERT_EQ(0, ipcchan_map(self->chan, &self->mem, &self->size));
	ASSERT_EQ(0, ipcchan_bell_chan(&self->bell, self->chan));
	ASSERT_EQ(0, ipcchan_ring_format(self->mem, self->size, 0));
	ASSERT_EQ(0, ipcchan_ring_attach(&self->cons, self->mem, self->size,
					 IPCCHAN_RING_CONSUMER, &self->bell));
	self->ep = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, self->ep);
	self->efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ASSERT_LE(0, self->efd);
}

FIXTURE_TEARDOWN(loop)
{
	close(self->efd);
	close(self->ep);
	ipcchan_close(self->chan);
}

/* With an endpoint of its own; now and then it lets the consumer fall asleep. */
static pid_t start_producer(FIXTURE_DATA(loop) *self, uint32_t messages)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_FD, .fd = ipcchan_fd(self->chan),
	};
	pid_t pid = child_fork();
	struct ipcchan_ring ring;
	struct ipcchan_bell bell;
	struct ipcchan *chan;
	unsigned int seed = 7;
	size_t size;
	uint32_t i;
	void *mem;

	if (pid)
		return pid;
	if (ipcchan_open(&chan, NULL, &opts) || ipcchan_map(chan, &mem, &size) ||
	    ipcchan_bell_chan(&bell, chan) ||
	    ipcchan_ring_attach(&ring, mem, size, IPCCHAN_RING_PRODUCER, &bell))
		_exit(1);
	for (i = 0; i < messages; i++) {
		if (rand_r(&seed) % 4 == 0)
			usleep(rand_r(&seed) % 200);
		if (ipcchan_ring_send(&ring, &i, sizeof(i), IPCCHAN_WAIT_FOREVER))
			_exit(2);
	}
	_exit(0);
}

static int64_t take(struct ipcchan_ring *ring)
{
	uint32_t value;
	ssize_t len = ipcchan_ring_recv(ring, &value, sizeof(value), 0);

	return len == sizeof(value) ? value : len < 0 ? len : -EBADMSG;
}

/* Return: messages that came in order before nothing came for WAIT_MS. */
static uint32_t run_loop(FIXTURE_DATA(loop) *self, uint32_t messages, bool counts)
{
	uint32_t next = 0;
	uint64_t n;
	int64_t value;

	while (next < messages) {
		struct epoll_event ev;

		while ((value = take(&self->cons)) == next)
			next++;
		if (value != -ETIMEDOUT)
			break;
		if (next < messages && ipcchan_ring_arm(&self->cons, 0) == 1 &&
		    epoll_wait(self->ep, &ev, 1, WAIT_MS) != 1)
			break;
		ipcchan_ring_disarm(&self->cons);
		if (counts && read(self->efd, &n, sizeof(n)) < 0 && errno != EAGAIN)
			break;
	}
	return next;
}

TEST_F_TIMEOUT(loop, watched, 240)
{
	struct epoll_event ev = { .events = EPOLLPRI };
	const uint32_t messages = test_scale(5000);
	pid_t pid;

	ASSERT_EQ(0, ipcchan_bell_watch(&self->bell, ipcchan_ring_bell_word(&self->cons), 1));
	ASSERT_EQ(0, epoll_ctl(self->ep, EPOLL_CTL_ADD, ipcchan_fd(self->chan), &ev));
	pid = start_producer(self, messages);
	EXPECT_EQ(messages, run_loop(self, messages, false));
	EXPECT_EQ(0, child_wait(pid));
}

TEST_F_TIMEOUT(loop, by_eventfd, 240)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	const uint32_t messages = test_scale(5000);
	pid_t pid;

	ASSERT_EQ(0, ipcchan_bell_eventfd(&self->bell, ipcchan_ring_bell_word(&self->cons),
					  self->efd, 1));
	ASSERT_EQ(0, epoll_ctl(self->ep, EPOLL_CTL_ADD, self->efd, &ev));
	pid = start_producer(self, messages);
	EXPECT_EQ(messages, run_loop(self, messages, true));
	EXPECT_EQ(0, child_wait(pid));
}

/* A producer waits for room alike. */
TEST_F(loop, producer)
{
	struct epoll_event ev = { .events = EPOLLPRI };
	struct ipcchan_ring prod;
	uint32_t i = 0;

	ASSERT_EQ(0, ipcchan_ring_attach(&prod, self->mem, self->size,
					 IPCCHAN_RING_PRODUCER, &self->bell));
	ASSERT_EQ(0, ipcchan_bell_watch(&self->bell, ipcchan_ring_bell_word(&prod), 1));
	ASSERT_EQ(0, epoll_ctl(self->ep, EPOLL_CTL_ADD, ipcchan_fd(self->chan), &ev));
	EXPECT_EQ(0, ipcchan_ring_arm(&prod, 4));
	EXPECT_EQ(-EMSGSIZE, ipcchan_ring_arm(&prod, ipcchan_ring_max_len(&prod) + 1));
	while (!ipcchan_ring_send(&prod, &i, sizeof(i), 0))
		i++;
	EXPECT_EQ(1, ipcchan_ring_arm(&prod, 4));
	EXPECT_EQ(0, epoll_wait(self->ep, &ev, 1, 0));
	EXPECT_EQ(0, take(&self->cons));
	EXPECT_EQ(1, epoll_wait(self->ep, &ev, 1, WAIT_MS));
	EXPECT_EQ(EPOLLPRI, ev.events);
	ipcchan_ring_disarm(&prod);
	EXPECT_EQ(0, ipcchan_ring_arm(&prod, 4));
	EXPECT_EQ(0, ipcchan_ring_send(&prod, &i, sizeof(i), 0));
}

TEST_HARNESS_MAIN
