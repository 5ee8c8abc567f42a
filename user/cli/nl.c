// SPDX-License-Identifier: GPL-2.0
/* Requests to the generic netlink family, through libnl. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/family.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "cli.h"
#include "nl.h"

#define DUMP_TRIES	5

/* One request and what has come back for it. */
struct request {
	struct nl_sock *sock;
	int family;
	struct nl_error *error;
	struct nl_chan *chans;
	size_t n, room;
	int err;		/* negative errno, the first one met */
	bool finished;
	bool inconsistent;	/* the list changed while it was dumped */
};

static int family_error(int nlerr)
{
	switch (-nlerr) {
	case NLE_OBJ_NOTFOUND:
		return -ENOPKG;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EACCES;
	default:
		return -EIO;
	}
}

static int request_open(struct request *req)
{
	int one = 1, ret;

	req->sock = nl_socket_alloc();
	if (!req->sock)
		return -ENOMEM;
	ret = genl_connect(req->sock);
	if (ret < 0)
		return -EPROTONOSUPPORT;
	/* Without it the kernel only leaves out its words. */
	setsockopt(nl_socket_get_fd(req->sock), SOL_NETLINK, NETLINK_EXT_ACK,
		   &one, sizeof(one));
	req->family = genl_ctrl_resolve(req->sock, IPCCHAN_GENL_NAME);
	return req->family < 0 ? family_error(req->family) : 0;
}

static void parse_stats(struct nlattr *nest, uint64_t *stats)
{
	static struct nla_policy policy[IPCCHAN_A_STATS_MAX + 1] = {
		[IPCCHAN_A_STATS_SENT] = { .type = NLA_U64 },
		[IPCCHAN_A_STATS_SENT_BYTES] = { .type = NLA_U64 },
		[IPCCHAN_A_STATS_RECEIVED] = { .type = NLA_U64 },
		[IPCCHAN_A_STATS_RECEIVED_BYTES] = { .type = NLA_U64 },
		[IPCCHAN_A_STATS_HANDOVERS] = { .type = NLA_U64 },
		[IPCCHAN_A_STATS_SEND_WAITS] = { .type = NLA_U64 },
		[IPCCHAN_A_STATS_RECV_WAITS] = { .type = NLA_U64 },
		[IPCCHAN_A_STATS_WAKEUPS] = { .type = NLA_U64 },
		[IPCCHAN_A_STATS_LOST] = { .type = NLA_U64 },
	};
	struct nlattr *tb[IPCCHAN_A_STATS_MAX + 1];

	if (nla_parse_nested(tb, IPCCHAN_A_STATS_MAX, nest, policy) < 0)
		return;
	for (int i = IPCCHAN_A_STATS_SENT; i <= IPCCHAN_A_STATS_MAX; i++)
		if (tb[i])
			stats[i] = nla_get_u64(tb[i]);
}

static uint32_t get_u32(struct nlattr **tb, int attr)
{
	return tb[attr] ? nla_get_u32(tb[attr]) : 0;
}

static uint64_t get_u64(struct nlattr **tb, int attr)
{
	return tb[attr] ? nla_get_u64(tb[attr]) : 0;
}

static int parse_channel(struct nlmsghdr *nlh, struct nl_chan *chan)
{
	static struct nla_policy policy[IPCCHAN_A_MAX + 1] = {
		[IPCCHAN_A_ID] = { .type = NLA_U32 },
		[IPCCHAN_A_NAME] = { .type = NLA_NUL_STRING,
				     .maxlen = IPCCHAN_NAME_SIZE },
		[IPCCHAN_A_FLAGS] = { .type = NLA_U32 },
		[IPCCHAN_A_KIND] = { .type = NLA_U32 },
		[IPCCHAN_A_MODE] = { .type = NLA_U32 },
		[IPCCHAN_A_UID] = { .type = NLA_U32 },
		[IPCCHAN_A_GID] = { .type = NLA_U32 },
		[IPCCHAN_A_MAX_MSGS] = { .type = NLA_U32 },
		[IPCCHAN_A_MAX_MSG_SIZE] = { .type = NLA_U32 },
		[IPCCHAN_A_MAX_BYTES] = { .type = NLA_U64 },
		[IPCCHAN_A_BUF_SIZE] = { .type = NLA_U64 },
		[IPCCHAN_A_ENDPOINTS] = { .type = NLA_U32 },
		[IPCCHAN_A_MSGS] = { .type = NLA_U32 },
		[IPCCHAN_A_BYTES] = { .type = NLA_U64 },
		[IPCCHAN_A_STATS] = { .type = NLA_NESTED },
		[IPCCHAN_A_OPTIONS] = { .type = NLA_U32 },
		[IPCCHAN_A_SLOW] = { .type = NLA_U32 },
		[IPCCHAN_A_SPIN_NS] = { .type = NLA_U32 },
		[IPCCHAN_A_BUF_FLAGS] = { .type = NLA_U32 },
		[IPCCHAN_A_BUF_NODE] = { .type = NLA_U32 },
		[IPCCHAN_A_BUF_HUGE] = { .type = NLA_U64 },
		[IPCCHAN_A_BUF_USED] = { .type = NLA_U64 },
		[IPCCHAN_A_POOL_SIZE] = { .type = NLA_U64 },
		[IPCCHAN_A_POOL_USED] = { .type = NLA_U64 },
	};
	struct nlattr *tb[IPCCHAN_A_MAX + 1];

	if (genlmsg_parse(nlh, 0, tb, IPCCHAN_A_MAX, policy) < 0 ||
	    !tb[IPCCHAN_A_ID])
		return -EPROTO;
	memset(chan, 0, sizeof(*chan));
	if (tb[IPCCHAN_A_NAME]) {
		chan->has_name = true;
		nla_strlcpy(chan->name, tb[IPCCHAN_A_NAME], sizeof(chan->name));
	}
	chan->id = get_u32(tb, IPCCHAN_A_ID);
	chan->flags = get_u32(tb, IPCCHAN_A_FLAGS);
	chan->kind = get_u32(tb, IPCCHAN_A_KIND);
	chan->mode = get_u32(tb, IPCCHAN_A_MODE);
	chan->uid = get_u32(tb, IPCCHAN_A_UID);
	chan->gid = get_u32(tb, IPCCHAN_A_GID);
	chan->max_msgs = get_u32(tb, IPCCHAN_A_MAX_MSGS);
	chan->max_msg_size = get_u32(tb, IPCCHAN_A_MAX_MSG_SIZE);
	chan->max_bytes = get_u64(tb, IPCCHAN_A_MAX_BYTES);
	chan->buf_size = get_u64(tb, IPCCHAN_A_BUF_SIZE);
	chan->options = get_u32(tb, IPCCHAN_A_OPTIONS);
	chan->slow = get_u32(tb, IPCCHAN_A_SLOW);
	chan->spin_ns = get_u32(tb, IPCCHAN_A_SPIN_NS);
	chan->buf_flags = get_u32(tb, IPCCHAN_A_BUF_FLAGS);
	chan->buf_node = get_u32(tb, IPCCHAN_A_BUF_NODE);
	chan->buf_huge = get_u64(tb, IPCCHAN_A_BUF_HUGE);
	chan->buf_used = get_u64(tb, IPCCHAN_A_BUF_USED);
	chan->pool_size = get_u64(tb, IPCCHAN_A_POOL_SIZE);
	chan->pool_used = get_u64(tb, IPCCHAN_A_POOL_USED);
	chan->endpoints = get_u32(tb, IPCCHAN_A_ENDPOINTS);
	chan->msgs = get_u32(tb, IPCCHAN_A_MSGS);
	chan->bytes = get_u64(tb, IPCCHAN_A_BYTES);
	if (tb[IPCCHAN_A_STATS])
		parse_stats(tb[IPCCHAN_A_STATS], chan->stats);
	return 0;
}

static int on_channel(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct request *req = arg;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		req->inconsistent = true;
	if (req->n == req->room) {
		size_t room = req->room ? 2 * req->room : 16;
		struct nl_chan *more = reallocarray(req->chans, room, sizeof(*more));

		if (!more) {
			req->err = -ENOMEM;
			return NL_SKIP;
		}
		req->chans = more;
		req->room = room;
	}
	if (parse_channel(nlh, &req->chans[req->n]))
		req->err = -EPROTO;
	else
		req->n++;
	return NL_SKIP;
}

static int on_finish(struct nl_msg *msg, void *arg)
{
	struct request *req = arg;

	if (nlmsg_hdr(msg)->nlmsg_flags & NLM_F_DUMP_INTR)
		req->inconsistent = true;
	req->finished = true;
	return NL_STOP;
}

/* The kernel's own words follow the copy of the request in an error message. */
static void copy_ext_ack(struct nlmsgerr *e, struct nl_error *error)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)e - 1;
	size_t skip = sizeof(*e);
	struct nlattr *attr;
	int left;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	if (nlh->nlmsg_len < NLMSG_HDRLEN + skip)
		return;
	left = nlh->nlmsg_len - NLMSG_HDRLEN - skip;
	attr = nla_find((struct nlattr *)((char *)e + skip), left,
			NLMSGERR_ATTR_MSG);
	if (attr)
		nla_strlcpy(error->text, attr, sizeof(error->text));
}

static int on_error(struct sockaddr_nl *addr, struct nlmsgerr *e, void *arg)
{
	struct request *req = arg;

	(void)addr;
	req->err = e->error ? e->error : -EIO;
	copy_ext_ack(e, req->error);
	req->finished = true;
	return NL_STOP;
}

/* Sends a request for one channel, or for all when @name is NULL and @id 0. */
static int request_send(struct request *req, const char *name, const uint32_t *id)
{
	bool dump = !name && !id;
	struct nl_msg *msg;
	int ret = -ENOMEM;

	msg = nlmsg_alloc();
	if (!msg)
		return -ENOMEM;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, req->family, 0,
			 dump ? NLM_F_DUMP : 0, IPCCHAN_CMD_GET,
			 IPCCHAN_GENL_VERSION))
		goto free_msg;
	if (name && nla_put_string(msg, IPCCHAN_A_NAME, name) < 0)
		goto free_msg;
	if (id && nla_put_u32(msg, IPCCHAN_A_ID, *id) < 0)
		goto free_msg;
	ret = nl_send_auto(req->sock, msg) < 0 ? -EIO : 0;
free_msg:
	nlmsg_free(msg);
	return ret;
}

static int request_run(struct request *req, const char *name, const uint32_t *id)
{
	struct nl_cb *cb;
	int ret;

	req->n = 0;
	req->err = 0;
	req->finished = false;
	req->inconsistent = false;
	ret = request_send(req, name, id);
	if (ret)
		return ret;
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_channel, req);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, req);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_finish, req);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, req);
	while (!req->finished) {
		ret = nl_recvmsgs(req->sock, cb);
		/* A changed list is asked for again once this one is read. */
		if (ret == -NLE_DUMP_INTR)
			req->inconsistent = true;
		else if (ret < 0 && !req->err)
			req->err = -EIO;
		if (req->err && ret < 0)
			break;
	}
	nl_cb_put(cb);
	return req->err;
}

static int by_id(const void *a, const void *b)
{
	const struct nl_chan *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

int nl_dump_channels(struct nl_chan **chans, size_t *n, struct nl_error *error)
{
	struct request req = { .error = error };
	int ret;

	error->text[0] = '\0';
	ret = request_open(&req);
	for (int i = 0; !ret && i < DUMP_TRIES; i++) {
		ret = request_run(&req, NULL, NULL);
		if (!req.inconsistent)
			break;
	}
	if (!ret && req.inconsistent)
		ret = -EINTR;
	nl_socket_free(req.sock);
	if (ret) {
		free(req.chans);
		return ret;
	}
	if (req.n)
		qsort(req.chans, req.n, sizeof(*req.chans), by_id);
	*chans = req.chans;
	*n = req.n;
	return 0;
}

int nl_get_channel(const char *name, uint32_t id, struct nl_chan *chan,
		   struct nl_error *error)
{
	struct request req = { .error = error };
	int ret;

	error->text[0] = '\0';
	ret = request_open(&req);
	if (!ret)
		ret = request_run(&req, name, name ? NULL : &id);
	if (!ret && req.n != 1)
		ret = -EPROTO;
	if (!ret)
		*chan = req.chans[0];
	nl_socket_free(req.sock);
	free(req.chans);
	return ret;
}

int nl_find_channel(const char *text, struct nl_chan *chan, struct nl_error *error)
{
	int ret = nl_get_channel(text, 0, chan, error);
	uint64_t id;

	if (ret == -ENOENT && !parse_count(text, &id) && id <= UINT32_MAX)
		ret = nl_get_channel(NULL, (uint32_t)id, chan, error);
	return ret;
}

int nl_probe(uint32_t *version)
{
	struct nl_error error;
	struct request req = { .error = &error };
	struct genl_family *family;
	struct nl_cache *cache;
	int ret;

	ret = request_open(&req);
	if (ret)
		goto free_sock;
	ret = genl_ctrl_alloc_cache(req.sock, &cache);
	if (ret < 0) {
		ret = -EIO;
		goto free_sock;
	}
	family = genl_ctrl_search_by_name(cache, IPCCHAN_GENL_NAME);
	ret = family ? 0 : -ENOPKG;
	if (family) {
		*version = genl_family_get_version(family);
		genl_family_put(family);
	}
	nl_cache_free(cache);
free_sock:
	nl_socket_free(req.sock);
	return ret;
}
