// SPDX-License-Identifier: GPL-2.0
/* What one user may have of the blocks in another's buffer. */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ns.h"
#include "place.h"
#include "util.h"

#include "harness.h"

#define PAGES	8

FIXTURE(tenants) {
	uint32_t page;
	int fd;		/* of root's channel, for all */
	int nb;		/* another endpoint */
};

FIXTURE_SETUP(tenants)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .mode = 0666, .options = IPCCHAN_OPT_LOANS,
	};

	self->page = page_size();
	a.buf_size = PAGES * self->page;
	self->fd = chan_open(O_RDWR, &a);
	ASSERT_LE(0, self->fd);
	self->nb = chan_peer(self->fd, O_RDWR);
	ASSERT_LE(0, self->nb);
}

FIXTURE_TEARDOWN(tenants)
{
	close(self->fd);
	close(self->nb);
}

/* Take pages until refused.  Return: so many, negated; -100 if not for the share. */
static int take_many(const void *arg)
{
	const int *fd = arg;
	int nr = 0;
	int64_t at;

	while ((at = loan(*fd, 1, IPCCHAN_XFER_NONBLOCK, 0)) >= 0)
		nr++;
	return at == -EDQUOT ? -nr : -100;
}

static int take_half(const void *arg)
{
	FIXTURE_DATA(tenants) *self = (void *)arg;
	int64_t at = loan(self->nb, PAGES / 2 * self->page, IPCCHAN_XFER_NONBLOCK, 0);

	return at < 0 ? at : 0;
}

static int take_more(const void *arg)
{
	FIXTURE_DATA(tenants) *self = (void *)arg;
	int64_t at = loan(self->nb, (PAGES / 2 + 1) * self->page, 0, IPCCHAN_WAIT_FOREVER);

	return at < 0 ? at : 0;
}

static int send_one(const void *arg)
{
	const int *fd = arg;
	int64_t at = loan(*fd, 1, IPCCHAN_XFER_NONBLOCK, 0);

	return at < 0 ? at : send_block(*fd, at, 1) == 1 ? 0 : -EIO;
}

static int recv_one(const void *arg)
{
	const int *fd = arg;
	int64_t at = recv_block(*fd);

	return at < 0 ? at : 0;
}

/* No descriptor for what came, so that it cannot be received. */
static int recv_in_vain(const void *arg)
{
	const int *fd = arg;
	struct ipcchan_msghdr h = { .fds = 1, .nr_fds = 1 };

	return recv_place(*fd, &h);
}

/* Half of it, then half of what is left; what was received is the receiver's. */
TEST_F(tenants, share)
{
	int i;

	EXPECT_EQ(-4, as_user(OTHER_ID, OTHER_ID, take_many, &self->nb));
	EXPECT_EQ(-EDQUOT, as_user(OTHER_ID, OTHER_ID, send_one, &self->nb));
	EXPECT_EQ(0, as_user(OTHER_ID + 1, OTHER_ID + 1, send_one, &self->nb));
	EXPECT_EQ(0, as_user(OTHER_ID + 1, OTHER_ID + 1, send_one, &self->nb));
	EXPECT_EQ(-EDQUOT, as_user(OTHER_ID + 1, OTHER_ID + 1, send_one, &self->nb));
	/* who has his share of blocks receives no more of them */
	EXPECT_EQ(-EDQUOT, as_user(OTHER_ID, OTHER_ID, recv_one, &self->nb));
	EXPECT_EQ(2, chan_msgs(self->fd));
	for (i = 0; i < 2; i++) {
		EXPECT_LE(0, recv_block(self->fd));
	}
	EXPECT_EQ(0, as_user(OTHER_ID + 1, OTHER_ID + 1, send_one, &self->nb));
}

TEST_F(tenants, first_block)
{
	EXPECT_EQ(-EMSGSIZE, as_user(OTHER_ID, OTHER_ID, take_more, self));
	EXPECT_EQ(0, as_user(OTHER_ID, OTHER_ID, take_half, self));
	EXPECT_LE(0, loan(self->fd, PAGES / 2 * self->page, IPCCHAN_XFER_NONBLOCK, 0));
}

/* A receive that fails costs nobody anything. */
TEST_F(tenants, failed_receive)
{
	struct ipcchan_msghdr h = { .len = 1, .flags = IPCCHAN_MSG_PLACED };
	int fds[2], i;

	ASSERT_EQ(0, pipe(fds));
	h.buf = loan(self->fd, 3 * self->page, 0, 0);
	h.fds = (uintptr_t)&fds[0];
	h.nr_fds = 1;
	ASSERT_EQ(1, xfer_send(self->fd, &h, 1, 0, 0));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(-EFAULT, as_user(OTHER_ID, OTHER_ID, recv_in_vain, &self->nb));
	}
	/* of the five pages that are left */
	EXPECT_EQ(-2, as_user(OTHER_ID, OTHER_ID, take_many, &self->nb));
}

/* Nor is a block that was sent by a tenant free of charge then. */
TEST_F(tenants, failed_receive_by_owner)
{
	int i;

	EXPECT_EQ(0, as_user(OTHER_ID, OTHER_ID, take_half, self));
	EXPECT_EQ(-EDQUOT, as_user(OTHER_ID, OTHER_ID, send_one, &self->nb));
	close(self->nb);
	self->nb = chan_peer(self->fd, O_RDWR);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(0, as_user(OTHER_ID, OTHER_ID, send_one, &self->nb));
	}
	EXPECT_EQ(-EFAULT, recv_place(self->fd, NULL));
	EXPECT_EQ(-EDQUOT, as_user(OTHER_ID, OTHER_ID, send_one, &self->nb));
}

/* One user's waiting is in nobody else's way. */
TEST_F(tenants, no_line_between_users)
{
	uint64_t at[PAGES];
	pid_t pid;

	ASSERT_EQ(PAGES, loan_many(self->fd, 1, at, PAGES, 0));
	pid = child_fork();
	if (!pid) {
		int64_t got;

		if (setresgid(OTHER_ID, OTHER_ID, OTHER_ID) ||
		    setresuid(OTHER_ID, OTHER_ID, OTHER_ID))
			_exit(9);
		got = loan(self->nb, PAGES / 2 * self->page, 0, IPCCHAN_WAIT_FOREVER);
		_exit(got < 0 ? -got : 0);
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	EXPECT_EQ(1, give_back(self->fd, at[3]));
	EXPECT_EQ(at[3], loan(self->fd, 1, IPCCHAN_XFER_NONBLOCK, 0));
	EXPECT_TRUE(is_blocked(pid, SYS_ioctl));
	child_kill(pid);
}

TEST_HARNESS_MAIN
