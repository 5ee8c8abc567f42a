// SPDX-License-Identifier: GPL-2.0
/* Endpoints: how an open file comes to its channel. */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/nsproxy.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "device.h"
#include "endpoint.h"
#include "event.h"
#include "pool.h"
#include "queue_locked.h"
#include "registry.h"
#include "rpc.h"
#include "sub.h"

#define IPCCHAN_ROLES	(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)

/**
 * ipcchan_ep_create() - an endpoint in the caller's network namespace
 * Context: process, may sleep.
 * Return: the endpoint, not attached; ERR_PTR(-ENOMEM).
 */
struct ipcchan_ep *ipcchan_ep_create(void)
{
	struct ipcchan_ep *ep = kzalloc(sizeof(*ep), GFP_KERNEL_ACCOUNT);

	if (!ep)
		return ERR_PTR(-ENOMEM);
	if (ipcchan_sender_init(&ep->sender)) {
		kfree(ep);
		return ERR_PTR(-ENOMEM);
	}
	ipcchan_held_init(&ep->held);
	ipcchan_ears_init(&ep->ears);
	mutex_init(&ep->lock);
	ep->net = get_net(current->nsproxy->net_ns);
	return ep;
}

/* What a receiver has, by the kind of the channel. */
static int ipcchan_ep_equip(struct ipcchan_ep *ep, struct ipcchan_chan *chan, u32 role)
{
	ep->joined = chan;
	ep->recv = &chan->queue;
	if (!(role & IPCCHAN_ROLE_RECV))
		return 0;
	if (chan->kind == IPCCHAN_KIND_RPC) {
		ep->server = ipcchan_server_create(&chan->queue, ep);
		return ep->server ? 0 : -ENOMEM;
	}
	if (chan->kind == IPCCHAN_KIND_BROADCAST) {
		struct ipcchan_sub *sub = ipcchan_sub_create(chan, ep);

		if (IS_ERR(sub))
			return PTR_ERR(sub);
		ep->sub = sub;
		ep->recv = &sub->queue;
	}
	return 0;
}

/* All that it has of the channel is given back. */
static void ipcchan_ep_strip(struct ipcchan_ep *ep, struct ipcchan_chan *chan)
{
	ipcchan_held_destroy(&ep->held);
	ipcchan_pool_leave(ep);
	ipcchan_ears_clear(&ep->ears);
	if (ep->sub)
		ipcchan_sub_destroy(chan, ep->sub);
	ep->sub = NULL;
	ipcchan_server_destroy(ep->server, &chan->queue);
	ep->server = NULL;
}

static void ipcchan_ep_detach(struct ipcchan_ep *ep, struct ipcchan_chan *chan)
{
	trace_ipcchan_detach(chan, ep->role);
	ipcchan_registry_leave(chan, ep);
	ipcchan_ep_strip(ep, chan);
	/*
	 * When no dump has it any more: who begins to listen, and then dumps, would keep it.
	 * And when no sender has anything to tell of it.
	 */
	if (current->flags & PF_EXITING && current->exit_code & 0x7f)
		ipcchan_event_ep(ep, IPCCHAN_EVENT_PEER_DIED, 0);
	ipcchan_event_ep(ep, IPCCHAN_EVENT_DETACHED, 0);
	ipcchan_registry_detach(chan);
}

/**
 * ipcchan_ep_destroy() - give everything back
 * @ep: nobody uses it any more
 * Context: process, may sleep; the file pins the module.
 */
void ipcchan_ep_destroy(struct ipcchan_ep *ep)
{
	ipcchan_msg_free(ep->slot);
	if (ep->chan)
		ipcchan_ep_detach(ep, ep->chan);
	ipcchan_sender_destroy(&ep->sender);
	put_net(ep->net);
	mutex_destroy(&ep->lock);
	kfree(ep);
}

static u32 ipcchan_ep_roles_open(const struct file *file)
{
	u32 roles = 0;

	if (file->f_mode & FMODE_WRITE)
		roles |= IPCCHAN_ROLE_SEND;
	if (file->f_mode & FMODE_READ)
		roles |= IPCCHAN_ROLE_RECV;
	return roles;
}

static bool ipcchan_attach_creates(const struct ipcchan_attach *a)
{
	return a->flags & (IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_ANON);
}

/* How the channel is found: by name, by descriptor, or not at all. */
static int ipcchan_attach_check_flags(const struct ipcchan_attach *a)
{
	bool named = false;

	switch (a->flags) {
	case 0:
	case IPCCHAN_ATTACH_CREATE:
	case IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL:
		named = true;
		break;
	case IPCCHAN_ATTACH_ANON:
	case IPCCHAN_ATTACH_FD:
		break;
	default:
		return -EINVAL;
	}
	if (!(a->flags & IPCCHAN_ATTACH_FD) && a->fd)
		return -EINVAL;
	if (!named)
		return memchr_inv(a->name, 0, sizeof(a->name)) ? -EINVAL : 0;
	if (strnlen(a->name, sizeof(a->name)) == sizeof(a->name))
		return -ENAMETOOLONG;
	return ipcchan_name_check(a->name, NULL);
}

static int ipcchan_attach_check(const struct ipcchan_attach *a,
				struct ipcchan_params *p)
{
	int err;

	if (a->reserved || !a->role || a->role & ~IPCCHAN_ROLES)
		return -EINVAL;
	err = ipcchan_attach_check_flags(a);
	if (err)
		return err;
	if (!ipcchan_attach_creates(a) &&
	    (a->kind || a->mode || a->max_msgs || a->max_msg_size ||
	     a->max_bytes || a->buf_size || a->options || a->slow ||
	     a->spin_ns || a->buf_flags || a->buf_node))
		return -EINVAL;

	p->kind = a->kind;
	p->mode = a->mode;
	p->max_msgs = a->max_msgs;
	p->max_msg_size = a->max_msg_size;
	p->max_bytes = a->max_bytes;
	p->buf_size = a->buf_size;
	p->options = a->options;
	p->slow = a->slow;
	p->spin_ns = a->spin_ns;
	p->buf_flags = a->buf_flags;
	p->buf_node = a->buf_node;
	strscpy_pad(p->name, a->name, sizeof(p->name));
	return ipcchan_params_check(p, NULL);
}

static struct ipcchan_chan *ipcchan_ep_attach_fd(int fd, u32 role)
{
	struct ipcchan_chan *chan = NULL;
	struct file *file = fget(fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (ipcchan_is_endpoint(file))
		chan = ipcchan_ep_chan(file->private_data);
	if (chan)
		chan = ipcchan_registry_attach_same(chan, role);
	fput(file);
	return chan ?: ERR_PTR(-EBADF);
}

/* Between the look and the creation others may create it, or remove it. */
static struct ipcchan_chan *ipcchan_ep_attach_name(struct ipcchan_ep *ep,
						   const struct ipcchan_params *p,
						   u32 flags, u32 role,
						   const struct cred *also, bool *created)
{
	struct ipcchan_chan *chan;

	do {
		if (!(flags & IPCCHAN_ATTACH_EXCL)) {
			chan = ipcchan_registry_attach(ep->net, p->name, role, also);
			if (chan != ERR_PTR(-ENOENT) ||
			    !(flags & IPCCHAN_ATTACH_CREATE))
				return chan;
		}
		chan = ipcchan_registry_attach_new(ep->net, p);
		*created = !IS_ERR(chan);
	} while (chan == ERR_PTR(-EEXIST) && !(flags & IPCCHAN_ATTACH_EXCL) &&
		 !fatal_signal_pending(current));
	return chan;
}

static int ipcchan_ep_attach_locked(struct ipcchan_ep *ep,
				    const struct ipcchan_attach *a,
				    const struct ipcchan_params *p,
				    const struct cred *also)
{
	struct ipcchan_chan *chan;
	bool created = false;
	int err;

	lockdep_assert_held(&ep->lock);
	if (ep->chan)
		return -EISCONN;
	if (a->flags & IPCCHAN_ATTACH_FD)
		chan = ipcchan_ep_attach_fd(a->fd, a->role);
	else if (a->flags & IPCCHAN_ATTACH_ANON)
		chan = ipcchan_registry_attach_new(ep->net, p);
	else
		chan = ipcchan_ep_attach_name(ep, p, a->flags, a->role, also, &created);
	if (IS_ERR(chan))
		return PTR_ERR(chan);

	ep->role = a->role;
	err = ipcchan_ep_equip(ep, chan, a->role) ?: ipcchan_registry_join(chan, ep);
	if (err) {
		ipcchan_ep_strip(ep, chan);
		/* Who has found it meanwhile goes on using it, without its name. */
		if (created)
			ipcchan_registry_unlink(ep->net, NULL, chan->id, NULL);
		ipcchan_registry_detach(chan);
		return err;
	}
	trace_ipcchan_attach(chan, a->role);
	ipcchan_event_ep(ep, IPCCHAN_EVENT_ATTACHED, 0);
	/* Pairs with ipcchan_ep_chan(): who sees the channel sees the rest. */
	smp_store_release(&ep->chan, chan);
	return 0;
}

static int ipcchan_ep_attach_as(struct file *file, struct ipcchan_attach *a,
				const struct cred *also)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_params p;
	int err;

	err = ipcchan_attach_check(a, &p);
	if (err)
		return err;
	if (a->role & ~ipcchan_ep_roles_open(file))
		return -EBADF;

	/* A signal is no reason for poll() to say that something is wrong. */
	if (mutex_lock_killable(&ep->lock))
		return -EINTR;
	err = ipcchan_ep_attach_locked(ep, a, &p, also);
	if (!err)
		a->id = ep->chan->id;
	mutex_unlock(&ep->lock);
	return err;
}

/**
 * ipcchan_ep_attach() - IPCCHAN_IOC_ATTACH
 * @file: of the endpoint
 * @a: in and out, a private copy of what user space wants
 * Context: process, may sleep.
 * Return: 0, or as struct ipcchan_attach says.
 */
int ipcchan_ep_attach(struct file *file, struct ipcchan_attach *a)
{
	return ipcchan_ep_attach_as(file, a, NULL);
}

/**
 * ipcchan_ep_attach_default() - attach to IPCCHAN_DEFAULT_NAME, if not attached
 * @file: of the endpoint
 *
 * In the roles that the file is open for.  Who may open the device may use it: its mode is
 * 0666.  A program that was given the file as its input or output has not asked for it: it
 * is who opened the file that creates it, and is charged for it, and may do no more there
 * than before.  Only the memory cgroup is the caller's.
 *
 * Context: process, may sleep.
 * Return: 0, also when another thread has attached it; negative errno.
 */
int ipcchan_ep_attach_default(struct file *file)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE,
		.role = ipcchan_ep_roles_open(file),
		.mode = 0666,
		.name = IPCCHAN_DEFAULT_NAME,
	};
	const struct cred *user = override_creds(file->f_cred);
	int err = ipcchan_ep_attach_as(file, &a, user);

	revert_creds(user);
	return err == -EISCONN ? 0 : err;
}

/**
 * ipcchan_ep_filter() - IPCCHAN_IOC_FILTER
 * @ep: endpoint
 * @f: a private copy of what user space wants
 * Context: process, may sleep.
 * Return: 0, or as struct ipcchan_filter says.
 */
int ipcchan_ep_filter(struct ipcchan_ep *ep, const struct ipcchan_filter *f)
{
	struct ipcchan_chan *chan = ipcchan_ep_chan(ep);
	struct ipcchan_match match = {
		.by_type = f->flags & IPCCHAN_FILTER_TYPE,
		.min_prio = f->min_prio,
		.type = f->type,
	};
	int err;

	if (f->flags & ~IPCCHAN_FILTER_TYPE || f->min_prio > IPCCHAN_PRIO_MAX ||
	    (f->type && !match.by_type))
		return -EINVAL;
	if (!chan)
		return -ENOTCONN;
	if (!(ep->role & IPCCHAN_ROLE_RECV))
		return -EBADF;
	/* Before it is there to be seen. */
	if (!ipcchan_match_all(match))
		ipcchan_queue_specialise(ep->recv);
	mutex_lock(&ep->lock);
	err = ipcchan_registry_filter(chan, ep, match);
	if (err) {
		mutex_unlock(&ep->lock);
		return err;
	}
	WRITE_ONCE(ep->low.msgs, f->low_msgs);
	WRITE_ONCE(ep->low.bytes, f->low_bytes);
	if (ep->sub)
		ipcchan_sub_filter(chan, ep->sub, match);
	mutex_unlock(&ep->lock);
	/* What waits may be enough now. */
	ipcchan_queue_notify(ep->recv, true, false);
	return 0;
}
