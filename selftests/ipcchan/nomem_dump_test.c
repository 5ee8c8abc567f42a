// SPDX-License-Identifier: GPL-2.0
/* As nomem_test.c, of netlink dumps: one that is not told to have failed is whole. */
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "genl.h"
#include "nomem.h"
#include "place.h"
#include "util.h"

#define NO_ANSWER	(-EIO)	/* as genl_each() says it */
#define CHANS		40	/* several parts of a dump */

FIXTURE(nomem) {
	struct genl *g;		/* of one dump alone */
	struct nl_msg *msg;
	int nth;		/* of nomem_open() */
	int fd[CHANS];		/* each with a buffer, and a block of it */
	int pool;		/* an endpoint that has one */
	int rows;		/* that came */
	int expected;
	uint8_t cmd;
	int filter;		/* an attribute, or 0 */
	uint32_t value;		/* of it */
};

FIXTURE_SETUP(nomem)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .buf_size = page_size(),
		.options = IPCCHAN_OPT_LOANS,
	};
	int i;

	self->nth = nomem_open();
	if (self->nth < 0)
		return;
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	for (i = 0; i < CHANS; i++) {
		self->fd[i] = chan_open(O_RDWR, &a);
		ASSERT_LE(0, self->fd[i]);
		ASSERT_LE(0, loan(self->fd[i], 1, 0, 0));
	}
	self->pool = chan_peer(self->fd[0], O_RDONLY);
	ASSERT_EQ(0, pool(self->pool, 1, IPCCHAN_POOL_COPY, 1));
}

FIXTURE_TEARDOWN(nomem)
{
	genl_close(self->g);
}

static void prepare(FIXTURE_DATA(nomem) *self)
{
	genl_close(self->g);
	self->g = genl_open();
	if (!self->g)
		abort();
	self->msg = genl_msg(self->g, self->cmd, NLM_F_DUMP);
	if (self->filter)
		nla_put_u32(self->msg, self->filter, self->value);
	self->rows = 0;
}

static void count_row(struct nlmsghdr *nlh, void *arg)
{
	(void)nlh;
	++*(int *)arg;
}

static int call(FIXTURE_DATA(nomem) *self)
{
	return genl_each(self->g, self->msg, count_row, &self->rows);
}

static int check(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0) {
		prepare(self);
		ret = call(self);
	}
	return ret != self->expected || self->rows != self->expected;
}

static void every_dump(struct __test_metadata *_metadata, FIXTURE_DATA(nomem) *self,
		       uint8_t cmd, int expected)
{
	const struct op op = { prepare, call, check };

	self->cmd = cmd;
	self->expected = expected;
	every_failure_or(_metadata, self, self->nth, &op, 5, NO_ANSWER);
}

TEST_F(nomem, all)
{
	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_dump(_metadata, self, IPCCHAN_CMD_GET, CHANS);
	every_dump(_metadata, self, IPCCHAN_CMD_EP_GET, CHANS + 1);
	every_dump(_metadata, self, IPCCHAN_CMD_BUF_GET, CHANS + 1);
	every_dump(_metadata, self, IPCCHAN_CMD_LOAN_GET, CHANS);
}

/* The user of all that is here. */
TEST_F(nomem, filtered)
{
	if (self->nth < 0)
		SKIP(return, NO_NTH);
	self->filter = IPCCHAN_A_UID;
	every_dump(_metadata, self, IPCCHAN_CMD_GET, CHANS);
	self->filter = IPCCHAN_A_EP_UID;
	every_dump(_metadata, self, IPCCHAN_CMD_EP_GET, CHANS + 1);
	self->filter = IPCCHAN_A_QUOTA_UID;
	every_dump(_metadata, self, IPCCHAN_CMD_QUOTA_GET, 1);
}

TEST_HARNESS_MAIN
