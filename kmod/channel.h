/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_CHANNEL_H
#define _IPCCHAN_CHANNEL_H

#include <linux/rhashtable-types.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "account.h"
#include "fullness.h"
#include "ipcchan.h"
#include "queue.h"

struct cred;
struct ipcchan_arena;
struct ipcchan_broadcast;
struct ipcchan_buf;
struct ipcchan_registry;
struct ipcchan_times;
struct net;
struct netlink_ext_ack;
struct sk_buff;

/**
 * struct ipcchan_params - what a channel is created with
 * @name: zero-padded; empty for an anonymous channel
 * @kind: enum ipcchan_kind
 * @mode: permission bits
 * @max_msgs: messages
 * @max_msg_size: bytes
 * @max_bytes: bytes
 * @buf_size: bytes, 0 for no buffer
 * @buf_flags: IPCCHAN_BUF_*
 * @buf_node: NUMA node with IPCCHAN_BUF_NODE
 * @options: IPCCHAN_OPT_*
 * @slow: enum ipcchan_slow
 * @spin_ns: nanoseconds, 0 for the module's default, IPCCHAN_SPIN_NONE
 */
struct ipcchan_params {
	char name[IPCCHAN_NAME_SIZE];
	u32 kind;
	u32 mode;
	u32 max_msgs;
	u32 max_msg_size;
	u64 max_bytes;
	u64 buf_size;
	u32 options;
	u32 slow;
	u32 spin_ns;
	u32 buf_flags;
	u32 buf_node;
};

/**
 * struct ipcchan_chan - a channel
 * @queue: messages and waiters; of a broadcast channel only its limits and counters
 * @broadcast: subscribers, or NULL, constant
 * @buf: shared buffer or NULL, constant
 * @arena: its blocks, with IPCCHAN_OPT_LOANS, or NULL, constant
 * @times: its time in queue, or NULL when that was never recorded; under the registry's lock
 * @net: network namespace, constant; pinned by each attached endpoint
 * @uid: owner, under the registry's lock; a hint without it
 * @gid: likewise
 * @kind: enum ipcchan_kind, constant
 * @slow: enum ipcchan_slow, constant
 * @gone: IPCCHAN_NO_*, under the registry's lock
 * @pins_module: holds a module reference, under the registry's lock
 * @mode: permission bits, as @uid
 * @options: IPCCHAN_OPT_*, constant
 * @id: unique in @net, constant
 * @account: who pays, under the registry's lock
 * @serial: when it was created (see struct ipcchan_registry), constant
 * @lock_part: which part of the device's locks it has, 0 without @buf, constant
 * @flags: IPCCHAN_CHAN_*, under the registry's lock
 * @nr_endpoints: attached endpoints, under the registry's lock
 * @nr_senders: of these, those that may send
 * @nr_receivers: likewise
 * @nr_by_type: of these, those that want messages of one type only
 * @fullness: what is told of room in @queue, or of subscribers
 * @node: in the registry's names unless ANON or UNLINKED is set
 * @name: zero-padded, constant
 */
struct ipcchan_chan {
	struct ipcchan_queue queue;
	struct ipcchan_broadcast *broadcast;
	struct ipcchan_buf *buf;
	struct ipcchan_arena *arena;
	struct ipcchan_times *times;
	struct net *net;
	kuid_t uid;
	kgid_t gid;
	u8 kind;
	u8 slow;
	u8 gone;
	bool pins_module;
	u32 mode;
	u32 options;
	u32 id;
	struct ipcchan_account *account;
	u64 serial;
	u32 lock_part;
	u32 flags;
	u32 nr_endpoints;
	u32 nr_senders;
	u32 nr_receivers;
	u32 nr_by_type;
	struct ipcchan_fullness fullness;
	struct rhash_head node;
	char name[IPCCHAN_NAME_SIZE];
};

/**
 * struct ipcchan_change - what can be changed of a channel
 * @limits: what it, or each of its subscribers, may hold
 * @spin_ns: nanoseconds that a waiter polls
 * @mode: permission bits
 * @uid: owner
 * @gid: group
 */
struct ipcchan_change {
	struct ipcchan_limits limits;
	u32 spin_ns;
	u32 mode;
	kuid_t uid;
	kgid_t gid;
};

/**
 * ipcchan_chan_of() - the channel that a queue belongs to
 * @q: a channel's, not a subscriber's
 * Context: any.
 * Return: the channel.
 */
static inline struct ipcchan_chan *ipcchan_chan_of(struct ipcchan_queue *q)
{
	return container_of(q, struct ipcchan_chan, queue);
}

int ipcchan_chan_cache_init(void);
void ipcchan_chan_cache_exit(void);
int ipcchan_name_check(const char *name, struct netlink_ext_ack *extack);
u32 ipcchan_spin_ns_of(u32 wanted);
int ipcchan_params_check(struct ipcchan_params *p,
			 struct netlink_ext_ack *extack);
struct ipcchan_chan *ipcchan_chan_create(struct net *net,
					 const struct ipcchan_params *p);
void ipcchan_chan_destroy(struct ipcchan_chan *chan);
struct ipcchan_cost ipcchan_chan_cost(u32 kind, const struct ipcchan_limits *limits,
				      u64 buf_size);
struct ipcchan_change ipcchan_chan_state(const struct ipcchan_chan *chan);
int ipcchan_chan_change(struct ipcchan_chan *chan, const struct ipcchan_change *to,
			const struct sk_buff *skb, struct netlink_ext_ack *extack);
void ipcchan_chan_hangup(struct ipcchan_chan *chan, u16 gone);
int ipcchan_chan_permission(const struct ipcchan_chan *chan, u32 role,
			    const struct cred *also);

#endif /* _IPCCHAN_CHANNEL_H */
