// SPDX-License-Identifier: GPL-2.0
/*
 * Many senders and receivers with priorities, filters, batches and time limits, under
 * signals and kills: what was acknowledged is received once, what failed is not, and
 * messages of one sender and priority arrive in order.
 *
 * IPCCHAN_TEST_SEED is the seed, IPCCHAN_TEST_SCALE the length in percent.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

#define PROCESSES	3	/* of senders, and of receivers */
#define THREADS		2	/* of each */
#define ACTORS		(PROCESSES * THREADS)
#define SEQS		50000	/* of one sender */
#define BATCH		5
#define ENOUGH		100	/* messages received */
#define PRIOS		8

struct message {
	uint32_t valid;
	uint32_t sender;
	uint32_t seq;
	uint32_t prio;
	uint32_t sum;
	uint8_t fill[300];
};

enum state { UNSENT, UNDER_WAY, SENT, FAILED };

/* Shared by all; the buffers too, so that what a killed receiver has got is seen. */
struct storm {
	uint32_t next[ACTORS];			/* by sender */
	uint8_t state[ACTORS][SEQS];
	uint8_t seen[ACTORS][SEQS];
	struct message buf[ACTORS][BATCH];	/* by receiver */
	uint32_t received;
	uint32_t fault;				/* line of the first one that was found */
	bool stop_send, stop_recv;
	bool ordered;
	uint32_t seed;
};

struct actor {
	struct storm *s;
	unsigned int nr;
	int fd;
};

static void fault(struct storm *s, uint32_t line)
{
	uint32_t none = 0;

	__atomic_compare_exchange_n(&s->fault, &none, line, false, __ATOMIC_RELAXED,
				    __ATOMIC_RELAXED);
}

static uint32_t sum_of(const struct message *m)
{
	return m->sender * 31 + m->seq * 7 + m->prio + 1;
}

static int64_t some_time(unsigned int *seed)
{
	switch (rand_r(seed) % 4) {
	case 0:
		return 0;
	case 1:
		return 20000000;
	default:
		return 1 + rand_r(seed) % 3000000;
	}
}

static void *send_loop(void *arg)
{
	const struct actor *a = arg;
	struct storm *s = a->s;
	unsigned int seed = s->seed + a->nr + s->next[a->nr] * 100;
	struct ipcchan_msghdr h[BATCH];
	struct message m[BATCH];

	while (!s->stop_send && s->next[a->nr] + BATCH < SEQS) {
		uint32_t first = s->next[a->nr], nr = 1 + rand_r(&seed) % BATCH;
		int ret, i;

		for (i = 0; i < (int)nr; i++) {
			m[i] = (struct message) {
				.valid = 1, .sender = a->nr, .seq = first + i,
				.prio = rand_r(&seed) % PRIOS,
			};
			m[i].sum = sum_of(&m[i]);
			h[i] = (struct ipcchan_msghdr) {
				.buf = (uintptr_t)&m[i], .prio = m[i].prio, .type = m[i].prio % 3,
				.len = rand_r(&seed) % 2 ? sizeof(m[i]) :
							   offsetof(struct message, fill),
			};
			s->state[a->nr][first + i] = UNDER_WAY;
		}
		s->next[a->nr] = first + nr;
		ret = xfer_send(a->fd, h, nr, 0, some_time(&seed));
		if (ret < 0 && ret != -EAGAIN && ret != -EINTR && ret != -ETIMEDOUT)
			fault(s, __LINE__);
		for (i = 0; i < (int)nr; i++)
			s->state[a->nr][first + i] = i < ret ? SENT : FAILED;
	}
	return NULL;
}

static void count(struct storm *s, struct message *m, int64_t *last)
{
	if (m->sum != sum_of(m) || m->sender >= ACTORS || m->seq >= SEQS || m->prio >= PRIOS) {
		fault(s, __LINE__);
		return;
	}
	if (__atomic_fetch_add(&s->seen[m->sender][m->seq], 1, __ATOMIC_RELAXED))
		fault(s, __LINE__);
	__atomic_fetch_add(&s->received, 1, __ATOMIC_RELAXED);
	if (last && s->ordered && last[m->sender * PRIOS + m->prio] >= m->seq)
		fault(s, __LINE__);
	if (last)
		last[m->sender * PRIOS + m->prio] = m->seq;
	m->valid = 0;
}

static int receive(const struct actor *a, uint32_t room, int64_t timeout_ns, int64_t *last)
{
	struct message *m = a->s->buf[a->nr];
	struct ipcchan_msghdr h[BATCH];
	int ret, i;

	for (i = 0; i < (int)room; i++)
		h[i] = (struct ipcchan_msghdr) { .buf = (uintptr_t)&m[i], .len = sizeof(m[i]) };
	ret = xfer_recv(a->fd, h, room, 0, timeout_ns);
	for (i = 0; i < ret; i++) {
		if (h[i].prio != m[i].prio || h[i].type != m[i].prio % 3)
			fault(a->s, __LINE__);
		count(a->s, &m[i], last);
	}
	return ret;
}

static void *recv_loop(void *arg)
{
	const struct actor *a = arg;
	unsigned int seed = a->s->seed * 7 + a->nr + a->s->received;
	int64_t last[ACTORS * PRIOS];

	memset(last, 0xff, sizeof(last));
	while (!a->s->stop_recv) {
		int ret;

		if (rand_r(&seed) % 10 == 0)
			chan_filter(a->fd, (int)(rand_r(&seed) % 4) - 1,
				    rand_r(&seed) % 3 ? 0 : rand_r(&seed) % PRIOS);
		ret = receive(a, 1 + rand_r(&seed) % BATCH, some_time(&seed), last);
		if (!ret || (ret < 0 && ret != -EAGAIN && ret != -EINTR && ret != -ETIMEDOUT))
			fault(a->s, __LINE__);
	}
	return NULL;
}

FIXTURE(storm) {
	struct storm *s;
	int fd;
	pid_t send[PROCESSES], recv[PROCESSES];
};

FIXTURE_VARIANT(storm) {
	uint32_t max_msgs;
	bool signals;
	bool kill_senders;
	bool kill_receivers;
};

FIXTURE_VARIANT_ADD(storm, quiet) { 64, false, false, false };
FIXTURE_VARIANT_ADD(storm, tight) { 2, false, false, false };
FIXTURE_VARIANT_ADD(storm, signals) { 6, true, false, false };
FIXTURE_VARIANT_ADD(storm, kill_senders) { 6, true, true, false };
FIXTURE_VARIANT_ADD(storm, kill_receivers) { 6, true, true, true };

FIXTURE_SETUP(storm)
{
	struct ipcchan_attach limits = { .max_msgs = variant->max_msgs };
	const char *seed = getenv("IPCCHAN_TEST_SEED");

	self->s = mmap(NULL, sizeof(*self->s), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, self->s);
	self->s->seed = seed ? strtoul(seed, NULL, 0) : now_ns() / 1000;
	self->s->ordered = !variant->kill_receivers;
	TH_LOG("seed %u", self->s->seed);
	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	on_signal(SIGUSR1, 0);
	on_signal(SIGUSR2, SA_RESTART);
}

FIXTURE_TEARDOWN(storm)
{
	munmap(self->s, sizeof(*self->s));
	close(self->fd);
}

/* A process of THREADS actors that share an endpoint. */
static pid_t start(FIXTURE_DATA(storm) *self, int process, bool sends)
{
	struct actor a[THREADS];
	pthread_t t[THREADS];
	pid_t pid = child_fork();
	int i, fd;

	if (pid)
		return pid;
	fd = chan_peer(self->fd, sends ? O_WRONLY : O_RDONLY);
	for (i = 0; i < THREADS; i++) {
		a[i] = (struct actor) { self->s, process * THREADS + i, fd };
		pthread_create(&t[i], NULL, sends ? send_loop : recv_loop, &a[i]);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	_exit(fd < 0);
}

/* What it had got and not counted; counted and not yet said so is seen as well. */
static void bury_receiver(FIXTURE_DATA(storm) *self, int process)
{
	int i, j;

	child_kill(self->recv[process]);
	for (i = 0; i < THREADS; i++) {
		for (j = 0; j < BATCH; j++) {
			struct message *m = &self->s->buf[process * THREADS + i][j];

			if (m->valid && m->sum == sum_of(m) &&
			    !self->s->seen[m->sender][m->seq])
				count(self->s, m, NULL);
			m->valid = 0;
		}
	}
}

static void pester(FIXTURE_DATA(storm) *self, const FIXTURE_VARIANT(storm) *variant)
{
	uint64_t end = now_ns() + test_scale(2500) * 1000000ull;
	unsigned int seed = self->s->seed * 3;

	while (test_goes_on(end, self->s->received >= ENOUGH) && !self->s->fault) {
		int i = rand_r(&seed) % PROCESSES, what = rand_r(&seed) % 20;

		if (variant->kill_senders && what == 0) {
			child_kill(self->send[i]);
			self->send[i] = start(self, i, true);
		} else if (variant->kill_receivers && what == 1) {
			bury_receiver(self, i);
			self->recv[i] = start(self, i, false);
		} else if (variant->signals) {
			kill(self->send[i], what % 2 ? SIGUSR1 : SIGUSR2);
			kill(self->recv[i], what % 2 ? SIGUSR2 : SIGUSR1);
		}
		sleep_ms(1 + rand_r(&seed) % 4);
	}
}

/* All that is left, by the parent, whose buffers are nobody's else by then. */
static void drain(FIXTURE_DATA(storm) *self)
{
	struct actor rest = { self->s, 0, self->fd };

	while (receive(&rest, BATCH, 0, NULL) > 0)
		;
}

TEST_F_TIMEOUT(storm, none_lost_none_twice, 120)
{
	uint32_t sent = 0, failed = 0, unknown = 0, bad = 0, seq;
	int i;

	for (i = 0; i < PROCESSES; i++) {
		self->recv[i] = start(self, i, false);
		self->send[i] = start(self, i, true);
	}
	pester(self, variant);
	self->s->stop_send = true;
	for (i = 0; i < PROCESSES; i++) {
		EXPECT_EQ(0, child_wait(self->send[i]));
	}
	self->s->stop_recv = true;
	for (i = 0; i < PROCESSES; i++) {
		EXPECT_EQ(0, child_wait(self->recv[i]));
	}
	drain(self);
	for (i = 0; i < ACTORS; i++) {
		for (seq = 0; seq < SEQS; seq++) {
			uint8_t state = self->s->state[i][seq], seen = self->s->seen[i][seq];

			sent += state == SENT;
			failed += state == FAILED;
			unknown += state == UNDER_WAY;
			bad += state == SENT ? seen != 1 : state == UNDER_WAY ? seen > 1 : seen;
		}
	}
	TH_LOG("%u sent, %u failed, %u unknown, %u received", sent, failed, unknown,
	       self->s->received);
	EXPECT_EQ(0, bad);
	EXPECT_EQ(0, self->s->fault) TH_LOG("fault seen at line %u", self->s->fault);
	EXPECT_LE(ENOUGH, self->s->received);
	EXPECT_LE(sent, self->s->received);
	EXPECT_GE(sent + unknown, self->s->received);
	EXPECT_EQ(0, chan_msgs(self->fd));
}

TEST_HARNESS_MAIN
