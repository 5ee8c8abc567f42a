/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the netlink family share. */
#ifndef _IPCCHAN_NL_H
#define _IPCCHAN_NL_H

#include <linux/ipcchan_netlink.h>
#include <linux/netlink.h>
#include <linux/types.h>
#include <net/genetlink.h>

#include "account.h"
#include "ipcchan.h"
#include "viewer.h"

struct ipcchan_chan;
struct ipcchan_ep;
struct pid_namespace;
struct user_namespace;

extern struct genl_family ipcchan_genl_family;

/**
 * struct ipcchan_nl_key - how a request names its channel
 * @by_name: @name, or NULL to go by @id
 * @id: of the channel
 * @name: zero-padded
 */
struct ipcchan_nl_key {
	const char *by_name;
	u32 id;
	char name[IPCCHAN_NAME_SIZE] __aligned(sizeof(u32));
};

/**
 * struct ipcchan_nl_reply - a reply under construction
 * @skb: where it is put
 * @cb: of a dump, or NULL
 * @users: the reader's user namespace
 * @pids: the reader's pid namespace
 * @portid: of the reader
 * @seq: of the request
 * @flags: NLM_F_*
 */
struct ipcchan_nl_reply {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	struct user_namespace *users;
	struct pid_namespace *pids;
	u32 portid;
	u32 seq;
	int flags;
};

/**
 * struct ipcchan_nl_dump - a dump under way
 * @viewer: who asks, its credentials referenced
 * @pids: the pid namespace of who asks, referenced
 * @serial: what is newer was not there when it began, and is not in it
 * @top: the highest id of a channel then
 * @top_ep: likewise of an endpoint
 * @next: id to go on from
 * @offset: of a block, to go on from in endpoint @next, bytes
 * @eps: channels are done, endpoints follow
 * @both: both are in it
 * @filtered: there are any of
 * @by_kind: only channels of @kind
 * @by_uid: only of user @uid
 * @kind: see above
 * @flags: only channels with all of these
 * @chan: only of the channel of this id, 0 for all
 * @pid: only of this process, 0 for all
 * @uid: see above
 * @at: where a dump of quotas has come to
 */
struct ipcchan_nl_dump {
	struct ipcchan_viewer viewer;
	struct pid_namespace *pids;
	u64 serial;
	u32 top;
	u32 top_ep;
	unsigned long next;
	u64 offset;
	bool eps;
	bool both;
	bool filtered;
	bool by_kind;
	bool by_uid;
	u32 kind;
	u32 flags;
	u32 chan;
	u32 pid;
	kuid_t uid;
	struct ipcchan_account_at at;
};

/**
 * typedef ipcchan_nl_show - put an entry of the registry into a dump, if it belongs there
 * @r: where
 * @d: the dump
 * @entry: the channel or the endpoint
 *
 * Context: process, the registry's lock held.
 * Return: 0; -EMSGSIZE, and no part of it that is not whole is there.
 */
typedef int ipcchan_nl_show(struct ipcchan_nl_reply *r, struct ipcchan_nl_dump *d, void *entry);

/* nl_key.c */
int ipcchan_nl_key_get(struct ipcchan_nl_key *key, struct genl_info *info);
int ipcchan_nl_uid_get(const struct sk_buff *request, const struct nlattr *attr, kuid_t *uid,
		       struct netlink_ext_ack *extack);
struct user_namespace *ipcchan_nl_users(const struct sk_buff *request);

/* nl_show.c */
void *ipcchan_nl_begin(struct ipcchan_nl_reply *r, u8 cmd);
int ipcchan_nl_end(struct ipcchan_nl_reply *r, void *hdr, int err);
int ipcchan_nl_put_chan_locked(struct ipcchan_nl_reply *r, struct ipcchan_chan *chan);

/* nl_chan.c */
int ipcchan_nl_reply_chan(struct sk_buff *request, struct genl_info *info,
			  const struct ipcchan_nl_key *key);
int ipcchan_nl_get_doit(struct sk_buff *skb, struct genl_info *info);
int ipcchan_nl_new_doit(struct sk_buff *skb, struct genl_info *info);
int ipcchan_nl_del_doit(struct sk_buff *skb, struct genl_info *info);

/* nl_set.c */
int ipcchan_nl_set_doit(struct sk_buff *skb, struct genl_info *info);

/* nl_dump.c */
int ipcchan_nl_dump_start(struct netlink_callback *cb, const struct nlattr *by_uid,
			  struct ipcchan_nl_dump **dump);
int ipcchan_nl_dump_done(struct netlink_callback *cb);
struct ipcchan_nl_reply ipcchan_nl_dump_reply(struct sk_buff *skb, struct netlink_callback *cb);
int ipcchan_nl_dump_walk(struct sk_buff *skb, struct netlink_callback *cb, bool eps,
			 ipcchan_nl_show *show);
bool ipcchan_nl_dump_older(const struct ipcchan_nl_dump *d, u64 serial);
int ipcchan_nl_get_start(struct netlink_callback *cb);
int ipcchan_nl_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

/* nl_ep.c */
bool ipcchan_nl_dump_wants_ep(const struct ipcchan_nl_reply *r,
			      const struct ipcchan_nl_dump *d, const struct ipcchan_ep *ep);
int ipcchan_nl_ep_start(struct netlink_callback *cb);
int ipcchan_nl_ep_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ipcchan_nl_loan_start(struct netlink_callback *cb);
int ipcchan_nl_loan_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

/* nl_buf.c */
int ipcchan_nl_buf_start(struct netlink_callback *cb);
int ipcchan_nl_buf_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

/* nl_quota.c */
int ipcchan_nl_quota_start(struct netlink_callback *cb);
int ipcchan_nl_quota_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* _IPCCHAN_NL_H */
