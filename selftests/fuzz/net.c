// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi.h"
#include "names.h"
#include "net.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

#define REQUEST_SIZE	2048U
#define ANSWERS		8
#define SOCKS		3
#define ANSWER_SIZE	32768U

/* Of root in either network namespace, and of somebody else in the first one */
static int socks[SOCKS];
static uint16_t family;
static uint32_t group;
static unsigned char request[REQUEST_SIZE];
static uint32_t used;

static const struct nlattr *attr_find(const unsigned char *at, size_t len, int type)
{
	while (len >= sizeof(struct nlattr)) {
		const struct nlattr *a = (const void *)at;
		size_t step = NLA_ALIGN(a->nla_len);

		if (a->nla_len < sizeof(*a) || a->nla_len > len)
			return NULL;
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		if (step > len)
			return NULL;
		at += step;
		len -= step;
	}
	return NULL;
}

static const struct nlattr *attr_inner(const struct nlattr *a, int type)
{
	return a ? attr_find((const void *)(a + 1), a->nla_len - sizeof(*a), type) : NULL;
}

/* The first group of the family, if it has one: those of the first attribute's nest. */
static void group_find(const struct nlattr *groups)
{
	const struct nlattr *id = attr_inner(attr_inner(groups, 1), CTRL_ATTR_MCAST_GRP_ID);

	if (id)
		memcpy(&group, id + 1, sizeof(group));
}

static int family_find(int sock)
{
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
		struct nlattr attr;
		char name[NLA_ALIGN(sizeof(IPCCHAN_GENL_NAME))];
	} ask = {
		.nlh = { .nlmsg_len = sizeof(ask), .nlmsg_type = GENL_ID_CTRL,
			 .nlmsg_flags = NLM_F_REQUEST },
		.genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		.attr = { .nla_len = NLA_HDRLEN + sizeof(IPCCHAN_GENL_NAME),
			  .nla_type = CTRL_ATTR_FAMILY_NAME },
		.name = IPCCHAN_GENL_NAME,
	};
	unsigned char answer[4096];
	const size_t head = NLMSG_HDRLEN + GENL_HDRLEN;
	const struct nlattr *id;
	ssize_t len;

	if (send(sock, &ask, sizeof(ask), 0) < 0)
		return -errno;
	len = recv(sock, answer, sizeof(answer), 0);
	if (len < (ssize_t)head)
		return -EIO;
	id = attr_find(answer + head, len - head, CTRL_ATTR_FAMILY_ID);
	if (!id)
		return -ENOENT;
	memcpy(&family, id + 1, sizeof(family));
	group_find(attr_find(answer + head, len - head, CTRL_ATTR_MCAST_GROUPS));
	return 0;
}

static int sock_open(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
}

int net_init(void)
{
	if (setns(machine.netns[1], CLONE_NEWNET))
		return -errno;
	socks[1] = sock_open();
	if (setns(machine.netns[0], CLONE_NEWNET))
		return -errno;
	socks[0] = sock_open();
	if (syscall(SYS_setresuid, -1, SOMEBODY, -1))
		return -errno;
	socks[2] = sock_open();
	if (syscall(SYS_setresuid, -1, 0, -1))
		return -errno;
	return socks[0] < 0 || socks[1] < 0 || socks[2] < 0 ? -EIO : family_find(socks[0]);
}

static long answers_take(int sock)
{
	static unsigned char answer[ANSWER_SIZE];
	int i;

	for (i = 0; i < ANSWERS; i++)
		if (recv(sock, answer, sizeof(answer), MSG_DONTWAIT) < 0)
			return i;
	return i;
}

/* Where this many bytes can be appended, or NULL: other threads do so, too. */
static unsigned char *append(size_t len)
{
	uint32_t at = __atomic_fetch_add(&used, NLA_ALIGN(len), __ATOMIC_RELAXED);

	if (at < REQUEST_SIZE && NLA_ALIGN(len) <= REQUEST_SIZE - at)
		return request + at;
	__atomic_fetch_sub(&used, NLA_ALIGN(len), __ATOMIC_RELAXED);
	return NULL;
}

void net_clear(bool joined)
{
	int leave = group, i;

	if (used) {
		memset(request, 0, sizeof(request));
		used = 0;
	}
	for (i = 0; i < SOCKS; i++) {
		if (joined)
			setsockopt(socks[i], SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &leave,
				   sizeof(leave));
		while (answers_take(socks[i]) == ANSWERS)
			;
	}
}

/* type len value: its length is that of a number, or of a name; `twist' is added to it. */
long net_attr(struct thread *t, const struct op *op, const uint64_t *a)
{
	static const uint16_t lengths[] = { 4, 8, 1, 2, 0, 3, 16, 64, 200, 1024 };
	unsigned int form = a[1] % (sizeof(lengths) / sizeof(*lengths) + FORM_U32), len;
	struct nlattr head = { .nla_type = a[0] };
	unsigned char *to;

	(void)t;
	(void)op;
	if (form < FORM_U32)
		len = strnlen(name_of(a[2]), IPCCHAN_NAME_SIZE) + (form == FORM_NAME);
	else
		len = lengths[form - FORM_U32];
	to = append(sizeof(head) + len);
	if (!to)
		return -1;
	head.nla_len = sizeof(head) + len + a[3];
	memcpy(to, &head, sizeof(head));
	if (form < FORM_U32)
		memcpy(to + sizeof(head), name_of(a[2]), len);
	else
		memcpy(to + sizeof(head), &a[2], len < 8 ? len : 8);
	return 0;
}

/* type from: what was appended before byte `from' is outside. */
long net_nest(struct thread *t, const struct op *op, const uint64_t *a)
{
	struct nlattr head = { .nla_type = a[0] | NLA_F_NESTED };
	uint32_t at = NLA_ALIGN(a[1] % REQUEST_SIZE), end = used;

	(void)t;
	(void)op;
	if (end > REQUEST_SIZE || at > end || !append(sizeof(head)))
		return -1;
	memmove(request + at + sizeof(head), request + at, end - at);
	head.nla_len = sizeof(head) + end - at;
	memcpy(request + at, &head, sizeof(head));
	return 0;
}

/* type fd: the id of its channel */
long net_attr_id(struct thread *t, const struct op *op, const uint64_t *a)
{
	struct ipcchan_info info = { 0 };

	if (ioctl(slot_fd(a[1]), IPCCHAN_IOC_INFO, &info))
		return -errno;
	return net_attr(t, op, (const uint64_t []){ a[0], FORM_U32, info.id, 0 });
}

/* cmd flags version twist by leave: what is appended, as a request */
long net_send(struct thread *t, const struct op *op, const uint64_t *a)
{
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
		unsigned char attrs[REQUEST_SIZE];
	} ask = {
		.nlh = { .nlmsg_type = family, .nlmsg_flags = NLM_F_REQUEST ^ a[1] },
		.genl = { .cmd = a[0], .version = IPCCHAN_GENL_VERSION ^ a[2] },
	};
	size_t len = used < REQUEST_SIZE ? used : REQUEST_SIZE;
	int sock = socks[a[4] % SOCKS];
	long ret;

	(void)t;
	(void)op;
	memcpy(ask.attrs, request, len);
	used = 0;
	len += NLMSG_HDRLEN + GENL_HDRLEN;
	ask.nlh.nlmsg_len = len + a[3];
	ret = send(sock, &ask, len, MSG_DONTWAIT);
	if (!(a[5] % 2))
		answers_take(sock);
	return ret;
}

/* by size: the next answer, as much as there is room for */
long net_recv(struct thread *t, const struct op *op, const uint64_t *a)
{
	unsigned char answer[ANSWER_SIZE];

	(void)t;
	(void)op;
	return recv(socks[a[0] % SOCKS], answer, a[1] % sizeof(answer), MSG_DONTWAIT);
}

/* leave by */
long net_join(struct thread *t, const struct op *op, const uint64_t *a)
{
	int to = group;

	(void)t;
	(void)op;
	return setsockopt(socks[a[1] % SOCKS], SOL_NETLINK,
			  a[0] % 2 ? NETLINK_DROP_MEMBERSHIP : NETLINK_ADD_MEMBERSHIP, &to,
			  sizeof(to));
}
