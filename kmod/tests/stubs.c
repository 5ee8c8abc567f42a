// SPDX-License-Identifier: GPL-2.0
/* What the objects under test call and the tests do without. */

#include "device.h"
#include "event.h"
#include "trace.h"

/**
 * ipcchan_is_endpoint() - is this file one of ours?
 * @file: any file
 * Context: any.
 * Return: no: there is no device.
 */
bool ipcchan_is_endpoint(const struct file *file)
{
	return false;
}

/**
 * ipcchan_event_wanted() - does anybody listen?
 * Context: any.
 * Return: no: there is no netlink family.
 */
bool ipcchan_event_wanted(void)
{
	return false;
}

/**
 * ipcchan_fullness_init() - nothing was told of a channel yet
 * @f: unused
 * Context: any.
 */
void ipcchan_fullness_init(struct ipcchan_fullness *f)
{
}

/**
 * ipcchan_fullness_tell() - there is no room in a channel, or all of it again
 * @chan: unused
 * @turn: unused
 * @nr: unused
 * Context: never called: nobody listens.
 */
void ipcchan_fullness_tell(struct ipcchan_chan *chan, u32 turn, u32 nr)
{
}

/**
 * ipcchan_event_ep() - something has happened to an endpoint
 * @ep: unused
 * @what: unused
 * @value: unused
 * Context: never called: nobody listens.
 */
void ipcchan_event_ep(const struct ipcchan_ep *ep, enum ipcchan_event what, u64 value)
{
}

/**
 * ipcchan_event_quota() - a user was refused more
 * @uid: unused
 * @item: unused
 * Context: never called: nobody listens.
 */
void ipcchan_event_quota(kuid_t uid, const char *item)
{
}

/* The events are the module's: here nobody can listen. */
#define IPCCHAN_MUTE_MESSAGE(name) \
	DEFINE_TRACE(name, \
		     TP_PROTO(const struct ipcchan_queue *q, const struct ipcchan_msg *msg), \
		     TP_ARGS(q, msg))

IPCCHAN_MUTE_MESSAGE(ipcchan_enqueue);
IPCCHAN_MUTE_MESSAGE(ipcchan_dequeue);
IPCCHAN_MUTE_MESSAGE(ipcchan_drop);
DEFINE_TRACE(ipcchan_handover,
	     TP_PROTO(const struct ipcchan_queue *q, const struct ipcchan_msg *msg,
		      const struct task_struct *to),
	     TP_ARGS(q, msg, to));
DEFINE_TRACE(ipcchan_wait,
	     TP_PROTO(const struct ipcchan_queue *q, enum ipcchan_wait_for what),
	     TP_ARGS(q, what));
DEFINE_TRACE(ipcchan_wake,
	     TP_PROTO(const struct ipcchan_queue *q, const struct task_struct *task, int result),
	     TP_ARGS(q, task, result));
DEFINE_TRACE(ipcchan_map,
	     TP_PROTO(const struct ipcchan_queue *q, const struct ipcchan_place *place),
	     TP_ARGS(q, place));
