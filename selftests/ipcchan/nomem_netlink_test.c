// SPDX-License-Identifier: GPL-2.0
/*
 * As nomem_test.c, of netlink requests about one channel.  Who is told that there was no
 * memory for it has had no effect; who is told nothing, for there was none to tell it in,
 * has had the whole of it, or none.
 */
#include <errno.h>
#include <fcntl.h>
#include <netlink/genl/genl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "genl.h"
#include "nomem.h"
#include "util.h"

#define NO_ANSWER	(-EIO)	/* as genl_talk() says it */

FIXTURE(nomem) {
	struct genl_chan got;
	struct genl *g;		/* of the request alone */
	struct genl *look;
	struct nl_msg *msg;
	int nth;		/* of nomem_open() */
	int fd;
	int sub;		/* a subscriber */
	uint32_t kind;
	uint32_t uid;		/* that it is given to */
	int flags;		/* NLM_F_* */
};

FIXTURE_SETUP(nomem)
{
	self->nth = nomem_open();
	self->fd = -1;
	self->sub = -1;
	if (self->nth < 0)
		return;
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->look = genl_open();
	ASSERT_NE(NULL, self->look);
}

FIXTURE_TEARDOWN(nomem)
{
	chan_unlink("c");
	genl_close(self->g);
	genl_close(self->look);
}

static int look(FIXTURE_DATA(nomem) *self)
{
	return genl_get(self->look, "c", 0, &self->got);
}

/* Another socket, since one that has failed may have answers to come; and no channel. */
static void prepare_none(FIXTURE_DATA(nomem) *self)
{
	genl_close(self->g);
	self->g = genl_open();
	chan_unlink("c");
	close(self->fd);
	close(self->sub);
	self->fd = -1;
	self->sub = -1;
}

static void prepare_new(FIXTURE_DATA(nomem) *self)
{
	prepare_none(self);
	self->msg = genl_msg(self->g, IPCCHAN_CMD_NEW, self->flags);
	nla_put_string(self->msg, IPCCHAN_A_NAME, "c");
	nla_put_u32(self->msg, IPCCHAN_A_KIND, self->kind);
	nla_put_u64(self->msg, IPCCHAN_A_BUF_SIZE, 3 * 4096);
	if (self->kind != IPCCHAN_KIND_RPC)
		nla_put_u32(self->msg, IPCCHAN_A_OPTIONS,
			    IPCCHAN_OPT_LOANS | IPCCHAN_OPT_REVOKE);
}

static int call(FIXTURE_DATA(nomem) *self)
{
	return genl_talk(self->g, self->msg, &self->got, 1);
}

static int check_new(FIXTURE_DATA(nomem) *self, int ret)
{
	int there = look(self);

	if (ret >= 0 ? there : ret == -ENOMEM ? there != -ENOENT : there && there != -ENOENT)
		return 1;
	if (there && genl_new(self->look, "c"))
		return 2;
	/* It can be used. */
	there = chan_named("c", O_RDWR, 0);
	if (there < 0 || close(there))
		return 3;
	return genl_del(self->look, "c", 0);
}

TEST_F(nomem, new)
{
	const struct op op = { prepare_new, call, check_new };
	int echo;

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	for (echo = 0; echo < 2; echo++) {
		self->flags = echo ? NLM_F_ECHO : 0;
		self->kind = echo ? IPCCHAN_KIND_RPC : IPCCHAN_KIND_BROADCAST;
		every_failure_or(_metadata, self, self->nth, &op, 12, NO_ANSWER);
	}
}

/* A channel, of which a broadcast has a subscriber. */
static void prepare_chan(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .name = "c", .kind = self->kind,
		.buf_size = 2 * 4096, .options = IPCCHAN_OPT_LOANS,
	};

	prepare_none(self);
	self->fd = chan_open(O_WRONLY, &a);
	self->sub = chan_peer(self->fd, O_RDONLY | O_NONBLOCK);
	if (self->sub < 0)
		abort();
}

static void prepare_get(FIXTURE_DATA(nomem) *self)
{
	prepare_chan(self);
	self->msg = genl_msg(self->g, IPCCHAN_CMD_GET, 0);
	nla_put_string(self->msg, IPCCHAN_A_NAME, "c");
	if (look(self) || genl_set_times(self->look, self->got.id, true))
		abort();
	memset(&self->got, 0, sizeof(self->got));
}

static int check_get(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret == 1)
		return !(self->got.present & 1u << IPCCHAN_A_TIME_BUCKETS);
	return ret >= 0 || look(self);
}

TEST_F(nomem, get)
{
	const struct op op = { prepare_get, call, check_get };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure_or(_metadata, self, self->nth, &op, 4, NO_ANSWER);
}

static void prepare_del(FIXTURE_DATA(nomem) *self)
{
	prepare_chan(self);
	self->msg = genl_msg(self->g, IPCCHAN_CMD_DEL, 0);
	nla_put_string(self->msg, IPCCHAN_A_NAME, "c");
}

static int check_del(FIXTURE_DATA(nomem) *self, int ret)
{
	int there = look(self);

	if (ret >= 0 ? there != -ENOENT : ret == -ENOMEM && there)
		return 1;
	/* Who is attached goes on. */
	return msg_send_u32(self->fd, 5) || msg_recv_u32(self->sub) != 5;
}

TEST_F(nomem, del)
{
	const struct op op = { prepare_del, call, check_del };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_failure_or(_metadata, self, self->nth, &op, 3, NO_ANSWER);
}

#define MSGS	77

static void prepare_set(FIXTURE_DATA(nomem) *self)
{
	prepare_chan(self);
	self->msg = genl_msg(self->g, IPCCHAN_CMD_SET, self->flags);
	nla_put_string(self->msg, IPCCHAN_A_NAME, "c");
	nla_put_u32(self->msg, IPCCHAN_A_MAX_MSGS, MSGS);
	nla_put_u32(self->msg, IPCCHAN_A_MODE, 0640);
	nla_put_u32(self->msg, IPCCHAN_A_TIMES, 1);
	nla_put_u32(self->msg, IPCCHAN_A_UID, self->uid);
}

/* How many of its four changes have been made */
static int changes(FIXTURE_DATA(nomem) *self)
{
	if (look(self))
		return -1;
	return (self->got.max_msgs == MSGS) + (self->got.mode == 0640) +
	       (self->got.times == 1) + (self->got.uid == OTHER_ID);
}

static int check_set(FIXTURE_DATA(nomem) *self, int ret)
{
	int all = self->uid ? 4 : 3, made = changes(self);

	if (made && made != all)
		return 1;
	if (ret >= 0 ? !made : ret == -ENOMEM && made)
		return 2;
	if (msg_send_u32(self->fd, 5) || msg_recv_u32(self->sub) != 5)
		return 3;
	/* Who pays for it is another one now, or not. */
	chan_unlink("c");
	close(self->fd);
	close(self->sub);
	self->fd = -1;
	self->sub = -1;
	return 0;
}

TEST_F(nomem, set)
{
	const struct op op = { prepare_set, call, check_set };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	for (self->kind = 0; self->kind <= IPCCHAN_KIND_BROADCAST; self->kind++) {
		self->uid = self->kind == IPCCHAN_KIND_BROADCAST ? OTHER_ID : 0;
		self->flags = self->uid ? 0 : NLM_F_ECHO;
		every_failure_or(_metadata, self, self->nth, &op, 4, NO_ANSWER);
	}
}

TEST_HARNESS_MAIN
