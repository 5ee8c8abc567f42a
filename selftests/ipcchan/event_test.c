// SPDX-License-Identifier: GPL-2.0
/* The multicast group: each event, once, to those who may see it. */
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "event.h"
#include "genl.h"
#include "ns.h"
#include "param.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

#define USER	OTHER_ID
#define QUIET_MS	100	/* so long nothing comes */

FIXTURE(event) {
	struct events *all;
	struct event e;
};

FIXTURE_SETUP(event)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
	self->all = events_open();
	ASSERT_NE(NULL, self->all);
}

FIXTURE_TEARDOWN(event)
{
	param_restore();
	events_close(self->all);
}

static int make(uint32_t kind, uint32_t slow, uint32_t mode)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .name = "c", .kind = kind, .slow = slow,
		.mode = mode, .max_msgs = 2, .buf_size = 4096,
	};

	return chan_open(kind == IPCCHAN_KIND_BROADCAST ? O_WRONLY : O_RDWR, &a);
}

/* The next event is this one, of channel @id, of the caller. */
static bool next_is(struct events *all, struct event *e, uint32_t what, uint32_t id)
{
	return !events_next(all, e, 10000) && e->what == what && e->chan == id &&
	       e->pid == (uint32_t)getpid() && e->uid == geteuid() && e->time_ns;
}

TEST_F(event, life)
{
	struct genl *g = genl_open();
	struct event *e = &self->e;
	struct ipcchan_info info;
	struct nl_msg *msg;
	uint64_t before = now_ns();
	uint32_t ep;
	int fd = make(0, 0, 0600);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &info));
	ASSERT_TRUE(next_is(self->all, e, IPCCHAN_EVENT_CREATED, info.id));
	EXPECT_STREQ("c", e->name);
	EXPECT_FALSE(e->present & 1u << IPCCHAN_A_EVENT_EP);
	EXPECT_LE(before, e->time_ns);
	EXPECT_GE(now_ns(), e->time_ns);
	ASSERT_TRUE(next_is(self->all, e, IPCCHAN_EVENT_ATTACHED, info.id));
	EXPECT_EQ(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV, e->role);
	ep = e->ep;
	EXPECT_NE(0, ep);
	msg = genl_msg(g, IPCCHAN_CMD_SET, 0);
	nla_put_u32(msg, IPCCHAN_A_ID, info.id);
	nla_put_u32(msg, IPCCHAN_A_MODE, 0666);
	ASSERT_EQ(0, genl_talk(g, msg, NULL, 0));
	ASSERT_TRUE(next_is(self->all, e, IPCCHAN_EVENT_CHANGED, info.id));
	ASSERT_EQ(0, chan_unlink("c"));
	ASSERT_TRUE(next_is(self->all, e, IPCCHAN_EVENT_DELETED, info.id));
	close(fd);
	ASSERT_TRUE(next_is(self->all, e, IPCCHAN_EVENT_DETACHED, info.id));
	EXPECT_EQ(ep, e->ep);
	/* One without a name ends with its last endpoint. */
	fd = chan_anon(NULL);
	ASSERT_EQ(0, chan_info(fd, &info));
	close(fd);
	ASSERT_TRUE(next_is(self->all, e, IPCCHAN_EVENT_CREATED, info.id));
	EXPECT_FALSE(e->present & 1u << IPCCHAN_A_EVENT_NAME);
	ASSERT_TRUE(next_is(self->all, e, IPCCHAN_EVENT_ATTACHED, info.id));
	ASSERT_TRUE(next_is(self->all, e, IPCCHAN_EVENT_DETACHED, info.id));
	ASSERT_TRUE(next_is(self->all, e, IPCCHAN_EVENT_DELETED, info.id));
	EXPECT_EQ(-ETIMEDOUT, events_next(self->all, e, QUIET_MS));
	genl_close(g);
}

/* Fill it, twice; each is told once. */
static void full_and_drained(struct __test_metadata *_metadata, struct events *all, int wr,
			     int rd)
{
	struct event e;
	int round, i;

	ASSERT_EQ(0, set_nonblock(wr, true));
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 2; i++)
			ASSERT_EQ(0, msg_send_u32(wr, i));
		EXPECT_EQ(-EAGAIN, msg_send_u32(wr, 2));
		EXPECT_EQ(-EAGAIN, msg_send_u32(wr, 2));
		ASSERT_EQ(0, events_find(all, IPCCHAN_EVENT_FULL, &e));
		EXPECT_EQ(2, e.count);
		EXPECT_EQ(getpid(), (pid_t)e.pid);
		EXPECT_EQ(0, msg_recv_u32(rd));
		EXPECT_EQ(-ETIMEDOUT, events_next(all, &e, QUIET_MS));
		EXPECT_EQ(1, msg_recv_u32(rd));
		ASSERT_EQ(0, events_next(all, &e, 10000));
		EXPECT_EQ(IPCCHAN_EVENT_DRAINED, e.what);
	}
	/* Nor is it told where it was not full before. */
	ASSERT_EQ(0, msg_send_u32(wr, 1));
	EXPECT_EQ(1, msg_recv_u32(rd));
	EXPECT_EQ(-ETIMEDOUT, events_next(all, &e, QUIET_MS));
}

TEST_F(event, full)
{
	int fd = make(0, 0, 0600);

	ASSERT_LE(0, fd);
	full_and_drained(_metadata, self->all, fd, fd);
	chan_unlink("c");
}

TEST_F(event, full_broadcast)
{
	int wr = make(IPCCHAN_KIND_BROADCAST, 0, 0600), rd, other;

	ASSERT_LE(0, wr);
	/* One that is never full, nor empty last. */
	other = chan_peer(wr, O_RDONLY);
	rd = chan_peer(wr, O_RDONLY);
	ASSERT_EQ(0, chan_filter(other, 7, 0));
	full_and_drained(_metadata, self->all, wr, rd);
	chan_unlink("c");
}

/* Whoever waits for room is told of, too. */
TEST_F(event, full_waiting)
{
	int fd = make(0, 0, 0600), i;
	pid_t pid;

	ASSERT_LE(0, fd);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, msg_send_u32(fd, i));
	pid = child_send(fd, 2, 0, 0);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, events_find(self->all, IPCCHAN_EVENT_FULL, &self->e));
	EXPECT_EQ(pid, (pid_t)self->e.pid);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(i, msg_recv_u32(fd));
	ASSERT_EQ(0, events_find(self->all, IPCCHAN_EVENT_DRAINED, &self->e));
	EXPECT_EQ(0, child_wait(pid));
	chan_unlink("c");
}

/* The last server that goes ends the calls that nobody has taken, and the queue is empty. */
TEST_F(event, full_rpc)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .name = "c", .kind = IPCCHAN_KIND_RPC,
		.max_msgs = 1, .options = IPCCHAN_OPT_HANGUP,
	};
	int client = chan_open(O_WRONLY, &a);
	pid_t server, queued, waits;

	ASSERT_LE(0, client);
	server = child_fork();
	if (!server) {
		if (chan_named("c", O_RDONLY, 0) >= 0)
			pause();
		_exit(1);
	}
	do {
		ASSERT_EQ(0, events_find(self->all, IPCCHAN_EVENT_ATTACHED, &self->e));
	} while (self->e.role != IPCCHAN_ROLE_RECV);
	queued = start_call(client, 1, 0);
	waits = start_call(client, 2, 0);
	ASSERT_LT(0, queued);
	ASSERT_LT(0, waits);
	ASSERT_EQ(0, events_find(self->all, IPCCHAN_EVENT_FULL, &self->e));
	child_kill(waits);
	child_kill(server);
	EXPECT_EQ(CHILD_ERROR + EPIPE, child_wait(queued));
	EXPECT_EQ(0, events_find(self->all, IPCCHAN_EVENT_DRAINED, &self->e));
	chan_unlink("c");
}

TEST_F(event, lagging)
{
	int wr = make(IPCCHAN_KIND_BROADCAST, IPCCHAN_SLOW_DROP_OLDEST, 0600), rd, round, i;
	struct event attached;

	ASSERT_LE(0, wr);
	rd = chan_peer(wr, O_RDONLY);
	ASSERT_LE(0, rd);
	do {
		ASSERT_EQ(0, events_find(self->all, IPCCHAN_EVENT_ATTACHED, &attached));
	} while (attached.role != IPCCHAN_ROLE_RECV);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 5; i++)
			ASSERT_EQ(0, msg_send_u32(wr, i));
		ASSERT_EQ(0, events_next(self->all, &self->e, 10000));
		EXPECT_EQ(IPCCHAN_EVENT_LAGGING, self->e.what);
		EXPECT_EQ(attached.ep, self->e.ep);
		EXPECT_EQ(round * 3 + 1, (int)self->e.count);
		EXPECT_EQ(-ETIMEDOUT, events_next(self->all, &self->e, QUIET_MS));
		EXPECT_EQ(3, msg_recv_u32(rd));
		EXPECT_EQ(4, msg_recv_u32(rd));
	}
	chan_unlink("c");
}

static pid_t child_with(const char *name, bool to_be_killed)
{
	pid_t pid = child_fork();
	int fd;

	if (pid)
		return pid;
	fd = chan_named(name, O_RDONLY, 0);
	if (to_be_killed)
		raise(SIGKILL);
	_exit(fd < 0 ? 1 : 7);
}

TEST_F(event, peer_died)
{
	int fd = make(0, 0, 0600);
	uint32_t ep;
	pid_t pid;

	ASSERT_LE(0, fd);
	pid = child_with("c", true);
	EXPECT_EQ(CHILD_SIGNALED + SIGKILL, child_wait(pid));
	ASSERT_EQ(0, events_find(self->all, IPCCHAN_EVENT_PEER_DIED, &self->e));
	EXPECT_EQ(pid, (pid_t)self->e.pid);
	ep = self->e.ep;
	ASSERT_EQ(0, events_next(self->all, &self->e, 10000));
	EXPECT_EQ(IPCCHAN_EVENT_DETACHED, self->e.what);
	EXPECT_EQ(ep, self->e.ep);
	/* Who ends by itself is not said to have died. */
	pid = child_with("c", false);
	EXPECT_EQ(7, child_wait(pid));
	ASSERT_EQ(0, events_next(self->all, &self->e, 10000));
	EXPECT_EQ(IPCCHAN_EVENT_ATTACHED, self->e.what);
	ASSERT_EQ(0, events_next(self->all, &self->e, 10000));
	EXPECT_EQ(IPCCHAN_EVENT_DETACHED, self->e.what);
	chan_unlink("c");
}

static void count_row(struct nlmsghdr *nlh, void *arg)
{
	(void)nlh;
	++*(int *)arg;
}

#define ROUNDS	300

/* An endpoint comes and goes for each byte. */
static pid_t come_and_go(int go)
{
	pid_t pid = child_fork();
	char c;

	if (pid)
		return pid;
	while (read(go, &c, 1) == 1)
		close(chan_anon(NULL));
	_exit(0);
}

/* An endpoint of which it was told that it is gone is in no dump. */
TEST_F(event, gone_from_dumps)
{
	struct genl *g = genl_open();
	int go[2], i, nr = 0;
	struct nl_msg *msg;
	pid_t pid;

	ASSERT_EQ(0, pipe(go));
	pid = come_and_go(go[0]);
	for (i = 0; i < ROUNDS && !nr; i++) {
		ASSERT_EQ(1, write(go[1], "", 1));
		ASSERT_EQ(0, events_find(self->all, IPCCHAN_EVENT_DETACHED, &self->e));
		msg = genl_msg(g, IPCCHAN_CMD_EP_GET, NLM_F_DUMP);
		nla_put_u32(msg, IPCCHAN_A_EP_CHAN, self->e.chan);
		ASSERT_LE(0, genl_each(g, msg, count_row, &nr));
	}
	EXPECT_EQ(0, nr) TH_LOG("after %d", i);
	child_kill(pid);
	genl_close(g);
}

static int too_many(const void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 5; i++)
		if (chan_anon(NULL) != -EDQUOT)
			return -1;
	return 0;
}

TEST_F(event, quota)
{
	ASSERT_EQ(0, param_set("user_msgs", 1000));
	ASSERT_EQ(0, as_user(USER, USER, too_many, NULL));
	ASSERT_EQ(0, events_next(self->all, &self->e, 10000));
	EXPECT_EQ(IPCCHAN_EVENT_QUOTA, self->e.what);
	EXPECT_EQ(USER, self->e.uid);
	EXPECT_STREQ("user_msgs", self->e.item);
	EXPECT_FALSE(self->e.present & 1u << IPCCHAN_A_EVENT_CHAN);
	EXPECT_EQ(-ETIMEDOUT, events_next(self->all, &self->e, QUIET_MS));
}

TEST_F(event, corrupt)
{
	struct ipcchan_report r = { .offset = 64 };
	int fd = make(0, 0, 0600), plain = chan_anon(NULL), unattached = dev_open(O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, do_ioctl(fd, IPCCHAN_IOC_REPORT, &r));
	EXPECT_EQ(0, do_ioctl(fd, IPCCHAN_IOC_REPORT, &r));
	ASSERT_EQ(0, events_find(self->all, IPCCHAN_EVENT_CORRUPT, &self->e));
	EXPECT_EQ(64, self->e.offset);
	EXPECT_NE(0, self->e.ep);
	EXPECT_STREQ("c", self->e.name);
	r.offset = 4096;
	EXPECT_EQ(-EINVAL, do_ioctl(fd, IPCCHAN_IOC_REPORT, &r));
	r = (struct ipcchan_report) { .reserved = 1 };
	EXPECT_EQ(-EINVAL, do_ioctl(fd, IPCCHAN_IOC_REPORT, &r));
	r.reserved = 0;
	EXPECT_EQ(-ENXIO, do_ioctl(plain, IPCCHAN_IOC_REPORT, &r));
	EXPECT_EQ(-ENOTCONN, do_ioctl(unattached, IPCCHAN_IOC_REPORT, &r));
	EXPECT_EQ(-EFAULT, do_ioctl(fd, IPCCHAN_IOC_REPORT, bad_page()));
	/* In quick succession one is told. */
	while (!events_next(self->all, &self->e, QUIET_MS))
		EXPECT_NE(IPCCHAN_EVENT_CORRUPT, self->e.what);
	chan_unlink("c");
}

/* -254 where nobody may listen without privilege; -1 and on: what failed. */
static int hears_own(const void *arg)
{
	const int *go = arg;
	struct events *own = events_open();
	struct event e;
	char c = 0;
	int fd;

	if (!own)
		return errno == EPERM ? -254 : -EIO;
	/* What it cannot see has happened when this returns. */
	if (write(go[1], &c, 1) != 1 || read(go[1], &c, 1) != 1)
		return -EIO;
	if (events_next(own, &e, QUIET_MS) || e.what != IPCCHAN_EVENT_CREATED ||
	    strcmp(e.name, "public"))
		return -1;
	if (events_next(own, &e, QUIET_MS) != -ETIMEDOUT)
		return -2;
	fd = chan_named("public", O_RDONLY, 0);
	if (fd < 0 || events_next(own, &e, 10000) || e.what != IPCCHAN_EVENT_ATTACHED)
		return -3;
	events_close(own);
	return 0;
}

static void make_two(const int *go)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .name = "private", .mode = 0600,
	};
	char c;
	int fd;

	if (read(go[0], &c, 1) != 1)
		return;
	fd = chan_open(O_RDWR, &a);
	strcpy(a.name, "public");
	a.mode = 0604;
	close(fd);
	fd = chan_open(O_RDWR, &a);
	close(fd);
	if (write(go[0], &c, 1) != 1)
		return;
}

#define INNER	100000	/* what user 0 of the namespaces is outside */
#define IDS	"0 100000 10\n"

static void of_others(struct __test_metadata *_metadata, bool root_elsewhere)
{
	int go[2], ret;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, go));
	pid = child_fork();
	if (!pid) {
		close(go[1]);
		make_two(go);
		_exit(0);
	}
	close(go[0]);
	ret = root_elsewhere ? in_userns(0, IDS, IDS, hears_own, go) :
			       as_user(USER, USER, hears_own, go);
	close(go[1]);
	EXPECT_EQ(0, child_wait(pid));
	chan_unlink("private");
	chan_unlink("public");
	if (ret == -254)
		SKIP(return, "this kernel has no way to tell users apart");
	EXPECT_EQ(0, ret);
}

TEST_F(event, of_others)
{
	of_others(_metadata, false);
}

/* All capabilities, but not where the network namespace belongs. */
TEST_F(event, of_others_for_root_elsewhere)
{
	of_others(_metadata, true);
}

static int may_listen(const void *arg)
{
	struct events *e = events_open();

	(void)arg;
	events_close(e);
	return e ? 0 : -EPERM;
}

/* -1: what is of another network namespace; -2, -3: of users that it has not, or not of its own. */
static int hears_own_net(const void *arg)
{
	const int link = *(const int *)arg;
	const bool told_apart = !as_user(1, 1, may_listen, NULL);
	const pid_t pid = getpid();
	struct events *all = events_open();
	struct event e;
	int own = 0;
	char c;

	if (!all || write(link, &pid, sizeof(pid)) != sizeof(pid) || read(link, &c, 1) != 1)
		return -EIO;
	while (!events_next(all, &e, QUIET_MS)) {
		if (e.what != IPCCHAN_EVENT_QUOTA)
			return -1;
		if (e.uid != INNER + 1 && told_apart)
			return -2;
		own += e.uid == INNER + 1;
	}
	events_close(all);
	return own == 1 ? 0 : -3;
}

/* What happens here, and in the network namespace of who says its pid at the other end. */
static void happen_there(int link)
{
	pid_t who;

	if (read(link, &who, sizeof(who)) != sizeof(who))
		return;
	close(make(0, 0, 0666));
	/* Of one that no other test has been told of: that is once a second. */
	if (!enter_net(who) && !as_user(USER + 1, USER + 1, too_many, NULL) &&
	    !as_user(INNER + 1, INNER + 1, too_many, NULL) && write(link, "", 1) != 1)
		return;
}

/* Root of a user namespace that owns the network namespace. */
TEST_F(event, of_own_network)
{
	int link[2];
	pid_t pid;

	ASSERT_EQ(0, param_set("user_msgs", 1000));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, link));
	pid = child_fork();
	if (!pid) {
		close(link[1]);
		happen_there(link[0]);
		_exit(0);
	}
	close(link[0]);
	EXPECT_EQ(0, in_userns(CLONE_NEWNET, IDS, IDS, hears_own_net, &link[1]));
	close(link[1]);
	EXPECT_EQ(0, child_wait(pid));
	chan_unlink("c");
}

TEST_HARNESS_MAIN
