/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_XFER_H
#define _IPCCHAN_XFER_H

#include <linux/types.h>

struct file;

long ipcchan_xfer_send(struct file *file, const void __user *arg, bool nonblock);
long ipcchan_xfer_recv(struct file *file, const void __user *arg, bool nonblock);

#endif /* _IPCCHAN_XFER_H */
