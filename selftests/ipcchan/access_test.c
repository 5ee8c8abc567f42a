// SPDX-License-Identifier: GPL-2.0
/* Who may do what with a channel: roles, permission bits, owners, names. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

#include "harness.h"

#define ROLE_BOTH	(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)

FIXTURE(role) {
	int chan;
};

FIXTURE_VARIANT(role) {
	int oflags;
	uint32_t role;
	int error;
};

FIXTURE_VARIANT_ADD(role, rdonly_send) { O_RDONLY, IPCCHAN_ROLE_SEND, -EBADF };
FIXTURE_VARIANT_ADD(role, rdonly_recv) { O_RDONLY, IPCCHAN_ROLE_RECV, 0 };
FIXTURE_VARIANT_ADD(role, rdonly_both) { O_RDONLY, ROLE_BOTH, -EBADF };
FIXTURE_VARIANT_ADD(role, wronly_send) { O_WRONLY, IPCCHAN_ROLE_SEND, 0 };
FIXTURE_VARIANT_ADD(role, wronly_recv) { O_WRONLY, IPCCHAN_ROLE_RECV, -EBADF };
FIXTURE_VARIANT_ADD(role, wronly_both) { O_WRONLY, ROLE_BOTH, -EBADF };
FIXTURE_VARIANT_ADD(role, rdwr_send) { O_RDWR, IPCCHAN_ROLE_SEND, 0 };
FIXTURE_VARIANT_ADD(role, rdwr_recv) { O_RDWR, IPCCHAN_ROLE_RECV, 0 };
FIXTURE_VARIANT_ADD(role, rdwr_both) { O_RDWR, ROLE_BOTH, 0 };

FIXTURE_SETUP(role)
{
	self->chan = chan_anon(NULL);
	ASSERT_LE(0, self->chan);
}

FIXTURE_TEARDOWN(role)
{
	close(self->chan);
}

TEST_F(role, attach_and_use)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_FD, .fd = self->chan, .role = variant->role,
	};
	struct ipcchan_info info;
	int fd = dev_open(variant->oflags | O_NONBLOCK);

	ASSERT_LE(0, fd);
	ASSERT_EQ(variant->error, do_ioctl(fd, IPCCHAN_IOC_ATTACH, &a));
	if (variant->error) {
		EXPECT_EQ(-ENOTCONN, chan_info(fd, &info));
		close(fd);
		return;
	}
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(variant->role, info.role);

	ASSERT_EQ(0, msg_send_u32(self->chan, 1));
	EXPECT_EQ(variant->role & IPCCHAN_ROLE_SEND ? 0 : -EBADF, msg_send_u32(fd, 2));
	EXPECT_EQ(variant->role & IPCCHAN_ROLE_RECV ? 1 : -EBADF, msg_recv_u32(fd));
	EXPECT_EQ(!!(variant->role & IPCCHAN_ROLE_SEND) +
		  !(variant->role & IPCCHAN_ROLE_RECV), chan_msgs(self->chan));
	close(fd);
}

FIXTURE(perm) {
	char name[IPCCHAN_NAME_SIZE];
};

FIXTURE_SETUP(perm)
{
	unique_name(self->name);
}

FIXTURE_TEARDOWN(perm)
{
	chan_unlink(self->name);
}

static int open_recv(const void *name)
{
	int fd = chan_named(name, O_RDONLY, 0);

	return fd < 0 ? fd : 0;
}

static int open_send(const void *name)
{
	int fd = chan_named(name, O_WRONLY, 0);

	return fd < 0 ? fd : 0;
}

static int open_both(const void *name)
{
	int fd = chan_named(name, O_RDWR, 0);

	return fd < 0 ? fd : 0;
}

static int unlink_name(const void *name)
{
	return chan_unlink(name);
}

static int create_mode(const char *name, uint32_t mode)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_CREATE, .mode = mode };

	strcpy(a.name, name);
	return chan_open(O_RDWR, &a);
}

TEST_F(perm, other_user)
{
	static const struct {
		uint32_t mode, effective;
		int recv, send, both;
	} cases[] = {
		{ 0, 0600, -EACCES, -EACCES, -EACCES },
		{ 0660, 0660, -EACCES, -EACCES, -EACCES },
		{ 0604, 0604, 0, -EACCES, -EACCES },
		{ 0602, 0602, -EACCES, 0, -EACCES },
		{ 0666, 0666, 0, 0, 0 },
		{ 0006, 0006, 0, 0, 0 },
	};
	struct ipcchan_info info;
	unsigned int i;

	if (geteuid())
		SKIP(return, "must be root to become another user");
	umask(077);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = create_mode(self->name, cases[i].mode);

		ASSERT_LE(0, fd) TH_LOG("mode %o", cases[i].mode);
		ASSERT_EQ(0, chan_info(fd, &info));
		EXPECT_EQ(cases[i].effective, info.mode);
		EXPECT_EQ(geteuid(), info.uid);
		EXPECT_EQ(getegid(), info.gid);
		EXPECT_EQ(cases[i].recv, as_other(open_recv, self->name))
			TH_LOG("mode %o", cases[i].mode);
		EXPECT_EQ(cases[i].send, as_other(open_send, self->name))
			TH_LOG("mode %o", cases[i].mode);
		EXPECT_EQ(cases[i].both, as_other(open_both, self->name))
			TH_LOG("mode %o", cases[i].mode);
		/* Permission to use is no permission to remove. */
		EXPECT_EQ(-EPERM, as_other(unlink_name, self->name));
		ASSERT_EQ(0, chan_info(fd, &info));
		EXPECT_EQ(1, info.endpoints);
		close(fd);
		ASSERT_EQ(0, chan_unlink(self->name));
	}
}

/* Group bits are for the group and take the place of the others' bits. */
TEST_F(perm, group)
{
	pid_t pid;
	int fd;

	if (geteuid())
		SKIP(return, "must be root to become another user");
	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		if (setegid(OTHER_ID))
			_exit(1);
		fd = create_mode(self->name, 0642);
		_exit(fd < 0 ? 2 : 0);
	}
	ASSERT_EQ(0, child_wait(pid));
	EXPECT_EQ(0, as_other(open_recv, self->name));
	EXPECT_EQ(-EACCES, as_other(open_send, self->name));
}

static int create_0600(const void *name)
{
	struct ipcchan_info info;
	int fd = create_mode(name, 0);
	int ret;

	if (fd < 0)
		return fd;
	ret = chan_info(fd, &info);
	if (ret)
		return ret;
	return info.uid == OTHER_ID && info.gid == OTHER_ID ? 0 : -EBADMSG;
}

TEST_F(perm, owner_is_the_creator)
{
	struct ipcchan_info info;
	int fd;

	if (geteuid())
		SKIP(return, "must be root to become another user");
	ASSERT_EQ(0, as_other(create_0600, self->name));
	EXPECT_EQ(0, as_other(open_both, self->name));
	fd = chan_named(self->name, O_RDWR, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(OTHER_ID, info.uid);
	EXPECT_EQ(OTHER_ID, info.gid);
	close(fd);
	EXPECT_EQ(0, as_other(unlink_name, self->name));
	EXPECT_EQ(-ENOENT, chan_unlink(self->name));
}

static int reattach(const void *fd)
{
	int ret = chan_peer(*(const int *)fd, O_RDWR);

	return ret < 0 ? ret : 0;
}

static int use_inherited(const void *fd)
{
	return msg_send_u32(*(const int *)fd, 77);
}

TEST_F(perm, inherited_descriptor)
{
	int fd = create_mode(self->name, 0600);

	ASSERT_LE(0, fd);
	if (geteuid())
		SKIP(return, "must be root to become another user");
	/* A descriptor is a right that stays; a new endpoint is asked anew. */
	EXPECT_EQ(0, as_other(use_inherited, &fd));
	EXPECT_EQ(77, msg_recv_u32(fd));
	EXPECT_EQ(-EACCES, as_other(reattach, &fd));
	close(fd);
}

TEST_F(perm, unlink)
{
	struct ipcchan_info before, after, fresh;
	int fd, fd2;

	EXPECT_EQ(-ENOENT, chan_unlink(self->name));
	fd = create_mode(self->name, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &before));
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	ASSERT_EQ(0, chan_unlink(self->name));
	EXPECT_EQ(-ENOENT, chan_unlink(self->name));
	EXPECT_EQ(-ENOENT, chan_named(self->name, O_RDWR, 0));

	/* The name is free at once, and the old channel goes on. */
	fd2 = create_mode(self->name, 0);
	ASSERT_LE(0, fd2);
	ASSERT_EQ(0, chan_info(fd2, &fresh));
	EXPECT_NE(before.id, fresh.id);
	EXPECT_EQ(0, fresh.msgs);
	ASSERT_EQ(0, chan_info(fd, &after));
	EXPECT_EQ(before.id, after.id);
	EXPECT_EQ(IPCCHAN_CHAN_UNLINKED, after.flags);
	EXPECT_EQ(1, msg_recv_u32(fd));
	EXPECT_EQ(0, msg_send_u32(fd, 2));
	EXPECT_EQ(0, chan_next(fd2));
	EXPECT_TRUE(chan_exists(before.id));
	close(fd);
	EXPECT_FALSE(chan_exists(before.id));
	EXPECT_TRUE(chan_exists(fresh.id));
	close(fd2);
}

TEST_HARNESS_MAIN
