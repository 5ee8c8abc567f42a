// SPDX-License-Identifier: GPL-2.0
/*
 * IPCCHAN_ATTACH_FD: the channel stays in its network namespace wherever the
 * new endpoint was opened, and its permissions are asked anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "genl.h"
#include "ns.h"
#include "util.h"

#include "harness.h"

#define NAME		"passed"
#define ROLE_BOTH	(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)

FIXTURE(by_fd) {
	int home;	/* the network namespace of the machine */
	int fd;
};

static int create_mode(uint32_t mode)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL,
		.mode = mode, .max_msgs = 9, .name = NAME,
	};

	return chan_open(O_RDWR, &a);
}

FIXTURE_SETUP(by_fd)
{
	self->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->home);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
	self->fd = create_mode(0600);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(by_fd)
{
	close(self->fd);
	close(self->home);
}

TEST_F(by_fd, across_network_namespaces)
{
	struct ipcchan_info here, there;
	int peer;

	ASSERT_EQ(0, chan_info(self->fd, &here));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	EXPECT_EQ(-ENOENT, chan_named(NAME, O_RDWR, 0));
	peer = chan_peer(self->fd, O_RDWR);
	ASSERT_LE(0, peer);
	ASSERT_EQ(0, chan_info(peer, &there));
	EXPECT_EQ(here.id, there.id);
	EXPECT_EQ(9, there.max_msgs);
	EXPECT_STREQ(NAME, there.name);
	EXPECT_EQ(2, there.endpoints);
	ASSERT_EQ(0, msg_send_u32(peer, 1));
	EXPECT_EQ(1, msg_recv_u32(self->fd));

	/* It is no channel of this one: not to be seen, nor its name removed. */
	EXPECT_EQ(0, chan_count());
	EXPECT_EQ(-ENOENT, chan_unlink(NAME));
	ASSERT_EQ(0, chan_info(self->fd, &here));
	EXPECT_EQ(0, here.flags);
	close(peer);
	ASSERT_EQ(0, chan_info(self->fd, &here));
	EXPECT_EQ(1, here.endpoints);
}

/* The name that an unlink through @fd means is one of where @fd was opened. */
TEST_F(by_fd, unlink_where_it_was_opened)
{
	struct ipcchan_unlink u = { .name = NAME };
	struct ipcchan_info info;
	int peer, own;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	peer = chan_peer(self->fd, O_RDWR);
	ASSERT_LE(0, peer);
	EXPECT_EQ(-ENOENT, do_ioctl(peer, IPCCHAN_IOC_UNLINK, &u));
	own = create_mode(0600);
	ASSERT_LE(0, own);
	EXPECT_EQ(0, do_ioctl(peer, IPCCHAN_IOC_UNLINK, &u));
	ASSERT_EQ(0, chan_info(own, &info));
	EXPECT_EQ(IPCCHAN_CHAN_UNLINKED, info.flags);
	ASSERT_EQ(0, chan_info(peer, &info));
	EXPECT_EQ(0, info.flags);
	EXPECT_EQ(0, do_ioctl(self->fd, IPCCHAN_IOC_UNLINK, &u));
	ASSERT_EQ(0, chan_info(peer, &info));
	EXPECT_EQ(IPCCHAN_CHAN_UNLINKED, info.flags);
	close(own);
	close(peer);
}

/* An endpoint opened elsewhere is all that the namespace lives by. */
TEST_F(by_fd, keeps_the_namespace)
{
	struct ipcchan_info info;
	int peer, i;

	ASSERT_EQ(0, setns(self->home, CLONE_NEWNET));
	peer = chan_peer(self->fd, O_RDWR);
	ASSERT_LE(0, peer);
	close(self->fd);
	/* A namespace is dismantled by a work item, some time later. */
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, msg_send_u32(peer, i));
		ASSERT_EQ(i, msg_recv_u32(peer));
		ASSERT_EQ(0, chan_info(peer, &info));
		ASSERT_EQ(1, info.endpoints);
		sleep_ms(20);
	}
	self->fd = chan_peer(peer, O_RDONLY);
	EXPECT_LE(0, self->fd);
	close(peer);
}

struct wish {
	int fd;
	uint32_t role;
};

/* A refusal leaves the descriptor as it was: free for another channel. */
static int attach_refused(int fd)
{
	struct ipcchan_attach anon = {
		.flags = IPCCHAN_ATTACH_ANON, .role = IPCCHAN_ROLE_RECV,
	};
	struct ipcchan_info info;

	if (chan_info(fd, &info) != -ENOTCONN)
		return -EISCONN;
	return do_ioctl(fd, IPCCHAN_IOC_ATTACH, &anon) ? -EIO : -EACCES;
}

static int attach_as(const void *arg)
{
	const struct wish *w = arg;
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_FD, .fd = w->fd, .role = w->role,
	};
	int fd = dev_open(O_RDWR);
	int ret;

	if (fd < 0)
		return fd;
	ret = do_ioctl(fd, IPCCHAN_IOC_ATTACH, &a);
	return ret == -EACCES ? attach_refused(fd) : ret;
}

static int attach_elsewhere(const void *wish)
{
	if (unshare(CLONE_NEWNET))
		return -EIO;
	return as_user(OTHER_ID, OTHER_ID, attach_as, wish);
}

/* By another user, in this network namespace or in a new one. */
static int attach_other(int fd, uint32_t role, bool elsewhere)
{
	const struct wish w = { fd, role };

	return elsewhere ? as_user(0, 0, attach_elsewhere, &w) :
			   as_user(OTHER_ID, OTHER_ID, attach_as, &w);
}

FIXTURE(perm) {
	int fd;
};

FIXTURE_VARIANT(perm) {
	uint32_t mode;
	int recv, send, both;
};

FIXTURE_VARIANT_ADD(perm, none) { 0600, -EACCES, -EACCES, -EACCES };
FIXTURE_VARIANT_ADD(perm, of_the_group) { 0660, -EACCES, -EACCES, -EACCES };
FIXTURE_VARIANT_ADD(perm, receive) { 0604, 0, -EACCES, -EACCES };
FIXTURE_VARIANT_ADD(perm, send) { 0602, -EACCES, 0, -EACCES };
FIXTURE_VARIANT_ADD(perm, all) { 0666, 0, 0, 0 };

FIXTURE_SETUP(perm)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
	self->fd = create_mode(variant->mode);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(perm)
{
	close(self->fd);
}

TEST_F(perm, asked_anew)
{
	struct ipcchan_info info;
	int i;

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(variant->recv, attach_other(self->fd, IPCCHAN_ROLE_RECV, i));
		EXPECT_EQ(variant->send, attach_other(self->fd, IPCCHAN_ROLE_SEND, i));
		EXPECT_EQ(variant->both, attach_other(self->fd, ROLE_BOTH, i));
		ASSERT_EQ(0, chan_info(self->fd, &info));
		EXPECT_EQ(1, info.endpoints);
	}
}

/* All capabilities, also over the namespace that the endpoint is opened in. */
TEST_F(by_fd, capability_where_it_was_opened)
{
	const struct wish w = { self->fd, IPCCHAN_ROLE_RECV };

	EXPECT_EQ(-EACCES, in_userns(CLONE_NEWNET, "0 100000 1\n", "0 100000 1\n",
				     attach_as, &w));
	EXPECT_EQ(0, attach_as(&w));
}

TEST_HARNESS_MAIN
