// SPDX-License-Identifier: GPL-2.0
/* The channel object: its parameters, its creation and end, who may use it. */

#include <linux/capability.h>
#include <linux/cpuset.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "arena.h"
#include "broadcast.h"
#include "buffer.h"
#include "channel.h"
#include "lock.h"
#include "revoke.h"
#include "rpc.h"
#include "times.h"

#define IPCCHAN_BUF_FLAGS	(IPCCHAN_BUF_HUGE | IPCCHAN_BUF_NODE)

#define IPCCHAN_OPTIONS \
	(IPCCHAN_OPT_HANGUP | IPCCHAN_OPT_TIMESTAMP | IPCCHAN_OPT_SYNC_WAKE | \
	 IPCCHAN_OPT_LOANS | IPCCHAN_OPT_REVOKE)

static unsigned int ipcchan_spin_ns;
module_param_named(spin_ns, ipcchan_spin_ns, uint, 0644);
MODULE_PARM_DESC(spin_ns, "Nanoseconds that waiters of new channels poll before they sleep");

static struct kmem_cache *ipcchan_chan_cache;

/**
 * ipcchan_chan_cache_init() - create the slab cache of channels
 * Context: process, at module load.
 * Return: 0 or -ENOMEM.
 */
int ipcchan_chan_cache_init(void)
{
	ipcchan_chan_cache = KMEM_CACHE(ipcchan_chan, SLAB_ACCOUNT);
	return ipcchan_chan_cache ? 0 : -ENOMEM;
}

/**
 * ipcchan_chan_cache_exit() - destroy the slab cache of channels
 * Context: process, when no channel is left.
 */
void ipcchan_chan_cache_exit(void)
{
	kmem_cache_destroy(ipcchan_chan_cache);
}

/**
 * ipcchan_name_check() - is this the name of a channel?
 * @name: IPCCHAN_NAME_SIZE bytes, NUL-terminated
 * @extack: for the reason, may be NULL
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int ipcchan_name_check(const char *name, struct netlink_ext_ack *extack)
{
	if (!*name) {
		NL_SET_ERR_MSG(extack, "the name is empty");
		return -EINVAL;
	}
	for (; *name; name++) {
		if (*name == '/' || iscntrl(*name)) {
			NL_SET_ERR_MSG(extack,
				       "the name has a '/' or a control character");
			return -EINVAL;
		}
	}
	return 0;
}

static int ipcchan_limits_check(struct ipcchan_params *p,
				struct netlink_ext_ack *extack)
{
	if (p->max_msgs > IPCCHAN_LIMIT_MSGS ||
	    p->max_msg_size > IPCCHAN_LIMIT_MSG_SIZE ||
	    p->max_bytes > IPCCHAN_LIMIT_BYTES ||
	    p->buf_size > IPCCHAN_LIMIT_BUF_SIZE) {
		NL_SET_ERR_MSG(extack, "above a limit of the module");
		return -EINVAL;
	}
	if (!p->max_msgs)
		p->max_msgs = IPCCHAN_DEFAULT_MSGS;
	if (!p->max_msg_size) {
		p->max_msg_size = IPCCHAN_DEFAULT_MSG_SIZE;
		if (p->max_bytes && p->max_bytes < p->max_msg_size)
			p->max_msg_size = p->max_bytes;
	}
	if (!p->max_bytes)
		p->max_bytes = max_t(u64, IPCCHAN_DEFAULT_BYTES,
				     p->max_msg_size);
	if (p->max_msg_size > p->max_bytes) {
		NL_SET_ERR_MSG(extack, "a message may not exceed the bytes queued");
		return -EINVAL;
	}
	return 0;
}

static int ipcchan_buf_check(const struct ipcchan_params *p,
			     struct netlink_ext_ack *extack)
{
	if (p->buf_flags & ~IPCCHAN_BUF_FLAGS) {
		NL_SET_ERR_MSG(extack, "unknown flags of a buffer");
		return -EINVAL;
	}
	if (p->buf_flags && !p->buf_size) {
		NL_SET_ERR_MSG(extack, "flags of a buffer, and no buffer");
		return -EINVAL;
	}
	if (!(p->buf_flags & IPCCHAN_BUF_NODE)) {
		if (!p->buf_node)
			return 0;
		NL_SET_ERR_MSG(extack, "a NUMA node, and no flag that says so");
		return -EINVAL;
	}
	if (p->buf_node >= MAX_NUMNODES ||
	    !node_isset(p->buf_node, cpuset_current_mems_allowed)) {
		NL_SET_ERR_MSG(extack, "no memory of that NUMA node for the caller");
		return -EINVAL;
	}
	return 0;
}

/**
 * ipcchan_spin_ns_of() - how long waiters poll
 * @wanted: nanoseconds, 0 for the module's default, IPCCHAN_SPIN_NONE
 * Context: any.
 * Return: nanoseconds.
 */
u32 ipcchan_spin_ns_of(u32 wanted)
{
	if (!wanted)
		return min(READ_ONCE(ipcchan_spin_ns), IPCCHAN_SPIN_MAX_NS);
	return wanted == IPCCHAN_SPIN_NONE ? 0 : wanted;
}

/**
 * ipcchan_params_check() - check what user space wants, fill in the defaults
 * @p: in and out; the name is checked apart
 * @extack: for the reason, may be NULL
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int ipcchan_params_check(struct ipcchan_params *p,
			 struct netlink_ext_ack *extack)
{
	if (p->kind > IPCCHAN_KIND_RPC) {
		NL_SET_ERR_MSG(extack, "unknown kind");
		return -EINVAL;
	}
	if (p->options & ~IPCCHAN_OPTIONS) {
		NL_SET_ERR_MSG(extack, "unknown options");
		return -EINVAL;
	}
	if (p->options & IPCCHAN_OPT_LOANS &&
	    (!p->buf_size || p->kind == IPCCHAN_KIND_RPC)) {
		NL_SET_ERR_MSG(extack, "loans need a buffer, and no rpc channel");
		return -EINVAL;
	}
	if (p->options & IPCCHAN_OPT_REVOKE && !(p->options & IPCCHAN_OPT_LOANS)) {
		NL_SET_ERR_MSG(extack, "without loans there is nothing to revoke");
		return -EINVAL;
	}
	if (p->slow > IPCCHAN_SLOW_DISCONNECT ||
	    (p->slow && p->kind != IPCCHAN_KIND_BROADCAST)) {
		NL_SET_ERR_MSG(extack,
			       "not what to do about a slow subscriber of this kind");
		return -EINVAL;
	}
	p->spin_ns = ipcchan_spin_ns_of(p->spin_ns);
	if (p->spin_ns > IPCCHAN_SPIN_MAX_NS) {
		NL_SET_ERR_MSG(extack, "polling for too long");
		return -EINVAL;
	}
	if (p->mode & ~0777U) {
		NL_SET_ERR_MSG(extack, "the mode has more than permission bits");
		return -EINVAL;
	}
	if (!p->mode)
		p->mode = 0600;
	return ipcchan_buf_check(p, extack) ?: ipcchan_limits_check(p, extack);
}

/**
 * ipcchan_chan_cost() - what a channel costs its owner
 * @kind: enum ipcchan_kind
 * @limits: what it may hold
 * @buf_size: of its buffer, bytes
 * Context: any.
 * Return: the cost.
 */
struct ipcchan_cost ipcchan_chan_cost(u32 kind, const struct ipcchan_limits *limits,
				      u64 buf_size)
{
	struct ipcchan_cost cost = {
		.of[IPCCHAN_ITEM_CHANS] = 1,
		.of[IPCCHAN_ITEM_BUFS] = buf_size,
	};

	/* Those of a broadcast channel are its subscribers'. */
	if (kind != IPCCHAN_KIND_BROADCAST) {
		cost.of[IPCCHAN_ITEM_MSGS] = limits->nr;
		cost.of[IPCCHAN_ITEM_BYTES] = limits->bytes;
	}
	return cost;
}

/* What is allocated for it, and paid for. */
static int ipcchan_chan_equip(struct ipcchan_chan *chan, const struct ipcchan_params *p)
{
	u64 buf_size = PAGE_ALIGN(p->buf_size);
	struct ipcchan_account *account;
	struct ipcchan_arena *arena = NULL;
	struct ipcchan_limits limits;
	struct ipcchan_cost cost;
	struct ipcchan_buf *buf;
	int err;

	if (chan->kind == IPCCHAN_KIND_BROADCAST) {
		chan->broadcast = ipcchan_broadcast_create();
		if (!chan->broadcast)
			return -ENOMEM;
		chan->broadcast->chan = chan;
	}
	ipcchan_queue_limits(&chan->queue, &limits);
	cost = ipcchan_chan_cost(chan->kind, &limits, buf_size);
	account = ipcchan_account_charge(&cost);
	if (IS_ERR(account))
		return PTR_ERR(account);
	if (buf_size) {
		buf = ipcchan_buf_create(buf_size, p->buf_flags, p->buf_node);
		if (IS_ERR(buf)) {
			ipcchan_account_uncharge(account, &cost);
			return PTR_ERR(buf);
		}
		chan->buf = buf;
	}
	chan->account = account;
	err = buf_size ? ipcchan_lock_create(chan) : 0;
	if (err)
		return err;
	if (chan->options & IPCCHAN_OPT_LOANS) {
		arena = ipcchan_arena_create(chan->buf, chan->uid);
		if (IS_ERR(arena))
			return PTR_ERR(arena);
		chan->arena = arena;
	}
	return chan->options & IPCCHAN_OPT_REVOKE ? ipcchan_revoke_create(arena) : 0;
}

/**
 * ipcchan_chan_create() - make a channel that nobody can reach yet
 * @net: network namespace it will belong to
 * @p: checked
 *
 * It belongs to the caller, to whose account and memory cgroup it is charged.
 *
 * Context: process, may sleep.
 * Return: the channel, owned by the caller until the registry has it; ERR_PTR
 * of -EDQUOT, -ENOMEM, -ENOSPC or -EINTR.
 */
struct ipcchan_chan *ipcchan_chan_create(struct net *net,
					 const struct ipcchan_params *p)
{
	struct ipcchan_chan *chan;
	int err;

	chan = kmem_cache_zalloc(ipcchan_chan_cache, IPCCHAN_GFP_LARGE);
	if (!chan)
		return ERR_PTR(-ENOMEM);
	ipcchan_queue_init(&chan->queue, p->max_msgs, p->max_msg_size,
			   p->max_bytes);
	ipcchan_fullness_init(&chan->fullness);
	chan->net = net;
	current_euid_egid(&chan->uid, &chan->gid);
	chan->queue.owner = chan->uid;
	chan->queue.netns = net->ns.inum;
	chan->queue.spin_ns = p->spin_ns;
	chan->queue.sync_wake = p->options & IPCCHAN_OPT_SYNC_WAKE;
	chan->queue.special = p->spin_ns || chan->queue.sync_wake ? IPCCHAN_SPECIAL : 0;
	chan->kind = p->kind;
	chan->mode = p->mode;
	chan->options = p->options;
	chan->slow = p->slow;
	memcpy(chan->name, p->name, sizeof(chan->name));
	if (!*chan->name)
		chan->flags = IPCCHAN_CHAN_ANON;
	err = ipcchan_chan_equip(chan, p);
	if (err) {
		ipcchan_chan_destroy(chan);
		return ERR_PTR(err);
	}
	return chan;
}

/**
 * ipcchan_chan_destroy() - free a channel and all that is queued in it
 * @chan: in no registry, no endpoint attached
 * Context: process, may sleep.
 */
void ipcchan_chan_destroy(struct ipcchan_chan *chan)
{
	bool pins_module = chan->pins_module;
	struct ipcchan_limits limits;
	struct ipcchan_cost cost;

	ipcchan_queue_limits(&chan->queue, &limits);
	cost = ipcchan_chan_cost(chan->kind, &limits, chan->buf ? chan->buf->size : 0);
	ipcchan_queue_destroy(&chan->queue);
	ipcchan_broadcast_destroy(chan->broadcast);
	ipcchan_times_destroy(chan);
	if (chan->arena)
		ipcchan_arena_put(chan->arena);
	if (chan->account)
		ipcchan_account_uncharge(chan->account, &cost);
	ipcchan_buf_destroy(chan->buf);
	ipcchan_lock_destroy(chan);
	kmem_cache_free(ipcchan_chan_cache, chan);
	if (pins_module)
		module_put(THIS_MODULE);
}

/**
 * ipcchan_chan_hangup() - all senders or all receivers are gone, or one is back
 * @chan: channel
 * @gone: IPCCHAN_NO_*, from now on
 * Context: process, may sleep.
 */
void ipcchan_chan_hangup(struct ipcchan_chan *chan, u16 gone)
{
	if (chan->arena)
		ipcchan_arena_close(chan->arena, gone & IPCCHAN_NO_RECEIVERS);
	if (chan->broadcast)
		ipcchan_broadcast_hangup(chan->broadcast, gone);
	else if (chan->kind == IPCCHAN_KIND_RPC)
		ipcchan_rpc_hangup(&chan->queue, gone);
	else
		ipcchan_queue_hangup(&chan->queue, gone);
}

/* Owner, group, others, as for a file: RECV is reading, SEND is writing. */
static bool ipcchan_chan_allows(const struct ipcchan_chan *chan, u32 role)
{
	u32 want = 0, mode = chan->mode;

	if (role & IPCCHAN_ROLE_RECV)
		want |= 0004;
	if (role & IPCCHAN_ROLE_SEND)
		want |= 0002;
	if (uid_eq(current_euid(), chan->uid))
		mode >>= 6;
	else if (in_egroup_p(chan->gid))
		mode >>= 3;
	return !(want & ~mode) || ns_capable(chan->net->user_ns, CAP_IPC_OWNER);
}

/**
 * ipcchan_chan_permission() - may the caller take this role?
 * @chan: channel
 * @role: IPCCHAN_ROLE_*
 * @also: who else has to have the right, or NULL
 * Context: process.
 * Return: 0 or -EACCES.
 */
int ipcchan_chan_permission(const struct ipcchan_chan *chan, u32 role,
			    const struct cred *also)
{
	const struct cred *old;
	bool allows = ipcchan_chan_allows(chan, role);

	if (allows && also) {
		old = override_creds(also);
		allows = ipcchan_chan_allows(chan, role);
		revert_creds(old);
	}
	return allows ? 0 : -EACCES;
}
