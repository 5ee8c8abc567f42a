/* SPDX-License-Identifier: GPL-2.0 */
/* Who sees what: the rule is that of the uapi header. */
#ifndef _IPCCHAN_VIEWER_H
#define _IPCCHAN_VIEWER_H

#include <linux/types.h>
#include <linux/uidgid.h>

struct cred;
struct ipcchan_chan;
struct ipcchan_ep;
struct net;
struct sk_buff;

/**
 * struct ipcchan_viewer - who asks
 * @opener: who opened the socket
 * @sender: who sent the request through it; both must have the right
 * @all: has the capability over the network namespace
 */
struct ipcchan_viewer {
	const struct cred *opener;
	const struct cred *sender;
	bool all;
};

/**
 * struct ipcchan_sight - what decides who sees an object
 * @uid: owner of its channel, INVALID_UID without one
 * @gid: likewise
 * @mode: permission bits of the channel
 * @user: whose endpoint it is, or of whom it tells; INVALID_UID of a channel
 */
struct ipcchan_sight {
	kuid_t uid;
	kgid_t gid;
	u32 mode;
	kuid_t user;
};

void ipcchan_viewer_init(struct ipcchan_viewer *v, const struct sk_buff *request,
			 const struct net *net);
bool ipcchan_viewer_sees(const struct ipcchan_viewer *v, const struct ipcchan_sight *sight);
struct ipcchan_sight ipcchan_sight_chan(const struct ipcchan_chan *chan);
struct ipcchan_sight ipcchan_sight_ep(const struct ipcchan_ep *ep);
bool ipcchan_cred_in_group(const struct cred *cred, kgid_t gid);
bool ipcchan_cred_sees(const struct cred *cred, const struct ipcchan_sight *sight);

#endif /* _IPCCHAN_VIEWER_H */
