// SPDX-License-Identifier: GPL-2.0
/*
 * User namespaces: numbers of owners are those of the reader's namespace, and a
 * capability counts where the network namespace belongs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "genl.h"
#include "ns.h"
#include "util.h"

#include "harness.h"

#define OVERFLOW_ID	65534
#define INNER_UID	100000	/* what user 0 of the namespaces is outside */
#define INNER_GID	200000
#define UIDS		"0 100000 10\n"
#define GIDS		"0 200000 10\n"
/* The same, and root of the machine has numbers in there, too. */
#define UIDS_AND_ROOT	"0 100000 10\n500 0 1\n"
#define GIDS_AND_ROOT	"0 200000 10\n600 0 1\n"

/* A network namespace that belongs to the machine's user namespace. */
FIXTURE(userns) {
	const char *name;
};

FIXTURE_SETUP(userns)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
	self->name = "owned";
}

FIXTURE_TEARDOWN(userns)
{
	chan_unlink(self->name);
}

static int create_mode(const char *name, uint32_t mode)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL, .mode = mode,
	};

	strcpy(a.name, name);
	return chan_open(O_RDWR, &a);
}

static int create_0600(const void *name)
{
	int fd = create_mode(name, 0600);

	return fd < 0 ? fd : 0;
}

struct owner {
	const char *name;
	uint32_t uid;
	uint32_t gid;
};

/* -1 to -3: INFO, GET or the dump shows another. */
static int shows_owner(const void *arg)
{
	const struct owner *want = arg;
	int fd = chan_named(want->name, O_RDWR, 0);
	struct genl *g = genl_open();
	struct ipcchan_info info;
	struct genl_chan c;

	if (fd < 0 || !g || chan_info(fd, &info))
		return -EIO;
	if (info.uid != want->uid || info.gid != want->gid)
		return -1;
	if (genl_get(g, want->name, 0, &c) || c.uid != want->uid || c.gid != want->gid)
		return -2;
	if (genl_dump(g, &c, 1) != 1 || c.uid != want->uid || c.gid != want->gid)
		return -3;
	genl_close(g);
	close(fd);
	return 0;
}

TEST_F(userns, owner_from_outside)
{
	const struct owner outside = { self->name, 0, 0 };
	const struct owner mapped = { self->name, 500, 600 };
	const struct owner unmapped = { self->name, OVERFLOW_ID, OVERFLOW_ID };
	int fd = create_mode(self->name, 0666);

	ASSERT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, shows_owner(&outside));
	EXPECT_EQ(0, in_userns(0, UIDS_AND_ROOT, GIDS_AND_ROOT, shows_owner, &mapped));
	EXPECT_EQ(0, in_userns(0, UIDS, GIDS, shows_owner, &unmapped));
	EXPECT_EQ(0, in_userns(0, UIDS_AND_ROOT, GIDS, shows_owner,
			       &(struct owner) { self->name, 500, OVERFLOW_ID }));
}

/* Its owner is who creates it, under the number that each reader has for them. */
static int create_and_show(const void *name)
{
	const struct owner own = { name, 0, 0 };
	int fd = create_mode(name, 0666);
	int ret = fd < 0 ? fd : shows_owner(&own);

	close(fd);
	return ret;
}

TEST_F(userns, owner_from_inside)
{
	const struct owner outside = { self->name, INNER_UID, INNER_GID };
	const struct owner elsewhere = { self->name, 7, 8 };

	ASSERT_EQ(0, in_userns(0, UIDS, GIDS, create_and_show, self->name));
	EXPECT_EQ(0, shows_owner(&outside));
	/* Where the same user is somebody else. */
	EXPECT_EQ(0, in_userns(0, "0 300000 1\n7 100000 1\n",
			       "0 300000 1\n8 200000 1\n", shows_owner, &elsewhere));
}

/* Only CAP_NET_ADMIN over the caller's network namespace may do this. */
static int net_admin(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret = do_ioctl(fd, SIOCSIFFLAGS, &req);

	close(fd);
	return ret;
}

struct attempt {
	const char *name;
	int net_admin;		/* what net_admin() must return */
};

static int new_refused(const void *arg)
{
	const struct attempt *try = arg;
	struct genl *g = genl_open();
	int ret;

	if (!g || net_admin() != try->net_admin)
		return -EIO;
	ret = genl_new(g, try->name);
	if (ret != -EPERM)
		return ret ? ret : -EBADMSG;
	if (chan_named(try->name, O_RDWR, 0) != -ENOENT)
		return -EEXIST;
	/* What needs no privilege works. */
	ret = create_0600(try->name);
	if (!ret)
		ret = genl_del(g, try->name, 0);
	genl_close(g);
	return ret;
}

TEST_F(userns, netlink_new_refused)
{
	const struct attempt in_own_net = { self->name, 0 };
	const struct attempt in_ours = { self->name, -EPERM };

	EXPECT_EQ(0, in_userns(CLONE_NEWNET, UIDS, GIDS, new_refused, &in_own_net));
	EXPECT_EQ(0, in_userns(0, UIDS, GIDS, new_refused, &in_ours));
	EXPECT_EQ(0, chan_count());
}

static int ipc_owner_caps(struct __user_cap_data_struct data[2], bool set)
{
	struct __user_cap_header_struct hdr = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(set ? SYS_capset : SYS_capget, &hdr, data) ? -errno : 0;
}

/* Take CAP_IPC_OWNER out of the effective set, or put it back. */
static int ipc_owner_enable(bool on)
{
	struct __user_cap_data_struct data[2];
	int ret = ipc_owner_caps(data, false);

	if (ret)
		return ret;
	data[0].effective &= ~(1u << CAP_IPC_OWNER);
	if (on)
		data[0].effective |= 1u << CAP_IPC_OWNER;
	return ipc_owner_caps(data, true);
}

/* -1 to -3: let in, let remove the name, let remove it through netlink. */
static int locked_out(const void *name)
{
	struct genl *g = genl_open();
	int ret = 0;

	if (!g)
		return -EIO;
	if (chan_named(name, O_RDONLY, 0) != -EACCES)
		ret = -1;
	else if (chan_unlink(name) != -EPERM)
		ret = -2;
	else if (genl_del(g, name, 0) != -EPERM)
		ret = -3;
	genl_close(g);
	return ret;
}

/* All capabilities, but not where the channel's network namespace belongs. */
static int privileged_elsewhere(const void *name)
{
	return ipc_owner_enable(true) ? -EIO : locked_out(name);
}

/*
 * In a user namespace with a network namespace of its own: -11 to -13 is what
 * its root cannot do without CAP_IPC_OWNER, -21 to -23 what a namespace within
 * cannot, -31 and on what it can with it.
 */
static int owner_of_the_net(const void *name)
{
	struct genl *g = genl_open();
	int fd, ret;

	if (!g || as_user(1, 1, create_0600, name) || ipc_owner_enable(false))
		return -EIO;
	ret = locked_out(name);
	if (ret)
		return ret - 10;
	if (ipc_owner_enable(true))
		return -EIO;
	ret = in_userns(0, "0 0 1\n", "0 0 1\n", privileged_elsewhere, name);
	if (ret)
		return ret - 20;
	fd = chan_named(name, O_RDWR, 0);
	if (fd < 0 || msg_send_u32(fd, 1))
		return -31;
	close(fd);
	if (chan_unlink(name))
		return -32;
	if (as_user(1, 1, create_0600, name))
		return -EIO;
	ret = genl_del(g, name, 0);
	genl_close(g);
	return ret ? -33 : 0;
}

TEST_F(userns, capability_over_the_network_namespace)
{
	EXPECT_EQ(0, in_userns(CLONE_NEWNET, UIDS, GIDS, owner_of_the_net, self->name));
}

TEST_F(userns, capability_elsewhere)
{
	ASSERT_EQ(0, create_0600(self->name));
	EXPECT_EQ(0, in_userns(0, UIDS, GIDS, privileged_elsewhere, self->name));
	EXPECT_EQ(1, chan_count());
	/* Ours counts: the network namespace belongs to this one. */
	EXPECT_EQ(0, as_other(create_0600, "of-another"));
	EXPECT_EQ(0, chan_unlink("of-another"));
}

TEST_HARNESS_MAIN
