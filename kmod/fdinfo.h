/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_FDINFO_H
#define _IPCCHAN_FDINFO_H

struct file;
struct seq_file;

void ipcchan_show_fdinfo(struct seq_file *m, struct file *file);

#endif /* _IPCCHAN_FDINFO_H */
