// SPDX-License-Identifier: GPL-2.0
/*
 * Accounts: what each user has, and may have.
 *
 * As for POSIX queues a channel costs what it may hold, from its creation to its end:
 * so no message has to be counted on its way, and nobody is refused later.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/moduleparam.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>

#include "account.h"

/**
 * struct ipcchan_account - one user's
 * @node: in the table
 * @uid: the user
 * @refs: charges that were not given back
 * @used: what they amount to
 */
struct ipcchan_account {
	struct hlist_node node;
	kuid_t uid;
	u64 refs;
	struct ipcchan_cost used;
};

static DEFINE_SPINLOCK(ipcchan_account_lock);
static DEFINE_HASHTABLE(ipcchan_accounts, IPCCHAN_ACCOUNT_BITS);

static unsigned long ipcchan_account_limits[IPCCHAN_ITEMS] = {
	[IPCCHAN_ITEM_CHANS] = 1024,
	[IPCCHAN_ITEM_MSGS] = 1024 * 1024,
	[IPCCHAN_ITEM_BYTES] = 1024 * 1024 * 1024,
	[IPCCHAN_ITEM_BUFS] = 256 * 1024 * 1024,
	[IPCCHAN_ITEM_FDS] = 1024,
	[IPCCHAN_ITEM_EARS] = 1024,
};

/* Of a user without CAP_SYS_RESOURCE. */
module_param_named(user_channels, ipcchan_account_limits[IPCCHAN_ITEM_CHANS], ulong, 0644);
MODULE_PARM_DESC(user_channels, "Channels of a user");
module_param_named(user_msgs, ipcchan_account_limits[IPCCHAN_ITEM_MSGS], ulong, 0644);
MODULE_PARM_DESC(user_msgs, "Messages that a user's channels and subscriptions may hold");
module_param_named(user_bytes, ipcchan_account_limits[IPCCHAN_ITEM_BYTES], ulong, 0644);
MODULE_PARM_DESC(user_bytes, "Bytes that a user's channels and subscriptions may hold");
module_param_named(user_buffers, ipcchan_account_limits[IPCCHAN_ITEM_BUFS], ulong, 0644);
MODULE_PARM_DESC(user_buffers, "Bytes of a user's shared buffers");
module_param_named(user_fds, ipcchan_account_limits[IPCCHAN_ITEM_FDS], ulong, 0644);
MODULE_PARM_DESC(user_fds, "Descriptors that a user has on their way");
module_param_named(user_ears, ipcchan_account_limits[IPCCHAN_ITEM_EARS], ulong, 0644);
MODULE_PARM_DESC(user_ears, "Eventfds and watches that a user has on doorbells");

static struct ipcchan_account *ipcchan_account_find_locked(kuid_t uid)
{
	struct ipcchan_account *account;

	lockdep_assert_held(&ipcchan_account_lock);
	hash_for_each_possible(ipcchan_accounts, account, node, __kuid_val(uid)) {
		if (uid_eq(account->uid, uid))
			return account;
	}
	return NULL;
}

static bool ipcchan_account_allows(const struct ipcchan_account *account,
				   const struct ipcchan_cost *cost)
{
	unsigned int i;

	for (i = 0; i < IPCCHAN_ITEMS; i++) {
		if (cost->of[i] && account->used.of[i] + cost->of[i] >
					   READ_ONCE(ipcchan_account_limits[i]))
			return false;
	}
	return true;
}

static void ipcchan_account_add_locked(struct ipcchan_account *account,
				       const struct ipcchan_cost *cost)
{
	unsigned int i;

	lockdep_assert_held(&ipcchan_account_lock);
	account->refs++;
	for (i = 0; i < IPCCHAN_ITEMS; i++)
		account->used.of[i] += cost->of[i];
}

/**
 * ipcchan_account_charge() - count something for the caller
 * @cost: what it takes
 *
 * Who has CAP_SYS_RESOURCE is counted and never refused.
 *
 * Context: process, may sleep.
 * Return: the account, for ipcchan_account_uncharge(); ERR_PTR of -EDQUOT, -ENOMEM.
 */
struct ipcchan_account *ipcchan_account_charge(const struct ipcchan_cost *cost)
{
	struct ipcchan_account *account, *new;
	bool exempt = false;

	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return ERR_PTR(-ENOMEM);
	new->uid = current_euid();

again:
	spin_lock(&ipcchan_account_lock);
	account = ipcchan_account_find_locked(new->uid) ?: new;
	if (!exempt && !ipcchan_account_allows(account, cost)) {
		account = ERR_PTR(-EDQUOT);
	} else {
		ipcchan_account_add_locked(account, cost);
		if (account == new) {
			hash_add(ipcchan_accounts, &new->node,
				 __kuid_val(new->uid));
			new = NULL;
		}
	}
	spin_unlock(&ipcchan_account_lock);
	/* Asked last: to have used the capability is recorded. */
	if (account == ERR_PTR(-EDQUOT) && capable(CAP_SYS_RESOURCE)) {
		exempt = true;
		goto again;
	}
	kfree(new);
	return account;
}

/**
 * ipcchan_account_uncharge() - give back what was charged
 * @account: of whoever was charged
 * @cost: the same
 * Context: process.
 */
void ipcchan_account_uncharge(struct ipcchan_account *account,
			      const struct ipcchan_cost *cost)
{
	unsigned int i;

	spin_lock(&ipcchan_account_lock);
	for (i = 0; i < IPCCHAN_ITEMS; i++)
		account->used.of[i] -= cost->of[i];
	if (!--account->refs) {
		hash_del(&account->node);
		kfree(account);
	}
	spin_unlock(&ipcchan_account_lock);
}

/**
 * ipcchan_accounts_show() - what users have, for bug reports
 * @m: seq_file
 * @part: of all users, below IPCCHAN_ACCOUNT_PARTS
 * Context: process.
 */
void ipcchan_accounts_show(struct seq_file *m, unsigned int part)
{
	static const char *const names[] = {
		[IPCCHAN_ITEM_CHANS] = "channels", [IPCCHAN_ITEM_MSGS] = "msgs",
		[IPCCHAN_ITEM_BYTES] = "bytes", [IPCCHAN_ITEM_BUFS] = "buffers",
		[IPCCHAN_ITEM_FDS] = "fds", [IPCCHAN_ITEM_EARS] = "ears",
	};
	const struct ipcchan_account *account;
	unsigned int i;

	static_assert(ARRAY_SIZE(names) == IPCCHAN_ITEMS);
	spin_lock(&ipcchan_account_lock);
	hlist_for_each_entry(account, &ipcchan_accounts[part], node) {
		if (seq_has_overflowed(m))
			break;
		seq_printf(m, "account: uid %u charges %llu",
			   from_kuid_munged(seq_user_ns(m), account->uid), account->refs);
		for (i = 0; i < IPCCHAN_ITEMS; i++)
			seq_printf(m, " %s %llu", names[i], account->used.of[i]);
		seq_putc(m, '\n');
	}
	spin_unlock(&ipcchan_account_lock);
}
