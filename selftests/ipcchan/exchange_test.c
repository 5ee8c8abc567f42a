// SPDX-License-Identifier: GPL-2.0
/*
 * Long exchanges between processes: nothing lost, repeated, reordered or
 * altered.  IPCCHAN_TEST_SCALE is the length in percent, 100 by default.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

#define PEERS		4
#define STOP		0xffffffffu

struct message {
	uint32_t sender;
	uint32_t seq;
	uint32_t fill[13];
	uint32_t sum;
};

_Static_assert(sizeof(struct message) == 64, "the size that is spoken of");

static uint32_t checksum(const struct message *m)
{
	const uint32_t *w = (const uint32_t *)m;
	uint32_t sum = 2166136261u;
	unsigned int i;

	for (i = 0; i < sizeof(*m) / sizeof(*w) - 1; i++)
		sum = (sum ^ w[i]) * 16777619u;
	return sum;
}

static void build(struct message *m, uint32_t sender, uint32_t seq)
{
	unsigned int i;

	m->sender = sender;
	m->seq = seq;
	for (i = 0; i < ARRAY_SIZE(m->fill); i++)
		m->fill[i] = seq * (i + 1) ^ sender;
	m->sum = checksum(m);
}

static bool wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n;

	do {
		n = poll(&p, 1, 20000);
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

/* One message, however often the call must be repeated. */
static bool send_one(int fd, const struct message *m)
{
	for (;;) {
		ssize_t n = msg_send(fd, m, sizeof(*m));

		if (n == -EAGAIN) {
			if (!wait_for(fd, POLLOUT))
				return false;
		} else if (n != -EINTR) {
			return n == sizeof(*m);
		}
	}
}

static bool recv_one(int fd, struct message *m)
{
	for (;;) {
		ssize_t n = msg_recv(fd, m, sizeof(*m));

		if (n == -EAGAIN) {
			if (!wait_for(fd, POLLIN))
				return false;
		} else if (n != -EINTR) {
			return n == sizeof(*m) && m->sum == checksum(m);
		}
	}
}

static pid_t start_sender(int fd, uint32_t sender, uint32_t count)
{
	pid_t pid = child_fork();
	struct message m;
	uint32_t seq;

	if (pid)
		return pid;
	for (seq = 0; seq < count; seq++) {
		build(&m, sender, seq);
		if (!send_one(fd, &m))
			_exit(1);
	}
	_exit(0);
}

FIXTURE(exchange) {
	int rd;
	int wr;
};

FIXTURE_VARIANT(exchange) {
	uint32_t count;
	uint32_t max_msgs;
	int oflags;
	bool one_cpu;
};

FIXTURE_VARIANT_ADD(exchange, a_million) { 1000000, 0, 0, true };
FIXTURE_VARIANT_ADD(exchange, any_cpu) { 50000, 0, 0, false };
FIXTURE_VARIANT_ADD(exchange, short_queue) { 50000, 2, 0, true };
FIXTURE_VARIANT_ADD(exchange, short_queue_any_cpu) { 5000, 2, 0, false };
FIXTURE_VARIANT_ADD(exchange, nonblocking) { 50000, 8, O_NONBLOCK, true };
FIXTURE_VARIANT_ADD(exchange, nonblocking_any_cpu) { 10000, 8, O_NONBLOCK, false };

FIXTURE_SETUP(exchange)
{
	struct ipcchan_attach limits = { .max_msgs = variant->max_msgs };
	int fd = chan_anon(&limits);

	ASSERT_LE(0, fd);
	self->rd = chan_peer(fd, O_RDONLY | variant->oflags);
	self->wr = chan_peer(fd, O_WRONLY | variant->oflags);
	ASSERT_LE(0, self->rd);
	ASSERT_LE(0, self->wr);
	close(fd);
}

FIXTURE_TEARDOWN(exchange)
{
	close(self->rd);
	close(self->wr);
}

TEST_F_TIMEOUT(exchange, two_processes, 240)
{
	const uint32_t count = test_scale(variant->count);
	uint64_t start = now_ns();
	struct message m;
	uint32_t seq;
	pid_t pid;

	if (variant->one_cpu)
		stay_on_cpu();
	pid = start_sender(self->wr, 1, count);
	ASSERT_LE(0, pid);
	for (seq = 0; seq < count; seq++) {
		ASSERT_TRUE(recv_one(self->rd, &m)) TH_LOG("message %u", seq);
		ASSERT_EQ(1, m.sender);
		ASSERT_EQ(seq, m.seq);
	}
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(0, chan_msgs(self->rd));
	TH_LOG("%u messages, %llu ms", count, (now_ns() - start) / 1000000ull);
}

/* What all receivers together have seen: how often each message of a sender. */
struct tally {
	uint32_t count;
	uint8_t seen[];
};

FIXTURE(crowd) {
	int fd;
	struct tally *tally;
	size_t size;
	uint32_t count;
	pid_t send[PEERS], recv[PEERS];
};

FIXTURE_VARIANT(crowd) {
	int oflags;
	bool signals;
};

FIXTURE_VARIANT_ADD(crowd, blocking) { 0, false };
FIXTURE_VARIANT_ADD(crowd, blocking_with_signals) { 0, true };
FIXTURE_VARIANT_ADD(crowd, polling) { O_NONBLOCK, false };
FIXTURE_VARIANT_ADD(crowd, polling_with_signals) { O_NONBLOCK, true };

FIXTURE_SETUP(crowd)
{
	struct ipcchan_attach limits = { .max_msgs = 5 };

	self->count = test_scale(2500);
	self->size = sizeof(*self->tally) + PEERS * (size_t)self->count;
	self->tally = mmap(NULL, self->size, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->tally);
	self->tally->count = self->count;
	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	if (variant->oflags) {
		ASSERT_EQ(0, set_nonblock(self->fd, true));
	}
	/* Every other child restarts its calls, the others see EINTR. */
	on_signal(SIGUSR1, 0);
	on_signal(SIGUSR2, SA_RESTART);
}

FIXTURE_TEARDOWN(crowd)
{
	munmap(self->tally, self->size);
	close(self->fd);
}

/* Receives until told to stop; what one sender sent must come in its order. */
static pid_t start_receiver(int fd, struct tally *t)
{
	int64_t last[PEERS] = { -1, -1, -1, -1 };
	pid_t pid = child_fork();
	struct message m;

	if (pid)
		return pid;
	for (;;) {
		if (!recv_one(fd, &m))
			_exit(1);
		if (m.sender == STOP)
			_exit(0);
		if (m.sender >= PEERS || m.seq >= t->count)
			_exit(2);
		if (m.seq <= last[m.sender])
			_exit(3);
		last[m.sender] = m.seq;
		if (__atomic_fetch_add(&t->seen[m.sender * t->count + m.seq], 1,
				       __ATOMIC_RELAXED))
			_exit(4);
	}
}

static uint64_t tally_sum(const struct tally *t)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < PEERS * t->count; i++)
		sum += __atomic_load_n(&t->seen[i], __ATOMIC_RELAXED);
	return sum;
}

/* A receiver ends before it is told to only when it has found a fault. */
static bool receiver_ended(FIXTURE_DATA(crowd) *self)
{
	int i;

	for (i = 0; i < PEERS; i++) {
		siginfo_t info = { 0 };

		waitid(P_PID, self->recv[i], &info, WEXITED | WNOHANG | WNOWAIT);
		if (info.si_pid)
			return true;
	}
	return false;
}

/*
 * Signal one child after the other until all is received.  Return: whether it
 * was; a message that got lost ends in a failure here, not in a time-out.
 */
static bool pester(FIXTURE_DATA(crowd) *self, bool signals)
{
	uint64_t deadline = now_ns() + 180000000000ull;
	unsigned int seed = 1;

	while (tally_sum(self->tally) < (uint64_t)PEERS * self->count) {
		int i = rand_r(&seed) % PEERS;

		if (now_ns() > deadline || receiver_ended(self))
			return false;
		if (signals) {
			kill(self->send[i], i % 2 ? SIGUSR1 : SIGUSR2);
			kill(self->recv[i], i % 2 ? SIGUSR2 : SIGUSR1);
		}
		sleep_ms(1 + rand_r(&seed) % 3);
	}
	return true;
}

TEST_F_TIMEOUT(crowd, every_message_once, 240)
{
	uint64_t start = now_ns();
	struct message stop;
	int i;

	for (i = 0; i < PEERS; i++) {
		self->recv[i] = start_receiver(self->fd, self->tally);
		self->send[i] = start_sender(self->fd, i, self->count);
	}
	ASSERT_TRUE(pester(self, variant->signals)) {
		TH_LOG("%llu of %u messages received",
		       (unsigned long long)tally_sum(self->tally), PEERS * self->count);
	}
	build(&stop, STOP, 0);
	for (i = 0; i < PEERS; i++) {
		EXPECT_EQ(0, child_wait(self->send[i]));
	}
	for (i = 0; i < PEERS; i++) {
		EXPECT_TRUE(send_one(self->fd, &stop));
	}
	for (i = 0; i < PEERS; i++) {
		EXPECT_EQ(0, child_wait(self->recv[i]));
	}
	EXPECT_EQ((uint64_t)PEERS * self->count, tally_sum(self->tally));
	EXPECT_EQ(0, chan_msgs(self->fd));
	TH_LOG("%u messages, %llu ms", PEERS * self->count,
	       (now_ns() - start) / 1000000ull);
}

TEST_HARNESS_MAIN
