// SPDX-License-Identifier: GPL-2.0
/*
 * Hardly any memory: with a hog on the machine, and in a memory cgroup where senders and
 * receivers are killed for it.  A call may fail then, and has no effect.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cgroup.h"
#include "storm.h"
#include "util.h"

#include "harness.h"

#define EACH		3	/* senders, and receivers */
#define ENOUGH		60	/* messages */
#define LARGE		60000	/* bytes of one that is */
#define STEP		(2l << 20)
#define REGION		(16l << 30)	/* more than there is */
/* The hog leaves so much, in KiB of what the kernel calls available. */
#define LEAST		(32l << 10)
#define MOST		(40l << 10)

FIXTURE(memory) {
	struct storm *s;
	struct storm_calm calm;
	pid_t hog;
};

/* What is behind the message says its sum, at the end. */
static int large_send(struct storm_actor *a)
{
	static uint32_t buf[LARGE / 4];
	const uint32_t words = sizeof(struct storm_msg) / 4 + 1 +
			       storm_rand(a, (LARGE - sizeof(struct storm_msg)) / 4 - 1);
	struct storm_msg *m = (void *)buf;
	ssize_t ret;

	storm_number(a, m);
	buf[words - 1] = m->sum;
	ret = msg_send(a->fd, buf, words * 4);
	storm_told(a, m, ret < 0 ? STORM_FAILED : STORM_SENT);
	return ret < 0 ? ret : 0;
}

static int large_recv(struct storm_actor *a)
{
	static uint32_t buf[LARGE / 4];
	const struct storm_msg *m = (void *)buf;
	ssize_t ret = msg_recv(a->fd, buf, sizeof(buf));

	if (ret < 0)
		return ret;
	if (buf[ret / 4 - 1] != m->sum)
		STORM_FAULT(a->s, -EBADMSG);
	storm_got(a, 0, m, sizeof(*m));
	return 0;
}

/* In memory that is not kept, but for one: so each takes some anew. */
static const struct storm_way large = {
	.name = "large", .chan = { .max_msgs = 8 }, .send = large_send, .recv = large_recv,
};

FIXTURE_SETUP(memory)
{
	ASSERT_EQ(0, storm_calm(&self->calm));
	self->s = storm_create(&large, EACH, EACH, STORM_SEQS);
	ASSERT_NE(NULL, self->s);
	self->s->allowed[ENOMEM] = true;
}

FIXTURE_TEARDOWN(memory)
{
	if (self->hog > 0)
		child_kill(self->hog);
	storm_free(self->s);
	EXPECT_TRUE(storm_calm_again(&self->calm));
}

static long available_kib(void)
{
	return file_number("/proc", "meminfo", "MemAvailable:");
}

static void touch(char *map, size_t from, size_t len)
{
	for (size_t i = 0; i < len; i += 4096)
		*(volatile char *)(map + from + i) = 1;
}

/* Takes what is too much, and gives back what is too little. */
static pid_t start_hog(void)
{
	pid_t pid = child_fork();
	size_t has = 0;
	char *map;

	if (pid)
		return pid;
	file_write("/proc/self", "oom_score_adj", "1000");
	map = mmap(NULL, REGION, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		_exit(1);
	madvise(map, REGION, MADV_HUGEPAGE);
	for (;;) {
		const long kib = available_kib();

		if (kib > MOST && has < REGION) {
			touch(map, has, STEP);
			has += STEP;
		} else if (kib < LEAST && has) {
			has -= STEP;
			madvise(map + has, STEP, MADV_DONTNEED);
		} else {
			usleep(1000);
		}
	}
}

TEST_F_TIMEOUT(memory, hardly_any_on_the_machine, 180)
{
	uint64_t end = now_ns() + 60000000000ull;

	self->hog = start_hog();
	ASSERT_LT(0, self->hog);
	while (available_kib() > MOST && now_ns() < end)
		sleep_ms(5);
	ASSERT_GE(MOST, available_kib());
	storm_start(self->s);
	end = now_ns() + test_scale(2000) * 1000000ull;
	while (test_goes_on(end, self->s->received >= ENOUGH) && !self->s->fault)
		sleep_ms(5);
	TH_LOG("%ld KiB available", available_kib());
	EXPECT_TRUE(storm_end(self->s));
	EXPECT_LE(ENOUGH, self->s->received);
}

/* Of a memory cgroup. */
static char group[128];
static bool *squeeze;

FIXTURE(oom) {
	struct storm *s;
	struct storm_calm calm;
	int console;	/* level of what it tells */
	int log;	/* what it does not */
	pid_t hog;
};

FIXTURE_VARIANT(oom) {
	const struct storm_way *way;
};

FIXTURE_VARIANT_ADD(oom, words) { &storm_words };
FIXTURE_VARIANT_ADD(oom, fds) { &storm_fds };
FIXTURE_VARIANT_ADD(oom, broadcast) { &storm_broadcast };
FIXTURE_VARIANT_ADD(oom, rpc) { &storm_rpc };

#define CONSOLE_LEVEL	8	/* of klogctl(): SYSLOG_ACTION_CONSOLE_LEVEL */

/*
 * The kernel tells of each task that it kills for memory, with a trace of calls: what looks
 * for complaints of it would take that for one.  It looks at the console: there is nothing
 * to be seen there, but in the log, where this test looks.
 */
FIXTURE_SETUP(oom)
{
	self->console = file_number("/proc/sys/kernel", "printk", NULL);
	ASSERT_LT(0, self->console);
	self->log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, self->log);
	ASSERT_EQ(0, lseek(self->log, 0, SEEK_END));
	squeeze = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, squeeze);
	ASSERT_EQ(0, storm_calm(&self->calm));
	self->s = storm_create(variant->way, EACH, variant->way->all ? 1 : EACH, STORM_SEQS);
	ASSERT_NE(NULL, self->s);
	self->s->allowed[ENOMEM] = true;
}

FIXTURE_TEARDOWN(oom)
{
	if (self->hog > 0)
		child_kill(self->hog);
	rmdir(group);
	/* What is printed by a task of the kernel's own is late. */
	sleep_ms(300);
	klogctl(CONSOLE_LEVEL, NULL, self->console);
	close(self->log);
	storm_free(self->s);
	EXPECT_TRUE(storm_calm_again(&self->calm));
}

/* Who subscribes to all that is sent lives on, outside. */
static void be_killed_first(struct storm *s, uint32_t nr)
{
	if (s->way->all && nr >= s->senders)
		return;
	if (file_write("/proc/self", "oom_score_adj", "1000") ||
	    file_write(group, "cgroup.procs", "0"))
		STORM_FAULT(s, -EIO);
}

/* It takes what there is, when it is told to, and more, and is not killed. */
static pid_t start_squeezer(size_t size)
{
	pid_t pid = child_fork();
	size_t has;
	char *map;

	if (pid)
		return pid;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED || file_write("/proc/self", "oom_score_adj", "-1000") ||
	    file_write(group, "cgroup.procs", "0"))
		_exit(1);
	for (;;) {
		for (has = 0; has < size && __atomic_load_n(squeeze, __ATOMIC_RELAXED);
		     has += 4096)
			touch(map, has, 4096);
		if (__atomic_load_n(squeeze, __ATOMIC_RELAXED))
			usleep(100);
		else if (has)
			madvise(map, size, MADV_DONTNEED);
		else
			usleep(500);
	}
}

/* Return: whether the kernel complains of anything but memory; what is told. */
static bool complains(int log)
{
	static const char *const words[] = {
		"BUG: ", "WARNING: ", "Oops", "cut here", "blocked for more", "refcount_t: ",
		"KASAN: ", "KCSAN: ", "UBSAN: ", "detected stall", "self-detected", "soft lockup",
		"hard LOCKUP", "suspicious RCU", "general protection", "possible circular",
		"possible recursive", "possible irq", "corruption",
	};
	char text[2048];
	bool found = false;
	ssize_t len;
	size_t i;

	while ((len = read(log, text, sizeof(text) - 1)) > 0 || (len < 0 && errno == EPIPE)) {
		text[len > 0 ? len : 0] = '\0';
		for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
			if (strstr(text, words[i])) {
				fprintf(stderr, "# the kernel: %s", text);
				found = true;
			}
		}
	}
	return found;
}

/* Until somebody is killed for it. */
static uint32_t squeeze_once(struct storm *s)
{
	const uint64_t end = now_ns() + 2000000000ull;
	uint32_t killed = 0;

	__atomic_store_n(squeeze, true, __ATOMIC_RELAXED);
	while (!killed && now_ns() < end && !s->fault) {
		usleep(500);
		killed = storm_reap(s);
	}
	__atomic_store_n(squeeze, false, __ATOMIC_RELAXED);
	return killed;
}

TEST_F_TIMEOUT(oom, kills, 180)
{
	uint64_t end = now_ns() + test_scale(2000) * 1000000ull;
	unsigned int seed = self->s->seed;
	long kills = 0, told, before;
	char limit[32];
	int err;

	err = cgroup_mount("+memory");
	if (!err)
		err = cgroup_make(group, "oom");
	if (err)
		SKIP(return, "no memory cgroup: %s", strerror(-err));
	self->s->begin = be_killed_first;
	storm_start(self->s);
	self->hog = start_squeezer(16 << 20);
	sleep_ms(50);
	snprintf(limit, sizeof(limit), "%ld",
		 file_number(group, "memory.current", NULL) + (4l << 20));
	ASSERT_EQ(0, klogctl(CONSOLE_LEVEL, NULL, 1));
	ASSERT_EQ(0, file_write(group, "memory.max", limit));
	while (test_goes_on(end, self->s->received >= ENOUGH && kills >= 5) &&
	       !self->s->fault) {
		kills += squeeze_once(self->s);
		usleep(rand_r(&seed) % 20000);
	}
	ASSERT_EQ(0, file_write(group, "memory.max", "max"));
	/* Those who are about to die, also at the hand of one who found no memory just before. */
	end = now_ns() + 10000000000ull;
	told = file_number(group, "memory.events", "oom_kill");
	do {
		before = told;
		sleep_ms(500);
		kills += storm_reap(self->s);
		told = file_number(group, "memory.events", "oom_kill");
	} while ((kills < told || told != before) && now_ns() < end);
	TH_LOG("%ld were killed, of %ld", kills, told);
	EXPECT_TRUE(storm_end(self->s));
	EXPECT_LE(ENOUGH, self->s->received);
	EXPECT_LE(5, kills);
	EXPECT_FALSE(complains(self->log));
}

TEST_HARNESS_MAIN
