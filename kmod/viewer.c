// SPDX-License-Identifier: GPL-2.0
/* Who sees which channels, endpoints and events. */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "endpoint.h"
#include "viewer.h"

/**
 * ipcchan_viewer_init() - who sends a netlink request
 * @v: out, good while the request is
 * @request: whose sender is the caller
 * @net: network namespace that it is about
 * Context: process.
 */
void ipcchan_viewer_init(struct ipcchan_viewer *v, const struct sk_buff *request,
			 const struct net *net)
{
	const struct file *file = NETLINK_CB(request).sk->sk_socket->file;

	v->opener = file->f_cred;
	v->sender = current_cred();
	v->all = file_ns_capable(file, net->user_ns, CAP_IPC_OWNER) &&
		 ns_capable_noaudit(net->user_ns, CAP_IPC_OWNER);
}

/**
 * ipcchan_cred_in_group() - is somebody in a group?
 * @cred: who
 * @gid: the group
 * Context: process.
 * Return: whether, by its effective or supplementary groups.
 */
bool ipcchan_cred_in_group(const struct cred *cred, kgid_t gid)
{
	const struct cred *old;
	bool in;

	if (gid_eq(cred->egid, gid))
		return true;
	old = override_creds(cred);
	in = in_egroup_p(gid);
	revert_creds(old);
	return in;
}

/**
 * ipcchan_cred_sees() - does somebody without capability see an object?
 * @cred: who
 * @sight: of the object
 * Context: process.
 * Return: whether.
 */
bool ipcchan_cred_sees(const struct cred *cred, const struct ipcchan_sight *sight)
{
	u32 mode = sight->mode;

	if (uid_valid(sight->uid) && uid_eq(cred->euid, sight->uid))
		return true;
	if (uid_valid(sight->user))
		return uid_eq(cred->euid, sight->user);
	if (ipcchan_cred_in_group(cred, sight->gid))
		mode >>= 3;
	return mode & 0006;
}

/**
 * ipcchan_viewer_sees() - does who asks see an object?
 * @v: who asks
 * @sight: of the object
 * Context: process.
 * Return: whether.
 */
bool ipcchan_viewer_sees(const struct ipcchan_viewer *v, const struct ipcchan_sight *sight)
{
	return v->all ||
	       (ipcchan_cred_sees(v->opener, sight) &&
		(v->sender == v->opener || ipcchan_cred_sees(v->sender, sight)));
}

/**
 * ipcchan_sight_chan() - what decides who sees a channel
 * @chan: channel
 * Context: any; of this moment without the registry's lock.
 * Return: that.
 */
struct ipcchan_sight ipcchan_sight_chan(const struct ipcchan_chan *chan)
{
	return (struct ipcchan_sight) {
		.uid = READ_ONCE(chan->uid),
		.gid = READ_ONCE(chan->gid),
		.mode = READ_ONCE(chan->mode),
		.user = INVALID_UID,
	};
}

/**
 * ipcchan_sight_ep() - what decides who sees an endpoint, and what it has
 * @ep: joined
 * Context: any; of this moment without the registry's lock.
 * Return: that.
 */
struct ipcchan_sight ipcchan_sight_ep(const struct ipcchan_ep *ep)
{
	struct ipcchan_sight sight = ipcchan_sight_chan(ep->joined);

	sight.user = ep->sender.opener->cred->euid;
	return sight;
}
