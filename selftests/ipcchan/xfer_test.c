// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_IOC_SEND and _RECV: many messages a call, part of them, time limits, signals. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

#include "harness.h"

#define MAX	IPCCHAN_BATCH_MAX
#define MS	1000000ll

FIXTURE(xfer) {
	int fd;			/* room for 2000 messages and 20000 bytes */
	uint32_t id;
	uint32_t *out, *in;
	struct ipcchan_msghdr *h;	/* of MAX messages */
};

FIXTURE_SETUP(xfer)
{
	struct ipcchan_attach limits = {
		.max_msgs = 2000, .max_msg_size = 4000, .max_bytes = 20000,
	};
	struct ipcchan_info info;

	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, chan_info(self->fd, &info));
	self->id = info.id;
	self->out = calloc(MAX, sizeof(*self->out));
	self->in = calloc(MAX, sizeof(*self->in));
	self->h = calloc(MAX + 1, sizeof(*self->h));
	ASSERT_NE(NULL, self->h);
}

FIXTURE_TEARDOWN(xfer)
{
	close(self->fd);
}

/* Headers of messages of 4 bytes with the values @first and up. */
static struct ipcchan_msghdr *to_send(FIXTURE_DATA(xfer) *self, uint32_t first)
{
	uint32_t i;

	memset(self->h, 0, MAX * sizeof(*self->h));
	for (i = 0; i < MAX; i++) {
		self->out[i] = first + i;
		self->h[i].buf = (uintptr_t)&self->out[i];
		self->h[i].len = sizeof(*self->out);
	}
	return self->h;
}

static struct ipcchan_msghdr *to_recv(FIXTURE_DATA(xfer) *self)
{
	uint32_t i;

	memset(self->h, 0xee, MAX * sizeof(*self->h));
	for (i = 0; i < MAX; i++) {
		self->in[i] = 0;
		self->h[i].buf = (uintptr_t)&self->in[i];
		self->h[i].len = sizeof(*self->in);
		self->h[i].flags = 0;
		self->h[i].nr_fds = 0;
	}
	return self->h;
}

TEST_F(xfer, every_count)
{
	static const uint32_t counts[] = { 1, 2, 15, 16, 17, 18, 33, 1000, MAX };
	unsigned int i;
	uint32_t j;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		ASSERT_EQ(counts[i], xfer_send(self->fd, to_send(self, i), counts[i], 0, -1));
		EXPECT_EQ(counts[i], chan_msgs(self->fd));
		ASSERT_EQ(counts[i], xfer_recv(self->fd, to_recv(self), MAX, 0, -1));
		for (j = 0; j < counts[i]; j++) {
			ASSERT_EQ(i + j, self->in[j]);
		}
		EXPECT_EQ(0, chan_msgs(self->fd));
	}
	/* No more than was asked for. */
	ASSERT_EQ(MAX, xfer_send(self->fd, to_send(self, 0), MAX, 0, -1));
	for (j = 0; j < MAX; j += 100) {
		uint32_t n = MAX - j < 100 ? MAX - j : 100;

		ASSERT_EQ(n, xfer_recv(self->fd, to_recv(self), 100, 0, 0));
		EXPECT_EQ(j, self->in[0]);
		EXPECT_EQ(j + n - 1, self->in[n - 1]);
	}
}

TEST_F(xfer, fields)
{
	struct ipcchan_msghdr s[2] = {
		{ .buf = (uintptr_t)"abc", .len = 3, .prio = 31, .type = 0xfffffffe,
		  .cookie = 0x123456789abcdef0 },
		{ .buf = (uintptr_t)"defgh", .len = 5, .prio = 0, .type = 0, .cookie = ~0ull,
		  .lost = 99, .pid = 99, .uid = 99, .time_ns = 99 },
	};
	struct ipcchan_msghdr r[2];
	char buf[2][8] = { "", "" };
	int i;

	ASSERT_EQ(2, xfer_send(self->fd, s, 2, 0, -1));
	memset(r, 0xff, sizeof(r));
	for (i = 0; i < 2; i++) {
		r[i].buf = (uintptr_t)buf[i];
		r[i].len = sizeof(buf[i]);
		r[i].flags = 0;
		r[i].nr_fds = 0;
	}
	ASSERT_EQ(2, xfer_recv(self->fd, r, 2, 0, -1));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(s[i].len, r[i].len);
		EXPECT_EQ(0, memcmp(buf[i], (void *)(uintptr_t)s[i].buf, s[i].len));
		EXPECT_EQ(0, buf[i][s[i].len]);
		EXPECT_EQ(s[i].prio, r[i].prio);
		EXPECT_EQ(s[i].type, r[i].type);
		EXPECT_EQ(s[i].cookie, r[i].cookie);
		EXPECT_EQ(0, r[i].flags);
		EXPECT_EQ(0, r[i].nr_fds);
		EXPECT_EQ(0, r[i].lost);
		EXPECT_EQ(0, r[i].time_ns);
		EXPECT_EQ((uintptr_t)buf[i], r[i].buf);
	}
	/* What the sender has is not written to. */
	EXPECT_EQ(99, s[1].lost);
}

/* A slot that carried something is as good as new to write(). */
TEST_F(xfer, labels_do_not_stick)
{
	struct ipcchan_msghdr s = { .buf = (uintptr_t)"abcd", .len = 4, .prio = 9,
				    .type = 7, .cookie = 5 };
	struct ipcchan_msghdr r;
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(1, xfer_send(self->fd, &s, 1, 0, -1));
		ASSERT_LE(0, label_recv(self->fd, &r, 0));
		EXPECT_EQ(5, r.cookie);
		ASSERT_EQ(0, msg_send_u32(self->fd, 1));
		ASSERT_EQ(1, label_recv(self->fd, &r, 0));
		EXPECT_EQ(0, r.prio);
		EXPECT_EQ(0, r.type);
		EXPECT_EQ(0, r.cookie);
	}
}

TEST_F(xfer, the_queue_fills)
{
	struct ipcchan_attach limits = { .max_msgs = 5 };
	int fd = chan_anon(&limits);

	ASSERT_LE(0, fd);
	EXPECT_EQ(5, xfer_send(fd, to_send(self, 10), 8, IPCCHAN_XFER_NONBLOCK, -1));
	EXPECT_EQ(-EAGAIN, xfer_send(fd, to_send(self, 0), 8, IPCCHAN_XFER_NONBLOCK, -1));
	EXPECT_EQ(2, xfer_recv(fd, to_recv(self), 2, 0, -1));
	/* Likewise for one that has waited in vain. */
	EXPECT_EQ(2, xfer_send(fd, to_send(self, 20), 8, 0, 20 * MS));
	EXPECT_EQ(-ETIMEDOUT, xfer_send(fd, to_send(self, 30), 8, 0, 20 * MS));
	EXPECT_EQ(5, xfer_recv(fd, to_recv(self), MAX, 0, -1));
	EXPECT_EQ(14, self->in[2]);
	EXPECT_EQ(20, self->in[3]);
	EXPECT_EQ(21, self->in[4]);
	close(fd);
}

/* SEND waits until all are sent, however often there is no room. */
TEST_F(xfer, all_of_a_long_one)
{
	struct ipcchan_attach limits = { .max_msgs = 5 };
	int fd = chan_anon(&limits), n;
	uint32_t got = 0, i;
	pid_t pid;

	ASSERT_LE(0, fd);
	pid = child_fork();
	if (pid == 0)
		_exit(xfer_send(fd, to_send(self, 0), 500, 0, -1) != 500);
	while (got < 500) {
		n = xfer_recv(fd, to_recv(self), 1 + got % 7, 0, 5000 * MS);
		ASSERT_LT(0, n);
		for (i = 0; i < (uint32_t)n; i++) {
			ASSERT_EQ(got + i, self->in[i]);
		}
		got += n;
	}
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(0, chan_msgs(fd));
	close(fd);
}

TEST_F(xfer, ends_in_the_middle_of_a_send)
{
	struct ipcchan_msghdr *bad = (void *)bad_page(), *h;
	int i;

	h = to_send(self, 0);
	h[3].buf = (uintptr_t)bad;
	EXPECT_EQ(3, xfer_send(self->fd, h, 8, 0, -1));
	EXPECT_EQ(-EFAULT, xfer_send(self->fd, h + 3, 5, 0, -1));
	h = to_send(self, 0);
	h[3].len = 4001;
	EXPECT_EQ(3, xfer_send(self->fd, h, 8, 0, -1));
	EXPECT_EQ(-EMSGSIZE, xfer_send(self->fd, h + 3, 5, 0, -1));
	h = to_send(self, 0);
	h[3].len = 0;
	EXPECT_EQ(3, xfer_send(self->fd, h, 8, 0, -1));
	EXPECT_EQ(-EINVAL, xfer_send(self->fd, h + 3, 5, 0, -1));
	/* The headers themselves end. */
	memcpy(bad - 3, to_send(self, 0), 3 * sizeof(*bad));
	EXPECT_EQ(3, xfer_send(self->fd, bad - 3, 8, 0, -1));
	EXPECT_EQ(-EFAULT, xfer_send(self->fd, bad, 5, 0, -1));
	ASSERT_EQ(12, chan_msgs(self->fd));
	ASSERT_EQ(12, xfer_recv(self->fd, to_recv(self), MAX, 0, 0));
	for (i = 0; i < 12; i++) {
		EXPECT_EQ(i % 3, self->in[i]);
	}
}

/* @at: of the message that cannot be delivered, in the first or a later chunk. */
static void expect_end(struct __test_metadata *_metadata, FIXTURE_DATA(xfer) *self,
		       uint32_t at, int err)
{
	const uint32_t nr = 60;
	struct ipcchan_msghdr *h;
	int ret;

	ASSERT_EQ(nr, xfer_send(self->fd, to_send(self, 0), nr, 0, -1));
	h = to_recv(self);
	if (err == -EFAULT)
		h[at].buf = (uintptr_t)bad_page();
	else
		h[at].len = err == -EMSGSIZE ? 3 : 0;
	ret = xfer_recv(self->fd, h, nr, 0, -1);
	if (at) {
		EXPECT_EQ(at, ret);
		ret = xfer_recv(self->fd, h + at, nr - at, 0, -1);
	}
	EXPECT_EQ(err, ret) TH_LOG("at %u", at);
	if (err == -EMSGSIZE) {
		EXPECT_EQ(4, h[at].len);
	}
	EXPECT_EQ(nr - at, chan_msgs(self->fd));
	/* All that is left, in order. */
	ASSERT_EQ(nr - at, xfer_recv(self->fd, to_recv(self), MAX, 0, -1));
	EXPECT_EQ(at, self->in[0]);
	EXPECT_EQ(nr - 1, self->in[nr - at - 1]);
}

TEST_F(xfer, ends_in_the_middle_of_a_receive)
{
	static const uint32_t at[] = { 0, 1, 2, 16, 17, 18, 59 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		expect_end(_metadata, self, at[i], -EFAULT);
		expect_end(_metadata, self, at[i], -EMSGSIZE);
		expect_end(_metadata, self, at[i], -EINVAL);
	}
}

/* Every length around where a message is in a slot or not. */
TEST_F(xfer, lengths)
{
	static unsigned char out[4000], in[4000];
	struct ipcchan_msghdr s, r;
	uint32_t len, i;

	for (i = 0; i < sizeof(out); i++)
		out[i] = i * 7 + i / 256;
	for (len = 1; len <= sizeof(out); len += len < 420 ? 1 : 511) {
		s = (struct ipcchan_msghdr) { .buf = (uintptr_t)out, .len = len };
		r = (struct ipcchan_msghdr) { .buf = (uintptr_t)in, .len = sizeof(in) };
		memset(in, 0, sizeof(in));
		ASSERT_EQ(1, xfer_send(self->fd, &s, 1, 0, -1));
		ASSERT_EQ(1, xfer_recv(self->fd, &r, 1, 0, -1));
		ASSERT_EQ(len, r.len);
		ASSERT_EQ(0, memcmp(in, out, len));
		if (len < sizeof(in)) {
			ASSERT_EQ(0, in[len]);
		}
	}
}

#define MIXED	60

/* Message @i of those below: lengths around that of a slot; some with a descriptor. */
static struct ipcchan_msghdr mixed(unsigned char *buf, uint32_t i, const int *fd)
{
	struct ipcchan_msghdr h = { .buf = (uintptr_t)buf, .len = 195 + i,
				    .type = i % 3, .cookie = i * 5 };

	memset(buf, i, h.len);
	if (i % 8 == 5) {
		h.fds = (uintptr_t)fd;
		h.nr_fds = 1;
	}
	return h;
}

/* @r: what came, all of them */
static void expect_mixed(struct __test_metadata *_metadata, const struct ipcchan_msghdr *r,
			 pid_t pid)
{
	unsigned char want[256];
	const void *buf;
	int i;

	for (i = 0; i < MIXED; i++) {
		struct ipcchan_msghdr s = mixed(want, i, NULL);

		buf = (const void *)(uintptr_t)r[i].buf;
		ASSERT_EQ(s.len, r[i].len);
		ASSERT_EQ(0, memcmp(want, buf, s.len));
		EXPECT_EQ(s.type, r[i].type);
		EXPECT_EQ(s.cookie, r[i].cookie);
		EXPECT_EQ(s.nr_fds, r[i].nr_fds);
		EXPECT_EQ(0, r[i].flags);
		EXPECT_EQ(0, r[i].prio);
		EXPECT_EQ(pid, r[i].pid);
		if (r[i].nr_fds)
			close(*(int *)(uintptr_t)r[i].fds);
	}
}

/* Each message is what it is, whatever the ones around it are, or its slot's last one. */
TEST_F(xfer, unlike_its_neighbours)
{
	static unsigned char out[MIXED][256], in[MIXED][256];
	struct ipcchan_msghdr s[MIXED], r[MIXED];
	int fd = open("/dev/null", O_RDONLY), fds[MIXED], i, bad;
	pid_t pid;

	ASSERT_LE(0, fd);
	for (i = 0; i < MIXED; i++)
		s[i] = mixed(out[i], i, &fd);
	for (bad = 0; bad < MIXED; bad += 7) {
		/* Of two senders, in turn. */
		pid = bad % 2 ? child_fork() : getpid();
		if (!pid)
			_exit(xfer_send(self->fd, s, MIXED, 0, -1) != MIXED);
		if (pid != getpid()) {
			ASSERT_EQ(0, child_wait(pid));
		} else {
			ASSERT_EQ(MIXED, xfer_send(self->fd, s, MIXED, 0, -1));
		}
		for (i = 0; i < MIXED; i++) {
			r[i] = (struct ipcchan_msghdr) {
				.buf = (uintptr_t)in[i], .len = sizeof(in[i]),
				.fds = (uintptr_t)&fds[i], .nr_fds = 1,
			};
		}
		if (bad) {
			r[bad].buf = (uintptr_t)bad_page();
			ASSERT_EQ(bad, xfer_recv(self->fd, r, MIXED, 0, 0));
			r[bad].buf = (uintptr_t)in[bad];
		}
		ASSERT_EQ(MIXED - bad, xfer_recv(self->fd, r + bad, MIXED - bad, 0, 0));
		expect_mixed(_metadata, r, pid);
	}
	close(fd);
}

static uint64_t stat_of(FIXTURE_DATA(xfer) *self, int stat)
{
	struct genl *g = genl_open();
	struct genl_chan c = { 0 };

	if (!g || genl_get(g, NULL, self->id, &c))
		abort();
	genl_close(g);
	return c.stats[stat];
}

TEST_F(xfer, one_wake_up_a_batch)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		int n = xfer_recv(self->fd, to_recv(self), MAX, 0, -1);

		while (n > 0 && n < 200) {
			int more = xfer_recv(self->fd, to_recv(self), MAX, 0, -1);

			n = more < 0 ? more : n + more;
		}
		_exit(n);
	}
	stay_on_cpu();
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	ASSERT_EQ(200, xfer_send(self->fd, to_send(self, 0), 200, 0, -1));
	EXPECT_EQ(200, child_wait(pid));
	EXPECT_EQ(1, stat_of(self, IPCCHAN_A_STATS_WAKEUPS));
	EXPECT_EQ(1, stat_of(self, IPCCHAN_A_STATS_HANDOVERS));
	EXPECT_EQ(200, stat_of(self, IPCCHAN_A_STATS_RECEIVED));
	EXPECT_EQ(800, stat_of(self, IPCCHAN_A_STATS_RECEIVED_BYTES));
}

TEST_F(xfer, bad_arguments)
{
	struct ipcchan_msghdr *h = to_send(self, 0);
	struct ipcchan_xfer good = { .msgs = (uintptr_t)h, .count = 1, .timeout_ns = -1 };
	struct ipcchan_xfer x;
	static const unsigned long cmds[] = { IPCCHAN_IOC_SEND, IPCCHAN_IOC_RECV };
	int rd = chan_peer(self->fd, O_RDONLY), wr = chan_peer(self->fd, O_WRONLY), i;
	int fresh = dev_open(O_RDWR);

	ASSERT_EQ(0, set_nonblock(self->fd, true));
	for (i = 0; i < 2; i++) {
		x = good; x.count = 0;
		EXPECT_EQ(-EINVAL, do_ioctl(self->fd, cmds[i], &x));
		x = good; x.count = MAX + 1;
		EXPECT_EQ(-EINVAL, do_ioctl(self->fd, cmds[i], &x));
		x = good; x.count = ~0u;
		EXPECT_EQ(-EINVAL, do_ioctl(self->fd, cmds[i], &x));
		x = good; x.flags = 8;
		EXPECT_EQ(-EINVAL, do_ioctl(self->fd, cmds[i], &x));
		x = good; x.reserved = 1ull << 63;
		EXPECT_EQ(-EINVAL, do_ioctl(self->fd, cmds[i], &x));
		x = good; x.timeout_ns = -2;
		EXPECT_EQ(-EINVAL, do_ioctl(self->fd, cmds[i], &x));
		x = good; x.msgs = (uintptr_t)bad_page();
		EXPECT_EQ(-EFAULT, do_ioctl(self->fd, cmds[i], &x));
		x = good; x.msgs = ~0ull;
		EXPECT_EQ(-EFAULT, do_ioctl(self->fd, cmds[i], &x));
		EXPECT_EQ(-EFAULT, do_ioctl(self->fd, cmds[i], bad_page() - 8));
		EXPECT_EQ(-ENOTCONN, do_ioctl(fresh, cmds[i], &good));
		h[0].flags = 1;
		EXPECT_EQ(-EINVAL, do_ioctl(self->fd, cmds[i], &good));
		h[0].flags = 0;
		h[0].nr_fds = IPCCHAN_FDS_MAX + 1;
		EXPECT_EQ(-EINVAL, do_ioctl(self->fd, cmds[i], &good));
		h[0].nr_fds = 0;
	}
	EXPECT_EQ(-EBADF, do_ioctl(rd, IPCCHAN_IOC_SEND, &good));
	EXPECT_EQ(-EBADF, do_ioctl(wr, IPCCHAN_IOC_RECV, &good));
	EXPECT_EQ(0, chan_msgs(self->fd));
	EXPECT_EQ(1, do_ioctl(self->fd, IPCCHAN_IOC_SEND, &good));
	close(rd);
	close(wr);
	close(fresh);
}

TEST_HARNESS_MAIN
