/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_MESSAGE_H
#define _IPCCHAN_MESSAGE_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/uio.h>

/**
 * struct ipcchan_msg - one message
 * @node: in the queue that owns it, else unused
 * @len: bytes in @data
 * @data: payload
 *
 * Owned by exactly one of: the sender that built it, the queue, the receiver
 * that took it.
 */
struct ipcchan_msg {
	struct list_head node;
	size_t len;
	u8 data[];
};

int ipcchan_msg_init(void);
void ipcchan_msg_exit(void);
struct ipcchan_msg *ipcchan_msg_from_iter(struct iov_iter *from);
void ipcchan_msg_free(struct ipcchan_msg *msg);

#endif /* _IPCCHAN_MESSAGE_H */
