// SPDX-License-Identifier: GPL-2.0
/*
 * The other half of bad ioctl arguments: pointers, and the fields of all calls
 * but IPCCHAN_IOC_ATTACH.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

#include "harness.h"

#define ROLE_BOTH	(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)

FIXTURE(args) {
	int bare;			/* never attached */
	int chan;			/* one message queued, one page of buffer */
	int plain;			/* no buffer */
	char name[IPCCHAN_NAME_SIZE];	/* of chan */
	char *bad;			/* bad_page() */
	struct ipcchan_info info;	/* of chan */
	int count;
};

FIXTURE_SETUP(args)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_CREATE, .buf_size = 1 };

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	unique_name(self->name);
	strcpy(a.name, self->name);
	self->chan = chan_open(O_RDWR, &a);
	ASSERT_LE(0, self->chan);
	ASSERT_EQ(0, msg_send_u32(self->chan, 1));
	self->plain = chan_anon(NULL);
	ASSERT_LE(0, self->plain);
	self->bare = dev_open(O_RDWR);
	ASSERT_LE(0, self->bare);
	ASSERT_EQ(0, chan_info(self->chan, &self->info));
	self->count = chan_count();
	ASSERT_EQ(2, self->count);
	self->bad = bad_page();
}

FIXTURE_TEARDOWN(args)
{
	close(self->bare);
	close(self->plain);
	close(self->chan);
	chan_unlink(self->name);
}

static void expect_unchanged(struct __test_metadata *_metadata,
			     FIXTURE_DATA(args) *self)
{
	struct ipcchan_attach a = { .role = ROLE_BOTH };
	struct ipcchan_info info;

	EXPECT_EQ(self->count, chan_count());
	EXPECT_EQ(-ENOTCONN, chan_info(self->bare, &info));
	EXPECT_EQ(0, chan_info(self->chan, &info));
	EXPECT_EQ(0, memcmp(&info, &self->info, sizeof(info)));
	/* Neither descriptor is spoilt. */
	EXPECT_EQ(1, msg_recv_u32(self->chan));
	strcpy(a.name, self->name);
	EXPECT_EQ(0, do_ioctl(self->bare, IPCCHAN_IOC_ATTACH, &a));
	EXPECT_EQ(self->info.id, a.id);
}

TEST_F(args, wild_pointers)
{
	const struct {
		unsigned int cmd;
		int fd;
	} calls[] = {
		{ IPCCHAN_IOC_QUERY, self->bare }, { IPCCHAN_IOC_QUERY, self->chan },
		{ IPCCHAN_IOC_ATTACH, self->bare },
		{ IPCCHAN_IOC_UNLINK, self->bare }, { IPCCHAN_IOC_UNLINK, self->chan },
		{ IPCCHAN_IOC_INFO, self->chan },
		{ IPCCHAN_IOC_WAIT, self->chan }, { IPCCHAN_IOC_WAKE, self->chan },
		{ IPCCHAN_IOC_BELL_FD, self->chan }, { IPCCHAN_IOC_WATCH, self->chan },
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		void *const wild[] = {
			NULL, (void *)1, (void *)-1l, (void *)-4096l,
			(void *)(1ul << 63), (void *)(0xfffful << 47), self->bad,
			self->bad - _IOC_SIZE(calls[i].cmd) / 2,
			self->bad - _IOC_SIZE(calls[i].cmd) + 1,
		};

		for (j = 0; j < ARRAY_SIZE(wild); j++) {
			memset(self->bad - 512, 0, 512);
			EXPECT_EQ(-EFAULT, do_ioctl(calls[i].fd, calls[i].cmd, wild[j]))
				TH_LOG("call %u, pointer %u", i, j);
		}
	}
	expect_unchanged(_metadata, self);
}

/* Arguments that may be read, but answers that cannot be written. */
TEST_F(args, read_only_answers)
{
	struct ipcchan_attach *a = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, a);
	ASSERT_EQ(0, mprotect(a, 4096, PROT_READ));
	EXPECT_EQ(-EFAULT, do_ioctl(self->bare, IPCCHAN_IOC_QUERY, a));
	EXPECT_EQ(-EFAULT, do_ioctl(self->chan, IPCCHAN_IOC_INFO, a));

	/* A failed attach has not attached, nor created. */
	ASSERT_EQ(0, mprotect(a, 4096, PROT_READ | PROT_WRITE));
	a->flags = IPCCHAN_ATTACH_ANON;
	a->role = ROLE_BOTH;
	ASSERT_EQ(0, mprotect(a, 4096, PROT_READ));
	EXPECT_EQ(-EFAULT, do_ioctl(self->bare, IPCCHAN_IOC_ATTACH, a));
	ASSERT_EQ(0, mprotect(a, 4096, PROT_READ | PROT_WRITE));
	a->flags = IPCCHAN_ATTACH_CREATE;
	strcpy(a->name, "read-only");
	ASSERT_EQ(0, mprotect(a, 4096, PROT_READ));
	EXPECT_EQ(-EFAULT, do_ioctl(self->bare, IPCCHAN_IOC_ATTACH, a));
	EXPECT_EQ(-ENOENT, chan_named("read-only", O_RDWR, 0));
	expect_unchanged(_metadata, self);
}

TEST_F(args, query)
{
	struct ipcchan_query q = { .reserved = 1 };

	EXPECT_EQ(-EINVAL, do_ioctl(self->bare, IPCCHAN_IOC_QUERY, &q));
	EXPECT_EQ(0, q.abi_version);
	q.reserved = 1u << 31;
	EXPECT_EQ(-EINVAL, do_ioctl(self->chan, IPCCHAN_IOC_QUERY, &q));
	expect_unchanged(_metadata, self);
}

TEST_F(args, unlink)
{
	struct ipcchan_unlink u = { 0 };
	unsigned int i;

	EXPECT_EQ(-EINVAL, do_ioctl(self->bare, IPCCHAN_IOC_UNLINK, &u));
	strcpy(u.name, "no-such-channel");
	EXPECT_EQ(-ENOENT, do_ioctl(self->bare, IPCCHAN_IOC_UNLINK, &u));
	EXPECT_EQ(-ENOENT, do_ioctl(self->chan, IPCCHAN_IOC_UNLINK, &u));
	strcpy(u.name, self->name);
	for (i = 0; i < 32; i++) {
		u.flags = 1u << i;
		u.reserved = 0;
		EXPECT_EQ(-EINVAL, do_ioctl(self->chan, IPCCHAN_IOC_UNLINK, &u));
		u.flags = 0;
		u.reserved = 1u << i;
		EXPECT_EQ(-EINVAL, do_ioctl(self->chan, IPCCHAN_IOC_UNLINK, &u));
	}
	expect_unchanged(_metadata, self);
}

TEST_F(args, info)
{
	struct ipcchan_info info = { 0 };
	unsigned int i;

	EXPECT_EQ(-ENOTCONN, do_ioctl(self->bare, IPCCHAN_IOC_INFO, &info));
	for (i = 0; i < 32; i++) {
		memset(&info, 0, sizeof(info));
		info.flags = 1u << i;
		EXPECT_EQ(-EINVAL, do_ioctl(self->chan, IPCCHAN_IOC_INFO, &info));
	}
	expect_unchanged(_metadata, self);
}

/* FIONREAD is asked of a receiver, and is no read: it does not attach. */
TEST_F(args, next_length)
{
	int wr = chan_peer(self->chan, O_WRONLY);

	ASSERT_LE(0, wr);
	EXPECT_EQ(-ENOTCONN, chan_next(self->bare));
	EXPECT_EQ(-EBADF, chan_next(wr));
	EXPECT_EQ(-EFAULT, do_ioctl(self->chan, FIONREAD, self->bad));
	EXPECT_EQ(4, chan_next(self->chan));
	EXPECT_EQ(0, chan_next(self->plain));
	close(wr);
	expect_unchanged(_metadata, self);
}

TEST_F(args, wait)
{
	const uint64_t end = self->info.buf_size;
	const uint64_t bad_offsets[] = {
		1, 2, 3, end - 1, end - 2, end - 3, end, end + 4, end << 20,
		1ull << 32, 1ull << 63, ~0ull, ~0ull - 3,
	};
	struct ipcchan_wait w = { 0 };
	unsigned int i;

	EXPECT_EQ(-ENOTCONN, do_ioctl(self->bare, IPCCHAN_IOC_WAIT, &w));
	EXPECT_EQ(-ENODEV, do_ioctl(self->plain, IPCCHAN_IOC_WAIT, &w));
	for (i = 0; i < ARRAY_SIZE(bad_offsets); i++) {
		w.offset = bad_offsets[i];
		EXPECT_EQ(-EINVAL, do_ioctl(self->chan, IPCCHAN_IOC_WAIT, &w))
			TH_LOG("offset %#llx", w.offset);
	}
	w.offset = 0;
	for (i = 0; i < 32; i++) {
		w.flags = 1u << i;
		EXPECT_EQ(-EINVAL, do_ioctl(self->chan, IPCCHAN_IOC_WAIT, &w));
	}
	w.flags = 0;
	w.timeout_ns = -2;
	EXPECT_EQ(-EINVAL, do_ioctl(self->chan, IPCCHAN_IOC_WAIT, &w));
	w.timeout_ns = INT64_MIN;
	EXPECT_EQ(-EINVAL, do_ioctl(self->chan, IPCCHAN_IOC_WAIT, &w));
	/* The last word is one. */
	w.timeout_ns = 0;
	w.offset = end - 4;
	EXPECT_EQ(-ETIMEDOUT, do_ioctl(self->chan, IPCCHAN_IOC_WAIT, &w));
	expect_unchanged(_metadata, self);
}

TEST_F(args, wake)
{
	const uint64_t end = self->info.buf_size;
	const uint64_t bad_offsets[] = {
		1, 2, 3, end - 1, end, end + 4, 1ull << 32, 1ull << 63, ~0ull, ~0ull - 3,
	};
	struct ipcchan_wake w = { .count = 1 };
	int rd = chan_peer(self->chan, O_RDONLY);
	unsigned int i;

	ASSERT_LE(0, rd);
	EXPECT_EQ(-ENOTCONN, do_ioctl(self->bare, IPCCHAN_IOC_WAKE, &w));
	EXPECT_EQ(-ENODEV, do_ioctl(self->plain, IPCCHAN_IOC_WAKE, &w));
	EXPECT_EQ(-EBADF, do_ioctl(rd, IPCCHAN_IOC_WAKE, &w));
	close(rd);
	for (i = 0; i < ARRAY_SIZE(bad_offsets); i++) {
		w.offset = bad_offsets[i];
		EXPECT_EQ(-EINVAL, do_ioctl(self->chan, IPCCHAN_IOC_WAKE, &w))
			TH_LOG("offset %#llx", w.offset);
	}
	w.offset = 0;
	for (i = 0; i < 32; i++) {
		w.flags = 1u << i;
		EXPECT_EQ(-EINVAL, do_ioctl(self->chan, IPCCHAN_IOC_WAKE, &w));
	}
	w.flags = 0;
	w.count = 0;
	EXPECT_EQ(-EINVAL, do_ioctl(self->chan, IPCCHAN_IOC_WAKE, &w));
	w.count = ~0u;
	EXPECT_EQ(0, do_ioctl(self->chan, IPCCHAN_IOC_WAKE, &w));
	w.offset = end - 4;
	EXPECT_EQ(0, do_ioctl(self->chan, IPCCHAN_IOC_WAKE, &w));
	expect_unchanged(_metadata, self);
}

TEST_HARNESS_MAIN
