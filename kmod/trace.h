/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: the life of a channel, of an endpoint and of each message.
 *
 * A message is told by its address, which is its own from the enqueue, or the hand-over,
 * to the dequeue; of a broadcast each subscriber has one.  What ends with a dequeue began
 * with an enqueue, or with a hand-over: a message that is handed over is dequeued when its
 * receiver runs again.
 *
 * A channel is told by its id and, as ids are a network namespace's own, by that of the
 * namespace.  Tasks are told by their ids in the initial pid namespace, as elsewhere.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ipcchan

#if !defined(_IPCCHAN_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _IPCCHAN_TRACE_H

#include <linux/tracepoint.h>

#include "arena.h"
#include "channel.h"
#include "queue.h"

DECLARE_EVENT_CLASS(ipcchan_endpoint,
	TP_PROTO(const struct ipcchan_chan *chan, u32 role),
	TP_ARGS(chan, role),
	TP_STRUCT__entry(
		__field(u32, chan)
		__field(u32, netns)
		__field(u32, role)
		__array(char, name, IPCCHAN_NAME_SIZE)
	),
	TP_fast_assign(
		__entry->chan = chan->id;
		__entry->netns = chan->queue.netns;
		__entry->role = role;
		memcpy(__entry->name, chan->name, IPCCHAN_NAME_SIZE);
	),
	TP_printk("chan=%u name=%s role=%s%s netns=%u", __entry->chan, __entry->name,
		  __entry->role & IPCCHAN_ROLE_SEND ? "s" : "",
		  __entry->role & IPCCHAN_ROLE_RECV ? "r" : "", __entry->netns)
);

DEFINE_EVENT(ipcchan_endpoint, ipcchan_attach,
	TP_PROTO(const struct ipcchan_chan *chan, u32 role),
	TP_ARGS(chan, role)
);

DEFINE_EVENT(ipcchan_endpoint, ipcchan_detach,
	TP_PROTO(const struct ipcchan_chan *chan, u32 role),
	TP_ARGS(chan, role)
);

DECLARE_EVENT_CLASS(ipcchan_message,
	TP_PROTO(const struct ipcchan_queue *q, const struct ipcchan_msg *msg),
	TP_ARGS(q, msg),
	TP_STRUCT__entry(
		__field(const void *, msg)
		__field(u64, cookie)
		__field(u32, chan)
		__field(u32, netns)
		__field(u32, len)
		__field(u32, queued)
		__field(u16, prio)
	),
	TP_fast_assign(
		__entry->msg = msg;
		__entry->cookie = msg->cookie;
		__entry->chan = q->chan_id;
		__entry->netns = q->netns;
		__entry->len = msg->len;
		/* Without the lock, where it was handed over. */
		__entry->queued = READ_ONCE(q->nr);
		__entry->prio = msg->prio;
	),
	TP_printk("chan=%u msg=%p len=%u prio=%u cookie=%llu queued=%u netns=%u",
		  __entry->chan, __entry->msg, __entry->len, __entry->prio, __entry->cookie,
		  __entry->queued, __entry->netns)
);

/* It is in the queue. */
DEFINE_EVENT(ipcchan_message, ipcchan_enqueue,
	TP_PROTO(const struct ipcchan_queue *q, const struct ipcchan_msg *msg),
	TP_ARGS(q, msg)
);

/* A receiver has it. */
DEFINE_EVENT(ipcchan_message, ipcchan_dequeue,
	TP_PROTO(const struct ipcchan_queue *q, const struct ipcchan_msg *msg),
	TP_ARGS(q, msg)
);

/* Nobody will have it. */
DEFINE_EVENT(ipcchan_message, ipcchan_drop,
	TP_PROTO(const struct ipcchan_queue *q, const struct ipcchan_msg *msg),
	TP_ARGS(q, msg)
);

/* It is given to a receiver, or a client, that waits. */
TRACE_EVENT(ipcchan_handover,
	TP_PROTO(const struct ipcchan_queue *q, const struct ipcchan_msg *msg,
		 const struct task_struct *to),
	TP_ARGS(q, msg, to),
	TP_STRUCT__entry(
		__field(const void *, msg)
		__field(u64, cookie)
		__field(u32, chan)
		__field(u32, netns)
		__field(u32, len)
		__field(u16, prio)
		__field(pid_t, to)
	),
	TP_fast_assign(
		__entry->msg = msg;
		__entry->cookie = msg->cookie;
		__entry->chan = q->chan_id;
		__entry->netns = q->netns;
		__entry->len = msg->len;
		__entry->prio = msg->prio;
		__entry->to = to->pid;
	),
	TP_printk("chan=%u msg=%p len=%u prio=%u cookie=%llu to=%d netns=%u", __entry->chan,
		  __entry->msg, __entry->len, __entry->prio, __entry->cookie, __entry->to,
		  __entry->netns)
);

/* The current task begins to wait. */
TRACE_EVENT(ipcchan_wait,
	TP_PROTO(const struct ipcchan_queue *q, enum ipcchan_wait_for what),
	TP_ARGS(q, what),
	TP_STRUCT__entry(
		__field(u32, chan)
		__field(u32, netns)
		__field(u32, what)
		__field(u32, queued)
	),
	TP_fast_assign(
		__entry->chan = q->chan_id;
		__entry->netns = q->netns;
		__entry->what = what;
		/* Without the lock, where a call or a publisher waits. */
		__entry->queued = READ_ONCE(q->nr);
	),
	TP_printk("chan=%u for=%s queued=%u netns=%u", __entry->chan,
		  __print_symbolic(__entry->what, { IPCCHAN_WAIT_MESSAGE, "message" },
				   { IPCCHAN_WAIT_ROOM, "room" },
				   { IPCCHAN_WAIT_REPLY, "reply" }), __entry->queued,
		  __entry->netns)
);

/* What a waiting task waits for is there, or will never be. */
TRACE_EVENT(ipcchan_wake,
	TP_PROTO(const struct ipcchan_queue *q, const struct task_struct *task, int result),
	TP_ARGS(q, task, result),
	TP_STRUCT__entry(
		__field(u32, chan)
		__field(u32, netns)
		__field(pid_t, pid)
		__field(int, result)
	),
	TP_fast_assign(
		__entry->chan = q->chan_id;
		__entry->netns = q->netns;
		__entry->pid = task->pid;
		__entry->result = result;
	),
	TP_printk("chan=%u pid=%d result=%d netns=%u", __entry->chan, __entry->pid,
		  __entry->result, __entry->netns)
);

DECLARE_EVENT_CLASS(ipcchan_block,
	TP_PROTO(const struct ipcchan_queue *q, const struct ipcchan_place *place),
	TP_ARGS(q, place),
	TP_STRUCT__entry(
		__field(u64, offset)
		__field(u64, bytes)
		__field(u32, chan)
		__field(u32, netns)
	),
	TP_fast_assign(
		__entry->offset = (u64)place->page << PAGE_SHIFT;
		__entry->bytes = (u64)place->nr << PAGE_SHIFT;
		__entry->chan = q->chan_id;
		__entry->netns = q->netns;
	),
	TP_printk("chan=%u offset=%llu bytes=%llu netns=%u", __entry->chan, __entry->offset,
		  __entry->bytes, __entry->netns)
);

/* A message gets a block of its receiver's pool. */
DEFINE_EVENT(ipcchan_block, ipcchan_map,
	TP_PROTO(const struct ipcchan_queue *q, const struct ipcchan_place *place),
	TP_ARGS(q, place)
);

/* An endpoint gets a block of the channel's buffer. */
DEFINE_EVENT(ipcchan_block, ipcchan_loan,
	TP_PROTO(const struct ipcchan_queue *q, const struct ipcchan_place *place),
	TP_ARGS(q, place)
);

/* An endpoint gives a block back, of either. */
DEFINE_EVENT(ipcchan_block, ipcchan_give_back,
	TP_PROTO(const struct ipcchan_queue *q, const struct ipcchan_place *place),
	TP_ARGS(q, place)
);

#endif /* _IPCCHAN_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH kmod
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
