/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_CALL_H
#define _IPCCHAN_CALL_H

struct file;

long ipcchan_call(struct file *file, void __user *arg);
long ipcchan_serve(struct file *file, void __user *arg);

#endif /* _IPCCHAN_CALL_H */
