// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_IOC_SEND and IPCCHAN_IOC_RECV as IORING_OP_URING_CMD. */

#include <linux/errno.h>

#include "compat.h"
#include "endpoint.h"
#include "uring.h"
#include "waiter.h"
#include "xfer.h"

#ifdef IPCCHAN_HAS_URING_CMD

/**
 * ipcchan_uring_cmd() - the uring_cmd method
 * @cmd: cmd_op is the ioctl's number, the first 8 bytes of its area the address of its
 *	struct ipcchan_xfer
 * @issue_flags: IO_URING_F_*
 *
 * The first attempt does not wait; one that has to is made again by a worker.
 *
 * Context: process, may sleep unless the flags say so.
 * Return: as the ioctl, -EAGAIN to be called again.
 */
int ipcchan_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	const void __user *arg =
		u64_to_user_ptr(READ_ONCE(*(const u64 *)ipcchan_uring_area(cmd)));
	bool nonblock = issue_flags & IO_URING_F_NONBLOCK;
	long ret;

	if (!ipcchan_ep_chan(cmd->file->private_data))
		return -ENOTCONN;
	do {
		switch (cmd->cmd_op) {
		case IPCCHAN_IOC_SEND:
			ret = ipcchan_xfer_send(cmd->file, arg, nonblock);
			break;
		case IPCCHAN_IOC_RECV:
			ret = ipcchan_xfer_recv(cmd->file, arg, nonblock);
			break;
		default:
			return -ENOTTY;
		}
		/* Nobody else begins it anew after the machine was suspended. */
	} while (ret == -ERESTARTSYS && !nonblock && !ipcchan_signalled());
	if (ret > 0) {
		/* Returned, it would be taken for an error, or never reported. */
		ipcchan_uring_done(cmd, ret, issue_flags);
		return -EIOCBQUEUED;
	}
	/* Only to those who do not wait. */
	if (nonblock && ret == -EDQUOT)
		return -EAGAIN;
	return ret == -ERESTARTSYS ? -EINTR : ret;
}

#endif /* IPCCHAN_HAS_URING_CMD */
