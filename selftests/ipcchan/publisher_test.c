// SPDX-License-Identifier: GPL-2.0
/* What one publisher may take of the room of another's subscribers. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ns.h"
#include "util.h"

#include "harness.h"

#define MALLORY	OTHER_ID

static int send_sixty(const void *fd)
{
	return label_send(*(const int *)fd, 60, 0, 0, IPCCHAN_XFER_NONBLOCK);
}

/* A publisher has its share of each subscriber's room, and waits for the last of it. */
TEST(waits_for_share)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST, .max_msgs = 2,
		.mode = 0666,
	};
	int wr = chan_open(O_WRONLY, &a), sub, batch;
	char buf[8];
	pid_t pid;

	ASSERT_LE(0, wr);
	sub = chan_peer(wr, O_RDONLY);
	for (batch = 0; batch < 2; batch++) {
		EXPECT_EQ(0, as_user(MALLORY, MALLORY, send_sixty, &wr));
		pid = sender_as(MALLORY, wr, 61, 0, 4);
		ASSERT_LE(0, pid);
		/* There is room, but for others. */
		EXPECT_EQ(POLLOUT, poll_now(wr, POLLOUT));
		if (batch) {
			/* Received as one of a batch. */
			EXPECT_EQ(60, label_recv(sub, NULL, 0));
		} else {
			EXPECT_EQ(4, msg_recv(sub, buf, sizeof(buf)));
		}
		EXPECT_EQ(0, child_wait(pid));
		EXPECT_EQ(61, label_recv(sub, NULL, 0));
	}
	close(sub);
	close(wr);
}

/* One who finds that he has his share only when his turn comes lets the next one pass. */
TEST(steps_aside)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
		.max_bytes = 8000, .max_msg_size = 8000, .mode = 0666,
	};
	int wr = chan_open(O_WRONLY, &a), sub = chan_peer(wr, O_RDONLY | O_NONBLOCK), i;
	pid_t first, second, third;
	char buf[8000] = { 0 };

	ASSERT_LE(0, sub);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, as_user(MALLORY, MALLORY, send_sixty, &wr));
		ASSERT_EQ(4000, msg_send(wr, buf, 4000));
		first = sender_as(0, wr, 1, 0, 4000);
		ASSERT_LE(0, first);
		second = sender_as(MALLORY, wr, 2, 0, 2000);
		ASSERT_LE(0, second);
		third = sender_as(0, wr, 3, 0, 4);
		ASSERT_LE(0, third);
		child_kill(first);
		ASSERT_EQ(0, child_wait(third));
		ASSERT_TRUE(wait_blocked(second, SYS_ioctl));
		child_kill(second);
		ASSERT_EQ(4, msg_recv(sub, buf, sizeof(buf)));
		ASSERT_EQ(4000, msg_recv(sub, buf, sizeof(buf)));
		ASSERT_EQ(4, msg_recv(sub, buf, sizeof(buf)));
	}
	close(sub);
	close(wr);
}

/* Of one publisher's messages a short one does not pass by a long one that waits. */
TEST(own_order)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
		.max_bytes = 8000, .max_msg_size = 8000, .mode = 0666,
	};
	int wr = chan_open(O_WRONLY, &a), sub = chan_peer(wr, O_RDONLY | O_NONBLOCK);
	char buf[8000] = { 0 };
	pid_t first, second;

	ASSERT_LE(0, sub);
	ASSERT_EQ(0, as_user(MALLORY, MALLORY, send_sixty, &wr));
	ASSERT_EQ(4000, msg_send(wr, buf, 4000));
	first = sender_as(MALLORY, wr, 1, 0, 2000);
	ASSERT_LE(0, first);
	EXPECT_EQ(-EAGAIN, as_user(MALLORY, MALLORY, send_sixty, &wr));
	second = sender_as(MALLORY, wr, 2, 0, 4);
	ASSERT_LE(0, second);
	EXPECT_EQ(4, msg_recv(sub, buf, sizeof(buf)));
	EXPECT_EQ(0, child_wait(first));
	EXPECT_EQ(4000, msg_recv(sub, buf, sizeof(buf)));
	EXPECT_EQ(0, child_wait(second));
	EXPECT_EQ(2000, msg_recv(sub, buf, sizeof(buf)));
	EXPECT_EQ(4, msg_recv(sub, buf, sizeof(buf)));
	close(sub);
	close(wr);
}

/* A publisher who waits for his share holds up nobody else. */
TEST(aside)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST, .max_msgs = 4,
		.mode = 0666,
	};
	int wr = chan_open(O_WRONLY, &a), sub = chan_peer(wr, O_RDONLY | O_NONBLOCK);
	pid_t first, second;

	ASSERT_LE(0, sub);
	EXPECT_EQ(0, as_user(MALLORY, MALLORY, send_sixty, &wr));
	EXPECT_EQ(0, as_user(MALLORY, MALLORY, send_sixty, &wr));
	EXPECT_EQ(0, label_send(wr, 1, 0, 0, IPCCHAN_XFER_NONBLOCK));
	EXPECT_EQ(0, label_send(wr, 2, 0, 0, IPCCHAN_XFER_NONBLOCK));
	first = sender_as(MALLORY, wr, 61, 0, 4);
	ASSERT_LE(0, first);
	second = sender_as(0, wr, 3, 0, 4);
	ASSERT_LE(0, second);
	/* There is room now, but not for the first one. */
	EXPECT_EQ(60, label_recv(sub, NULL, 0));
	EXPECT_EQ(0, child_wait(second));
	EXPECT_TRUE(wait_blocked(first, SYS_ioctl));
	EXPECT_EQ(60, label_recv(sub, NULL, 0));
	EXPECT_EQ(0, child_wait(first));
	EXPECT_EQ(1, label_recv(sub, NULL, 0));
	EXPECT_EQ(2, label_recv(sub, NULL, 0));
	EXPECT_EQ(3, label_recv(sub, NULL, 0));
	EXPECT_EQ(61, label_recv(sub, NULL, 0));
	close(sub);
	close(wr);
}

static int send_wanted(const void *arg)
{
	const int *fd = arg;

	return label_send(*fd, 1, 0, 7, 0);
}

static int send_until_sated(const void *arg)
{
	const int *fd = arg;
	int ret = 0;

	while (!ret)
		ret = label_send(*fd, 1, 0, 0, 0);
	return ret;
}

/* Who waits for a message gets it, though others of its sender fill the share. */
TEST(awaited)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
		.max_msgs = 8, .mode = 0666,
	};
	int wr = chan_open(O_WRONLY | O_NONBLOCK, &a), sub = chan_peer(wr, O_RDONLY);
	pid_t pid;

	ASSERT_LE(0, sub);
	ASSERT_EQ(-EDQUOT, as_user(MALLORY, MALLORY, send_until_sated, &wr));
	ASSERT_EQ(0, chan_filter(sub, 7, 0));
	pid = child_fork();
	if (pid == 0)
		_exit(label_recv(sub, NULL, 0) == 1 ? 0 : 1);
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	EXPECT_EQ(0, as_user(MALLORY, MALLORY, send_wanted, &wr));
	EXPECT_EQ(0, child_wait(pid));
	close(sub);
	close(wr);
}

struct publisher {
	int wr;
	uint32_t nr;
};

static int publish(const void *arg)
{
	const struct publisher *p = arg;
	uint32_t i;
	int ret;

	for (i = 0; i < p->nr; i++) {
		ret = label_send(p->wr, i, 0, 0, IPCCHAN_XFER_NONBLOCK);
		if (ret)
			return ret;
	}
	return 0;
}

/* What a subscriber receives, and how many it is told to have lost before */
struct received {
	uint32_t value;
	uint32_t lost;
};

static void expect_received(struct __test_metadata *_metadata, int sub, struct received want)
{
	struct ipcchan_msghdr h;

	EXPECT_EQ(want.value, label_recv(sub, &h, 0));
	EXPECT_EQ(want.lost, h.lost);
}

/*
 * One who is slow gets @first where another publishes ten, and @then where the owner goes
 * on with @nr.
 */
static void publish_to_slow(struct __test_metadata *_metadata, uint32_t slow,
			    struct received first, uint32_t nr, struct received then)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST, .max_msgs = 4,
		.slow = slow, .mode = 0666,
	};
	struct publisher p = { .wr = chan_open(O_WRONLY, &a), .nr = 10 };
	int sub = chan_peer(p.wr, O_RDONLY | O_NONBLOCK);

	ASSERT_LE(0, sub);
	EXPECT_EQ(0, label_send(p.wr, 100, 0, 0, IPCCHAN_XFER_NONBLOCK));
	EXPECT_EQ(0, as_user(MALLORY, MALLORY, publish, &p));
	EXPECT_EQ(100, label_recv(sub, NULL, 0));
	expect_received(_metadata, sub, first);
	EXPECT_EQ(-EAGAIN, label_recv(sub, NULL, 0));
	p.nr = nr;
	EXPECT_EQ(0, publish(&p));
	expect_received(_metadata, sub, then);
	close(sub);
	close(p.wr);
}

/* A publisher with his share replaces what is his own; the owner's go for the owner's. */
TEST(drop_own_oldest)
{
	publish_to_slow(_metadata, IPCCHAN_SLOW_DROP_OLDEST, (struct received) { 9, 9 },
			7, (struct received) { 3, 3 });
}

/* And cuts nobody off who has room for others. */
TEST(no_disconnect)
{
	publish_to_slow(_metadata, IPCCHAN_SLOW_DISCONNECT, (struct received) { 0, 0 },
			1, (struct received) { 0, 9 });
}

/* Who has his share of a publisher's room holds up nobody, whatever else he waits for. */
TEST(does_not_fit)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST,
		.max_bytes = 8000, .max_msg_size = 4000, .mode = 0666,
	};
	int wr = chan_open(O_WRONLY, &a), sub = chan_peer(wr, O_RDONLY | O_NONBLOCK);
	char buf[4000] = { 0 };
	pid_t pid;

	ASSERT_LE(0, sub);
	pid = child_fork();
	if (pid == 0) {
		if (setresuid(MALLORY, MALLORY, MALLORY))
			_exit(255);
		_exit(msg_send(wr, buf, 4000) != 4000);
	}
	ASSERT_EQ(0, child_wait(pid));
	ASSERT_EQ(3500, msg_send(wr, buf, 3500));
	pid = sender_as(MALLORY, wr, 1, 0, 4000);
	ASSERT_LE(0, pid);
	EXPECT_EQ(0, label_send(wr, 1, 0, 0, IPCCHAN_XFER_NONBLOCK));
	child_kill(pid);
	close(sub);
	close(wr);
}

TEST_HARNESS_MAIN
