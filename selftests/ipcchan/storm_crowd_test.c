// SPDX-License-Identifier: GPL-2.0
/*
 * Many: a thousand processes on one channel, of each kind, and a hundred thousand channels;
 * what they take is given back.
 */
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "genl.h"
#include "storm.h"
#include "util.h"

#include "harness.h"

#define PROCESSES	1000
#define CHANNELS	100000
#define EACH_SENDS	12
#define USED		64	/* one of so many is used */
#define NAME		"kselftest-many-%u"

FIXTURE(crowd) {
	struct storm *s;
	struct storm_calm calm;
};

/* As many of these, and all others are of the other side; neither: half and half */
FIXTURE_VARIANT(crowd) {
	const struct storm_way *way;
	uint32_t senders;
	uint32_t receivers;
};

FIXTURE_VARIANT_ADD(crowd, words) { &storm_words, 0, 0 };
FIXTURE_VARIANT_ADD(crowd, one_receiver) { &storm_words, 0, 1 };
FIXTURE_VARIANT_ADD(crowd, one_sender) { &storm_batch, 1, 0 };
FIXTURE_VARIANT_ADD(crowd, broadcast) { &storm_broadcast, 4, 0 };
FIXTURE_VARIANT_ADD(crowd, rpc) { &storm_rpc, 0, 0 };
FIXTURE_VARIANT_ADD(crowd, one_server) { &storm_rpc, 0, 1 };

FIXTURE_SETUP(crowd)
{
	const uint32_t all = test_scale(PROCESSES);
	const uint32_t senders = variant->senders ? variant->senders :
				 variant->receivers ? all - variant->receivers : all / 2;

	ASSERT_EQ(0, storm_calm(&self->calm));
	self->s = storm_create(variant->way, senders, all - senders,
			       EACH_SENDS * (variant->senders ? 4 : 1));
	ASSERT_NE(NULL, self->s);
	self->s->patient = true;
}

FIXTURE_TEARDOWN(crowd)
{
	storm_free(self->s);
	EXPECT_TRUE(storm_calm_again(&self->calm));
}

/* All say what they have to say. */
TEST_F_TIMEOUT(crowd, all_are_heard, 240)
{
	const uint32_t nr = self->s->senders * (self->s->seqs - STORM_BATCH + 1);
	const uint32_t copies = variant->way->all ? self->s->receivers : 1;
	uint64_t end = now_ns() + 180000000000ull;

	storm_start(self->s);
	while (self->s->received < nr * copies && !self->s->fault && now_ns() < end)
		sleep_ms(10);
	EXPECT_TRUE(storm_end(self->s));
	EXPECT_LE(nr * copies, self->s->received);
}

static long slab_kib(void)
{
	return file_number("/proc", "meminfo", "Slab:");
}

static int make(uint32_t i)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL, .max_msgs = 4,
		.role = IPCCHAN_ROLE_SEND,
	};
	int fd = dev_open(O_WRONLY), ret;

	snprintf(a.name, sizeof(a.name), NAME, i);
	ret = do_ioctl(fd, IPCCHAN_IOC_ATTACH, &a);
	if (!ret && i % USED == 0)
		ret = msg_send_u32(fd, i);
	close(fd);
	return ret;
}

static int use(uint32_t i)
{
	char name[IPCCHAN_NAME_SIZE];
	int fd, ret;

	snprintf(name, sizeof(name), NAME, i);
	fd = chan_named(name, O_RDWR, 0);
	if (fd < 0)
		return fd;
	ret = msg_recv_u32(fd) == i ? msg_send_u32(fd, ~i) : -EBADMSG;
	close(fd);
	return ret;
}

static int end(uint32_t i)
{
	char name[IPCCHAN_NAME_SIZE];

	snprintf(name, sizeof(name), NAME, i);
	return chan_unlink(name);
}

static void count_one(struct nlmsghdr *nlh, void *arg)
{
	(void)nlh;
	++*(uint32_t *)arg;
}

/* Nobody else has any, or those who do stay. */
static int64_t count_all(void)
{
	struct genl *g = genl_open();
	uint32_t nr = 0;
	int ret = -EIO;

	if (g)
		ret = genl_each(g, genl_msg(g, IPCCHAN_CMD_GET, NLM_F_DUMP), count_one, &nr);
	genl_close(g);
	return ret < 0 ? ret : (int64_t)nr;
}

/* What is freed when nobody looks any more is freed soon. */
static bool slab_below(long kib)
{
	const uint64_t end = now_ns() + 20000000000ull;

	while (slab_kib() > kib) {
		if (now_ns() > end)
			return false;
		sleep_ms(50);
	}
	return true;
}

FIXTURE(channels) {
	struct storm_calm calm;
};

FIXTURE_SETUP(channels)
{
	ASSERT_EQ(0, storm_calm(&self->calm));
}

FIXTURE_TEARDOWN(channels)
{
	EXPECT_TRUE(storm_calm_again(&self->calm));
}

TEST_F_TIMEOUT(channels, come_and_go, 240)
{
	const uint32_t nr = test_scale(CHANNELS);
	int64_t others;
	long before, most;
	uint32_t i;

	others = count_all();
	ASSERT_LE(0, others);
	before = slab_kib();
	for (i = 0; i < nr; i++)
		ASSERT_EQ(0, make(i)) TH_LOG("channel %u", i);
	most = slab_kib();
	EXPECT_EQ(others + nr, count_all());
	for (i = 0; i < nr; i += USED)
		ASSERT_EQ(0, use(i)) TH_LOG("channel %u", i);
	for (i = 0; i < nr; i++)
		ASSERT_EQ(0, end(i)) TH_LOG("channel %u", i);
	EXPECT_EQ(others, count_all());
	/*
	 * Objects of others that came to lie between them keep a page here and there.  A kernel
	 * that checks memory keeps all of what is freed for some time.
	 */
	EXPECT_TRUE(test_slow() || slab_below(before + (most - before) / 8));
	TH_LOG("slab: %ld KiB, %ld KiB with %u channels, %ld KiB", before, most, nr, slab_kib());
}

TEST_HARNESS_MAIN
