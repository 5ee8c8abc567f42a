// SPDX-License-Identifier: GPL-2.0
/*
 * The module comes and goes while programs use it, or try to: they find no device and no
 * family, or one that works.  IPCCHAN_KO is its file.  It is loaded anew at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "event.h"
#include "genl.h"
#include "storm.h"
#include "util.h"

#include "harness.h"

#define KO		"/vm/ipcchan.ko"
#define ENOUGH		3	/* times that it went */
#define OPENED		20	/* times that it was used */
#define PROCESSES	5

static struct coming {
	bool stop;
	uint32_t opened;
	uint32_t refused;
	uint32_t dumps;
	uint32_t events;
	uint32_t fault;
	int why;
} *all;

static void fault_at(uint32_t line, int why)
{
	if (!all->fault)
		all->why = why;
	all->fault = all->fault ? all->fault : line;
}

#define FAULT(why)	fault_at(__LINE__, why)

static void one_more(uint32_t *nr)
{
	__atomic_fetch_add(nr, 1, __ATOMIC_RELAXED);
}

static bool goes_on(void)
{
	return !__atomic_load_n(&all->stop, __ATOMIC_RELAXED);
}

/* Once it is open it stays. */
static void use(unsigned int *seed)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .buf_size = 4096 };
	const uint32_t value = rand_r(seed);
	int fd = chan_open(O_RDWR, &a), err;
	int64_t got;

	if (fd == -ENOENT || fd == -ENXIO || fd == -ENODEV) {
		one_more(&all->refused);
		return;
	}
	err = fd < 0 ? fd : msg_send_u32(fd, value);
	if (err) {
		FAULT(err);
		return;
	}
	usleep(rand_r(seed) % 300);
	got = msg_recv_u32(fd);
	if (got != value)
		FAULT(got);
	close(fd);
	one_more(&all->opened);
}

static void hear(struct nlmsghdr *nlh, void *arg)
{
	(void)nlh;
	(void)arg;
}

/* The family may go, and come back with another number, between any two of these. */
static void list(struct genl **g)
{
	int ret;

	if (!*g)
		*g = genl_open();
	if (!*g)
		return;
	ret = genl_each(*g, genl_msg(*g, IPCCHAN_CMD_GET, NLM_F_DUMP), hear, NULL);
	if (ret >= 0) {
		one_more(&all->dumps);
		return;
	}
	if (ret != -ENOENT && ret != -EOPNOTSUPP && ret != -EPROTONOSUPPORT && ret != -EIO)
		FAULT(ret);
	genl_close(*g);
	*g = NULL;
}

/* Some of them are in the group while it goes. */
static void listen_to_all(struct events **e, unsigned int *seed)
{
	struct event ev;

	if (!*e)
		*e = events_open();
	if (*e && !events_next(*e, &ev, 1))
		one_more(&all->events);
	if (rand_r(seed) % 8 == 0) {
		events_close(*e);
		*e = NULL;
	}
}

static pid_t start(unsigned int nr, unsigned int seed)
{
	pid_t pid = child_fork();
	struct events *e = NULL;
	struct genl *g = NULL;

	if (pid)
		return pid;
	while (goes_on()) {
		if (nr < PROCESSES - 2)
			use(&seed);
		else if (nr < PROCESSES - 1)
			list(&g);
		else
			listen_to_all(&e, &seed);
		/* There are moments at which nobody does. */
		usleep(rand_r(&seed) % 8000);
	}
	genl_close(g);
	events_close(e);
	_exit(0);
}

static int load(const char *ko)
{
	int fd = open(ko, O_RDONLY | O_CLOEXEC);
	int ret = fd < 0 || syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;

	close(fd);
	return ret;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "ipcchan", O_NONBLOCK) ? -errno : 0;
}

FIXTURE(unload) {
	const char *ko;
	pid_t pid[PROCESSES];
	unsigned int seed;
};

FIXTURE_SETUP(unload)
{
	const char *seed = getenv("IPCCHAN_TEST_SEED");

	self->ko = getenv("IPCCHAN_KO") ?: KO;
	all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, all);
	self->seed = seed ? strtoul(seed, NULL, 0) : now_ns() / 1000;
	TH_LOG("seed %u", self->seed);
}

FIXTURE_TEARDOWN(unload)
{
	munmap(all, sizeof(*all));
}

/* Return: whether it went. */
static bool go_and_come(struct __test_metadata *_metadata, FIXTURE_DATA(unload) *self)
{
	int ret = unload();

	if (ret) {
		/* Somebody has it open, or is about to look at it. */
		EXPECT_TRUE(ret == -EAGAIN || ret == -EBUSY) TH_LOG("unload: %d", ret);
		return false;
	}
	usleep(rand_r(&self->seed) % 3000);
	ASSERT_EQ(0, load(self->ko));
	return true;
}

TEST_F_TIMEOUT(unload, while_programs_run, 180)
{
	uint64_t end = now_ns() + test_scale(5000) * 1000000ull;
	uint32_t gone = 0, refused = 0, i;
	struct storm_calm calm;

	if (access(self->ko, R_OK))
		SKIP(return, "no %s to load again: set IPCCHAN_KO", self->ko);
	for (i = 0; i < PROCESSES; i++)
		self->pid[i] = start(i, self->seed * 7919 + i);
	while (test_goes_on(end, gone >= ENOUGH && all->opened >= OPENED && all->dumps) &&
	       !all->fault) {
		usleep(rand_r(&self->seed) % 1000);
		if (go_and_come(_metadata, self))
			gone++;
		else
			refused++;
	}
	all->stop = true;
	for (i = 0; i < PROCESSES; i++) {
		EXPECT_EQ(0, child_wait(self->pid[i]));
	}
	TH_LOG("gone %u times, in use %u times; opened %u times, not there %u times", gone,
	       refused, all->opened, all->refused);
	TH_LOG("%u dumps, %u events", all->dumps, all->events);
	EXPECT_EQ(0, all->fault) TH_LOG("fault seen at line %u: %d", all->fault, all->why);
	EXPECT_LE(ENOUGH, gone);
	/* Nobody uses it any more, so it goes, and comes back as new. */
	EXPECT_EQ(0, unload());
	ASSERT_EQ(0, load(self->ko));
	ASSERT_EQ(0, storm_calm(&calm));
	EXPECT_EQ(0, calm.users);
	EXPECT_EQ(0, calm.chans);
}

TEST_HARNESS_MAIN
