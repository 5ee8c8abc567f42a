/* SPDX-License-Identifier: GPL-2.0 */
/* What people read: parts of fdinfo.c and debugfs.c. */
#ifndef _IPCCHAN_SHOW_H
#define _IPCCHAN_SHOW_H

#include <linux/sched.h>
#include <linux/seq_file.h>

#include "channel.h"

/* So many of a kind are named under one lock; of more it is told that there are. */
#define IPCCHAN_SHOW_MAX	32U

struct ipcchan_match;

void ipcchan_show_name(struct seq_file *m, const struct ipcchan_chan *chan);
void ipcchan_show_task(struct seq_file *m, const char *what, const struct task_struct *task);
void ipcchan_show_match(struct seq_file *m, struct ipcchan_match match);
void ipcchan_chan_show(struct seq_file *m, struct ipcchan_chan *chan);

#endif /* _IPCCHAN_SHOW_H */
