/* SPDX-License-Identifier: GPL-2.0 */
/* What rpc.c and server.c do under the queue's lock. */
#ifndef _IPCCHAN_RPC_LOCKED_H
#define _IPCCHAN_RPC_LOCKED_H

#include <linux/hash.h>

#include "queue_locked.h"
#include "rpc.h"

static inline struct hlist_head *ipcchan_server_calls(struct ipcchan_server *server,
						      u64 id)
{
	return &server->calls[hash_64(id, IPCCHAN_SERVER_BITS)];
}

/*
 * @request is on its way to @server, who owes a reply from now on.  Return: bytes of
 * reply that the client takes.
 */
static __always_inline size_t
ipcchan_server_bind_locked(struct ipcchan_server *server,
			   struct ipcchan_msg *request)
{
	struct ipcchan_call_waiter *call = request->call;
	u64 id = ++server->last_id;

	call->id = id;
	call->request = NULL;
	hlist_add_head(&call->node, ipcchan_server_calls(server, id));
	request->flags &= ~IPCCHAN_HAS_CALL;
	request->id = id;
	return call->w.room;
}

static __always_inline void
ipcchan_call_complete_locked(struct ipcchan_queue *q,
			     struct ipcchan_call_waiter *call,
			     struct ipcchan_msg *reply, int error,
			     struct ipcchan_owed *owed)
{
	hlist_del_init(&call->node);
	call->w.msg = reply;
	call->error = error;
	if (reply) {
		trace_ipcchan_handover(q, reply, call->w.task);
		ipcchan_times_begin(q, reply);
	}
	trace_ipcchan_wake(q, call->w.task, error);
	if (unlikely(owed->wake))
		ipcchan_task_wake(owed->wake);
	owed->wake = ipcchan_waiter_tell(&call->w, 0);
	q->stats.wakeups++;
}

#endif /* _IPCCHAN_RPC_LOCKED_H */
