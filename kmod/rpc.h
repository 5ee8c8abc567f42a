/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_RPC_H
#define _IPCCHAN_RPC_H

#include <linux/list.h>
#include <linux/types.h>

#include "queue.h"
#include "waiter.h"

struct ipcchan_ep;

#define IPCCHAN_SERVER_BITS	5

/**
 * struct ipcchan_server - an endpoint that takes requests
 * @calls: taken and not replied to, by id
 * @last_id: of the one that was taken last
 * @node: in the queue's servers
 * @ep: the endpoint, constant
 *
 * Owned by the endpoint; protected by the queue's lock.
 */
struct ipcchan_server {
	struct hlist_head calls[1 << IPCCHAN_SERVER_BITS];
	u64 last_id;
	struct hlist_node node;
	const struct ipcchan_ep *ep;
};

/**
 * struct ipcchan_call_waiter - one call, on its client's stack
 * @w: completed with the reply, or without one; not in a list of the queue
 * @error: why there is none: 0 or a negative errno, also one that @w waits with
 * @node: in the server's calls, once taken
 * @id: likewise
 * @request: while it is queued, else NULL
 *
 * Protected by the queue's lock until @w is completed.
 */
struct ipcchan_call_waiter {
	struct ipcchan_waiter w;
	int error;
	struct hlist_node node;
	u64 id;
	struct ipcchan_msg *request;
};

/**
 * struct ipcchan_reply - what a server answers
 * @id: of the call
 * @msg: the reply, or NULL
 * @error: with no @msg, a negative errno
 */
struct ipcchan_reply {
	u64 id;
	struct ipcchan_msg *msg;
	int error;
};

struct ipcchan_server *ipcchan_server_create(struct ipcchan_queue *q,
					     const struct ipcchan_ep *ep);
void ipcchan_server_destroy(struct ipcchan_server *server,
			    struct ipcchan_queue *q);
u32 ipcchan_server_owes(struct ipcchan_server *server, struct ipcchan_queue *q);
void ipcchan_rpc_hangup(struct ipcchan_queue *q, u16 gone);
struct ipcchan_msg *ipcchan_rpc_call(struct ipcchan_queue *q,
				     struct ipcchan_msg *request, size_t room,
				     ktime_t until);
int ipcchan_rpc_reply(struct ipcchan_queue *q, struct ipcchan_server *server,
		      const struct ipcchan_reply *reply);
struct ipcchan_msg *ipcchan_rpc_serve(struct ipcchan_queue *q,
				      struct ipcchan_server *server,
				      const struct ipcchan_reply *reply,
				      bool *replied,
				      const struct ipcchan_want *want,
				      size_t *room);
void ipcchan_rpc_putback(struct ipcchan_queue *q, struct ipcchan_server *server,
			 struct ipcchan_msg *request);

#endif /* _IPCCHAN_RPC_H */
