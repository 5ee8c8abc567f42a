// SPDX-License-Identifier: GPL-2.0
/*
 * An attacker in other namespaces: nothing of one is seen, told or changed from another, but
 * through a descriptor that came from there, and so far as that goes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "event.h"
#include "genl.h"
#include "ns.h"
#include "place.h"
#include "util.h"

#include "harness.h"

#define NAME		"here"
#define USER		OTHER_ID
#define INNER		"0 100000 1\n"	/* a map of a user namespace */
#define INNER_UID	100000
#define TELL_MS		300		/* an event would have come */

/* A channel in a network namespace of its own, with whatever a dump could show. */
FIXTURE(ns) {
	int fd;
	uint32_t id;
	struct genl *g;
};

static int create(const char *name, uint32_t mode)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL, .mode = mode,
		.buf_size = 4 * page_size(), .options = IPCCHAN_OPT_LOANS,
	};

	strcpy(a.name, name);
	return chan_open(O_RDWR | O_NONBLOCK, &a);
}

FIXTURE_SETUP(ns)
{
	struct ipcchan_info info;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
	self->fd = create(NAME, 0600);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, chan_info(self->fd, &info));
	self->id = info.id;
	ASSERT_EQ(0, loan(self->fd, 1, 0, 0));
	ASSERT_EQ(0, msg_send_u32(self->fd, 1));
	self->g = genl_open();
	ASSERT_NE(NULL, self->g);
}

FIXTURE_TEARDOWN(ns)
{
	struct ipcchan_unlink u = { .name = NAME };

	genl_close(self->g);
	do_ioctl(self->fd, IPCCHAN_IOC_UNLINK, &u);
	close(self->fd);
}

static int set_mode(struct genl *g, uint32_t id, uint32_t mode)
{
	struct nl_msg *msg = genl_msg(g, IPCCHAN_CMD_SET, NLM_F_ACK);

	nla_put_u32(msg, IPCCHAN_A_ID, id);
	nla_put_u32(msg, IPCCHAN_A_MODE, mode);
	return genl_talk(g, msg, NULL, 0);
}

static int set_owner(struct genl *g, uint32_t id, uint32_t uid)
{
	struct nl_msg *msg = genl_msg(g, IPCCHAN_CMD_SET, NLM_F_ACK);

	nla_put_u32(msg, IPCCHAN_A_ID, id);
	nla_put_u32(msg, IPCCHAN_A_UID, uid);
	return genl_talk(g, msg, NULL, 0);
}

static void ignore(struct nlmsghdr *nlh, void *arg)
{
	(void)nlh;
	(void)arg;
}

/* How many objects of each kind a dump shows. */
static int shown(struct genl *g)
{
	static const uint8_t dumps[] = {
		IPCCHAN_CMD_GET, IPCCHAN_CMD_EP_GET, IPCCHAN_CMD_BUF_GET, IPCCHAN_CMD_LOAN_GET,
	};
	unsigned int i;
	int n = 0, ret;

	for (i = 0; i < ARRAY_SIZE(dumps); i++) {
		ret = genl_each(g, genl_msg(g, dumps[i], NLM_F_DUMP), ignore, NULL);
		if (ret < 0)
			return ret;
		n += ret;
	}
	return n;
}

/* Return: 0, or -1 to -5: what was seen, or changed. */
static int reaches_by_netlink(struct genl *g, uint32_t id, int refusal)
{
	struct genl_chan c;

	if (shown(g))
		return -1;
	if (genl_get(g, NULL, id, &c) != -ENOENT || genl_get(g, NAME, 0, &c) != -ENOENT)
		return -2;
	if (set_mode(g, id, 0666) != refusal)
		return -3;
	if (set_owner(g, id, 0) != refusal)
		return -4;
	return genl_del(g, NULL, id) != refusal ? -5 : 0;
}

TEST_F(ns, netlink)
{
	struct genl_chan c;
	struct genl *g;

	EXPECT_LE(4, shown(self->g));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	g = genl_open();
	ASSERT_NE(NULL, g);
	EXPECT_EQ(0, reaches_by_netlink(g, self->id, -ENOENT));
	/* A socket is of where it was opened, as is what it is asked for. */
	EXPECT_LE(4, shown(self->g));
	EXPECT_EQ(0, genl_get(self->g, NAME, 0, &c));
	EXPECT_EQ(0600, c.mode);
	genl_close(g);
}

/* Nobody is told of what happens elsewhere. */
TEST_F(ns, events)
{
	struct events *here = events_open(), *there;
	struct event e;

	ASSERT_NE(NULL, here);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	there = events_open();
	ASSERT_NE(NULL, there);
	ASSERT_EQ(0, set_mode(self->g, self->id, 0640));
	EXPECT_EQ(0, events_find(here, IPCCHAN_EVENT_CHANGED, &e));
	EXPECT_EQ(-ETIMEDOUT, events_next(there, &e, TELL_MS));
	events_close(here);
	events_close(there);
}

/* Names are those of where the descriptor was opened, of the default channel, too. */
TEST_F(ns, descriptor_from_elsewhere)
{
	struct ipcchan_attach a = { .role = IPCCHAN_ROLE_RECV, .name = NAME };
	int named = dev_open(O_RDONLY), implied = dev_open(O_WRONLY), own;
	struct ipcchan_info info;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	EXPECT_EQ(0, do_ioctl(named, IPCCHAN_IOC_ATTACH, &a));
	EXPECT_EQ(self->id, a.id);
	EXPECT_EQ(0, msg_send_u32(implied, 5));
	own = dev_open(O_RDWR | O_NONBLOCK);
	EXPECT_EQ(-EAGAIN, msg_recv_u32(own));
	ASSERT_EQ(0, chan_info(own, &info));
	EXPECT_STREQ(IPCCHAN_DEFAULT_NAME, info.name);
	EXPECT_EQ(1, info.endpoints);
	chan_unlink(IPCCHAN_DEFAULT_NAME);
	close(own);
	close(implied);
	close(named);
}

struct inner {
	const char *name;
	uint32_t id;
	int fd;
	int refusal;
};

/* Root of a user namespace, with all capabilities there. */
static int inner_root(const void *arg)
{
	const struct inner *in = arg;
	struct genl *g = genl_open();
	int ret;

	if (!g)
		return -20;
	if (chan_named(in->name, O_RDONLY, 0) >= 0)
		return -21;
	if (chan_peer(in->fd, O_RDONLY) != -EACCES)
		return -22;
	ret = reaches_by_netlink(g, in->id, in->refusal);
	genl_close(g);
	return ret;
}

TEST_F(ns, user_namespace)
{
	struct inner same_net = { NAME, self->id, self->fd, -EPERM };
	struct inner own_net = { NAME, self->id, self->fd, -ENOENT };
	struct genl_chan c;

	EXPECT_EQ(0, in_userns(0, INNER, INNER, inner_root, &same_net));
	EXPECT_EQ(0, in_userns(CLONE_NEWNET, INNER, INNER, inner_root, &own_net));
	ASSERT_EQ(0, genl_get(self->g, NAME, 0, &c));
	EXPECT_EQ(0600, c.mode);
	EXPECT_EQ(0, c.uid);
}

static void find_uids(struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *a = nlmsg_find_attr(nlh, GENL_HDRLEN, IPCCHAN_A_QUOTA_UID);
	int *others = arg;

	*others += !a || nla_get_u32(a) != 0;
}

/* It sees what its own users have, and gives nothing to others.  Return: 0 or -1 to -5. */
static int inner_owner(const void *arg)
{
	struct genl *g = genl_open();
	struct genl_chan c;
	int fd = create("own", 0600), others = 0, ret = 0;

	(void)arg;
	if (!g || fd < 0 || genl_get(g, "own", 0, &c))
		return -1;
	if (genl_each(g, genl_msg(g, IPCCHAN_CMD_QUOTA_GET, NLM_F_DUMP), find_uids, &others) != 1 ||
	    others)
		ret = -2;
	/* Of users whom it does not know, and of none. */
	else if (set_owner(g, c.id, USER) != -EINVAL)
		ret = -3;
	else if (set_owner(g, c.id, UINT32_MAX) != -EINVAL)
		ret = -4;
	else if (genl_new(g, "new") != -EPERM)
		ret = -5;
	genl_close(g);
	return ret;
}

TEST_F(ns, quotas)
{
	EXPECT_EQ(0, in_userns(CLONE_NEWNET, INNER, INNER, inner_owner, NULL));
}

/* What the others see of a channel by netlink is what its mode lets them do. */
static int other_user(const void *arg)
{
	const struct inner *in = arg;
	struct genl *g = genl_open();
	struct genl_chan c;
	int ret = 0;

	if (!g)
		return -10;
	if (!in->refusal)
		ret = reaches_by_netlink(g, in->id, -EPERM);
	else if (genl_get(g, NULL, in->id, &c) || shown(g) != 2)
		/* The channel and its buffer; none of the endpoints and blocks of others. */
		ret = -11;
	else if (set_mode(g, in->id, 0666) != -EPERM || genl_del(g, NULL, in->id) != -EPERM)
		ret = -12;
	genl_close(g);
	return ret;
}

TEST_F(ns, mode)
{
	uint32_t bits;

	for (bits = 0; bits < 8; bits++) {
		struct inner in = { NAME, self->id, self->fd, bits & 6 };

		ASSERT_EQ(0, set_mode(self->g, self->id, 0770 | bits));
		EXPECT_EQ(0, as_user(USER, USER, other_user, &in)) TH_LOG("mode %o", 0770 | bits);
	}
}

static void find_pid(struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *a = nlmsg_find_attr(nlh, GENL_HDRLEN, IPCCHAN_A_EP_PID);
	int *sum = arg;

	*sum += a ? (int)nla_get_u32(a) + 1 : 1000000;
}

/* Numbers of processes that are not in there are 0. */
static bool fdinfo_is(int fd, const char *line)
{
	char path[64], text[4096];
	int info, len;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	len = read(info, text, sizeof(text) - 1);
	close(info);
	text[len > 0 ? len : 0] = 0;
	return strstr(text, line);
}

/* The first process of a pid namespace.  Return: 0, or 1 to 5. */
static int in_pidns(int fd)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	struct genl *g = genl_open();
	int own, sum = 0;

	if (!g || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		return 1;
	own = chan_peer(fd, O_RDWR);
	/* Two endpoints: 0, and 1; each is counted as one more. */
	if (genl_each(g, genl_msg(g, IPCCHAN_CMD_EP_GET, NLM_F_DUMP), find_pid, &sum) != 2 ||
	    sum != 3)
		return 2;
	if (!fdinfo_is(fd, "ipcchan-opener:\tpid 0 uid 0\n") ||
	    !fdinfo_is(fd, "ipcchan-last-sender:\tpid 0 uid 0\n"))
		return 3;
	if (!fdinfo_is(own, "ipcchan-opener:\tpid 1 uid 0\n"))
		return 4;
	if (fcntl(own, F_GETLK, &l) || l.l_type != F_WRLCK || l.l_pid)
		return 5;
	genl_close(g);
	return 0;
}

TEST_F(ns, pid_namespace)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	pid_t pid;

	ASSERT_EQ(0, fcntl(self->fd, F_SETLK, &l));
	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	pid = fork();
	ASSERT_LE(0, pid);
	if (pid == 0)
		_exit(in_pidns(self->fd));
	EXPECT_EQ(0, child_wait(pid));
}

TEST_HARNESS_MAIN
