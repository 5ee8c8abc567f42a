/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_LOAN_H
#define _IPCCHAN_LOAN_H

#include <linux/types.h>

struct file;
struct ipcchan_ep;
struct ipcchan_msg;

long ipcchan_loan(struct file *file, const void __user *arg);
long ipcchan_give_back(struct ipcchan_ep *ep, const void __user *arg);
struct ipcchan_msg *ipcchan_loan_take(struct ipcchan_ep *ep, u64 offset, u32 len);
void ipcchan_loan_undo(struct ipcchan_ep *ep, struct ipcchan_msg *msg);

#endif /* _IPCCHAN_LOAN_H */
