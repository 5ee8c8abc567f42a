// SPDX-License-Identifier: GPL-2.0
/*
 * Floods of signals: nothing is lost or sent twice, a call that is to be restarted goes on
 * as if nothing had been, and one that is not ends with EINTR and has no effect.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bell.h"
#include "place.h"
#include "rpc.h"
#include "storm.h"
#include "util.h"

#include "harness.h"

#define EACH		3	/* senders, and receivers */
#define ENOUGH		60	/* messages */
#define BURST		40	/* signals that are queued at once */
#define US		1000l

/* Shared by all. */
static struct flood {
	bool ebbs;	/* no more of them */
	long every_ns;	/* of each process */
	uint32_t signals;
} *flood;

static timer_t timer;

static void set_timer(long every_ns)
{
	const struct itimerspec at = { { 0, every_ns }, { 0, every_ns } };

	timer_settime(timer, 0, &at, NULL);
}

static void on_flood(int signo)
{
	(void)signo;
	__atomic_fetch_add(&flood->signals, 1, __ATOMIC_RELAXED);
	if (__atomic_load_n(&flood->ebbs, __ATOMIC_RELAXED))
		set_timer(0);
}

/* In each process: real-time signals that come by themselves. */
static void let_it_rain(struct storm *s, uint32_t nr)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };

	(void)s;
	(void)nr;
	if (!timer_create(CLOCK_MONOTONIC, &ev, &timer))
		set_timer(flood->every_ns);
}

/* 10 kHz for all of @nr processes, which are there from now on, and may be sent more. */
static void flood_begin(struct __test_metadata *_metadata, bool restart, int nr)
{
	struct sigaction sa = {
		.sa_handler = on_flood, .sa_flags = restart ? SA_RESTART : 0,
	};

	flood = mmap(NULL, sizeof(*flood), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	ASSERT_NE(MAP_FAILED, flood);
	flood->every_ns = (test_slow() ? 1000 : 100) * US * nr;
	sigaction(SIGRTMIN, &sa, NULL);
	sigaction(SIGRTMIN + 1, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
}

FIXTURE(flooded) {
	struct storm *s;
	struct storm_calm calm;
};

FIXTURE_VARIANT(flooded) {
	const struct storm_way *way;
	bool restart;
};

FIXTURE_VARIANT_ADD(flooded, words) { &storm_words, false };
FIXTURE_VARIANT_ADD(flooded, words_restart) { &storm_words, true };
FIXTURE_VARIANT_ADD(flooded, batch) { &storm_batch, false };
FIXTURE_VARIANT_ADD(flooded, batch_restart) { &storm_batch, true };
FIXTURE_VARIANT_ADD(flooded, fds_restart) { &storm_fds, true };
FIXTURE_VARIANT_ADD(flooded, broadcast) { &storm_broadcast, false };
FIXTURE_VARIANT_ADD(flooded, broadcast_restart) { &storm_broadcast, true };
FIXTURE_VARIANT_ADD(flooded, rpc) { &storm_rpc, false };
FIXTURE_VARIANT_ADD(flooded, rpc_restart) { &storm_rpc, true };
FIXTURE_VARIANT_ADD(flooded, loans) { &storm_loans, false };
FIXTURE_VARIANT_ADD(flooded, loans_restart) { &storm_loans, true };
FIXTURE_VARIANT_ADD(flooded, pool) { &storm_pool, false };
FIXTURE_VARIANT_ADD(flooded, spin_restart) { &storm_spin, true };

FIXTURE_SETUP(flooded)
{
	flood_begin(_metadata, variant->restart, 2 * EACH);
	ASSERT_EQ(0, storm_calm(&self->calm));
	self->s = storm_create(variant->way, EACH, EACH, STORM_SEQS);
	ASSERT_NE(NULL, self->s);
	self->s->begin = let_it_rain;
	/* Where calls are restarted, none that waits for ever ends so, but one that was taken. */
	self->s->patient = variant->restart;
	self->s->allowed[EINTR] = !variant->restart || variant->way->unknown;
}

FIXTURE_TEARDOWN(flooded)
{
	storm_free(self->s);
	EXPECT_TRUE(storm_calm_again(&self->calm));
}

static void pour(pid_t pid)
{
	const union sigval none = { 0 };
	int i;

	kill(pid, SIGUSR1);
	for (i = 0; i < BURST; i++)
		sigqueue(pid, SIGRTMIN + 1, none);
}

TEST_F_TIMEOUT(flooded, nothing_lost_nothing_twice, 120)
{
	uint64_t end = now_ns() + test_scale(1200) * 1000000ull;
	struct storm *s = self->s;
	unsigned int seed = s->seed;

	storm_start(s);
	while (test_goes_on(end, s->received >= ENOUGH && flood->signals >= 10 * BURST) &&
	       !s->fault) {
		uint32_t nr = rand_r(&seed) % EACH;

		pour(rand_r(&seed) % 2 ? s->send[nr] : s->recv[nr]);
		usleep(rand_r(&seed) % 8000);
	}
	flood->ebbs = true;
	EXPECT_TRUE(storm_end(s));
	TH_LOG("%u signals", flood->signals);
	EXPECT_LE(ENOUGH, s->received);
	EXPECT_LE(10 * BURST, flood->signals);
}

/* A channel with room for one message and one block, and another endpoint of it. */
struct scene {
	int fd;
	int peer;
	int64_t at;
};

FIXTURE(call) {
	struct scene scene;
};

/*
 * @prepare: so that the call waits; may be NULL
 * @block: the call, by a child with an endpoint of its own
 * @satisfy: what it waits for
 */
FIXTURE_VARIANT(call) {
	uint32_t kind;
	long nr;
	int (*prepare)(struct scene *s);
	int (*block)(int fd);
	int (*satisfy)(struct scene *s);
};

static int fill(struct scene *s)
{
	return msg_send_u32(s->fd, 1);
}

static int block_write(int fd)
{
	return msg_send_u32(fd, 7);
}

static int block_send(int fd)
{
	return label_send(fd, 7, 0, 0, 0);
}

static int got_seven(int64_t value)
{
	return value < 0 ? (int)value : value == 7 ? 0 : -EBADMSG;
}

static int take_both(struct scene *s)
{
	return msg_recv_u32(s->peer) == 1 ? got_seven(msg_recv_u32(s->peer)) : -EBADMSG;
}

static int block_read(int fd)
{
	return got_seven(msg_recv_u32(fd));
}

static int block_recv(int fd)
{
	return got_seven(label_recv(fd, NULL, 0));
}

static int send_seven(struct scene *s)
{
	return msg_send_u32(s->fd, 7);
}

static int block_call(int fd)
{
	return got_seven(rpc_call(fd, 8, IPCCHAN_WAIT_FOREVER));
}

static int serve(struct scene *s)
{
	struct taken t;
	int ret = rpc_take(s->peer, &t, 0);

	return ret == 1 ? rpc_reply(s->peer, t.call, t.value - 1) : -EBADMSG;
}

static int block_serve(int fd)
{
	struct taken t;
	int ret = rpc_take(fd, &t, 0);

	return ret == 1 ? rpc_reply(fd, t.call, t.value - 1) : ret;
}

static int call(struct scene *s)
{
	return block_call(s->fd);
}

static int lend_all(struct scene *s)
{
	s->at = loan(s->fd, 1, 0, 0);
	return s->at < 0 ? (int)s->at : 0;
}

static int block_loan(int fd)
{
	int64_t at = loan(fd, 1, 0, IPCCHAN_WAIT_FOREVER);

	return at < 0 ? (int)at : 0;
}

static int take_back(struct scene *s)
{
	return give_back(s->fd, s->at) == 1 ? 0 : -ENOENT;
}

static int block_wait(int fd)
{
	struct ipcchan_wait w = { .timeout_ns = IPCCHAN_WAIT_FOREVER };

	return do_ioctl(fd, IPCCHAN_IOC_WAIT, &w);
}

static int ring(struct scene *s)
{
	return wake(s->fd, 0, 1) == 1 ? 0 : -ENOENT;
}

static int set_lock(int fd, int cmd, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };

	return fcntl(fd, cmd, &l) < 0 ? -errno : 0;
}

static int lock_all(struct scene *s)
{
	return set_lock(s->fd, F_OFD_SETLK, F_WRLCK);
}

static int block_lock(int fd)
{
	return set_lock(fd, F_OFD_SETLKW, F_WRLCK);
}

static int unlock(struct scene *s)
{
	return set_lock(s->fd, F_OFD_SETLK, F_UNLCK);
}

#define QUEUE		IPCCHAN_KIND_QUEUE
#define BROADCAST	IPCCHAN_KIND_BROADCAST
#define RPC		IPCCHAN_KIND_RPC

FIXTURE_VARIANT_ADD(call, write) { QUEUE, SYS_write, fill, block_write, take_both };
FIXTURE_VARIANT_ADD(call, send) { QUEUE, SYS_ioctl, fill, block_send, take_both };
FIXTURE_VARIANT_ADD(call, read) { QUEUE, SYS_read, NULL, block_read, send_seven };
FIXTURE_VARIANT_ADD(call, recv) { QUEUE, SYS_ioctl, NULL, block_recv, send_seven };
FIXTURE_VARIANT_ADD(call, broadcast) { BROADCAST, SYS_ioctl, fill, block_send, take_both };
FIXTURE_VARIANT_ADD(call, subscriber) { BROADCAST, SYS_read, NULL, block_read, send_seven };
FIXTURE_VARIANT_ADD(call, call) { RPC, SYS_ioctl, NULL, block_call, serve };
FIXTURE_VARIANT_ADD(call, serve) { RPC, SYS_ioctl, NULL, block_serve, call };
FIXTURE_VARIANT_ADD(call, loan) { QUEUE, SYS_ioctl, lend_all, block_loan, take_back };
FIXTURE_VARIANT_ADD(call, wait) { QUEUE, SYS_ioctl, NULL, block_wait, ring };
FIXTURE_VARIANT_ADD(call, lock) { QUEUE, SYS_fcntl, lock_all, block_lock, unlock };

FIXTURE_SETUP(call)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = variant->kind, .max_msgs = 1,
		.buf_size = page_size(),
		.options = variant->kind == RPC ? 0 : IPCCHAN_OPT_LOANS,
	};
	/* A server that never takes a request would be asked, and so would a silent subscriber. */
	bool receives = variant->block == block_call || variant->satisfy == take_both;

	self->scene.fd = chan_open(O_WRONLY, &a);
	ASSERT_LE(0, self->scene.fd);
	self->scene.peer = receives ? chan_peer(self->scene.fd, O_RDONLY) : -1;
	if (variant->prepare) {
		ASSERT_EQ(0, variant->prepare(&self->scene));
	}
}

FIXTURE_TEARDOWN(call)
{
	close(self->scene.peer);
	close(self->scene.fd);
}

static pid_t start(FIXTURE_DATA(call) *self, const FIXTURE_VARIANT(call) *variant)
{
	bool sends = variant->block != block_read && variant->block != block_recv &&
		     variant->block != block_serve;
	pid_t pid = child_fork();
	int fd, ret;

	if (pid)
		return pid;
	fd = chan_peer(self->scene.fd, sends ? O_WRONLY : O_RDONLY);
	let_it_rain(NULL, 0);
	ret = fd < 0 ? fd : variant->block(fd);
	set_timer(0);
	_exit(-ret);
}

/* It may be in a handler when it is looked at. */
static bool is_inside(pid_t pid, long nr)
{
	int i;

	for (i = 0; i < 2000 && !is_blocked(pid, nr); i++)
		sleep_ms(1);
	return i < 2000;
}

static bool rained(uint32_t signals)
{
	const uint64_t end = now_ns() + 20000000000ull;

	while (__atomic_load_n(&flood->signals, __ATOMIC_RELAXED) < signals) {
		if (now_ns() > end)
			return false;
		sleep_ms(1);
	}
	return true;
}

TEST_F(call, goes_on)
{
	const uint32_t enough = test_scale(1000);
	pid_t pid;

	flood_begin(_metadata, true, 1);
	pid = start(self, variant);
	ASSERT_TRUE(rained(enough));
	flood->ebbs = true;
	ASSERT_TRUE(is_inside(pid, variant->nr));
	sleep_ms(5);
	ASSERT_TRUE(wait_blocked(pid, variant->nr));
	EXPECT_EQ(0, variant->satisfy(&self->scene));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(0, variant->kind == QUEUE ? chan_msgs(self->scene.fd) : 0);
}

/* And then somebody else gets what it waited for. */
TEST_F(call, is_interrupted)
{
	pid_t pid;

	flood_begin(_metadata, false, 1);
	pid = start(self, variant);
	EXPECT_EQ(EINTR, child_wait(pid));
	flood_begin(_metadata, true, 1);
	flood->ebbs = true;
	pid = start(self, variant);
	ASSERT_TRUE(is_inside(pid, variant->nr));
	EXPECT_EQ(0, variant->satisfy(&self->scene));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(0, variant->kind == QUEUE ? chan_msgs(self->scene.fd) : 0);
}

TEST_HARNESS_MAIN
