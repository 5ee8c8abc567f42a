// SPDX-License-Identifier: GPL-2.0
/*
 * Channels that are created, found, changed and removed by name, by many at once, while
 * others list them all: each name is created as often as it is removed, a dump has nothing
 * twice, and what is attached works whatever becomes of its name.
 */
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event.h"
#include "genl.h"
#include "storm.h"
#include "util.h"

#include "harness.h"

#define NAMES		3
#define PROCESSES	6	/* of those who create, use and remove */
#define ENOUGH		100	/* channels created */
#define DUMP		256

static struct names {
	bool stop;
	uint32_t created;
	uint32_t removed;
	uint32_t attached;
	uint32_t changed;
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

static void name_of(char name[IPCCHAN_NAME_SIZE], unsigned int *seed)
{
	snprintf(name, IPCCHAN_NAME_SIZE, "storm-%u", rand_r(seed) % NAMES);
}

/* Whoever has it open, and whatever its name is for by now, a message goes through. */
static void use(int fd)
{
	const uint32_t id = getpid();
	struct ipcchan_info info;
	int64_t got;
	int err;

	/* Others may receive it, and what they have sent be received here. */
	err = label_send(fd, id, 0, 0, IPCCHAN_XFER_NONBLOCK);
	if (err && err != -EAGAIN)
		FAULT(err);
	got = label_recv(fd, NULL, IPCCHAN_XFER_NONBLOCK);
	if (got < 0 && got != -EAGAIN)
		FAULT(got);
	if (chan_info(fd, &info) || !info.endpoints)
		FAULT(-EINVAL);
}

static void attach(const char *name, uint32_t flags)
{
	int fd = chan_named(name, O_RDWR, flags);

	if (fd < 0) {
		if (fd != (flags ? -EEXIST : -ENOENT))
			FAULT(fd);
		return;
	}
	one_more(flags ? &all->created : &all->attached);
	use(fd);
	close(fd);
}

static void create_by_netlink(struct genl *g, const char *name)
{
	int err = genl_new(g, name);

	if (!err)
		one_more(&all->created);
	else if (err != -EEXIST)
		FAULT(err);
}

static void unlink_it(struct genl *g, const char *name)
{
	int err = g ? genl_del(g, name, 0) : chan_unlink(name);

	if (!err)
		one_more(&all->removed);
	else if (err != -ENOENT)
		FAULT(err);
}

static void change(struct genl *g, const char *name, unsigned int *seed)
{
	struct nl_msg *msg = genl_msg(g, IPCCHAN_CMD_SET, 0);
	int err;

	nla_put_string(msg, IPCCHAN_A_NAME, name);
	nla_put_u32(msg, IPCCHAN_A_MAX_MSGS, 1 + rand_r(seed) % 8);
	nla_put_u32(msg, IPCCHAN_A_MODE, 0600 + rand_r(seed) % 8);
	err = genl_talk(g, msg, NULL, 0);
	if (!err)
		one_more(&all->changed);
	else if (err != -ENOENT)
		FAULT(err);
}

static void live(unsigned int seed)
{
	struct genl *g = genl_open();
	char name[IPCCHAN_NAME_SIZE];

	if (!g)
		FAULT(-EIO);
	while (g && goes_on()) {
		name_of(name, &seed);
		switch (rand_r(&seed) % 8) {
		case 0:
		case 1:
			attach(name, IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL);
			break;
		case 2:
			create_by_netlink(g, name);
			break;
		case 3:
			unlink_it(NULL, name);
			break;
		case 4:
			unlink_it(g, name);
			break;
		case 5:
			change(g, name, &seed);
			break;
		default:
			attach(name, 0);
		}
	}
	genl_close(g);
}

/* A channel has one id, and, while it has a name, that of no other. */
static void look(const struct genl_chan *c, int nr)
{
	int i, j;

	for (i = 0; i < nr; i++) {
		for (j = 0; j < i; j++) {
			if (c[i].id == c[j].id)
				FAULT(-EEXIST);
		}
	}
}

static void hear(struct nlmsghdr *nlh, void *arg)
{
	(void)nlh;
	(void)arg;
}

static void list(unsigned int seed)
{
	static const int cmds[] = {
		IPCCHAN_CMD_EP_GET, IPCCHAN_CMD_BUF_GET, IPCCHAN_CMD_LOAN_GET,
		IPCCHAN_CMD_QUOTA_GET,
	};
	static struct genl_chan c[DUMP];
	struct genl *g = genl_open();
	char name[IPCCHAN_NAME_SIZE];
	int ret;

	while (g && goes_on()) {
		ret = genl_dump(g, c, DUMP);
		if (ret < 0)
			FAULT(ret);
		else
			look(c, ret);
		ret = genl_each(g, genl_msg(g, cmds[rand_r(&seed) % 4], NLM_F_DUMP), hear, NULL);
		if (ret < 0)
			FAULT(ret);
		name_of(name, &seed);
		ret = genl_get(g, name, 0, c);
		if (ret < 0 && ret != -ENOENT)
			FAULT(ret);
		one_more(&all->dumps);
	}
	if (!g)
		FAULT(-EIO);
	genl_close(g);
}

static void listen_to_all(void)
{
	struct events *e = events_open();
	struct event ev;
	int ret;

	while (e && goes_on()) {
		ret = events_next(e, &ev, 10);
		if (ret && ret != -ENOBUFS && ret != -ETIMEDOUT)
			FAULT(ret);
		else if (!ret)
			one_more(&all->events);
	}
	events_close(e);
}

FIXTURE(names) {
	struct storm_calm calm;
	pid_t pid[PROCESSES + 3];
	unsigned int seed;
};

FIXTURE_SETUP(names)
{
	const char *seed = getenv("IPCCHAN_TEST_SEED");

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, storm_calm(&self->calm));
	all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, all);
	self->seed = seed ? strtoul(seed, NULL, 0) : now_ns() / 1000;
	TH_LOG("seed %u", self->seed);
}

FIXTURE_TEARDOWN(names)
{
	munmap(all, sizeof(*all));
}

static pid_t start(FIXTURE_DATA(names) *self, unsigned int nr)
{
	pid_t pid = child_fork();

	self->seed++;
	if (pid)
		return pid;
	if (nr < PROCESSES)
		live(self->seed * 7919);
	else if (nr < PROCESSES + 2)
		list(self->seed * 7919);
	else
		listen_to_all();
	_exit(0);
}

static int count_left(void)
{
	char name[IPCCHAN_NAME_SIZE];
	int i, left = 0;

	for (i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "storm-%d", i);
		left += !chan_unlink(name);
	}
	return left;
}

/* With @kills nobody knows any more who has done what. */
static void weather(struct __test_metadata *_metadata, FIXTURE_DATA(names) *self, bool kills)
{
	uint64_t end = now_ns() + test_scale(3000) * 1000000ull;
	unsigned int i;
	int left;

	for (i = 0; i < PROCESSES + 3; i++)
		self->pid[i] = start(self, i);
	while (test_goes_on(end, all->created >= ENOUGH && all->dumps >= 10) && !all->fault) {
		usleep(rand_r(&self->seed) % 5000);
		i = rand_r(&self->seed) % (PROCESSES + 3);
		if (kills) {
			child_kill(self->pid[i]);
			self->pid[i] = start(self, i);
		}
	}
	all->stop = true;
	for (i = 0; i < PROCESSES + 3; i++) {
		EXPECT_EQ(0, child_wait(self->pid[i]));
	}
	left = count_left();
	TH_LOG("%u created, %u removed, %d left, %u attached, %u changed, %u dumps, %u events",
	       all->created, all->removed, left, all->attached, all->changed, all->dumps,
	       all->events);
	EXPECT_EQ(0, all->fault) TH_LOG("fault seen at line %u: %d", all->fault, all->why);
	if (!kills) {
		EXPECT_EQ(all->created, all->removed + left);
	}
	EXPECT_EQ(0, chan_count());
	EXPECT_LE(ENOUGH, all->created);
	EXPECT_TRUE(storm_calm_again(&self->calm));
}

TEST_F_TIMEOUT(names, created_as_often_as_removed, 120)
{
	weather(_metadata, self, false);
}

TEST_F_TIMEOUT(names, by_those_who_are_killed, 120)
{
	weather(_metadata, self, true);
}

TEST_HARNESS_MAIN
