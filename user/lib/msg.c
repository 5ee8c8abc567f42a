// SPDX-License-Identifier: MIT
/* Messages with headers, one or many a call. */
#include "internal.h"

static long xfer(struct ipcchan *chan, unsigned long cmd,
		 const struct ipcchan_msghdr *msgs, uint32_t count, uint32_t flags,
		 int64_t timeout_ns)
{
	struct ipcchan_xfer xfer = {
		.msgs = (uint64_t)(uintptr_t)msgs,
		.count = count,
		.flags = flags,
		.timeout_ns = timeout_ns,
	};

	return ipcchan_ioctl(chan->fd, cmd, &xfer);
}

int ipcchan_send_msg(struct ipcchan *chan, const struct ipcchan_msghdr *msg,
		     uint32_t flags, int64_t timeout_ns)
{
	long ret = xfer(chan, IPCCHAN_IOC_SEND, msg, 1, flags, timeout_ns);

	return ret < 0 ? (int)ret : 0;
}

ssize_t ipcchan_recv_msg(struct ipcchan *chan, struct ipcchan_msghdr *msg,
			 uint32_t flags, int64_t timeout_ns)
{
	long ret = xfer(chan, IPCCHAN_IOC_RECV, msg, 1, flags, timeout_ns);

	return ret <= 0 ? ret : msg->len;
}

int ipcchan_send_batch(struct ipcchan *chan, const struct ipcchan_msghdr *msgs,
		       uint32_t count, uint32_t flags, int64_t timeout_ns)
{
	return (int)xfer(chan, IPCCHAN_IOC_SEND, msgs, count, flags, timeout_ns);
}

int ipcchan_recv_batch(struct ipcchan *chan, struct ipcchan_msghdr *msgs,
		       uint32_t count, uint32_t flags, int64_t timeout_ns)
{
	return (int)xfer(chan, IPCCHAN_IOC_RECV, msgs, count, flags, timeout_ns);
}

int ipcchan_set_filter(struct ipcchan *chan, const struct ipcchan_filter *filter)
{
	struct ipcchan_filter copy = *filter;

	return (int)ipcchan_ioctl(chan->fd, IPCCHAN_IOC_FILTER, &copy);
}
