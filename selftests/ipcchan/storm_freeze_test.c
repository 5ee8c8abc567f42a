// SPDX-License-Identifier: GPL-2.0
/*
 * Senders and receivers that are frozen: by their control group, some of them killed then,
 * and with all of the machine, as when it is suspended.  What they wait for, they wait for
 * still when they go on.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup.h"
#include "rpc.h"
#include "storm.h"
#include "uring.h"
#include "util.h"

#include "harness.h"

#define EACH		2	/* senders, and receivers */
#define ENOUGH		60	/* messages */
#define FREEZES		6
#define POWER		"/sys/power"
#define SUSPEND		"/sys/module/suspend/parameters"

/* Of senders and receivers; one that is empty there is none of. */
static char group[2][128];

static void join_group(struct storm *s, uint32_t nr)
{
	int err = file_write(group[nr >= s->senders], "cgroup.procs", "0");

	if (err)
		STORM_FAULT(s, err);
}

FIXTURE(frozen) {
	struct storm *s;
	struct storm_calm calm;
};

/* A call that a server has taken is cancelled by what looks like a signal. */
FIXTURE_VARIANT(frozen) {
	const struct storm_way *way;
	bool interrupted;
};

FIXTURE_VARIANT_ADD(frozen, words) { &storm_words, false };
FIXTURE_VARIANT_ADD(frozen, batch) { &storm_batch, false };
FIXTURE_VARIANT_ADD(frozen, broadcast) { &storm_broadcast, false };
FIXTURE_VARIANT_ADD(frozen, rpc) { &storm_rpc, true };
FIXTURE_VARIANT_ADD(frozen, loans) { &storm_loans, false };
FIXTURE_VARIANT_ADD(frozen, pool) { &storm_pool, false };
FIXTURE_VARIANT_ADD(frozen, spin) { &storm_spin, false };

FIXTURE_SETUP(frozen)
{
	ASSERT_EQ(0, storm_calm(&self->calm));
	self->s = storm_create(variant->way, EACH, EACH, STORM_SEQS);
	ASSERT_NE(NULL, self->s);
	self->s->patient = true;
}

FIXTURE_TEARDOWN(frozen)
{
	storm_free(self->s);
	EXPECT_TRUE(storm_calm_again(&self->calm));
}

/* Return: whether all of them are, or go on, soon. */
static bool set_frozen(const char *dir, bool on)
{
	const uint64_t end = now_ns() + 20000000000ull;

	if (file_write(dir, "cgroup.freeze", on ? "1" : "0"))
		return false;
	while (file_number(dir, "cgroup.events", "frozen") != on) {
		if (now_ns() > end)
			return false;
		usleep(500);
	}
	return true;
}

/* Some of them, or all: then nothing is received. */
static void freeze_some(struct __test_metadata *_metadata, struct storm *s, unsigned int *seed)
{
	const unsigned int which = rand_r(seed) % 3, nr = rand_r(seed) % EACH;
	uint32_t received;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		if (which == 2 || which == i) {
			ASSERT_TRUE(set_frozen(group[i], true));
		}
	}
	received = s->received;
	usleep(rand_r(seed) % 10000);
	if (which == 2) {
		EXPECT_EQ(received, s->received);
	}
	if (rand_r(seed) % 4 == 0 && !s->way->all)
		storm_kill_receiver(s, nr);
	else if (rand_r(seed) % 3 == 0)
		storm_kill_sender(s, nr);
	for (i = 0; i < 2; i++) {
		ASSERT_TRUE(set_frozen(group[i], false));
	}
}

TEST_F_TIMEOUT(frozen, by_group, 180)
{
	uint64_t end = now_ns() + test_scale(1500) * 1000000ull;
	unsigned int seed = self->s->seed, freezes = 0, i;
	int err = cgroup_mount(NULL);

	for (i = 0; i < 2 && !err; i++)
		err = cgroup_make(group[i], i ? "recv" : "send");
	if (!err && file_number(group[0], "cgroup.freeze", NULL) < 0)
		err = -ENOENT;
	if (err)
		SKIP(return, "no control groups that freeze: %s", strerror(-err));
	self->s->begin = join_group;
	self->s->allowed[EINTR] = variant->interrupted;
	storm_start(self->s);
	while (test_goes_on(end, self->s->received >= ENOUGH && freezes >= FREEZES) &&
	       !self->s->fault) {
		freeze_some(_metadata, self->s, &seed);
		freezes++;
		usleep(rand_r(&seed) % 10000);
	}
	TH_LOG("frozen %u times", freezes);
	EXPECT_TRUE(storm_end(self->s));
	EXPECT_LE(ENOUGH, self->s->received);
	for (i = 0; i < 2; i++)
		rmdir(group[i]);
}

/*
 * From now on to suspend the machine is to freeze all processes, and back.
 *
 * Return: what pm_test_end() needs; -errno.
 */
static long pm_test_begin(void)
{
	long delay = file_number(SUSPEND, "pm_test_delay", NULL);
	int err = file_write(POWER, "pm_test", "freezer");

	if (!err && delay >= 0)
		err = file_write(SUSPEND, "pm_test_delay", "0");
	return err ? err : delay;
}

static int pm_test_end(long delay)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", delay);
	return file_write(SUSPEND, "pm_test_delay", text) ?: file_write(POWER, "pm_test", "none");
}

/* Not even a call that was taken, or that has a time limit, hears of it. */
TEST_F_TIMEOUT(frozen, with_the_machine, 180)
{
	const uint32_t times = test_scale(20) + 1;
	unsigned int seed = self->s->seed;
	long delay = pm_test_begin();
	uint32_t i;

	if (delay < 0)
		SKIP(return, "no test of suspending: %s", strerror(-delay));
	self->s->patient = false;
	storm_start(self->s);
	for (i = 0; i < times && !self->s->fault; i++) {
		usleep(rand_r(&seed) % 20000);
		EXPECT_EQ(0, file_write(POWER, "state", "freeze"));
	}
	while (self->s->received < ENOUGH && !self->s->fault)
		sleep_ms(1);
	EXPECT_TRUE(storm_end(self->s));
	EXPECT_EQ(0, pm_test_end(delay));
}

/* Children that wait for four bytes, and what for. */
struct waits {
	int chan;
	int pipe[2];
};

static ssize_t splice_4(const struct waits *w)
{
	return splice(w->chan, NULL, w->pipe[1], NULL, 4, 0);
}

static ssize_t read_pipe(const struct waits *w)
{
	uint32_t value;

	return read(w->pipe[0], &value, sizeof(value));
}

static ssize_t read_chan(const struct waits *w)
{
	uint32_t value;

	return read(w->chan, &value, sizeof(value));
}

/* Return: its pid, once it waits in that call; it ends with 0 or the errno. */
static pid_t child_in(ssize_t (*fn)(const struct waits *w), const struct waits *w, long call)
{
	pid_t pid = child_fork();

	if (!pid)
		_exit(fn(w) == 4 ? 0 : errno);
	return wait_blocked(pid, call) ? pid : -ETIMEDOUT;
}

#define FREEZES_NS	5000000000ull	/* the kernel gives up after 20 s */

/*
 * A splice that waits has its pipe's lock.  Who waits for that does so uninterruptibly, and
 * cannot be frozen until the splice lets go of it.
 */
TEST(splice_with_the_machine)
{
	struct waits piped = { .chan = chan_anon(NULL) }, plain = { .chan = chan_anon(NULL) };
	pid_t splicer, reader, receiver;
	long delay = pm_test_begin();
	uint64_t start;
	int i;

	if (delay < 0)
		SKIP(return, "no test of suspending: %s", strerror(-delay));
	ASSERT_EQ(0, pipe2(piped.pipe, O_CLOEXEC));
	splicer = child_in(splice_4, &piped, SYS_splice);
	reader = child_in(read_pipe, &piped, SYS_read);
	receiver = child_in(read_chan, &plain, SYS_read);
	ASSERT_LT(0, splicer);
	ASSERT_LT(0, reader);
	ASSERT_LT(0, receiver);
	for (i = 0; i < 3; i++) {
		start = now_ns();
		EXPECT_EQ(0, file_write(POWER, "state", "freeze"));
		EXPECT_GT(start + FREEZES_NS, now_ns());
		/* No call has heard of it. */
		EXPECT_TRUE(wait_blocked(splicer, SYS_splice));
		EXPECT_TRUE(wait_blocked(receiver, SYS_read));
	}
	EXPECT_EQ(0, msg_send_u32(piped.chan, 1));
	EXPECT_EQ(0, msg_send_u32(plain.chan, 2));
	EXPECT_EQ(0, child_wait(splicer));
	EXPECT_EQ(0, child_wait(reader));
	EXPECT_EQ(0, child_wait(receiver));
	EXPECT_EQ(0, pm_test_end(delay));
	close(piped.pipe[0]);
	close(piped.pipe[1]);
	close(piped.chan);
	close(plain.chan);
}

/* Replies to the first request, and waits for the second one. */
static ssize_t serve_two(const struct waits *w)
{
	struct taken t;

	if (rpc_take(w->chan, &t, 0) != 1 || rpc_reply_take(w->chan, &t, t.value, 0) != 1)
		return -1;
	return t.replied ? 4 : 0;
}

/* Nobody begins a call of io_uring anew, nor one that has replied. */
TEST(waits_for_ever_with_the_machine)
{
	struct ipcchan_attach rpc = { .kind = IPCCHAN_KIND_RPC, .flags = IPCCHAN_ATTACH_ANON };
	struct waits calls = { .chan = chan_open(O_RDWR, &rpc) };
	struct ipcchan_query q = { 0 };
	uint32_t value = 0;
	struct ipcchan_msghdr h = { .buf = (uintptr_t)&value, .len = sizeof(value) };
	struct ipcchan_xfer x = {
		.msgs = (uintptr_t)&h, .count = 1, .timeout_ns = IPCCHAN_WAIT_FOREVER,
	};
	struct io_uring_cqe cqe;
	struct io_uring_sqe sqe;
	struct uring ring;
	long delay = pm_test_begin();
	pid_t server;
	int fd = chan_anon(NULL), i;

	if (delay < 0)
		SKIP(return, "no test of suspending: %s", strerror(-delay));
	ASSERT_EQ(0, do_ioctl(fd, IPCCHAN_IOC_QUERY, &q));
	if (!(q.features & IPCCHAN_FEAT_URING_CMD) || uring_open(&ring))
		ring.fd = -1;
	server = child_fork();
	if (!server)
		_exit(serve_two(&calls) == 4 ? 0 : errno);
	EXPECT_EQ(1, rpc_call(calls.chan, 1, IPCCHAN_WAIT_FOREVER));
	ASSERT_TRUE(wait_blocked(server, SYS_ioctl));
	sqe = uring_cmd(fd, IPCCHAN_IOC_RECV, &x);
	if (ring.fd >= 0)
		ASSERT_EQ(0, uring_submit(&ring, &sqe));
	sleep_ms(30);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, file_write(POWER, "state", "freeze"));
	EXPECT_EQ(0, pm_test_end(delay));
	EXPECT_EQ(-ETIMEDOUT, rpc_call(calls.chan, 2, 1000000));
	EXPECT_EQ(0, child_wait(server));
	EXPECT_EQ(0, msg_send_u32(fd, 3));
	if (ring.fd >= 0) {
		ASSERT_EQ(0, uring_wait(&ring, &cqe));
		EXPECT_EQ(1, cqe.res);
		EXPECT_EQ(3, value);
		uring_close(&ring);
	}
	close(calls.chan);
	close(fd);
}

TEST_HARNESS_MAIN
