// SPDX-License-Identifier: GPL-2.0
/*
 * The server's side of a call: a request is received as a message is, and its reply goes
 * straight to the client that sleeps on it.
 */

#include <linux/err.h>
#include <linux/ipcchan_netlink.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "rpc_locked.h"

/**
 * ipcchan_server_create() - no calls yet
 * @q: the channel's queue
 * @ep: whose it is
 * Context: process, may sleep.
 * Return: owned by the endpoint; NULL without memory.
 */
struct ipcchan_server *ipcchan_server_create(struct ipcchan_queue *q,
					     const struct ipcchan_ep *ep)
{
	struct ipcchan_server *server = kzalloc(sizeof(*server), GFP_KERNEL_ACCOUNT);

	if (!server)
		return NULL;
	server->ep = ep;
	spin_lock(&q->lock);
	hlist_add_head(&server->node, &q->servers);
	spin_unlock(&q->lock);
	return server;
}

/**
 * ipcchan_server_destroy() - fail the calls that will have no reply
 * @server: nobody uses it any more; may be NULL
 * @q: the channel's queue
 * Context: process, may sleep.
 */
void ipcchan_server_destroy(struct ipcchan_server *server, struct ipcchan_queue *q)
{
	struct ipcchan_call_waiter *call;
	struct ipcchan_owed owed = {};
	struct hlist_node *next;
	unsigned int i;

	if (!server)
		return;
	spin_lock(&q->lock);
	hlist_del(&server->node);
	for (i = 0; i < ARRAY_SIZE(server->calls); i++) {
		hlist_for_each_entry_safe(call, next, &server->calls[i], node)
			ipcchan_call_complete_locked(q, call, NULL, -EOWNERDEAD,
						     &owed);
	}
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, true);
	kfree(server);
}

/**
 * ipcchan_server_owes() - how many calls a server has taken and not replied to
 * @server: of an endpoint
 * @q: the channel's queue
 * Context: process.
 * Return: how many, at most IPCCHAN_WAITING_MAX are counted.
 */
u32 ipcchan_server_owes(struct ipcchan_server *server, struct ipcchan_queue *q)
{
	const struct ipcchan_call_waiter *call;
	unsigned int i;
	u32 nr = 0;

	spin_lock(&q->lock);
	for (i = 0; i < ARRAY_SIZE(server->calls); i++) {
		hlist_for_each_entry(call, &server->calls[i], node) {
			if (nr == IPCCHAN_WAITING_MAX)
				break;
			nr++;
		}
	}
	spin_unlock(&q->lock);
	return nr;
}

static struct ipcchan_call_waiter *
ipcchan_server_find_locked(struct ipcchan_server *server, u64 id)
{
	struct ipcchan_call_waiter *call;

	hlist_for_each_entry(call, ipcchan_server_calls(server, id), node) {
		if (call->id == id)
			return call;
	}
	return NULL;
}

static __always_inline int ipcchan_reply_locked(struct ipcchan_queue *q,
						struct ipcchan_server *server,
						const struct ipcchan_reply *reply,
						struct ipcchan_owed *owed)
{
	struct ipcchan_call_waiter *call;

	call = ipcchan_server_find_locked(server, reply->id);
	if (unlikely(!call))
		return reply->id && reply->id <= server->last_id ? -ECANCELED :
								   -ENOENT;
	if (unlikely(reply->msg && reply->msg->len > call->w.room))
		return -EMSGSIZE;
	ipcchan_call_complete_locked(q, call, reply->msg, reply->error, owed);
	return 0;
}

/**
 * ipcchan_rpc_reply() - answer a call
 * @q: queue of the channel
 * @server: that has taken it
 * @reply: whose message is the client's on success, else still the caller's
 * Context: process.
 * Return: 0; -ENOENT, -ECANCELED, -EMSGSIZE.
 */
int ipcchan_rpc_reply(struct ipcchan_queue *q, struct ipcchan_server *server,
		      const struct ipcchan_reply *reply)
{
	struct ipcchan_owed owed = {};
	int err;

	spin_lock(&q->lock);
	err = ipcchan_reply_locked(q, server, reply, &owed);
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, true);
	return err;
}

/**
 * ipcchan_rpc_putback() - a request that was taken is for the next server
 * @q: queue of the channel
 * @server: that has taken it
 * @request: not the caller's any more
 * Context: process.
 */
void ipcchan_rpc_putback(struct ipcchan_queue *q, struct ipcchan_server *server,
			 struct ipcchan_msg *request)
{
	struct ipcchan_call_waiter *call;
	struct ipcchan_owed owed = {};
	struct ipcchan_waiter *w;

	spin_lock(&q->lock);
	call = ipcchan_server_find_locked(server, request->id);
	if (!call) {
		/* Its client has given up. */
		trace_ipcchan_drop(q, request);
		spin_unlock(&q->lock);
		ipcchan_msg_free(request);
		return;
	}
	hlist_del_init(&call->node);
	request->call = call;
	request->flags |= IPCCHAN_HAS_CALL;
	call->request = request;
	q->stats.received--;
	q->stats.received_bytes -= request->len;
	w = ipcchan_queue_receiver_locked(q, request, &owed, true);
	if (w) {
		w->room = ipcchan_server_bind_locked(w->server, request);
		ipcchan_queue_give_locked(q, w, request, &owed, true);
	} else {
		ipcchan_queue_requeue_locked(q, request, &owed);
	}
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, true);
}

/* Return: the request, NULL at end of file, or an ERR_PTR. */
static noinline struct ipcchan_msg *
ipcchan_rpc_wait(struct ipcchan_queue *q, struct ipcchan_server *server,
		 const struct ipcchan_want *want, struct ipcchan_owed owed,
		 size_t *room)
	__releases(&q->lock)
{
	struct ipcchan_waiter w __uninitialized;
	int err;

	w.match = want->match;
	w.server = server;
	ipcchan_waiter_add(&w, &q->receivers, NULL, want->room);
	trace_ipcchan_wait(q, IPCCHAN_WAIT_MESSAGE);
	q->stats.recv_waits++;
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, true);
	ipcchan_waiter_linger(&w, q, &q->send_side, want->until);
	err = ipcchan_waiter_sleep(&w, q, want->until, false);
	if (unlikely(err))
		return ERR_PTR(err);
	if (unlikely(w.msg && fatal_signal_pending(current))) {
		ipcchan_rpc_putback(q, server, w.msg);
		return ERR_PTR(-EINTR);
	}
	if (w.msg) {
		trace_ipcchan_dequeue(q, w.msg);
		ipcchan_times_end(q, w.msg);
	}
	*room = w.room;
	return w.msg;
}

/* What ipcchan_rpc_serve() does once it owes nothing but what is in @owed. */
static __always_inline struct ipcchan_msg *
ipcchan_rpc_next_locked(struct ipcchan_queue *q, struct ipcchan_server *server,
			const struct ipcchan_want *want, struct ipcchan_owed owed,
			size_t *room)
	__releases(&q->lock)
{
	struct ipcchan_waiter *w = NULL;
	struct ipcchan_msg *msg;

	msg = ipcchan_queue_find_locked(q, want->match);
	if (unlikely(!msg && !ipcchan_match_all(want->match))) {
		w = ipcchan_queue_waiting_locked(q, want->match);
		msg = w ? w->msg : NULL;
	}
	if (likely(!msg)) {
		if (likely(want->until != IPCCHAN_NO_WAIT &&
			   !(q->hangup & IPCCHAN_NO_SENDERS)))
			return ipcchan_rpc_wait(q, server, want, owed, room);
		if (!(q->hangup & IPCCHAN_NO_SENDERS))
			msg = ERR_PTR(-EAGAIN);
	} else if (msg->len > want->room) {
		msg = ERR_PTR(-EMSGSIZE);
	} else {
		*room = ipcchan_server_bind_locked(server, msg);
		if (w)
			ipcchan_queue_take_waiting_locked(q, w, &owed);
		if (w || ipcchan_queue_take_locked(q, msg, true)) {
			ipcchan_queue_made_room_owing(q, &owed);
			return msg;
		}
	}
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, true);
	return msg;
}

/**
 * ipcchan_rpc_serve() - take the next request, and answer one before
 * @q: queue of the channel
 * @server: of the caller
 * @reply: as for ipcchan_rpc_reply(), or NULL
 * @replied: out, whether that was done
 * @want: which request, and how long to wait for it
 * @room: out, bytes of reply that the client takes
 *
 * In one step, so that the client finds its server waiting for its next call.
 *
 * Context: process, may sleep.
 * Return: the request, the caller's; NULL at end of file; ERR_PTR as
 * ipcchan_queue_recv(), or if not @replied as ipcchan_rpc_reply().
 */
struct ipcchan_msg *ipcchan_rpc_serve(struct ipcchan_queue *q,
				      struct ipcchan_server *server,
				      const struct ipcchan_reply *reply,
				      bool *replied,
				      const struct ipcchan_want *want,
				      size_t *room)
{
	struct ipcchan_owed owed = {};
	int err;

	spin_lock(&q->lock);
	ipcchan_queue_seen_locked(q, &q->recv_side);
	if (likely(reply)) {
		err = ipcchan_reply_locked(q, server, reply, &owed);
		if (unlikely(err)) {
			spin_unlock(&q->lock);
			return ERR_PTR(err);
		}
		*replied = true;
	}
	return ipcchan_rpc_next_locked(q, server, want, owed, room);
}
