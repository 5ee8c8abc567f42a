// SPDX-License-Identifier: GPL-2.0
/* What a waiter does before it sleeps: polls for another CPU, lets its own one go on. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "param.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

#define US	1000ll
#define SPIN	((int64_t)IPCCHAN_SPIN_MAX_NS)
#define TIMES	40

/* The first two CPUs.  Return: how many there are. */
static int find_cpus(int cpu[2])
{
	cpu_set_t set;
	int i, n = 0;

	if (sched_getaffinity(0, sizeof(set), &set))
		abort();
	for (i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET(i, &set))
			cpu[n++] = i;
	return n;
}

static int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* How often this process or its children that are gone went to sleep. */
static long sleeps(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return usage.ru_nvcsw;
}

/* Do both CPUs run at the same time, as those of a virtual machine may not? */
static bool run_at_once(const int cpu[2])
{
	const unsigned int turns = 2000;
	atomic_uint *turn = mmap(NULL, sizeof(*turn), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int64_t took;
	unsigned int i;
	pid_t pid;

	if (turn == MAP_FAILED)
		abort();
	pid = child_fork();
	if (pid == 0) {
		run_on(cpu[1]);
		for (i = 1; i < turns; i += 2) {
			while (atomic_load(turn) != i)
				;
			atomic_store(turn, i + 1);
		}
		_exit(0);
	}
	run_on(cpu[0]);
	took = now_ns();
	for (i = 0; i < turns; i += 2) {
		while (atomic_load(turn) != i)
			;
		if (i == 2)
			took = now_ns();
		atomic_store(turn, i + 1);
	}
	took = now_ns() - took;
	child_kill(pid);
	munmap(turn, sizeof(*turn));
	return took < turns * 20 * US;
}

FIXTURE(calls) {
	int wr;
	int rd;
};

FIXTURE_VARIANT(calls) {
	uint32_t spin_ns;
	bool apart;
};

FIXTURE_VARIANT_ADD(calls, one_cpu) { .spin_ns = 0, .apart = false, };
FIXTURE_VARIANT_ADD(calls, one_cpu_spin) { .spin_ns = SPIN, .apart = false, };
FIXTURE_VARIANT_ADD(calls, two_cpus) { .spin_ns = 0, .apart = true, };
FIXTURE_VARIANT_ADD(calls, two_cpus_spin) { .spin_ns = SPIN, .apart = true, };

FIXTURE_SETUP(calls)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC,
		.spin_ns = variant->spin_ns,
	};

	self->wr = chan_open(O_WRONLY, &a);
	ASSERT_LE(0, self->wr);
	self->rd = chan_peer(self->wr, O_RDONLY);
	ASSERT_LE(0, self->rd);
}

FIXTURE_TEARDOWN(calls)
{
	close(self->wr);
	close(self->rd);
}

/* Each would sleep once a call, but for what it does before. */
TEST_F(calls, answered)
{
	const uint32_t calls = 500;
	bool at_once = false;
	int cpu[2], cpus = find_cpus(cpu);
	long slept, children;
	pid_t server;
	uint32_t i;

	if (variant->apart && cpus < 2)
		SKIP(return, "there is one CPU");
	if (variant->apart)
		at_once = run_at_once(cpu);
	run_on(cpu[variant->apart]);
	server = start_adder(self->rd);
	run_on(cpu[0]);
	ASSERT_TRUE(wait_blocked(server, SYS_ioctl));
	children = sleeps(RUSAGE_CHILDREN);
	slept = sleeps(RUSAGE_SELF);
	for (i = 0; i < calls; i++) {
		ASSERT_EQ(i + 1, rpc_call(self->wr, i, -1));
	}
	slept = sleeps(RUSAGE_SELF) - slept;
	child_kill(server);
	children = sleeps(RUSAGE_CHILDREN) - children;
	TH_LOG("%ld and %ld sleeps in %u calls", slept, children, calls);
	if (!variant->apart) {
		EXPECT_GT(2 * calls * 9 / 10, slept + children);
	} else if (variant->spin_ns) {
		if (!at_once)
			SKIP(return, "the two CPUs do not run at the same time");
		EXPECT_GT(2 * calls, slept + children);
	}
}

FIXTURE(spin) {
	int cpu[2];
	int cpus;
	int fd;
	uint32_t kind;		/* of the channels that renew() makes */
	timer_t timer;		/* that ends the next wait, with @timed */
	bool timed;
};

FIXTURE_SETUP(spin)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .spin_ns = SPIN };

	self->cpus = find_cpus(self->cpu);
	self->fd = chan_open(O_RDWR, &a);
	ASSERT_LE(0, self->fd);
	run_on(self->cpu[0]);
}

FIXTURE_TEARDOWN(spin)
{
	close(self->fd);
}

/* Receive what comes from this CPU, and so expect the next one from there. */
static int expect_from(FIXTURE_DATA(spin) *self, int cpu)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		run_on(cpu);
		_exit(-msg_send_u32(self->fd, 1));
	}
	return child_wait(pid) || msg_recv_u32(self->fd) != 1;
}

/* A channel where nothing was waited for in vain yet; @cpu is the sender's, or -1 */
static int renew(FIXTURE_DATA(spin) *self, int cpu)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = self->kind, .spin_ns = SPIN,
	};

	close(self->fd);
	self->fd = chan_open(O_RDWR, &a);
	return self->fd < 0 || (cpu >= 0 && expect_from(self, cpu));
}

/*
 * The shortest of some first waits in vain for @cpu, on which the machine has least to say;
 * of more, if none is shorter than @enough.  Return: nanoseconds, of the CPU with @used.
 */
static int64_t shortest_wait(FIXTURE_DATA(spin) *self, int cpu, int64_t timeout_ns, int err,
			     bool used, int64_t enough)
{
	static const struct itimerspec soon = {
		.it_value.tv_nsec = 250 * US, .it_interval.tv_nsec = 250 * US,
	}, never;
	int64_t best = INT64_MAX, start, took;
	struct ipcchan_msghdr h;
	uint32_t value;
	int i, ret;

	for (i = 0; i < TIMES || (i < 10 * TIMES && best >= enough); i++) {
		if (renew(self, cpu))
			return -1;
		h = (struct ipcchan_msghdr) { .buf = (uintptr_t)&value, .len = sizeof(value) };
		start = used ? cpu_ns() : (int64_t)now_ns();
		if (self->timed && timer_settime(self->timer, 0, &soon, NULL))
			return -1;
		ret = xfer_recv(self->fd, &h, 1, 0, timeout_ns);
		took = (used ? cpu_ns() : (int64_t)now_ns()) - start;
		if (self->timed && timer_settime(self->timer, 0, &never, NULL))
			return -1;
		if (ret != err)
			return -1;
		if (took < best)
			best = took;
	}
	return best;
}

/* A wait of 200 or 250 us that takes longer than this without polling tells nothing. */
#define SLOW_WAIT	(450 * US)

/* Nor is there any time to be told on a kernel that is known to be slow. */
static bool too_slow(FIXTURE_DATA(spin) *self)
{
	return test_slow() ||
	       shortest_wait(self, -1, 200 * US, -ETIMEDOUT, false, INT64_MAX) > SLOW_WAIT;
}

#define TOO_SLOW	"this kernel, or this machine, is too slow to be timed"

/* Return: whether to go on, for which @cpus are needed; else the test is skipped. */
static bool can_be_timed(struct __test_metadata *_metadata, FIXTURE_DATA(spin) *self, int cpus)
{
	if (self->cpus < cpus)
		SKIP(return false, "there is one CPU");
	if (too_slow(self))
		SKIP(return false, TOO_SLOW);
	return true;
}

/*
 * How many of TIMES first waits poll to the end: now and then something else has to be done
 * on this CPU.
 */
static int polled_waits(FIXTURE_DATA(spin) *self, int cpu)
{
	struct ipcchan_msghdr h;
	int i, polled = 0;
	uint32_t value;
	int64_t took;

	for (i = 0; i < TIMES; i++) {
		if (renew(self, cpu))
			return -1;
		h = (struct ipcchan_msghdr) { .buf = (uintptr_t)&value, .len = sizeof(value) };
		took = cpu_ns();
		if (xfer_recv(self->fd, &h, 1, 0, 5 * SPIN) != -ETIMEDOUT)
			return -1;
		took = cpu_ns() - took;
		polled += took > SPIN * 9 / 10;
	}
	return polled;
}

/* Many of the waits poll to their end. */
static void expect_polled(struct __test_metadata *_metadata, FIXTURE_DATA(spin) *self)
{
	int polled = polled_waits(self, self->cpu[1]);

	TH_LOG("polled in %d of %d waits", polled, TIMES);
	EXPECT_LT(TIMES / 4, polled);
}

TEST_F(spin, for_another_cpu)
{
	if (!can_be_timed(_metadata, self, 2))
		return;
	expect_polled(_metadata, self);
	EXPECT_GT(2 * SPIN, shortest_wait(self, self->cpu[1], 5 * SPIN, -ETIMEDOUT, true,
					  2 * SPIN));
}

TEST_F(spin, for_a_publisher)
{
	if (!can_be_timed(_metadata, self, 2))
		return;
	self->kind = IPCCHAN_KIND_BROADCAST;
	expect_polled(_metadata, self);
}

/* @cpu is whence something was sent before, or -1 for nowhere. */
static void expect_not_polled(struct __test_metadata *_metadata, FIXTURE_DATA(spin) *self,
			      int cpu)
{
	int64_t took;

	if (!can_be_timed(_metadata, self, 1))
		return;
	took = shortest_wait(self, cpu, 2 * SPIN, -ETIMEDOUT, true, SPIN / 2);
	EXPECT_LT(0, took);
	EXPECT_GT(SPIN / 2, took);
}

TEST_F(spin, not_for_the_same)
{
	expect_not_polled(_metadata, self, self->cpu[0]);
}

TEST_F(spin, not_for_nobody)
{
	expect_not_polled(_metadata, self, -1);
}

TEST_F(spin, not_longer_than_it_waits)
{
	int64_t took;

	if (!can_be_timed(_metadata, self, 2))
		return;
	took = shortest_wait(self, self->cpu[1], 200 * US, -ETIMEDOUT, false,
			     SPIN * 8 / 10);
	EXPECT_LT(0, took);
	EXPECT_GT(SPIN * 8 / 10, took);
}

TEST_F(spin, until_a_signal)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	int64_t took;

	if (!can_be_timed(_metadata, self, 2))
		return;
	on_signal(SIGUSR1, 0);
	ASSERT_EQ(0, timer_create(CLOCK_MONOTONIC, &event, &self->timer));
	self->timed = true;
	took = shortest_wait(self, -1, -1, -EINTR, false, INT64_MAX);
	EXPECT_LT(0, took);
	if (took > SLOW_WAIT)
		SKIP(goto out, TOO_SLOW);
	took = shortest_wait(self, self->cpu[1], -1, -EINTR, false, SPIN * 8 / 10);
	EXPECT_LT(0, took);
	EXPECT_GT(SPIN * 8 / 10, took);
out:
	timer_delete(self->timer);
}

/* One who gives up before that has not polled in vain. */
TEST_F(spin, cut_short_by_its_limit)
{
	struct ipcchan_msghdr h;
	uint32_t value;
	int64_t took;
	int i;

	if (!can_be_timed(_metadata, self, 2))
		return;
	for (i = 0; i < TIMES; i++) {
		ASSERT_EQ(0, renew(self, self->cpu[1]));
		h = (struct ipcchan_msghdr) { .buf = (uintptr_t)&value, .len = sizeof(value) };
		ASSERT_EQ(-ETIMEDOUT, xfer_recv(self->fd, &h, 1, 0, SPIN / 10));
		took = cpu_ns();
		ASSERT_EQ(-ETIMEDOUT, xfer_recv(self->fd, &h, 1, 0, 5 * SPIN));
		took = cpu_ns() - took;
		if (took > SPIN * 9 / 10)
			break;
	}
	EXPECT_LT(SPIN * 9 / 10, took);
}

/* Each one in vain makes it rarer. */
TEST_F(spin, less_and_less_in_vain)
{
	int64_t took = 0, start, one;
	struct ipcchan_msghdr h;
	uint32_t value;
	int i;

	if (!can_be_timed(_metadata, self, 2))
		return;
	ASSERT_EQ(0, renew(self, self->cpu[1]));
	for (i = 0; i < 100; i++) {
		h = (struct ipcchan_msghdr) { .buf = (uintptr_t)&value, .len = sizeof(value) };
		start = cpu_ns();
		ASSERT_EQ(-ETIMEDOUT, xfer_recv(self->fd, &h, 1, 0, 2 * SPIN));
		one = cpu_ns() - start;
		/* More is what an emulated CPU is kept from running. */
		took += one < SPIN ? one : SPIN;
	}
	TH_LOG("polled for %lld us in 100 waits", (long long)took / US);
	EXPECT_LT(2 * SPIN, took);
	EXPECT_GT(60 * SPIN, took);
}

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

#define WAKES	400

/*
 * On the CPU of the one that polls.  Tells by @asleep when it goes to sleep.  Its status:
 * how late it is.
 */
static void other_task(int policy, int cpu, atomic_uint *asleep)
{
	struct sched_param first = { .sched_priority = policy == SCHED_FIFO };
	int64_t late[WAKES], wake;
	struct timespec until;
	int i;

	run_on(cpu);
	if (sched_setscheduler(0, policy, &first))
		_exit(CHILD_ERROR + errno);
	for (i = 0; i < WAKES; i++) {
		wake = now_ns() + 300 * US;
		until.tv_sec = wake / 1000000000;
		until.tv_nsec = wake % 1000000000;
		atomic_store(asleep, 1);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		late[i] = now_ns() - wake;
	}
	qsort(late, WAKES, sizeof(late[0]), by_value);
	/*
	 * In hundredths of the time that is polled.  Polling begins when this one goes to
	 * sleep, and so would hold it up each time; the machine may do that, too, but not so.
	 */
	late[0] = late[WAKES / 2] * 100 / SPIN;
	_exit(late[0] < CHILD_ERROR ? late[0] : CHILD_ERROR - 1);
}

/* Sends once each time that the other one goes to sleep, for ever. */
static void send_at_sleep(int fd, int cpu, atomic_uint *asleep)
{
	run_on(cpu);
	for (;;) {
		while (!atomic_exchange(asleep, 0))
			;
		msg_send_u32(fd, 1);
	}
}

/* Polls for ever, or is as busy with nothing that anybody would wait for. */
static void busy(FIXTURE_DATA(spin) *self, bool polls)
{
	const struct sched_param param = { 0 };
	struct ipcchan_msghdr h;
	uint32_t value;

	if (!polls && sched_setscheduler(0, SCHED_IDLE, &param))
		abort();
	for (;;) {
		h = (struct ipcchan_msghdr) { .buf = (uintptr_t)&value, .len = sizeof(value) };
		if (polls)
			xfer_recv(self->fd, &h, 1, 0, SPIN);
	}
}

/* How late a task of @policy is beside that, in hundredths of SPIN, or CHILD_ERROR */
static int late_beside(FIXTURE_DATA(spin) *self, bool polls, int policy, atomic_uint *asleep)
{
	pid_t pid, task, other;
	int late;

	if (renew(self, self->cpu[1]))
		return CHILD_ERROR;
	other = child_fork();
	if (other == 0)
		send_at_sleep(self->fd, self->cpu[1], asleep);
	task = child_fork();
	if (task == 0)
		other_task(policy, self->cpu[0], asleep);
	pid = child_fork();
	if (pid == 0)
		busy(self, polls);
	late = child_wait(task);
	child_kill(other);
	child_kill(pid);
	return late;
}

/*
 * Return: 1 if the task is in time, 0 if not, twice where it is beside other busy ones, -1 if it
 * is not beside those either, for the machine is too slow or busy itself.
 */
static int is_in_time(struct __test_metadata *_metadata, FIXTURE_DATA(spin) *self, int policy)
{
	atomic_uint *asleep = mmap(NULL, sizeof(*asleep), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int before, late, after = 0, i, misses = 0, ret = -1;

	if (asleep == MAP_FAILED)
		abort();
	for (i = 0; i < 5 && ret < 1; i++) {
		before = late_beside(self, false, policy, asleep);
		late = late_beside(self, true, policy, asleep);
		if (late >= 40)
			after = late_beside(self, false, policy, asleep);
		TH_LOG("late by %d, %d, %d %% of what it might be", before, late, after);
		if (before >= CHILD_ERROR || late >= CHILD_ERROR || after >= CHILD_ERROR)
			return 0;
		if (late < 40)
			ret = 1;
		else if (before < 20 && after < 20 && ++misses == 2)
			ret = 0;
	}
	munmap(asleep, sizeof(*asleep));
	return ret;
}

static void expect_in_time(struct __test_metadata *_metadata, FIXTURE_DATA(spin) *self,
			   int policy)
{
	int in_time;

	if (!can_be_timed(_metadata, self, 2))
		return;
	in_time = is_in_time(_metadata, self, policy);
	if (in_time < 0)
		SKIP(return, TOO_SLOW);
	EXPECT_EQ(1, in_time);
}

TEST_F(spin, not_against_urgent_ones)
{
	expect_in_time(_metadata, self, SCHED_FIFO);
}

TEST_F(spin, not_against_others)
{
	expect_in_time(_metadata, self, SCHED_OTHER);
}

TEST(parameter)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON };
	struct ipcchan_attach none = {
		.flags = IPCCHAN_ATTACH_ANON, .spin_ns = IPCCHAN_SPIN_NONE,
	};
	static const unsigned long set[] = { 0, 5000, SPIN, 5 * SPIN, ~0u };
	static const uint32_t got[] = { 0, 5000, SPIN, SPIN, SPIN };
	struct ipcchan_info info;
	unsigned int i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(set); i++) {
		ASSERT_EQ(0, param_set("spin_ns", set[i]));
		fd = chan_open(O_RDWR, &a);
		ASSERT_LE(0, fd);
		EXPECT_EQ(0, chan_info(fd, &info));
		EXPECT_EQ(got[i], info.spin_ns);
		close(fd);
		fd = chan_open(O_RDWR, &none);
		ASSERT_LE(0, fd);
		EXPECT_EQ(0, chan_info(fd, &info));
		EXPECT_EQ(0, info.spin_ns);
		close(fd);
		param_restore();
	}
}

TEST_HARNESS_MAIN
