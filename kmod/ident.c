// SPDX-License-Identifier: GPL-2.0
/* Who sends: by the message, and by the endpoint. */

#include <linux/slab.h>

#include "ident.h"

/**
 * ipcchan_ident_create() - the identity of the caller
 * Context: process, may sleep.
 * Return: with one reference; NULL without memory.
 */
struct ipcchan_ident *ipcchan_ident_create(void)
{
	struct ipcchan_ident *ident = kmalloc(sizeof(*ident), GFP_KERNEL_ACCOUNT);

	if (!ident)
		return NULL;
	refcount_set(&ident->refs, 1);
	ident->pid = get_pid(task_tgid(current));
	current_euid_egid(&ident->uid, &ident->gid);
	return ident;
}

/**
 * ipcchan_ident_put() - drop a reference
 * @ident: may be NULL
 * Context: any.
 */
void ipcchan_ident_put(struct ipcchan_ident *ident)
{
	if (!ident || !refcount_dec_and_test(&ident->refs))
		return;
	put_pid(ident->pid);
	kfree(ident);
}

/**
 * ipcchan_ident_adopt() - a message changes its sender
 * @msg: owned by the caller
 * @opener: of the endpoint that it is sent through
 * @pid: the sending process
 * Context: process, the sender.
 */
void ipcchan_ident_adopt(struct ipcchan_msg *msg, struct ipcchan_ident *opener,
			 struct pid *pid)
{
	refcount_inc(&opener->refs);
	get_pid(pid);
	ipcchan_ident_drop(msg);
	msg->opener = opener;
	msg->pid = pid;
}

/**
 * ipcchan_ident_drop() - a message has no sender any more
 * @msg: owned by the caller
 * Context: any.
 */
void ipcchan_ident_drop(struct ipcchan_msg *msg)
{
	ipcchan_ident_put(msg->opener);
	put_pid(msg->pid);
	msg->opener = NULL;
	msg->pid = NULL;
}
