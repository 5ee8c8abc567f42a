/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_IDENT_H
#define _IPCCHAN_IDENT_H

#include <linux/cred.h>
#include <linux/minmax.h>
#include <linux/pid.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>

#include "message.h"

/**
 * struct ipcchan_ident - a process with its credentials, constant
 * @refs: endpoints, messages and free slots that point here
 * @pid: the process, referenced
 * @cred: its credentials, referenced
 * @opener: who opened the endpoint that it sends through, referenced; NULL of an opener
 */
struct ipcchan_ident {
	refcount_t refs;
	struct pid *pid;
	const struct cred *cred;
	struct ipcchan_ident *opener;
};

/**
 * struct ipcchan_sender - the identities of an endpoint
 * @opener: who opened it, constant, referenced
 * @lock: protects @last
 * @last: who sent through it last, referenced, or NULL
 */
struct ipcchan_sender {
	struct ipcchan_ident *opener;
	spinlock_t lock;	/* last */
	struct ipcchan_ident *last;
};

int ipcchan_sender_init(struct ipcchan_sender *sender);
void ipcchan_sender_destroy(struct ipcchan_sender *sender);
int ipcchan_ident_adopt(struct ipcchan_sender *sender, struct ipcchan_msg *first);
void ipcchan_ident_put(struct ipcchan_ident *ident, unsigned int refs);

static __always_inline bool ipcchan_ident_is(const struct ipcchan_ident *ident,
					     const struct ipcchan_sender *sender)
{
	return ident && ident->pid == task_tgid(current) &&
	       ident->cred == current_cred() && ident->opener == sender->opener;
}

/**
 * ipcchan_ident_stamp() - write into a message who sends it
 * @msg: owned by the caller
 * @sender: of the endpoint that it is sent through
 *
 * A slot keeps the identities of the last two senders of what was in it: mostly the next
 * message has one of these, and nothing is to be counted.  Request and reply take turns.
 *
 * Context: process, the sender; may sleep.
 * Return: 0 or -ENOMEM.
 */
static __always_inline int ipcchan_ident_stamp(struct ipcchan_msg *msg,
					       struct ipcchan_sender *sender)
{
	if (likely(ipcchan_ident_is(msg->ident, sender)))
		return 0;
	if (ipcchan_ident_is(msg->other, sender)) {
		swap(msg->ident, msg->other);
		return 0;
	}
	msg->next = NULL;
	return ipcchan_ident_adopt(sender, msg);
}

/**
 * ipcchan_msg_uid() - the sender's effective user
 * @msg: stamped
 * Context: any.
 * Return: its id.
 */
static inline kuid_t ipcchan_msg_uid(const struct ipcchan_msg *msg)
{
	return msg->ident->cred->euid;
}

#endif /* _IPCCHAN_IDENT_H */
