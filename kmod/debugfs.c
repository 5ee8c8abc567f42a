// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: the state of every channel, for bug reports.  What is in it may change with any
 * version; programs ask by netlink.
 */

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "account.h"
#include "debugfs.h"
#include "ipcchan.h"
#include "registries.h"

static struct dentry *ipcchan_debugfs;

/*
 * A position is what is shown there: first the module, then channels by registry and id,
 * last the parts of the accounts.  So it can be gone on from, whatever came and went, and
 * nothing is held from one to the next.
 */
#define IPCCHAN_STATE_BITS	31
#define IPCCHAN_STATE_CHANS	BIT_ULL(IPCCHAN_STATE_BITS)
#define IPCCHAN_STATE_ACCOUNTS	((u64)(IPCCHAN_REGISTRY_MAX + 1) << IPCCHAN_STATE_BITS)
#define IPCCHAN_STATE_END	(IPCCHAN_STATE_ACCOUNTS + IPCCHAN_ACCOUNT_PARTS)

static void *ipcchan_state_start(struct seq_file *m, loff_t *pos)
{
	u32 index, id;

	if (!*pos)
		return pos;
	if (*pos < IPCCHAN_STATE_ACCOUNTS) {
		*pos = max_t(u64, *pos, IPCCHAN_STATE_CHANS);
		index = *pos >> IPCCHAN_STATE_BITS;
		id = *pos & (IPCCHAN_STATE_CHANS - 1);
		*pos = IPCCHAN_STATE_ACCOUNTS;
		if (ipcchan_registries_next(&index, &id))
			*pos = ((u64)index << IPCCHAN_STATE_BITS) + id;
	}
	return *pos < IPCCHAN_STATE_END ? pos : NULL;
}

static void *ipcchan_state_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return ipcchan_state_start(m, pos);
}

static void ipcchan_state_stop(struct seq_file *m, void *v)
{
}

static int ipcchan_state_show(struct seq_file *m, void *v)
{
	u64 pos = *(loff_t *)v;

	if (!pos)
		seq_printf(m, "module: version %s features %#llx\n", THIS_MODULE->version,
			   (u64)IPCCHAN_FEATURES);
	else if (pos < IPCCHAN_STATE_ACCOUNTS)
		ipcchan_registries_show(m, pos >> IPCCHAN_STATE_BITS,
					pos & (IPCCHAN_STATE_CHANS - 1));
	else
		ipcchan_accounts_show(m, pos - IPCCHAN_STATE_ACCOUNTS);
	return 0;
}

static const struct seq_operations ipcchan_state_sops = {
	.start = ipcchan_state_start,
	.next = ipcchan_state_next,
	.stop = ipcchan_state_stop,
	.show = ipcchan_state_show,
};

DEFINE_SEQ_ATTRIBUTE(ipcchan_state);

/**
 * ipcchan_debugfs_init() - make /sys/kernel/debug/ipcchan
 * Context: process, at module load.
 */
void ipcchan_debugfs_init(void)
{
	/* Without it all else works. */
	ipcchan_debugfs = debugfs_create_dir("ipcchan", NULL);
	debugfs_create_file("state", 0400, ipcchan_debugfs, NULL, &ipcchan_state_fops);
}

/**
 * ipcchan_debugfs_exit() - remove /sys/kernel/debug/ipcchan
 * Context: process, at module unload: no file is open.
 */
void ipcchan_debugfs_exit(void)
{
	debugfs_remove(ipcchan_debugfs);
}
