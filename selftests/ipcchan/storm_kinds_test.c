// SPDX-License-Identifier: GPL-2.0
/*
 * Broadcast and rpc under the weather: subscribers that come and go, slow ones, servers
 * that are killed, clients that give up.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rpc.h"
#include "util.h"

#include "harness.h"

#define SENDERS		2
#define CLIENTS		3
#define SERVERS		3
#define CALLS		20000
#define END		0xffffffffu
/* So much has to happen, however long that takes. */
#define ENOUGH		50

struct shared {
	uint32_t sent[SENDERS];
	uint32_t visits;
	bool stop;
	uint8_t done[CLIENTS][CALLS];	/* by servers: how often each was carried out */
	uint8_t answered[CLIENTS][CALLS];
	uint32_t called[CLIENTS];
	uint32_t replies;
};

FIXTURE(kinds) {
	struct shared *s;
	unsigned int seed;
	int wr;
};

FIXTURE_SETUP(kinds)
{
	const char *seed = getenv("IPCCHAN_TEST_SEED");

	self->s = mmap(NULL, sizeof(*self->s), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->s);
	self->seed = seed ? strtoul(seed, NULL, 0) : now_ns() / 1000;
	TH_LOG("seed %u", self->seed);
	on_signal(SIGUSR1, 0);
	on_signal(SIGUSR2, SA_RESTART);
}

FIXTURE_TEARDOWN(kinds)
{
	close(self->wr);
	munmap(self->s, sizeof(*self->s));
}

static int create(uint32_t kind, uint32_t max_msgs, uint32_t slow)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = kind, .max_msgs = max_msgs, .slow = slow,
	};

	return chan_open(O_WRONLY, &a);
}

/* Numbers them: sender << 24 | sequence, until told to stop. */
static pid_t start_sender(FIXTURE_DATA(kinds) *self, uint32_t nr)
{
	pid_t pid = child_fork();
	uint32_t seq = 0;
	int ret;

	if (pid)
		return pid;
	while (!self->s->stop) {
		ret = label_send(self->wr, nr << 24 | seq, 0, 0, 0);
		if (ret == -EINTR)
			continue;
		if (ret)
			_exit(1);
		self->s->sent[nr] = ++seq;
	}
	_exit(0);
}

/* Without a gap of any sender, from wherever it comes in to wherever it leaves. */
static int listen_to(int sub, unsigned int nr, int64_t next[SENDERS])
{
	struct ipcchan_msghdr h;
	int64_t v;

	while (nr) {
		v = label_recv(sub, &h, 0);
		if (v == -EINTR)
			continue;
		if (v < 0)
			return 2;
		if (v == END)
			return 100;
		if (v >> 24 >= SENDERS || h.lost)
			return 3;
		if (next[v >> 24] >= 0 && next[v >> 24] != (v & 0xffffff))
			return 4;
		next[v >> 24] = (v & 0xffffff) + 1;
		nr--;
	}
	return 0;
}

static pid_t start_visitor(FIXTURE_DATA(kinds) *self, unsigned int seed)
{
	pid_t pid = child_fork();
	int ret = 0, sub;

	if (pid)
		return pid;
	while (!self->s->stop && !ret) {
		int64_t next[SENDERS] = { -1, -1 };

		sub = chan_peer(self->wr, O_RDONLY);
		if (sub < 0)
			_exit(5);
		ret = listen_to(sub, 1 + rand_r(&seed) % 50, next);
		close(sub);
		__atomic_fetch_add(&self->s->visits, 1, __ATOMIC_RELAXED);
	}
	_exit(ret == 100 ? 0 : ret);
}

TEST_F_TIMEOUT(kinds, broadcast_block, 120)
{
	uint64_t end = now_ns() + test_scale(2500) * 1000000ull;
	pid_t sender[SENDERS], visitor[3], all[2];
	unsigned int i;
	int sub;

	self->wr = create(IPCCHAN_KIND_BROADCAST, 4, IPCCHAN_SLOW_BLOCK);
	ASSERT_LE(0, self->wr);
	for (i = 0; i < 2; i++) {
		sub = chan_peer(self->wr, O_RDONLY);
		all[i] = child_fork();
		if (all[i] == 0) {
			int64_t next[SENDERS] = { 0, 0 };
			int ret = listen_to(sub, ~0u, next);

			/* Each of each, to the last. */
			_exit(ret == 100 && next[0] == self->s->sent[0] &&
			      next[1] == self->s->sent[1] ? 0 : ret ? ret : 9);
		}
		close(sub);
	}
	for (i = 0; i < 3; i++)
		visitor[i] = start_visitor(self, self->seed + i);
	for (i = 0; i < SENDERS; i++)
		sender[i] = start_sender(self, i);
	while (test_goes_on(end, self->s->sent[0] >= ENOUGH && self->s->sent[1] >= ENOUGH)) {
		kill(sender[rand_r(&self->seed) % 2], SIGUSR1);
		kill(visitor[rand_r(&self->seed) % 3], SIGUSR2);
		i = rand_r(&self->seed) % 12;
		/* A visitor may die at any moment, and holds up nobody. */
		if (i < 3) {
			child_kill(visitor[i]);
			visitor[i] = start_visitor(self, self->seed);
		}
		sleep_ms(1 + rand_r(&self->seed) % 5);
	}
	self->s->stop = true;
	for (i = 0; i < SENDERS; i++) {
		EXPECT_EQ(0, child_wait(sender[i]));
	}
	ASSERT_EQ(0, msg_send_u32(self->wr, END));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, child_wait(all[i]));
	}
	for (i = 0; i < 3; i++) {
		/* It may wait for one that does not come. */
		kill(visitor[i], SIGKILL);
		int ret = child_wait(visitor[i]);

		EXPECT_TRUE(!ret || ret == CHILD_SIGNALED + SIGKILL) TH_LOG("%d", ret);
	}
	TH_LOG("%u and %u sent, %u visits", self->s->sent[0], self->s->sent[1],
	       self->s->visits);
	EXPECT_LE(ENOUGH, self->s->sent[0]);
	EXPECT_LE(ENOUGH, self->s->sent[1]);
}

/* What a slow one misses and what it is told that it missed are the same. */
static void expect_losses_told(struct __test_metadata *_metadata,
			       FIXTURE_DATA(kinds) *self, uint32_t slow)
{
	uint64_t end = now_ns() + test_scale(1500) * 1000000ull;
	uint32_t got = 0, lost = 0, next = 0;
	struct ipcchan_msghdr h;
	pid_t pid;
	int sub;
	int64_t v;

	self->wr = create(IPCCHAN_KIND_BROADCAST, 4, slow);
	sub = chan_peer(self->wr, O_RDONLY);
	ASSERT_LE(0, sub);
	pid = start_sender(self, 0);
	for (;;) {
		v = label_recv(sub, &h, 0);
		ASSERT_LE(0, v);
		lost += h.lost;
		if (v == END)
			break;
		ASSERT_EQ(next + h.lost, v) TH_LOG("after %u", next);
		next = v + 1;
		got++;
		if (rand_r(&self->seed) % 3 == 0)
			usleep(rand_r(&self->seed) % 300);
		if (test_goes_on(end, lost) || self->s->stop)
			continue;
		self->s->stop = true;
		EXPECT_EQ(0, child_wait(pid));
		/* Whatever becomes of those that are there, this one arrives. */
		while (slow == IPCCHAN_SLOW_DROP_NEWEST && chan_msgs(sub)) {
			v = label_recv(sub, &h, 0);
			ASSERT_EQ(next + h.lost, v);
			lost += h.lost;
			next = v + 1;
			got++;
		}
		ASSERT_EQ(0, msg_send_u32(self->wr, END));
	}
	TH_LOG("%u sent, %u received, %u lost", self->s->sent[0], got, lost);
	EXPECT_EQ(self->s->sent[0], got + lost);
	EXPECT_LT(0, got);
	EXPECT_LT(0, lost);
	close(sub);
}

TEST_F_TIMEOUT(kinds, broadcast_drop_oldest, 120)
{
	expect_losses_told(_metadata, self, IPCCHAN_SLOW_DROP_OLDEST);
}

TEST_F_TIMEOUT(kinds, broadcast_drop_newest, 120)
{
	expect_losses_told(_metadata, self, IPCCHAN_SLOW_DROP_NEWEST);
}

static pid_t start_server(FIXTURE_DATA(kinds) *self)
{
	pid_t pid = child_fork();
	struct taken t;
	int ret, fd;

	if (pid)
		return pid;
	fd = chan_peer(self->wr, O_RDONLY);
	for (ret = rpc_take(fd, &t, 0);;) {
		if (ret == -EINTR || ret == -ECANCELED) {
			ret = rpc_take(fd, &t, 0);
			continue;
		}
		if (ret != 1 || t.value >> 24 >= CLIENTS || (t.value & 0xffffff) >= CALLS)
			_exit(1);
		__atomic_fetch_add(&self->s->done[t.value >> 24][t.value & 0xffffff], 1,
				   __ATOMIC_RELAXED);
		ret = rpc_reply_take(fd, &t, ~t.value, 0);
	}
}

static pid_t start_client(FIXTURE_DATA(kinds) *self, uint32_t nr)
{
	unsigned int seed = self->seed + nr;
	pid_t pid = child_fork();
	uint32_t i, value;
	int64_t v;

	if (pid)
		return pid;
	for (i = 0; i < CALLS && !self->s->stop; i++) {
		value = nr << 24 | i;
		self->s->called[nr] = i + 1;
		v = rpc_call(self->wr, value, rand_r(&seed) % 3 ? -1 : rand_r(&seed) % 2000000);
		if (v == (uint32_t)~value) {
			self->s->answered[nr][i] = 1;
			__atomic_fetch_add(&self->s->replies, 1, __ATOMIC_RELAXED);
		} else if (v != -EINTR && v != -ETIMEDOUT && v != -EOWNERDEAD) {
			_exit(v < 0 ? -v : 255);
		}
	}
	_exit(0);
}

TEST_F_TIMEOUT(kinds, rpc, 120)
{
	uint64_t end = now_ns() + test_scale(3000) * 1000000ull;
	pid_t client[CLIENTS], server[SERVERS];
	uint32_t answered = 0, bad = 0, called = 0;
	int i, j, ret;

	self->wr = create(IPCCHAN_KIND_RPC, 2, 0);
	ASSERT_LE(0, self->wr);
	for (i = 0; i < SERVERS; i++)
		server[i] = start_server(self);
	for (i = 0; i < CLIENTS; i++)
		client[i] = start_client(self, i);
	while (test_goes_on(end, self->s->replies >= ENOUGH)) {
		kill(client[rand_r(&self->seed) % CLIENTS], SIGUSR1);
		kill(server[rand_r(&self->seed) % SERVERS], SIGUSR2);
		i = rand_r(&self->seed) % SERVERS;
		if (rand_r(&self->seed) % 5 == 0) {
			child_kill(server[i]);
			server[i] = start_server(self);
		}
		sleep_ms(1 + rand_r(&self->seed) % 4);
	}
	self->s->stop = true;
	for (i = 0; i < CLIENTS; i++) {
		EXPECT_EQ(0, child_wait(client[i]));
	}
	for (i = 0; i < SERVERS; i++) {
		kill(server[i], SIGKILL);
		ret = child_wait(server[i]);
		EXPECT_EQ(CHILD_SIGNALED + SIGKILL, ret);
	}
	for (i = 0; i < CLIENTS; i++) {
		called += self->s->called[i];
		for (j = 0; j < CALLS; j++) {
			answered += self->s->answered[i][j];
			bad += self->s->done[i][j] > 1 ||
			       (self->s->answered[i][j] && !self->s->done[i][j]);
		}
	}
	TH_LOG("%u calls, %u answered", called, answered);
	EXPECT_EQ(0, bad);
	EXPECT_LE(ENOUGH, answered);
	EXPECT_EQ(0, chan_msgs(self->wr));
}

TEST_HARNESS_MAIN
