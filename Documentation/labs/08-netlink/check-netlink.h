/* SPDX-License-Identifier: GPL-2.0 */
/* As much of generic netlink as the check of lab 8 needs, from the socket up. */
#ifndef CHECK_NETLINK_H
#define CHECK_NETLINK_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "points.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

#define ATTRS_MAX	16

/* A request that is being made. */
struct request {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	char attrs[512];
};

/* What the kernel has answered: 0 or an errno, and what it says of it. */
struct answer {
	int error;
	unsigned int attr_offset;	/* of the attribute that it refuses, or 0 */
	char text[128];
};

/* A message, by its attributes; called with what was given to ask(). */
typedef void (*message_fn)(int cmd, const struct nlattr *const attrs[ATTRS_MAX], void *arg);

static inline const void *attr_data(const struct nlattr *a)
{
	return (const char *)a + NLA_HDRLEN;
}

static inline uint32_t attr_u32(const struct nlattr *a)
{
	uint32_t value;

	memcpy(&value, attr_data(a), sizeof(value));
	return value;
}

/* Sort the attributes in these @len bytes by their types. */
static inline void attrs_parse(const void *data, int len, const struct nlattr *attrs[ATTRS_MAX])
{
	const char *at = data;

	memset(attrs, 0, ATTRS_MAX * sizeof(*attrs));
	while (len >= NLA_HDRLEN) {
		const struct nlattr *a = (const void *)at;
		int type = a->nla_type & NLA_TYPE_MASK;

		if (a->nla_len < NLA_HDRLEN || a->nla_len > len)
			return;
		if (type < ATTRS_MAX)
			attrs[type] = a;
		at += NLA_ALIGN(a->nla_len);
		len -= NLA_ALIGN(a->nla_len);
	}
}

static inline int netlink_open(void)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	struct timeval limit = { .tv_sec = 3 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC), on = 1;

	need(fd >= 0, "socket(AF_NETLINK): %m");
	/* One without an address hears of no group: it has 0, as the kernel that sends. */
	need(!bind(fd, (struct sockaddr *)&any, sizeof(any)), "bind(): %m");
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

static inline void request_begin(struct request *req, int family, int cmd, int version, int flags)
{
	memset(req, 0, sizeof(*req));
	req->nlh.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	req->nlh.nlmsg_type = family;
	req->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	req->nlh.nlmsg_seq = 1;
	req->genl.cmd = cmd;
	req->genl.version = version;
}

static inline void request_attr(struct request *req, int type, const void *data, size_t len)
{
	struct nlattr *a = (void *)((char *)req + req->nlh.nlmsg_len);

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memcpy((char *)a + NLA_HDRLEN, data, len);
	req->nlh.nlmsg_len += NLA_ALIGN(a->nla_len);
}

/* Take what the kernel says at the end of a request. */
static inline void answer_take(struct answer *told, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = NLMSG_DATA(nlh);
	const struct nlattr *attrs[ATTRS_MAX];
	int skip = sizeof(*err);

	/* The header of the request comes along, and what followed it. */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += err->msg.nlmsg_len - sizeof(err->msg);
	told->error = -err->error;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	attrs_parse((const char *)err + NLMSG_ALIGN(skip), NLMSG_PAYLOAD(nlh, 0) - skip, attrs);
	if (attrs[NLMSGERR_ATTR_OFFS])
		told->attr_offset = attr_u32(attrs[NLMSGERR_ATTR_OFFS]);
	if (attrs[NLMSGERR_ATTR_MSG])
		snprintf(told->text, sizeof(told->text), "%s",
			 (const char *)attr_data(attrs[NLMSGERR_ATTR_MSG]));
}

/* Hand each message of @family to @each, until the last of them.  False: nothing came. */
static inline bool hear(int fd, int family, struct answer *told, message_fn each, void *arg)
{
	static char buf[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlattr *attrs[ATTRS_MAX];
	ssize_t len = recv(fd, buf, sizeof(buf), 0);
	struct nlmsghdr *nlh;
	int left = len;

	for (nlh = (void *)buf; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left)) {
		struct genlmsghdr *genl = NLMSG_DATA(nlh);

		if (nlh->nlmsg_type == NLMSG_ERROR) {
			answer_take(told, nlh);
			return true;
		}
		if (nlh->nlmsg_type == NLMSG_DONE) {
			memcpy(&told->error, NLMSG_DATA(nlh), sizeof(told->error));
			told->error = -told->error;
			return true;
		}
		if (nlh->nlmsg_type != family)
			continue;
		attrs_parse((char *)genl + GENL_HDRLEN, nlh->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN),
			    attrs);
		each(genl->cmd, attrs, arg);
	}
	told->error = -1;
	return len > 0;
}

/* Send @req, and hand each message that comes back to @each, which may be NULL if none may. */
static inline struct answer ask(int fd, struct request *req, message_fn each, void *arg)
{
	struct answer told;

	/* A dump ends with NLMSG_DONE, everything else by what was asked for here. */
	if ((req->nlh.nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		req->nlh.nlmsg_flags |= NLM_F_ACK;
	need(send(fd, req, req->nlh.nlmsg_len, 0) == (ssize_t)req->nlh.nlmsg_len, "send(): %m");
	do {
		memset(&told, 0, sizeof(told));
		need(hear(fd, req->nlh.nlmsg_type, &told, each, arg), "no answer has come: %m");
	} while (told.error == -1);
	return told;
}

#endif /* CHECK_NETLINK_H */
