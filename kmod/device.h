/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_DEVICE_H
#define _IPCCHAN_DEVICE_H

#include <linux/types.h>

struct file;

int ipcchan_device_init(void);
void ipcchan_device_exit(void);
bool ipcchan_is_endpoint(const struct file *file);

#endif /* _IPCCHAN_DEVICE_H */
