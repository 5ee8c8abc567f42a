// SPDX-License-Identifier: GPL-2.0
/* The client's side of a call: its request is queued as a message is. */

#include <linux/err.h>
#include <linux/sched/signal.h>

#include "queue_locked.h"
#include "rpc_locked.h"

/**
 * ipcchan_rpc_hangup() - all clients or all servers are gone, or one is back
 * @q: the channel's queue
 * @gone: IPCCHAN_NO_*, from now on
 *
 * A request that no server has taken fails at once.
 *
 * Context: process.
 */
void ipcchan_rpc_hangup(struct ipcchan_queue *q, u16 gone)
{
	struct ipcchan_slots dropped = {};
	struct ipcchan_msg *msg, *next;
	struct ipcchan_owed owed = {};

	ipcchan_queue_hangup(q, gone);
	if (!(gone & IPCCHAN_NO_RECEIVERS))
		return;
	spin_lock(&q->lock);
	list_for_each_entry_safe(msg, next, &q->msgs, node) {
		ipcchan_call_complete_locked(q, msg->call, NULL, -EPIPE, &owed);
		msg->flags &= ~IPCCHAN_HAS_CALL;
		ipcchan_queue_unlink_locked(q, msg, true);
		trace_ipcchan_drop(q, msg);
		ipcchan_slots_push(&dropped, msg);
	}
	ipcchan_queue_made_room_owing(q, &owed);
	while ((msg = ipcchan_slots_pop(&dropped)))
		ipcchan_msg_free(msg);
}

/*
 * The client gives up.  A request that is still queued will never be seen; one that a
 * server has taken is none of its client's any more.
 */
static noinline int ipcchan_call_cancel(struct ipcchan_queue *q,
					struct ipcchan_call_waiter *call, int why)
{
	struct ipcchan_msg *request;

	spin_lock(&q->lock);
	if (call->w.result != -EINPROGRESS) {
		spin_unlock(&q->lock);
		return call->error;
	}
	request = call->request;
	if (!request) {
		hlist_del(&call->node);
		spin_unlock(&q->lock);
		/* It may have been carried out: nothing begins it anew. */
		return why == -ERESTARTSYS ? -EINTR : why;
	}
	request->flags &= ~IPCCHAN_HAS_CALL;
	ipcchan_queue_unlink_locked(q, request, true);
	trace_ipcchan_drop(q, request);
	ipcchan_queue_made_room(q);
	ipcchan_msg_free(request);
	return why;
}

/* Return: 0, or why @request is the caller's still. */
static int ipcchan_call_send(struct ipcchan_queue *q,
			     struct ipcchan_call_waiter *call, ktime_t until)
{
	struct ipcchan_msg *request = call->request;
	struct ipcchan_owed owed = {};
	struct ipcchan_waiter *w;

	spin_lock(&q->lock);
	ipcchan_queue_seen_locked(q, &q->send_side);
	w = ipcchan_queue_receiver_locked(q, request, &owed, true);
	if (likely(w)) {
		w->room = ipcchan_server_bind_locked(w->server, request);
		ipcchan_queue_give_locked(q, w, request, &owed, true);
	} else if (unlikely(q->hangup & IPCCHAN_NO_RECEIVERS)) {
		spin_unlock(&q->lock);
		ipcchan_queue_settle(q, &owed, true);
		return -EPIPE;
	} else if (likely(ipcchan_queue_first_locked(q, request, true) &&
			  ipcchan_queue_allows_locked(q, request, true))) {
		ipcchan_queue_link_locked(q, request, &owed, true);
	} else {
		return ipcchan_queue_wait_room(q, request, until, owed.wake);
	}
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, true);
	return 0;
}

/**
 * ipcchan_rpc_call() - send a request, wait for its reply
 * @q: queue of the channel
 * @request: gone whatever comes of it
 * @room: longest reply that the caller can take, bytes
 * @until: how long to wait
 *
 * Context: process, may sleep.
 * Return: the reply, the caller's; ERR_PTR of -EPIPE, -ERESTARTSYS, -ETIMEDOUT;
 * -EOWNERDEAD (the server is gone), -EINTR; the server's error.
 */
struct ipcchan_msg *ipcchan_rpc_call(struct ipcchan_queue *q,
				     struct ipcchan_msg *request, size_t room,
				     ktime_t until)
{
	struct ipcchan_call_waiter call __uninitialized;
	int err;

	INIT_HLIST_NODE(&call.node);
	call.w.task = current;
	call.w.room = room;
	call.w.result = -EINPROGRESS;
	call.request = request;
	request->call = &call;
	request->flags |= IPCCHAN_HAS_CALL;
	err = ipcchan_call_send(q, &call, until);
	if (unlikely(err)) {
		request->flags &= ~IPCCHAN_HAS_CALL;
		ipcchan_share_end(q, request);
		ipcchan_msg_free(request);
		return ERR_PTR(err);
	}
	trace_ipcchan_wait(q, IPCCHAN_WAIT_REPLY);
	ipcchan_waiter_linger(&call.w, q, &q->recv_side, until);
	err = ipcchan_waiter_wait(&call.w, until, false);
	if (unlikely(err))
		err = ipcchan_call_cancel(q, &call, err);
	else
		err = call.error;
	if (unlikely(err))
		return ERR_PTR(err);
	trace_ipcchan_dequeue(q, call.w.msg);
	ipcchan_times_end(q, call.w.msg);
	return call.w.msg;
}
