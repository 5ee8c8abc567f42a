// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "event.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

#define SLOW_MS	10000	/* an emulated machine may take so long */

struct events {
	struct nl_sock *sock;
	uint32_t group;
};

struct events *events_open(void)
{
	struct events *e = calloc(1, sizeof(*e));
	int group, err;

	if (!e)
		return NULL;
	e->sock = nl_socket_alloc();
	if (!e->sock || genl_connect(e->sock))
		goto err;
	group = genl_ctrl_resolve_grp(e->sock, IPCCHAN_GENL_NAME, IPCCHAN_GENL_EVENTS);
	if (group < 0)
		goto err;
	e->group = group;
	err = nl_socket_add_membership(e->sock, group) ?: nl_socket_recv_pktinfo(e->sock, 1);
	if (err) {
		events_close(e);
		errno = err == -NLE_PERM ? EPERM : EIO;
		return NULL;
	}
	return e;
err:
	events_close(e);
	errno = EIO;
	return NULL;
}

int events_room(struct events *e, int bytes)
{
	return setsockopt(nl_socket_get_fd(e->sock), SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
			  sizeof(bytes)) ? -errno : 0;
}

void events_close(struct events *e)
{
	if (!e)
		return;
	if (e->sock)
		nl_socket_free(e->sock);
	free(e);
}

static void take_u32(struct nlattr **tb, int type, struct event *e, uint32_t *to)
{
	if (!tb[type] || nla_len(tb[type]) != sizeof(*to))
		return;
	e->present |= 1u << type;
	*to = nla_get_u32(tb[type]);
}

static void take_u64(struct nlattr **tb, int type, struct event *e, uint64_t *to)
{
	if (!tb[type] || nla_len(tb[type]) != sizeof(*to))
		return;
	e->present |= 1u << type;
	*to = nla_get_u64(tb[type]);
}

static void take_string(struct nlattr **tb, int type, struct event *e, char *to, size_t size)
{
	if (!tb[type])
		return;
	e->present |= 1u << type;
	nla_strlcpy(to, tb[type], size);
}

static int parse(struct nlmsghdr *nlh, struct event *out)
{
	struct nlattr *tb[IPCCHAN_A_EVENT_MAX + 1];

	memset(out, 0, sizeof(*out));
	if (((struct genlmsghdr *)nlmsg_data(nlh))->cmd != IPCCHAN_CMD_EVENT ||
	    genlmsg_parse(nlh, 0, tb, IPCCHAN_A_EVENT_MAX, NULL))
		return -EBADMSG;
	take_u32(tb, IPCCHAN_A_EVENT_WHAT, out, &out->what);
	take_u64(tb, IPCCHAN_A_EVENT_TIME_NS, out, &out->time_ns);
	take_u32(tb, IPCCHAN_A_EVENT_CHAN, out, &out->chan);
	take_string(tb, IPCCHAN_A_EVENT_NAME, out, out->name, sizeof(out->name));
	take_u32(tb, IPCCHAN_A_EVENT_EP, out, &out->ep);
	take_u32(tb, IPCCHAN_A_EVENT_ROLE, out, &out->role);
	take_u32(tb, IPCCHAN_A_EVENT_PID, out, &out->pid);
	take_u32(tb, IPCCHAN_A_EVENT_UID, out, &out->uid);
	take_u64(tb, IPCCHAN_A_EVENT_COUNT, out, &out->count);
	take_u64(tb, IPCCHAN_A_EVENT_OFFSET, out, &out->offset);
	take_string(tb, IPCCHAN_A_EVENT_ITEM, out, out->item, sizeof(out->item));
	return 0;
}

/* The group that a message came in, as the kernel says it beside the message; 0 without. */
static uint32_t group_of(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct nl_pktinfo info = { 0 };

	if (c && c->cmsg_level == SOL_NETLINK && c->cmsg_type == NETLINK_PKTINFO)
		memcpy(&info, CMSG_DATA(c), sizeof(info));
	return info.group;
}

int events_next(struct events *e, struct event *out, int timeout_ms)
{
	struct pollfd p = { .fd = nl_socket_get_fd(e->sock), .events = POLLIN };
	char control[CMSG_SPACE(sizeof(struct nl_pktinfo))];
	struct nlmsghdr buf[4096 / NLMSG_HDRLEN];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t len;

	if (poll(&p, 1, timeout_ms) <= 0)
		return -ETIMEDOUT;
	len = recvmsg(p.fd, &m, 0);
	if (len < 0)
		return -errno;
	if (!nlmsg_ok(buf, len) || group_of(&m) != e->group)
		return -EBADMSG;
	return parse(buf, out);
}

int events_find(struct events *e, uint32_t what, struct event *out)
{
	int ret;

	do {
		ret = events_next(e, out, SLOW_MS);
	} while (!ret && out->what != what);
	return ret;
}
