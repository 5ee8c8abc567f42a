// SPDX-License-Identifier: GPL-2.0
/* libipcchan against the module: channels, buffer, bell, ring over the buffer. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ipcchan/ring.h>

#include "util.h"

#include "harness.h"

#define MS		1000000LL
#define SECOND		(1000 * MS)
#define UNTOUCHED	4711

FIXTURE(lib) {
	char name[IPCCHAN_NAME_SIZE];
	size_t page;
	struct ipcchan *chan;
};

FIXTURE_SETUP(lib)
{
	struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_CREATE };

	unique_name(self->name);
	self->page = (size_t)sysconf(_SC_PAGESIZE);
	opts.max_msgs = 4;
	opts.max_msg_size = 100;
	opts.buf_size = 3 * self->page - 1;
	ASSERT_EQ(0, ipcchan_open(&self->chan, self->name, &opts));
	errno = UNTOUCHED;
}

FIXTURE_TEARDOWN(lib)
{
	ipcchan_close(self->chan);
	ipcchan_unlink(self->name);
}

/* a second endpoint with @role */
static struct ipcchan *peer_open(struct ipcchan *chan, uint32_t role)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_FD, .role = role, .fd = ipcchan_fd(chan),
	};
	struct ipcchan *peer;

	return ipcchan_open(&peer, NULL, &opts) ? NULL : peer;
}

TEST_F(lib, open_errors)
{
	struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_CREATE |
					      IPCCHAN_ATTACH_EXCL };
	struct ipcchan *chan = NULL;
	char other[IPCCHAN_NAME_SIZE];

	unique_name(other);
	EXPECT_EQ(-ENOENT, ipcchan_open(&chan, other, NULL));
	EXPECT_EQ(-EEXIST, ipcchan_open(&chan, self->name, &opts));
	EXPECT_EQ(-EINVAL, ipcchan_open(&chan, "a/b", &opts));
	EXPECT_EQ(-EINVAL, ipcchan_open(&chan, "", &opts));
	opts.flags = IPCCHAN_ATTACH_ANON;
	EXPECT_EQ(-EINVAL, ipcchan_open(&chan, self->name, &opts));
	opts.flags = IPCCHAN_ATTACH_FD;
	opts.fd = STDIN_FILENO;
	EXPECT_EQ(-EBADF, ipcchan_open(&chan, NULL, &opts));
	opts.flags = 1U << 31;
	EXPECT_EQ(-EINVAL, ipcchan_open(&chan, self->name, &opts));
	EXPECT_EQ(NULL, chan);
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(lib, descriptor)
{
	int fd = ipcchan_fd(self->chan);

	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(O_RDWR, fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	ipcchan_close(self->chan);
	EXPECT_EQ(UNTOUCHED, errno);
	EXPECT_EQ(-1, fcntl(fd, F_GETFD));
	self->chan = NULL;
}

TEST_F(lib, query_info_unlink)
{
	struct ipcchan_query query;
	struct ipcchan_info info;
	struct ipcchan *peer = peer_open(self->chan, IPCCHAN_ROLE_RECV);

	ASSERT_NE(NULL, peer);
	EXPECT_EQ(0, ipcchan_query(&query));
	EXPECT_EQ(IPCCHAN_ABI_VERSION, query.abi_version);
	EXPECT_NE(0, query.features & IPCCHAN_FEAT_DOORBELL);
	EXPECT_EQ(0, ipcchan_get_info(peer, &info));
	EXPECT_STREQ(self->name, info.name);
	EXPECT_EQ(IPCCHAN_ROLE_RECV, info.role);
	EXPECT_EQ(2, info.endpoints);
	EXPECT_EQ(4, info.max_msgs);
	EXPECT_EQ(100, info.max_msg_size);
	EXPECT_EQ(3 * self->page, info.buf_size);
	EXPECT_EQ(0, ipcchan_unlink(self->name));
	EXPECT_EQ(-ENOENT, ipcchan_unlink(self->name));
	EXPECT_EQ(0, ipcchan_get_info(peer, &info));
	EXPECT_EQ(IPCCHAN_CHAN_UNLINKED, info.flags);
	ipcchan_close(peer);
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(lib, messages)
{
	struct ipcchan_opts opts = { .nonblock = 1 };
	struct ipcchan *peer;
	const char *digits = "0123456789";
	char buf[101] = "";
	int i;

	ASSERT_EQ(0, ipcchan_open(&peer, self->name, &opts));
	EXPECT_EQ(-EAGAIN, ipcchan_recv(peer, buf, sizeof(buf)));
	EXPECT_EQ(0, ipcchan_next_len(peer));
	EXPECT_EQ(-EINVAL, ipcchan_send(peer, buf, 0));
	EXPECT_EQ(-EMSGSIZE, ipcchan_send(peer, buf, 101));
	EXPECT_EQ(-EMSGSIZE, ipcchan_send(peer, buf, (size_t)1 << 31));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, ipcchan_send(peer, digits + i, 10 - (size_t)i));
	EXPECT_EQ(-EAGAIN, ipcchan_send(peer, "x", 1));
	EXPECT_EQ(10, ipcchan_next_len(self->chan));
	EXPECT_EQ(-EMSGSIZE, ipcchan_recv(self->chan, buf, 9));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(10 - i, ipcchan_recv(self->chan, buf, sizeof(buf)));
		EXPECT_EQ(0, memcmp(buf, digits + i, 10 - (size_t)i));
	}
	ipcchan_close(peer);
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(lib, roles)
{
	struct ipcchan *send = peer_open(self->chan, IPCCHAN_ROLE_SEND);
	struct ipcchan *recv = peer_open(self->chan, IPCCHAN_ROLE_RECV);
	char c = 0;

	ASSERT_NE(NULL, send);
	ASSERT_NE(NULL, recv);
	EXPECT_EQ(-EBADF, ipcchan_send(recv, "x", 1));
	EXPECT_EQ(-EBADF, ipcchan_recv(send, &c, 1));
	EXPECT_EQ(0, ipcchan_send(send, "x", 1));
	EXPECT_EQ(1, ipcchan_recv(recv, &c, 1));
	EXPECT_EQ('x', c);
	ipcchan_close(send);
	ipcchan_close(recv);
}

TEST_F(lib, signal)
{
	pid_t pid = child_fork();

	if (!pid) {
		char c;

		on_signal(SIGUSR1, 0);
		_exit((int)-ipcchan_recv(self->chan, &c, 1));
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_read));
	kill(pid, SIGUSR1);
	EXPECT_EQ(EINTR, child_wait(pid));
}

TEST_F(lib, map)
{
	struct ipcchan *send = peer_open(self->chan, IPCCHAN_ROLE_SEND);
	struct ipcchan *recv = peer_open(self->chan, IPCCHAN_ROLE_RECV);
	void *addr, *again, *readonly;
	size_t size = 0;

	ASSERT_NE(NULL, send);
	ASSERT_NE(NULL, recv);
	ASSERT_EQ(0, ipcchan_map(send, &addr, &size));
	EXPECT_EQ(3 * self->page, size);
	size = 0;
	ASSERT_EQ(0, ipcchan_map(send, &again, &size));
	EXPECT_EQ(addr, again);
	EXPECT_EQ(3 * self->page, size);
	ASSERT_EQ(0, ipcchan_map(recv, &readonly, &size));
	EXPECT_NE(addr, readonly);
	memcpy(addr, "seen", 5);
	EXPECT_STREQ("seen", readonly);
	EXPECT_EQ(-1, mprotect(readonly, size, PROT_READ | PROT_WRITE));
	errno = UNTOUCHED;
	/* the mapping ends with the endpoint */
	ipcchan_close(send);
	EXPECT_EQ(-1, msync(addr, size, MS_ASYNC));
	EXPECT_EQ(ENOMEM, errno);
	EXPECT_STREQ("seen", readonly);
	ipcchan_close(recv);
}

TEST_F(lib, map_without_buffer)
{
	struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_ANON };
	struct ipcchan_bell bell;
	struct ipcchan *chan;
	size_t size;
	void *addr;

	ASSERT_EQ(0, ipcchan_open(&chan, NULL, &opts));
	EXPECT_EQ(-ENODEV, ipcchan_map(chan, &addr, &size));
	EXPECT_EQ(-ENODEV, ipcchan_bell_chan(&bell, chan));
	ipcchan_close(chan);
	EXPECT_EQ(UNTOUCHED, errno);
}

static void *map_thread(void *arg)
{
	size_t size;
	void *addr;

	return ipcchan_map(arg, &addr, &size) ? NULL : addr;
}

/* threads that map at the same time get one mapping */
TEST_F(lib, map_race)
{
	pthread_t threads[4];
	void *addr, *first;
	size_t size;
	int i, round;

	for (round = 0; round < 50; round++) {
		struct ipcchan *peer = peer_open(self->chan, 0);

		ASSERT_NE(NULL, peer);
		for (i = 0; i < 4; i++)
			ASSERT_EQ(0, pthread_create(&threads[i], NULL, map_thread, peer));
		ASSERT_EQ(0, ipcchan_map(peer, &first, &size));
		for (i = 0; i < 4; i++) {
			pthread_join(threads[i], &addr);
			EXPECT_EQ(first, addr);
		}
		ipcchan_close(peer);
		EXPECT_EQ(-1, msync(first, size, MS_ASYNC));
	}
}

TEST_F(lib, bell_errors)
{
	struct ipcchan *recv = peer_open(self->chan, IPCCHAN_ROLE_RECV);
	struct ipcchan_bell bell, readonly;
	uint32_t *words;
	uint64_t start;
	size_t size;
	void *addr;

	ASSERT_NE(NULL, recv);
	ASSERT_EQ(0, ipcchan_bell_chan(&bell, self->chan));
	ASSERT_EQ(0, ipcchan_bell_chan(&readonly, recv));
	ASSERT_EQ(0, ipcchan_map(self->chan, &addr, &size));
	words = addr;
	EXPECT_EQ(-EAGAIN, ipcchan_bell_wait(&bell, words, 1, IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(-EINVAL, ipcchan_bell_wait(&bell, words, 0, -2));
	EXPECT_EQ(-EINVAL, ipcchan_bell_wait(&bell, words - 1, 0, 0));
	EXPECT_EQ(-EINVAL, ipcchan_bell_wait(&bell, words + size / 4, 0, 0));
	EXPECT_EQ(-EINVAL, ipcchan_bell_wait(&bell, (void *)((char *)addr + 2), 0, 0));
	EXPECT_EQ(-EINVAL, ipcchan_bell_wake(&bell, words - 1, 1));
	EXPECT_EQ(-EINVAL, ipcchan_bell_wake(&bell, words + size / 4, 1));
	EXPECT_EQ(-EINVAL, ipcchan_bell_wake(&bell, words, 0));
	EXPECT_EQ(0, ipcchan_bell_wake(&bell, words + size / 4 - 1, UINT32_MAX));
	EXPECT_EQ(-EBADF, ipcchan_bell_wake(&readonly, (void *)readonly.base, 1));
	start = now_ns();
	EXPECT_EQ(-ETIMEDOUT, ipcchan_bell_wait(&bell, words, 0, 20 * MS));
	EXPECT_LE(20 * MS, now_ns() - start);
	ipcchan_close(recv);
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(lib, bell_wake_and_signal)
{
	struct ipcchan_bell bell;
	uint32_t *word;
	size_t size;
	void *addr;
	pid_t pid;
	int i;

	ASSERT_EQ(0, ipcchan_bell_chan(&bell, self->chan));
	ASSERT_EQ(0, ipcchan_map(self->chan, &addr, &size));
	word = (uint32_t *)addr + 5;
	for (i = 0; i < 2; i++) {
		pid = child_fork();
		if (!pid) {
			on_signal(SIGUSR1, 0);
			_exit(-ipcchan_bell_wait(&bell, word, 0,
						 IPCCHAN_WAIT_FOREVER));
		}
		ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
		if (i)
			kill(pid, SIGUSR1);
		else
			EXPECT_EQ(1, ipcchan_bell_wake(&bell, word, UINT32_MAX));
		EXPECT_EQ(i ? EINTR : 0, child_wait(pid));
	}
}

/* Two processes and a ring in the channel's buffer. */
FIXTURE(ring) {
	struct ipcchan *chan;
	void *mem;
	size_t size;
};

FIXTURE_SETUP(ring)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_ANON, .buf_size = 8192,
	};

	ASSERT_EQ(0, ipcchan_open(&self->chan, NULL, &opts));
	ASSERT_EQ(0, ipcchan_map(self->chan, &self->mem, &self->size));
}

FIXTURE_TEARDOWN(ring)
{
	ipcchan_close(self->chan);
}

/* Attach over an endpoint and a mapping of one's own. Return: 0 or -errno. */
static int ring_side(struct ipcchan *chan, enum ipcchan_ring_side side,
		     struct ipcchan_ring *ring)
{
	struct ipcchan *own = peer_open(chan, 0);
	struct ipcchan_bell bell;
	size_t size;
	void *mem;
	int ret;

	if (!own)
		return -EBADF;
	ret = ipcchan_bell_chan(&bell, own);
	if (!ret)
		ret = ipcchan_map(own, &mem, &size);
	return ret ? ret : ipcchan_ring_attach(ring, mem, size, side, &bell);
}

static size_t message_len(uint32_t seq)
{
	return 4 + seq * 2654435761U % 300;
}

static void message_fill(unsigned char *msg, uint32_t seq)
{
	size_t i;

	memcpy(msg, &seq, 4);
	for (i = 4; i < message_len(seq); i++)
		msg[i] = (unsigned char)(seq + i * 7);
}

/* Send from number @from on, until @to. Return: 0 or -errno. */
static int ring_produce(struct ipcchan *chan, uint32_t from, uint32_t to)
{
	unsigned char msg[304];
	struct ipcchan_ring ring;
	int ret = ring_side(chan, IPCCHAN_RING_PRODUCER, &ring);

	for (; !ret && from != to; from++) {
		message_fill(msg, from);
		ret = ipcchan_ring_send(&ring, msg, message_len(from), 20 * SECOND);
	}
	return ret;
}

/* Receive the numbers @from to @to. Return: 0 or -errno. */
static int ring_consume(struct ipcchan_ring *ring, uint32_t from, uint32_t to)
{
	unsigned char want[304], got[304];
	ssize_t len;

	for (; from != to; from++) {
		message_fill(want, from);
		len = ipcchan_ring_recv(ring, got, sizeof(got), 20 * SECOND);
		if (len < 0)
			return (int)len;
		if ((size_t)len != message_len(from) ||
		    memcmp(want, got, (size_t)len))
			return -EILSEQ;
	}
	return 0;
}

static void exchange(struct __test_metadata *_metadata, struct ipcchan *chan,
		     uint32_t count)
{
	struct ipcchan_ring cons;
	pid_t pid;

	ASSERT_EQ(0, ring_side(chan, IPCCHAN_RING_CONSUMER, &cons));
	pid = child_fork();
	if (!pid)
		_exit(-ring_produce(chan, 0, count));
	EXPECT_EQ(0, ring_consume(&cons, 0, count));
	EXPECT_EQ(0, child_wait(pid));
}

TEST_F_TIMEOUT(ring, exchange_sleeping, 120)
{
	/* a ring of 2 KiB, so that both sides sleep */
	ASSERT_EQ(0, ipcchan_ring_format(self->mem, 3000, 0));
	exchange(_metadata, self->chan, test_scale(100000));
}

TEST_F_TIMEOUT(ring, exchange_spinning, 120)
{
	ASSERT_EQ(0, ipcchan_ring_format(self->mem, self->size, IPCCHAN_RING_SPIN));
	exchange(_metadata, self->chan, test_scale(5000));
}

TEST_F(ring, sleeps_and_is_woken)
{
	struct ipcchan_ring prod;
	char msg[8];
	pid_t pid;

	ASSERT_EQ(0, ipcchan_ring_format(self->mem, self->size, 0));
	ASSERT_EQ(0, ring_side(self->chan, IPCCHAN_RING_PRODUCER, &prod));
	pid = child_fork();
	if (!pid) {
		struct ipcchan_ring cons;

		if (ring_side(self->chan, IPCCHAN_RING_CONSUMER, &cons))
			_exit(1);
		_exit(ipcchan_ring_recv(&cons, msg, 8, IPCCHAN_WAIT_FOREVER) != 3);
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	EXPECT_EQ(0, ipcchan_ring_send(&prod, "abc", 3, 0));
	EXPECT_EQ(0, child_wait(pid));
}

TEST_F(ring, timeout_and_signal)
{
	uint64_t start = now_ns();
	struct ipcchan_ring cons;
	char msg[8];
	pid_t pid;

	ASSERT_EQ(0, ipcchan_ring_format(self->mem, self->size, 0));
	ASSERT_EQ(0, ring_side(self->chan, IPCCHAN_RING_CONSUMER, &cons));
	EXPECT_EQ(-ETIMEDOUT, ipcchan_ring_recv(&cons, msg, 8, 30 * MS));
	EXPECT_LE(30 * MS, now_ns() - start);
	pid = child_fork();
	if (!pid) {
		on_signal(SIGUSR1, 0);
		_exit((int)-ipcchan_ring_recv(&cons, msg, 8, IPCCHAN_WAIT_FOREVER));
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	kill(pid, SIGUSR1);
	EXPECT_EQ(EINTR, child_wait(pid));
}

/* a producer that is killed asleep: the next one goes on behind it */
TEST_F(ring, killed_producer)
{
	struct ipcchan_ring cons;
	const void *msg;
	uint32_t last;
	pid_t pid;

	ASSERT_EQ(0, ipcchan_ring_format(self->mem, self->size, 0));
	pid = child_fork();
	if (!pid)
		_exit(-ring_produce(self->chan, 0, UINT32_MAX));
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	child_kill(pid);

	ASSERT_EQ(0, ring_side(self->chan, IPCCHAN_RING_CONSUMER, &cons));
	for (last = 0; ipcchan_ring_peek(&cons, &msg) >= 0; last++)
		ASSERT_EQ(0, ring_consume(&cons, last, last + 1));
	EXPECT_LT(10, last);
	pid = child_fork();
	if (!pid)
		_exit(-ring_produce(self->chan, last, last + 100));
	EXPECT_EQ(0, ring_consume(&cons, last, last + 100));
	EXPECT_EQ(0, child_wait(pid));
}

TEST_HARNESS_MAIN
