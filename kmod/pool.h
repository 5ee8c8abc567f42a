/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_POOL_H
#define _IPCCHAN_POOL_H

#include <linux/ktime.h>
#include <linux/types.h>

struct ipcchan_ep;
struct ipcchan_msg;
struct ipcchan_queue;
struct vm_area_struct;

int ipcchan_pool(struct ipcchan_ep *ep, const void __user *arg);
void ipcchan_pool_leave(struct ipcchan_ep *ep);
int ipcchan_pool_mmap(struct ipcchan_ep *ep, struct vm_area_struct *vma);
struct ipcchan_msg *ipcchan_pool_slot(struct ipcchan_ep *ep, struct ipcchan_queue *q,
				      size_t len, ktime_t until);
bool ipcchan_pool_writable(struct ipcchan_queue *q);

#endif /* _IPCCHAN_POOL_H */
