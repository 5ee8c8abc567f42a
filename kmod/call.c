// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_IOC_CALL and IPCCHAN_IOC_SERVE: one system call a side a round trip. */

#include <linux/fs.h>
#include <linux/uaccess.h>

#include "call.h"
#include "fds.h"
#include "hdr.h"
#include "rpc.h"
#include "transfer.h"

/* A message of this endpoint with this header.  Return: the message, or an ERR_PTR. */
static __always_inline struct ipcchan_msg *
ipcchan_call_build(struct ipcchan_ep *ep, const struct ipcchan_hdr *h)
{
	struct ipcchan_queue *q = &ep->chan->queue;
	struct ipcchan_label label = {
		.prio = h->prio, .type = h->type, .cookie = h->cookie,
	};
	struct ipcchan_msg *msg;
	int err;

	if (unlikely(!h->u.len))
		return ERR_PTR(-EINVAL);
	if (unlikely(h->u.len > READ_ONCE(q->max_len)))
		return ERR_PTR(-EMSGSIZE);
	if (unlikely(h->nr_fds)) {
		label.fds = ipcchan_fds_create(h->fds, h->nr_fds);
		if (IS_ERR(label.fds))
			return ERR_CAST(label.fds);
	}
	/* There is no pool to wait for. */
	msg = ipcchan_transfer_slot(ep, q, h->u.len, IPCCHAN_NO_WAIT);
	err = PTR_ERR_OR_ZERO(msg);
	if (likely(!err)) {
		err = ipcchan_transfer_fill(ep, msg, &h->u, &label);
		if (likely(!err))
			return msg;
		ipcchan_ep_keep(ep, msg);
	}
	if (label.fds)
		ipcchan_fds_put(label.fds);
	return ERR_PTR(err);
}

/* The parts of struct ipcchan_call that are read. */
struct ipcchan_call_arg {
	u32 flags;
	s64 timeout_ns;
	ktime_t until;
	struct ipcchan_hdr request;
	struct ipcchan_room reply;
};

static __always_inline int ipcchan_call_get(struct ipcchan_call_arg *c,
					    const struct ipcchan_call __user *arg)
{
	u32 reserved;

	if (unlikely(!user_read_access_begin(arg, sizeof(*arg))))
		return -EFAULT;
	unsafe_get_user(c->flags, &arg->flags, fault);
	unsafe_get_user(reserved, &arg->reserved, fault);
	unsafe_get_user(c->timeout_ns, &arg->timeout_ns, fault);
	if (!ipcchan_hdr_unsafe_get(&c->request, &arg->request) ||
	    !ipcchan_room_unsafe_get(&c->reply, &arg->reply))
		goto fault;
	user_read_access_end();
	if (unlikely(c->flags & ~IPCCHAN_XFER_ABSTIME || reserved ||
		     !ipcchan_hdr_good(&c->request, 0) || !ipcchan_room_good(&c->reply)))
		return -EINVAL;
	return ipcchan_hdr_until(c->timeout_ns, c->flags, &c->until);
fault:
	user_read_access_end();
	return -EFAULT;
}

/**
 * ipcchan_call() - IPCCHAN_IOC_CALL
 * @file: of an attached endpoint
 * @arg: user pointer to struct ipcchan_call
 * Context: process, may sleep.
 * Return: 0, or as struct ipcchan_call says.
 */
long ipcchan_call(struct file *file, void __user *arg)
{
	struct ipcchan_call __user *to = arg;
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_queue *q = &ep->chan->queue;
	struct ipcchan_names names __uninitialized;
	struct ipcchan_call_arg c __uninitialized;
	struct ipcchan_msg *msg;
	int err;

	if (ep->chan->kind != IPCCHAN_KIND_RPC)
		return -EOPNOTSUPP;
	if (!(ep->role & IPCCHAN_ROLE_SEND))
		return -EBADF;
	err = ipcchan_call_get(&c, arg);
	if (err)
		return err;
	msg = ipcchan_call_build(ep, &c.request);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	if (unlikely(msg->prio || !uid_eq(ipcchan_msg_uid(msg), READ_ONCE(q->owner)))) {
		err = ipcchan_transfer_prepare(q, msg);
		if (err) {
			ipcchan_ep_keep(ep, msg);
			return err;
		}
	}
	msg = ipcchan_rpc_call(q, msg, c.reply.len, c.until);
	if (IS_ERR(msg))
		return ipcchan_hdr_restart(PTR_ERR(msg), c.timeout_ns, c.flags);
	ipcchan_names_fill(&names, msg->ident);
	err = ipcchan_hdr_deliver(&c.reply, msg, &names, &to->reply);
	ipcchan_ep_keep(ep, msg);
	return err;
}

/* The parts of struct ipcchan_serve that are read. */
struct ipcchan_serve_arg {
	u32 flags;
	u32 error;
	u64 call;
	s64 timeout_ns;
	ktime_t until;
	struct ipcchan_hdr reply;
	struct ipcchan_room request;
};

/* What means something else to the way out of a system call stays in the kernel. */
static bool ipcchan_serve_may_say(u32 error)
{
	return error < ERESTARTSYS ||
	       (error > ERESTART_RESTARTBLOCK && error <= MAX_ERRNO);
}

/* What is not asked for is read, too, and not looked at. */
static __always_inline int ipcchan_serve_get(struct ipcchan_serve_arg *s,
					     const struct ipcchan_serve __user *arg)
{
	if (unlikely(!user_read_access_begin(arg, sizeof(*arg))))
		return -EFAULT;
	unsafe_get_user(s->flags, &arg->flags, fault);
	unsafe_get_user(s->error, &arg->error, fault);
	unsafe_get_user(s->call, &arg->call, fault);
	unsafe_get_user(s->timeout_ns, &arg->timeout_ns, fault);
	if (!ipcchan_hdr_unsafe_get(&s->reply, &arg->reply) ||
	    !ipcchan_room_unsafe_get(&s->request, &arg->request))
		goto fault;
	user_read_access_end();
	if (unlikely(s->flags & ~(IPCCHAN_SERVE_NONBLOCK | IPCCHAN_SERVE_ABSTIME |
				  IPCCHAN_SERVE_REPLY | IPCCHAN_SERVE_NEXT) ||
		     !(s->flags & (IPCCHAN_SERVE_REPLY | IPCCHAN_SERVE_NEXT)) ||
		     !ipcchan_serve_may_say(s->error)))
		return -EINVAL;
	if (s->flags & IPCCHAN_SERVE_REPLY && !s->error && !ipcchan_hdr_good(&s->reply, 0))
		return -EINVAL;
	if (s->flags & IPCCHAN_SERVE_NEXT && !ipcchan_room_good(&s->request))
		return -EINVAL;
	return ipcchan_hdr_until(s->timeout_ns, s->flags, &s->until);
fault:
	user_read_access_end();
	return -EFAULT;
}

/* The call's id and what goes with it.  Return: whether they could be written. */
static __always_inline bool ipcchan_serve_put(struct ipcchan_serve __user *to, u64 id,
					      u32 room, bool replied)
{
	if (unlikely(!user_write_access_begin(to, sizeof(*to))))
		return false;
	unsafe_put_user(id, &to->call, fault);
	unsafe_put_user(room, &to->room, fault);
	if (replied)
		unsafe_put_user(1, &to->replied, fault);
	user_write_access_end();
	return true;
fault:
	user_write_access_end();
	return false;
}

/* Give a request to the server's user. */
static __always_inline int ipcchan_serve_deliver(struct ipcchan_ep *ep,
						 const struct ipcchan_serve_arg *s,
						 struct ipcchan_msg *msg, size_t room,
						 bool replied,
						 struct ipcchan_serve __user *to)
{
	struct ipcchan_names names __uninitialized;
	int err = -EFAULT;

	ipcchan_names_fill(&names, msg->ident);
	if (likely(ipcchan_serve_put(to, msg->id, room, replied)))
		err = ipcchan_hdr_deliver(&s->request, msg, &names, &to->request);
	if (unlikely(err)) {
		ipcchan_rpc_putback(&ep->chan->queue, ep->server, msg);
		return err;
	}
	ipcchan_ep_keep(ep, msg);
	return 1;
}

static struct ipcchan_msg *ipcchan_serve_one(struct ipcchan_ep *ep,
					     const struct ipcchan_serve_arg *s,
					     const struct ipcchan_reply *reply,
					     bool *replied, size_t *room)
{
	struct ipcchan_want want = {
		.room = s->request.len,
		.match = READ_ONCE(ep->match),
		.until = s->until,
	};
	struct ipcchan_queue *q = &ep->chan->queue;
	int err;

	if (s->flags & IPCCHAN_SERVE_NEXT)
		return ipcchan_rpc_serve(q, ep->server, reply, replied, &want, room);
	err = ipcchan_rpc_reply(q, ep->server, reply);
	*replied = !err;
	return err ? ERR_PTR(err) : NULL;
}

/* The request stays where it is; its length is told, if there is somebody to tell. */
static void ipcchan_serve_tell_len(struct ipcchan_ep *ep, struct ipcchan_serve __user *to)
{
	u32 len = ipcchan_queue_next_len(ep->recv, READ_ONCE(ep->match));

	if (len && put_user(len, &to->request.len))
		return;
}

/*
 * Refused before the reply could be given: the caller may have said 1 the last time.
 * Return: @err.
 */
static noinline long ipcchan_serve_refuse(long err, struct ipcchan_serve __user *to)
{
	u32 flags;

	if (!get_user(flags, &to->flags) && flags & IPCCHAN_SERVE_REPLY &&
	    put_user(0, &to->replied))
		return -EFAULT;
	return err;
}

/* Return: the outcome of the call, where there is no request to be delivered. */
static long ipcchan_serve_end(struct ipcchan_ep *ep, const struct ipcchan_serve_arg *s,
			      long err, bool replied, struct ipcchan_serve __user *to)
{
	bool replies = s->flags & IPCCHAN_SERVE_REPLY;

	/* A reply that nobody waits for is no more to be given. */
	replied |= replies && err == -ECANCELED;
	if (replies && put_user((u32)replied, &to->replied))
		return -EFAULT;
	/* Nothing begins it anew. */
	if (replied && err == -ERESTARTSYS)
		return -EINTR;
	if (err == -EMSGSIZE && replied == replies)
		ipcchan_serve_tell_len(ep, to);
	return ipcchan_hdr_restart(err, s->timeout_ns, s->flags);
}

/**
 * ipcchan_serve() - IPCCHAN_IOC_SERVE
 * @file: of an attached endpoint
 * @arg: user pointer to struct ipcchan_serve
 * Context: process, may sleep.
 * Return: 1 with a request, 0 at end of file or without NEXT, or as struct
 * ipcchan_serve says.
 */
long ipcchan_serve(struct file *file, void __user *arg)
{
	struct ipcchan_serve __user *to = arg;
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_reply reply = {};
	struct ipcchan_serve_arg s __uninitialized;
	struct ipcchan_msg *msg;
	bool replies, replied = false;
	size_t room = 0;
	long err;

	if (ep->chan->kind != IPCCHAN_KIND_RPC)
		return ipcchan_serve_refuse(-EOPNOTSUPP, to);
	if (!(ep->role & IPCCHAN_ROLE_RECV))
		return ipcchan_serve_refuse(-EBADF, to);
	err = ipcchan_serve_get(&s, to);
	if (err)
		return ipcchan_serve_refuse(err, to);
	if (file->f_flags & O_NONBLOCK)
		s.until = IPCCHAN_NO_WAIT;
	replies = s.flags & IPCCHAN_SERVE_REPLY;
	if (replies) {
		reply = (struct ipcchan_reply) { .id = s.call, .error = -s.error };
		if (!s.error) {
			reply.msg = ipcchan_call_build(ep, &s.reply);
			if (IS_ERR(reply.msg))
				return ipcchan_serve_refuse(PTR_ERR(reply.msg), to);
		}
	}
	msg = ipcchan_serve_one(ep, &s, replies ? &reply : NULL, &replied, &room);
	if (unlikely(reply.msg && !replied))
		ipcchan_ep_keep(ep, reply.msg);
	if (IS_ERR_OR_NULL(msg))
		return ipcchan_serve_end(ep, &s, PTR_ERR(msg), replied, to);
	err = ipcchan_serve_deliver(ep, &s, msg, room, replied, to);
	return likely(err > 0) ? err : ipcchan_serve_end(ep, &s, err, replied, to);
}
