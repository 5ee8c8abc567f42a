// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps while channels and endpoints come and go: what lived throughout is in it once,
 * what came later is not, and that something changed is told.
 */
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

#include "harness.h"

#define STAY	150	/* channels that stay, among as many that come and go */

FIXTURE(churn) {
	struct genl *g;
	int fd[STAY];
	uint32_t id[STAY];
	uint32_t ep[STAY];
	int seen[STAY];
};

/* Each between two that will be gone. */
FIXTURE_SETUP(churn)
{
	struct ipcchan_info info;
	int i, gone;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->g = genl_open();
	ASSERT_NE(NULL, self->g);
	for (i = 0; i < STAY; i++) {
		gone = chan_anon(NULL);
		self->fd[i] = chan_anon(NULL);
		ASSERT_LE(0, self->fd[i]);
		ASSERT_EQ(0, chan_info(self->fd[i], &info));
		self->id[i] = info.id;
		close(gone);
	}
}

FIXTURE_TEARDOWN(churn)
{
	genl_close(self->g);
}

static atomic_bool stop;
static atomic_uint rounds;

/* In the same network namespace: those of a thread are its process's. */
static void *come_and_go(void *arg)
{
	int fd[8], i;

	(void)arg;
	while (!stop) {
		for (i = 0; i < 8; i++)
			fd[i] = chan_anon(NULL);
		for (i = 0; i < 8; i++)
			close(fd[i]);
		rounds++;
	}
	return NULL;
}

/* By the id of the channel, which in an endpoint is another attribute. */
struct count {
	const uint32_t *id;
	int *seen;
	int type;
	uint32_t newest;
	int newer;
};

static void count_one(struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *a = nlmsg_find_attr(nlh, GENL_HDRLEN, ((struct count *)arg)->type);
	struct count *c = arg;
	int i;

	if (!a)
		return;
	c->newer += nla_get_u32(a) > c->newest;
	for (i = 0; i < STAY; i++)
		c->seen[i] += c->id[i] == nla_get_u32(a);
}

static void once_each(struct __test_metadata *_metadata, FIXTURE_DATA(churn) *self, int cmd,
		      int type)
{
	struct count c = { self->id, self->seen, type, ~0u, 0 };
	unsigned int from, told = 0, dumps;
	pthread_t thread;
	int i;

	stop = false;
	ASSERT_EQ(0, pthread_create(&thread, NULL, come_and_go, NULL));
	for (dumps = 0; dumps < 200 && told < 3; dumps++) {
		memset(self->seen, 0, sizeof(self->seen));
		from = rounds;
		ASSERT_LE(STAY, genl_each(self->g, genl_msg(self->g, cmd, NLM_F_DUMP),
					  count_one, &c));
		for (i = 0; i < STAY; i++)
			ASSERT_EQ(1, self->seen[i]) TH_LOG("dump %u, channel %d", dumps, i);
		told += rounds != from && genl_interrupted(self->g);
	}
	EXPECT_EQ(3, told);
	stop = true;
	pthread_join(thread, NULL);
	/* With nothing going on nothing is told. */
	ASSERT_EQ(STAY, genl_each(self->g, genl_msg(self->g, cmd, NLM_F_DUMP), count_one, &c));
	EXPECT_FALSE(genl_interrupted(self->g));
}

TEST_F_TIMEOUT(churn, channels, 60)
{
	once_each(_metadata, self, IPCCHAN_CMD_GET, IPCCHAN_A_ID);
}

TEST_F_TIMEOUT(churn, endpoints, 60)
{
	once_each(_metadata, self, IPCCHAN_CMD_EP_GET, IPCCHAN_A_EP_CHAN);
}

/* The kernel makes none that is longer. */
#define PART	32768

/* Between two parts of a dump, in a known order: a raw socket that reads as it likes. */
static ssize_t read_part(int fd, struct count *c, bool *intr, bool *done)
{
	struct nlmsghdr buf[PART / NLMSG_HDRLEN], *nlh = buf;
	ssize_t len = recv(fd, buf, sizeof(buf), 0);
	int left = len;

	for (; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
		*intr |= nlh->nlmsg_flags & NLM_F_DUMP_INTR;
		if (nlh->nlmsg_type == NLMSG_DONE)
			*done = true;
		else
			count_one(nlh, c);
	}
	return len;
}

TEST_F(churn, between_two_parts)
{
	struct count c = { self->id, self->seen, IPCCHAN_A_ID, self->id[STAY - 1], 0 };
	struct nl_msg *msg = genl_msg(self->g, IPCCHAN_CMD_GET, NLM_F_DUMP);
	bool intr = false, done = false;
	int fd = genl_fd(self->g), small = 1, i;
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	/* The least that there is: the dump stops, and goes on, more often. */
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_REQUEST;
	ASSERT_LT(0, sendto(fd, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len, 0,
			    (const struct sockaddr *)&kernel, sizeof(kernel)));
	nlmsg_free(msg);
	ASSERT_LT(0, read_part(fd, &c, &intr, &done));
	EXPECT_FALSE(intr);
	EXPECT_EQ(1, self->seen[0]);
	EXPECT_EQ(0, self->seen[STAY - 1]);
	ASSERT_FALSE(done);
	/* One that was told goes, as does the last one; and new ones come. */
	close(self->fd[0]);
	close(self->fd[STAY - 1]);
	for (i = 0; i < 20; i++)
		ASSERT_LE(0, chan_anon(NULL));
	while (!done)
		ASSERT_LT(0, read_part(fd, &c, &intr, &done));
	EXPECT_TRUE(intr);
	for (i = 0; i < STAY - 1; i++)
		EXPECT_EQ(1, self->seen[i]) TH_LOG("channel %d", i);
	EXPECT_EQ(0, self->seen[STAY - 1]);
	EXPECT_EQ(0, c.newer);
}

TEST_HARNESS_MAIN
