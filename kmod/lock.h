/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_LOCK_H
#define _IPCCHAN_LOCK_H

struct file;
struct file_lock;
struct ipcchan_chan;

int ipcchan_lock_create(struct ipcchan_chan *chan);
void ipcchan_lock_destroy(struct ipcchan_chan *chan);
loff_t ipcchan_lock_base(const struct ipcchan_chan *chan);
int ipcchan_lock(struct file *file, int cmd, struct file_lock *fl);

#endif /* _IPCCHAN_LOCK_H */
