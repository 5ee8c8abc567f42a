/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_IOCTL_H
#define _IPCCHAN_IOCTL_H

struct file;

long ipcchan_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif /* _IPCCHAN_IOCTL_H */
