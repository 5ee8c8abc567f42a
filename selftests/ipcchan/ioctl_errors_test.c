// SPDX-License-Identifier: GPL-2.0
/*
 * Every ioctl with every kind of bad argument: the right error, and nothing
 * changed.  The tests have a network namespace, thus a dump, for themselves.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

#include "harness.h"

#define ROLE_BOTH	(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)
#define DUMP_MAX	16

FIXTURE(errors) {
	int bare;			/* never attached */
	int chan;			/* one message queued, two pages of buffer */
	char name[IPCCHAN_NAME_SIZE];	/* of chan */
	struct ipcchan_query query;
	struct ipcchan_info info;
	struct genl_chan dump[DUMP_MAX];
	struct genl *genl;
	int count;
};

FIXTURE_SETUP(errors)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .max_msgs = 4,
		.buf_size = 2 * sysconf(_SC_PAGESIZE),
	};

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	unique_name(self->name);
	strcpy(a.name, self->name);
	self->chan = chan_open(O_RDWR, &a);
	ASSERT_LE(0, self->chan);
	ASSERT_EQ(0, msg_send_u32(self->chan, 1));
	self->bare = dev_open(O_RDWR);
	ASSERT_LE(0, self->bare);
	ASSERT_EQ(0, do_ioctl(self->bare, IPCCHAN_IOC_QUERY, &self->query));
	ASSERT_EQ(0, chan_info(self->chan, &self->info));
	self->genl = genl_open();
	ASSERT_NE(NULL, self->genl);
	memset(self->dump, 0, sizeof(self->dump));
	self->count = genl_dump(self->genl, self->dump, DUMP_MAX);
	ASSERT_EQ(1, self->count);
}

FIXTURE_TEARDOWN(errors)
{
	genl_close(self->genl);
	close(self->bare);
	close(self->chan);
	chan_unlink(self->name);
}

static void expect_unchanged(struct __test_metadata *_metadata,
			     FIXTURE_DATA(errors) *self)
{
	struct genl_chan dump[DUMP_MAX];
	struct ipcchan_info info;

	memset(dump, 0, sizeof(dump));
	EXPECT_EQ(self->count, genl_dump(self->genl, dump, DUMP_MAX));
	EXPECT_EQ(0, memcmp(dump, self->dump, sizeof(dump)));
	EXPECT_EQ(-ENOTCONN, chan_info(self->bare, &info));
	EXPECT_EQ(0, chan_info(self->chan, &info));
	EXPECT_EQ(0, memcmp(&info, &self->info, sizeof(info)));
}

/* To be called last: the refusals have spoilt neither descriptor. */
static void expect_usable(struct __test_metadata *_metadata,
			  FIXTURE_DATA(errors) *self)
{
	struct ipcchan_attach a = { .role = ROLE_BOTH };

	expect_unchanged(_metadata, self);
	EXPECT_EQ(1, msg_recv_u32(self->chan));
	strcpy(a.name, self->name);
	EXPECT_EQ(0, do_ioctl(self->bare, IPCCHAN_IOC_ATTACH, &a));
	EXPECT_EQ(self->info.id, a.id);
	EXPECT_EQ(0, msg_send_u32(self->bare, 2));
	EXPECT_EQ(2, msg_recv_u32(self->chan));
}

/* Attach the bare descriptor with @req, which must be refused with @error. */
#define EXPECT_REFUSED(error, ...) do { \
	struct ipcchan_attach _a = __VA_ARGS__; \
	EXPECT_EQ(error, do_ioctl(self->bare, IPCCHAN_IOC_ATTACH, &_a)) \
		TH_LOG("%s", #__VA_ARGS__); \
	expect_unchanged(_metadata, self); \
} while (0)

static bool is_known(unsigned int cmd)
{
	return cmd == IPCCHAN_IOC_QUERY || cmd == IPCCHAN_IOC_ATTACH ||
	       cmd == IPCCHAN_IOC_UNLINK || cmd == IPCCHAN_IOC_INFO ||
	       cmd == IPCCHAN_IOC_SEND || cmd == IPCCHAN_IOC_RECV ||
	       cmd == IPCCHAN_IOC_CALL || cmd == IPCCHAN_IOC_SERVE ||
	       cmd == IPCCHAN_IOC_LOAN || cmd == IPCCHAN_IOC_GIVE_BACK ||
	       cmd == IPCCHAN_IOC_POOL ||
	       cmd == IPCCHAN_IOC_FILTER || cmd == IPCCHAN_IOC_WAIT ||
	       cmd == IPCCHAN_IOC_WAKE || cmd == IPCCHAN_IOC_BELL_FD ||
	       cmd == IPCCHAN_IOC_WATCH || cmd == IPCCHAN_IOC_REPORT;
}

TEST_F(errors, unknown_commands)
{
	static const unsigned int sizes[] = { 0, 4, 16, 24, 32, 40, 72, 136, 168, 16383 };
	static char arg[16384];
	unsigned int nr, dir, i;

	for (nr = 0; nr < 256; nr++) {
		for (dir = 0; dir < 4; dir++) {
			for (i = 0; i < ARRAY_SIZE(sizes); i++) {
				unsigned int cmd = _IOC(dir, IPCCHAN_IOC_MAGIC, nr,
							sizes[i]);

				if (is_known(cmd))
					continue;
				EXPECT_EQ(-ENOTTY, do_ioctl(self->bare, cmd, arg))
					TH_LOG("cmd %#x", cmd);
				EXPECT_EQ(-ENOTTY, do_ioctl(self->chan, cmd, arg))
					TH_LOG("cmd %#x", cmd);
			}
		}
	}
	EXPECT_EQ(-ENOTTY, do_ioctl(self->chan, _IO(0xBD, 0x10), arg));
	EXPECT_EQ(-ENOTTY, do_ioctl(self->chan, TCGETS, arg));
	EXPECT_EQ(-ENOTTY, do_ioctl(self->chan, 0, arg));
	expect_usable(_metadata, self);
}

TEST_F(errors, attach_flags)
{
	static const uint32_t bad[] = {
		IPCCHAN_ATTACH_EXCL,
		IPCCHAN_ATTACH_ANON | IPCCHAN_ATTACH_CREATE,
		IPCCHAN_ATTACH_ANON | IPCCHAN_ATTACH_EXCL,
		IPCCHAN_ATTACH_ANON | IPCCHAN_ATTACH_FD,
		IPCCHAN_ATTACH_ANON | IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL,
		IPCCHAN_ATTACH_FD | IPCCHAN_ATTACH_CREATE,
		IPCCHAN_ATTACH_FD | IPCCHAN_ATTACH_EXCL,
		IPCCHAN_ATTACH_FD | IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL,
	};
	unsigned int i;

	for (i = 4; i < 32; i++) {
		EXPECT_REFUSED(-EINVAL, { .flags = 1u << i, .role = ROLE_BOTH,
			       .name = "a" });
		EXPECT_REFUSED(-EINVAL, { .flags = 1u << i | IPCCHAN_ATTACH_ANON,
			       .role = ROLE_BOTH });
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ipcchan_attach a = { .flags = bad[i], .role = ROLE_BOTH };

		if (bad[i] & IPCCHAN_ATTACH_FD)
			a.fd = self->chan;
		EXPECT_EQ(-EINVAL, do_ioctl(self->bare, IPCCHAN_IOC_ATTACH, &a))
			TH_LOG("flags %#x without a name", bad[i]);
		strcpy(a.name, "a");
		EXPECT_EQ(-EINVAL, do_ioctl(self->bare, IPCCHAN_IOC_ATTACH, &a))
			TH_LOG("flags %#x with a name", bad[i]);
	}
	expect_usable(_metadata, self);
}

TEST_F(errors, attach_role_kind_mode)
{
	const uint32_t create = IPCCHAN_ATTACH_CREATE, anon = IPCCHAN_ATTACH_ANON;
	unsigned int i;

	EXPECT_REFUSED(-EINVAL, { .flags = anon });
	EXPECT_REFUSED(-EINVAL, { .flags = create, .name = "a" });
	for (i = 2; i < 32; i++) {
		EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = 1u << i });
		EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = 1u << i | ROLE_BOTH });
	}
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = ROLE_BOTH,
		       .kind = IPCCHAN_KIND_RPC + 1 });
	for (i = 2; i < 32; i++) {
		EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = ROLE_BOTH,
			       .kind = 1u << i });
	}
	for (i = 3; i < 32; i++) {
		EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = ROLE_BOTH,
			       .options = 1u << i });
	}
	for (i = 0; i < 32; i++) {
		EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = ROLE_BOTH,
			       .slow = 1u << i });
	}
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = ROLE_BOTH,
		       .kind = IPCCHAN_KIND_BROADCAST,
		       .slow = IPCCHAN_SLOW_DISCONNECT + 1 });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = ROLE_BOTH,
		       .spin_ns = IPCCHAN_SPIN_MAX_NS + 1 });
	for (i = 9; i < 32; i++) {
		EXPECT_REFUSED(-EINVAL, { .flags = create, .role = ROLE_BOTH,
			       .mode = 1u << i | 0600, .name = "a" });
	}
	expect_usable(_metadata, self);
}

TEST_F(errors, attach_limits)
{
	const struct ipcchan_query *q = &self->query;
	const uint32_t anon = IPCCHAN_ATTACH_ANON, both = ROLE_BOTH;
	unsigned int i;

	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both,
		       .max_msgs = q->limit_msgs + 1 });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .max_msgs = ~0u });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both,
		       .max_msg_size = q->limit_msg_size + 1 });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .max_msg_size = ~0u });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both,
		       .max_bytes = q->limit_bytes + 1 });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .max_bytes = ~0ull });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both,
		       .max_bytes = 1ull << 32 | 1, .max_msg_size = ~0u });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both,
		       .buf_size = q->limit_buf_size + 1 });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .buf_size = ~0ull });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .buf_size = ~0ull - 4095 });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .buf_size = 1ull << 63 });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .buf_flags = IPCCHAN_BUF_HUGE });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .buf_flags = IPCCHAN_BUF_NODE });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .buf_size = 1, .buf_node = 1 });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .buf_size = 1,
		       .buf_flags = IPCCHAN_BUF_HUGE, .buf_node = 1 });
	/* Nodes that there are not. */
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .buf_size = 1,
		       .buf_flags = IPCCHAN_BUF_NODE, .buf_node = ~0u });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .buf_size = 1,
		       .buf_flags = IPCCHAN_BUF_NODE, .buf_node = 1u << 31 });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .buf_size = 1,
		       .buf_flags = IPCCHAN_BUF_NODE, .buf_node = 63 });
	for (i = 2; i < 32; i++) {
		EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .buf_size = 1,
			       .buf_flags = 1u << i });
	}
	/* A message that would never fit. */
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both,
		       .max_msg_size = 1001, .max_bytes = 1000 });
	expect_usable(_metadata, self);
}

TEST_F(errors, attach_fields_not_for_this_call)
{
	static const struct ipcchan_attach creating[] = {
		{ .kind = 1 }, { .mode = 0600 }, { .max_msgs = 1 },
		{ .max_msg_size = 1 }, { .max_bytes = 1 }, { .buf_size = 1 },
		{ .options = IPCCHAN_OPT_HANGUP }, { .slow = 1 }, { .spin_ns = 1 },
		{ .buf_flags = IPCCHAN_BUF_HUGE }, { .buf_node = 1 },
	};
	const uint32_t create = IPCCHAN_ATTACH_CREATE, anon = IPCCHAN_ATTACH_ANON;
	const uint32_t by_fd = IPCCHAN_ATTACH_FD, both = ROLE_BOTH;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(creating); i++) {
		struct ipcchan_attach a = creating[i];

		a.role = both;
		strcpy(a.name, self->name);
		EXPECT_EQ(-EINVAL, do_ioctl(self->bare, IPCCHAN_IOC_ATTACH, &a))
			TH_LOG("field %u, by name", i);
		memset(a.name, 0, sizeof(a.name));
		a.flags = by_fd;
		a.fd = self->chan;
		EXPECT_EQ(-EINVAL, do_ioctl(self->bare, IPCCHAN_IOC_ATTACH, &a))
			TH_LOG("field %u, by descriptor", i);
	}
	EXPECT_REFUSED(-EINVAL, { .flags = create, .role = both, .fd = 1, .name = "a" });
	EXPECT_REFUSED(-EINVAL, { .flags = create, .role = both, .fd = -1, .name = "a" });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .fd = self->chan });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .name = "a" });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .name[63] = 1 });
	EXPECT_REFUSED(-EINVAL, { .flags = by_fd, .role = both, .fd = self->chan,
		       .name = "a" });
	EXPECT_REFUSED(-EINVAL, { .flags = by_fd, .role = both, .fd = self->chan,
		       .name[63] = 1 });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .reserved = 1 });
	EXPECT_REFUSED(-EINVAL, { .flags = anon, .role = both, .reserved = 1u << 31 });
	EXPECT_REFUSED(-EINVAL, { .flags = create, .role = both, .reserved = 1,
		       .name = "a" });
	EXPECT_REFUSED(-EBADF, { .flags = by_fd, .role = both, .fd = self->bare });
	EXPECT_REFUSED(-EBADF, { .flags = by_fd, .role = both, .fd = -1 });
	EXPECT_REFUSED(-EBADF, { .flags = by_fd, .role = both, .fd = 0x7fffffff });
	EXPECT_REFUSED(-ENOENT, { .role = both, .name = "a" });
	expect_usable(_metadata, self);
}

TEST_F(errors, names)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_CREATE, .role = ROLE_BOTH };
	struct ipcchan_unlink u = { 0 };
	unsigned int c;
	int fd;

	EXPECT_REFUSED(-EINVAL, { .role = ROLE_BOTH });
	EXPECT_REFUSED(-EINVAL, { .flags = IPCCHAN_ATTACH_CREATE, .role = ROLE_BOTH });
	/* What follows the end of an empty name does not make it one. */
	EXPECT_REFUSED(-EINVAL, { .flags = IPCCHAN_ATTACH_CREATE, .role = ROLE_BOTH,
		       .name[1] = 'a' });
	EXPECT_REFUSED(-EINVAL, { .flags = IPCCHAN_ATTACH_CREATE, .role = ROLE_BOTH,
		       .name = "/" });
	EXPECT_REFUSED(-EINVAL, { .flags = IPCCHAN_ATTACH_CREATE, .role = ROLE_BOTH,
		       .name = "a/b" });
	for (c = 1; c < 128; c++) {
		if (c >= 32 && c != 127)
			continue;
		strcpy(a.name, "a_b");
		a.name[1] = c;
		EXPECT_EQ(-EINVAL, do_ioctl(self->bare, IPCCHAN_IOC_ATTACH, &a))
			TH_LOG("byte %u in a name", c);
		memcpy(u.name, a.name, sizeof(u.name));
		EXPECT_EQ(-EINVAL, do_ioctl(self->bare, IPCCHAN_IOC_UNLINK, &u))
			TH_LOG("byte %u in a name", c);
	}
	memset(a.name, 'x', sizeof(a.name));
	EXPECT_EQ(-ENAMETOOLONG, do_ioctl(self->bare, IPCCHAN_IOC_ATTACH, &a));
	memset(u.name, 'x', sizeof(u.name));
	EXPECT_EQ(-ENAMETOOLONG, do_ioctl(self->bare, IPCCHAN_IOC_UNLINK, &u));
	expect_unchanged(_metadata, self);

	/* One byte less is a name; so is one that is not ASCII. */
	a.name[IPCCHAN_NAME_SIZE - 1] = '\0';
	fd = chan_open(O_RDWR, &a);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, chan_unlink(a.name));
	strcpy(a.name, "K\xc3\xa4se \xe2\x82\xac");
	fd = chan_open(O_RDWR, &a);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, chan_unlink(a.name));
	/* Two have come and gone. */
	self->dump[0].generation += 4;
	expect_usable(_metadata, self);
}

TEST_HARNESS_MAIN
