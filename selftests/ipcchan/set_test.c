// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_CMD_SET: limits and owners change, all that is asked for or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "genl.h"
#include "ns.h"
#include "param.h"
#include "util.h"

#include "harness.h"

#define USER	OTHER_ID
#define OTHER	(OTHER_ID + 1)

FIXTURE(set) {
	struct genl *g;
};

FIXTURE_SETUP(set)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
	self->g = genl_open();
	ASSERT_NE(NULL, self->g);
}

FIXTURE_TEARDOWN(set)
{
	param_restore();
	genl_close(self->g);
}

/* A change of channel "c": so many attributes, each a type and a value. */
struct change {
	int nr;
	struct {
		int type;
		uint64_t value;
	} attr[4];
};

static bool is_u64(int type)
{
	return type == IPCCHAN_A_MAX_BYTES;
}

static int set(struct genl *g, const struct change *c)
{
	struct nl_msg *msg = genl_msg(g, IPCCHAN_CMD_SET, 0);
	int i;

	nla_put_string(msg, IPCCHAN_A_NAME, "c");
	for (i = 0; i < c->nr; i++) {
		if (is_u64(c->attr[i].type))
			nla_put_u64(msg, c->attr[i].type, c->attr[i].value);
		else
			nla_put_u32(msg, c->attr[i].type, c->attr[i].value);
	}
	return genl_talk(g, msg, NULL, 0);
}

#define SET1(g, t, v)	set(g, &(struct change) { 1, { { t, v } } })
#define SET2(g, t, v, t2, v2) \
	set(g, &(struct change) { 2, { { t, v }, { t2, v2 } } })

/* As the caller, with a socket of its own; -EBADE where a refusal says nothing. */
static int set_as(const void *change)
{
	struct genl *g = genl_open();
	int ret = g ? set(g, change) : -EIO;

	if (ret && g && !*genl_extack(g))
		ret = -EBADE;
	genl_close(g);
	return ret;
}

static int make(uint32_t kind, uint32_t msgs, uint32_t size, uint64_t bytes, uint32_t mode)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .name = "c", .kind = kind, .max_msgs = msgs,
		.max_msg_size = size, .max_bytes = bytes, .mode = mode,
	};

	return chan_open(O_RDWR, &a);
}

TEST_F(set, shows)
{
	struct ipcchan_info info;
	struct genl_chan before, c;
	int fd = make(0, 4, 8, 32, 0600);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, genl_get(self->g, "c", 0, &before));
	ASSERT_EQ(0, set(self->g, &(struct change) { 4, {
		{ IPCCHAN_A_MAX_MSGS, 7 }, { IPCCHAN_A_MAX_MSG_SIZE, 9 },
		{ IPCCHAN_A_MAX_BYTES, 70 }, { IPCCHAN_A_MODE, 0644 } } }));
	ASSERT_EQ(0, SET2(self->g, IPCCHAN_A_SPIN_NS, 77, IPCCHAN_A_GID, 5));
	ASSERT_EQ(0, genl_get(self->g, "c", 0, &c));
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(7, c.max_msgs);
	EXPECT_EQ(9, c.max_msg_size);
	EXPECT_EQ(70, c.max_bytes);
	EXPECT_EQ(0644, c.mode);
	EXPECT_EQ(77, c.spin_ns);
	EXPECT_EQ(5, c.gid);
	EXPECT_EQ(before.uid, c.uid);
	EXPECT_EQ(before.generation + 2, c.generation);
	EXPECT_EQ(7, info.max_msgs);
	EXPECT_EQ(9, info.max_msg_size);
	EXPECT_EQ(70, info.max_bytes);
	EXPECT_EQ(0644, info.mode);
	EXPECT_EQ(77, info.spin_ns);
	EXPECT_EQ(5, info.gid);
	EXPECT_EQ(0, SET1(self->g, IPCCHAN_A_SPIN_NS, IPCCHAN_SPIN_NONE));
	ASSERT_EQ(0, genl_get(self->g, "c", 0, &c));
	EXPECT_EQ(0, c.spin_ns);
	chan_unlink("c");
}

/* What is there stays; new ones are measured by the new limits. */
TEST_F(set, smaller)
{
	int fd = make(0, 4, 8, 32, 0600), i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_nonblock(fd, true));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, msg_send_u32(fd, i));
	ASSERT_EQ(0, set(self->g, &(struct change) { 3, {
		{ IPCCHAN_A_MAX_MSGS, 2 }, { IPCCHAN_A_MAX_MSG_SIZE, 4 },
		{ IPCCHAN_A_MAX_BYTES, 8 } } }));
	EXPECT_EQ(-EMSGSIZE, msg_send(fd, "12345", 5));
	EXPECT_EQ(-EAGAIN, msg_send_u32(fd, 3));
	EXPECT_EQ(0, msg_recv_u32(fd));
	EXPECT_EQ(-EAGAIN, msg_send_u32(fd, 3));
	EXPECT_EQ(1, msg_recv_u32(fd));
	EXPECT_EQ(0, msg_send_u32(fd, 3));
	EXPECT_EQ(-EAGAIN, msg_send_u32(fd, 4));
	EXPECT_EQ(2, msg_recv_u32(fd));
	EXPECT_EQ(3, msg_recv_u32(fd));
	chan_unlink("c");
}

/* Who waits for room is let in where there is some now, and told where there never will be. */
TEST_F(set, waiting)
{
	struct ipcchan_msghdr h = { 0 };
	struct genl_chan c;
	pid_t pid, longer;
	int fd = make(0, 1, 4000, 8000, 0600);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, msg_send_u32(fd, 1));
	pid = child_send(fd, 2, 0, 0);
	longer = sender_as(0, fd, 3, 0, 2000);
	ASSERT_LT(0, pid);
	ASSERT_LT(0, longer);
	ASSERT_EQ(0, genl_get(self->g, "c", 0, &c));
	EXPECT_EQ(2, c.waiting_senders);
	EXPECT_EQ(0, c.waiting_receivers);
	ASSERT_EQ(0, SET1(self->g, IPCCHAN_A_MAX_MSGS, 2));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(2, chan_msgs(fd));
	/* The other one waits still. */
	ASSERT_EQ(0, SET1(self->g, IPCCHAN_A_MAX_MSG_SIZE, 1999));
	EXPECT_EQ(1, child_wait(longer));
	EXPECT_EQ(1, label_recv(fd, &h, 0));
	EXPECT_EQ(2, label_recv(fd, &h, 0));
	chan_unlink("c");
}

TEST_F(set, subscribers)
{
	int wr = make(IPCCHAN_KIND_BROADCAST, 1, 4000, 8000, 0600), rd;
	pid_t pid;

	ASSERT_LE(0, wr);
	rd = chan_peer(wr, O_RDONLY);
	ASSERT_LE(0, rd);
	ASSERT_EQ(0, msg_send_u32(wr, 1));
	/* The descriptor that made it subscribes, too. */
	ASSERT_EQ(1, msg_recv_u32(wr));
	pid = child_send(wr, 2, 0, 0);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, SET1(self->g, IPCCHAN_A_MAX_MSGS, 2));
	EXPECT_EQ(0, child_wait(pid));
	pid = sender_as(0, wr, 3, 0, 2000);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, SET2(self->g, IPCCHAN_A_MAX_MSG_SIZE, 100, IPCCHAN_A_MAX_BYTES, 100));
	EXPECT_EQ(1, child_wait(pid));
	EXPECT_EQ(1, msg_recv_u32(rd));
	EXPECT_EQ(2, msg_recv_u32(rd));
	chan_unlink("c");
}

TEST_F(set, refused)
{
	static const struct change bad[] = {
		{ 1, { { IPCCHAN_A_MAX_MSGS, 0 } } },
		{ 1, { { IPCCHAN_A_MAX_MSGS, 0x100001 } } },
		{ 1, { { IPCCHAN_A_MAX_MSG_SIZE, 0 } } },
		{ 1, { { IPCCHAN_A_MAX_MSG_SIZE, 33 } } },
		{ 1, { { IPCCHAN_A_MAX_BYTES, 7 } } },
		{ 1, { { IPCCHAN_A_MAX_BYTES, 1ull << 40 } } },
		{ 1, { { IPCCHAN_A_MODE, 01000 } } },
		{ 1, { { IPCCHAN_A_SPIN_NS, IPCCHAN_SPIN_MAX_NS + 1 } } },
		{ 1, { { IPCCHAN_A_UID, 0xffffffff } } },
		{ 1, { { IPCCHAN_A_GID, 0xffffffff } } },
		{ 1, { { IPCCHAN_A_KIND, 1 } } },
		{ 1, { { IPCCHAN_A_MAX + 1, 1 } } },
		/* The first would be good. */
		{ 2, { { IPCCHAN_A_MAX_MSGS, 5 }, { IPCCHAN_A_MAX_BYTES, 7 } } },
		{ 2, { { IPCCHAN_A_MODE, 0666 }, { IPCCHAN_A_GID, 0xffffffff } } },
	};
	struct genl_chan before, c;
	unsigned int i;
	int fd = make(0, 4, 8, 32, 0600), ret;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, genl_get(self->g, "c", 0, &before));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		ret = set(self->g, &bad[i]);
		EXPECT_TRUE(ret == -EINVAL || ret == -ERANGE) TH_LOG("case %u: %d", i, ret);
		EXPECT_STRNE("", genl_extack(self->g)) TH_LOG("case %u", i);
	}
	ASSERT_EQ(0, genl_get(self->g, "c", 0, &c));
	EXPECT_EQ(0, memcmp(&before, &c, sizeof(c)));
	chan_unlink("c");
	EXPECT_EQ(-ENOENT, SET1(self->g, IPCCHAN_A_MAX_MSGS, 5));
	EXPECT_STRNE("", genl_extack(self->g));
}

/* Of a queue that a receiver searches by type. */
TEST_F(set, by_type)
{
	int fd = make(0, 4, 8, 32, 0600), rd;

	ASSERT_LE(0, fd);
	rd = chan_peer(fd, O_RDONLY);
	ASSERT_LE(0, rd);
	ASSERT_EQ(0, chan_filter(rd, 7, 0));
	EXPECT_EQ(-EOPNOTSUPP, SET1(self->g, IPCCHAN_A_MAX_MSGS, IPCCHAN_FILTER_MSGS + 1));
	EXPECT_STRNE("", genl_extack(self->g));
	EXPECT_EQ(0, SET1(self->g, IPCCHAN_A_MAX_MSGS, IPCCHAN_FILTER_MSGS));
	close(rd);
	EXPECT_EQ(0, SET1(self->g, IPCCHAN_A_MAX_MSGS, IPCCHAN_FILTER_MSGS + 1));
	EXPECT_EQ(-EOPNOTSUPP, chan_filter(fd, 7, 0));
	chan_unlink("c");
}

/* -1 and on: which of its steps failed. */
static int owner_does(const void *arg)
{
	struct genl *g = genl_open();
	int fd = make(0, 4, 8, 32, 0600);

	(void)arg;
	if (!g || fd < 0)
		return -EIO;
	if (SET2(g, IPCCHAN_A_MODE, 0666, IPCCHAN_A_MAX_MSGS, 3))
		return -1;
	if (SET1(g, IPCCHAN_A_UID, USER) || SET1(g, IPCCHAN_A_GID, USER))
		return -2;
	/* To give it away, or to a group that one is not in. */
	if (SET1(g, IPCCHAN_A_UID, 0) != -EPERM || SET1(g, IPCCHAN_A_GID, 0) != -EPERM)
		return -3;
	return 0;
}

TEST_F(set, rights)
{
	const struct change good = { 1, { { IPCCHAN_A_MAX_MSGS, 2 } } };
	struct genl_chan c;

	ASSERT_EQ(0, as_user(USER, USER, owner_does, NULL));
	EXPECT_EQ(-EPERM, as_user(OTHER, OTHER, set_as, &good));
	EXPECT_EQ(0, as_user(USER, USER, set_as, &good));
	EXPECT_EQ(0, SET2(self->g, IPCCHAN_A_UID, OTHER, IPCCHAN_A_GID, OTHER));
	EXPECT_EQ(-EPERM, as_user(USER, USER, set_as, &good));
	EXPECT_EQ(0, as_user(OTHER, OTHER, set_as, &good));
	ASSERT_EQ(0, genl_get(self->g, "c", 0, &c));
	EXPECT_EQ(OTHER, c.uid);
	EXPECT_EQ(OTHER, c.gid);
	chan_unlink("c");
}

/* The socket is of root, and who sends through it is not. */
static int set_through(const void *g)
{
	return SET1((struct genl *)g, IPCCHAN_A_MAX_MSGS, 2);
}

TEST_F(set, both_need_the_right)
{
	ASSERT_EQ(0, genl_new(self->g, "c"));
	EXPECT_EQ(0, set_through(self->g));
	EXPECT_EQ(-EPERM, as_user(USER, USER, set_through, self->g));
	chan_unlink("c");
}

/* As many messages as a user of 100 may have besides. */
static int may_have(const void *msgs)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .max_msg_size = 1, .max_bytes = 1,
		.max_msgs = *(const int *)msgs,
	};
	int fd = chan_open(O_RDWR, &a), more;

	if (fd < 0)
		return fd;
	a.max_msgs = 1;
	more = chan_open(O_RDWR, &a);
	close(fd);
	if (more >= 0)
		close(more);
	return more == -EDQUOT ? 0 : -EBADMSG;
}

static int make_ten(const void *arg)
{
	(void)arg;
	return make(0, 10, 1, 1, 0600) < 0 ? -EIO : 0;
}

TEST_F(set, owner_pays)
{
	const int ninety = 90, sixty = 60, hundred = 100;
	const struct change grow = { 1, { { IPCCHAN_A_MAX_MSGS, 40 } } };
	const struct change burst = { 2, { { IPCCHAN_A_MODE, 0666 },
					   { IPCCHAN_A_MAX_MSGS, 101 } } };
	struct genl_chan c;

	ASSERT_EQ(0, param_set("user_msgs", 100));
	ASSERT_EQ(0, as_user(USER, USER, make_ten, NULL));
	EXPECT_EQ(0, as_user(USER, USER, may_have, &ninety));
	ASSERT_EQ(0, as_user(USER, USER, set_as, &grow));
	EXPECT_EQ(0, as_user(USER, USER, may_have, &sixty));
	EXPECT_EQ(-EDQUOT, as_user(USER, USER, set_as, &burst));
	ASSERT_EQ(0, genl_get(self->g, "c", 0, &c));
	EXPECT_EQ(40, c.max_msgs);
	EXPECT_EQ(0600, c.mode);
	EXPECT_EQ(0, as_user(USER, USER, may_have, &sixty));
	/* The owner pays, also for what others decide; and the next one. */
	ASSERT_EQ(0, SET1(self->g, IPCCHAN_A_MAX_MSGS, 10));
	EXPECT_EQ(0, as_user(USER, USER, may_have, &ninety));
	ASSERT_EQ(0, SET1(self->g, IPCCHAN_A_UID, OTHER));
	EXPECT_EQ(0, as_user(USER, USER, may_have, &hundred));
	EXPECT_EQ(0, as_user(OTHER, OTHER, may_have, &ninety));
	chan_unlink("c");
	EXPECT_EQ(0, as_user(OTHER, OTHER, may_have, &hundred));
}

/* -1 and on: which of its steps failed. */
static int publisher(const void *arg)
{
	struct change grow = { 1, { { IPCCHAN_A_MAX_MSGS, 60 } } };
	struct genl *g = genl_open();
	int wr = make(IPCCHAN_KIND_BROADCAST, 40, 1, 1, 0666), sub[2], left = 20;

	(void)arg;
	/* It subscribes itself, and once more: 80 of its 100. */
	sub[0] = chan_peer(wr, O_RDONLY);
	if (!g || wr < 0 || sub[0] < 0 || may_have(&left))
		return -1;
	if (set(g, &grow) != -EDQUOT || may_have(&left))
		return -2;
	grow.attr[0].value = 50;
	if (set(g, &grow))
		return -3;
	sub[1] = chan_peer(wr, O_RDONLY);
	if (sub[1] != -EDQUOT)
		return -4;
	grow.attr[0].value = 30;
	sub[1] = set(g, &grow) ? -1 : chan_peer(wr, O_RDONLY);
	left = 10;
	if (sub[1] < 0 || may_have(&left))
		return -5;
	close(wr);
	close(sub[0]);
	close(sub[1]);
	left = 100;
	return may_have(&left) ? -6 : 0;
}

TEST_F(set, subscribers_pay)
{
	ASSERT_EQ(0, param_set("user_msgs", 100));
	EXPECT_EQ(0, as_user(USER, USER, publisher, NULL));
	chan_unlink("c");
}

/* As this user; the test's own task goes on as root. */
static int subscribe_as(uid_t uid)
{
	int fd;

	if (seteuid(uid))
		return -errno;
	fd = chan_named("c", O_RDONLY, 0);
	return seteuid(0) ? -errno : fd;
}

static int make_broadcast(const void *arg)
{
	(void)arg;
	return make(IPCCHAN_KIND_BROADCAST, 10, 1, 10, 0666) < 0 ? -EIO : 0;
}

/* Who subscribed agreed to pay for so much, and to what is less. */
TEST_F(set, others_pay_no_more)
{
	const struct change more[] = {
		{ 1, { { IPCCHAN_A_MAX_MSGS, 11 } } },
		{ 1, { { IPCCHAN_A_MAX_BYTES, 11 } } },
		{ 2, { { IPCCHAN_A_MAX_MSGS, 9 }, { IPCCHAN_A_MAX_BYTES, 11 } } },
	};
	const struct change less = { 2, { { IPCCHAN_A_MAX_MSGS, 5 }, { IPCCHAN_A_MAX_BYTES, 5 } } };
	const int eighty_nine = 89, ninety = 90, ninety_five = 95;
	struct genl_chan before, c;
	int own, other;
	unsigned int i;

	ASSERT_EQ(0, param_set("user_msgs", 100));
	ASSERT_EQ(0, as_user(USER, USER, make_broadcast, NULL));
	/* The owner's own is the first that is charged, which is undone. */
	own = subscribe_as(USER);
	other = subscribe_as(OTHER);
	ASSERT_LE(0, own);
	ASSERT_LE(0, other);
	ASSERT_EQ(0, genl_get(self->g, "c", 0, &before));
	for (i = 0; i < ARRAY_SIZE(more); i++)
		EXPECT_EQ(-EPERM, as_user(USER, USER, set_as, &more[i])) TH_LOG("case %u", i);
	ASSERT_EQ(0, genl_get(self->g, "c", 0, &c));
	EXPECT_EQ(0, memcmp(&before, &c, sizeof(c)));
	EXPECT_EQ(0, as_user(USER, USER, may_have, &ninety));
	EXPECT_EQ(0, as_user(OTHER, OTHER, may_have, &ninety));
	EXPECT_EQ(0, as_user(USER, USER, set_as, &less));
	EXPECT_EQ(0, as_user(OTHER, OTHER, may_have, &ninety_five));
	/* With the capability; and alone again. */
	EXPECT_EQ(0, SET1(self->g, IPCCHAN_A_MAX_MSGS, 10));
	EXPECT_EQ(0, as_user(OTHER, OTHER, may_have, &ninety));
	close(other);
	EXPECT_EQ(0, as_user(USER, USER, set_as, &more[0]));
	EXPECT_EQ(0, as_user(USER, USER, may_have, &eighty_nine));
	close(own);
	chan_unlink("c");
}

/* Subscribes in the network namespace of who says its pid at the other end of @link. */
static pid_t subscriber_there(const int link[2], uid_t uid)
{
	pid_t pid = child_fork(), who;
	char c;

	if (pid)
		return pid;
	close(link[1]);
	if (read(link[0], &who, sizeof(who)) != sizeof(who) || enter_net(who) ||
	    subscribe_as(uid) < 0 || write(link[0], "", 1) != 1)
		_exit(1);
	/* Until the other end is closed. */
	_exit(read(link[0], &c, 1) ? 2 : 0);
}

static int raise_of_others(const void *arg)
{
	const struct change more = { 1, { { IPCCHAN_A_MAX_MSGS, 11 } } };
	const int link = *(const int *)arg;
	const pid_t pid = getpid();
	char c;

	if (make_broadcast(NULL) || write(link, &pid, sizeof(pid)) != sizeof(pid) ||
	    read(link, &c, 1) != 1)
		return -EIO;
	return set_as(&more);
}

/* What root of a user namespace may do, in a network namespace of its own. */
static int raised_within(uid_t subscriber)
{
	int link[2], ret;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link))
		return -errno;
	pid = subscriber_there(link, subscriber);
	close(link[0]);
	ret = in_userns(CLONE_NEWNET, "0 100000 10\n", "0 100000 10\n", raise_of_others, &link[1]);
	close(link[1]);
	return child_wait(pid) ? -EIO : ret;
}

/* The capability counts for such users as the namespace has. */
TEST_F(set, others_of_a_namespace)
{
	EXPECT_EQ(0, raised_within(100001));
	EXPECT_EQ(-EPERM, raised_within(OTHER));
}

TEST_HARNESS_MAIN
