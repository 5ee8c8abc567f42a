/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_FDS_H
#define _IPCCHAN_FDS_H

#include <linux/refcount.h>
#include <linux/types.h>

struct file;
struct ipcchan_account;

/**
 * struct ipcchan_fds - descriptors on their way, constant
 * @refs: messages that carry them: several when they share one body
 * @nr: at most IPCCHAN_FDS_MAX
 * @account: who sent them and pays for them
 * @files: referenced
 */
struct ipcchan_fds {
	refcount_t refs;
	u32 nr;
	struct ipcchan_account *account;
	struct file *files[];
};

struct ipcchan_fds *ipcchan_fds_create(const s32 __user *fds, u32 nr);
void ipcchan_fds_put(struct ipcchan_fds *fds);
int ipcchan_fds_install(const struct ipcchan_fds *fds, s32 __user *to, u32 nr);

static inline struct ipcchan_fds *ipcchan_fds_get(struct ipcchan_fds *fds)
{
	refcount_inc(&fds->refs);
	return fds;
}

#endif /* _IPCCHAN_FDS_H */
