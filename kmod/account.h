/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_ACCOUNT_H
#define _IPCCHAN_ACCOUNT_H

#include <linux/bits.h>
#include <linux/types.h>
#include <linux/uidgid.h>

/**
 * enum ipcchan_item - what is counted for each user
 * @IPCCHAN_ITEM_CHANS: channels
 * @IPCCHAN_ITEM_MSGS: messages that the user's channels and subscriptions may hold
 * @IPCCHAN_ITEM_BYTES: bytes that they may hold
 * @IPCCHAN_ITEM_BUFS: bytes of shared buffers
 * @IPCCHAN_ITEM_FDS: descriptors in messages that the user has sent
 * @IPCCHAN_ITEM_EARS: eventfds and watches of the user on doorbells
 * @IPCCHAN_ITEMS: how many these are
 */
enum ipcchan_item {
	IPCCHAN_ITEM_CHANS,
	IPCCHAN_ITEM_MSGS,
	IPCCHAN_ITEM_BYTES,
	IPCCHAN_ITEM_BUFS,
	IPCCHAN_ITEM_FDS,
	IPCCHAN_ITEM_EARS,
	IPCCHAN_ITEMS
};

#define IPCCHAN_ACCOUNT_BITS	6
#define IPCCHAN_ACCOUNT_PARTS	BIT(IPCCHAN_ACCOUNT_BITS)

/**
 * struct ipcchan_cost - what an object takes
 * @of: of each item
 */
struct ipcchan_cost {
	u64 of[IPCCHAN_ITEMS];
};

/**
 * struct ipcchan_account_at - where a walk through the accounts has come to
 * @bucket: of the table
 * @inside: there was one in it, that of @uid
 * @uid: whose account this is
 * @used: what the user has
 * @changes: counts accounts that came or went
 */
struct ipcchan_account_at {
	unsigned int bucket;
	bool inside;
	kuid_t uid;
	struct ipcchan_cost used;
	u32 changes;
};

struct ipcchan_account;
struct seq_file;
struct sk_buff;

struct ipcchan_account *ipcchan_account_charge(const struct ipcchan_cost *cost);
struct ipcchan_account *ipcchan_account_charge_user(kuid_t uid,
						    const struct ipcchan_cost *cost,
						    const struct sk_buff *skb);
kuid_t ipcchan_account_uid(const struct ipcchan_account *account);
int ipcchan_account_recharge(struct ipcchan_account *account, const struct ipcchan_cost *from,
			     const struct ipcchan_cost *to, const struct sk_buff *skb);
bool ipcchan_account_next(struct ipcchan_account_at *at);
u64 ipcchan_account_limit_of(enum ipcchan_item item, const char **name);
void ipcchan_accounts_show(struct seq_file *m, unsigned int part);
void ipcchan_account_uncharge(struct ipcchan_account *account,
			      const struct ipcchan_cost *cost);

#endif /* _IPCCHAN_ACCOUNT_H */
