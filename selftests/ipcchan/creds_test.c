// SPDX-License-Identifier: GPL-2.0
/* Whose uid counts: the effective one, and of a netlink socket also the opener's. */
#include <errno.h>
#include <fcntl.h>
#include <netlink/attr.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "genl.h"
#include "ns.h"
#include "util.h"

#include "harness.h"

#define OWNER		OTHER_ID
#define STRANGER	(OTHER_ID + 1)
#define NAME		"someones"

/* A channel of OWNER in a network namespace for each test. */
FIXTURE(creds) {
};

static int create(const void *arg)
{
	struct ipcchan_info info;
	int fd = chan_named(NAME, O_RDWR, IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL);

	(void)arg;
	if (fd < 0)
		return fd;
	if (chan_info(fd, &info))
		return -EIO;
	return info.uid == OWNER && info.gid == OWNER ? 0 : -EBADMSG;
}

FIXTURE_SETUP(creds)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
	ASSERT_EQ(0, as_user(OWNER, OWNER, create, NULL));
}

FIXTURE_TEARDOWN(creds)
{
	chan_unlink(NAME);
}

static int attach(const void *arg)
{
	int fd = chan_named(NAME, O_RDWR, 0);

	(void)arg;
	return fd < 0 ? fd : 0;
}

static int remove_by_ioctl(const void *arg)
{
	(void)arg;
	return chan_unlink(NAME);
}

static int remove_by_netlink(const void *arg)
{
	struct genl *g = genl_open();

	(void)arg;
	return g ? genl_del(g, NAME, 0) : -EIO;
}

TEST_F(creds, effective_user)
{
	static const struct {
		uid_t ruid, euid;
		int attach, remove;
	} cases[] = {
		{ OWNER, STRANGER, -EACCES, -EPERM },
		{ 0, STRANGER, -EACCES, -EPERM },
		{ STRANGER, OWNER, 0, 0 },
		{ 0, OWNER, 0, 0 },
		{ STRANGER, 0, 0, 0 },
	};
	int (*const ways[])(const void *arg) = { remove_by_ioctl, remove_by_netlink };
	unsigned int i, way;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const uid_t ruid = cases[i].ruid, euid = cases[i].euid;

		EXPECT_EQ(cases[i].attach, as_user(ruid, euid, attach, NULL))
			TH_LOG("%d as %d", ruid, euid);
		for (way = 0; way < ARRAY_SIZE(ways); way++) {
			int ret = as_user(ruid, euid, ways[way], NULL);

			EXPECT_EQ(cases[i].remove, ret)
				TH_LOG("%d as %d, way %u", ruid, euid, way);
			if (!ret) {
				ASSERT_EQ(0, as_user(OWNER, OWNER, create, NULL));
			}
			EXPECT_EQ(1, chan_count());
		}
	}
}

/* Also who creates it is who counts then. */
TEST_F(creds, effective_user_owns)
{
	ASSERT_EQ(0, chan_unlink(NAME));
	EXPECT_EQ(-EBADMSG, as_user(OWNER, STRANGER, create, NULL));
	ASSERT_EQ(0, chan_unlink(NAME));
	EXPECT_EQ(0, as_user(STRANGER, OWNER, create, NULL));
}

struct borrowed {
	uid_t opener, user;
	int result;
};

/* From a process that can be each of them in turn. */
static int remove_through_borrowed(const void *arg)
{
	const struct borrowed *b = arg;
	struct genl *g = NULL;

	if (!seteuid(b->opener))
		g = genl_open();
	if (!g || seteuid(0) || seteuid(b->user))
		return -EIO;
	return genl_del(g, NAME, 0);
}

TEST_F(creds, netlink_socket_of_another)
{
	static const struct borrowed cases[] = {
		{ OWNER, OWNER, 0 },
		{ STRANGER, OWNER, -EPERM },
		{ OWNER, STRANGER, -EPERM },
		{ STRANGER, STRANGER, -EPERM },
		{ 0, STRANGER, -EPERM },
		{ 0, 0, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i].result, as_user(0, 0, remove_through_borrowed, &cases[i]))
			TH_LOG("opened by %d, used by %d", cases[i].opener, cases[i].user);
		EXPECT_EQ(!!cases[i].result, chan_count());
		if (!cases[i].result) {
			ASSERT_EQ(0, as_user(OWNER, OWNER, create, NULL));
		}
	}
}

/* By a program that writes what it was given to where it was told. */
static int write_through_borrowed(const void *arg)
{
	const struct borrowed *b = arg;
	struct genl *g = NULL;
	struct nl_msg *msg;

	if (!seteuid(b->opener))
		g = genl_open();
	if (!g || seteuid(0) || seteuid(b->user))
		return -EIO;
	msg = genl_msg(g, IPCCHAN_CMD_DEL, 0);
	nla_put_string(msg, IPCCHAN_A_NAME, NAME);
	return genl_write(g, msg);
}

/* A privileged program that was made to write there has not asked for it. */
TEST_F(creds, netlink_socket_as_output)
{
	static const struct borrowed refused = { STRANGER, 0, 0 };
	static const struct borrowed allowed[] = { { OWNER, OWNER, 0 }, { 0, 0, 0 } };
	unsigned int i;

	EXPECT_EQ(-EPERM, as_user(0, 0, write_through_borrowed, &refused));
	EXPECT_EQ(1, chan_count());
	for (i = 0; i < ARRAY_SIZE(allowed); i++) {
		EXPECT_EQ(0, as_user(0, 0, write_through_borrowed, &allowed[i]));
		ASSERT_EQ(0, as_user(OWNER, OWNER, create, NULL));
	}
}

TEST_HARNESS_MAIN
