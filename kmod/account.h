/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_ACCOUNT_H
#define _IPCCHAN_ACCOUNT_H

#include <linux/bits.h>
#include <linux/types.h>

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

struct ipcchan_account;
struct seq_file;

struct ipcchan_account *ipcchan_account_charge(const struct ipcchan_cost *cost);
void ipcchan_accounts_show(struct seq_file *m, unsigned int part);
void ipcchan_account_uncharge(struct ipcchan_account *account,
			      const struct ipcchan_cost *cost);

#endif /* _IPCCHAN_ACCOUNT_H */
