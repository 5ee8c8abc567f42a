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
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/netlink.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>

#include "account.h"
#include "event.h"

/**
 * struct ipcchan_account - one user's
 * @node: in the table
 * @uid: the user, constant
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
/* Counts accounts that came or went. */
static u32 ipcchan_account_changes;
/* When a user was last told about, by a hash of the user. */
static unsigned long ipcchan_account_told[64];

static unsigned long ipcchan_account_limits[IPCCHAN_ITEMS] = {
	[IPCCHAN_ITEM_CHANS] = 1024,
	[IPCCHAN_ITEM_MSGS] = 1024 * 1024,
	[IPCCHAN_ITEM_BYTES] = 1024 * 1024 * 1024,
	[IPCCHAN_ITEM_BUFS] = 256 * 1024 * 1024,
	[IPCCHAN_ITEM_FDS] = 1024,
	[IPCCHAN_ITEM_EARS] = 1024,
};

/* The module parameters. */
static const char *const ipcchan_item_names[IPCCHAN_ITEMS] = {
	[IPCCHAN_ITEM_CHANS] = "user_channels",
	[IPCCHAN_ITEM_MSGS] = "user_msgs",
	[IPCCHAN_ITEM_BYTES] = "user_bytes",
	[IPCCHAN_ITEM_BUFS] = "user_buffers",
	[IPCCHAN_ITEM_FDS] = "user_fds",
	[IPCCHAN_ITEM_EARS] = "user_ears",
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

/* Return: the first item of which it would be too much, or IPCCHAN_ITEMS. */
static enum ipcchan_item ipcchan_account_excess(const struct ipcchan_account *account,
						const struct ipcchan_cost *from,
						const struct ipcchan_cost *to)
{
	unsigned int i;

	for (i = 0; i < IPCCHAN_ITEMS; i++) {
		if (to->of[i] > from->of[i] &&
		    account->used.of[i] - from->of[i] + to->of[i] >
			    READ_ONCE(ipcchan_account_limits[i]))
			break;
	}
	return i;
}

static const struct ipcchan_cost ipcchan_account_nothing;

/* Of those who have the capability nothing is refused.  To have used it is recorded. */
static bool ipcchan_account_exempt(const struct sk_buff *skb)
{
	return skb ? netlink_capable(skb, CAP_SYS_RESOURCE) : capable(CAP_SYS_RESOURCE);
}

/* Tell those who listen, of one user once a second. */
static void ipcchan_account_refused(kuid_t uid, enum ipcchan_item item)
{
	unsigned long *told = &ipcchan_account_told[hash_32(__kuid_val(uid), 6)];
	bool tell;

	if (!ipcchan_event_wanted())
		return;
	spin_lock(&ipcchan_account_lock);
	tell = !*told || time_after(jiffies, *told + HZ);
	if (tell)
		*told = jiffies ?: 1;
	spin_unlock(&ipcchan_account_lock);
	if (tell)
		ipcchan_event_quota(uid, ipcchan_item_names[item]);
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
 * ipcchan_account_charge_user() - count something for a user
 * @uid: the user
 * @cost: what it takes
 * @skb: netlink request whose sender asks; NULL when the caller does
 *
 * If who asks has CAP_SYS_RESOURCE it is counted and never refused.
 *
 * Context: process, may sleep.
 * Return: the account, for ipcchan_account_uncharge(); ERR_PTR of -EDQUOT, -ENOMEM.
 */
struct ipcchan_account *ipcchan_account_charge_user(kuid_t uid,
						    const struct ipcchan_cost *cost,
						    const struct sk_buff *skb)
{
	enum ipcchan_item excess = IPCCHAN_ITEMS;
	struct ipcchan_account *account, *new;
	bool exempt = false;

	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return ERR_PTR(-ENOMEM);
	new->uid = uid;

again:
	spin_lock(&ipcchan_account_lock);
	account = ipcchan_account_find_locked(uid) ?: new;
	if (!exempt)
		excess = ipcchan_account_excess(account, &ipcchan_account_nothing, cost);
	if (!exempt && excess < IPCCHAN_ITEMS) {
		account = ERR_PTR(-EDQUOT);
	} else {
		ipcchan_account_add_locked(account, cost);
		if (account == new) {
			hash_add(ipcchan_accounts, &new->node, __kuid_val(uid));
			ipcchan_account_changes++;
			new = NULL;
		}
	}
	spin_unlock(&ipcchan_account_lock);
	/* Asked last. */
	if (account == ERR_PTR(-EDQUOT)) {
		exempt = ipcchan_account_exempt(skb);
		if (exempt)
			goto again;
		ipcchan_account_refused(uid, excess);
	}
	kfree(new);
	return account;
}

/**
 * ipcchan_account_charge() - count something for the caller
 * @cost: what it takes
 * Context: process, may sleep.
 * Return: as ipcchan_account_charge_user().
 */
struct ipcchan_account *ipcchan_account_charge(const struct ipcchan_cost *cost)
{
	return ipcchan_account_charge_user(current_euid(), cost, NULL);
}

/**
 * ipcchan_account_uid() - whose account it is
 * @account: that something is charged to
 * Context: any.
 * Return: the user.
 */
kuid_t ipcchan_account_uid(const struct ipcchan_account *account)
{
	return account->uid;
}

/**
 * ipcchan_account_recharge() - something costs more, or less, from now on
 * @account: of whoever was charged
 * @from: what was charged
 * @to: what is charged from now on
 * @skb: as for ipcchan_account_charge_user()
 *
 * To cost no more of any item is never refused.
 *
 * Context: process.
 * Return: 0; -EDQUOT, and nothing has changed.
 */
int ipcchan_account_recharge(struct ipcchan_account *account, const struct ipcchan_cost *from,
			     const struct ipcchan_cost *to, const struct sk_buff *skb)
{
	enum ipcchan_item excess;
	bool exempt = false;
	unsigned int i;

	for (;;) {
		spin_lock(&ipcchan_account_lock);
		excess = ipcchan_account_excess(account, from, to);
		for (i = 0; (exempt || excess == IPCCHAN_ITEMS) && i < IPCCHAN_ITEMS; i++)
			account->used.of[i] += to->of[i] - from->of[i];
		spin_unlock(&ipcchan_account_lock);
		if (exempt || excess == IPCCHAN_ITEMS)
			return 0;
		exempt = ipcchan_account_exempt(skb);
		if (exempt)
			continue;
		ipcchan_account_refused(account->uid, excess);
		return -EDQUOT;
	}
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
		ipcchan_account_changes++;
		kfree(account);
	}
	spin_unlock(&ipcchan_account_lock);
}

/**
 * ipcchan_account_next() - go through the accounts
 * @at: in and out, zeroed at the beginning
 *
 * In an order that does not change: who has something all the while is met once.
 *
 * Context: process.
 * Return: whether there is one more.
 */
bool ipcchan_account_next(struct ipcchan_account_at *at)
{
	const struct ipcchan_account *account, *next = NULL;

	spin_lock(&ipcchan_account_lock);
	for (; !next && at->bucket < HASH_SIZE(ipcchan_accounts); at->bucket += !next) {
		hlist_for_each_entry(account, &ipcchan_accounts[at->bucket], node) {
			if ((at->inside && uid_lte(account->uid, at->uid)) ||
			    (next && uid_gt(account->uid, next->uid)))
				continue;
			next = account;
		}
		at->inside = next;
	}
	if (next) {
		at->uid = next->uid;
		at->used = next->used;
	}
	at->changes = ipcchan_account_changes;
	spin_unlock(&ipcchan_account_lock);
	return next;
}

/**
 * ipcchan_account_limit_of() - how much of an item a user may have
 * @item: item
 * @name: out, the module parameter that says so
 * Context: any.
 * Return: the limit.
 */
u64 ipcchan_account_limit_of(enum ipcchan_item item, const char **name)
{
	*name = ipcchan_item_names[item];
	return READ_ONCE(ipcchan_account_limits[item]);
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
