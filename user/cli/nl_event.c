// SPDX-License-Identifier: GPL-2.0
/* Events, as the family's multicast group has them. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>

#include "nl_request.h"

#define EVENT(attr, member)	NL_FIELD(struct nl_event, IPCCHAN_A_EVENT_##attr, member)

/* Bytes of events that may wait while this program has no time. */
#define SOCKET_BYTES	(1 << 20)
/* As much as one event may have, many times over. */
#define BUFFER_BYTES	8192

static const struct nl_field fields[] = {
	EVENT(WHAT, what),
	EVENT(TIME_NS, time_ns),
	EVENT(CHAN, chan),
	EVENT(EP, ep),
	EVENT(ROLE, role),
	EVENT(PID, pid),
	EVENT(UID, uid),
	EVENT(COUNT, count),
	EVENT(OFFSET, offset),
};

int nl_events_begin(struct nl **nl, int *fd)
{
	int group, err;

	err = nl_begin(nl);
	if (err)
		return err;
	group = genl_ctrl_resolve_grp((*nl)->sock, IPCCHAN_GENL_NAME, IPCCHAN_GENL_EVENTS);
	if (group < 0) {
		err = -ENOENT;
	} else {
		/* With less room more is lost, which is told. */
		nl_socket_set_buffer_size((*nl)->sock, SOCKET_BYTES, 0);
		err = nl_socket_add_membership((*nl)->sock, group) < 0 ? -EACCES : 0;
	}
	if (err) {
		nl_end(*nl);
		*nl = NULL;
		return err;
	}
	*fd = nl_socket_get_fd((*nl)->sock);
	return 0;
}

/* Return: whether it is one. */
static bool parse_event(struct nl *nl, struct nlmsghdr *nlh, struct nl_event *event)
{
	struct nlattr *tb[IPCCHAN_A_EVENT_MAX + 1];

	if (nlh->nlmsg_type != nl->family || !genlmsg_valid_hdr(nlh, 0) ||
	    ((struct genlmsghdr *)nlmsg_data(nlh))->cmd != IPCCHAN_CMD_EVENT ||
	    genlmsg_parse(nlh, 0, tb, IPCCHAN_A_EVENT_MAX, NULL) < 0 ||
	    !tb[IPCCHAN_A_EVENT_WHAT])
		return false;
	memset(event, 0, sizeof(*event));
	event->uid = NL_NO_ID;
	nl_fields_get(tb, fields, sizeof(fields) / sizeof(fields[0]), event);
	event->has_name = nl_text_get(tb[IPCCHAN_A_EVENT_NAME], event->name,
				      sizeof(event->name));
	event->has_count = tb[IPCCHAN_A_EVENT_COUNT];
	event->has_offset = tb[IPCCHAN_A_EVENT_OFFSET];
	nl_text_get(tb[IPCCHAN_A_EVENT_ITEM], event->item, sizeof(event->item));
	return true;
}

int nl_events_read(struct nl *nl, int (*fn)(const struct nl_event *event, void *arg),
		   void *arg)
{
	union {
		struct nlmsghdr nlh;
		char bytes[BUFFER_BYTES];
	} buf;
	int fd = nl_socket_get_fd(nl->sock);
	struct sockaddr_nl from = { 0 };

	for (;;) {
		socklen_t from_len = sizeof(from);
		struct nlmsghdr *nlh = &buf.nlh;
		int left = recvfrom(fd, &buf, sizeof(buf), MSG_DONTWAIT,
				    (struct sockaddr *)&from, &from_len);

		if (left < 0)
			return errno == EAGAIN ? 0 : -errno;
		/* Only the kernel's. */
		if (from.nl_pid)
			continue;
		for (; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
			struct nl_event event;
			int ret = parse_event(nl, nlh, &event) ? fn(&event, arg) : 0;

			if (ret)
				return ret;
		}
	}
}
