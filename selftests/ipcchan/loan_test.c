// SPDX-License-Identifier: GPL-2.0
/* Loans: blocks of the channel's buffer that are sent without a copy. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "place.h"
#include "util.h"

#include "harness.h"

#define PAGES	8
#define MS	1000000LL

FIXTURE(loan) {
	uint32_t page;
	int fd;
	int peer;
	char *map;
};

FIXTURE_SETUP(loan)
{
	self->page = page_size();
	self->fd = loans_anon(IPCCHAN_KIND_QUEUE, PAGES);
	ASSERT_LE(0, self->fd);
	self->peer = chan_peer(self->fd, O_RDWR);
	ASSERT_LE(0, self->peer);
	self->map = map_buf(self->fd, PAGES);
	ASSERT_NE(NULL, self->map);
}

FIXTURE_TEARDOWN(loan)
{
	close(self->fd);
	close(self->peer);
}

/* how many pages are free, found by taking all */
static int free_pages(int fd)
{
	uint64_t offsets[PAGES];
	int i, nr = loan_many(fd, 1, offsets, PAGES, IPCCHAN_XFER_NONBLOCK);

	for (i = 0; i < nr; i++)
		give_back(fd, offsets[i]);
	return nr == -EAGAIN ? 0 : nr;
}

TEST_F(loan, sent_in_place)
{
	int64_t at = loan(self->fd, 3 * self->page - 1, 0, IPCCHAN_WAIT_FOREVER), got;

	ASSERT_LE(0, at);
	EXPECT_EQ(0, at % self->page);
	strcpy(self->map + at, "built in place");
	ASSERT_EQ(1, send_block(self->fd, at, 2 * self->page + 1));
	EXPECT_EQ(-ENOENT, give_back(self->fd, at));
	EXPECT_EQ(-ENOENT, send_block(self->fd, at, 1));
	EXPECT_EQ(2 * self->page + 1, chan_next(self->peer));

	got = recv_block(self->peer);
	ASSERT_EQ(at, got);
	EXPECT_EQ(0, strcmp(self->map + got, "built in place"));
	EXPECT_EQ(PAGES - 3, free_pages(self->fd));
	EXPECT_EQ(-ENOENT, give_back(self->fd, got));
	EXPECT_EQ(1, give_back(self->peer, got));
	EXPECT_EQ(-ENOENT, give_back(self->peer, got));
	EXPECT_EQ(PAGES, free_pages(self->fd));
}

/* The receiver sends the same block back: two calls a side, no copy. */
TEST_F(loan, sent_back)
{
	int64_t at = loan(self->fd, 100, 0, IPCCHAN_WAIT_FOREVER);
	int i;

	ASSERT_LE(0, at);
	for (i = 0; i < 10; i++) {
		self->map[at] = i;
		ASSERT_EQ(1, send_block(self->fd, at, 100));
		ASSERT_EQ(at, recv_block(self->peer));
		self->map[at]++;
		ASSERT_EQ(1, send_block(self->peer, at, 50));
		ASSERT_EQ(at, recv_block(self->fd));
		EXPECT_EQ(i + 1, self->map[at]);
	}
	EXPECT_EQ(1, give_back(self->fd, at));
}

/* Who does not ask for blocks gets copies, and the block is free again. */
TEST_F(loan, copied_out)
{
	int64_t at = loan(self->fd, 100, 0, IPCCHAN_WAIT_FOREVER);
	char buf[5000];
	struct ipcchan_msghdr h = { .buf = (uintptr_t)buf, .len = sizeof(buf) };

	memcpy(self->map + at, "hello", 6);
	ASSERT_EQ(1, send_block(self->fd, at, 6));
	EXPECT_EQ(-EMSGSIZE, msg_recv(self->peer, buf, 5));
	ASSERT_EQ(6, msg_recv(self->peer, buf, sizeof(buf)));
	EXPECT_EQ(0, strcmp(buf, "hello"));
	EXPECT_EQ(PAGES, free_pages(self->fd));

	at = loan(self->fd, 5000, 0, IPCCHAN_WAIT_FOREVER);
	memset(self->map + at, 'x', 5000);
	ASSERT_EQ(1, send_block(self->fd, at, 5000));
	ASSERT_EQ(1, xfer_recv(self->peer, &h, 1, 0, IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(5000, h.len);
	EXPECT_EQ(0, h.flags);
	EXPECT_EQ('x', buf[4999]);
	EXPECT_EQ(PAGES, free_pages(self->fd));
}

/*
 * Blocks and others in one call.  One that is too long for its room ends it, and nothing
 * is written behind any of them.
 */
TEST_F(loan, mixed)
{
	static char text[3000], room[4][1000];
	struct ipcchan_msghdr h[4];
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	int i;

	memset(text, 't', sizeof(text));
	self->map[at] = 'b';
	ASSERT_EQ(10, msg_send(self->fd, text, 10));
	ASSERT_EQ(1, send_block(self->fd, at, 1));
	ASSERT_EQ(900, msg_send(self->fd, text, 900));
	ASSERT_EQ(sizeof(text), msg_send(self->fd, text, sizeof(text)));
	ASSERT_EQ(20, msg_send(self->fd, text, 20));
	for (i = 0; i < 4; i++)
		h[i] = (struct ipcchan_msghdr) { .buf = (uintptr_t)room[i], .len = 950 };
	EXPECT_EQ(3, xfer_recv(self->peer, h, 4, IPCCHAN_XFER_PLACE, 0));
	EXPECT_EQ(10, h[0].len);
	EXPECT_EQ('t', room[0][9]);
	EXPECT_EQ(IPCCHAN_MSG_PLACED, h[1].flags);
	EXPECT_EQ(at, h[1].buf);
	EXPECT_EQ(900, h[2].len);
	EXPECT_EQ(0, h[2].flags);
	EXPECT_EQ(950, h[3].len);
	for (i = 0; i < 50; i++) {
		EXPECT_EQ(0, room[3][950 + i]);
	}
	EXPECT_EQ(-EMSGSIZE, xfer_recv(self->peer, h + 3, 1, IPCCHAN_XFER_PLACE, 0));
	EXPECT_EQ(sizeof(text), h[3].len);
	EXPECT_EQ(0, room[3][0]);
	EXPECT_EQ(2, chan_msgs(self->fd));
	EXPECT_EQ(1, give_back(self->peer, at));
}

/* What is no block is copied to a receiver that asks for blocks. */
TEST_F(loan, others_are_copied)
{
	char buf[300], text[300] = "in the common way";
	struct ipcchan_msghdr h = { .buf = (uintptr_t)buf, .len = 10 };

	ASSERT_EQ(sizeof(text), msg_send(self->fd, text, sizeof(text)));
	EXPECT_EQ(-EMSGSIZE, recv_place(self->peer, &h));
	EXPECT_EQ(sizeof(text), h.len);
	h.len = sizeof(buf);
	EXPECT_EQ(1, recv_place(self->peer, &h));
	EXPECT_EQ(0, h.flags);
	EXPECT_EQ((uintptr_t)buf, h.buf);
	EXPECT_EQ(0, strcmp(buf, text));
	ASSERT_EQ(5, msg_send(self->fd, text, 5));
	h.len = 4;
	EXPECT_EQ(-EMSGSIZE, recv_place(self->peer, &h));
	h.len = 5;
	EXPECT_EQ(1, recv_place(self->peer, &h));
}

TEST_F(loan, a_batch)
{
	struct ipcchan_msghdr h[PAGES] = { 0 };
	uint64_t at[PAGES];
	int i;

	ASSERT_EQ(PAGES, loan_many(self->fd, self->page, at, PAGES, 0));
	EXPECT_EQ(-EAGAIN, loan(self->fd, 1, IPCCHAN_XFER_NONBLOCK, 0));
	EXPECT_EQ(-ETIMEDOUT, loan(self->fd, 1, 0, MS));
	for (i = 0; i < PAGES; i++) {
		self->map[at[i]] = 'a' + i;
		h[i] = (struct ipcchan_msghdr) {
			.buf = at[i], .len = i + 1, .flags = IPCCHAN_MSG_PLACED, .type = i,
		};
	}
	ASSERT_EQ(PAGES, xfer_send(self->fd, h, PAGES, 0, IPCCHAN_WAIT_FOREVER));
	memset(h, 0, sizeof(h));
	ASSERT_EQ(PAGES, xfer_recv(self->peer, h, PAGES, IPCCHAN_XFER_PLACE,
				   IPCCHAN_WAIT_FOREVER));
	for (i = 0; i < PAGES; i++) {
		EXPECT_EQ(IPCCHAN_MSG_PLACED, h[i].flags);
		EXPECT_EQ(at[i], h[i].buf);
		EXPECT_EQ(i + 1, h[i].len);
		EXPECT_EQ(i, h[i].type);
		EXPECT_EQ(getpid(), h[i].pid);
		EXPECT_EQ('a' + i, self->map[at[i]]);
	}
	{
		struct ipcchan_give_back g = { .offsets = (uintptr_t)at, .count = PAGES };

		EXPECT_EQ(PAGES, do_ioctl(self->peer, IPCCHAN_IOC_GIVE_BACK, &g));
		EXPECT_EQ(-ENOENT, do_ioctl(self->peer, IPCCHAN_IOC_GIVE_BACK, &g));
	}
	EXPECT_EQ(PAGES, free_pages(self->fd));
}

/* As many as there are; and a list that goes wrong in the middle. */
TEST_F(loan, partly)
{
	uint64_t at[PAGES + 1];
	struct ipcchan_give_back g = { .offsets = (uintptr_t)at, .count = 3 };

	ASSERT_EQ(PAGES, loan_many(self->fd, 1, at, PAGES + 1, 0));
	at[2]++;
	EXPECT_EQ(2, do_ioctl(self->fd, IPCCHAN_IOC_GIVE_BACK, &g));
	g.offsets += 2 * sizeof(*at);
	g.count = 1;
	EXPECT_EQ(-ENOENT, do_ioctl(self->fd, IPCCHAN_IOC_GIVE_BACK, &g));
	EXPECT_EQ(2, free_pages(self->fd));
}

/* A message that is not sent leaves its block with its sender. */
TEST_F(loan, not_sent)
{
	struct ipcchan_attach a = {
		.buf_size = PAGES * self->page, .max_msgs = 1, .options = IPCCHAN_OPT_LOANS,
	};
	int fd = chan_anon(&a);
	struct ipcchan_msghdr h[2] = { 0 };
	uint64_t at[2];

	ASSERT_LE(0, fd);
	ASSERT_EQ(2, loan_many(fd, 1, at, 2, 0));
	h[0] = (struct ipcchan_msghdr) { .buf = at[0], .len = 1, .flags = IPCCHAN_MSG_PLACED };
	h[1] = (struct ipcchan_msghdr) { .buf = at[1], .len = 1, .flags = IPCCHAN_MSG_PLACED };
	EXPECT_EQ(1, xfer_send(fd, h, 2, IPCCHAN_XFER_NONBLOCK, 0));
	EXPECT_EQ(-EAGAIN, send_block(fd, at[1], 1));
	EXPECT_EQ(-ETIMEDOUT, xfer_send(fd, h + 1, 1, 0, MS));
	EXPECT_EQ(-EMSGSIZE, send_block(fd, at[1], self->page + 1));
	EXPECT_EQ(-EINVAL, send_block(fd, at[1], 0));
	h[1].prio = IPCCHAN_PRIO_MAX + 1;
	EXPECT_EQ(-EINVAL, xfer_send(fd, h + 1, 1, 0, 0));
	h[1].prio = 1;
	EXPECT_EQ(-EAGAIN, xfer_send(fd, h + 1, 1, IPCCHAN_XFER_NONBLOCK, 0));
	h[1].fds = (uintptr_t)&fd;
	h[1].nr_fds = 1;
	EXPECT_EQ(-EINVAL, xfer_send(fd, h + 1, 1, IPCCHAN_XFER_NONBLOCK, 0));
	EXPECT_EQ(1, give_back(fd, at[1]));
	EXPECT_EQ(PAGES - 1, free_pages(fd));
	close(fd);
}

/* A message that cannot be delivered stays where it was. */
TEST_F(loan, not_received)
{
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	struct ipcchan_msghdr *ro;

	ASSERT_EQ(1, send_block(self->fd, at, 1));
	ro = mmap(NULL, self->page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, ro);
	EXPECT_EQ(-EFAULT, recv_place(self->peer, ro));
	EXPECT_EQ(-ENOENT, give_back(self->peer, at));
	EXPECT_EQ(1, chan_msgs(self->fd));
	EXPECT_EQ(at, recv_block(self->peer));
}

/* Nor is the header changed by what goes wrong last. */
TEST_F(loan, not_received_for_its_descriptors)
{
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	struct ipcchan_msghdr h = { .buf = at, .len = 1, .flags = IPCCHAN_MSG_PLACED };
	char c;
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	h.fds = (uintptr_t)&fds[1];
	h.nr_fds = 1;
	ASSERT_EQ(1, xfer_send(self->fd, &h, 1, 0, 0));
	h = (struct ipcchan_msghdr) { .buf = (uintptr_t)&c, .len = 1, .fds = 1, .nr_fds = 8 };
	EXPECT_EQ(-EFAULT, recv_place(self->peer, &h));
	EXPECT_EQ((uintptr_t)&c, h.buf);
	EXPECT_EQ(1, h.len);
	EXPECT_EQ(0, h.flags);
	EXPECT_EQ(8, h.nr_fds);
	h.nr_fds = 0;
	ASSERT_EQ(1, recv_place(self->peer, &h));
	EXPECT_EQ(IPCCHAN_MSG_PLACED | IPCCHAN_MSG_FDS_LOST, h.flags);
	/* it was lost here, and is no news to the next one */
	ASSERT_EQ(1, send_block(self->peer, at, 1));
	memset(&h, 0, sizeof(h));
	ASSERT_EQ(1, recv_place(self->fd, &h));
	EXPECT_EQ(IPCCHAN_MSG_PLACED, h.flags);
}

/* What a message lost while nobody had the channel is no news of the next one in its block. */
TEST(lost_on_the_way)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .buf_size = page_size(),
		.options = IPCCHAN_OPT_LOANS,
	};
	struct ipcchan_msghdr h = { .len = 1, .flags = IPCCHAN_MSG_PLACED };
	int fds[2], fd;

	unique_name(a.name);
	fd = chan_open(O_RDWR, &a);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pipe(fds));
	h.buf = loan(fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	h.fds = (uintptr_t)&fds[0];
	h.nr_fds = 1;
	ASSERT_EQ(1, xfer_send(fd, &h, 1, 0, 0));
	close(fd);
	fd = chan_named(a.name, O_RDWR, 0);
	memset(&h, 0, sizeof(h));
	ASSERT_EQ(1, recv_place(fd, &h));
	EXPECT_EQ(IPCCHAN_MSG_PLACED | IPCCHAN_MSG_FDS_LOST, h.flags);
	ASSERT_EQ(1, send_block(fd, h.buf, 1));
	memset(&h, 0, sizeof(h));
	ASSERT_EQ(1, recv_place(fd, &h));
	EXPECT_EQ(IPCCHAN_MSG_PLACED, h.flags);
	close(fd);
	EXPECT_EQ(0, chan_unlink(a.name));
}

/* Who waits for a block is told when nobody is left to send it to. */
TEST(loan_hangup)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .buf_size = page_size(),
		.options = IPCCHAN_OPT_LOANS | IPCCHAN_OPT_HANGUP,
	};
	int fd = chan_open(O_WRONLY, &a), recv;
	int64_t at;
	pid_t pid;

	ASSERT_LE(0, fd);
	recv = chan_peer(fd, O_RDONLY);
	at = loan(fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	ASSERT_LE(0, at);
	pid = child_fork();
	if (!pid) {
		int64_t got;

		close(recv);
		got = loan(fd, 1, 0, IPCCHAN_WAIT_FOREVER);
		_exit(got < 0 ? -got : 0);
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	close(recv);
	EXPECT_EQ(EPIPE, child_wait(pid));
	EXPECT_EQ(-EPIPE, send_block(fd, at, 1));
	EXPECT_EQ(1, give_back(fd, at));
	EXPECT_EQ(-EPIPE, loan(fd, 1, 0, IPCCHAN_WAIT_FOREVER));
	recv = chan_peer(fd, O_RDONLY);
	EXPECT_LE(0, loan(fd, 1, 0, IPCCHAN_WAIT_FOREVER));
	close(recv);
	close(fd);
}

/* A process that dies, or closes, gives back what it had. */
TEST_F(loan, killed)
{
	int64_t at = loan(self->fd, self->page, 0, IPCCHAN_WAIT_FOREVER);
	pid_t pid;
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(1, send_block(self->fd, at, 1));
	pid = child_fork();
	if (!pid) {
		int fd = chan_peer(self->fd, O_RDWR);
		uint64_t many[3];
		char ok;

		ok = recv_block(fd) == at && loan_many(fd, 1, many, 3, 0) == 3;
		/* not those of the parent, which the child has, too */
		close(self->fd);
		close(self->peer);
		ok = write(fds[1], &ok, 1) == 1;
		pause();
		_exit(ok);
	}
	{
		char ok = 0;

		ASSERT_EQ(1, read(fds[0], &ok, 1));
		ASSERT_EQ(1, ok);
	}
	EXPECT_EQ(PAGES - 4, free_pages(self->fd));
	child_kill(pid);
	EXPECT_EQ(PAGES, free_pages(self->fd));
}

TEST_F(loan, queued_when_sender_is_gone)
{
	int fd = chan_peer(self->fd, O_RDWR);
	int64_t at = loan(fd, 1, 0, IPCCHAN_WAIT_FOREVER);

	self->map[at] = 'q';
	ASSERT_EQ(1, send_block(fd, at, 1));
	close(fd);
	EXPECT_EQ(PAGES - 1, free_pages(self->fd));
	EXPECT_EQ(at, recv_block(self->peer));
	EXPECT_EQ('q', self->map[at]);
}

/* The kernel frees what is queued with the channel. */
TEST_F(loan, queued_at_the_end)
{
	int fd = loans_anon(IPCCHAN_KIND_QUEUE, PAGES);
	uint64_t at[2];

	ASSERT_EQ(2, loan_many(fd, 1, at, 2, 0));
	ASSERT_EQ(1, send_block(fd, at[0], 1));
	EXPECT_EQ(0, close(fd));
}

/* Return: a child that waits for a block, and exits with 0 or the errno. */
static pid_t wait_for_block(int fd, uint64_t len)
{
	pid_t pid = child_fork();

	if (!pid) {
		int64_t at = loan(fd, len, 0, 10000 * MS);

		_exit(at < 0 ? -at : 0);
	}
	return wait_blocked(pid, SYS_ioctl) ? pid : -1;
}

/* Who waits for a large block is not passed by those who want small ones. */
TEST_F(loan, in_order)
{
	uint64_t at[PAGES];
	pid_t large, small;

	ASSERT_EQ(PAGES, loan_many(self->fd, 1, at, PAGES, 0));
	large = wait_for_block(self->peer, 2 * self->page);
	ASSERT_LE(0, large);
	small = wait_for_block(self->peer, 1);
	ASSERT_LE(0, small);
	/* one page: enough for the second, who came later, of the same user */
	EXPECT_EQ(1, give_back(self->fd, at[0]));
	EXPECT_EQ(-EAGAIN, loan(self->fd, 1, IPCCHAN_XFER_NONBLOCK, 0));
	EXPECT_TRUE(is_blocked(small, SYS_ioctl));
	EXPECT_EQ(1, give_back(self->fd, at[1]));
	EXPECT_EQ(0, child_wait(large));
	EXPECT_EQ(1, give_back(self->fd, at[2]));
	EXPECT_EQ(0, child_wait(small));
}

/* When who came first gives up, those behind look again. */
TEST_F(loan, gives_up)
{
	uint64_t at[PAGES];
	pid_t large, small;

	ASSERT_EQ(PAGES, loan_many(self->fd, 1, at, PAGES, 0));
	EXPECT_EQ(1, give_back(self->fd, at[3]));
	large = wait_for_block(self->peer, 2 * self->page);
	ASSERT_LE(0, large);
	small = wait_for_block(self->peer, 1);
	ASSERT_LE(0, small);
	child_kill(large);
	EXPECT_EQ(0, child_wait(small));
}

TEST_F(loan, refused)
{
	struct ipcchan_attach plain = { .buf_size = self->page };
	struct ipcchan_attach none = { .options = IPCCHAN_OPT_LOANS };
	struct ipcchan_attach rpc = {
		.options = IPCCHAN_OPT_LOANS, .buf_size = self->page,
		.kind = IPCCHAN_KIND_RPC,
	};
	uint64_t at;
	struct ipcchan_loan l = { .len = 1, .offsets = (uintptr_t)&at, .count = 1 };
	struct ipcchan_give_back g = { .offsets = (uintptr_t)&at, .count = 1 };
	struct ipcchan_msghdr h = { .len = 1 };
	int fd;

	EXPECT_EQ(-EINVAL, chan_anon(&none));
	EXPECT_EQ(-EINVAL, chan_anon(&rpc));
	fd = chan_anon(&plain);
	EXPECT_EQ(-EOPNOTSUPP, loan(fd, 1, 0, 0));
	EXPECT_EQ(-ENOENT, give_back(fd, 0));
	EXPECT_EQ(-ENOENT, send_block(fd, 0, 1));
	close(fd);
	fd = dev_open(O_RDWR);
	EXPECT_EQ(-ENOTCONN, loan(fd, 1, 0, 0));
	EXPECT_EQ(-ENOTCONN, give_back(fd, 0));
	close(fd);
	fd = chan_peer(self->fd, O_RDONLY);
	EXPECT_EQ(-EBADF, loan(fd, 1, 0, 0));
	close(fd);

	EXPECT_EQ(-EINVAL, loan(self->fd, 0, 0, 0));
	EXPECT_EQ(-EMSGSIZE, loan(self->fd, PAGES * self->page + 1, 0, 0));
	EXPECT_EQ(-EMSGSIZE, loan(self->fd, UINT64_MAX, 0, 0));
	EXPECT_EQ(-EINVAL, loan(self->fd, 1, IPCCHAN_XFER_PLACE, 0));
	EXPECT_EQ(-EINVAL, loan(self->fd, 1, 0, -2));
	l.count = 0;
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, IPCCHAN_IOC_LOAN, &l));
	l.count = IPCCHAN_BATCH_MAX + 1;
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, IPCCHAN_IOC_LOAN, &l));
	l.count = 1;
	l.offsets = 1;
	EXPECT_EQ(-EFAULT, do_ioctl(self->fd, IPCCHAN_IOC_LOAN, &l));
	EXPECT_EQ(-EFAULT, do_ioctl(self->fd, IPCCHAN_IOC_LOAN, NULL));
	g.flags = 1;
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, IPCCHAN_IOC_GIVE_BACK, &g));
	g.flags = 0;
	g.count = 0;
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, IPCCHAN_IOC_GIVE_BACK, &g));
	g.count = 1;
	g.offsets = 1;
	EXPECT_EQ(-EFAULT, do_ioctl(self->fd, IPCCHAN_IOC_GIVE_BACK, &g));
	EXPECT_EQ(-EFAULT, do_ioctl(self->fd, IPCCHAN_IOC_GIVE_BACK, NULL));
	EXPECT_EQ(-EINVAL, xfer_send(self->fd, &h, 1, IPCCHAN_XFER_PLACE, 0));
	h.flags = IPCCHAN_MSG_FDS_LOST;
	EXPECT_EQ(-EINVAL, xfer_send(self->fd, &h, 1, 0, 0));
	h.flags = IPCCHAN_MSG_PLACED;
	EXPECT_EQ(-EINVAL, xfer_recv(self->fd, &h, 1, IPCCHAN_XFER_PLACE, 0));
	EXPECT_EQ(PAGES, free_pages(self->fd));
}

/* Descriptors travel with a block, and are delivered once. */
TEST_F(loan, with_descriptors)
{
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	struct ipcchan_msghdr h = { .buf = at, .len = 1, .flags = IPCCHAN_MSG_PLACED };
	int fds[2], got = -1;
	char c;

	ASSERT_EQ(0, pipe(fds));
	h.fds = (uintptr_t)&fds[1];
	h.nr_fds = 1;
	ASSERT_EQ(1, xfer_send(self->fd, &h, 1, 0, 0));
	close(fds[1]);
	h = (struct ipcchan_msghdr) { .fds = (uintptr_t)&got, .nr_fds = 1 };
	ASSERT_EQ(1, recv_place(self->peer, &h));
	EXPECT_EQ(at, h.buf);
	EXPECT_EQ(1, h.nr_fds);
	ASSERT_EQ(1, write(got, "x", 1));
	close(got);
	/* nobody else has it */
	ASSERT_EQ(1, read(fds[0], &c, 1));
	EXPECT_EQ(0, read(fds[0], &c, 1));
	EXPECT_EQ(1, give_back(self->peer, at));
}

/* One block for all subscribers, free when the last one has given it back. */
TEST(broadcast)
{
	int fd = loans_anon(IPCCHAN_KIND_BROADCAST, PAGES);
	int subs[2], copier, i;
	int64_t at;
	char *map;
	char c;

	ASSERT_LE(0, fd);
	for (i = 0; i < 2; i++)
		subs[i] = chan_peer(fd, O_RDWR);
	copier = chan_peer(fd, O_RDONLY);
	map = map_buf(fd, PAGES);
	ASSERT_NE(NULL, map);
	at = loan(fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	map[at] = 'b';
	ASSERT_EQ(1, send_block(fd, at, 1));
	/* its sender subscribes, too */
	EXPECT_EQ(at, recv_block(fd));
	EXPECT_EQ(at, recv_block(subs[0]));
	EXPECT_EQ(at, recv_block(subs[1]));
	EXPECT_EQ(1, msg_recv(copier, &c, 1));
	EXPECT_EQ('b', c);
	EXPECT_EQ(-EBUSY, send_block(subs[0], at, 1));
	EXPECT_EQ(1, give_back(subs[0], at));
	EXPECT_EQ(1, give_back(fd, at));
	EXPECT_EQ(PAGES - 1, free_pages(fd));
	close(subs[1]);
	EXPECT_EQ(PAGES, free_pages(fd));
	close(subs[0]);
	close(copier);
	close(fd);
}

TEST_HARNESS_MAIN
