// SPDX-License-Identifier: GPL-2.0
/* Dumps of channels, endpoints, buffers, blocks and quotas: what is in them, and for whom. */
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "genl.h"
#include "ns.h"
#include "param.h"
#include "place.h"
#include "util.h"

#include "harness.h"

#define USER	OTHER_ID
#define MOST	64
#define ATTRS	32

/* The rows of a dump: numbers by attribute, and which are there. */
struct rows {
	int nr;
	struct row {
		uint32_t present;
		uint64_t of[ATTRS];
		char name[IPCCHAN_NAME_SIZE];
	} row[MOST];
};

static void take_row(struct nlmsghdr *nlh, void *arg)
{
	struct rows *rows = arg;
	struct row *r = &rows->row[rows->nr];
	struct nlattr *a;
	int left, type;

	if (rows->nr == MOST)
		return;
	memset(r, 0, sizeof(*r));
	nla_for_each_attr(a, genlmsg_attrdata(nlmsg_data(nlh), 0),
			  genlmsg_attrlen(nlmsg_data(nlh), 0), left) {
		type = nla_type(a);
		if (type >= ATTRS)
			continue;
		r->present |= 1u << type;
		if (nla_len(a) == 4)
			r->of[type] = nla_get_u32(a);
		else if (nla_len(a) == 8)
			r->of[type] = nla_get_u64(a);
	}
	rows->nr++;
}

/* Each with one filter, or none where @type is 0. */
static int dump(struct genl *g, int cmd, struct rows *rows, int type, uint32_t value)
{
	struct nl_msg *msg = genl_msg(g, cmd, NLM_F_DUMP);

	rows->nr = 0;
	if (type)
		nla_put_u32(msg, type, value);
	return genl_each(g, msg, take_row, rows);
}

FIXTURE(dump) {
	struct genl *g;
	struct rows rows;
};

FIXTURE_SETUP(dump)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
	self->g = genl_open();
	ASSERT_NE(NULL, self->g);
}

FIXTURE_TEARDOWN(dump)
{
	param_restore();
	genl_close(self->g);
}

static int open_kind(uint32_t kind, int oflags, uint32_t options, uint64_t buf)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = kind, .options = options,
		.buf_size = buf, .slow = kind == IPCCHAN_KIND_BROADCAST ?
						 IPCCHAN_SLOW_DROP_NEWEST : 0,
		.max_msgs = 2, .max_msg_size = 8, .max_bytes = 16,
	};

	return chan_open(oflags, &a);
}

static uint32_t id_of(int fd)
{
	struct ipcchan_info info;

	return chan_info(fd, &info) ? 0 : info.id;
}

static const struct row *row_with(const struct rows *rows, int type, uint64_t value)
{
	static const struct row none;
	int i;

	for (i = 0; i < rows->nr; i++)
		if (rows->row[i].present & 1u << type && rows->row[i].of[type] == value)
			return &rows->row[i];
	return &none;
}

TEST_F(dump, endpoints)
{
	int wr = open_kind(IPCCHAN_KIND_BROADCAST, O_WRONLY, 0, 0), rd, i;
	const struct row *r;

	ASSERT_LE(0, wr);
	rd = chan_peer(wr, O_RDONLY);
	ASSERT_LE(0, rd);
	ASSERT_EQ(0, chan_filter(rd, 7, 3));
	for (i = 0; i < 5; i++)
		ASSERT_EQ(0, label_send(wr, i, 4, 7, 0));
	ASSERT_EQ(2, dump(self->g, IPCCHAN_CMD_EP_GET, &self->rows, 0, 0));
	EXPECT_FALSE(genl_interrupted(self->g));
	r = row_with(&self->rows, IPCCHAN_A_EP_ROLE, IPCCHAN_ROLE_RECV);
	EXPECT_EQ(id_of(wr), r->of[IPCCHAN_A_EP_CHAN]);
	EXPECT_EQ(getpid(), (pid_t)r->of[IPCCHAN_A_EP_PID]);
	EXPECT_EQ(0, r->of[IPCCHAN_A_EP_LAST_PID]);
	EXPECT_EQ(geteuid(), r->of[IPCCHAN_A_EP_UID]);
	EXPECT_EQ(getegid(), r->of[IPCCHAN_A_EP_GID]);
	EXPECT_EQ(2, r->of[IPCCHAN_A_EP_MSGS]);
	EXPECT_EQ(8, r->of[IPCCHAN_A_EP_BYTES]);
	EXPECT_EQ(3, r->of[IPCCHAN_A_EP_LOST]);
	EXPECT_EQ(3, r->of[IPCCHAN_A_EP_MIN_PRIO]);
	EXPECT_EQ(7, r->of[IPCCHAN_A_EP_TYPE]);
	EXPECT_FALSE(r->present & 1u << IPCCHAN_A_EP_NAME);
	r = row_with(&self->rows, IPCCHAN_A_EP_ROLE, IPCCHAN_ROLE_SEND);
	EXPECT_EQ(getpid(), (pid_t)r->of[IPCCHAN_A_EP_LAST_PID]);
	EXPECT_FALSE(r->present & 1u << IPCCHAN_A_EP_MSGS);
	EXPECT_FALSE(r->present & 1u << IPCCHAN_A_EP_TYPE);
	close(rd);
	EXPECT_EQ(1, dump(self->g, IPCCHAN_CMD_EP_GET, &self->rows, 0, 0));
	close(wr);
	EXPECT_EQ(0, dump(self->g, IPCCHAN_CMD_EP_GET, &self->rows, 0, 0));
}

static int make_public(const void *name)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_CREATE, .mode = 0666 };
	int fd;

	strcpy(a.name, name);
	fd = chan_open(O_RDWR, &a);
	close(fd);
	return fd < 0 ? fd : 0;
}

static bool kernel_is(int major, int minor)
{
	int has[2] = { 0, 0 };
	struct utsname u;

	return !uname(&u) && sscanf(u.release, "%d.%d", has, has + 1) == 2 &&
	       (has[0] > major || (has[0] == major && has[1] >= minor));
}

TEST_F(dump, filters)
{
	static const struct {
		int cmd, type;
		uint32_t value;
		bool late;	/* by a part that older kernels let not say why */
	} bad[] = {
		{ IPCCHAN_CMD_GET, IPCCHAN_A_ID, 1, true },
		{ IPCCHAN_CMD_GET, IPCCHAN_A_MODE, 0600, false },
		{ IPCCHAN_CMD_GET, IPCCHAN_A_KIND, 9, false },
		{ IPCCHAN_CMD_GET, IPCCHAN_A_FLAGS, 1u << 31, false },
		{ IPCCHAN_CMD_GET, IPCCHAN_A_UID, ~0u, true },
		{ IPCCHAN_CMD_EP_GET, IPCCHAN_A_EP_ROLE, 1, false },
		{ IPCCHAN_CMD_EP_GET, IPCCHAN_A_EP_CHAN, 0, false },
		{ IPCCHAN_CMD_BUF_GET, IPCCHAN_A_BUF_CHAN, 1, false },
		{ IPCCHAN_CMD_LOAN_GET, IPCCHAN_A_LOAN_EP, 1, false },
		{ IPCCHAN_CMD_QUOTA_GET, IPCCHAN_A_QUOTA_UID, ~0u, true },
	};
	int queue = open_kind(IPCCHAN_KIND_QUEUE, O_RDWR, 0, 0);
	int rpc = open_kind(IPCCHAN_KIND_RPC, O_RDWR, 0, 0), peer = chan_peer(rpc, O_RDONLY);
	struct genl *g = self->g;
	struct rows *r = &self->rows;
	unsigned int i;
	int ret;

	ASSERT_LE(0, queue);
	ASSERT_LE(0, peer);
	ASSERT_EQ(0, as_user(USER, USER, make_public, "theirs"));
	EXPECT_EQ(3, dump(g, IPCCHAN_CMD_GET, r, 0, 0));
	EXPECT_EQ(1, dump(g, IPCCHAN_CMD_GET, r, IPCCHAN_A_KIND, IPCCHAN_KIND_RPC));
	EXPECT_EQ(id_of(rpc), r->row[0].of[IPCCHAN_A_ID]);
	EXPECT_EQ(2, dump(g, IPCCHAN_CMD_GET, r, IPCCHAN_A_FLAGS, IPCCHAN_CHAN_ANON));
	EXPECT_EQ(1, dump(g, IPCCHAN_CMD_GET, r, IPCCHAN_A_UID, USER));
	EXPECT_EQ(3, dump(g, IPCCHAN_CMD_EP_GET, r, 0, 0));
	EXPECT_EQ(2, dump(g, IPCCHAN_CMD_EP_GET, r, IPCCHAN_A_EP_CHAN, id_of(rpc)));
	EXPECT_EQ(3, dump(g, IPCCHAN_CMD_EP_GET, r, IPCCHAN_A_EP_PID, getpid()));
	EXPECT_EQ(0, dump(g, IPCCHAN_CMD_EP_GET, r, IPCCHAN_A_EP_PID, getppid()));
	EXPECT_EQ(0, dump(g, IPCCHAN_CMD_EP_GET, r, IPCCHAN_A_EP_UID, USER));
	EXPECT_EQ(1, dump(g, IPCCHAN_CMD_QUOTA_GET, r, IPCCHAN_A_QUOTA_UID, USER));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		ret = dump(g, bad[i].cmd, r, bad[i].type, bad[i].value);
		/* netlink's own check of a range says so. */
		EXPECT_TRUE(ret == -EINVAL || ret == -ERANGE) TH_LOG("case %u: %d", i, ret);
		if (!bad[i].late || kernel_is(6, 7))
			EXPECT_STRNE("", genl_extack(g)) TH_LOG("case %u", i);
	}
	chan_unlink("theirs");
}

TEST_F(dump, memory)
{
	long page = sysconf(_SC_PAGESIZE);
	int buf = open_kind(IPCCHAN_KIND_QUEUE, O_RDWR, IPCCHAN_OPT_LOANS, 4 * page);
	int receiver = open_kind(IPCCHAN_KIND_QUEUE, O_RDWR, 0, 0);
	struct rows *r = &self->rows;
	struct genl_chan c;
	int64_t block[2];

	ASSERT_LE(0, buf);
	ASSERT_LE(0, receiver);
	ASSERT_EQ(0, pool(receiver, 2, 0, 0));
	block[0] = loan(buf, 2 * page, 0, -1);
	block[1] = loan(buf, 1, 0, -1);
	ASSERT_LE(0, block[0]);
	ASSERT_LE(0, block[1]);
	ASSERT_EQ(2, dump(self->g, IPCCHAN_CMD_BUF_GET, r, 0, 0));
	EXPECT_EQ(id_of(buf), r->row[0].of[IPCCHAN_A_BUF_CHAN]);
	EXPECT_FALSE(r->row[0].present & 1u << IPCCHAN_A_BUF_EP);
	EXPECT_EQ(4 * page, (long)r->row[0].of[IPCCHAN_A_BUF_BYTES]);
	EXPECT_EQ(3 * page, (long)r->row[0].of[IPCCHAN_A_BUF_BYTES_USED]);
	EXPECT_EQ(id_of(receiver), r->row[1].of[IPCCHAN_A_BUF_CHAN]);
	EXPECT_NE(0, r->row[1].of[IPCCHAN_A_BUF_EP]);
	EXPECT_EQ(2 * page, (long)r->row[1].of[IPCCHAN_A_BUF_BYTES]);
	EXPECT_EQ(0, r->row[1].of[IPCCHAN_A_BUF_BYTES_USED]);
	ASSERT_EQ(2, dump(self->g, IPCCHAN_CMD_LOAN_GET, r, 0, 0));
	EXPECT_EQ(block[0], (int64_t)r->row[0].of[IPCCHAN_A_LOAN_OFFSET]);
	EXPECT_EQ(2 * page, (long)r->row[0].of[IPCCHAN_A_LOAN_BYTES]);
	EXPECT_EQ(block[1], (int64_t)r->row[1].of[IPCCHAN_A_LOAN_OFFSET]);
	EXPECT_EQ(page, (long)r->row[1].of[IPCCHAN_A_LOAN_BYTES]);
	EXPECT_EQ(id_of(buf), r->row[1].of[IPCCHAN_A_LOAN_CHAN]);
	EXPECT_EQ(0, dump(self->g, IPCCHAN_CMD_LOAN_GET, r, IPCCHAN_A_LOAN_CHAN, id_of(receiver)));
	ASSERT_EQ(1, dump(self->g, IPCCHAN_CMD_EP_GET, r, IPCCHAN_A_EP_CHAN, id_of(buf)));
	EXPECT_EQ(2, r->row[0].of[IPCCHAN_A_EP_LOANS]);
	EXPECT_EQ(3 * page, (long)r->row[0].of[IPCCHAN_A_EP_LOAN_BYTES]);
	ASSERT_EQ(1, dump(self->g, IPCCHAN_CMD_EP_GET, r, IPCCHAN_A_EP_CHAN, id_of(receiver)));
	EXPECT_EQ(2 * page, (long)r->row[0].of[IPCCHAN_A_EP_POOL_SIZE]);
	ASSERT_EQ(0, genl_get(self->g, NULL, id_of(buf), &c));
	EXPECT_EQ(3 * page, (long)c.buf_used);
}

/* More blocks than a part of a dump has room for. */
#define BLOCKS	600

/* Blocks of a dump that go on from one part of it to the next, by endpoint. */
struct blocks {
	uint32_t ep;	/* of this one only the first is looked at */
	uint64_t first;
	int nr;
	int others;
};

static void take_block(struct nlmsghdr *nlh, struct blocks *b)
{
	struct rows rows = { 0 };
	const struct row *r = rows.row;

	take_row(nlh, &rows);
	if (r->of[IPCCHAN_A_LOAN_EP] != b->ep)
		b->others++;
	else if (!b->nr++)
		b->first = r->of[IPCCHAN_A_LOAN_OFFSET];
}

/* Read the rest of a dump. */
static int take_blocks(struct genl *g, struct blocks *b)
{
	static struct nlmsghdr part[65536 / NLMSG_HDRLEN];
	struct nlmsghdr *nlh;
	int left;

	for (;;) {
		left = recv(genl_fd(g), part, sizeof(part), 0);
		if (left <= 0)
			return -errno;
		for (nlh = part; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				return 0;
			take_block(nlh, b);
		}
	}
}

/* An endpoint that is gone in the middle of its blocks hides none of the next one's. */
TEST_F(dump, one_leaves)
{
	int many = loans_anon(IPCCHAN_KIND_QUEUE, BLOCKS + 1), one, i;
	struct nl_msg *msg;
	struct blocks b = { 0 };
	int64_t block;

	ASSERT_LE(0, many);
	one = chan_peer(many, O_RDWR);
	ASSERT_LE(0, one);
	block = loan(one, 1, 0, -1);
	ASSERT_LE(0, block);
	for (i = 0; i < BLOCKS; i++)
		ASSERT_LE(0, loan(many, 1, 0, -1));
	ASSERT_EQ(2, dump(self->g, IPCCHAN_CMD_EP_GET, &self->rows, 0, 0));
	b.ep = row_with(&self->rows, IPCCHAN_A_EP_LOANS, 1)->of[IPCCHAN_A_EP_ID];
	msg = genl_msg(self->g, IPCCHAN_CMD_LOAN_GET, NLM_F_REQUEST | NLM_F_DUMP);
	ASSERT_EQ(nlmsg_hdr(msg)->nlmsg_len,
		  send(genl_fd(self->g), nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len, 0));
	nlmsg_free(msg);
	/* The first part is there, the next is made when that is read. */
	close(many);
	ASSERT_EQ(0, take_blocks(self->g, &b));
	EXPECT_LT(0, b.others);
	EXPECT_GT(BLOCKS, b.others);
	EXPECT_EQ(1, b.nr);
	EXPECT_EQ(block, (int64_t)b.first);
}

/* The items of a user, in the order of the kernel. */
struct quota {
	uint32_t uid;
	int nr;
	uint64_t used[8];
	uint64_t limit[8];
	char name[8][32];
};

static void take_quota(struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *a, *tb[IPCCHAN_A_ITEM_MAX + 1];
	struct quota *q = arg;
	int left;

	nla_for_each_attr(a, genlmsg_attrdata(nlmsg_data(nlh), 0),
			  genlmsg_attrlen(nlmsg_data(nlh), 0), left) {
		if (nla_type(a) == IPCCHAN_A_QUOTA_UID)
			q->uid = nla_get_u32(a);
		if (nla_type(a) != IPCCHAN_A_QUOTA_ITEM || q->nr == 8 ||
		    nla_parse_nested(tb, IPCCHAN_A_ITEM_MAX, a, NULL))
			continue;
		q->used[q->nr] = nla_get_u64(tb[IPCCHAN_A_ITEM_USED]);
		q->limit[q->nr] = nla_get_u64(tb[IPCCHAN_A_ITEM_LIMIT]);
		nla_strlcpy(q->name[q->nr++], tb[IPCCHAN_A_ITEM_NAME], sizeof(q->name[0]));
	}
}

static int own_quota(const void *arg)
{
	struct quota q = { 0 };
	struct genl *g = genl_open();
	int fd = open_kind(IPCCHAN_KIND_QUEUE, O_RDWR, 0, 0);

	(void)arg;
	if (!g || fd < 0)
		return -EIO;
	if (genl_each(g, genl_msg(g, IPCCHAN_CMD_QUOTA_GET, NLM_F_DUMP), take_quota, &q) != 1)
		return -1;
	if (q.uid != USER || q.nr != 6 || strcmp(q.name[0], "user_channels"))
		return -2;
	return q.used[0] == 1 && q.limit[0] == 4 && q.used[1] == 2 && q.used[2] == 16 ? 0 : -3;
}

TEST_F(dump, quotas)
{
	int fd = open_kind(IPCCHAN_KIND_QUEUE, O_RDWR, 0, 0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, param_set("user_channels", 4));
	EXPECT_EQ(0, as_user(USER, USER, own_quota, NULL));
	EXPECT_LE(1, dump(self->g, IPCCHAN_CMD_QUOTA_GET, &self->rows, 0, 0));
	EXPECT_EQ(1, row_with(&self->rows, IPCCHAN_A_QUOTA_UID, 0)->present >>
		     IPCCHAN_A_QUOTA_UID & 1);
}

/* -1 and on: which of its steps failed. */
static int sees_own(const void *genl_of_root)
{
	static struct rows r;
	struct genl *g = genl_open();
	int fd, pub;

	if (!g || make_public("own"))
		return -EIO;
	fd = chan_named("own", O_RDWR, 0);
	pub = chan_named("public", O_RDONLY, 0);
	/* Its own and the public channel, and not the private one that it has open. */
	if (dump(g, IPCCHAN_CMD_GET, &r, 0, 0) != 2 || fd < 0 || pub < 0)
		return -1;
	/* Of the public one only its own endpoint; the private one's was opened by root. */
	if (dump(g, IPCCHAN_CMD_EP_GET, &r, 0, 0) != 2)
		return -2;
	if (dump(g, IPCCHAN_CMD_LOAN_GET, &r, 0, 0) || dump(g, IPCCHAN_CMD_BUF_GET, &r, 0, 0))
		return -3;
	if (genl_get(g, "private", 0, &(struct genl_chan) { 0 }) != -ENOENT)
		return -4;
	if (dump((struct genl *)genl_of_root, IPCCHAN_CMD_GET, &r, 0, 0) != 2)
		return -5;
	return 0;
}

TEST_F(dump, visibility)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .name = "private", .buf_size = 4096,
		.options = IPCCHAN_OPT_LOANS,
	};
	int fd = chan_open(O_RDWR, &a), pub;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, loan(fd, 1, 0, -1));
	ASSERT_EQ(0, make_public("public"));
	pub = chan_named("public", O_RDWR, 0);
	ASSERT_LE(0, pub);
	/* What the socket's opener may is not enough for who sends through it. */
	EXPECT_EQ(0, as_user(USER, USER, sees_own, self->g));
	EXPECT_EQ(3, dump(self->g, IPCCHAN_CMD_GET, &self->rows, 0, 0));
	EXPECT_EQ(2, dump(self->g, IPCCHAN_CMD_EP_GET, &self->rows, 0, 0));
	chan_unlink("private");
	chan_unlink("public");
	chan_unlink("own");
}

TEST_HARNESS_MAIN
