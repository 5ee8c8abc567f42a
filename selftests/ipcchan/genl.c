// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "genl.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

#define DUMP_MAX	8192

struct genl {
	struct nl_sock *sock;
	int family;
	struct genl_chan *out;
	int max;
	int count;
	int error;
	bool done;
	bool interrupted;
	genl_each_fn *each;
	void *arg;
	char extack[256];
};

static void parse_stats(struct nlattr *nest, struct genl_chan *c)
{
	struct nlattr *tb[IPCCHAN_A_STATS_MAX + 1];
	int i;

	if (nla_parse_nested(tb, IPCCHAN_A_STATS_MAX, nest, NULL))
		return;
	for (i = 0; i <= IPCCHAN_A_STATS_MAX; i++) {
		if (!tb[i] || nla_len(tb[i]) != sizeof(uint64_t))
			continue;
		c->stats_present |= 1u << i;
		c->stats[i] = nla_get_u64(tb[i]);
	}
}

/* An attribute of another size than the header says counts as absent. */
static void take_u32(struct nlattr **tb, int type, struct genl_chan *c, uint32_t *to)
{
	if (!tb[type] || nla_len(tb[type]) != sizeof(*to))
		return;
	c->present |= 1u << type;
	*to = nla_get_u32(tb[type]);
}

static void take_u64(struct nlattr **tb, int type, struct genl_chan *c, uint64_t *to)
{
	if (!tb[type] || nla_len(tb[type]) != sizeof(*to))
		return;
	c->present |= 1u << type;
	*to = nla_get_u64(tb[type]);
}

static void take_buckets(struct nlattr *a, struct genl_chan *c)
{
	if (!a || nla_len(a) != sizeof(c->time_buckets))
		return;
	c->present |= 1u << IPCCHAN_A_TIME_BUCKETS;
	memcpy(c->time_buckets, nla_data(a), sizeof(c->time_buckets));
}

static void take_name(struct nlattr *a, struct genl_chan *c)
{
	int len;

	if (!a)
		return;
	len = nla_len(a);
	if (len < 1 || len > IPCCHAN_NAME_SIZE || ((char *)nla_data(a))[len - 1])
		return;
	c->present |= 1u << IPCCHAN_A_NAME;
	memcpy(c->name, nla_data(a), len);
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *hdr = genlmsg_hdr(nlmsg_hdr(msg));
	struct nlattr *tb[IPCCHAN_A_MAX + 1];
	struct genl *g = arg;
	struct genl_chan *c;

	if (nlmsg_hdr(msg)->nlmsg_flags & NLM_F_DUMP_INTR)
		g->interrupted = true;
	if (g->each) {
		g->count++;
		g->each(nlmsg_hdr(msg), g->arg);
		return NL_OK;
	}
	if (hdr->cmd != IPCCHAN_CMD_GET || hdr->version != IPCCHAN_GENL_VERSION ||
	    genlmsg_parse(nlmsg_hdr(msg), 0, tb, IPCCHAN_A_MAX, NULL)) {
		g->error = -EBADMSG;
		return NL_SKIP;
	}
	if (g->count >= g->max) {
		g->error = -ENOSPC;
		return NL_SKIP;
	}
	c = &g->out[g->count++];
	memset(c, 0, sizeof(*c));
	take_u32(tb, IPCCHAN_A_ID, c, &c->id);
	take_name(tb[IPCCHAN_A_NAME], c);
	take_u32(tb, IPCCHAN_A_FLAGS, c, &c->flags);
	take_u32(tb, IPCCHAN_A_KIND, c, &c->kind);
	take_u32(tb, IPCCHAN_A_MODE, c, &c->mode);
	take_u32(tb, IPCCHAN_A_UID, c, &c->uid);
	take_u32(tb, IPCCHAN_A_GID, c, &c->gid);
	take_u32(tb, IPCCHAN_A_MAX_MSGS, c, &c->max_msgs);
	take_u32(tb, IPCCHAN_A_MAX_MSG_SIZE, c, &c->max_msg_size);
	take_u64(tb, IPCCHAN_A_MAX_BYTES, c, &c->max_bytes);
	take_u64(tb, IPCCHAN_A_BUF_SIZE, c, &c->buf_size);
	take_u32(tb, IPCCHAN_A_ENDPOINTS, c, &c->endpoints);
	take_u32(tb, IPCCHAN_A_MSGS, c, &c->msgs);
	take_u64(tb, IPCCHAN_A_BYTES, c, &c->bytes);
	take_u32(tb, IPCCHAN_A_OPTIONS, c, &c->options);
	take_u32(tb, IPCCHAN_A_SLOW, c, &c->slow);
	take_u32(tb, IPCCHAN_A_SPIN_NS, c, &c->spin_ns);
	take_u32(tb, IPCCHAN_A_BUF_FLAGS, c, &c->buf_flags);
	take_u32(tb, IPCCHAN_A_BUF_NODE, c, &c->buf_node);
	take_u64(tb, IPCCHAN_A_BUF_HUGE, c, &c->buf_huge);
	take_u64(tb, IPCCHAN_A_BUF_USED, c, &c->buf_used);
	take_u64(tb, IPCCHAN_A_POOL_SIZE, c, &c->pool_size);
	take_u64(tb, IPCCHAN_A_POOL_USED, c, &c->pool_used);
	take_u32(tb, IPCCHAN_A_WAITING_SENDERS, c, &c->waiting_senders);
	take_u32(tb, IPCCHAN_A_WAITING_RECEIVERS, c, &c->waiting_receivers);
	take_u32(tb, IPCCHAN_A_GENERATION, c, &c->generation);
	take_u32(tb, IPCCHAN_A_TIMES, c, &c->times);
	take_buckets(tb[IPCCHAN_A_TIME_BUCKETS], c);
	if (tb[IPCCHAN_A_STATS]) {
		c->present |= 1u << IPCCHAN_A_STATS;
		parse_stats(tb[IPCCHAN_A_STATS], c);
	}
	return NL_OK;
}

static int on_done(struct nl_msg *msg, void *arg)
{
	struct genl *g = arg;

	if (nlmsg_hdr(msg)->nlmsg_flags & NLM_F_DUMP_INTR)
		g->interrupted = true;
	g->done = true;
	return NL_OK;
}

/* The text follows the request, or its header alone when that was capped. */
static void take_extack(struct genl *g, struct nlmsgerr *err)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)((char *)err - NLMSG_HDRLEN);
	size_t off = sizeof(*err);
	struct nlattr *a;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		off += NLMSG_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
	if (nlh->nlmsg_len < NLMSG_HDRLEN + off)
		return;
	a = nla_find((struct nlattr *)((char *)err + off),
		     nlh->nlmsg_len - NLMSG_HDRLEN - off, NLMSGERR_ATTR_MSG);
	if (a)
		nla_strlcpy(g->extack, a, sizeof(g->extack));
}

static int on_error(struct sockaddr_nl *addr, struct nlmsgerr *err, void *arg)
{
	struct genl *g = arg;

	(void)addr;
	g->error = err->error;
	g->done = true;
	take_extack(g, err);
	return NL_STOP;
}

struct genl *genl_open(void)
{
	struct timeval tv = { .tv_sec = 10 };
	struct genl *g = calloc(1, sizeof(*g));
	int one = 1;

	if (!g)
		return NULL;
	g->sock = nl_socket_alloc();
	if (!g->sock || genl_connect(g->sock))
		goto err;
	setsockopt(nl_socket_get_fd(g->sock), SOL_NETLINK, NETLINK_EXT_ACK,
		   &one, sizeof(one));
	setsockopt(nl_socket_get_fd(g->sock), SOL_SOCKET, SO_RCVTIMEO, &tv,
		   sizeof(tv));
	g->family = genl_ctrl_resolve(g->sock, IPCCHAN_GENL_NAME);
	if (g->family < 0)
		goto err;
	nl_socket_modify_cb(g->sock, NL_CB_VALID, NL_CB_CUSTOM, on_valid, g);
	nl_socket_modify_cb(g->sock, NL_CB_ACK, NL_CB_CUSTOM, on_done, g);
	nl_socket_modify_cb(g->sock, NL_CB_FINISH, NL_CB_CUSTOM, on_done, g);
	nl_socket_modify_err_cb(g->sock, NL_CB_CUSTOM, on_error, g);
	return g;
err:
	genl_close(g);
	return NULL;
}

void genl_close(struct genl *g)
{
	if (!g)
		return;
	if (g->sock)
		nl_socket_free(g->sock);
	free(g);
}

struct nl_msg *genl_msg(struct genl *g, uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, g->family, 0,
				 flags, cmd, IPCCHAN_GENL_VERSION))
		abort();
	return msg;
}

static int answer_take(struct genl *g)
{
	int ret;

	while (!g->done) {
		ret = nl_recvmsgs_default(g->sock);
		if (ret < 0 && !g->done)
			return -EIO;
	}
	return g->error ? g->error : g->count;
}

static void answer_expect(struct genl *g, struct genl_chan *out, int max)
{
	g->out = out;
	g->max = max;
	g->count = 0;
	g->error = 0;
	g->done = false;
	g->interrupted = false;
	g->each = NULL;
	g->extack[0] = '\0';
}

int genl_talk(struct genl *g, struct nl_msg *msg, struct genl_chan *out, int max)
{
	int ret;

	answer_expect(g, out, max);
	ret = nl_send_auto(g->sock, msg);
	nlmsg_free(msg);
	return ret < 0 ? -EIO : answer_take(g);
}

int genl_each(struct genl *g, struct nl_msg *msg, genl_each_fn *each, void *arg)
{
	int ret;

	answer_expect(g, NULL, 0);
	g->each = each;
	g->arg = arg;
	ret = nl_send_auto(g->sock, msg);
	nlmsg_free(msg);
	return ret < 0 ? -EIO : answer_take(g);
}

bool genl_interrupted(const struct genl *g)
{
	return g->interrupted;
}

int genl_fd(const struct genl *g)
{
	return nl_socket_get_fd(g->sock);
}

int genl_write(struct genl *g, struct nl_msg *msg)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = nl_socket_get_fd(g->sock);
	ssize_t ret;

	answer_expect(g, NULL, 0);
	nl_complete_msg(g->sock, msg);
	ret = connect(fd, (const struct sockaddr *)&kernel, sizeof(kernel));
	if (!ret)
		ret = write(fd, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
	return ret < 0 ? -EIO : answer_take(g);
}

const char *genl_extack(const struct genl *g)
{
	return g->extack;
}

static struct nl_msg *chan_msg(struct genl *g, uint8_t cmd, const char *name,
			       uint32_t id)
{
	struct nl_msg *msg = genl_msg(g, cmd, 0);

	if (name)
		nla_put_string(msg, IPCCHAN_A_NAME, name);
	else
		nla_put_u32(msg, IPCCHAN_A_ID, id);
	return msg;
}

int genl_get(struct genl *g, const char *name, uint32_t id, struct genl_chan *out)
{
	int ret = genl_talk(g, chan_msg(g, IPCCHAN_CMD_GET, name, id), out, 1);

	if (ret < 0)
		return ret;
	return ret == 1 ? 0 : -ENODATA;
}

int genl_dump(struct genl *g, struct genl_chan *out, int max)
{
	return genl_talk(g, genl_msg(g, IPCCHAN_CMD_GET, NLM_F_DUMP), out, max);
}

int genl_new(struct genl *g, const char *name)
{
	return genl_talk(g, chan_msg(g, IPCCHAN_CMD_NEW, name, 0), NULL, 0);
}

int genl_set_times(struct genl *g, uint32_t id, bool on)
{
	struct nl_msg *msg = chan_msg(g, IPCCHAN_CMD_SET, NULL, id);

	nla_put_u32(msg, IPCCHAN_A_TIMES, on);
	return genl_talk(g, msg, NULL, 0);
}

int genl_del(struct genl *g, const char *name, uint32_t id)
{
	return genl_talk(g, chan_msg(g, IPCCHAN_CMD_DEL, name, id), NULL, 0);
}

int chan_count(void)
{
	struct genl_chan *all = calloc(DUMP_MAX, sizeof(*all));
	struct genl *g = genl_open();
	int ret = all && g ? genl_dump(g, all, DUMP_MAX) : -EIO;

	genl_close(g);
	free(all);
	return ret;
}

bool chan_exists(uint32_t id)
{
	struct genl *g = genl_open();
	struct genl_chan c;
	bool ret = g && genl_get(g, NULL, id, &c) == 0;

	genl_close(g);
	return ret;
}
