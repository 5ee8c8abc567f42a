// SPDX-License-Identifier: GPL-2.0
/* What a waiter does before it sleeps: polls for another CPU, lets its own one go on. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
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

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		abort();
}

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
	int cpu[2], cpus = find_cpus(cpu);
	long slept, children;
	pid_t server;
	uint32_t i;

	if (variant->apart && cpus < 2)
		SKIP(return, "there is one CPU");
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
		/* An emulated CPU may stand still for longer than is polled. */
		EXPECT_GT(2 * calls - 20, slept + children);
	}
}

FIXTURE(spin) {
	int cpu[2];
	int cpus;
	int fd;
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

/*
 * The shortest of some waits in vain, on which the machine has least to say.
 * Return: nanoseconds, of the CPU with @used.
 */
static int64_t shortest_wait(FIXTURE_DATA(spin) *self, int64_t timeout_ns, int err, bool used)
{
	int64_t best = INT64_MAX, start, took;
	struct ipcchan_msghdr h;
	uint32_t value;
	int i, ret;

	for (i = 0; i < TIMES; i++) {
		h = (struct ipcchan_msghdr) { .buf = (uintptr_t)&value, .len = sizeof(value) };
		start = used ? cpu_ns() : (int64_t)now_ns();
		ret = xfer_recv(self->fd, &h, 1, 0, timeout_ns);
		took = (used ? cpu_ns() : (int64_t)now_ns()) - start;
		if (ret != err)
			return -1;
		if (took < best)
			best = took;
	}
	return best;
}

TEST_F(spin, for_another_cpu)
{
	int64_t took;

	if (self->cpus < 2)
		SKIP(return, "there is one CPU");
	ASSERT_EQ(0, expect_from(self, self->cpu[1]));
	took = shortest_wait(self, 5 * SPIN, -ETIMEDOUT, true);
	EXPECT_LT(SPIN * 9 / 10, took);
	EXPECT_GT(2 * SPIN, took);
}

TEST_F(spin, not_for_the_same)
{
	ASSERT_EQ(0, expect_from(self, self->cpu[0]));
	EXPECT_GT(SPIN / 2, shortest_wait(self, 2 * SPIN, -ETIMEDOUT, true));
}

TEST_F(spin, not_for_nobody)
{
	EXPECT_GT(SPIN / 2, shortest_wait(self, 2 * SPIN, -ETIMEDOUT, true));
}

TEST_F(spin, not_longer_than_it_waits)
{
	if (self->cpus < 2)
		SKIP(return, "there is one CPU");
	ASSERT_EQ(0, expect_from(self, self->cpu[1]));
	EXPECT_GT(SPIN * 8 / 10, shortest_wait(self, 200 * US, -ETIMEDOUT, false));
}

TEST_F(spin, until_a_signal)
{
	struct itimerspec every = { .it_value.tv_nsec = 250 * US, .it_interval.tv_nsec = 250 * US };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	timer_t timer;

	if (self->cpus < 2)
		SKIP(return, "there is one CPU");
	ASSERT_EQ(0, expect_from(self, self->cpu[1]));
	on_signal(SIGUSR1, 0);
	ASSERT_EQ(0, timer_create(CLOCK_MONOTONIC, &event, &timer));
	ASSERT_EQ(0, timer_settime(timer, 0, &every, NULL));
	EXPECT_GT(SPIN * 8 / 10, shortest_wait(self, -1, -EINTR, false));
	timer_delete(timer);
}

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Of real-time priority, on the CPU of the one that polls.  Its status: how late it is. */
static void urgent(int cpu)
{
	struct sched_param first = { .sched_priority = 1 };
	int64_t late[TIMES], wake;
	struct timespec until;
	int i;

	run_on(cpu);
	if (sched_setscheduler(0, SCHED_FIFO, &first))
		_exit(CHILD_ERROR + errno);
	for (i = 0; i < TIMES; i++) {
		wake = now_ns() + 300 * US;
		until.tv_sec = wake / 1000000000;
		until.tv_nsec = wake % 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		late[i] = now_ns() - wake;
	}
	qsort(late, TIMES, sizeof(late[0]), by_value);
	/*
	 * In hundredths of the time that is polled.  Polling begins when this one goes to
	 * sleep, and so would hold it up each time; the machine may do that, too, but not so.
	 */
	late[0] = late[TIMES / 8] * 100 / SPIN;
	_exit(late[0] < CHILD_ERROR ? late[0] : CHILD_ERROR - 1);
}

TEST_F(spin, not_against_others)
{
	struct ipcchan_msghdr h;
	uint32_t value;
	pid_t pid, first;
	int late;

	if (self->cpus < 2)
		SKIP(return, "there is one CPU");
	ASSERT_EQ(0, expect_from(self, self->cpu[1]));
	pid = child_fork();
	if (pid == 0) {
		for (;;) {
			h = (struct ipcchan_msghdr) {
				.buf = (uintptr_t)&value, .len = sizeof(value),
			};
			xfer_recv(self->fd, &h, 1, 0, SPIN);
		}
	}
	first = child_fork();
	if (first == 0)
		urgent(self->cpu[0]);
	late = child_wait(first);
	child_kill(pid);
	TH_LOG("late by %d %% of what it might be", late);
	EXPECT_GT(40, late);
}

TEST(parameter)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .spin_ns = IPCCHAN_SPIN_DEFAULT,
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
		param_restore();
	}
}

TEST_HARNESS_MAIN
