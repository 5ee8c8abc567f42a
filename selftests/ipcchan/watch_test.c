// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_IOC_WATCH: poll(), select(), epoll and io_uring look at a word of the buffer. */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bell.h"
#include "uring.h"
#include "util.h"

#include "harness.h"

#define WAIT_MS		10000

FIXTURE(watch) {
	int fd;			/* room for two messages */
	int ep;			/* an epoll instance */
	size_t size;
	uint32_t *word;
};

FIXTURE_SETUP(watch)
{
	struct ipcchan_attach limits = { .max_msgs = 2 };

	self->size = 2 * sysconf(_SC_PAGESIZE);
	limits.buf_size = self->size;
	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	self->word = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			  self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->word);
	self->ep = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, self->ep);
}

FIXTURE_TEARDOWN(watch)
{
	munmap(self->word, self->size);
	close(self->ep);
	close(self->fd);
}

static void epoll_add(struct __test_metadata *_metadata, int ep, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
}

static uint32_t epoll_events(int ep, int ms)
{
	struct epoll_event ev;

	return epoll_wait(ep, &ev, 1, ms) == 1 ? ev.events : 0;
}

/* Level-triggered, by the word alone. */
TEST_F(watch, level)
{
	EXPECT_FALSE(is_rung(self->fd));
	ASSERT_EQ(0, watch(self->fd, 8, 0));
	EXPECT_FALSE(is_rung(self->fd));
	/* A ring that changes nothing says nothing. */
	EXPECT_EQ(0, wake(self->fd, 8, 1));
	EXPECT_FALSE(is_rung(self->fd));
	put(&self->word[2], 5);
	EXPECT_TRUE(is_rung(self->fd));
	EXPECT_TRUE(is_rung(self->fd));
	put(&self->word[2], 0);
	EXPECT_FALSE(is_rung(self->fd));
	/* Another value, another word, and none. */
	ASSERT_EQ(0, watch(self->fd, 8, 5));
	EXPECT_TRUE(is_rung(self->fd));
	ASSERT_EQ(0, watch(self->fd, self->size - 4, 0));
	EXPECT_FALSE(is_rung(self->fd));
	put(&self->word[self->size / 4 - 1], 0x80000000);
	EXPECT_TRUE(is_rung(self->fd));
	ASSERT_EQ(0, watch_off(self->fd));
	EXPECT_FALSE(is_rung(self->fd));
	ASSERT_EQ(0, watch_off(self->fd));
}

/* Messages and rings are heard by the same descriptor, each as what it is. */
TEST_F(watch, beside_messages)
{
	struct pollfd p = { .fd = self->fd, .events = POLLIN | POLLOUT | POLLPRI };

	ASSERT_EQ(0, watch(self->fd, 0, 0));
	ASSERT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLOUT, p.revents);
	put(self->word, 1);
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	ASSERT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLIN | POLLOUT | POLLPRI, p.revents);
	/* An epoll of its own for each: neither hears of the other's. */
	put(self->word, 0);
	ASSERT_EQ(1, msg_recv_u32(self->fd));
	epoll_add(_metadata, self->ep, self->fd, EPOLLIN | EPOLLET);
	EXPECT_EQ(0, epoll_events(self->ep, 0));
	put(self->word, 1);
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(0, epoll_events(self->ep, 0));
}

static pid_t start_poller(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	pid_t pid = child_fork();

	if (pid == 0)
		_exit(syscall(SYS_ppoll, &p, 1, NULL, NULL, 0) == 1 ? p.revents : 255);
	return pid;
}

/* The peer rings through an endpoint of its own, and none of the two needs a role. */
TEST_F(watch, wakes_pollers)
{
	int rd = chan_peer(self->fd, O_RDONLY);
	pid_t pri, in;

	ASSERT_LE(0, rd);
	ASSERT_EQ(0, watch(rd, 4, 7));
	put(&self->word[1], 7);
	pri = start_poller(rd, POLLPRI);
	in = start_poller(rd, POLLIN);
	ASSERT_TRUE(wait_blocked(pri, SYS_ppoll));
	ASSERT_TRUE(wait_blocked(in, SYS_ppoll));
	put(&self->word[1], 8);
	sleep_ms(20);
	/* Not before it is rung: a changed word alone wakes nobody. */
	EXPECT_TRUE(is_blocked(pri, SYS_ppoll));
	EXPECT_EQ(0, wake(self->fd, 4, 1));
	EXPECT_EQ(POLLPRI, child_wait(pri));
	EXPECT_TRUE(wait_blocked(in, SYS_ppoll));
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(POLLIN, child_wait(in));
	close(rd);
}

TEST_F(watch, select)
{
	struct timeval now = { 0 };
	fd_set set;

	ASSERT_EQ(0, watch(self->fd, 0, 0));
	FD_ZERO(&set);
	FD_SET(self->fd, &set);
	EXPECT_EQ(0, select(self->fd + 1, NULL, NULL, &set, &now));
	put(self->word, 1);
	FD_SET(self->fd, &set);
	EXPECT_EQ(1, select(self->fd + 1, NULL, NULL, &set, &now));
	EXPECT_TRUE(FD_ISSET(self->fd, &set));
}

TEST_F(watch, epoll_level)
{
	epoll_add(_metadata, self->ep, self->fd, EPOLLPRI);
	EXPECT_EQ(0, epoll_events(self->ep, 0));
	/* Watched after it was added, with a word that differs already. */
	ASSERT_EQ(0, watch(self->fd, 0, 1));
	EXPECT_EQ(EPOLLPRI, epoll_events(self->ep, 0));
	EXPECT_EQ(EPOLLPRI, epoll_events(self->ep, 0));
	put(self->word, 1);
	EXPECT_EQ(0, epoll_events(self->ep, 0));
	put(self->word, 0);
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(EPOLLPRI, epoll_events(self->ep, WAIT_MS));
}

/* Each ring that has changed the word is an edge. */
TEST_F(watch, epoll_edge)
{
	ASSERT_EQ(0, watch(self->fd, 0, 0));
	epoll_add(_metadata, self->ep, self->fd, EPOLLPRI | EPOLLET);
	EXPECT_EQ(0, epoll_events(self->ep, 0));
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(0, epoll_events(self->ep, 0));
	put(self->word, 1);
	EXPECT_EQ(0, epoll_events(self->ep, 0));
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(EPOLLPRI, epoll_events(self->ep, WAIT_MS));
	EXPECT_EQ(0, epoll_events(self->ep, 0));
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(EPOLLPRI, epoll_events(self->ep, WAIT_MS));
	/* So is a watch that finds it changed. */
	ASSERT_EQ(0, watch(self->fd, 0, 2));
	EXPECT_EQ(EPOLLPRI, epoll_events(self->ep, WAIT_MS));
	EXPECT_EQ(0, epoll_events(self->ep, 0));
	ASSERT_EQ(0, watch(self->fd, 0, 1));
	EXPECT_EQ(0, epoll_events(self->ep, 0));
}

/* One ring is for all who want it, and for none who exclusively wants messages. */
TEST_F(watch, epoll_exclusive)
{
	static const uint32_t want[3] = { EPOLLIN | EPOLLEXCLUSIVE, EPOLLPRI, EPOLLPRI };
	pid_t pid[3];
	int i;

	ASSERT_EQ(0, watch(self->fd, 0, 0));
	for (i = 0; i < 3; i++) {
		struct epoll_event ev = { .events = want[i] };

		pid[i] = child_fork();
		ASSERT_LE(0, pid[i]);
		if (pid[i] == 0) {
			int ep = epoll_create1(0);

			if (epoll_ctl(ep, EPOLL_CTL_ADD, self->fd, &ev) ||
			    epoll_pwait(ep, &ev, 1, WAIT_MS, NULL) != 1)
				_exit(255);
			_exit(ev.events);
		}
		ASSERT_TRUE(wait_blocked(pid[i], SYS_epoll_pwait));
	}
	put(self->word, 1);
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(EPOLLPRI, child_wait(pid[1]));
	EXPECT_EQ(EPOLLPRI, child_wait(pid[2]));
	EXPECT_TRUE(wait_blocked(pid[0], SYS_epoll_pwait));
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	EXPECT_EQ(EPOLLIN, child_wait(pid[0]));
}

/* The outcome of a poll by io_uring that is to complete, or the first to do so. */
static int uring_outcome(struct uring *ring)
{
	struct io_uring_cqe cqe;
	int ret = uring_wait(ring, &cqe);

	return ret ? ret : cqe.res;
}

/* It hears of things in two places at most, and of POLLPRI only if it looks for itself. */
TEST_F(watch, io_uring_poll)
{
	static const short want[] = {
		POLLPRI, POLLPRI | POLLIN, POLLPRI | POLLOUT, POLLIN, POLLIN | POLLOUT,
	};
	struct io_uring_sqe sqe = { .opcode = IORING_OP_POLL_ADD, .fd = self->fd };
	struct io_uring_cqe cqe;
	struct uring ring;
	unsigned int i;
	int ret;

	if (uring_open(&ring))
		SKIP(return, "no io_uring is to be had here");
	ASSERT_EQ(0, watch(self->fd, 0, 0));
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		/* Full, when it is not to be writable. */
		for (ret = 0; want[i] & POLLOUT && ret < 2; ret++)
			ASSERT_EQ(0, msg_send_u32(self->fd, 1));
		sqe.poll_events = want[i];
		ASSERT_EQ(0, uring_submit(&ring, &sqe));
		if (want[i] == (POLLIN | POLLOUT)) {
			EXPECT_EQ(POLLIN, uring_outcome(&ring));
			break;
		}
		EXPECT_EQ(0, uring_done(&ring, &cqe));
		EXPECT_EQ(0, wake(self->fd, 0, 1));
		EXPECT_EQ(0, uring_done(&ring, &cqe)) TH_LOG("case %u", i);
		put(self->word, 1);
		EXPECT_EQ(0, wake(self->fd, 0, 1));
		if (want[i] & POLLPRI) {
			EXPECT_EQ(POLLPRI, uring_outcome(&ring)) TH_LOG("case %u", i);
		} else {
			EXPECT_EQ(0, uring_done(&ring, &cqe));
			ASSERT_EQ(0, msg_send_u32(self->fd, 1));
			EXPECT_EQ(POLLIN, uring_outcome(&ring));
		}
		put(self->word, 0);
		while (chan_msgs(self->fd))
			ASSERT_EQ(1, msg_recv_u32(self->fd));
	}
	uring_close(&ring);
}

/* io_uring may wait for messages exclusively, and keeps no ring from who waits for that. */
TEST_F(watch, io_uring_exclusive)
{
	static const uint32_t want[] = { EPOLLIN, EPOLLPRI };
	int rd = chan_peer(self->fd, O_RDONLY);
	struct io_uring_sqe sqe = { .opcode = IORING_OP_POLL_ADD, .fd = rd };
	struct io_uring_cqe cqe;
	struct uring ring;
	int i;

	ASSERT_LE(0, rd);
	if (uring_open(&ring))
		SKIP(return, "no io_uring is to be had here");
	ASSERT_EQ(0, watch(rd, 0, 0));
	for (i = 0; i < 2; i++) {
		sqe.poll32_events = want[i] | EPOLLEXCLUSIVE;
		sqe.user_data = want[i];
		ASSERT_EQ(0, uring_submit(&ring, &sqe));
	}
	ASSERT_EQ(0, uring_done(&ring, &cqe));
	put(self->word, 1);
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(EPOLLPRI, uring_outcome(&ring));
	uring_close(&ring);
	close(rd);
}

/* POLLHUP and POLLERR come unasked: who asks for one of them is not taken for epoll. */
TEST_F(watch, io_uring_asks_hangup)
{
	static const short want[] = {
		POLLIN | POLLHUP, POLLPRI | POLLHUP, POLLPRI | POLLIN | POLLHUP,
		POLLPRI | POLLOUT | POLLERR,
	};
	struct io_uring_sqe sqe = { .opcode = IORING_OP_POLL_ADD, .fd = self->fd };
	struct io_uring_cqe cqe;
	struct uring ring;
	unsigned int i;

	if (uring_open(&ring))
		SKIP(return, "no io_uring is to be had here");
	ASSERT_EQ(0, watch(self->fd, 0, 0));
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		int res = 0;

		/* Full, when it is not to be writable. */
		while (want[i] & POLLOUT && chan_msgs(self->fd) < 2)
			ASSERT_EQ(0, msg_send_u32(self->fd, 1));
		sqe.poll_events = want[i];
		ASSERT_EQ(0, uring_submit(&ring, &sqe));
		if (uring_done(&ring, &cqe))
			res = cqe.res;
		EXPECT_EQ(0, res) TH_LOG("case %u", i);
		if (res)
			continue;
		put(self->word, 1);
		EXPECT_EQ(0, wake(self->fd, 0, 1));
		if (!(want[i] & POLLPRI)) {
			ASSERT_EQ(0, msg_send_u32(self->fd, 1));
		}
		EXPECT_EQ(want[i] & POLLPRI ?: POLLIN, uring_outcome(&ring)) TH_LOG("case %u", i);
		put(self->word, 0);
		while (chan_msgs(self->fd))
			ASSERT_EQ(1, msg_recv_u32(self->fd));
	}
	/* Who asks for both is. */
	sqe.poll_events = POLLIN | POLLHUP | POLLERR;
	ASSERT_EQ(0, uring_submit(&ring, &sqe));
	EXPECT_EQ(-EINVAL, uring_outcome(&ring));
	uring_close(&ring);
}

/* The outcome of a poll for POLLIN by Linux AIO, or why there is none. */
static int aio_poll(aio_context_t ctx, int fd)
{
	struct iocb cb = {
		.aio_lio_opcode = IOCB_CMD_POLL, .aio_fildes = fd, .aio_buf = POLLIN,
	};
	struct iocb *cbs = &cb;
	struct io_event ev = { 0 };

	if (syscall(SYS_io_submit, ctx, 1, &cbs) != 1 ||
	    syscall(SYS_io_getevents, ctx, 1, 1, &ev, NULL) != 1)
		return -errno;
	return ev.res;
}

/* It has room for one place to hear of things, where it has to wait, and asks as epoll does. */
TEST_F(watch, linux_aio)
{
	int plain = chan_anon(NULL), rd = chan_peer(plain, O_RDONLY);
	int rd_buf = chan_peer(self->fd, O_RDONLY);
	aio_context_t ctx = 0;

	if (syscall(SYS_io_setup, 1, &ctx))
		SKIP(return, "no Linux AIO is to be had here");
	EXPECT_EQ(-EINVAL, aio_poll(ctx, self->fd));
	EXPECT_EQ(-EINVAL, aio_poll(ctx, rd_buf));
	EXPECT_EQ(-EINVAL, aio_poll(ctx, plain));
	ASSERT_EQ(0, msg_send_u32(plain, 1));
	EXPECT_EQ(POLLIN, aio_poll(ctx, rd));
	syscall(SYS_io_destroy, ctx);
	close(rd_buf);
	close(rd);
	close(plain);
}

/* Wait in epoll until the word at @offset is @value: what is level needs no call for it. */
static bool await(int ep, uint32_t *word, uint32_t value)
{
	struct epoll_event ev;

	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) != value) {
		if (epoll_wait(ep, &ev, 1, WAIT_MS) != 1)
			return false;
	}
	return true;
}

/*
 * Each side answers the other through its own epoll: the word it watches is put back
 * to what it expects before the answer, with no other call.  Were a ring lost, the
 * wait would time out.
 */
static void ping_pong(struct __test_metadata *_metadata, FIXTURE_DATA(watch) *self,
		      uint32_t events, uint32_t rounds)
{
	int peer = chan_peer(self->fd, O_RDWR), i;
	uint32_t *ping = &self->word[0], *pong = &self->word[16];
	uint32_t n;
	pid_t pid;

	ASSERT_LE(0, peer);
	ASSERT_EQ(0, watch(self->fd, 64, 0));
	ASSERT_EQ(0, watch(peer, 0, 0));
	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		struct epoll_event ev = { .events = events };
		int ep = epoll_create1(0);

		i = epoll_ctl(ep, EPOLL_CTL_ADD, peer, &ev);
		for (n = 0; !i && n < rounds; n++) {
			if (!await(ep, ping, 1))
				_exit(1);
			put(ping, 0);
			put(pong, 1);
			i = wake(peer, 64, 1);
		}
		_exit(i ? 2 : 0);
	}
	epoll_add(_metadata, self->ep, self->fd, events);
	for (n = 0; n < rounds; n++) {
		put(ping, 1);
		ASSERT_EQ(0, wake(self->fd, 0, 1));
		ASSERT_TRUE(await(self->ep, pong, 1)) TH_LOG("round %u", n);
		put(pong, 0);
	}
	EXPECT_EQ(0, child_wait(pid));
}

TEST_F_TIMEOUT(watch, no_ring_lost, 240)
{
	stay_on_cpu();
	ping_pong(_metadata, self, EPOLLPRI, test_scale(2000));
}

TEST_F_TIMEOUT(watch, no_ring_lost_edge, 240)
{
	ping_pong(_metadata, self, EPOLLPRI | EPOLLET, test_scale(1000));
}

TEST_F_TIMEOUT(watch, no_ring_lost_any_cpu, 240)
{
	ping_pong(_metadata, self, EPOLLPRI, test_scale(1000));
}

TEST_HARNESS_MAIN
