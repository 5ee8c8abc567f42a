// SPDX-License-Identifier: GPL-2.0
/* libipcchan against the module: blocks and pools. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <ipcchan.h>

#include "mmap_hook.h"
#include "util.h"

#include "harness.h"

#define UNTOUCHED	4711
#define BLOCKS		100

FIXTURE(loan) {
	struct ipcchan *chan;
	struct ipcchan *peer;
	size_t page;
};

FIXTURE_SETUP(loan)
{
	struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_ANON };
	struct ipcchan_opts same = { .flags = IPCCHAN_ATTACH_FD };

	self->page = sysconf(_SC_PAGESIZE);
	opts.buf_size = BLOCKS * self->page;
	opts.options = IPCCHAN_OPT_LOANS;
	ASSERT_EQ(0, ipcchan_open(&self->chan, NULL, &opts));
	same.fd = ipcchan_fd(self->chan);
	ASSERT_EQ(0, ipcchan_open(&self->peer, NULL, &same));
	errno = UNTOUCHED;
}

FIXTURE_TEARDOWN(loan)
{
	EXPECT_EQ(UNTOUCHED, errno);
	ipcchan_close(self->chan);
	ipcchan_close(self->peer);
}

/* Take, build, send, read in place, give back: from one mapping into another. */
TEST_F(loan, round)
{
	struct ipcchan_msghdr msg;
	const void *got;
	size_t size;
	void *block, *addr;

	ASSERT_EQ(0, ipcchan_map(self->peer, &addr, &size));
	ASSERT_EQ(1, ipcchan_loan(self->chan, 10, &block, 1, 0, IPCCHAN_WAIT_FOREVER));
	strcpy(block, "in place");
	ASSERT_EQ(0, ipcchan_msg_block(self->chan, &msg, block, 9));
	msg.type = 7;
	ASSERT_EQ(0, ipcchan_send_msg(self->chan, &msg, 0, IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(-ENOENT, ipcchan_send_msg(self->chan, &msg, 0, IPCCHAN_WAIT_FOREVER));

	ipcchan_msg_init(&msg, NULL, 0);
	ASSERT_EQ(9, ipcchan_recv_msg(self->peer, &msg, IPCCHAN_XFER_PLACE,
				      IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(7, msg.type);
	got = ipcchan_msg_payload(self->peer, &msg);
	EXPECT_EQ(addr, got);
	EXPECT_EQ(0, strcmp(got, "in place"));
	EXPECT_EQ(1, ipcchan_give_back(self->peer, &got, 1));
	EXPECT_EQ(-ENOENT, ipcchan_give_back(self->peer, &got, 1));
}

/* More than one system call takes. */
TEST_F(loan, many)
{
	void *block[BLOCKS];
	int nr;

	nr = ipcchan_loan(self->chan, 1, block, BLOCKS, 0, IPCCHAN_WAIT_FOREVER);
	ASSERT_EQ(64, nr);
	nr += ipcchan_loan(self->chan, 1, block + nr, BLOCKS, 0, IPCCHAN_WAIT_FOREVER);
	ASSERT_EQ(BLOCKS, nr);
	EXPECT_EQ(-EAGAIN, ipcchan_loan(self->chan, 1, block, 1, IPCCHAN_XFER_NONBLOCK, 0));
	EXPECT_EQ(-ETIMEDOUT, ipcchan_loan(self->chan, 1, block, 1, 0, 1000));
	EXPECT_EQ(BLOCKS, ipcchan_give_back(self->chan, (const void *const *)block, BLOCKS));
}

TEST_F(loan, wrong)
{
	struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_ANON };
	void *block[3] = { NULL, &opts, NULL };
	struct ipcchan_msghdr msg;
	struct ipcchan *none;

	EXPECT_EQ(-EINVAL, ipcchan_loan(self->chan, 0, block, 1, 0, IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(-EINVAL, ipcchan_loan(self->chan, 1, block, 0, 0, IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(-EMSGSIZE, ipcchan_loan(self->chan, BLOCKS * self->page + 1, block, 1, 0,
					  IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(-EINVAL, ipcchan_give_back(self->chan, (const void *const *)block + 1, 1));
	EXPECT_EQ(-EINVAL, ipcchan_give_back(self->chan, (const void *const *)block, 0));
	EXPECT_EQ(-EINVAL, ipcchan_msg_block(self->chan, &msg, &opts, 1));
	ASSERT_EQ(1, ipcchan_loan(self->chan, 1, block, 1, 0, IPCCHAN_WAIT_FOREVER));
	/* the first of them, then what is wrong with the second */
	EXPECT_EQ(1, ipcchan_give_back(self->chan, (const void *const *)block, 2));
	EXPECT_EQ(-ENOENT, ipcchan_give_back(self->chan, (const void *const *)block, 2));
	ASSERT_EQ(0, ipcchan_open(&none, NULL, &opts));
	EXPECT_EQ(-EOPNOTSUPP, ipcchan_loan(none, 1, block, 1, 0, IPCCHAN_WAIT_FOREVER));
	ipcchan_close(none);
}

TEST_F(loan, pool)
{
	struct ipcchan_msghdr msg;
	char text[100] = "copied once", small[10];
	const void *got;

	EXPECT_EQ(-EINVAL, ipcchan_pool(self->peer, 0, IPCCHAN_POOL_FAIL, 50));
	EXPECT_EQ(-EINVAL, ipcchan_pool(self->peer, self->page, 9, 50));
	ASSERT_EQ(0, ipcchan_pool(self->peer, self->page, IPCCHAN_POOL_FAIL, 50));
	EXPECT_EQ(-EBUSY, ipcchan_pool(self->peer, self->page, IPCCHAN_POOL_FAIL, 50));
	EXPECT_EQ(-EBUSY, ipcchan_pool(self->chan, self->page, IPCCHAN_POOL_FAIL, 50));
	ASSERT_EQ(0, ipcchan_send(self->chan, text, sizeof(text)));
	EXPECT_EQ(-ENOBUFS, ipcchan_send(self->chan, text, sizeof(text)));
	ASSERT_EQ(0, ipcchan_send(self->chan, "small", 6));

	ipcchan_msg_init(&msg, small, sizeof(small));
	ASSERT_EQ(sizeof(text), ipcchan_recv_msg(self->peer, &msg, IPCCHAN_XFER_PLACE,
						 IPCCHAN_WAIT_FOREVER));
	got = ipcchan_msg_payload(self->peer, &msg);
	EXPECT_EQ(0, memcmp(got, text, sizeof(text)));
	EXPECT_EQ(1, ipcchan_give_back(self->peer, &got, 1));

	ipcchan_msg_init(&msg, small, sizeof(small));
	ASSERT_EQ(6, ipcchan_recv_msg(self->peer, &msg, IPCCHAN_XFER_PLACE,
				      IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ((void *)small, ipcchan_msg_payload(self->peer, &msg));
	EXPECT_EQ(0, strcmp(small, "small"));
}

static struct ipcchan *hooked;

static void *no_memory(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	(void)addr;
	(void)len;
	(void)prot;
	(void)flags;
	(void)fd;
	(void)offset;
	errno = ENOMEM;
	return MAP_FAILED;
}

/* Another thread calls, too, before this one has mapped its pool. */
static void *second_caller(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	if (ipcchan_pool(hooked, len, IPCCHAN_POOL_FAIL, 1) != -EBUSY)
		return MAP_FAILED;
	return mmap_real(addr, len, prot, flags, fd, offset);
}

/* A pool is made once, as it was asked for, and mapped when there is memory for that. */
TEST_F(loan, pool_not_mapped)
{
	size_t size = 2 * self->page;

	mmap_hook = no_memory;
	EXPECT_EQ(-ENOMEM, ipcchan_pool(self->peer, size, IPCCHAN_POOL_FAIL, 50));
	ASSERT_EQ(NULL, mmap_hook);
	EXPECT_EQ(-EBUSY, ipcchan_pool(self->peer, size, IPCCHAN_POOL_COPY, 50));
	EXPECT_EQ(-EBUSY, ipcchan_pool(self->peer, size, IPCCHAN_POOL_FAIL, 49));
	EXPECT_EQ(-EBUSY, ipcchan_pool(self->peer, size - 1, IPCCHAN_POOL_FAIL, 50));
	mmap_hook = no_memory;
	EXPECT_EQ(-ENOMEM, ipcchan_pool(self->peer, size, IPCCHAN_POOL_FAIL, 50));
	ASSERT_EQ(NULL, mmap_hook);
	EXPECT_EQ(0, ipcchan_pool(self->peer, size, IPCCHAN_POOL_FAIL, 50));
	EXPECT_EQ(-EBUSY, ipcchan_pool(self->peer, size, IPCCHAN_POOL_FAIL, 50));
}

TEST_F(loan, pool_called_twice)
{
	hooked = self->peer;
	mmap_hook = second_caller;
	EXPECT_EQ(0, ipcchan_pool(self->peer, self->page, IPCCHAN_POOL_FAIL, 1));
	EXPECT_EQ(NULL, mmap_hook);
}

/* Each subscriber reads it in place, also one that may send, where nobody may write it. */
TEST(revoked_broadcast)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
		.buf_size = 1 << 16, .options = IPCCHAN_OPT_LOANS | IPCCHAN_OPT_REVOKE,
	};
	struct ipcchan_opts same = { .flags = IPCCHAN_ATTACH_FD };
	struct ipcchan *chan, *sub;
	struct ipcchan_msghdr msg;
	const void *got;
	size_t size;
	void *block, *addr;

	ASSERT_EQ(0, ipcchan_open(&chan, NULL, &opts));
	same.fd = ipcchan_fd(chan);
	ASSERT_EQ(0, ipcchan_open(&sub, NULL, &same));
	ASSERT_EQ(0, ipcchan_map(sub, &addr, &size));
	ASSERT_EQ(1, ipcchan_loan(chan, 10, &block, 1, 0, IPCCHAN_WAIT_FOREVER));
	strcpy(block, "for all");
	ASSERT_EQ(0, ipcchan_msg_block(chan, &msg, block, 8));
	ASSERT_EQ(0, ipcchan_send_msg(chan, &msg, 0, IPCCHAN_WAIT_FOREVER));
	ipcchan_msg_init(&msg, NULL, 0);
	ASSERT_EQ(8, ipcchan_recv_msg(sub, &msg, IPCCHAN_XFER_PLACE, IPCCHAN_WAIT_FOREVER));
	got = ipcchan_msg_payload(sub, &msg);
	EXPECT_EQ(0, strcmp(got, "for all"));
	EXPECT_EQ(1, ipcchan_give_back(sub, &got, 1));
	ipcchan_msg_init(&msg, NULL, 0);
	ASSERT_EQ(8, ipcchan_recv_msg(chan, &msg, IPCCHAN_XFER_PLACE, IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(0, strcmp(ipcchan_msg_payload(chan, &msg), "for all"));
	ipcchan_close(sub);
	ipcchan_close(chan);
}

TEST_HARNESS_MAIN
