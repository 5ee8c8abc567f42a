// SPDX-License-Identifier: GPL-2.0
/* Who sends: the process, its credentials, and who opened what it sends through. */

#include <linux/slab.h>

#include "ident.h"

/* The caller, with one reference. */
static struct ipcchan_ident *ipcchan_ident_create(struct ipcchan_ident *opener)
{
	struct ipcchan_ident *ident = kmalloc(sizeof(*ident), GFP_KERNEL_ACCOUNT);

	if (!ident)
		return NULL;
	refcount_set(&ident->refs, 1);
	ident->pid = get_pid(task_tgid(current));
	ident->cred = get_current_cred();
	ident->opener = opener;
	if (opener)
		refcount_inc(&opener->refs);
	return ident;
}

/**
 * ipcchan_ident_put() - drop references
 * @ident: identity
 * @refs: how many
 * Context: any.
 */
void ipcchan_ident_put(struct ipcchan_ident *ident, unsigned int refs)
{
	struct ipcchan_ident *opener;

	while (ident && refcount_sub_and_test(refs, &ident->refs)) {
		opener = ident->opener;
		put_pid(ident->pid);
		put_cred(ident->cred);
		kfree(ident);
		ident = opener;
		refs = 1;
	}
}

/**
 * ipcchan_sender_init() - the caller opens an endpoint
 * @sender: out, of the endpoint
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int ipcchan_sender_init(struct ipcchan_sender *sender)
{
	spin_lock_init(&sender->lock);
	sender->last = NULL;
	sender->opener = ipcchan_ident_create(NULL);
	return sender->opener ? 0 : -ENOMEM;
}

/**
 * ipcchan_sender_destroy() - nobody sends through it any more
 * @sender: of an endpoint
 * Context: any.
 */
void ipcchan_sender_destroy(struct ipcchan_sender *sender)
{
	ipcchan_ident_put(sender->last, 1);
	ipcchan_ident_put(sender->opener, 1);
}

/* The caller's identity, with @refs references; NULL without memory. */
static struct ipcchan_ident *ipcchan_sender_current(struct ipcchan_sender *sender,
						    unsigned int refs)
{
	struct ipcchan_ident *ident, *last;

	spin_lock(&sender->lock);
	ident = sender->last;
	if (ipcchan_ident_is(ident, sender)) {
		refcount_add(refs, &ident->refs);
		spin_unlock(&sender->lock);
		return ident;
	}
	spin_unlock(&sender->lock);

	ident = ipcchan_ident_create(sender->opener);
	if (!ident)
		return NULL;
	refcount_add(refs, &ident->refs);
	spin_lock(&sender->lock);
	last = sender->last;
	sender->last = ident;
	spin_unlock(&sender->lock);
	ipcchan_ident_put(last, 1);
	return ident;
}

/**
 * ipcchan_ident_adopt() - messages change their sender
 * @sender: of the endpoint that they will be sent through
 * @first: owned by the caller, as are those that its next leads to
 * Context: process, the sender; may sleep.
 * Return: 0; -ENOMEM, and nothing has changed.
 */
int ipcchan_ident_adopt(struct ipcchan_sender *sender, struct ipcchan_msg *first)
{
	struct ipcchan_ident *ident;
	struct ipcchan_msg *msg;
	unsigned int nr = 0;

	for (msg = first; msg; msg = msg->next)
		nr++;
	ident = ipcchan_sender_current(sender, nr);
	if (!ident)
		return -ENOMEM;
	for (msg = first; msg; msg = msg->next) {
		if (msg->ident) {
			ipcchan_ident_put(msg->other, 1);
			msg->other = msg->ident;
		}
		msg->ident = ident;
	}
	return 0;
}
