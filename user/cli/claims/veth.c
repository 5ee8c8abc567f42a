// SPDX-License-Identifier: GPL-2.0
#include "veth.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

/* Each network has nothing but its end, of the same name. */
#define NAME		"cable"

/* Two addresses, and those of the network itself */
#define PREFIX		30

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

/* Of whoever this process was, as root */
static int become_root_of_own(uid_t uid)
{
	char map[32];
	int err;

	if (unshare(CLONE_NEWUSER))
		return -errno;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	err = write_file("/proc/self/uid_map", map);
	return err;
}

int veth_namespace(void)
{
	int err;

	if (!unshare(CLONE_NEWNET))
		return 0;
	if (errno != EPERM)
		return -errno;
	err = become_root_of_own(geteuid());
	if (err)
		return err;
	return unshare(CLONE_NEWNET) ? -errno : 0;
}

/* Sends a request, which is taken, and waits for its answer. */
static int request(struct nl_msg *msg)
{
	struct nl_sock *sock = nl_socket_alloc();
	int err;

	if (!sock) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	err = nl_connect(sock, NETLINK_ROUTE);
	if (err)
		nlmsg_free(msg);
	else
		err = nl_send_sync(sock, msg);
	nl_socket_free(sock);
	/* of libnl, whose numbers are others */
	return err < 0 ? err == -NLE_OPNOTSUPP ? -EOPNOTSUPP : -EIO : 0;
}

static int put_link(struct nl_msg *msg, pid_t peer)
{
	const struct ifinfomsg own = { .ifi_family = AF_UNSPEC };
	struct nlattr *info, *data, *other;

	if (nla_put_string(msg, IFLA_IFNAME, NAME))
		return -ENOMEM;
	info = nla_nest_start(msg, IFLA_LINKINFO);
	if (!info || nla_put_string(msg, IFLA_INFO_KIND, "veth"))
		return -ENOMEM;
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	other = data ? nla_nest_start(msg, VETH_INFO_PEER) : NULL;
	if (!other || nlmsg_append(msg, (void *)&own, sizeof(own), NLMSG_ALIGNTO) ||
	    nla_put_string(msg, IFLA_IFNAME, NAME) ||
	    nla_put_u32(msg, IFLA_NET_NS_PID, (uint32_t)peer))
		return -ENOMEM;
	nla_nest_end(msg, other);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return 0;
}

/* A request with its fixed part, to be filled; NULL without memory */
static struct nl_msg *new_request(int type, int flags, void *head, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags | NLM_F_ACK);

	if (!msg || !nlmsg_append(msg, head, size, NLMSG_ALIGNTO))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

int veth_make(pid_t peer)
{
	struct ifinfomsg own = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = new_request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &own,
					 sizeof(own));

	if (!msg)
		return -ENOMEM;
	if (!put_link(msg, peer))
		return request(msg);
	nlmsg_free(msg);
	return -ENOMEM;
}

static int set_address(unsigned int index, uint32_t address)
{
	struct ifaddrmsg own = {
		.ifa_family = AF_INET, .ifa_prefixlen = PREFIX, .ifa_index = index,
	};
	struct nl_msg *msg = new_request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &own,
					 sizeof(own));

	if (!msg)
		return -ENOMEM;
	if (!nla_put_u32(msg, IFA_LOCAL, htonl(address)) &&
	    !nla_put_u32(msg, IFA_ADDRESS, htonl(address)))
		return request(msg);
	nlmsg_free(msg);
	return -ENOMEM;
}

static int switch_on(unsigned int index)
{
	struct ifinfomsg own = {
		.ifi_family = AF_UNSPEC, .ifi_index = (int)index,
		.ifi_flags = IFF_UP, .ifi_change = IFF_UP,
	};
	struct nl_msg *msg = new_request(RTM_NEWLINK, 0, &own, sizeof(own));

	return msg ? request(msg) : -ENOMEM;
}

int veth_up(uint32_t address)
{
	unsigned int index = if_nametoindex(NAME);
	int err;

	if (!index)
		return -errno;
	err = set_address(index, address);
	return err ? err : switch_on(index);
}
